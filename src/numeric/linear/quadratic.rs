//! ‖W x‖² for every row of a tile, W lower triangular: the Mahalanobis distances of a full covariance.
//!
//! D (D + 1) flops a row. Eight rows of data fill a vector; four rows of W are applied at once, so that every value
//! loaded is used four times and the four sums stay in registers: bound by arithmetic once D ≥ 8.

use crate::numeric::simd::{multiply_add, vectorised};
use crate::numeric::tile::ROWS;

/// Rows of W that are applied together.
const HEIGHT: usize = 4;

vectorised! {
    /// `out[n]` = ‖W x_n‖² for a tile `[d][n]` of [`ROWS`] centred rows and the D × D row-major lower triangular W,
    /// zeros above its diagonal.
    pub(crate) fn squared_norms(tile: &[f64], whitening: &[f64], out: &mut [f64; ROWS]) = body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn body<const REGISTER: usize>(tile: &[f64], whitening: &[f64], out: &mut [f64; ROWS]) {
    // Sixteen sums fill half of the 32 registers of AVX-512; elsewhere there are 16.
    if REGISTER == 8 {
        by_lanes::<REGISTER, 32>(tile, whitening, out);
    } else {
        by_lanes::<REGISTER, 8>(tile, whitening, out);
    }
}

/// L rows of data move through the registers together.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn by_lanes<const REGISTER: usize, const L: usize>(tile: &[f64], whitening: &[f64], out: &mut [f64; ROWS]) {
    let dimension = tile.len() / ROWS;
    for (lanes, out) in out.chunks_exact_mut(L).enumerate() {
        let mut squares = [0.0; L];
        let mut i = 0;
        while i + HEIGHT <= dimension {
            rows::<REGISTER, L, HEIGHT>(tile, &whitening[i * dimension..], (dimension, i, lanes), &mut squares);
            i += HEIGHT;
        }
        while i < dimension {
            rows::<REGISTER, L, 1>(tile, &whitening[i * dimension..], (dimension, i, lanes), &mut squares);
            i += 1;
        }
        out.copy_from_slice(&squares);
    }
}

/// Adds the squares of rows i … i + H of W x; what stands above the diagonal of W is 0.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn rows<const REGISTER: usize, const L: usize, const H: usize>(
    tile: &[f64],
    whitening: &[f64],
    (dimension, i, lanes): (usize, usize, usize),
    squares: &mut [f64; L],
) {
    let mut sums = [[0.0; L]; H];
    for (j, line) in tile.chunks_exact(ROWS).take(i + H).enumerate() {
        let x: &[f64; L] = line[lanes * L..][..L].try_into().expect("a line holds whole lanes");
        for (h, sum) in sums.iter_mut().enumerate() {
            let w = whitening[h * dimension + j];
            for (s, x) in sum.iter_mut().zip(x) {
                *s = multiply_add::<REGISTER, _>(w, *x, *s);
            }
        }
    }
    for sum in &sums {
        for (q, s) in squares.iter_mut().zip(sum) {
            *q = multiply_add::<REGISTER, _>(*s, *s, *q);
        }
    }
}

vectorised! {
    /// `out[n]` = Σ_d ((x_nd − c_d) / σ_d)² for a tile `[d][n]` of [`ROWS`] rows, given 1/σ_d.
    pub(crate) fn scaled_norms(tile: &[f64], centre: &[f64], reciprocals: &[f64], out: &mut [f64; ROWS]) = scaled_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn scaled_body<const REGISTER: usize>(tile: &[f64], centre: &[f64], reciprocals: &[f64], out: &mut [f64; ROWS]) {
    let mut squares = [0.0; ROWS];
    for ((line, c), r) in tile.chunks_exact(ROWS).zip(centre).zip(reciprocals) {
        for (q, x) in squares.iter_mut().zip(line) {
            let z = (x - c) * r;
            *q = multiply_add::<REGISTER, _>(z, z, *q);
        }
    }
    *out = squares;
}

vectorised! {
    /// `out[n]` = −½ q_n − ln Z for the first rows of a tile: a normal log-density, −∞ where q is NaN, off the support.
    pub(crate) fn log_normals(squares: &[f64; ROWS], log_normaliser: f64, out: &mut [f64]) = log_normals_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn log_normals_body<const REGISTER: usize>(squares: &[f64; ROWS], log_normaliser: f64, out: &mut [f64]) {
    for (l, q) in out.iter_mut().zip(squares) {
        *l = if q.is_nan() { f64::NEG_INFINITY } else { -log_normaliser - 0.5 * q };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compilation_agrees_with_the_formula() {
        for dimension in [1, 2, 3, 4, 5, 7, 8, 9, 17] {
            let tile: Vec<f64> = (0..dimension * ROWS).map(|i| (i * 7919 % 1000) as f64 / 100.0 - 5.0).collect();
            let entry = |ij: usize| if ij % dimension > ij / dimension { 0.0 } else { (ij * 31 % 17) as f64 - 8.0 };
            let whitening: Vec<f64> = (0..dimension * dimension).map(entry).collect();
            let (mut fast, mut portable) = ([0.0; ROWS], [0.0; ROWS]);
            squared_norms(&tile, &whitening, &mut fast);
            body::<2>(&tile, &whitening, &mut portable);
            for n in 0..ROWS {
                let row =
                    |i: usize| -> f64 { (0..=i).map(|j| whitening[i * dimension + j] * tile[j * ROWS + n]).sum() };
                let reference: f64 = (0..dimension).map(|i| row(i).powi(2)).sum();
                let tolerance = 1e-13 * (1.0 + reference.abs()) * dimension as f64;
                assert!((fast[n] - reference).abs() <= tolerance, "{} {reference}", fast[n]);
                assert!((portable[n] - reference).abs() <= tolerance, "{} {reference}", portable[n]);
            }
        }
    }
}
