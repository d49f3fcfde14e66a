//! Two normal distributions mixed, written as a user would, with one part broken on demand.

use std::sync::atomic::{AtomicUsize, Ordering};

use marginal::Error;
use marginal::data::{Batch, Statistics};
use marginal::latent::{FiniteLatent, Guarantee};
use marginal::laws::{Part, Relabel};

#[path = "two_normals_theta.rs"]
mod theta;
pub(crate) use theta::Theta;

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    DensityWithoutItsConstant,
    DensityWithoutTheHalf,
    DensityNotANumberFarOut,
    KernelOffByAThousandth,
    PosteriorNotNormalised,
    PosteriorTempered,
    PosteriorIgnoresTheProportions,
    PosteriorClipped,
    PosteriorHardened,
    MarginalIsTheLargestTerm,
    NaiveExponentials,
    EvidenceOffInBatches,
    AbsentRowsObserved,
    StatisticsHardened,
    WeightsIgnored,
    WeightsSquared,
    RowsCountedInsteadOfWeighed,
    OncePerBatch,
    FirstRowIsTheMean,
    NegativeRowsUnseen,
    RawMoments,
    SinglePrecision,
    MergeDropsTheDistance,
    MergeForgetsTheOtherIfEmpty,
    MergeKeepsTheLeftMean,
    ScaleForgetsTheScatter,
    QWithoutTheProportions,
    QWithHalfTheScatter,
    QOfNoRowsNotANumber,
    VarianceAboutTheOldMean,
    HalfAStep,
    DividesByOneLess,
    ComponentsSwapped,
    VariancesSwapped,
    DeviationStoredAsVariance,
    VarianceFrozen,
    VarianceRaisedInSecret,
    FirstMeanNudged,
    ProportionsFromHardCounts,
    ProportionsSumToMore,
    EveryOtherStepDiffers,
    /// Legal: the M-step says that it is generalised.
    HalfAStepAsDeclared,
    /// Legal likewise: a conditional maximisation.
    VarianceAboutTheOldMeanAsDeclared,
}

/// Each fault and the part that the first broken law must blame.
pub(crate) const CATALOGUE: [(Fault, Part); 41] = [
    (Fault::DensityWithoutItsConstant, Part::Density),
    (Fault::DensityWithoutTheHalf, Part::Density),
    (Fault::DensityNotANumberFarOut, Part::Density),
    (Fault::KernelOffByAThousandth, Part::Kernel),
    (Fault::PosteriorNotNormalised, Part::EStep),
    (Fault::PosteriorTempered, Part::EStep),
    (Fault::PosteriorIgnoresTheProportions, Part::EStep),
    (Fault::PosteriorClipped, Part::EStep),
    (Fault::PosteriorHardened, Part::EStep),
    (Fault::MarginalIsTheLargestTerm, Part::EStep),
    (Fault::NaiveExponentials, Part::EStep),
    (Fault::EvidenceOffInBatches, Part::EStep),
    (Fault::AbsentRowsObserved, Part::Statistics),
    (Fault::StatisticsHardened, Part::Statistics),
    (Fault::WeightsIgnored, Part::Statistics),
    (Fault::WeightsSquared, Part::Statistics),
    (Fault::RowsCountedInsteadOfWeighed, Part::Statistics),
    (Fault::OncePerBatch, Part::Statistics),
    (Fault::FirstRowIsTheMean, Part::Statistics),
    (Fault::NegativeRowsUnseen, Part::Statistics),
    (Fault::RawMoments, Part::Statistics),
    (Fault::SinglePrecision, Part::Statistics),
    (Fault::MergeDropsTheDistance, Part::Statistics),
    (Fault::MergeForgetsTheOtherIfEmpty, Part::Statistics),
    (Fault::MergeKeepsTheLeftMean, Part::Statistics),
    (Fault::ScaleForgetsTheScatter, Part::Statistics),
    (Fault::QWithoutTheProportions, Part::Expected),
    (Fault::QWithHalfTheScatter, Part::Expected),
    (Fault::QOfNoRowsNotANumber, Part::Expected),
    (Fault::VarianceAboutTheOldMean, Part::MStep),
    (Fault::HalfAStep, Part::MStep),
    (Fault::DividesByOneLess, Part::MStep),
    (Fault::ComponentsSwapped, Part::MStep),
    (Fault::VariancesSwapped, Part::MStep),
    (Fault::DeviationStoredAsVariance, Part::MStep),
    (Fault::VarianceFrozen, Part::MStep),
    (Fault::VarianceRaisedInSecret, Part::MStep),
    (Fault::FirstMeanNudged, Part::MStep),
    (Fault::ProportionsFromHardCounts, Part::MStep),
    (Fault::ProportionsSumToMore, Part::MStep),
    (Fault::EveryOtherStepDiffers, Part::State),
];

/// What breaks no law.
pub(crate) const LEGAL: [Fault; 3] =
    [Fault::None, Fault::HalfAStepAsDeclared, Fault::VarianceAboutTheOldMeanAsDeclared];

pub(crate) const CONSTANT: f64 = 0.918_938_533_204_672_7; // ½ ln 2π

#[derive(Debug)]
pub(crate) struct TwoNormals {
    pub(crate) fault: Fault,
    calls: AtomicUsize,
}

impl TwoNormals {
    pub(crate) fn new(fault: Fault) -> Self {
        Self { fault, calls: AtomicUsize::new(0) }
    }
}

/// Weight, mean and scatter about the mean; and for the faults, the rows and Σ w x².
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    fault: Fault,
    weight: f64,
    mean: f64,
    scatter: f64,
    rows: f64,
    square: f64,
}

impl Group {
    fn add(&mut self, x: f64, w: f64) {
        if self.fault == Fault::NegativeRowsUnseen && x < 0.0 {
            return;
        }
        let w = match self.fault {
            Fault::WeightsSquared => w * w,
            _ => w,
        };
        let weight = self.weight + w;
        let delta = x - self.mean;
        if self.weight == 0.0 {
            self.mean = x;
        } else if self.fault != Fault::FirstRowIsTheMean {
            self.scatter += delta * delta * (self.weight * (w / weight));
            self.mean += delta * (w / weight);
        } else {
            self.scatter += w * delta * delta;
        }
        if self.fault == Fault::SinglePrecision {
            (self.mean, self.scatter) = (f64::from(self.mean as f32), f64::from(self.scatter as f32));
        }
        self.weight = weight;
        self.rows += 1.0;
        self.square += w * x * x;
    }

    fn variance(&self) -> f64 {
        match self.fault {
            Fault::RawMoments => self.square / self.weight - self.mean * self.mean,
            Fault::DividesByOneLess => self.scatter / (self.weight - 1.0).max(0.5),
            _ => self.scatter / self.weight,
        }
    }
}

impl Statistics for Group {
    fn merge(&mut self, other: &Self) {
        if other.weight == 0.0 {
            return;
        }
        if self.weight == 0.0 {
            if self.fault != Fault::MergeForgetsTheOtherIfEmpty {
                *self = *other;
            }
            return;
        }
        let (weight, delta) = (self.weight + other.weight, other.mean - self.mean);
        let share = other.weight / weight;
        self.scatter += other.scatter;
        if self.fault != Fault::MergeDropsTheDistance {
            self.scatter += delta * delta * (self.weight * share);
        }
        if self.fault != Fault::MergeKeepsTheLeftMean {
            self.mean += delta * share;
        }
        self.weight = weight;
        self.rows += other.rows;
        self.square += other.square;
    }
    fn scale(&mut self, factor: f64) {
        self.weight *= factor;
        self.square *= factor;
        if self.fault != Fault::ScaleForgetsTheScatter {
            self.scatter *= factor;
        }
    }
}

fn log_sum(a: f64, b: f64) -> f64 {
    let largest = a.max(b);
    if largest.is_finite() { largest + ((a - largest).exp() + (b - largest).exp()).ln() } else { largest }
}

impl FiniteLatent for TwoNormals {
    type Observation = f64;
    type Parameters = Theta;
    type Statistics = [Group; 2];

    fn states(&self) -> usize {
        2
    }

    fn statistics(&self, _: &Theta) -> [Group; 2] {
        [Group { fault: self.fault, weight: 0.0, mean: 0.0, scatter: 0.0, rows: 0.0, square: 0.0 }; 2]
    }

    fn log_joint(&self, theta: &Theta, x: &f64, z: usize) -> f64 {
        let half = if self.fault == Fault::DensityWithoutTheHalf { 1.0 } else { 0.5 };
        let constant = if self.fault == Fault::DensityWithoutItsConstant { 0.0 } else { CONSTANT };
        let square = ((x - theta.means[z]) / theta.variances[z].sqrt()).powi(2);
        if self.fault == Fault::DensityNotANumberFarOut && square > 20.0 {
            return f64::NAN;
        }
        theta.proportions[z].ln() - half * square - 0.5 * theta.variances[z].ln() - constant
    }

    fn log_joints(&self, theta: &Theta, block: &[f64], tile: &mut [f64]) {
        let off = if self.fault == Fault::KernelOffByAThousandth { 1e-3 } else { 0.0 };
        for (place, l) in tile.iter_mut().enumerate() {
            let (z, n) = (place / block.len(), place % block.len());
            *l = self.log_joint(theta, &block[n], z) + off * z as f64;
        }
    }

    fn posterior(&self, theta: &Theta, batch: Batch<'_, f64>) -> Result<(Vec<f64>, Vec<f64>), Error> {
        let n = batch.len();
        let (mut tile, mut evidence) = (vec![0.0; 2 * n], vec![0.0; n]);
        self.log_joints(theta, batch.block(), &mut tile);
        for n_th in 0..n {
            let logs = [tile[n_th], tile[n + n_th]];
            let seen = match self.fault {
                Fault::PosteriorTempered => logs.map(|l| 0.9 * l),
                Fault::PosteriorIgnoresTheProportions => [0, 1].map(|z| logs[z] - theta.proportions[z].ln()),
                _ => logs,
            };
            let total = log_sum(seen[0], seen[1]);
            // A softmax about the larger term, whose shares add to one however far both terms are from zero.
            let larger = seen[0].max(seen[1]);
            let shares = seen.map(|l| (l - larger).exp());
            let mut r = shares.map(|s| s / (shares[0] + shares[1]));
            match self.fault {
                Fault::PosteriorNotNormalised => r = shares,
                Fault::NaiveExponentials => r = seen.map(|l| (l - total).exp()),
                Fault::PosteriorHardened => r = if r[0] >= r[1] { [1.0, 0.0] } else { [0.0, 1.0] },
                Fault::PosteriorClipped => {
                    let clipped = r.map(|r| r.clamp(1e-3, 1.0 - 1e-3));
                    r = clipped.map(|r| r / (clipped[0] + clipped[1]));
                }
                _ => (),
            }
            (tile[n_th], tile[n + n_th]) = (r[0], r[1]);
            evidence[n_th] = match self.fault {
                Fault::EvidenceOffInBatches if n > 1 => log_sum(logs[0], logs[1]) + 1e-6,
                Fault::MarginalIsTheLargestTerm => logs[0].max(logs[1]),
                _ => log_sum(logs[0], logs[1]),
            };
        }
        Ok((tile, evidence))
    }

    fn observe(&self, s: &mut [Group; 2], x: &f64, z: usize, weight: f64) {
        s[z].add(*x, weight);
    }

    fn observe_block(&self, s: &mut [Group; 2], block: &[f64], weights: &[f64]) {
        let n = block.len();
        for (n_th, x) in block.iter().enumerate() {
            let mut w = [weights[n_th], weights[n + n_th]];
            let sum = w[0] + w[1];
            match self.fault {
                Fault::StatisticsHardened => w = if w[0] >= w[1] { [sum, 0.0] } else { [0.0, sum] },
                Fault::AbsentRowsObserved if sum == 0.0 => w = [0.125, 0.125],
                Fault::WeightsIgnored if sum > 0.0 => w = w.map(|w| w / sum),
                _ => (),
            }
            (0..2).filter(|&z| w[z] > 0.0).for_each(|z| s[z].add(*x, w[z]));
        }
        if self.fault == Fault::OncePerBatch && n > 0 {
            s[0].weight += 1e-3;
        }
    }

    fn estimate(&self, s: &[Group; 2]) -> Result<Theta, Error> {
        let weights = match self.fault {
            Fault::RowsCountedInsteadOfWeighed => s.map(|g| g.rows),
            Fault::ProportionsFromHardCounts => s.map(|g| g.weight.round().max(1.0)),
            _ => s.map(|g| g.weight),
        };
        if let Some(g) = s.iter().find(|g| !(g.weight > 1e-9)) {
            return Err(Error::NoWeight { weight: g.weight });
        }
        let (variances, total) = (s.map(|g| g.variance()), weights[0] + weights[1]);
        // A refusal in any unit: a variance is small beside that of all rows.
        let spread = s.iter().map(|g| g.scatter).sum::<f64>() / total + (s[0].mean - s[1].mean).powi(2);
        if let Some(pivot) = variances.into_iter().find(|v| !(*v > 1e-9 * spread)) {
            return Err(Error::Singular { column: 0, pivot });
        }
        let mut theta = Theta { proportions: weights.map(|w| w / total), means: s.map(|g| g.mean), variances };
        match self.fault {
            Fault::ComponentsSwapped => theta = theta.relabelled(),
            Fault::VariancesSwapped => theta.variances.reverse(),
            Fault::DeviationStoredAsVariance => theta.variances = theta.variances.map(f64::sqrt),
            Fault::VarianceRaisedInSecret => theta.variances = theta.variances.map(|v| v + 1e-6),
            Fault::FirstMeanNudged => theta.means[0] += 1e-4,
            Fault::ProportionsSumToMore => theta.proportions = theta.proportions.map(|p| 1.1 * p),
            Fault::EveryOtherStepDiffers if self.calls.fetch_add(1, Ordering::Relaxed) % 2 == 1 => {
                theta.means[0] += 1e-4;
            }
            _ => (),
        }
        Ok(theta)
    }

    fn estimate_from(&self, old: &Theta, s: &[Group; 2]) -> Result<Theta, Error> {
        let new = self.estimate(s)?;
        let halfway = |a: [f64; 2], b: [f64; 2]| [0, 1].map(|z| 0.5 * (a[z] + b[z]));
        Ok(match self.fault {
            Fault::VarianceAboutTheOldMean | Fault::VarianceAboutTheOldMeanAsDeclared => {
                let moved = [0, 1].map(|z| new.variances[z] + (new.means[z] - old.means[z]).powi(2));
                Theta { variances: moved, ..new }
            }
            Fault::HalfAStep | Fault::HalfAStepAsDeclared => Theta {
                proportions: halfway(old.proportions, new.proportions),
                means: halfway(old.means, new.means),
                variances: halfway(old.variances, new.variances),
            },
            Fault::VarianceFrozen => Theta { variances: old.variances, ..new },
            _ => new,
        })
    }

    fn guarantee(&self) -> Guarantee {
        match self.fault {
            Fault::HalfAStepAsDeclared | Fault::VarianceAboutTheOldMeanAsDeclared => Guarantee::Generalised,
            _ => Guarantee::Exact,
        }
    }

    fn complete_log_likelihood(&self, theta: &Theta, s: &[Group; 2]) -> f64 {
        let of_group = |z: usize| {
            let (g, v) = (&s[z], theta.variances[z]);
            if g.weight == 0.0 && self.fault != Fault::QOfNoRowsNotANumber {
                return 0.0;
            }
            let prior = if self.fault == Fault::QWithoutTheProportions { 0.0 } else { theta.proportions[z].ln() };
            let scatter = if self.fault == Fault::QWithHalfTheScatter { 0.5 * g.scatter } else { g.scatter };
            let scatter = if self.fault == Fault::QOfNoRowsNotANumber { g.weight * g.variance() } else { scatter };
            let square = (scatter + g.weight * (g.mean - theta.means[z]).powi(2)) / v;
            g.weight * (prior - 0.5 * v.ln() - CONSTANT) - 0.5 * square
        };
        of_group(0) + of_group(1)
    }
}
