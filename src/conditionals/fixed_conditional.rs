//! A conditional distribution that is known: EM leaves it as it is.

use rand::Rng;

use crate::error::Error;

use super::{ConditionalDistribution, Domain, EstimateConditional};
use crate::conditionals::RegressionLine;

/// p(x | y) as given, with nothing to estimate. Its statistics are Σ w ln p(x | y).
///
/// ```
/// use marginal::conditionals::{ConditionalTable, EstimateConditional, FixedConditional};
/// let known: FixedConditional<ConditionalTable<bool, bool>> =
///     FixedConditional(ConditionalTable::new([[0.9, 0.1], [0.2, 0.8]])?);
/// let mut s = known.statistics();
/// known.observe(&mut s, &true, &false, 2.0);
/// assert_eq!(known.expected_log_density(&s), 2.0 * 0.1f64.ln());
/// assert_eq!(known.estimate(&s)?, known);
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FixedConditional<C>(pub C);

impl<C: ConditionalDistribution> ConditionalDistribution for FixedConditional<C> {
    type Given = C::Given;
    type Value = C::Value;

    fn log_density(&self, x: &C::Value, given: &C::Given) -> f64 {
        self.0.log_density(x, given)
    }
    fn sample(&self, given: &C::Given, rng: &mut dyn Rng) -> <C::Value as ToOwned>::Owned {
        self.0.sample(given, rng)
    }
    fn states(&self) -> Option<usize> {
        self.0.states()
    }
    fn row_length(&self) -> Option<usize> {
        self.0.row_length()
    }
    fn given_length(&self) -> Option<usize> {
        self.0.given_length()
    }
    fn period(&self) -> Option<f64> {
        self.0.period()
    }
    fn linear_gaussian(&self, given: &C::Given) -> Option<RegressionLine> {
        self.0.linear_gaussian(given)
    }
    fn admits(&self, parents: &[Domain]) -> Result<(), Error> {
        self.0.admits(parents)
    }
}

impl<C: ConditionalDistribution + Clone + Send + Sync> EstimateConditional for FixedConditional<C> {
    type Statistics = f64;

    fn statistics(&self) -> f64 {
        0.0
    }
    fn observe(&self, s: &mut f64, x: &C::Value, given: &C::Given, weight: f64) {
        *s += weight * self.0.log_density(x, given);
    }
    fn estimate(&self, _: &f64) -> Result<Self, Error> {
        Ok(self.clone())
    }
    fn expected_log_density(&self, s: &f64) -> f64 {
        *s
    }
    fn determining_rows(&self) -> usize {
        0
    }
    fn free_parameters(&self) -> Option<usize> {
        Some(0)
    }
}
