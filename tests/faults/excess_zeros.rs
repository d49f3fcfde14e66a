//! Counts with more zeros than a Poisson distribution has, written as a user would, with one part broken on demand.
//! Its estimates lie on the border: no structural zeros at all, or a rate of zero.

use marginal::Error;
use marginal::data::{Batch, Statistics};
use marginal::latent::{Climbs, FiniteLatent, Guarantee};
use marginal::laws::proptest::collection::vec;
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::{positive, unit, weight};
use marginal::laws::{LatentCase, Observations, Part};

use super::bayes;
use super::poissons::{log_factorial, x_ln_y};

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    EveryCountMayBeStructural,
    LogFactorialForgotten,
    ShareOfTheRestForgotten,
    NotANumberAtRateZero,
    EveryZeroIsStructural,
    NoZeroIsStructural,
    PositiveCountsMayBeStructural,
    StructuralZerosUnweighted,
    MergeKeepsTheLarger,
    QNotANumberOnTheBorder,
    QWithoutTheShareOfTheRest,
    RateByAllRows,
    ShareOfAllZeros,
    RateKeptAboveAHalf,
    ShareKeptFromTheBorder,
    ShareFrozen,
    /// Legal: the prior of one row of each kind is declared.
    PriorAsDeclared,
    /// Legal: the M-step says that it is generalised.
    ShareFrozenAsDeclared,
}

/// Each fault and the part that the first broken law must blame.
pub(crate) const CATALOGUE: [(Fault, Part); 16] = [
    (Fault::EveryCountMayBeStructural, Part::Density),
    (Fault::LogFactorialForgotten, Part::Density),
    (Fault::ShareOfTheRestForgotten, Part::Density),
    (Fault::NotANumberAtRateZero, Part::Density),
    (Fault::EveryZeroIsStructural, Part::EStep),
    (Fault::NoZeroIsStructural, Part::EStep),
    (Fault::PositiveCountsMayBeStructural, Part::EStep),
    (Fault::StructuralZerosUnweighted, Part::Statistics),
    (Fault::MergeKeepsTheLarger, Part::Statistics),
    (Fault::QNotANumberOnTheBorder, Part::Expected),
    (Fault::QWithoutTheShareOfTheRest, Part::Expected),
    (Fault::RateByAllRows, Part::MStep),
    (Fault::ShareOfAllZeros, Part::MStep),
    (Fault::RateKeptAboveAHalf, Part::MStep),
    (Fault::ShareKeptFromTheBorder, Part::MStep),
    (Fault::ShareFrozen, Part::MStep),
];

/// What breaks no law.
pub(crate) const LEGAL: [Fault; 3] = [Fault::None, Fault::PriorAsDeclared, Fault::ShareFrozenAsDeclared];

/// The share of structural zeros, and the rate of the rest.
#[derive(Clone, Debug)]
pub(crate) struct Theta {
    share: f64,
    rate: f64,
}

/// The weight of structural zeros, that of the rest, the events of the rest; and for a fault, the zeros of the rest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sums {
    fault: Fault,
    sums: [f64; 4],
}

impl Statistics for Sums {
    fn merge(&mut self, other: &Self) {
        let structural = self.sums[0].max(other.sums[0]);
        self.sums.merge(&other.sums);
        if self.fault == Fault::MergeKeepsTheLarger {
            self.sums[0] = structural;
        }
    }
    fn scale(&mut self, factor: f64) {
        self.sums.scale(factor);
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ExcessZeros(pub(crate) Fault);

/// z = 0 is a structural zero, z = 1 a Poisson count.
impl FiniteLatent for ExcessZeros {
    type Observation = u64;
    type Parameters = Theta;
    type Statistics = Sums;

    fn states(&self) -> usize {
        2
    }

    fn statistics(&self, _: &Theta) -> Sums {
        Sums { fault: self.0, sums: [0.0; 4] }
    }

    fn log_joint(&self, theta: &Theta, &x: &u64, z: usize) -> f64 {
        if z == 0 {
            let possible = x == 0 || self.0 == Fault::EveryCountMayBeStructural;
            return if possible { theta.share.ln() } else { f64::NEG_INFINITY };
        }
        let rest = if self.0 == Fault::ShareOfTheRestForgotten { 0.0 } else { (1.0 - theta.share).ln() };
        let factorial = if self.0 == Fault::LogFactorialForgotten { 0.0 } else { log_factorial(x) };
        let power = match self.0 {
            Fault::NotANumberAtRateZero => x as f64 * theta.rate.ln(),
            _ => x_ln_y(x as f64, theta.rate),
        };
        rest + power - theta.rate - factorial
    }

    fn posterior(&self, theta: &Theta, batch: Batch<'_, u64>) -> Result<(Vec<f64>, Vec<f64>), Error> {
        let n = batch.len();
        let joint: Vec<f64> = (0..2 * n).map(|i| self.log_joint(theta, &batch.block()[i % n], i / n)).collect();
        let mut seen = joint.clone();
        for (i, &x) in batch.block().iter().enumerate() {
            match self.0 {
                Fault::EveryZeroIsStructural if x == 0 => seen[n + i] = f64::NEG_INFINITY,
                Fault::NoZeroIsStructural => seen[i] = f64::NEG_INFINITY,
                Fault::PositiveCountsMayBeStructural => seen[i] = theta.share.ln(),
                _ => (),
            }
        }
        bayes::posterior(batch, &joint, &seen)
    }

    fn observe(&self, s: &mut Sums, &x: &u64, z: usize, weight: f64) {
        let seen = if self.0 == Fault::StructuralZerosUnweighted && z == 0 { 1.0 } else { weight };
        let zero = f64::from(u8::from(x == 0));
        s.sums.merge(&if z == 0 { [seen, 0.0, 0.0, 0.0] } else { [0.0, weight, weight * x as f64, weight * zero] });
    }

    fn estimate(&self, s: &Sums) -> Result<Theta, Error> {
        let [structural, rest, events, zeros] = s.sums;
        if !(rest > 1e-9) {
            return Err(Error::NoWeight { weight: rest });
        }
        let total = structural + rest;
        let mut theta = Theta { share: structural / total, rate: events / rest };
        match self.0 {
            Fault::RateByAllRows => theta.rate = events / total,
            Fault::ShareOfAllZeros => theta.share = (structural + zeros) / total,
            Fault::RateKeptAboveAHalf => theta.rate = theta.rate.max(0.5),
            Fault::ShareKeptFromTheBorder => theta.share = theta.share.clamp(0.01, 0.99),
            Fault::PriorAsDeclared => theta.share = (structural + 1.0) / (total + 2.0),
            _ => (),
        }
        Ok(theta)
    }

    fn estimate_from(&self, old: &Theta, s: &Sums) -> Result<Theta, Error> {
        let new = self.estimate(s)?;
        let frozen = matches!(self.0, Fault::ShareFrozen | Fault::ShareFrozenAsDeclared);
        Ok(if frozen { Theta { share: old.share, ..new } } else { new })
    }

    fn complete_log_likelihood(&self, theta: &Theta, s: &Sums) -> f64 {
        let [structural, rest, events, _] = s.sums;
        let of_share = match self.0 {
            Fault::QNotANumberOnTheBorder => structural * theta.share.ln(),
            _ => x_ln_y(structural, theta.share),
        };
        let of_rest = if self.0 == Fault::QWithoutTheShareOfTheRest { 0.0 } else { x_ln_y(rest, 1.0 - theta.share) };
        of_share + of_rest + x_ln_y(events, theta.rate) - rest * theta.rate
    }

    fn log_prior(&self, theta: &Theta) -> f64 {
        if self.0 == Fault::PriorAsDeclared { theta.share.ln() + (1.0 - theta.share).ln() } else { 0.0 }
    }

    fn climbs(&self) -> Climbs {
        if self.0 == Fault::PriorAsDeclared { Climbs::Penalised } else { Climbs::LogLikelihood }
    }

    fn guarantee(&self) -> Guarantee {
        if self.0 == Fault::ShareFrozenAsDeclared { Guarantee::Generalised } else { Guarantee::Exact }
    }
}

/// Counts of all kinds: some data have no zero, others nothing else.
pub(crate) fn any_case(fault: Fault) -> impl Strategy<Value = LatentCase<ExcessZeros>> {
    let theta = || (unit(), positive()).prop_map(|(share, rate)| Theta { share, rate });
    let counts = prop_oneof![6 => 0u64..6, 2 => Just(0u64)];
    let rows = prop_oneof![
        6 => vec((counts, weight()), 2..20),
        1 => vec((1u64..6, weight()), 2..20),
        1 => vec((Just(0u64), weight()), 2..20)
    ];
    (theta(), theta(), rows).prop_map(move |(own, rival, rows)| {
        LatentCase::new(ExcessZeros(fault), own, Observations::new(rows)).beside(rival)
    })
}
