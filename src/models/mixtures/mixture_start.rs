//! Where EM starts for a mixture.

use rand::{Rng, RngExt};

use crate::components::Components;
use crate::data::Dataset;
use crate::error::Error;
use crate::latent::{FiniteLatent, Start};

use super::equal_components::{equal_components, start_apart};
use super::mixture::Mixture;

/// The first run starts from this mixture as it stands, unless two of its components have the same density in every row:
/// from there EM would leave them equal for ever. All others give each component some random rows of its own:
/// `Components::random_members`. At most 10 000 rows are looked at.
/// [`fit_from`](crate::em::Em::fit_from) starts where it is told to, also from equal components.
impl<C: Components> Start for Mixture<C> {
    fn start<T: Dataset<C::Value> + ?Sized>(&self, data: &T, restart: usize, rng: &mut dyn Rng) -> Result<Self, Error> {
        FiniteLatent::check(self, self)?;
        let equal = |mixture: &Self| {
            equal_components(data, mixture.components().count(), |x: &C::Value, logs| {
                logs.iter_mut().enumerate().for_each(|(k, l)| *l = mixture.components().log_density_given(x, k));
            })
        };
        start_apart(restart == 0, self, data, equal, || {
            let sample = data.subsample(10_000, rng.random())?;
            let (counts, components) = self.components().random_members(&sample, rng)?;
            Self::from_counts(&counts, || Ok(components))
        })
    }
}
