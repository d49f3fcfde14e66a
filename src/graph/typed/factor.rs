//! One node's p(x | parents) without its types, on cells: what a graph holds side by side.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use rand::Rng;

use crate::conditionals::{
    ConditionalDistribution, Domain, EstimateConditional, FamilyRows, RegressionLine, Root, Value,
};
use crate::distributions::Guarantee;
use crate::error::Error;
use crate::numeric::{are_states, total};

use super::node_statistics::NodeStatistics;
use super::presence::Presence;
use super::type_name::TypeName;

/// p(x | y) on cells.
pub(crate) trait Factor: Send + Sync {
    /// What the node's values are; `None` for rows whose length nobody says.
    fn domain(&self) -> Option<Domain>;
    /// The type of the node's values.
    fn value(&self) -> TypeName;
    /// The type of its parents' values.
    fn given(&self) -> TypeName;
    fn admits(&self, parents: &[Domain]) -> Result<(), Error>;
    /// ln p(x | y); −∞ for cells that hold no value.
    fn log_density(&self, x: &[f64], given: &[f64]) -> f64;
    /// p(x | y).
    fn density(&self, x: &[f64], given: &[f64]) -> f64 {
        self.log_density(x, given).exp()
    }
    /// Whether the cells hold a value of the node's type.
    fn accepts(&self, x: &[f64]) -> bool;
    /// The first row whose cells are shown but hold no value of the node's type; the cells come with whether all are
    /// finite.
    fn refused(&self, cells: (&[f64], bool), width: usize, shown: &Presence) -> Option<usize>;
    /// See [`EstimateConditional::log_densities_by_state`].
    fn log_densities_by_state(&self, rows: FamilyRows<'_>, tile: &mut [f64]);
    /// See [`EstimateConditional::observe_by_state`].
    fn observe_by_state(&self, s: &mut NodeStatistics, rows: FamilyRows<'_>, weights: &[f64]);
    /// A draw into `x`; what does not lie in the node's domain becomes NaN.
    fn sample(&self, given: &[f64], rng: &mut dyn Rng, x: &mut [f64]);
    /// The line of a real x, if there is one for these parents; hidden real parents may be any numbers.
    fn linear_gaussian(&self, given: &[f64]) -> Option<RegressionLine>;
    fn statistics(&self) -> NodeStatistics;
    fn observe(&self, s: &mut NodeStatistics, x: &[f64], given: &[f64], weight: f64);
    fn estimate(&self, s: &NodeStatistics) -> Result<Arc<dyn Factor>, Error>;
    fn expected_log_density(&self, s: &NodeStatistics) -> f64;
    fn resolution(&self) -> f64 {
        0.0
    }
    fn guarantee(&self) -> Guarantee {
        Guarantee::Exact
    }
    fn log_prior(&self) -> Option<f64> {
        None
    }
    fn free_parameters(&self) -> Option<usize>;
    /// The value that lies in the cells, as `Debug` prints it; the cells if none does.
    fn shown(&self, x: &[f64]) -> String;
    /// The conditional distribution itself.
    fn conditional(&self) -> &dyn Any;
    /// The same, to be printed.
    fn printed(&self) -> &dyn Debug;
}

/// A conditional distribution whose types are forgotten.
pub(crate) struct Erased<C>(pub(crate) C);

impl<C> Factor for Erased<C>
where
    C: EstimateConditional + Debug + 'static,
    C::Given: Value,
    C::Value: Value,
    C::Statistics: 'static,
{
    fn domain(&self) -> Option<Domain> {
        let cells = C::Value::CELLS.or(self.0.row_length())?;
        Some(Domain { cells, states: self.0.states().or(C::Value::STATES) })
    }

    fn value(&self) -> TypeName {
        TypeName::of::<C::Value>()
    }

    fn given(&self) -> TypeName {
        TypeName::of::<C::Given>()
    }

    fn admits(&self, parents: &[Domain]) -> Result<(), Error> {
        self.0.admits(parents)
    }

    fn log_density(&self, x: &[f64], given: &[f64]) -> f64 {
        let density = C::Given::from_cells(given, |given| C::Value::from_cells(x, |x| self.0.log_density(x, given)));
        density.flatten().unwrap_or(f64::NEG_INFINITY)
    }

    fn density(&self, x: &[f64], given: &[f64]) -> f64 {
        let density = C::Given::from_cells(given, |given| C::Value::from_cells(x, |x| self.0.density(x, given)));
        density.flatten().unwrap_or(0.0)
    }

    fn accepts(&self, x: &[f64]) -> bool {
        let states = self.0.states().or(C::Value::STATES);
        C::Value::from_cells(x, |_| ()).is_some() && states.is_none_or(|states| x[0] < states as f64)
    }

    fn refused(&self, (cells, finite): (&[f64], bool), width: usize, shown: &Presence) -> Option<usize> {
        let states = self.0.states().or(C::Value::STATES);
        if states.is_none() && C::Value::ANY_NUMBERS && C::Value::CELLS.is_none_or(|cells| cells == width) {
            if finite {
                return None;
            }
        } else if let Some(states) = states
            && width == 1
            && all_states(cells, states)
            && (0..states).all(|state| self.accepts(&[state as f64]))
        {
            return None;
        }
        let accepted = |x: &[f64]| self.accepts(x);
        cells.chunks_exact(width.max(1)).enumerate().position(|(n, x)| shown.get(n) && !accepted(x))
    }

    fn log_densities_by_state(&self, rows: FamilyRows<'_>, tile: &mut [f64]) {
        self.0.log_densities_by_state(rows, tile);
    }

    fn observe_by_state(&self, s: &mut NodeStatistics, rows: FamilyRows<'_>, weights: &[f64]) {
        s.weight += total(weights);
        self.0.observe_by_state(s.of_mut::<C::Statistics>(), rows, weights);
    }

    fn sample(&self, given: &[f64], rng: &mut dyn Rng, x: &mut [f64]) {
        x.fill(f64::NAN);
        C::Given::from_cells(given, |given| {
            let drawn = self.0.sample(given, rng);
            std::borrow::Borrow::<C::Value>::borrow(&drawn).with_cells(|cells| {
                if cells.len() == x.len() {
                    x.copy_from_slice(cells);
                }
            });
        });
    }

    fn linear_gaussian(&self, given: &[f64]) -> Option<RegressionLine> {
        // A value that takes whole numbers only is no real.
        C::Value::from_cells(&[0.5], |_| ())?;
        let line = C::Given::from_cells(given, |y| self.0.linear_gaussian(y)).flatten();
        line.filter(|line| line.is_valid(given.len()))
    }

    fn statistics(&self) -> NodeStatistics {
        NodeStatistics::new(self.0.statistics())
    }

    fn observe(&self, s: &mut NodeStatistics, x: &[f64], given: &[f64], weight: f64) {
        s.weight += weight;
        let s = s.of_mut::<C::Statistics>();
        C::Given::from_cells(given, |given| C::Value::from_cells(x, |x| self.0.observe(s, x, given, weight)));
    }

    fn estimate(&self, s: &NodeStatistics) -> Result<Arc<dyn Factor>, Error> {
        Ok(Arc::new(Self(self.0.estimate(s.of::<C::Statistics>())?)))
    }

    fn expected_log_density(&self, s: &NodeStatistics) -> f64 {
        if s.weight > 0.0 { self.0.expected_log_density(s.of::<C::Statistics>()) } else { 0.0 }
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

    fn free_parameters(&self) -> Option<usize> {
        self.0.free_parameters()
    }

    fn shown(&self, x: &[f64]) -> String {
        C::Value::from_cells(x, |x| format!("{x:?}")).unwrap_or_else(|| format!("{x:?}"))
    }

    fn conditional(&self) -> &dyn Any {
        &self.0
    }

    fn printed(&self) -> &dyn Debug {
        &self.0
    }
}

/// Whether all are whole numbers from 0 to `states` − 1, or NaN.
fn all_states(cells: &[f64], states: usize) -> bool {
    let mut known = true;
    are_states(cells, states, &mut known);
    known
}

/// What can stand as p(node | parents of values `G`): a conditional distribution, or for no parents a distribution.
///
/// `Kind` tells the two apart and is inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be p(node | parents) for parents of values `{G}`",
    label = "not a learnable conditional distribution given `{G}`",
    note = "without parents, `()`, it must be a distribution that implements `Estimate`, or be frozen as `Fixed(…)`",
    note = "with parents it must implement `EstimateConditional` and its `Given` be the parents' values: \
            `ConditionalTable`, `Switch`, `LinearGaussian`, `LogisticRegression`, `given(|y: &{G}| …)`",
    note = "a `ConditionalDistribution` that is not to be learned becomes a node as `FixedConditional(…)`"
)]
pub trait IntoConditional<G: ?Sized, Kind> {
    /// The conditional distribution.
    type Conditional: EstimateConditional<Given = G>;
    /// Turns it into that.
    fn into_conditional(self) -> Self::Conditional;
}

/// The kind of what is a conditional distribution already.
#[derive(Debug)]
pub enum Conditional {}

/// The kind of a distribution that stands at a root.
#[derive(Debug)]
pub enum Unconditional {}

impl<C: EstimateConditional> IntoConditional<C::Given, Conditional> for C {
    type Conditional = C;
    fn into_conditional(self) -> C {
        self
    }
}

impl<D: crate::distributions::Estimate> IntoConditional<(), Unconditional> for D {
    type Conditional = Root<D>;
    fn into_conditional(self) -> Root<D> {
        Root(self)
    }
}

/// The value type of what [`IntoConditional`] yields.
pub type ValueOf<C, G, Kind> = <<C as IntoConditional<G, Kind>>::Conditional as ConditionalDistribution>::Value;
