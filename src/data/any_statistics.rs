//! Statistics whose type is known only to who made them.

use std::any::Any;

use super::statistics::Statistics;

/// [`Statistics`] without their type. Those that merge must be of one.
pub(crate) struct AnyStatistics(Box<dyn Erased>);

impl AnyStatistics {
    pub(crate) fn new<S: Statistics + 'static>(own: S) -> Self {
        Self(Box::new(own))
    }

    /// The statistics, if they are of type `S`.
    pub(crate) fn get<S: Statistics + 'static>(&self) -> Option<&S> {
        (*self.0).any().downcast_ref()
    }

    /// Those of a type that is known.
    pub(crate) fn of<S: Statistics + 'static>(&self) -> &S {
        self.get().expect("who made them knows their type")
    }

    /// The same, to add to them.
    pub(crate) fn of_mut<S: Statistics + 'static>(&mut self) -> &mut S {
        (*self.0).any_mut().downcast_mut().expect("who made them knows their type")
    }
}

trait Erased: Send + Sync {
    fn any(&self) -> &dyn Any;
    fn any_mut(&mut self) -> &mut dyn Any;
    fn copy(&self) -> AnyStatistics;
    fn merge_any(&mut self, other: &AnyStatistics);
    fn scale_by(&mut self, factor: f64);
    fn reset_to(&mut self, empty: &AnyStatistics);
    fn is_linear(&self) -> bool;
}

impl<S: Statistics + 'static> Erased for S {
    fn any(&self) -> &dyn Any {
        self
    }
    fn any_mut(&mut self) -> &mut dyn Any {
        self
    }
    fn copy(&self) -> AnyStatistics {
        AnyStatistics::new(self.clone())
    }
    fn merge_any(&mut self, other: &AnyStatistics) {
        self.merge(other.of());
    }
    fn scale_by(&mut self, factor: f64) {
        self.scale(factor);
    }
    fn reset_to(&mut self, empty: &AnyStatistics) {
        self.reset(empty.of());
    }
    fn is_linear(&self) -> bool {
        self.extrapolates()
    }
}

impl Statistics for AnyStatistics {
    fn merge(&mut self, other: &Self) {
        self.0.merge_any(other);
    }
    fn scale(&mut self, factor: f64) {
        self.0.scale_by(factor);
    }
    fn reset(&mut self, empty: &Self) {
        self.0.reset_to(empty);
    }
    fn extrapolates(&self) -> bool {
        self.0.is_linear()
    }
}

impl Clone for AnyStatistics {
    fn clone(&self) -> Self {
        self.0.copy()
    }
}
