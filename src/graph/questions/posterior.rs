//! p(node | evidence) of a finite node, as a table of probabilities.

use std::marker::PhantomData;

use crate::conditionals::Finite;
use crate::error::{Error, GraphError};

use super::posteriors::Posteriors;
use crate::graph::{DirectedGraph, Graph};

/// The posterior probabilities of a node's states.
#[derive(Clone, Debug, PartialEq)]
pub struct Posterior<T> {
    probabilities: Vec<f64>,
    log_evidence: f64,
    values: PhantomData<T>,
}

impl<T: Finite> Posterior<T> {
    pub(crate) fn new(graph: &Graph, node: usize, row: &[f64]) -> Result<Self, Error> {
        Self::states(graph, node)?;
        Self::of(&Posteriors::new(graph, row, &|other| other == node)?, node)
    }

    pub(crate) fn of(posteriors: &Posteriors<'_>, node: usize) -> Result<Self, Error> {
        let states = Self::states(posteriors.graph(), node)?;
        let certain = || {
            let seen = posteriors.seen(node);
            (0..states).map(|state| f64::from(u8::from(state as f64 == seen))).collect()
        };
        let probabilities = posteriors.probabilities(node)?.map_or_else(certain, <[f64]>::to_vec);
        Ok(Self { probabilities, log_evidence: posteriors.log_evidence(), values: PhantomData })
    }

    fn states(graph: &Graph, node: usize) -> Result<usize, GraphError> {
        graph.domain(node).states.ok_or_else(|| {
            let advice =
                "let its distribution say how many, by `states`, or say it of a closure: given(…).of_states(…)";
            GraphError::Infinite { node: graph.name(node), advice }
        })
    }

    /// p(node = value | evidence).
    pub fn probability(&self, value: &T) -> f64 {
        self.probabilities.get(value.index()).copied().unwrap_or(0.0)
    }

    /// The probability of each state.
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// The state of largest probability, the first of equals.
    pub fn mode(&self) -> Option<T> {
        let best = self.probabilities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        T::from_index(self.probabilities.iter().position(|&p| p == best)?)
    }

    /// ln p(evidence) in nats.
    pub fn log_evidence(&self) -> f64 {
        self.log_evidence
    }
}
