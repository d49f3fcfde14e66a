//! `Variational`: q from a family of the user's, improved a little at each E-step.

use crate::data::{Observation, Statistics};
use crate::distributions::Guarantee;
use crate::error::Error;

/// A model of which p(z | x, θ) is out of reach, and a family of q(z) that is not.
///
/// F(q, θ) = Σ w (E_q[ln p(x, z | θ)] + H(q)) ≤ ℓ(θ). Each q is remembered between E-steps and never made worse, so F never
/// falls although no q may be the best of its family; ℓ may. [`Remembered`](crate::em::Remembered) is the model to be fitted.
///
/// Two hidden causes add up: x = a z₁ + b z₂ + noise, z₁ and z₂ each 0 or 1; q(z) = q₁(z₁) q₂(z₂) (mean field).
/// ```
/// use marginal::{Error, em::{Em, Remembered}, latent::Variational};
/// struct Causes;
/// fn of_moments([a, b]: [f64; 2], [w, x1, x2, p1, p2, p12, xx]: [f64; 7]) -> f64 {
///     // E[ln N(x | a z₁ + b z₂, 1)] + ln ¼
///     -0.5 * (xx - 2.0 * (a * x1 + b * x2) + a * a * p1 + b * b * p2 + 2.0 * a * b * p12) - w * 2.305_233_1
/// }
/// fn moments(x: f64, [r, t]: [f64; 2], w: f64) -> [f64; 7] {
///     [1.0, x * r, x * t, r, t, r * t, x * x].map(|term| w * term)
/// }
/// impl Variational for Causes {
///     type Observation = f64;
///     type Parameters = [f64; 2];    // a, b
///     type Statistics = [f64; 7];
///     type Posterior = [f64; 2];     // q₁(1), q₂(1)
///     fn empty_statistics(&self, _: &[f64; 2]) -> [f64; 7] { [0.0; 7] }
///     fn first_posterior(&self, _: &[f64; 2], _: &f64) -> [f64; 2] { [0.5; 2] }
///     fn improve(&self, &[a, b]: &[f64; 2], x: &f64, q: &mut [f64; 2]) -> f64 {
///         let logistic = |l: f64| 1.0 / (1.0 + (-l).exp());
///         let entropy = |r: f64| if r > 0.0 && r < 1.0 { -r * r.ln() - (1.0 - r) * (1.0 - r).ln() } else { 0.0 };
///         q[0] = logistic(a * (x - b * q[1]) - 0.5 * a * a);
///         q[1] = logistic(b * (x - a * q[0]) - 0.5 * b * b);
///         of_moments([a, b], moments(*x, *q, 1.0)) + entropy(q[0]) + entropy(q[1])
///     }
///     fn observe_posterior(&self, s: &mut [f64; 7], x: &f64, q: &[f64; 2], w: f64) {
///         s.iter_mut().zip(moments(*x, *q, w)).for_each(|(sum, term)| *sum += term);
///     }
///     fn maximise_bound(&self, _: &[f64; 2], &[_, x1, x2, p1, p2, p12, _]: &[f64; 7]) -> Result<[f64; 2], Error> {
///         let determinant = p1 * p2 - p12 * p12;
///         Ok([(x1 * p2 - x2 * p12) / determinant, (x2 * p1 - x1 * p12) / determinant])
///     }
///     fn expected_log_joint(&self, theta: &[f64; 2], s: &[f64; 7]) -> f64 { of_moments(*theta, *s) }
/// }
/// let x: Vec<f64> = (0..80).map(|n| [0.0, 3.0, 7.0, 10.0][n % 4] + (n / 4) as f64 * 0.1 - 0.95).collect();
/// let fit = Em::default().verify(true).fit_from(&Remembered(Causes), &x, [1.0, 9.0].into())?;
/// let [a, b] = fit.parameters.parameters;
/// assert!((a - 3.0).abs() < 0.2 && (b - 7.0).abs() < 0.2);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `Variational` model",
    note = "implement `first_posterior`, `improve`, `observe_posterior`, and the M-step"
)]
pub trait Variational: Sync {
    /// One independent unit of data.
    type Observation: Observation + ?Sized;
    /// θ.
    type Parameters: Clone + Sync + Send;
    /// Σ w E_q[T(x, z)].
    type Statistics: Statistics;
    /// The q of one observation.
    type Posterior: Clone + Send + Sync;

    /// Empty statistics.
    fn empty_statistics(&self, theta: &Self::Parameters) -> Self::Statistics;

    /// The q with which an observation begins.
    fn first_posterior(&self, theta: &Self::Parameters, x: &Self::Observation) -> Self::Posterior;

    /// Makes q better, or leaves it: E_q[ln p(x, z | θ)] + H(q), in nats, at the new q and not below that at the old.
    fn improve(&self, theta: &Self::Parameters, x: &Self::Observation, q: &mut Self::Posterior) -> f64;

    /// Adds w E_q[T(x, z)].
    fn observe_posterior(&self, s: &mut Self::Statistics, x: &Self::Observation, q: &Self::Posterior, weight: f64);

    /// argmax_θ Σ w E_q[ln p(x, z | θ)] + ln prior(θ), or what [`guarantee_of_bound`](Self::guarantee_of_bound) says.
    ///
    /// # Errors
    /// A degenerate estimate, such as [`Error::NoWeight`].
    fn maximise_bound(&self, theta_old: &Self::Parameters, s: &Self::Statistics) -> Result<Self::Parameters, Error>;

    /// Σ w E_q[ln p(x, z | θ)], up to a constant that does not depend on θ.
    fn expected_log_joint(&self, theta: &Self::Parameters, s: &Self::Statistics) -> f64;

    /// ln prior(θ) up to a constant.
    fn log_prior_density(&self, _theta: &Self::Parameters) -> f64 {
        0.0
    }

    /// What [`maximise_bound`](Self::maximise_bound) promises.
    fn guarantee_of_bound(&self) -> Guarantee {
        Guarantee::Exact
    }
}
