//! Questions to a graph about one node: the type of its values says what the answer is.

use crate::conditionals::Finite;
use crate::error::Error;
#[cfg(doc)]
use crate::error::GraphError;

use super::posterior::Posterior;
use super::posteriors::Posteriors;
use super::real_posterior::RealPosterior;
use crate::graph::{Assignment, Graph, Node, Plan, Scratch};

/// A type of values whose posterior is a type too: [`Posterior`] of a finite one, [`RealPosterior`] of `f64`.
#[diagnostic::on_unimplemented(
    message = "a node of values `{Self}` has no exact posterior",
    label = "neither finite nor real",
    note = "finite nodes (bool, usize, a `Finite` type of yours) and real nodes (`f64`) have one: observe any other"
)]
pub trait Inferred {
    /// p(node | evidence).
    type Posterior;
    /// Reads the posterior of a node of this type.
    ///
    /// # Errors
    /// As [`Posteriors::of`].
    #[doc(hidden)]
    fn read(posteriors: &Posteriors<'_>, node: usize) -> Result<Self::Posterior, Error>;
}

impl<T: Finite> Inferred for T {
    type Posterior = Posterior<T>;
    fn read(posteriors: &Posteriors<'_>, node: usize) -> Result<Posterior<T>, Error> {
        Posterior::of(posteriors, node)
    }
}

impl Inferred for f64 {
    type Posterior = RealPosterior;
    fn read(posteriors: &Posteriors<'_>, node: usize) -> Result<RealPosterior, Error> {
        RealPosterior::of(posteriors, node)
    }
}

impl Posteriors<'_> {
    /// The posterior of one node.
    ///
    /// # Errors
    /// [`GraphError::ForeignHandle`]; why the node has no exact posterior, as [`Graph::posterior`] says it.
    pub fn of<T: Inferred>(&self, node: Node<T>) -> Result<T::Posterior, Error> {
        T::read(self, self.graph().own(node)?[0])
    }
}

impl Graph {
    /// p(node | evidence), exact: the sum over all finite nodes that are not observed, and the integral over all real
    /// ones. A [`Posterior`](super::posterior::Posterior) of a finite node, a [`RealPosterior`](super::real_posterior::RealPosterior) of a real one.
    ///
    /// # Errors
    /// [`GraphError::ImpossibleEvidence`]; [`GraphError::NotFinite`] if `node`, or a node that is not observed while
    /// nodes below it are, is neither finite nor has a
    /// [`linear_gaussian`](crate::conditionals::ConditionalDistribution::linear_gaussian),
    /// [`GraphError::NotLinearGaussian`] if a node below such a real one has none; [`GraphError::TooWide`]; what was wrong
    /// with the evidence.
    pub fn posterior<T: Inferred>(&self, node: Node<T>, evidence: &Assignment<'_>) -> Result<T::Posterior, Error> {
        let index = self.own(node)?[0];
        let row = &*evidence.cells_of(self)?;
        T::read(&Posteriors::new(self, row, &|other| other == index)?, index)
    }

    /// ln p(evidence) in nats, exact; −∞ if it is impossible.
    ///
    /// # Errors
    /// As [`posterior`](Self::posterior), save that impossible evidence is none.
    pub fn log_evidence(&self, evidence: &Assignment<'_>) -> Result<f64, Error> {
        let row = &*evidence.cells_of(self)?;
        let plan = Plan::new(self, &|node| !self.is_missing(node, row), &|_| false)?;
        let mut scratch = Scratch::default();
        let constants = plan.constants(self, &mut scratch);
        Ok(plan.collect(self, row, &constants, &mut scratch)?)
    }
}
