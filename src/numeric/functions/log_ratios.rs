//! Logarithms of a block, and what ln(x/m) leaves of its linear term: the deviances of counts and positive numbers.
//!
//! d − ln(1 + d) is had without cancellation, so that numbers near their mean keep their digits. Some 30 flops and one or
//! two divisions an element without a branch: bound by arithmetic.

use super::logarithm::{excess, ln};
use crate::numeric::simd::vectorised;

const LANES: usize = 8;

/// `out[n]` = ln x_n of any numbers: −∞ of 0, NaN of what is negative.
pub(crate) fn logarithms(values: &[f64], out: &mut [f64]) {
    of_normal_numbers(values, out);
    if out.iter().fold(false, |any, log| any | log.is_nan()) {
        let left = out.iter_mut().zip(values).filter(|(log, _)| log.is_nan());
        left.for_each(|(log, x)| *log = x.ln());
    }
}

vectorised! {
    /// NaN where x is not positive and normal.
    fn of_normal_numbers(values: &[f64], out: &mut [f64]) = logarithms_body;
}

vectorised! {
    /// `out[n]` = d(x_n, m) = x ln(x/m) + m − x of counts x ≥ 0, m and every m/x being normal numbers.
    pub(crate) fn deviances(values: &[f64], mean: f64, out: &mut [f64]) = deviances_body;
}

/// Σ w (x/m − 1 − ln(x/m)) of positive numbers, every x/m being a normal number.
pub(crate) fn log_gap(values: &[f64], weights: &[f64], mean: f64) -> f64 {
    let mut gap = 0.0;
    add_log_gap(values, weights, mean, &mut gap);
    gap
}

/// Σ w d(x, m) of counts, as [`deviances`].
pub(crate) fn count_gap(values: &[f64], weights: &[f64], mean: f64) -> f64 {
    let mut gap = 0.0;
    add_count_gap(values, weights, mean, &mut gap);
    gap
}

vectorised! {
    fn add_log_gap(values: &[f64], weights: &[f64], mean: f64, gap: &mut f64) = log_gap_body;
}

vectorised! {
    fn add_count_gap(values: &[f64], weights: &[f64], mean: f64, gap: &mut f64) = count_gap_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn logarithms_body<const REGISTER: usize>(values: &[f64], out: &mut [f64]) {
    for (out, x) in out.iter_mut().zip(values) {
        let log = ln::<REGISTER>(*x);
        *out = if *x >= f64::MIN_POSITIVE && *x <= f64::MAX { log } else { f64::NAN };
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn deviances_body<const REGISTER: usize>(values: &[f64], mean: f64, out: &mut [f64]) {
    out.iter_mut().zip(values).for_each(|(out, x)| *out = deviance::<REGISTER>(*x, mean));
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn log_gap_body<const REGISTER: usize>(values: &[f64], weights: &[f64], mean: f64, gap: &mut f64) {
    *gap = weighted::<REGISTER>(values, weights, |x| excess::<REGISTER>((x - mean) / mean, x / mean));
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn count_gap_body<const REGISTER: usize>(values: &[f64], weights: &[f64], mean: f64, gap: &mut f64) {
    *gap = weighted::<REGISTER>(values, weights, |x| deviance::<REGISTER>(x, mean));
}

/// x (u − ln(1 + u)) with 1 + u = m/x; m where x = 0.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn deviance<const REGISTER: usize>(x: f64, mean: f64) -> f64 {
    let some = if x > 0.0 { x } else { 1.0 };
    let above = some * excess::<REGISTER>((mean - some) / some, mean / some);
    if x > 0.0 { above } else { mean }
}

/// Σ w f(x) in eight partial sums.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn weighted<const REGISTER: usize>(values: &[f64], weights: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let mut sums = [0.0; LANES];
    let (xs, ws) = (values.chunks_exact(LANES), weights.chunks_exact(LANES));
    let rest: f64 = xs.remainder().iter().zip(ws.remainder()).map(|(x, w)| w * f(*x)).sum();
    for (x, w) in xs.zip(ws) {
        for l in 0..LANES {
            sums[l] += w[l] * f(x[l]);
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compilation_agrees_with_the_formulae() {
        let values: Vec<f64> = (0..37).map(|n| f64::from(n * n % 23)).collect();
        let weights: Vec<f64> = (0..37).map(|n| f64::from(n % 4) * 0.3).collect();
        let near = |found: f64, expected: f64| assert!((found - expected).abs() <= 1e-13 * (1.0 + expected.abs()));
        for mean in [0.01, 3.7, 11.0, 500.0] {
            let direct = |x: f64| if x == 0.0 { mean } else { x * (x / mean).ln() + mean - x };
            let (mut fast, mut portable) = (vec![0.0; 37], vec![0.0; 37]);
            deviances(&values, mean, &mut fast);
            deviances_body::<2>(&values, mean, &mut portable);
            let (mut of_counts, mut of_logs) = (0.0, 0.0);
            let positive: Vec<f64> = values.iter().map(|x| x + 0.5).collect();
            count_gap_body::<2>(&values, &weights, mean, &mut of_counts);
            log_gap_body::<2>(&positive, &weights, mean, &mut of_logs);
            for n in 0..37 {
                near(fast[n], direct(values[n]));
                near(portable[n], direct(values[n]));
            }
            let counts: f64 = values.iter().zip(&weights).map(|(x, w)| w * direct(*x)).sum();
            let logs = positive.iter().zip(&weights).map(|(x, w)| w * (x / mean - 1.0 - (x / mean).ln()));
            let logs: f64 = logs.sum();
            [of_counts, count_gap(&values, &weights, mean)].iter().for_each(|found| near(*found, counts));
            [of_logs, log_gap(&positive, &weights, mean)].iter().for_each(|found| near(*found, logs));
        }
    }

    #[test]
    fn a_large_count_near_its_mean_keeps_its_digits() {
        // d(x, x + h) = h²/2x (1 − 2h/3x + …).
        let mut out = [0.0];
        deviances(&[1e15], 1e15 + 8.0, &mut out);
        assert!((out[0] / 32e-15 - 1.0).abs() < 1e-13, "{}", out[0]);
    }

    #[test]
    fn every_number_has_the_logarithm_of_the_library() {
        let special =
            [0.0, -0.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 5e-324, f64::MIN_POSITIVE, f64::MAX];
        let values: Vec<f64> = (1..40).map(f64::from).chain(special).collect();
        let mut logs = vec![0.0; values.len()];
        logarithms(&values, &mut logs);
        for (x, log) in values.iter().zip(logs) {
            let near = (log - x.ln()).abs() <= 2.0 * f64::EPSILON * log.abs();
            assert!(near || log == x.ln() || (log.is_nan() && x.ln().is_nan()), "ln {x} = {log}");
        }
    }
}
