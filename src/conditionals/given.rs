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
    Given { distribution: Arc::new(distribution), states: None, row_length: None, given: PhantomData }
}

/// What [`given`] returns.
pub struct Given<F, G: ?Sized> {
    distribution: Arc<F>,
    states: Option<usize>,
    row_length: Option<usize>,
    given: PhantomData<fn(&G)>,
}

impl<F, G: ?Sized> Given<F, G> {
    /// The same, said to yield labels 0 … states − 1: without a call the closure cannot tell, and a hidden node must.
    /// ```
    /// use marginal::{conditionals::{ConditionalDistribution, given}, distributions::Categorical};
    /// let label = given(|&x: &f64| Categorical::new(vec![0.5, 0.25, 0.25]).expect("they sum to 1")).of_states(3);
    /// assert_eq!(label.states(), Some(3));
    /// ```
    #[must_use]
    pub fn of_states(self, states: usize) -> Self {
        Self { states: Some(states), ..self }
    }

    /// The same, said to yield rows of so many numbers: a node that holds rows must tell.
    #[must_use]
    pub fn of_length(self, row_length: usize) -> Self {
        Self { row_length: Some(row_length), ..self }
    }
}

impl<F, G: ?Sized> Clone for Given<F, G> {
    fn clone(&self) -> Self {
        let (states, row_length) = (self.states, self.row_length);
        Self { distribution: Arc::clone(&self.distribution), states, row_length, given: PhantomData }
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
    fn states(&self) -> Option<usize> {
        self.states
    }
    fn row_length(&self) -> Option<usize> {
        self.row_length
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
