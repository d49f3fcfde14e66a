//! Several runs of which the best wins: those that paused and stand low are given up.

use std::collections::BTreeMap;

use crate::data::Dataset;
use crate::error::Error;
use crate::latent::LatentModel;

use super::climb::Climb;
use super::restart::{is_reached, reached};
use super::{Fit, FitError, Restart};

/// What became of the runs so far.
pub(super) struct Contest<'a, M: LatentModel, D: ?Sized> {
    /// Whether a model that breaks a law ends the contest.
    verify: bool,
    /// Σ w.
    weight: f64,
    runs: BTreeMap<usize, Restart>,
    /// The runs that paused, the best first.
    paused: Vec<Climb<'a, M, D>>,
    best: Option<Fit<M::Parameters>>,
    /// The first run that shows the model to be wrong, and the first that degenerated.
    wrong: Option<FitError<M::Parameters>>,
    degenerate: Option<FitError<M::Parameters>>,
}

impl<'a, M, D> Contest<'a, M, D>
where
    M: LatentModel,
    D: Dataset<M::Observation> + ?Sized,
{
    pub(super) fn new(verify: bool, weight: f64) -> Self {
        let (runs, paused) = (BTreeMap::new(), Vec::new());
        Self { verify, weight, runs, paused, best: None, wrong: None, degenerate: None }
    }

    /// Lets a run go on to its end, or until it has made so many iterations.
    ///
    /// # Errors
    /// As [`fail`](Self::fail).
    pub(super) fn advance(
        &mut self,
        mut run: Climb<'a, M, D>,
        iterations: usize,
    ) -> Result<(), FitError<M::Parameters>> {
        match run.advance(iterations) {
            Ok(None) => {
                let place = self.paused.partition_point(|other| other.objective() >= run.objective());
                self.paused.insert(place, run);
            }
            Ok(Some(stopped)) => {
                let restart = run.restart();
                let fit = run.end(stopped).expect("it has made an E-step");
                self.runs.insert(restart, Restart::Ended { objective: fit.objective, stopped });
                if self.best.as_ref().is_none_or(|best| fit.objective > best.objective) {
                    self.best = Some(fit);
                }
            }
            Err(cause) => self.fail(run.failed(cause))?,
        }
        Ok(())
    }

    /// Lets all runs that paused go on.
    ///
    /// # Errors
    /// As [`fail`](Self::fail).
    pub(super) fn resume(&mut self, iterations: usize) -> Result<(), FitError<M::Parameters>> {
        std::mem::take(&mut self.paused).into_iter().try_for_each(|run| self.advance(run, iterations))
    }

    /// Keeps the first failure of a kind.
    ///
    /// # Errors
    /// The failure, unless it is one that another start may be spared.
    pub(super) fn fail(&mut self, failed: FitError<M::Parameters>) -> Result<(), FitError<M::Parameters>> {
        // Where a law is asked for, a model that breaks it is the answer.
        let fell = !self.verify && matches!(failed.cause, Error::Fell { .. } | Error::NotANumber { .. });
        if !fell && !failed.cause.is_degenerate() {
            return Err(failed);
        }
        self.runs.insert(failed.restart, Restart::Failed { reason: failed.to_string() });
        if fell { &mut self.wrong } else { &mut self.degenerate }.get_or_insert(failed);
        Ok(())
    }

    /// Gives up all but the best few of the runs that paused, and of runs that stand at the same objective all but one.
    pub(super) fn screen(&mut self, keep: usize) {
        let mut kept: Vec<Climb<'a, M, D>> = Vec::new();
        for run in std::mem::take(&mut self.paused) {
            let (restart, objective, iterations) = (run.restart(), run.objective(), run.iterations());
            match kept.last() {
                Some(last) if is_reached(objective, last.objective(), self.weight) => {
                    self.runs.insert(restart, Restart::Joined { run: last.restart() });
                }
                _ if kept.len() < keep => kept.push(run),
                _ => _ = self.runs.insert(restart, Restart::Screened { objective, iterations }),
            }
        }
        self.paused = kept;
    }

    /// How many runs have reached the best objective.
    pub(super) fn reached(&self) -> usize {
        let best = self.best.as_ref().map_or(f64::NAN, |best| best.objective);
        reached(|run| self.runs.get(&run), self.runs.keys().copied(), best, self.weight)
    }

    /// The best of all.
    ///
    /// # Errors
    /// If every run failed, the first that shows the model to be wrong, else the first failure.
    pub(super) fn end(self) -> Result<Fit<M::Parameters>, FitError<M::Parameters>> {
        match self.best {
            Some(fit) => Ok(Fit { restarts: self.runs.into_values().collect(), ..fit }),
            None => Err(self.wrong.or(self.degenerate).expect("there is at least one start")),
        }
    }
}
