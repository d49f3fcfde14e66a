//! `Em`: the settings of the driver.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use crate::latent::StartKind;

use super::{Acceleration, Cancel, Progress};

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
    pub(super) restarts: usize,
    pub(super) starts: Vec<StartKind>,
    pub(super) screen: usize,
    pub(super) enough: usize,
    pub(super) seed: u64,
    pub(super) verify: bool,
    pub(super) acceleration: Acceleration,
    pub(super) time_limit: Option<Duration>,
    pub(super) cancel: Option<Cancel>,
    pub(super) observer: Option<Arc<Observer>>,
}

type Observer = dyn Fn(&Progress) -> ControlFlow<()> + Send + Sync;

impl Default for Em {
    /// Tolerance 1e-10, at most 10 000 iterations, one start of the model's own choice (several are screened after 12 and
    /// 50 iterations, and none is left out because enough reached the best), seed 0, no verification,
    /// [`Acceleration::Extrapolation`], no time limit, no token, no observer.
    fn default() -> Self {
        Self {
            tolerance: 1e-10,
            max_iterations: 10_000,
            restarts: 1,
            starts: Vec::new(),
            screen: 50,
            enough: usize::MAX,
            seed: 0,
            verify: false,
            acceleration: Acceleration::default(),
            time_limit: None,
            cancel: None,
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
    /// climbs to round-off; below 0 only the iteration cap, the observer and what ends the whole fit stop a run.
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

    /// Make at most this many [iterations](super::Fit::iterations) a run.
    #[must_use]
    pub fn max_iterations(mut self, iterations: usize) -> Self {
        self.max_iterations = iterations;
        self
    }

    /// Run from this many starts (at least one) and keep the run with the largest objective. [`screen`](Self::screen) says
    /// which of them go to their end, [`enough`](Self::enough) when fewer will do.
    ///
    /// A run that degenerates, falls or stops being a number is a [`Restart::Failed`](super::Restart::Failed), and the others go on.
    #[must_use]
    pub fn restarts(mut self, restarts: usize) -> Self {
        self.restarts = restarts.max(1);
        self
    }

    /// Take starts of these kinds in turn instead of those that the model chooses: the first runs take one each, in this
    /// order; of further runs each takes the next one that draws. None asked for leaves the choice to the model.
    ///
    /// A kind that the model does not know is an [`Error::UnknownStart`](crate::Error::UnknownStart), which names those it knows.
    /// ```
    /// use marginal::{data::Table, em::Em, latent::StartKind, models::GaussianMixture};
    /// let table = Table::from_values(vec![1.0, 1.2, 0.7, 5.0, 5.3, 4.6], 1)?;
    /// let em = Em::default().restarts(4).starts([StartKind::Clusters, StartKind::RandomRows]);
    /// assert!(em.fit(&GaussianMixture::new(2), &table).is_ok());
    /// let refused = em.starts([StartKind::AsGiven]).fit(&GaussianMixture::new(2), &table).unwrap_err();
    /// assert!(refused.to_string().starts_with("no start from as-given is known here: choose among clusters, "));
    /// # Ok::<(), marginal::Error>(())
    /// ```
    #[must_use]
    pub fn starts(mut self, kinds: impl IntoIterator<Item = StartKind>) -> Self {
        self.starts = kinds.into_iter().collect();
        self
    }

    /// Screen the runs: they are made in rounds of eight, of which the best half goes on after a quarter of these iterations,
    /// the best quarter after all of them, and the others are [`Restart::Screened`](super::Restart::Screened).
    ///
    /// What is best is the objective there. Runs that stand at the same objective count as one: the later of them are
    /// [`Restart::Joined`](super::Restart::Joined). At most eight paused runs are held. With `usize::MAX` every run goes to its end.
    #[must_use]
    pub fn screen(mut self, iterations: usize) -> Self {
        self.screen = iterations;
        self
    }

    /// Begin no further round of [eight](Self::screen) once so many runs have [reached](super::Fit::reached) the best objective.
    #[must_use]
    pub fn enough(mut self, runs: usize) -> Self {
        self.enough = runs;
        self
    }

    /// The seed of the starts; run r draws from its own stream (seed, r).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Check at each step that Q rises, and the EM inequality in both directions; at the first θ and the last, that the
    /// log-likelihood is the [sum in logarithms](crate::latent::LatentModel::summed_in_logarithms), where the model has one. A model
    /// that breaks a law is an [`Error::LawBroken`](crate::Error::LawBroken) at once, and so is a fall, whatever other starts might give.
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

    /// End the whole fit after so long: the run that is under way, those that paused, and no further start. The fit is then
    /// the best so far, and [`Stopped::TimeLimit`](super::Stopped::TimeLimit) says that it is not done.
    ///
    /// The clock is asked before each batch of an E-step, so a fit lasts longer by a batch, the choice of a start or an
    /// M-step at most. A fit whose time passes before its first E-step is done has no parameters, which is an
    /// [`Error::NoParametersYet`](crate::Error::NoParametersYet). How far a fit comes in its time is not the same from
    /// one run of a program to the next; the parameters are those of a run with so many iterations.
    /// ```
    /// use std::time::Duration;
    /// use marginal::{distributions::Normal, em::{Em, Stopped}, models::Mixture};
    /// let model = Mixture::of(vec![Normal::new(0.0, 1.0)?, Normal::new(5.0, 1.0)?])?;
    /// // Below 0 nothing but the limits ends a run.
    /// let em = Em::default().tolerance(-1.0).max_iterations(usize::MAX).time_limit(Duration::from_millis(20));
    /// let fit = em.fit(&model, &[-0.5, 0.1, 0.7, 4.2, 5.1, 5.9])?;
    /// assert_eq!(fit.stopped, Stopped::TimeLimit);
    /// # Ok::<(), marginal::Error>(())
    /// ```
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = Some(limit);
        self
    }

    /// End the whole fit once this token is cancelled, as [`time_limit`](Self::time_limit) does, but for
    /// [`Stopped::Cancelled`](super::Stopped::Cancelled).
    #[must_use]
    pub fn cancel(mut self, cancel: &Cancel) -> Self {
        self.cancel = Some(cancel.clone());
        self
    }

    /// Whether the token is cancelled, so that no fit shall begin.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancel.as_ref().is_some_and(Cancel::is_cancelled)
    }

    /// Call this after each E-step whose θ is kept; `ControlFlow::Break` ends the run, and further starts go on. A
    /// [`Cancel`] ends them all. [`fit_observed`](Self::fit_observed) shows the parameters too.
    #[must_use]
    pub fn observer(mut self, observer: impl Fn(&Progress) -> ControlFlow<()> + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }
}

/// What decides of the steps of a fit, by name: all but what looks on and what ends it early.
#[cfg(feature = "serde")]
#[derive(serde::Serialize)]
pub(crate) struct Settings {
    tolerance: f64,
    #[serde(rename = "limit of iterations")]
    max_iterations: usize,
    #[serde(rename = "number of starts")]
    restarts: usize,
    #[serde(rename = "list of kinds of start")]
    starts: Vec<String>,
    #[serde(rename = "number of iterations until runs are screened")]
    screen: usize,
    #[serde(rename = "number of runs that are enough")]
    enough: usize,
    seed: u64,
    #[serde(rename = "wish for verification")]
    verify: bool,
    acceleration: String,
}

#[cfg(feature = "serde")]
impl Em {
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            tolerance: self.tolerance,
            max_iterations: self.max_iterations,
            restarts: self.restarts,
            starts: self.starts.iter().map(ToString::to_string).collect(),
            screen: self.screen,
            enough: self.enough,
            seed: self.seed,
            verify: self.verify,
            acceleration: format!("{:?}", self.acceleration),
        }
    }
}

impl fmt::Debug for Em {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Em")
            .field("tolerance", &self.tolerance)
            .field("max_iterations", &self.max_iterations)
            .field("restarts", &self.restarts)
            .field("starts", &self.starts)
            .field("screen", &self.screen)
            .field("enough", &self.enough)
            .field("seed", &self.seed)
            .field("verify", &self.verify)
            .field("acceleration", &self.acceleration)
            .field("time_limit", &self.time_limit)
            .field("cancel", &self.cancel)
            .finish_non_exhaustive()
    }
}
