//! `marginal fit hmm`: hidden Markov models, started from the clusters of the rows and from random stretches in turn.

use marginal::Error;
use marginal::components::Covariance;
use marginal::distributions::{Column, Estimate, MultivariateNormal};
use marginal::em::Fit;
use marginal::io::SavedModel;
use marginal::latent::StartKind;
use marginal::models::{ColumnMixture, HiddenMarkovModel};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::candidate::{Candidate, centres, compare, mean};
use super::driver::Driver;
use crate::commands::arguments::options::Hmm;
use crate::commands::reading::input::Input;

/// Unless others are asked for.
pub(super) const STARTS: [StartKind; 4] =
    [StartKind::Clusters, StartKind::Random, StartKind::Random, StartKind::Random];

/// What a table of states by steps may take.
const MOST_GIBIBYTES: f64 = 4.0;

/// Normal emissions, each with a covariance of that shape.
pub(super) fn fit_normals(hmm: &Hmm, em: &Driver, k: usize, input: &Input) -> Result<Candidate, Error> {
    let fit = fit(hmm, vec![any_normal(hmm, input)?; k], em, input)?;
    in_order(fit, mean, SavedModel::GaussianHiddenMarkovModel, input)
}

/// A normal of the shape that is asked for.
pub(super) fn any_normal(hmm: &Hmm, input: &Input) -> Result<MultivariateNormal, Error> {
    let d = input.table.columns();
    match Covariance::from(hmm.covariance) {
        Covariance::Diagonal => MultivariateNormal::diagonal(vec![0.0; d], &vec![1.0; d]),
        Covariance::Spherical => MultivariateNormal::spherical(vec![0.0; d], 1.0),
        Covariance::Full | Covariance::Tied => Ok(MultivariateNormal::standard(d)),
    }
}

/// Columns that are independent given the state, each of its own family.
pub(super) fn fit_columns(
    hmm: &Hmm,
    families: Vec<Column>,
    em: &Driver,
    k: usize,
    input: &Input,
) -> Result<Candidate, Error> {
    let any = ColumnMixture::new(k, families)?.families().clone();
    any.check_support(input)?;
    let fit = fit(hmm, vec![any; k], em, input)?;
    in_order(fit, centres, SavedModel::ColumnHiddenMarkovModel, input)
}

fn fit<D>(hmm: &Hmm, any: Vec<D>, em: &Driver, input: &Input) -> Result<Fit<HiddenMarkovModel<Vec<D>>>, Error>
where
    D: Estimate<Value = [f64]> + Serialize + DeserializeOwned,
{
    check_memory(input, any.len())?;
    let em = if hmm.common.start.is_empty() { em.starts(STARTS) } else { em.clone() };
    Ok(em.fit(&HiddenMarkovModel::of(any)?, &input.tables())?)
}

/// Refuses probabilities of all states at all steps of a sequence that would fill memories, before they are made.
fn check_memory(input: &Input, states: usize) -> Result<(), Error> {
    let steps = input.sequences.ranges().map(|rows| rows.len()).max().unwrap_or(0);
    let gibibytes = 8.0 * states as f64 * steps.max(states) as f64 / f64::from(1 << 30);
    if gibibytes <= MOST_GIBIBYTES {
        return Ok(());
    }
    let reason = format!(
        "{states} states at {steps} steps would take {gibibytes:.1} GiB, more than the {MOST_GIBIBYTES} allowed: fewer \
         states, or shorter sequences"
    );
    Err(Error::Model(reason.into()))
}

/// The fit with its states in the order of their centres: which start won shall not decide their numbers.
fn in_order<D: Estimate<Value = [f64]>>(
    fit: Fit<HiddenMarkovModel<Vec<D>>>,
    centre: impl Fn(&D) -> Vec<f64>,
    saved: impl FnOnce(HiddenMarkovModel<Vec<D>>) -> SavedModel,
    input: &Input,
) -> Result<Candidate, Error> {
    let chain = &fit.parameters;
    let mut order: Vec<usize> = (0..chain.emissions().len()).collect();
    order.sort_by(|&a, &b| compare(&centre(&chain.emissions()[a]), &centre(&chain.emissions()[b])));
    let pick = |row: &[f64]| order.iter().map(|&z| row[z]).collect::<Vec<f64>>();
    let transitions: Vec<Vec<f64>> = order.iter().map(|&from| pick(chain.transitions().row(from))).collect();
    let emissions = order.iter().map(|&z| chain.emissions()[z].clone()).collect();
    let chain = HiddenMarkovModel::new(&pick(chain.initial()), &transitions, emissions)?;
    let icl = fit.icl(chain.path_entropy(&input.tables())?);
    Ok(Candidate { fit: fit.map(|_| saved(chain)), icl })
}
