//! A family of a user's own: the inverse Gaussian, p(x) = √(λ/2πx³) exp(−λ (x − μ)² / 2μ²x), x ∈ (0, ∞).

use marginal::Error;
use marginal::distributions::{Distribution, ExponentialFamily};
use marginal::rand::{Rng, RngExt};

/// The time at which a Brownian motion with drift 1/μ first reaches 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InverseGaussian {
    mean: f64,
    shape: f64,
}

impl InverseGaussian {
    pub(crate) fn new(mean: f64, shape: f64) -> Result<Self, Error> {
        match [("mean", mean), ("shape", shape)].into_iter().find(|(_, x)| !(*x > 0.0 && x.is_finite())) {
            Some((name, value)) => Err(Error::Parameter { name, value, domain: "(0, ∞)" }),
            None => Ok(Self { mean, shape }),
        }
    }
}

impl Distribution for InverseGaussian {
    type Value = f64;

    fn log_density(&self, x: &f64) -> f64 {
        if !(*x > 0.0 && x.is_finite()) {
            return f64::NEG_INFINITY;
        }
        let z = (x - self.mean) / self.mean;
        0.5 * (self.shape / std::f64::consts::TAU).ln() - 1.5 * x.ln() - 0.5 * self.shape * z * z / x
    }

    /// Michael, Schucany & Haas (1976).
    fn sample(&self, rng: &mut dyn Rng) -> f64 {
        let normal =
            (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt() * (std::f64::consts::TAU * rng.random::<f64>()).cos();
        let y = self.mean * normal * normal / (2.0 * self.shape);
        // The smaller root of x + μ²/x = 2μ (1 + y), by the larger one.
        let smaller = self.mean / (1.0 + y + (y * (2.0 + y)).sqrt());
        if rng.random::<f64>() * (self.mean + smaller) <= self.mean {
            smaller
        } else {
            self.mean * (self.mean / smaller)
        }
    }
}

/// η = (−λ/2μ², −λ/2), T = (x, 1/x), A = −λ/μ − ½ ln λ, h = 1/√(2πx³).
impl ExponentialFamily for InverseGaussian {
    fn natural_parameters(&self) -> Vec<f64> {
        vec![-0.5 * self.shape / self.mean.powi(2), -0.5 * self.shape]
    }

    fn log_partition(&self) -> f64 {
        -self.shape / self.mean - 0.5 * self.shape.ln()
    }

    fn log_base_measure(&self, x: &f64) -> f64 {
        let on_support = *x > 0.0 && x.is_finite();
        if on_support { -0.5 * std::f64::consts::TAU.ln() - 1.5 * x.ln() } else { f64::NEG_INFINITY }
    }

    fn add_statistics(&self, x: &f64, weight: f64, sum: &mut [f64]) {
        sum[0] += weight * x;
        sum[1] += weight / x;
    }

    fn from_mean(&self, mean: &[f64]) -> Result<Self, Error> {
        // E[x] E[1/x] − 1 = μ/λ, which has lost its digits where it is small.
        let ratio = mean[0] * mean[1] - 1.0;
        if !(ratio > 1e-3) {
            let reason = "all observations are nearly equal, so that the likelihood grows without bound";
            return Err(Error::NoEstimate { family: "InverseGaussian", reason });
        }
        Self::new(mean[0], mean[0] / ratio)
    }
}

marginal::estimate_from_expectations!(InverseGaussian);
