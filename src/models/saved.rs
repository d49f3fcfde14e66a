//! What is written of the parameters of each model.

use crate::components::Components;
use crate::data::Table;
use crate::distributions::RowEstimate;
use crate::error::{Error, saved};

use super::chains::chain_estimate::ChainEstimate;
use super::{Centroids, HiddenMarkovModel, Mixture};

saved!([C: Components] [] Mixture<C>, |mixture| {
        proportions: Vec<f64> = mixture.proportions().to_vec(),
        components: C = mixture.components().clone(),
        #[serde(default, skip_serializing_if = "RowEstimate::is_free")] of_proportions: RowEstimate = mixture.of_proportions.clone(),
    }
    => Mixture::new(proportions, components).and_then(|mixture| mixture.proportions_by(of_proportions)));
saved!([C: Components] [] HiddenMarkovModel<C>, |chain| {
        initial: Vec<f64> = chain.initial().to_vec(),
        transitions: Vec<Vec<f64>> = chain.transitions().iter().map(<[f64]>::to_vec).collect(),
        emissions: C = chain.emissions().clone(),
        #[serde(default, skip_serializing_if = "ChainEstimate::is_free")] rows: ChainEstimate = chain.rows.clone(),
    }
    => HiddenMarkovModel::new(&initial, &transitions, emissions).and_then(|chain| chain.with_rows(rows)));
saved!([] [] Centroids, |theta| {
        columns: Vec<String> = theta.names().to_vec(),
        centres: Vec<Vec<f64>> = theta.centres().iter().map(<[f64]>::to_vec).collect(),
    }
    => centroids(columns, &centres));

fn centroids(columns: Vec<String>, centres: &[Vec<f64>]) -> Result<Centroids, Error> {
    if let Some(found) = centres.iter().map(Vec::len).find(|found| *found != columns.len()) {
        return Err(Error::Dimension { what: "a centre", expected: columns.len(), found });
    }
    Centroids::new(Table::new(columns, centres.concat())?)
}
