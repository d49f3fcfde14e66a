//! How a table lies along the cells of a clique, block by block: along all of them, or along those that are listed.

use std::sync::Arc;

use super::projection::Projection;
use super::support::{Offsets, Support};

#[derive(Clone, Debug)]
pub(crate) enum Alignment {
    All(Projection),
    /// Whether neighbours in the list mostly share their entry is said by the last variable.
    Listed {
        support: Arc<Support>,
        offsets: Offsets,
        in_runs: bool,
    },
}

impl Alignment {
    /// `strides` says for each variable of the clique how far its next state is in the table, 0 outside it; where all
    /// cells are stored, both list their variables in the same order.
    pub(crate) fn new(shape: &[usize], support: Option<&Arc<Support>>, strides: &[usize]) -> Self {
        match support {
            None => Self::All(Projection::new(shape, strides)),
            Some(support) => {
                let in_runs = strides.last() == Some(&0);
                Self::Listed { support: support.clone(), offsets: Offsets::new(shape, strides), in_runs }
            }
        }
    }

    /// cell = entry. Here and below `scratch` has room for a block.
    #[inline]
    pub(crate) fn assign(&self, block: usize, cells: &mut [f64], table: &[f64], scratch: &mut [f64]) {
        match self {
            Self::All(projection) => projection.assign(block, cells, table, scratch),
            Self::Listed { support, offsets, .. } => {
                cells.iter_mut().zip(support.entries(offsets, block)).for_each(|(cell, entry)| *cell = table[entry]);
            }
        }
    }

    /// cell ← cell · entry.
    #[inline]
    pub(crate) fn multiply(&self, block: usize, cells: &mut [f64], table: &[f64], scratch: &mut [f64]) {
        match self {
            Self::All(projection) => projection.multiply(block, cells, table, scratch),
            Self::Listed { support, offsets, .. } => {
                cells.iter_mut().zip(support.entries(offsets, block)).for_each(|(cell, entry)| *cell *= table[entry]);
            }
        }
    }

    /// product = cell · entry.
    #[inline]
    pub(crate) fn product(
        &self,
        block: usize,
        products: &mut [f64],
        cells: &[f64],
        table: &[f64],
        scratch: &mut [f64],
    ) {
        match self {
            Self::All(projection) => projection.product(block, products, cells, table, scratch),
            Self::Listed { support, offsets, .. } => {
                let each = products.iter_mut().zip(cells).zip(support.entries(offsets, block));
                each.for_each(|((product, cell), entry)| *product = cell * table[entry]);
            }
        }
    }

    /// entry ← entry + the cells of the block that belong to it.
    #[inline]
    pub(crate) fn add(&self, block: usize, cells: &[f64], table: &mut [f64], scratch: &mut [f64]) {
        match self {
            Self::All(projection) => projection.add(block, cells, table, scratch),
            Self::Listed { support, offsets, in_runs: true } => {
                // One addition to memory a run: additions to the same entry wait for one another.
                let (mut at, mut sum) = (0, 0.0);
                for (cell, entry) in cells.iter().zip(support.entries(offsets, block)) {
                    if entry != at {
                        table[at] += std::mem::take(&mut sum);
                        at = entry;
                    }
                    sum += cell;
                }
                table[at] += sum;
            }
            Self::Listed { support, offsets, in_runs: false } => {
                cells.iter().zip(support.entries(offsets, block)).for_each(|(cell, entry)| table[entry] += cell);
            }
        }
    }

    /// entry ← the largest of the entry and the cells of the block that belong to it.
    #[inline]
    pub(crate) fn largest(&self, block: usize, cells: &[f64], table: &mut [f64], scratch: &mut [f64]) {
        match self {
            Self::All(projection) => projection.largest(block, cells, table, scratch),
            Self::Listed { support, offsets, .. } => {
                let each = cells.iter().zip(support.entries(offsets, block));
                each.for_each(|(cell, entry)| table[entry] = table[entry].max(*cell));
            }
        }
    }
}
