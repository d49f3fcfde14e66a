//! A table over some variables of a clique, laid along the clique's cells, block by block.
//!
//! Both are row-major over the same order of variables, so variables that are next to each other in the clique, all in
//! the table or all outside it, act as one. What is left are runs that alternate; the two innermost are a plain double
//! loop over contiguous cells, the outer ones of a block a list of offsets. A block that stays in the nearest cache is
//! read and written at one multiplication or addition a cell.

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
    inner: Inner,
}

/// Which of the two inner loops moves along the table.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Inner {
    /// The columns: every row meets the same entries.
    Columns,
    /// The rows: a row meets one entry.
    Rows,
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
        let (columns, inner) = match runs.pop() {
            None => (1, Inner::Rows),
            Some(Run { states, inside: true }) => (states, Inner::Columns),
            Some(Run { states, inside: false }) => (states, Inner::Rows),
        };
        let rows = runs.pop().map_or(1, |run| run.states);
        let mut stride = if inner == Inner::Columns { columns } else { rows };
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
        Self { high, low, rows, columns, inner }
    }

    /// `change(cell, entry)` for each cell of a block and the entry of the table that belongs to it.
    #[inline]
    fn each(&self, block: usize, cells: &mut [f64], table: &[f64], change: impl Fn(&mut f64, f64) + Copy) {
        let table = &table[self.high[block]..];
        for (&offset, chunk) in self.low.iter().zip(cells.chunks_exact_mut(self.rows * self.columns)) {
            match self.inner {
                Inner::Columns => {
                    let entries = &table[offset..offset + self.columns];
                    match self.columns {
                        2 => each_column::<2>(chunk, entries, change),
                        3 => each_column::<3>(chunk, entries, change),
                        4 => each_column::<4>(chunk, entries, change),
                        columns => {
                            for row in chunk.chunks_exact_mut(columns) {
                                row.iter_mut().zip(entries).for_each(|(cell, entry)| change(cell, *entry));
                            }
                        }
                    }
                }
                Inner::Rows => {
                    let entries = &table[offset..offset + self.rows];
                    match self.columns {
                        2 => each_row::<2>(chunk, entries, change),
                        3 => each_row::<3>(chunk, entries, change),
                        4 => each_row::<4>(chunk, entries, change),
                        columns => {
                            for (row, entry) in chunk.chunks_exact_mut(columns).zip(entries) {
                                row.iter_mut().for_each(|cell| change(cell, *entry));
                            }
                        }
                    }
                }
            }
        }
    }

    /// cell = entry.
    #[inline]
    pub(super) fn assign(&self, block: usize, cells: &mut [f64], table: &[f64]) {
        self.each(block, cells, table, |cell, entry| *cell = entry);
    }

    /// cell ← cell · entry.
    #[inline]
    pub(super) fn multiply(&self, block: usize, cells: &mut [f64], table: &[f64]) {
        self.each(block, cells, table, |cell, entry| *cell *= entry);
    }

    /// entry ← entry + the cells of the block that belong to it.
    #[inline]
    pub(super) fn add(&self, block: usize, cells: &[f64], table: &mut [f64]) {
        let table = &mut table[self.high[block]..];
        for (&offset, chunk) in self.low.iter().zip(cells.chunks_exact(self.rows * self.columns)) {
            match self.inner {
                Inner::Columns => {
                    let entries = &mut table[offset..offset + self.columns];
                    match self.columns {
                        2 => add_columns::<2>(chunk, entries),
                        3 => add_columns::<3>(chunk, entries),
                        4 => add_columns::<4>(chunk, entries),
                        columns => {
                            for row in chunk.chunks_exact(columns) {
                                row.iter().zip(entries.iter_mut()).for_each(|(cell, entry)| *entry += cell);
                            }
                        }
                    }
                }
                Inner::Rows => {
                    let entries = &mut table[offset..offset + self.rows];
                    match self.columns {
                        2 => chunk.as_chunks::<2>().0.iter().zip(entries).for_each(|([a, b], entry)| *entry += a + b),
                        3 => {
                            let rows = chunk.as_chunks::<3>().0.iter().zip(entries);
                            rows.for_each(|([a, b, c], entry)| *entry += a + b + c);
                        }
                        columns => {
                            let rows = chunk.chunks_exact(columns).zip(entries);
                            rows.for_each(|(row, entry)| *entry += total(row));
                        }
                    }
                }
            }
        }
    }

    /// entry ← the largest of the entry and the cells of the block that belong to it.
    #[inline]
    pub(super) fn largest(&self, block: usize, cells: &[f64], table: &mut [f64]) {
        let table = &mut table[self.high[block]..];
        for (&offset, chunk) in self.low.iter().zip(cells.chunks_exact(self.rows * self.columns)) {
            let rows = chunk.chunks_exact(self.columns);
            match self.inner {
                Inner::Columns => {
                    let entries = &mut table[offset..offset + self.columns];
                    rows.for_each(|row| {
                        row.iter().zip(entries.iter_mut()).for_each(|(cell, entry)| *entry = entry.max(*cell));
                    });
                }
                Inner::Rows => {
                    let entries = &mut table[offset..offset + self.rows];
                    rows.zip(entries).for_each(|(row, entry)| *entry = row.iter().copied().fold(*entry, f64::max));
                }
            }
        }
    }
}

#[inline]
fn each_row<const COLUMNS: usize>(chunk: &mut [f64], entries: &[f64], change: impl Fn(&mut f64, f64)) {
    for (row, entry) in chunk.as_chunks_mut::<COLUMNS>().0.iter_mut().zip(entries) {
        row.iter_mut().for_each(|cell| change(cell, *entry));
    }
}

#[inline]
fn each_column<const COLUMNS: usize>(chunk: &mut [f64], entries: &[f64], change: impl Fn(&mut f64, f64)) {
    let Some(entries) = entries.first_chunk::<COLUMNS>() else { return };
    for row in chunk.as_chunks_mut::<COLUMNS>().0 {
        row.iter_mut().zip(entries).for_each(|(cell, entry)| change(cell, *entry));
    }
}

/// The sums of so many columns are added to the entries.
#[inline]
fn add_columns<const COLUMNS: usize>(chunk: &[f64], entries: &mut [f64]) {
    let mut sums = [0.0; COLUMNS];
    for row in chunk.as_chunks::<COLUMNS>().0 {
        row.iter().zip(&mut sums).for_each(|(cell, sum)| *sum += cell);
    }
    entries.iter_mut().zip(sums).for_each(|(entry, sum)| *entry += sum);
}

/// Σ in eight lanes, so that it runs as fast as the cells arrive.
#[inline]
pub(super) fn total(cells: &[f64]) -> f64 {
    let (chunks, rest) = cells.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for chunk in chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, cell)| *lane += cell);
    }
    lanes.iter().sum::<f64>() + rest.iter().sum::<f64>()
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
