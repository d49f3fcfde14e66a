//! The mean and the triangular root L of a weighted scatter, Σ_n w_n (v_n − v̄)(v_n − v̄)ᵀ = L Lᵀ, by Gram and Schmidt: each
//! column less what the constant and the columns before it explain.
//!
//! In the modified form, which is as accurate as rotations (Björck 1967): column j is taken out of the later ones as soon as
//! it is known. 2 D (D + 2) flops a row. The pass over the rows that takes out a column finds the products with the next one,
//! so a number is loaded and stored once for four flops: bound by the first-level cache.

use crate::numeric::simd::{multiply_add, vectorised};
use crate::numeric::tile::ROWS;
use crate::numeric::{Aligned, LEAST_VARIANCE, total};

/// Partial sums of each product.
const PARTIALS: usize = 8;
/// Rows that are taken together: three columns of so many fit into the registers.
const LANES: usize = 32;

/// What some rows are taken apart in.
#[derive(Debug)]
pub(crate) struct GramSchmidt {
    /// `[t][d][n]`.
    tiles: Aligned,
    weights: Aligned,
    sums: Vec<[f64; PARTIALS]>,
    factors: Vec<f64>,
}

impl GramSchmidt {
    /// For so many rows of D numbers.
    pub(crate) fn new(rows: usize, dimension: usize) -> Self {
        let rows = rows.next_multiple_of(ROWS);
        Self {
            tiles: Aligned::zeros(dimension * rows),
            weights: Aligned::zeros(rows),
            sums: vec![[0.0; PARTIALS]; dimension],
            factors: vec![0.0; dimension],
        }
    }

    /// Σ w, the mean and L (D × D, row-major) of the rows of tiles `[t][d][n]` under some weights, not all 0; `centre` is a
    /// row near them. `None` if a square overflows, or is too small to have digits.
    pub(crate) fn root(&mut self, tiles: &[f64], weights: &[f64], centre: &[f64]) -> Option<(f64, Vec<f64>, Vec<f64>)> {
        let (d, weight) = (centre.len(), total(weights));
        self.weights[..weights.len()].copy_from_slice(weights);
        self.sums.fill([0.0; PARTIALS]);
        move_to(tiles, centre, &self.weights, &mut self.tiles, &mut self.sums);
        self.factors.iter_mut().zip(&self.sums).for_each(|(factor, sum)| *factor = total(sum) / weight);
        let mean = centre.iter().zip(&self.factors).map(|(c, rest)| c + rest).collect();
        let mut root = vec![0.0; d * d];
        for j in 0..d {
            let sums = &mut self.sums[j..];
            sums.fill([0.0; PARTIALS]);
            take_out(&mut self.tiles, (d, j), &self.factors[j..], &self.weights, sums);
            let square = total(&sums[0]);
            if !(square == 0.0 || (LEAST_VARIANCE..f64::INFINITY).contains(&square)) {
                return None;
            }
            let share = if square > 0.0 { 1.0 / square } else { 0.0 };
            for (i, sum) in sums.iter().enumerate().map(|(i, sum)| (j + i, total(sum))) {
                self.factors[i] = sum * share;
                root[i * d + j] = sum * share.sqrt();
            }
        }
        Some((weight, mean, root))
    }
}

vectorised! {
    /// v = x − centre of tiles `[t][d][n]`, and Σ_n w_n v_nd.
    fn move_to(tiles: &[f64], centre: &[f64], weights: &[f64], moved: &mut [f64], sums: &mut [[f64; PARTIALS]]) = move_body;
}

#[inline(always)]
#[allow(
    clippy::inline_always,
    clippy::needless_range_loop,
    reason = "compiled for each instruction set; sums are indexed"
)]
fn move_body<const REGISTER: usize>(
    tiles: &[f64],
    centre: &[f64],
    weights: &[f64],
    moved: &mut [f64],
    sums: &mut [[f64; PARTIALS]],
) {
    let size = centre.len() * ROWS;
    let parts = tiles.chunks_exact(size).zip(moved.chunks_exact_mut(size)).zip(weights.chunks_exact(ROWS));
    for ((tile, moved), weights) in parts {
        let lines = tile.chunks_exact(ROWS).zip(moved.chunks_exact_mut(ROWS));
        for (((line, moved), c), sum) in lines.zip(centre).zip(sums.iter_mut()) {
            let mut partial = *sum;
            for n in (0..ROWS).step_by(PARTIALS) {
                for m in 0..PARTIALS {
                    moved[n + m] = line[n + m] - c;
                    partial[m] = multiply_add::<REGISTER, _>(weights[n + m], moved[n + m], partial[m]);
                }
            }
            *sum = partial;
        }
    }
}

vectorised! {
    /// Takes `factors[i]` times column j − 1 (times 1 if j = 0) out of each column i ≥ j of tiles `[t][d][n]`, and sums
    /// Σ_n w_n v_nj v_ni; `place` is (D, j), factors and sums are those of the columns from j on.
    fn take_out(
        tiles: &mut [f64],
        place: (usize, usize),
        factors: &[f64],
        weights: &[f64],
        sums: &mut [[f64; PARTIALS]],
    ) = body;
}

#[inline(always)]
#[allow(clippy::inline_always, clippy::needless_range_loop, reason = "as above")]
fn body<const REGISTER: usize>(
    tiles: &mut [f64],
    (dimension, j): (usize, usize),
    factors: &[f64],
    weights: &[f64],
    sums: &mut [[f64; PARTIALS]],
) {
    for (tile, weights) in tiles.chunks_exact_mut(dimension * ROWS).zip(weights.chunks_exact(ROWS)) {
        let (before, later) = tile.split_at_mut(j * ROWS);
        for (n, weights) in weights.chunks_exact(LANES).enumerate() {
            let before = before.chunks_exact(ROWS).next_back().map_or([1.0; LANES], |line| lanes(&line[n * LANES..]));
            let mut weighted = [0.0; LANES];
            for (i, ((line, factor), sum)) in later.chunks_exact_mut(ROWS).zip(factors).zip(sums.iter_mut()).enumerate()
            {
                let line = &mut line[n * LANES..][..LANES];
                let mut v = lanes(line);
                for l in 0..LANES {
                    v[l] = multiply_add::<REGISTER, _>(-factor, before[l], v[l]);
                }
                line.copy_from_slice(&v);
                if i == 0 {
                    for l in 0..LANES {
                        weighted[l] = weights[l] * v[l];
                    }
                }
                let mut partial = *sum;
                for part in 0..LANES / PARTIALS {
                    for m in 0..PARTIALS {
                        let l = part * PARTIALS + m;
                        partial[m] = multiply_add::<REGISTER, _>(weighted[l], v[l], partial[m]);
                    }
                }
                *sum = partial;
            }
        }
    }
}

/// The first numbers of a line.
#[inline(always)]
#[allow(clippy::inline_always, reason = "inside a kernel it must be compiled for the kernel's instruction set")]
fn lanes(line: &[f64]) -> [f64; LANES] {
    line[..LANES].try_into().expect("a line holds whole lanes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::tile::tiles;

    fn rows(n: usize, d: usize) -> (Vec<f64>, Vec<f64>) {
        let values = (0..n * d).map(|i| (i * i * 7919 % 1000) as f64 / 8.0 - 60.0).collect();
        (values, (0..n).map(|n| (n % 4) as f64 * 0.75).collect())
    }

    #[test]
    fn the_root_times_its_transpose_is_the_scatter() {
        for (n, d) in [(5, 1), (70, 2), (130, 5), (64, 8)] {
            let (values, weights) = rows(n, d);
            let found = GramSchmidt::new(n, d).root(&tiles(&values, d, &weights), &weights, &values[..d]);
            let (weight, mean, root) = found.unwrap();
            assert!((weight - weights.iter().sum::<f64>()).abs() < 1e-12);
            let own = |j: usize| (0..n).map(|r| weights[r] * values[r * d + j]).sum::<f64>() / weight;
            for i in 0..d {
                assert!((mean[i] - own(i)).abs() < 1e-12, "{} {}", mean[i], own(i));
                for j in 0..=i {
                    let about = |r: usize| (values[r * d + i] - own(i)) * (values[r * d + j] - own(j));
                    let scatter: f64 = (0..n).map(|r| weights[r] * about(r)).sum();
                    let product: f64 = (0..d).map(|m| root[i * d + m] * root[j * d + m]).sum();
                    assert!((scatter - product).abs() < 1e-13 * weight * 6000.0, "{scatter} {product}");
                }
            }
        }
    }

    #[test]
    fn every_compilation_takes_out_alike() {
        let (values, weights) = rows(2 * ROWS, 3);
        let of = |portable: bool| {
            let (mut tiles, mut sums) = (vec![0.0; values.len()], [[1.0; PARTIALS]; 3]);
            let (centre, factors) = ([1.0, -0.5, 2.0], [0.5, -1.25]);
            if portable {
                move_body::<2>(&values, &centre, &weights, &mut tiles, &mut sums);
                body::<2>(&mut tiles, (3, 1), &factors, &weights, &mut sums[1..]);
            } else {
                move_to(&values, &centre, &weights, &mut tiles, &mut sums);
                take_out(&mut tiles, (3, 1), &factors, &weights, &mut sums[1..]);
            }
            (tiles, sums)
        };
        // Eighths and their multiples: products and sums are exact.
        assert_eq!(of(true), of(false));
        let (tiles, sums) = of(false);
        assert_eq!(tiles[ROWS], (values[ROWS] + 0.5) - 0.5 * (values[0] - 1.0));
        let at = |n: usize, column: usize| (n / ROWS * 3 + column) * ROWS + n % ROWS;
        let first: f64 = (0..2 * ROWS).map(|n| weights[n] * (values[at(n, 0)] - 1.0)).sum();
        let product: f64 = (0..2 * ROWS).map(|n| weights[n] * tiles[at(n, 1)] * tiles[at(n, 2)]).sum();
        // Each of the eight partial sums began at 1, those of the columns from 1 on at what the move left.
        let second: f64 = (0..2 * ROWS).map(|n| weights[n] * (values[at(n, 2)] - 2.0)).sum();
        assert_eq!((total(&sums[0]), total(&sums[2])), (8.0 + first, 8.0 + second + product));
    }

    #[test]
    fn squares_without_digits_are_refused() {
        for size in [1e-160, 1e160] {
            let (values, weights) = ([size, -size, 3.0 * size], [1.0; 3]);
            assert_eq!(GramSchmidt::new(3, 1).root(&tiles(&values, 1, &weights), &weights, &[0.0]), None);
        }
        let constant = GramSchmidt::new(3, 1).root(&tiles(&[0.1; 3], 1, &[1.0; 3]), &[1.0; 3], &[0.1]);
        assert_eq!(constant, Some((3.0, vec![0.1], vec![0.0])));
    }
}
