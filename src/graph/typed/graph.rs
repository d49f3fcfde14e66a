//! `Graph`: p(x₁ … x_V) = Π_v p(x_v | x_pa(v)), with the conditional distributions as its nodes.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use crate::conditionals::{Domain, Root, Value};
use crate::distributions::estimate_or_keep;
use crate::error::{Error, GraphError, listed, nearest};

use super::factor::Factor;
use super::node_statistics::NodeStatistics;
use super::type_name::TypeName;
use crate::graph::{DirectedGraph, Node, Nodes, dot};

/// A joint distribution that factorises over an acyclic directed graph.
///
/// ```
/// use marginal::{conditionals::ConditionalTable, graph::{Graph, Node}};
/// let mut g = Graph::builder();
/// let rain: Node<bool> = g.node("rain", (), ConditionalTable::new([[0.8, 0.2]])?);
/// let wet: Node<bool> = g.node("wet", rain, ConditionalTable::new([[0.9, 0.1], [0.05, 0.95]])?);
/// let joint = g.build()?;
///
/// let posterior = joint.posterior(rain, &joint.evidence().with(wet, true))?;
/// assert!((posterior.probability(&true) - 0.19 / (0.19 + 0.08)).abs() < 1e-15);
/// assert_eq!(joint.to_string(), "p(rain) p(wet | rain)");
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone)]
pub struct Graph {
    structure: Arc<Structure>,
    /// One for each parameter.
    factors: Vec<Arc<dyn Factor>>,
}

/// What does not change when parameters do: names, arrows, and where each value lies in a row of cells.
#[derive(Clone)]
pub(crate) struct Structure {
    tag: u64,
    vertices: Vec<Vertex>,
    numbers: HashMap<String, usize>,
    domains: Vec<Domain>,
    /// The nodes that were set from outside, and the cells of their values.
    set: Vec<(usize, Vec<f64>)>,
}

/// One node of the structure.
#[derive(Clone)]
pub(crate) struct Vertex {
    pub(crate) name: String,
    pub(crate) parents: Vec<usize>,
    pub(crate) cells: Range<usize>,
    /// Which conditional distribution it has; tied nodes have the same.
    pub(crate) parameter: usize,
    /// Whether it has one value in every row, as the model says: no column of the data shows it.
    pub(crate) constant: bool,
}

impl Structure {
    pub(crate) fn new(
        tag: u64,
        vertices: Vec<Vertex>,
        numbers: HashMap<String, usize>,
        domains: Vec<Domain>,
        set: Vec<(usize, Vec<f64>)>,
    ) -> Self {
        Self { tag, vertices, numbers, domains, set }
    }
}

impl Graph {
    pub(crate) fn new(structure: Structure, factors: Vec<Arc<dyn Factor>>) -> Self {
        Self { structure: Arc::new(structure), factors }
    }

    /// The handle of the node of that name, whose values are of type `T`.
    ///
    /// ```
    /// use marginal::{distributions::Normal, graph::Graph};
    /// let mut g = Graph::builder();
    /// g.node("height", (), Normal::new(1.7, 0.1)?);
    /// let joint = g.build()?;
    /// let height = joint.node::<f64>("height")?;
    /// let refused = joint.node::<f64>("heigth").unwrap_err();
    /// assert_eq!(refused.to_string(), "no node is called `heigth` (did you mean `height`?)");
    /// # Ok::<(), marginal::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`GraphError::UnknownNode`] with the nearest name, [`GraphError::ValueType`].
    pub fn node<T: Value + ?Sized>(&self, name: &str) -> Result<Node<T>, GraphError> {
        let Some(&index) = self.structure.numbers.get(name) else {
            let known = self.structure.vertices.iter().map(|vertex| vertex.name.as_str());
            return Err(GraphError::UnknownNode { name: name.to_owned(), nearest: nearest(name, known) });
        };
        let (found, asked) = (self.factor(index).value(), TypeName::of::<T>());
        if found != asked {
            let (asked, found) = (asked.name(), found.name());
            return Err(GraphError::ValueType { node: name.to_owned(), asked, found });
        }
        Ok(Node { index, graph: self.structure.tag, values: PhantomData })
    }

    pub(crate) fn factor_of(&self, vertex: &Vertex) -> &dyn Factor {
        self.factors[vertex.parameter].as_ref()
    }

    pub(crate) fn vertices(&self) -> &[Vertex] {
        &self.structure.vertices
    }

    /// The cells of the parents, one after the other.
    pub(crate) fn gather(&self, vertex: &Vertex, row: &[f64], given: &mut Vec<f64>) {
        given.clear();
        for &parent in &vertex.parents {
            given.extend_from_slice(&row[self.structure.vertices[parent].cells.clone()]);
        }
    }

    /// The conditional distribution of a node, if its type is `C`; at a root a distribution of type `C`.
    ///
    /// This is how the parameters of a fitted graph are read.
    /// ```
    /// use marginal::{distributions::Normal, graph::Graph};
    /// let mut g = Graph::builder();
    /// let x = g.node("x", (), Normal::new(3.0, 1.0)?);
    /// let joint = g.build()?;
    /// assert_eq!(joint.conditional::<Normal>(x).map(Normal::mean), Some(3.0));
    /// # Ok::<(), marginal::Error>(())
    /// ```
    pub fn conditional<C: 'static>(&self, node: impl Nodes) -> Option<&C> {
        let index = *self.own(node).ok()?.first()?;
        let conditional = self.factor(index).conditional();
        conditional.downcast_ref::<C>().or_else(|| conditional.downcast_ref::<Root<C>>().map(|root| &root.0))
    }

    /// The graph in the DOT language of Graphviz.
    pub fn to_dot(&self) -> String {
        dot(self, &[])
    }

    /// The numbers of nodes whose handles this graph gave out.
    pub(crate) fn own(&self, nodes: impl Nodes) -> Result<Vec<usize>, GraphError> {
        let mut found = Ok(Vec::new());
        nodes.each(&mut |index, graph| {
            let mine = graph.is_none_or(|tag| tag == self.structure.tag) && index < self.len();
            if !mine {
                found = Err(GraphError::ForeignHandle { index });
            } else if let Ok(indices) = &mut found {
                indices.push(index);
            }
        });
        found
    }

    /// How many cells a row of all values fills.
    pub(crate) fn width(&self) -> usize {
        self.structure.vertices.last().map_or(0, |vertex| vertex.cells.end)
    }

    pub(crate) fn domain(&self, node: usize) -> Domain {
        self.structure.domains[node]
    }

    pub(crate) fn cells(&self, node: usize) -> Range<usize> {
        self.structure.vertices[node].cells.clone()
    }

    pub(crate) fn factor(&self, node: usize) -> &dyn Factor {
        self.shared_factor(node).as_ref()
    }

    pub(crate) fn shared_factor(&self, node: usize) -> &Arc<dyn Factor> {
        &self.factors[self.parameter(node)]
    }

    /// Which conditional distribution the node has: a number below [`parameters`](Self::parameters).
    pub(crate) fn parameter(&self, node: usize) -> usize {
        self.structure.vertices[node].parameter
    }

    /// The conditional distributions, each once.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &dyn Factor> {
        self.factors.iter().map(AsRef::as_ref)
    }

    pub(crate) fn name_of(&self, node: usize) -> &str {
        &self.structure.vertices[node].name
    }

    /// Whether the node is a [constant](GraphBuilder::constant).
    pub(crate) fn is_constant(&self, node: usize) -> bool {
        self.structure.vertices[node].constant
    }

    /// The names of the columns in which the node's value stands: its own; of several cells each has a number.
    pub(crate) fn columns_of(&self, node: usize) -> impl Iterator<Item = String> + '_ {
        let (name, cells) = (self.name_of(node), self.cells(node).len());
        (0..cells).map(move |d| if cells == 1 { name.to_owned() } else { format!("{name}{}", d + 1) })
    }

    /// The evidence of a row, which is impossible.
    pub(crate) fn impossible(&self, row: &[f64]) -> GraphError {
        let finding = |(name, value)| format!("{name} = {value}");
        GraphError::ImpossibleEvidence { evidence: listed(self.shown(row).map(finding).collect::<Vec<_>>().iter()) }
    }

    /// The names of the nodes that have a value in the row, each with it.
    pub(crate) fn shown<'a>(&'a self, row: &'a [f64]) -> impl Iterator<Item = (&'a str, String)> {
        let named = (0..self.len()).filter(|&node| !self.is_missing(node, row));
        named.map(|node| (self.name_of(node), self.factor(node).shown(&row[self.cells(node)])))
    }

    /// Whether the node's cells in a full row say nothing.
    pub(crate) fn is_missing(&self, node: usize, row: &[f64]) -> bool {
        let cells = &row[self.cells(node)];
        !cells.is_empty() && cells.iter().all(|cell| cell.is_nan())
    }

    /// The same graph, each conditional distribution that some row or a prior says anything of estimated from its
    /// statistics.
    pub(crate) fn maximised(&self, s: &[NodeStatistics]) -> Result<Self, Error> {
        let of_parameter = |((parameter, factor), s): ((usize, &Arc<dyn Factor>), &NodeStatistics)| {
            let estimate = || factor.estimate(s);
            let observed = s.weight() > 0.0;
            let estimated = estimate_or_keep(factor, observed, || factor.log_prior(), estimate);
            estimated.map_err(|source| {
                let first = (0..self.len()).find(|&node| self.parameter(node) == parameter);
                let node = first.map_or_else(String::new, |node| self.name(node));
                Error::AtNode { node, source: Box::new(source) }
            })
        };
        let factors = self.factors.iter().enumerate().zip(s).map(of_parameter).collect::<Result<_, _>>()?;
        Ok(Self { structure: Arc::clone(&self.structure), factors })
    }

    /// The same graph with another conditional distribution of the same types.
    pub(crate) fn with_parameter(&self, parameter: usize, factor: Arc<dyn Factor>) -> Self {
        let mut changed = self.clone();
        changed.factors[parameter] = factor;
        changed
    }

    /// The same graph, but one node a root that is set to these cells; what it was tied to stays.
    pub(crate) fn with_root(&self, node: usize, cells: Vec<f64>, factor: Arc<dyn Factor>) -> Self {
        let (mut structure, mut factors) = (Structure::clone(&self.structure), self.factors.clone());
        let old = self.parameter(node);
        if (0..self.len()).any(|other| other != node && self.parameter(other) == old) {
            structure.vertices[node].parameter = factors.len();
            factors.push(factor);
        } else {
            factors[old] = factor;
        }
        structure.vertices[node].parents.clear();
        structure.set.retain(|(other, _)| *other != node);
        structure.set.push((node, cells));
        Self { structure: Arc::new(structure), factors }
    }

    /// Puts the values of nodes that were set from outside into a full row, where it has none.
    pub(crate) fn put_set(&self, row: &mut [f64]) {
        for (node, cells) in &self.structure.set {
            if self.is_missing(*node, row) {
                row[self.cells(*node)].copy_from_slice(cells);
            }
        }
    }

    /// The cells that the node was set to from outside.
    pub(crate) fn set_cells(&self, node: usize) -> Option<&[f64]> {
        self.structure.set.iter().find(|(other, _)| *other == node).map(|(_, cells)| &cells[..])
    }

    /// Whether some node was set from outside.
    pub(crate) fn has_set(&self) -> bool {
        !self.structure.set.is_empty()
    }

    /// Whether both come from one builder: handles mean the same, and rows have the same cells.
    pub(crate) fn is_of(&self, other: &Graph) -> bool {
        self.structure.tag == other.structure.tag
    }

    /// Whether both differ in parameters only.
    pub(crate) fn has_structure_of(&self, other: &Graph) -> bool {
        Arc::ptr_eq(&self.structure, &other.structure)
    }
}

impl DirectedGraph for Graph {
    fn len(&self) -> usize {
        self.structure.vertices.len()
    }
    fn parents(&self, node: usize) -> &[usize] {
        &self.structure.vertices[node].parents
    }
    fn name(&self, node: usize) -> String {
        self.name_of(node).to_owned()
    }
}
