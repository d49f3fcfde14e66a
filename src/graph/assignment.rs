//! Values for some or all nodes of a graph.

use std::borrow::Cow;
use std::fmt;

use crate::conditionals::Value;
use crate::error::{Error, GraphError};

use super::graph::Text;
use super::{DirectedGraph, Graph, Node};

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
}

impl<'g> Assignment<'g> {
    pub(super) fn new(graph: &'g Graph) -> Self {
        let mut cells = vec![f64::NAN; graph.width()];
        graph.put_set(&mut cells);
        Self::of(graph, cells)
    }

    pub(super) fn of(graph: &'g Graph, cells: Vec<f64>) -> Self {
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
        match self.wrong {
            Some(Wrong::Handle(index)) => Err(GraphError::ForeignHandle { index }.into()),
            Some(Wrong::Value(node, value)) => Err(GraphError::Value { node: name(node), value }.into()),
            Some(Wrong::Length(node, found)) => {
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
