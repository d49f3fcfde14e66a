//! A table: N rows of D values in memory, row-major, with a name for each column.

use crate::error::Error;

use super::rows::Rows;

/// N × D values, row-major; in floating-point tables NaN stands for a missing value.
#[derive(Clone, Debug, PartialEq)]
pub struct Table<T = f64> {
    names: Vec<String>,
    values: Vec<T>,
    columns: usize,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { names: Vec::new(), values: Vec::new(), columns: 0 }
    }
}

impl<T> Table<T> {
    /// Takes row-major values with one name for each column.
    ///
    /// # Errors
    /// [`Error::Dimension`] if the values do not fill whole rows, or there is no column.
    pub fn new(names: Vec<String>, values: Vec<T>) -> Result<Self, Error> {
        let columns = names.len();
        Rows::new(&values, columns)?;
        Ok(Self { names, values, columns })
    }

    /// Takes row-major values, D to a row; the columns are called x1 … xD.
    ///
    /// # Errors
    /// [`Error::Dimension`] if the values do not fill whole rows, or D = 0.
    pub fn from_values(values: Vec<T>, columns: usize) -> Result<Self, Error> {
        Self::new((1..=columns).map(|d| format!("x{d}")).collect(), values)
    }

    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The number of the column of this name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|own| own == name)
    }

    /// The values, as rows.
    pub fn rows(&self) -> Rows<'_, T> {
        Rows { values: &self.values, columns: self.columns }
    }

    /// The values alone, row-major.
    pub fn into_values(self) -> Vec<T> {
        self.values
    }

    /// N.
    pub fn len(&self) -> usize {
        self.rows().len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// D.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The n-th row.
    pub fn row(&self, n: usize) -> &[T] {
        self.rows().row(n)
    }
}

impl<T: Clone> Table<T> {
    /// Appends a row; the first row of an empty table says how many columns there are.
    ///
    /// # Errors
    /// [`Error::Dimension`] if the row's length differs from that of the rows before it, or is 0.
    pub fn push(&mut self, row: &[T]) -> Result<(), Error> {
        if self.columns == 0 {
            self.columns = row.len();
            self.names = (1..=row.len()).map(|d| format!("x{d}")).collect();
        }
        if row.len() != self.columns || row.is_empty() {
            return Err(Error::Dimension { what: "the row", expected: self.columns.max(1), found: row.len() });
        }
        self.values.extend_from_slice(row);
        Ok(())
    }

    /// One column.
    pub fn column(&self, d: usize) -> Vec<T> {
        self.rows().iter().map(|row| row[d].clone()).collect()
    }
}
