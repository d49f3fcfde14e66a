//! `Network`: p(x₁ … x_V) = Π_v p(x_v | x_pa(v)), each factor a table.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use rand::Rng;

use crate::distributions::{Distribution, draw_index};
use crate::error::NetworkError;
use crate::graph::DirectedGraph;

use super::variable::Variable;

/// A discrete Bayesian network whose variables are known at run time: built by names, or read from a file.
///
/// It is a distribution over rows: the number of a state for each variable, in the order of the variables. Copies share
/// the tables.
/// ```
/// use marginal::distributions::Distribution;
/// use marginal::network::Network;
///
/// let network = Network::builder()
///     .root("rain", &["no", "yes"], [0.8, 0.2])
///     .variable("wet", &["no", "yes"], &["rain"], [0.9, 0.1, 0.05, 0.95])
///     .build()?;
/// assert_eq!(network.to_string(), "p(rain) p(wet | rain)");
/// let row = network.row(&[("wet", "yes"), ("rain", "yes")])?;
/// assert!((network.log_density(&row) - (0.2f64 * 0.95).ln()).abs() < 1e-15);
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Network(Arc<Content>);

#[derive(Clone, PartialEq)]
struct Content {
    name: String,
    properties: Vec<String>,
    variables: Vec<Variable>,
    numbers: HashMap<String, usize>,
    /// Every variable after its parents.
    order: Vec<usize>,
}

impl Network {
    pub(crate) fn new(
        name: String,
        properties: Vec<String>,
        variables: Vec<Variable>,
        numbers: HashMap<String, usize>,
    ) -> Result<Self, NetworkError> {
        let mut network = Self(Arc::new(Content { name, properties, variables, numbers, order: Vec::new() }));
        let order = network.topological_order()?;
        network.content_mut().order = order;
        Ok(network)
    }

    /// The same network, one variable replaced by one whose parents were its parents.
    pub(crate) fn with(&self, number: usize, variable: Variable) -> Self {
        let mut changed = self.clone();
        changed.content_mut().variables[number] = variable;
        changed
    }

    /// The same network with other tables, given rows × states as distributions.
    pub(crate) fn with_tables(&self, tables: Vec<Vec<f64>>) -> Self {
        let mut changed = self.clone();
        for (variable, table) in changed.content_mut().variables.iter_mut().zip(tables) {
            variable.entries.clone_from(&table);
            variable.probabilities = table;
        }
        changed
    }

    fn content_mut(&mut self) -> &mut Content {
        Arc::make_mut(&mut self.0)
    }

    /// What the network is called; `unknown` if nobody said.
    pub fn label(&self) -> &str {
        &self.0.name
    }

    /// What a file says of the network besides, each without the word `property`.
    pub fn properties(&self) -> &[String] {
        &self.0.properties
    }

    /// The variables, in the order in which they were added.
    pub fn variables(&self) -> &[Variable] {
        &self.0.variables
    }

    /// Every variable after its parents.
    pub fn order(&self) -> &[usize] {
        &self.0.order
    }

    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.0.numbers.get(name).copied()
    }

    /// How many probabilities may be chosen freely: Σ_v (states − 1) × rows.
    pub fn free_parameters(&self) -> usize {
        let of = |variable: &Variable| variable.entries.len() - variable.entries.len() / variable.states.len();
        self.variables().iter().map(of).sum()
    }

    /// Which row of a variable's table belongs to the states of its parents.
    pub(crate) fn row_of(&self, variable: &Variable, row: &[usize]) -> usize {
        let of_parent = |at, &parent: &usize| at * self.variables()[parent].states.len() + row[parent];
        variable.parents.iter().fold(0, of_parent)
    }

    /// The row p(· | parents) of one variable, given the states of all its parents.
    pub(crate) fn conditional<'a>(&self, variable: &'a Variable, row: &[usize]) -> &'a [f64] {
        let at = self.row_of(variable, row);
        let states = variable.states.len();
        &variable.probabilities[at * states..(at + 1) * states]
    }
}

impl Distribution for Network {
    type Value = [usize];

    /// ln p(x₁ … x_V) in nats; −∞ for a row of another length, or with a number that is no state.
    fn log_density(&self, x: &[usize]) -> f64 {
        let is_state = |(variable, &state): (&Variable, &usize)| state < variable.states.len();
        if x.len() != self.len() || !self.variables().iter().zip(x).all(is_state) {
            return f64::NEG_INFINITY;
        }
        self.variables().iter().zip(x).map(|(variable, &state)| self.conditional(variable, x)[state].ln()).sum()
    }

    /// Each variable given its parents (ancestral sampling).
    fn sample(&self, rng: &mut dyn Rng) -> Vec<usize> {
        let mut row = vec![0; self.len()];
        for &v in self.order() {
            row[v] = draw_index(self.conditional(&self.variables()[v], &row), rng);
        }
        row
    }
}

impl DirectedGraph for Network {
    fn len(&self) -> usize {
        self.0.variables.len()
    }
    fn parents(&self, node: usize) -> &[usize] {
        &self.0.variables[node].parents
    }
    fn name(&self, node: usize) -> String {
        self.0.variables[node].name.clone()
    }
}

/// The factorisation: p(x1) p(x2 | x1) ….
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.factorisation())
    }
}

/// Each factor with the states of its variable.
impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let factor = |variable: &Variable| {
            let parents: Vec<&str> = variable.parents.iter().map(|&parent| self.variables()[parent].name()).collect();
            (variable.name.clone(), parents.join(", "), variable.states.clone())
        };
        f.write_str("Network ")?;
        f.debug_list().entries(self.variables().iter().map(factor)).finish()
    }
}
