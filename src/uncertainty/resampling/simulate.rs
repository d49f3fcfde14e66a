//! `Simulate`: data drawn from a model, like those that it was fitted to.

use std::borrow::Borrow;

use rand::Rng;

use crate::components::SampleGiven;
use crate::conditionals::{EstimateConditional, Regressions, Value};
use crate::data::{InMemory, Observation, Sample};
use crate::distributions::{Distribution, draw_index};
use crate::graph::Graph;
use crate::latent::LatentModel;
use crate::models::{
    ColumnMixture, FactorAnalysis, GaussianMixture, HiddenGraph, HiddenMarkovModel, HiddenNetwork, Mixture,
};
use crate::network::MISSING;
use crate::numeric::Scalar;

/// A latent model that draws observations: what a parametric bootstrap needs.
///
/// Law: observations drawn like x have the density that the E-step gives them.
pub trait Simulate: LatentModel {
    /// An observation from p(x | θ), like this one in what is not drawn: as long, with the same values missing, given the
    /// same regressors.
    fn draw_like(
        &self,
        theta: &Self::Parameters,
        x: &Self::Observation,
        rng: &mut dyn Rng,
    ) -> <Self::Observation as ToOwned>::Owned;
}

/// Data like these, each row as often as its weight says (rounded).
pub(super) fn simulated<M, D>(model: &M, theta: &M::Parameters, data: &D, rng: &mut dyn Rng) -> Sample<M::Observation>
where
    M: Simulate,
    D: InMemory<M::Observation> + ?Sized,
{
    let (block, mut sample) = (data.block(), Sample::default());
    // What is left of fractions is carried on, so that Σ w draws are made.
    let mut due = 0.0;
    for n in 0..M::Observation::len(block) {
        due += data.weights().map_or(1.0, |weights| weights[n]);
        while due >= 0.5 {
            let x = model.draw_like(theta, M::Observation::get(block, n), rng);
            sample.push(x.borrow(), 1.0);
            due -= 1.0;
        }
    }
    sample
}

/// The row with the same cells missing.
fn with_holes<F: Scalar>(mut drawn: Vec<F>, x: &[F]) -> Vec<F> {
    drawn.iter_mut().zip(x).filter(|(_, seen)| seen.is_nan()).for_each(|(cell, seen)| *cell = *seen);
    drawn
}

/// Whole values: of rows that miss cells, [`GaussianMixture`] and [`ColumnMixture`] know which.
impl<C: SampleGiven> Simulate for Mixture<C> {
    fn draw_like(&self, theta: &Self, _: &C::Value, rng: &mut dyn Rng) -> <C::Value as ToOwned>::Owned {
        theta.sample(rng)
    }
}

impl<F: Scalar> Simulate for GaussianMixture<F> {
    fn draw_like(&self, theta: &Self::Parameters, x: &[F], rng: &mut dyn Rng) -> Vec<F> {
        with_holes(theta.sample(rng), x)
    }
}

impl Simulate for ColumnMixture {
    fn draw_like(&self, theta: &Self::Parameters, x: &[f64], rng: &mut dyn Rng) -> Vec<f64> {
        with_holes(theta.sample(rng), x)
    }
}

impl Simulate for FactorAnalysis {
    fn draw_like(&self, theta: &Self::Parameters, _: &[f64], rng: &mut dyn Rng) -> Vec<f64> {
        theta.sample(rng)
    }
}

/// A sequence as long, of whole values.
impl<C: SampleGiven> Simulate for HiddenMarkovModel<C>
where
    Self::Observation: Clone,
{
    fn draw_like(
        &self,
        theta: &Self,
        x: &Self::Observation,
        rng: &mut dyn Rng,
    ) -> <Self::Observation as ToOwned>::Owned {
        theta.sample(C::Value::len(C::Value::block(x)), rng).0
    }
}

/// The same regressors, and a response drawn anew.
impl<C: EstimateConditional> Simulate for Mixture<Regressions<C>>
where
    C::Given: Value,
    C::Value: Value,
{
    fn draw_like(&self, theta: &Self, x: &[f64], rng: &mut dyn Rng) -> Vec<f64> {
        let z = draw_index(theta.proportions(), rng);
        theta.components().redrawn(x, z, rng)
    }
}

/// A row of the visible nodes in which the same cells are missing.
impl Simulate for HiddenGraph {
    fn draw_like(&self, theta: &Graph, x: &[f64], rng: &mut dyn Rng) -> Vec<f64> {
        let drawn = theta.sample(rng);
        let cells = self.visible().flat_map(|node| theta.cells(node)).map(|cell| drawn.cells()[cell]);
        cells.zip(x).map(|(cell, seen)| if seen.is_nan() { f64::NAN } else { cell }).collect()
    }
}

/// A row in which the same variables are missing.
impl Simulate for HiddenNetwork {
    fn draw_like(&self, theta: &Self::Parameters, x: &[usize], rng: &mut dyn Rng) -> Vec<usize> {
        let mut row = theta.sample(rng);
        row.iter_mut().zip(x).filter(|(_, seen)| **seen == MISSING).for_each(|(state, _)| *state = MISSING);
        row
    }
}
