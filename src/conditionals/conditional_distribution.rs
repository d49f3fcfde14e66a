//! p(x | y) for every value y of the parents.

use rand::Rng;

use crate::data::Observation;
use crate::error::Error;

use super::Domain;
use crate::conditionals::RegressionLine;

/// p(x | y), with respect to Lebesgue or counting measure, for every value y of the parents: the value *is* the
/// parameters.
///
/// Laws: for each y the density sums or integrates to one over x; its logarithm is −∞ off the support and never NaN;
/// draws of [`sample`](Self::sample) have this density.
///
/// A random walk with steps ±1, as a conditional distribution of your own:
/// ```
/// use marginal::conditionals::ConditionalDistribution;
/// use rand::{Rng, RngExt};
///
/// #[derive(Clone, Debug)]
/// struct Step { up: f64 }
///
/// impl ConditionalDistribution for Step {
///     type Given = f64; // where it was
///     type Value = f64; // where it is
///     fn log_density(&self, x: &f64, given: &f64) -> f64 {
///         if *x == given + 1.0 { self.up.ln() } else if *x == given - 1.0 { (1.0 - self.up).ln() } else { f64::NEG_INFINITY }
///     }
///     fn sample(&self, given: &f64, rng: &mut dyn Rng) -> f64 {
///         if rng.random::<f64>() < self.up { given + 1.0 } else { given - 1.0 }
///     }
/// }
/// assert!((Step { up: 0.25 }.log_density(&3.0, &4.0) - 0.75f64.ln()).abs() < 1e-15);
/// ```
/// As a node it can stay as it is, `FixedConditional(Step { up: 0.25 })`; to learn it, add
/// [`EstimateConditional`](super::EstimateConditional).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `ConditionalDistribution`",
    note = "implement it: the types of its parents and of its value, `log_density` and `sample`",
    note = "a distribution that depends on nothing is one as `Root(…)`, and a closure as `given(|y: &…| …)`"
)]
pub trait ConditionalDistribution {
    /// The parents' values: `bool`, `f64`, `[f64]`, a tuple of several, `()` for none.
    type Given: ?Sized;
    /// What is distributed.
    type Value: Observation + ?Sized;

    /// ln p(x | y) in nats; −∞ off the support (and for NaN), never NaN.
    fn log_density(&self, x: &Self::Value, given: &Self::Given) -> f64;

    /// A draw from p(· | y).
    fn sample(&self, given: &Self::Given, rng: &mut dyn Rng) -> <Self::Value as ToOwned>::Owned;

    /// p(x | y).
    fn density(&self, x: &Self::Value, given: &Self::Given) -> f64 {
        self.log_density(x, given).exp()
    }

    /// For finite values: how many states there are. `None` for everything else.
    fn states(&self) -> Option<usize> {
        None
    }

    /// For values that are rows: how many numbers a row holds. `None` for everything else.
    fn row_length(&self) -> Option<usize> {
        None
    }

    /// For parents that are one row: how many numbers it holds. `None` for everything else.
    fn given_length(&self) -> Option<usize> {
        None
    }

    /// See [`Distribution::period`](crate::distributions::Distribution::period).
    fn period(&self) -> Option<f64> {
        None
    }

    /// The line x = a + b·y + ε, if x is real and is so distributed given the values of the finite parents among y.
    ///
    /// What has one is integrated exactly where x, or a real parent of it, is hidden. The values of the real parents
    /// must not matter. Law: ln p(x | y) = ln N(x; a + b·y, σ²), y as the parents' cells.
    /// ```
    /// use marginal::{conditionals::{ConditionalDistribution, Switch}, distributions::Normal};
    /// let height: Switch<Vec<Normal>, bool> = Switch::new(vec![Normal::new(178.0, 7.0)?, Normal::new(165.0, 6.0)?])?;
    /// let line = height.linear_gaussian(&true).expect("a Normal");
    /// assert_eq!((line.intercept, line.slopes, line.standard_deviation), (165.0, vec![0.0], 6.0));
    /// # Ok::<(), marginal::Error>(())
    /// ```
    fn linear_gaussian(&self, _given: &Self::Given) -> Option<RegressionLine> {
        None
    }

    /// Whether it can stand below these parents; a graph asks when it is built.
    ///
    /// # Errors
    /// [`Error::Dimension`] if the parents have other numbers of states, or fill other numbers of cells.
    fn admits(&self, _parents: &[Domain]) -> Result<(), Error> {
        Ok(())
    }
}
