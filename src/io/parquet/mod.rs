//! Parquet: a table that may be larger than memory, read anew in each pass.

mod cursor;
mod decoder;
mod layout;
mod names;
mod number;
mod options;
mod pages;
mod thrift;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::data::{Batch, Dataset, Rows, Statistics, Step, Table, Totals, fold_in_runs};
use crate::error::Error;

use crate::io::names::{Names, list};
use cursor::{Cursor, Numbers};
use layout::{Layout, NumberColumn};
pub use options::ParquetOptions;

/// The rows that are decoded at a time on the way into memory.
const TABLE_ROWS: usize = 4096;

/// The rows of a Parquet file, which may be larger than memory: each pass reads them anew. A thread holds one batch of
/// rows and, of each chosen column, the page that the batch lies in. The bits are those of the same table in memory.
/// ```
/// use marginal::{data::Table, em::Em, io::Parquet, models::GaussianMixture};
/// let (file, table) = (Parquet::open("data/faithful.parquet")?, Table::read_csv("data/faithful.csv")?);
/// let model = GaussianMixture::new(2);
/// assert_eq!(Em::default().fit(&model, &file)?.parameters, Em::default().fit(&model, &table)?.parameters);
/// # Ok::<(), marginal::Error>(())
/// ```
/// A family of numbers takes a file of one column as rows of one column:
/// [`Independent`](crate::distributions::Independent) for one that observes `f64`, a
/// [`Column`](crate::distributions::Column) for counts and truth values.
/// ```
/// use marginal::distributions::{Independent, Normal};
/// use marginal::{em::Em, io::ParquetOptions, models::{ColumnMixture, Mixture}};
/// let waiting = ParquetOptions::default().columns(["waiting"]).open("data/faithful.parquet")?;
/// let normal = |mean| Independent::new(vec![Normal::new(mean, 10.0)?]);
/// let fit = Em::default().fit(&Mixture::of(vec![normal(50.0)?, normal(80.0)?])?, &waiting)?;
/// assert!((fit.log_likelihood - -1034.0017498).abs() < 1e-6);
/// let poisson = Em::default().fit(&ColumnMixture::new(2, vec!["poisson".parse()?])?, &waiting)?;
/// # Ok::<(), marginal::Error>(())
/// ```
///
/// # Errors
/// Of a pass: [`Error::File`] with the row and the column of a value that is missing (null or NaN, unless
/// [`ParquetOptions::missing`] allows it), infinite, or an integer beyond ±2⁵³, all of them in rows of weight 0 too, and
/// if the file is corrupt, gone, or has changed since it was opened; [`Error::Weight`] for a weight that is null,
/// negative, NaN or infinite.
#[derive(Clone)]
pub struct Parquet {
    path: PathBuf,
    layout: Arc<Layout>,
    names: Vec<String>,
    columns: Vec<NumberColumn>,
    weights: Option<NumberColumn>,
    missing: bool,
}

impl Parquet {
    /// Opens a file whose columns all hold numbers; [`ParquetOptions`] chooses some of them.
    ///
    /// # Errors
    /// As [`ParquetOptions::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        ParquetOptions::default().open(path)
    }

    fn with(path: &Path, options: &ParquetOptions) -> Result<Self, Error> {
        Self::try_with(path, options).map_err(|reason| file_error(path, reason))
    }

    fn try_with(path: &Path, options: &ParquetOptions) -> Result<Self, String> {
        let layout = Layout::read(path)?;
        let all = layout.names();
        let mut choice = options.columns.clone();
        choice.without.extend(options.weights.clone());
        let other = |d: usize| layout.number_column(d).err().map(str::to_owned);
        let column = |d: usize| {
            layout.number_column(d).map_err(|what| {
                let numeric = list(all.iter().enumerate().filter(|(d, _)| other(*d).is_none()).map(|(_, name)| name));
                let there_are =
                    if numeric.is_empty() { "no column holds any".into() } else { format!("there are {numeric}") };
                format!("column `{}` holds {what}, not numbers: {there_are}", all[d])
            })
        };
        let columns: Vec<_> = choice.choose(&all, other)?.into_iter().map(column).collect::<Result<_, _>>()?;
        let weights = options.weights.as_ref().map(|name| Names::new(&all).find(name).and_then(column)).transpose()?;
        if layout.rows() == 0 {
            return Err("there are columns but no row".into());
        }
        let names = columns.iter().map(|column| column.name.clone()).collect();
        Ok(Self { path: path.to_owned(), layout: layout.into(), names, columns, weights, missing: options.missing })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names of the columns that are read, without that of the weights.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// N.
    pub fn len(&self) -> usize {
        self.layout.rows()
    }

    /// Whether there is no row: never, for such a file is refused.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// D, without the weights.
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// All rows, in memory.
    fn table(&self) -> Result<Table, Error> {
        let mut cursor = self.cursor();
        let mut values = Vec::new();
        for first in (0..self.len()).step_by(TABLE_ROWS) {
            let rows = first..self.len().min(first + TABLE_ROWS);
            values.extend_from_slice(&self.read(&mut cursor, rows)?.values);
        }
        Table::new(self.names.clone(), values)
    }

    fn cursor(&self) -> Cursor<'_> {
        Cursor::new(&self.path, &self.layout, &self.columns, self.weights.as_ref())
    }

    /// Some rows, all of whose numbers are allowed.
    fn read<'c>(&self, cursor: &'c mut Cursor<'_>, rows: Range<usize>) -> Result<&'c Numbers, Error> {
        let first = rows.start;
        let numbers = cursor.read(rows).map_err(|reason| self.error(reason))?;
        self.check(first, numbers)?;
        Ok(numbers)
    }

    /// Refuses the first number, row by row, that is not allowed.
    fn check(&self, first: usize, numbers: &Numbers) -> Result<(), Error> {
        let refused = |x: &f64| !(x.is_finite() || self.missing && x.is_nan());
        let value = numbers.values.iter().position(refused);
        let weight = numbers.weights.iter().position(|w| !(w.is_finite() && *w >= 0.0));
        if let Some(n) = weight.filter(|n| value.is_none_or(|at| *n < at / self.columns.len())) {
            return Err(Error::Weight { row: first + n, value: numbers.weights[n] });
        }
        let Some(at) = value else { return Ok(()) };
        let (row, name, x) = (first + at / self.columns(), &self.names[at % self.columns()], numbers.values[at]);
        Err(self.error(if x.is_nan() {
            format!("row {row}, column `{name}`: missing value: remove the row or fill in the value")
        } else {
            format!("row {row}, column `{name}`: {x} is not finite: remove the row or mend the value")
        }))
    }

    fn error(&self, reason: String) -> Error {
        file_error(&self.path, reason)
    }
}

impl Dataset<[f64]> for Parquet {
    fn fold<S: Statistics>(&self, empty: &S, step: &Step<'_, [f64], S>) -> Result<S, Error> {
        fold_in_runs::<[f64], _, _>(
            self.len(),
            empty,
            || self.cursor(),
            |cursor, rows, s| {
                let first = rows.start;
                let numbers = self.read(cursor, rows)?;
                let weights = self.weights.is_some().then_some(&numbers.weights[..]);
                step(Batch::new(Rows::new(&numbers.values, self.columns())?, weights, first), s)
            },
        )
    }

    /// Reads the weights alone, and nothing if there are none.
    fn totals(&self) -> Result<Totals, Error> {
        match &self.weights {
            Some(weights) => Weights { file: self, weights }.totals(),
            None => Totals::new(self.len(), self.len() as f64),
        }
    }
}

/// The weights of the rows, each under itself as its weight.
struct Weights<'a> {
    file: &'a Parquet,
    weights: &'a NumberColumn,
}

impl Dataset<f64> for Weights<'_> {
    fn fold<S: Statistics>(&self, empty: &S, step: &Step<'_, f64, S>) -> Result<S, Error> {
        let Parquet { path, layout, .. } = self.file;
        fold_in_runs::<[f64], _, _>(
            self.file.len(),
            empty,
            || Cursor::new(path, layout, &[], Some(self.weights)),
            |cursor, rows, s| {
                let first = rows.start;
                let weights = &self.file.read(cursor, rows)?.weights[..];
                step(Batch::new(weights, Some(weights), first), s)
            },
        )
    }
}

impl std::fmt::Debug for Parquet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parquet")
            .field("path", &self.path)
            .field("rows", &self.len())
            .field("names", &self.names)
            .field("weights", &self.weights.as_ref().map(|column| &column.name))
            .finish_non_exhaustive()
    }
}

fn file_error(path: &Path, reason: String) -> Error {
    Error::File { path: path.display().to_string(), reason }
}
