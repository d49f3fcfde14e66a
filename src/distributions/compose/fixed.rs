//! Fixed: a distribution that is known, and is not estimated again.

use rand::Rng;

use crate::data::Observation;
use crate::error::Error;

use crate::distributions::{Distribution, Estimate, Parametric};

/// p(x) of the distribution inside, whatever the data: noise of a known level, a background component.
///
/// ```
/// use marginal::distributions::{Estimate, Fixed, Normal};
/// let known = Fixed(Normal::new(0.0, 1.0)?);
/// assert_eq!(known.fit(&[5.0, 6.0])?, known);
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Fixed<D>(pub D);

impl<D: Distribution> Distribution for Fixed<D> {
    type Value = D::Value;

    fn log_density(&self, x: &D::Value) -> f64 {
        self.0.log_density(x)
    }

    fn sample(&self, rng: &mut dyn Rng) -> <D::Value as ToOwned>::Owned {
        self.0.sample(rng)
    }

    fn log_densities(&self, block: <D::Value as Observation>::Block<'_>, out: &mut [f64]) {
        self.0.log_densities(block, out);
    }

    fn states(&self) -> Option<usize> {
        self.0.states()
    }

    fn row_length(&self) -> Option<usize> {
        self.0.row_length()
    }

    fn period(&self) -> Option<f64> {
        self.0.period()
    }

    fn as_normal(&self) -> Option<(f64, f64)> {
        self.0.as_normal()
    }
}

impl<D: Distribution> rand::distr::Distribution<<D::Value as ToOwned>::Owned> for Fixed<D> {
    fn sample<R: Rng + ?Sized>(&self, mut rng: &mut R) -> <D::Value as ToOwned>::Owned {
        self.0.sample(&mut rng)
    }
}

/// The statistics are Σ w ln p(x), and the estimate is the distribution itself.
impl<D: Distribution + Clone + Send + Sync> Estimate for Fixed<D> {
    type Statistics = f64;

    fn statistics(&self) -> f64 {
        0.0
    }

    fn observe(&self, s: &mut f64, x: &D::Value, weight: f64) {
        *s += weight * self.0.log_density(x);
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

    fn least_variance_ratio(&self, _: &Self) -> Option<f64> {
        None
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(0)
    }
}

/// No coordinate.
impl<D: Clone> Parametric for Fixed<D> {
    fn to_vector(&self) -> Vec<f64> {
        Vec::new()
    }

    fn from_vector(&self, _: &[f64]) -> Result<Self, Error> {
        Ok(self.clone())
    }
}

impl<D: std::fmt::Display> std::fmt::Display for Fixed<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fixed({})", self.0)
    }
}
