//! Linear Gaussian: x = a + b·y + ε, ε ~ N(0, σ²), with real parents y.

use std::marker::PhantomData;

use rand::{Rng, RngExt};

use crate::data::Statistics;
use crate::error::Error;
use crate::numeric::{Cholesky, LN_2_PI};

use super::regressors::Linear;
use super::{ConditionalDistribution, Domain, EstimateConditional, Regressors};

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
}

/// Weight, mean and scatter Σ w (v − mean)(v − mean)ᵀ of v = (y, x): shifting the data does not cost a digit.
#[derive(Clone, Debug, PartialEq)]
pub struct JointMoments {
    weight: f64,
    mean: Vec<f64>,
    scatter: Vec<f64>,
}

impl JointMoments {
    fn empty(dimension: usize) -> Self {
        Self { weight: 0.0, mean: vec![0.0; dimension], scatter: vec![0.0; dimension * dimension] }
    }

    /// Adds v = (y, x) by the update of one observation.
    fn add(&mut self, y: &[f64], x: f64, weight: f64) {
        let d = self.mean.len();
        let v = |i: usize| if i + 1 < d { y[i] } else { x };
        let total = self.weight + weight;
        let share = weight / total;
        for i in 0..d {
            let from_mean = v(i) - self.mean[i];
            for j in 0..=i {
                self.scatter[i * d + j] += from_mean * (v(j) - self.mean[j]) * (self.weight * share);
            }
        }
        for (i, mean) in self.mean.iter_mut().enumerate() {
            *mean += (v(i) - *mean) * share;
        }
        self.weight = total;
    }
}

impl Statistics for JointMoments {
    /// The pairwise formula of Chan, Golub & LeVeque (1983); the lower triangle only.
    fn merge(&mut self, other: &Self) {
        let (d, total) = (self.mean.len(), self.weight + other.weight);
        if other.weight == 0.0 || self.weight == 0.0 {
            if self.weight == 0.0 {
                self.clone_from(other);
            }
            return;
        }
        let share = other.weight / total;
        for i in 0..d {
            for j in 0..=i {
                let product = (other.mean[i] - self.mean[i]) * (other.mean[j] - self.mean[j]);
                self.scatter[i * d + j] += other.scatter[i * d + j] + product * (self.weight * share);
            }
        }
        self.mean.iter_mut().zip(&other.mean).for_each(|(a, b)| *a += (b - *a) * share);
        self.weight = total;
    }

    fn scale(&mut self, factor: f64) {
        self.weight *= factor;
        self.scatter.scale(factor);
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

    /// Weighted least squares. With S = L Lᵀ the scatter of (y, x) and W = L⁻¹, the last row of W is (−b, 1) / L_xx,
    /// and L_xx² is what is left of the scatter of x.
    fn estimate(&self, s: &JointMoments) -> Result<Self, Error> {
        if !(s.weight > 0.0) {
            return Err(Error::NoWeight { weight: s.weight });
        }
        let last = s.mean.len() - 1;
        for (column, mean) in s.mean.iter().enumerate() {
            // A variance that the rounding of the data themselves explains is none.
            let variance = s.scatter[column * (last + 2)] / s.weight;
            if !(variance > (f64::EPSILON * mean).powi(2)) {
                return Err(Error::Singular { column, pivot: variance });
            }
        }
        let factored = Cholesky::new(&s.scatter)?;
        let row = &factored.whitening()[last * (last + 1)..];
        let slopes: Vec<f64> = row[..last].iter().map(|w| -w / row[last]).collect();
        let intercept = s.mean[last] - slopes.iter().zip(&s.mean).map(|(b, y)| b * y).sum::<f64>();
        let standard_deviation = 1.0 / (row[last] * s.weight.sqrt());
        Self::new(intercept, &slopes, standard_deviation)
    }

    fn expected_log_density(&self, s: &JointMoments) -> f64 {
        let d = s.mean.len();
        let c = |i: usize| if i + 1 < d { -self.linear.slopes[i] } else { 1.0 };
        let mut about_line = s.weight * (s.mean[d - 1] - self.linear.at(&s.mean[..d - 1])).powi(2);
        for i in 0..d {
            for j in 0..=i {
                let twice = if i == j { 1.0 } else { 2.0 };
                about_line += twice * c(i) * c(j) * s.scatter[i * d + j];
            }
        }
        let variance = self.standard_deviation.powi(2);
        -0.5 * (s.weight * LN_2_PI + about_line / variance) - s.weight * self.standard_deviation.ln()
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
