//! Exponential families: ln p(x | η) = ⟨η, T(x)⟩ − A(η) + ln h(x).

use crate::data::{Observation, Statistics};
use crate::error::Error;

use super::Distribution;
use super::estimate::OUTSIDE;

/// ln p(x | η) = ⟨η, T(x)⟩ − A(η) + ln h(x), with as many natural parameters η as statistics T.
///
/// Laws: the identity above; Σ w T(x) / Σ w is the expectation of T under [`from_mean`](Self::from_mean) of it.
/// `estimate_from_expectations!(Family);` turns this trait into [`Estimate`](super::Estimate), in which mixtures see whole
/// blocks of data by one product each.
pub trait ExponentialFamily: Distribution + Sized {
    /// η.
    fn natural_parameters(&self) -> Vec<f64>;

    /// A(η), in nats.
    fn log_partition(&self) -> f64;

    /// ln h(x); −∞ off the support.
    fn log_base_measure(&self, x: &Self::Value) -> f64;

    /// Adds w T(x) to `sum`, for x in the support.
    fn add_statistics(&self, x: &Self::Value, weight: f64, sum: &mut [f64]);

    /// The member of the family with E[T(x)] = `mean`: the maximum likelihood estimate.
    ///
    /// # Errors
    /// [`Error::NoEstimate`] if `mean` lies on the border of what T can average to and no member reaches it.
    fn from_mean(&self, mean: &[f64]) -> Result<Self, Error>;

    /// The number of free parameters: as many as η, fewer where T obeys a linear relation such as Σ_k T_k = 1.
    fn free_dimension(&self) -> usize {
        self.natural_parameters().len()
    }

    /// Whether T and h of `other` are those of `self`, as they are by default. A family whose T or h depends on a number
    /// that is fixed (a number of trials, the end of the support) says here whether it is the same.
    fn shares_statistics(&self, _other: &Self) -> bool {
        true
    }

    /// T_i(x_n) of a block into a tile `[i][n]`, and ln h(x_n) of each row; where one of these is −∞, no T of the block
    /// matters. A family that has them by the block overrides it.
    fn statistics_of_block(
        &self,
        block: <Self::Value as Observation>::Block<'_>,
        tile: &mut [f64],
        log_base_measure: &mut [f64],
    ) {
        let (rows, length) = (log_base_measure.len(), tile.len() / log_base_measure.len().max(1));
        let mut by_rows = vec![0.0; tile.len()];
        for (n, log_base_measure) in log_base_measure.iter_mut().enumerate() {
            let x = <Self::Value as Observation>::get(block, n);
            *log_base_measure = self.log_base_measure(x);
            if *log_base_measure > f64::NEG_INFINITY {
                self.add_statistics(x, 1.0, &mut by_rows[n * length..][..length]);
            }
        }
        for (i, line) in tile.chunks_exact_mut(rows.max(1)).enumerate() {
            line.iter_mut().zip(by_rows.chunks_exact(length)).for_each(|(t, statistics)| *t = statistics[i]);
        }
    }
}

/// Σ w, Σ w T(x) and Σ w ln h(x): the statistics of any exponential family.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectations {
    /// Σ w.
    pub weight: f64,
    /// Σ w T(x).
    pub sum: Vec<f64>,
    /// Σ w ln h(x).
    pub log_base_measure: f64,
}

impl Expectations {
    /// No observations yet of statistics T of this length.
    pub fn empty(length: usize) -> Self {
        Self { weight: 0.0, sum: vec![0.0; length], log_base_measure: 0.0 }
    }

    /// Σ w T(x) / Σ w.
    ///
    /// # Errors
    /// [`Error::NoWeight`] if Σ w is not positive, [`Error::NoEstimate`] if an observation lay off the support.
    pub fn mean(&self) -> Result<Vec<f64>, Error> {
        if !(self.weight > 0.0) {
            return Err(Error::NoWeight { weight: self.weight });
        }
        if !(self.log_base_measure > f64::NEG_INFINITY) {
            return Err(Error::NoEstimate { family: "the exponential family", reason: OUTSIDE });
        }
        Ok(self.sum.iter().map(|t| t / self.weight).collect())
    }
}

impl Statistics for Expectations {
    fn merge(&mut self, other: &Self) {
        self.weight += other.weight;
        self.sum.merge(&other.sum);
        self.log_base_measure += other.log_base_measure;
    }
    fn scale(&mut self, factor: f64) {
        self.weight *= factor;
        self.sum.scale(factor);
        self.log_base_measure *= factor;
    }
}
