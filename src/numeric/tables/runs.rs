//! A table laid along cells in runs: entry e belongs to many cells, and cells that follow one another belong to entries
//! that repeat or that follow one another.
//!
//! One multiplication or addition a cell, and each cell is read and written once: bound by the nearest cache, if the
//! cells stay there. Runs of 2, 3 and 4 cells are unrolled; entries of long rows are gathered in registers, some columns
//! at a time over all rows.

use crate::numeric::simd::vectorised;

/// How the entries of a table follow from the cells: for each start a double loop over contiguous cells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Runs<'a> {
    /// Where in the table the double loop begins, once for each `rows` · `columns` cells.
    pub(crate) starts: &'a [usize],
    /// How often the inner loop runs.
    pub(crate) rows: usize,
    /// How many cells the inner loop has.
    pub(crate) columns: usize,
    /// Whether all rows meet the same entries, one a column; else all columns meet the same, one a row.
    pub(crate) by_column: bool,
}

impl Runs<'_> {
    fn entries(&self) -> usize {
        if self.by_column { self.columns } else { self.rows }
    }
}

vectorised! {
    /// cell = entry.
    pub(crate) fn assign(runs: Runs<'_>, cells: &mut [f64], table: &[f64]) = assign_body;
}
vectorised! {
    /// cell ← cell · entry.
    pub(crate) fn multiply(runs: Runs<'_>, cells: &mut [f64], table: &[f64]) = multiply_body;
}
vectorised! {
    /// product = cell · entry.
    pub(crate) fn product(runs: Runs<'_>, products: &mut [f64], cells: &[f64], table: &[f64]) = product_body;
}
vectorised! {
    /// entry ← entry + Σ the cells that belong to it.
    pub(crate) fn add(runs: Runs<'_>, cells: &[f64], table: &mut [f64]) = add_body;
}
vectorised! {
    /// entry ← the largest of the entry and the cells that belong to it.
    pub(crate) fn largest(runs: Runs<'_>, cells: &[f64], table: &mut [f64]) = largest_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
fn assign_body<const REGISTER: usize>(runs: Runs<'_>, cells: &mut [f64], table: &[f64]) {
    each(runs, cells, table, |cell, entry| *cell = entry);
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
fn multiply_body<const REGISTER: usize>(runs: Runs<'_>, cells: &mut [f64], table: &[f64]) {
    each(runs, cells, table, |cell, entry| *cell *= entry);
}

/// `change(cell, entry)` for each cell and the entry that belongs to it.
#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
fn each(runs: Runs<'_>, cells: &mut [f64], table: &[f64], change: impl Fn(&mut f64, f64) + Copy) {
    for (&start, chunk) in runs.starts.iter().zip(cells.chunks_exact_mut(runs.rows * runs.columns)) {
        let entries = &table[start..start + runs.entries()];
        match (runs.by_column, runs.columns) {
            (true, 2) => each_column::<2>(chunk, entries, change),
            (true, 3) => each_column::<3>(chunk, entries, change),
            (true, 4) => each_column::<4>(chunk, entries, change),
            (true, columns) => {
                for row in chunk.chunks_exact_mut(columns) {
                    row.iter_mut().zip(entries).for_each(|(cell, entry)| change(cell, *entry));
                }
            }
            (false, 2) => each_row::<2>(chunk, entries, change),
            (false, 3) => each_row::<3>(chunk, entries, change),
            (false, 4) => each_row::<4>(chunk, entries, change),
            (false, columns) => {
                for (row, entry) in chunk.chunks_exact_mut(columns).zip(entries) {
                    row.iter_mut().for_each(|cell| change(cell, *entry));
                }
            }
        }
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
fn each_row<const COLUMNS: usize>(chunk: &mut [f64], entries: &[f64], change: impl Fn(&mut f64, f64)) {
    for (row, entry) in chunk.as_chunks_mut::<COLUMNS>().0.iter_mut().zip(entries) {
        row.iter_mut().for_each(|cell| change(cell, *entry));
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
fn each_column<const COLUMNS: usize>(chunk: &mut [f64], entries: &[f64], change: impl Fn(&mut f64, f64)) {
    let Some(entries) = entries.first_chunk::<COLUMNS>() else { return };
    for row in chunk.as_chunks_mut::<COLUMNS>().0 {
        row.iter_mut().zip(entries).for_each(|(cell, entry)| change(cell, *entry));
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
fn product_body<const REGISTER: usize>(runs: Runs<'_>, products: &mut [f64], cells: &[f64], table: &[f64]) {
    let width = runs.rows * runs.columns;
    let chunks = products.chunks_exact_mut(width).zip(cells.chunks_exact(width));
    for (&start, (products, cells)) in runs.starts.iter().zip(chunks) {
        let entries = &table[start..start + runs.entries()];
        match (runs.by_column, runs.columns) {
            (false, 2) => product_rows::<2>(products, cells, entries),
            (false, 3) => product_rows::<3>(products, cells, entries),
            (false, 4) => product_rows::<4>(products, cells, entries),
            (by_column, columns) => {
                let rows = products.chunks_exact_mut(columns).zip(cells.chunks_exact(columns));
                for (row, (products, cells)) in rows.enumerate() {
                    let each = products.iter_mut().zip(cells);
                    if by_column {
                        each.zip(entries).for_each(|((product, cell), entry)| *product = cell * entry);
                    } else {
                        let entry = entries[row];
                        each.for_each(|(product, cell)| *product = cell * entry);
                    }
                }
            }
        }
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
fn product_rows<const COLUMNS: usize>(products: &mut [f64], cells: &[f64], entries: &[f64]) {
    let rows = products.as_chunks_mut::<COLUMNS>().0.iter_mut().zip(cells.as_chunks::<COLUMNS>().0);
    for ((products, cells), entry) in rows.zip(entries) {
        products.iter_mut().zip(cells).for_each(|(product, cell)| *product = cell * entry);
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
fn add_body<const REGISTER: usize>(runs: Runs<'_>, cells: &[f64], table: &mut [f64]) {
    gather(runs, cells, table, 0.0, |a, b| a + b);
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
fn largest_body<const REGISTER: usize>(runs: Runs<'_>, cells: &[f64], table: &mut [f64]) {
    gather(runs, cells, table, f64::NEG_INFINITY, |a, b| if a > b { a } else { b });
}

/// entry ← entry ∘ all cells that belong to it; of nothing the result is `start`.
#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
fn gather(runs: Runs<'_>, cells: &[f64], table: &mut [f64], start: f64, with: impl Fn(f64, f64) -> f64 + Copy) {
    for (&first, chunk) in runs.starts.iter().zip(cells.chunks_exact(runs.rows * runs.columns)) {
        let entries = &mut table[first..first + runs.entries()];
        match (runs.by_column, runs.columns) {
            (true, 2) => columns::<2>(chunk, entries, with),
            (true, 3) => columns::<3>(chunk, entries, with),
            (true, 4) => columns::<4>(chunk, entries, with),
            (true, _) => long_columns(chunk, entries, with),
            (false, 2) => rows::<2>(chunk, entries, with),
            (false, 3) => rows::<3>(chunk, entries, with),
            (false, 4) => rows::<4>(chunk, entries, with),
            (false, columns) => {
                let rows = chunk.chunks_exact(columns).zip(entries);
                rows.for_each(|(row, entry)| *entry = with(*entry, all(row, start, with)));
            }
        }
    }
}

/// Of rows of so many cells, one entry a column; eight rows side by side, so that no sum waits for the one before.
#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
fn columns<const COLUMNS: usize>(chunk: &[f64], entries: &mut [f64], with: impl Fn(f64, f64) -> f64) {
    let (eights, rest) = chunk.as_chunks::<COLUMNS>().0.as_chunks::<8>();
    let rows = eights.split_first().map(|(first, others)| {
        let mut gathered = *first;
        for rows in others {
            for (gathered, row) in gathered.iter_mut().zip(rows) {
                gathered.iter_mut().zip(row).for_each(|(gathered, cell)| *gathered = with(*gathered, *cell));
            }
        }
        gathered
    });
    for row in rows.iter().flatten().chain(rest) {
        entries.iter_mut().zip(row).for_each(|(entry, cell)| *entry = with(*entry, *cell));
    }
}

/// The same of any length: some columns are gathered over all rows before the next.
#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
fn long_columns(chunk: &[f64], entries: &mut [f64], with: impl Fn(f64, f64) -> f64 + Copy) {
    let columns = entries.len();
    let (wide, rest) = entries.as_chunks_mut::<32>();
    gather_wide(chunk, columns, 0, wide, with);
    let (narrow, rest) = rest.as_chunks_mut::<8>();
    gather_wide(chunk, columns, 32 * wide.len(), narrow, with);
    gather_wide(chunk, columns, columns - rest.len(), rest.as_chunks_mut::<1>().0, with);
}

/// Of the columns from `first` on.
#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
fn gather_wide<const WIDE: usize>(
    chunk: &[f64],
    columns: usize,
    first: usize,
    entries: &mut [[f64; WIDE]],
    with: impl Fn(f64, f64) -> f64,
) {
    for (place, entries) in entries.iter_mut().enumerate() {
        let mut gathered = *entries;
        for row in chunk.chunks_exact(columns) {
            let Some(cells) = row[first + place * WIDE..].first_chunk::<WIDE>() else { return };
            gathered.iter_mut().zip(cells).for_each(|(gathered, cell)| *gathered = with(*gathered, *cell));
        }
        *entries = gathered;
    }
}

/// Of rows of so many cells, one entry a row.
#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
fn rows<const COLUMNS: usize>(chunk: &[f64], entries: &mut [f64], with: impl Fn(f64, f64) -> f64) {
    for (row, entry) in chunk.as_chunks::<COLUMNS>().0.iter().zip(entries) {
        *entry = with(*entry, row[1..].iter().fold(row[0], |gathered, cell| with(gathered, *cell)));
    }
}

/// In eight lanes, so that it runs as fast as the cells arrive.
#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
fn all(cells: &[f64], start: f64, with: impl Fn(f64, f64) -> f64) -> f64 {
    let (chunks, rest) = cells.as_chunks::<8>();
    let mut lanes = [start; 8];
    for chunk in chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, cell)| *lane = with(*lane, *cell));
    }
    lanes.iter().chain(rest).fold(start, |gathered, cell| with(gathered, *cell))
}
