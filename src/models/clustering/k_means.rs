//! K-means: min over centres c and assignments z of Σ_n w_n ‖x_n − c_z(n)‖², the zero-variance limit of a Gaussian
//! mixture.
//!
//! It is the EM driver with a one-hot posterior: E-step = assign each row to its nearest centre (the first of equals),
//! M-step = weighted means, objective = −½ Σ w ‖x − c‖², which never falls.

use std::marker::PhantomData;

use rand::{Rng, RngExt};

use crate::components::random_distinct_rows;
use crate::data::{Batch, Dataset, InMemory, Statistics, Table};
use crate::error::Error;
use crate::latent::{Climbs, Evidence, LatentModel, Start, StartKind};
use crate::numeric::Scalar;
use crate::numeric::linear::differences::add_differences;
use crate::numeric::tile::ROWS;

use super::centroids::{Assigned, Centroids};
use super::seeding::{k_means_plus_plus, sample_size};
use crate::models::mixtures::finite_rows::check_finite;

/// K-means with K centres, over rows of `F` (f64 unless said otherwise).
///
/// A start looks at at most max(10 000, 50 K) of the rows.
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

/// Of each cluster: weight, Σ w (x − c) and Σ w ‖x − c‖² about the centre c at which they were collected, and the
/// row farthest from c.
#[derive(Clone, Debug)]
pub struct ClusterSums {
    about: Centroids,
    clusters: Vec<Cluster>,
    sums: Vec<f64>,
    farthest_rows: Vec<f64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Cluster {
    weight: f64,
    squares: f64,
    /// ‖x − c‖² of the farthest row.
    farthest: f64,
}

impl ClusterSums {
    /// Adds some rows, of weight 1 if no weights are given.
    fn add<F: Scalar>(&mut self, rows: &Assigned<'_, F>, weights: Option<&[f64]>) {
        let weights = weights.unwrap_or(&[1.0; ROWS]);
        let (about, d) = (self.about.centres(), self.about.centres().columns());
        for (n, ((&label, &square), &weight)) in rows.label.iter().zip(rows.squares).zip(weights).enumerate() {
            let k = label as usize;
            if weight > 0.0 {
                let cluster = &mut self.clusters[k];
                cluster.weight += weight;
                cluster.squares += weight * square;
                if square > cluster.farthest {
                    cluster.farthest = square;
                    let farthest = self.farthest_rows[k * d..][..d].iter_mut();
                    farthest.zip(&rows.rows[n * d..]).for_each(|(far, x)| *far = x.widen());
                }
            }
        }
        add_differences(rows.rows, about.values(), d, rows.label, weights, &mut self.sums);
    }
}

impl Statistics for ClusterSums {
    fn merge(&mut self, other: &Self) {
        self.sums.merge(&other.sums);
        let d = self.about.centres().columns();
        for (k, (mine, theirs)) in self.clusters.iter_mut().zip(&other.clusters).enumerate() {
            mine.weight += theirs.weight;
            mine.squares += theirs.squares;
            if theirs.farthest > mine.farthest {
                mine.farthest = theirs.farthest;
                self.farthest_rows[k * d..][..d].copy_from_slice(&other.farthest_rows[k * d..][..d]);
            }
        }
    }
    fn scale(&mut self, factor: f64) {
        self.sums.scale(factor);
        for cluster in &mut self.clusters {
            cluster.weight *= factor;
            cluster.squares *= factor;
        }
    }
    fn extrapolates(&self) -> bool {
        false
    }
    fn reset(&mut self, empty: &Self) {
        self.about.clone_from(&empty.about);
        self.clusters.clone_from(&empty.clusters);
        self.sums.reset(&empty.sums);
        self.farthest_rows.reset(&empty.farthest_rows);
    }
}

impl<F: Scalar> LatentModel for KMeans<F> {
    type Observation = [F];
    type Parameters = Centroids;
    type Statistics = ClusterSums;

    fn statistics(&self, theta: &Centroids) -> ClusterSums {
        let (k, d) = (theta.centres().len(), theta.centres().columns());
        ClusterSums {
            about: theta.clone(),
            clusters: vec![Cluster::default(); k],
            sums: vec![0.0; k * d],
            farthest_rows: vec![0.0; k * d],
        }
    }

    fn e_step(&self, theta: &Centroids, batch: Batch<'_, [F]>, s: &mut ClusterSums) -> Result<Evidence, Error> {
        let mut objectives = Vec::with_capacity(batch.len());
        theta.assign(batch, |rows| {
            s.add(rows, batch.weights().map(|w| &w[rows.first..][..rows.label.len()]));
            objectives.extend(rows.squares.iter().map(|square| -0.5 * square));
        })?;
        let mut evidence = Evidence::default();
        evidence.add_rows(batch.weights(), &objectives);
        Ok(evidence)
    }

    fn m_step(&self, _: &Centroids, s: &ClusterSums) -> Result<Centroids, Error> {
        let d = s.about.centres().columns();
        let mut values = s.about.centres().values().to_vec();
        for ((centre, sum), of) in values.chunks_exact_mut(d).zip(s.sums.chunks_exact(d)).zip(&s.clusters) {
            if of.weight > 0.0 {
                centre.iter_mut().zip(sum).for_each(|(c, x)| *c += x / of.weight);
            }
        }
        if self.empty == EmptyCluster::Relocate {
            let mut far: Vec<usize> = (0..s.clusters.len()).filter(|&k| s.clusters[k].farthest > 0.0).collect();
            far.sort_by(|&a, &b| s.clusters[b].farthest.total_cmp(&s.clusters[a].farthest));
            let empty = (0..s.clusters.len()).filter(|&k| s.clusters[k].weight == 0.0);
            for (k, far) in empty.zip(far) {
                values[k * d..][..d].copy_from_slice(&s.farthest_rows[far * d..][..d]);
            }
        }
        Centroids::new(Table::new(s.about.names().to_vec(), values)?)
    }

    fn expected_log_joint(&self, theta: &Centroids, s: &ClusterSums) -> f64 {
        let d = theta.centres().columns();
        let of_cluster = |k: usize| {
            let moved = theta.centres().row(k).iter().zip(s.about.centres().row(k)).map(|(c, old)| c - old);
            let terms = moved.zip(&s.sums[k * d..]).map(|(m, sum)| m * (s.clusters[k].weight * m - 2.0 * sum));
            -0.5 * (s.clusters[k].squares + terms.sum::<f64>())
        };
        (0..s.clusters.len()).map(of_cluster).sum()
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

/// Unless kinds are asked for, every run starts from k-means++ centres.
impl<F: Scalar> Start for KMeans<F> {
    fn start<T: Dataset<[F]> + ?Sized>(&self, data: &T, restart: usize, rng: &mut dyn Rng) -> Result<Centroids, Error> {
        self.start_of_kind(StartKind::in_turn(self.default_starts(), restart), data, restart, rng)
    }

    fn known_starts(&self) -> &'static [StartKind] {
        &[StartKind::Seeds, StartKind::RandomRows]
    }

    fn default_starts(&self) -> &'static [StartKind] {
        &[StartKind::Seeds]
    }

    fn start_of_kind<T: Dataset<[F]> + ?Sized>(
        &self,
        kind: StartKind,
        data: &T,
        _: usize,
        rng: &mut dyn Rng,
    ) -> Result<Centroids, Error> {
        Error::check(self.k > 0, "the number of clusters", self.k as f64, "{1, 2, …}")?;
        check_finite(data, false)?;
        let sample = data.subsample(sample_size(self.k), rng.random())?;
        let rows = InMemory::<[F]>::block(&sample);
        let chosen = match kind {
            StartKind::RandomRows => random_distinct_rows(rows, self.k, rng),
            _ => k_means_plus_plus(&sample, self.k, rng),
        }?;
        let mut centres = Table::default();
        for n in chosen {
            centres.push(&rows.row(n).iter().map(|x| x.widen()).collect::<Vec<f64>>())?;
        }
        Centroids::new(centres)
    }
}
