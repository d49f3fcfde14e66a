//! `Impute`: z drawn from p(z | x, θ) in place of an expectation over it.

use rand::Rng;

use crate::data::{Batch, Statistics};
use crate::distributions::draw_index;
use crate::error::Error;

use super::finite::observe_posteriors;
use super::{FiniteLatent, LatentModel};

/// A model from whose posterior z can be drawn: all that [stochastic EM](crate::em::Stepwise::imputing) needs.
///
/// Every [`FiniteLatent`] model has it, and chains. A model whose expectations have no closed form implements it alone,
/// without a [`LatentModel`]. Here waiting times x = z₁ + z₂, where z₁ is exponential with mean θ and z₂ with mean 1, and
/// draws from p(z₁ | x) are made by rejection:
/// ```
/// use marginal::{Error, data::Batch, em::{StepSize, Stepwise}, latent::Impute};
/// use marginal::rand::{Rng, RngExt};
/// struct Waits;
/// impl Impute for Waits {
///     type Observation = f64;
///     type Parameters = f64;
///     type Statistics = [f64; 2]; // Σw, Σ w z₁
///     fn nothing_seen(&self, _: &f64) -> [f64; 2] { [0.0; 2] }
///     fn impute(&self, mean: &f64, batch: Batch<'_, f64>, s: &mut [f64; 2], rng: &mut dyn Rng) -> Result<(), Error> {
///         for (x, weight) in batch.iter() {
///             let slope = 1.0 - 1.0 / mean; // p(z₁ | x) ∝ exp(slope z₁) on [0, x]
///             let z = loop {
///                 let z = x * rng.random::<f64>();
///                 if rng.random::<f64>() < (slope * z - (slope * x).max(0.0)).exp() { break z; }
///             };
///             s.iter_mut().zip([weight, weight * z]).for_each(|(sum, term)| *sum += term);
///         }
///         Ok(())
///     }
///     fn maximise(&self, _: &f64, s: &[f64; 2]) -> Result<f64, Error> { Ok(s[1] / s[0]) }
/// }
/// let waits: Vec<f64> = (1..1000).map(|n| -2.5 * (1.0 - f64::from(n) / 1000.0).ln()).collect();
/// let mut em = Stepwise::imputing(Waits, 1.0, 7).step_sizes(StepSize::new(1.0, -20)?);
/// (0..200).try_for_each(|_| em.step(&waits))?;
/// assert!((*em.parameters() - 1.6).abs() < 0.2);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how z is drawn from p(z | x, θ)",
    note = "every `FiniteLatent` model does; for another model implement `Impute`"
)]
pub trait Impute: Sync {
    /// One independent unit of data.
    type Observation: crate::data::Observation + ?Sized;
    /// θ.
    type Parameters: Clone + Sync;
    /// Σ w T(x, z) over complete data.
    type Statistics: Statistics;

    /// Empty statistics.
    fn nothing_seen(&self, theta: &Self::Parameters) -> Self::Statistics;

    /// Draws a z from p(z | x, θ) for each observation of the batch, and adds w T(x, z) to `s`.
    ///
    /// # Errors
    /// [`Error::Impossible`] for an observation of density 0; whatever else the model refuses.
    fn impute(
        &self,
        theta: &Self::Parameters,
        batch: Batch<'_, Self::Observation>,
        s: &mut Self::Statistics,
        rng: &mut dyn Rng,
    ) -> Result<(), Error>;

    /// argmax_θ Σ w ln p(x, z | θ) + ln prior(θ), or a θ that is no worse than `theta_old`.
    ///
    /// # Errors
    /// A degenerate estimate, such as [`Error::NoWeight`].
    fn maximise(&self, theta_old: &Self::Parameters, s: &Self::Statistics) -> Result<Self::Parameters, Error>;

    /// Whether θ is one of this model's.
    ///
    /// # Errors
    /// [`Error::Dimension`] or [`Error::Parameter`] for what does not fit.
    fn admits_start(&self, _theta: &Self::Parameters) -> Result<(), Error> {
        Ok(())
    }
}

impl<M: FiniteLatent> Impute for M {
    type Observation = M::Observation;
    type Parameters = M::Parameters;
    type Statistics = M::Statistics;

    fn nothing_seen(&self, theta: &M::Parameters) -> M::Statistics {
        FiniteLatent::statistics(self, theta)
    }

    fn impute(
        &self,
        theta: &M::Parameters,
        batch: Batch<'_, M::Observation>,
        s: &mut M::Statistics,
        rng: &mut dyn Rng,
    ) -> Result<(), Error> {
        let (mut tile, log_evidence) = self.posterior(theta, batch)?;
        let mut column = vec![0.0; self.states()];
        for n in 0..batch.len() {
            column.iter_mut().zip(tile.iter().skip(n).step_by(batch.len())).for_each(|(p, r)| *p = *r);
            // An absent observation takes no draw.
            let drawn = (batch.weight(n) > 0.0).then(|| draw_index(&column, rng));
            let entries = tile.iter_mut().skip(n).step_by(batch.len());
            entries.enumerate().for_each(|(z, r)| *r = f64::from(u8::from(drawn == Some(z))));
        }
        observe_posteriors(self, theta, batch, s, (tile, log_evidence));
        Ok(())
    }

    fn maximise(&self, theta_old: &M::Parameters, s: &M::Statistics) -> Result<M::Parameters, Error> {
        self.m_step(theta_old, s)
    }

    fn admits_start(&self, theta: &M::Parameters) -> Result<(), Error> {
        LatentModel::check(self, theta)
    }
}
