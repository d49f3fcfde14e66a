//! θ as an unconstrained vector.

use crate::error::Error;

/// A bijection between parameters and ℝᵖ: logarithms of what is positive, log-ratios of what sums to one.
///
/// Optional: nobody needs it to run EM. It unlocks the laws about gradients.
///
/// Law: `from_vector(to_vector(θ))` is θ up to round-off, and every finite vector is valid.
/// ```
/// use marginal::distributions::{Normal, Parametric};
/// let normal = Normal::new(3.0, 2.0)?;
/// assert_eq!(normal.to_vector(), [3.0, 2.0f64.ln()]);
/// assert_eq!(normal.from_vector(&[3.0, 0.0])?, Normal::new(3.0, 1.0)?);
/// # Ok::<(), marginal::Error>(())
/// ```
pub trait Parametric: Sized {
    /// The parameters as a vector of free coordinates.
    fn to_vector(&self) -> Vec<f64>;

    /// Parameters of the same shape as `self` from a vector of free coordinates.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a coordinate is not finite or overflows the parameter's range.
    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error>;
}

/// A number without bounds is its own coordinate.
impl Parametric for f64 {
    fn to_vector(&self) -> Vec<f64> {
        vec![*self]
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Ok(coordinates[0])
    }
}

/// The coordinates of each, one after the other.
impl<D: Parametric> Parametric for Vec<D> {
    fn to_vector(&self) -> Vec<f64> {
        self.iter().flat_map(D::to_vector).collect()
    }

    fn from_vector(&self, mut coordinates: &[f64]) -> Result<Self, Error> {
        let of_next = |d: &D| {
            let (own, others) = coordinates.split_at(d.to_vector().len());
            coordinates = others;
            d.from_vector(own)
        };
        self.iter().map(of_next).collect()
    }
}
