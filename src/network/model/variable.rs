//! One variable of a network: its states, its parents, and p(x | parents) as a table.

use crate::error::{NetworkError, listed, nearest};

use super::table;

/// A variable: the names of its states, and a row of probabilities for each joint state of its parents.
///
/// Rows are ordered with the first parent the slowest; within a row stand the variable's own states.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    pub(crate) name: String,
    pub(crate) states: Vec<String>,
    pub(crate) parents: Vec<usize>,
    pub(crate) entries: Vec<f64>,
    pub(crate) probabilities: Vec<f64>,
    pub(crate) properties: Vec<String>,
}

impl Variable {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of its states.
    pub fn states(&self) -> &[String] {
        &self.states
    }

    /// The numbers of its parents.
    pub fn parents(&self) -> &[usize] {
        &self.parents
    }

    /// The table as it was given, rows × states: each row sums to one within 10⁻³, as printed numbers do.
    pub fn entries(&self) -> &[f64] {
        &self.entries
    }

    /// p(x | parents), rows × states: the entries, each divided by the sum of its row unless that is 1 up to round-off.
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// What a file says of the variable besides, each without the word `property`.
    pub fn properties(&self) -> &[String] {
        &self.properties
    }

    /// The largest distance from one of a row's sum, as the table was given.
    pub fn rounding(&self) -> f64 {
        let sums = self.entries.chunks_exact(self.states.len()).map(table::sum);
        sums.map(|sum| (sum - 1.0).abs()).fold(0.0, f64::max)
    }
}

/// The error that names a state that the variable does not have, and the nearest that it has.
pub(crate) fn unknown_state(variable: &str, state: &str, states: &[&str]) -> NetworkError {
    let nearest = nearest(state, states.iter().copied());
    let (variable, state, known) = (variable.to_owned(), state.to_owned(), listed(states.iter()));
    NetworkError::UnknownState { variable, state, nearest, known }
}
