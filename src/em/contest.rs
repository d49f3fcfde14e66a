//! Several runs of which the best wins: those that paused and stand low are given up.
//!
//! Runs are made in rounds. A round has three stages, each with its number of iterations: every run of the round has its
//! turn in a stage, then pauses; of those that paused the best few go on to the next stage.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use crate::data::Dataset;
use crate::error::Error;
use crate::latent::LatentModel;

use super::climb::Climb;
use super::restart::{is_reached, reached};
use super::snapshot::{FailureSnapshot, Keeping, Save, Snapshot};
use super::task::Task;
use super::{Em, Fit, FitError, Restart, Stopped};

/// Runs that are screened together.
const ROUND: usize = 8;

/// How many runs there are, and how far they go in each stage.
pub(super) struct Stages {
    restarts: usize,
    /// The iterations of a run after which it pauses.
    limits: [usize; 3],
}

impl Stages {
    /// As the driver is told.
    pub(super) fn screened(em: &Em) -> Self {
        Self { restarts: em.restarts, limits: [em.screen / 4, em.screen, usize::MAX] }
    }

    /// One run, to its end.
    pub(super) fn one_run() -> Self {
        Self { restarts: 1, limits: [usize::MAX; 3] }
    }
}

/// How θ₀ of each run is chosen.
pub(super) type Begin<'a, P> = dyn Fn(usize) -> Result<P, Error> + 'a;

/// The checkpoints of a contest.
struct Checkpoints<'a, P> {
    every: usize,
    /// The iterations since the last, of all runs together.
    since: usize,
    save: &'a Save<'a, P>,
}

/// What became of the runs so far.
pub(super) struct Contest<'a, M: LatentModel, D: ?Sized> {
    task: &'a Task<'a, M, D>,
    begin: &'a Begin<'a, M::Parameters>,
    stages: Stages,
    checkpoints: Option<Checkpoints<'a, M::Parameters>>,
    /// The runs that are screened together, and the next one to begin.
    round: Range<usize>,
    next: usize,
    stage: usize,
    /// Whether no run is left to make.
    over: bool,
    /// The runs whose turn is to come in this stage.
    waiting: VecDeque<Climb<'a, M, D>>,
    /// The runs that paused, the best first.
    paused: Vec<Climb<'a, M, D>>,
    runs: BTreeMap<usize, Restart>,
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
    pub(super) fn new(task: &'a Task<'a, M, D>, begin: &'a Begin<'a, M::Parameters>, stages: Stages) -> Self {
        Self {
            task,
            begin,
            round: 0..stages.restarts.min(ROUND),
            next: 0,
            stage: 0,
            over: false,
            stages,
            checkpoints: None,
            waiting: VecDeque::new(),
            paused: Vec::new(),
            runs: BTreeMap::new(),
            best: None,
            wrong: None,
            degenerate: None,
        }
    }

    /// A contest that keeps checkpoints, and goes on from one if there is one.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if a fit that is done is one of other data or of another model.
    pub(super) fn keeping(mut self, keeping: Keeping<'a, M::Parameters>) -> Result<Self, Error> {
        let Keeping { every, from, save } = keeping;
        self.checkpoints = Some(Checkpoints { every, since: 0, save });
        let Some(snapshot) = from else { return Ok(self) };
        if let Some(best) = snapshot.best.as_ref().filter(|_| snapshot.over) {
            let (evidence, _) = self.task.e_step(&best.parameters)?;
            self.task.check_again(best.log_likelihood, evidence.value(), evidence)?;
        }
        let task = self.task;
        let resumed = |runs: Vec<_>| runs.into_iter().map(move |run| Climb::resumed(task, run));
        let earlier = |failed: FailureSnapshot<_>| FitError {
            cause: Error::Earlier { reason: failed.reason, degenerate: failed.degenerate },
            restart: failed.restart,
            iteration: failed.iteration,
            last_good: failed.last_good,
        };
        self.round = snapshot.round;
        self.next = snapshot.next;
        self.stage = snapshot.stage.min(self.stages.limits.len() - 1);
        self.over = snapshot.over;
        self.waiting = resumed(snapshot.waiting).collect();
        self.paused = resumed(snapshot.paused).collect();
        self.runs = snapshot.runs;
        self.best = snapshot.best;
        self.wrong = snapshot.wrong.map(earlier);
        self.degenerate = snapshot.degenerate.map(earlier);
        Ok(self)
    }

    /// Writes a checkpoint, at which every run forgets its last steps.
    ///
    /// # Errors
    /// Those of writing it, with the best so far.
    fn checkpoint(&mut self) -> Result<(), FitError<M::Parameters>> {
        self.waiting.iter_mut().chain(&mut self.paused).for_each(Climb::forget);
        let failed = |failed: &FitError<M::Parameters>| FailureSnapshot {
            restart: failed.restart,
            iteration: failed.iteration,
            reason: failed.cause.to_string(),
            degenerate: failed.cause.is_degenerate(),
            last_good: failed.last_good.clone(),
        };
        let snapshot = Snapshot {
            round: self.round.clone(),
            next: self.next,
            stage: self.stage,
            over: self.over,
            waiting: self.waiting.iter().filter_map(Climb::snapshot).collect(),
            paused: self.paused.iter().filter_map(Climb::snapshot).collect(),
            runs: self.runs.clone(),
            best: self.best.clone(),
            wrong: self.wrong.as_ref().map(failed),
            degenerate: self.degenerate.as_ref().map(failed),
        };
        let Some(checkpoints) = &mut self.checkpoints else { return Ok(()) };
        checkpoints.since = 0;
        (checkpoints.save)(&snapshot).map_err(|cause| {
            self.end_all(Stopped::Failed);
            FitError { last_good: self.best.take().map(Box::new), ..FitError::from(cause) }
        })
    }

    /// Makes the runs, and returns the best of them.
    ///
    /// # Errors
    /// If every run failed, the first that shows the model to be wrong, else the first failure; at once a failure that no
    /// other start may be spared.
    pub(super) fn run(mut self) -> Result<Fit<M::Parameters>, FitError<M::Parameters>> {
        while !self.over {
            if let Some(reason) = self.task.ending.reason() {
                return self.end_early(reason);
            }
            if let Some(run) = self.waiting.pop_front() {
                if let Some(reason) = self.advance(run)? {
                    return self.end_early(reason);
                }
            } else if self.next < self.round.end {
                self.begin_run()?;
            } else {
                self.end_stage();
            }
        }
        if self.best.is_some() {
            self.checkpoint()?;
        }
        self.end()
    }

    /// Chooses the start of the next run, whose turn it then is.
    ///
    /// # Errors
    /// As [`fail`](Self::fail).
    fn begin_run(&mut self) -> Result<(), FitError<M::Parameters>> {
        let restart = self.next;
        self.next += 1;
        match (self.begin)(restart) {
            Ok(start) => self.waiting.push_back(Climb::new(self.task, restart, start)),
            Err(cause) => self.fail(FitError { restart, ..FitError::from(cause) })?,
        }
        Ok(())
    }

    /// Lets a run go on to its end, or until it has made the iterations of the stage; says why the whole fit must end, if it
    /// must.
    ///
    /// # Errors
    /// As [`fail`](Self::fail).
    fn advance(&mut self, mut run: Climb<'a, M, D>) -> Result<Option<Stopped>, FitError<M::Parameters>> {
        let (limit, before) = (self.stages.limits[self.stage], run.iterations());
        let due = self.checkpoints.as_ref().map_or(usize::MAX, |kept| kept.every.saturating_sub(kept.since));
        let outcome = run.advance(limit.min(before.saturating_add(due)));
        if let Some(checkpoints) = &mut self.checkpoints {
            checkpoints.since += run.iterations() - before;
        }
        match outcome {
            Ok(None) if run.iterations() < limit => {
                self.waiting.push_front(run);
                self.checkpoint()?;
            }
            Ok(None) => {
                let place = self.paused.partition_point(|other| other.objective() >= run.objective());
                self.paused.insert(place, run);
            }
            Ok(Some(stopped)) => {
                self.keep(run, stopped);
                return Ok(Some(stopped).filter(|stopped| stopped.from_outside()));
            }
            Err(Error::NoParametersYet { .. }) if self.task.ending.reason().is_some() => self.waiting.push_front(run),
            Err(cause) => self.fail(run.failed(cause))?,
        }
        Ok(None)
    }

    /// Keeps the fit of a run that ended, if it is the best so far.
    fn keep(&mut self, run: Climb<'a, M, D>, stopped: Stopped) {
        let (restart, objective) = (run.restart(), run.objective());
        // Before the first E-step there is none.
        if objective.is_finite() {
            self.runs.insert(restart, Restart::Ended { objective, stopped });
        }
        let Some(fit) = run.end(stopped) else { return };
        if self.best.as_ref().is_none_or(|best| fit.objective > best.objective) {
            self.best = Some(fit);
        }
    }

    /// Keeps the first failure of a kind.
    ///
    /// # Errors
    /// The failure, unless it is one that another start may be spared.
    fn fail(&mut self, failed: FitError<M::Parameters>) -> Result<(), FitError<M::Parameters>> {
        // Where a law is asked for, a model that breaks it is the answer.
        let fell = !self.task.em.verify && matches!(failed.cause, Error::Fell { .. } | Error::NotANumber { .. });
        if !fell && !failed.cause.is_degenerate() {
            return Err(failed);
        }
        self.runs.insert(failed.restart, Restart::Failed { reason: failed.to_string() });
        if fell { &mut self.wrong } else { &mut self.degenerate }.get_or_insert(failed);
        Ok(())
    }

    /// Goes on to the next stage with the best half of a round, then with the best quarter; then to the next round, unless
    /// enough runs have reached the best objective.
    fn end_stage(&mut self) {
        match self.stage {
            0 => self.screen(self.round.len().div_ceil(2)),
            1 => self.screen(self.round.len().div_ceil(4)),
            _ => {
                self.over = self.next == self.stages.restarts || self.reached() >= self.task.em.enough;
                self.round = self.next..self.stages.restarts.min(self.next + ROUND);
            }
        }
        self.stage = (self.stage + 1) % self.stages.limits.len();
        self.waiting = std::mem::take(&mut self.paused).into();
    }

    /// Gives up all but the best few of the runs that paused, and of runs that stand at the same objective all but one.
    fn screen(&mut self, keep: usize) {
        let mut kept: Vec<Climb<'a, M, D>> = Vec::new();
        for run in std::mem::take(&mut self.paused) {
            let (restart, objective, iterations) = (run.restart(), run.objective(), run.iterations());
            match kept.last() {
                Some(last) if is_reached(objective, last.objective(), self.task.totals.weight) => {
                    self.runs.insert(restart, Restart::Joined { run: last.restart() });
                }
                _ if kept.len() < keep => kept.push(run),
                _ => _ = self.runs.insert(restart, Restart::Screened { objective, iterations }),
            }
        }
        self.paused = kept;
    }

    /// How many runs have reached the best objective.
    fn reached(&self) -> usize {
        let best = self.best.as_ref().map_or(f64::NAN, |best| best.objective);
        reached(|run| self.runs.get(&run), self.runs.keys().copied(), best, self.task.totals.weight)
    }

    /// The best of all.
    fn end(self) -> Result<Fit<M::Parameters>, FitError<M::Parameters>> {
        match self.best {
            Some(fit) => Ok(Fit { restarts: self.runs.into_values().collect(), ..fit }),
            None => Err(self.wrong.or(self.degenerate).expect("there is at least one start")),
        }
    }

    /// The best so far, also of the runs that wait or paused.
    ///
    /// # Errors
    /// [`Error::NoParametersYet`] if no run has finished an E-step and not failed.
    fn end_early(mut self, reason: Stopped) -> Result<Fit<M::Parameters>, FitError<M::Parameters>> {
        self.end_all(reason);
        if let Some(best) = &mut self.best {
            best.stopped = reason;
            return self.end();
        }
        let last_good = self.wrong.or(self.degenerate).and_then(|failed| failed.last_good);
        let cause = self.task.ending.without_parameters(reason);
        Err(FitError { last_good, ..FitError::from(cause) })
    }

    /// Ends the runs that wait or paused where they are.
    fn end_all(&mut self, reason: Stopped) {
        let under_way: Vec<_> = self.waiting.drain(..).chain(self.paused.drain(..)).collect();
        under_way.into_iter().for_each(|run| self.keep(run, reason));
    }
}
