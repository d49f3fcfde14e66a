//! What exact inference does for one pattern of observed nodes: which tables, over which cliques, in which order.
//!
//! The maximal cliques of a triangulation form a tree (Lauritzen & Spiegelhalter 1988): up the tree flow the sums, down it
//! the posteriors. Hidden real nodes are integrated out before: what they leave are tables over
//! their finite neighbours. The plan does not depend on parameters or values; [`Scratch`](super::inference::Scratch) holds those.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::error::{GraphError, listed};

use super::component::Component;
use super::role::{Role, Table, family, is_linear_gaussian};
use crate::graph::{DirectedGraph, Graph, Triangulation};

/// All cliques together, and what is kept of hidden real nodes, may have this many cells: 128 MiB.
const MAX_CELLS: f64 = 16_777_216.0;

/// The tables and cliques for one pattern of observed nodes; [`Graph::plan`] makes one to be looked at.
pub struct Plan {
    /// The finite nodes to be summed over, by their variable numbers.
    pub(crate) variables: Vec<usize>,
    pub(crate) states: Vec<usize>,
    /// The factors that count and that no hidden real node enters, in the order of their nodes.
    pub(crate) families: Vec<Family>,
    /// The hidden real nodes, with all factors that they enter.
    pub(crate) components: Vec<Component>,
    /// A clique's parent comes after it.
    pub(crate) cliques: Vec<Clique>,
    /// The clique that eliminates each variable: the highest that holds it.
    pub(crate) clique_of: Vec<usize>,
    pub(crate) table_cells: usize,
    pub(crate) belief_cells: usize,
    pub(crate) message_cells: usize,
    pub(crate) solution_cells: usize,
    /// The names of hidden nodes without an exact posterior.
    pub(crate) left_out: Vec<String>,
}

/// One node with its parents.
pub(crate) struct Family {
    pub(crate) node: usize,
    /// Where the cells of the node, then of its parents, lie in a full row.
    pub(crate) sources: Vec<Range<usize>>,
    /// The hidden members, the first the slowest in the table.
    pub(crate) members: Vec<Member>,
    pub(crate) table: Table,
    /// Whether some member is observed, so that the table depends on the row.
    pub(crate) varies: bool,
}

/// A hidden node in a family.
pub(crate) struct Member {
    pub(crate) variable: usize,
    pub(crate) states: usize,
    /// Its place among the family's cells.
    pub(crate) place: usize,
}

/// Variables that are summed out together, with the others that share a factor with them.
pub(crate) struct Clique {
    /// The separator, shared with the parent; then, and fastest, the variables that are eliminated here, in order.
    pub(crate) scope: Vec<usize>,
    /// How many variables the separator has.
    pub(crate) separator: usize,
    pub(crate) shape: Vec<usize>,
    pub(crate) belief: Range<usize>,
    pub(crate) message: Range<usize>,
    pub(crate) families: Vec<usize>,
    pub(crate) components: Vec<usize>,
    pub(crate) children: Vec<usize>,
    pub(crate) parent: Option<usize>,
    /// For each variable of the parent's scope, how far it moves in this clique's message.
    pub(crate) strides: Vec<usize>,
}

impl Plan {
    /// For the nodes said to be observed; nodes from which neither a wanted nor an observed node descends are left out.
    ///
    /// # Errors
    /// [`GraphError::NotFinite`], [`GraphError::NotLinearGaussian`], [`GraphError::TooWide`].
    pub(crate) fn new(
        graph: &Graph,
        observed: &dyn Fn(usize) -> bool,
        wanted: &dyn Fn(usize) -> bool,
    ) -> Result<Self, GraphError> {
        let mut plan = Self {
            variables: Vec::new(),
            states: Vec::new(),
            families: Vec::new(),
            components: Vec::new(),
            cliques: Vec::new(),
            clique_of: Vec::new(),
            table_cells: 0,
            belief_cells: 0,
            message_cells: 0,
            solution_cells: 0,
            left_out: Vec::new(),
        };
        let roles = plan.cast(graph, observed, wanted)?;
        let is_real = |node: &usize| roles[*node] == Role::Integrated;
        let (with_real, without): (Vec<usize>, Vec<usize>) = (0..graph.len())
            .filter(|&node| roles[node] != Role::Apart)
            .partition(|&node| family(graph, node).any(|member| is_real(&member)));
        let components = Component::all(graph, &roles, &with_real, &plan.states);
        let of_family = |&node: &usize| family(graph, node).filter_map(|member| roles[member].variable()).collect();
        let scopes: Vec<Vec<usize>> =
            without.iter().map(of_family).chain(components.iter().map(|c| c.scope.clone())).collect();
        plan.grow_cliques(graph, &scopes)?;
        without.iter().for_each(|&node| plan.add_family(graph, node, &roles));
        for component in components {
            plan.add_component(graph, component)?;
        }
        Ok(plan)
    }

    /// What each node is, with the finite hidden ones as the plan's variables.
    fn cast(
        &mut self,
        graph: &Graph,
        observed: &dyn Fn(usize) -> bool,
        wanted: &dyn Fn(usize) -> bool,
    ) -> Result<Vec<Role>, GraphError> {
        let mut counts: Vec<bool> = (0..graph.len()).map(|node| observed(node) || wanted(node)).collect();
        // A child has a larger number than its parents.
        for node in (0..graph.len()).rev() {
            if counts[node] {
                graph.parents(node).iter().for_each(|&parent| counts[parent] = true);
            }
        }
        let mut roles = vec![Role::Apart; graph.len()];
        for node in (0..graph.len()).filter(|&node| counts[node]) {
            let domain = graph.domain(node);
            roles[node] = match (domain.cells, domain.states) {
                _ if observed(node) => Role::Observed,
                (1, Some(states)) => {
                    self.variables.push(node);
                    self.states.push(states);
                    Role::Summed(self.variables.len() - 1)
                }
                _ if is_linear_gaussian(graph, node) => Role::Integrated,
                _ => {
                    let advice = "observe it, or let its distribution say its `states` (of a closure: \
                                  given(…).of_states(…)) or its `linear_gaussian`";
                    return Err(GraphError::NotFinite { node: graph.name(node), advice });
                }
            };
            let real = graph.parents(node).iter().find(|&&parent| roles[parent] == Role::Integrated);
            if let Some(&real) = real
                && !is_linear_gaussian(graph, node)
            {
                return Err(GraphError::NotLinearGaussian { node: graph.name(real), child: graph.name(node) });
            }
        }
        Ok(roles)
    }

    fn grow_cliques(&mut self, graph: &Graph, scopes: &[Vec<usize>]) -> Result<(), GraphError> {
        let mut neighbours = vec![BTreeSet::new(); self.states.len()];
        for scope in scopes {
            for &a in scope {
                neighbours[a].extend(scope.iter().copied().filter(|&b| b != a));
            }
        }
        let neighbours: Vec<Vec<usize>> = neighbours.into_iter().map(|of| of.into_iter().collect()).collect();
        let triangulation = Triangulation::of(&neighbours, &self.states);
        if triangulation.cells() > MAX_CELLS {
            let nodes = self.names(graph, triangulation.largest().0);
            return Err(GraphError::TooWide { cells: triangulation.cells(), nodes });
        }
        self.clique_of = vec![0; self.states.len()];
        for (number, of_tree) in triangulation.tree().iter().enumerate() {
            let mut eliminated = of_tree.residual().to_vec();
            eliminated.sort_unstable();
            eliminated.iter().for_each(|&variable| self.clique_of[variable] = number);
            let scope = [of_tree.separator(), &eliminated].concat();
            let shape: Vec<usize> = scope.iter().map(|&variable| self.states[variable]).collect();
            let separator = of_tree.separator;
            let (cells, entries) = (shape.iter().product::<usize>(), shape[..separator].iter().product::<usize>());
            self.cliques.push(Clique {
                scope,
                separator,
                shape,
                belief: self.belief_cells..self.belief_cells + cells,
                message: self.message_cells..self.message_cells + entries,
                families: Vec::new(),
                components: Vec::new(),
                children: Vec::new(),
                parent: of_tree.parent,
                strides: Vec::new(),
            });
            self.belief_cells += cells;
            self.message_cells += entries;
        }
        for child in 0..self.cliques.len() {
            if let Some(parent) = self.cliques[child].parent {
                let clique = &self.cliques[child];
                let strides = strides(&clique.scope[..clique.separator], &clique.shape[..clique.separator]);
                self.cliques[child].strides = self.cliques[parent].scope.iter().map(strides).collect();
                self.cliques[parent].children.push(child);
            }
        }
        Ok(())
    }

    fn add_family(&mut self, graph: &Graph, node: usize, roles: &[Role]) {
        let (mut members, mut sources, mut place, mut varies) = (Vec::new(), Vec::new(), 0, false);
        for member in family(graph, node) {
            match roles[member].variable() {
                Some(variable) => members.push(Member { variable, states: self.states[variable], place }),
                None => varies = true,
            }
            place += graph.cells(member).len();
            sources.push(graph.cells(member));
        }
        let variables: Vec<usize> = members.iter().map(|member| member.variable).collect();
        let table = self.add_table(&variables);
        if !members.is_empty() {
            self.cliques[table.clique].families.push(self.families.len());
        }
        self.families.push(Family { node, sources, members, table, varies });
    }

    fn add_component(&mut self, graph: &Graph, component: Component) -> Result<(), GraphError> {
        let states: f64 = component.shape.iter().map(|&states| states as f64).product();
        let cells = states * component.length as f64;
        if self.solution_cells as f64 + cells > MAX_CELLS {
            let real = component.reals.first().map(|&node| graph.name(node)).unwrap_or_default();
            let nodes = format!("{} and hidden real nodes around {real}", self.names(graph, &component.scope));
            return Err(GraphError::TooWide { cells, nodes });
        }
        let mut table = self.add_table(&component.scope);
        if component.scope.is_empty() {
            // A constant is a table too: its one cell is ln p of what is observed around the component.
            table.cells.end += 1;
            self.table_cells += 1;
        } else {
            self.cliques[table.clique].components.push(self.components.len());
        }
        let end = self.solution_cells + table.cells.len() * component.length;
        self.components.push(Component { table, solutions: self.solution_cells..end, ..component });
        self.solution_cells = end;
        Ok(())
    }

    /// Room for a table over some variables, the first the slowest; none over no variables.
    fn add_table(&mut self, variables: &[usize]) -> Table {
        let shape: Vec<usize> = variables.iter().map(|&variable| self.states[variable]).collect();
        let cells = if variables.is_empty() { 0 } else { shape.iter().product() };
        let cells = self.table_cells..self.table_cells + cells;
        self.table_cells = cells.end;
        // Of the cliques that eliminate them the lowest holds them all.
        let Some(clique) = variables.iter().map(|&variable| self.clique_of[variable]).min() else {
            return Table { cells, ..Table::default() };
        };
        let strides = self.cliques[clique].scope.iter().map(strides(variables, &shape)).collect();
        Table { cells, clique, strides }
    }

    fn names(&self, graph: &Graph, scope: &[usize]) -> String {
        listed(scope.iter().map(|&variable| graph.name(self.variables[variable])))
    }
}

/// How far a variable moves in a row-major table over `scope`; 0 if it is not in it.
fn strides(scope: &[usize], shape: &[usize]) -> impl Fn(&usize) -> usize {
    let mut step = 1;
    let mut of_scope = Vec::with_capacity(scope.len());
    for (&variable, &states) in scope.iter().zip(shape).rev() {
        of_scope.push((variable, step));
        step *= states;
    }
    move |wanted| of_scope.iter().filter(|(variable, _)| variable == wanted).map(|(_, step)| step).sum()
}
