//! What each node is to a plan, and where its table lies.

use std::ops::Range;

use crate::conditionals::Domain;

use crate::graph::{DirectedGraph, Graph};

/// What a node is to a plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Role {
    /// Nothing that is asked depends on it.
    Apart,
    Observed,
    /// Summed over; its variable number.
    Summed(usize),
    /// Integrated over.
    Integrated,
}

impl Role {
    pub(crate) fn variable(self) -> Option<usize> {
        match self {
            Self::Summed(variable) => Some(variable),
            _ => None,
        }
    }
}

/// A table over hidden finite nodes, and the clique that takes it in.
#[derive(Default)]
pub(crate) struct Table {
    pub(crate) cells: Range<usize>,
    pub(crate) clique: usize,
    /// For each variable of the clique, how far it moves in the table.
    pub(crate) strides: Vec<usize>,
}

/// A node, then its parents.
pub(crate) fn family(graph: &Graph, node: usize) -> impl Iterator<Item = usize> {
    std::iter::once(node).chain(graph.parents(node).iter().copied())
}

/// Whether its distribution says a line, asked at the first state of each finite parent.
pub(crate) fn is_linear_gaussian(graph: &Graph, node: usize) -> bool {
    let given: usize = graph.parents(node).iter().map(|&parent| graph.cells(parent).len()).sum();
    let is_number = graph.domain(node) == Domain { cells: 1, states: None };
    is_number && graph.factor(node).linear_gaussian(&vec![0.0; given]).is_some()
}
