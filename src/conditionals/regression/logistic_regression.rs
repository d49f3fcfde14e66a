//! Logistic regression: P(x = true | y) = 1 / (1 + exp(−(a + b·y))), with real parents y.

use std::marker::PhantomData;

use rand::{Rng, RngExt};

use crate::data::Bag;
use crate::distributions::Parametric;
use crate::error::Error;
use crate::numeric::{decimals, decimals_of};

use super::cases::Cases;
use super::classes::{Classes, log_probability};
use super::regressors::{Linear, Regressors};
use crate::conditionals::{ConditionalDistribution, Domain, EstimateConditional};

/// P(x = true | y) = 1 / (1 + exp(−(a + b·y))).
///
/// ```
/// use marginal::conditionals::{ConditionalDistribution, LogisticRegression};
/// let works: LogisticRegression<(bool, f64)> = LogisticRegression::new(-1.0, &[2.0, 0.5])?;
/// let odds = |y| (works.log_density(&true, &y) - works.log_density(&false, &y)).exp();
/// assert!((odds((true, 3.0)) - 2.5f64.exp()).abs() < 1e-12);
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Debug)]
pub struct LogisticRegression<G: ?Sized> {
    pub(crate) linear: Linear,
    pub(crate) types: PhantomData<fn(&G)>,
}

impl<G: Regressors + ?Sized> LogisticRegression<G> {
    /// Intercept a, and one slope b for each number that the parents hold (a bool counts as 0 or 1).
    ///
    /// # Errors
    /// [`Error::Parameter`] unless a and b are finite, [`Error::Dimension`] if there are more or fewer slopes than
    /// numbers.
    pub fn new(intercept: f64, slopes: &[f64]) -> Result<Self, Error> {
        Ok(Self { linear: Linear::new::<G>(intercept, slopes)?, types: PhantomData })
    }
}

impl<G: ?Sized> LogisticRegression<G> {
    /// a.
    pub fn intercept(&self) -> f64 {
        self.linear.intercept()
    }

    /// b.
    pub fn slopes(&self) -> &[f64] {
        &self.linear.slopes
    }

    fn log_probability(x: bool, predictor: f64) -> f64 {
        log_probability(usize::from(x), &[0.0, predictor])
    }
}

impl<G: Regressors + ?Sized> ConditionalDistribution for LogisticRegression<G> {
    type Given = G;
    type Value = bool;

    fn log_density(&self, x: &bool, given: &G) -> f64 {
        Self::log_probability(*x, given.with_cells(|y| self.linear.at(y)))
    }

    fn sample(&self, given: &G, rng: &mut dyn Rng) -> bool {
        rng.random::<f64>().ln() < self.log_density(&true, given)
    }

    fn states(&self) -> Option<usize> {
        Some(2)
    }

    fn given_length(&self) -> Option<usize> {
        Some(self.linear.slopes.len())
    }

    fn admits(&self, parents: &[Domain]) -> Result<(), Error> {
        self.linear.admits(parents)
    }
}

/// The statistics are the observations themselves: (y, x) and weight.
impl<G: Regressors + ?Sized> EstimateConditional for LogisticRegression<G> {
    type Statistics = Bag<(Vec<f64>, bool)>;

    fn statistics(&self) -> Self::Statistics {
        Bag::default()
    }

    fn observe(&self, s: &mut Self::Statistics, x: &bool, given: &G, weight: f64) {
        given.with_cells(|y| s.0.push(((y.to_vec(), *x), weight)));
    }

    /// Newton's method with step halving on the regressors less their mean; the likelihood is concave.
    ///
    /// # Errors
    /// [`Error::NoEstimate`] if a line (or a + b·y of any kind) separates `true` from `false`,
    /// [`Error::Singular`] if a regressor is constant or a combination of others.
    fn estimate(&self, s: &Self::Statistics) -> Result<Self, Error> {
        let cases = Cases::new(s, self.linear.slopes.len(), usize::from)?;
        let linear = Classes::new(cases, 2, separable).maximise()?.swap_remove(0);
        Ok(Self { linear, types: PhantomData })
    }

    fn expected_log_density(&self, s: &Self::Statistics) -> f64 {
        s.0.iter().map(|((y, x), w)| w * Self::log_probability(*x, self.linear.at(y))).sum()
    }

    fn same_statistics(&self, other: &Self) -> bool {
        self.linear.slopes.len() == other.linear.slopes.len()
    }

    fn determining_rows(&self) -> usize {
        self.linear.slopes.len() + 1
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(self.linear.slopes.len() + 1)
    }
}

fn separable() -> Error {
    Error::NoEstimate {
        family: "LogisticRegression",
        reason: "the parents separate true from false, so the slopes grow without end: more data, or fewer parents",
    }
}

// Derived, these would ask the parents' type for the same.
impl<G: ?Sized> Clone for LogisticRegression<G> {
    fn clone(&self) -> Self {
        Self { linear: self.linear.clone(), types: PhantomData }
    }
}

impl<G: ?Sized> PartialEq for LogisticRegression<G> {
    fn eq(&self, other: &Self) -> bool {
        self.linear == other.linear
    }
}

impl<G: ?Sized> std::fmt::Display for LogisticRegression<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "intercept {}  slopes {}", decimals(self.intercept(), 6), decimals_of(self.slopes(), 6))
    }
}

/// (a, b).
impl<G: Regressors + ?Sized> Parametric for LogisticRegression<G> {
    fn to_vector(&self) -> Vec<f64> {
        self.linear.to_vector()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Ok(Self { linear: Linear::from_vector(coordinates)?, types: PhantomData })
    }
}
