//! A point of the simplex, p_k ≥ 0 with Σ p_k = 1, drawn uniformly: exponential draws divided by their sum.

use rand::{Rng, RngExt};

/// A Dirichlet(1, …, 1) draw.
pub(crate) fn uniform_on_simplex(states: usize, rng: &mut dyn Rng) -> Vec<f64> {
    // Positive, so that the sum is.
    let mut p: Vec<f64> = (0..states).map(|_| (-(1.0 - rng.random::<f64>()).ln()).max(f64::MIN_POSITIVE)).collect();
    let sum: f64 = p.iter().sum();
    p.iter_mut().for_each(|p| *p /= sum);
    p
}
