//! Poisson regression: x ~ Poisson(exp(a + b·y)), with real parents y.

use std::marker::PhantomData;

use rand::Rng;
use statrs::function::factorial::ln_factorial;

use crate::data::Bag;
use crate::distributions::{Distribution, Parametric, Poisson};
use crate::error::Error;
use crate::numeric::{decimals, decimals_of};

use super::cases::{Case, Cases};
use super::newton::{Concave, maximise};
use super::regressors::{Linear, Regressors};
use crate::conditionals::{ConditionalDistribution, Domain, EstimateConditional};

/// p(x | y) = λˣ e^(−λ) / x! with ln λ = a + b·y.
///
/// ```
/// use marginal::{conditionals::{ConditionalDistribution, PoissonRegression}, distributions::{Distribution, Poisson}};
/// let calls: PoissonRegression<(f64, bool)> = PoissonRegression::new(1.0, &[0.5, -1.0])?;
/// let at_night = calls.log_density(&3, &(2.0, true));
/// assert!((at_night - Poisson::new(1f64.exp())?.log_density(&3)).abs() < 1e-14);
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Debug)]
pub struct PoissonRegression<G: ?Sized> {
    pub(crate) linear: Linear,
    pub(crate) types: PhantomData<fn(&G)>,
}

impl<G: Regressors + ?Sized> PoissonRegression<G> {
    /// Intercept a, and one slope b for each number that the parents hold (a bool counts as 0 or 1).
    ///
    /// # Errors
    /// [`Error::Parameter`] unless a and b are finite, [`Error::Dimension`] if there are more or fewer slopes than
    /// numbers.
    pub fn new(intercept: f64, slopes: &[f64]) -> Result<Self, Error> {
        Ok(Self { linear: Linear::new::<G>(intercept, slopes)?, types: PhantomData })
    }
}

impl<G: ?Sized> PoissonRegression<G> {
    /// a.
    pub fn intercept(&self) -> f64 {
        self.linear.intercept()
    }

    /// b.
    pub fn slopes(&self) -> &[f64] {
        &self.linear.slopes
    }
}

/// ln p(x | λ = e^η); −∞ for NaN.
fn log_density(x: u64, predictor: f64) -> f64 {
    match Poisson::new(predictor.exp()) {
        Ok(poisson) if poisson.rate() >= f64::MIN_POSITIVE => poisson.log_density(&x),
        _ if predictor.is_nan() || predictor == f64::INFINITY => f64::NEG_INFINITY,
        _ if x == 0 => -predictor.exp(),
        // λ is no number, and the logarithm of its powers is.
        _ => x as f64 * predictor - predictor.exp() - ln_factorial(x),
    }
}

impl<G: Regressors + ?Sized> ConditionalDistribution for PoissonRegression<G> {
    type Given = G;
    type Value = u64;

    fn log_density(&self, x: &u64, given: &G) -> f64 {
        log_density(*x, given.with_cells(|y| self.linear.at(y)))
    }

    /// From the nearest rate that a [`Poisson`] can have; 0 where y has none, as for NaN.
    fn sample(&self, given: &G, rng: &mut dyn Rng) -> u64 {
        let rate = given.with_cells(|y| self.linear.at(y)).exp().min(rand_distr::Poisson::<f64>::MAX_LAMBDA);
        Poisson::new(rate).map_or(0, |poisson| poisson.sample(rng))
    }

    fn given_length(&self) -> Option<usize> {
        Some(self.linear.slopes.len())
    }

    fn admits(&self, parents: &[Domain]) -> Result<(), Error> {
        self.linear.admits(parents)
    }
}

/// The statistics are the observations themselves: (y, x) and weight.
impl<G: Regressors + ?Sized> EstimateConditional for PoissonRegression<G> {
    type Statistics = Bag<(Vec<f64>, u64)>;

    fn statistics(&self) -> Self::Statistics {
        Bag::default()
    }

    fn observe(&self, s: &mut Self::Statistics, x: &u64, given: &G, weight: f64) {
        given.with_cells(|y| s.0.push(((y.to_vec(), *x), weight)));
    }

    /// Newton's method with step halving on the regressors less their mean; the likelihood is concave.
    ///
    /// # Errors
    /// [`Error::NoEstimate`] if all counts are 0, or if a + b·y tells some of the zeros from the other counts;
    /// [`Error::Singular`] if a regressor is constant or a combination of others.
    fn estimate(&self, s: &Self::Statistics) -> Result<Self, Error> {
        let counts = Counts(Cases::new(s, self.linear.slopes.len(), |x| x as f64)?);
        let (sum, weight) = counts
            .0
            .iter()
            .fold((0.0, 0.0), |(sum, weight), case| (sum + case.weight * case.outcome, weight + case.weight));
        if !(sum > 0.0) {
            return Err(counts.no_maximum());
        }
        let mut start = vec![0.0; counts.0.coefficients()];
        start[0] = (sum / weight).ln();
        let found = maximise(&counts, start).map_err(|e| counts.0.of_regressor(e))?;
        Ok(Self { linear: counts.0.linear(&found).checked()?, types: PhantomData })
    }

    fn expected_log_density(&self, s: &Self::Statistics) -> f64 {
        s.0.iter().map(|((y, x), w)| w * log_density(*x, self.linear.at(y))).sum()
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

/// Observed counts.
struct Counts(Cases<f64>);

impl Concave for Counts {
    /// Σ w (x η − e^η).
    fn log_likelihood(&self, coefficients: &[f64]) -> f64 {
        let of_case = |case: &Case<f64>| {
            let predictor = case.predictor(coefficients);
            case.weight * (case.outcome * predictor - predictor.exp())
        };
        self.0.iter().map(of_case).sum()
    }

    /// Σ w (x − e^η) r, and Σ w e^η r rᵀ.
    fn derivatives(&self, coefficients: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let d = self.0.coefficients();
        let (mut gradient, mut information) = (vec![0.0; d], vec![0.0; d * d]);
        for case in self.0.iter() {
            let (rate, r) = (case.predictor(coefficients).exp(), case.regressors());
            for i in 0..d {
                gradient[i] += case.weight * (case.outcome - rate) * r[i];
                for j in 0..=i {
                    information[i * d + j] += case.weight * rate * r[i] * r[j];
                }
            }
        }
        (gradient, information)
    }

    fn largest_move(&self, step: &[f64]) -> f64 {
        self.0.iter().map(|case| case.predictor(step).abs()).fold(0.0, f64::max)
    }

    fn no_maximum(&self) -> Error {
        Error::NoEstimate {
            family: "PoissonRegression",
            reason: "the parents tell zeros from the other counts, so the slopes grow without end: more data, or fewer \
                     parents",
        }
    }
}

// Derived, these would ask the parents' type for the same.
impl<G: ?Sized> Clone for PoissonRegression<G> {
    fn clone(&self) -> Self {
        Self { linear: self.linear.clone(), types: PhantomData }
    }
}

impl<G: ?Sized> PartialEq for PoissonRegression<G> {
    fn eq(&self, other: &Self) -> bool {
        self.linear == other.linear
    }
}

impl<G: ?Sized> std::fmt::Display for PoissonRegression<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "intercept {}  slopes {}", decimals(self.intercept(), 6), decimals_of(self.slopes(), 6))
    }
}

/// (a, b).
impl<G: Regressors + ?Sized> Parametric for PoissonRegression<G> {
    fn to_vector(&self) -> Vec<f64> {
        self.linear.to_vector()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Ok(Self { linear: Linear::from_vector(coordinates)?, types: PhantomData })
    }
}
