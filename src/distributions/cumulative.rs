//! F(x) = P(X ≤ x), and its inverse.

use crate::error::Error;

use super::Distribution;

/// The distribution function F(x) = P(X ≤ x) of ordered values, and its quantiles.
///
/// Laws: F rises from 0 to 1, and is the mass that p has up to x; q(p) ≤ x exactly where p ≤ F(x). Of what repeats, X is
/// the draw in the period about 0: an angle in [−π, π).
///
/// ```
/// use marginal::distributions::{Cumulative, Exponential, Poisson};
///
/// let waiting = Exponential::new(0.5)?;
/// assert!((waiting.cdf(&2.0) - (1.0 - (-1.0f64).exp())).abs() < 1e-15);
/// assert!((waiting.quantile(0.5)? - 2.0 * 2f64.ln()).abs() < 1e-15);
/// assert_eq!(Poisson::new(3.0)?.quantile(0.9)?, 5);
/// assert!(waiting.quantile(1.5).is_err());
/// # Ok::<(), marginal::Error>(())
/// ```
pub trait Cumulative: Distribution<Value: PartialOrd + Sized> {
    /// F(x) ∈ [0, 1]; NaN of NaN alone.
    fn cdf(&self, x: &Self::Value) -> f64;

    /// q(p), the least x with F(x) ≥ p; at p = 0 and p = 1 the ends of the support, or of its type's values.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless p ∈ [0, 1].
    fn quantile(&self, p: f64) -> Result<Self::Value, Error>;
}
