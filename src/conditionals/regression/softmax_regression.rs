//! Softmax regression: p(x = k | y) = exp(a_k + b_k·y) / Σ_j exp(a_j + b_j·y), with real parents y.

use std::marker::PhantomData;

use rand::{Rng, RngExt};

use crate::data::Bag;
use crate::error::Error;

use super::cases::Cases;
use super::classes::{Classes, log_probability};
use super::regressors::{Linear, Regressors};
use crate::conditionals::{ConditionalDistribution, Domain, EstimateConditional};
use crate::distributions::Parametric;

/// p(x = k | y) ∝ exp(a_k + b_k·y), k = 0 … K−1: multinomial logistic regression.
///
/// Adding one line to the predictors of all classes changes no probability, so class 0 is the reference: its line is
/// taken away from the others', and a_k + b_k·y are the log-odds of class k against class 0. For K = 2 it is
/// [`LogisticRegression`](super::logistic_regression::LogisticRegression).
/// ```
/// use marginal::conditionals::{ConditionalDistribution, SoftmaxRegression};
/// let walks_rides_flies: SoftmaxRegression<f64> = SoftmaxRegression::new(&[2.0, 1.0, -4.0], &[[-1.0], [0.0], [0.5]])?;
/// let odds = |k, distance| (walks_rides_flies.log_density(&k, &distance) - walks_rides_flies.log_density(&0, &distance)).exp();
/// assert!((odds(1, 2.0) - 1f64.exp()).abs() < 1e-12); // (1 − 2) + (0 + 1) · 2
/// assert_eq!(walks_rides_flies.slopes(), [[0.0], [1.0], [1.5]]);
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Debug)]
pub struct SoftmaxRegression<G: ?Sized> {
    /// That of class 0 vanishes.
    pub(crate) lines: Vec<Linear>,
    pub(crate) types: PhantomData<fn(&G)>,
}

impl<G: Regressors + ?Sized> SoftmaxRegression<G> {
    /// Of each class the intercept a_k, and one slope for each number that the parents hold (a bool counts as 0 or 1).
    ///
    /// # Errors
    /// [`Error::Parameter`] for fewer than two classes, or unless all a_k − a_0 and b_k − b_0 are finite;
    /// [`Error::Dimension`] if there are not as many lists of slopes as intercepts, or in one more or fewer slopes than
    /// numbers.
    pub fn new<S: AsRef<[f64]>>(intercepts: &[f64], slopes: &[S]) -> Result<Self, Error> {
        let classes = intercepts.len();
        Error::check(classes >= 2, "number of classes", classes as f64, "{2, 3, …}")?;
        if slopes.len() != classes {
            let what = "the list of the classes' slopes";
            return Err(Error::Dimension { what, expected: classes, found: slopes.len() });
        }
        let reference = slopes[0].as_ref();
        let line = |(intercept, slopes): (&f64, &S)| {
            let (slopes, expected) = (slopes.as_ref(), reference.len());
            if slopes.len() != expected {
                return Err(Error::Dimension { what: "the list of slopes", expected, found: slopes.len() });
            }
            let slopes: Vec<f64> = slopes.iter().zip(reference).map(|(b, of_first)| b - of_first).collect();
            Linear::new::<G>(intercept - intercepts[0], &slopes)
        };
        Ok(Self { lines: intercepts.iter().zip(slopes).map(line).collect::<Result<_, _>>()?, types: PhantomData })
    }
}

impl<G: ?Sized> SoftmaxRegression<G> {
    /// a_k of each class less that of class 0.
    pub fn intercepts(&self) -> Vec<f64> {
        self.lines.iter().map(Linear::intercept).collect()
    }

    /// b_k of each class less that of class 0.
    pub fn slopes(&self) -> Vec<&[f64]> {
        self.lines.iter().map(|line| line.slopes.as_slice()).collect()
    }

    fn predictors(&self, y: &[f64]) -> Vec<f64> {
        self.lines.iter().map(|line| line.at(y)).collect()
    }
}

impl<G: Regressors + ?Sized> ConditionalDistribution for SoftmaxRegression<G> {
    type Given = G;
    type Value = usize;

    fn log_density(&self, x: &usize, given: &G) -> f64 {
        log_probability(*x, &given.with_cells(|y| self.predictors(y)))
    }

    /// Where y has no probabilities, as for NaN, the last class.
    fn sample(&self, given: &G, rng: &mut dyn Rng) -> usize {
        let predictors = given.with_cells(|y| self.predictors(y));
        let mut left = rng.random::<f64>();
        let drawn = (0..self.lines.len()).find(|&k| {
            left -= log_probability(k, &predictors).exp();
            left < 0.0
        });
        drawn.unwrap_or(self.lines.len() - 1)
    }

    fn states(&self) -> Option<usize> {
        Some(self.lines.len())
    }

    fn given_length(&self) -> Option<usize> {
        Some(self.lines[0].slopes.len())
    }

    fn admits(&self, parents: &[Domain]) -> Result<(), Error> {
        self.lines[0].admits(parents)
    }
}

/// The statistics are the observations themselves: (y, x) and weight.
impl<G: Regressors + ?Sized> EstimateConditional for SoftmaxRegression<G> {
    type Statistics = Bag<(Vec<f64>, usize)>;

    fn statistics(&self) -> Self::Statistics {
        Bag::default()
    }

    fn observe(&self, s: &mut Self::Statistics, x: &usize, given: &G, weight: f64) {
        given.with_cells(|y| s.0.push(((y.to_vec(), *x), weight)));
    }

    /// Newton's method with step halving on the regressors less their mean; the likelihood is concave.
    ///
    /// # Errors
    /// [`Error::NoEstimate`] if a class never occurs, or if lines tell the classes apart without a mistake;
    /// [`Error::Singular`] if a regressor is constant or a combination of others; [`Error::Parameter`] for a class that
    /// is none of the K.
    fn estimate(&self, s: &Self::Statistics) -> Result<Self, Error> {
        let classes = self.lines.len();
        let mut occurs = vec![false; classes];
        for ((_, x), _) in &s.0 {
            Error::check(*x < classes, "class", *x as f64, "{0, …, K − 1}")?;
            occurs[*x] = true;
        }
        let cases = Cases::new(s, self.lines[0].slopes.len(), |x| x)?;
        if !occurs.iter().all(|occurs| *occurs) {
            return Err(separable());
        }
        let mut lines = vec![Linear::new::<G>(0.0, &vec![0.0; self.lines[0].slopes.len()])?];
        lines.extend(Classes::new(cases, classes, separable).maximise()?);
        Ok(Self { lines, types: PhantomData })
    }

    fn expected_log_density(&self, s: &Self::Statistics) -> f64 {
        s.0.iter().map(|((y, x), w)| w * log_probability(*x, &self.predictors(y))).sum()
    }

    fn same_statistics(&self, other: &Self) -> bool {
        self.lines.len() == other.lines.len() && self.lines[0].slopes.len() == other.lines[0].slopes.len()
    }

    fn free_parameters(&self) -> Option<usize> {
        Some((self.lines.len() - 1) * (self.lines[0].slopes.len() + 1))
    }
}

/// Intercept and slopes of each class less those of class 0, which has no coordinate.
impl<G: Regressors + ?Sized> Parametric for SoftmaxRegression<G> {
    fn to_vector(&self) -> Vec<f64> {
        self.lines[1..].iter().flat_map(Linear::to_vector).collect()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        let mut lines = vec![self.lines[0].clone()];
        for line in coordinates.chunks_exact(self.lines[0].slopes.len() + 1) {
            lines.push(Linear::from_vector(line)?);
        }
        Ok(Self { lines, types: PhantomData })
    }
}

fn separable() -> Error {
    Error::NoEstimate {
        family: "SoftmaxRegression",
        reason: "the parents separate a class from the others, or it never occurs, so the slopes grow without end: more \
                 data, fewer classes, or fewer parents",
    }
}

// Derived, these would ask the parents' type for the same.
impl<G: ?Sized> Clone for SoftmaxRegression<G> {
    fn clone(&self) -> Self {
        Self { lines: self.lines.clone(), types: PhantomData }
    }
}

impl<G: ?Sized> PartialEq for SoftmaxRegression<G> {
    fn eq(&self, other: &Self) -> bool {
        self.lines == other.lines
    }
}
