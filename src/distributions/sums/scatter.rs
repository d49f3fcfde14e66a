//! Weight, mean and scatter about the mean of rows: Σ w, Σ w x / Σ w, Σ w (x − mean)(x − mean)ᵀ.
//!
//! Rows are centred near their mean before they are squared, and batches merge by the pairwise formula, so that
//! shifting the data by any amount does not cost a digit.

use crate::data::Statistics;
use crate::error::Error;
use crate::numeric::linear::products::{Blocks, PARTIALS, add_squares, products};
use crate::numeric::tile::{ROWS, subtract, tiles};
use crate::numeric::{Aligned, Scalar, pooled_mean, total};

/// The statistics of a multivariate normal; of the scatter either all D × D entries (row-major) or its diagonal.
#[derive(Clone, Debug, PartialEq)]
pub struct Scatter {
    weight: f64,
    mean: Vec<f64>,
    scatter: Vec<f64>,
    /// Σ w H(x_m | x_o) of the cells that were missing, in nats.
    entropy: f64,
}

impl Scatter {
    /// No rows yet; all D × D entries of the scatter.
    pub fn full(dimension: usize) -> Self {
        Self { weight: 0.0, mean: vec![0.0; dimension], scatter: vec![0.0; dimension * dimension], entropy: 0.0 }
    }

    /// No rows yet; the diagonal of the scatter.
    pub fn diagonal(dimension: usize) -> Self {
        Self { weight: 0.0, mean: vec![0.0; dimension], scatter: vec![0.0; dimension], entropy: 0.0 }
    }

    /// Rows of a total weight, of which this mean and this covariance (D × D row-major, over Σ w) are known: where a paper
    /// prints no more.
    ///
    /// # Errors
    /// [`Error::Dimension`]; [`Error::NoWeight`]; [`Error::Parameter`] for a number that is not finite, a covariance that is
    /// not symmetric, or a variance that is negative.
    pub fn of_covariance(mean: Vec<f64>, covariance: &[f64], weight: f64) -> Result<Self, Error> {
        let d = mean.len();
        if covariance.len() != d * d {
            return Err(Error::Dimension { what: "the covariance", expected: d * d, found: covariance.len() });
        }
        if !(weight > 0.0 && weight.is_finite()) {
            return Err(Error::NoWeight { weight });
        }
        let (name, domain) = ("a mean or covariance", "(−∞, ∞)");
        mean.iter().chain(covariance).try_for_each(|x| Error::check(x.is_finite(), name, *x, domain))?;
        for (i, j) in (0..d).flat_map(|i| (0..=i).map(move |j| (i, j))) {
            let (one, other) = (covariance[i * d + j], covariance[j * d + i]);
            let same = (one - other).abs() <= 1e-9 * one.abs().max(other.abs());
            Error::check(same, "an entry above the diagonal of a covariance", other, "{that below it}")?;
            Error::check(i != j || one >= 0.0, "a variance", one, "[0, ∞)")?;
        }
        Ok(Self { weight, mean, scatter: covariance.iter().map(|c| c * weight).collect(), entropy: 0.0 })
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

    /// Σ w H(x_m | x_o) of the cells that were missing: 0 if none was.
    pub(crate) fn entropy(&self) -> f64 {
        self.entropy
    }

    /// Adds Σ w Cov(x_m | x_o), and Σ w H(x_m | x_o), of rows that were added with means in place of their missing cells.
    pub(crate) fn add_conditional(&mut self, covariance: &[f64], entropy: f64) {
        let step = if self.stride() == 1 { self.mean.len() + 1 } else { 1 };
        self.scatter.iter_mut().zip(covariance.iter().step_by(step)).for_each(|(s, c)| *s += c);
        self.entropy += entropy;
    }

    /// Adds the weight and the scatter of another group about that group's own mean: the scatter within groups.
    pub fn pool(&mut self, group: &Self) {
        let share = group.weight / (self.weight + group.weight);
        if group.weight > 0.0 {
            self.mean.iter_mut().zip(&group.mean).for_each(|(m, g)| *m += share * (g - *m));
            self.weight += group.weight;
            self.scatter.merge(&group.scatter);
            self.entropy += group.entropy;
        }
    }

    /// Adds one row of weight w > 0: Welford's update (West 1979), without allocation.
    pub fn add_row<F: Scalar>(&mut self, row: &[F], weight: f64) {
        let share = weight / (self.weight + weight);
        let (d, factor, full) = (self.mean.len(), self.weight * share, self.stride() != 1);
        // An empty group has no mean to differ from; its scatter stays 0 even if the row is not finite.
        if self.weight > 0.0 {
            let delta = |j: usize| row[j].widen() - self.mean[j];
            if full {
                for (i, line) in self.scatter.chunks_exact_mut(d).enumerate() {
                    line.iter_mut().enumerate().for_each(|(j, s)| *s += factor * (delta(i) * delta(j)));
                }
            } else {
                self.scatter.iter_mut().enumerate().for_each(|(j, s)| *s += factor * (delta(j) * delta(j)));
            }
            self.mean.iter_mut().zip(row).for_each(|(m, x)| *m += share * (x.widen() - *m));
        } else {
            self.mean.iter_mut().zip(row).for_each(|(m, x)| *m = x.widen());
        }
        self.weight += weight;
    }

    /// Adds rows (row-major, D to a row) under their weights; a row of weight 0 is absent.
    pub fn add<F: Scalar>(&mut self, values: &[F], weights: &[f64]) {
        Self::add_each(&mut [self], values, weights);
    }

    /// Adds rows to K statistics, full or diagonal, of the same D under the weights `[k][n]`.
    ///
    /// N K D (D + 4) flops for full scatters, along the rows of tiles that are transposed once for all K.
    pub fn add_each<F: Scalar>(statistics: &mut [&mut Self], values: &[F], weights: &[f64]) {
        let Some(d) = statistics.first().map(|s| s.mean.len()) else { return };
        let n = values.len() / d;
        let tiles = tiles(values, d, weights);
        let workspace_of = |s: &Self| Workspace::new(d, s.stride() == d + 1, n.div_ceil(ROWS));
        let mut workspace = workspace_of(statistics[0]);
        for (s, weights) in statistics.iter_mut().zip(weights.chunks_exact(n.max(1))) {
            if s.scatter.len() != workspace.of_rows.scatter.len() {
                workspace = workspace_of(s);
            }
            let weight = total(weights);
            let Some(first) = weights.iter().position(|&w| w > 0.0) else { continue };
            // About any centre c the scatter is Σ w (x − c)² − (Σ w (x − c))² / Σ w. The mean so far will do if it has
            // at least the weight of these rows, for then what cancels is no larger than what the merge adds; else
            // these rows' own mean, found about one of them.
            let mut centre = s.mean.clone();
            if s.weight < weight {
                let start = &tiles[first / ROWS * d * ROWS..];
                centre.iter_mut().enumerate().for_each(|(d, c)| *c = start[d * ROWS + first % ROWS]);
                workspace.collect_diagonal(&tiles, weights, &centre);
                centre.iter_mut().zip(&workspace.sums).for_each(|(c, sum)| *c += total(sum) / weight);
            }
            workspace.collect(&tiles, weights, &centre);
            s.merge(workspace.statistics(weight, &centre));
        }
    }

    /// The diagonal of the scatter.
    pub fn diagonal_entries(&self) -> impl Iterator<Item = f64> {
        self.scatter.iter().step_by(self.stride()).copied()
    }

    /// How far two diagonal entries of the scatter lie apart.
    fn stride(&self) -> usize {
        if self.scatter.len() == self.mean.len() { 1 } else { self.mean.len() + 1 }
    }
}

/// Numbers that fit into the L1 cache beside others.
const CACHED: usize = 4096;

/// Partial sums of one component over the tiles of a batch.
struct Workspace {
    full: Option<Blocks>,
    dimension: usize,
    centred: Aligned,
    weights: Aligned,
    weighted: Aligned,
    sums: Vec<[f64; PARTIALS]>,
    products: Vec<[f64; PARTIALS]>,
    of_rows: Scatter,
}

impl Workspace {
    fn new(dimension: usize, full: bool, tiles: usize) -> Self {
        let full = full.then(|| Blocks::of(dimension));
        let rows = tiles * ROWS;
        let (columns, products) = full.map_or((dimension, dimension), |blocks| (blocks.columns(), blocks.pairs()));
        let (centred, weighted) = full.map_or((0, 0), |blocks| (columns * rows, blocks.width() * rows));
        let zeros = |n| vec![[0.0; PARTIALS]; n];
        let of_rows = if full.is_some() { Scatter::full(dimension) } else { Scatter::diagonal(dimension) };
        Self {
            full,
            dimension,
            centred: Aligned::zeros(centred),
            weights: Aligned::zeros(if full.is_some() { rows } else { 0 }),
            weighted: Aligned::zeros(weighted),
            sums: zeros(columns),
            products: zeros(products),
            of_rows,
        }
    }

    /// Σ w (x − c) and Σ w (x − c)(x − c)ᵀ.
    fn collect(&mut self, tiles: &[f64], weights: &[f64], centre: &[f64]) {
        let Some(blocks) = self.full else { return self.collect_diagonal(tiles, weights, centre) };
        self.clear();
        self.weights[..weights.len()].copy_from_slice(weights);
        let line = blocks.columns() * ROWS;
        for (tile, centred) in tiles.chunks_exact(self.dimension * ROWS).zip(self.centred.chunks_exact_mut(line)) {
            subtract(tile, centre, centred);
        }
        // As many tiles at a time as the L1 cache holds, unless so few would not be worth the sums' way to and fro.
        let group = if 2 * line <= CACHED { CACHED / line } else { usize::MAX / line };
        for (tiles, weights) in self.centred.chunks(group * line).zip(self.weights.chunks(group.saturating_mul(ROWS))) {
            products(tiles, weights, &mut self.weighted, &mut self.sums, &mut self.products);
        }
    }

    /// Σ w (x − c), and the diagonal of Σ w (x − c)(x − c)ᵀ where that of the first columns stands.
    fn collect_diagonal(&mut self, tiles: &[f64], weights: &[f64], centre: &[f64]) {
        self.clear();
        for (tile, weights) in tiles.chunks_exact(self.dimension * ROWS).zip(weights.chunks(ROWS)) {
            let mut last = [0.0; ROWS];
            let weights = weights.try_into().unwrap_or_else(|_| {
                last[..weights.len()].copy_from_slice(weights);
                &last
            });
            add_squares(tile, centre, weights, &mut self.sums, &mut self.products);
        }
    }

    fn clear(&mut self) {
        self.sums.fill([0.0; PARTIALS]);
        self.products.fill([0.0; PARTIALS]);
    }

    /// The statistics of the rows collected.
    fn statistics(&mut self, weight: f64, centre: &[f64]) -> &Scatter {
        let (d, Scatter { weight: of_rows, mean, scatter, .. }) = (centre.len(), &mut self.of_rows);
        *of_rows = weight;
        // About the centre for now.
        mean.iter_mut().zip(&self.sums).for_each(|(m, sum)| *m = total(sum) / weight);
        if let Some(blocks) = self.full {
            blocks.each_line(&self.products, |i, first, products| {
                if i < d {
                    let (sum, line) = (total(&self.sums[i]), &mut scatter[i * d..][first..=i]);
                    let parts = products.iter().zip(&mean[first..]);
                    line.iter_mut().zip(parts).for_each(|(s, (product, m))| *s = total(product) - sum * m);
                }
            });
            for i in 1..d {
                let (above, line) = scatter.split_at_mut(i * d);
                above.iter_mut().skip(i).step_by(d).zip(line).for_each(|(above, s)| *above = *s);
            }
        } else {
            let parts = self.products.iter().zip(self.sums.iter().zip(mean.iter()));
            scatter.iter_mut().zip(parts).for_each(|(s, (squares, (sum, m)))| *s = total(squares) - total(sum) * m);
        }
        mean.iter_mut().zip(centre).for_each(|(m, c)| *m += c);
        &self.of_rows
    }
}

impl Statistics for Scatter {
    /// The pairwise formula of Chan, Golub & LeVeque (1983).
    fn merge(&mut self, other: &Self) {
        if other.weight == 0.0 {
            return;
        }
        if self.weight == 0.0 {
            self.reset(other);
            return;
        }
        let d = self.mean.len();
        let weight = self.weight + other.weight;
        let share = other.weight / weight;
        let factor = self.weight * share;
        if self.stride() == 1 {
            for ((s, o), (a, b)) in self.scatter.iter_mut().zip(&other.scatter).zip(self.mean.iter().zip(&other.mean)) {
                *s += o + factor * (b - a) * (b - a);
            }
        } else {
            let delta: Vec<f64> = other.mean.iter().zip(&self.mean).map(|(a, b)| a - b).collect();
            for (i, (row, other)) in self.scatter.chunks_exact_mut(d).zip(other.scatter.chunks_exact(d)).enumerate() {
                for ((s, o), x) in row.iter_mut().zip(other).zip(&delta) {
                    *s += o + factor * (delta[i] * x);
                }
            }
        }
        let parts = self.mean.iter_mut().zip(&other.mean);
        parts.for_each(|(a, b)| *a = pooled_mean((*a, self.weight), (*b, other.weight)));
        self.weight = weight;
        self.entropy += other.entropy;
    }

    fn scale(&mut self, factor: f64) {
        self.weight *= factor;
        self.scatter.scale(factor);
        self.entropy *= factor;
    }
    fn reset(&mut self, empty: &Self) {
        self.weight = empty.weight;
        self.entropy = empty.entropy;
        self.mean.reset(&empty.mean);
        self.scatter.reset(&empty.scatter);
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
    fn full_and_diagonal_scatters_are_added_side_by_side() {
        let rows: Vec<f64> = (0..400).map(|i| f64::from(i * 31 % 97)).collect();
        let weights: Vec<f64> = (0..400).map(|i| f64::from(i % 7)).collect();
        let empty = [Scatter::full(4), Scatter::diagonal(4), Scatter::diagonal(4), Scatter::full(4)];
        let (mut together, mut alone) = (empty.clone(), empty);
        Scatter::add_each(&mut together.iter_mut().collect::<Vec<_>>(), &rows, &weights);
        alone.iter_mut().zip(weights.chunks(100)).for_each(|(s, weights)| s.add(&rows, weights));
        assert_eq!(together, alone);
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
