//! ln x = n ln 2 + ln m with m in [√½, √2): ln m = 2 artanh(s), s = (m − 1) / (m + 1), by its series.
//!
//! |s| ≤ 0.1716, so that thirteen odd terms leave 3e-21; the linear term is split off, m − 1 being exact. At most 2 ulp;
//! 25 flops and one division without a branch, so bound by arithmetic.

use super::exp::{LN_2_HIGH, LN_2_LOW};
use super::simd::multiply_add;

/// The bits of √½, from which the exponent is counted.
const SQRT_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
/// Adding 2⁵² to a small whole number, as bits, makes it a double.
const SHIFT: u64 = 0x4330_0000_0000_0000;

/// ln x of a positive normal number.
#[inline(always)]
#[allow(clippy::inline_always, reason = "inside a kernel it must be compiled for the kernel's instruction set")]
pub(super) fn ln<const REGISTER: usize>(x: f64) -> f64 {
    // Biased, so that it stays positive and converts by a shift of bits.
    let exponent = (x.to_bits().wrapping_sub(SQRT_HALF).wrapping_add(1023 << 52)) >> 52;
    let n = f64::from_bits(SHIFT | exponent) - (4_503_599_627_370_496.0 + 1023.0);
    let m = f64::from_bits(x.to_bits().wrapping_sub(exponent.wrapping_sub(1023) << 52));
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let mut p = 2.0 / 27.0;
    for odd in [25.0, 23.0, 21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0] {
        p = multiply_add::<REGISTER, _>(p, z, 2.0 / odd);
    }
    // 2 s = f − s f, so ln m = f − s (f − z p); what is left of n ln 2 comes last.
    let tail = s * (f - z * p);
    multiply_add::<REGISTER, _>(n, LN_2_HIGH, f - (tail - n * LN_2_LOW))
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
}
