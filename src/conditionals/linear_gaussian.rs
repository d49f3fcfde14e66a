//! Linear Gaussian: x = a + b·y + ε, ε ~ N(0, σ²), with real parents y.

use std::marker::PhantomData;

use rand::{Rng, RngExt};

use crate::error::Error;
use crate::numeric::LN_2_PI;

use super::regressors::Linear;
use super::{ConditionalDistribution, Domain, EstimateConditional, JointMoments, RegressionLine, Regressors};

/// p(x | y) = N(x; a + b·y, σ²).
///
/// ```
/// use marginal::{conditionals::{ConditionalDistribution, LinearGaussian}, distributions::{Distribution, Normal}};
/// let weight: LinearGaussian<(f64, bool)> = LinearGaussian::new(-60.0, &[0.75, 8.0], 5.0)?;
/// assert_eq!(weight.log_density(&74.0, &(170.0, true)), Normal::new(75.5, 5.0)?.log_density(&74.0));
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Debug)]
pub struct LinearGaussian<G: ?Sized> {
    linear: Linear,
    standard_deviation: f64,
    types: PhantomData<fn(&G)>,
}

impl<G: Regressors + ?Sized> LinearGaussian<G> {
    /// Intercept a, one slope b for each number that the parents hold, standard deviation σ.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless a and b are finite and σ ∈ (0, ∞), [`Error::Dimension`] if there are more or fewer
    /// slopes than numbers.
    pub fn new(intercept: f64, slopes: &[f64], standard_deviation: f64) -> Result<Self, Error> {
        let positive = standard_deviation > 0.0 && standard_deviation.is_finite();
        Error::check(positive, "standard deviation", standard_deviation, "(0, ∞)")?;
        Ok(Self { linear: Linear::new::<G>(intercept, slopes)?, standard_deviation, types: PhantomData })
    }
}

impl<G: ?Sized> LinearGaussian<G> {
    /// a.
    pub fn intercept(&self) -> f64 {
        self.linear.intercept
    }

    /// b.
    pub fn slopes(&self) -> &[f64] {
        &self.linear.slopes
    }

    /// σ.
    pub fn standard_deviation(&self) -> f64 {
        self.standard_deviation
    }
}

impl<G: Regressors + ?Sized> ConditionalDistribution for LinearGaussian<G> {
    type Given = G;
    type Value = f64;

    fn log_density(&self, x: &f64, given: &G) -> f64 {
        let z = (x - given.with_cells(|y| self.linear.at(y))) / self.standard_deviation;
        // NaN is off the support.
        if z.is_nan() {
            return f64::NEG_INFINITY;
        }
        -0.5 * (LN_2_PI + z * z) - self.standard_deviation.ln()
    }

    fn sample(&self, given: &G, rng: &mut dyn Rng) -> f64 {
        let z: f64 = rng.sample(rand_distr::StandardNormal);
        given.with_cells(|y| self.linear.at(y)) + self.standard_deviation * z
    }

    fn admits(&self, parents: &[Domain]) -> Result<(), Error> {
        self.linear.admits(parents)
    }

    fn linear_gaussian(&self, _: &G) -> Option<RegressionLine> {
        let (intercept, slopes) = (self.linear.intercept, self.linear.slopes.clone());
        Some(RegressionLine { intercept, slopes, standard_deviation: self.standard_deviation })
    }
}

impl<G: Regressors + ?Sized> EstimateConditional for LinearGaussian<G> {
    type Statistics = JointMoments;

    fn statistics(&self) -> JointMoments {
        JointMoments::empty(self.linear.slopes.len() + 1)
    }

    fn observe(&self, s: &mut JointMoments, x: &f64, given: &G, weight: f64) {
        given.with_cells(|y| s.add(y, *x, weight));
    }

    /// Weighted least squares.
    ///
    /// # Errors
    /// [`Error::NoWeight`]; [`Error::Singular`] for a parent that is constant or a combination of others, and for an x
    /// that is: the column counts the numbers of the parents, then x.
    fn estimate(&self, s: &JointMoments) -> Result<Self, Error> {
        let line = s.least_squares()?;
        Self::new(line.intercept, &line.slopes, line.deviation)
    }

    fn expected_log_density(&self, s: &JointMoments) -> f64 {
        let about_line = s.squares_about(self.linear.intercept, &self.linear.slopes);
        let variance = self.standard_deviation.powi(2);
        -0.5 * (s.weight() * LN_2_PI + about_line / variance) - s.weight() * self.standard_deviation.ln()
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(self.linear.slopes.len() + 2)
    }
}

// Derived, these would ask the parents' type for the same.
impl<G: ?Sized> Clone for LinearGaussian<G> {
    fn clone(&self) -> Self {
        Self { linear: self.linear.clone(), standard_deviation: self.standard_deviation, types: PhantomData }
    }
}

impl<G: ?Sized> PartialEq for LinearGaussian<G> {
    fn eq(&self, other: &Self) -> bool {
        self.linear == other.linear && self.standard_deviation == other.standard_deviation
    }
}
