//! A truth value that mostly says what its parent says, written as a user would, with one part broken on demand.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use marginal::Error;
use marginal::conditionals::{ConditionalDistribution, EstimateConditional};
use marginal::data::Statistics;
use marginal::rand::{Rng, RngExt};

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    /// The probabilities sum to more than 1.
    Mass,
    /// ln p is NaN where p is 0.
    Nan,
    /// Draws do not look at the parent.
    Deaf,
    /// Draws depend on those before.
    Restless,
    /// Draws that the density calls impossible.
    Stray,
    /// Every observation counts as one.
    Weight,
    /// Half a step to the estimate.
    Half,
    /// The estimate is that of the opposite.
    Opposite,
    /// The estimate is a little off.
    Nudged,
    /// Every other estimate is another.
    InTurn,
    /// The larger of two sums is kept.
    Merge,
    /// Scaling leaves what was right as it was.
    Scale,
    /// Σ w ln p without the w.
    Expected,
    /// Half of Σ w ln p.
    Halved,
    /// What was wrong is observed as right, in part.
    Lenient,
}

#[derive(Clone, Debug)]
pub(crate) struct Echo {
    right: f64,
    fault: Fault,
    calls: Arc<AtomicUsize>,
}

impl Echo {
    /// The same, right with another probability.
    #[allow(dead_code, reason = "not every test asks")]
    pub(crate) fn right(self, right: f64) -> Self {
        Self { right, ..self }
    }
}

pub(crate) fn echo(fault: Fault) -> Echo {
    let right = if matches!(fault, Fault::Nan | Fault::Stray) { 1.0 } else { 0.75 };
    Echo { right, fault, calls: Arc::default() }
}

impl ConditionalDistribution for Echo {
    type Given = bool;
    type Value = bool;

    fn log_density(&self, x: &bool, given: &bool) -> f64 {
        let p = if x == given { self.right } else { 1.0 - self.right };
        match self.fault {
            Fault::Mass => (1.25 * p).ln(),
            Fault::Nan if p == 0.0 => f64::NAN,
            _ => p.ln(),
        }
    }

    fn sample(&self, given: &bool, rng: &mut dyn Rng) -> bool {
        let right = rng.random::<f64>() < self.right;
        match self.fault {
            Fault::Deaf => right,
            Fault::Stray => rng.random(),
            Fault::Restless => self.calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(3),
            _ => right == *given,
        }
    }
}

/// The weight of what was wrong and right.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights {
    fault: Fault,
    sums: [f64; 2],
}

impl Statistics for Weights {
    fn merge(&mut self, other: &Self) {
        match self.fault {
            Fault::Merge => self.sums = [0, 1].map(|k| self.sums[k].max(other.sums[k])),
            _ => self.sums.merge(&other.sums),
        }
    }
    fn scale(&mut self, factor: f64) {
        self.sums[0] *= factor;
        self.sums[1] *= if self.fault == Fault::Scale { 1.0 } else { factor };
    }
}

impl EstimateConditional for Echo {
    type Statistics = Weights;

    fn statistics(&self) -> Weights {
        Weights { fault: self.fault, sums: [0.0; 2] }
    }
    fn observe(&self, s: &mut Weights, x: &bool, given: &bool, weight: f64) {
        s.sums[usize::from(x == given)] += if self.fault == Fault::Weight { 1.0 } else { weight };
        if self.fault == Fault::Lenient && x != given {
            s.sums.merge(&[-0.5 * weight, 0.5 * weight]);
        }
    }
    fn estimate(&self, Weights { sums: s, .. }: &Weights) -> Result<Self, Error> {
        let weight = s[0] + s[1];
        if !(weight > 0.0) {
            return Err(Error::NoWeight { weight });
        }
        let right = s[1] / weight;
        let right = match self.fault {
            Fault::Half => 0.5 * (right + self.right),
            Fault::Opposite => 1.0 - right,
            Fault::Nudged => (right + 1e-4).min(1.0),
            Fault::InTurn if !self.calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) => 0.999 * right,
            _ => right,
        };
        Ok(Self { right, ..self.clone() })
    }
    fn expected_log_density(&self, Weights { sums: s, .. }: &Weights) -> f64 {
        let term = |weight: f64, p: f64| if weight == 0.0 { 0.0 } else { weight * p.ln() };
        match self.fault {
            Fault::Expected => (1.0 - self.right).ln() + self.right.ln(),
            Fault::Halved => 0.5 * (term(s[0], 1.0 - self.right) + term(s[1], self.right)),
            _ => term(s[0], 1.0 - self.right) + term(s[1], self.right),
        }
    }
}
