//! Points of the simplex, p_k ≥ 0 with Σ p_k = 1: told from other numbers, one drawn uniformly, an index drawn from one.

use rand::{Rng, RngExt};

use crate::error::Error;

/// Probabilities, at least one of them, that sum to 1 within 1e-9. One of them is called `name`, all of them `what`.
pub(crate) fn check_simplex(p: &[f64], name: &'static str, what: impl FnOnce() -> String) -> Result<(), Error> {
    if p.is_empty() {
        return Err(Error::Dimension { what: "the probabilities", expected: 1, found: 0 });
    }
    for &p in p {
        Error::check((0.0..=1.0).contains(&p), name, p, "[0, 1]")?;
    }
    let sum: f64 = p.iter().sum();
    if (sum - 1.0).abs() > 1e-9 { Err(Error::NotNormalised { what: what(), sum }) } else { Ok(()) }
}

/// A Dirichlet(1, …, 1) draw: exponential draws divided by their sum.
pub(crate) fn uniform_on_simplex(states: usize, rng: &mut dyn Rng) -> Vec<f64> {
    // Positive, so that the sum is.
    let mut p: Vec<f64> = (0..states).map(|_| (-(1.0 - rng.random::<f64>()).ln()).max(f64::MIN_POSITIVE)).collect();
    let sum: f64 = p.iter().sum();
    p.iter_mut().for_each(|p| *p /= sum);
    p
}

/// An index drawn in proportion to its weight, never one of weight 0 unless all are; where round-off leaves a crumb it
/// falls to the last that can be drawn.
pub(crate) fn draw_index(weights: &[f64], rng: &mut dyn Rng) -> usize {
    let mut left = rng.random::<f64>() * weights.iter().sum::<f64>();
    let mut last = 0;
    for (index, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        last = index;
        left -= weight;
        if left < 0.0 {
            break;
        }
    }
    last
}
