//! A line whose slope is known and whose variance has a prior, with one part broken on demand.

use marginal::conditionals::{ConditionalDistribution, EstimateConditional};
use marginal::distributions::{Distribution, Normal, Parametric};
use marginal::error::Error;
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::{observed, positive, real};
use marginal::laws::{self, EstimateCase, Law, Part, Regression, regressions};
use marginal::rand::Rng;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    /// The estimate is that of maximum likelihood.
    ForgetsThePrior,
    /// The prior weighs twice.
    CountsThePriorTwice,
    /// Q is compared without the prior that the estimate minds.
    TellsNoPrior,
    /// The slope is estimated too.
    SlopeMoves,
}

/// Each fault, and the part that the first broken law must blame.
pub(crate) const CATALOGUE: [(Fault, Part); 4] = [
    (Fault::ForgetsThePrior, Part::MStep),
    (Fault::CountsThePriorTwice, Part::MStep),
    (Fault::TellsNoPrior, Part::MStep),
    (Fault::SlopeMoves, Part::MStep),
];

/// α and β of the inverse gamma prior of σ².
const PRIOR: (f64, f64) = (2.0, 3.0);

/// x = a + b·y + ε, ε ~ N(0, σ²), b known.
#[derive(Clone, Debug)]
pub(crate) struct KnownSlope {
    intercept: f64,
    slope: f64,
    variance: f64,
    fault: Fault,
}

impl KnownSlope {
    fn at(&self, y: f64) -> Normal {
        Normal::new(self.intercept + self.slope * y, self.variance.sqrt()).unwrap()
    }
}

impl ConditionalDistribution for KnownSlope {
    type Given = f64;
    type Value = f64;

    fn log_density(&self, x: &f64, y: &f64) -> f64 {
        self.at(*y).log_density(x)
    }

    fn sample(&self, y: &f64, rng: &mut dyn Rng) -> f64 {
        self.at(*y).sample(rng)
    }
}

impl EstimateConditional for KnownSlope {
    /// Σ w (1, x, y, x², xy, y²).
    type Statistics = [f64; 6];

    fn statistics(&self) -> [f64; 6] {
        [0.0; 6]
    }

    fn observe(&self, s: &mut [f64; 6], x: &f64, y: &f64, weight: f64) {
        s.iter_mut().zip([1.0, *x, *y, x * x, x * y, y * y]).for_each(|(s, t)| *s += weight * t);
    }

    fn estimate(&self, s: &[f64; 6]) -> Result<Self, Error> {
        let [n, x, y, _, xy, yy] = *s;
        if !(n > 0.0) {
            return Err(Error::NoWeight { weight: n });
        }
        let spread = yy - y * y / n;
        let moves = self.fault == Fault::SlopeMoves && spread > 1e-6 * yy;
        let slope = if moves { (xy - x * y / n) / spread } else { self.slope };
        let line = Self { intercept: (x - slope * y) / n, slope, ..self.clone() };
        let times = match self.fault {
            Fault::ForgetsThePrior => 0.0,
            Fault::CountsThePriorTwice => 2.0,
            _ => 1.0,
        };
        let squares = line.squares(s) + times * 2.0 * PRIOR.1;
        if !(squares > 1e-9 * n) {
            return Err(Error::Singular { column: 1, pivot: squares / n });
        }
        Ok(Self { variance: squares / (n + times * (2.0 * PRIOR.0 + 2.0)), ..line })
    }

    fn expected_log_density(&self, s: &[f64; 6]) -> f64 {
        -0.5 * (s[0] * (std::f64::consts::TAU * self.variance).ln() + self.squares(s) / self.variance)
    }

    fn log_prior(&self) -> Option<f64> {
        let log_prior = -(PRIOR.0 + 1.0) * self.variance.ln() - PRIOR.1 / self.variance;
        (self.fault != Fault::TellsNoPrior).then_some(log_prior)
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(2)
    }
}

impl KnownSlope {
    /// Σ w (x − a − b·y)².
    fn squares(&self, [n, x, y, xx, xy, yy]: &[f64; 6]) -> f64 {
        let (a, b) = (self.intercept, self.slope);
        xx - 2.0 * a * x - 2.0 * b * xy + a * a * n + 2.0 * a * b * y + b * b * yy
    }
}

/// (a, ln σ²).
impl Parametric for KnownSlope {
    fn to_vector(&self) -> Vec<f64> {
        vec![self.intercept, self.variance.ln()]
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        let variance = coordinates[1].exp();
        Normal::new(coordinates[0], variance)?;
        Ok(Self { intercept: coordinates[0], variance, ..self.clone() })
    }
}

pub(crate) fn suite() -> Vec<Law<EstimateCase<Regression<KnownSlope>>>> {
    [laws::estimate_conditional(), laws::parametric()].concat()
}

pub(crate) fn any_case(fault: Fault) -> impl Strategy<Value = EstimateCase<Regression<KnownSlope>>> {
    let lines = (real(), real(), positive()).prop_map(move |(intercept, slope, variance)| KnownSlope {
        intercept,
        slope,
        variance,
        fault,
    });
    observed(regressions(lines, real()))
}
