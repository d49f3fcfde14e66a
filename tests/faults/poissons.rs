//! Two Poisson distributions mixed, written as a user would, with one part broken on demand.

use marginal::Error;
use marginal::data::{Batch, Statistics};
use marginal::latent::{Climbs, FiniteLatent, Guarantee};
use marginal::laws::{Part, Relabel};

use super::bayes;

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    LogFactorialForgotten,
    ExponentialForgotten,
    SupportFromOne,
    NotANumberAtRateZero,
    PosteriorWithoutThePrior,
    PosteriorOfTheRatesAlone,
    EvidenceWithoutTheFactorial,
    WeightsIgnored,
    EventsWithoutWeight,
    ZeroCountsSkippedInABlock,
    ZeroCountsSkipped,
    MergeOfTheEventsAlone,
    ScaleForgetsTheEvents,
    QWithoutTheExposure,
    RateOfAllComponents,
    RatesPooled,
    ProportionsFromEvents,
    ProportionsEqual,
    RatesRounded,
    RatesSorted,
    OneEventAddedInSecret,
    /// Legal: the same M-step, with its prior λ e^(−λ).
    OneEventAddedAsDeclared,
    /// Legal: proportions as if one row more of each had been seen, with their prior Π π.
    OneRowOfEachAddedAsDeclared,
    /// Legal: the M-step says that it is generalised.
    HalfAStepAsDeclared,
    /// Legal likewise: a conditional maximisation, of the rates alone.
    RatesAloneAsDeclared,
}

/// Each fault and the part that the first broken law must blame.
pub(crate) const CATALOGUE: [(Fault, Part); 21] = [
    (Fault::LogFactorialForgotten, Part::Density),
    (Fault::ExponentialForgotten, Part::Density),
    (Fault::SupportFromOne, Part::Density),
    (Fault::NotANumberAtRateZero, Part::Density),
    (Fault::PosteriorWithoutThePrior, Part::EStep),
    (Fault::PosteriorOfTheRatesAlone, Part::EStep),
    (Fault::EvidenceWithoutTheFactorial, Part::EStep),
    (Fault::WeightsIgnored, Part::Statistics),
    (Fault::EventsWithoutWeight, Part::Statistics),
    (Fault::ZeroCountsSkippedInABlock, Part::Statistics),
    (Fault::ZeroCountsSkipped, Part::Statistics),
    (Fault::MergeOfTheEventsAlone, Part::Statistics),
    (Fault::ScaleForgetsTheEvents, Part::Statistics),
    (Fault::QWithoutTheExposure, Part::Expected),
    (Fault::RateOfAllComponents, Part::MStep),
    (Fault::RatesPooled, Part::MStep),
    (Fault::ProportionsFromEvents, Part::MStep),
    (Fault::ProportionsEqual, Part::MStep),
    (Fault::RatesRounded, Part::MStep),
    (Fault::RatesSorted, Part::MStep),
    (Fault::OneEventAddedInSecret, Part::MStep),
];

/// What breaks no law.
pub(crate) const LEGAL: [Fault; 5] = [
    Fault::None,
    Fault::OneEventAddedAsDeclared,
    Fault::OneRowOfEachAddedAsDeclared,
    Fault::HalfAStepAsDeclared,
    Fault::RatesAloneAsDeclared,
];

#[derive(Clone, Debug)]
pub(crate) struct Theta {
    pub(crate) proportions: [f64; 2],
    pub(crate) rates: [f64; 2],
}

impl Relabel for Theta {
    fn relabelled(&self) -> Self {
        let turned = |[a, b]: [f64; 2]| [b, a];
        Self { proportions: turned(self.proportions), rates: turned(self.rates) }
    }
}

/// Σ w and Σ w x.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    fault: Fault,
    weight: f64,
    events: f64,
}

impl Statistics for Group {
    fn merge(&mut self, other: &Self) {
        self.events += other.events;
        if self.fault != Fault::MergeOfTheEventsAlone || self.weight == 0.0 {
            self.weight += other.weight;
        }
    }
    fn scale(&mut self, factor: f64) {
        self.weight *= factor;
        if self.fault != Fault::ScaleForgetsTheEvents {
            self.events *= factor;
        }
    }
}

pub(crate) fn log_factorial(x: u64) -> f64 {
    (2..=x).map(|k| (k as f64).ln()).sum()
}

/// a ln b, of which 0 ln 0 is 0.
pub(crate) fn x_ln_y(x: f64, y: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x * y.ln() }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Poissons(pub(crate) Fault);

impl Poissons {
    fn log_mass(self, rate: f64, x: u64) -> f64 {
        let x = if self.0 == Fault::SupportFromOne { x + 1 } else { x };
        let kept = |fault: Fault, term: f64| if self.0 == fault { 0.0 } else { term };
        let power = if self.0 == Fault::NotANumberAtRateZero { x as f64 * rate.ln() } else { x_ln_y(x as f64, rate) };
        power - kept(Fault::ExponentialForgotten, rate) - kept(Fault::LogFactorialForgotten, log_factorial(x))
    }
}

impl FiniteLatent for Poissons {
    type Observation = u64;
    type Parameters = Theta;
    type Statistics = [Group; 2];

    fn states(&self) -> usize {
        2
    }

    fn statistics(&self, _: &Theta) -> [Group; 2] {
        [Group { fault: self.0, weight: 0.0, events: 0.0 }; 2]
    }

    fn log_joint(&self, theta: &Theta, x: &u64, z: usize) -> f64 {
        theta.proportions[z].ln() + self.log_mass(theta.rates[z], *x)
    }

    fn posterior(&self, theta: &Theta, batch: Batch<'_, u64>) -> Result<(Vec<f64>, Vec<f64>), Error> {
        let tile = |of: &dyn Fn(u64, usize) -> f64| -> Vec<f64> {
            (0..2).flat_map(|z| batch.block().iter().map(move |&x| of(x, z))).collect()
        };
        let joint = tile(&|x, z| self.log_joint(theta, &x, z));
        let seen = match self.0 {
            Fault::PosteriorWithoutThePrior => tile(&|x, z| self.log_mass(theta.rates[z], x)),
            Fault::PosteriorOfTheRatesAlone => tile(&|_, z| (theta.proportions[z] * theta.rates[z]).ln()),
            _ => joint.clone(),
        };
        let (r, mut evidence) = bayes::posterior(batch, &joint, &seen)?;
        if self.0 == Fault::EvidenceWithoutTheFactorial {
            evidence.iter_mut().zip(batch.block()).for_each(|(l, x)| *l += log_factorial(*x));
        }
        Ok((r, evidence))
    }

    fn observe(&self, s: &mut [Group; 2], x: &u64, z: usize, weight: f64) {
        if self.0 == Fault::ZeroCountsSkipped && *x == 0 {
            return;
        }
        s[z].weight += weight;
        s[z].events += if self.0 == Fault::EventsWithoutWeight { *x as f64 } else { weight * *x as f64 };
    }

    fn observe_block(&self, s: &mut [Group; 2], block: &[u64], weights: &[f64]) {
        let n = block.len();
        for (n_th, x) in block.iter().enumerate() {
            let total = if self.0 == Fault::WeightsIgnored { weights[n_th] + weights[n + n_th] } else { 1.0 };
            let skipped = self.0 == Fault::ZeroCountsSkippedInABlock && *x == 0;
            for z in (0..2).filter(|z| weights[z * n + n_th] > 0.0 && !skipped) {
                self.observe(s, x, z, weights[z * n + n_th] / total);
            }
        }
    }

    fn estimate(&self, s: &[Group; 2]) -> Result<Theta, Error> {
        if let Some(group) = s.iter().find(|group| !(group.weight > 1e-9)) {
            return Err(Error::NoWeight { weight: group.weight });
        }
        let (weight, events) = (s[0].weight + s[1].weight, s[0].events + s[1].events);
        let mut theta = Theta { proportions: s.map(|g| g.weight / weight), rates: s.map(|g| g.events / g.weight) };
        match self.0 {
            Fault::RateOfAllComponents => theta.rates = s.map(|g| events / g.weight),
            Fault::RatesPooled => theta.rates = [events / weight; 2],
            Fault::ProportionsFromEvents if events > 0.0 => theta.proportions = s.map(|g| g.events / events),
            Fault::ProportionsEqual => theta.proportions = [0.5; 2],
            Fault::RatesRounded => theta.rates = theta.rates.map(|rate| rate.round().max(1.0)),
            Fault::RatesSorted => theta.rates.sort_by(f64::total_cmp),
            Fault::OneEventAddedInSecret | Fault::OneEventAddedAsDeclared => {
                theta.rates = s.map(|g| (g.events + 1.0) / (g.weight + 1.0));
            }
            Fault::OneRowOfEachAddedAsDeclared => {
                theta.proportions = s.map(|g| (g.weight + 1.0) / (weight + 2.0));
            }
            _ => (),
        }
        Ok(theta)
    }

    fn estimate_from(&self, old: &Theta, s: &[Group; 2]) -> Result<Theta, Error> {
        let new = self.estimate(s)?;
        let halfway = |a: [f64; 2], b: [f64; 2]| [0, 1].map(|z| 0.5 * (a[z] + b[z]));
        Ok(match self.0 {
            Fault::HalfAStepAsDeclared => {
                Theta { proportions: halfway(old.proportions, new.proportions), rates: halfway(old.rates, new.rates) }
            }
            Fault::RatesAloneAsDeclared => Theta { proportions: old.proportions, ..new },
            _ => new,
        })
    }

    fn complete_log_likelihood(&self, theta: &Theta, s: &[Group; 2]) -> f64 {
        let exposure = if self.0 == Fault::QWithoutTheExposure { 0.0 } else { 1.0 };
        let of_group = |z: usize| {
            x_ln_y(s[z].weight, theta.proportions[z]) + x_ln_y(s[z].events, theta.rates[z])
                - exposure * s[z].weight * theta.rates[z]
        };
        of_group(0) + of_group(1)
    }

    fn log_prior(&self, theta: &Theta) -> f64 {
        match self.0 {
            Fault::OneEventAddedAsDeclared => theta.rates.iter().map(|rate| rate.ln() - rate).sum(),
            Fault::OneRowOfEachAddedAsDeclared => theta.proportions.iter().map(|p| p.ln()).sum(),
            _ => 0.0,
        }
    }

    fn climbs(&self) -> Climbs {
        match self.0 {
            Fault::OneEventAddedAsDeclared | Fault::OneRowOfEachAddedAsDeclared => Climbs::Penalised,
            _ => Climbs::LogLikelihood,
        }
    }

    fn guarantee(&self) -> Guarantee {
        match self.0 {
            Fault::HalfAStepAsDeclared | Fault::RatesAloneAsDeclared => Guarantee::Generalised,
            _ => Guarantee::Exact,
        }
    }
}
