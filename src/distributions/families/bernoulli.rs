//! Bernoulli: p(true) = p, p(false) = 1 − p.

use rand::{Rng, RngExt};

use crate::error::Error;

use crate::distributions::special::chance::Chance;
use crate::distributions::{Distribution, Expectations, ExponentialFamily, Parametric};

/// The Bernoulli distribution with probability p ∈ [0, 1] of `true`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bernoulli {
    chance: Chance,
}

impl Bernoulli {
    /// # Errors
    /// [`Error::Parameter`] unless p ∈ [0, 1].
    pub fn new(probability: f64) -> Result<Self, Error> {
        Ok(Self { chance: Chance::new(probability)? })
    }

    /// p and 1 − p, each to its own last bit.
    pub(crate) fn of_chances(probability: f64, complement: f64) -> Result<Self, Error> {
        Ok(Self { chance: Chance::of_both(probability, complement)? })
    }

    pub(crate) fn chances(&self) -> [f64; 2] {
        [self.chance.p, self.chance.q]
    }

    /// p.
    pub fn probability(&self) -> f64 {
        self.chance.p
    }

    /// E\[x\] with `true` = 1: p.
    pub fn mean(&self) -> f64 {
        self.chance.p
    }

    /// p (1 − p).
    pub fn variance(&self) -> f64 {
        self.chance.p * self.chance.q
    }

    /// −E[ln p(x)], in nats.
    pub fn entropy(&self) -> f64 {
        self.chance.entropy()
    }
}

impl Distribution for Bernoulli {
    type Value = bool;

    fn log_density(&self, x: &bool) -> f64 {
        if *x { self.chance.ln_p() } else { self.chance.ln_q() }
    }

    fn density(&self, x: &bool) -> f64 {
        if *x { self.chance.p } else { self.chance.q }
    }

    fn sample(&self, rng: &mut dyn Rng) -> bool {
        rng.random::<f64>() < self.chance.p
    }

    fn log_densities(&self, block: &[bool], out: &mut [f64]) {
        let (ln_p, ln_q) = (self.chance.ln_p(), self.chance.ln_q());
        out.iter_mut().zip(block).for_each(|(out, x)| *out = if *x { ln_p } else { ln_q });
    }

    fn states(&self) -> Option<usize> {
        Some(2)
    }
}

crate::sample_with_rand!(Bernoulli => bool);

/// η = (ln(1 − p), ln p), T = (1 − x, x), A = ln(e^η₁ + e^η₂) = 0: one parameter more than needed, and no ∞ − ∞ at
/// p = 0 and p = 1.
impl ExponentialFamily for Bernoulli {
    fn natural_parameters(&self) -> Vec<f64> {
        vec![self.chance.ln_q(), self.chance.ln_p()]
    }

    fn log_partition(&self) -> f64 {
        0.0
    }

    fn log_base_measure(&self, _: &bool) -> f64 {
        0.0
    }

    fn add_statistics(&self, x: &bool, weight: f64, sum: &mut [f64]) {
        sum[usize::from(*x)] += weight;
    }

    fn from_mean(&self, mean: &[f64]) -> Result<Self, Error> {
        Ok(Self { chance: Chance::of_counts(mean[1], mean[0])? })
    }

    fn free_dimension(&self) -> usize {
        1
    }
}

crate::estimate_from_expectations!(Bernoulli {
    fn observe_block(&self, s: &mut Expectations, block: &[bool], weights: &[f64]) {
        // Eight sums each, so that no addition waits for the one before it.
        let (mut falses, mut trues) = ([0.0; 8], [0.0; 8]);
        for (rows, weights) in block.chunks(8).zip(weights.chunks(8)) {
            for (lane, (x, weight)) in rows.iter().zip(weights).enumerate() {
                falses[lane] += if *x { 0.0 } else { *weight };
                trues[lane] += if *x { *weight } else { 0.0 };
            }
        }
        let sums = [falses.iter().sum::<f64>(), trues.iter().sum::<f64>()];
        s.weight += sums[0] + sums[1];
        s.sum.iter_mut().zip(sums).for_each(|(sum, of_block)| *sum += of_block);
    }
});

/// ln(p / (1 − p)); infinite at p = 0 and p = 1.
impl Parametric for Bernoulli {
    fn to_vector(&self) -> Vec<f64> {
        vec![self.chance.logit()]
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Ok(Self { chance: Chance::of_logit(coordinates[0])? })
    }
}

impl std::fmt::Display for Bernoulli {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bernoulli(probability {})", self.chance.p)
    }
}
