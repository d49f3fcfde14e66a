//! A batch: some consecutive observations with their weights, as an E-step sees them.

use super::observation::Observation;

/// Some independent observations and their weights (all 1 if none are given).
pub struct Batch<'a, O: Observation + ?Sized + 'a> {
    block: O::Block<'a>,
    weights: Option<&'a [f64]>,
    first: usize,
}

impl<'a, O: Observation + ?Sized> Batch<'a, O> {
    /// Observations and, if given, as many weights; `first` is the row number of the first.
    pub fn new(block: O::Block<'a>, weights: Option<&'a [f64]>, first: usize) -> Self {
        debug_assert!(weights.is_none_or(|w| w.len() == O::len(block)), "one weight per observation");
        Self { block, weights, first }
    }

    /// How many observations.
    pub fn len(&self) -> usize {
        O::len(self.block)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The observations.
    pub fn block(&self) -> O::Block<'a> {
        self.block
    }

    /// The weights, or `None` if all are 1.
    pub fn weights(&self) -> Option<&'a [f64]> {
        self.weights
    }

    /// The weight of the n-th observation.
    pub fn weight(&self, n: usize) -> f64 {
        self.weights.map_or(1.0, |w| w[n])
    }

    /// The row number, in the whole data, of the n-th observation.
    pub fn row(&self, n: usize) -> usize {
        self.first + n
    }

    /// Observations that count, with their weights: those of weight 0 are absent.
    pub fn iter(&self) -> impl Iterator<Item = (&'a O, f64)> + use<'a, O> {
        let batch = *self;
        (0..batch.len()).map(move |n| (O::get(batch.block, n), batch.weight(n))).filter(|&(_, w)| w != 0.0)
    }
}

impl<O: Observation + ?Sized> Clone for Batch<'_, O> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<O: Observation + ?Sized> Copy for Batch<'_, O> {}

impl<O: Observation + ?Sized> std::fmt::Debug for Batch<'_, O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch").field("first", &self.first).field("len", &self.len()).finish_non_exhaustive()
    }
}
