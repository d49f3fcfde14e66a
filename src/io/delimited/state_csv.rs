//! CSV of named states: each column a variable of a network, each cell the name of a state, or missing.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use crate::error::{Error, NetworkError, nearest};
use crate::graph::DirectedGraph;
use crate::network::{MISSING, Network, StateTable, Variable, unknown_state};

use super::cells::is_missing;
use super::lines::Lines;
use super::records::{Records, texts};
use crate::io::names::Names;

/// How a CSV file of named states is read.
///
/// The first row is a header of variables, in any order; one that holds states instead is an error, and one that can be
/// both is asked about: [`header`](Self::header) answers. A variable without a column is hidden: it is missing in every
/// row. A cell is the state that it names, with the blanks around it or without them; if it names none, not even in
/// other letter case, then an empty cell, NA, N/A, NaN, nan, null, None, ? and . are missing, in the usual spellings. A
/// comma, a semicolon or a tabulator separates cells: whichever the first line has most of, or a first line `sep=;` says.
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
    header: Option<bool>,
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

    /// The first row names the variables (`true`), or is a row like the others (`false`): then the columns are all the
    /// variables of the network, in their order.
    #[must_use]
    pub fn header(mut self, is_there: bool) -> Self {
        self.header = Some(is_there);
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
        let first = cells(&records, network)?;
        let is_header = self.has_header(&first, network, records.line)?;
        let names = if is_header { first } else { network.variables().iter().map(|v| v.name().to_owned()).collect() };
        let columns = self.columns(&names, network)?;
        let (mut table, mut lines) = (StateTable::new(network), Lines::default());
        let mut row = vec![MISSING; network.len()];
        let mut more = if is_header { records.next()? } else { true };
        while more {
            records.check_length(names.len())?;
            let line = records.line;
            let mut weight = 1.0;
            for ((column, cell), name) in columns.iter().zip(&records.record).zip(&names) {
                // Only text that is UTF-8 can name a state; of other text the unreadable part is shown as such.
                let text = String::from_utf8_lossy(cell);
                match column {
                    Column::Extra => {}
                    Column::Weight => weight = weight_of(text.trim(), line, name)?,
                    Column::Variable(v, states) => {
                        row[*v] = state(states, &text)
                            .ok_or_else(|| Wrong::Network(unknown(network, *v, text.trim(), line)))?;
                    }
                }
            }
            table.push(&row, weight).map_err(|e| Wrong::Text(format!("line {line}: {e}")))?;
            lines.push(line);
            more = records.next()?;
        }
        if table.is_empty() {
            return Err(Wrong::Text("there is no row of positive weight below the header".into()));
        }
        Ok((table, lines))
    }

    /// Whether the first row names the variables.
    fn has_header(&self, first: &[String], network: &Network, line: u64) -> Result<bool, Wrong> {
        let variables = network.variables();
        let is_state = |(cell, variable): (&String, &Variable)| is_missing(cell) || variable.states().contains(cell);
        let by_position = first.len() == variables.len() && first.iter().zip(variables).all(is_state);
        if let Some(said) = self.header {
            if !said && first.len() != variables.len() {
                return Err(Wrong::Text(format!(
                    "without a header each of the {} variables needs a column, and line {line} has {}",
                    variables.len(),
                    first.len()
                )));
            }
            return Ok(said);
        }
        let other = |name: &String| self.ignored.contains(name) || self.weights.as_ref() == Some(name);
        let named = first.iter().filter(|cell| network.variable(cell.as_str()).is_ok()).count();
        if by_position && first.iter().all(|cell| other(cell) || network.variable(cell.as_str()).is_ok()) {
            return Err(Wrong::Text(format!(
                "line {line} may name the variables or be a row of states: say --header yes, or --header no if its \
                 columns are the variables in the order of the network"
            )));
        }
        let states: HashSet<&str> = variables.iter().flat_map(Variable::states).map(String::as_str).collect();
        if named == 0 && first.iter().all(|cell| states.contains(cell.as_str()) || is_missing(cell)) {
            let order = if by_position { ", or say --header no if they are in the order of the network" } else { "" };
            return Err(Wrong::Text(format!(
                "line {line} holds states where a header of variables is needed: put the names of the variables above \
                 it{order}"
            )));
        }
        Ok(true)
    }

    /// What each column holds.
    fn columns<'a>(&self, names: &[String], network: &'a Network) -> Result<Vec<Column<'a>>, Wrong> {
        let by_name = Names::new(names);
        self.weights.iter().chain(&self.ignored).try_for_each(|name| by_name.find(name).map(|_| ()))?;
        let extra: HashSet<&String> = self.ignored.iter().chain(&self.hidden).collect();
        self.hidden.iter().try_for_each(|name| network.variable(name).map(|_| ())).map_err(Wrong::Network)?;
        let column = |name: &String| {
            by_name.find(name)?;
            if self.weights.as_ref() == Some(name) {
                return Ok(Column::Weight);
            }
            if extra.contains(name) {
                return Ok(Column::Extra);
            }
            let v = network.variable(name).map_err(|_| {
                let nearest = nearest(name, network.variables().iter().map(Variable::name));
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

/// The cells of the header: as they stand if a variable is called so, else without the blanks around them.
fn cells(records: &Records, network: &Network) -> Result<Vec<String>, String> {
    let trimmed = texts(&records.record, records.line)?;
    let exact = |(cell, trimmed): (&[u8], String)| match std::str::from_utf8(cell) {
        Ok(cell) if network.variable(cell).is_ok() => cell.to_owned(),
        _ => trimmed,
    };
    Ok(records.record.iter().zip(trimmed).map(exact).collect())
}

/// The state that a cell names, or that it is missing.
fn state(states: &HashMap<&str, usize>, text: &str) -> Option<usize> {
    let trimmed = text.trim();
    let named = states.get(text).or_else(|| states.get(trimmed)).copied();
    let slip = || !trimmed.is_empty() && states.keys().any(|state| state.eq_ignore_ascii_case(trimmed));
    named.or_else(|| (is_missing(trimmed) && !slip()).then_some(MISSING))
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
    let mut source = unknown_state(variable.name(), text, &states);
    // The state 1 is written 1.0 where a program took it for a number.
    if let (NetworkError::UnknownState { nearest, .. }, Ok(number)) = (&mut source, text.parse::<f64>())
        && let Some(state) = states.iter().find(|state| state.parse() == Ok(number))
    {
        *nearest = Some((*state).to_owned());
    }
    let source = Box::new(source);
    NetworkError::AtCell { line, column: variable.name().to_owned(), source }
}
