//! Exponential: p(x) = λ e^(−λx), x ∈ [0, ∞).

use rand::{Rng, RngExt};

use crate::error::Error;

use crate::distributions::estimate::OUT_OF_RANGE;
use crate::distributions::special::quantile;
use crate::distributions::{Cumulative, Distribution, ExponentialFamily, Parametric};

/// The exponential distribution with rate λ > 0, one over the mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponential {
    rate: f64,
}

impl Exponential {
    /// # Errors
    /// [`Error::Parameter`] unless λ ∈ (0, ∞).
    pub fn new(rate: f64) -> Result<Self, Error> {
        Error::check(rate > 0.0 && rate.is_finite(), "rate", rate, "(0, ∞)")?;
        Ok(Self { rate })
    }

    /// λ.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// 1/λ.
    pub fn mean(&self) -> f64 {
        self.rate.recip()
    }

    /// 1/λ².
    pub fn variance(&self) -> f64 {
        self.mean().powi(2)
    }

    /// −E[ln p(x)], in nats.
    pub fn entropy(&self) -> f64 {
        1.0 - self.rate.ln()
    }
}

impl Distribution for Exponential {
    type Value = f64;

    fn log_density(&self, x: &f64) -> f64 {
        if *x >= 0.0 { self.rate.ln() - self.rate * x } else { f64::NEG_INFINITY }
    }

    fn sample(&self, rng: &mut dyn Rng) -> f64 {
        let standard: f64 = rng.sample(rand_distr::Exp1);
        (standard / self.rate).min(f64::MAX)
    }
}

crate::sample_with_rand!(Exponential => f64);

impl Cumulative for Exponential {
    fn cdf(&self, x: &f64) -> f64 {
        if *x <= 0.0 { 0.0 } else { -(-self.rate * x).exp_m1() }
    }

    /// 0 at p = 0, ∞ at p = 1.
    fn quantile(&self, p: f64) -> Result<f64, Error> {
        quantile::check(p)?;
        Ok(-(-p).ln_1p() / self.rate)
    }
}

/// η = −λ, T = x, A = −ln λ.
impl ExponentialFamily for Exponential {
    fn natural_parameters(&self) -> Vec<f64> {
        vec![-self.rate]
    }

    fn log_partition(&self) -> f64 {
        -self.rate.ln()
    }

    fn log_base_measure(&self, x: &f64) -> f64 {
        if *x >= 0.0 && x.is_finite() { 0.0 } else { f64::NEG_INFINITY }
    }

    fn add_statistics(&self, x: &f64, weight: f64, sum: &mut [f64]) {
        sum[0] += weight * x;
    }

    fn from_mean(&self, mean: &[f64]) -> Result<Self, Error> {
        if !(mean[0] > 0.0) {
            let reason = "all observations are 0, so that the likelihood grows without bound";
            return Err(Error::NoEstimate { family: "Exponential", reason });
        }
        let rate = mean[0].recip();
        if !(rate > 0.0 && rate.is_finite()) {
            return Err(Error::NoEstimate { family: "Exponential", reason: OUT_OF_RANGE });
        }
        Self::new(rate)
    }
}

crate::estimate_from_expectations!(Exponential);

/// ln λ.
impl Parametric for Exponential {
    fn to_vector(&self) -> Vec<f64> {
        vec![self.rate.ln()]
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Self::new(coordinates[0].exp())
    }
}

impl std::fmt::Display for Exponential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Exponential(rate {})", self.rate)
    }
}
