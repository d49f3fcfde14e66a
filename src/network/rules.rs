//! Tables from a rule: noisy-or, noisy-max and functions, worked out once the states of the parents are known.

use std::fmt;
use std::sync::Arc;

use crate::error::{NetworkError, counted};
use crate::numeric::digits;

use super::NetworkBuilder;
use super::plan::{MEMORY, too_large};
use super::row::unknown_state;
use super::table::{entry_error, row_label, row_sum_error};

/// From the states of the parents to that of the variable.
type Function = dyn Fn(&[&str]) -> String + Send + Sync;

/// How p(x | parents) is given.
#[derive(Clone)]
pub(super) enum Rule {
    Entries(Vec<f64>),
    /// For each parent the state that can cause, and how probably it does alone; and the leak.
    NoisyOr(Vec<(String, f64)>, f64),
    /// For each parent a distribution over the variable's states for each of its own; and the leak's.
    NoisyMax(Vec<Vec<f64>>, Vec<f64>),
    Function(Arc<Function>),
}

impl NetworkBuilder {
    /// Adds a two-state variable, first absent, then present, that each of its causes can bring about by itself (Pearl
    /// 1988): p(absent | parents) = (1 − leak) Π (1 − pᵢ) over the parents that are in their causing state.
    ///
    /// A cause is a parent, its causing state, and pᵢ = p(present) if it is the only cause and nothing leaks.
    /// ```
    /// use marginal::network::Network;
    /// let network = Network::builder()
    ///     .root("flu", &["no", "yes"], [0.9, 0.1])
    ///     .root("cold", &["no", "yes"], [0.7, 0.3])
    ///     .noisy_or("fever", ["no", "yes"], &[("flu", "yes", 0.8), ("cold", "yes", 0.4)], 0.01)
    ///     .build()?;
    /// let p = network.variables()[2].probabilities();
    /// assert!((p[7] - (1.0 - 0.2 * 0.6 * 0.99)).abs() < 1e-15); // p(fever | flu, cold)
    /// # Ok::<(), marginal::Error>(())
    /// ```
    /// What is wrong with it is told by [`build`](Self::build): a state that the parent does not have, or a number that
    /// is no probability.
    pub fn noisy_or(&mut self, name: &str, states: [&str; 2], causes: &[(&str, &str, f64)], leak: f64) -> &mut Self {
        let parents: Vec<&str> = causes.iter().map(|cause| cause.0).collect();
        let of_causes = causes.iter().map(|(_, state, p)| ((*state).to_owned(), *p)).collect();
        self.by_rule(name, &states, &parents, Rule::NoisyOr(of_causes, leak))
    }

    /// Adds a variable that is the largest of what its causes and a leak make of it independently, its states in
    /// ascending order (Henrion 1989): p(x ≤ s | parents) = leak(≤ s) Π cᵢ(≤ s | state of parent i).
    ///
    /// A cause is a parent with cᵢ: a row over the variable's states for each state of the parent. With two states each
    /// it is a noisy-or.
    pub fn noisy_max<S: AsRef<str>>(
        &mut self,
        name: &str,
        states: &[S],
        causes: &[(&str, &[f64])],
        leak: impl Into<Vec<f64>>,
    ) -> &mut Self {
        let parents: Vec<&str> = causes.iter().map(|cause| cause.0).collect();
        let rows = causes.iter().map(|cause| cause.1.to_vec()).collect();
        self.by_rule(name, states, &parents, Rule::NoisyMax(rows, leak.into()))
    }

    /// Adds a variable whose state is a function of the states of its parents, all by name.
    /// ```
    /// use marginal::network::Network;
    /// let network = Network::builder()
    ///     .root("a", &["0", "1"], [0.5, 0.5])
    ///     .root("b", &["0", "1"], [0.25, 0.75])
    ///     .function("equal", &["no", "yes"], &["a", "b"], |x| if x[0] == x[1] { "yes" } else { "no" })
    ///     .build()?;
    /// assert_eq!(network.variables()[2].probabilities(), [0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0]);
    /// # Ok::<(), marginal::Error>(())
    /// ```
    /// A state that the variable does not have is told by [`build`](Self::build).
    pub fn function<S: AsRef<str>, P: AsRef<str>, R: Into<String>>(
        &mut self,
        name: &str,
        states: &[S],
        parents: &[P],
        of: impl Fn(&[&str]) -> R + Send + Sync + 'static,
    ) -> &mut Self {
        self.by_rule(name, states, parents, Rule::Function(Arc::new(move |x| of(x).into())))
    }
}

impl Rule {
    /// The entries of p(variable | parents), the first parent the slowest.
    pub(super) fn entries(
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
