//! Tiles: some rows of data, centred, converted to f64 and transposed, so that loops run along the rows.
//!
//! A tile of D × [`ROWS`] doubles is 8 KiB at D = 16 and stays in the L1 cache; a kernel that takes one pass over it
//! per output is bound by arithmetic.

use super::Scalar;

/// Rows of a tile.
pub const ROWS: usize = 64;

/// `out[d][n]` = x_nd − centre_d for the rows in `values` (row-major, D to a row, at most [`ROWS`]); what is left of
/// each line of the tile is 0.
pub fn centre_and_transpose<F: Scalar>(values: &[F], centre: &[f64], out: &mut [f64]) {
    let dimension = centre.len();
    let rows = values.len() / dimension;
    for (d, (line, &c)) in out.chunks_exact_mut(ROWS).zip(centre).enumerate() {
        for (x, row) in line.iter_mut().zip(values.chunks_exact(dimension)) {
            *x = row[d].widen() - c;
        }
        line[rows..].fill(0.0);
    }
}
