//! A distribution of one number, as the laws see it: by its log-density and some draws.

use std::borrow::Borrow;

use crate::distributions::Distribution;

use crate::laws::densities::distribution::draws;
use crate::laws::{Coordinates, Parts, Verdict};

/// Counts after which a sum is called too long for the kit.
pub(crate) const COUNTS: u64 = 100_000;

/// A distribution of one number, and draws that show where it lies.
pub(crate) struct Line<'a, D> {
    pub(crate) d: &'a D,
    /// Draws in ascending order, each once.
    pub(crate) drawn: Vec<Parts>,
    /// Whether there is nothing between the whole numbers.
    pub(crate) counts: bool,
    /// max |ln p| over the draws.
    pub(crate) size: f64,
}

impl<'a, D: Distribution<Value: Coordinates>> Line<'a, D> {
    pub(crate) fn of(d: &'a D) -> Result<Self, Verdict> {
        let mut drawn: Vec<Parts> = draws(d, 500, 1).iter().map(|x| Parts::of::<D::Value>(x.borrow())).collect();
        if drawn.iter().any(|parts| parts.reals.len() + parts.counts.len() != 1) {
            return Err(Verdict::NotPromised("the values are not one number".into()));
        }
        drawn.sort_by(|a, b| number(a).total_cmp(&number(b)));
        drawn.dedup();
        let mut line = Self { d, drawn, counts: false, size: 0.0 };
        line.counts = line.drawn.iter().all(|parts| {
            let whole = number(parts) >= 0.0 && number(parts).fract() == 0.0;
            whole && (parts.reals.is_empty() || line.log_density(&line.at(number(parts) + 0.5)) == f64::NEG_INFINITY)
        });
        let logs = line.drawn.iter().map(|parts| line.log_density(parts).abs());
        line.size = logs.filter(|l| l.is_finite()).fold(0.0, f64::max);
        Ok(line)
    }

    /// The observation of a number.
    pub(crate) fn at(&self, x: f64) -> Parts {
        match self.drawn.first() {
            Some(parts) if parts.reals.is_empty() => Parts { reals: Vec::new(), counts: vec![x as u64] },
            _ => Parts { reals: vec![x], counts: Vec::new() },
        }
    }

    /// About so many of the draws, in their order.
    pub(crate) fn some(&self, count: usize) -> impl Iterator<Item = &Parts> {
        self.drawn.iter().step_by(self.drawn.len().div_ceil(count).max(1))
    }

    pub(crate) fn log_density(&self, parts: &Parts) -> f64 {
        parts.assemble::<D::Value>().map_or(f64::NEG_INFINITY, |x| self.d.log_density(x.borrow()))
    }
}

/// The one number.
pub(crate) fn number(parts: &Parts) -> f64 {
    parts.reals.first().copied().unwrap_or_else(|| parts.counts.first().map_or(f64::NAN, |&k| k as f64))
}
