//! p(x | y) as a function of y that returns a distribution.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use rand::Rng;

use crate::distributions::Distribution;
use crate::error::Error;

use super::{ConditionalDistribution, EstimateConditional};

/// The conditional distribution y ↦ `distribution(y)`. EM leaves it as it is.
///
/// Several parents come as one tuple.
/// ```
/// use marginal::{conditionals::{ConditionalDistribution, given}, distributions::{Distribution, Normal}};
/// let noisy = given(|&(x, loud): &(f64, bool)| Normal::new(x, if loud { 2.0 } else { 0.5 }).expect("σ > 0"));
/// assert_eq!(noisy.log_density(&1.0, &(1.0, true)), Normal::new(1.0, 2.0)?.log_density(&1.0));
/// # Ok::<(), marginal::Error>(())
/// ```
pub fn given<G: ?Sized, D: Distribution, F: Fn(&G) -> D>(distribution: F) -> Given<F, G> {
    Given { distribution: Arc::new(distribution), given: PhantomData }
}

/// What [`given`] returns.
pub struct Given<F, G: ?Sized> {
    distribution: Arc<F>,
    given: PhantomData<fn(&G)>,
}

impl<F, G: ?Sized> Clone for Given<F, G> {
    fn clone(&self) -> Self {
        Self { distribution: Arc::clone(&self.distribution), given: PhantomData }
    }
}

impl<F, G: ?Sized> fmt::Debug for Given<F, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Given(…)")
    }
}

impl<G: ?Sized, D: Distribution, F: Fn(&G) -> D> ConditionalDistribution for Given<F, G> {
    type Given = G;
    type Value = D::Value;

    fn log_density(&self, x: &D::Value, given: &G) -> f64 {
        (self.distribution)(given).log_density(x)
    }
    fn sample(&self, given: &G, rng: &mut dyn Rng) -> <D::Value as ToOwned>::Owned {
        (self.distribution)(given).sample(rng)
    }
}

/// The statistics are Σ w ln p(x | y).
impl<G: ?Sized, D: Distribution, F: Fn(&G) -> D + Send + Sync> EstimateConditional for Given<F, G> {
    type Statistics = f64;

    fn statistics(&self) -> f64 {
        0.0
    }
    fn observe(&self, s: &mut f64, x: &D::Value, given: &G, weight: f64) {
        *s += weight * self.log_density(x, given);
    }
    fn estimate(&self, _: &f64) -> Result<Self, Error> {
        Ok(self.clone())
    }
    fn expected_log_density(&self, s: &f64) -> f64 {
        *s
    }
    fn free_parameters(&self) -> Option<usize> {
        Some(0)
    }
}
