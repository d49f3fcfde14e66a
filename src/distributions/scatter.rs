//! Weight, mean and scatter about the mean of rows: Σ w, Σ w x / Σ w, Σ w (x − mean)(x − mean)ᵀ.
//!
//! Rows are centred on the mean of their tile before they are squared and tiles merge by the pairwise formula, so
//! that shifting the data by any amount does not cost a digit.

use crate::data::Statistics;
use crate::error::Error;
use crate::numeric::Scalar;
use crate::numeric::products::{PARTIALS, add_products, add_squares};
use crate::numeric::tile::{ROWS, centre_and_transpose};

/// The statistics of a multivariate normal; of the scatter either all D × D entries (row-major) or its diagonal.
#[derive(Clone, Debug, PartialEq)]
pub struct Scatter {
    weight: f64,
    mean: Vec<f64>,
    scatter: Vec<f64>,
}

impl Scatter {
    /// No rows yet; all D × D entries of the scatter.
    pub fn full(dimension: usize) -> Self {
        Self { weight: 0.0, mean: vec![0.0; dimension], scatter: vec![0.0; dimension * dimension] }
    }

    /// No rows yet; the diagonal of the scatter.
    pub fn diagonal(dimension: usize) -> Self {
        Self { weight: 0.0, mean: vec![0.0; dimension], scatter: vec![0.0; dimension] }
    }

    /// Σ w.
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// Σ w x / Σ w.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// Σ w (x − mean)(x − mean)ᵀ: D × D entries, or the D of the diagonal.
    pub fn scatter(&self) -> &[f64] {
        &self.scatter
    }

    /// scatter / Σ w.
    ///
    /// # Errors
    /// [`Error::NoWeight`] if Σ w is not positive.
    pub fn covariance(&self) -> Result<Vec<f64>, Error> {
        if self.weight > 0.0 {
            Ok(self.scatter.iter().map(|s| s / self.weight).collect())
        } else {
            Err(Error::NoWeight { weight: self.weight })
        }
    }

    /// A variance that the rounding of the data themselves explains, √v ≤ 4 ε |mean|, is none.
    ///
    /// # Errors
    /// [`Error::Singular`] naming the column.
    pub fn check_spread(&self) -> Result<(), Error> {
        for (column, &m) in self.mean.iter().enumerate() {
            let variance = self.scatter[column * self.stride()] / self.weight;
            // Negated so that NaN is refused.
            if !(variance > (4.0 * f64::EPSILON * m).powi(2)) {
                return Err(Error::Singular { column, pivot: variance });
            }
        }
        Ok(())
    }

    /// Adds the weight and the scatter of another group about that group's own mean: the scatter within groups.
    pub fn pool(&mut self, group: &Self) {
        let share = group.weight / (self.weight + group.weight);
        if group.weight > 0.0 {
            self.mean.iter_mut().zip(&group.mean).for_each(|(m, g)| *m += share * (g - *m));
            self.weight += group.weight;
            self.scatter.merge(&group.scatter);
        }
    }

    /// Adds rows (row-major, D to a row) under their weights; a row of weight 0 is absent.
    ///
    /// N D (D + 6) flops for the full scatter, along the rows of tiles in the L1 cache.
    pub fn add<F: Scalar>(&mut self, values: &[F], weights: &[f64]) {
        let Some(part) = self.about_own_mean(values, weights) else { return };
        self.merge(&part);
    }

    /// The statistics of some rows alone; `None` if they have no weight.
    fn about_own_mean<F: Scalar>(&self, values: &[F], weights: &[f64]) -> Option<Self> {
        let d = self.mean.len();
        let first = weights.iter().position(|&w| w > 0.0)?;
        let weight: f64 = weights.iter().sum();
        // About the first row that counts, then about the mean: neither sum cancels.
        let origin: Vec<f64> = values[first * d..][..d].iter().map(|x| x.widen()).collect();
        let mut shift = vec![0.0; d];
        for (row, &w) in values.chunks_exact(d).zip(weights).filter(|(_, w)| **w > 0.0) {
            for (sum, (x, o)) in shift.iter_mut().zip(row.iter().zip(&origin)) {
                *sum += w * (x.widen() - o);
            }
        }
        let mean: Vec<f64> = origin.iter().zip(&shift).map(|(o, s)| o + s / weight).collect();
        let scatter = self.scatter_about(&mean, values, weights);
        Some(Self { weight, mean, scatter })
    }

    fn scatter_about<F: Scalar>(&self, mean: &[f64], values: &[F], weights: &[f64]) -> Vec<f64> {
        let d = mean.len();
        let full = self.stride() != 1 || d == 1;
        let mut partials = vec![[0.0; PARTIALS]; if full { d * (d + 1) / 2 } else { d }];
        let (mut tile, mut of_tile) = (vec![0.0; d * ROWS], [0.0; ROWS]);
        for (values, weights) in values.chunks(d * ROWS).zip(weights.chunks(ROWS)) {
            centre_and_transpose(values, mean, &mut tile);
            of_tile[..weights.len()].copy_from_slice(weights);
            of_tile[weights.len()..].fill(0.0);
            for (n, _) in weights.iter().enumerate().filter(|(_, w)| **w == 0.0) {
                // The value of an absent row may be infinite.
                tile.iter_mut().skip(n).step_by(ROWS).for_each(|x| *x = 0.0);
            }
            if full {
                add_products(&tile, &of_tile, &mut partials);
            } else {
                add_squares(&tile, &of_tile, &mut partials);
            }
        }
        let sums: Vec<f64> = partials.iter().map(|p| p.iter().sum()).collect();
        if !full {
            return sums;
        }
        let pair = |i: usize, j: usize| sums[i.max(j) * (i.max(j) + 1) / 2 + i.min(j)];
        (0..d * d).map(|ij| pair(ij / d, ij % d)).collect()
    }

    /// How far two diagonal entries of the scatter lie apart.
    fn stride(&self) -> usize {
        if self.scatter.len() == self.mean.len() { 1 } else { self.mean.len() + 1 }
    }
}

impl Statistics for Scatter {
    /// The pairwise formula of Chan, Golub & LeVeque (1983).
    fn merge(&mut self, other: &Self) {
        if other.weight == 0.0 {
            return;
        }
        if self.weight == 0.0 {
            self.clone_from(other);
            return;
        }
        let d = self.mean.len();
        let weight = self.weight + other.weight;
        let share = other.weight / weight;
        let factor = self.weight * share;
        let delta: Vec<f64> = other.mean.iter().zip(&self.mean).map(|(a, b)| a - b).collect();
        if self.stride() == 1 {
            for ((s, o), x) in self.scatter.iter_mut().zip(&other.scatter).zip(&delta) {
                *s += o + factor * x * x;
            }
        } else {
            for (i, (row, other)) in self.scatter.chunks_exact_mut(d).zip(other.scatter.chunks_exact(d)).enumerate() {
                for ((s, o), x) in row.iter_mut().zip(other).zip(&delta) {
                    *s += o + factor * (delta[i] * x);
                }
            }
        }
        self.mean.iter_mut().zip(&delta).for_each(|(m, x)| *m += share * x);
        self.weight = weight;
    }

    fn scale(&mut self, factor: f64) {
        self.weight *= factor;
        self.scatter.scale(factor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scatter_of_shifted_rows_keeps_its_digits() {
        let rows: Vec<f64> = (0..300).map(|i| f64::from(i * 7919 % 1000)).collect();
        let shifted: Vec<f64> = rows.iter().map(|x| x + 1e8).collect();
        let (mut a, mut b) = (Scatter::full(3), Scatter::full(3));
        a.add(&rows, &[1.5; 100]);
        b.add(&shifted, &[1.5; 100]);
        for (x, y) in a.scatter().iter().zip(b.scatter()) {
            assert!((x - y).abs() <= 1e-12 * a.scatter()[0], "{x} {y}");
        }
    }

    #[test]
    fn a_row_of_weight_zero_is_absent_even_if_infinite() {
        let (mut with, mut without) = (Scatter::full(1), Scatter::full(1));
        with.add(&[f64::INFINITY, 1.0, f64::NAN, 4.0], &[0.0, 1.0, 0.0, 2.0]);
        without.add(&[1.0, 4.0], &[1.0, 2.0]);
        assert_eq!(with, without);
    }

    #[test]
    fn diagonal_scatter_is_the_diagonal_of_the_full_one() {
        let rows: Vec<f64> = (0..400).map(|i| f64::from(i * 31 % 97)).collect();
        let (mut full, mut diagonal) = (Scatter::full(4), Scatter::diagonal(4));
        full.add(&rows, &[1.0; 100]);
        diagonal.add(&rows, &[1.0; 100]);
        for i in 0..4 {
            assert_eq!(full.scatter()[i * 5].to_bits(), diagonal.scatter()[i].to_bits());
        }
    }
}
