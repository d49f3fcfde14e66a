//! Multinomial: p(k₁ … k_J) = n! Π_j p_jᵏʲ / k_j!, Σ_j k_j = n.

use rand::{Rng, RngExt};
use statrs::function::factorial::ln_factorial;

use crate::data::Rows;
use crate::error::Error;

use super::dirichlet::covariance_of_shares;
use super::simplex::check_simplex;
use crate::distributions::estimate::OUTSIDE;
use crate::distributions::families::categorical::{from_log_ratios, log_ratios, normalised};
use crate::distributions::families::poisson::saturated;
use crate::distributions::special::deviance::deviance;
use crate::distributions::{
    CountMoments, Distribution, Estimate, ExponentialFamily, Parametric, natural_log_densities,
};

/// How often each of J outcomes comes up in n trials; n is fixed, the p_j are estimated.
#[derive(Clone, Debug, PartialEq)]
pub struct Multinomial {
    trials: u64,
    probabilities: Vec<f64>,
}

impl Multinomial {
    /// # Errors
    /// [`Error::Dimension`] if there is no outcome, [`Error::Parameter`] unless each p_j ∈ [0, 1],
    /// [`Error::NotNormalised`] if Σ p_j differs from 1 by more than 1e-9.
    pub fn new(trials: u64, probabilities: Vec<f64>) -> Result<Self, Error> {
        check_simplex(&probabilities, "probability", || "the probabilities".into())?;
        Ok(Self { trials, probabilities })
    }

    /// n.
    pub fn trials(&self) -> u64 {
        self.trials
    }

    /// The p_j.
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// n p_j.
    pub fn mean(&self) -> Vec<f64> {
        self.probabilities.iter().map(|p| self.trials as f64 * p).collect()
    }

    /// n p_j (1 − p_j).
    pub fn variance(&self) -> Vec<f64> {
        self.probabilities.iter().map(|p| self.trials as f64 * p * (1.0 - p)).collect()
    }

    /// n p_i (\[i = j\] − p_j): J × J, row-major.
    pub fn covariance(&self) -> Vec<f64> {
        covariance_of_shares(&self.probabilities).map(|c| self.trials as f64 * c).collect()
    }

    fn on_support(&self, k: &[u64]) -> bool {
        let sum = k.iter().try_fold(0u64, |sum, k| sum.checked_add(*k));
        k.len() == self.probabilities.len() && sum == Some(self.trials)
    }

    /// ln p(k | p = k/n); −∞ off the support.
    fn best(&self, k: &[u64]) -> f64 {
        if !self.on_support(k) {
            return f64::NEG_INFINITY;
        }
        // Of J Poisson counts, given their sum.
        k.iter().map(|k| saturated(*k)).sum::<f64>() - saturated(self.trials)
    }

    /// Σ_j d(k_j, n p_j).
    fn deviance(&self, counts: impl Iterator<Item = f64>) -> f64 {
        counts.zip(&self.probabilities).map(|(k, p)| deviance(k, self.trials as f64 * p)).sum()
    }
}

impl Distribution for Multinomial {
    type Value = [u64];

    fn log_density(&self, k: &[u64]) -> f64 {
        if !self.on_support(k) {
            return f64::NEG_INFINITY;
        }
        self.best(k) - self.deviance(k.iter().map(|k| *k as f64))
    }

    fn row_length(&self) -> Option<usize> {
        Some(self.probabilities.len())
    }

    fn sample(&self, rng: &mut dyn Rng) -> Vec<u64> {
        // k_j given k_1 … k_(j−1) is binomial.
        let (mut left, mut rest) = (self.trials, 1.0);
        let last = self.probabilities.iter().rposition(|&p| p > 0.0);
        let draw = |(j, p): (usize, &f64)| {
            let share = if Some(j) == last { 1.0 } else { (p / rest).clamp(0.0, 1.0) };
            let k = rng.sample(rand_distr::Binomial::new(left, share).expect("the share is in [0, 1]"));
            left -= k;
            rest -= p;
            k
        };
        self.probabilities.iter().enumerate().map(draw).collect()
    }
}

crate::sample_with_rand!(Multinomial => Vec<u64>);

/// From means and Jensen gaps of each outcome, and Σ w ln p(k | p = k/n): large counts do not cost digits.
impl Estimate for Multinomial {
    type Statistics = (Vec<CountMoments>, f64);

    fn statistics(&self) -> Self::Statistics {
        (vec![CountMoments::default(); self.probabilities.len()], 0.0)
    }

    fn observe(&self, (counts, best): &mut Self::Statistics, k: &[u64], weight: f64) {
        for (moments, k) in counts.iter_mut().zip(k) {
            moments.add(*k as f64, weight);
        }
        *best += weight * self.best(k);
    }

    fn log_densities_each(components: &[&Self], block: Rows<'_, u64>, tile: &mut [f64]) {
        natural_log_densities(components, block, tile);
    }

    fn estimate(&self, (counts, best): &Self::Statistics) -> Result<Self, Error> {
        if !(*best > f64::NEG_INFINITY) {
            return Err(Error::NoEstimate { family: "Multinomial", reason: OUTSIDE });
        }
        if !(counts[0].weight > 0.0) {
            return Err(Error::NoWeight { weight: counts[0].weight });
        }
        if self.trials == 0 {
            return Err(Error::NoEstimate { family: "Multinomial", reason: "no trial tells nothing of p" });
        }
        Self::new(self.trials, normalised(&counts.iter().map(|c| c.mean).collect::<Vec<_>>()))
    }

    fn expected_log_density(&self, (counts, best): &Self::Statistics) -> f64 {
        if !(counts[0].weight > 0.0) {
            return *best;
        }
        let gaps: f64 = counts.iter().map(|c| c.gap).sum();
        best - gaps - counts[0].weight * self.deviance(counts.iter().map(|c| c.mean))
    }

    fn same_statistics(&self, other: &Self) -> bool {
        self.trials == other.trials && self.probabilities.len() == other.probabilities.len()
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(self.free_dimension())
    }
}

/// η_j = ln p_j, T_j = k_j, A = n ln Σ e^η_j = 0, h = n! / Π k_j!: one parameter more than needed, and no ∞ − ∞ where
/// a p_j is 0.
impl ExponentialFamily for Multinomial {
    fn natural_parameters(&self) -> Vec<f64> {
        self.probabilities.iter().map(|p| p.ln()).collect()
    }

    fn log_partition(&self) -> f64 {
        0.0
    }

    fn log_base_measure(&self, k: &[u64]) -> f64 {
        if !self.on_support(k) {
            return f64::NEG_INFINITY;
        }
        ln_factorial(self.trials) - k.iter().map(|k| ln_factorial(*k)).sum::<f64>()
    }

    fn add_statistics(&self, k: &[u64], weight: f64, sum: &mut [f64]) {
        for (sum, k) in sum.iter_mut().zip(k) {
            *sum += weight * *k as f64;
        }
    }

    fn from_mean(&self, mean: &[f64]) -> Result<Self, Error> {
        Self::new(self.trials, normalised(mean))
    }

    fn free_dimension(&self) -> usize {
        self.probabilities.len() - 1
    }

    fn shares_statistics(&self, other: &Self) -> bool {
        self.trials == other.trials
    }
}

/// ln(p_j / p_J), j < J; infinite where a p_j is 0.
impl Parametric for Multinomial {
    fn to_vector(&self) -> Vec<f64> {
        log_ratios(&self.natural_parameters())
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Self::new(self.trials, from_log_ratios(coordinates)?)
    }
}

impl std::fmt::Display for Multinomial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Multinomial(trials {}, probabilities {:?})", self.trials, self.probabilities)
    }
}
