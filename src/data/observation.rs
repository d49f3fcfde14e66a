//! What one observation is, and how many of them lie side by side in memory.

use std::fmt::Debug;
use std::ops::Range;

use crate::error::Error;

use super::rows::Rows;
use super::table::Table;

/// One independent unit of data: a number, a row, a sequence, a document.
///
/// Implemented for every `T: Clone + Debug + Send + Sync` (a block is `&[T]`) and for the row `[T]` (a block is
/// row-major [`Rows`]). Nobody needs to implement it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an observation",
    note = "an observation is any type that is Clone + Debug + Send + Sync, or a row `[T]` of such values"
)]
pub trait Observation: ToOwned + Debug + Send + Sync {
    /// Observations side by side in memory.
    type Block<'a>: Copy + Send + Sync
    where
        Self: 'a;
    /// Observations side by side, owned.
    type Buffer: Clone + Debug + Default + Send + Sync;
    /// The fewest observations that one call of a step sees, if there are as many: fewer would take no more time than the
    /// call itself and what it allocates. 1 for values that own memory, such as sequences: each may be long.
    const LEAST_BATCH: usize;

    /// How many observations a block holds.
    fn len(block: Self::Block<'_>) -> usize;
    /// How many values each observation of a block has, if they are rows.
    fn columns(_block: Self::Block<'_>) -> Option<usize> {
        None
    }
    /// How many values this observation has, if it is a row.
    fn length(&self) -> Option<usize> {
        None
    }
    /// The n-th observation of a block.
    fn get<'a>(block: Self::Block<'a>, n: usize) -> &'a Self
    where
        Self: 'a;
    /// Some consecutive observations of a block.
    fn slice<'a>(block: Self::Block<'a>, range: Range<usize>) -> Self::Block<'a>
    where
        Self: 'a;
    /// Appends one observation.
    fn push(buffer: &mut Self::Buffer, x: &Self);
    /// The observations of a buffer.
    fn block(buffer: &Self::Buffer) -> Self::Block<'_>;
}

/// Whether the observations of a block are rows of the expected length, if they are rows and one is expected.
pub(crate) fn check_row_length<O: Observation + ?Sized>(
    block: O::Block<'_>,
    expected: Option<usize>,
) -> Result<(), Error> {
    match (expected, O::columns(block)) {
        (Some(expected), Some(found)) if expected != found && O::len(block) > 0 => {
            Err(Error::Dimension { what: "a row", expected, found })
        }
        _ => Ok(()),
    }
}

const fn least_batch<T>() -> usize {
    if std::mem::needs_drop::<T>() { 1 } else { 256 }
}

impl<T: Clone + Debug + Send + Sync> Observation for T {
    type Block<'a>
        = &'a [T]
    where
        T: 'a;
    type Buffer = Vec<T>;
    const LEAST_BATCH: usize = least_batch::<T>();

    fn len(block: &[T]) -> usize {
        block.len()
    }
    fn get<'a>(block: &'a [T], n: usize) -> &'a Self
    where
        T: 'a,
    {
        &block[n]
    }
    fn slice<'a>(block: &'a [T], range: Range<usize>) -> &'a [T]
    where
        T: 'a,
    {
        &block[range]
    }
    fn push(buffer: &mut Vec<T>, x: &Self) {
        buffer.push(x.clone());
    }
    fn block(buffer: &Vec<T>) -> &[T] {
        buffer
    }
}

impl<T: Clone + Debug + Send + Sync> Observation for [T] {
    type Block<'a>
        = Rows<'a, T>
    where
        T: 'a;
    type Buffer = Table<T>;
    const LEAST_BATCH: usize = least_batch::<T>();

    fn len(block: Rows<'_, T>) -> usize {
        block.len()
    }
    fn columns(block: Rows<'_, T>) -> Option<usize> {
        Some(block.columns())
    }
    fn length(&self) -> Option<usize> {
        Some(self.len())
    }
    fn get<'a>(block: Rows<'a, T>, n: usize) -> &'a Self
    where
        T: 'a,
    {
        block.row(n)
    }
    fn slice<'a>(block: Rows<'a, T>, range: Range<usize>) -> Rows<'a, T>
    where
        T: 'a,
    {
        let columns = block.columns;
        Rows { values: &block.values[range.start * columns..range.end * columns], columns }
    }
    fn push(buffer: &mut Table<T>, x: &Self) {
        buffer.push(x).expect("rows of one block have one length");
    }
    fn block(buffer: &Table<T>) -> Rows<'_, T> {
        buffer.rows()
    }
}
