//! Values for some or all nodes of a graph.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use rand::Rng;

use crate::conditionals::Value;
use crate::error::{Error, GraphError, nearest};

use super::graph::Graph;
use super::printed_graph::Text;
use crate::graph::{DirectedGraph, Node};

/// Values of nodes, given by their handles; a node without one is not observed.
///
/// What was wrong with a value or a handle, the question that uses the assignment tells.
#[derive(Clone)]
pub struct Assignment<'g> {
    graph: &'g Graph,
    cells: Vec<f64>,
    wrong: Option<Wrong>,
}

/// What was wrong first; plain, so that the assignment can be cloned.
#[derive(Clone)]
enum Wrong {
    Handle(usize),
    Value(usize, f64),
    Length(usize, usize),
    Column(String),
    Columns(usize, usize),
}

impl<'g> Assignment<'g> {
    pub(crate) fn new(graph: &'g Graph) -> Self {
        let mut cells = vec![f64::NAN; graph.width()];
        graph.put_set(&mut cells);
        Self::of(graph, cells)
    }

    pub(crate) fn of(graph: &'g Graph, cells: Vec<f64>) -> Self {
        Self { graph, cells, wrong: None }
    }

    /// The same with one more value; NaN takes a value away.
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "values are written where they stand: with(x, true)")]
    pub fn with<T: Value + ?Sized>(mut self, node: Node<T>, value: T::Owned) -> Self {
        if let Err(wrong) = self.set(node, std::borrow::Borrow::<T>::borrow(&value)) {
            self.wrong.get_or_insert(wrong);
        }
        self
    }

    /// The same with the values of a row of a table, found by the names of its columns: those of the nodes; a node of
    /// several cells has a number behind its name for each. NaN says nothing, and takes no value away.
    /// ```
    /// use marginal::graph::Node;
    /// use marginal::prelude::*;
    /// let mut g = Graph::builder();
    /// let rain: Node<bool> = g.node("rain", (), Bernoulli::new(0.2)?);
    /// let wet: Node<bool> = g.node("wet", rain, ConditionalTable::new([[0.9, 0.1], [0.05, 0.95]])?);
    /// let joint = g.build()?;
    /// let row = joint.evidence().with_row(&["wet", "rain"], &[1.0, f64::NAN]);
    /// assert_eq!((row.get(rain), row.get(wet)), (None, Some(true)));
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn with_row<S: AsRef<str>>(mut self, columns: &[S], row: &[f64]) -> Self {
        if let Err(wrong) = self.set_row(columns, row) {
            self.wrong.get_or_insert(wrong);
        }
        self
    }

    fn set_row<S: AsRef<str>>(&mut self, columns: &[S], row: &[f64]) -> Result<(), Wrong> {
        if columns.len() != row.len() {
            return Err(Wrong::Columns(columns.len(), row.len()));
        }
        let graph = self.graph;
        let names = (0..graph.len()).flat_map(|node| graph.columns_of(node).map(move |name| (name, node)));
        let cells: HashMap<String, (usize, usize)> =
            names.enumerate().map(|(cell, (name, node))| (name, (cell, node))).collect();
        let mut nodes = Vec::new();
        for (name, &value) in columns.iter().zip(row) {
            let name = name.as_ref();
            let &(cell, node) = cells.get(name).ok_or_else(|| Wrong::Column(name.to_owned()))?;
            if !value.is_nan() {
                self.cells[cell] = value;
                nodes.push(node);
            }
        }
        for node in nodes {
            let own = &self.cells[graph.cells(node)];
            if !graph.factor(node).accepts(own) {
                return Err(Wrong::Value(node, own.iter().copied().find(|cell| cell.is_nan()).unwrap_or(own[0])));
            }
        }
        Ok(())
    }

    fn set<T: Value + ?Sized>(&mut self, node: Node<T>, value: &T) -> Result<(), Wrong> {
        self.graph.own(node).map_err(|_| Wrong::Handle(node.index()))?;
        let range = self.graph.cells(node.index());
        value.with_cells(|cells| {
            if cells.len() != range.len() {
                return Err(Wrong::Length(node.index(), cells.len()));
            }
            let missing = cells.iter().all(|cell| cell.is_nan());
            if !missing && !self.graph.factor(node.index()).accepts(cells) {
                return Err(Wrong::Value(node.index(), cells[0]));
            }
            self.cells[range.clone()].copy_from_slice(cells);
            Ok(())
        })
    }

    /// The value of a node; `None` if it has none, or the handle is another graph's.
    pub fn get<T: Value + ?Sized>(&self, node: Node<T>) -> Option<T::Owned> {
        self.graph.own(node).ok()?;
        T::from_cells(&self.cells[self.graph.cells(node.index())], ToOwned::to_owned)
    }

    /// All values as one row of cells, in the order of declaration; NaN where there is none.
    pub fn cells(&self) -> &[f64] {
        &self.cells
    }

    /// The cells, with the values that were set in the graph from outside; if nothing was wrong, and the rows of the
    /// graph have the same cells.
    pub(crate) fn cells_of(&self, graph: &Graph) -> Result<Cow<'_, [f64]>, Error> {
        let name = |node| self.graph.name(node);
        match &self.wrong {
            Some(Wrong::Column(name)) => Err(GraphError::UnknownNode {
                nearest: nearest(name, (0..self.graph.len()).map(|node| self.graph.name_of(node))),
                name: name.clone(),
            }
            .into()),
            &Some(Wrong::Columns(expected, found)) => Err(Error::Dimension { what: "the row", expected, found }),
            &Some(Wrong::Handle(index)) => Err(GraphError::ForeignHandle { index }.into()),
            &Some(Wrong::Value(node, value)) => Err(GraphError::Value { node: name(node), value }.into()),
            &Some(Wrong::Length(node, found)) => {
                let expected = self.graph.cells(node).len();
                let source = Box::new(Error::Dimension { what: "the value", expected, found });
                Err(Error::AtNode { node: name(node), source })
            }
            None if !self.graph.is_of(graph) => Err(GraphError::ForeignHandle { index: 0 }.into()),
            None => {
                let mut cells = Cow::Borrowed(&self.cells[..]);
                if graph.has_set() {
                    graph.put_set(cells.to_mut());
                }
                Ok(cells)
            }
        }
    }
}

impl fmt::Debug for Assignment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.graph.shown(&self.cells).map(|(name, value)| (name, Text(value)))).finish()
    }
}

impl Graph {
    /// No node has a value yet.
    pub fn assignment(&self) -> Assignment<'_> {
        Assignment::new(self)
    }

    /// Nothing is observed yet: the same as an empty [`assignment`](Self::assignment).
    pub fn evidence(&self) -> Assignment<'_> {
        Assignment::new(self)
    }

    /// ln p(x₁ … x_V) in nats.
    ///
    /// # Errors
    /// What was wrong with the assignment; [`GraphError::Missing`] if a node has no value.
    pub fn log_joint(&self, assignment: &Assignment<'_>) -> Result<f64, Error> {
        let row = &*assignment.cells_of(self)?;
        let mut given = Vec::new();
        let mut log_joint = 0.0;
        for vertex in self.vertices() {
            let x = &row[vertex.cells.clone()];
            if x.iter().any(|cell| cell.is_nan()) {
                return Err(GraphError::Missing { node: vertex.name.clone() }.into());
            }
            self.gather(vertex, row, &mut given);
            log_joint += self.factor_of(vertex).log_density(x, &given);
        }
        Ok(log_joint)
    }

    /// A draw of all nodes, each given its parents.
    pub fn sample(&self, rng: &mut dyn Rng) -> Assignment<'_> {
        let mut row = vec![f64::NAN; self.width()];
        let mut given = Vec::new();
        for vertex in self.vertices() {
            self.gather(vertex, &row, &mut given);
            self.factor_of(vertex).sample(&given, rng, &mut row[vertex.cells.clone()]);
        }
        Assignment::of(self, row)
    }
}
