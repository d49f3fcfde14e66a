//! Tiles: some rows of data, converted to f64 and transposed, so that loops run along the rows.
//!
//! A tile of D × [`ROWS`] doubles is 8 KiB at D = 16 and stays in the L1 cache; a kernel that takes one pass over it
//! per output is bound by arithmetic.

use super::simd::vectorised;
use super::{Aligned, Scalar, all_finite};

/// Rows of a tile.
pub(crate) const ROWS: usize = 64;

/// `tile[d][n]` = x_nd for the rows in `values` (row-major, D to a row, at most [`ROWS`]); what is left of each line
/// is 0.
pub(crate) fn transpose<F: Scalar>(values: &[F], dimension: usize, tile: &mut [f64]) {
    let rows = values.len() / dimension;
    if dimension == 1 {
        tile.iter_mut().zip(values).for_each(|(x, value)| *x = value.widen());
        tile[rows..].fill(0.0);
        return;
    }
    for (d, line) in tile.chunks_exact_mut(ROWS).enumerate() {
        for (x, row) in line.iter_mut().zip(values.chunks_exact(dimension)) {
            *x = row[d].widen();
        }
        line[rows..].fill(0.0);
    }
}

/// All rows of some values, tile by tile; a row that has no weight of `[k][n]` is absent, whatever it holds.
pub(crate) fn tiles<F: Scalar>(values: &[F], dimension: usize, weights: &[f64]) -> Aligned {
    let rows = values.len() / dimension;
    let mut tiles = Aligned::zeros(rows.div_ceil(ROWS) * dimension * ROWS);
    for (values, tile) in values.chunks(dimension * ROWS).zip(tiles.chunks_exact_mut(dimension * ROWS)) {
        transpose(values, dimension, tile);
    }
    if !all_finite(&tiles) {
        // 0 · ∞ must not enter the sums.
        for row in (0..rows).filter(|row| weights.iter().skip(*row).step_by(rows).all(|w| *w == 0.0)) {
            let tile = &mut tiles[row / ROWS * dimension * ROWS..][..dimension * ROWS];
            tile.iter_mut().skip(row % ROWS).step_by(ROWS).for_each(|x| *x = 0.0);
        }
    }
    tiles
}

vectorised! {
    /// `centred[d][n] = tile[d][n] − centre_d`.
    pub(crate) fn subtract(tile: &[f64], centre: &[f64], centred: &mut [f64]) = body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn body<const REGISTER: usize>(tile: &[f64], centre: &[f64], centred: &mut [f64]) {
    for ((line, out), c) in tile.chunks_exact(ROWS).zip(centred.chunks_exact_mut(ROWS)).zip(centre) {
        out.iter_mut().zip(line).for_each(|(out, x)| *out = x - c);
    }
}
