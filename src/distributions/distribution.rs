//! p(x).

use rand::Rng;

use crate::data::Observation;

/// p(x), with respect to Lebesgue or counting measure: the value *is* the parameters.
///
/// Laws: the density sums or integrates to one; its logarithm is −∞ off the support and never NaN, whatever x; draws
/// of [`sample`](Self::sample) have this density.
///
/// A distribution of your own is this trait, about ten lines:
/// ```
/// use marginal::distributions::Distribution;
/// use rand::{Rng, RngExt};
///
/// #[derive(Clone, Debug)]
/// struct Rayleigh { scale: f64 }
///
/// impl Distribution for Rayleigh {
///     type Value = f64;
///     fn log_density(&self, x: &f64) -> f64 {
///         if *x > 0.0 && x.is_finite() { x.ln() - 2.0 * self.scale.ln() - 0.5 * (x / self.scale).powi(2) } else { f64::NEG_INFINITY }
///     }
///     fn sample(&self, rng: &mut dyn Rng) -> f64 {
///         self.scale * (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt()
///     }
/// }
/// assert!((Rayleigh { scale: 2.0 }.density(&2.0) - 0.5 * (-0.5f64).exp()).abs() < 1e-15);
/// ```
/// To estimate it, and so to use it in mixtures and graphs, add [`Estimate`](super::Estimate).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `Distribution`",
    note = "implement `Distribution`: the type of its values, `log_density` and `sample`"
)]
pub trait Distribution {
    /// What is distributed: `f64`, `u64`, `usize`, `[f64]`, a tuple, a type of yours.
    type Value: Observation + ?Sized;

    /// ln p(x) in nats; −∞ off the support (and for NaN), never NaN.
    fn log_density(&self, x: &Self::Value) -> f64;

    /// A draw from p.
    fn sample(&self, rng: &mut dyn Rng) -> <Self::Value as ToOwned>::Owned;

    /// p(x).
    fn density(&self, x: &Self::Value) -> f64 {
        self.log_density(x).exp()
    }

    /// ln p(x_n) of every observation of a block, into `out`. A family with a kernel overrides it.
    fn log_densities(&self, block: <Self::Value as Observation>::Block<'_>, out: &mut [f64]) {
        for (n, log_density) in out.iter_mut().enumerate() {
            *log_density = self.log_density(<Self::Value as Observation>::get(block, n));
        }
    }

    /// For finite values: how many states there are; where values are numbers these are 0, 1, …. `None` for everything
    /// else.
    fn states(&self) -> Option<usize> {
        None
    }

    /// For values that are rows: how many numbers a row holds. `None` for everything else.
    fn row_length(&self) -> Option<usize> {
        None
    }

    /// For angles and whatever else repeats: after how much, so that the density integrates to one over one period.
    /// `None` for everything else.
    fn period(&self) -> Option<f64> {
        None
    }

    /// The numbers that x consists of, if values lie near one another as these do: starts look for clusters among them.
    /// `None` for everything else.
    fn numbers(&self, _x: &Self::Value) -> Option<Vec<f64>> {
        None
    }

    /// The mean and the standard deviation of the normal distribution that this is, if it is one: then a graph integrates
    /// over a hidden node of it. `None` for everything else.
    fn as_normal(&self) -> Option<(f64, f64)> {
        None
    }
}

/// Gives a family `rand`'s own sampling trait, so that `rng.sample(&distribution)` works.
///
/// `sample_with_rand!(Rayleigh => f64);` names the owned type of the values.
#[macro_export]
macro_rules! sample_with_rand {
    ($family:ty => $value:ty) => {
        impl rand::distr::Distribution<$value> for $family {
            fn sample<R: rand::Rng + ?Sized>(&self, mut rng: &mut R) -> $value {
                $crate::distributions::Distribution::sample(self, &mut rng)
            }
        }
    };
}
