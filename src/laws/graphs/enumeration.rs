//! All joint states of some finite nodes of a graph, one after the other: what exact inference is compared with.

use std::collections::HashMap;

use crate::graph::{DirectedGraph, Graph};

/// At most so many nodes and joint states are enumerated.
const MAX_NODES: usize = 6;
const MAX_STATES: usize = 4096;

/// Some finite nodes, and the probability of each of their joint states; the first node is the slowest.
pub(crate) struct Enumeration {
    nodes: Vec<usize>,
    states: Vec<usize>,
    probabilities: Vec<f64>,
}

impl Enumeration {
    /// The first finite nodes all of whose ancestors are finite, with their joint.
    pub(crate) fn of(graph: &Graph) -> Self {
        let mut nodes: Vec<usize> = Vec::new();
        for v in 0..graph.len() {
            if is_finite(graph, v) && graph.parents(v).iter().all(|parent| nodes.contains(parent)) {
                nodes.push(v);
            }
        }
        let mut all = Self::over(graph, nodes);
        let mut row = vec![f64::NAN; graph.width()];
        let log_joint = |x: usize| -> f64 {
            all.write(graph, x, &mut row);
            all.nodes.iter().map(|&v| log_factor(graph, v, &row)).sum()
        };
        all.probabilities = (0..all.count()).map(log_joint).map(f64::exp).collect();
        all
    }

    /// Some finite nodes, as `hide` says, to be summed over while all others have a value.
    pub(crate) fn hidden(graph: &Graph, mut hide: impl FnMut(usize) -> bool) -> Self {
        Self::over(graph, (0..graph.len()).filter(|&v| is_finite(graph, v) && hide(v)).collect())
    }

    fn over(graph: &Graph, nodes: Vec<usize>) -> Self {
        let mut all = Self { nodes: Vec::new(), states: Vec::new(), probabilities: Vec::new() };
        for v in nodes.into_iter().take(MAX_NODES) {
            let states = graph.domain(v).states.unwrap_or(1);
            if all.count() * states > MAX_STATES {
                break;
            }
            all.nodes.push(v);
            all.states.push(states);
        }
        all
    }

    /// ln p of the whole row, for each state of these nodes; the row's own states are lost.
    pub(crate) fn log_joints(&self, graph: &Graph, row: &mut [f64]) -> Vec<f64> {
        let of_state = |x: usize| {
            self.write(graph, x, row);
            (0..graph.len()).map(|v| log_factor(graph, v, row)).sum()
        };
        (0..self.count()).map(of_state).collect()
    }

    fn count(&self) -> usize {
        self.states.iter().product()
    }

    fn write(&self, graph: &Graph, x: usize, row: &mut [f64]) {
        for (v, &node) in self.nodes.iter().enumerate() {
            row[graph.cells(node).start] = self.state(x, v) as f64;
        }
    }

    /// The nodes' numbers in the graph.
    pub(crate) fn nodes(&self) -> &[usize] {
        &self.nodes
    }

    /// Their names.
    pub(crate) fn names(&self, graph: &Graph) -> String {
        self.nodes.iter().map(|&v| graph.name(v)).collect::<Vec<_>>().join(", ")
    }

    /// The probability of each joint state.
    pub(crate) fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// The state of the v-th of these nodes in the x-th joint state.
    pub(crate) fn state(&self, x: usize, v: usize) -> usize {
        x / self.states[v + 1..].iter().product::<usize>() % self.states[v]
    }

    /// The joint states in which a node of the graph is in one state.
    pub(crate) fn with(&self, node: usize, state: usize) -> impl Iterator<Item = usize> {
        let place = self.nodes.iter().position(|&v| v == node);
        (0..self.count()).filter(move |&x| place.is_some_and(|v| self.state(x, v) == state))
    }

    /// Each two of these nodes; if there is one only, that one with itself.
    pub(crate) fn pairs(&self) -> Vec<(usize, usize)> {
        match self.nodes.len() {
            1 => vec![(0, 0)],
            n => (0..n).flat_map(|b| (0..b).map(move |a| (a, b))).collect(),
        }
    }

    /// Which joint state a full row of cells holds.
    pub(crate) fn index(&self, graph: &Graph, row: &[f64]) -> Option<usize> {
        self.nodes.iter().zip(&self.states).try_fold(0, |x, (&node, &states)| {
            let state = row[graph.cells(node).start];
            (0.0..states as f64).contains(&state).then_some(x * states + state as usize)
        })
    }

    /// The x-th joint state with all nodes out of the mask taken for 0.
    pub(crate) fn key(&self, x: usize, mask: usize) -> usize {
        let digit = |v: usize| if mask >> v & 1 == 1 { self.state(x, v) } else { 0 };
        (0..self.nodes.len()).fold(0, |key, v| key * self.states[v] + digit(v))
    }

    /// The probabilities of the nodes of a mask alone, by [`key`](Self::key).
    pub(crate) fn marginal(&self, mask: usize) -> HashMap<usize, f64> {
        let mut marginal = HashMap::new();
        for (x, p) in self.probabilities.iter().enumerate() {
            *marginal.entry(self.key(x, mask)).or_default() += p;
        }
        marginal
    }
}

/// Whether a node has states to be summed over.
pub(crate) fn is_finite(graph: &Graph, node: usize) -> bool {
    let domain = graph.domain(node);
    domain.cells == 1 && domain.states.is_some()
}

/// The cells of a node's parents in a full row.
pub(crate) fn gathered(graph: &Graph, node: usize, row: &[f64]) -> Vec<f64> {
    graph.parents(node).iter().flat_map(|&parent| row[graph.cells(parent)].iter().copied()).collect()
}

fn log_factor(graph: &Graph, node: usize, row: &[f64]) -> f64 {
    graph.factor(node).log_density(&row[graph.cells(node)], &gathered(graph, node, row))
}
