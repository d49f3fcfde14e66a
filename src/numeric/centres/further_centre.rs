//! What a further centre would change: min(nearest, ‖x − c‖²) of the rows of a tile, and Σ w of it.
//!
//! 3 D flops a row and centre; four centres at a time share each value loaded: bound by arithmetic where the tile lies in
//! the L1 cache.

use crate::numeric::simd::{multiply_add, vectorised};
use crate::numeric::tile::ROWS;

/// Rows that move through the registers together.
const LANES: usize = 16;

vectorised! {
    /// `costs[k]` += Σ_n w_n min(nearest_n, ‖x_n − c_k‖²) for the rows of a tile `[d][n]` and centres of D numbers; a row
    /// of weight 0 is absent, whatever it holds.
    pub(crate) fn add_costs(tile: &[f64], centres: &[f64], nearest: &[f64], weights: &[f64], costs: &mut [f64]) = costs_body;
}

vectorised! {
    /// nearest_n ← min(nearest_n, ‖x_n − c‖²), where that is a number.
    pub(crate) fn approach(tile: &[f64], centre: &[f64], nearest: &mut [f64]) = approach_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn costs_body<const REGISTER: usize>(
    tile: &[f64],
    centres: &[f64],
    nearest: &[f64],
    weights: &[f64],
    costs: &mut [f64],
) {
    let dimension = tile.len() / ROWS;
    for (centres, costs) in centres.chunks_exact(4 * dimension).zip(costs.chunks_exact_mut(4)) {
        add_costs_of::<REGISTER, 4>(tile, centres, nearest, weights, costs);
    }
    let done = costs.len() / 4 * 4;
    for (centre, cost) in centres.chunks_exact(dimension).zip(costs.chunks_exact_mut(1)).skip(done) {
        add_costs_of::<REGISTER, 1>(tile, centre, nearest, weights, cost);
    }
}

/// The same for C centres.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn add_costs_of<const REGISTER: usize, const C: usize>(
    tile: &[f64],
    centres: &[f64],
    nearest: &[f64],
    weights: &[f64],
    costs: &mut [f64],
) {
    for lanes in 0..ROWS / LANES {
        let squares = squares::<REGISTER, C>(tile, centres, lanes);
        for (cost, squares) in costs.iter_mut().zip(&squares) {
            *cost += cost_of(squares, nearest, weights, lanes);
        }
    }
}

/// Σ w min(nearest, square) of some rows.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn cost_of(squares: &[f64; LANES], nearest: &[f64], weights: &[f64], lanes: usize) -> f64 {
    let (nearest, weights) = (&nearest[lanes * LANES..][..LANES], &weights[lanes * LANES..][..LANES]);
    let mut terms = [0.0; LANES];
    for n in 0..LANES {
        let least = if squares[n] < nearest[n] { squares[n] } else { nearest[n] };
        terms[n] = if weights[n] > 0.0 { weights[n] * least } else { 0.0 };
    }
    terms.iter().sum()
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn approach_body<const REGISTER: usize>(tile: &[f64], centre: &[f64], nearest: &mut [f64]) {
    for (lanes, nearest) in nearest.chunks_exact_mut(LANES).enumerate() {
        let [squares] = squares::<REGISTER, 1>(tile, centre, lanes);
        for (nearest, square) in nearest.iter_mut().zip(squares) {
            *nearest = if square < *nearest { square } else { *nearest };
        }
    }
}

/// ‖x − c‖² of some rows to each of C centres.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn squares<const REGISTER: usize, const C: usize>(tile: &[f64], centres: &[f64], lanes: usize) -> [[f64; LANES]; C] {
    let dimension = tile.len() / ROWS;
    let mut squares = [[0.0; LANES]; C];
    for (d, line) in tile.chunks_exact(ROWS).enumerate() {
        let x: &[f64; LANES] = line[lanes * LANES..][..LANES].try_into().expect("a line holds whole lanes");
        for (c, squares) in squares.iter_mut().enumerate() {
            let centre = centres[c * dimension + d];
            for (square, x) in squares.iter_mut().zip(x) {
                let difference = x - centre;
                *square = multiply_add::<REGISTER, _>(difference, difference, *square);
            }
        }
    }
    squares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compilation_agrees_with_the_formulae() {
        for (dimension, k) in [(1, 1), (2, 3), (7, 5)] {
            // Whole numbers: sums and squares are exact in any order.
            let tile: Vec<f64> = (0..dimension * ROWS).map(|i| (i * 7919 % 13) as f64).collect();
            let centres: Vec<f64> = (0..dimension * k).map(|i| (i * 31 % 11) as f64).collect();
            let weights: Vec<f64> = (0..ROWS).map(|n| (n % 3) as f64).collect();
            let nearest: Vec<f64> = (0..ROWS).map(|n| if n % 6 == 3 { f64::INFINITY } else { n as f64 }).collect();
            let least = |n: usize, c: usize| {
                let square: f64 =
                    (0..dimension).map(|d| (tile[d * ROWS + n] - centres[c * dimension + d]).powi(2)).sum();
                square.min(nearest[n])
            };
            for portable in [false, true] {
                let (mut costs, mut lowered) = (vec![1.0; k], nearest.clone());
                if portable {
                    costs_body::<2>(&tile, &centres, &nearest, &weights, &mut costs);
                    approach_body::<2>(&tile, &centres[..dimension], &mut lowered);
                } else {
                    add_costs(&tile, &centres, &nearest, &weights, &mut costs);
                    approach(&tile, &centres[..dimension], &mut lowered);
                }
                for (c, cost) in costs.iter().enumerate() {
                    assert_eq!(*cost, 1.0 + (0..ROWS).map(|n| weights[n] * least(n, c)).sum::<f64>());
                }
                assert!(lowered.iter().enumerate().all(|(n, found)| *found == least(n, 0)));
            }
        }
    }

    #[test]
    fn a_row_of_weight_zero_is_absent_whatever_it_holds() {
        let (mut tile, mut weights) = ([1.0; ROWS], [1.0; ROWS]);
        (tile[5], weights[5]) = (f64::NAN, 0.0);
        let mut costs = [0.0];
        add_costs(&tile, &[3.0], &[f64::INFINITY; ROWS], &weights, &mut costs);
        assert_eq!(costs, [4.0 * 63.0]);
    }
}
