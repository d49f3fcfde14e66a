//! What was fitted for one number of components, and the order in which components are numbered.

use std::ops::Deref;

use marginal::Error;
use marginal::components::Components;
use marginal::distributions::{Column, Estimate, Independent, MultivariateNormal};
use marginal::em::Fit;
use marginal::io::SavedModel;
use marginal::models::Mixture;

use super::known;
use crate::commands::reading::input::Input;

/// A fit and what the criteria need besides.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) fit: Fit<SavedModel>,
    /// BIC + 2 × the entropy of the classification.
    pub(super) icl: Option<f64>,
    /// The component of each row, where more is known of it than the model says of the row alone.
    pub(crate) labels: Option<Vec<usize>>,
}

impl Candidate {
    pub(super) fn bic(&self) -> f64 {
        self.fit.bic().unwrap_or(f64::INFINITY)
    }
}

/// A number of components and what came of it: a fit, or why there is none.
pub(super) type Attempt = (usize, Result<Candidate, String>);

/// The centre of a normal.
pub(super) fn mean(normal: &MultivariateNormal) -> Vec<f64> {
    normal.mean().to_vec()
}

/// The centre of each column.
pub(super) fn centres(product: &Independent<Column>) -> Vec<f64> {
    product.parts().iter().map(Column::centre).collect()
}

/// The order of two centres, the first column first.
pub(super) fn compare(a: &[f64], b: &[f64]) -> std::cmp::Ordering {
    let differing = a.iter().zip(b).map(|(x, y)| x.total_cmp(y)).find(|order| order.is_ne());
    differing.unwrap_or(std::cmp::Ordering::Equal)
}

/// The fit with its components in the order of their centres (first column first): which start won shall not decide
/// their numbers, unless labels do.
pub(super) fn in_order<C: Components<Value = [f64]> + Deref<Target = [D]>, D: Estimate<Value = [f64]>>(
    fit: Fit<Mixture<C>>,
    centre: impl Fn(&D) -> Vec<f64>,
    saved: impl FnOnce(Mixture<Vec<D>>) -> SavedModel,
    input: &Input,
) -> Result<Candidate, Error> {
    let mixture = &fit.parameters;
    let mut order: Vec<usize> = (0..mixture.components().len()).collect();
    if input.labels.is_none() {
        order.sort_by(|&a, &b| compare(&centre(&mixture.components()[a]), &centre(&mixture.components()[b])));
    }
    let proportions = order.iter().map(|&k| mixture.proportions()[k]).collect();
    let components = order.iter().map(|&k| mixture.components()[k].clone()).collect();
    let ordered: Mixture<Vec<D>> = Mixture::new(proportions, components)?;
    let (entropy, labels) = if known::something(input) {
        let (entropy, labels) = known::classification(mixture, input)?;
        let new = |label: usize| order.iter().position(|&k| k == label).unwrap_or(label);
        (entropy, Some(labels.into_iter().map(new).collect()))
    } else if input.missing.is_some() {
        (mixture.classification_entropy(input)?, None)
    } else {
        (ordered.classification_entropy(input)?, None)
    };
    let icl = fit.icl(entropy);
    Ok(Candidate { fit: fit.map(|_| saved(ordered)), icl, labels })
}
