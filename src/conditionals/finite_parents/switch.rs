//! Switch: p(x | y) = p_z(x), z the joint state of finite parents y: a bank of components below them.

use std::fmt;
use std::marker::PhantomData;

use rand::Rng;

use crate::components::{Components, SampleGiven};
use crate::data::Observation;
use crate::distributions::{Guarantee, Parametric};
use crate::error::Error;
use crate::numeric::total;

use super::configuration_rows::ConfigurationRows;
use super::configurations::{Configurations, FiniteParents};
use crate::conditionals::estimate_conditional::{log_densities_state_by_state, observe_state_by_state};
use crate::conditionals::{
    ConditionalDistribution, Domain, EstimateConditional, FamilyRows, Member, RegressionLine, Value,
};

/// One member of a [bank](Components) for each joint state of the parents, the first parent the slowest.
///
/// Below a hidden label it is what a mixture's components are: a `Vec` of any distribution, or members that share
/// something, such as [`Gaussians`](crate::components::Gaussians) of one covariance.
/// ```
/// use marginal::{conditionals::{ConditionalDistribution, Switch}, distributions::{Distribution, Normal}};
/// let height: Switch<Vec<Normal>, bool> = Switch::new(vec![Normal::new(178.0, 7.0)?, Normal::new(165.0, 6.0)?])?;
/// assert_eq!(height.log_density(&170.0, &true), Normal::new(165.0, 6.0)?.log_density(&170.0));
/// # Ok::<(), marginal::Error>(())
/// ```
/// One covariance for both states of a hidden parent:
/// ```
/// use marginal::{components::{Covariance, Gaussians}, graph::{Graph, Node}, prelude::*};
/// let mut g = Graph::builder();
/// let kind: Node<bool> = g.node("kind", (), Bernoulli::new(0.5)?);
/// let plane = |mean| MultivariateNormal::new(mean, &[0.5, 0.0, 0.0, 50.0]);
/// let bank = Gaussians::new(vec![plane(vec![2.0, 55.0])?, plane(vec![4.0, 75.0])?])?.covariance(Covariance::Tied);
/// g.node("eruption", kind, Switch::new(bank)?);
/// let model = g.build()?.hide(kind)?;
/// # let rows = Table::read_csv("data/faithful.csv")?;
/// let fit = Em::default().fit(&model, &rows)?;
/// assert_eq!(fit.free_parameters, Some(8));
/// # Ok::<(), Error>(())
/// ```
pub struct Switch<C, G: ?Sized> {
    pub(crate) configurations: Configurations,
    pub(crate) components: C,
    types: PhantomData<fn(&G)>,
}

impl<C: Components, G: FiniteParents + ?Sized> Switch<C, G> {
    /// # Errors
    /// [`Error::Dimension`] if the number of components does not belong to the parents (or leaves open how many states each
    /// has: then use [`over`](Self::over)), or if they are distributions of different numbers of states or dimensions;
    /// [`Error::OtherShape`] if the bank estimates covariances of another shape than its members have.
    pub fn new(components: C) -> Result<Self, Error> {
        let configurations = Configurations::inferred::<G>(components.count())?;
        Self::of(configurations, components)
    }

    /// The same, with the number of states of each parent.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn over(parents: &[usize], components: C) -> Result<Self, Error> {
        let configurations = Configurations::new::<G>(parents, components.count())?;
        Self::of(configurations, components)
    }

    fn of(configurations: Configurations, components: C) -> Result<Self, Error> {
        let size = |z: usize| {
            let space = components.space_given(z);
            space.states.or(space.row_length).unwrap_or(1)
        };
        if let Some(other) = (1..components.count()).find(|&z| size(z) != size(0)) {
            let (expected, found) = (size(0), size(other));
            return Err(Error::Dimension { what: "a component of the switch", expected, found });
        }
        // A bank may ask more of the θ at which it collects statistics than of what it is made from.
        components.check_start(&components)?;
        Ok(Self { configurations, components, types: PhantomData })
    }
}

impl<C: Components<Value: Value>, G: FiniteParents + ?Sized> Switch<C, G> {
    /// Shows the rows whose shown parents have the same states. False, and nothing is shown, if x is hidden or some row
    /// holds no value.
    fn each_group(
        &self,
        rows: FamilyRows<'_>,
        mut see: impl FnMut(&ConfigurationRows, <C::Value as Observation>::Block<'_>),
    ) -> bool {
        let mut buffer = Default::default();
        let (Member::Shown(cells, width), Some(groups)) = (rows.node(), self.configurations.groups(rows)) else {
            return false;
        };
        let Some(all) = C::Value::block_from_cells(cells, (rows.len(), width), &mut buffer) else { return false };
        for group in &groups {
            let mut buffer = Default::default();
            match group.gather(cells, width) {
                None => see(group, all),
                Some(own) => {
                    let count = group.rows.as_ref().map_or(0, Vec::len);
                    if let Some(block) = C::Value::block_from_cells(&own, (count, width), &mut buffer) {
                        see(group, block);
                    }
                }
            }
        }
        true
    }
}

impl<C, G: ?Sized> Switch<C, G> {
    /// The bank: a member for each joint state of the parents.
    pub fn components(&self) -> &C {
        &self.components
    }
}

impl<C: SampleGiven, G: FiniteParents + ?Sized> ConditionalDistribution for Switch<C, G> {
    type Given = G;
    type Value = C::Value;

    fn log_density(&self, x: &C::Value, given: &G) -> f64 {
        self.configurations.row(given).map_or(f64::NEG_INFINITY, |row| self.components.log_density_given(x, row))
    }

    /// Parents that the switch does not know are taken for its first state.
    fn sample(&self, given: &G, rng: &mut dyn Rng) -> <C::Value as ToOwned>::Owned {
        self.components.sample_given(self.configurations.row(given).unwrap_or(0), rng)
    }

    fn states(&self) -> Option<usize> {
        self.components.space().states
    }

    fn row_length(&self) -> Option<usize> {
        self.components.space().row_length
    }

    fn period(&self) -> Option<f64> {
        self.components.space().period
    }

    fn admits(&self, parents: &[Domain]) -> Result<(), Error> {
        self.configurations.admits(parents)
    }

    fn linear_gaussian(&self, given: &G) -> Option<RegressionLine> {
        let normal = self.components.normal_given(self.configurations.row(given)?)?;
        Some(RegressionLine::flat(normal, self.configurations.parents()))
    }
}

/// The statistics are Σ w of each state, and those of the bank. A state without weight keeps what it does not share with
/// others, unless that has a prior.
impl<C: SampleGiven, G: FiniteParents + ?Sized> EstimateConditional for Switch<C, G> {
    type Statistics = (Vec<f64>, C::Statistics);

    fn statistics(&self) -> Self::Statistics {
        (vec![0.0; self.components.count()], self.components.empty_statistics())
    }

    fn observe(&self, (weights, s): &mut Self::Statistics, x: &C::Value, given: &G, weight: f64) {
        if let Some(row) = self.configurations.row(given) {
            weights[row] += weight;
            self.components.observe_given(s, x, row, weight);
        }
    }

    fn estimate(&self, (weights, s): &Self::Statistics) -> Result<Self, Error> {
        let total = total(weights);
        if !(total > 0.0) {
            return Err(Error::NoWeight { weight: total });
        }
        let seen: Vec<bool> = weights.iter().map(|weight| *weight > 0.0).collect();
        let components = self.components.estimate_together(s, &seen)?;
        Ok(Self { configurations: self.configurations.clone(), components, types: PhantomData })
    }

    fn expected_log_density(&self, (_, s): &Self::Statistics) -> f64 {
        self.components.expected_log_densities(s)
    }

    /// The kernels of the bank, for all states of the hidden parents at once.
    fn log_densities_by_state(&self, rows: FamilyRows<'_>, tile: &mut [f64])
    where
        G: Value,
        C::Value: Value,
    {
        let seen = self.each_group(rows, |group, block| {
            group.fill(tile, |tile| self.components.log_density_tile_of(&group.configurations, block, tile));
        });
        if !seen {
            log_densities_state_by_state(self, rows, tile);
        }
    }

    fn observe_by_state(&self, s: &mut Self::Statistics, rows: FamilyRows<'_>, weights: &[f64])
    where
        G: Value,
        C::Value: Value,
    {
        let (of_states, of_bank) = &mut *s;
        let seen = self.each_group(rows, |group, block| {
            let weights = group.of_tile(weights);
            for (&z, weights) in group.configurations.iter().zip(weights.chunks_exact(C::Value::len(block).max(1))) {
                of_states[z] += total(weights);
            }
            self.components.observe_tile_of(of_bank, &group.configurations, block, &weights);
        });
        if !seen {
            observe_state_by_state(self, s, rows, weights);
        }
    }

    fn same_statistics(&self, other: &Self) -> bool {
        self.configurations == other.configurations && self.components.check_start(&other.components).is_ok()
    }

    /// The largest of the states.
    fn resolution(&self) -> f64 {
        (0..self.components.count()).map(|z| self.components.resolution_given(z)).fold(0.0, f64::max)
    }

    fn guarantee(&self) -> Guarantee {
        self.components.joint_guarantee()
    }

    fn log_prior(&self) -> Option<f64> {
        self.components.log_prior_density()
    }

    fn free_parameters(&self) -> Option<usize> {
        self.components.degrees_of_freedom()
    }
}

// Derived, these would ask the parents' type for the same.
impl<C: Clone, G: ?Sized> Clone for Switch<C, G> {
    fn clone(&self) -> Self {
        let (configurations, components) = (self.configurations.clone(), self.components.clone());
        Self { configurations, components, types: PhantomData }
    }
}

impl<C: fmt::Debug, G: ?Sized> fmt::Debug for Switch<C, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Switch").field(&self.components).finish()
    }
}

/// The coordinates of the bank.
impl<C: Parametric, G: ?Sized> Parametric for Switch<C, G> {
    fn to_vector(&self) -> Vec<f64> {
        self.components.to_vector()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        let components = self.components.from_vector(coordinates)?;
        Ok(Self { configurations: self.configurations.clone(), components, types: PhantomData })
    }
}
