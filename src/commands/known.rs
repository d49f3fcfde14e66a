//! Mixtures of which something is known: the components of some rows, or that rows share one.

use marginal::Error;
use marginal::components::{Components, Grouped, PartlyLabelled};
use marginal::data::{Dataset, InMemory, Table, Weighted};
use marginal::em::Fit;
use marginal::latent::StartKind;
use marginal::models::Mixture;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ending::Driver;
use super::under_priors::mixture;
use crate::commands::arguments::prior::Priors;
use crate::commands::reading::input::Input;

/// Unless others are asked for.
pub(super) const STARTS: [StartKind; 4] =
    [StartKind::Clusters, StartKind::RandomRows, StartKind::TightSeeds, StartKind::RandomShares];

/// Whether anything is known.
pub(super) fn something(input: &Input) -> bool {
    input.labels.is_some() || input.groups.is_some()
}

/// With the starts of a mixture that does not split fits of fewer components.
pub(super) fn starts(em: &Driver, kinds: &[StartKind]) -> Driver {
    if kinds.is_empty() { em.starts(STARTS) } else { em.clone() }
}

/// A mixture of that bank, as far as the labels or groups of the file allow.
pub(super) fn fit<C>(
    em: &Driver,
    kinds: &[StartKind],
    (bank, priors): (C, &Priors),
    input: &Input,
) -> Result<Fit<Mixture<C>>, Error>
where
    C: Components<Value = [f64]> + Serialize + DeserializeOwned,
{
    let em = starts(em, kinds);
    if let Some(groups) = groups(input) {
        let fit = em.fit(&mixture(Grouped::new(bank), priors)?, &groups)?;
        return Ok(fit.map(|mixture| of_members(&mixture, Grouped::members)));
    }
    let bank = PartlyLabelled::new(bank);
    let rows = bank.label(&input.table, input.labels.as_deref().unwrap_or_default())?;
    let model = mixture(bank, priors)?;
    let fit = match input.weights() {
        Some(weights) => em.fit(&model, &Weighted::new(&rows, weights)?)?,
        None => em.fit(&model, &rows)?,
    };
    Ok(fit.map(|mixture| of_members(&mixture, PartlyLabelled::members)))
}

/// The entropy of the classification, and the component of each row, given what is known.
pub(super) fn classification<C>(theta: &Mixture<C>, input: &Input) -> Result<(f64, Vec<usize>), Error>
where
    C: Components<Value = [f64]>,
{
    let (bank, proportions) = (theta.components().clone(), theta.proportions().to_vec());
    if let Some(groups) = groups(input) {
        let (entropy, of_groups) = of_data(&Mixture::new(proportions, Grouped::new(bank))?, &groups)?;
        let mut labels = vec![0; input.table.len()];
        for (rows, label) in input.groups.iter().flatten().zip(of_groups) {
            rows.iter().for_each(|row| labels[*row] = label);
        }
        return Ok((entropy, labels));
    }
    let bank = PartlyLabelled::new(bank);
    let rows = bank.label(&input.table, input.labels.as_deref().unwrap_or_default())?;
    let mixture = Mixture::new(proportions, bank)?;
    match input.weights() {
        Some(weights) => of_data(&mixture, &Weighted::new(&rows, weights)?),
        None => of_data(&mixture, &rows),
    }
}

fn of_data<C, T>(mixture: &Mixture<C>, data: &T) -> Result<(f64, Vec<usize>), Error>
where
    C: Components,
    T: Dataset<C::Value> + ?Sized,
{
    Ok((mixture.classification_entropy(data)?, mixture.labels(data)?))
}

fn of_members<B: Components, C: Components>(mixture: &Mixture<B>, members: impl Fn(&B) -> &C) -> Mixture<C> {
    let members = members(mixture.components()).clone();
    Mixture::new(mixture.proportions().to_vec(), members).expect("they are as many")
}

/// The rows of each group.
fn groups(input: &Input) -> Option<Vec<Table>> {
    let table = |rows: &Vec<usize>| {
        let values = rows.iter().flat_map(|n| input.table.row(*n).to_vec()).collect();
        Table::new(input.table.names().to_vec(), values).expect("these are whole rows")
    };
    Some(input.groups.as_ref()?.iter().map(table).collect())
}
