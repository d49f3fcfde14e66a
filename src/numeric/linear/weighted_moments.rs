//! Σ w, the mean and Σ w (x − m)² of a block, in passes of eight rows at a time.
//!
//! The mean is corrected by what is left about it, so that it is right to the last digits wherever the data lie; 3 flops a
//! row and pass, bound by the first-level cache.

use crate::numeric::simd::{multiply_add, vectorised};
use crate::numeric::total;

const LANES: usize = 8;

/// Σ w and Σ w x / Σ w; where w = 0 it does not matter what x is. The mean of no weight is 0.
pub(crate) fn weighted_mean(values: &[f64], weights: &[f64]) -> (f64, f64) {
    let weight = total(weights);
    if weight == 0.0 {
        return (0.0, 0.0);
    }
    let mut mean = 0.0;
    for _ in 0..2 {
        let mut rest = 0.0;
        mean_about(values, weights, mean, weight.recip(), &mut rest);
        mean += rest;
    }
    (weight, mean)
}

/// Σ w (x − m)²; where w = 0 it does not matter what x is.
pub(crate) fn weighted_scatter(values: &[f64], weights: &[f64], mean: f64) -> f64 {
    let mut scatter = 0.0;
    scatter_about(values, weights, mean, &mut scatter);
    scatter
}

vectorised! {
    /// Σ (s w) (x − m): shares of the weight, so that the sum does not overflow where the mean does not.
    fn mean_about(values: &[f64], weights: &[f64], mean: f64, share: f64, sum: &mut f64) = mean_body;
}

vectorised! {
    fn scatter_about(values: &[f64], weights: &[f64], mean: f64, sum: &mut f64) = scatter_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn mean_body<const REGISTER: usize>(values: &[f64], weights: &[f64], mean: f64, share: f64, sum: &mut f64) {
    *sum = summed::<REGISTER>(values, weights, mean, |w, z| (w * share, z));
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn scatter_body<const REGISTER: usize>(values: &[f64], weights: &[f64], mean: f64, sum: &mut f64) {
    *sum = summed::<REGISTER>(values, weights, mean, |w, z| (w * z, z));
}

/// Σ a b of the factors that f makes of w and x − m, where w > 0.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn summed<const REGISTER: usize>(
    values: &[f64],
    weights: &[f64],
    mean: f64,
    f: impl Fn(f64, f64) -> (f64, f64),
) -> f64 {
    let mut sums = [0.0; LANES];
    let add = |sum: &mut f64, x: f64, w: f64| {
        let (a, b) = f(w, if w > 0.0 { x - mean } else { 0.0 });
        *sum = multiply_add::<REGISTER, _>(a, b, *sum);
    };
    let (xs, ws) = (values.chunks_exact(LANES), weights.chunks_exact(LANES));
    let mut rest = 0.0;
    xs.remainder().iter().zip(ws.remainder()).for_each(|(x, w)| add(&mut rest, *x, *w));
    for (x, w) in xs.zip(ws) {
        for l in 0..LANES {
            add(&mut sums[l], x[l], w[l]);
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compilation_agrees_with_the_formulae_also_far_from_zero() {
        for offset in [0.0, 1e8, -1e15] {
            // Eighths about the offset, so that the sums about it are exact.
            let step = if offset == -1e15 { 1.0 } else { 0.125 };
            let values: Vec<f64> = (0..45).map(|n| offset + step * f64::from(n * n % 31)).collect();
            let weights: Vec<f64> = (0..45).map(|n| f64::from(n % 4)).collect();
            let weight: f64 = weights.iter().sum();
            let mean = values.iter().zip(&weights).map(|(x, w)| w * (x - offset)).sum::<f64>() / weight;
            let scatter: f64 = values.iter().zip(&weights).map(|(x, w)| w * (x - offset - mean).powi(2)).sum();
            let (found_weight, found) = weighted_mean(&values, &weights);
            assert!(found_weight == weight && (found - offset - mean).abs() <= f64::EPSILON * offset.abs().max(16.0));
            let mut portable = 0.0;
            scatter_body::<2>(&values, &weights, found, &mut portable);
            let rounded = weight * (found - offset - mean).powi(2);
            for found in [portable, weighted_scatter(&values, &weights, found)] {
                assert!((found - scatter - rounded).abs() <= 1e-13 * scatter, "{found} {scatter}");
            }
        }
    }

    #[test]
    fn what_has_no_weight_may_be_anything() {
        let values: Vec<f64> = (0..19).map(|i| if i % 3 == 0 { f64::NAN } else { 2.0 }).collect();
        let weights: Vec<f64> = (0..19).map(|i| f64::from(u8::from(i % 3 != 0))).collect();
        assert_eq!(weighted_mean(&values, &weights), (12.0, 2.0));
        assert_eq!(weighted_scatter(&values, &weights, 2.0), 0.0);
        assert_eq!(weighted_mean(&[f64::MAX, f64::MAX], &[1.0, 3.0]), (4.0, f64::MAX));
        assert_eq!(weighted_mean(&[1.0], &[0.0]), (0.0, 0.0));
    }
}
