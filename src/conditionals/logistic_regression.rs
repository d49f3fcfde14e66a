//! Logistic regression: P(x = true | y) = 1 / (1 + exp(−(a + b·y))), with real parents y.

use std::marker::PhantomData;

use rand::{Rng, RngExt};

use crate::data::Bag;
use crate::error::Error;
use crate::numeric::Cholesky;

use super::regressors::{Linear, solve};
use super::{ConditionalDistribution, Domain, EstimateConditional, Regressors};

/// Newton steps after which the likelihood is taken to have no maximum; far fewer are needed where it has one.
const MAX_STEPS: usize = 100;
/// Converged once no linear predictor moves by more than this.
const TOLERANCE: f64 = 1e-10;

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
    linear: Linear,
    types: PhantomData<fn(&G)>,
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
        self.linear.intercept
    }

    /// b.
    pub fn slopes(&self) -> &[f64] {
        &self.linear.slopes
    }

    /// ln P(x | η) = −ln(1 + e^∓η), without overflow.
    fn log_probability(x: bool, predictor: f64) -> f64 {
        let against = if x { -predictor } else { predictor };
        // NaN is off the support.
        if against.is_nan() { f64::NEG_INFINITY } else { -(against.max(0.0) + (-against.abs()).exp().ln_1p()) }
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
        let weight: f64 = s.0.iter().map(|(_, w)| w).sum();
        if !(weight > 0.0) {
            return Err(Error::NoWeight { weight });
        }
        let mut mean = vec![0.0; self.linear.slopes.len()];
        for ((y, _), w) in &s.0 {
            mean.iter_mut().zip(y).for_each(|(m, y)| *m += y * w / weight);
        }
        let centred: Vec<Case> = s.0.iter().map(|((y, x), w)| Case::new(y, &mean, *x, *w)).collect();
        let coefficients = maximise(&centred, &mean)?;
        let (intercept, slopes) = coefficients.split_at(1);
        let shift: f64 = slopes.iter().zip(&mean).map(|(b, m)| b * m).sum();
        Self::new(intercept[0] - shift, slopes)
    }

    fn expected_log_density(&self, s: &Self::Statistics) -> f64 {
        s.0.iter().map(|((y, x), w)| w * Self::log_probability(*x, self.linear.at(y))).sum()
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(self.linear.slopes.len() + 1)
    }
}

/// One observation with regressors (1, y − ȳ).
struct Case {
    regressors: Vec<f64>,
    outcome: bool,
    weight: f64,
}

impl Case {
    fn new(y: &[f64], mean: &[f64], outcome: bool, weight: f64) -> Self {
        let regressors = std::iter::once(1.0).chain(y.iter().zip(mean).map(|(y, m)| y - m)).collect();
        Self { regressors, outcome, weight }
    }

    fn predictor(&self, coefficients: &[f64]) -> f64 {
        self.regressors.iter().zip(coefficients).map(|(x, b)| x * b).sum()
    }
}

fn log_likelihood(cases: &[Case], coefficients: &[f64]) -> f64 {
    let of_case =
        |c: &Case| c.weight * LogisticRegression::<f64>::log_probability(c.outcome, c.predictor(coefficients));
    cases.iter().map(of_case).sum()
}

/// argmax Σ w ln P(x | b·r) by Newton's method from 0.
///
/// Where the outcomes can be separated the predictors grow by about 1 a step for ever, however small the gradient
/// becomes; so convergence is judged by the step.
fn maximise(cases: &[Case], mean: &[f64]) -> Result<Vec<f64>, Error> {
    let separable = Error::NoEstimate {
        family: "LogisticRegression",
        reason: "the parents separate true from false, so the slopes grow without end: more data, or fewer parents",
    };
    let mut coefficients = vec![0.0; mean.len() + 1];
    let mut reached = log_likelihood(cases, &coefficients);
    for iteration in 0..MAX_STEPS {
        let (gradient, information) = derivatives(cases, &coefficients);
        let factored = match Cholesky::new(&information) {
            Ok(factored) => factored,
            // At 0 the information is that of the regressors alone.
            Err(Error::Singular { column, pivot }) if iteration == 0 => {
                return Err(Error::Singular { column: column.saturating_sub(1), pivot });
            }
            Err(_) => return Err(separable),
        };
        let mut step = solve(&factored, &gradient);
        let moved = cases.iter().map(|case| case.predictor(&step).abs()).fold(0.0, f64::max);
        if moved <= TOLERANCE {
            return Ok(coefficients);
        }
        // Halving stops where round-off does: below that no step is told from none.
        for _ in 0..60 {
            let next: Vec<f64> = coefficients.iter().zip(&step).map(|(b, d)| b + d).collect();
            let value = log_likelihood(cases, &next);
            if value >= reached - 4.0 * f64::EPSILON * reached.abs() {
                (coefficients, reached) = (next, value);
                break;
            }
            step.iter_mut().for_each(|d| *d *= 0.5);
        }
        let correct = |c: &Case| (c.predictor(&coefficients) > 0.0) == c.outcome && c.predictor(&coefficients) != 0.0;
        if cases.iter().all(correct) {
            return Err(separable);
        }
    }
    Err(separable)
}

/// Σ w (x − P) r and Σ w P (1 − P) r rᵀ.
fn derivatives(cases: &[Case], coefficients: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let d = coefficients.len();
    let (mut gradient, mut information) = (vec![0.0; d], vec![0.0; d * d]);
    for case in cases {
        let (predictor, r) = (case.predictor(coefficients), &case.regressors);
        let log_probability = |x| LogisticRegression::<f64>::log_probability(x, predictor);
        let residual = if case.outcome { log_probability(false).exp() } else { -log_probability(true).exp() };
        let curvature = case.weight * (log_probability(true) + log_probability(false)).exp();
        for i in 0..d {
            gradient[i] += case.weight * residual * r[i];
            for j in 0..=i {
                information[i * d + j] += curvature * r[i] * r[j];
            }
        }
    }
    (gradient, information)
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
