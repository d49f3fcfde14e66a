//! How a table lies along the cells of a clique: along all of them, or along those that are listed.

use std::sync::Arc;

use super::projection::Projection;
use super::support::{Offsets, Support};

#[derive(Clone, Debug)]
pub(super) enum Alignment {
    All(Projection),
    /// Whether neighbours in the list mostly share their entry is said by the last variable.
    Listed {
        support: Arc<Support>,
        offsets: Offsets,
        in_runs: bool,
    },
}

impl Alignment {
    /// Of a table over those variables of a clique that stand at `places`, in order, the last the fastest.
    pub(super) fn new(shape: &[usize], support: Option<&Arc<Support>>, inside: impl Fn(usize) -> bool) -> Self {
        let Some(support) = support else { return Self::All(Projection::new(shape, inside)) };
        let mut strides = vec![0; shape.len()];
        let mut stride = 1;
        for place in (0..shape.len()).rev().filter(|&place| inside(place)) {
            strides[place] = stride;
            stride *= shape[place];
        }
        let in_runs = strides.last() == Some(&0);
        Self::Listed { support: support.clone(), offsets: Offsets::new(shape, &strides), in_runs }
    }

    /// cell = entry.
    pub(super) fn assign(&self, cells: &mut [f64], table: &[f64]) {
        match self {
            Self::All(projection) => projection.assign(cells, table),
            Self::Listed { support, offsets, .. } => {
                support.each(offsets, |number, entry| cells[number] = table[entry]);
            }
        }
    }

    /// cell ← cell · entry.
    pub(super) fn multiply(&self, cells: &mut [f64], table: &[f64]) {
        match self {
            Self::All(projection) => projection.multiply(cells, table),
            Self::Listed { support, offsets, .. } => {
                support.each(offsets, |number, entry| cells[number] *= table[entry]);
            }
        }
    }

    /// entry = Σ of the cells that belong to it.
    pub(super) fn sum(&self, cells: &[f64], table: &mut [f64]) {
        match self {
            Self::All(projection) => projection.sum(cells, table),
            Self::Listed { support, offsets, in_runs: true } => {
                table.fill(0.0);
                // One addition to memory a run: additions to the same entry wait for one another.
                let (mut at, mut sum) = (0, 0.0);
                support.each(offsets, |number, entry| {
                    if entry != at {
                        table[at] += std::mem::take(&mut sum);
                        at = entry;
                    }
                    sum += cells[number];
                });
                table[at] += sum;
            }
            Self::Listed { support, offsets, in_runs: false } => {
                table.fill(0.0);
                support.each(offsets, |number, entry| table[entry] += cells[number]);
            }
        }
    }
}
