//! The builder of a [`Graph`]: one call a node, parents before children.

use std::collections::HashSet;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::conditionals::{Domain, Value};
use crate::error::{Error, GraphError};

use super::factor::{Erased, Factor, ValueOf};
use super::graph::{Structure, Vertex};
use super::{Graph, IntoConditional, Node, Parents};

/// Collects the nodes of a graph; see [`Graph`].
pub struct GraphBuilder {
    tag: u64,
    vertices: Vec<Vertex>,
    names: HashSet<String>,
    domains: Vec<Domain>,
    factors: Vec<Arc<dyn Factor>>,
    error: Option<Error>,
}

/// Every builder has its own tag, so that a handle shows where it comes from.
static TAGS: AtomicU64 = AtomicU64::new(0);

impl GraphBuilder {
    pub(super) fn new() -> Self {
        let tag = TAGS.fetch_add(1, Ordering::Relaxed);
        let (vertices, names) = (Vec::new(), HashSet::new());
        Self { tag, vertices, names, domains: Vec::new(), factors: Vec::new(), error: None }
    }

    /// Adds the factor p(node | parents) and returns the node's handle.
    ///
    /// `conditional` is a [`Distribution`](crate::distributions::Distribution) for the parents `()`, otherwise a
    /// [`ConditionalDistribution`](crate::conditionals::ConditionalDistribution) given the parents' values. What is wrong with it, [`build`](Self::build) tells.
    /// Where the type of the node's values does not follow from its use, say it: `let wet: Node<bool> = g.node(…)`.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "handles are Copy, and a tuple of them is written where it stands"
    )]
    pub fn node<P, C, Kind>(
        &mut self,
        name: impl Into<String>,
        parents: P,
        conditional: C,
    ) -> Node<ValueOf<C, P::Values, Kind>>
    where
        P: Parents,
        C: IntoConditional<P::Values, Kind>,
        C::Conditional: std::fmt::Debug + 'static,
        <C::Conditional as crate::conditionals::EstimateConditional>::Statistics: 'static,
        ValueOf<C, P::Values, Kind>: Value,
    {
        let index = self.vertices.len();
        if let Err(error) = self.add(name.into(), &parents, Arc::new(Erased(conditional.into_conditional()))) {
            self.error.get_or_insert(error);
        }
        Node { index, graph: self.tag, values: PhantomData }
    }

    fn add(&mut self, name: String, parents: &impl Parents, factor: Arc<dyn Factor>) -> Result<(), Error> {
        let mut indices = Vec::new();
        let mut foreign = None;
        parents.each(&mut |index, graph| {
            if graph == Some(self.tag) && index < self.vertices.len() {
                indices.push(index);
            } else {
                foreign = Some(GraphError::ForeignHandle { index });
            }
        });
        let at_node = |source: Error| Error::AtNode { node: name.clone(), source: Box::new(source) };
        let duplicate = !self.names.insert(name.clone());
        let domains: Vec<Domain> = indices.iter().map(|&parent| self.domains[parent]).collect();
        let admitted = factor.admits(&domains);
        let domain = factor.domain();
        // The node takes its place even if something is wrong with it, so that later handles keep their meaning.
        let cells = domain.map_or(1, |domain| domain.cells);
        let first = self.vertices.last().map_or(0, |vertex| vertex.cells.end);
        self.vertices.push(Vertex { name: name.clone(), parents: indices, cells: first..first + cells });
        self.domains.push(domain.unwrap_or(Domain { cells, states: None }));
        self.factors.push(factor);
        if let Some(foreign) = foreign {
            return Err(at_node(foreign.into()));
        }
        if duplicate {
            return Err(GraphError::DuplicateName { name }.into());
        }
        if domain.is_none() {
            return Err(GraphError::UnknownLength { node: name }.into());
        }
        admitted.map_err(at_node)
    }

    /// The graph.
    ///
    /// # Errors
    /// The first of: [`GraphError::ForeignHandle`], [`GraphError::DuplicateName`], [`GraphError::UnknownLength`], and
    /// what a conditional distribution has against its parents, as [`Error::AtNode`].
    pub fn build(self) -> Result<Graph, Error> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(Graph::new(Structure::new(self.tag, self.vertices, self.domains), self.factors)),
        }
    }
}

impl std::fmt::Debug for GraphBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GraphBuilder").field("nodes", &self.vertices.len()).finish_non_exhaustive()
    }
}
