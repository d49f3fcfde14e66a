//! Stepwise EM: s ← (1 − γ_n) s + γ_n s̄(data; θ), θ ← M(s), each step on data of its own.
//!
//! On a stream it is online EM (Cappé & Moulines 2009), on parts of a data set mini-batch EM, and where z is drawn SAEM
//! (Delyon, Lavielle & Moulines 1999), or stochastic EM if every γ is 1 (Celeux & Diebolt 1985).

use crate::data::{Dataset, Statistics};
use crate::error::Error;
use crate::latent::{Impute, LatentModel};

use super::collecting::{Collect, Collected, Drawn, Expected};
use super::step_size::StepSize;

/// A climb that is shown some data at each [`step`](Self::step), and then forgets them: memory does not grow.
///
/// Statistics are means over the observations, of which each step replaces the share [γ_n](StepSize). No objective is
/// promised to rise: θ converges to a stationary point of E[ln p(x | θ)] as steps grow in number, and the average of the
/// statistics gives the best rate, 1 / √n ([`averaged`](Self::averaged)). On a finite data set [`Em`](crate::em::Em) is
/// exact, and says when it is done.
///
/// An endless stream of batches:
/// ```
/// use marginal::em::Stepwise;
/// use marginal::prelude::*;
/// use marginal::rand::rngs::StdRng;
/// let truth = Mixture::new(vec![0.3, 0.7], vec![Normal::new(0.0, 1.0)?, Normal::new(4.0, 1.0)?])?;
/// let mut rng = StdRng::seed_from_u64(1);
/// let mut stream = std::iter::repeat_with(|| (0..100).map(|_| truth.sample(&mut rng)).collect::<Vec<f64>>());
///
/// let start = Mixture::of(vec![Normal::new(-1.0, 2.0)?, Normal::new(2.0, 2.0)?])?;
/// let mut em = Stepwise::new(start.clone(), start).average_after(50);
/// for batch in stream.by_ref().take(500) {
///     em.step(&batch)?;
/// }
/// let fitted = em.averaged()?;
/// assert!((fitted.components()[1].mean() - 4.0).abs() < 0.05);
/// assert_eq!(em.weight(), 50_000.0);
/// # Ok::<(), Error>(())
/// ```
/// With draws of z in place of expectations (SAEM): three passes forget the start, then the steps shrink.
/// ```
/// # use marginal::em::{StepSize, Stepwise};
/// # use marginal::prelude::*;
/// let data = [-0.5, 0.1, 0.7, 0.2, 4.2, 5.1, 5.9, 4.4];
/// let start = Mixture::of(vec![Normal::new(0.0, 2.0)?, Normal::new(5.0, 2.0)?])?;
/// let mut em = Stepwise::imputing(start.clone(), start.clone(), 1).step_sizes(StepSize::new(1.0, -3)?).weighing(8.0);
/// for _ in 0..2000 {
///     em.step(&data)?;
/// }
/// let exact = Em::default().fit(&start, &data)?.parameters;
/// assert!((em.parameters().components()[0].mean() - exact.components()[0].mean()).abs() < 0.05);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stepwise<C: Collect> {
    way: C,
    theta: C::Parameters,
    sizes: StepSize,
    first_m_step: u64,
    average_after: Option<u64>,
    weighing: Option<f64>,
    steps: u64,
    seen: f64,
    /// The mixed statistics.
    mixed: Option<Mixed<C::Statistics>>,
    /// Their mean over steps, and how many.
    average: Option<(Mixed<C::Statistics>, u64)>,
    log_likelihood: Option<f64>,
}

impl<M: LatentModel> Stepwise<Expected<M>> {
    /// From these parameters, by expectations: the model's own E-step.
    pub fn new(model: M, start: M::Parameters) -> Self {
        Self::of(Expected(model), start)
    }
}

impl<M: Impute> Stepwise<Drawn<M>> {
    /// From these parameters, by draws of z, which depend on the seed alone.
    pub fn imputing(model: M, start: M::Parameters, seed: u64) -> Self {
        Self::of(Drawn { model, draws: 1, seed }, start)
    }

    /// Draw z so many times at each step (Monte Carlo EM, Wei & Tanner 1990); 1 unless said otherwise.
    #[must_use]
    pub fn draws(mut self, draws: usize) -> Self {
        self.way.draws = draws.max(1);
        self
    }
}

impl<C: Collect> Stepwise<C> {
    fn of(way: C, theta: C::Parameters) -> Self {
        Self {
            way,
            theta,
            sizes: StepSize::default(),
            first_m_step: 1,
            average_after: None,
            weighing: None,
            steps: 0,
            seen: 0.0,
            mixed: None,
            average: None,
            log_likelihood: None,
        }
    }

    /// Take steps of these sizes. The first one is 1 whatever they say: there is nothing to mix with.
    #[must_use]
    pub fn step_sizes(mut self, sizes: StepSize) -> Self {
        self.sizes = sizes;
        self
    }

    /// Make no M-step before the n-th step: a few observations may have no estimate, and a probability of what they lack (or
    /// what their draws lack) would be 0, from which no later step leads back. 1 unless said otherwise.
    #[must_use]
    pub fn first_m_step(mut self, n: u64) -> Self {
        self.first_m_step = n;
        self
    }

    /// Average the statistics over all steps after the n-th, for [`averaged`](Self::averaged) (Polyak & Juditsky 1992).
    #[must_use]
    pub fn average_after(mut self, n: u64) -> Self {
        self.average_after = Some(n);
        self
    }

    /// What all data weigh, for M-steps to which that matters (a prior weighs against it). Unless it is said, the weight of
    /// all data seen so far: right for a stream, too much where the same data come again.
    #[must_use]
    pub fn weighing(mut self, total: f64) -> Self {
        self.weighing = Some(total);
        self
    }

    /// Sees some data.
    ///
    /// If they cannot be seen, nothing has changed. If the M-step fails, the data count, θ stays what it was, and a further
    /// step may succeed.
    ///
    /// # Errors
    /// What the model refuses; [`Error::Empty`] for data without weight; [`Error::NotMixable`].
    pub fn step<D: Dataset<C::Observation> + ?Sized>(&mut self, data: &D) -> Result<(), Error> {
        if self.steps == 0 {
            self.way.check(&self.theta)?;
            let total = self.weighing.unwrap_or(1.0);
            Error::check(total > 0.0 && total.is_finite(), "the weight of all data", total, "(0, ∞)")?;
        }
        let Collected { statistics, weight, log_likelihood } = self.way.collect(&self.theta, data, self.steps)?;
        let (step, new) = (self.steps + 1, Mixed { statistics, weight });
        let mixed = match self.mixed.take() {
            Some(mut mixed) if self.sizes.of_step(step) < 1.0 => {
                if !mixed.statistics.extrapolates() {
                    self.mixed = Some(mixed);
                    return Err(Error::NotMixable { way: "stepwise EM" });
                }
                mixed.mix(&new, self.sizes.of_step(step));
                mixed
            }
            _ => new,
        };
        (self.steps, self.log_likelihood) = (step, log_likelihood);
        self.seen += weight;
        if self.average_after.is_some_and(|after| step > after) {
            match &mut self.average {
                Some((average, count)) => {
                    *count += 1;
                    average.mix(&mixed, 1.0 / *count as f64);
                }
                none => *none = Some((mixed.clone(), 1)),
            }
        }
        let mixed = self.mixed.insert(mixed);
        if step >= self.first_m_step {
            self.theta = mixed.maximised(&self.way, &self.theta, self.weighing.unwrap_or(self.seen))?;
        }
        Ok(())
    }

    /// θ, after the last step.
    pub fn parameters(&self) -> &C::Parameters {
        &self.theta
    }

    /// θ from the average of the statistics, or [the last one](Self::parameters) while there is none.
    ///
    /// # Errors
    /// A degenerate estimate; [`Error::NotMixable`].
    pub fn averaged(&self) -> Result<C::Parameters, Error> {
        match &self.average {
            Some((average, count)) if *count > 1 && !average.statistics.extrapolates() => {
                Err(Error::NotMixable { way: "an average" })
            }
            Some((average, _)) => average.maximised(&self.way, &self.theta, self.weighing.unwrap_or(self.seen)),
            None => Ok(self.theta.clone()),
        }
    }

    /// How many steps were made.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Σ w of all data seen.
    pub fn weight(&self) -> f64 {
        self.seen
    }

    /// Σ w ln p(x | θ) of the last data, in nats, at the θ before they were seen: what is drawn has none.
    pub fn log_likelihood(&self) -> Option<f64> {
        self.log_likelihood
    }
}

/// Statistics in proportion to those of data of some weight.
#[derive(Clone, Debug)]
struct Mixed<S> {
    statistics: S,
    weight: f64,
}

impl<S: Statistics> Mixed<S> {
    /// Replaces the share γ ∈ (0, 1) of the means, and takes the weight of the new.
    fn mix(&mut self, new: &Self, share: f64) {
        self.statistics.scale((1.0 - share) * (new.weight / self.weight));
        let mut added = new.statistics.clone();
        added.scale(share);
        self.statistics.merge(&added);
        self.weight = new.weight;
    }

    /// The M-step as if all data, of that weight, had these means.
    fn maximised<C: Collect<Statistics = S>>(
        &self,
        way: &C,
        theta: &C::Parameters,
        weight: f64,
    ) -> Result<C::Parameters, Error> {
        if weight == self.weight {
            return way.maximise(theta, &self.statistics);
        }
        let mut all = self.statistics.clone();
        all.scale(weight / self.weight);
        way.maximise(theta, &all)
    }
}
