//! Newton's method with step halving: the maximum of a concave log-likelihood of linear predictors.

use crate::error::Error;
use crate::numeric::{Cholesky, halved_until};

use super::regressors::solve;

/// Newton steps after which the likelihood is taken to have no maximum; far fewer are needed where it has one.
const MAX_STEPS: usize = 100;
/// Converged once no linear predictor moves by more than this.
const TOLERANCE: f64 = 1e-10;

/// A step that moves no linear predictor by more changes the second derivatives by less than a hundredth: all of it leads
/// upwards, though by less than the sum of many terms may lose.
const SURE: f64 = 1.0 / 256.0;

/// A log-likelihood that is concave in its coefficients.
pub(crate) trait Concave {
    /// Up to a constant.
    fn log_likelihood(&self, coefficients: &[f64]) -> f64;

    /// The gradient, and the negated second derivatives, of which the lower triangle counts.
    fn derivatives(&self, coefficients: &[f64]) -> (Vec<f64>, Vec<f64>);

    /// By how much a step moves the linear predictor that it moves most.
    fn largest_move(&self, step: &[f64]) -> f64;

    /// Whether the likelihood is seen to grow for ever along these coefficients.
    fn is_separated(&self, _coefficients: &[f64]) -> bool {
        false
    }

    /// What to say where there is no maximum.
    fn no_maximum(&self) -> Error;
}

/// argmax of the log-likelihood.
///
/// Where it has none the predictors grow by about 1 a step for ever, however small the gradient becomes; so convergence
/// is judged by the step.
///
/// # Errors
/// [`Concave::no_maximum`]; [`Error::Singular`] if the second derivatives are so at the start, with their column.
pub(crate) fn maximise(likelihood: &impl Concave, start: Vec<f64>) -> Result<Vec<f64>, Error> {
    let mut coefficients = start;
    let mut reached = likelihood.log_likelihood(&coefficients);
    for iteration in 0..MAX_STEPS {
        let (gradient, information) = likelihood.derivatives(&coefficients);
        let factored = match Cholesky::new(&information) {
            Ok(factored) => factored,
            // At the start the information is that of the regressors alone.
            Err(singular) if iteration == 0 => return Err(singular),
            Err(_) => return Err(likelihood.no_maximum()),
        };
        let mut step = solve(&factored, &gradient);
        let stepped = |step: &[f64]| coefficients.iter().zip(step).map(|(b, d)| b + d).collect::<Vec<f64>>();
        let moved = likelihood.largest_move(&step);
        if moved <= TOLERANCE {
            // The last step squares what is left: to stop before it would leave up to the tolerance.
            return Ok(stepped(&step));
        }
        let least = if moved <= SURE { f64::NEG_INFINITY } else { reached - 4.0 * f64::EPSILON * reached.abs() };
        let uphill = halved_until(&mut step, |step| {
            let next: Vec<f64> = stepped(step);
            let value = likelihood.log_likelihood(&next);
            (value >= least).then_some((next, value))
        });
        if let Some(next) = uphill {
            (coefficients, reached) = next;
        }
        if likelihood.is_separated(&coefficients) {
            return Err(likelihood.no_maximum());
        }
    }
    Err(likelihood.no_maximum())
}
