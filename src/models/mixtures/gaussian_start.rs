//! Where a Gaussian mixture starts: the clusters of K-means in standardised columns, or random rows.

use rand::Rng;

use crate::components::Gaussians;
use crate::data::{Dataset, InMemory, Rows, Sample};
use crate::distributions::Scatter;
use crate::error::Error;
use crate::latent::{FiniteLatent, Start};
use crate::numeric::Scalar;

use super::finite_rows::check_finite;
use super::gaussian_mixture::{GaussianMixture, Initial};
use super::mixture::Mixture;
use crate::models::clustering::clusters::{Settle, clusters};

impl<F: Scalar> Start for GaussianMixture<F> {
    fn start<T: Dataset<[F]> + ?Sized>(
        &self,
        data: &T,
        restart: usize,
        rng: &mut dyn Rng,
    ) -> Result<Self::Parameters, Error> {
        Error::check(self.k > 0, "the number of components", self.k as f64, "{1, 2, …}")?;
        check_finite(data)?;
        let sample = data.subsample(self.k.saturating_mul(50).max(10_000), rand::RngExt::random(rng))?;
        self.check_settings(sample.block().columns())?;
        match (self.initial, restart % 2) {
            (Initial::KMeans, _) | (Initial::Alternate, 0) => from_k_means(self, &sample, rng),
            _ => from_random_rows(self, &sample, rng),
        }
    }
}

/// The M-step from the clusters that K-means finds. If a cluster has no covariance of its own, all components get
/// the covariance within clusters.
fn from_k_means<F: Scalar>(
    model: &GaussianMixture<F>,
    sample: &Sample<[F]>,
    rng: &mut dyn Rng,
) -> Result<Mixture<Gaussians<F>>, Error> {
    let labels = clusters(sample, model.k, Settle::Lloyd, rng)?;
    let own = model.from_labels(sample, &labels);
    match own {
        Err(error) if error.is_degenerate() => {
            let (rows, weights) = rows_and_weights(sample);
            let mut s = model.empty(rows.columns());
            for (n, &z) in labels.iter().enumerate() {
                model.observe(&mut s, rows.row(n), z, weights[n]);
            }
            let mut within = model.covariances.statistics(rows.columns());
            s.components.iter().for_each(|s| within.pool(s));
            let total = within.weight();
            let parts = s.components.iter().map(|s| (s.weight() / total, s.mean().to_vec()));
            around(model, parts, &within)
        }
        settled => settled,
    }
}

/// Random rows as means, chosen as k-means++ chooses its first centre: without preference.
fn from_random_rows<F: Scalar>(
    model: &GaussianMixture<F>,
    sample: &Sample<[F]>,
    rng: &mut dyn Rng,
) -> Result<Mixture<Gaussians<F>>, Error> {
    let (rows, weights) = rows_and_weights(sample);
    let mut all = model.covariances.statistics(rows.columns());
    all.add(rows.values(), weights);
    let mut means: Vec<Vec<f64>> = Vec::new();
    for n in rand::seq::index::sample(rng, rows.len(), rows.len()) {
        let mean: Vec<f64> = rows.row(n).iter().map(|x| x.widen()).collect();
        if means.len() < model.k && !means.contains(&mean) {
            means.push(mean);
        }
    }
    if means.len() < model.k {
        return Err(Error::TooFewRows { rows: means.len(), components: model.k });
    }
    around(model, means.into_iter().map(|mean| (1.0 / model.k as f64, mean)), &all)
}

/// Components of the given proportions and means, with one covariance of the model's shape for all.
fn around<F: Scalar>(
    model: &GaussianMixture<F>,
    parts: impl Iterator<Item = (f64, Vec<f64>)>,
    spread: &Scatter,
) -> Result<Mixture<Gaussians<F>>, Error> {
    let common = model.covariances.estimate(spread)?;
    let (proportions, members) = parts.map(|(p, mean)| (p, common.clone().at(mean).over())).unzip();
    Mixture::new(proportions, Gaussians::of(members, &model.covariances))
}

fn rows_and_weights<F: Scalar>(sample: &Sample<[F]>) -> (Rows<'_, F>, &[f64]) {
    (sample.block(), sample.weights().unwrap_or_default())
}
