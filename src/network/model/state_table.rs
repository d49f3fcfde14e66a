//! A table of states: the rows from which a network's tables are learned, equal rows once.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use crate::data::{Batch, Dataset, Rows, Statistics, Step, Totals, fold_in_runs, importance_weights};
use crate::error::{Error, NetworkError};
use crate::graph::DirectedGraph;

use super::network::Network;
use super::row::Key;

/// What stands in a row in place of a state's number where the state is not known.
pub const MISSING: usize = usize::MAX;

const MISSING_CELL: u32 = u32::MAX;

/// Rows of states: for each variable of a network the number of its state, or [`MISSING`].
///
/// A row that comes again adds its weight to the first of its kind, so memory and time go with the number of different
/// rows: 4 bytes a cell. As a [`Dataset`] it shows each different row once, in the order of their first coming, under the
/// sum of the weights.
/// ```
/// use marginal::network::{MISSING, Network, StateTable};
/// let network = Network::builder()
///     .root("rain", &["no", "yes"], [0.8, 0.2])
///     .variable("wet", &["no", "yes"], &["rain"], [0.9, 0.1, 0.05, 0.95])
///     .build()?;
/// let mut table = StateTable::new(&network);
/// table.push(&[0, 1], 1.0)?;
/// table.push(&[MISSING, 1], 1.0)?; // nobody saw whether it rained
/// table.push(&[0, 1], 1.0)?;
/// assert_eq!((table.rows(), table.len(), table.weight(0)), (3, 2, 2.0));
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone)]
pub struct StateTable {
    network: Network,
    cells: Vec<u32>,
    weights: Vec<f64>,
    firsts: Vec<usize>,
    rows: usize,
    absent: usize,
    /// The last different row of each hash, and of each different row the one before it of the same hash.
    last: HashMap<u64, usize, BuildHasherDefault<DefaultHasher>>,
    before: Vec<Option<usize>>,
}

impl StateTable {
    /// No row yet.
    pub fn new(network: &Network) -> Self {
        Self {
            network: network.clone(),
            cells: Vec::new(),
            weights: Vec::new(),
            firsts: Vec::new(),
            rows: 0,
            absent: 0,
            last: HashMap::default(),
            before: Vec::new(),
        }
    }

    /// The network whose variables these are.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Adds a row of a weight w ∈ [0, ∞); one of weight 0 is absent, though it has a number.
    ///
    /// # Errors
    /// [`NetworkError::RowLength`] or [`NetworkError::UnknownState`] in [`Error::AtRow`]; [`Error::Weight`].
    pub fn push(&mut self, row: &[usize], weight: f64) -> Result<(), Error> {
        let number = self.rows;
        if !(weight.is_finite() && weight >= 0.0) {
            return Err(Error::Weight { row: number, value: weight });
        }
        check_row(&self.network, row).map_err(|e| of_row(e, number))?;
        self.rows += 1;
        if weight == 0.0 {
            self.absent += 1;
            return Ok(());
        }
        let start = self.cells.len();
        self.cells.extend(row.iter().map(|&state| if state == MISSING { MISSING_CELL } else { state as u32 }));
        let (old, new) = self.cells.split_at(start);
        let hash = self.last.hasher().hash_one(new);
        let mut candidate = self.last.get(&hash).copied();
        while let Some(n) = candidate {
            if old[n * row.len()..][..row.len()] == *new {
                self.weights[n] += weight;
                self.cells.truncate(start);
                return Ok(());
            }
            candidate = self.before[n];
        }
        self.before.push(self.last.insert(hash, self.weights.len()));
        self.weights.push(weight);
        self.firsts.push(number);
        Ok(())
    }

    /// The same rows, their weights taken for importance weights, whose scale says nothing: scaled so that they sum to
    /// the number of rows of positive weight, which then is the N of a BIC and what a prior counts against.
    ///
    /// # Errors
    /// [`Error::Empty`] if there is no row, [`Error::TotalWeight`] if equal rows weigh more than a number can hold.
    pub fn with_importance_weights(mut self) -> Result<Self, Error> {
        if let Some(&sum) = self.weights.iter().find(|w| w.is_infinite()) {
            return Err(Error::TotalWeight { sum });
        }
        let share = (self.rows - self.absent) as f64 / self.weights.len() as f64;
        self.weights = importance_weights(&self.weights)?.into_iter().map(|w| w * share).collect();
        Ok(self)
    }

    /// How many different rows there are.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// How many rows were added.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The n-th of the different rows.
    pub fn row(&self, n: usize) -> Vec<usize> {
        let width = self.network.len();
        self.cells[n * width..(n + 1) * width].iter().map(|cell| state(*cell)).collect()
    }

    /// The weight of the n-th of the different rows.
    pub fn weight(&self, n: usize) -> f64 {
        self.weights[n]
    }

    /// Among all rows that were added, the number of the first that equals the n-th of the different ones.
    pub fn first(&self, n: usize) -> usize {
        self.firsts[n]
    }
}

fn state(cell: u32) -> usize {
    if cell == MISSING_CELL { MISSING } else { cell as usize }
}

impl Dataset<[usize]> for StateTable {
    fn fold<S: Statistics>(&self, empty: &S, step: &Step<'_, [usize], S>) -> Result<S, Error> {
        let width = self.network.len();
        fold_in_runs::<[usize], _, _>(self.len(), empty, Vec::new, |buffer: &mut Vec<usize>, rows, s| {
            buffer.clear();
            buffer.extend(self.cells[rows.start * width..rows.end * width].iter().map(|cell| state(*cell)));
            let first = rows.start;
            step(Batch::new(Rows::new(buffer, width)?, Some(&self.weights[rows]), first), s)
        })
    }

    /// All rows that were added with a positive weight, not only the different ones.
    fn totals(&self) -> Result<Totals, Error> {
        Totals::new(self.rows - self.absent, self.weights.iter().sum())
    }
}

impl fmt::Debug for StateTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StateTable {{ rows: {}, different: {} }}", self.rows, self.len())
    }
}

/// Whether this is a row of the network's states, some perhaps missing.
pub(crate) fn check_row(network: &Network, row: &[usize]) -> Result<(), NetworkError> {
    if row.len() != network.len() {
        return Err(NetworkError::RowLength { found: row.len(), expected: network.len() });
    }
    for (variable, state) in network.variables().iter().zip(row) {
        if *state >= variable.states.len() && *state != MISSING {
            state.state(variable)?;
        }
    }
    Ok(())
}

pub(crate) fn of_row(source: NetworkError, row: usize) -> Error {
    Error::AtRow { row, source: Box::new(source.into()) }
}
