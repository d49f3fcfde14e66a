//! `FiniteGraph`: p(x_v | x_pa(v)) over a graph of a type of one's own, and the network of its tables.

use rand::Rng;

use crate::distributions::draw_index;
use crate::error::{GraphError, NetworkError};
use crate::graph::DirectedGraph;
use crate::numeric::digits;

use super::memory::{MEMORY, too_large};
use super::network::Network;
use super::state_table::MISSING;

/// A [`DirectedGraph`] whose nodes take finitely many states: p(x₁ … x_V) = Π_v p(x_v | x_pa(v)).
///
/// Two methods more than the arrows make a type of one's own a Bayesian network: [`network`](Self::network) gives it
/// exact posteriors, most probable explanations, draws given evidence, EM, files and drawings. A row holds the number of
/// a state for each node.
///
/// Ten thousand days of weather, which stays as it was with probability 0.9, and of an umbrella that goes with it with
/// probability 0.8:
/// ```
/// use marginal::network::FiniteGraph;
/// use marginal::prelude::*;
/// # use marginal::rand::rngs::Xoshiro256PlusPlus;
///
/// struct Days(Vec<usize>); // 0, 1, …: of day t the weather is node 2t, the umbrella 2t + 1
///
/// impl DirectedGraph for Days {
///     fn len(&self) -> usize { self.0.len() }
///     fn parents(&self, node: usize) -> &[usize] {
///         match node {
///             0 => &[],
///             umbrella if umbrella % 2 == 1 => &self.0[umbrella - 1..umbrella],
///             weather => &self.0[weather - 2..weather - 1],
///         }
///     }
/// }
/// impl FiniteGraph for Days {
///     fn states(&self, _: usize) -> usize { 2 }
///     fn probability(&self, node: usize, state: usize, given: &[usize]) -> f64 {
///         let same = if node == 0 { 0.5 } else if node % 2 == 0 { 0.9 } else { 0.8 };
///         if given.first() == Some(&state) { same } else { 1.0 - same }
///     }
/// }
///
/// let days = Days((0..20_000).collect());
/// # let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
/// let truth = days.ancestral_sample(&mut rng)?;
/// let mut tree = days.network()?.junction_tree()?;
/// for umbrella in (1..20_000).step_by(2) {
///     tree.observe(umbrella, truth[umbrella])?;
/// }
/// let posteriors = tree.posteriors()?;
/// let likely = (0..20_000).step_by(2).filter(|&weather| posteriors.of(weather).unwrap()[truth[weather]] > 0.5);
/// assert!(likely.count() > 8_500); // days of which the umbrellas tell the weather
/// # Ok::<(), Error>(())
/// ```
///
/// # Panics
/// As [`DirectedGraph`].
pub trait FiniteGraph: DirectedGraph {
    /// How many states a node has.
    fn states(&self, node: usize) -> usize;

    /// p(x_v = state | x_pa(v) = given), where `given` has the state of each parent, in the order of the parents. Over
    /// the states it sums to one.
    fn probability(&self, node: usize, state: usize, given: &[usize]) -> f64;

    /// What a state is called: its number unless said otherwise.
    fn state_name(&self, _node: usize, state: usize) -> String {
        state.to_string()
    }

    /// ln p(x₁ … x_V) in nats; −∞ for a row of another length, or with a number that is no state.
    fn log_joint(&self, row: &[usize]) -> f64 {
        if row.len() != self.len() || (0..self.len()).any(|node| row[node] >= self.states(node)) {
            return f64::NEG_INFINITY;
        }
        let mut given = Vec::new();
        let of_node = |node: usize| {
            gather(self, node, row, &mut given);
            self.probability(node, row[node], &given).ln()
        };
        (0..self.len()).map(of_node).sum()
    }

    /// A draw of all nodes, each given its parents.
    ///
    /// # Errors
    /// As [`topological_order`](DirectedGraph::topological_order).
    fn ancestral_sample(&self, rng: &mut dyn Rng) -> Result<Vec<usize>, GraphError> {
        let (mut row, mut given) = (vec![MISSING; self.len()], Vec::new());
        for node in self.topological_order()? {
            gather(self, node, &row, &mut given);
            let weights: Vec<f64> = (0..self.states(node)).map(|state| self.probability(node, state, &given)).collect();
            row[node] = draw_index(&weights, rng);
        }
        Ok(row)
    }

    /// The same joint as tables, with the graph's numbers and names.
    ///
    /// # Errors
    /// Those of [`topological_order`](DirectedGraph::topological_order); [`NetworkError::TooLarge`] for a table beyond
    /// 1 GiB; two names that are the same, and the row whose probabilities do not sum to one, as
    /// [`NetworkBuilder::build`](super::builder::NetworkBuilder::build) says it.
    fn network(&self) -> Result<Network, NetworkError> {
        self.topological_order()?;
        let mut builder = Network::builder();
        for node in 0..self.len() {
            let parents: Vec<String> = self.parents(node).iter().map(|&parent| self.name(parent)).collect();
            let states: Vec<String> = (0..self.states(node)).map(|state| self.state_name(node, state)).collect();
            builder.variable(&self.name(node), &states, &parents, table(self, node)?);
        }
        builder.build()
    }
}

/// The states of a node's parents.
fn gather<G: FiniteGraph + ?Sized>(graph: &G, node: usize, row: &[usize], given: &mut Vec<usize>) {
    given.clear();
    given.extend(graph.parents(node).iter().map(|&parent| row[parent]));
}

/// p(node | parents), rows × states.
fn table<G: FiniteGraph + ?Sized>(graph: &G, node: usize) -> Result<Vec<f64>, NetworkError> {
    let (states, parents) = (graph.states(node), graph.parents(node));
    let shape: Vec<usize> = parents.iter().map(|&parent| graph.states(parent)).collect();
    let cells = shape.iter().fold(states as f64, |cells, &states| cells * states as f64);
    if 8.0 * cells > MEMORY {
        let names: Vec<String> = parents.iter().chain([&node]).map(|&member| graph.name(member)).collect();
        return Err(too_large(8.0 * cells, MEMORY, cells, cells, names));
    }
    let (mut table, mut given) = (Vec::with_capacity(cells as usize), Vec::new());
    for row in 0..shape.iter().product() {
        digits(row, &shape, &mut given);
        table.extend((0..states).map(|state| graph.probability(node, state, &given)));
    }
    Ok(table)
}
