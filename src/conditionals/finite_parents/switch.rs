//! Switch: p(x | y) = p_y(x), one distribution for each joint state y of finite parents.

use std::fmt;
use std::marker::PhantomData;

use rand::Rng;

use crate::data::Observation;
use crate::distributions::{Distribution, Estimate, Guarantee, Parametric, estimate_or_keep, log_prior_of_all};
use crate::error::Error;
use crate::numeric::total;

use super::configuration_rows::{ConfigurationRows, chosen};
use super::configurations::{Configurations, FiniteParents};
use crate::conditionals::estimate_conditional::{log_densities_state_by_state, observe_state_by_state};
use crate::conditionals::{
    ConditionalDistribution, Domain, EstimateConditional, FamilyRows, Member, RegressionLine, Value,
};

/// One distribution for each joint state of the parents, the first parent the slowest.
///
/// Below a hidden label it is what a mixture's components are.
/// ```
/// use marginal::{conditionals::{ConditionalDistribution, Switch}, distributions::{Distribution, Normal}};
/// let height: Switch<Normal, bool> = Switch::new(vec![Normal::new(178.0, 7.0)?, Normal::new(165.0, 6.0)?])?;
/// assert_eq!(height.log_density(&170.0, &true), Normal::new(165.0, 6.0)?.log_density(&170.0));
/// # Ok::<(), marginal::Error>(())
/// ```
pub struct Switch<D, G: ?Sized> {
    pub(crate) configurations: Configurations,
    pub(crate) distributions: Vec<D>,
    types: PhantomData<fn(&G)>,
}

impl<D: Distribution, G: FiniteParents + ?Sized> Switch<D, G> {
    /// # Errors
    /// [`Error::Dimension`] if their number does not belong to the parents (or leaves open how many states each has:
    /// then use [`over`](Self::over)), or if they are distributions of different numbers of states or dimensions.
    pub fn new(distributions: Vec<D>) -> Result<Self, Error> {
        let configurations = Configurations::inferred::<G>(distributions.len())?;
        Self::of(configurations, distributions)
    }

    /// The same, with the number of states of each parent.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn over(parents: &[usize], distributions: Vec<D>) -> Result<Self, Error> {
        let configurations = Configurations::new::<G>(parents, distributions.len())?;
        Self::of(configurations, distributions)
    }

    fn of(configurations: Configurations, distributions: Vec<D>) -> Result<Self, Error> {
        let size = |d: &D| d.states().or(d.row_length()).unwrap_or(1);
        let expected = size(&distributions[0]);
        match distributions.iter().map(size).find(|&found| found != expected) {
            Some(found) => Err(Error::Dimension { what: "a distribution of the switch", expected, found }),
            None => Ok(Self { configurations, distributions, types: PhantomData }),
        }
    }
}

impl<D: Distribution<Value: Value>, G: FiniteParents + ?Sized> Switch<D, G> {
    /// Shows the rows whose shown parents have the same states, with the distributions of all states of the hidden ones.
    /// False, and nothing is shown, if x is hidden or some row holds no value.
    fn each_group(
        &self,
        rows: FamilyRows<'_>,
        mut see: impl FnMut(&ConfigurationRows, &[&D], <D::Value as Observation>::Block<'_>),
    ) -> bool {
        let mut buffer = Default::default();
        let (Member::Shown(cells, width), Some(groups)) = (rows.node(), self.configurations.groups(rows)) else {
            return false;
        };
        let Some(all) = D::Value::block_from_cells(cells, (rows.len(), width), &mut buffer) else { return false };
        for group in &groups {
            let members: Vec<&D> = group.configurations.iter().map(|&row| &self.distributions[row]).collect();
            let mut buffer = Default::default();
            match group.gather(cells, width) {
                None => see(group, &members, all),
                Some(own) => {
                    let count = group.rows.as_ref().map_or(0, Vec::len);
                    if let Some(block) = D::Value::block_from_cells(&own, (count, width), &mut buffer) {
                        see(group, &members, block);
                    }
                }
            }
        }
        true
    }
}

impl<D, G: ?Sized> Switch<D, G> {
    /// The distributions, one for each joint state of the parents.
    pub fn distributions(&self) -> &[D] {
        &self.distributions
    }
}

impl<D: Distribution, G: FiniteParents + ?Sized> ConditionalDistribution for Switch<D, G> {
    type Given = G;
    type Value = D::Value;

    fn log_density(&self, x: &D::Value, given: &G) -> f64 {
        self.configurations.row(given).map_or(f64::NEG_INFINITY, |row| self.distributions[row].log_density(x))
    }

    /// Parents that the switch does not know are taken for its first state.
    fn sample(&self, given: &G, rng: &mut dyn Rng) -> <D::Value as ToOwned>::Owned {
        self.distributions[self.configurations.row(given).unwrap_or(0)].sample(rng)
    }

    fn states(&self) -> Option<usize> {
        self.distributions[0].states()
    }

    fn row_length(&self) -> Option<usize> {
        self.distributions[0].row_length()
    }

    fn period(&self) -> Option<f64> {
        self.distributions[0].period()
    }

    fn admits(&self, parents: &[Domain]) -> Result<(), Error> {
        self.configurations.admits(parents)
    }

    fn linear_gaussian(&self, given: &G) -> Option<RegressionLine> {
        let normal = self.distributions[self.configurations.row(given)?].as_normal()?;
        Some(RegressionLine::flat(normal, self.configurations.parents()))
    }
}

/// The statistics are Σ w and those of the distribution, for each state. A state without weight keeps its distribution,
/// unless that has a prior.
impl<D: Estimate, G: FiniteParents + ?Sized> EstimateConditional for Switch<D, G> {
    type Statistics = Vec<(f64, D::Statistics)>;

    fn statistics(&self) -> Self::Statistics {
        self.distributions.iter().map(|d| (0.0, d.statistics())).collect()
    }

    fn observe(&self, s: &mut Self::Statistics, x: &D::Value, given: &G, weight: f64) {
        if let Some(row) = self.configurations.row(given) {
            s[row].0 += weight;
            self.distributions[row].observe(&mut s[row].1, x, weight);
        }
    }

    fn estimate(&self, s: &Self::Statistics) -> Result<Self, Error> {
        let total: f64 = s.iter().map(|(weight, _)| weight).sum();
        if !(total > 0.0) {
            return Err(Error::NoWeight { weight: total });
        }
        let of_state = |(row, (d, (weight, s))): (usize, (&D, &(f64, D::Statistics)))| {
            let estimate = || d.estimate(s);
            let estimated = estimate_or_keep(d, *weight > 0.0, || d.log_prior(), estimate);
            estimated.map_err(|e| e.of_component(row))
        };
        let distributions: Result<_, _> = self.distributions.iter().zip(s).enumerate().map(of_state).collect();
        Ok(Self { configurations: self.configurations.clone(), distributions: distributions?, types: PhantomData })
    }

    fn expected_log_density(&self, s: &Self::Statistics) -> f64 {
        let of_state = |(d, (weight, s)): (&D, &(f64, D::Statistics))| {
            if *weight > 0.0 { d.expected_log_density(s) } else { 0.0 }
        };
        self.distributions.iter().zip(s).map(of_state).sum()
    }

    /// The kernels of the distributions, for all states of the hidden parents at once.
    fn log_densities_by_state(&self, rows: FamilyRows<'_>, tile: &mut [f64])
    where
        G: Value,
        D::Value: Value,
    {
        let seen = self.each_group(rows, |group, members, block| {
            group.fill(tile, |tile| D::log_densities_each(members, block, tile));
        });
        if !seen {
            log_densities_state_by_state(self, rows, tile);
        }
    }

    fn observe_by_state(&self, s: &mut Self::Statistics, rows: FamilyRows<'_>, weights: &[f64])
    where
        G: Value,
        D::Value: Value,
    {
        let seen = self.each_group(rows, |group, members, block| {
            let weights = group.of_tile(weights);
            let mut statistics = Vec::with_capacity(members.len());
            let of_members = weights.chunks_exact(D::Value::len(block).max(1));
            for ((weight, s), weights) in chosen(s, &group.configurations).into_iter().zip(of_members) {
                *weight += total(weights);
                statistics.push(s);
            }
            D::observe_each(members, &mut statistics, block, &weights);
        });
        if !seen {
            observe_state_by_state(self, s, rows, weights);
        }
    }

    fn same_statistics(&self, other: &Self) -> bool {
        let mut pairs = self.distributions.iter().zip(&other.distributions);
        self.configurations == other.configurations && pairs.all(|(d, other)| d.same_statistics(other))
    }

    /// The largest of the states.
    fn resolution(&self) -> f64 {
        self.distributions.iter().map(Estimate::resolution).fold(0.0, f64::max)
    }

    fn guarantee(&self) -> Guarantee {
        self.distributions.iter().map(Estimate::guarantee).min().unwrap_or_default()
    }

    fn log_prior(&self) -> Option<f64> {
        log_prior_of_all(self.distributions.iter().map(Estimate::log_prior))
    }

    fn free_parameters(&self) -> Option<usize> {
        self.distributions.iter().map(Estimate::free_parameters).sum()
    }
}

// Derived, these would ask the parents' type for the same.
impl<D: Clone, G: ?Sized> Clone for Switch<D, G> {
    fn clone(&self) -> Self {
        let (configurations, distributions) = (self.configurations.clone(), self.distributions.clone());
        Self { configurations, distributions, types: PhantomData }
    }
}

impl<D: fmt::Debug, G: ?Sized> fmt::Debug for Switch<D, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Switch").field(&self.distributions).finish()
    }
}

/// The coordinates of each distribution.
impl<D: Parametric, G: ?Sized> Parametric for Switch<D, G> {
    fn to_vector(&self) -> Vec<f64> {
        self.distributions.to_vector()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        let distributions = self.distributions.from_vector(coordinates)?;
        Ok(Self { configurations: self.configurations.clone(), distributions, types: PhantomData })
    }
}
