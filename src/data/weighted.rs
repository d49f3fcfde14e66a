//! Data with a weight for each observation.

use std::borrow::Cow;

use crate::error::Error;
use crate::numeric::Sum;

use super::dataset::InMemory;
use super::observation::Observation;

/// Observations with their weights w_n ∈ [0, ∞): weight 2 is the same as the observation twice, 0 as its absence.
///
/// So the weights are counts, and N = Σ w wherever a number of observations is needed: in the BIC, beside a prior, in
/// the tolerance of a fit. Importance weights say how much an observation counts beside the others, and their scale says
/// nothing: [`importance`](Self::importance) takes those.
#[derive(Clone, Debug)]
pub struct Weighted<'a, D: ?Sized> {
    data: &'a D,
    weights: Cow<'a, [f64]>,
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
        check_length(O::len(data.block()), weights)?;
        check(weights)?;
        let sum: f64 = weights.iter().sum();
        if sum.is_infinite() {
            return Err(Error::TotalWeight { sum });
        }
        Ok(Self { data, weights: weights.into() })
    }

    /// Joins data with as many importance weights, scaled by [`importance_weights`]: then N is the number of
    /// observations of positive weight.
    ///
    /// ```
    /// use marginal::data::Weighted;
    /// use marginal::{distributions::Normal, em::Em, models::Mixture};
    /// let (x, weights) = ([0.1, 0.4, -0.3, 5.2, 4.9], [0.3, 0.2, 0.1, 0.2, 0.2]);
    /// let model = Mixture::of(vec![Normal::new(0.0, 1.0)?, Normal::new(5.0, 1.0)?])?;
    /// let fit = Em::default().fit(&model, &Weighted::importance(&x, &weights)?)?;
    /// assert_eq!((fit.observations, fit.draws), (5, 5.0));
    /// # Ok::<(), marginal::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](Self::new), but their sum may have any size.
    pub fn importance<O: Observation + ?Sized>(data: &'a D, weights: &[f64]) -> Result<Self, Error>
    where
        D: InMemory<O>,
    {
        check_length(O::len(data.block()), weights)?;
        Ok(Self { data, weights: importance_weights(weights)?.into() })
    }
}

/// The weights in proportion, scaled so that those above 0 have the mean 1: w_n N / Σ w, N the number of them.
///
/// Weights that vanish beside the greatest, below 5e-324 of it, become 0.
/// ```
/// use marginal::data::importance_weights;
/// assert_eq!(importance_weights(&[1e300, 3e300, 0.0])?, [0.5, 1.5, 0.0]);
/// # Ok::<(), marginal::Error>(())
/// ```
///
/// # Errors
/// [`Error::Weight`] if a weight is negative, NaN or infinite, [`Error::Empty`] if none is positive.
pub fn importance_weights(weights: &[f64]) -> Result<Vec<f64>, Error> {
    check(weights)?;
    // Divided by the greatest first, so that their sum neither overflows nor underflows.
    let greatest = weights.iter().fold(0.0, |greatest: f64, w| greatest.max(*w));
    let mut scaled: Vec<f64> = weights.iter().map(|w| w / greatest).collect();
    let sum = scaled.iter().copied().collect::<Sum>().value();
    let factor = scaled.iter().filter(|w| **w > 0.0).count() as f64 / sum;
    scaled.iter_mut().for_each(|w| *w *= factor);
    Ok(scaled)
}

fn check_length(rows: usize, weights: &[f64]) -> Result<(), Error> {
    if weights.len() == rows {
        return Ok(());
    }
    Err(Error::Dimension { what: "the weights", expected: rows, found: weights.len() })
}

/// Whether all are in [0, ∞), and one is above 0.
fn check(weights: &[f64]) -> Result<(), Error> {
    if let Some((row, &value)) = weights.iter().enumerate().find(|(_, w)| !(w.is_finite() && **w >= 0.0)) {
        return Err(Error::Weight { row, value });
    }
    if weights.iter().any(|&w| w > 0.0) { Ok(()) } else { Err(Error::Empty) }
}

impl<O: Observation + ?Sized, D: InMemory<O> + ?Sized> InMemory<O> for Weighted<'_, D> {
    fn block(&self) -> O::Block<'_> {
        self.data.block()
    }
    fn weights(&self) -> Option<&[f64]> {
        Some(&self.weights)
    }
}
