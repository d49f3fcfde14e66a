//! Σ_n w_n ln p(x_n | θ), summed so that round-off is known.

use crate::data::Statistics;
use crate::numeric::{Sum, weighted_sum};

/// What an E-step returns: Σ_n w_n ℓ_n with ℓ_n = ln p(x_n | θ) (or the model's own objective), and beside it
/// Σ_n w_n (1 + |ℓ_n|), from which the round-off of the sum follows.
///
/// ```
/// use marginal::latent::Evidence;
/// let mut evidence = Evidence::default();
/// evidence.add(1.0, -2.5);
/// evidence.add(2.0, -1.0);
/// assert_eq!(evidence.value(), -4.5);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence {
    sum: Sum,
    magnitude: f64,
    /// Σ_n w_n (d_n − 1) of observations that are d_n draws.
    further: f64,
}

impl Evidence {
    /// Adds an observation of weight w.
    pub fn add(&mut self, weight: f64, log_density: f64) {
        self.sum.add(weight * log_density);
        self.magnitude += weight * (1.0 + log_density.abs());
    }

    /// Adds an observation of weight w that is so many draws, as a sequence is one at each step; BIC counts them. One in
    /// which everything is missing is no draw.
    pub fn add_draws(&mut self, weight: f64, draws: usize, log_density: f64) {
        self.add(weight, log_density);
        self.count_draws(weight, draws);
    }

    /// Says of an observation that was added that it is so many draws.
    pub(crate) fn count_draws(&mut self, weight: f64, draws: usize) {
        if draws != 1 {
            self.further += weight * (draws as f64 - 1.0);
        }
    }

    /// Adds the observations of a batch, of weight 1 if no weights are given; one of weight 0 is absent.
    pub fn add_rows(&mut self, weights: Option<&[f64]>, log_densities: &[f64]) {
        let (sum, magnitude) = weighted_sum(weights, log_densities);
        self.sum.merge(&sum);
        self.magnitude += magnitude;
    }

    /// Σ w ℓ.
    pub fn value(&self) -> f64 {
        self.sum.value()
    }

    /// Σ_n w_n (d_n − 1) over observations that are d_n draws.
    pub fn further_draws(&self) -> f64 {
        self.further
    }

    /// Σ w (1 + |ℓ|).
    pub fn magnitude(&self) -> f64 {
        self.magnitude
    }
}

impl Statistics for Evidence {
    fn merge(&mut self, other: &Self) {
        self.sum.merge(&other.sum);
        self.magnitude += other.magnitude;
        self.further += other.further;
    }
    fn scale(&mut self, factor: f64) {
        self.sum.scale(factor);
        self.magnitude *= factor;
        self.further *= factor;
    }
}
