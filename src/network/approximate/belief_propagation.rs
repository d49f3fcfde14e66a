//! Loopy belief propagation (Pearl 1988, Murphy et al. 1999): messages between tables and variables until they settle.
//! Exact where the network is a polytree, else an approximation that need not settle.
//!
//! A table f sends its variable x the message m(x) = Σ f(x, y, …) n(y) ⋯, where n(y) is the product of what all other
//! tables send to y. One iteration updates all tables parents first, and then back. An entry
//! of a message is 0 only if no joint state can have it, so an empty message proves that the evidence is impossible.

use crate::error::NetworkError;

use super::beliefs::Beliefs;
use super::factor_graph::FactorGraph;
use crate::network::Findings;
use crate::network::exact::problem::Problem;

/// When belief propagation stops.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BeliefPropagation {
    iterations: usize,
    tolerance: f64,
    damping: f64,
}

impl Default for BeliefPropagation {
    /// At most 200 iterations, until no entry of a message, which sums to one, changes by more than 10⁻⁹; no damping.
    fn default() -> Self {
        Self { iterations: 200, tolerance: 1e-9, damping: 0.0 }
    }
}

impl BeliefPropagation {
    /// At most so many iterations.
    pub fn iterations(self, iterations: usize) -> Self {
        Self { iterations, ..self }
    }

    /// Until no entry of a message changes by more than this.
    pub fn tolerance(self, tolerance: f64) -> Self {
        Self { tolerance, ..self }
    }

    /// Each message keeps this share of the one before it, which calms those that swing: 0 for none; below 1.
    pub fn damping(self, damping: f64) -> Self {
        Self { damping, ..self }
    }

    /// The beliefs, which approximate p(x | evidence) of all variables.
    /// ```
    /// use marginal::network::{BeliefPropagation, Network};
    /// let alarm = Network::read_bif("data/networks/alarm.bif")?;
    /// let mut findings = alarm.findings();
    /// findings.observe("HRBP", "HIGH")?;
    /// let beliefs = BeliefPropagation::default().beliefs(&findings)?;
    /// assert!(beliefs.converged());
    /// println!("{beliefs}"); // belief propagation, approximate: converged after … iterations
    /// # Ok::<(), marginal::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`NetworkError::ImpossibleEvidence`] if the messages prove it; loops can hide that it is.
    /// [`NetworkError::Damping`].
    pub fn beliefs(&self, findings: &Findings) -> Result<Beliefs, NetworkError> {
        if !(0.0..1.0).contains(&self.damping) {
            return Err(NetworkError::Damping { damping: self.damping });
        }
        let all: Vec<usize> = (0..findings.network().variables().len()).collect();
        let problem = Problem::reduced(findings, &all);
        let mut graph = FactorGraph::new(&problem, findings.network().order());
        let (mut iterations, mut change) = (0, f64::INFINITY);
        while iterations < self.iterations && !(change <= self.tolerance) {
            iterations += 1;
            change = graph.sweep(self.damping).ok_or_else(|| findings.impossible())?;
        }
        let log_evidence = graph.log_bethe() + findings.log_scale();
        let converged = change <= self.tolerance;
        if log_evidence == f64::NEG_INFINITY {
            return Err(findings.impossible());
        }
        Ok(Beliefs::new(findings, &problem, &graph, log_evidence, (iterations, change, converged)))
    }
}
