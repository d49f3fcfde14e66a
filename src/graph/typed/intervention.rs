//! The do-operator (Pearl 2009): p(x | do(x_v = a)) is the product without p(x_v | x_pa(v)), at x_v = a.

use std::any::Any;
use std::fmt::{self, Debug};
use std::sync::Arc;

use crate::conditionals::{Domain, FamilyRows, Member, RegressionLine, Value};
use crate::error::{Error, GraphError};

use super::factor::Factor;
use super::graph::Graph;
use super::node_statistics::NodeStatistics;
use super::presence::Presence;
use super::type_name::TypeName;
use crate::graph::Node;

impl Graph {
    /// The graph after `node` was set to `value` from outside: the arrows from its parents are cut, it has that value in
    /// every assignment, and handles keep their meaning.
    ///
    /// Where it rains the path is wet and umbrellas are up; a path that was hosed tells nothing of umbrellas:
    /// ```
    /// use marginal::graph::Node;
    /// use marginal::prelude::*;
    ///
    /// let mut g = Graph::builder();
    /// let rain: Node<bool> = g.node("rain", (), Bernoulli::new(0.2)?);
    /// let wet: Node<bool> = g.node("wet", rain, ConditionalTable::new([[0.9, 0.1], [0.05, 0.95]])?);
    /// let umbrella: Node<bool> = g.node("umbrella", rain, ConditionalTable::new([[0.98, 0.02], [0.3, 0.7]])?);
    /// let joint = g.build()?;
    ///
    /// let seen = joint.posterior(umbrella, &joint.evidence().with(wet, true))?;
    /// let hosed = joint.intervene(wet, true)?;
    /// let done = hosed.posterior(umbrella, &hosed.evidence())?;
    /// assert!(seen.probability(&true) > 0.4 && (done.probability(&true) - 0.156).abs() < 1e-15);
    /// assert_eq!(hosed.to_string(), "p(rain) p(wet) p(umbrella | rain)");
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`GraphError::ForeignHandle`]; [`GraphError::Value`] or [`Error::Dimension`] for a value that the node cannot
    /// take, [`GraphError::Missing`] for NaN.
    #[allow(clippy::needless_pass_by_value, reason = "values are written where they stand: intervene(x, true)")]
    pub fn intervene<T: Value + ?Sized>(&self, node: Node<T>, value: T::Owned) -> Result<Self, Error> {
        let number = self.own(node)?[0];
        let cells = self.assignment().with(node, value).cells_of(self)?[self.cells(number)].to_vec();
        if cells.iter().any(|cell| cell.is_nan()) {
            return Err(GraphError::Missing { node: self.name_of(number).to_owned() }.into());
        }
        let before = Arc::clone(self.shared_factor(number));
        Ok(self.with_root(number, cells.clone(), Arc::new(Set { cells, before })))
    }
}

/// A value that a node has for sure, and the conditional distribution that it no longer follows.
#[derive(Clone)]
struct Set {
    cells: Vec<f64>,
    before: Arc<dyn Factor>,
}

impl Factor for Set {
    fn domain(&self) -> Option<Domain> {
        self.before.domain()
    }
    fn value(&self) -> TypeName {
        self.before.value()
    }
    fn given(&self) -> TypeName {
        TypeName::of::<()>()
    }
    fn admits(&self, _: &[Domain]) -> Result<(), Error> {
        Ok(())
    }
    fn log_density(&self, x: &[f64], _: &[f64]) -> f64 {
        if x == self.cells { 0.0 } else { f64::NEG_INFINITY }
    }
    fn accepts(&self, x: &[f64]) -> bool {
        self.before.accepts(x)
    }
    fn refused(&self, cells: (&[f64], bool), width: usize, shown: &Presence) -> Option<usize> {
        self.before.refused(cells, width, shown)
    }
    fn log_densities_by_state(&self, rows: FamilyRows<'_>, tile: &mut [f64]) {
        if let Member::Shown(cells, width) = rows.node() {
            let of_rows = tile.iter_mut().enumerate();
            of_rows.for_each(|(n, log)| *log = self.log_density(&cells[n * width..][..width], &[]));
        }
    }
    fn observe_by_state(&self, s: &mut NodeStatistics, rows: FamilyRows<'_>, weights: &[f64]) {
        if let Member::Shown(cells, width) = rows.node() {
            let of_rows = weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0);
            of_rows.for_each(|(n, weight)| self.observe(s, &cells[n * width..][..width], &[], *weight));
        }
    }
    fn sample(&self, _: &[f64], _: &mut dyn rand::Rng, x: &mut [f64]) {
        x.copy_from_slice(&self.cells);
    }
    fn linear_gaussian(&self, _: &[f64]) -> Option<RegressionLine> {
        None
    }
    /// Σ w ln p(x).
    fn statistics(&self) -> NodeStatistics {
        NodeStatistics::new(0.0)
    }
    fn observe(&self, s: &mut NodeStatistics, x: &[f64], given: &[f64], weight: f64) {
        s.weight += weight;
        *s.of_mut::<f64>() += weight * self.log_density(x, given);
    }
    fn estimate(&self, _: &NodeStatistics) -> Result<Arc<dyn Factor>, Error> {
        Ok(Arc::new(self.clone()))
    }
    fn expected_log_density(&self, s: &NodeStatistics) -> f64 {
        *s.of::<f64>()
    }
    fn free_parameters(&self) -> Option<usize> {
        Some(0)
    }
    fn shown(&self, x: &[f64]) -> String {
        self.before.shown(x)
    }
    fn conditional(&self) -> &dyn Any {
        self
    }
    fn printed(&self) -> &dyn Debug {
        self
    }
}

impl Debug for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "do({})", self.shown(&self.cells))
    }
}
