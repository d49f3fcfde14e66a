//! The statistics of one conditional distribution, of whatever type it needs: of one node, or of all that are tied.

use std::any::Any;
use std::fmt;

use crate::data::Statistics;

/// Σ w, and the statistics of a conditional distribution: over all nodes that share it.
pub struct NodeStatistics {
    pub(crate) weight: f64,
    sums: Box<dyn Sums>,
}

impl NodeStatistics {
    pub(crate) fn new<S: Statistics + 'static>(empty: S) -> Self {
        Self { weight: 0.0, sums: Box::new(empty) }
    }

    /// Σ w of what was observed.
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// The statistics, if they are of type `S`.
    pub fn get<S: Statistics + 'static>(&self) -> Option<&S> {
        self.sums.as_any().downcast_ref()
    }

    pub(crate) fn of<S: Statistics + 'static>(&self) -> &S {
        self.get().expect("a node's statistics are made by the node")
    }

    pub(crate) fn of_mut<S: Statistics + 'static>(&mut self) -> &mut S {
        self.sums.as_any_mut().downcast_mut().expect("a node's statistics are made by the node")
    }
}

/// [`Statistics`] without their type.
trait Sums: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
    fn boxed(&self) -> Box<dyn Sums>;
    fn merge_any(&mut self, other: &dyn Any);
    fn scale_by(&mut self, factor: f64);
    fn is_linear(&self) -> bool;
}

impl<S: Statistics + 'static> Sums for S {
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
    fn boxed(&self) -> Box<dyn Sums> {
        Box::new(self.clone())
    }
    fn merge_any(&mut self, other: &dyn Any) {
        self.merge(other.downcast_ref().expect("statistics of one node have one type"));
    }
    fn scale_by(&mut self, factor: f64) {
        self.scale(factor);
    }
    fn is_linear(&self) -> bool {
        self.extrapolates()
    }
}

impl Statistics for NodeStatistics {
    fn merge(&mut self, other: &Self) {
        self.weight += other.weight;
        self.sums.merge_any(other.sums.as_any());
    }
    fn scale(&mut self, factor: f64) {
        self.weight *= factor;
        self.sums.scale_by(factor);
    }
    fn extrapolates(&self) -> bool {
        self.sums.is_linear()
    }
}

impl Clone for NodeStatistics {
    fn clone(&self) -> Self {
        Self { weight: self.weight, sums: self.sums.boxed() }
    }
}

impl fmt::Debug for NodeStatistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeStatistics").field("weight", &self.weight).finish_non_exhaustive()
    }
}
