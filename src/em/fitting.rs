//! `Em::fit`: E-step, M-step, until nothing is left to gain; from several starts, and the best of them.

use std::cell::RefCell;
use std::ops::ControlFlow;

use rand::{SeedableRng, rngs::Xoshiro256PlusPlus};

use crate::data::Dataset;
use crate::error::Error;
use crate::latent::{LatentModel, Start, StartKind};

use super::contest::{Contest, Stages};
use super::snapshot::Keeping;
use super::task::{OnLooker, Task};
use super::{Em, Fit, FitError, Progress};

/// What a fit of a model ends with.
type Fitted<M> = Result<Fit<<M as LatentModel>::Parameters>, FitError<<M as LatentModel>::Parameters>>;

impl Em {
    /// Fits the model from starts of its own choice.
    ///
    /// # Errors
    /// [`Error::Empty`]; [`Error::UnknownStart`]; what the model finds wrong with its settings or the data;
    /// [`Error::LawBroken`]. If every start failed, the first [`Error::Fell`] or [`Error::NotANumber`] (the model is wrong),
    /// else the first degenerate estimate. [`Error::NoParametersYet`] if it is ended before its first E-step is done.
    pub fn fit<M, D>(&self, model: &M, data: &D) -> Result<Fit<M::Parameters>, FitError<M::Parameters>>
    where
        M: Start,
        D: Dataset<M::Observation> + ?Sized,
    {
        self.from_starts(model, data, None, None)
    }

    /// As [`fit`](Self::fit), and after each E-step whose θ is kept the observer sees θ; `ControlFlow::Break` ends the run.
    /// ```
    /// use std::ops::ControlFlow;
    /// use marginal::{distributions::Normal, em::Em, models::Mixture};
    /// let model = Mixture::of(vec![Normal::new(0.0, 1.0)?, Normal::new(5.0, 1.0)?])?;
    /// let mut means = Vec::new();
    /// let fit = Em::default().fit_observed(&model, &[-0.5, 0.1, 0.7, 4.2, 5.1, 5.9], |at, theta| {
    ///     means.push((at.iteration, theta.components()[0].mean()));
    ///     ControlFlow::Continue(())
    /// })?;
    /// assert_eq!(means.last(), Some(&(fit.iterations(), fit.parameters.components()[0].mean())));
    /// # Ok::<(), marginal::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn fit_observed<M, D>(
        &self,
        model: &M,
        data: &D,
        observer: impl FnMut(&Progress, &M::Parameters) -> ControlFlow<()>,
    ) -> Result<Fit<M::Parameters>, FitError<M::Parameters>>
    where
        M: Start,
        D: Dataset<M::Observation> + ?Sized,
    {
        let observer = RefCell::new(observer);
        self.from_starts(model, data, Some(&|at, theta| (*observer.borrow_mut())(at, theta)), None)
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
        self.from_parameters(model, data, &start, None, None)
    }

    /// As [`fit_from`](Self::fit_from) and [`fit_observed`](Self::fit_observed).
    ///
    /// # Errors
    /// As [`fit_from`](Self::fit_from).
    pub fn fit_from_observed<M, D>(
        &self,
        model: &M,
        data: &D,
        start: M::Parameters,
        observer: impl FnMut(&Progress, &M::Parameters) -> ControlFlow<()>,
    ) -> Result<Fit<M::Parameters>, FitError<M::Parameters>>
    where
        M: LatentModel,
        D: Dataset<M::Observation> + ?Sized,
    {
        let observer = RefCell::new(observer);
        self.from_parameters(model, data, &start, Some(&|at, theta| (*observer.borrow_mut())(at, theta)), None)
    }

    /// As [`fit`](Self::fit), with checkpoints.
    #[cfg(feature = "serde")]
    pub(crate) fn fit_kept<M, D>(&self, model: &M, data: &D, keeping: Keeping<'_, M::Parameters>) -> Fitted<M>
    where
        M: Start,
        D: Dataset<M::Observation> + ?Sized,
    {
        self.from_starts(model, data, None, Some(keeping))
    }

    /// As [`fit_from`](Self::fit_from), with checkpoints.
    #[cfg(feature = "serde")]
    pub(crate) fn fit_from_kept<M, D>(
        &self,
        model: &M,
        data: &D,
        start: M::Parameters,
        keeping: Keeping<'_, M::Parameters>,
    ) -> Fitted<M>
    where
        M: LatentModel,
        D: Dataset<M::Observation> + ?Sized,
    {
        self.from_parameters(model, data, &start, None, Some(keeping))
    }

    fn from_starts<M, D>(
        &self,
        model: &M,
        data: &D,
        observer: Option<&OnLooker<'_, M::Parameters>>,
        keeping: Option<Keeping<'_, M::Parameters>>,
    ) -> Fitted<M>
    where
        M: Start,
        D: Dataset<M::Observation> + ?Sized,
    {
        let kinds = self.kinds(model)?;
        let task = Task::new(self, model, data, observer)?;
        let begin = |restart: usize| {
            let stream = self.seed.wrapping_add((restart as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(stream);
            model.start_of_kind(StartKind::in_turn(kinds, restart), data, restart, &mut rng)
        };
        run(Contest::new(&task, &begin, Stages::screened(self)), keeping)
    }

    fn from_parameters<M, D>(
        &self,
        model: &M,
        data: &D,
        start: &M::Parameters,
        observer: Option<&OnLooker<'_, M::Parameters>>,
        keeping: Option<Keeping<'_, M::Parameters>>,
    ) -> Fitted<M>
    where
        M: LatentModel,
        D: Dataset<M::Observation> + ?Sized,
    {
        let task = Task::new(self, model, data, observer)?;
        run(Contest::new(&task, &|_| Ok(start.clone()), Stages::one_run()), keeping)
    }

    /// The kinds of start that take turns.
    fn kinds<'a, M: Start>(&'a self, model: &M) -> Result<&'a [StartKind], Error> {
        let known = model.known_starts();
        match self.starts.iter().find(|kind| !known.contains(kind)) {
            Some(kind) => Err(Error::UnknownStart { name: kind.to_string(), known: StartKind::list(known) }),
            None if self.starts.is_empty() => Ok(model.default_starts()),
            None => Ok(&self.starts),
        }
    }
}

/// With checkpoints, if they are kept.
fn run<'a, M, D>(contest: Contest<'a, M, D>, keeping: Option<Keeping<'a, M::Parameters>>) -> Fitted<M>
where
    M: LatentModel,
    D: Dataset<M::Observation> + ?Sized,
{
    match keeping {
        Some(keeping) => contest.keeping(keeping)?.run(),
        None => contest.run(),
    }
}
