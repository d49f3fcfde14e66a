//! Data with a weight for each observation.

use crate::error::Error;

use super::dataset::InMemory;
use super::observation::Observation;

/// Observations with their weights w_n ∈ [0, ∞): weight 2 is the same as the observation twice, 0 as its absence.
#[derive(Clone, Copy, Debug)]
pub struct Weighted<'a, D: ?Sized> {
    data: &'a D,
    weights: &'a [f64],
}

impl<'a, D: ?Sized> Weighted<'a, D> {
    /// Joins data with as many weights.
    ///
    /// ```
    /// use marginal::data::Weighted;
    /// let counts = [0u64, 1, 2];
    /// assert!(Weighted::new(&counts, &[162.0, 267.0, 271.0]).is_ok());
    /// let refused = Weighted::new(&counts, &[1.0, -1.0, 1.0]).unwrap_err();
    /// assert_eq!(refused.to_string(), "weight -1 of row 1 is not in [0, ∞)");
    /// ```
    ///
    /// # Errors
    /// [`Error::Dimension`] if the lengths differ, [`Error::Weight`] if a weight is negative, NaN or infinite,
    /// [`Error::Empty`] if no weight is positive, [`Error::TotalWeight`] if their sum is infinite.
    pub fn new<O: Observation + ?Sized>(data: &'a D, weights: &'a [f64]) -> Result<Self, Error>
    where
        D: InMemory<O>,
    {
        let rows = O::len(data.block());
        if weights.len() != rows {
            return Err(Error::Dimension { what: "the weights", expected: rows, found: weights.len() });
        }
        if let Some((row, &value)) = weights.iter().enumerate().find(|(_, w)| !(w.is_finite() && **w >= 0.0)) {
            return Err(Error::Weight { row, value });
        }
        if !weights.iter().any(|&w| w > 0.0) {
            return Err(Error::Empty);
        }
        let sum: f64 = weights.iter().sum();
        if sum.is_infinite() {
            return Err(Error::TotalWeight { sum });
        }
        Ok(Self { data, weights })
    }
}

impl<O: Observation + ?Sized, D: InMemory<O> + ?Sized> InMemory<O> for Weighted<'_, D> {
    fn block(&self) -> O::Block<'_> {
        self.data.block()
    }
    fn weights(&self) -> Option<&[f64]> {
        Some(self.weights)
    }
}
