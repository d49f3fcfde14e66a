//! Σ_n w_n x_n, compensated, and Σ_n w_n (1 + |x_n|), sixteen rows at a time.
//!
//! Each lane carries its own rounding error along (Knuth's exact sum of two, six flops without a branch): 11 flops a
//! row, bound by their latency.

use super::Sum;
use super::simd::vectorised;

const LANES: usize = 16;

#[derive(Clone, Copy, Default)]
struct Lanes {
    sums: [f64; LANES],
    lost: [f64; LANES],
    sizes: [f64; LANES],
}

/// Σ w x and Σ w (1 + |x|); all weights are 1 if none are given, and where w = 0 it does not matter what x is.
pub(crate) fn weighted_sum(weights: Option<&[f64]>, values: &[f64]) -> (Sum, f64) {
    let mut lanes = Lanes::default();
    let whole = values.len() - values.len() % LANES;
    match weights {
        Some(weights) => add_weighted(&weights[..whole], &values[..whole], &mut lanes),
        None => add_all(&values[..whole], &mut lanes),
    }
    let (mut sum, mut size) = (Sum::default(), lanes.sizes.iter().sum::<f64>());
    // An infinite term leaves a NaN behind as what was lost; added one by one, the terms tell the truth.
    let finite = lanes.lost.iter().all(|lost| lost.is_finite());
    for (s, lost) in lanes.sums.iter().zip(&lanes.lost).filter(|_| finite) {
        sum.add(*s);
        sum.add(*lost);
    }
    for n in (if finite { whole } else { 0 })..values.len() {
        let weight = weights.map_or(1.0, |w| w[n]);
        if weight > 0.0 {
            sum.add(weight * values[n]);
            size += if n < whole { 0.0 } else { weight * (1.0 + values[n].abs()) };
        }
    }
    (sum, size)
}

vectorised! {
    fn add_weighted(weights: &[f64], values: &[f64], lanes: &mut Lanes) = weighted_body;
}

vectorised! {
    fn add_all(values: &[f64], lanes: &mut Lanes) = unweighted_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn weighted_body<const REGISTER: usize>(weights: &[f64], values: &[f64], lanes: &mut Lanes) {
    let mut of = *lanes;
    for (w, x) in weights.chunks_exact(LANES).zip(values.chunks_exact(LANES)) {
        for (l, (w, x)) in w.iter().zip(x).enumerate() {
            let x = if *w > 0.0 { *x } else { 0.0 };
            add(&mut of, l, w * x, w * (1.0 + x.abs()));
        }
    }
    *lanes = of;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn unweighted_body<const REGISTER: usize>(values: &[f64], lanes: &mut Lanes) {
    let mut of = *lanes;
    for x in values.chunks_exact(LANES) {
        for (l, x) in x.iter().enumerate() {
            add(&mut of, l, *x, 1.0 + x.abs());
        }
    }
    *lanes = of;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn add(lanes: &mut Lanes, l: usize, term: f64, size: f64) {
    let before = lanes.sums[l];
    let after = before + term;
    let added = after - before;
    lanes.lost[l] += (before - (after - added)) + (term - added);
    lanes.sums[l] = after;
    lanes.sizes[l] += size;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_the_terms_one_by_one() {
        for n in [0, 1, 7, 8, 29, 512] {
            let values: Vec<f64> = (0..n).map(|i| (i * 7919 % 1000) as f64 * 1e13 - 4.5e15 + 0.1 * i as f64).collect();
            let weights: Vec<f64> = (0..n).map(|i| (i % 4) as f64 * 0.3).collect();
            for weights in [None, Some(&weights[..])] {
                let weight = |i: usize| weights.map_or(1.0, |w| w[i]);
                let expected: Sum = (0..n).map(|i| weight(i) * values[i]).collect();
                let size: f64 = (0..n).map(|i| weight(i) * (1.0 + values[i].abs())).sum();
                let (sum, found) = weighted_sum(weights, &values);
                assert!((sum.value() - expected.value()).abs() <= f64::EPSILON * expected.value().abs(), "{n}");
                assert!((found - size).abs() <= 1e-13 * size, "{found} {size}");
            }
        }
    }

    #[test]
    fn what_has_no_weight_may_be_anything_and_what_is_infinite_stays_so() {
        let values: Vec<f64> = (0..19).map(|i| if i % 3 == 0 { f64::NAN } else { 1.0 }).collect();
        let weights: Vec<f64> = (0..19).map(|i| f64::from(u8::from(i % 3 != 0))).collect();
        let (sum, size) = weighted_sum(Some(&weights), &values);
        assert_eq!((sum.value(), size), (12.0, 24.0));
        let mut infinite = [1.0; 11];
        infinite[3] = f64::NEG_INFINITY;
        assert_eq!(weighted_sum(None, &infinite).0.value(), f64::NEG_INFINITY);
    }
}
