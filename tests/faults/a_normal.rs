//! A normal distribution, written as a user would, with one part broken on demand.

use std::sync::atomic::{AtomicUsize, Ordering};

use marginal::Error;
use marginal::data::Statistics;
use marginal::distributions::{Distribution, Estimate, ExponentialFamily, Parametric};
use marginal::laws::Part;
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::{positive, real};
use marginal::rand::{Rng, RngExt};

use super::two_normals::CONSTANT;

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    NotANumberAtInfinity,
    WithoutItsConstant,
    DensityOfTheVariance,
    KernelOff,
    SamplerOffTheSupport,
    SamplerTwiceAsWide,
    SamplerAFifthTooWide,
    SamplerOfItsOwn,
    NaturalFormWithoutTheConstant,
    StatisticsWithoutWeight,
    MeanFromVariance,
    BlockSkipsTheLast,
    ProductsThatCancel,
    WeightsOfAnotherMember,
    WeightsSquared,
    FirstRowTwice,
    SquaresNotSquared,
    MergeForgetsTheOtherIfEmpty,
    MergeKeepsTheLeft,
    MergeHalves,
    ScaleForgetsTheSquares,
    QOfAnotherVariance,
    DividesByOneLess,
    MeanNudged,
    VarianceOfOneRowNotANumber,
    EstimateInTurn,
    QThroughTheLogarithmOfTheSum,
    VectorForgetsTheLogarithm,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Subject {
    Density,
    Family,
    Estimate,
}

/// Each fault, the suite that must catch it, and the part that its first broken law must blame.
pub(crate) const CATALOGUE: [(Fault, Subject, Part); 28] = [
    (Fault::NotANumberAtInfinity, Subject::Density, Part::Density),
    (Fault::WithoutItsConstant, Subject::Density, Part::Density),
    (Fault::DensityOfTheVariance, Subject::Density, Part::Density),
    (Fault::KernelOff, Subject::Density, Part::Kernel),
    (Fault::SamplerOffTheSupport, Subject::Density, Part::Sampler),
    (Fault::SamplerTwiceAsWide, Subject::Density, Part::Sampler),
    (Fault::SamplerAFifthTooWide, Subject::Density, Part::Sampler),
    (Fault::SamplerOfItsOwn, Subject::Density, Part::State),
    (Fault::NaturalFormWithoutTheConstant, Subject::Family, Part::Coordinates),
    (Fault::StatisticsWithoutWeight, Subject::Family, Part::Statistics),
    (Fault::MeanFromVariance, Subject::Family, Part::MStep),
    (Fault::BlockSkipsTheLast, Subject::Estimate, Part::Kernel),
    (Fault::ProductsThatCancel, Subject::Estimate, Part::Kernel),
    (Fault::WeightsOfAnotherMember, Subject::Estimate, Part::Kernel),
    (Fault::WeightsSquared, Subject::Estimate, Part::Statistics),
    (Fault::FirstRowTwice, Subject::Estimate, Part::Statistics),
    (Fault::SquaresNotSquared, Subject::Estimate, Part::Statistics),
    (Fault::MergeForgetsTheOtherIfEmpty, Subject::Estimate, Part::Statistics),
    (Fault::MergeKeepsTheLeft, Subject::Estimate, Part::Statistics),
    (Fault::MergeHalves, Subject::Estimate, Part::Statistics),
    (Fault::ScaleForgetsTheSquares, Subject::Estimate, Part::Statistics),
    (Fault::QOfAnotherVariance, Subject::Estimate, Part::Expected),
    (Fault::DividesByOneLess, Subject::Estimate, Part::MStep),
    (Fault::MeanNudged, Subject::Estimate, Part::MStep),
    (Fault::VarianceOfOneRowNotANumber, Subject::Estimate, Part::MStep),
    (Fault::EstimateInTurn, Subject::Estimate, Part::State),
    (Fault::QThroughTheLogarithmOfTheSum, Subject::Estimate, Part::Expected),
    (Fault::VectorForgetsTheLogarithm, Subject::Estimate, Part::Coordinates),
];

/// What two calls of one function should not share.
static CALLS: AtomicUsize = AtomicUsize::new(0);

#[derive(Clone, Copy, Debug)]
pub(crate) struct Normal {
    mean: f64,
    deviation: f64,
    fault: Fault,
}

pub(crate) fn any_normal(fault: Fault) -> impl Strategy<Value = Normal> {
    (real(), positive()).prop_map(move |(mean, deviation)| Normal { mean, deviation, fault })
}

impl Distribution for Normal {
    type Value = f64;

    fn log_density(&self, x: &f64) -> f64 {
        let scale = if self.fault == Fault::DensityOfTheVariance { self.deviation.powi(2) } else { self.deviation };
        let constant = if self.fault == Fault::WithoutItsConstant { 0.0 } else { CONSTANT };
        let square = ((x - self.mean) / scale).powi(2);
        if self.fault == Fault::NotANumberAtInfinity {
            return -0.5 * square - self.deviation.ln() - constant + 0.0 * x;
        }
        if x.is_nan() { f64::NEG_INFINITY } else { -0.5 * square - self.deviation.ln() - constant }
    }

    fn log_densities(&self, block: &[f64], out: &mut [f64]) {
        let off = if self.fault == Fault::KernelOff { 1e-9 } else { 0.0 };
        for (l, x) in out.iter_mut().zip(block) {
            *l = self.log_density(x) + off;
        }
    }

    fn sample(&self, rng: &mut dyn Rng) -> f64 {
        let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
        let z = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
        match self.fault {
            Fault::SamplerOffTheSupport if u < 0.1 => f64::INFINITY,
            Fault::SamplerTwiceAsWide => self.mean + 2.0 * self.deviation * z,
            Fault::SamplerAFifthTooWide => self.mean + 1.2 * self.deviation * z,
            Fault::SamplerOfItsOwn => self.mean + 1e-9 * CALLS.fetch_add(1, Ordering::Relaxed) as f64,
            _ => self.mean + self.deviation * z,
        }
    }
}

/// Σ w, Σ w x and Σ w x².
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sums {
    fault: Fault,
    sums: [f64; 3],
}

impl Statistics for Sums {
    fn merge(&mut self, other: &Self) {
        match self.fault {
            Fault::MergeForgetsTheOtherIfEmpty if self.sums[0] == 0.0 => (),
            Fault::MergeKeepsTheLeft if self.sums[0] > 0.0 => self.sums[0] += other.sums[0],
            _ => self.sums.merge(&other.sums),
        }
        if self.fault == Fault::MergeHalves && self.sums[0] > 0.0 && other.sums[0] > 0.0 {
            self.sums[1] *= 0.5;
        }
    }
    fn scale(&mut self, factor: f64) {
        let squares = self.sums[2];
        self.sums.scale(factor);
        if self.fault == Fault::ScaleForgetsTheSquares {
            self.sums[2] = squares;
        }
    }
}

impl Estimate for Normal {
    type Statistics = Sums;

    fn statistics(&self) -> Sums {
        Sums { fault: self.fault, sums: [0.0; 3] }
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(2)
    }

    fn observe(&self, s: &mut Sums, x: &f64, weight: f64) {
        let weight = match self.fault {
            Fault::WeightsSquared => weight * weight,
            Fault::FirstRowTwice if s.sums[0] == 0.0 => 2.0 * weight,
            _ => weight,
        };
        let square = if self.fault == Fault::SquaresNotSquared { x.abs() } else { x * x };
        s.sums.merge(&[weight, weight * x, weight * square]);
    }

    fn observe_block(&self, s: &mut Sums, block: &[f64], weights: &[f64]) {
        let seen = block.len() - usize::from(self.fault == Fault::BlockSkipsTheLast);
        for (x, &weight) in block[..seen].iter().zip(weights).filter(|(_, w)| **w > 0.0) {
            self.observe(s, x, weight);
        }
    }

    fn log_densities_each(members: &[&Self], block: &[f64], tile: &mut [f64]) {
        for (member, row) in members.iter().zip(tile.chunks_exact_mut(block.len().max(1))) {
            let (eta, partition) = (member.natural_parameters(), member.log_partition());
            for (l, x) in row.iter_mut().zip(block) {
                let products = eta[0] * x + eta[1] * x * x - partition;
                *l = if member.fault == Fault::ProductsThatCancel { products } else { member.log_density(x) };
            }
        }
    }

    fn observe_each(members: &[&Self], sums: &mut [&mut Sums], block: &[f64], weights: &[f64]) {
        let rows = block.len();
        for (k, (member, s)) in members.iter().zip(sums).enumerate() {
            let k = if member.fault == Fault::WeightsOfAnotherMember { 0 } else { k };
            member.observe_block(s, block, &weights[k * rows..][..rows]);
        }
    }

    fn estimate(&self, s: &Sums) -> Result<Self, Error> {
        let s = s.sums;
        if !(s[0] > 0.0) {
            return Err(Error::NoWeight { weight: s[0] });
        }
        if self.fault == Fault::VarianceOfOneRowNotANumber && s[0] * s[2] <= s[1] * s[1] {
            return Ok(Self { deviation: f64::NAN, ..*self });
        }
        let mut estimate = self.from_mean(&[s[1] / s[0], s[2] / s[0]])?;
        match self.fault {
            Fault::DividesByOneLess => estimate.deviation *= (s[0] / (s[0] - 1.0).max(0.5)).sqrt(),
            Fault::MeanNudged => estimate.mean += 1e-4,
            Fault::EstimateInTurn => {
                estimate.deviation *= 1.0 + 1e-4 * (CALLS.fetch_add(1, Ordering::Relaxed) % 2) as f64;
            }
            _ => (),
        }
        Ok(estimate)
    }

    fn expected_log_density(&self, s: &Sums) -> f64 {
        let s = s.sums;
        let deviation = if self.fault == Fault::QOfAnotherVariance { 1.01 * self.deviation } else { self.deviation };
        let sum = if self.fault == Fault::QThroughTheLogarithmOfTheSum { s[1].ln().exp() } else { s[1] };
        let square = s[2] - 2.0 * self.mean * sum + self.mean.powi(2) * s[0];
        -0.5 * square / deviation.powi(2) - s[0] * (deviation.ln() + CONSTANT)
    }
}

/// η = (μ/σ², −1/2σ²), T = (x, x²), A = μ²/2σ² + ln σ + ½ ln 2π.
impl ExponentialFamily for Normal {
    fn natural_parameters(&self) -> Vec<f64> {
        vec![self.mean / self.deviation.powi(2), -0.5 / self.deviation.powi(2)]
    }

    fn log_partition(&self) -> f64 {
        let constant = if self.fault == Fault::NaturalFormWithoutTheConstant { 0.0 } else { CONSTANT };
        0.5 * (self.mean / self.deviation).powi(2) + self.deviation.ln() + constant
    }

    fn log_base_measure(&self, _: &f64) -> f64 {
        0.0
    }

    fn add_statistics(&self, x: &f64, weight: f64, sum: &mut [f64]) {
        let weight = if self.fault == Fault::StatisticsWithoutWeight { 1.0 } else { weight };
        sum[0] += weight * x;
        sum[1] += weight * x * x;
    }

    fn from_mean(&self, mean: &[f64]) -> Result<Self, Error> {
        let variance = if self.fault == Fault::MeanFromVariance { mean[1] } else { mean[1] - mean[0] * mean[0] };
        if variance > 1e-9 {
            Ok(Self { mean: mean[0], deviation: variance.sqrt(), fault: self.fault })
        } else {
            Err(Error::Singular { column: 0, pivot: variance })
        }
    }
}

impl Parametric for Normal {
    fn to_vector(&self) -> Vec<f64> {
        vec![self.mean, self.deviation.ln()]
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        let deviation = match self.fault {
            Fault::VectorForgetsTheLogarithm => coordinates[1].abs() + 0.1,
            _ => coordinates[1].exp(),
        };
        Ok(Self { mean: coordinates[0], deviation, fault: self.fault })
    }
}
