//! Poisson: p(k) = λᵏ e^(−λ) / k!, k ∈ {0, 1, 2, …}.

use std::sync::LazyLock;

use rand::{Rng, RngExt};
use statrs::function::factorial::ln_factorial;

use crate::error::Error;
use crate::numeric::LN_2_PI;

use crate::distributions::estimate::{OUTSIDE, each_member};
use crate::distributions::special::deviance::{deviance, stirling_error};
use crate::distributions::special::{count_entropy, incomplete_gamma, quantile};
use crate::distributions::sums::count_block::{CountBlock, of_each};
use crate::distributions::{CountMoments, Cumulative, Distribution, Estimate, ExponentialFamily, Parametric};

/// The Poisson distribution with mean λ ∈ [0, 1.844e19\]; at λ = 0, the estimate from zeros alone, p(0) = 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Poisson {
    rate: f64,
}

impl Poisson {
    /// # Errors
    /// [`Error::Parameter`] unless λ ∈ [0, 1.844e19\]: beyond, draws would not fit into 64 bits.
    pub fn new(rate: f64) -> Result<Self, Error> {
        let drawable = rand_distr::Poisson::<f64>::MAX_LAMBDA;
        Error::check((0.0..=drawable).contains(&rate), "rate", rate, "[0, 1.844e19]")?;
        Ok(Self { rate })
    }

    /// λ.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// λ.
    pub fn mean(&self) -> f64 {
        self.rate
    }

    /// λ.
    pub fn variance(&self) -> f64 {
        self.rate
    }

    /// −E[ln p(k)], in nats.
    pub fn entropy(&self) -> f64 {
        count_entropy::of_hump(self.rate, self.rate.sqrt(), u64::MAX, |k| self.log_density(&k))
    }
}

/// Counts below are looked up.
const SMALL: u64 = 256;

/// ln p(k | λ = k): what no λ can exceed.
pub(crate) fn saturated(k: u64) -> f64 {
    static OF_SMALL: LazyLock<[f64; SMALL as usize]> = LazyLock::new(|| std::array::from_fn(|k| -least_loss(k as f64)));
    OF_SMALL.get(k as usize).copied().unwrap_or_else(|| -least_loss(k as f64))
}

/// −ln(kᵏ e^(−k) / k!).
fn least_loss(k: f64) -> f64 {
    if k == 0.0 { 0.0 } else { stirling_error(k) + 0.5 * (LN_2_PI + k.ln()) }
}

impl Distribution for Poisson {
    type Value = u64;

    fn log_density(&self, k: &u64) -> f64 {
        saturated(*k) - deviance(*k as f64, self.rate)
    }

    fn log_densities(&self, block: &[u64], out: &mut [f64]) {
        Self::log_densities_each(&[self], block, out);
    }

    fn sample(&self, rng: &mut dyn Rng) -> u64 {
        match rand_distr::Poisson::new(self.rate) {
            Ok(positive) => rng.sample::<f64, _>(positive) as u64,
            // rand_distr refuses λ = 0, the one value that the constructor allows beyond its.
            Err(_) => 0,
        }
    }
}

crate::sample_with_rand!(Poisson => u64);

impl Cumulative for Poisson {
    /// With a relative error below 1e-12.
    fn cdf(&self, k: &u64) -> f64 {
        let a = *k as f64 + 1.0;
        incomplete_gamma::upper(a, self.rate, incomplete_gamma::peak(a))
    }

    /// At p = 1, as the support is not bounded, `u64::MAX` (0 for λ = 0).
    fn quantile(&self, p: f64) -> Result<u64, Error> {
        let largest = if self.rate == 0.0 { 0 } else { u64::MAX };
        quantile::of_counts(p, largest, |k| self.cdf(&k))
    }
}

/// From the mean, the Jensen gap and Σ w ln p(k | λ = k): large counts do not cost digits.
impl Estimate for Poisson {
    type Statistics = (CountMoments, f64);

    fn statistics(&self) -> Self::Statistics {
        (CountMoments::default(), 0.0)
    }

    fn observe(&self, (counts, best): &mut Self::Statistics, k: &u64, weight: f64) {
        counts.add(*k as f64, weight);
        *best += weight * saturated(*k);
    }

    fn observe_block(&self, s: &mut Self::Statistics, block: &[u64], weights: &[f64]) {
        Self::observe_each(&[self], &mut [s], block, weights);
    }

    fn log_densities_each(components: &[&Self], block: &[u64], tile: &mut [f64]) {
        if block.iter().all(|k| *k < SMALL) {
            for (component, row) in components.iter().zip(tile.chunks_exact_mut(block.len().max(1))) {
                row.copy_from_slice(&of_each(block, |k| component.log_density(&k)));
            }
            return;
        }
        let counts = CountBlock::of_counts(block, saturated);
        for (component, row) in components.iter().zip(tile.chunks_exact_mut(block.len().max(1))) {
            counts.poisson_log_densities(component.rate, row);
        }
    }

    fn observe_each(_: &[&Self], statistics: &mut [&mut Self::Statistics], block: &[u64], weights: &[f64]) {
        let of_block = CountBlock::of_counts(block, saturated);
        each_member(statistics, block.len(), weights, |(counts, best), weights| {
            of_block.add_to(std::slice::from_mut(counts), best, weights);
        });
    }

    fn estimate(&self, (counts, _): &Self::Statistics) -> Result<Self, Error> {
        if !(counts.weight > 0.0) {
            return Err(Error::NoWeight { weight: counts.weight });
        }
        Self::new(counts.mean)
    }

    fn expected_log_density(&self, (counts, best): &Self::Statistics) -> f64 {
        if counts.weight == 0.0 {
            return 0.0;
        }
        best - counts.gap - counts.weight * deviance(counts.mean, self.rate)
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(1)
    }
}

/// η = ln λ, T = k, A = λ, h = 1/k!.
impl ExponentialFamily for Poisson {
    fn natural_parameters(&self) -> Vec<f64> {
        vec![self.rate.ln()]
    }

    fn log_partition(&self) -> f64 {
        self.rate
    }

    fn log_base_measure(&self, k: &u64) -> f64 {
        -ln_factorial(*k)
    }

    fn add_statistics(&self, k: &u64, weight: f64, sum: &mut [f64]) {
        sum[0] += weight * *k as f64;
    }

    fn from_mean(&self, mean: &[f64]) -> Result<Self, Error> {
        if mean[0] >= 0.0 { Self::new(mean[0]) } else { Err(Error::NoEstimate { family: "Poisson", reason: OUTSIDE }) }
    }
}

/// ln λ; −∞ at λ = 0.
impl Parametric for Poisson {
    fn to_vector(&self) -> Vec<f64> {
        vec![self.rate.ln()]
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Self::new(coordinates[0].exp())
    }
}

impl std::fmt::Display for Poisson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Poisson(rate {})", self.rate)
    }
}
