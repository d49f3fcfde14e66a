//! Mixtures whose banks hide more than z or know some of it, with one part of the bank broken on demand.

use marginal::Error;
use marginal::components::{Components, Gaussians, Grouped, Label, PartlyLabelled};
use marginal::data::Observation;
use marginal::distributions::{Normal, Scatter};
use marginal::laws::proptest::prelude::*;
use marginal::laws::{LatentCase, Part};
use marginal::models::Mixture;

use crate::banks_of_banks::{grouped_cases, holed_cases, labelled_cases};
use marginal::components::Covariance;

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    /// Missing cells: the scatter of the completed rows alone.
    ConditionalCovarianceForgotten,
    /// Missing cells: the density of the completed row, as if it had been observed.
    DensityOfTheCompletedRow,
    /// Labels: the tile of a block forgets them.
    LabelsIgnoredInTheTile,
    /// Labels: a row of a known component counts for the other too.
    LabelsIgnoredInTheMStep,
    /// Groups: only the first value is observed.
    FirstValueObserved,
    /// Groups: the density of the mean value, not of all.
    MeanLogDensity,
}

pub(crate) const OF_HOLES: [(Fault, Part); 2] =
    [(Fault::ConditionalCovarianceForgotten, Part::EStep), (Fault::DensityOfTheCompletedRow, Part::EStep)];
pub(crate) const OF_LABELS: [(Fault, Part); 2] =
    [(Fault::LabelsIgnoredInTheTile, Part::Kernel), (Fault::LabelsIgnoredInTheMStep, Part::Statistics)];
pub(crate) const OF_GROUPS: [(Fault, Part); 2] =
    [(Fault::FirstValueObserved, Part::Statistics), (Fault::MeanLogDensity, Part::Density)];

/// A bank with a fault, of the kinds that know how to be broken.
#[derive(Clone, Debug)]
pub(crate) struct Faulty<C> {
    bank: C,
    fault: Fault,
}

/// Where a bank may break.
pub(crate) trait Breakable: Components {
    fn broken_density(&self, x: &Self::Value, z: usize, fault: Fault) -> f64;
    fn broken_observe(&self, s: &mut Self::Statistics, x: &Self::Value, z: usize, weight: f64, fault: Fault);
}

impl<C: Breakable> Components for Faulty<C> {
    type Value = C::Value;
    type Statistics = C::Statistics;
    fn count(&self) -> usize {
        self.bank.count()
    }
    fn log_density_given(&self, x: &C::Value, z: usize) -> f64 {
        let in_tile = self.fault == Fault::LabelsIgnoredInTheTile;
        self.bank.broken_density(x, z, if in_tile { Fault::None } else { self.fault })
    }
    fn empty_statistics(&self) -> C::Statistics {
        self.bank.empty_statistics()
    }
    fn observe_given(&self, s: &mut C::Statistics, x: &C::Value, z: usize, weight: f64) {
        self.bank.broken_observe(s, x, z, weight, self.fault);
    }
    fn estimate_together(&self, s: &C::Statistics, seen: &[bool]) -> Result<Self, Error> {
        Ok(Self { bank: self.bank.estimate_together(s, seen)?, fault: self.fault })
    }
    fn expected_log_densities(&self, s: &C::Statistics) -> f64 {
        self.bank.expected_log_densities(s)
    }
    fn log_density_tile(&self, block: <C::Value as Observation>::Block<'_>, tile: &mut [f64]) {
        let rows = C::Value::len(block).max(1);
        // The tile sees no labels where the fault is in it alone.
        let in_tile = |x, z| match self.fault {
            Fault::LabelsIgnoredInTheTile => self.bank.broken_density(x, z, Fault::LabelsIgnoredInTheTile),
            _ => self.log_density_given(x, z),
        };
        tile.iter_mut().enumerate().for_each(|(i, l)| *l = in_tile(C::Value::get(block, i % rows), i / rows));
    }
    fn resolution_given(&self, z: usize) -> f64 {
        self.bank.resolution_given(z)
    }
}

/// E[x_m | x_o, z] in place of missing cells of the plane.
fn completed_row(bank: &Gaussians, x: &[f64], z: usize) -> Vec<f64> {
    let (mean, c) = (bank[z].mean(), bank[z].covariance());
    let cell = |j: usize| {
        let (own, other) = (x[j], x[1 - j]);
        let slope = if other.is_nan() { 0.0 } else { c[1] / c[3 * (1 - j)] * (other - mean[1 - j]) };
        if own.is_nan() { mean[j] + slope } else { own }
    };
    (0..2).map(cell).collect()
}

impl Breakable for Gaussians {
    fn broken_density(&self, x: &[f64], z: usize, fault: Fault) -> f64 {
        let completed = fault == Fault::DensityOfTheCompletedRow && x.len() == 2;
        if completed { self.log_density_given(&completed_row(self, x, z), z) } else { self.log_density_given(x, z) }
    }

    fn broken_observe(&self, s: &mut Vec<Scatter>, x: &[f64], z: usize, weight: f64, fault: Fault) {
        match fault {
            Fault::ConditionalCovarianceForgotten => self.observe_given(s, &completed_row(self, x, z), z, weight),
            _ => self.observe_given(s, x, z, weight),
        }
    }
}

impl Breakable for PartlyLabelled<Vec<Normal>> {
    fn broken_density(&self, (x, label): &(f64, Label), z: usize, fault: Fault) -> f64 {
        match fault {
            Fault::LabelsIgnoredInTheTile => self.members().log_density_given(x, z),
            _ => self.log_density_given(&(*x, label.clone()), z),
        }
    }

    fn broken_observe(&self, s: &mut Self::Statistics, x: &(f64, Label), z: usize, weight: f64, fault: Fault) {
        let both = fault == Fault::LabelsIgnoredInTheMStep && x.1 != Label::Unknown;
        let shares = if both { [weight / 2.0; 2] } else { [weight, 0.0] };
        self.observe_given(s, x, z, shares[0]);
        if both {
            self.observe_given(s, x, 1 - z, shares[1]);
        }
    }
}

impl Breakable for Grouped<Vec<Normal>> {
    fn broken_density(&self, group: &Vec<f64>, z: usize, fault: Fault) -> f64 {
        let all = self.log_density_given(group, z);
        if fault == Fault::MeanLogDensity { all / group.len() as f64 } else { all }
    }

    fn broken_observe(&self, s: &mut Self::Statistics, group: &Vec<f64>, z: usize, weight: f64, fault: Fault) {
        let seen = if fault == Fault::FirstValueObserved { &group[..1] } else { &group[..] };
        self.observe_given(s, &seen.to_vec(), z, weight);
    }
}

/// A case with the fault in it.
fn with_fault<C: Breakable>(case: LatentCase<Mixture<C>>, fault: Fault) -> LatentCase<Mixture<Faulty<C>>> {
    let broken = |mixture: &Mixture<C>| {
        let bank = Faulty { bank: mixture.components().clone(), fault };
        Mixture::new(mixture.proportions().to_vec(), bank).unwrap()
    };
    let new = LatentCase::new(broken(&case.model), broken(&case.theta), case.observations);
    case.rivals.iter().map(broken).fold(new, LatentCase::beside)
}

pub(crate) fn any_holed(fault: Fault) -> impl Strategy<Value = LatentCase<Mixture<Faulty<Gaussians>>>> {
    holed_cases(Covariance::Full).prop_map(move |case| with_fault(case, fault))
}

pub(crate) fn any_labelled(
    fault: Fault,
) -> impl Strategy<Value = LatentCase<Mixture<Faulty<PartlyLabelled<Vec<Normal>>>>>> {
    labelled_cases().prop_map(move |case| with_fault(case, fault))
}

pub(crate) fn any_grouped(fault: Fault) -> impl Strategy<Value = LatentCase<Mixture<Faulty<Grouped<Vec<Normal>>>>>> {
    grouped_cases().prop_map(move |case| with_fault(case, fault))
}
