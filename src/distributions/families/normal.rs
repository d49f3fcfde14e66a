//! Normal: p(x) = exp(−(x − μ)² / 2σ²) / (σ √2π).

use std::f64::consts::SQRT_2;

use rand::{Rng, RngExt};
use statrs::function::erf::erfc_inv;

use crate::data::Statistics;
use crate::error::Error;
use crate::numeric::functions::standardised::of_squares;
use crate::numeric::{LEAST_VARIANCE, LN_2_PI, pooled_mean, weighted_mean, weighted_scatter};

use crate::distributions::estimate::OUTSIDE;
use crate::distributions::special::standardised::{destandardised, mend, standardised};
use crate::distributions::special::{normal_tail, quantile};
use crate::distributions::sums::jensen::add_row_by_row;
use crate::distributions::{Cumulative, Distribution, Estimate, ExponentialFamily, ImaginedSpread, Parametric};

/// The normal distribution with mean μ ∈ ℝ and standard deviation σ > 0.
#[derive(Clone, Copy, PartialEq)]
pub struct Normal {
    mean: f64,
    standard_deviation: f64,
    /// Whether an estimate keeps μ, and σ.
    pub(crate) held: [bool; 2],
}

impl Normal {
    /// # Errors
    /// [`Error::Parameter`] unless μ is finite and σ ∈ (0, ∞).
    pub fn new(mean: f64, standard_deviation: f64) -> Result<Self, Error> {
        Error::check(mean.is_finite(), "mean", mean, "(−∞, ∞)")?;
        let positive = standard_deviation > 0.0 && standard_deviation.is_finite();
        Error::check(positive, "standard deviation", standard_deviation, "(0, ∞)")?;
        Ok(Self { mean, standard_deviation, held: [false; 2] })
    }

    /// The same, its mean known: an estimate keeps μ, and σ is the root of the mean square about it.
    /// ```
    /// use marginal::distributions::{Estimate, Normal};
    /// let noise = Normal::new(0.0, 1.0)?.hold_mean();
    /// assert_eq!(noise.fit(&[3.0, 1.0, 1.0, 1.0])?.standard_deviation(), 3.0f64.sqrt());
    /// assert_eq!(noise.free_parameters(), Some(1));
    /// # Ok::<(), marginal::Error>(())
    /// ```
    #[must_use]
    pub fn hold_mean(self) -> Self {
        Self { held: [true, self.held[1]], ..self }
    }

    /// The same, its standard deviation known: an estimate keeps σ. Of both, [`Fixed`](crate::distributions::Fixed) says it shorter.
    #[must_use]
    pub fn hold_standard_deviation(self) -> Self {
        Self { held: [self.held[0], true], ..self }
    }

    /// μ = 0, σ = 1.
    pub fn standard() -> Self {
        Self { mean: 0.0, standard_deviation: 1.0, held: [false; 2] }
    }

    /// μ.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// σ.
    pub fn standard_deviation(&self) -> f64 {
        self.standard_deviation
    }

    /// σ².
    pub fn variance(&self) -> f64 {
        self.standard_deviation.powi(2)
    }

    /// argmax of Σ w ln p(x | μ, σ) + ln prior(μ, σ) over what is not held; without weight μ is that of the prior, or
    /// stays.
    pub(crate) fn maximum(&self, s: &Moments, prior: &ImaginedSpread) -> Result<Self, Error> {
        if !s.mean.is_finite() {
            return Err(Error::NoEstimate { family: "Normal", reason: OUTSIDE });
        }
        let [holds_mean, holds_deviation] = self.held;
        let mean = match (holds_mean, prior.strength > 0.0) {
            (false, true) => pooled_mean((prior.mean, prior.strength), (s.mean, s.weight)),
            (false, false) if s.weight > 0.0 => s.mean,
            _ => self.mean,
        };
        let standard_deviation = if holds_deviation {
            self.standard_deviation
        } else {
            let about_mean = s.scatter + s.weight * (s.mean - mean).powi(2);
            let variance = (about_mean + prior.squares_about(mean)) / (s.weight + prior.weight);
            if variance.is_infinite() {
                return Err(Error::NoEstimate { family: "Normal", reason: "its variance overflows: rescale the data" });
            }
            // A variance that the rounding of the data themselves explains is none, nor one that has lost its digits.
            let rounding = if prior.squares > 0.0 { 0.0 } else { (f64::EPSILON * s.mean).powi(2) };
            if !(variance > rounding && variance >= LEAST_VARIANCE) {
                return Err(Error::Singular { column: 0, pivot: variance });
            }
            variance.sqrt()
        };
        Ok(Self { held: self.held, ..Self::new(mean, standard_deviation)? })
    }

    /// −E[ln p(x)], in nats.
    pub fn entropy(&self) -> f64 {
        0.5 * (LN_2_PI + 1.0) + self.standard_deviation.ln()
    }
}

impl Distribution for Normal {
    type Value = f64;

    fn log_density(&self, x: &f64) -> f64 {
        let z = standardised(*x, self.mean + 0.0, self.standard_deviation);
        // NaN is off the support.
        if z.is_nan() {
            return f64::NEG_INFINITY;
        }
        -0.5 * (LN_2_PI + z * z) - self.standard_deviation.ln()
    }

    fn sample(&self, rng: &mut dyn Rng) -> f64 {
        let z: f64 = rng.sample(rand_distr::StandardNormal);
        destandardised(z, self.mean, self.standard_deviation)
    }

    fn log_densities(&self, block: &[f64], out: &mut [f64]) {
        let constant = -0.5 * LN_2_PI - self.standard_deviation.ln();
        of_squares(block, (self.mean, self.standard_deviation), constant, out);
        mend(self, block, out);
    }

    fn as_normal(&self) -> Option<(f64, f64)> {
        Some((self.mean, self.standard_deviation))
    }
}

crate::sample_with_rand!(Normal => f64);

impl Cumulative for Normal {
    /// With a relative error of some ε.
    fn cdf(&self, x: &f64) -> f64 {
        let z = standardised(*x, self.mean, self.standard_deviation);
        let beyond = normal_tail::upper(z.abs());
        if z < 0.0 { beyond } else { 1.0 - beyond }
    }

    /// −∞ at p = 0, ∞ at p = 1.
    fn quantile(&self, p: f64) -> Result<f64, Error> {
        quantile::check(p)?;
        Ok(self.mean - self.standard_deviation * (SQRT_2 * erfc_inv(2.0 * p)))
    }
}

/// Weight, mean and Σ w (x − mean)²: shifting the data by any amount does not cost a digit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// Σ w.
    pub weight: f64,
    /// Σ w x / Σ w.
    pub mean: f64,
    /// Σ w (x − mean)².
    pub scatter: f64,
}

impl Moments {
    /// Adds one observation.
    pub fn add(&mut self, x: f64, weight: f64) {
        self.merge(&Self { weight, mean: x, scatter: 0.0 });
    }

    /// Adds a block, in two passes: the scatter is that about its own mean.
    pub fn add_block(&mut self, values: &[f64], weights: &[f64]) {
        let (weight, mean) = weighted_mean(values, weights);
        if mean.is_finite() {
            self.merge(&Self { weight, mean, scatter: weighted_scatter(values, weights, mean) });
        } else {
            add_row_by_row(values, weights, |x, w| self.add(x, w));
        }
    }
}

impl Statistics for Moments {
    /// The pairwise formula of Chan, Golub & LeVeque (1983): symmetric, and safe when a heavy part follows a light one.
    fn merge(&mut self, other: &Self) {
        let weight = self.weight + other.weight;
        if weight == 0.0 || self.weight == 0.0 {
            *self = if other.weight == 0.0 { *self } else { *other };
            return;
        }
        let delta = other.mean - self.mean;
        self.scatter += other.scatter + delta * delta * (self.weight * (other.weight / weight));
        self.mean = pooled_mean((self.mean, self.weight), (other.mean, other.weight));
        self.weight = weight;
    }

    fn scale(&mut self, factor: f64) {
        self.weight *= factor;
        self.scatter *= factor;
    }
}

impl Estimate for Normal {
    type Statistics = Moments;

    fn statistics(&self) -> Moments {
        Moments::default()
    }

    fn observe(&self, s: &mut Moments, x: &f64, weight: f64) {
        s.add(*x, weight);
    }

    /// That of a multivariate normal in one dimension.
    fn resolution(&self) -> f64 {
        1.0 + 4.5 * f64::EPSILON * (1.0 + (self.mean / self.standard_deviation).powi(2))
    }

    fn observe_block(&self, s: &mut Moments, block: &[f64], weights: &[f64]) {
        s.add_block(block, weights);
    }

    fn estimate(&self, s: &Moments) -> Result<Self, Error> {
        if s.weight > 0.0 {
            self.maximum(s, &ImaginedSpread::default())
        } else {
            Err(Error::NoWeight { weight: s.weight })
        }
    }

    fn expected_log_density(&self, s: &Moments) -> f64 {
        let about_mean = s.scatter + s.weight * (s.mean - self.mean).powi(2);
        -0.5 * (s.weight * LN_2_PI + about_mean / self.variance()) - s.weight * self.standard_deviation.ln()
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(self.held.iter().filter(|held| !**held).count())
    }
}

/// η = (μ/σ², −1/2σ²), T = (x, x²), A = μ²/2σ² + ln σ + ½ ln 2π.
impl ExponentialFamily for Normal {
    fn natural_parameters(&self) -> Vec<f64> {
        vec![self.mean / self.variance(), -0.5 / self.variance()]
    }

    fn log_partition(&self) -> f64 {
        0.5 * (self.mean.powi(2) / self.variance() + LN_2_PI) + self.standard_deviation.ln()
    }

    fn log_base_measure(&self, _: &f64) -> f64 {
        0.0
    }

    fn add_statistics(&self, x: &f64, weight: f64, sum: &mut [f64]) {
        sum[0] += weight * x;
        sum[1] += weight * x * x;
    }

    fn from_mean(&self, mean: &[f64]) -> Result<Self, Error> {
        let s = Moments { weight: 1.0, mean: mean[0], scatter: mean[1] - mean[0].powi(2) };
        Self { held: [false; 2], ..*self }.estimate(&s)
    }
}

/// (μ, ln σ), those of them that are not held.
impl Parametric for Normal {
    fn to_vector(&self) -> Vec<f64> {
        let all = [self.mean, self.standard_deviation.ln()].into_iter().zip(self.held);
        all.filter(|(_, held)| !held).map(|(coordinate, _)| coordinate).collect()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        let mut free = coordinates.iter().copied();
        let mut next = |held: bool| if held { None } else { free.next() };
        let (mean, logarithm) = (next(self.held[0]), next(self.held[1]));
        let standard_deviation = logarithm.map_or(self.standard_deviation, f64::exp);
        Ok(Self { held: self.held, ..Self::new(mean.unwrap_or(self.mean), standard_deviation)? })
    }
}

impl std::fmt::Display for Normal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [mean, deviation] = self.held.map(|held| if held { " (held)" } else { "" });
        write!(f, "Normal(mean {}{mean}, standard deviation {}{deviation})", self.mean, self.standard_deviation)
    }
}

impl std::fmt::Debug for Normal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut fields = f.debug_struct("Normal");
        fields.field("mean", &self.mean).field("standard_deviation", &self.standard_deviation);
        if self.held == [false; 2] { fields.finish() } else { fields.field("held", &self.held).finish() }
    }
}
