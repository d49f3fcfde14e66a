//! (x − μ)ᵀ (Λ Λᵀ + Ψ)⁻¹ (x − μ) for every row of a tile: the Mahalanobis distances of a low-rank covariance.
//!
//! With P = (I + Λᵀ Ψ⁻¹ Λ)⁻¹ Λᵀ Ψ⁻¹ and z = P (x − μ) it is ‖Ψ^(−½) (x − μ − Λ z)‖² + ‖z‖² (Woodbury). No term is
//! subtracted from a larger one, so that a column without noise costs no digits. 4 D q flops a row.

use crate::numeric::simd::{multiply_add, vectorised};
use crate::numeric::tile::ROWS;

vectorised! {
    /// `out[n]` of a tile `[d][n]` of [`ROWS`] centred rows; `projection` is P, q × D, `loadings` are Λ, D × q, both
    /// row-major, and `reciprocals` are 1/√ψ.
    pub(crate) fn low_rank_norms(
        centred: &[f64],
        projection: &[f64],
        loadings: &[f64],
        reciprocals: &[f64],
        scores: &mut [f64],
        out: &mut [f64; ROWS],
    ) = body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn body<const REGISTER: usize>(
    centred: &[f64],
    projection: &[f64],
    loadings: &[f64],
    reciprocals: &[f64],
    scores: &mut [f64],
    out: &mut [f64; ROWS],
) {
    let (d, q) = (reciprocals.len(), loadings.len() / reciprocals.len());
    let mut squares = [0.0; ROWS];
    for (score, row) in scores.chunks_exact_mut(ROWS).zip(projection.chunks_exact(d)) {
        let mut sum = [0.0; ROWS];
        for (line, p) in centred.chunks_exact(ROWS).zip(row) {
            add_multiple::<REGISTER>(*p, line, &mut sum);
        }
        score.copy_from_slice(&sum);
        squares.iter_mut().zip(&sum).for_each(|(s, z)| *s = multiply_add::<REGISTER, _>(*z, *z, *s));
    }
    for ((line, row), r) in centred.chunks_exact(ROWS).zip(loadings.chunks_exact(q)).zip(reciprocals) {
        let mut rest = [0.0; ROWS];
        rest.copy_from_slice(line);
        for (score, l) in scores.chunks_exact(ROWS).zip(row) {
            add_multiple::<REGISTER>(-l, score, &mut rest);
        }
        for (s, x) in squares.iter_mut().zip(&rest) {
            let x = x * r;
            *s = multiply_add::<REGISTER, _>(x, x, *s);
        }
    }
    *out = squares;
}

/// sum += factor · line.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn add_multiple<const REGISTER: usize>(factor: f64, line: &[f64], sum: &mut [f64; ROWS]) {
    sum.iter_mut().zip(line).for_each(|(s, x)| *s = multiply_add::<REGISTER, _>(factor, *x, *s));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compilation_agrees_with_the_inverse() {
        for (d, q) in [(1, 1), (2, 1), (3, 2), (5, 3), (9, 4)] {
            let loadings: Vec<f64> = (0..d * q).map(|i| (i * 31 % 17) as f64 / 8.0 - 1.0).collect();
            let noise: Vec<f64> = (0..d).map(|j| 0.1 + (j * 7 % 5) as f64).collect();
            let l = nalgebra::DMatrix::from_row_slice(d, q, &loadings);
            let psi = nalgebra::DMatrix::from_diagonal(&nalgebra::DVector::from_row_slice(&noise));
            let inverse = (&l * l.transpose() + &psi).try_inverse().unwrap();
            let projection: Vec<f64> = (l.transpose() * &inverse).transpose().as_slice().to_vec();
            let reciprocals: Vec<f64> = noise.iter().map(|v| 1.0 / v.sqrt()).collect();
            let tile: Vec<f64> = (0..d * ROWS).map(|i| (i * 7919 % 1000) as f64 / 100.0 - 5.0).collect();
            let (mut fast, mut portable, mut scores) = ([0.0; ROWS], [0.0; ROWS], vec![0.0; q * ROWS]);
            low_rank_norms(&tile, &projection, &loadings, &reciprocals, &mut scores, &mut fast);
            body::<2>(&tile, &projection, &loadings, &reciprocals, &mut scores, &mut portable);
            for n in 0..ROWS {
                let x = nalgebra::DVector::from_fn(d, |j, _| tile[j * ROWS + n]);
                let reference = (x.transpose() * &inverse * &x)[0];
                assert!((fast[n] - reference).abs() <= 1e-12 * (1.0 + reference), "{} {reference}", fast[n]);
                assert!((portable[n] - reference).abs() <= 1e-12 * (1.0 + reference), "{} {reference}", portable[n]);
            }
        }
    }
}
