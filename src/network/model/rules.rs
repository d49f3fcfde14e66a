//! Tables from a rule: noisy-or, noisy-max and functions, worked out once the states of the parents are known.

use std::fmt;
use std::sync::Arc;

use crate::error::{NetworkError, counted};
use crate::numeric::digits;

use super::memory::{MEMORY, too_large};
use super::table::{entry_error, row_label, row_sum_error};
use super::variable::unknown_state;

/// From the states of the parents to that of the variable.
type Function = dyn Fn(&[&str]) -> String + Send + Sync;

/// How p(x | parents) is given.
#[derive(Clone)]
pub(crate) enum Rule {
    Entries(Vec<f64>),
    /// For each parent the state that can cause, and how probably it does alone; and the leak.
    NoisyOr(Vec<(String, f64)>, f64),
    /// For each parent a distribution over the variable's states for each of its own; and the leak's.
    NoisyMax(Vec<Vec<f64>>, Vec<f64>),
    Function(Arc<Function>),
}

impl Rule {
    /// The entries of p(variable | parents), the first parent the slowest.
    pub(crate) fn entries(
        self,
        variable: &str,
        states: &[String],
        parents: &[(&str, &[String])],
    ) -> Result<Vec<f64>, NetworkError> {
        if let Self::Entries(entries) = self {
            return Ok(entries);
        }
        let cells = parents.iter().fold(states.len() as f64, |cells, (_, states)| cells * states.len() as f64);
        if 8.0 * cells > MEMORY {
            return Err(too_large(8.0 * cells, MEMORY, cells, cells, row_names(variable, parents)));
        }
        match self {
            Self::Entries(entries) => Ok(entries),
            Self::NoisyOr(causes, leak) => {
                let absent = inhibitions(variable, states, parents, &causes)?;
                check(leak, || format!("the leak of {variable}"))?;
                Ok(each_row(parents)
                    .flat_map(|x| {
                        let p: f64 = absent.iter().zip(&x).map(|(of_parent, &state)| of_parent[state]).product();
                        [(1.0 - leak) * p, 1.0 - (1.0 - leak) * p]
                    })
                    .collect())
            }
            Self::NoisyMax(rows, leak) => {
                let count = states.len();
                let leak = cumulative(&leak, count, 1, |_| format!("the leak of {variable}"))?;
                let of_parent = |(rows, parent): (&Vec<f64>, &(&str, &[String]))| {
                    let label = |row| row_label(variable, &[*parent], row);
                    cumulative(rows, count, parent.1.len(), label)
                };
                let of_parents = rows.iter().zip(parents).map(of_parent).collect::<Result<Vec<_>, _>>()?;
                Ok(each_row(parents)
                    .flat_map(|x| {
                        let below = |s: usize| {
                            let of_parents = of_parents.iter().zip(&x).map(|(rows, state)| rows[state * count + s]);
                            leak[s] * of_parents.product::<f64>()
                        };
                        let of_state = |s| if s == 0 { below(0) } else { (below(s) - below(s - 1)).max(0.0) };
                        (0..count).map(of_state).collect::<Vec<f64>>()
                    })
                    .collect())
            }
            Self::Function(of) => {
                let mut entries = Vec::with_capacity(cells as usize);
                for x in each_row(parents) {
                    let names: Vec<&str> = x.iter().zip(parents).map(|(&s, (_, names))| names[s].as_str()).collect();
                    let state = of(&names);
                    let known: Vec<&str> = states.iter().map(String::as_str).collect();
                    if !known.contains(&state.as_str()) {
                        return Err(unknown_state(variable, &state, &known));
                    }
                    entries.extend(states.iter().map(|other| f64::from(u8::from(*other == state))));
                }
                Ok(entries)
            }
        }
    }
}

/// What each state of each parent leaves absent.
fn inhibitions(
    variable: &str,
    states: &[String],
    parents: &[(&str, &[String])],
    causes: &[(String, f64)],
) -> Result<Vec<Vec<f64>>, NetworkError> {
    let of = |((parent, of_parent), (cause, p)): (&(&str, &[String]), &(String, f64))| {
        let known: Vec<&str> = of_parent.iter().map(String::as_str).collect();
        if !known.contains(&cause.as_str()) {
            return Err(unknown_state(parent, cause, &known));
        }
        check(*p, || format!("p({variable} = {} | {parent} = {cause} alone)", states[1]))?;
        Ok(of_parent.iter().map(|state| if state == cause { 1.0 - p } else { 1.0 }).collect())
    };
    parents.iter().zip(causes).map(of).collect()
}

fn check(p: f64, entry: impl FnOnce() -> String) -> Result<(), NetworkError> {
    if (0.0..=1.0).contains(&p) { Ok(()) } else { Err(NetworkError::Entry { entry: entry(), value: p }) }
}

/// p(≤ s) of each row, whose last entry is 1.
fn cumulative(
    entries: &[f64],
    states: usize,
    rows: usize,
    label: impl Fn(usize) -> String,
) -> Result<Vec<f64>, NetworkError> {
    if entries.len() != states * rows {
        let because = format!("{} of {}", counted(rows, "row"), counted(states, "state"));
        return Err(NetworkError::Entries { table: label(0), found: entries.len(), expected: states * rows, because });
    }
    let mut cumulative = Vec::with_capacity(entries.len());
    for (row, of_row) in entries.chunks_exact(states).enumerate() {
        of_row.iter().try_for_each(|p| entry_error(*p, || label(row)).map_or(Ok(()), Err))?;
        row_sum_error(of_row, || label(row)).map_or(Ok(()), Err)?;
        let sum: f64 = of_row.iter().sum();
        let mut below = 0.0;
        cumulative.extend(of_row.iter().enumerate().map(|(state, p)| {
            below += p;
            if state + 1 == states { 1.0 } else { below / sum }
        }));
    }
    Ok(cumulative)
}

/// The joint states of the parents, the first the slowest.
fn each_row(parents: &[(&str, &[String])]) -> impl Iterator<Item = Vec<usize>> {
    let shape: Vec<usize> = parents.iter().map(|(_, states)| states.len()).collect();
    (0..shape.iter().product()).map(move |row| {
        let mut x = Vec::new();
        digits(row, &shape, &mut x);
        x
    })
}

fn row_names(variable: &str, parents: &[(&str, &[String])]) -> Vec<String> {
    parents.iter().map(|(parent, _)| *parent).chain([variable]).map(str::to_owned).collect()
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entries(entries) => write!(f, "{entries:?}"),
            Self::NoisyOr(causes, leak) => write!(f, "noisy-or of {causes:?}, leak {leak}"),
            Self::NoisyMax(causes, leak) => write!(f, "noisy-max of {causes:?}, leak {leak:?}"),
            Self::Function(_) => f.write_str("function"),
        }
    }
}
