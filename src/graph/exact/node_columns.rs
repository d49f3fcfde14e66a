//! The cells of a block of rows, node by node, and which of them are missing.

use std::borrow::Cow;

use crate::error::{Error, GraphError};
use crate::numeric::all_finite;
use crate::numeric::tables::shown_cells::put_where_missing;

use crate::graph::{DirectedGraph, Graph, Presence};

/// The columns of each node over N rows.
pub(crate) struct NodeColumns<'a> {
    rows: usize,
    columns: Vec<NodeColumn<'a>>,
}

/// The cells of one node, row after row.
struct NodeColumn<'a> {
    /// Where the node is missing in some rows, a value of others.
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
        let widths = hidden.iter().enumerate().map(|(node, hidden)| if *hidden { 0 } else { graph.cells(node).len() });
        let mut wrong = None;
        let mut columns = Vec::with_capacity(graph.len());
        for (node, mut cells) in own_columns(values, &widths.collect::<Vec<_>>(), rows).into_iter().enumerate() {
            let width = graph.cells(node).len();
            let set = graph.set_cells(node);
            if hidden[node] {
                let cells = set.map(|cells| cells.repeat(rows)).unwrap_or_default();
                let shown = if set.is_some() || width == 0 { Presence::All } else { Presence::None };
                columns.push(NodeColumn { cells: cells.into(), width, shown });
                continue;
            }
            let finite = all_finite(&cells);
            let mut shown = if finite { Presence::All } else { Presence::of_rows(&cells, width) };
            let refused = graph.factor(node).refused((&cells, finite), width, &shown);
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
            if let Presence::Some(rows) = &shown {
                put_others(cells.to_mut(), width, rows);
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

    /// The cells of a node, row after row, and how many there are in a row. Where it is missing, but not in all rows, they
    /// hold a value of another row.
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
        let first = numbers.first().copied().unwrap_or(0);
        let consecutive = numbers.last().is_none_or(|last| last - first + 1 == numbers.len());
        let columns = self.columns.iter().map(|column| {
            let width = column.width;
            let cells: Cow<'_, [f64]> = if column.cells.is_empty() {
                Cow::Borrowed(&[])
            } else if consecutive {
                column.cells[first * width..][..numbers.len() * width].into()
            } else {
                numbers.iter().flat_map(|&n| &column.cells[n * width..][..width]).copied().collect()
            };
            let shown = match &column.shown {
                Presence::Some(_) if numbers.len() == self.rows => column.shown.clone(),
                Presence::Some(rows) if consecutive => Presence::of(rows[first..][..numbers.len()].to_vec()),
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

/// Puts the value of the first row that shows one into those that do not.
fn put_others(cells: &mut [f64], width: usize, shown: &[bool]) {
    let first = shown.iter().position(|shown| *shown).unwrap_or(0);
    let value = cells[first * width..][..width].to_vec();
    if let [value] = value[..] {
        return put_where_missing(value, shown, cells);
    }
    for (own, _) in cells.chunks_exact_mut(width.max(1)).zip(shown).filter(|(_, shown)| !**shown) {
        own.copy_from_slice(&value);
    }
}

/// Rows that are taken apart together, so that they stay in the L1 cache.
const STRIP: usize = 64;

/// The columns of each node of so many cells, of rows of all their cells.
fn own_columns<'a>(values: &'a [f64], widths: &[usize], rows: usize) -> Vec<Cow<'a, [f64]>> {
    let length: usize = widths.iter().sum();
    if widths.contains(&length) {
        let of_node = |width: &usize| if *width == length { values.into() } else { Cow::Borrowed(&[][..]) };
        return widths.iter().map(of_node).collect();
    }
    let mut columns: Vec<Vec<f64>> = widths.iter().map(|width| Vec::with_capacity(rows * width)).collect();
    for strip in values.chunks(STRIP * length) {
        let mut first = 0;
        for (column, &width) in columns.iter_mut().zip(widths) {
            if width == 1 {
                column.extend(strip.chunks_exact(length).map(|row| row[first]));
            } else if width > 1 {
                strip.chunks_exact(length).for_each(|row| column.extend_from_slice(&row[first..first + width]));
            }
            first += width;
        }
    }
    columns.into_iter().map(Cow::from).collect()
}
