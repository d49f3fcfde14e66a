//! Geometric: p(k) = p (1 − p)ᵏ, k ∈ {0, 1, 2, …}: the failures *before* the first success.

use rand::{Rng, RngExt};

use crate::error::Error;

use crate::distributions::estimate::OUTSIDE;
use crate::distributions::special::chance::{Chance, times};
use crate::distributions::special::quantile;
use crate::distributions::{Cumulative, Distribution, ExponentialFamily, Parametric};

/// The number of failures before the first success of probability p ∈ (0, 1]. (Where the trials are counted, the
/// success included, subtract 1.)
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometric {
    chance: Chance,
}

impl Geometric {
    /// # Errors
    /// [`Error::Parameter`] unless p ∈ (0, 1].
    pub fn new(probability: f64) -> Result<Self, Error> {
        Self::of(Chance::new(probability)?)
    }

    /// p and 1 − p, each to its own last bit.
    pub(crate) fn of_chances(probability: f64, complement: f64) -> Result<Self, Error> {
        Self::of(Chance::of_both(probability, complement)?)
    }

    pub(crate) fn chances(&self) -> [f64; 2] {
        [self.chance.p, self.chance.q]
    }

    fn of(chance: Chance) -> Result<Self, Error> {
        Error::check(chance.p > 0.0, "probability", chance.p, "(0, 1]")?;
        Ok(Self { chance })
    }

    /// p.
    pub fn probability(&self) -> f64 {
        self.chance.p
    }

    /// (1 − p) / p.
    pub fn mean(&self) -> f64 {
        self.chance.q / self.chance.p
    }

    /// (1 − p) / p².
    pub fn variance(&self) -> f64 {
        self.mean() / self.chance.p
    }

    /// −E[ln p(x)], in nats.
    pub fn entropy(&self) -> f64 {
        self.chance.entropy() / self.chance.p
    }
}

impl Distribution for Geometric {
    type Value = u64;

    fn log_density(&self, k: &u64) -> f64 {
        self.chance.ln_p() + times(*k as f64, self.chance.ln_q())
    }

    fn sample(&self, rng: &mut dyn Rng) -> u64 {
        rng.sample(rand_distr::Geometric::new(self.chance.p).expect("the constructor has checked p"))
    }
}

crate::sample_with_rand!(Geometric => u64);

impl Cumulative for Geometric {
    /// 1 − (1 − p)ᵏ⁺¹.
    fn cdf(&self, k: &u64) -> f64 {
        -((*k as f64 + 1.0) * self.chance.ln_q()).exp_m1()
    }

    /// At p = 1, as the support is not bounded, `u64::MAX` (0 for a success that is sure).
    fn quantile(&self, p: f64) -> Result<u64, Error> {
        let largest = if self.chance.q == 0.0 { 0 } else { u64::MAX };
        quantile::of_counts(p, largest, |k| self.cdf(&k))
    }
}

/// η = ln(1 − p), T = k, A = −ln p.
impl ExponentialFamily for Geometric {
    fn natural_parameters(&self) -> Vec<f64> {
        vec![self.chance.ln_q()]
    }

    fn log_partition(&self) -> f64 {
        -self.chance.ln_p()
    }

    fn log_base_measure(&self, _: &u64) -> f64 {
        0.0
    }

    fn add_statistics(&self, k: &u64, weight: f64, sum: &mut [f64]) {
        sum[0] += weight * *k as f64;
    }

    fn from_mean(&self, mean: &[f64]) -> Result<Self, Error> {
        if !(mean[0] >= 0.0) {
            return Err(Error::NoEstimate { family: "Geometric", reason: OUTSIDE });
        }
        Self::of(Chance::of_counts(1.0, mean[0])?)
    }
}

crate::estimate_from_expectations!(Geometric);

/// ln(p / (1 − p)); ∞ at p = 1.
impl Parametric for Geometric {
    fn to_vector(&self) -> Vec<f64> {
        vec![self.chance.logit()]
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Self::of(Chance::of_logit(coordinates[0])?)
    }
}

impl std::fmt::Display for Geometric {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Geometric(probability {})", self.chance.p)
    }
}
