//! The data of a command: a table, the weights of its rows, the sequences that they make up, and where each row stood in
//! its file.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use marginal::Error;
use marginal::components::Label;
use marginal::data::{InMemory, Rows, Table, Weighted};
use marginal::error::flows;
use marginal::io::{CsvOptions, Lines};

use super::beside::{Beside, Missing};
use super::remedies::{Part, Remedies};
use super::sequences::{Sequences, Torn};
use super::weighing::{Weighing, WeightsAre};
use crate::commands::failure::Failure;
use crate::commands::writing::grid::{counted, shortest};
use crate::commands::writing::terminal::note;

/// What was read from a CSV or Parquet file.
#[derive(Debug)]
pub(crate) struct Input {
    path: PathBuf,
    pub(crate) table: Table,
    weights: Option<Vec<f64>>,
    /// What is known of each row's component or state.
    pub(crate) labels: Option<Vec<Label>>,
    /// The rows of each group that shares one component, in the order of their first rows.
    pub(crate) groups: Option<Vec<Vec<usize>>>,
    /// How many cells are missing, if they may be.
    pub(crate) missing: Option<usize>,
    /// How the weights are taken, once that is known.
    pub(crate) weighing: Option<Weighing>,
    pub(crate) sequences: Sequences,
    /// What errors speak of.
    pub(crate) part: Part,
    /// What they advise.
    pub(crate) remedies: Remedies,
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
    /// The chosen columns of a file (all but those beside the data if none are chosen), and those beside.
    pub(crate) fn read(path: &Path, columns: Option<&[String]>, beside: Beside<'_>) -> Result<Self, Failure> {
        beside.check(columns)?;
        let (table, lines) = read(path, columns, beside)?;
        for sentence in lines.iter().flat_map(Lines::assumed) {
            note(&format!("{}: {sentence}", path.display()));
        }
        let weights = match beside.weights {
            Some(name) => {
                let alone = Beside { header: beside.header, ..Beside::default() };
                Some(read(path, Some(&[name.to_owned()]), alone)?.0.column(0))
            }
            None => None,
        };
        let (path, sequences) = (path.to_owned(), Sequences::one(table.len()));
        let (part, remedies) = (Part::Component, Remedies::default());
        let holes = table.rows().values().iter().filter(|x| x.is_nan()).count();
        let (missing, weighing, labels) = (beside.missing.map(|_| holes), None, None);
        let mut input =
            Self { path, table, weights, labels, groups: None, missing, weighing, sequences, part, remedies, lines };
        if let Some(weights) = &input.weights {
            Weighted::importance(&input.table, weights).map_err(|e| input.explain(&e))?;
        }
        if let Some(column) = beside.sequence {
            let torn = |torn: Torn| input.torn(column, &torn);
            input.sequences = Sequences::named(read_text(&input.path, column, beside.header)?).map_err(torn)?;
        }
        if let Some(column) = beside.labels {
            input.labels = Some(input.read_labels(column, beside)?);
        }
        if let Some(column) = beside.groups {
            input.groups = Some(groups(&read_text(&input.path, column, beside.header)?));
        }
        Ok(input)
    }

    /// The labels of rows: numbers of components, and nothing where they are not known.
    fn read_labels(&self, column: &str, beside: Beside<'_>) -> Result<Vec<Label>, Failure> {
        let missing = Missing::default();
        let alone =
            Beside { header: beside.header, missing: Some(beside.missing.unwrap_or(&missing)), ..Beside::default() };
        let numbers = read(&self.path, Some(&[column.to_owned()]), alone)?.0.column(0);
        let label = |(row, x): (usize, &f64)| match *x {
            x if x.is_nan() => Ok(Label::Unknown),
            x if x >= 0.0 && x.fract() == 0.0 && x < f64::from(u32::MAX) => Ok(Label::Is(x as usize)),
            x => Err(Failure::Because(format!(
                "{}: {}, column `{column}`: {} is no number of a {}: write 0, 1, …, or nothing where it is not known",
                self.path.display(),
                self.place(row),
                shortest(x),
                self.part
            ))),
        };
        numbers.iter().enumerate().map(label).collect()
    }

    /// Takes the weights, if there are any, for what is said of them, or for counts.
    ///
    /// # Errors
    /// A question where they are hardly counts and nothing is said.
    pub(crate) fn weigh(&mut self, said: Option<WeightsAre>) -> Result<(), Failure> {
        let Some(weights) = self.weights.take() else { return Ok(()) };
        let weighing = Weighing::of(&weights, said);
        let mut weighing = weighing.map_err(|why| Failure::because(format!("{}: {why}", self.path.display())))?;
        self.weights = Some(weighing.apply(weights)?);
        self.weighing = Some(weighing);
        Ok(())
    }

    /// The file, as it was named.
    pub(crate) fn shown(&self) -> String {
        self.path.display().to_string()
    }

    /// That there are not enough rows for K components.
    pub(crate) fn too_few_rows(&self, components: usize) -> Error {
        // 0 and −0 are one value.
        let bits = |row: &[f64]| row.iter().map(|x| (x + 0.0).to_bits()).collect::<Vec<u64>>();
        let distinct: HashSet<Vec<u64>> = self.table.rows().iter().map(bits).collect();
        Error::TooFewRows { rows: distinct.len(), components }
    }

    /// Whether all rows have one value there.
    fn is_constant(&self, column: usize) -> bool {
        let mut values = self.table.rows().iter().map(|row| row.get(column));
        values.next().is_some_and(|first| first.is_some() && values.all(|value| value == first))
    }

    /// The rows of each sequence.
    pub(crate) fn tables(&self) -> Vec<Table> {
        let (names, rows) = (self.table.names(), self.table.rows());
        let values = |range: Range<usize>| range.flat_map(|n| rows.row(n).to_vec()).collect();
        let table = |range| Table::new(names.to_vec(), values(range)).expect("these are whole rows");
        self.sequences.ranges().map(table).collect()
    }

    fn torn(&self, column: &str, Torn { name, row, before }: &Torn) -> Failure {
        Failure::Because(format!(
            "{}: {}: sequence `{name}` begins again, its rows ended at {}: rows of one sequence must be consecutive; \
             sort the file by `{column}`, each sequence in its own order",
            self.path.display(),
            self.place(*row),
            self.place(*before)
        ))
    }

    /// `line 7`, or of a file without lines `row 5`.
    fn place(&self, row: usize) -> String {
        self.lines.as_ref().map_or_else(|| format!("row {row}"), |lines| format!("line {}", lines.of(row)))
    }

    /// What went wrong, with the file, the line and the column in place of row and column numbers.
    pub(crate) fn explain(&self, error: &Error) -> Failure {
        Failure::Because(self.describe(error))
    }

    pub(crate) fn describe(&self, error: &Error) -> String {
        self.describe_from(0, error)
    }

    /// As [`describe`](Self::describe) for an error that counts rows from this one on.
    fn describe_from(&self, first: usize, error: &Error) -> String {
        let line = |row: usize| format!("{}: {}", self.path.display(), self.place(first + row));
        let part = self.part;
        let of_chain = part == Part::State;
        let name = |column: usize| self.table.names().get(column).map_or_else(|| column.to_string(), Clone::clone);
        match error {
            Error::Component { component, source } => {
                format!("{part} {component}: {}", self.describe_from(first, source))
            }
            Error::AtColumn { column, source } if matches!(**source, Error::Singular { .. }) => {
                let what = format!("column `{}` has no variance left", name(*column));
                self.without_variance(*column, what, "drop a constant column with --columns")
            }
            Error::AtColumn { column, source } => {
                format!("column `{}`: {}", name(*column), self.describe_from(first, source))
            }
            Error::Outside { row, column, value, family, support } => format!(
                "{}, column `{}`: {} is not in {support}, where {family} has its values: mend the value, or choose \
                 another family",
                line(*row),
                name(*column),
                shortest(*value)
            ),
            Error::AtIteration { iteration, source } => {
                format!("iteration {iteration}: {}", self.describe_from(first, source))
            }
            Error::AtRow { row, source } => self.describe_from(self.sequences.start(*row), source),
            Error::Impossible { row, value } => {
                let why =
                    if of_chain { "no path of states leads to it" } else { "it lies too far from every component" };
                format!("{}: {value} has density 0 under the model: {why}", line(*row))
            }
            Error::NotEmitted { step, value } => format!("{}: no state emits {value}: mend it", line(*step)),
            Error::Unbounded { row, value, .. } => {
                let remedy = self.remedies.with(part, None);
                format!("{}: {value} has infinite density under the model{remedy}", line(*row))
            }
            Error::NoWeight { weight } => {
                let remedy =
                    Remedies { floor: false, prior: false, ..self.remedies }.with(part, Some("another --seed"));
                format!("no weight to estimate from (total weight {}){remedy}", shortest(*weight))
            }
            Error::Label { row, label: Some(label), states } => format!(
                "{}: label {label} is no {part} of {states}, which are numbered from 0: mend the label, or more {part}s",
                line(*row)
            ),
            Error::NotFinite { row, value, .. } if value.is_nan() => {
                format!("{}: a cell is missing: mend it, or say --missing where the model is no K-means", line(*row))
            }
            Error::NotFinite { row, value, .. } => format!("{}: {value} is not finite: mend the value", line(*row)),
            Error::Weight { row, value } => {
                format!("{}: weight {} is not in [0, ∞): mend the weight", line(*row), shortest(*value))
            }
            Error::TotalWeight { sum } => {
                format!(
                    "{}: the weights sum to {sum:e}: scale them, or say --weights-are importance",
                    self.path.display()
                )
            }
            Error::Empty => format!("{}: no row has a positive weight: at least one is needed", self.path.display()),
            Error::TooFewRows { rows, components } => format!(
                "{}: {} cannot carry {}: fewer {part}s or more data",
                self.path.display(),
                counted(*rows, "distinct row"),
                counted(*components, part.name())
            ),
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
                let what = format!("the covariance is singular at column `{}`", name(*column));
                self.without_variance(*column, what, "drop a constant or collinear column with --columns")
            }
            other => other.to_string(),
        }
    }
}

impl Input {
    /// What is said of a column whose variance, given the others, is gone.
    fn without_variance(&self, column: usize, what: String, drop: &str) -> String {
        if self.is_constant(column) {
            let remedy = self.remedies.of_constant_column().with(self.part, Some(drop));
            return format!("{what}, which is {} in every row{remedy}", self.table.row(0)[column]);
        }
        what + &self.remedies.with(self.part, Some(drop))
    }
}

/// The rows of each name, in the order of their first rows.
fn groups(names: &[String]) -> Vec<Vec<usize>> {
    let (mut groups, mut numbers) = (Vec::<Vec<usize>>::new(), HashMap::new());
    for (row, name) in names.iter().enumerate() {
        let number = *numbers.entry(name).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[number].push(row);
    }
    groups
}

/// The chosen columns of a file, or all but those beside the data, and the line of each row if the file has lines.
fn read(path: &Path, columns: Option<&[String]>, beside: Beside<'_>) -> Result<(Table, Option<Lines>), Error> {
    if is_parquet(path) {
        return Ok((read_parquet(path, columns, beside)?, None));
    }
    let spellings = beside.missing.map(|missing| missing.spellings.clone()).unwrap_or_default();
    let options = csv_options(beside.header).missing(beside.missing.is_some()).missing_as(spellings);
    let options = options.without(beside.names());
    let (table, lines) = columns.map_or(options.clone(), |columns| options.columns(columns)).read_with_lines(path)?;
    Ok((table, Some(lines)))
}

/// A column as it is written.
fn read_text(path: &Path, column: &str, header: Option<bool>) -> Result<Vec<String>, Error> {
    if is_parquet(path) { read_parquet_text(path, column) } else { csv_options(header).read_text(path, column) }
}

fn csv_options(header: Option<bool>) -> CsvOptions {
    header.map_or_else(CsvOptions::default, |is_there| CsvOptions::default().header(is_there))
}

fn is_parquet(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet"))
}

#[cfg(feature = "parquet")]
fn read_parquet(path: &Path, columns: Option<&[String]>, beside: Beside<'_>) -> Result<Table, Error> {
    let options = marginal::io::ParquetOptions::default().without(beside.names()).missing(beside.missing.is_some());
    columns.map_or(options.clone(), |columns| options.columns(columns)).read(path)
}

#[cfg(feature = "parquet")]
fn read_parquet_text(path: &Path, column: &str) -> Result<Vec<String>, Error> {
    marginal::io::ParquetOptions::default().read_text(path, column)
}

#[cfg(not(feature = "parquet"))]
fn read_parquet_text(path: &Path, _: &str) -> Result<Vec<String>, Error> {
    read_parquet(path, None, Beside::default()).map(|_| Vec::new())
}

#[cfg(not(feature = "parquet"))]
fn read_parquet(path: &Path, _: Option<&[String]>, _: Beside<'_>) -> Result<Table, Error> {
    let reason = "this program was built without the feature `parquet`: build it with --features cli,parquet".into();
    Err(Error::File { path: path.display().to_string(), reason })
}
