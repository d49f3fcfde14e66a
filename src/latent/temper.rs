//! `Temper`: an E-step at a power of the posterior, q ∝ p(z | x, θ)^β.

use crate::data::Batch;
use crate::error::Error;

use super::finite::{observe_posteriors, posterior_at_power};
use super::{Evidence, FiniteLatent, LatentModel};

/// A model whose E-step can be made at a power β of the posterior: q(z) = p(x, z | θ)^β / Σ_z p(x, z | θ)^β.
///
/// That q maximises E_q[ln p(x, z | θ)] + H(q) / β, so that with the M-step of the model this free energy never falls
/// (Ueda & Nakano 1998). At β = 1 it is the model's own E-step, and at β = ∞ all of q is on the most probable z (Celeux &
/// Govaert 1992). Every [`FiniteLatent`] model has it, and chains, by [Viterbi's path](crate::models::HiddenMarkovModel) at
/// β = ∞. [`Tempered`](crate::em::Tempered) is the model that is fitted with it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no E-step at a power of its posterior",
    note = "every `FiniteLatent` model has one; for another model implement `Temper`"
)]
pub trait Temper: LatentModel {
    /// Adds E_q[T(x, z)] of the batch to `s`; returns Σ_n w_n (1/β) ln Σ_z p(x_n, z | θ)^β, at β = ∞ Σ_n w_n max_z ln p(x_n, z | θ).
    /// β lies in (0, ∞].
    ///
    /// # Errors
    /// Those of [`LatentModel::e_step`].
    fn tempered_e_step(
        &self,
        theta: &Self::Parameters,
        batch: Batch<'_, Self::Observation>,
        s: &mut Self::Statistics,
        power: f64,
    ) -> Result<Evidence, Error>;
}

impl<M: FiniteLatent> Temper for M {
    fn tempered_e_step(
        &self,
        theta: &M::Parameters,
        batch: Batch<'_, M::Observation>,
        s: &mut M::Statistics,
        power: f64,
    ) -> Result<Evidence, Error> {
        if power == 1.0 {
            return self.e_step(theta, batch, s);
        }
        Ok(observe_posteriors(self, theta, batch, s, posterior_at_power(self, theta, batch, power)?))
    }
}
