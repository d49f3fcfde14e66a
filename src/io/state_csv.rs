//! CSV of named states: each column a variable of a network, each cell the name of a state, or missing.

use std::collections::HashMap;
use std::path::Path;

use crate::error::{Error, NetworkError, nearest};
use crate::graph::DirectedGraph;
use crate::network::{MISSING, Network, StateTable, unknown_state};

use super::Lines;
use super::columns::find;
use super::csv::{Records, is_missing, texts};

/// How a CSV file of named states is read.
///
/// The first row is a header of variables, in any order. A variable without a column is hidden: it is missing in every
/// row. A cell is the state that it names; if it names none, then an empty cell, NA, N/A, NaN, nan, null and ? are
/// missing. A comma, a semicolon or a tabulator separates cells: whichever the first line has most of.
/// ```
/// use marginal::{io::StateCsv, network::Network};
/// let network = Network::builder()
///     .root("rain", &["no", "yes"], [0.8, 0.2])
///     .variable("wet", &["no", "yes"], &["rain"], [0.9, 0.1, 0.05, 0.95])
///     .build()?;
/// # let path = std::env::temp_dir().join(format!("marginal-lawn-{}.csv", std::process::id()));
/// std::fs::write(&path, "day,wet,rain\n1,yes,yes\n2,yes,?\n3,yes,yes\n").unwrap();
/// let table = StateCsv::default().ignore(["day"]).read(&path, &network)?;
/// assert_eq!((table.rows(), table.row(0), table.weight(0)), (3, vec![1, 1], 2.0));
/// # std::fs::remove_file(path).unwrap();
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct StateCsv {
    ignored: Vec<String>,
    hidden: Vec<String>,
    weights: Option<String>,
    delimiter: Option<u8>,
}

impl StateTable {
    /// Reads a CSV file whose columns are variables of the network; [`StateCsv`] reads others.
    ///
    /// # Errors
    /// As [`StateCsv::read`].
    #[cfg_attr(docsrs, doc(cfg(feature = "csv")))]
    pub fn read_csv(path: impl AsRef<Path>, network: &Network) -> Result<Self, Error> {
        StateCsv::default().read(path, network)
    }
}

impl StateCsv {
    /// These columns may be there, and are not read.
    #[must_use]
    pub fn ignore<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.ignored = names.into_iter().map(Into::into).collect();
        self
    }

    /// These variables are hidden: if they have a column, it is not read.
    #[must_use]
    pub fn hidden<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.hidden = names.into_iter().map(Into::into).collect();
        self
    }

    /// This column holds the weight of each row, a number in [0, ∞).
    #[must_use]
    pub fn weights(mut self, name: impl Into<String>) -> Self {
        self.weights = Some(name.into());
        self
    }

    /// Cells are separated by this byte.
    #[must_use]
    pub fn delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = Some(delimiter);
        self
    }

    /// The table in a file.
    ///
    /// # Errors
    /// In [`NetworkError::InFile`]: [`NetworkError::UnknownColumn`], or [`NetworkError::UnknownVariable`] for a hidden one; in [`NetworkError::AtCell`] with its line and column
    /// a [`NetworkError::UnknownState`]. [`Error::File`] for what is no table of that header.
    pub fn read(&self, path: impl AsRef<Path>, network: &Network) -> Result<StateTable, Error> {
        self.read_with_lines(path, network).map(|(table, _)| table)
    }

    /// The table in a file, and the line of each row, different or not: that of the n-th different row is
    /// `lines.of(table.first(n))`.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_with_lines(&self, path: impl AsRef<Path>, network: &Network) -> Result<(StateTable, Lines), Error> {
        let path = path.as_ref();
        self.parse(path, network).map_err(|wrong| {
            let path = path.display().to_string();
            match wrong {
                Wrong::Text(reason) => Error::File { path, reason },
                Wrong::Network(source) => NetworkError::InFile { path, source: Box::new(source) }.into(),
            }
        })
    }

    fn parse(&self, path: &Path, network: &Network) -> Result<(StateTable, Lines), Wrong> {
        let mut records = Records::open(path, self.delimiter)?;
        if !records.next()? {
            return Err(Wrong::Text("the file is empty: a table needs a header of variables".into()));
        }
        let names = texts(&records.record, records.line)?;
        let columns = self.columns(&names, network)?;
        let (mut table, mut lines) = (StateTable::new(network), Lines::default());
        let mut row = vec![MISSING; network.len()];
        while records.next()? {
            let (found, expected, line) = (records.record.len(), names.len(), records.line);
            if found != expected {
                return Err(Wrong::Text(format!("line {line} has {found} cells instead of {expected}: mend the line")));
            }
            let mut weight = 1.0;
            for ((column, cell), name) in columns.iter().zip(&records.record).zip(&names) {
                // Only text that is UTF-8 can name a state; of other text the unreadable part is shown as such.
                let text = String::from_utf8_lossy(cell);
                let text = text.trim();
                match column {
                    Column::Extra => {}
                    Column::Weight => weight = weight_of(text, line, name)?,
                    Column::Variable(v, states) => {
                        row[*v] = match states.get(text) {
                            Some(state) => *state,
                            None if is_missing(text) => MISSING,
                            None => return Err(Wrong::Network(unknown(network, *v, text, line))),
                        };
                    }
                }
            }
            table.push(&row, weight).map_err(|e| Wrong::Text(format!("line {line}: {e}")))?;
            lines.push(line);
        }
        if table.is_empty() {
            return Err(Wrong::Text("there is no row of positive weight below the header".into()));
        }
        Ok((table, lines))
    }

    /// What each column holds.
    fn columns<'a>(&self, names: &[String], network: &'a Network) -> Result<Vec<Column<'a>>, Wrong> {
        self.weights.iter().chain(&self.ignored).try_for_each(|name| find(names, name).map(|_| ()))?;
        self.hidden.iter().try_for_each(|name| network.variable(name).map(|_| ())).map_err(Wrong::Network)?;
        let column = |name: &String| {
            find(names, name)?;
            if self.weights.as_ref() == Some(name) {
                return Ok(Column::Weight);
            }
            if self.ignored.contains(name) || self.hidden.contains(name) {
                return Ok(Column::Extra);
            }
            let v = network.variable(name).map_err(|_| {
                let nearest = nearest(name, network.variables().iter().map(crate::network::Variable::name));
                Wrong::Network(NetworkError::UnknownColumn { name: name.clone(), nearest })
            })?;
            let states = network.variables()[v].states().iter().map(String::as_str).zip(0..).collect();
            Ok(Column::Variable(v, states))
        };
        let columns: Vec<Column<'a>> = names.iter().map(column).collect::<Result<_, Wrong>>()?;
        if columns.iter().any(|column| matches!(column, Column::Variable(..))) {
            return Ok(columns);
        }
        Err(Wrong::Text("no column is a variable of the network".into()))
    }
}

enum Column<'a> {
    /// The number of the variable, and its states by name.
    Variable(usize, HashMap<&'a str, usize>),
    Weight,
    Extra,
}

enum Wrong {
    Text(String),
    Network(NetworkError),
}

impl From<String> for Wrong {
    fn from(reason: String) -> Self {
        Self::Text(reason)
    }
}

fn weight_of(text: &str, line: u64, name: &str) -> Result<f64, Wrong> {
    let weight = text.parse::<f64>().ok().filter(|w| w.is_finite() && *w >= 0.0);
    weight.ok_or_else(|| Wrong::Text(format!("line {line}, column `{name}`: the weight `{text}` is not in [0, ∞)")))
}

fn unknown(network: &Network, v: usize, text: &str, line: u64) -> NetworkError {
    let variable = &network.variables()[v];
    let states: Vec<&str> = variable.states().iter().map(String::as_str).collect();
    let source = Box::new(unknown_state(variable.name(), text, &states));
    NetworkError::AtCell { line, column: variable.name().to_owned(), source }
}
