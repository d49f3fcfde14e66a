//! E\[X\], E[(X − E\[X\])²] and −E[ln p(X)], where they are known.

use super::Distribution;
use crate::distributions::{
    Bernoulli, Beta, Binomial, Categorical, Exponential, Gamma, Geometric, Laplace, LogNormal, Normal, Poisson,
    StudentT, Uniform, VonMises,
};

/// Mean, variance and entropy of one number X, for code that works with any distribution; a family's own methods of
/// these names come without the `Option`.
///
/// Laws: they are the integrals, or sums, that they claim to be.
///
/// ```
/// use marginal::distributions::{Gamma, StudentT, Summary};
///
/// fn coefficient_of_variation(d: &impl Summary) -> Option<f64> {
///     Some(d.variance()?.sqrt() / d.mean()?)
/// }
/// assert_eq!(coefficient_of_variation(&Gamma::new(4.0, 3.0)?), Some(0.5));
/// assert_eq!(coefficient_of_variation(&StudentT::new(1.0, 1.0, 0.9)?), None);
/// # Ok::<(), marginal::Error>(())
/// ```
pub trait Summary: Distribution {
    /// E\[X\]; `None` where it does not exist, or is not known.
    fn mean(&self) -> Option<f64> {
        None
    }

    /// E[(X − E\[X\])²], which may be ∞; `None` where it does not exist, or is not known.
    fn variance(&self) -> Option<f64> {
        None
    }

    /// −E[ln p(X)] in nats; `None` where it does not exist, or is not known.
    fn entropy(&self) -> Option<f64> {
        None
    }
}

macro_rules! summaries {
    ($($family:ty: $($known:ident)+;)+) => {$(
        impl Summary for $family {
            $(
                fn $known(&self) -> Option<f64> {
                    Some(Self::$known(self))
                }
            )+
        }
    )+};
}

summaries! {
    Bernoulli: mean variance entropy;
    Beta: mean variance entropy;
    Binomial: mean variance entropy;
    Categorical: entropy;
    Exponential: mean variance entropy;
    Gamma: mean variance entropy;
    Geometric: mean variance entropy;
    Laplace: mean variance entropy;
    LogNormal: mean variance entropy;
    Normal: mean variance entropy;
    Poisson: mean variance entropy;
    Uniform: mean variance entropy;
    VonMises: entropy;
}

/// The mean exists for ν > 1 alone; the variance is ∞ for 1 < ν ≤ 2.
impl Summary for StudentT {
    fn mean(&self) -> Option<f64> {
        Self::mean(self)
    }

    fn variance(&self) -> Option<f64> {
        Self::variance(self)
    }

    fn entropy(&self) -> Option<f64> {
        Some(Self::entropy(self))
    }
}
