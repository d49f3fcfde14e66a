//! A logistic distribution with everything that is known of it, one part broken on demand.
//!
//! p(x) = F(x) (1 − F(x)) / s, F(x) = 1 / (1 + e^(−z)), z = (x − m) / s.

use std::f64::consts::PI;

use marginal::Error;
use marginal::distributions::{Cumulative, Distribution, Summary};
use marginal::laws::Part;
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::{positive, real};
use marginal::rand::{Rng, RngExt};

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    CdfIsTheSurvival,
    CdfNotANumberAtInfinity,
    CdfAboveOne,
    CdfNeverZero,
    CdfFallsOnce,
    CdfOfAnotherScale,
    CdfFromTheMedian,
    QuantileOfTheComplement,
    QuantileCutsTheTail,
    QuantileInSinglePrecision,
    QuantileOfAnyNumber,
    MeanNudged,
    MeanOfCauchy,
    VarianceIsTheDeviation,
    VarianceInfinite,
    VarianceOfTheStandard,
    EntropyInBits,
    EntropyOfTheStandard,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Subject {
    Cumulative,
    Summary,
}

/// Each fault, the suite that must catch it, and the part that its first broken law must blame.
pub(crate) const CATALOGUE: [(Fault, Subject, Part); 18] = [
    (Fault::CdfIsTheSurvival, Subject::Cumulative, Part::Cumulative),
    (Fault::CdfNotANumberAtInfinity, Subject::Cumulative, Part::Cumulative),
    (Fault::CdfAboveOne, Subject::Cumulative, Part::Cumulative),
    (Fault::CdfNeverZero, Subject::Cumulative, Part::Cumulative),
    (Fault::CdfFallsOnce, Subject::Cumulative, Part::Cumulative),
    (Fault::CdfOfAnotherScale, Subject::Cumulative, Part::Cumulative),
    (Fault::CdfFromTheMedian, Subject::Cumulative, Part::Cumulative),
    (Fault::QuantileOfTheComplement, Subject::Cumulative, Part::Quantile),
    (Fault::QuantileCutsTheTail, Subject::Cumulative, Part::Quantile),
    (Fault::QuantileInSinglePrecision, Subject::Cumulative, Part::Quantile),
    (Fault::QuantileOfAnyNumber, Subject::Cumulative, Part::Quantile),
    (Fault::MeanNudged, Subject::Summary, Part::Summary),
    (Fault::MeanOfCauchy, Subject::Summary, Part::Summary),
    (Fault::VarianceIsTheDeviation, Subject::Summary, Part::Summary),
    (Fault::VarianceInfinite, Subject::Summary, Part::Summary),
    (Fault::VarianceOfTheStandard, Subject::Summary, Part::Summary),
    (Fault::EntropyInBits, Subject::Summary, Part::Summary),
    (Fault::EntropyOfTheStandard, Subject::Summary, Part::Summary),
];

#[derive(Clone, Copy, Debug)]
pub(crate) struct Logistic {
    location: f64,
    scale: f64,
    fault: Fault,
}

pub(crate) fn any_logistic(fault: Fault) -> impl Strategy<Value = Logistic> {
    (real(), positive()).prop_map(move |(location, scale)| Logistic { location, scale, fault })
}

impl Logistic {
    fn standardised(&self, x: f64) -> f64 {
        (x - self.location) / self.scale
    }
}

impl Distribution for Logistic {
    type Value = f64;

    fn log_density(&self, x: &f64) -> f64 {
        let z = self.standardised(*x).abs();
        if z.is_nan() {
            return f64::NEG_INFINITY;
        }
        if self.fault == Fault::MeanOfCauchy {
            return -2.0 * z.hypot(1.0).ln() - (PI * self.scale).ln();
        }
        -z - 2.0 * (-z).exp().ln_1p() - self.scale.ln()
    }

    fn sample(&self, rng: &mut dyn Rng) -> f64 {
        let u: f64 = rng.random_range(f64::EPSILON..1.0);
        if self.fault == Fault::MeanOfCauchy {
            return self.location + self.scale * (PI * (u - 0.5)).tan();
        }
        self.location + self.scale * (u / (1.0 - u)).ln()
    }
}

impl Cumulative for Logistic {
    fn cdf(&self, x: &f64) -> f64 {
        let z = self.standardised(*x);
        let cdf = 1.0 / (1.0 + (-z).exp());
        match self.fault {
            Fault::CdfIsTheSurvival => 1.0 / (1.0 + z.exp()),
            Fault::CdfNotANumberAtInfinity => z.exp() / (1.0 + z.exp()),
            Fault::CdfAboveOne => cdf * (1.0 + 1e-12),
            Fault::CdfNeverZero => cdf.max(1e-9),
            Fault::CdfFallsOnce if z > 0.0 => cdf - 0.01 * (-z).exp(),
            Fault::CdfOfAnotherScale => 1.0 / (1.0 + (-1.001 * z).exp()),
            Fault::CdfFromTheMedian => 0.5 + (0.5 * (cdf - 0.5)).clamp(-0.5, 0.5),
            _ => cdf,
        }
    }

    fn quantile(&self, p: f64) -> Result<f64, Error> {
        if !(0.0..=1.0).contains(&p) && self.fault != Fault::QuantileOfAnyNumber {
            return Err(Error::Parameter { name: "p", value: p, domain: "[0, 1]" });
        }
        let p = match self.fault {
            Fault::QuantileOfTheComplement => 1.0 - p,
            Fault::QuantileCutsTheTail => p.max(1e-9),
            Fault::QuantileInSinglePrecision => f64::from(p as f32),
            _ => p,
        };
        Ok(self.location + self.scale * (p / (1.0 - p)).ln())
    }
}

impl Summary for Logistic {
    fn mean(&self) -> Option<f64> {
        Some(if self.fault == Fault::MeanNudged { self.location + 1e-4 } else { self.location })
    }

    fn variance(&self) -> Option<f64> {
        let deviation = self.scale * PI / 3f64.sqrt();
        Some(match self.fault {
            Fault::VarianceIsTheDeviation => deviation,
            Fault::VarianceInfinite => f64::INFINITY,
            Fault::VarianceOfTheStandard => PI * PI / 3.0,
            _ => deviation * deviation,
        })
    }

    fn entropy(&self) -> Option<f64> {
        Some(match self.fault {
            Fault::EntropyInBits => (self.scale.ln() + 2.0) / std::f64::consts::LN_2,
            Fault::EntropyOfTheStandard => 2.0,
            _ => self.scale.ln() + 2.0,
        })
    }
}
