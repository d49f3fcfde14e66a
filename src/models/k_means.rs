//! K-means: min over centres c and assignments z of Σ_n w_n ‖x_n − c_z(n)‖², the zero-variance limit of a Gaussian
//! mixture.
//!
//! It is the EM driver with a one-hot posterior: E-step = assign each row to its nearest centre (the first of equals),
//! M-step = weighted means, objective = −½ Σ w ‖x − c‖², which never falls.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use rand::{Rng, RngExt};

use crate::data::{Batch, Dataset, Gathered, InMemory, Rows, Statistics, Table};
use crate::error::Error;
use crate::latent::{Climbs, Evidence, LatentModel, Start};
use crate::numeric::nearest::nearest_centres;
use crate::numeric::tile::{ROWS, transpose};
use crate::numeric::{Aligned, Scalar};

use super::finite_rows::{check_finite, not_finite, too_large};
use super::seeding::k_means_plus_plus;

/// K-means with K centres, over rows of `F` (f64 unless said otherwise).
///
/// Starts are k-means++ on at most max(10 000, 50 K) of the rows.
/// ```
/// use marginal::{data::Table, em::Em, models::KMeans};
/// let table = Table::from_values(vec![0.0, 1.0, 10.0, 11.0], 1)?;
/// let fit = Em::default().fit(&KMeans::new(2), &table)?;
/// assert_eq!(-2.0 * fit.objective, 1.0); // the inertia
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct KMeans<F = f64> {
    k: usize,
    empty: EmptyCluster,
    scalar: PhantomData<F>,
}

/// What becomes of a centre to which no row is nearest. None of these lets the objective fall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EmptyCluster {
    /// It moves onto the row that lies farthest from its own centre (of several empty centres, each onto the
    /// farthest row of another cluster).
    #[default]
    Relocate,
    /// It stays where it is.
    Keep,
}

impl KMeans {
    /// K centres.
    pub fn new(k: usize) -> Self {
        Self { k, empty: EmptyCluster::default(), scalar: PhantomData }
    }
}

impl<F> KMeans<F> {
    /// What becomes of empty clusters.
    pub fn empty_cluster(mut self, policy: EmptyCluster) -> Self {
        self.empty = policy;
        self
    }

    /// The same model over rows of another scalar type.
    pub fn over<G>(self) -> KMeans<G> {
        KMeans { k: self.k, empty: self.empty, scalar: PhantomData }
    }
}

/// K centres of D numbers each.
#[derive(Clone, Debug, PartialEq)]
pub struct Centroids {
    centres: Arc<Table>,
}

impl Centroids {
    /// Takes one centre a row.
    ///
    /// # Errors
    /// [`Error::Dimension`] if there is none, [`Error::NotFinite`] if a coordinate is not finite.
    pub fn new(centres: Table) -> Result<Self, Error> {
        if centres.is_empty() {
            return Err(Error::Dimension { what: "the centres", expected: 1, found: 0 });
        }
        for (row, centre) in centres.rows().iter().enumerate() {
            if let Some((d, &value)) = centre.iter().enumerate().find(|(_, x)| !x.is_finite()) {
                return Err(Error::NotFinite { row, column: centres.names()[d].clone(), value });
            }
        }
        Ok(Self { centres: Arc::new(centres) })
    }

    /// The centres, K × D.
    pub fn centres(&self) -> Rows<'_, f64> {
        self.centres.rows()
    }

    /// The nearest centre of each row.
    ///
    /// # Errors
    /// [`Error::Dimension`] or [`Error::NotFinite`] if a row cannot be assigned.
    pub fn labels<F: Scalar, T: Dataset<[F]> + ?Sized>(&self, data: &T) -> Result<Vec<usize>, Error> {
        let labels = data.fold(&Gathered::default(), &|batch, labels: &mut Gathered<usize>| {
            self.nearest(batch, |_, k, _, _| labels.0.push(k))
        })?;
        Ok(labels.0)
    }

    /// Σ w ‖x − nearest centre‖².
    ///
    /// # Errors
    /// As [`labels`](Self::labels).
    pub fn inertia<F: Scalar, T: Dataset<[F]> + ?Sized>(&self, data: &T) -> Result<f64, Error> {
        let evidence = data.fold(&Evidence::default(), &|batch, evidence: &mut Evidence| {
            self.nearest(batch, |n, _, square, _| evidence.add(batch.weight(n), square))
        })?;
        Ok(evidence.value())
    }

    /// Why a row is infinitely far from every centre.
    fn unreachable<F: Scalar>(&self, row: usize, values: &[F]) -> Error {
        // If the row is small, the centres are far.
        let of_centre = || (0..self.centres().len()).find_map(|k| too_large(row, self.centres.row(k)));
        let far = not_finite(row, values).or_else(|| too_large(row, values)).or_else(of_centre);
        far.unwrap_or_else(|| Error::Impossible { row, value: format!("{values:?}") })
    }

    /// Calls `found(n, k, ‖x − c_k‖², x)` for every row of the batch; 3 N K D flops along the rows of tiles.
    fn nearest<'a, F: Scalar>(
        &self,
        batch: Batch<'a, [F]>,
        mut found: impl FnMut(usize, usize, f64, &'a [F]),
    ) -> Result<(), Error> {
        let (block, d) = (batch.block(), self.centres.columns());
        if block.columns() != d && !block.is_empty() {
            return Err(Error::Dimension { what: "a row", expected: d, found: block.columns() });
        }
        let mut tile = Aligned::zeros(d * ROWS);
        let (mut least, mut label) = ([0.0; ROWS], [0; ROWS]);
        for (t, values) in block.values().chunks(d * ROWS).enumerate() {
            transpose(values, d, &mut tile);
            nearest_centres(&tile, self.centres().values(), &mut least, &mut label);
            for (i, row) in values.chunks_exact(d).enumerate() {
                let n = t * ROWS + i;
                if !least[i].is_finite() && batch.weight(n) > 0.0 {
                    return Err(self.unreachable(batch.row(n), row));
                }
                found(n, label[i] as usize, least[i], row);
            }
        }
        Ok(())
    }
}

/// Of each cluster: weight, Σ w (x − c) and Σ w ‖x − c‖² about the centre c at which they were collected, and the
/// row farthest from c.
#[derive(Clone, Debug)]
pub struct ClusterSums {
    about: Centroids,
    weights: Vec<f64>,
    sums: Vec<f64>,
    squares: Vec<f64>,
    farthest: Vec<(f64, Vec<f64>)>,
}

impl ClusterSums {
    fn add<F: Scalar>(&mut self, k: usize, square: f64, row: &[F], weight: f64) {
        let d = row.len();
        self.weights[k] += weight;
        self.squares[k] += weight * square;
        let sums = &mut self.sums[k * d..][..d];
        for ((s, x), c) in sums.iter_mut().zip(row).zip(self.about.centres.row(k)) {
            *s += weight * (x.widen() - c);
        }
        if square > self.farthest[k].0 {
            self.farthest[k].0 = square;
            self.farthest[k].1.clear();
            self.farthest[k].1.extend(row.iter().map(|x| x.widen()));
        }
    }
}

impl Statistics for ClusterSums {
    fn merge(&mut self, other: &Self) {
        self.weights.merge(&other.weights);
        self.sums.merge(&other.sums);
        self.squares.merge(&other.squares);
        for (mine, theirs) in self.farthest.iter_mut().zip(&other.farthest) {
            if theirs.0 > mine.0 {
                mine.clone_from(theirs);
            }
        }
    }
    fn scale(&mut self, factor: f64) {
        self.weights.scale(factor);
        self.sums.scale(factor);
        self.squares.scale(factor);
    }
}

impl<F: Scalar> LatentModel for KMeans<F> {
    type Observation = [F];
    type Parameters = Centroids;
    type Statistics = ClusterSums;

    fn statistics(&self, theta: &Centroids) -> ClusterSums {
        let (k, d) = (theta.centres().len(), theta.centres.columns());
        ClusterSums {
            about: theta.clone(),
            weights: vec![0.0; k],
            sums: vec![0.0; k * d],
            squares: vec![0.0; k],
            farthest: vec![(0.0, Vec::with_capacity(d)); k],
        }
    }

    fn e_step(&self, theta: &Centroids, batch: Batch<'_, [F]>, s: &mut ClusterSums) -> Result<Evidence, Error> {
        let mut evidence = Evidence::default();
        theta.nearest(batch, |n, k, square, row| {
            let weight = batch.weight(n);
            if weight > 0.0 {
                s.add(k, square, row, weight);
                evidence.add(weight, -0.5 * square);
            }
        })?;
        Ok(evidence)
    }

    fn m_step(&self, _: &Centroids, s: &ClusterSums) -> Result<Centroids, Error> {
        let d = s.about.centres.columns();
        let mut values = s.about.centres().values().to_vec();
        for ((centre, sum), &weight) in values.chunks_exact_mut(d).zip(s.sums.chunks_exact(d)).zip(&s.weights) {
            if weight > 0.0 {
                centre.iter_mut().zip(sum).for_each(|(c, x)| *c += x / weight);
            }
        }
        if self.empty == EmptyCluster::Relocate {
            let mut far: Vec<&(f64, Vec<f64>)> = s.farthest.iter().filter(|f| f.0 > 0.0).collect();
            far.sort_by(|a, b| b.0.total_cmp(&a.0));
            let empty = (0..s.weights.len()).filter(|&k| s.weights[k] == 0.0);
            for (k, (_, row)) in empty.zip(far) {
                values[k * d..][..d].copy_from_slice(row);
            }
        }
        Centroids::new(Table::new(s.about.centres.names().to_vec(), values)?)
    }

    fn expected_log_joint(&self, theta: &Centroids, s: &ClusterSums) -> f64 {
        let d = theta.centres.columns();
        let of_cluster = |k: usize| {
            let moved = theta.centres.row(k).iter().zip(s.about.centres.row(k)).map(|(c, old)| c - old);
            let terms = moved.zip(&s.sums[k * d..]).map(|(m, sum)| m * (s.weights[k] * m - 2.0 * sum));
            -0.5 * (s.squares[k] + terms.sum::<f64>())
        };
        (0..s.weights.len()).map(of_cluster).sum()
    }

    fn check(&self, theta: &Centroids) -> Result<(), Error> {
        let (expected, found) = (self.k, theta.centres().len());
        if expected == found { Ok(()) } else { Err(Error::Dimension { what: "the centres", expected, found }) }
    }

    fn climbs(&self) -> Climbs {
        Climbs::Classification
    }

    fn free_parameters(&self, theta: &Centroids) -> Option<usize> {
        Some(theta.centres().values().len())
    }
}

impl<F: Scalar> Start for KMeans<F> {
    fn start<T: Dataset<[F]> + ?Sized>(&self, data: &T, _: usize, rng: &mut dyn Rng) -> Result<Centroids, Error> {
        Error::check(self.k > 0, "the number of clusters", self.k as f64, "{1, 2, …}")?;
        check_finite(data)?;
        let sample = data.subsample((50 * self.k).max(10_000), rng.random())?;
        let rows = InMemory::<[F]>::block(&sample);
        let mut centres = Table::default();
        for n in k_means_plus_plus(&sample, self.k, rng)? {
            centres.push(&rows.row(n).iter().map(|x| x.widen()).collect::<Vec<f64>>())?;
        }
        Centroids::new(centres)
    }
}

impl fmt::Display for Centroids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (k, centre) in self.centres().iter().enumerate() {
            writeln!(f, "cluster {k}: centre {centre:.6?}")?;
        }
        Ok(())
    }
}
