//! Where factor analysis starts: rows are shared among the components; each begins at the principal components of its own.

use rand::{Rng, RngExt};

use crate::data::{Dataset, InMemory};
use crate::error::Error;
use crate::latent::{Start, StartKind};

use super::factor_analysis::FactorAnalysis;
use crate::models::Mixture;
use crate::models::clustering::seeding::{indistinct, sample_size};
use crate::models::mixtures::finite_rows::check_finite;

const KNOWN: [StartKind; 5] =
    [StartKind::Clusters, StartKind::RandomRows, StartKind::TightSeeds, StartKind::Seeds, StartKind::RandomShares];

/// Unless kinds are asked for, clusters, random rows and tight seeds take turns. One component has all rows in each.
impl Start for FactorAnalysis {
    fn start<T: Dataset<[f64]> + ?Sized>(
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
        if self.components == 1 { &KNOWN[..1] } else { &KNOWN[..3] }
    }

    fn start_of_kind<T: Dataset<[f64]> + ?Sized>(
        &self,
        kind: StartKind,
        data: &T,
        _: usize,
        rng: &mut dyn Rng,
    ) -> Result<Self::Parameters, Error> {
        self.check_settings()?;
        check_finite(data, false)?;
        let sample = data.subsample(sample_size(self.components), rng.random())?;
        let block = sample.block();
        if self.components > block.len() {
            return Err(indistinct(block, self.components));
        }
        let any = Mixture::of(self.bank(&Self::variances(data, block.columns())?)?)?;
        let (counts, members) = any.sharing(&sample).members(kind, rng)?;
        Mixture::from_counts(&counts, any.estimate_of_proportions(), || Ok(members))
    }
}
