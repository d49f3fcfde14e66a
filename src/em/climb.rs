//! One run of EM from one start. It can pause and go on.

use std::ops::ControlFlow;

use crate::data::{Dataset, Totals};
use crate::error::Error;
use crate::latent::{Evidence, LatentModel};

use super::place::{Ends, Place};
use super::round_off::{Slack, e_step, slack};
use super::stopping::remaining_gain;
use super::verify::{check_in_logarithms, check_rises, possible_in_logarithms};
use super::{Em, Fit, FitError, Progress, Stopped};

/// A run: the last parameters whose objective is known with the statistics collected there, and the objectives so far.
pub(super) struct Climb<'a, M: LatentModel, D: ?Sized> {
    em: &'a Em,
    model: &'a M,
    data: &'a D,
    totals: Totals,
    restart: usize,
    /// The start, until its E-step.
    start: Option<M::Parameters>,
    at: Option<(Place<M::Parameters>, M::Statistics)>,
    history: Vec<f64>,
}

impl<'a, M, D> Climb<'a, M, D>
where
    M: LatentModel,
    D: Dataset<M::Observation> + ?Sized,
{
    pub(super) fn new(
        em: &'a Em,
        model: &'a M,
        data: &'a D,
        totals: Totals,
        restart: usize,
        start: M::Parameters,
    ) -> Self {
        Self { em, model, data, totals, restart, start: Some(start), at: None, history: Vec::new() }
    }

    /// Goes on until the run ends, or until it has made this many M-steps in all: then `None`.
    pub(super) fn advance(&mut self, iterations: usize) -> Result<Option<Stopped>, Error> {
        loop {
            if self.history.len() > iterations {
                return Ok(None);
            }
            let theta = match (self.start.take(), &self.at) {
                (Some(start), _) => {
                    self.model.check(&start)?;
                    start
                }
                (None, Some((old, s))) => self.m_step(old, s)?,
                (None, None) => unreachable!("a run begins with its start"),
            };
            self.accept(theta)?;
            if let Some(stopped) = self.stop() {
                if let Some((Place { theta, evidence, .. }, _)) = self.at.as_ref().filter(|_| self.em.verify) {
                    check_in_logarithms(self.model, self.data, theta, *evidence)?;
                }
                return Ok(Some(stopped));
            }
        }
    }

    /// The objective of the present place; −∞ before the first E-step.
    pub(super) fn objective(&self) -> f64 {
        self.history.last().copied().unwrap_or(f64::NEG_INFINITY)
    }

    /// Which run it is.
    pub(super) fn restart(&self) -> usize {
        self.restart
    }

    /// How many M-steps it has made.
    pub(super) fn iterations(&self) -> usize {
        self.history.len().saturating_sub(1)
    }

    /// Makes the E-step at θ, and takes it as the present place if the step to it broke no law.
    fn accept(&mut self, theta: M::Parameters) -> Result<(), Error> {
        let (model, data, verify) = (self.model, self.data, self.em.verify);
        let (evidence, s) = match e_step(model, data, &theta) {
            Err(error) if verify => return Err(possible_in_logarithms(model, data, &theta, error)),
            answer => answer?,
        };
        if verify && self.history.is_empty() {
            check_in_logarithms(model, data, &theta, evidence)?;
        }
        let new = self.place(theta, evidence)?;
        if let Some((old, at_old)) = &self.at {
            self.check(&Ends { model, old, new: &new }, [at_old, &s])?;
        }
        self.history.push(new.objective);
        self.at = Some((new, s));
        Ok(())
    }

    fn place(&self, theta: M::Parameters, evidence: Evidence) -> Result<Place<M::Parameters>, Error> {
        let objective = evidence.value() + self.model.log_prior(&theta);
        if !objective.is_finite() {
            let before = self.history.last().copied().unwrap_or(f64::NAN);
            return Err(Error::NotANumber { objective: self.model.climbs().name(), before, after: objective });
        }
        Ok(Place { theta, evidence, objective })
    }

    /// Whether a step kept the laws; the statistics are those collected at its ends.
    fn check(&self, ends: &Ends<'_, M>, statistics: [&M::Statistics; 2]) -> Result<(), Error> {
        let looked_at = self.em.verify.then_some(statistics);
        if ends.check(looked_at, 0.0).is_ok() {
            return Ok(());
        }
        // Only now is it worth asking what the rounding of θ and of the statistics explains.
        let Slack { explained, moved } = slack(self.data, ends, statistics, self.totals.weight);
        let Err(broken) = ends.check(looked_at, explained) else { return Ok(()) };
        let (objective, before, after) = (self.model.climbs().name(), ends.old.objective, ends.new.objective);
        let lost = Error::LostDigits { objective, before, after, moved };
        Err(if ends.check(looked_at, moved).is_ok() { lost } else { broken })
    }

    fn m_step(&self, old: &Place<M::Parameters>, s: &M::Statistics) -> Result<M::Parameters, Error> {
        let new = self.model.m_step(&old.theta, s)?;
        if self.em.verify {
            check_rises(self.model, old, &new, s, self.totals.weight)?;
        }
        Ok(new)
    }

    fn stop(&self) -> Option<Stopped> {
        let (iteration, objective) = (self.history.len() - 1, self.objective());
        let remaining = remaining_gain(&self.history);
        let observed = self.em.observer.as_ref().map_or(ControlFlow::Continue(()), |observer| {
            observer(&Progress { restart: self.restart, iteration, objective, remaining })
        });
        if remaining.is_some_and(|gain| gain <= self.em.tolerance * (self.totals.weight + objective.abs())) {
            Some(Stopped::Converged)
        } else if observed.is_break() {
            Some(Stopped::Observer)
        } else {
            (iteration >= self.em.max_iterations).then_some(Stopped::IterationLimit)
        }
    }

    /// The fit of the present place; `None` before the first E-step.
    pub(super) fn end(self, stopped: Stopped) -> Option<Fit<M::Parameters>> {
        let (Place { theta: parameters, evidence, objective }, s) = self.at?;
        let draws = self.totals.weight + evidence.further_draws();
        // Weights that sum to less than the rows are no counts of them.
        let doubts = self.model.doubts(&parameters, &s, draws.max(self.totals.observations as f64));
        Some(Fit {
            objective,
            climbs: self.model.climbs(),
            log_likelihood: evidence.value(),
            free_parameters: self.model.free_parameters(&parameters),
            parameters,
            history: self.history,
            stopped,
            observations: self.totals.observations,
            weight: self.totals.weight,
            draws,
            doubts,
            restarts: Vec::new(),
        })
    }

    /// Why the run failed, and the fit of the last place that was good.
    pub(super) fn failed(self, cause: Error) -> FitError<M::Parameters> {
        let (restart, iteration) = (self.restart, self.history.len());
        FitError { cause, restart, iteration, last_good: self.end(Stopped::Failed).map(Box::new) }
    }
}
