//! `Injected`: any latent model with one fault, by delegation.

use std::fmt;

use crate::data::{Batch, Observation, Statistics};
use crate::distributions::Parametric;
use crate::error::Error;
use crate::latent::{Climbs, Evidence, Guarantee, LatentModel};
use crate::laws::{LatentCase, Observations};

use super::Injection;

/// A correct model with one part broken: with [`Injection::Nothing`] it is that model.
pub struct Injected<'a, M: LatentModel> {
    model: &'a M,
    injection: Injection,
    /// Where the statistics are collected if they are to be those of another θ.
    elsewhere: Option<&'a M::Parameters>,
    /// What becomes of the θ of an M-step; needs coordinates, hence chosen where they are known.
    bend: Bend<M::Parameters>,
}

/// (injection, θ_old, θ of a correct M-step) ↦ θ of the broken one.
type Bend<P> = fn(Injection, &P, P) -> P;

impl<'a, M: LatentModel> Injected<'a, M> {
    /// The case, of the broken model. Faults in coordinates need [`in_coordinates`](Self::in_coordinates).
    pub fn case(case: &'a LatentCase<M>, injection: Injection) -> LatentCase<Self> {
        Self::bent(case, injection, |_, _, theta| theta)
    }

    /// The case, of a model whose M-step is broken along a free coordinate.
    pub fn in_coordinates(case: &'a LatentCase<M>, injection: Injection) -> LatentCase<Self>
    where
        M::Parameters: Parametric,
    {
        Self::bent(case, injection, |injection, old, new| moved(injection, old, &new).unwrap_or(new))
    }

    fn bent(case: &'a LatentCase<M>, injection: Injection, bend: Bend<M::Parameters>) -> LatentCase<Self> {
        let model = Self { model: &case.model, injection, elsewhere: case.rivals.first(), bend };
        let broken = LatentCase::new(model, case.theta.clone(), case.observations.clone());
        case.rivals.iter().cloned().fold(broken, LatentCase::beside)
    }
}

/// The θ that the M-step should not have returned; `None` if θ lies on a border, where coordinates are infinite.
fn moved<P: Parametric>(injection: Injection, old: &P, new: &P) -> Option<P> {
    let (old, mut vector) = (old.to_vector(), new.to_vector());
    match injection {
        Injection::HalfStep => vector.iter_mut().zip(old).for_each(|(new, old)| *new = 0.5 * (*new + old)),
        Injection::CoordinateFrozen(j) => *vector.get_mut(j)? = *old.get(j)?,
        Injection::CoordinateNudged(j) => *vector.get_mut(j)? += 1e-4,
        _ => return None,
    }
    new.from_vector(&vector).ok()
}

/// Statistics that carry the fault with them, since merging and scaling know no model.
#[derive(Clone, Debug)]
pub struct InjectedStatistics<S> {
    /// Those of the correct model.
    own: S,
    /// Those that a tilted M-step sees.
    tilted: Option<S>,
    /// Whether a row that counts went in.
    filled: bool,
    injection: Injection,
}

impl<S: Statistics> Statistics for InjectedStatistics<S> {
    fn merge(&mut self, other: &Self) {
        let times = match self.injection {
            Injection::MergeKeepsLeft if self.filled && other.filled => 0,
            Injection::MergeIntoEmptyForgets if !self.filled => 0,
            Injection::MergeTwice => 2,
            _ => 1,
        };
        for _ in 0..times {
            self.own.merge(&other.own);
            if let (Some(tilted), Some(other)) = (&mut self.tilted, &other.tilted) {
                tilted.merge(other);
            }
            self.filled |= other.filled;
        }
    }
    fn scale(&mut self, factor: f64) {
        if self.injection != Injection::ScaleForgotten {
            self.own.scale(factor);
            self.tilted.iter_mut().for_each(|tilted| tilted.scale(factor));
        }
    }
    fn extrapolates(&self) -> bool {
        self.own.extrapolates()
    }
}

/// The rows of a batch under other weights: those that `weight` makes of theirs.
fn weighed<O: Observation + ?Sized>(batch: Batch<'_, O>, weight: impl Fn(f64) -> f64) -> Observations<O> {
    Observations::new((0..batch.len()).map(|n| (O::get(batch.block(), n), weight(batch.weight(n)))))
}

/// 1 for what counts.
fn counted(weight: f64) -> f64 {
    f64::from(u8::from(weight > 0.0))
}

impl<M: LatentModel> LatentModel for Injected<'_, M> {
    type Observation = M::Observation;
    type Parameters = M::Parameters;
    type Statistics = InjectedStatistics<M::Statistics>;

    fn statistics(&self, theta: &M::Parameters) -> Self::Statistics {
        let tilted = (self.injection == Injection::EstimateTilted).then(|| self.model.statistics(theta));
        InjectedStatistics { own: self.model.statistics(theta), tilted, filled: false, injection: self.injection }
    }

    fn e_step(
        &self,
        theta: &M::Parameters,
        batch: Batch<'_, M::Observation>,
        s: &mut Self::Statistics,
    ) -> Result<Evidence, Error> {
        let model = self.model;
        s.filled |= (0..batch.len()).any(|n| batch.weight(n) > 0.0);
        // The evidence alone, of some rows: their statistics go nowhere.
        let evidence_of = |batch: Batch<'_, M::Observation>| model.e_step(theta, batch, &mut model.statistics(theta));
        match self.injection {
            Injection::StatisticsIgnoreWeights => {
                model.e_step(theta, weighed(batch, counted).batch(), &mut s.own)?;
                evidence_of(batch)
            }
            Injection::AbsentRowsObserved => {
                let all = weighed(batch, |weight| if weight > 0.0 { weight } else { 0.125 });
                model.e_step(theta, all.batch(), &mut s.own)?;
                evidence_of(batch)
            }
            Injection::LastRowDropped if batch.len() > 1 => {
                let kept = batch.len() - 1;
                let block = M::Observation::slice(batch.block(), 0..kept);
                let weights = batch.weights().map(|weights| &weights[..kept]);
                model.e_step(theta, Batch::new(block, weights, batch.row(0)), &mut s.own)
            }
            Injection::StatisticsOfAnotherTheta => {
                model.e_step(self.elsewhere.unwrap_or(theta), batch, &mut s.own)?;
                evidence_of(batch)
            }
            Injection::EvidenceOffPerBatch => {
                let mut evidence = model.e_step(theta, batch, &mut s.own)?;
                evidence.add(1.0, 0.125);
                Ok(evidence)
            }
            Injection::EvidenceIgnoresWeights => {
                model.e_step(theta, batch, &mut s.own)?;
                evidence_of(weighed(batch, counted).batch())
            }
            Injection::EstimateTilted => {
                let mut tilted = Observations::new(std::iter::empty::<(&M::Observation, f64)>());
                for (x, weight) in batch.iter() {
                    let alone = Observations::new([(x, 1.0)]);
                    let log_density = evidence_of(alone.batch())?.value();
                    tilted.push(x, weight / (1.0 + log_density.abs()));
                }
                if let Some(s) = &mut s.tilted {
                    model.e_step(theta, tilted.batch(), s)?;
                }
                model.e_step(theta, batch, &mut s.own)
            }
            _ => model.e_step(theta, batch, &mut s.own),
        }
    }

    fn m_step(&self, theta_old: &M::Parameters, s: &Self::Statistics) -> Result<M::Parameters, Error> {
        let theta = self.model.m_step(theta_old, s.tilted.as_ref().unwrap_or(&s.own))?;
        Ok(match self.injection {
            Injection::EstimateKeepsOldTheta => theta_old.clone(),
            injection => (self.bend)(injection, theta_old, theta),
        })
    }

    fn expected_log_joint(&self, theta: &M::Parameters, s: &Self::Statistics) -> f64 {
        let factor = if self.injection == Injection::QScaled { 1.01 } else { 1.0 };
        factor * self.model.expected_log_joint(theta, &s.own)
    }

    fn summed_in_logarithms(&self, theta: &M::Parameters, x: &M::Observation) -> Option<f64> {
        self.model.summed_in_logarithms(theta, x)
    }

    fn log_prior(&self, theta: &M::Parameters) -> f64 {
        self.model.log_prior(theta)
    }

    fn check(&self, theta: &M::Parameters) -> Result<(), Error> {
        self.model.check(theta)
    }

    fn resolution(&self, theta: &M::Parameters) -> f64 {
        self.model.resolution(theta)
    }

    fn guarantee(&self) -> Guarantee {
        self.model.guarantee()
    }

    fn climbs(&self) -> Climbs {
        self.model.climbs()
    }

    fn free_parameters(&self, theta: &M::Parameters) -> Option<usize> {
        self.model.free_parameters(theta)
    }
}

impl<M: LatentModel> fmt::Debug for Injected<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Injected").field("injection", &self.injection).finish_non_exhaustive()
    }
}
