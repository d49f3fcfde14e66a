//! Exponential families: ln p(x | η) = ⟨η, T(x)⟩ − A(η) + ln h(x).

use crate::data::{Observation, Statistics};
use crate::error::Error;

use super::Distribution;

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

/// The reason of an [`Error::NoEstimate`] after an observation of density 0 whatever the parameters.
pub(super) const OUTSIDE: &str = "an observation lies outside the support: remove it, or choose another family";

/// The reason of an [`Error::NoEstimate`] where the parameters of positive numbers over- or underflow.
pub(super) const OUT_OF_RANGE: &str =
    "the observations are so small or so large that its rate leaves the range of numbers: rescale them";

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

/// Gives an [`ExponentialFamily`] its [`Estimate`](crate::distributions::Estimate). Kernels in braces stand in for those
/// by products: `estimate_from_expectations!(Family { fn observe_block … });`.
#[macro_export]
macro_rules! estimate_from_expectations {
    ($family:ty) => {
        $crate::estimate_from_expectations!($family {
            fn log_densities_each(
                components: &[&Self],
                block: <Self::Value as $crate::data::Observation>::Block<'_>,
                tile: &mut [f64],
            ) {
                $crate::distributions::natural_log_densities(components, block, tile);
            }
            fn observe_each(
                components: &[&Self],
                statistics: &mut [&mut Self::Statistics],
                block: <Self::Value as $crate::data::Observation>::Block<'_>,
                weights: &[f64],
            ) {
                $crate::distributions::observe_expectations(components, statistics, block, weights);
            }
            fn observe_block(
                &self,
                s: &mut Self::Statistics,
                block: <Self::Value as $crate::data::Observation>::Block<'_>,
                weights: &[f64],
            ) {
                $crate::distributions::observe_expectations(&[self], &mut [s], block, weights);
            }
        });
    };
    ($family:ty { $($kernel:item)* }) => {
        impl $crate::distributions::Estimate for $family {
            $($kernel)*

            type Statistics = $crate::distributions::Expectations;

            fn statistics(&self) -> Self::Statistics {
                $crate::distributions::Expectations::empty(
                    $crate::distributions::ExponentialFamily::natural_parameters(self).len(),
                )
            }
            fn observe(&self, s: &mut Self::Statistics, x: &Self::Value, weight: f64) {
                use $crate::distributions::ExponentialFamily;
                let log_base_measure = self.log_base_measure(x);
                s.weight += weight;
                s.log_base_measure += weight * log_base_measure;
                // Off the support T is not defined.
                if log_base_measure > f64::NEG_INFINITY {
                    self.add_statistics(x, weight, &mut s.sum);
                }
            }
            fn estimate(&self, s: &Self::Statistics) -> Result<Self, $crate::Error> {
                $crate::distributions::ExponentialFamily::from_mean(self, &s.mean()?)
            }
            fn expected_log_density(&self, s: &Self::Statistics) -> f64 {
                use $crate::distributions::ExponentialFamily;
                // η = −∞ (an outcome of probability 0) against a count of 0 contributes nothing.
                let term = |(eta, t): (&f64, &f64)| if *t == 0.0 { 0.0 } else { eta * t };
                let inner: f64 = self.natural_parameters().iter().zip(&s.sum).map(term).sum();
                inner - s.weight * self.log_partition() + s.log_base_measure
            }
            fn same_statistics(&self, other: &Self) -> bool {
                use $crate::distributions::ExponentialFamily;
                let length = |d: &Self| d.natural_parameters().len();
                length(self) == length(other) && self.shares_statistics(other)
            }
            fn free_parameters(&self) -> Option<usize> {
                Some($crate::distributions::ExponentialFamily::free_dimension(self))
            }
        }
    };
}
