//! `InjectedFinite`: any model with a finite hidden variable and one fault in what such models alone have.

use std::fmt;

use crate::data::{Batch, Observation};
use crate::error::Error;
use crate::latent::{Climbs, FiniteLatent, Guarantee};
use crate::laws::LatentCase;
use crate::numeric::softmax_tile;

use super::Injection;

/// A correct model with its joint, its posterior, `observe` or Q broken: with [`Injection::Nothing`] it is that model.
pub struct InjectedFinite<'a, M: FiniteLatent> {
    model: &'a M,
    injection: Injection,
    /// Says which states are possible: a model may refuse to observe the others.
    theta: &'a M::Parameters,
}

impl<'a, M: FiniteLatent> InjectedFinite<'a, M> {
    /// The case, of the broken model.
    pub fn case(case: &'a LatentCase<M>, injection: Injection) -> LatentCase<Self> {
        let model = Self { model: &case.model, injection, theta: &case.theta };
        let broken = LatentCase::new(model, case.theta.clone(), case.observations.clone());
        case.rivals.iter().cloned().fold(broken, LatentCase::beside)
    }

    /// p(z | x) of one observation, broken.
    fn bend(&self, r: &mut [f64]) {
        match self.injection {
            Injection::PosteriorTempered => {
                r.iter_mut().for_each(|r| *r = r.powf(0.9));
                let sum: f64 = r.iter().sum();
                r.iter_mut().for_each(|r| *r /= sum);
            }
            Injection::PosteriorMixed => {
                let possible = r.iter().filter(|r| **r > 0.0).count() as f64;
                r.iter_mut().filter(|r| **r > 0.0).for_each(|r| *r = 0.99 * *r + 0.01 / possible);
            }
            Injection::PosteriorHardened => {
                let first = |best: usize, z: usize| if r[z] > r[best] { z } else { best };
                let likeliest = (0..r.len()).fold(0, first);
                r.iter_mut().enumerate().for_each(|(z, r)| *r = f64::from(u8::from(z == likeliest)));
            }
            _ => (),
        }
    }
}

impl<M: FiniteLatent> FiniteLatent for InjectedFinite<'_, M> {
    type Observation = M::Observation;
    type Parameters = M::Parameters;
    type Statistics = M::Statistics;

    fn states(&self) -> usize {
        self.model.states()
    }

    fn statistics(&self, theta: &M::Parameters) -> M::Statistics {
        FiniteLatent::statistics(self.model, theta)
    }

    fn log_joint(&self, theta: &M::Parameters, x: &M::Observation, z: usize) -> f64 {
        let off = self.injection == Injection::JointOfLastStateOff && z + 1 == self.states();
        self.model.log_joint(theta, x, z) + if off { 0.01 } else { 0.0 }
    }

    fn observe(&self, s: &mut M::Statistics, x: &M::Observation, z: usize, weight: f64) {
        let states = self.states();
        let mut others = (1..=states).map(|step| (z + step) % states);
        let next = others.find(|&z| self.model.log_joint(self.theta, x, z) > f64::NEG_INFINITY).unwrap_or(z);
        self.model.observe(s, x, if self.injection == Injection::LabelsRotated { next } else { z }, weight);
    }

    fn estimate(&self, s: &M::Statistics) -> Result<M::Parameters, Error> {
        self.model.estimate(s)
    }

    fn estimate_from(&self, theta_old: &M::Parameters, s: &M::Statistics) -> Result<M::Parameters, Error> {
        self.model.estimate_from(theta_old, s)
    }

    fn complete_log_likelihood(&self, theta: &M::Parameters, s: &M::Statistics) -> f64 {
        let factor = if self.injection == Injection::QScaled { 1.01 } else { 1.0 };
        factor * self.model.complete_log_likelihood(theta, s)
    }

    fn log_joints(&self, theta: &M::Parameters, block: <M::Observation as Observation>::Block<'_>, tile: &mut [f64]) {
        self.model.log_joints(theta, block, tile);
        let n = M::Observation::len(block);
        match self.injection {
            Injection::KernelOff if n > 1 => tile.iter_mut().skip(n - 1).step_by(n).for_each(|l| *l += 1e-6),
            Injection::JointOfLastStateOff => tile.iter_mut().rev().take(n).for_each(|l| *l += 0.01),
            _ => (),
        }
    }

    fn observe_block(&self, s: &mut M::Statistics, block: <M::Observation as Observation>::Block<'_>, weights: &[f64]) {
        let n = M::Observation::len(block);
        match self.injection {
            Injection::LabelsRotated => {
                for (at, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
                    self.observe(s, M::Observation::get(block, at % n), at / n, weight);
                }
            }
            Injection::BlockDropsLastRow if n > 1 => {
                let mut kept = weights.to_vec();
                kept.iter_mut().skip(n - 1).step_by(n).for_each(|weight| *weight = 0.0);
                self.model.observe_block(s, block, &kept);
            }
            _ => self.model.observe_block(s, block, weights),
        }
    }

    fn posterior(
        &self,
        theta: &M::Parameters,
        batch: Batch<'_, M::Observation>,
    ) -> Result<(Vec<f64>, Vec<f64>), Error> {
        // The model's own, which it may have written itself and which refuses what it must.
        let (mut tile, mut log_evidence) = self.model.posterior(theta, batch)?;
        match self.injection {
            Injection::JointOfLastStateOff | Injection::KernelOff => {
                self.log_joints(theta, batch.block(), &mut tile);
                softmax_tile(&mut tile, &mut log_evidence);
            }
            Injection::MarginalShifted => log_evidence.iter_mut().for_each(|l| *l += 1e-6),
            _ => {
                let n = batch.len();
                for row in 0..n {
                    let mut r: Vec<f64> = tile.iter().skip(row).step_by(n).copied().collect();
                    self.bend(&mut r);
                    tile.iter_mut().skip(row).step_by(n).zip(r).for_each(|(old, new)| *old = new);
                }
            }
        }
        Ok((tile, log_evidence))
    }

    fn log_prior(&self, theta: &M::Parameters) -> f64 {
        FiniteLatent::log_prior(self.model, theta)
    }

    fn check(&self, theta: &M::Parameters) -> Result<(), Error> {
        FiniteLatent::check(self.model, theta)
    }

    fn resolution(&self, theta: &M::Parameters) -> f64 {
        FiniteLatent::resolution(self.model, theta)
    }

    fn row_length(&self, theta: &M::Parameters) -> Option<usize> {
        self.model.row_length(theta)
    }

    fn climbs(&self) -> Climbs {
        FiniteLatent::climbs(self.model)
    }

    fn guarantee(&self) -> Guarantee {
        FiniteLatent::guarantee(self.model)
    }

    fn free_parameters(&self, theta: &M::Parameters) -> Option<usize> {
        FiniteLatent::free_parameters(self.model, theta)
    }

    fn period(&self) -> Option<f64> {
        self.model.period()
    }
}

impl<M: FiniteLatent> fmt::Debug for InjectedFinite<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InjectedFinite").field("injection", &self.injection).finish_non_exhaustive()
    }
}
