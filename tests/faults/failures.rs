//! The failures before the first success, with everything that is known of them, one part broken on demand.
//!
//! p(k) = p qᵏ, q = 1 − p; F(k) = 1 − qᵏ⁺¹.

use marginal::Error;
use marginal::distributions::{Cumulative, Distribution, Summary};
use marginal::laws::Part;
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::unit;
use marginal::rand::{Rng, RngExt};

use super::a_logistic::Subject;

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    CdfIsTheSurvival,
    CdfLeavesOutTheCount,
    CdfCountsTheSuccess,
    QuantileRoundsDown,
    QuantileOffByOne,
    QuantileOfAnyNumber,
    MeanCountsTheSuccess,
    VarianceOfTheMean,
    EntropyInBits,
}

/// Each fault, the suite that must catch it, and the part that its first broken law must blame.
pub(crate) const CATALOGUE: [(Fault, Subject, Part); 9] = [
    (Fault::CdfIsTheSurvival, Subject::Cumulative, Part::Cumulative),
    (Fault::CdfLeavesOutTheCount, Subject::Cumulative, Part::Cumulative),
    (Fault::CdfCountsTheSuccess, Subject::Cumulative, Part::Cumulative),
    (Fault::QuantileRoundsDown, Subject::Cumulative, Part::Quantile),
    (Fault::QuantileOffByOne, Subject::Cumulative, Part::Quantile),
    (Fault::QuantileOfAnyNumber, Subject::Cumulative, Part::Quantile),
    (Fault::MeanCountsTheSuccess, Subject::Summary, Part::Summary),
    (Fault::VarianceOfTheMean, Subject::Summary, Part::Summary),
    (Fault::EntropyInBits, Subject::Summary, Part::Summary),
];

#[derive(Clone, Copy, Debug)]
pub(crate) struct Failures {
    success: f64,
    fault: Fault,
}

pub(crate) fn any_failures(fault: Fault) -> impl Strategy<Value = Failures> {
    unit().prop_map(move |success| Failures { success, fault })
}

impl Failures {
    /// ln q.
    fn log_failure(&self) -> f64 {
        (-self.success).ln_1p()
    }
}

impl Distribution for Failures {
    type Value = u64;

    fn log_density(&self, k: &u64) -> f64 {
        self.success.ln() + *k as f64 * self.log_failure()
    }

    fn sample(&self, rng: &mut dyn Rng) -> u64 {
        ((1.0 - rng.random::<f64>()).ln() / self.log_failure()) as u64
    }
}

impl Cumulative for Failures {
    fn cdf(&self, k: &u64) -> f64 {
        let trials = match self.fault {
            Fault::CdfLeavesOutTheCount => *k as f64,
            Fault::CdfCountsTheSuccess => *k as f64 + 2.0,
            _ => *k as f64 + 1.0,
        };
        let log_survival = trials * self.log_failure();
        if self.fault == Fault::CdfIsTheSurvival { log_survival.exp() } else { -log_survival.exp_m1() }
    }

    fn quantile(&self, p: f64) -> Result<u64, Error> {
        if !(0.0..=1.0).contains(&p) && self.fault != Fault::QuantileOfAnyNumber {
            return Err(Error::Parameter { name: "p", value: p, domain: "[0, 1]" });
        }
        let trials = (-p).ln_1p() / self.log_failure();
        let mut k = (trials.ceil() as u64).saturating_sub(1);
        // The formula may be one off, by its rounding.
        if k > 0 && self.cdf(&(k - 1)) >= p {
            k -= 1;
        } else if self.cdf(&k) < p {
            k += 1;
        }
        Ok(match self.fault {
            Fault::QuantileRoundsDown => k.saturating_sub(1),
            Fault::QuantileOffByOne => k.saturating_add(1),
            _ => k,
        })
    }
}

impl Summary for Failures {
    fn mean(&self) -> Option<f64> {
        let failures = (1.0 - self.success) / self.success;
        Some(if self.fault == Fault::MeanCountsTheSuccess { failures + 1.0 } else { failures })
    }

    fn variance(&self) -> Option<f64> {
        let power = if self.fault == Fault::VarianceOfTheMean { 1 } else { 2 };
        Some((1.0 - self.success) / self.success.powi(power))
    }

    fn entropy(&self) -> Option<f64> {
        let (p, q) = (self.success, 1.0 - self.success);
        let nats = -(p * p.ln() + q * q.ln()) / p;
        Some(if self.fault == Fault::EntropyInBits { nats / std::f64::consts::LN_2 } else { nats })
    }
}
