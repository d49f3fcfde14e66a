//! One run of EM from one start. It can pause and go on.

use std::sync::Arc;

use crate::data::{Dataset, Statistics};
use crate::distributions::Guarantee;
use crate::error::Error;
use crate::latent::{Climbs, Evidence, LatentModel};

use super::extrapolation::Memory;
use super::jump::Jump;
use super::place::{Ends, Place};
use super::round_off::{Slack, slack};
use super::snapshot::RunSnapshot;
use super::stopping::Gains;
use super::task::Task;
use super::verify::{check_in_logarithms, check_rises, penalised, possible_in_logarithms};
use super::{Acceleration, Fit, FitError, Progress, Step, Stopped};

/// A place, and the statistics collected there.
type Collected<M> = (Place<<M as LatentModel>::Parameters>, Arc<<M as LatentModel>::Statistics>);

/// A run: the last parameters whose objective is known with the statistics collected there, and the objectives so far.
pub(super) struct Climb<'a, M: LatentModel, D: ?Sized> {
    task: &'a Task<'a, M, D>,
    restart: usize,
    /// Where the run begins, or goes on from a checkpoint, until the E-step there.
    begin: Option<Begin<M::Parameters>>,
    at: Option<Collected<M>>,
    gains: Gains,
    steps: Vec<Step>,
    /// E-steps at parameters that were not kept.
    discarded: usize,
    /// The last steps, if jumps may be made.
    memory: Option<Memory<M>>,
    /// What follows, if it is known already.
    ahead: Option<Ahead<M::Parameters>>,
}

/// A θ whose E-step is to be made.
enum Begin<P> {
    Start(P),
    /// The last of the history.
    Again(P),
}

/// What follows the present place: the plain M-step, what it promises to gain, and perhaps a jump to try before.
struct Ahead<P> {
    plain: Result<P, Error>,
    promised: f64,
    jump: Option<Jump>,
}

impl<'a, M, D> Climb<'a, M, D>
where
    M: LatentModel,
    D: Dataset<M::Observation> + ?Sized,
{
    pub(super) fn new(task: &'a Task<'a, M, D>, restart: usize, start: M::Parameters) -> Self {
        let Task { em, model, .. } = task;
        let likelihood = matches!(model.climbs(), Climbs::LogLikelihood | Climbs::Penalised);
        let accelerated = em.acceleration != Acceleration::None && likelihood && model.guarantee() == Guarantee::Exact;
        Self {
            task,
            restart,
            begin: Some(Begin::Start(start)),
            at: None,
            gains: Gains::default(),
            steps: Vec::new(),
            discarded: 0,
            memory: accelerated.then(Memory::default),
            ahead: None,
        }
    }

    /// A run that goes on from a checkpoint.
    pub(super) fn resumed(task: &'a Task<'a, M, D>, snapshot: RunSnapshot<M::Parameters>) -> Self {
        let RunSnapshot { restart, parameters, history, steps, discarded, landed, forecasts, reach } = snapshot;
        let number = |bits: Option<u64>| bits.map(f64::from_bits);
        Self {
            begin: Some(Begin::Again(parameters.clone())),
            gains: Gains { history, landed, forecasts: forecasts.map(number) },
            steps,
            discarded,
            memory: number(reach).map(Memory::new),
            ..Self::new(task, restart, parameters)
        }
    }

    /// What [`resumed`](Self::resumed) needs; `None` before the first E-step.
    pub(super) fn snapshot(&self) -> Option<RunSnapshot<M::Parameters>> {
        let parameters = match (&self.at, &self.begin) {
            (Some((Place { theta, .. }, _)), _) | (None, Some(Begin::Again(theta))) => theta.clone(),
            _ => return None,
        };
        Some(RunSnapshot {
            restart: self.restart,
            parameters,
            history: self.gains.history.clone(),
            steps: self.steps.clone(),
            discarded: self.discarded,
            landed: self.gains.landed,
            forecasts: self.gains.forecasts.map(|forecast| forecast.map(f64::to_bits)),
            reach: self.memory.as_ref().map(|memory| memory.reach().to_bits()),
        })
    }

    /// Empties the memory of the last steps but for its reach, as that of a run is that goes on from a checkpoint.
    pub(super) fn forget(&mut self) {
        if let Some((place, s)) = self.at.take() {
            self.memory = self.memory.take().map(|memory| Memory::new(memory.reach()));
            self.ahead = self.look_ahead(&place, &s, None);
            self.at = Some((place, s));
        }
    }

    /// Goes on until the run ends, or until it has made this many iterations in all (one more if the last was a jump that
    /// was not kept): then `None`.
    pub(super) fn advance(&mut self, iterations: usize) -> Result<Option<Stopped>, Error> {
        loop {
            if self.at.is_some() && self.iterations() >= iterations {
                return Ok(None);
            }
            let begin = self.begin.take();
            let goes_on = matches!(begin, Some(Begin::Again(_)));
            let made = match begin {
                Some(Begin::Start(start)) => {
                    self.task.model.check(&start).and_then(|()| self.accept(start, Step::Start, None))
                }
                Some(Begin::Again(theta)) => self.go_on(theta),
                None => self.step(),
            };
            match (made, self.task.ending.reason()) {
                // The place before is a good one.
                (Err(Error::NoParametersYet { .. }), Some(reason)) if self.at.is_some() => return Ok(Some(reason)),
                (made, _) => made?,
            }
            if goes_on {
                continue;
            }
            if let Some(stopped) = self.stop() {
                let verify = self.task.em.verify && !stopped.from_outside();
                if let Some((Place { theta, evidence, .. }, _)) = self.at.as_ref().filter(|_| verify) {
                    check_in_logarithms(self.task.model, self.task.data, theta, *evidence)?;
                }
                return Ok(Some(stopped));
            }
        }
    }

    /// The objective of the present place; −∞ before the first E-step.
    pub(super) fn objective(&self) -> f64 {
        self.gains.history.last().copied().unwrap_or(f64::NEG_INFINITY)
    }

    /// How many E-steps were made after the first.
    pub(super) fn iterations(&self) -> usize {
        (self.gains.history.len() + self.discarded).saturating_sub(1)
    }

    /// Makes the E-step of a checkpoint again, and looks whether it is the same.
    fn go_on(&mut self, theta: M::Parameters) -> Result<(), Error> {
        self.task.model.check(&theta)?;
        let (evidence, s) = self.task.e_step(&theta)?;
        let place = self.place(theta, evidence)?;
        self.task.check_again(self.objective(), place.objective, evidence)?;
        self.at = Some((place, Arc::new(s)));
        self.forget();
        Ok(())
    }

    /// Jumps, or makes a plain step.
    fn step(&mut self) -> Result<(), Error> {
        let Some((old, s)) = &self.at else { unreachable!("a run begins with its start") };
        let (plain, from) = match self.ahead.take() {
            None => (self.m_step(old, s)?, s.clone()),
            Some(Ahead { plain, promised, jump }) => {
                let (plain, from) = (plain?, s.clone());
                // A jump that is not kept costs an iteration, and the plain step needs another.
                let room = self.iterations() + 2 <= self.task.em.max_iterations;
                if let Some(jump) = jump.filter(|_| room)
                    && self.try_jump(&jump, promised)
                {
                    return Ok(());
                }
                (plain, from)
            }
        };
        self.accept(plain, Step::Plain, Some(from))
    }

    /// Goes where the jump leads if that gains no less than the plain step promises.
    fn try_jump(&mut self, jump: &Jump, promised: f64) -> bool {
        let (Some((old, s)), Some(memory)) = (&self.at, &mut self.memory) else { return false };
        if !jump.due {
            memory.judge(jump, false);
            return false;
        }
        let statistics = memory.statistics(jump);
        // What goes wrong here is no fault of the model: no observations need have such statistics.
        let theta = self.task.model.m_step(&old.theta, &statistics).ok();
        // A count that fell below 0 may have become a probability of 0, from which EM would not return.
        let possible = theta.filter(|theta| self.task.model.expected_log_joint(theta, s).is_finite());
        let tried = possible.is_some();
        let mut interrupted = false;
        let arrived = possible.and_then(|theta| {
            let collected = self.task.e_step(&theta);
            interrupted = matches!(collected, Err(Error::NoParametersYet { .. }));
            let (evidence, s) = collected.ok()?;
            Some((self.place(theta, evidence).ok()?, s))
        });
        // The EM inequality holds between any two θs. Where a jump seems to break it, the plain step tells whether the
        // model does: of that step it is known what round-off explains.
        let kept = arrived.filter(|(new, at_new)| {
            let looked_at = self.task.em.verify.then_some([&**s, at_new]);
            let lawful = Ends { model: self.task.model, old, new }.check(looked_at, 0.0).is_ok();
            lawful && new.objective >= old.objective + promised.max(0.0)
        });
        if let Some(memory) = &mut self.memory {
            memory.judge(jump, kept.is_some());
        }
        let Some((new, s)) = kept else {
            self.discarded += usize::from(tried && !interrupted);
            return false;
        };
        self.keep(new, s, Step::Extrapolated, Some(Arc::new(statistics)));
        true
    }

    /// Which run it is.
    pub(super) fn restart(&self) -> usize {
        self.restart
    }

    /// Makes the E-step at θ, and takes it as the present place if the step to it broke no law.
    fn accept(&mut self, theta: M::Parameters, step: Step, from: Option<Arc<M::Statistics>>) -> Result<(), Error> {
        let (model, data, verify) = (self.task.model, self.task.data, self.task.em.verify);
        let (evidence, s) = match self.task.e_step(&theta) {
            Err(error) if verify => return Err(possible_in_logarithms(model, data, &theta, error)),
            answer => answer?,
        };
        if verify && self.at.is_none() {
            check_in_logarithms(model, data, &theta, evidence)?;
        }
        let new = self.place(theta, evidence)?;
        if let Some((old, at_old)) = &self.at {
            self.check(&Ends { model, old, new: &new }, [at_old, &s])?;
        }
        self.keep(new, s, step, from);
        Ok(())
    }

    /// Takes θ = M(from) as the present place, and looks ahead.
    fn keep(&mut self, new: Place<M::Parameters>, s: M::Statistics, step: Step, from: Option<Arc<M::Statistics>>) {
        let (model, s) = (self.task.model, Arc::new(s));
        self.memory.take_if(|_| !s.extrapolates());
        let mut jump = None;
        if let (Some(memory), Some(from)) = (&mut self.memory, from) {
            memory.push(model, from, new.theta.clone(), s.clone());
            jump = memory.jump();
        }
        self.ahead = self.look_ahead(&new, &s, jump);
        let forecast = self.ahead.as_ref().and_then(|ahead| Some(ahead.jump.as_ref()?.slowest? * ahead.promised));
        // A promise that round-off makes of nothing, or turns into a loss, tells nothing.
        let forecast = forecast.filter(|forecast| *forecast > 0.0);
        self.gains.push(new.objective, step, forecast);
        self.steps.push(step);
        self.at = Some((new, s));
    }

    /// The M-step beforehand, for a run that may jump.
    fn look_ahead(
        &self,
        at: &Place<M::Parameters>,
        s: &M::Statistics,
        jump: Option<Jump>,
    ) -> Option<Ahead<M::Parameters>> {
        self.memory.as_ref()?;
        let plain = self.m_step(at, s);
        let q = |theta| penalised(self.task.model, theta, s);
        let promised = plain.as_ref().map_or(0.0, |plain| q(plain) - q(&at.theta));
        Some(Ahead { plain, promised, jump })
    }

    fn place(&self, theta: M::Parameters, evidence: Evidence) -> Result<Place<M::Parameters>, Error> {
        let objective = evidence.value() + self.task.model.log_prior(&theta);
        if !objective.is_finite() {
            let before = self.gains.history.last().copied().unwrap_or(f64::NAN);
            return Err(Error::NotANumber { objective: self.task.model.climbs().name(), before, after: objective });
        }
        Ok(Place { theta, evidence, objective })
    }

    /// Whether a step kept the laws; the statistics are those collected at its ends.
    fn check(&self, ends: &Ends<'_, M>, statistics: [&M::Statistics; 2]) -> Result<(), Error> {
        let looked_at = self.task.em.verify.then_some(statistics);
        if ends.check(looked_at, 0.0).is_ok() {
            return Ok(());
        }
        // Only now is it worth asking what the rounding of θ and of the statistics explains.
        let Slack { explained, moved } = slack(self.task.data, ends, statistics, self.task.totals.weight);
        let Err(broken) = ends.check(looked_at, explained) else { return Ok(()) };
        let (objective, before, after) = (self.task.model.climbs().name(), ends.old.objective, ends.new.objective);
        let lost = Error::LostDigits { objective, before, after, moved };
        Err(if ends.check(looked_at, moved).is_ok() { lost } else { broken })
    }

    fn m_step(&self, old: &Place<M::Parameters>, s: &M::Statistics) -> Result<M::Parameters, Error> {
        let new = self.task.model.m_step(&old.theta, s)?;
        if self.task.em.verify {
            check_rises(self.task.model, old, &new, s, self.task.totals.weight)?;
        }
        Ok(new)
    }

    fn stop(&self) -> Option<Stopped> {
        let (iteration, objective) = (self.iterations(), self.objective());
        let remaining = self.gains.remaining();
        let (Place { theta, .. }, _) = self.at.as_ref()?;
        let told = self.task.tell(&Progress { restart: self.restart, iteration, objective, remaining }, theta);
        if remaining.is_some_and(|gain| gain <= self.task.em.tolerance * (self.task.totals.weight + objective.abs())) {
            Some(Stopped::Converged)
        } else if told.is_break() {
            Some(Stopped::Observer)
        } else if iteration >= self.task.em.max_iterations {
            Some(Stopped::IterationLimit)
        } else {
            self.task.ending.reason()
        }
    }

    /// The fit of the present place; `None` before the first E-step.
    pub(super) fn end(self, stopped: Stopped) -> Option<Fit<M::Parameters>> {
        let (Place { theta: parameters, evidence, objective }, s) = self.at?;
        let draws = self.task.totals.weight + evidence.further_draws();
        // Weights that sum to less than the rows are no counts of them.
        let doubts = self.task.model.doubts(&parameters, &s, draws.max(self.task.totals.observations as f64));
        Some(Fit {
            objective,
            climbs: self.task.model.climbs(),
            log_likelihood: evidence.value(),
            free_parameters: self.task.model.free_parameters(&parameters),
            parameters,
            history: self.gains.history,
            steps: self.steps,
            discarded: self.discarded,
            stopped,
            observations: self.task.totals.observations,
            weight: self.task.totals.weight,
            draws,
            doubts,
            restarts: Vec::new(),
        })
    }

    /// Why the run failed, and the fit of the last place that was good.
    pub(super) fn failed(self, cause: Error) -> FitError<M::Parameters> {
        let (restart, iteration) = (self.restart, self.gains.history.len() + self.discarded);
        FitError { cause, restart, iteration, last_good: self.end(Stopped::Failed).map(Box::new) }
    }
}
