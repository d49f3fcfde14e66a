//! `Rows`: a matrix of N × D values, borrowed, row-major.

use crate::error::Error;

/// N rows of D values each, row-major and contiguous, borrowed.
#[derive(Debug)]
pub struct Rows<'a, T> {
    pub(super) values: &'a [T],
    pub(super) columns: usize,
}

// Derived, these would ask T to be Clone and Copy; a view needs neither.
impl<T> Clone for Rows<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Rows<'_, T> {}

impl<'a, T> Rows<'a, T> {
    /// Sees a slice as rows of `columns` values; a remainder that does not fill a row is an error.
    ///
    /// # Errors
    /// [`Error::Dimension`] if the length is no multiple of `columns`, or `columns` is 0.
    pub fn new(values: &'a [T], columns: usize) -> Result<Self, Error> {
        if columns == 0 || !values.len().is_multiple_of(columns) {
            let rest = if columns == 0 { values.len() } else { values.len() % columns };
            return Err(Error::Dimension { what: "the last row", expected: columns.max(1), found: rest });
        }
        Ok(Self { values, columns })
    }

    /// N.
    pub fn len(self) -> usize {
        self.values.len().checked_div(self.columns).unwrap_or(0)
    }

    /// Whether there is no row.
    pub fn is_empty(self) -> bool {
        self.values.is_empty()
    }

    /// D.
    pub fn columns(self) -> usize {
        self.columns
    }

    /// All values, row-major.
    pub fn values(self) -> &'a [T] {
        self.values
    }

    /// The n-th row.
    pub fn row(self, n: usize) -> &'a [T] {
        &self.values[n * self.columns..][..self.columns]
    }

    /// The rows, in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = &'a [T]> {
        self.values.chunks_exact(self.columns.max(1))
    }
}
