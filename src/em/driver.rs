//! `Em`: E-step, M-step, until nothing is left to gain.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use rand::{SeedableRng, rngs::Xoshiro256PlusPlus};

use crate::data::{Dataset, Totals};
use crate::error::Error;
use crate::latent::{LatentModel, Start};

use super::climb::Climb;
use super::{Acceleration, Fit, FitError, Progress, Restart, Stopped};

/// The EM driver: settings, and [`fit`](Self::fit).
///
/// It knows no model. Every fit is deterministic: the same model, data and seed give the same bits, whatever the
/// number of threads.
/// ```
/// use marginal::{distributions::Normal, em::Em, models::Mixture};
/// let model = Mixture::of(vec![Normal::new(0.0, 1.0)?, Normal::new(5.0, 1.0)?])?;
/// let fit = Em::default().fit(&model, &[-0.5, 0.1, 0.7, 4.2, 5.1, 5.9])?;
/// assert_eq!(fit.objective, *fit.history.last().unwrap());
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone)]
pub struct Em {
    pub(super) tolerance: f64,
    pub(super) max_iterations: usize,
    restarts: usize,
    seed: u64,
    pub(super) verify: bool,
    pub(super) acceleration: Acceleration,
    pub(super) observer: Option<Arc<Observer>>,
}

type Observer = dyn Fn(&Progress) -> ControlFlow<()> + Send + Sync;

impl Default for Em {
    /// Tolerance 1e-10, at most 10 000 iterations, one start, seed 0, no verification, [`Acceleration::Extrapolation`],
    /// no observer.
    fn default() -> Self {
        Self {
            tolerance: 1e-10,
            max_iterations: 10_000,
            restarts: 1,
            seed: 0,
            verify: false,
            acceleration: Acceleration::default(),
            observer: None,
        }
    }
}

impl Em {
    /// Stop once the gain still to be expected is at most `tolerance` × (Σw + |objective|).
    ///
    /// After two plain steps that gain is Δ₂ · max(1, a / (1 − a)), where Δ₁, Δ₂ are the last two gains and a = Δ₂ / Δ₁
    /// is the rate of convergence (Aitken): small steps of a slow climb are not taken for its end. What a
    /// [jump](Acceleration) gains is no such gain. Beside jumps the forecast is that of the parabola along the directions
    /// of the last steps, and two forecasts in a row must agree. Where both are known the larger counts. Tolerance 0
    /// climbs to round-off; below 0 only the iteration cap and the observer stop a run.
    ///
    /// The objective is flat at its maximum, so θ is known less well than the objective: a gain of g nats still to come
    /// leaves a parameter √(2 g) of its standard errors away, more along directions that the data hardly determine.
    /// With the default 1e-10 that is g ≤ 1e-10 (Σw + |objective|), about 1e-5 √Σw standard errors; for the last digits
    /// ask for 0.
    #[must_use]
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Make at most this many [iterations](Fit::iterations) a run.
    #[must_use]
    pub fn max_iterations(mut self, iterations: usize) -> Self {
        self.max_iterations = iterations;
        self
    }

    /// Run from this many starts (at least one) and keep the run with the largest objective.
    ///
    /// A run that degenerates, falls or stops being a number is a [`Restart::Failed`], and the others go on.
    #[must_use]
    pub fn restarts(mut self, restarts: usize) -> Self {
        self.restarts = restarts.max(1);
        self
    }

    /// The seed of the starts; run r draws from its own stream (seed, r).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Check at each step that Q rises, and the EM inequality in both directions; at the first θ and the last, that the
    /// log-likelihood is the [sum in logarithms](LatentModel::summed_in_logarithms), where the model has one. A model
    /// that breaks a law is an [`Error::LawBroken`] at once, and so is a fall, whatever other starts might give.
    ///
    /// It costs six evaluations of Q a step, and two sums in logarithms a run; six passes over the data where a law
    /// seems broken, to learn what round-off explains.
    #[must_use]
    pub fn verify(mut self, verify: bool) -> Self {
        self.verify = verify;
        self
    }

    /// How EM is hurried along.
    #[must_use]
    pub fn acceleration(mut self, acceleration: Acceleration) -> Self {
        self.acceleration = acceleration;
        self
    }

    /// Call this after each E-step whose θ is kept; `ControlFlow::Break` ends the run.
    #[must_use]
    pub fn observer(mut self, observer: impl Fn(&Progress) -> ControlFlow<()> + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Fits the model from starts of its own choice.
    ///
    /// # Errors
    /// [`Error::Empty`]; what the model finds wrong with its settings or the data; [`Error::LawBroken`]. If every start
    /// failed, the first [`Error::Fell`] or [`Error::NotANumber`] (the model is wrong), else the first degenerate
    /// estimate.
    pub fn fit<M, D>(&self, model: &M, data: &D) -> Result<Fit<M::Parameters>, FitError<M::Parameters>>
    where
        M: Start,
        D: Dataset<M::Observation> + ?Sized,
    {
        let totals = data.totals()?;
        let mut best: Option<Fit<M::Parameters>> = None;
        let (mut wrong, mut degenerate) = (None, None);
        let mut runs = Vec::new();
        for restart in 0..self.restarts {
            let stream = self.seed.wrapping_add((restart as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(stream);
            let run = model
                .start(data, restart, &mut rng)
                .map_err(|cause| FitError { restart, ..FitError::from(cause) })
                .and_then(|start| self.run(model, data, totals, start, restart));
            match run {
                Ok(fit) => {
                    runs.push(Restart::Ended { objective: fit.objective, stopped: fit.stopped });
                    if best.as_ref().is_none_or(|b| fit.objective > b.objective) {
                        best = Some(fit);
                    }
                }
                Err(failed) => {
                    // Where a law is asked for, a model that breaks it is the answer.
                    let fell = !self.verify && matches!(failed.cause, Error::Fell { .. } | Error::NotANumber { .. });
                    if !fell && !failed.cause.is_degenerate() {
                        return Err(failed);
                    }
                    runs.push(Restart::Failed { reason: failed.to_string() });
                    if fell { &mut wrong } else { &mut degenerate }.get_or_insert(failed);
                }
            }
        }
        match best {
            Some(fit) => Ok(Fit { restarts: runs, ..fit }),
            None => Err(wrong.or(degenerate).expect("there is at least one start")),
        }
    }

    /// Fits the model from the parameters given: a warm start.
    ///
    /// # Errors
    /// As [`fit`](Self::fit), and those of [`LatentModel::check`].
    pub fn fit_from<M, D>(
        &self,
        model: &M,
        data: &D,
        start: M::Parameters,
    ) -> Result<Fit<M::Parameters>, FitError<M::Parameters>>
    where
        M: LatentModel,
        D: Dataset<M::Observation> + ?Sized,
    {
        let totals = data.totals()?;
        let mut fit = self.run(model, data, totals, start, 0)?;
        fit.restarts = vec![Restart::Ended { objective: fit.objective, stopped: fit.stopped }];
        Ok(fit)
    }

    fn run<M, D>(
        &self,
        model: &M,
        data: &D,
        totals: Totals,
        start: M::Parameters,
        restart: usize,
    ) -> Result<Fit<M::Parameters>, FitError<M::Parameters>>
    where
        M: LatentModel,
        D: Dataset<M::Observation> + ?Sized,
    {
        let mut climb = Climb::new(self, model, data, totals, restart, start);
        match climb.advance(usize::MAX) {
            Ok(stopped) => Ok(climb.end(stopped.unwrap_or(Stopped::IterationLimit)).expect("it has made an E-step")),
            Err(cause) => Err(climb.failed(cause)),
        }
    }
}

impl fmt::Debug for Em {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Em")
            .field("tolerance", &self.tolerance)
            .field("max_iterations", &self.max_iterations)
            .field("restarts", &self.restarts)
            .field("seed", &self.seed)
            .field("verify", &self.verify)
            .field("acceleration", &self.acceleration)
            .finish_non_exhaustive()
    }
}
