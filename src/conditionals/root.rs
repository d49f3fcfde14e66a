//! A node without parents: p(x | ()) = p(x).

use rand::Rng;

use crate::distributions::{Distribution, Estimate, Guarantee, Parametric};
use crate::error::Error;

use super::estimate_conditional::{log_densities_state_by_state, observe_state_by_state};
use super::{ConditionalDistribution, EstimateConditional, FamilyRows, Value};
use crate::conditionals::RegressionLine;

/// A [`Distribution`] as the conditional distribution of a node without parents. A graph wraps it by itself.
#[derive(Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Root<D>(pub D);

/// As the distribution itself.
impl<D: std::fmt::Debug> std::fmt::Debug for Root<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl<D: Distribution> ConditionalDistribution for Root<D> {
    type Given = ();
    type Value = D::Value;

    fn log_density(&self, x: &D::Value, (): &()) -> f64 {
        self.0.log_density(x)
    }
    fn density(&self, x: &D::Value, (): &()) -> f64 {
        self.0.density(x)
    }
    fn sample(&self, (): &(), rng: &mut dyn Rng) -> <D::Value as ToOwned>::Owned {
        self.0.sample(rng)
    }
    fn states(&self) -> Option<usize> {
        self.0.states()
    }
    fn row_length(&self) -> Option<usize> {
        self.0.row_length()
    }
    fn period(&self) -> Option<f64> {
        self.0.period()
    }
    fn linear_gaussian(&self, (): &()) -> Option<RegressionLine> {
        self.0.as_normal().map(|normal| RegressionLine::flat(normal, 0))
    }
}

impl<D: Estimate> EstimateConditional for Root<D> {
    type Statistics = D::Statistics;

    fn statistics(&self) -> D::Statistics {
        self.0.statistics()
    }
    fn observe(&self, s: &mut D::Statistics, x: &D::Value, (): &(), weight: f64) {
        self.0.observe(s, x, weight);
    }
    fn estimate(&self, s: &D::Statistics) -> Result<Self, Error> {
        self.0.estimate(s).map(Root)
    }
    fn expected_log_density(&self, s: &D::Statistics) -> f64 {
        self.0.expected_log_density(s)
    }
    fn log_densities_by_state(&self, rows: FamilyRows<'_>, tile: &mut [f64])
    where
        D::Value: Value,
    {
        let mut buffer = Default::default();
        match rows.values::<D::Value>(&mut buffer) {
            Some(block) => self.0.log_densities(block, tile),
            None => log_densities_state_by_state(self, rows, tile),
        }
    }
    fn observe_by_state(&self, s: &mut D::Statistics, rows: FamilyRows<'_>, weights: &[f64])
    where
        D::Value: Value,
    {
        let mut buffer = Default::default();
        match rows.values::<D::Value>(&mut buffer) {
            Some(block) => self.0.observe_block(s, block, weights),
            None => observe_state_by_state(self, s, rows, weights),
        }
    }
    fn same_statistics(&self, other: &Self) -> bool {
        self.0.same_statistics(&other.0)
    }
    fn resolution(&self) -> f64 {
        self.0.resolution()
    }
    fn guarantee(&self) -> Guarantee {
        self.0.guarantee()
    }
    fn log_prior(&self) -> Option<f64> {
        self.0.log_prior()
    }
    fn determining_rows(&self) -> usize {
        self.0.determining_rows()
    }
    fn least_variance_ratio(&self, all: &Self) -> Option<f64> {
        self.0.least_variance_ratio(&all.0)
    }
    fn free_parameters(&self) -> Option<usize> {
        self.0.free_parameters()
    }
}

/// The coordinates of the distribution.
impl<D: Parametric> Parametric for Root<D> {
    fn to_vector(&self) -> Vec<f64> {
        self.0.to_vector()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        self.0.from_vector(coordinates).map(Root)
    }
}
