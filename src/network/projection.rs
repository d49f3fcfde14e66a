//! A table over some variables of a clique, laid along the clique's cells.
//!
//! Both are row-major over the same order of variables, so variables that are next to each other in the clique, all in
//! the table or all outside it, act as one. What is left are blocks that alternate; the two innermost are a plain
//! double loop over contiguous cells, the outer ones a list of offsets. A pass touches each cell of the clique once:
//! 16 bytes read or written a cell, one multiplication or addition.

/// How a table is walked while the cells of a clique are walked in order.
#[derive(Clone, Debug)]
pub(super) struct Projection {
    /// Where in the table the double loop begins: high + low, the low ones the faster.
    high: Vec<usize>,
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

/// A list of offsets is not made longer than this.
const LOW: usize = 4096;

/// Variables that act as one.
struct Block {
    states: usize,
    inside: bool,
}

impl Projection {
    /// Of a table over those variables of a clique for which `inside` holds; `shape` are the states of the clique's.
    pub(super) fn new(shape: &[usize], inside: impl Fn(usize) -> bool) -> Self {
        let mut blocks: Vec<Block> = Vec::new();
        for (place, &states) in shape.iter().enumerate().filter(|(_, states)| **states > 1) {
            match blocks.last_mut() {
                Some(block) if block.inside == inside(place) => block.states *= states,
                _ => blocks.push(Block { states, inside: inside(place) }),
            }
        }
        let (columns, inner) = match blocks.pop() {
            None => (1, Inner::Rows),
            Some(Block { states, inside: true }) => (states, Inner::Columns),
            Some(Block { states, inside: false }) => (states, Inner::Rows),
        };
        let rows = blocks.pop().map_or(1, |block| block.states);
        let mut stride = if inner == Inner::Columns { columns } else { rows };
        let (mut low, mut high) = (vec![0], vec![0]);
        for Block { states, inside } in blocks.into_iter().rev() {
            let list = if low.len() * states <= LOW && high.len() == 1 { &mut low } else { &mut high };
            let step = if inside { stride } else { 0 };
            *list = (0..states).flat_map(|state| list.iter().map(move |offset| state * step + offset)).collect();
            stride *= if inside { states } else { 1 };
        }
        Self { high, low, rows, columns, inner }
    }

    fn offsets(&self) -> impl Iterator<Item = usize> {
        self.high.iter().flat_map(|high| self.low.iter().map(move |low| high + low))
    }

    /// `change(cell, entry)` for each cell of the clique and the entry of the table that belongs to it.
    #[inline]
    fn each(&self, cells: &mut [f64], table: &[f64], change: impl Fn(&mut f64, f64) + Copy) {
        for (offset, chunk) in self.offsets().zip(cells.chunks_exact_mut(self.rows * self.columns)) {
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
    pub(super) fn assign(&self, cells: &mut [f64], table: &[f64]) {
        self.each(cells, table, |cell, entry| *cell = entry);
    }

    /// cell ← cell · entry.
    pub(super) fn multiply(&self, cells: &mut [f64], table: &[f64]) {
        self.each(cells, table, |cell, entry| *cell *= entry);
    }

    /// entry = Σ of the cells that belong to it.
    pub(super) fn sum(&self, cells: &[f64], table: &mut [f64]) {
        table.fill(0.0);
        for (offset, chunk) in self.offsets().zip(cells.chunks_exact(self.rows * self.columns)) {
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
                    for_each_total(chunk, self.columns, entries, |entry, total| *entry += total);
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

/// `see(entry, Σ row)` for each row of so many columns.
#[inline]
pub(super) fn for_each_total(cells: &[f64], columns: usize, entries: &mut [f64], see: impl Fn(&mut f64, f64)) {
    match columns {
        2 => cells.as_chunks::<2>().0.iter().zip(entries).for_each(|([a, b], entry)| see(entry, a + b)),
        3 => cells.as_chunks::<3>().0.iter().zip(entries).for_each(|([a, b, c], entry)| see(entry, a + b + c)),
        _ => cells.chunks_exact(columns).zip(entries).for_each(|(row, entry)| see(entry, total(row))),
    }
}

/// Σ in eight lanes, so that it runs as fast as the cells arrive.
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
    use super::Projection;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cells_meet_the_entries_of_their_own_states(
            variables in proptest::collection::vec((1usize..5, any::<bool>()), 0..7),
        ) {
            let shape: Vec<usize> = variables.iter().map(|v| v.0).collect();
            let count: usize = shape.iter().product();
            let entry_of = |cell: usize| {
                let (mut rest, mut entry, mut stride) = (cell, 0, 1);
                for &(states, inside) in variables.iter().rev() {
                    entry += if inside { rest % states * stride } else { 0 };
                    stride *= if inside { states } else { 1 };
                    rest /= states;
                }
                entry
            };
            let entries: usize = variables.iter().filter(|v| v.1).map(|v| v.0).product();
            let table: Vec<f64> = (0..entries).map(|entry| entry as f64 + 1.0).collect();
            let projection = Projection::new(&shape, |place| variables[place].1);
            let mut cells = vec![0.0; count];
            projection.assign(&mut cells, &table);
            prop_assert!((0..count).all(|cell| cells[cell] == entry_of(cell) as f64 + 1.0));
            projection.multiply(&mut cells, &table);
            prop_assert!((0..count).all(|cell| cells[cell] == (entry_of(cell) as f64 + 1.0).powi(2)));
            let mut sums = vec![f64::NAN; entries];
            projection.sum(&cells, &mut sums);
            let expected = |entry: usize| (0..count).filter(|&c| entry_of(c) == entry).map(|c| cells[c]).sum::<f64>();
            prop_assert!((0..entries).all(|entry| sums[entry] == expected(entry)));
        }
    }
}
