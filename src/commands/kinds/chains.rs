//! `marginal fit hmm`: hidden Markov models, started from the clusters of the rows and from random stretches in turn.

use std::ops::Deref;

use marginal::Error;
use marginal::components::{Components, Covariance, Gaussians, Label, PartlyLabelled};
use marginal::distributions::{Column, Estimate, MultivariateNormal};
use marginal::em::Fit;
use marginal::io::SavedModel;
use marginal::latent::StartKind;
use marginal::models::{ColumnMixture, HiddenMarkovModel};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::under_priors::{chain, imagined, weak, without_prior};
use crate::commands::arguments::options::Hmm;
use crate::commands::arguments::prior::Priors;
use crate::commands::candidate::{Candidate, centres, compare, mean};
use crate::commands::ending::Driver;
use crate::commands::reading::input::Input;

/// Unless others are asked for.
pub(crate) const STARTS: [StartKind; 4] =
    [StartKind::Clusters, StartKind::Random, StartKind::Random, StartKind::Random];

/// What a table of states by steps may take.
const MOST_GIBIBYTES: f64 = 4.0;

/// The options, and the priors that they ask for.
type Asked<'a> = (&'a Hmm, &'a Priors);

/// Normal emissions, each with a covariance of that shape.
pub(crate) fn fit_normals(asked: Asked<'_>, em: &Driver, k: usize, input: &Input) -> Result<Candidate, Error> {
    let any = any_normal(asked.0, input)?;
    if needs_bank(asked.1, input) {
        let bank = bank_of_normals(asked, vec![any; k], input)?;
        return in_order(fit(asked, bank, em, input)?, mean, SavedModel::GaussianHiddenMarkovModel, input);
    }
    let fit = fit(asked, vec![any; k], em, input)?;
    in_order(fit, mean, SavedModel::GaussianHiddenMarkovModel, input)
}

/// Whether normal emissions have more to be told than their shape.
pub(crate) fn needs_bank(priors: &Priors, input: &Input) -> bool {
    priors.covariance || input.missing.is_some()
}

/// These normals as a bank that knows of missing cells and of a prior.
pub(crate) fn bank_of_normals(
    (hmm, priors): Asked<'_>,
    normals: Vec<MultivariateNormal>,
    input: &Input,
) -> Result<Gaussians, Error> {
    let k = normals.len();
    let bank = Gaussians::new(normals)?.covariance(hmm.covariance.into()).missing_cells(input.missing.is_some());
    Ok(if priors.covariance { bank.prior(weak(k, input)?) } else { bank })
}

/// A normal of the shape that is asked for.
pub(crate) fn any_normal(hmm: &Hmm, input: &Input) -> Result<MultivariateNormal, Error> {
    let d = input.table.columns();
    match Covariance::from(hmm.covariance) {
        Covariance::Diagonal => MultivariateNormal::diagonal(vec![0.0; d], &vec![1.0; d]),
        Covariance::Spherical => MultivariateNormal::spherical(vec![0.0; d], 1.0),
        Covariance::Full | Covariance::Tied => Ok(MultivariateNormal::standard(d)),
    }
}

/// Columns that are independent given the state, each of its own family.
pub(crate) fn fit_columns(
    asked: Asked<'_>,
    families: &[Column],
    em: &Driver,
    k: usize,
    input: &Input,
) -> Result<Candidate, Error> {
    let any = ColumnMixture::new(k, families.to_vec())?.missing_cells(input.missing.is_some()).families().clone();
    any.check_support(input)?;
    let fit = match asked.1.rows {
        None => fit(asked, vec![any; k], em, input)?,
        Some(rows) => {
            let fit = fit(asked, vec![imagined(&any, rows, input)?; k], em, input)?;
            fit.map(|chain| {
                with_emissions(&chain, chain.emissions().iter().map(|columns| without_prior(columns, input)).collect())
            })
        }
    };
    in_order(fit, centres, SavedModel::ColumnHiddenMarkovModel, input)
}

fn fit<C>((hmm, priors): Asked<'_>, any: C, em: &Driver, input: &Input) -> Result<Fit<HiddenMarkovModel<C>>, Error>
where
    C: Components<Value = [f64]> + Serialize + DeserializeOwned,
{
    check_memory(input, any.count())?;
    let em = if hmm.common.start.is_empty() { em.starts(STARTS) } else { em.clone() };
    let Some(sequences) = labelled_sequences(&any, input)? else {
        return Ok(em.fit(&chain(any, priors)?, &input.tables())?);
    };
    let fit = em.fit(&chain(PartlyLabelled::new(any), priors)?, &sequences)?;
    Ok(fit.map(|chain| with_emissions(&chain, chain.emissions().members().clone())))
}

/// Rows with their labels.
type Labelled = Vec<(Vec<f64>, Label)>;

/// The sequences with the labels of their steps, if there are any.
fn labelled_sequences<C>(bank: &C, input: &Input) -> Result<Option<Vec<Labelled>>, Error>
where
    C: Components<Value = [f64]>,
{
    let Some(labels) = &input.labels else { return Ok(None) };
    let rows = PartlyLabelled::new(bank.clone()).label(&input.table, labels)?;
    Ok(Some(input.sequences.ranges().map(|range| rows[range].to_vec()).collect()))
}

/// The same chain with other emissions, as many.
fn with_emissions<B, C: Components>(chain: &HiddenMarkovModel<B>, emissions: C) -> HiddenMarkovModel<C> {
    let rows: Vec<&[f64]> = chain.transitions().iter().collect();
    HiddenMarkovModel::new(chain.initial(), &rows, emissions).expect("they are as many")
}

/// The entropy of the paths, and the most probable ones, given the labels if there are any.
fn paths<C: Components<Value = [f64]>>(
    chain: &HiddenMarkovModel<C>,
    input: &Input,
) -> Result<(f64, Option<Vec<usize>>), Error> {
    let Some(sequences) = labelled_sequences(chain.emissions(), input)? else {
        return Ok((chain.path_entropy(&input.tables())?, None));
    };
    let labelled = with_emissions(chain, PartlyLabelled::new(chain.emissions().clone()));
    let paths = sequences.iter().map(|sequence| Ok(labelled.most_probable(sequence)?.states));
    let paths = paths.collect::<Result<Vec<_>, Error>>()?.concat();
    Ok((labelled.path_entropy(&sequences)?, Some(paths)))
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

/// The fit with its states in the order of their centres: which start won shall not decide their numbers, unless labels do.
fn in_order<C: Components<Value = [f64]> + Deref<Target = [D]>, D: Estimate<Value = [f64]>>(
    fit: Fit<HiddenMarkovModel<C>>,
    centre: impl Fn(&D) -> Vec<f64>,
    saved: impl FnOnce(HiddenMarkovModel<Vec<D>>) -> SavedModel,
    input: &Input,
) -> Result<Candidate, Error> {
    let chain = &fit.parameters;
    let mut order: Vec<usize> = (0..chain.emissions().len()).collect();
    if input.labels.is_none() {
        order.sort_by(|&a, &b| compare(&centre(&chain.emissions()[a]), &centre(&chain.emissions()[b])));
    }
    let pick = |row: &[f64]| order.iter().map(|&z| row[z]).collect::<Vec<f64>>();
    let transitions: Vec<Vec<f64>> = order.iter().map(|&from| pick(chain.transitions().row(from))).collect();
    let emissions = order.iter().map(|&z| chain.emissions()[z].clone()).collect();
    let ordered: HiddenMarkovModel<Vec<D>> = HiddenMarkovModel::new(&pick(chain.initial()), &transitions, emissions)?;
    let (entropy, labels) = if input.missing.is_some() || input.labels.is_some() {
        paths(chain, input)?
    } else {
        (ordered.path_entropy(&input.tables())?, None)
    };
    let icl = fit.icl(entropy);
    Ok(Candidate { fit: fit.map(|_| saved(ordered)), icl, labels })
}
