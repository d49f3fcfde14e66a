//! Σ_n w_n x_n x_nᵀ over the rows of a tile: the scatter of a Gaussian's M-step.
//!
//! D (D + 1) flops a row. Products run along the rows, eight to a vector; each pair of columns keeps eight partial sums
//! from tile to tile, so that they are added up only once. A column loaded is multiplied with four others: bound by
//! the loads of 5/4 values a product.

use super::simd::{multiply_add, vectorised};
use super::tile::ROWS;

/// Partial sums of each pair of columns.
pub const PARTIALS: usize = 8;

vectorised! {
    /// Adds w_n x_ni to the partial sums of column i, and w_n x_ni x_nj, j ≤ i, to those of the pair, which stand at
    /// i (i + 1) / 2 + j; of a centred tile `[d][n]`.
    pub fn add_products(
        tile: &[f64],
        weights: &[f64; ROWS],
        sums: &mut [[f64; PARTIALS]],
        pairs: &mut [[f64; PARTIALS]],
    ) = full_body;
}

vectorised! {
    /// Adds w_n x_ni and w_n x_ni² to the partial sums of column i, of a centred tile `[d][n]`.
    pub fn add_squares(
        tile: &[f64],
        weights: &[f64; ROWS],
        sums: &mut [[f64; PARTIALS]],
        squares: &mut [[f64; PARTIALS]],
    ) = diagonal_body;
}

/// Columns multiplied with one other at a time.
const WIDTH: usize = 4;

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn full_body<const FMA: bool>(
    tile: &[f64],
    weights: &[f64; ROWS],
    sums: &mut [[f64; PARTIALS]],
    partials: &mut [[f64; PARTIALS]],
) {
    for ((i, line), sum) in tile.chunks_exact(ROWS).enumerate().zip(sums) {
        let weighted = weigh(line, weights, sum);
        let pairs = &mut partials[i * (i + 1) / 2..][..=i];
        let mut groups = pairs.chunks_exact_mut(WIDTH);
        let mut j = 0;
        for group in &mut groups {
            products::<FMA, WIDTH>(&weighted, &tile[j * ROWS..], group);
            j += WIDTH;
        }
        for pair in groups.into_remainder().chunks_exact_mut(1) {
            products::<FMA, 1>(&weighted, &tile[j * ROWS..], pair);
            j += 1;
        }
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn diagonal_body<const FMA: bool>(
    tile: &[f64],
    weights: &[f64; ROWS],
    sums: &mut [[f64; PARTIALS]],
    squares: &mut [[f64; PARTIALS]],
) {
    for ((line, sum), square) in tile.chunks_exact(ROWS).zip(sums).zip(squares.chunks_exact_mut(1)) {
        products::<FMA, 1>(&weigh(line, weights, sum), line, square);
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn weigh(line: &[f64], weights: &[f64; ROWS], sum: &mut [f64; PARTIALS]) -> [f64; ROWS] {
    let weighted: [f64; ROWS] = std::array::from_fn(|n| line[n] * weights[n]);
    for part in weighted.chunks_exact(PARTIALS) {
        sum.iter_mut().zip(part).for_each(|(s, x)| *s += x);
    }
    weighted
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn products<const FMA: bool, const W: usize>(weighted: &[f64; ROWS], lines: &[f64], sums: &mut [[f64; PARTIALS]]) {
    let lines: [&[f64]; W] = std::array::from_fn(|j| &lines[j * ROWS..][..ROWS]);
    let mut partial: [[f64; PARTIALS]; W] = std::array::from_fn(|j| sums[j]);
    for n in (0..ROWS).step_by(PARTIALS) {
        let a: &[f64; PARTIALS] = weighted[n..][..PARTIALS].try_into().expect("a line holds whole partial sums");
        for (sum, line) in partial.iter_mut().zip(lines) {
            let b: &[f64; PARTIALS] = line[n..][..PARTIALS].try_into().expect("as above");
            for m in 0..PARTIALS {
                sum[m] = multiply_add::<FMA>(a[m], b[m], sum[m]);
            }
        }
    }
    sums.copy_from_slice(&partial);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compilation_agrees_with_the_formula() {
        for dimension in [1usize, 2, 3, 4, 5, 9] {
            let tile: Vec<f64> = (0..dimension * ROWS).map(|i| (i * 7919 % 1000) as f64 / 100.0 - 5.0).collect();
            let weights: [f64; ROWS] = std::array::from_fn(|n| (n % 5) as f64);
            let pairs = dimension * (dimension + 1) / 2;
            let zeros = |n: usize| vec![[0.0; PARTIALS]; n];
            let mut sums = [zeros(dimension), zeros(dimension), zeros(dimension), zeros(dimension)];
            let (mut fast, mut portable) = (zeros(pairs), zeros(pairs));
            let (mut squares, mut portable_squares) = (zeros(dimension), zeros(dimension));
            add_products(&tile, &weights, &mut sums[0], &mut fast);
            full_body::<false>(&tile, &weights, &mut sums[1], &mut portable);
            add_squares(&tile, &weights, &mut sums[2], &mut squares);
            diagonal_body::<false>(&tile, &weights, &mut sums[3], &mut portable_squares);
            assert!(sums.iter().all(|s| *s == sums[0]));
            for i in 0..dimension {
                let sum: f64 = (0..ROWS).map(|n| weights[n] * tile[i * ROWS + n]).sum();
                assert!((sums[0][i].iter().sum::<f64>() - sum).abs() < 1e-10);
                for j in 0..=i {
                    let term = |n: usize| weights[n] * tile[i * ROWS + n] * tile[j * ROWS + n];
                    let reference: f64 = (0..ROWS).map(term).sum();
                    let near = |sums: &[f64; PARTIALS]| (sums.iter().sum::<f64>() - reference).abs() < 1e-10;
                    assert!(near(&fast[i * (i + 1) / 2 + j]) && near(&portable[i * (i + 1) / 2 + j]));
                    assert!(i != j || near(&squares[i]) && near(&portable_squares[i]));
                }
            }
        }
    }
}
