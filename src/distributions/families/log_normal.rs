//! Log-normal: p(x) = exp(−(ln x − μ)² / 2σ²) / (x σ √2π), x ∈ (0, ∞).

use rand::Rng;

use crate::error::Error;

use super::normal::{Moments, Normal};
use crate::distributions::estimate::OUTSIDE;
use crate::distributions::{Cumulative, Distribution, Estimate, ExponentialFamily, ImaginedSpread, Parametric};

/// The distribution of x whose ln x is normal with mean μ and standard deviation σ > 0. The support is open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogNormal {
    logarithm: Normal,
}

impl LogNormal {
    /// μ and σ are those of ln x.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless μ is finite and σ ∈ (0, ∞), and some number has a positive density: ln x of the
    /// normal numbers reaches from −708 to 709.
    pub fn new(mean_of_log: f64, deviation_of_log: f64) -> Result<Self, Error> {
        let d = Self { logarithm: Normal::new(mean_of_log, deviation_of_log)? };
        let nearest = mean_of_log.exp().clamp(f64::MIN_POSITIVE, f64::MAX);
        let reached = d.log_density(&nearest).is_finite();
        Error::check(reached, "mean of log", mean_of_log, "[−708 − 1e154 σ, 709 + 1e154 σ]")?;
        Ok(d)
    }

    /// The distribution of ln x.
    pub fn logarithm(&self) -> &Normal {
        &self.logarithm
    }

    /// argmax of Σ w ln p(x | μ, σ) + ln prior(μ, σ).
    pub(crate) fn maximum(&self, s: &Moments, prior: &ImaginedSpread) -> Result<Self, Error> {
        if s.weight > 0.0 && !(s.mean.is_finite() && s.scatter.is_finite()) {
            return Err(Error::NoEstimate { family: "LogNormal", reason: OUTSIDE });
        }
        Ok(Self { logarithm: self.logarithm.maximum(s, prior)? })
    }

    /// exp(μ + σ²/2).
    pub fn mean(&self) -> f64 {
        (self.logarithm.mean() + 0.5 * self.logarithm.variance()).exp()
    }

    /// (e^σ² − 1) exp(2μ + σ²).
    pub fn variance(&self) -> f64 {
        self.logarithm.variance().exp_m1() * self.mean().powi(2)
    }

    /// −E[ln p(x)], in nats.
    pub fn entropy(&self) -> f64 {
        self.logarithm.entropy() + self.logarithm.mean()
    }
}

/// ln x of each, to the bit as a row has it, since a small σ magnifies its last bit; no finite number off the support.
fn logs_of(block: &[f64]) -> Vec<f64> {
    block.iter().map(|x| x.ln()).collect()
}

impl Distribution for LogNormal {
    type Value = f64;

    fn log_density(&self, x: &f64) -> f64 {
        if *x > 0.0 { self.logarithm.log_density(&x.ln()) - x.ln() } else { f64::NEG_INFINITY }
    }

    /// Kept within the normal numbers, so that a draw lies on the support.
    fn sample(&self, rng: &mut dyn Rng) -> f64 {
        self.logarithm.sample(rng).exp().clamp(f64::MIN_POSITIVE, f64::MAX)
    }
}

crate::sample_with_rand!(LogNormal => f64);

impl Cumulative for LogNormal {
    fn cdf(&self, x: &f64) -> f64 {
        if *x <= 0.0 { 0.0 } else { self.logarithm.cdf(&x.ln()) }
    }

    /// 0 at p = 0, ∞ at p = 1.
    fn quantile(&self, p: f64) -> Result<f64, Error> {
        Ok(self.logarithm.quantile(p)?.exp())
    }
}

/// From the moments of ln x.
impl Estimate for LogNormal {
    type Statistics = Moments;

    fn statistics(&self) -> Moments {
        Moments::default()
    }

    fn observe(&self, s: &mut Moments, x: &f64, weight: f64) {
        s.add(x.ln(), weight);
    }

    /// As [`Normal`] does with the logarithms of the block.
    fn log_densities_each(components: &[&Self], block: &[f64], tile: &mut [f64]) {
        let logs = logs_of(block);
        for (component, out) in components.iter().zip(tile.chunks_exact_mut(block.len().max(1))) {
            component.logarithm.log_densities(&logs, out);
            out.iter_mut().zip(&logs).for_each(|(l, log)| *l -= if log.is_finite() { *log } else { 0.0 });
        }
    }

    fn estimate(&self, s: &Moments) -> Result<Self, Error> {
        if s.weight > 0.0 && !(s.mean.is_finite() && s.scatter.is_finite()) {
            return Err(Error::NoEstimate { family: "LogNormal", reason: OUTSIDE });
        }
        Ok(Self { logarithm: self.logarithm.estimate(s)? })
    }

    fn expected_log_density(&self, s: &Moments) -> f64 {
        if s.mean.is_finite() && s.scatter.is_finite() {
            self.logarithm.expected_log_density(s) - s.weight * s.mean
        } else {
            f64::NEG_INFINITY
        }
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(2)
    }
}

/// η and A as of [`Normal`], T = (ln x, ln² x), h = 1/x.
impl ExponentialFamily for LogNormal {
    fn natural_parameters(&self) -> Vec<f64> {
        self.logarithm.natural_parameters()
    }

    fn log_partition(&self) -> f64 {
        self.logarithm.log_partition()
    }

    fn log_base_measure(&self, x: &f64) -> f64 {
        if *x > 0.0 && x.is_finite() { -x.ln() } else { f64::NEG_INFINITY }
    }

    fn add_statistics(&self, x: &f64, weight: f64, sum: &mut [f64]) {
        self.logarithm.add_statistics(&x.ln(), weight, sum);
    }

    fn from_mean(&self, mean: &[f64]) -> Result<Self, Error> {
        Ok(Self { logarithm: self.logarithm.from_mean(mean)? })
    }
}

/// (μ, ln σ).
impl Parametric for LogNormal {
    fn to_vector(&self) -> Vec<f64> {
        self.logarithm.to_vector()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Ok(Self { logarithm: self.logarithm.from_vector(coordinates)? })
    }
}

impl std::fmt::Display for LogNormal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (mean, deviation) = (self.logarithm.mean() + 0.0, self.logarithm.standard_deviation());
        write!(f, "LogNormal(mean of log {mean}, standard deviation of log {deviation})")
    }
}
