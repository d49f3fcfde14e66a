//! What was fitted for one number of components, and the order in which components are numbered.

use marginal::distributions::{Column, Independent, MultivariateNormal};
use marginal::em::Fit;
use marginal::io::SavedModel;

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
