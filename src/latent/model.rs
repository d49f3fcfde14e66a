//! `LatentModel`: the E-step, the M-step, and Q.

use crate::data::{Batch, Observation, Statistics};
use crate::distributions::{Doubt, Guarantee};
use crate::error::Error;

use super::Evidence;

/// p(x, z | θ), of which the data show x alone. `Self` holds what stays fixed (structure, hyperparameters); θ is a
/// value of its own.
///
/// Q(θ, θ_old) = E_{z|x,θ_old}[ln p(x, z | θ)] is a method, and θ_old enters it only through the statistics. Laws:
/// the statistics merge; weight 2 is an observation twice and weight 0 its absence; Q(m_step(s); s) ≥ Q(θ_old; s); and
/// for any θ′, ℓ(θ′) − ℓ(θ) ≥ Q(θ′, θ) − Q(θ, θ).
///
/// If the hidden variable takes finitely many values, implement [`FiniteLatent`](super::FiniteLatent) instead: it has
/// no E-step to write. Otherwise these methods; here lifetimes x = min(z, c), exponential z, censored at c:
/// ```
/// use marginal::{Error, data::Batch, em::Em, latent::{Evidence, LatentModel}};
///
/// #[derive(Clone, Copy, Debug)]
/// enum Lifetime { Died(f64), StillAlive(f64) }
///
/// struct Exponential;
///
/// impl LatentModel for Exponential {
///     type Observation = Lifetime;
///     type Parameters = f64;         // the mean lifetime
///     type Statistics = [f64; 2];    // Σw, Σw E[z]
///
///     fn statistics(&self, _: &f64) -> [f64; 2] { [0.0; 2] }
///
///     fn e_step(&self, &mean: &f64, batch: Batch<'_, Lifetime>, s: &mut [f64; 2]) -> Result<Evidence, Error> {
///         let mut evidence = Evidence::default();
///         for (x, weight) in batch.iter() {
///             let (expected, log_density) = match x {
///                 Lifetime::Died(t) => (*t, -mean.ln() - t / mean),
///                 Lifetime::StillAlive(t) => (t + mean, -t / mean), // no memory
///             };
///             s[0] += weight;
///             s[1] += weight * expected;
///             evidence.add(weight, log_density);
///         }
///         Ok(evidence)
///     }
///     fn m_step(&self, _: &f64, s: &[f64; 2]) -> Result<f64, Error> { Ok(s[1] / s[0]) }
///
///     fn expected_log_joint(&self, mean: &f64, s: &[f64; 2]) -> f64 { -s[0] * mean.ln() - s[1] / mean }
/// }
///
/// let lifetimes = [Lifetime::Died(1.0), Lifetime::Died(3.0), Lifetime::StillAlive(4.0)];
/// let fit = Em::default().fit_from(&Exponential, &lifetimes, 1.0)?;
/// assert!((fit.parameters - 8.0 / 2.0).abs() < 1e-4); // total time over deaths
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `LatentModel`, so EM cannot fit it",
    note = "if its hidden variable takes finitely many values implement `FiniteLatent`, otherwise `LatentModel`",
    note = "a mixture needs components that implement `Estimate`"
)]
pub trait LatentModel: Sync {
    /// One independent unit of data: a row, a sequence, a document.
    type Observation: Observation + ?Sized;
    /// θ.
    type Parameters: Clone + Sync;
    /// Σ_n w_n E_q[T(x_n, z_n)].
    type Statistics: Statistics;

    /// Empty statistics.
    fn statistics(&self, theta: &Self::Parameters) -> Self::Statistics;

    /// Adds E_q[T(x, z)] of the batch, q = p(z | x, θ), to `s`; returns Σ_n w_n ln p(x_n | θ).
    ///
    /// # Errors
    /// [`Error::Impossible`] for an observation of density 0; whatever else the model refuses.
    fn e_step(
        &self,
        theta: &Self::Parameters,
        batch: Batch<'_, Self::Observation>,
        s: &mut Self::Statistics,
    ) -> Result<Evidence, Error>;

    /// argmax_θ Q(θ, θ_old) + ln prior(θ), or what [`guarantee`](Self::guarantee) says instead.
    ///
    /// # Errors
    /// A degenerate estimate, such as [`Error::NoWeight`] or [`Error::Singular`].
    fn m_step(&self, theta_old: &Self::Parameters, s: &Self::Statistics) -> Result<Self::Parameters, Error>;

    /// Q(θ, θ_old); θ_old is where `s` was collected.
    fn expected_log_joint(&self, theta: &Self::Parameters, s: &Self::Statistics) -> f64;

    /// ln p(x | θ) = ln Σ_z p(x, z | θ) of one observation, every term a logarithm until the sum: slower than the E-step,
    /// but no product of probabilities can underflow. [`Em::verify`](crate::em::Em::verify) and the laws compare the
    /// E-step with it; `None` says that there is no such sum.
    fn summed_in_logarithms(&self, _theta: &Self::Parameters, _x: &Self::Observation) -> Option<f64> {
        None
    }

    /// ln prior(θ) up to a constant; the objective is ℓ(θ) + ln prior(θ).
    fn log_prior(&self, _theta: &Self::Parameters) -> f64 {
        0.0
    }

    /// Whether θ is one of this model's (as many states, rows as long), and the model's own settings are valid; EM asks
    /// before its first E-step.
    ///
    /// # Errors
    /// [`Error::Dimension`] or [`Error::Parameter`] for what does not fit.
    fn check(&self, _theta: &Self::Parameters) -> Result<(), Error> {
        Ok(())
    }

    /// By how many ε the ln p of an observation of θ's own may be off because θ and the statistics are rounded: first
    /// order for what does not cancel, second order for θ, which the M-step put at a maximum. The fall that EM
    /// forgives grows by 16 ε Σw times this; 0 says that Σ w (1 + |ℓ|) tells all.
    fn resolution(&self, _theta: &Self::Parameters) -> f64 {
        0.0
    }

    /// What the M-step promises.
    fn guarantee(&self) -> Guarantee {
        Guarantee::Exact
    }

    /// What the E-step returns and EM climbs.
    fn climbs(&self) -> Climbs {
        Climbs::LogLikelihood
    }

    /// What is doubtful about θ, whose statistics are `s`, fitted to so many draws: a fit that ends there says it.
    fn doubts(&self, _theta: &Self::Parameters, _s: &Self::Statistics, _draws: f64) -> Vec<Doubt> {
        Vec::new()
    }

    /// How many free parameters θ has, for AIC and BIC.
    fn free_parameters(&self, _theta: &Self::Parameters) -> Option<usize> {
        None
    }
}

/// The objective that must not fall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Climbs {
    /// ℓ(θ) = Σ w ln p(x | θ).
    #[default]
    LogLikelihood,
    /// ℓ(θ) + ln prior(θ).
    Penalised,
    /// max_z Σ w ln p(x, z | θ), as K-means and hard EM do.
    Classification,
    /// A lower bound F(q, θ) ≤ ℓ(θ).
    EvidenceLowerBound,
    /// Σ w (1/β) ln Σ_z p(x, z | θ)^β, the largest E_q[ln p(x, z | θ)] + H(q) / β: at β = 1 it is ℓ, and as β → ∞ the
    /// classification objective.
    FreeEnergy,
}

impl Climbs {
    /// What a model climbs whose parts have these priors, or none.
    pub(crate) fn with_priors(log_priors: impl IntoIterator<Item = Option<f64>>) -> Self {
        if log_priors.into_iter().any(|prior| prior.is_some()) { Self::Penalised } else { Self::LogLikelihood }
    }

    /// Its name, for messages and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::LogLikelihood => "log-likelihood",
            Self::Penalised => "penalised log-likelihood",
            Self::Classification => "classification objective",
            Self::EvidenceLowerBound => "evidence lower bound",
            Self::FreeEnergy => "free energy",
        }
    }
}
