//! What can be wrong with a network known at run time, with its file, or with a question asked of it.

use super::nearest::did_you_mean;
use super::{GraphError, counted, large};

/// A table, a name, a file or a question that does not fit a [`Network`](crate::network::Network).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// A cycle, or two variables of one name.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// A variable that the network does not have.
    #[error("no variable is called `{name}`{}", did_you_mean(nearest.as_ref()))]
    UnknownVariable {
        /// The name.
        name: String,
        /// The nearest name that there is, if one is near.
        nearest: Option<String>,
    },
    /// A parent that is no variable of the network.
    #[error("`{variable}` names the parent `{parent}`, which is no variable{}", did_you_mean(nearest.as_ref()))]
    UnknownParent {
        /// The child.
        variable: String,
        /// The parent.
        parent: String,
        /// The nearest name that there is, if one is near.
        nearest: Option<String>,
    },
    /// A state that the variable does not have.
    #[error("`{variable}` has no state `{state}`{}: its states are {known}", did_you_mean(nearest.as_ref()))]
    UnknownState {
        /// The variable.
        variable: String,
        /// The state.
        state: String,
        /// The nearest state that there is, if one is near.
        nearest: Option<String>,
        /// The states that there are.
        known: String,
    },
    /// Two states of one name.
    #[error("`{variable}` has two states called `{state}`: their names must differ")]
    DuplicateState {
        /// The variable.
        variable: String,
        /// The name.
        state: String,
    },
    /// A variable that can take no value.
    #[error("`{variable}` has no state: at least one is needed")]
    NoStates {
        /// The variable.
        variable: String,
    },
    /// A number of states that is not the number of their names.
    #[error("`{variable}` is said to have {}, and {listed} {} listed", counted(*said, "state"), if *listed == 1 { "is" } else { "are" })]
    StateCount {
        /// The variable.
        variable: String,
        /// The number that is said.
        said: usize,
        /// The number of names.
        listed: usize,
    },
    /// A parent that is named twice.
    #[error("`{variable}` names the parent `{parent}` twice")]
    ParentTwice {
        /// The child.
        variable: String,
        /// The parent.
        parent: String,
    },
    /// A variable of which no probabilities are given.
    #[error("`{variable}` has no probabilities: give p({variable}), or p({variable} | its parents)")]
    NoTable {
        /// The variable.
        variable: String,
    },
    /// A variable or a row whose probabilities are given twice.
    #[error("{row} is given twice")]
    Twice {
        /// What: `p(x | y)`, or `p(x | y = a)`.
        row: String,
    },
    /// A row that is not given, where there is no default.
    #[error("{row} is not given, and there is no default")]
    MissingRow {
        /// Which: `p(x | y = a)`.
        row: String,
    },
    /// A table with too few or too many entries.
    #[error("{table} has {found} entries instead of {expected}: {because}")]
    Entries {
        /// The table: `p(x | y)`, or one row of it.
        table: String,
        /// How many entries it has.
        found: usize,
        /// How many it must have.
        expected: usize,
        /// The product that makes this number.
        because: String,
    },
    /// An entry that is no probability.
    #[error("{entry} = {value} is not in [0, 1]")]
    Entry {
        /// Which: `p(x = s | y = a)`.
        entry: String,
        /// Its value.
        value: f64,
    },
    /// A row of probabilities that does not sum to one.
    #[error("{row} sums to {sum}, not to 1: mend the row")]
    RowSum {
        /// Which: `p(x | y = a)`.
        row: String,
        /// The sum.
        sum: f64,
    },
    /// A row of probabilities in a file whose sum is near one.
    #[error(
        "{row} sums to {sum}, not to 1: mend the row, or, if its numbers were rounded, have rows divided by their sums \
         (--rounded {rounding}, `NetworkOptions::rounding`)"
    )]
    RoundedRow {
        /// Which: `p(x | y = a)`.
        row: String,
        /// The sum.
        sum: f64,
        /// The rounding that would explain it.
        rounding: f64,
    },
    /// A name or a property that a format has no way to write.
    #[error("{format} cannot hold {text:?}, {because}: rename it, or write BIF")]
    Unwritable {
        /// The format.
        format: &'static str,
        /// The name or the property.
        text: String,
        /// Why.
        because: &'static str,
    },
    /// A likelihood that is no vector of non-negative numbers, one for each state.
    #[error("the likelihood of `{variable}` is {found}, instead of {expected} numbers in [0, ∞) that are not all 0")]
    Likelihood {
        /// The variable.
        variable: String,
        /// The numbers given.
        found: String,
        /// How many states there are.
        expected: usize,
    },
    /// A row of states that is too short or too long.
    #[error("a row has {} instead of {expected}, one for each variable", counted(*found, "state"))]
    RowLength {
        /// Its length.
        found: usize,
        /// The number of variables.
        expected: usize,
    },
    /// A cell without a state where all are needed.
    #[error("`{variable}` has no state: complete rows can be counted, incomplete ones are fitted by EM")]
    Unseen {
        /// The variable.
        variable: String,
    },
    /// Two tables that are tied and not equal, or not of one shape.
    #[error("the tables of `{variable}` and `{other}` are tied: they must have as many rows and states, and be equal")]
    Tied {
        /// The variable.
        variable: String,
        /// The one it is tied to.
        other: String,
    },
    /// A column of a table that is no variable.
    #[error("column `{name}` is no variable{}: rename it, or ignore it", did_you_mean(nearest.as_ref()))]
    UnknownColumn {
        /// The name of the column.
        name: String,
        /// The nearest variable that there is, if one is near.
        nearest: Option<String>,
    },
    /// An error in one cell of a table.
    #[error("line {line}, column `{column}`: {source}")]
    AtCell {
        /// The line, from 1.
        line: u64,
        /// The name of the column.
        column: String,
        /// What is wrong there.
        source: Box<NetworkError>,
    },
    /// Evidence of probability zero.
    #[error(
        "the evidence {evidence} has probability 0 under the network: leave a finding out, or mend the tables whose 0 \
         excludes it"
    )]
    ImpossibleEvidence {
        /// The evidence: `x = s, y = t`.
        evidence: String,
    },
    /// Weighted draws none of which has a weight.
    #[error(
        "none of {draws} draws is possible under the evidence {evidence}: its probability is 0, or far below one in \
         {draws}; draw more, or try belief propagation"
    )]
    NoWeight {
        /// How many rows were drawn.
        draws: usize,
        /// The evidence.
        evidence: String,
    },
    /// A share of the message before that a message cannot keep.
    #[error("damping = {damping} is not in [0, 1)")]
    Damping {
        /// The share.
        damping: f64,
    },
    /// Tables that would need more memory than they may take.
    #[error(
        "exact inference would need {needed} for {} cells, more than the {budget} allowed; the largest table has {} \
         cells over {clique}: observe some variables, ask for fewer, allow more memory, or approximate by likelihood \
         weighting or belief propagation",
        large(*cells),
        large(*largest)
    )]
    TooLarge {
        /// The bytes of all tables, as people read them.
        needed: String,
        /// The bytes allowed.
        budget: String,
        /// The cells of all tables together.
        cells: f64,
        /// The cells of the largest.
        largest: f64,
        /// Its variables.
        clique: String,
    },
    /// Text that is not in the format.
    #[error("expected {expected}, found {found}")]
    Syntax {
        /// What could stand there.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// An error at one place of a text.
    #[error("line {line}, column {column}: {source}")]
    AtPlace {
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// What is wrong there.
        source: Box<NetworkError>,
    },
    /// An error in a file.
    #[error("{path}: {source}")]
    InFile {
        /// The file.
        path: String,
        /// What is wrong with it.
        source: Box<NetworkError>,
    },
    /// A file that could not be read or written.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
}

impl NetworkError {
    /// The same error, said of a place in a text.
    pub(crate) fn at(self, line: usize, column: usize) -> Self {
        Self::AtPlace { line, column, source: Box::new(self) }
    }
}
