//! The cells of a block of rows, node by node, and which of them are missing.

use std::borrow::Cow;

use crate::error::{Error, GraphError};
use crate::numeric::all_finite;

use crate::graph::{DirectedGraph, Graph, Presence};

/// The columns of each node over N rows.
pub(crate) struct NodeColumns<'a> {
    rows: usize,
    columns: Vec<NodeColumn<'a>>,
}

/// The cells of one node, row after row.
struct NodeColumn<'a> {
    cells: Cow<'a, [f64]>,
    width: usize,
    shown: Presence,
}

impl<'a> NodeColumns<'a> {
    /// Of rows of the visible nodes' cells, one after the other; and the first row that holds what a node cannot take,
    /// with the reason: rows from there on are left out.
    pub(crate) fn new(
        graph: &Graph,
        hidden: &[bool],
        values: &'a [f64],
        length: usize,
    ) -> (Self, Option<(usize, Error)>) {
        let mut rows = values.len().checked_div(length).unwrap_or(0);
        let mut wrong = None;
        let (mut columns, mut first) = (Vec::with_capacity(graph.len()), 0);
        for (node, hidden) in hidden.iter().enumerate() {
            let width = graph.cells(node).len();
            let set = graph.set_cells(node);
            if *hidden {
                let cells = set.map(|cells| cells.repeat(rows)).unwrap_or_default();
                let shown = if set.is_some() || width == 0 { Presence::All } else { Presence::None };
                columns.push(NodeColumn { cells: cells.into(), width, shown });
                continue;
            }
            let mut cells = own_columns(values, (first, width, length), rows);
            first += width;
            let mut shown = Presence::All;
            if !all_finite(&cells) {
                let missing = |own: &[f64]| own.iter().all(|cell| cell.is_nan());
                shown = Presence::of(cells.chunks_exact(width.max(1)).map(|own| !missing(own)).collect());
            }
            let refused = graph.factor(node).refused(&cells, width, &shown);
            if let Some(n) = refused {
                let own = &cells[n * width..][..width];
                let value = own.iter().copied().find(|cell| cell.is_nan()).unwrap_or(own[0]);
                if wrong.as_ref().is_none_or(|(first, _)| n < *first) {
                    wrong = Some((n, GraphError::Value { node: graph.name(node), value }.into()));
                }
            }
            if let Some(set) = set.filter(|_| shown != Presence::All) {
                for (n, own) in cells.to_mut().chunks_exact_mut(width).enumerate() {
                    if !shown.get(n) {
                        own.copy_from_slice(set);
                    }
                }
                shown = Presence::All;
            }
            columns.push(NodeColumn { cells, width, shown });
        }
        let mut all = Self { rows, columns };
        if let Some((first, _)) = wrong {
            rows = first;
            all = all.take(&(0..rows).collect::<Vec<_>>()).into_owned();
        }
        (all, wrong)
    }

    /// N.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// The cells of a node, row after row, and how many there are in a row.
    pub(crate) fn of(&self, node: usize) -> (&[f64], usize) {
        (&self.columns[node].cells, self.columns[node].width)
    }

    /// In which rows the node has a value.
    pub(crate) fn shown(&self, node: usize) -> &Presence {
        &self.columns[node].shown
    }

    /// Whether each visible node has a value in all rows.
    pub(crate) fn is_complete(&self) -> bool {
        self.columns.iter().all(|column| column.shown == Presence::All || column.cells.is_empty())
    }

    /// Some of the rows, in rising order.
    pub(crate) fn take(&self, numbers: &[usize]) -> NodeColumns<'_> {
        self.of_nodes(|_| true, numbers)
    }

    /// Some of the rows of some of the nodes, in rising order.
    pub(crate) fn of_nodes(&self, wanted: impl Fn(usize) -> bool, numbers: &[usize]) -> NodeColumns<'_> {
        let first = numbers.first().copied().unwrap_or(0);
        let consecutive = numbers.last().is_none_or(|last| last - first + 1 == numbers.len());
        let columns = self.columns.iter().enumerate().map(|(node, column)| {
            let width = column.width;
            let cells: Cow<'_, [f64]> = if column.cells.is_empty() || !wanted(node) {
                Cow::Borrowed(&[])
            } else if consecutive {
                column.cells[first * width..][..numbers.len() * width].into()
            } else {
                numbers.iter().flat_map(|&n| &column.cells[n * width..][..width]).copied().collect()
            };
            let shown = match &column.shown {
                Presence::Some(_) if !wanted(node) => Presence::None,
                Presence::Some(rows) => Presence::of(numbers.iter().map(|&n| rows[n]).collect()),
                same => same.clone(),
            };
            NodeColumn { cells, width, shown }
        });
        NodeColumns { rows: numbers.len(), columns: columns.collect() }
    }

    fn into_owned<'b>(self) -> NodeColumns<'b> {
        let columns = self.columns.into_iter().map(|column| NodeColumn {
            cells: column.cells.into_owned().into(),
            width: column.width,
            shown: column.shown,
        });
        NodeColumns { rows: self.rows, columns: columns.collect() }
    }

    /// Row n as a full row of cells, NaN where nothing is shown.
    pub(crate) fn full_row(&self, graph: &Graph, n: usize, row: &mut [f64]) {
        for (node, column) in self.columns.iter().enumerate() {
            let own = &mut row[graph.cells(node)];
            if column.shown.get(n) {
                own.copy_from_slice(&column.cells[n * column.width..][..column.width]);
            } else {
                own.fill(f64::NAN);
            }
        }
    }
}

/// Columns `first` to `first + width` of rows of `length` numbers.
fn own_columns(values: &[f64], (first, width, length): (usize, usize, usize), rows: usize) -> Cow<'_, [f64]> {
    if width == length {
        return values.into();
    }
    let mut cells = Vec::with_capacity(rows * width);
    if width == 1 {
        cells.extend(values.chunks_exact(length).map(|row| row[first]));
    } else {
        values.chunks_exact(length).for_each(|row| cells.extend_from_slice(&row[first..first + width]));
    }
    cells.into()
}
