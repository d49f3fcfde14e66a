//! Factor analysis for the command line: fitted, turned, and told row by row.

use std::io::Write;

use marginal::Error;
use marginal::data::InMemory;
use marginal::distributions::{LowRankNormal, MultivariateNormal};
use marginal::io::SavedModel;
use marginal::models::Mixture;

use crate::commands::arguments::factors::Factors;
use crate::commands::candidate::{Candidate, in_order};
use crate::commands::ending::Driver;
use crate::commands::failure::Failure;
use crate::commands::reading::input::Input;
use crate::commands::writing::grid::shortest;

/// The fit with its factors turned as asked: scores and loadings are then those of the same factors.
pub(crate) fn fit_factors(factors: &Factors, k: usize, em: &Driver, input: &Input) -> Result<Candidate, Error> {
    let fit = em.fit(&factors.model(k), input)?;
    let centre = |normal: &LowRankNormal| normal.mean().to_vec();
    let mut candidate = in_order(fit, centre, SavedModel::FactorMixture, input)?;
    if factors.varimax() {
        let turned = match &candidate.fit.parameters {
            SavedModel::FactorMixture(mixture) => turned(mixture, factors.shares_loadings())?,
            _ => unreachable!("this is what was fitted"),
        };
        candidate.fit = candidate.fit.map(|_| SavedModel::FactorMixture(turned));
    }
    Ok(candidate)
}

/// By varimax, each component by its own; loadings that all share stay the same.
fn turned(mixture: &Mixture<Vec<LowRankNormal>>, together: bool) -> Result<Mixture<Vec<LowRankNormal>>, Error> {
    let members = mixture.components();
    let turn = |member: &LowRankNormal| {
        let by = if together { &members[0] } else { member };
        member.rotated(&by.varimax()?.transform)
    };
    Mixture::new(mixture.proportions().to_vec(), members.iter().map(turn).collect::<Result<_, _>>()?)
}

/// The same normals with their covariances written out.
pub(crate) fn dense(mixture: &Mixture<Vec<LowRankNormal>>) -> Result<Mixture<Vec<MultivariateNormal>>, Error> {
    let of_member = |d: &LowRankNormal| MultivariateNormal::new(d.mean().to_vec(), &d.covariance());
    Mixture::new(mixture.proportions().to_vec(), mixture.components().iter().map(of_member).collect::<Result<_, _>>()?)
}

/// E[z | x] of each row under its most probable component, with that component where there are several.
pub(crate) fn write_scores<W: Write>(
    model: &SavedModel,
    input: &Input,
    out: &mut csv::Writer<W>,
) -> Result<(), Failure> {
    let SavedModel::FactorMixture(mixture) = model else {
        return Err(Failure::because("only models of factors have scores: leave --scores out, or use `fit factors`"));
    };
    let members = mixture.components();
    let labels = mixture.labels(input).map_err(|e| input.explain(&e))?;
    let several = members.len() > 1;
    let names = (0..members[0].factors()).map(|k| format!("factor{k}"));
    out.write_record(several.then(|| "component".to_owned()).into_iter().chain(names))?;
    for (&label, row) in labels.iter().zip(input.block().iter()) {
        let scores = members[label].scores(row)?;
        let numbers = scores.iter().map(|z| shortest(*z));
        out.write_record(several.then(|| label.to_string()).into_iter().chain(numbers))?;
    }
    Ok(())
}
