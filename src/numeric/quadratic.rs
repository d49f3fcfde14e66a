//! ‖W x‖² for every row of a tile, W lower triangular: the Mahalanobis distances of a full covariance.
//!
//! D (D + 1) flops a row. Eight rows of data fill a vector; four rows of W are applied at once, so that every value
//! loaded is used four times and the four sums stay in registers: bound by arithmetic once D ≥ 8.

use super::simd::{multiply_add, vectorised};
use super::tile::ROWS;

/// Rows of data that move through the registers together.
const LANES: usize = 16;
/// Rows of W that are applied together.
const HEIGHT: usize = 4;

vectorised! {
    /// `out[n]` = ‖W x_n‖² for a tile `[d][n]` of [`ROWS`] centred rows and the D × D row-major lower triangular W,
    /// zeros above its diagonal.
    pub fn squared_norms(tile: &[f64], whitening: &[f64], out: &mut [f64; ROWS]) = body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn body<const FMA: bool>(tile: &[f64], whitening: &[f64], out: &mut [f64; ROWS]) {
    let dimension = tile.len() / ROWS;
    for (lanes, out) in out.chunks_exact_mut(LANES).enumerate() {
        let mut squares = [0.0; LANES];
        let mut i = 0;
        while i + HEIGHT <= dimension {
            rows::<FMA, HEIGHT>(tile, &whitening[i * dimension..], (dimension, i, lanes), &mut squares);
            i += HEIGHT;
        }
        while i < dimension {
            rows::<FMA, 1>(tile, &whitening[i * dimension..], (dimension, i, lanes), &mut squares);
            i += 1;
        }
        out.copy_from_slice(&squares);
    }
}

/// Adds the squares of rows i … i + H of W x; what stands above the diagonal of W is 0.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn rows<const FMA: bool, const H: usize>(
    tile: &[f64],
    whitening: &[f64],
    (dimension, i, lanes): (usize, usize, usize),
    squares: &mut [f64; LANES],
) {
    let mut sums = [[0.0; LANES]; H];
    for (j, line) in tile.chunks_exact(ROWS).take(i + H).enumerate() {
        let x: &[f64; LANES] = line[lanes * LANES..][..LANES].try_into().expect("a line holds whole lanes");
        for (h, sum) in sums.iter_mut().enumerate() {
            let w = whitening[h * dimension + j];
            for (s, x) in sum.iter_mut().zip(x) {
                *s = multiply_add::<FMA>(w, *x, *s);
            }
        }
    }
    for sum in &sums {
        for (q, s) in squares.iter_mut().zip(sum) {
            *q = multiply_add::<FMA>(*s, *s, *q);
        }
    }
}

vectorised! {
    /// `out[n]` = Σ_d (x_nd / σ_d)² for a tile `[d][n]` of [`ROWS`] centred rows, given 1/σ_d.
    pub fn scaled_norms(tile: &[f64], reciprocals: &[f64], out: &mut [f64; ROWS]) = scaled_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn scaled_body<const FMA: bool>(tile: &[f64], reciprocals: &[f64], out: &mut [f64; ROWS]) {
    out.fill(0.0);
    for (line, r) in tile.chunks_exact(ROWS).zip(reciprocals) {
        for (q, x) in out.iter_mut().zip(line) {
            let z = x * r;
            *q = multiply_add::<FMA>(z, z, *q);
        }
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
            body::<false>(&tile, &whitening, &mut portable);
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
