//! How the statistics of some data are collected: as expectations, or from draws of z.

use rand::{SeedableRng, rngs::Xoshiro256PlusPlus};

use crate::data::{Batch, Dataset, Observation, Statistics, Totals};
use crate::error::Error;
use crate::latent::{Evidence, Impute, LatentModel};

/// What a [`Stepwise`](super::Stepwise) climb asks of a model. [`Expected`] and [`Drawn`] are the two ways to have it.
pub trait Collect {
    /// One independent unit of data.
    type Observation: Observation + ?Sized;
    /// θ.
    type Parameters: Clone;
    /// Σ w T(x, z).
    type Statistics: Statistics;

    /// The statistics of the data at θ; `step` counts the calls.
    ///
    /// # Errors
    /// What the model refuses; [`Error::Empty`] and [`Error::TotalWeight`] for the data.
    fn collect<D: Dataset<Self::Observation> + ?Sized>(
        &self,
        theta: &Self::Parameters,
        data: &D,
        step: u64,
    ) -> Result<Collected<Self::Statistics>, Error>;

    /// θ from the statistics.
    ///
    /// # Errors
    /// A degenerate estimate.
    fn maximise(&self, theta: &Self::Parameters, s: &Self::Statistics) -> Result<Self::Parameters, Error>;

    /// Whether θ is one of the model's.
    ///
    /// # Errors
    /// [`Error::Dimension`] or [`Error::Parameter`] for what does not fit.
    fn check(&self, theta: &Self::Parameters) -> Result<(), Error>;
}

/// The statistics of some data.
#[derive(Clone, Debug)]
pub struct Collected<S> {
    /// Σ w T(x, z).
    pub statistics: S,
    /// Σ w.
    pub weight: f64,
    /// Σ w ln p(x | θ), in nats, if it is known.
    pub log_likelihood: Option<f64>,
}

/// Folds the data once, and weighs them beside.
fn weighed<O: Observation + ?Sized, S: Statistics>(
    data: &(impl Dataset<O> + ?Sized),
    empty: S,
    add: impl Fn(Batch<'_, O>, &mut S) -> Result<(), Error> + Sync,
) -> Result<(S, f64), Error> {
    let (s, weight) = data.fold(&(empty, 0.0), &|batch, (s, weight): &mut (S, f64)| {
        *weight += batch.weights().map_or(batch.len() as f64, |weights| weights.iter().sum());
        add(batch, s)
    })?;
    Ok((s, Totals::new(1, weight)?.weight))
}

/// Statistics are expectations, E_q[T(x, z)] with q = p(z | x, θ): the E-step of a [`LatentModel`].
#[derive(Clone, Copy, Debug)]
pub struct Expected<M>(pub M);

impl<M: LatentModel> Collect for Expected<M> {
    type Observation = M::Observation;
    type Parameters = M::Parameters;
    type Statistics = M::Statistics;

    fn collect<D: Dataset<M::Observation> + ?Sized>(
        &self,
        theta: &M::Parameters,
        data: &D,
        _: u64,
    ) -> Result<Collected<M::Statistics>, Error> {
        let empty = (Evidence::default(), self.0.statistics(theta));
        let ((evidence, statistics), weight) = weighed(data, empty, |batch, (evidence, s)| {
            evidence.merge(&self.0.e_step(theta, batch, s)?);
            Ok(())
        })?;
        Ok(Collected { statistics, weight, log_likelihood: Some(evidence.value()) })
    }

    fn maximise(&self, theta: &M::Parameters, s: &M::Statistics) -> Result<M::Parameters, Error> {
        self.0.m_step(theta, s)
    }

    fn check(&self, theta: &M::Parameters) -> Result<(), Error> {
        self.0.check(theta)
    }
}

/// Statistics are means of T(x, z) over draws of z from p(z | x, θ).
#[derive(Clone, Copy, Debug)]
pub struct Drawn<M> {
    pub(super) model: M,
    pub(super) draws: usize,
    pub(super) seed: u64,
}

impl<M: Impute> Collect for Drawn<M> {
    type Observation = M::Observation;
    type Parameters = M::Parameters;
    type Statistics = M::Statistics;

    fn collect<D: Dataset<M::Observation> + ?Sized>(
        &self,
        theta: &M::Parameters,
        data: &D,
        step: u64,
    ) -> Result<Collected<M::Statistics>, Error> {
        let (statistics, weight) = of_draws(&self.model, self.draws, self.seed, theta, data, step)?;
        Ok(Collected { statistics, weight, log_likelihood: None })
    }

    fn maximise(&self, theta: &M::Parameters, s: &M::Statistics) -> Result<M::Parameters, Error> {
        self.model.maximise(theta, s)
    }

    fn check(&self, theta: &M::Parameters) -> Result<(), Error> {
        self.model.admits_start(theta)
    }
}

/// Means over so many draws of z, and the weight of the data. Each batch has a generator of its own, so that the draws do
/// not depend on the number of threads.
pub(super) fn of_draws<M: Impute, D: Dataset<M::Observation> + ?Sized>(
    model: &M,
    draws: usize,
    seed: u64,
    theta: &M::Parameters,
    data: &D,
    step: u64,
) -> Result<(M::Statistics, f64), Error> {
    let of_batch = |batch: Batch<'_, M::Observation>, s: &mut M::Statistics| {
        // Odd multipliers tell steps and rows apart; the seeding of the generator scrambles what they make.
        let row = batch.row(0) as u64;
        let stream = step.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ row.wrapping_mul(0xD1B5_4A32_D192_ED03);
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed ^ stream);
        (0..draws).try_for_each(|_| model.impute(theta, batch, s, &mut rng))
    };
    let (mut statistics, weight) = weighed(data, model.nothing_seen(theta), of_batch)?;
    if draws > 1 {
        statistics.scale(1.0 / draws as f64);
    }
    Ok((statistics, weight))
}
