//! eˣ of a slice: x = n ln 2 + r with |r| ≤ ½ ln 2, eˣ = 2ⁿ eʳ, eʳ by its Taylor polynomial of degree 13.
//!
//! Two roundings of the reduction, thirteen of the polynomial, none of the scaling: at most 2 ulp. 20 flops an
//! element without a branch, so bound by arithmetic.

use crate::numeric::simd::{multiply_add, vectorised};

/// Below this eˣ is smaller than the smallest normal number, and is taken as 0.
const UNDERFLOW: f64 = -708.396_418_532_264_1;
/// Adding 1.5 · 2⁵² leaves the nearest integer in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// ln 2 = HIGH + LOW; HIGH has 32 trailing zeros, so that n · HIGH is exact.
pub(crate) const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
pub(crate) const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

vectorised! {
    /// x ← eˣ for x ≤ 0 (−∞ gives 0); larger x, and NaN, give no meaningful value.
    pub(crate) fn exp_of_negatives(values: &mut [f64]) = body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn body<const REGISTER: usize>(values: &mut [f64]) {
    for x in values {
        *x = exp::<REGISTER>(*x);
    }
}

/// eˣ for x ≤ 0.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
pub(crate) fn exp<const REGISTER: usize>(x: f64) -> f64 {
    let clamped = if x > UNDERFLOW { x } else { UNDERFLOW };
    let shifted = multiply_add::<REGISTER, _>(clamped, std::f64::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = multiply_add::<REGISTER, _>(-n, LN_2_LOW, multiply_add::<REGISTER, _>(-n, LN_2_HIGH, clamped));
    let mut p = 1.0 / 6_227_020_800.0;
    for factorial in [479_001_600.0, 39_916_800.0, 3_628_800.0, 362_880.0, 40_320.0, 5_040.0, 720.0, 120.0, 24.0, 6.0] {
        p = multiply_add::<REGISTER, _>(p, r, 1.0 / factorial);
    }
    let e_r = multiply_add::<REGISTER, _>(
        multiply_add::<REGISTER, _>(multiply_add::<REGISTER, _>(p, r, 0.5), r, 1.0),
        r,
        1.0,
    );
    // n + 1023 into the exponent's bits: n lies in [−1022, 0].
    let scale = f64::from_bits((shifted.to_bits().wrapping_add(1023)) << 52);
    if x > UNDERFLOW { e_r * scale } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compilation_agrees_with_the_libraries_exponential() {
        let xs: Vec<f64> = (0..200_000).map(|i| -0.003_541_7 * f64::from(i)).chain([-0.0, -1e-300]).collect();
        let mut fast = xs.clone();
        exp_of_negatives(&mut fast);
        let mut portable = xs.clone();
        body::<2>(&mut portable);
        for ((x, e), p) in xs.iter().zip(&fast).zip(&portable) {
            let reference = x.exp();
            if reference >= f64::MIN_POSITIVE * 1.01 {
                assert!((e - reference).abs() <= 2.0 * f64::EPSILON * reference, "e^{x} = {e}, not {reference}");
                assert!((p - reference).abs() <= 2.0 * f64::EPSILON * reference, "e^{x} = {p}, not {reference}");
            }
        }
        let mut far = [f64::NEG_INFINITY, -1e300, -709.0];
        exp_of_negatives(&mut far);
        assert_eq!(far, [0.0; 3]);
    }
}
