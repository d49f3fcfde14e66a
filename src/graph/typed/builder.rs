//! The builder of a [`Graph`]: one call a node, parents before children.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::conditionals::{ConditionalTable, Domain, Finite, FixedConditional, Value};
use crate::error::{Error, GraphError};

use super::factor::{Erased, Factor, IntoConditional, ValueOf};
use super::graph::{Graph, Structure, Vertex};
use super::type_name::TypeName;
use crate::graph::{Node, Parents};

/// Collects the nodes of a graph; see [`Graph`].
pub struct GraphBuilder {
    tag: u64,
    vertices: Vec<Vertex>,
    names: HashMap<String, usize>,
    domains: Vec<Domain>,
    factors: Vec<Arc<dyn Factor>>,
    /// The cells of constants.
    set: Vec<(usize, Vec<f64>)>,
    error: Option<Error>,
}

/// Every builder has its own tag, so that a handle shows where it comes from.
static TAGS: AtomicU64 = AtomicU64::new(0);

impl Graph {
    /// An empty graph, to which nodes are added.
    pub fn builder() -> GraphBuilder {
        GraphBuilder::new()
    }
}

impl GraphBuilder {
    pub(crate) fn new() -> Self {
        let tag = TAGS.fetch_add(1, Ordering::Relaxed);
        let (vertices, names) = (Vec::new(), HashMap::new());
        Self { tag, vertices, names, domains: Vec::new(), factors: Vec::new(), set: Vec::new(), error: None }
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
        let factor = Arc::new(Erased(conditional.into_conditional()));
        let parameter = self.factors.len();
        self.factors.push(factor);
        self.place(name.into(), &parents, Ok(parameter))
    }

    /// Adds a node that shares the conditional distribution of an earlier one: p(node | parents) is `like`'s, and both
    /// are learned as one.
    ///
    /// Of whatever the node is tied to there is one estimate, from the statistics of all nodes that share it. The
    /// parents have the types of `like`'s parents, or [`build`](Self::build) refuses them.
    ///
    /// A chain of a thousand slices with one transition:
    /// ```
    /// use marginal::{conditionals::ConditionalTable, graph::{Graph, Node}};
    /// let mut g = Graph::builder();
    /// let first: Node<bool> = g.node("z0", (), ConditionalTable::new([[0.5, 0.5]])?);
    /// let second: Node<bool> = g.node("z1", first, ConditionalTable::new([[0.9, 0.1], [0.2, 0.8]])?);
    /// let last = (2..1000).fold(second, |z, t| g.tied(format!("z{t}"), z, second));
    /// let chain = g.build()?;
    /// let posterior = chain.posterior(last, &chain.evidence().with(first, true))?;
    /// assert!((posterior.probability(&false) - 2.0 / 3.0).abs() < 1e-12);
    /// # Ok::<(), marginal::Error>(())
    /// ```
    #[allow(
        clippy::needless_pass_by_value,
        reason = "handles are Copy, and a tuple of them is written where it stands"
    )]
    pub fn tied<P: Parents, T: Value + ?Sized>(
        &mut self,
        name: impl Into<String>,
        parents: P,
        like: Node<T>,
    ) -> Node<T> {
        let parameter = self.parameter_of(like, TypeName::of::<P::Values>());
        self.place(name.into(), &parents, parameter)
    }

    /// Adds a node that has one value in every row, of so many states: the model says it, no column of the data shows it.
    ///
    /// Below it, nodes that are [`tied`](Self::tied) share a conditional distribution of several members, each node its own
    /// member: a [`ConditionalGaussian`](crate::conditionals::ConditionalGaussian) with a common standard deviation is one σ
    /// for several nodes, of which each has its own intercept and slopes.
    #[allow(clippy::needless_pass_by_value, reason = "values are written where they stand: constant(\"x\", true, 2)")]
    pub fn constant<T: Finite>(&mut self, name: impl Into<String>, value: T, states: usize) -> Node<T> {
        let (state, name) = (value.index(), name.into());
        let row: Vec<f64> = (0..states).map(|k| f64::from(u8::from(k == state))).collect();
        let parameter = self.factors.len();
        if let Ok(table) = ConditionalTable::<(), T>::new([row]) {
            self.factors.push(Arc::new(Erased(FixedConditional(table))));
        } else {
            let (name, domain) = ("the state of a constant", "{0, …, states − 1}");
            self.error.get_or_insert(Error::Parameter { name, value: state as f64, domain });
        }
        let node = self.place(name, &(), Ok(parameter));
        self.vertices[node.index].constant = true;
        self.set.push((node.index, vec![state as f64]));
        node
    }

    /// Which conditional distribution `like` has, if it is one of parents of such values.
    fn parameter_of<T: ?Sized>(&self, like: Node<T>, given: TypeName) -> Result<usize, GraphError> {
        let other = self.vertices.get(like.index).filter(|_| like.graph == self.tag);
        let other = other.ok_or(GraphError::ForeignHandle { index: like.index })?;
        let expected = self.factors.get(other.parameter).map_or(given, |factor| factor.given());
        if expected == given {
            return Ok(other.parameter);
        }
        Err(GraphError::Tied { other: other.name.clone(), expected: expected.name(), found: given.name() })
    }

    /// The node's handle; what is wrong with it is kept.
    fn place<T: ?Sized>(
        &mut self,
        name: String,
        parents: &impl Parents,
        parameter: Result<usize, GraphError>,
    ) -> Node<T> {
        let index = self.vertices.len();
        if let Err(error) = self.add(name, parents, parameter) {
            self.error.get_or_insert(error);
        }
        Node { index, graph: self.tag, values: PhantomData }
    }

    fn add(&mut self, name: String, parents: &impl Parents, parameter: Result<usize, GraphError>) -> Result<(), Error> {
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
        let index = self.vertices.len();
        let duplicate = self.names.insert(name.clone(), index).is_some();
        let domains: Vec<Domain> = indices.iter().map(|&parent| self.domains[parent]).collect();
        let factor = parameter.as_ref().ok().and_then(|&parameter| self.factors.get(parameter));
        let admitted = factor.map_or(Ok(()), |factor| factor.admits(&domains));
        let domain = factor.and_then(|factor| factor.domain());
        // The node takes its place even if something is wrong with it, so that later handles keep their meaning.
        let cells = domain.map_or(1, |domain| domain.cells);
        let first = self.vertices.last().map_or(0, |vertex| vertex.cells.end);
        let at = parameter.as_ref().map_or(0, |&parameter| parameter);
        let cells = first..first + cells;
        self.vertices.push(Vertex { name: name.clone(), parents: indices, cells, parameter: at, constant: false });
        self.domains.push(domain.unwrap_or(Domain { cells: 1, states: None }));
        if let Err(error) = parameter {
            return Err(at_node(error.into()));
        }
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
    /// The first of: [`GraphError::ForeignHandle`], [`GraphError::Tied`], [`GraphError::DuplicateName`],
    /// [`GraphError::UnknownLength`], and what a conditional distribution has against its parents, as
    /// [`Error::AtNode`].
    pub fn build(self) -> Result<Graph, Error> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(Graph::new(
                Structure::new(self.tag, self.vertices, self.names, self.domains, self.set),
                self.factors,
            )),
        }
    }
}

impl std::fmt::Debug for GraphBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GraphBuilder").field("nodes", &self.vertices.len()).finish_non_exhaustive()
    }
}
