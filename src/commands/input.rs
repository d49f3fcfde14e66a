//! The data of a command: a table, the weights of its rows, and where each row stood in its file.

use std::path::{Path, PathBuf};

use marginal::Error;
use marginal::data::{InMemory, Rows, Table, Weighted};
use marginal::error::flows;
use marginal::io::{CsvOptions, Lines, ModelFile, SavedModel};

use super::failure::Failure;

/// What was read from a CSV or Parquet file.
#[derive(Debug)]
pub(super) struct Input {
    path: PathBuf,
    pub(super) table: Table,
    weights: Option<Vec<f64>>,
    /// Where each row stood, if the file has lines.
    lines: Option<Lines>,
}

/// The rows under their weights.
impl InMemory<[f64]> for Input {
    fn block(&self) -> Rows<'_, f64> {
        self.table.rows()
    }
    fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }
}

impl Input {
    /// The chosen columns of a file (all but the weights if none are chosen), and the column of weights.
    pub(super) fn read(path: &Path, columns: Option<&[String]>, weights: Option<&String>) -> Result<Self, Failure> {
        let (table, lines) = read(path, columns, weights)?;
        let weights = match weights {
            Some(name) => Some(read(path, Some(std::slice::from_ref(name)), None)?.0.column(0)),
            None => None,
        };
        let input = Self { path: path.to_owned(), table, weights, lines };
        if let Some(weights) = &input.weights {
            Weighted::new(&input.table, weights).map_err(|e| input.explain(&e))?;
        }
        Ok(input)
    }

    /// The columns of a file that a model was fitted to.
    pub(super) fn for_model(path: &Path, model: &ModelFile, weights: Option<&String>) -> Result<Self, Failure> {
        let input = Self::read(path, Some(&model.columns), weights)?;
        if let SavedModel::ColumnMixture(mixture) = &model.model {
            mixture.components()[0].check_support(&input).map_err(|e| input.explain(&e))?;
        }
        Ok(input)
    }

    /// What went wrong, with the file, the line and the column in place of row and column numbers.
    pub(super) fn explain(&self, error: &Error) -> Failure {
        Failure::Because(self.describe(error))
    }

    pub(super) fn describe(&self, error: &Error) -> String {
        let line = |row: usize| {
            let place =
                self.lines.as_ref().map_or_else(|| format!("row {row}"), |lines| format!("line {}", lines.of(row)));
            format!("{}: {place}", self.path.display())
        };
        let name = |column: usize| self.table.names().get(column).map_or_else(|| column.to_string(), Clone::clone);
        match error {
            Error::Component { component, source } => format!("component {component}: {}", self.describe(source)),
            Error::AtColumn { column, source } if matches!(**source, Error::Singular { .. }) => format!(
                "column `{}` has no variance left: fewer components, or drop a constant column with --columns",
                name(*column)
            ),
            Error::AtColumn { column, source } => format!("column `{}`: {}", name(*column), self.describe(source)),
            Error::Outside { row, column, value, family, support } => format!(
                "{}, column `{}`: {value} is not in {support}, where {family} has its values: mend the value, or choose \
                 another family",
                line(*row),
                name(*column)
            ),
            Error::AtIteration { iteration, source } => format!("iteration {iteration}: {}", self.describe(source)),
            Error::Impossible { row, value } => {
                format!("{}: {value} has density 0 under the model: it lies too far from every component", line(*row))
            }
            Error::Unbounded { row, value, .. } => {
                format!("{}: {value} has infinite density under the model: use --floor or --prior", line(*row))
            }
            Error::NotFinite { row, value, .. } => format!("{}: {value} is not finite: mend the value", line(*row)),
            Error::Weight { row, value } => format!("{}: weight {value} is not in [0, ∞): mend the weight", line(*row)),
            Error::Empty => format!("{}: no row has a positive weight: at least one is needed", self.path.display()),
            Error::TooFewRows { .. } => format!("{}: {error}", self.path.display()),
            Error::Range { column, least, greatest } => format!(
                "{}: column `{}` runs from {least:e} to {greatest:e}: 64-bit numbers cannot hold its variance or tell \
                 its values apart: rescale the column, or remove the outlier",
                self.path.display(),
                name(*column)
            ),
            Error::Scale { row, column, value } => {
                let name = column.parse().map_or_else(|_| column.clone(), |d: usize| name(d.saturating_sub(1)));
                format!(
                    "{}, column `{name}`: the square of {value:e} {}: rescale the column, or remove the row",
                    line(*row),
                    flows(*value)
                )
            }
            Error::Singular { column, .. } => {
                let name = name(*column);
                format!(
                    "the covariance is singular at column `{name}`: fewer components, --floor, --prior, or drop a \
                     constant or collinear column with --columns"
                )
            }
            other => other.to_string(),
        }
    }
}

/// The chosen columns of a file, or all but one of them, and the line of each row if the file has lines.
fn read(path: &Path, columns: Option<&[String]>, without: Option<&String>) -> Result<(Table, Option<Lines>), Error> {
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet")) {
        return Ok((read_parquet(path, columns, without)?, None));
    }
    let options = CsvOptions::default().without(without);
    let (table, lines) = columns.map_or(options.clone(), |columns| options.columns(columns)).read_with_lines(path)?;
    Ok((table, Some(lines)))
}

#[cfg(feature = "parquet")]
fn read_parquet(path: &Path, columns: Option<&[String]>, without: Option<&String>) -> Result<Table, Error> {
    let options = marginal::io::ParquetOptions::default().without(without);
    columns.map_or(options.clone(), |columns| options.columns(columns)).read(path)
}

#[cfg(not(feature = "parquet"))]
fn read_parquet(path: &Path, _: Option<&[String]>, _: Option<&String>) -> Result<Table, Error> {
    let reason = "this program was built without the feature `parquet`: build it with --features cli,parquet".into();
    Err(Error::File { path: path.display().to_string(), reason })
}
