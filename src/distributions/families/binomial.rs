//! Binomial: p(k) = n! / (k! (n−k)!) pᵏ (1 − p)ⁿ⁻ᵏ, k ∈ {0, …, n}.

use rand::{Rng, RngExt};
use statrs::function::factorial::ln_binomial;

use crate::error::Error;
use crate::numeric::widen_counts;

use super::poisson::saturated;
use crate::distributions::estimate::{OUTSIDE, each_member, observe_each_row_by_row};
use crate::distributions::rows::dirichlet::peak;
use crate::distributions::special::chance::Chance;
use crate::distributions::special::deviance::deviance;
use crate::distributions::special::{count_entropy, incomplete_beta, quantile};
use crate::distributions::sums::count_block::{CountBlock, of_each};
use crate::distributions::{
    CountMoments, Cumulative, Distribution, Estimate, ExponentialFamily, Parametric, natural_log_densities,
};

/// The number of successes among n trials of probability p ∈ [0, 1]; n is fixed, p is estimated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Binomial {
    trials: u64,
    chance: Chance,
}

impl Binomial {
    /// # Errors
    /// [`Error::Parameter`] unless p ∈ [0, 1].
    pub fn new(trials: u64, probability: f64) -> Result<Self, Error> {
        Ok(Self { trials, chance: Chance::new(probability)? })
    }

    /// p and 1 − p, each to its own last bit.
    pub(crate) fn of_chances(trials: u64, probability: f64, complement: f64) -> Result<Self, Error> {
        Ok(Self { trials, chance: Chance::of_both(probability, complement)? })
    }

    pub(crate) fn chances(&self) -> [f64; 2] {
        [self.chance.p, self.chance.q]
    }

    /// n.
    pub fn trials(&self) -> u64 {
        self.trials
    }

    /// p.
    pub fn probability(&self) -> f64 {
        self.chance.p
    }

    /// n p.
    pub fn mean(&self) -> f64 {
        self.trials as f64 * self.chance.p
    }

    /// n p (1 − p).
    pub fn variance(&self) -> f64 {
        self.mean() * self.chance.q
    }

    /// −E[ln p(k)], in nats.
    pub fn entropy(&self) -> f64 {
        count_entropy::of_hump(self.mean(), self.variance().sqrt(), self.trials, |k| self.log_density(&k))
    }

    /// ln p(k | p = k/n); −∞ for k > n.
    fn best(&self, k: u64) -> f64 {
        match self.trials.checked_sub(k) {
            // Of two Poisson counts, given their sum.
            Some(failures) => saturated(k) + saturated(failures) - saturated(self.trials),
            None => f64::NEG_INFINITY,
        }
    }

    /// d(k, np) + d(n − k, n(1 − p)).
    fn deviance(&self, successes: f64, failures: f64) -> f64 {
        let n = self.trials as f64;
        deviance(successes, n * self.chance.p) + deviance(failures, n * self.chance.q)
    }
}

impl Distribution for Binomial {
    type Value = u64;

    fn log_density(&self, k: &u64) -> f64 {
        match self.trials.checked_sub(*k) {
            Some(failures) => self.best(*k) - self.deviance(*k as f64, failures as f64),
            None => f64::NEG_INFINITY,
        }
    }

    fn sample(&self, rng: &mut dyn Rng) -> u64 {
        let chance = rand_distr::Binomial::new(self.trials, self.chance.p);
        rng.sample(chance.expect("the constructor has checked p"))
    }
}

crate::sample_with_rand!(Binomial => u64);

impl Cumulative for Binomial {
    /// With a relative error below 1e-12.
    fn cdf(&self, k: &u64) -> f64 {
        if *k >= self.trials || self.chance.p == 0.0 {
            return 1.0;
        }
        let (a, b) = ((self.trials - k) as f64, *k as f64 + 1.0);
        incomplete_beta::lower(a, b, self.chance.q, self.chance.p, peak(&[a, b]))
    }

    /// n at p = 1, and 0 for a success that is impossible.
    fn quantile(&self, p: f64) -> Result<u64, Error> {
        let largest = if self.chance.p == 0.0 { 0 } else { self.trials };
        quantile::of_counts(p, largest, |k| self.cdf(&k))
    }
}

/// From means and Jensen gaps of successes and failures, and Σ w ln p(k | p = k/n): large counts do not cost digits.
impl Estimate for Binomial {
    type Statistics = ([CountMoments; 2], f64);

    fn statistics(&self) -> Self::Statistics {
        ([CountMoments::default(); 2], 0.0)
    }

    fn observe(&self, ([successes, failures], best): &mut Self::Statistics, k: &u64, weight: f64) {
        successes.add(*k as f64, weight);
        failures.add(self.trials.saturating_sub(*k) as f64, weight);
        *best += weight * self.best(*k);
    }

    fn observe_block(&self, s: &mut Self::Statistics, block: &[u64], weights: &[f64]) {
        Self::observe_each(&[self], &mut [s], block, weights);
    }

    fn observe_each(components: &[&Self], statistics: &mut [&mut Self::Statistics], block: &[u64], weights: &[f64]) {
        let Some(first) = components.first() else { return };
        let most = block.iter().max().is_none_or(|k| *k <= first.trials);
        if most && components.iter().all(|c| c.trials == first.trials) {
            let of_block = CountBlock::of_counts(block, |k| first.best(k)).with_failures(first.trials);
            each_member(statistics, block.len(), weights, |(counts, best), w| of_block.add_to(counts, best, w));
        } else {
            observe_each_row_by_row(components, statistics, block, weights);
        }
    }

    fn log_densities_each(components: &[&Self], block: &[u64], tile: &mut [f64]) {
        natural_log_densities(components, block, tile);
    }

    fn estimate(&self, ([successes, failures], best): &Self::Statistics) -> Result<Self, Error> {
        if !(successes.weight > 0.0) {
            return Err(Error::NoWeight { weight: successes.weight });
        }
        if !(*best > f64::NEG_INFINITY) {
            return Err(Error::NoEstimate { family: "Binomial", reason: OUTSIDE });
        }
        if self.trials == 0 {
            return Err(Error::NoEstimate { family: "Binomial", reason: "no trial tells nothing of p" });
        }
        Ok(Self { trials: self.trials, chance: Chance::of_counts(successes.mean, failures.mean)? })
    }

    fn expected_log_density(&self, ([successes, failures], best): &Self::Statistics) -> f64 {
        if successes.weight == 0.0 {
            return 0.0;
        }
        best - successes.gap - failures.gap - successes.weight * self.deviance(successes.mean, failures.mean)
    }

    fn same_statistics(&self, other: &Self) -> bool {
        self.trials == other.trials
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(1)
    }
}

/// η = (ln(1 − p), ln p), T = (n − k, k), A = n ln(e^η₁ + e^η₂) = 0: one parameter more than needed, and no ∞ − ∞ at
/// p = 0 and p = 1.
impl ExponentialFamily for Binomial {
    fn natural_parameters(&self) -> Vec<f64> {
        vec![self.chance.ln_q(), self.chance.ln_p()]
    }

    fn log_partition(&self) -> f64 {
        0.0
    }

    fn log_base_measure(&self, k: &u64) -> f64 {
        if *k <= self.trials { ln_binomial(self.trials, *k) } else { f64::NEG_INFINITY }
    }

    fn add_statistics(&self, k: &u64, weight: f64, sum: &mut [f64]) {
        sum[0] += weight * (self.trials - k) as f64;
        sum[1] += weight * *k as f64;
    }

    fn from_mean(&self, mean: &[f64]) -> Result<Self, Error> {
        Ok(Self { trials: self.trials, chance: Chance::of_counts(mean[1], mean[0])? })
    }

    fn free_dimension(&self) -> usize {
        1
    }

    fn shares_statistics(&self, other: &Self) -> bool {
        self.trials == other.trials
    }

    fn statistics_of_block(&self, block: &[u64], tile: &mut [f64], log_base_measure: &mut [f64]) {
        let (failures, successes) = tile.split_at_mut(block.len());
        widen_counts(block, successes);
        failures.iter_mut().zip(successes).for_each(|(failures, k)| *failures = self.trials as f64 - *k);
        log_base_measure.copy_from_slice(&of_each(block, |k| self.log_base_measure(&k)));
    }
}

/// ln(p / (1 − p)); infinite at p = 0 and p = 1.
impl Parametric for Binomial {
    fn to_vector(&self) -> Vec<f64> {
        vec![self.chance.logit()]
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Ok(Self { trials: self.trials, chance: Chance::of_logit(coordinates[0])? })
    }
}

impl std::fmt::Display for Binomial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Binomial(trials {}, probability {})", self.trials, self.chance.p)
    }
}
