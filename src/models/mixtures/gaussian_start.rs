//! Where a Gaussian mixture starts: the clusters of K-means in standardised columns, random rows, and more.

use rand::{Rng, RngExt};

use crate::components::{Components, Gaussians};
use crate::data::{Dataset, InMemory};
use crate::distributions::MultivariateNormal;
use crate::error::Error;
use crate::latent::{Start, StartKind};
use crate::numeric::Scalar;

use super::finite_rows::check_finite;
use super::gaussian_mixture::GaussianMixture;
use super::mixture::Mixture;
use crate::models::clustering::seeding::{indistinct, sample_size};
use crate::models::starts::split::{grown, split};

const KNOWN: [StartKind; 6] = [
    StartKind::Clusters,
    StartKind::RandomRows,
    StartKind::Split,
    StartKind::TightSeeds,
    StartKind::Seeds,
    StartKind::RandomShares,
];

/// Unless kinds are asked for, clusters, random rows, splits and tight seeds take turns: several kinds of start find optima
/// that one kind misses.
impl<F: Scalar> Start for GaussianMixture<F> {
    fn start<T: Dataset<[F]> + ?Sized>(
        &self,
        data: &T,
        restart: usize,
        rng: &mut dyn Rng,
    ) -> Result<Self::Parameters, Error> {
        self.start_of_kind(StartKind::in_turn(self.default_starts(), restart), data, restart, rng)
    }

    fn known_starts(&self) -> &'static [StartKind] {
        &KNOWN
    }

    fn default_starts(&self) -> &'static [StartKind] {
        &KNOWN[..4]
    }

    fn start_of_kind<T: Dataset<[F]> + ?Sized>(
        &self,
        kind: StartKind,
        data: &T,
        _: usize,
        rng: &mut dyn Rng,
    ) -> Result<Self::Parameters, Error> {
        Error::check(self.k > 0, "the number of components", self.k as f64, "{1, 2, …}")?;
        check_finite(data, self.covariances.missing)?;
        let sample = data.subsample(sample_size(self.k), rng.random())?;
        let columns = sample.block().columns();
        self.check_settings(columns)?;
        if self.k > sample.block().len() {
            return Err(indistinct(sample.block(), self.k));
        }
        let standard = Gaussians::of(vec![MultivariateNormal::standard(columns).over()], &self.covariances);
        let at_start = standard.at_start(&sample)?;
        let bank_of = |k| at_start.with_members(vec![at_start[0].clone(); k]);
        let any = Mixture::of(bank_of(self.k))?;
        let sharing = any.sharing(&sample);
        let (counts, members) = match (kind, &self.fewer) {
            (StartKind::Split, Some(fewer)) => split(&sharing, fewer, rng),
            (StartKind::Split, None) => grown(bank_of, &sample, self.k, rng),
            _ => sharing.members(kind, rng),
        }?;
        Mixture::from_counts(&counts, (&self.of_proportions, any.proportions()), || Ok(members))
    }
}
