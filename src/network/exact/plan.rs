//! What exact inference will cost, before it is paid.

use std::fmt;
use std::sync::Arc;

use crate::error::{NetworkError, counted, large, readable};
use crate::graph::{DirectedGraph, TreeClique, Triangulation};

use super::blocks::{MOST, WIDTH};
use super::calibration::Calibration;
use super::clique_tree::CliqueTree;
use super::possible::{Worth, supports};
use super::problem::Problem;
use super::support::Support;
use crate::network::model::memory::too_large;
use crate::network::{Findings, Network};

/// The triangulation that exact inference will sum along, and what it takes.
///
/// ```
/// use marginal::network::Network;
/// let asia = Network::read_bif("data/networks/asia.bif")?;
/// let plan = asia.plan();
/// assert_eq!((plan.width(), plan.cells()), (2, 40.0));
/// println!("{plan}");
/// let tree = plan.compile()?;
/// # Ok::<(), marginal::Error>(())
/// ```
pub struct Plan {
    pub(crate) network: Network,
    problem: Problem,
    triangulation: Triangulation,
    /// Of the cliques whose possible cells are listed.
    supports: Vec<Option<Arc<Support>>>,
}

impl Network {
    /// How all posteriors would be found, and at what cost.
    pub fn plan(&self) -> Plan {
        Plan::of(self, Problem::whole(self), &[])
    }
}

impl Plan {
    /// For a problem, some of whose variables shall stand in one clique.
    pub(crate) fn of(network: &Network, problem: Problem, together: &[usize]) -> Self {
        let triangulation = Triangulation::of(&problem.neighbours(together), &problem.states);
        let supports = supports(&problem, &triangulation, &Worth::default());
        Self { network: network.clone(), problem, triangulation, supports }
    }

    /// The same with other cliques listed.
    #[cfg(test)]
    pub(crate) fn listing(self, worth: &Worth) -> Self {
        Self { supports: supports(&self.problem, &self.triangulation, worth), ..self }
    }

    /// The largest clique has one variable more.
    pub fn width(&self) -> usize {
        self.triangulation.width()
    }

    /// How many cells all cliques store together.
    ///
    /// Where less than half of a large clique can be positive whatever the evidence, because of zeros in the tables, it
    /// stores only what can be.
    pub fn cells(&self) -> f64 {
        self.stored().fold(0.0, |cells, of_clique| cells + of_clique)
    }

    /// How many cells the cliques have together, stored or not: the product of the states of each, added up.
    pub fn joint_states(&self) -> f64 {
        self.triangulation.cells()
    }

    /// How many cells the largest clique stores.
    pub fn largest(&self) -> f64 {
        self.stored().fold(0.0, f64::max)
    }

    /// The cells that each clique stores.
    fn stored(&self) -> impl Iterator<Item = f64> {
        let of = |(clique, support): (&TreeClique, &Option<Arc<Support>>)| {
            support.as_ref().map_or(clique.cells, |support| support.len() as f64)
        };
        self.triangulation.tree().iter().zip(&self.supports).map(of)
    }

    /// How many cliques there are.
    pub fn cliques(&self) -> usize {
        self.triangulation.cliques().len()
    }

    /// The memory that the tables will take, in bytes: all cells stored, one block of a clique, twice the
    /// separators, twice the network's own tables, and where cells are listed the lists.
    pub fn bytes(&self) -> f64 {
        let separator =
            |clique: &TreeClique| clique.separator().iter().map(|&v| self.problem.states[v] as f64).product::<f64>();
        let separators: f64 = self.triangulation.tree().iter().map(separator).sum();
        let tables: usize = self.problem.tables.iter().map(Vec::len).sum();
        let block = self.problem.states.iter().copied().max().unwrap_or(1).clamp(WIDTH, MOST);
        let lists: f64 = self.supports.iter().flatten().map(|support| support.bytes()).sum();
        8.0 * (self.cells() + self.largest().min(block as f64) + 2.0 * separators + 2.0 * tables as f64) + lists
    }

    pub(crate) fn calibration(self, bytes: f64) -> Result<(Problem, Calibration), NetworkError> {
        if !(self.bytes() <= bytes) {
            let largest = self.largest();
            let clique = self.stored().position(|cells| cells == largest).unwrap_or_default();
            let scope = self.triangulation.tree().get(clique).map_or(&[][..], |clique| &clique.scope);
            let names: Vec<String> = scope.iter().map(|&v| self.network.name(self.problem.variables[v])).collect();
            return Err(too_large(self.bytes(), bytes, self.cells(), largest, names));
        }
        let tree = CliqueTree::new(&self.problem, &self.triangulation, &self.supports);
        let calibration = Calibration::new(&self.problem, tree);
        Ok((self.problem, calibration))
    }
}

impl Findings {
    /// How p(targets, findings) would be found, and at what cost.
    pub(crate) fn plan(&self, targets: &[usize]) -> Plan {
        let problem = Problem::reduced(self, targets);
        let number = |target: &usize| problem.variables.binary_search(target).ok();
        let together: Vec<usize> = targets.iter().filter_map(number).collect();
        Plan::of(self.network(), problem, &together)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (width, cliques) = (self.width(), counted(self.cliques(), "clique"));
        let (cells, largest, all) = (self.cells(), self.largest(), self.joint_states());
        let possible =
            if cells < all { format!(" (of {}, the others are never possible)", large(all)) } else { String::new() };
        let (cells, largest) = (large(cells), large(largest));
        write!(
            f,
            "junction tree, exact: {cliques} of {cells} cells{possible}, the largest of {largest}; width {width}; {}",
            readable(self.bytes())
        )
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
