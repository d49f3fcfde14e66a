//! ln x = n ln 2 + ln m with m in [√½, √2): ln m = 2 artanh(s), s = (m − 1) / (m + 1), by its series.
//!
//! |s| ≤ 0.1716, so that thirteen odd terms leave 3e-21; the linear term is split off, m − 1 being exact. At most 2 ulp;
//! 25 flops and one division without a branch, so bound by arithmetic.

use super::exp::{LN_2_HIGH, LN_2_LOW};
use crate::numeric::simd::multiply_add;

/// The bits of √½, from which the exponent is counted.
const SQRT_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
/// Adding 2⁵² to a small whole number, as bits, makes it a double.
const SHIFT: u64 = 0x4330_0000_0000_0000;

/// ln x of a positive normal number.
#[inline(always)]
#[allow(clippy::inline_always, reason = "inside a kernel it must be compiled for the kernel's instruction set")]
pub(crate) fn ln<const REGISTER: usize>(x: f64) -> f64 {
    let (n, f) = split(x);
    multiply_add::<REGISTER, _>(n, LN_2_HIGH, f - (tail::<REGISTER>(f) - n * LN_2_LOW))
}

/// ln(1 + d) of d > −1, to the last digits also where d is small.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
pub(crate) fn ln_1p<const REGISTER: usize>(d: f64) -> f64 {
    let (n, m) = split(1.0 + d);
    let f = if n == 0.0 { d } else { m };
    multiply_add::<REGISTER, _>(n, LN_2_HIGH, f - (tail::<REGISTER>(f) - n * LN_2_LOW))
}

/// d − ln(1 + d) ≥ 0, to the last digits also where d is small, given 1 + d as a positive normal number with digits of
/// its own.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
pub(crate) fn excess<const REGISTER: usize>(d: f64, ratio: f64) -> f64 {
    let (n, m) = split(ratio);
    let f = if n == 0.0 { d } else { m };
    multiply_add::<REGISTER, _>(-n, LN_2_HIGH, (d - f) + (tail::<REGISTER>(f) - n * LN_2_LOW))
}

/// n and m − 1.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn split(x: f64) -> (f64, f64) {
    // Biased, so that it stays positive and converts by a shift of bits.
    let exponent = (x.to_bits().wrapping_sub(SQRT_HALF).wrapping_add(1023 << 52)) >> 52;
    let n = f64::from_bits(SHIFT | exponent) - (4_503_599_627_370_496.0 + 1023.0);
    let m = f64::from_bits(x.to_bits().wrapping_sub(exponent.wrapping_sub(1023) << 52));
    (n, m - 1.0)
}

/// f − ln(1 + f) = s (f − z p), since 2 s = f − s f.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn tail<const REGISTER: usize>(f: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let mut p = 2.0 / 27.0;
    for odd in [25.0, 23.0, 21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0] {
        p = multiply_add::<REGISTER, _>(p, z, 2.0 / odd);
    }
    s * (f - z * p)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_compilations_agree_with_the_libraries_logarithm() {
        let factors = (0..200_000).map(|i| 0.5 + f64::from(i) * 1.13e-5);
        let scales = [1.0, 2f64.powi(-1000), 2f64.powi(1000), 3e-7, 1e10];
        for x in factors.flat_map(|x| scales.map(|scale| x * scale)).chain([1.0, f64::MIN_POSITIVE, f64::MAX]) {
            let reference = x.ln();
            for found in [ln::<2>(x), ln::<8>(x)] {
                assert!((found - reference).abs() <= 2.0 * f64::EPSILON * reference.abs(), "ln {x} = {found}");
            }
        }
    }

    #[test]
    fn small_differences_keep_their_digits() {
        for d in [2f64.powi(-40), -2f64.powi(-40), 1e-7, -1e-7, 3e-3] {
            // d − ln(1 + d) = d²/2 − d³/3 + d⁴/4 − …
            let series = d * d * (0.5 - d * (1.0 / 3.0 - d * (0.25 - d * (0.2 - d / 6.0))));
            for found in [excess::<2>(d, 1.0 + d), excess::<8>(d, 1.0 + d)] {
                assert!((found / series - 1.0).abs() <= 1e-13, "{d}: {found} {series}");
            }
        }
        for d in [-0.999, -0.3, -0.28, 1e-9, 0.41, 0.42, 3.0, 1e5] {
            for (found, log) in [(excess::<2>(d, 1.0 + d), ln_1p::<2>(d)), (excess::<8>(d, 1.0 + d), ln_1p::<8>(d))] {
                let reference: f64 = f64::ln_1p(d);
                assert!((log - reference).abs() <= 2.0 * f64::EPSILON * reference.abs(), "{d}: {log}");
                assert!((found - (d - reference)).abs() <= 4.0 * f64::EPSILON * d.abs(), "{d}: {found}");
            }
        }
    }
}
