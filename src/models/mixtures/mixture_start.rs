//! Where EM starts for a mixture.

use rand::{Rng, RngExt};

use crate::components::Components;
use crate::data::{Dataset, Sample};
use crate::error::Error;
use crate::latent::{FiniteLatent, Start, StartKind};

use super::mixture::Mixture;
use crate::models::clustering::seeding::sample_size;
use crate::models::starts::equal_components::{equal_components, start_apart};
use crate::models::starts::members::Sharing;

const KNOWN: [StartKind; 6] = [
    StartKind::AsGiven,
    StartKind::RandomRows,
    StartKind::Clusters,
    StartKind::Seeds,
    StartKind::RandomShares,
    StartKind::TightSeeds,
];

/// Unless kinds are asked for, the first run starts from this mixture as it stands, and all others from random rows of each
/// component. A mixture two of whose components have the same density in every row does not serve as it stands: from there
/// EM would leave them equal for ever.
/// [`fit_from`](crate::em::Em::fit_from) starts where it is told to, also from equal components.
impl<C: Components> Start for Mixture<C> {
    fn start<T: Dataset<C::Value> + ?Sized>(&self, data: &T, restart: usize, rng: &mut dyn Rng) -> Result<Self, Error> {
        self.start_of_kind(StartKind::in_turn(self.default_starts(), restart), data, restart, rng)
    }

    fn known_starts(&self) -> &'static [StartKind] {
        &KNOWN
    }

    fn default_starts(&self) -> &'static [StartKind] {
        &KNOWN[..2]
    }

    fn start_of_kind<T: Dataset<C::Value> + ?Sized>(
        &self,
        kind: StartKind,
        data: &T,
        _: usize,
        rng: &mut dyn Rng,
    ) -> Result<Self, Error> {
        FiniteLatent::check(self, self)?;
        let equal = |mixture: &Self| {
            equal_components(data, mixture.components().count(), |x: &C::Value, logs| {
                logs.iter_mut().enumerate().for_each(|(k, l)| *l = mixture.components().log_density_given(x, k));
            })
        };
        start_apart(kind == StartKind::AsGiven, self, data, equal, || {
            let sample = data.subsample(sample_size(self.components().count()), rng.random())?;
            let at_start = self.clone().map_components(|bank| bank.at_start(&sample))?;
            let (counts, members) = at_start.sharing(&sample).members(kind, rng)?;
            Self::from_counts(&counts, self.estimate_of_proportions(), || Ok(members))
        })
    }
}

impl<C: Components> Mixture<C> {
    /// The same proportions of other members.
    fn map_components(self, members: impl FnOnce(&C) -> Result<C, Error>) -> Result<Self, Error> {
        let components = members(self.components())?;
        Ok(self.map(|_| components))
    }

    /// The rows of a sample are shared among these components, each of which needs some.
    pub(crate) fn sharing<'a>(&'a self, sample: &'a Sample<C::Value>) -> Sharing<'a, C> {
        let bank = self.components();
        Sharing::new(bank, sample, |s, counts| bank.estimate_together(s, &vec![true; counts.len()]))
    }
}
