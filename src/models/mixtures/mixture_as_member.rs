//! A mixture as a distribution that is estimated, and so a component or an emission itself.

use crate::components::SampleGiven;
use crate::data::{Dataset, Observation};
use crate::distributions::{Estimate, Guarantee};
use crate::em::Em;
use crate::error::Error;
use crate::numeric::{log_sum_exp, softmax_tile};

use super::mixture::{Mixture, MixtureStatistics};

/// The statistics are those of complete data (x, k), k under its posterior at `self`, and Σ w H(k | x) beside them: with
/// q that posterior, [`expected_log_density`](Estimate::expected_log_density) is the free energy
/// Σ w (E_q[ln p(x, k | θ)] + H(q)) ≤ Σ w ln p(x | θ), with equality at θ = `self`. So one step of EM, which is what
/// [`estimate`](Estimate::estimate) makes, never lets Σ w ln p fall. [`fit`](Estimate::fit) makes them all, from this
/// mixture.
impl<C: SampleGiven> Estimate for Mixture<C> {
    type Statistics = (MixtureStatistics<C::Statistics>, f64);

    fn statistics(&self) -> Self::Statistics {
        (self.empty(), 0.0)
    }

    fn observe(&self, (s, entropy): &mut Self::Statistics, x: &C::Value, weight: f64) {
        let mut shares = self.log_products(x);
        let log_density = log_sum_exp(&shares);
        shares.iter_mut().for_each(|l| *l = (*l - log_density).exp());
        self.share_impossible(log_density, |k, p| shares[k] = p);
        for (k, share) in shares.into_iter().enumerate().filter(|(_, share)| *share > 0.0) {
            s.weights[k] += weight * share;
            *entropy -= weight * share * share.ln();
            self.components().observe_given(&mut s.components, x, k, weight * share);
        }
    }

    fn observe_block(
        &self,
        (s, entropy): &mut Self::Statistics,
        block: <C::Value as Observation>::Block<'_>,
        weights: &[f64],
    ) {
        let rows = weights.len();
        let (mut tile, mut log_densities) = (vec![0.0; self.proportions().len() * rows], vec![0.0; rows]);
        self.joint_tile(block, &mut tile);
        softmax_tile(&mut tile, &mut log_densities);
        for (n, log_density) in log_densities.iter().enumerate() {
            self.share_impossible(*log_density, |k, p| tile[k * rows + n] = p);
        }
        for row in tile.chunks_exact_mut(rows.max(1)) {
            for (share, weight) in row.iter_mut().zip(weights).filter(|(share, _)| **share > 0.0) {
                *entropy -= weight * *share * share.ln();
                *share *= weight;
            }
        }
        s.add_weights(&tile);
        self.components().observe_tile(&mut s.components, block, &tile);
    }

    fn estimate(&self, (s, _): &Self::Statistics) -> Result<Self, Error> {
        self.estimated(&self.of_proportions, s)
    }

    fn expected_log_density(&self, (s, entropy): &Self::Statistics) -> f64 {
        self.complete(s) + entropy
    }

    fn same_statistics(&self, other: &Self) -> bool {
        self.of_proportions == other.of_proportions && self.components().check_start(other.components()).is_ok()
    }

    fn draws_in(&self, x: &C::Value) -> usize {
        self.components().draws_of(x)
    }

    fn log_prior(&self) -> Option<f64> {
        self.log_prior_at(self)
    }

    fn resolution(&self) -> f64 {
        crate::latent::FiniteLatent::resolution(self, self)
    }

    fn guarantee(&self) -> Guarantee {
        Guarantee::Generalised.min(self.components().joint_guarantee())
    }

    fn free_parameters(&self) -> Option<usize> {
        Mixture::free_parameters(self)
    }

    fn fit<T: Dataset<C::Value> + ?Sized>(&self, data: &T) -> Result<Self, Error> {
        Ok(Em::default().fit_from(self, data, self.clone())?.parameters)
    }
}

impl<C: SampleGiven> Mixture<C> {
    /// An observation of density 0, or of none, has no posterior: the components shall refuse it, and see it in the
    /// proportions of the mixture.
    fn share_impossible(&self, log_density: f64, mut share: impl FnMut(usize, f64)) {
        if !log_density.is_finite() {
            self.proportions().iter().enumerate().for_each(|(k, p)| share(k, *p));
        }
    }
}
