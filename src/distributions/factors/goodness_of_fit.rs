//! Whether so few factors will do: the likelihood ratio against a covariance of any shape.

use crate::distributions::Scatter;
use crate::distributions::special::incomplete_gamma::{lower, peak, upper};
use crate::error::Error;
use crate::numeric::Cholesky;

use super::low_rank_normal::LowRankNormal;
use super::noise::free_parameters;

/// A test of H₀: the covariance has the shape of this normal, against any covariance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GoodnessOfFit {
    /// (n − 1 − (2 D + 5)/6 − 2 q/3) (ln |Σ| − ln |S| + tr Σ⁻¹ S − D): the likelihood ratio with the factor of Bartlett
    /// (1951), which `factanal` prints.
    pub statistic: f64,
    /// The free parameters that H₀ saves.
    pub degrees_of_freedom: usize,
    /// The probability of a larger χ² of so many degrees of freedom.
    pub p_value: f64,
}

impl LowRankNormal {
    /// The test of the number of factors, of a normal that was estimated from these statistics of n independent rows.
    ///
    /// # Errors
    /// [`Error::Dimension`]; [`Error::Singular`] if S has no inverse; [`Error::NoEstimate`] where the factors make any
    /// covariance, so that there is nothing to test.
    pub fn goodness_of_fit(&self, s: &Scatter) -> Result<GoodnessOfFit, Error> {
        let (d, q) = (self.dimension(), self.factors());
        let (expected, found) = (d * d, s.scatter().len());
        if expected != found {
            return Err(Error::Dimension { what: "the scatter", expected, found });
        }
        let degrees_of_freedom = d * (d + 1) / 2 - free_parameters(d, q, self.shape());
        if degrees_of_freedom == 0 {
            let reason = "so many factors make any covariance, and there is nothing to test: fewer factors";
            return Err(Error::NoEstimate { family: "a test of the number of factors", reason });
        }
        let covariance = s.covariance()?;
        let dense = Cholesky::new(&covariance)?;
        let ratio = self.log_determinant() - dense.log_determinant() + self.trace_of_solve(&covariance) - d as f64;
        let statistic = (s.weight() - 1.0 - (2 * d + 5) as f64 / 6.0 - 2.0 * q as f64 / 3.0) * ratio.max(0.0);
        let (shape, x) = (0.5 * degrees_of_freedom as f64, 0.5 * statistic.max(0.0));
        let p_value = if shape < 1.0 { 1.0 - lower(shape, x, peak(shape)) } else { upper(shape, x, peak(shape)) };
        Ok(GoodnessOfFit { statistic, degrees_of_freedom, p_value })
    }
}
