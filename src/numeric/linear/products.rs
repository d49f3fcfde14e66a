//! Σ_n w_n x_n x_nᵀ over the rows of some tiles: the scatter of a Gaussian's M-step.
//!
//! D (D + 1) flops a row. Products run along the rows, eight to a register. Four columns are multiplied with four others
//! at a time, over all tiles: their sums stay in registers, eight loads to sixteen products, bound by arithmetic as long
//! as the tiles stay in the L2 cache. What a block on the diagonal, or beyond the last column, has too much is waste:
//! D (D + 4) flops a row where D is a multiple of four.

use crate::numeric::simd::{multiply_add, vectorised};
use crate::numeric::tile::ROWS;

/// Partial sums of each pair of columns.
pub(crate) const PARTIALS: usize = 8;

/// Columns of a block.
const BLOCK: usize = 4;

/// D columns in blocks, with the places of their sums.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blocks {
    width: usize,
    count: usize,
}

impl Blocks {
    /// The blocks of so many columns.
    pub(crate) fn of(dimension: usize) -> Self {
        let width = dimension.clamp(1, BLOCK);
        Self { width, count: dimension.div_ceil(width) }
    }

    /// The columns of a block.
    pub(crate) fn width(self) -> usize {
        self.width
    }

    /// The columns with those that fill the last block.
    pub(crate) fn columns(self) -> usize {
        self.width * self.count
    }

    /// How many sums of products there are.
    pub(crate) fn pairs(self) -> usize {
        self.width * self.width * self.count * (self.count + 1) / 2
    }

    /// Shows, of each line of each block, the column i, the first column j, and the sums of the products of i with j and
    /// those after it.
    pub(crate) fn each_line<T>(self, sums: &[T], mut see: impl FnMut(usize, usize, &[T])) {
        let mut lines = sums.chunks_exact(self.width);
        for row in 0..self.count {
            for column in 0..=row {
                for (h, sums) in lines.by_ref().take(self.width).enumerate() {
                    see(row * self.width + h, column * self.width, sums);
                }
            }
        }
    }
}

vectorised! {
    /// Adds Σ_n w_n x_ni to the sums of column i, and Σ_n w_n x_ni x_nj, j ≤ i, to those of each [pair](Blocks::each_line), of centred
    /// tiles `[t][d][n]` with weights `[t][n]`; the columns that fill the last block are 0. The workspace has
    /// [`ROWS`] times as many numbers as there are tiles for each column of a block.
    pub(crate) fn products(
        tiles: &[f64],
        weights: &[f64],
        workspace: &mut [f64],
        sums: &mut [[f64; PARTIALS]],
        pairs: &mut [[f64; PARTIALS]],
    ) = full_body;
}

vectorised! {
    /// Adds w_n z_ni and w_n z_ni² to the partial sums of column i, z = x − centre, of a tile `[d][n]`.
    pub(crate) fn add_squares(
        tile: &[f64],
        centre: &[f64],
        weights: &[f64; ROWS],
        sums: &mut [[f64; PARTIALS]],
        squares: &mut [[f64; PARTIALS]],
    ) = diagonal_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn full_body<const REGISTER: usize>(
    tiles: &[f64],
    weights: &[f64],
    workspace: &mut [f64],
    sums: &mut [[f64; PARTIALS]],
    pairs: &mut [[f64; PARTIALS]],
) {
    match sums.len() {
        1 => by_blocks::<REGISTER, 1>(tiles, weights, workspace, sums, pairs),
        2 => by_blocks::<REGISTER, 2>(tiles, weights, workspace, sums, pairs),
        3 => by_blocks::<REGISTER, 3>(tiles, weights, workspace, sums, pairs),
        _ => by_blocks::<REGISTER, BLOCK>(tiles, weights, workspace, sums, pairs),
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn by_blocks<const REGISTER: usize, const B: usize>(
    tiles: &[f64],
    weights: &[f64],
    workspace: &mut [f64],
    sums: &mut [[f64; PARTIALS]],
    pairs: &mut [[f64; PARTIALS]],
) {
    let columns = sums.len();
    let mut blocks = pairs.chunks_exact_mut(B * B);
    for (i, sums) in sums.chunks_exact_mut(B).enumerate() {
        let parts = tiles.chunks_exact(columns * ROWS).zip(weights.chunks_exact(ROWS));
        for ((tile, weights), weighted) in parts.zip(workspace.chunks_exact_mut(B * ROWS)) {
            let lines = tile[i * B * ROWS..].chunks_exact(ROWS).zip(weighted.chunks_exact_mut(ROWS));
            for ((line, weighted), sum) in lines.zip(sums.iter_mut()) {
                weigh(line, weights, weighted, sum);
            }
        }
        for (j, block) in (0..=i).zip(&mut blocks) {
            let places = (columns * ROWS, j * B * ROWS, B * ROWS);
            if REGISTER == 8 {
                // Sixteen sums fill half of the registers.
                of_block::<REGISTER, B, B>(workspace, tiles, places, block);
            } else {
                for (h, row) in block.chunks_exact_mut(B).enumerate() {
                    of_block::<REGISTER, 1, B>(&workspace[h * ROWS..], tiles, places, row);
                }
            }
        }
    }
}

/// `out[n]` = w_n x_n, and Σ w_n x_n in partial sums.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn weigh(line: &[f64], weights: &[f64], out: &mut [f64], sum: &mut [f64; PARTIALS]) {
    let parts = line.chunks_exact(PARTIALS).zip(weights.chunks_exact(PARTIALS)).zip(out.chunks_exact_mut(PARTIALS));
    for ((x, w), out) in parts {
        for m in 0..PARTIALS {
            out[m] = x[m] * w[m];
            sum[m] += out[m];
        }
    }
}

/// Adds Σ_n a_n b_n of H weighted lines with W others, over all tiles, to partial sums: a tile has `stride` numbers, of which
/// the W lines begin at `first`; the weighted lines stand `step` apart from tile to tile.
#[inline(always)]
#[allow(clippy::inline_always, clippy::needless_range_loop, reason = "as above; and sums are indexed")]
fn of_block<const REGISTER: usize, const H: usize, const W: usize>(
    weighted: &[f64],
    tiles: &[f64],
    (stride, first, step): (usize, usize, usize),
    block: &mut [[f64; PARTIALS]],
) {
    // By index alone: a slice of the sums would keep them in memory.
    let mut sums = [[[0.0; PARTIALS]; W]; H];
    for (t, tile) in tiles.chunks_exact(stride).enumerate() {
        let lines: [&[f64]; W] = std::array::from_fn(|w| &tile[first + w * ROWS..][..ROWS]);
        let weighted: [&[f64]; H] = std::array::from_fn(|h| &weighted[t * step + h * ROWS..][..ROWS]);
        for n in (0..ROWS).step_by(PARTIALS) {
            let part = |line: &[f64]| -> [f64; PARTIALS] {
                line[n..][..PARTIALS].try_into().expect("a line holds whole parts")
            };
            let b: [[f64; PARTIALS]; W] = std::array::from_fn(|w| part(lines[w]));
            for h in 0..H {
                let a = part(weighted[h]);
                for w in 0..W {
                    for m in 0..PARTIALS {
                        sums[h][w][m] = multiply_add::<REGISTER, _>(a[m], b[w][m], sums[h][w][m]);
                    }
                }
            }
        }
    }
    for h in 0..H {
        for w in 0..W {
            let total = &mut block[h * W + w];
            for m in 0..PARTIALS {
                total[m] += sums[h][w][m];
            }
        }
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn diagonal_body<const REGISTER: usize>(
    tile: &[f64],
    centre: &[f64],
    weights: &[f64; ROWS],
    sums: &mut [[f64; PARTIALS]],
    squares: &mut [[f64; PARTIALS]],
) {
    for (((line, c), sum), square) in tile.chunks_exact(ROWS).zip(centre).zip(sums).zip(squares) {
        let (mut of_line, mut of_squares) = (*sum, *square);
        for n in (0..ROWS).step_by(PARTIALS) {
            for m in 0..PARTIALS {
                let z = line[n + m] - c;
                let weighted = weights[n + m] * z;
                of_line[m] += weighted;
                of_squares[m] = multiply_add::<REGISTER, _>(weighted, z, of_squares[m]);
            }
        }
        (*sum, *square) = (of_line, of_squares);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TILES: usize = 3;

    #[test]
    fn every_compilation_agrees_with_the_formula() {
        for dimension in [1usize, 2, 3, 4, 5, 8, 9, 15] {
            let blocks = Blocks::of(dimension);
            let columns = blocks.columns();
            let x = |n: usize, d: usize| {
                if d < dimension { ((n * 31 + d) * 7919 % 1000) as f64 / 100.0 - 5.0 } else { 0.0 }
            };
            let at = |i: usize| x(i / (columns * ROWS) * ROWS + i % ROWS, i / ROWS % columns);
            let tiles: Vec<f64> = (0..TILES * columns * ROWS).map(at).collect();
            let weights: Vec<f64> = (0..TILES * ROWS).map(|n| (n % 5) as f64).collect();
            let mut workspace = vec![0.0; TILES * BLOCK * ROWS];
            let zeros = |n: usize| vec![[0.0; PARTIALS]; n];
            let (mut sums, mut portable_sums) = (zeros(columns), zeros(columns));
            let (mut pairs, mut portable_pairs) = (zeros(blocks.pairs()), zeros(blocks.pairs()));
            products(&tiles, &weights, &mut workspace, &mut sums, &mut pairs);
            full_body::<2>(&tiles, &weights, &mut workspace, &mut portable_sums, &mut portable_pairs);
            let (mut squares, mut portable_squares) = (zeros(columns), zeros(columns));
            let (mut of_lines, mut portable_of_lines) = (zeros(columns), zeros(columns));
            let centre = vec![0.0; columns];
            for (tile, weights) in tiles.chunks_exact(columns * ROWS).zip(weights.chunks_exact(ROWS)) {
                let weights = weights.try_into().unwrap();
                add_squares(tile, &centre, weights, &mut of_lines, &mut squares);
                diagonal_body::<2>(tile, &centre, weights, &mut portable_of_lines, &mut portable_squares);
            }
            assert!([&portable_sums, &of_lines, &portable_of_lines].iter().all(|s| **s == sums));
            let near = |partials: &[f64; PARTIALS], reference: f64| {
                assert!((partials.iter().sum::<f64>() - reference).abs() < 1e-9, "{partials:?} {reference}");
            };
            let both: Vec<_> = pairs.iter().zip(&portable_pairs).collect();
            let mut seen = 0;
            blocks.each_line(&both, |i, first, sums| {
                for (j, (sum, portable)) in (first..).zip(sums) {
                    let reference = (0..TILES * ROWS).map(|n| weights[n] * x(n, i) * x(n, j)).sum();
                    near(sum, reference);
                    near(portable, reference);
                    if i == j && i < dimension {
                        near(&of_lines[i], (0..TILES * ROWS).map(|n| weights[n] * x(n, i)).sum());
                        near(&squares[i], reference);
                        near(&portable_squares[i], reference);
                    }
                    seen += 1;
                }
            });
            assert_eq!(seen, blocks.pairs());
        }
    }
}
