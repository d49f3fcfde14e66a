//! What the laws of estimation and EM are about: a model, a θ, and weighted observations.

use std::borrow::Borrow;
use std::fmt;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use crate::data::{Batch, InMemory, Observation};
use crate::distributions::{Estimate, Guarantee};
use crate::error::Error;
use crate::latent::{Climbs, Evidence, LatentModel};

use super::{Coordinates, Parts};

/// Observations with their weights.
pub struct Observations<O: Observation + ?Sized> {
    rows: O::Buffer,
    weights: Vec<f64>,
}

impl<O: Observation + ?Sized> Observations<O> {
    /// Observations, each with its weight w ≥ 0.
    pub fn new<X: Borrow<O>>(rows: impl IntoIterator<Item = (X, f64)>) -> Self {
        let mut all = Self { rows: O::Buffer::default(), weights: Vec::new() };
        rows.into_iter().for_each(|(x, weight)| all.push(x.borrow(), weight));
        all
    }

    pub(super) fn push(&mut self, x: &O, weight: f64) {
        O::push(&mut self.rows, x);
        self.weights.push(weight);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// The n-th.
    pub fn row(&self, n: usize) -> &O {
        O::get(O::block(&self.rows), n)
    }

    /// The weight of the n-th.
    pub fn weight(&self, n: usize) -> f64 {
        self.weights[n]
    }

    /// All of them, as one batch.
    pub fn batch(&self) -> Batch<'_, O> {
        Batch::new(O::block(&self.rows), Some(&self.weights), 0)
    }

    /// The indices of those that count (w > 0).
    pub(super) fn counted(&self) -> Vec<usize> {
        (0..self.len()).filter(|&n| self.weights[n] > 0.0).collect()
    }

    /// These rows, in this order, under these weights.
    pub(super) fn pick(&self, picks: impl IntoIterator<Item = (usize, f64)>) -> Self {
        self.picked(&mut picks.into_iter())
    }

    /// Every law picks in its own way: only what is made of the picks is compiled for every model.
    fn picked(&self, picks: &mut dyn Iterator<Item = (usize, f64)>) -> Self {
        let mut all = Self::new(std::iter::empty::<(&O, f64)>());
        for (n, weight) in picks {
            all.push(self.row(n), weight);
        }
        all
    }

    /// The same rows under other weights w(n).
    pub(super) fn weighed(&self, weight: &dyn Fn(usize) -> f64) -> Self {
        self.pick((0..self.len()).map(|n| (n, weight(n))))
    }

    /// The same weights, the real numbers of the rows mapped, if the rows have any.
    pub(super) fn map(&self, f: &mut dyn FnMut(f64) -> f64) -> Option<Self>
    where
        O: Coordinates,
    {
        let mut mapped = Self::new(std::iter::empty::<(&O, f64)>());
        for n in 0..self.len() {
            let Parts { reals, counts } = Parts::of(self.row(n));
            if reals.is_empty() {
                return None;
            }
            let moved = Parts { reals: reals.into_iter().map(&mut *f).collect(), counts };
            mapped.push(moved.assemble_like(self.row(n))?.borrow(), self.weights[n]);
        }
        Some(mapped)
    }

    /// The largest |real number|.
    pub(super) fn reach(&self) -> f64
    where
        O: Coordinates,
    {
        (0..self.len()).flat_map(|n| Parts::of(self.row(n)).reals).fold(0.0, |reach, x| reach.max(x.abs()))
    }

    /// The same rows under weights w (1 ± a), signs drawn anew each round, a from 2⁻⁸ to 1.
    pub(super) fn tilted(&self, round: u64) -> Self {
        let tilts = self.tilts(round);
        self.weighed(&|n| self.weights[n] * (1.0 + tilts[n]))
    }

    /// The mirror image of [`tilted`](Self::tilted): every weight w (1 ± a) is w (1 ∓ a).
    pub(super) fn mirrored(&self, round: u64) -> Self {
        let tilts = self.tilts(round);
        self.weighed(&|n| self.weights[n] * (1.0 - tilts[n]))
    }

    fn tilts(&self, round: u64) -> Vec<f64> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(round);
        let amplitude = [1.0, 0.5, 0.125, 2f64.powi(-8)][round as usize % 4];
        (0..self.len()).map(|_| if rng.random() { amplitude } else { -amplitude }).collect()
    }

    /// The data as round-off may have left them: weights moved by up to 32 ulps, as responsibilities are, and
    /// real numbers by 2 + √N ulps of the largest, each by itself or (odd seeds) all alike, as a rounded sum moves; or
    /// without their whole numbers, or not at all, where the row would then not be `possible`.
    pub(super) fn jittered(&self, seed: u64, possible: &dyn Fn(&O) -> bool) -> Self
    where
        O: Coordinates,
    {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut nudge = |x: f64, by: f64| x + by * f64::EPSILON * (2.0 * rng.random::<f64>() - 1.0);
        let common = [None, Some(f64::EPSILON), None, Some(-f64::EPSILON)][seed as usize % 4];
        let step = self.reach() * (2.0 + (self.len() as f64).sqrt());
        let mut jittered = Self::new(std::iter::empty::<(&O, f64)>());
        for n in 0..self.len() {
            let Parts { reals, counts } = Parts::of(self.row(n));
            let mut nudged = |kept: fn(f64) -> bool| {
                let mut moved = |x: f64| common.map_or_else(|| nudge(x, step), |ulp| x + step * ulp);
                let reals = reals.iter().map(|&x| if kept(x) { x } else { moved(x) }).collect();
                let moved = Parts { reals, counts: counts.clone() }.assemble_like(self.row(n))?;
                possible(moved.borrow()).then_some(moved)
            };
            let moved = nudged(|_| false).or_else(|| nudged(|x| x.fract() == 0.0));
            let weight = nudge(self.weights[n], 32.0 * self.weights[n]);
            jittered.push(moved.as_ref().map_or_else(|| self.row(n), Borrow::borrow), weight);
        }
        jittered
    }
}

impl<O: Observation + ?Sized> Clone for Observations<O> {
    fn clone(&self) -> Self {
        Self { rows: self.rows.clone(), weights: self.weights.clone() }
    }
}

/// As Rust, each row on a line of its own in the pretty form.
impl<O: Observation + ?Sized> fmt::Debug for Observations<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observations::new(")?;
        let mut list = f.debug_list();
        for n in 0..self.len() {
            list.entry(&format_args!("({:?}, {:?})", self.row(n), self.weights[n]));
        }
        list.finish()?;
        f.write_str(")")
    }
}

impl<O: Observation + ?Sized> InMemory<O> for Observations<O> {
    fn block(&self) -> O::Block<'_> {
        O::block(&self.rows)
    }
    fn weights(&self) -> Option<&[f64]> {
        Some(&self.weights)
    }
}

/// A model, a θ, and observations that have a density under θ.
pub struct LatentCase<M: LatentModel> {
    /// What stays fixed.
    pub model: M,
    /// θ.
    pub theta: M::Parameters,
    /// The data.
    pub observations: Observations<M::Observation>,
    /// Other θs: what an M-step makes must not depend on them, nor fall behind them.
    pub rivals: Vec<M::Parameters>,
}

impl<M: LatentModel> LatentCase<M> {
    /// A case without rivals.
    pub fn new(model: M, theta: M::Parameters, observations: Observations<M::Observation>) -> Self {
        Self { model, theta, observations, rivals: Vec::new() }
    }

    /// The same case with another θ, independent of the first. It need not give the data a density.
    #[must_use]
    pub fn beside(mut self, rival: M::Parameters) -> Self {
        self.rivals.push(rival);
        self
    }

    /// The same θs and data for another model.
    pub fn of_model<N>(self, model: N) -> LatentCase<N>
    where
        N: LatentModel<Observation = M::Observation, Parameters = M::Parameters>,
    {
        LatentCase { model, theta: self.theta, observations: self.observations, rivals: self.rivals }
    }

    /// The statistics and evidence of some data at some θ.
    pub(super) fn e_step(
        &self,
        theta: &M::Parameters,
        observations: &Observations<M::Observation>,
    ) -> Result<(M::Statistics, Evidence), Error> {
        let mut s = self.model.statistics(theta);
        let evidence = self.model.e_step(theta, observations.batch(), &mut s)?;
        Ok((s, evidence))
    }

    /// The statistics of some data at this θ.
    pub(super) fn statistics(&self, observations: &Observations<M::Observation>) -> Result<M::Statistics, Error> {
        self.statistics_at(&self.theta, observations)
    }

    /// The statistics of some data at some θ.
    pub(super) fn statistics_at(
        &self,
        theta: &M::Parameters,
        observations: &Observations<M::Observation>,
    ) -> Result<M::Statistics, Error> {
        Ok(self.e_step(theta, observations)?.0)
    }

    /// Some data as round-off may have left them, each row still possible at `theta`.
    pub(super) fn jittered(
        &self,
        theta: &M::Parameters,
        observations: &Observations<M::Observation>,
        seed: u64,
    ) -> Observations<M::Observation>
    where
        M::Observation: Coordinates,
    {
        let density = |x: &M::Observation| self.e_step(theta, &Observations::new([(x, 1.0)]));
        observations.jittered(seed, &|x| density(x).is_ok_and(|(_, evidence)| evidence.value().is_finite()))
    }

    /// Q(θ, s) + ln prior(θ).
    pub(super) fn penalised(&self, theta: &M::Parameters, s: &M::Statistics) -> f64 {
        self.model.expected_log_joint(theta, s) + self.model.log_prior(theta)
    }
}

impl<M: LatentModel + Clone> Clone for LatentCase<M> {
    fn clone(&self) -> Self {
        Self {
            model: self.model.clone(),
            theta: self.theta.clone(),
            observations: self.observations.clone(),
            rivals: self.rivals.clone(),
        }
    }
}

/// As Rust, where model, θ and rows print as Rust.
impl<M: LatentModel + fmt::Debug> fmt::Debug for LatentCase<M>
where
    M::Parameters: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LatentCase")
            .field("model", &self.model)
            .field("theta", &self.theta)
            .field("observations", &self.observations)
            .field("rivals", &AsVec(&self.rivals))
            .finish()
    }
}

struct AsVec<'a, T>(&'a [T]);

impl<T: fmt::Debug> fmt::Debug for AsVec<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("vec!")?;
        f.debug_list().entries(self.0).finish()
    }
}

/// A distribution as a latent model with nothing hidden: its laws of estimation are those of EM.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observed<D>(pub D);

/// A distribution, and observations drawn from it.
pub type EstimateCase<D> = LatentCase<Observed<D>>;

impl<D: Estimate> EstimateCase<D> {
    /// A case.
    pub fn of(distribution: D, observations: Observations<D::Value>) -> Self {
        Self::new(Observed(distribution.clone()), distribution, observations)
    }
}

impl<D: Estimate> LatentModel for Observed<D> {
    type Observation = D::Value;
    type Parameters = D;
    type Statistics = D::Statistics;

    fn statistics(&self, theta: &D) -> D::Statistics {
        theta.statistics()
    }

    fn e_step(&self, theta: &D, batch: Batch<'_, D::Value>, s: &mut D::Statistics) -> Result<Evidence, Error> {
        let mut evidence = Evidence::default();
        for n in (0..batch.len()).filter(|&n| batch.weight(n) > 0.0) {
            let x = D::Value::get(batch.block(), n);
            let log_density = theta.log_density(x);
            if log_density == f64::NEG_INFINITY {
                return Err(Error::Impossible { row: batch.row(n), value: format!("{x:?}") });
            }
            self.0.observe(s, x, batch.weight(n));
            evidence.add(batch.weight(n), log_density);
        }
        Ok(evidence)
    }

    fn m_step(&self, theta_old: &D, s: &D::Statistics) -> Result<D, Error> {
        theta_old.estimate(s)
    }

    fn expected_log_joint(&self, theta: &D, s: &D::Statistics) -> f64 {
        theta.expected_log_density(s)
    }

    fn resolution(&self, theta: &D) -> f64 {
        theta.resolution()
    }

    fn log_prior(&self, theta: &D) -> f64 {
        theta.log_prior().unwrap_or(0.0)
    }

    fn climbs(&self) -> Climbs {
        Climbs::with_priors([self.0.log_prior()])
    }

    fn guarantee(&self) -> Guarantee {
        self.0.guarantee()
    }

    fn free_parameters(&self, theta: &D) -> Option<usize> {
        theta.free_parameters()
    }
}
