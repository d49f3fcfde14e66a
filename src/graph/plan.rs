//! What exact inference does for one pattern of observed nodes: which tables, over which cliques, in which order.
//!
//! Eliminating variables one by one gives a clique for each, and the cliques form a tree (Dechter 1996): up the tree
//! flow the sums, down it the posteriors. The plan does not depend on parameters or values; [`Scratch`] holds those.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::error::GraphError;

use super::elimination::{Elimination, minimal_fill};
use super::{DirectedGraph, Graph};

/// All cliques together may have this many cells: 128 MiB.
const MAX_CELLS: f64 = 16_777_216.0;

/// The tables and cliques for one pattern of observed nodes.
pub(crate) struct Plan {
    /// The finite nodes to be summed over, by their variable numbers.
    pub(super) variables: Vec<usize>,
    pub(super) states: Vec<usize>,
    /// The factors that count, in the order of their nodes.
    pub(super) families: Vec<Family>,
    /// In the order of elimination: a clique's parent comes after it.
    pub(super) cliques: Vec<Clique>,
    pub(super) query: Option<usize>,
    pub(super) table_cells: usize,
    pub(super) belief_cells: usize,
    pub(super) message_cells: usize,
}

/// One node with its parents.
pub(super) struct Family {
    pub(super) node: usize,
    /// Where the cells of the node, then of its parents, lie in a full row.
    pub(super) sources: Vec<Range<usize>>,
    /// The hidden members, the first the slowest in the table.
    pub(super) members: Vec<Member>,
    pub(super) table: Range<usize>,
    /// Whether some member is observed, so that the table depends on the row.
    pub(super) varies: bool,
    pub(super) clique: usize,
    /// For each variable of the clique, how far it moves in the table.
    pub(super) strides: Vec<usize>,
}

/// A hidden node in a family.
pub(super) struct Member {
    pub(super) variable: usize,
    pub(super) states: usize,
    /// Its place among the family's cells.
    pub(super) place: usize,
}

/// A variable with the neighbours it had when it was eliminated; it is the last, and fastest, of the scope.
pub(super) struct Clique {
    pub(super) scope: Vec<usize>,
    pub(super) shape: Vec<usize>,
    pub(super) belief: Range<usize>,
    pub(super) message: Range<usize>,
    pub(super) families: Vec<usize>,
    pub(super) children: Vec<usize>,
    pub(super) parent: Option<usize>,
    /// For each variable of the parent's scope, how far it moves in this clique's message.
    pub(super) strides: Vec<usize>,
}

impl Plan {
    /// For the nodes said to be observed; nodes of which neither `query` nor an observed node descends are left out.
    ///
    /// # Errors
    /// [`GraphError::NotFinite`], [`GraphError::TooWide`].
    pub(crate) fn new(
        graph: &Graph,
        observed: &dyn Fn(usize) -> bool,
        query: Option<usize>,
    ) -> Result<Self, GraphError> {
        let mut counts: Vec<bool> = (0..graph.len()).map(|node| observed(node) || query == Some(node)).collect();
        // A child has a larger number than its parents.
        for node in (0..graph.len()).rev() {
            if counts[node] {
                graph.parents(node).iter().for_each(|&parent| counts[parent] = true);
            }
        }
        let mut variable_of = vec![None; graph.len()];
        let (mut variables, mut states) = (Vec::new(), Vec::new());
        for node in (0..graph.len()).filter(|&node| counts[node] && !observed(node)) {
            let domain = graph.domain(node);
            let (1, Some(of_node)) = (domain.cells, domain.states) else {
                let advice = "observe it, or make it finite";
                return Err(GraphError::NotFinite { node: graph.name(node), advice });
            };
            variable_of[node] = Some(variables.len());
            variables.push(node);
            states.push(of_node);
        }
        let mut plan = Self {
            query: query.and_then(|node| variable_of[node]),
            variables,
            states,
            families: Vec::new(),
            cliques: Vec::new(),
            table_cells: 0,
            belief_cells: 0,
            message_cells: 0,
        };
        let scopes: Vec<(usize, Vec<Option<usize>>)> = (0..graph.len())
            .filter(|&node| counts[node])
            .map(|node| (node, family(graph, node).map(|member| variable_of[member]).collect()))
            .collect();
        let clique_of = plan.grow_cliques(graph, &scopes)?;
        scopes.iter().for_each(|(node, scope)| plan.add_family(graph, *node, scope, &clique_of));
        Ok(plan)
    }

    /// The cliques, and which of them eliminates each variable.
    fn grow_cliques(
        &mut self,
        graph: &Graph,
        scopes: &[(usize, Vec<Option<usize>>)],
    ) -> Result<Vec<usize>, GraphError> {
        let mut neighbours = vec![BTreeSet::new(); self.states.len()];
        for (_, scope) in scopes {
            for &a in scope.iter().flatten() {
                neighbours[a].extend(scope.iter().flatten().copied().filter(|&b| b != a));
            }
        }
        let order = minimal_fill(&neighbours, &self.states);
        let total: f64 = order.iter().map(|step| step.cells).sum();
        if total > MAX_CELLS {
            let widest = order.iter().max_by(|a, b| a.cells.total_cmp(&b.cells));
            let names = |step: &Elimination| {
                let names = step.scope.iter().map(|&variable| graph.name(self.variables[variable]));
                names.collect::<Vec<_>>().join(", ")
            };
            return Err(GraphError::TooWide { cells: total, nodes: widest.map(names).unwrap_or_default() });
        }
        let mut clique_of = vec![0; self.states.len()];
        for (number, step) in order.iter().enumerate() {
            clique_of[step.scope[step.scope.len() - 1]] = number;
        }
        for step in order {
            let shape: Vec<usize> = step.scope.iter().map(|&variable| self.states[variable]).collect();
            let cells: usize = shape.iter().product();
            let separator = cells / shape[shape.len() - 1].max(1);
            let parent = step.scope[..step.scope.len() - 1].iter().map(|&variable| clique_of[variable]).min();
            self.cliques.push(Clique {
                scope: step.scope,
                shape,
                belief: self.belief_cells..self.belief_cells + cells,
                message: self.message_cells..self.message_cells + separator,
                families: Vec::new(),
                children: Vec::new(),
                parent,
                strides: Vec::new(),
            });
            self.belief_cells += cells;
            self.message_cells += separator;
        }
        for child in 0..self.cliques.len() {
            if let Some(parent) = self.cliques[child].parent {
                let clique = &self.cliques[child];
                let separator = clique.scope.len() - 1;
                let strides = strides(&clique.scope[..separator], &clique.shape[..separator]);
                self.cliques[child].strides = self.cliques[parent].scope.iter().map(strides).collect();
                self.cliques[parent].children.push(child);
            }
        }
        Ok(clique_of)
    }

    fn add_family(&mut self, graph: &Graph, node: usize, scope: &[Option<usize>], clique_of: &[usize]) {
        let (mut members, mut sources, mut place) = (Vec::new(), Vec::new(), 0);
        for (member, variable) in family(graph, node).zip(scope) {
            if let Some(variable) = *variable {
                members.push(Member { variable, states: self.states[variable], place });
            }
            place += graph.cells(member).len();
            sources.push(graph.cells(member));
        }
        let (variables, shape): (Vec<usize>, Vec<usize>) = members.iter().map(|m| (m.variable, m.states)).unzip();
        let cells = if members.is_empty() { 0 } else { shape.iter().product() };
        // The clique of the member that is eliminated first holds them all.
        let clique = variables.iter().map(|&variable| clique_of[variable]).min().unwrap_or(0);
        let mut of_clique = Vec::new();
        if !members.is_empty() {
            of_clique = self.cliques[clique].scope.iter().map(strides(&variables, &shape)).collect();
            self.cliques[clique].families.push(self.families.len());
        }
        let table = self.table_cells..self.table_cells + cells;
        self.table_cells += cells;
        let varies = scope.iter().any(Option::is_none);
        self.families.push(Family { node, sources, members, table, varies, clique, strides: of_clique });
    }
}

/// A node, then its parents.
fn family(graph: &Graph, node: usize) -> impl Iterator<Item = usize> {
    std::iter::once(node).chain(graph.parents(node).iter().copied())
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
