//! p(node | evidence) of a finite node, as a table of probabilities.

use std::marker::PhantomData;

use crate::conditionals::Finite;
use crate::error::{Error, GraphError};

use super::plan::Plan;
use super::{DirectedGraph, Graph};

/// The posterior probabilities of a node's states.
#[derive(Clone, Debug, PartialEq)]
pub struct Posterior<T> {
    probabilities: Vec<f64>,
    log_evidence: f64,
    values: PhantomData<T>,
}

impl<T: Finite> Posterior<T> {
    pub(crate) fn new(graph: &Graph, node: usize, row: &[f64]) -> Result<Self, Error> {
        let Some(states) = graph.domain(node).states else {
            let advice = "its distribution does not say how many states it has: implement `states`, or say \
                          it of a closure: given(…).of_states(…)";
            return Err(GraphError::NotFinite { node: graph.name(node), advice }.into());
        };
        let plan = Plan::new(graph, &|node| !graph.is_missing(node, row), Some(node))?;
        let (log_evidence, marginal) = plan.run(graph, row);
        if log_evidence == f64::NEG_INFINITY {
            return Err(GraphError::ImpossibleEvidence.into());
        }
        if !log_evidence.is_finite() {
            let value = format!("{row:?}");
            return Err(Error::Unbounded { row: 0, value, log_density: log_evidence });
        }
        let probabilities = marginal.unwrap_or_else(|| {
            // The node itself is observed.
            let seen = row[graph.cells(node).start];
            (0..states).map(|state| f64::from(u8::from(state as f64 == seen))).collect()
        });
        Ok(Self { probabilities, log_evidence, values: PhantomData })
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
