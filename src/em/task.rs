//! A fit to be made: the model, the data, and what the driver was told.

use std::ops::ControlFlow;

use crate::data::{Dataset, Totals};
use crate::error::Error;
use crate::latent::{Evidence, LatentModel};

use super::ending::Ending;
use super::round_off::e_step_until;
use super::{Em, Progress};

/// By what two processors may round a log-likelihood differently, in units of Σ w (1 + |ℓ|).
const OF_A_PROCESSOR: f64 = 1e3 * f64::EPSILON;

/// Looks on, and sees the parameters.
pub(super) type OnLooker<'a, P> = dyn Fn(&Progress, &P) -> ControlFlow<()> + 'a;

/// What all runs of a fit share.
pub(super) struct Task<'a, M: LatentModel, D: ?Sized> {
    pub(super) em: &'a Em,
    pub(super) model: &'a M,
    pub(super) data: &'a D,
    pub(super) totals: Totals,
    pub(super) ending: Ending,
    observer: Option<&'a OnLooker<'a, M::Parameters>>,
}

impl<'a, M, D> Task<'a, M, D>
where
    M: LatentModel,
    D: Dataset<M::Observation> + ?Sized,
{
    /// Begins now.
    ///
    /// # Errors
    /// As [`Totals::new`].
    pub(super) fn new(
        em: &'a Em,
        model: &'a M,
        data: &'a D,
        observer: Option<&'a OnLooker<'a, M::Parameters>>,
    ) -> Result<Self, Error> {
        let ending = Ending::new(em.cancel.clone(), em.time_limit);
        Ok(Self { em, model, data, totals: data.totals()?, ending, observer })
    }

    /// The E-step at θ, unless the fit must end before it is done.
    ///
    /// # Errors
    /// [`Error::NoParametersYet`] then; what the model refuses.
    pub(super) fn e_step(&self, theta: &M::Parameters) -> Result<(Evidence, M::Statistics), Error> {
        e_step_until(self.model, self.data, theta, &self.ending)
    }

    /// Whether the E-step at the θ of a checkpoint has found what it found before.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if it differs by more than another processor may round it: the data or the model are others.
    pub(super) fn check_again(&self, saved: f64, now: f64, evidence: Evidence) -> Result<(), Error> {
        let tolerance = OF_A_PROCESSOR * (evidence.magnitude() + now.abs());
        if (saved - now).abs() <= tolerance {
            return Ok(());
        }
        let what = format!("{} at its parameters, under these data and this model,", self.model.climbs().name());
        Err(Error::Checkpoint { what, saved: saved.to_string(), now: now.to_string() })
    }

    /// Tells those who look on where a run is.
    pub(super) fn tell(&self, at: &Progress, theta: &M::Parameters) -> ControlFlow<()> {
        let told = self.em.observer.as_ref().map_or(ControlFlow::Continue(()), |observer| observer(at));
        let seen = self.observer.map_or(ControlFlow::Continue(()), |observer| observer(at, theta));
        if told.is_break() { told } else { seen }
    }
}
