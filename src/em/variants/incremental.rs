//! Incremental EM (Neal & Hinton 1998): the posteriors of one block of rows are renewed, then θ.
//!
//! S ← S − s_b + s_b′, θ ← M(S). Nothing is subtracted: in a pass from the first block to the last, S is the sum of the new
//! blocks before, the new one, and the old ones after, so no digits are lost however long the climb. Renewing q_b and
//! renewing θ both raise F(q, θ) = Q(θ, S) + Σ_b H(q_b), with H(q_b) = ℓ_b(θ_b) − Q(θ_b, s_b) known since the block was seen.

use std::ops::Range;

use crate::data::{Batch, InMemory, Observation, Statistics, fold_in_runs};
use crate::distributions::Guarantee;
use crate::em::round_off::{ROUND_OFF, e_step_until, known};
use crate::em::stopping::Gains;
use crate::em::task::Task;
use crate::em::{Em, Fit, FitError, Progress, Step, Stopped};
use crate::error::Error;
use crate::latent::{Climbs, Evidence, LatentModel};

/// What F may lose by rounding, in units of [`ROUND_OFF`] of what was summed: statistics are collected at many θs.
const OF_MANY: f64 = 64.0;

/// What is remembered of a block: its statistics, its part of H(q) and its evidence.
struct Block<S> {
    statistics: S,
    entropy: f64,
    evidence: Evidence,
}

/// Where the climb stands.
struct Climb<'a, M: LatentModel, D: ?Sized> {
    task: Task<'a, M, D>,
    theta: M::Parameters,
    blocks: Vec<Block<M::Statistics>>,
    gains: Gains,
}

impl Em {
    /// Fits the model from the parameters given, renewing θ after each of so many blocks of consecutive rows.
    ///
    /// What must not fall is F(q, θ) (+ ln prior), where q holds the posterior of each block at the θ of its last visit:
    /// F ≤ ℓ, and ℓ itself may fall. The [history](Fit::history) has F of the start, where it is ℓ, and after each pass; it
    /// ends at F of the parameters, whose ℓ is [`log_likelihood`](Fit::log_likelihood). One block is plain EM. More blocks
    /// climb further in a pass over many rows, and hold two statistics a block. There is one run, and nothing is
    /// [accelerated](crate::em::Acceleration).
    /// ```
    /// use marginal::prelude::*;
    /// let table = Table::read_csv("data/faithful.csv")?;
    /// let start = Em::default().max_iterations(0).fit(&GaussianMixture::new(2), &table)?.parameters;
    /// let fit = Em::default().fit_incrementally(&start, &table, start.clone(), 8)?;
    /// let exact = Em::default().fit_from(&start, &table, start.clone())?;
    /// assert!(fit.objective <= fit.log_likelihood + 1e-9);
    /// assert!((fit.log_likelihood - exact.log_likelihood).abs() < 1e-5);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`fit_from`](Self::fit_from); [`Error::NotMixable`]; [`Error::Parameter`] unless there is a block.
    pub fn fit_incrementally<M, D>(
        &self,
        model: &M,
        data: &D,
        start: M::Parameters,
        blocks: usize,
    ) -> Result<Fit<M::Parameters>, FitError<M::Parameters>>
    where
        M: LatentModel,
        D: InMemory<M::Observation> + Sync + ?Sized,
    {
        Error::check(blocks > 0, "the number of blocks", blocks as f64, "{1, 2, …}")?;
        model.check(&start)?;
        let task = Task::new(self, model, data, None)?;
        let mut climb = Climb { task, theta: start, blocks: Vec::new(), gains: Gains::default() };
        climb.begin(blocks)?;
        match climb.run() {
            Ok(stopped) => climb.end(stopped),
            Err(cause) => {
                let iteration = climb.gains.history.len();
                let last_good = climb.end(Stopped::Failed).ok().map(Box::new);
                Err(FitError { cause, restart: 0, iteration, last_good })
            }
        }
    }
}

impl<M, D> Climb<'_, M, D>
where
    M: LatentModel,
    D: InMemory<M::Observation> + Sync + ?Sized,
{
    /// Sees each block at the start.
    fn begin(&mut self, blocks: usize) -> Result<(), Error> {
        let rows = M::Observation::len(self.task.data.block());
        let blocks = blocks.min(rows.max(1));
        for b in 0..blocks {
            self.blocks.push(self.seen(b * rows / blocks..(b + 1) * rows / blocks)?);
        }
        if blocks > 1 && !self.blocks[0].statistics.extrapolates() {
            return Err(Error::NotMixable { way: "incremental EM" });
        }
        let objective =
            self.blocks.iter().map(|b| b.evidence.value()).sum::<f64>() + self.task.model.log_prior(&self.theta);
        self.keep(objective)
    }

    fn seen(&self, range: Range<usize>) -> Result<Block<M::Statistics>, Error> {
        let Task { model, data, ending, .. } = &self.task;
        let (model, data) = (*model, *data);
        let (block, weights, theta) = (data.block(), data.weights(), &self.theta);
        let empty = (Evidence::default(), model.statistics(&self.theta));
        let (evidence, statistics) = fold_in_runs::<M::Observation, _, _>(
            range.len(),
            &empty,
            || (),
            |(), rows, (evidence, s)| {
                ending.check()?;
                let rows = range.start + rows.start..range.start + rows.end;
                let weights = weights.map(|weights| &weights[rows.clone()]);
                let batch = Batch::new(M::Observation::slice(block, rows.clone()), weights, rows.start);
                evidence.merge(&model.e_step(theta, batch, s)?);
                Ok(())
            },
        )?;
        let entropy = evidence.value() - model.expected_log_joint(&self.theta, &statistics);
        Ok(Block { statistics, entropy, evidence })
    }

    fn keep(&mut self, objective: f64) -> Result<(), Error> {
        if !objective.is_finite() {
            let before = self.gains.history.last().copied().unwrap_or(f64::NAN);
            return Err(Error::NotANumber { objective: self.climbs().name(), before, after: objective });
        }
        self.gains.push(objective, Step::Plain, None);
        Ok(())
    }

    fn run(&mut self) -> Result<Stopped, Error> {
        loop {
            let (em, objective) = (self.task.em, *self.gains.history.last().expect("that of the start"));
            let (iteration, remaining) = (self.gains.history.len() - 1, self.gains.remaining());
            let told = self.task.tell(&Progress { restart: 0, iteration, objective, remaining }, &self.theta);
            if remaining.is_some_and(|gain| gain <= em.tolerance * (self.task.totals.weight + objective.abs())) {
                return Ok(Stopped::Converged);
            } else if told.is_break() {
                return Ok(Stopped::Observer);
            } else if iteration >= em.max_iterations {
                return Ok(Stopped::IterationLimit);
            }
            let mut reached = objective;
            let passed = self.pass(&mut reached);
            if passed.is_ok() || reached != objective {
                self.keep(reached)?;
            }
            match (passed, self.task.ending.reason()) {
                (Err(Error::NoParametersYet { .. }), Some(reason)) => return Ok(reason),
                (passed, _) => passed?,
            }
        }
    }

    /// Renews each block, and θ after each; `reached` is F + ln prior.
    fn pass(&mut self, reached: &mut f64) -> Result<(), Error> {
        let (model, rows) = (self.task.model, M::Observation::len(self.task.data.block()));
        let count = self.blocks.len();
        // The old statistics from each block on.
        let mut after = vec![model.statistics(&self.theta)];
        for block in self.blocks[1..].iter().rev() {
            let mut sum = block.statistics.clone();
            sum.merge(&after[after.len() - 1]);
            after.push(sum);
        }
        let mut before = model.statistics(&self.theta);
        for b in 0..count {
            let new = self.seen(b * rows / count..(b + 1) * rows / count)?;
            before.merge(&new.statistics);
            let mut all = before.clone();
            all.merge(&after.pop().expect("one for each block"));
            let theta = model.m_step(&self.theta, &all)?;
            // Only now, so that after an error θ and q are those of the last F.
            let old = std::mem::replace(&mut self.blocks[b], new);
            let (objective, tolerance) = self.free_energy(&theta, &all);
            if model.guarantee() != Guarantee::None && !(objective >= *reached - tolerance) {
                self.blocks[b] = old;
                let objective_of = self.climbs().name();
                return Err(Error::Fell { objective: objective_of, before: *reached, after: objective, tolerance });
            }
            (self.theta, *reached) = (theta, objective);
        }
        Ok(())
    }

    /// F(q, θ) + ln prior, and what its rounding explains.
    fn free_energy(&self, theta: &M::Parameters, all: &M::Statistics) -> (f64, f64) {
        let (model, weight) = (self.task.model, self.task.totals.weight);
        let (q, prior) = (model.expected_log_joint(theta, all), model.log_prior(theta));
        let entropy: f64 = self.blocks.iter().map(|block| block.entropy).sum();
        let magnitude: f64 = self.blocks.iter().map(|b| b.evidence.magnitude() + b.entropy.abs()).sum();
        let draws: f64 = weight + self.blocks.iter().map(|b| b.evidence.further_draws()).sum::<f64>();
        let size = magnitude + q.abs() + prior.abs();
        (q + prior + entropy, OF_MANY * ROUND_OFF * size + known(model, [&self.theta, theta], all, draws))
    }

    fn climbs(&self) -> Climbs {
        match self.task.model.climbs() {
            Climbs::LogLikelihood | Climbs::Penalised => Climbs::EvidenceLowerBound,
            other => other,
        }
    }

    /// The fit, once ℓ of its parameters is known; F must not be above it.
    fn end(self, stopped: Stopped) -> Result<Fit<M::Parameters>, FitError<M::Parameters>> {
        let climbs = self.climbs();
        let Climb { task: Task { model, data, totals, .. }, theta: parameters, gains: Gains { history, .. }, .. } =
            self;
        let (evidence, s) = e_step_until(model, data, &parameters, &crate::em::ending::Ending::default())?;
        let (objective, bound) =
            (*history.last().expect("that of the start"), evidence.value() + model.log_prior(&parameters));
        let tolerance = OF_MANY * ROUND_OFF * (evidence.magnitude() + bound.abs())
            + known(model, [&parameters, &parameters], &s, totals.weight + evidence.further_draws());
        if !(objective <= bound + tolerance) {
            let (law, suspect) =
                ("F(q, θ) ≤ ℓ(θ)", "E-step (its evidence or the statistics that it adds), or Q itself");
            return Err(Error::LawBroken { law, left: objective, right: bound, tolerance, suspect }.into());
        }
        let draws = totals.weight + evidence.further_draws();
        Ok(Fit {
            objective,
            climbs,
            log_likelihood: evidence.value(),
            free_parameters: model.free_parameters(&parameters),
            doubts: model.doubts(&parameters, &s, draws.max(totals.observations as f64)),
            parameters,
            steps: std::iter::once(Step::Start).chain(std::iter::repeat(Step::Plain)).take(history.len()).collect(),
            history,
            discarded: 0,
            stopped,
            observations: totals.observations,
            weight: totals.weight,
            draws,
            restarts: Vec::new(),
        })
    }
}
