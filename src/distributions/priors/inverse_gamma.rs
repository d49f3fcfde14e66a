//! Priors of a variance: inverse gamma, p(σ²) ∝ (σ²)^(−α−1) exp(−β/σ²), and with a mean, normal-inverse-gamma,
//! p(μ, σ²) ∝ (σ²)^(−α−3/2) exp(−(β + ½ κ (μ − m)²) / σ²).

use crate::error::Error;

use super::imagined_spread::ImaginedSpread;
use super::prior::Prior;
use crate::distributions::{LogNormal, Moments, Normal};

/// σ² ~ inverse gamma with shape α > 0 and scale β > 0, a density of σ² (not of σ): its mode is β / (α + 1).
///
/// With it no standard deviation can shrink to 0, in a [`Normal`], a [`LinearGaussian`](crate::conditionals::LinearGaussian)
/// or a [`ConditionalGaussian`](crate::conditionals::ConditionalGaussian).
/// ```
/// use marginal::distributions::{Estimate, InverseGamma, Normal, WithPrior};
/// let normal = WithPrior::new(Normal::standard(), InverseGamma::new(1.0, 3.0)?)?;
/// let fitted = normal.fit(&[5.0, 5.0])?; // without spread
/// assert_eq!(fitted.likelihood().variance(), 6.0 / (2.0 + 2.0 + 2.0)); // (S + 2β) / (N + 2α + 2)
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InverseGamma {
    shape: f64,
    scale: f64,
}

impl InverseGamma {
    /// # Errors
    /// [`Error::Parameter`] unless α, β ∈ (0, ∞).
    pub fn new(shape: f64, scale: f64) -> Result<Self, Error> {
        Error::check(shape > 0.0 && shape.is_finite(), "shape", shape, "(0, ∞)")?;
        Error::check(scale > 0.0 && scale.is_finite(), "scale", scale, "(0, ∞)")?;
        Ok(Self { shape, scale })
    }

    /// α.
    pub fn shape(&self) -> f64 {
        self.shape
    }

    /// β.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// ln p(σ²) up to a constant.
    pub(crate) fn log_density_at_deviation(&self, standard_deviation: f64) -> f64 {
        self.imagined().log_density(standard_deviation, 0.0)
    }

    /// What it adds to the weight and to the squares.
    pub(crate) fn imagined(&self) -> ImaginedSpread {
        ImaginedSpread { weight: 2.0 * self.shape + 2.0, squares: 2.0 * self.scale, mean: 0.0, strength: 0.0 }
    }
}

/// μ | σ² ~ N(m, σ²/κ) and σ² ~ inverse gamma(α, β), a density of (μ, σ²).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormalInverseGamma {
    mean: f64,
    strength: f64,
    variance: InverseGamma,
}

impl NormalInverseGamma {
    /// m, κ > 0 (as many observations of mean m), and the prior of the variance.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless m is finite and κ ∈ (0, ∞).
    pub fn new(mean: f64, strength: f64, variance: InverseGamma) -> Result<Self, Error> {
        Error::check(mean.is_finite(), "mean", mean, "(−∞, ∞)")?;
        Error::check(strength > 0.0 && strength.is_finite(), "strength", strength, "(0, ∞)")?;
        Ok(Self { mean, strength, variance })
    }

    /// m.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// κ.
    pub fn strength(&self) -> f64 {
        self.strength
    }

    /// The prior of σ².
    pub fn variance(&self) -> &InverseGamma {
        &self.variance
    }

    fn imagined(&self) -> ImaginedSpread {
        let variance = self.variance.imagined();
        ImaginedSpread { weight: variance.weight + 1.0, mean: self.mean, strength: self.strength, ..variance }
    }
}

macro_rules! prior_of_normal {
    ($prior:ty, $family:ty, $normal:expr) => {
        impl Prior<$family> for $prior {
            type Statistics = Moments;

            fn log_density_at(&self, d: &$family) -> f64 {
                let normal: &Normal = $normal(d);
                self.imagined().log_density(normal.standard_deviation(), normal.mean())
            }

            fn maximum(&self, old: &$family, s: &Moments) -> Result<$family, Error> {
                old.maximum(s, &self.imagined())
            }
        }
    };
}
prior_of_normal!(InverseGamma, Normal, std::convert::identity);
prior_of_normal!(NormalInverseGamma, Normal, std::convert::identity);
prior_of_normal!(InverseGamma, LogNormal, LogNormal::logarithm);
prior_of_normal!(NormalInverseGamma, LogNormal, LogNormal::logarithm);
