//! The statistics of one conditional distribution, of whatever type it needs: of one node, or of all that are tied.

use std::fmt;

use crate::data::{AnyStatistics, Statistics};

/// Σ w, and the statistics of a conditional distribution: over all nodes that share it.
#[derive(Clone)]
pub struct NodeStatistics {
    pub(crate) weight: f64,
    sums: AnyStatistics,
}

impl NodeStatistics {
    pub(crate) fn new<S: Statistics + 'static>(empty: S) -> Self {
        Self { weight: 0.0, sums: AnyStatistics::new(empty) }
    }

    /// Σ w of what was observed.
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// The statistics, if they are of type `S`.
    pub fn get<S: Statistics + 'static>(&self) -> Option<&S> {
        self.sums.get()
    }

    pub(crate) fn of<S: Statistics + 'static>(&self) -> &S {
        self.sums.of()
    }

    pub(crate) fn of_mut<S: Statistics + 'static>(&mut self) -> &mut S {
        self.sums.of_mut()
    }
}

impl Statistics for NodeStatistics {
    fn merge(&mut self, other: &Self) {
        self.weight += other.weight;
        self.sums.merge(&other.sums);
    }
    fn scale(&mut self, factor: f64) {
        self.weight *= factor;
        self.sums.scale(factor);
    }
    fn extrapolates(&self) -> bool {
        self.sums.extrapolates()
    }
}

impl fmt::Debug for NodeStatistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeStatistics").field("weight", &self.weight).finish_non_exhaustive()
    }
}
