//! What belief propagation ends with, and whether it had settled.

use std::fmt;

use super::factor_graph::FactorGraph;
use crate::error::{NetworkError, counted};
use crate::network::exact::problem::Problem;
use crate::network::model::findings::Finding;
use crate::network::{Findings, Key, Network};

/// The beliefs of all variables: approximate posteriors.
#[derive(Clone, Debug)]
pub struct Beliefs {
    network: Network,
    probabilities: Vec<Vec<f64>>,
    log_evidence: f64,
    iterations: usize,
    change: f64,
    converged: bool,
}

impl Beliefs {
    pub(crate) fn new(
        findings: &Findings,
        problem: &Problem,
        graph: &FactorGraph<'_>,
        log_evidence: f64,
        (iterations, change, converged): (usize, f64, bool),
    ) -> Self {
        let network = findings.network().clone();
        let belief = |v: usize| match findings.of(v) {
            Finding::State(seen) => {
                let states = network.variables()[v].states.len();
                (0..states).map(|state| f64::from(u8::from(state == *seen))).collect()
            }
            _ => graph.belief(problem.variables.partition_point(|&u| u < v)),
        };
        let probabilities = (0..network.variables().len()).map(belief).collect();
        Self { network, probabilities, log_evidence, iterations, change, converged }
    }

    /// The belief in each state of one variable; they sum to one.
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`].
    pub fn of(&self, variable: impl Key) -> Result<&[f64], NetworkError> {
        Ok(&self.probabilities[variable.variable(&self.network)?])
    }

    /// The belief in one state of one variable.
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`], [`NetworkError::UnknownState`].
    pub fn probability(&self, variable: impl Key, state: impl Key) -> Result<f64, NetworkError> {
        let number = variable.variable(&self.network)?;
        Ok(self.probabilities[number][state.state(&self.network.variables()[number])?])
    }

    /// Whether the last change was within the tolerance.
    pub fn converged(&self) -> bool {
        self.converged
    }

    /// How often all messages were updated.
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// The largest change of an entry of a message, which sums to one, in the last iteration; ∞ if there was none.
    pub fn change(&self) -> f64 {
        self.change
    }

    /// Bethe's approximation of ln p(evidence) in nats.
    pub fn log_evidence(&self) -> f64 {
        self.log_evidence
    }
}

impl fmt::Display for Beliefs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.converged { "converged" } else { "NOT converged" };
        let (iterations, change) = (counted(self.iterations, "iteration"), self.change);
        write!(f, "belief propagation, approximate: {word} after {iterations}, last change {change:.1e}")
    }
}
