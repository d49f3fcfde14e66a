//! A table over some variables of a clique, laid along the clique's cells, block by block.
//!
//! Both are row-major over the same order of variables, so variables that are next to each other in the clique, all in
//! the table or all outside it, act as one. What is left are runs that alternate; the two innermost are a plain double
//! loop over contiguous cells, the outer ones of a block a list of offsets. A block that stays in the nearest cache is
//! read and written at one multiplication or addition a cell.

use crate::numeric::runs::{self, Runs};

use super::blocks::before_block;

/// How a table is walked while the cells of a clique are walked in order.
#[derive(Clone, Debug)]
pub(super) struct Projection {
    /// Where in the table each block begins.
    high: Vec<usize>,
    /// How far from there the double loop begins.
    low: Vec<usize>,
    rows: usize,
    columns: usize,
    /// Whether the inner loop moves along the table, or the outer.
    by_column: bool,
}

/// Variables that act as one.
struct Run {
    states: usize,
    inside: bool,
}

impl Projection {
    /// `shape` are the states of the clique's variables; `strides` says how far the next state of each is in the table, 0
    /// outside it.
    pub(super) fn new(shape: &[usize], strides: &[usize]) -> Self {
        let first = before_block(shape);
        let mut runs: Vec<Run> = Vec::new();
        for (&states, &stride) in shape[first..].iter().zip(&strides[first..]).filter(|(states, _)| **states > 1) {
            let inside = stride > 0;
            match runs.last_mut() {
                Some(run) if run.inside == inside => run.states *= states,
                _ => runs.push(Run { states, inside }),
            }
        }
        let (columns, by_column) = runs.pop().map_or((1, false), |run| (run.states, run.inside));
        let rows = runs.pop().map_or(1, |run| run.states);
        let mut stride = if by_column { columns } else { rows };
        let mut low = vec![0];
        for Run { states, inside } in runs.into_iter().rev() {
            let step = if inside { stride } else { 0 };
            low = (0..states).flat_map(|state| low.iter().map(move |offset| state * step + offset)).collect();
            stride *= if inside { states } else { 1 };
        }
        let mut high = vec![0];
        for (&states, &stride) in shape[..first].iter().zip(strides) {
            high = high.iter().flat_map(|at| (0..states).map(move |state| at + state * stride)).collect();
        }
        Self { high, low, rows, columns, by_column }
    }

    fn runs(&self) -> Runs<'_> {
        Runs { starts: &self.low, rows: self.rows, columns: self.columns, by_column: self.by_column }
    }

    /// cell = entry.
    pub(super) fn assign(&self, block: usize, cells: &mut [f64], table: &[f64]) {
        runs::assign(self.runs(), cells, &table[self.high[block]..]);
    }

    /// cell ← cell · entry.
    pub(super) fn multiply(&self, block: usize, cells: &mut [f64], table: &[f64]) {
        runs::multiply(self.runs(), cells, &table[self.high[block]..]);
    }

    /// product = cell · entry.
    pub(super) fn product(&self, block: usize, products: &mut [f64], cells: &[f64], table: &[f64]) {
        runs::product(self.runs(), products, cells, &table[self.high[block]..]);
    }

    /// entry ← entry + the cells of the block that belong to it.
    pub(super) fn add(&self, block: usize, cells: &[f64], table: &mut [f64]) {
        runs::add(self.runs(), cells, &mut table[self.high[block]..]);
    }

    /// entry ← the largest of the entry and the cells of the block that belong to it.
    pub(super) fn largest(&self, block: usize, cells: &[f64], table: &mut [f64]) {
        runs::largest(self.runs(), cells, &mut table[self.high[block]..]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::blocks::before_block;
    use super::Projection;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cells_meet_the_entries_of_their_own_states(
            variables in proptest::collection::vec((1usize..9, any::<bool>()), 0..7),
        ) {
            let shape: Vec<usize> = variables.iter().map(|v| v.0).collect();
            let count: usize = shape.iter().product();
            prop_assume!(count <= 40_000);
            let mut stride = 1;
            let mut strides = vec![0; shape.len()];
            for (place, &(states, inside)) in variables.iter().enumerate().rev() {
                strides[place] = if inside { stride } else { 0 };
                stride *= if inside { states } else { 1 };
            }
            let entry_of = |cell: usize| {
                let (mut rest, mut entry) = (cell, 0);
                for (&states, stride) in shape.iter().zip(&strides).rev() {
                    entry += rest % states * stride;
                    rest /= states;
                }
                entry
            };
            let entries = stride;
            let table: Vec<f64> = (0..entries).map(|entry| entry as f64 + 1.0).collect();
            let projection = Projection::new(&shape, &strides);
            let width: usize = shape[before_block(&shape)..].iter().product();
            let mut cells = vec![0.0; count];
            for (block, cells) in cells.chunks_exact_mut(width).enumerate() {
                projection.assign(block, cells, &table);
                prop_assert!((0..width).all(|cell| cells[cell] == entry_of(block * width + cell) as f64 + 1.0));
                projection.multiply(block, cells, &table);
                let squared = |cell: usize| (entry_of(block * width + cell) as f64 + 1.0).powi(2);
                prop_assert!((0..width).all(|cell| cells[cell] == squared(cell)));
            }
            cells.iter_mut().enumerate().for_each(|(cell, value)| *value = (cell % 11) as f64);
            let (mut sums, mut largest) = (vec![1.0; entries], vec![1.0; entries]);
            for (block, cells) in cells.chunks_exact(width).enumerate() {
                projection.add(block, cells, &mut sums);
                projection.largest(block, cells, &mut largest);
            }
            let (mut expected_sums, mut expected_largest) = (vec![1.0; entries], vec![1.0f64; entries]);
            for (cell, &value) in cells.iter().enumerate() {
                expected_sums[entry_of(cell)] += value;
                expected_largest[entry_of(cell)] = expected_largest[entry_of(cell)].max(value);
            }
            prop_assert_eq!(sums, expected_sums);
            prop_assert_eq!(largest, expected_largest);
        }
    }
}
