//! MaybeFixed: one of several distributions of a family, some of which are known.

use std::fmt;

use rand::Rng;

use crate::data::Observation;
use crate::error::Error;

use crate::distributions::{Distribution, Doubt, Estimate, Guarantee, Parametric};

/// A distribution that is known, as [`Fixed`](crate::distributions::Fixed) is, or estimated as ever: members of one bank
/// can be either.
///
/// Clicks of a counter, on a background whose rate is known:
/// ```
/// use marginal::distributions::{MaybeFixed, Poisson};
/// use marginal::{em::Em, models::Mixture};
/// let background = MaybeFixed::fixed(Poisson::new(2.0)?);
/// let source = MaybeFixed::free(Poisson::new(20.0)?);
/// let fit = Em::default().fit(&Mixture::of(vec![background, source])?, &[1, 3, 2, 31, 0, 2, 28, 4, 25])?;
/// let [background, source] = [0, 1].map(|k| fit.parameters.components()[k].distribution().rate());
/// assert_eq!((background, fit.free_parameters), (2.0, Some(2))); // a proportion, and the rate of the source
/// assert!((source - 28.0).abs() < 1e-6);
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct MaybeFixed<D> {
    distribution: D,
    fixed: bool,
}

impl<D> MaybeFixed<D> {
    /// An estimate keeps it.
    pub fn fixed(distribution: D) -> Self {
        Self { distribution, fixed: true }
    }

    /// It is estimated.
    pub fn free(distribution: D) -> Self {
        Self { distribution, fixed: false }
    }

    /// p(x).
    pub fn distribution(&self) -> &D {
        &self.distribution
    }

    /// Whether an estimate keeps it.
    pub fn is_fixed(&self) -> bool {
        self.fixed
    }

    fn inner<'a>(members: &[&'a Self]) -> Vec<&'a D> {
        members.iter().map(|member| &member.distribution).collect()
    }
}

impl<D: Distribution> Distribution for MaybeFixed<D> {
    type Value = D::Value;

    fn log_density(&self, x: &D::Value) -> f64 {
        self.distribution.log_density(x)
    }

    fn sample(&self, rng: &mut dyn Rng) -> <D::Value as ToOwned>::Owned {
        self.distribution.sample(rng)
    }

    fn density(&self, x: &D::Value) -> f64 {
        self.distribution.density(x)
    }

    fn log_densities(&self, block: <D::Value as Observation>::Block<'_>, out: &mut [f64]) {
        self.distribution.log_densities(block, out);
    }

    fn states(&self) -> Option<usize> {
        self.distribution.states()
    }

    fn row_length(&self) -> Option<usize> {
        self.distribution.row_length()
    }

    fn period(&self) -> Option<f64> {
        self.distribution.period()
    }

    fn numbers(&self, x: &D::Value) -> Option<Vec<f64>> {
        self.distribution.numbers(x)
    }

    fn as_normal(&self) -> Option<(f64, f64)> {
        self.distribution.as_normal()
    }
}

/// The statistics are those of the family; of what is fixed nothing is estimated, and no prior says anything.
impl<D: Estimate> Estimate for MaybeFixed<D> {
    type Statistics = D::Statistics;

    fn statistics(&self) -> D::Statistics {
        self.distribution.statistics()
    }

    fn observe(&self, s: &mut D::Statistics, x: &D::Value, weight: f64) {
        self.distribution.observe(s, x, weight);
    }

    fn estimate(&self, s: &D::Statistics) -> Result<Self, Error> {
        let distribution = if self.fixed { self.distribution.clone() } else { self.distribution.estimate(s)? };
        Ok(Self { distribution, fixed: self.fixed })
    }

    fn expected_log_density(&self, s: &D::Statistics) -> f64 {
        self.distribution.expected_log_density(s)
    }

    fn observe_block(&self, s: &mut D::Statistics, block: <D::Value as Observation>::Block<'_>, weights: &[f64]) {
        self.distribution.observe_block(s, block, weights);
    }

    fn log_densities_each(members: &[&Self], block: <D::Value as Observation>::Block<'_>, tile: &mut [f64]) {
        D::log_densities_each(&Self::inner(members), block, tile);
    }

    fn observe_each(
        members: &[&Self],
        statistics: &mut [&mut D::Statistics],
        block: <D::Value as Observation>::Block<'_>,
        weights: &[f64],
    ) {
        D::observe_each(&Self::inner(members), statistics, block, weights);
    }

    fn same_statistics(&self, other: &Self) -> bool {
        self.fixed == other.fixed && self.distribution.same_statistics(&other.distribution)
    }

    fn draws_in(&self, x: &D::Value) -> usize {
        self.distribution.draws_in(x)
    }

    fn resolution(&self) -> f64 {
        self.distribution.resolution()
    }

    fn guarantee(&self) -> Guarantee {
        if self.fixed { Guarantee::Exact } else { self.distribution.guarantee() }
    }

    fn log_prior(&self) -> Option<f64> {
        if self.fixed { None } else { self.distribution.log_prior() }
    }

    fn determining_rows(&self) -> usize {
        if self.fixed { 0 } else { self.distribution.determining_rows() }
    }

    fn least_variance_ratio(&self, all: &Self) -> Option<f64> {
        if self.fixed { None } else { self.distribution.least_variance_ratio(&all.distribution) }
    }

    fn doubts_as(&self, component: usize) -> Vec<Doubt> {
        if self.fixed { Vec::new() } else { self.distribution.doubts_as(component) }
    }

    fn free_parameters(&self) -> Option<usize> {
        if self.fixed { Some(0) } else { self.distribution.free_parameters() }
    }
}

/// The coordinates of the family, or none.
impl<D: Parametric + Clone> Parametric for MaybeFixed<D> {
    fn to_vector(&self) -> Vec<f64> {
        if self.fixed { Vec::new() } else { self.distribution.to_vector() }
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        if self.fixed {
            return Ok(self.clone());
        }
        Ok(Self { distribution: self.distribution.from_vector(coordinates)?, fixed: false })
    }
}

impl<D: fmt::Display> fmt::Display for MaybeFixed<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.fixed { write!(f, "Fixed({})", self.distribution) } else { self.distribution.fmt(f) }
    }
}
