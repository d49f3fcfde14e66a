//! Sines and cosines of a block of angles, and Σ w sin²(h − m) from them.
//!
//! x = n π/2 + r with |r| ≤ π/4, sin r and cos r by their Taylor polynomials: at most 2 ulp. 45 flops an angle without a
//! branch: bound by arithmetic.

use crate::numeric::simd::{multiply_add, vectorised};

const LANES: usize = 8;

/// π/2 = HIGH + MIDDLE + LOW; products of the first two with small whole numbers are exact.
const HIGH: f64 = f64::from_bits(0x3FF9_21FB_5440_0000);
const MIDDLE: f64 = f64::from_bits(0x3DD0_B461_1A60_0000);
const LOW: f64 = 2.022_266_248_795_950_6e-21;
/// Adding 1.5 · 2⁵² leaves the nearest integer in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

vectorised! {
    /// sin x_n and cos x_n of |x_n| ≤ 1000.
    pub(crate) fn sines_and_cosines(angles: &[f64], sines: &mut [f64], cosines: &mut [f64]) = body;
}

/// Σ_n w_n (s_n cos m − c_n sin m)² = Σ_n w_n sin²(h_n − m) of angles h given by sine and cosine.
pub(crate) fn turned_squares(sines: &[f64], cosines: &[f64], weights: &[f64], turn: f64) -> f64 {
    let mut sum = 0.0;
    add_turned_squares(sines, cosines, weights, turn.sin_cos(), &mut sum);
    sum
}

vectorised! {
    fn add_turned_squares(sines: &[f64], cosines: &[f64], weights: &[f64], turn: (f64, f64), sum: &mut f64) = turned_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn body<const REGISTER: usize>(angles: &[f64], sines: &mut [f64], cosines: &mut [f64]) {
    for ((x, sine), cosine) in angles.iter().zip(sines).zip(cosines) {
        let shifted = multiply_add::<REGISTER, _>(*x, std::f64::consts::FRAC_2_PI, ROUND);
        let n = shifted - ROUND;
        let quarter = shifted.to_bits();
        let r = ((x - n * HIGH) - n * MIDDLE) - n * LOW;
        let square = r * r;
        let (mut s, mut c) = (1.0 / 355_687_428_096_000.0, 1.0 / 20_922_789_888_000.0);
        for (of_sine, of_cosine) in [
            (-1.0 / 1_307_674_368_000.0, -1.0 / 87_178_291_200.0),
            (1.0 / 6_227_020_800.0, 1.0 / 479_001_600.0),
            (-1.0 / 39_916_800.0, -1.0 / 3_628_800.0),
            (1.0 / 362_880.0, 1.0 / 40_320.0),
            (-1.0 / 5_040.0, -1.0 / 720.0),
            (1.0 / 120.0, 1.0 / 24.0),
            (-1.0 / 6.0, -0.5),
        ] {
            s = multiply_add::<REGISTER, _>(s, square, of_sine);
            c = multiply_add::<REGISTER, _>(c, square, of_cosine);
        }
        let (s, c) = (multiply_add::<REGISTER, _>(r * square, s, r), multiply_add::<REGISTER, _>(square, c, 1.0));
        // Odd quarters exchange sine and cosine; the sine changes its sign in quarters 2 and 3, the cosine in 1 and 2.
        let odd = (quarter & 1).wrapping_neg();
        let (s, c) = (s.to_bits(), c.to_bits());
        *sine = f64::from_bits(((s & !odd) | (c & odd)) ^ ((quarter & 2) << 62));
        *cosine = f64::from_bits(((c & !odd) | (s & odd)) ^ (((quarter + 1) & 2) << 62));
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn turned_body<const REGISTER: usize>(
    sines: &[f64],
    cosines: &[f64],
    weights: &[f64],
    (sine, cosine): (f64, f64),
    sum: &mut f64,
) {
    let square = |w: f64, s: f64, c: f64| {
        let z = s * cosine - c * sine;
        w * (z * z)
    };
    let mut sums = [0.0; LANES];
    let whole = weights.len() - weights.len() % LANES;
    let parts = sines.chunks_exact(LANES).zip(cosines.chunks_exact(LANES)).zip(weights.chunks_exact(LANES));
    for ((s, c), w) in parts {
        for l in 0..LANES {
            sums[l] += square(w[l], s[l], c[l]);
        }
    }
    let rest: f64 = (whole..weights.len()).map(|n| square(weights[n], sines[n], cosines[n])).sum();
    *sum = sums.iter().sum::<f64>() + rest;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compilation_agrees_with_the_library() {
        let angles: Vec<f64> = (-4000..4000).map(|n| f64::from(n) * 0.01).chain([1e-20, -3e-9, 999.0, 0.0]).collect();
        let (mut sines, mut cosines) = (vec![0.0; angles.len()], vec![0.0; angles.len()]);
        for portable in [false, true] {
            if portable {
                body::<2>(&angles, &mut sines, &mut cosines);
            } else {
                sines_and_cosines(&angles, &mut sines, &mut cosines);
            }
            for ((x, sine), cosine) in angles.iter().zip(&sines).zip(&cosines) {
                let (s, c) = x.sin_cos();
                // Where one of them nearly vanishes, it keeps its digits.
                assert!((sine - s).abs() <= 2.0 * f64::EPSILON * s.abs(), "sin {x} = {sine}, not {s}");
                assert!((cosine - c).abs() <= 2.0 * f64::EPSILON * c.abs(), "cos {x} = {cosine}, not {c}");
            }
        }
        let weights: Vec<f64> = (0..angles.len()).map(|n| (n % 3) as f64).collect();
        let expected: f64 = angles.iter().zip(&weights).map(|(x, w)| w * (x - 0.7).sin().powi(2)).sum();
        let mut portable = 0.0;
        turned_body::<2>(&sines, &cosines, &weights, 0.7f64.sin_cos(), &mut portable);
        for found in [portable, turned_squares(&sines, &cosines, &weights, 0.7)] {
            assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
        }
    }
}
