//! Log-densities in z = (x − m)/s of a block: c − ½ z², c − |z| and c − a ln(1 + z²/ν).
//!
//! NaN where x is NaN, or where z or its square leave the range of numbers. 5 to 40 flops and a division or two an element
//! without a branch: bound by arithmetic.

use super::logarithm::ln_1p;
use crate::numeric::simd::{multiply_add, vectorised};

vectorised! {
    /// c − ½ z².
    pub(crate) fn of_squares(values: &[f64], place: (f64, f64), constant: f64, out: &mut [f64]) = squares_body;
}

vectorised! {
    /// c − |z|.
    pub(crate) fn of_distances(values: &[f64], place: (f64, f64), constant: f64, out: &mut [f64]) = distances_body;
}

vectorised! {
    /// c − ½ (ν + 1) ln(1 + z²/ν).
    pub(crate) fn of_heavy_tails(values: &[f64], place: (f64, f64), freedom: f64, constant: f64, out: &mut [f64]) = tails_body;
}

/// Squares beyond are left to others.
const FAR: f64 = 1e300;

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn squares_body<const REGISTER: usize>(values: &[f64], (m, s): (f64, f64), constant: f64, out: &mut [f64]) {
    for (out, x) in out.iter_mut().zip(values) {
        let z = (x - m) / s;
        let square = z * z;
        *out = if square < FAR { multiply_add::<REGISTER, _>(-0.5, square, constant) } else { f64::NAN };
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn distances_body<const REGISTER: usize>(values: &[f64], (m, s): (f64, f64), constant: f64, out: &mut [f64]) {
    for (out, x) in out.iter_mut().zip(values) {
        let z = ((x - m) / s).abs();
        *out = if z < FAR { constant - z } else { f64::NAN };
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn tails_body<const REGISTER: usize>(values: &[f64], (m, s): (f64, f64), freedom: f64, constant: f64, out: &mut [f64]) {
    let power = -0.5 * (freedom + 1.0);
    for (out, x) in out.iter_mut().zip(values) {
        let z = (x - m) / s;
        let square = z * z / freedom;
        let log = multiply_add::<REGISTER, _>(power, ln_1p::<REGISTER>(square), constant);
        *out = if square < FAR { log } else { f64::NAN };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compilation_agrees_with_the_formulae() {
        let values: Vec<f64> = (0..29).map(|n| f64::from(n * n % 23) - 7.5).collect();
        let (place, nu, c) = ((2.0, 3.0), 4.5, -1.25);
        let of = |kernel: &dyn Fn(&mut [f64])| {
            let mut out = vec![0.0; values.len()];
            kernel(&mut out);
            out
        };
        let squares = [of(&|o| of_squares(&values, place, c, o)), of(&|o| squares_body::<2>(&values, place, c, o))];
        let distances =
            [of(&|o| of_distances(&values, place, c, o)), of(&|o| distances_body::<2>(&values, place, c, o))];
        let tails =
            [of(&|o| of_heavy_tails(&values, place, nu, c, o)), of(&|o| tails_body::<2>(&values, place, nu, c, o))];
        for (n, x) in values.iter().enumerate() {
            let z: f64 = (x - 2.0) / 3.0;
            let near = |found: f64, expected: f64| assert!((found - expected).abs() <= 1e-14 * (1.0 + expected.abs()));
            squares.iter().for_each(|s| near(s[n], c - 0.5 * z * z));
            distances.iter().for_each(|d| near(d[n], c - z.abs()));
            tails.iter().for_each(|t| near(t[n], c - 2.75 * (1.0 + z * z / nu).ln()));
        }
    }

    #[test]
    fn what_is_too_far_is_no_number() {
        for far in [f64::NAN, f64::INFINITY, -1e200, 1e301] {
            let (mut squares, mut distances, mut tails) = ([0.0], [0.0], [0.0]);
            of_squares(&[far], (0.0, 1.0), 0.0, &mut squares);
            of_distances(&[far * 1e150], (0.0, 1.0), 0.0, &mut distances);
            of_heavy_tails(&[far], (0.0, 1.0), 2.0, 0.0, &mut tails);
            assert!(squares[0].is_nan() && distances[0].is_nan() && tails[0].is_nan(), "{far}");
        }
    }
}
