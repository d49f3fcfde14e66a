//! How a Parquet file is read.

use std::path::Path;

use crate::data::Table;
use crate::error::Error;

use super::layout::Layout;
use super::{Parquet, file_error, names};
use crate::io::columns::Columns;
use crate::io::names::Names;

/// How a Parquet file is read: as [`Parquet`], anew in each pass, or into memory as a [`Table`].
///
/// A number is any flat column of doubles, floats, half floats, integers, truth values (1 and 0) or decimals of at most
/// 16 bytes; integers, and decimals without their point, must lie within ±2⁵³. Text, bytes, dates and times, lists and
/// nested columns are not numbers, and an error that names what can be chosen: which unit a time shall have is for the
/// writer of the file to say, by storing it as a number.
///
/// A column `__index_level_0__`, under which pandas stores its index, is read only if it is chosen by name.
/// ```
/// use marginal::io::ParquetOptions;
/// let waiting = ParquetOptions::default().columns(["waiting"]).read("data/faithful.parquet")?;
/// assert_eq!((waiting.len(), waiting.row(0)), (272, &[79.0][..]));
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ParquetOptions {
    pub(super) columns: Columns,
    pub(super) missing: bool,
    pub(super) weights: Option<String>,
}

impl ParquetOptions {
    /// Read these columns, in this order.
    #[must_use]
    pub fn columns<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.columns.named = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Read all columns but these; has no effect on columns that are chosen by name.
    #[must_use]
    pub fn without<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.columns.without = names.into_iter().map(Into::into).collect();
        self
    }

    /// Take null and NaN as missing: they become NaN instead of an error.
    #[must_use]
    pub fn missing(mut self, allowed: bool) -> Self {
        self.missing = allowed;
        self
    }

    /// Take the weights w_n ∈ [0, ∞) of the rows from this column, which is not read among the others unless it is
    /// chosen by name.
    #[must_use]
    pub fn weights(mut self, name: impl Into<String>) -> Self {
        self.weights = Some(name.into());
        self
    }

    /// The file as a data set: its layout is read now, its rows in each pass.
    ///
    /// # Errors
    /// [`Error::File`] if it is no Parquet file with at least one row, or with the columns that can be chosen.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Parquet, Error> {
        Parquet::with(path.as_ref(), self)
    }

    /// The table in a file, in memory.
    ///
    /// # Errors
    /// As [`open`](Self::open), and those of a pass over [`Parquet`]. A table has no weights: [`Error::File`] if a
    /// column was chosen for them.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Table, Error> {
        let file = self.open(path)?;
        match &self.weights {
            None => file.table(),
            Some(name) => Err(file.error(format!(
                "a table in memory has no weights: read column `{name}` like any other, and join it by `Weighted`"
            ))),
        }
    }
}

impl ParquetOptions {
    /// One column as text, be it stored as text or as numbers: the name of each row's group, say. None of the settings
    /// counts.
    ///
    /// # Errors
    /// As [`read`](Self::read); a missing value is always one.
    pub fn read_text(&self, path: impl AsRef<Path>, column: &str) -> Result<Vec<String>, Error> {
        let path = path.as_ref();
        let texts = Layout::read(path).and_then(|layout| {
            let d = Names::new(&layout.names()).find(column)?;
            names::read(path, &layout, d)
        });
        if let Some(texts) = texts.map_err(|reason| file_error(path, reason))? {
            return Ok(texts);
        }
        let numbers = Self::default().columns([column]).read(path)?;
        Ok(numbers.column(0).iter().map(f64::to_string).collect())
    }
}

impl Table {
    /// Reads all columns of a Parquet file, each of which must hold numbers; [`ParquetOptions`] reads some of them, and
    /// [`Parquet`] does not hold them in memory.
    ///
    /// # Errors
    /// As [`ParquetOptions::read`].
    #[cfg_attr(docsrs, doc(cfg(feature = "parquet")))]
    pub fn read_parquet(path: impl AsRef<Path>) -> Result<Self, Error> {
        ParquetOptions::default().read(path)
    }
}
