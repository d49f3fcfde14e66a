//! Exponential lifetimes, some censored, written as a user would: a `LatentModel` with one part broken on demand.

use std::sync::atomic::{AtomicUsize, Ordering};

use marginal::Error;
use marginal::data::{Batch, Statistics};
use marginal::latent::{Evidence, LatentModel};
use marginal::laws::proptest::collection::vec;
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::{positive, weight};
use marginal::laws::{LatentCase, Observations, Part};

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    EvidenceIgnoresTheWeights,
    EvidenceOfDeathsAlone,
    EvidenceThroughAProbability,
    AbsentRowsCounted,
    OncePerBatch,
    LastRowDropped,
    CensoredTakenForDead,
    CensoredExpectedTooLate,
    WeightsIgnored,
    MergeKeepsTheLarger,
    MergeKeepsTheLeft,
    MergeHalves,
    MergeForgetsTheOtherIfEmpty,
    ScaleOnlyTheWeight,
    QWithoutTheWeight,
    QThroughARoot,
    DividesByOneLess,
    MeanOfOneRowNotANumber,
    HalfAStep,
    PriorNobodyKnows,
    EveryOtherStepDiffers,
}

/// Each fault and the part that the first broken law must blame.
pub(crate) const CATALOGUE: [(Fault, Part); 21] = [
    (Fault::EvidenceIgnoresTheWeights, Part::EStep),
    (Fault::EvidenceOfDeathsAlone, Part::EStep),
    (Fault::EvidenceThroughAProbability, Part::EStep),
    (Fault::AbsentRowsCounted, Part::Statistics),
    (Fault::OncePerBatch, Part::Kernel),
    (Fault::LastRowDropped, Part::Kernel),
    (Fault::CensoredTakenForDead, Part::EStep),
    (Fault::CensoredExpectedTooLate, Part::EStep),
    (Fault::WeightsIgnored, Part::Statistics),
    (Fault::MergeKeepsTheLarger, Part::Statistics),
    (Fault::MergeKeepsTheLeft, Part::Statistics),
    (Fault::MergeHalves, Part::Statistics),
    (Fault::MergeForgetsTheOtherIfEmpty, Part::Statistics),
    (Fault::ScaleOnlyTheWeight, Part::Statistics),
    (Fault::QWithoutTheWeight, Part::Expected),
    (Fault::QThroughARoot, Part::Expected),
    (Fault::DividesByOneLess, Part::MStep),
    (Fault::MeanOfOneRowNotANumber, Part::MStep),
    (Fault::HalfAStep, Part::MStep),
    (Fault::PriorNobodyKnows, Part::MStep),
    (Fault::EveryOtherStepDiffers, Part::State),
];

#[derive(Debug)]
pub(crate) struct Lifetimes {
    fault: Fault,
    calls: AtomicUsize,
}

/// Σ w and Σ w E[z].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sums {
    fault: Fault,
    weight: f64,
    time: f64,
}

impl Statistics for Sums {
    fn merge(&mut self, other: &Self) {
        let both = self.weight > 0.0 && other.weight > 0.0;
        self.time = match self.fault {
            Fault::MergeKeepsTheLarger => self.time.max(other.time),
            Fault::MergeKeepsTheLeft if both => self.time,
            Fault::MergeHalves if both => 0.5 * (self.time + other.time),
            Fault::MergeForgetsTheOtherIfEmpty if self.weight == 0.0 => 0.0,
            _ => self.time + other.time,
        };
        self.weight += other.weight;
    }
    fn scale(&mut self, factor: f64) {
        self.weight *= factor;
        if self.fault != Fault::ScaleOnlyTheWeight {
            self.time *= factor;
        }
    }
}

/// A row is a time and whether the animal was still alive then; θ is the mean lifetime.
impl LatentModel for Lifetimes {
    type Observation = (f64, bool);
    type Parameters = f64;
    type Statistics = Sums;

    fn statistics(&self, _: &f64) -> Sums {
        Sums { fault: self.fault, weight: 0.0, time: 0.0 }
    }

    fn e_step(&self, &mean: &f64, batch: Batch<'_, (f64, bool)>, s: &mut Sums) -> Result<Evidence, Error> {
        let mut evidence = Evidence::default();
        let dropped = usize::from(self.fault == Fault::LastRowDropped && batch.len() > 2);
        for n in 0..batch.len() - dropped {
            let ((time, alive), weight) = (batch.block()[n], batch.weight(n));
            let alive = alive && self.fault != Fault::CensoredTakenForDead;
            let late = if self.fault == Fault::CensoredExpectedTooLate { 1.5 * mean } else { mean };
            let seen = match self.fault {
                Fault::WeightsIgnored if weight > 0.0 => 1.0,
                Fault::AbsentRowsCounted => weight.max(0.125),
                _ => weight,
            };
            s.weight += seen;
            s.time += seen * if alive { time + late } else { time };
            let log_density = if batch.block()[n].1 { -time / mean } else { -mean.ln() - time / mean };
            match self.fault {
                Fault::EvidenceIgnoresTheWeights if weight > 0.0 => evidence.add(1.0, log_density),
                Fault::EvidenceOfDeathsAlone if batch.len() > 1 && alive => (),
                Fault::EvidenceThroughAProbability if weight > 0.0 => evidence.add(weight, log_density.exp().ln()),
                _ if weight > 0.0 => evidence.add(weight, log_density),
                _ => (),
            }
        }
        if self.fault == Fault::OncePerBatch {
            s.time += 0.125;
        }
        Ok(evidence)
    }

    fn summed_in_logarithms(&self, mean: &f64, &(time, alive): &(f64, bool)) -> Option<f64> {
        Some(if alive { -time / mean } else { -mean.ln() - time / mean })
    }

    fn m_step(&self, old: &f64, s: &Sums) -> Result<f64, Error> {
        if !(s.weight > 0.0) {
            return Err(Error::NoWeight { weight: s.weight });
        }
        let mean = s.time / s.weight;
        Ok(match self.fault {
            Fault::DividesByOneLess => s.time / (s.weight - 1.0).max(0.5),
            Fault::MeanOfOneRowNotANumber if s.weight <= 1.0 => f64::NAN,
            Fault::HalfAStep => 0.5 * (old + mean),
            Fault::PriorNobodyKnows => (s.time + 1.0) / (s.weight + 1.0),
            Fault::EveryOtherStepDiffers if self.calls.fetch_add(1, Ordering::Relaxed) % 2 == 1 => 1.0001 * mean,
            _ => mean,
        })
    }

    fn expected_log_joint(&self, mean: &f64, s: &Sums) -> f64 {
        let weight = if self.fault == Fault::QWithoutTheWeight { 1.0 } else { s.weight };
        let log_mean = if self.fault == Fault::QThroughARoot { mean.ln().sqrt().powi(2) } else { mean.ln() };
        -weight * log_mean - s.time / mean
    }
}

pub(crate) fn any_case(fault: Fault) -> impl Strategy<Value = LatentCase<Lifetimes>> {
    let rows = vec(((positive(), any::<bool>()), weight()), 2..20);
    (positive(), positive(), rows).prop_map(move |(mean, rival, rows)| {
        let model = Lifetimes { fault, calls: AtomicUsize::new(0) };
        LatentCase::new(model, mean, Observations::new(rows)).beside(rival)
    })
}
