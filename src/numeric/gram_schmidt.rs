//! The mean and the triangular root L of a weighted scatter, Σ_n w_n (v_n − v̄)(v_n − v̄)ᵀ = L Lᵀ, by Gram and Schmidt: each
//! column less what the constant and the columns before it explain.
//!
//! In the modified form, which is as accurate as rotations (Björck 1967): column j is taken out of the later ones as soon as
//! it is known. 2 D (D + 3) flops a row. The pass over the rows that takes out a column finds the products with the next one,
//! so a number is loaded and stored once for four flops: bound by the first-level cache.

use super::simd::{multiply_add, vectorised};
use super::tile::{ROWS, subtract};
use super::{Aligned, LEAST_VARIANCE, total};

/// Partial sums of each product.
const PARTIALS: usize = 8;

/// What some rows are taken apart in.
#[derive(Debug)]
pub struct GramSchmidt {
    /// `[t][1 + d][n]`: a constant, then the columns.
    tiles: Aligned,
    weights: Aligned,
    sums: Vec<[f64; PARTIALS]>,
    factors: Vec<f64>,
}

impl GramSchmidt {
    /// For so many rows of D numbers.
    pub fn new(rows: usize, dimension: usize) -> Self {
        let (tiles, columns) = (rows.div_ceil(ROWS), dimension + 1);
        Self {
            tiles: Aligned::zeros(tiles * columns * ROWS),
            weights: Aligned::zeros(tiles * ROWS),
            sums: vec![[0.0; PARTIALS]; columns],
            factors: vec![0.0; columns],
        }
    }

    /// Σ w, the mean and L (D × D, row-major) of the rows of tiles `[t][d][n]` under some weights; `centre` is a row near
    /// them. `None` if a square overflows, or is too small to have digits.
    pub fn root(&mut self, tiles: &[f64], weights: &[f64], centre: &[f64]) -> Option<(f64, Vec<f64>, Vec<f64>)> {
        let (d, columns) = (centre.len(), centre.len() + 1);
        for (tile, own) in tiles.chunks_exact(d * ROWS).zip(self.tiles.chunks_exact_mut(columns * ROWS)) {
            let (constant, own) = own.split_at_mut(ROWS);
            constant.fill(1.0);
            subtract(tile, centre, own);
        }
        self.weights[..weights.len()].copy_from_slice(weights);
        let (mut weight, mut mean, mut root) = (0.0, centre.to_vec(), vec![0.0; d * d]);
        for j in 0..columns {
            let sums = &mut self.sums[j..];
            sums.fill([0.0; PARTIALS]);
            take_out(&mut self.tiles, (columns, j), &self.factors[j..], &self.weights, sums);
            let square = total(&sums[0]);
            if !(square == 0.0 || (LEAST_VARIANCE..f64::INFINITY).contains(&square)) {
                return None;
            }
            let share = if square > 0.0 { 1.0 / square } else { 0.0 };
            for (i, sum) in sums.iter().enumerate().map(|(i, sum)| (j + i, total(sum))) {
                self.factors[i] = sum * share;
                match j.checked_sub(1) {
                    None if i == 0 => weight = sum,
                    None => mean[i - 1] += sum * share,
                    Some(j) => root[(i - 1) * d + j] = sum * share.sqrt(),
                }
            }
        }
        Some((weight, mean, root))
    }
}

vectorised! {
    /// Takes `factors[i]` times column j − 1 out of each column i ≥ j of tiles `[t][column][n]` (nothing if j = 0), and sums
    /// Σ_n w_n v_nj v_ni. Factors and sums are those of the columns from j on.
    fn take_out(
        tiles: &mut [f64],
        place: (usize, usize),
        factors: &[f64],
        weights: &[f64],
        sums: &mut [[f64; PARTIALS]],
    ) = body;
}

#[inline(always)]
#[allow(
    clippy::inline_always,
    clippy::needless_range_loop,
    reason = "compiled once for each instruction set; and sums are indexed"
)]
fn body<const REGISTER: usize>(
    tiles: &mut [f64],
    (columns, j): (usize, usize),
    factors: &[f64],
    weights: &[f64],
    sums: &mut [[f64; PARTIALS]],
) {
    for (tile, weights) in tiles.chunks_exact_mut(columns * ROWS).zip(weights.chunks_exact(ROWS)) {
        let (before, later) = tile.split_at_mut(j * ROWS);
        let before = before.chunks_exact(ROWS).next_back();
        let mut weighted = [0.0; ROWS];
        for (i, ((line, factor), sum)) in later.chunks_exact_mut(ROWS).zip(factors).zip(sums.iter_mut()).enumerate() {
            let line: &mut [f64; ROWS] = line.try_into().expect("a line of a tile");
            if let Some(before) = before {
                let before: &[f64; ROWS] = before.try_into().expect("a line of a tile");
                for n in 0..ROWS {
                    line[n] = multiply_add::<REGISTER, _>(-factor, before[n], line[n]);
                }
            }
            if i == 0 {
                for n in 0..ROWS {
                    weighted[n] = weights[n] * line[n];
                }
            }
            let mut partial = *sum;
            for n in (0..ROWS).step_by(PARTIALS) {
                for m in 0..PARTIALS {
                    partial[m] = multiply_add::<REGISTER, _>(weighted[n + m], line[n + m], partial[m]);
                }
            }
            *sum = partial;
        }
    }
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
            let (mut tiles, mut sums) = (values.clone(), [[1.0; PARTIALS]; 2]);
            let factors = [0.5, -1.25];
            if portable {
                body::<2>(&mut tiles, (3, 1), &factors, &weights, &mut sums);
            } else {
                take_out(&mut tiles, (3, 1), &factors, &weights, &mut sums);
            }
            (tiles, sums)
        };
        // Eighths and their multiples: products and sums are exact.
        assert_eq!(of(true), of(false));
        let (tiles, sums) = of(false);
        assert_eq!(tiles[ROWS], values[ROWS] - 0.5 * values[0]);
        let expected: f64 = (0..2 * ROWS)
            .map(|n| {
                let at = |column: usize| tiles[(n / ROWS * 3 + column) * ROWS + n % ROWS];
                weights[n] * at(1) * at(2)
            })
            .sum();
        assert_eq!(total(&sums[1]), 8.0 + expected);
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
