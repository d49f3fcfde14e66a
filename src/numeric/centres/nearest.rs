//! The nearest of K centres for every row of a tile: argmin_k Σ_d (x_d − c_kd)².
//!
//! 3 K D flops a row. Differences are squared as they are, so that no offset of the data costs a digit; two centres at
//! a time share each value loaded, and distances never leave the registers: bound by arithmetic.

use crate::numeric::simd::{multiply_add, vectorised};
use crate::numeric::tile::ROWS;

/// Rows of data that move through the registers together.
const LANES: usize = 16;

vectorised! {
    /// The number of the centre (row-major, D to a centre) nearest to each row of a tile `[d][n]`, the first of equals; 0
    /// where no distance is a number.
    pub(crate) fn nearest_centres(tile: &[f64], centres: &[f64], label: &mut [u64; ROWS]) = body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn body<const REGISTER: usize>(tile: &[f64], centres: &[f64], label: &mut [u64; ROWS]) {
    let dimension = tile.len() / ROWS;
    for (lanes, label) in label.chunks_exact_mut(LANES).enumerate() {
        let mut best = ([f64::INFINITY; LANES], [0u64; LANES]);
        let mut pairs = centres.chunks_exact(2 * dimension);
        let mut k = 0;
        for pair in &mut pairs {
            compare::<REGISTER, 2>(tile, pair, (dimension, lanes, k), &mut best);
            k += 2;
        }
        if !pairs.remainder().is_empty() {
            compare::<REGISTER, 1>(tile, pairs.remainder(), (dimension, lanes, k), &mut best);
        }
        label.copy_from_slice(&best.1);
    }
}

/// Compares C centres, the first of which is number k, with the best so far.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn compare<const REGISTER: usize, const C: usize>(
    tile: &[f64],
    centres: &[f64],
    (dimension, lanes, k): (usize, usize, u64),
    (least, label): &mut ([f64; LANES], [u64; LANES]),
) {
    let mut squares = [[0.0; LANES]; C];
    for (d, line) in tile.chunks_exact(ROWS).enumerate() {
        let x: &[f64; LANES] = line[lanes * LANES..][..LANES].try_into().expect("a line holds whole lanes");
        for (c, square) in squares.iter_mut().enumerate() {
            let centre = centres[c * dimension + d];
            for (s, x) in square.iter_mut().zip(x) {
                let difference = x - centre;
                *s = multiply_add::<REGISTER, _>(difference, difference, *s);
            }
        }
    }
    for (square, number) in squares.iter().zip(k..) {
        for n in 0..LANES {
            let closer = square[n] < least[n];
            least[n] = if closer { square[n] } else { least[n] };
            label[n] = if closer { number } else { label[n] };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compilation_finds_the_first_nearest_centre() {
        for (dimension, k) in [(1, 1), (2, 3), (5, 4), (8, 7)] {
            // Whole numbers: every compilation is exact, and ties are frequent.
            let tile: Vec<f64> = (0..dimension * ROWS).map(|i| (i * 7919 % 13) as f64).collect();
            let centres: Vec<f64> = (0..dimension * k).map(|i| (i * 31 % 11) as f64).collect();
            let (mut label, mut portable) = ([0; ROWS], [0; ROWS]);
            nearest_centres(&tile, &centres, &mut label);
            body::<2>(&tile, &centres, &mut portable);
            assert_eq!(label, portable);
            for n in 0..ROWS {
                let square = |c: usize| -> f64 {
                    (0..dimension).map(|d| (tile[d * ROWS + n] - centres[c * dimension + d]).powi(2)).sum()
                };
                let first = (0..k).fold(0, |best, c| if square(c) < square(best) { c } else { best });
                assert_eq!(label[n], first as u64);
            }
        }
    }
}
