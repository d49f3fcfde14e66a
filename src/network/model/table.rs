//! A conditional probability table, checked: so many rows of so many entries, each row a distribution.

use crate::error::{NetworkError, counted};
use crate::numeric::digits;

/// A row of printed probabilities may miss one by this much.
const ROUNDING: f64 = 1e-3;

/// A row divided by its sum and added up again misses one by less than this for each state.
const ROUND_OFF: f64 = 2.0 * f64::EPSILON;

/// The entries each divided by the sum of its row, unless that is 1 up to round-off: what was divided stays, bit for bit.
///
/// `parents` are the name and the states of each parent, the first the slowest.
pub(crate) fn normalised(
    variable: &str,
    states: &[String],
    parents: &[(&str, &[String])],
    entries: &[f64],
) -> Result<Vec<f64>, NetworkError> {
    let rows = parents.iter().fold(1usize, |rows, (_, states)| rows.saturating_mul(states.len()));
    let expected = rows.saturating_mul(states.len());
    if entries.len() != expected {
        let names: Vec<&str> = parents.iter().map(|(parent, _)| *parent).collect();
        let bar = if names.is_empty() { "" } else { " | " };
        let table = format!("p({variable}{bar}{})", names.join(", "));
        let because = product(variable, states.len(), parents);
        return Err(NetworkError::Entries { table, found: entries.len(), expected, because });
    }
    let mut probabilities = entries.to_vec();
    for (row, of_row) in probabilities.chunks_exact_mut(states.len()).enumerate() {
        for (state, p) in of_row.iter().enumerate() {
            let label = || row_label(&format!("{variable} = {}", states[state]), parents, row);
            entry_error(*p, label).map_or(Ok(()), Err)?;
        }
        row_sum_error(of_row, || row_label(variable, parents, row)).map_or(Ok(()), Err)?;
        let sum = sum(of_row);
        if (sum - 1.0).abs() > ROUND_OFF * states.len() as f64 {
            of_row.iter_mut().for_each(|p| *p /= sum);
        }
    }
    Ok(probabilities)
}

/// What is wrong with an entry, if it is no probability.
pub(crate) fn entry_error(value: f64, entry: impl FnOnce() -> String) -> Option<NetworkError> {
    let valid = (0.0..=1.0 + ROUNDING).contains(&value);
    (!valid).then(|| NetworkError::Entry { entry: entry(), value })
}

/// What is wrong with a row, if it does not sum to one within rounding.
pub(crate) fn row_sum_error(entries: &[f64], row: impl FnOnce() -> String) -> Option<NetworkError> {
    let sum = sum(entries);
    let valid = (sum - 1.0).abs() <= ROUNDING;
    (!valid).then(|| NetworkError::RowSum { row: row(), sum })
}

pub(crate) fn sum(row: &[f64]) -> f64 {
    row.iter().sum()
}

/// `p(x | y = a, z = b)` for one row of the table.
pub(crate) fn row_label<S: AsRef<str>>(variable: &str, parents: &[(&str, &[S])], row: usize) -> String {
    let shape: Vec<usize> = parents.iter().map(|(_, states)| states.len()).collect();
    let mut of_parents = Vec::new();
    digits(row, &shape, &mut of_parents);
    let shown = |((parent, states), &state): (&(&str, &[S]), &usize)| format!("{parent} = {}", states[state].as_ref());
    let given: Vec<String> = parents.iter().zip(&of_parents).map(shown).collect();
    let bar = if given.is_empty() { "" } else { " | " };
    format!("p({variable}{bar}{})", given.join(", "))
}

/// `2 states of x × 3 of y`: how many entries a table has.
pub(crate) fn product<S>(variable: &str, states: usize, parents: &[(&str, &[S])]) -> String {
    let of_parent = |text, (parent, states): &(&str, &[S])| format!("{text} × {} of {parent}", states.len());
    parents.iter().fold(format!("{} of {variable}", counted(states, "state")), of_parent)
}
