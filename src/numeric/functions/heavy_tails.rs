//! The sums over a block that the likelihood of Student's t and its first two derivatives are made of.
//!
//! With z = (x − m)/s and p = 1/(ν + z²). Some 50 flops and three divisions a row without a branch: bound by arithmetic.

use super::logarithm::ln_1p;
use crate::numeric::simd::{multiply_add, vectorised};

const LANES: usize = 8;

/// Σ w of ln(1 + z²/ν), pz, pz², p², p²z, p²z², pz · z²p and (pz²)².
pub(crate) type Tails = [f64; 8];

vectorised! {
    /// Adds the sums of a block; rows whose |z| is above 1e100 add nothing.
    pub(crate) fn add_tails(values: &[f64], weights: &[f64], place: (f64, f64), freedom: f64, sums: &mut Tails) = body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn body<const REGISTER: usize>(values: &[f64], weights: &[f64], (m, s): (f64, f64), nu: f64, sums: &mut Tails) {
    let mut lanes = [[0.0; LANES]; 8];
    let mut add = |l: usize, x: f64, w: f64| {
        let z = (x - m) / s;
        let (z, w) = if z.abs() <= 1e100 { (z, w) } else { (0.0, 0.0) };
        let p = 1.0 / multiply_add::<REGISTER, _>(z, z, nu);
        let (linear, square) = (z * p, (z * p) * z);
        let terms = [
            ln_1p::<REGISTER>(z * z / nu),
            linear,
            square,
            p * p,
            p * linear,
            p * square,
            linear * square,
            square * square,
        ];
        for (lanes, term) in lanes.iter_mut().zip(terms) {
            lanes[l] = multiply_add::<REGISTER, _>(w, term, lanes[l]);
        }
    };
    let (xs, ws) = (values.chunks_exact(LANES), weights.chunks_exact(LANES));
    xs.remainder().iter().zip(ws.remainder()).for_each(|(x, w)| add(0, *x, *w));
    for (x, w) in xs.zip(ws) {
        for l in 0..LANES {
            add(l, x[l], w[l]);
        }
    }
    for (sum, lanes) in sums.iter_mut().zip(&lanes) {
        *sum += lanes.iter().sum::<f64>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compilation_agrees_with_the_formulae() {
        let (values, (m, s), nu) = ((0..45).map(|n| f64::from(n * n % 31) - 9.0), (1.5, 2.5), 3.5);
        let values: Vec<f64> = values.chain([1e150]).collect();
        let weights: Vec<f64> = (0..46).map(|n| f64::from(n % 4)).collect();
        let (mut fast, mut portable) = ([0.0; 8], [0.0; 8]);
        add_tails(&values, &weights, (m, s), nu, &mut fast);
        body::<2>(&values, &weights, (m, s), nu, &mut portable);
        let mut expected = [0.0; 8];
        for (x, w) in values[..45].iter().zip(&weights) {
            let z = (x - m) / s;
            let p = 1.0 / (nu + z * z);
            let terms = [(1.0 + z * z / nu).ln(), p * z, p * z * z, p * p, p * p * z, p * p * z * z];
            let terms = terms.into_iter().chain([p * z * z * z * p, (p * z * z).powi(2)]);
            expected.iter_mut().zip(terms).for_each(|(sum, term)| *sum += w * term);
        }
        for (j, expected) in expected.iter().enumerate() {
            for found in [fast[j], portable[j]] {
                assert!((found - expected).abs() <= 1e-13 * (1.0 + expected.abs()), "{j}: {found} {expected}");
            }
        }
    }
}
