//! Laws of p(x | z): with z beside x it is a distribution of complete data (z, x), so every law of the estimates of
//! distributions is a law of components.

use std::borrow::Borrow;
use std::fmt::Debug;

use rand::{Rng, RngExt};

use crate::components::{Components, SampleGiven};
use crate::data::Observation;
use crate::distributions::{Distribution, Estimate, Guarantee};
use crate::error::Error;

/// A bank as a distribution of complete data (z, x), each z equally likely: its laws of estimation are those of
/// distributions. A block of complete data is a tile in which a row counts for its own z alone, every other row in a tile of
/// that member alone, so that these laws look at the bank's kernels as well.
///
/// The density is p(x | z) without the share of z, which no estimate moves.
/// ```
/// use marginal::{distributions::Normal, laws::{self, EstimateCase, Labelled, Observations}};
/// let normals = Labelled(vec![Normal::new(0.0, 1.0)?, Normal::new(5.0, 2.0)?]);
/// let rows = [(0, -0.5), (1, 4.0), (0, 0.25), (1, 6.5), (1, 5.0)].map(|row| (row, 1.0));
/// let report = laws::check(&laws::components(), &EstimateCase::of(normals, Observations::new(rows)));
/// assert!(report.holds(), "{report}");
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Labelled<C>(pub C);

/// z and x.
type Complete<C> = (usize, Owned<C>);
type Owned<C> = <<C as Components>::Value as ToOwned>::Owned;

/// The observations of complete data without their labels, side by side.
fn unlabelled<C: Components>(block: &[Complete<C>]) -> <C::Value as Observation>::Buffer {
    let mut buffer = <C::Value as Observation>::Buffer::default();
    block.iter().for_each(|(_, x)| C::Value::push(&mut buffer, x.borrow()));
    buffer
}

impl<C: SampleGiven> Distribution for Labelled<C>
where
    Owned<C>: Clone + Debug + Send + Sync,
{
    type Value = Complete<C>;

    fn log_density(&self, (z, x): &Complete<C>) -> f64 {
        if *z < self.0.count() { self.0.log_density_given(x.borrow(), *z) } else { f64::NEG_INFINITY }
    }

    fn sample(&self, rng: &mut dyn Rng) -> Complete<C> {
        let z = rng.random_range(0..self.0.count());
        (z, self.0.sample_given(z, rng))
    }

    fn log_densities(&self, block: &[Complete<C>], out: &mut [f64]) {
        let (n, buffer) = (block.len(), unlabelled::<C>(block));
        let (mut tile, mut own) = (vec![f64::NAN; self.0.count() * n], vec![f64::NAN; self.0.count() * n]);
        self.0.log_density_tile(C::Value::block(&buffer), &mut tile);
        for (z, own) in own.chunks_exact_mut(n.max(1)).enumerate() {
            self.0.log_density_tile_of(&[z], C::Value::block(&buffer), own);
        }
        for (i, (l, (z, _))) in out.iter_mut().zip(block).enumerate() {
            let tile = if i % 2 == 0 { &tile } else { &own };
            *l = tile.get(z * n + i).copied().unwrap_or(f64::NEG_INFINITY);
        }
    }
}

/// The statistics are Σ w of each z, and those of the bank; a z without weight is not seen.
impl<C: SampleGiven> Estimate for Labelled<C>
where
    Owned<C>: Clone + Debug + Send + Sync,
{
    type Statistics = (Vec<f64>, C::Statistics);

    fn statistics(&self) -> Self::Statistics {
        (vec![0.0; self.0.count()], self.0.empty_statistics())
    }

    fn observe(&self, (counts, s): &mut Self::Statistics, (z, x): &Complete<C>, weight: f64) {
        // No member made an observation of another label.
        if let Some(count) = counts.get_mut(*z) {
            *count += weight;
            self.0.observe_given(s, x.borrow(), *z, weight);
        }
    }

    fn observe_block(&self, (counts, s): &mut Self::Statistics, block: &[Complete<C>], weights: &[f64]) {
        let (n, buffer) = (block.len(), unlabelled::<C>(block));
        let (mut tile, mut own) = (vec![0.0; self.0.count() * n], vec![0.0; self.0.count() * n]);
        for (i, ((z, _), weight)) in block.iter().zip(weights).enumerate() {
            if let Some(count) = counts.get_mut(*z) {
                *count += weight;
                let tile = if i % 2 == 0 { &mut tile } else { &mut own };
                tile[z * n + i] = *weight;
            }
        }
        self.0.observe_tile(s, C::Value::block(&buffer), &tile);
        for (z, own) in own.chunks_exact(n.max(1)).enumerate() {
            self.0.observe_tile_of(s, &[z], C::Value::block(&buffer), own);
        }
    }

    fn estimate(&self, (counts, s): &Self::Statistics) -> Result<Self, Error> {
        let total: f64 = counts.iter().sum();
        if !(total > 0.0) {
            return Err(Error::NoWeight { weight: total });
        }
        let seen: Vec<bool> = counts.iter().map(|weight| *weight > 0.0).collect();
        self.0.estimate_together(s, &seen).map(Self)
    }

    fn expected_log_density(&self, (_, s): &Self::Statistics) -> f64 {
        self.0.expected_log_densities(s)
    }

    fn resolution(&self) -> f64 {
        (0..self.0.count()).map(|z| self.0.resolution_given(z)).fold(0.0, f64::max)
    }

    fn guarantee(&self) -> Guarantee {
        self.0.joint_guarantee()
    }

    fn log_prior(&self) -> Option<f64> {
        self.0.log_prior_density()
    }

    fn free_parameters(&self) -> Option<usize> {
        self.0.degrees_of_freedom()
    }
}
