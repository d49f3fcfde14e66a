//! The one error type: each variant carries the number that was wrong, where it stood, and says what to do.

mod graph;
mod kinds;
mod nearest;
mod network;
mod quantities;
#[cfg(feature = "serde")]
mod saved;

pub use graph::GraphError;
pub(crate) use nearest::nearest;
pub use network::NetworkError;
#[cfg(any(feature = "csv", feature = "parquet"))]
pub(crate) use quantities::first_of;
pub use quantities::flows;
pub(crate) use quantities::{counted, large, listed, readable};
use quantities::{number, or_missing, wrong_label};
#[cfg(feature = "serde")]
pub(crate) use saved::saved;

/// What went wrong in a model, in its data or in a fit.
///
/// Rows, components and iterations are counted from 0.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter outside its domain.
    #[error("{name} = {} is not in {domain}", number(*value))]
    Parameter {
        /// The parameter's name.
        name: &'static str,
        /// Its value.
        value: f64,
        /// Where it may lie.
        domain: &'static str,
    },
    /// Two lengths that must agree do not.
    #[error("{what}: length {found}, expected {expected}")]
    Dimension {
        /// What has the wrong length.
        what: &'static str,
        /// The length it must have.
        expected: usize,
        /// The length it has.
        found: usize,
    },
    /// Probabilities that do not sum to one.
    #[error("the sum of {what} is {}, not 1", number(*sum))]
    NotNormalised {
        /// What was summed.
        what: String,
        /// The sum.
        sum: f64,
    },
    /// No observation with positive weight.
    #[error("the data are empty: at least one observation with positive weight is needed")]
    Empty,
    /// Fewer distinct observations than components.
    #[error(
        "{} cannot carry {}: fewer components or more data",
        counted(*rows, "distinct row"),
        counted(*components, "component")
    )]
    TooFewRows {
        /// How many distinct rows there are.
        rows: usize,
        /// How many components were asked for.
        components: usize,
    },
    /// A column whose variance is no 64-bit number, or beside whose extremes its other values vanish.
    #[error(
        "column {column} runs from {least:e} to {greatest:e}: 64-bit numbers cannot hold its variance or tell its \
         values apart: rescale the column, or remove the outlier"
    )]
    Range {
        /// The column.
        column: usize,
        /// Its least value.
        least: f64,
        /// Its greatest value.
        greatest: f64,
    },
    /// NaN or an infinity among the data.
    #[error("row {row}, column {column}: {value} is not finite: remove the row or mend the value{}", or_missing(*value))]
    NotFinite {
        /// The row.
        row: usize,
        /// The column's name, or its number.
        column: String,
        /// NaN, ∞ or −∞.
        value: f64,
    },
    /// A value whose square is not within the range of floating-point numbers.
    #[error("row {row}, column {column}: the square of {value:e} {}: scale the column", flows(*value))]
    Scale {
        /// The row.
        row: usize,
        /// The column's name, or its number.
        column: String,
        /// The value.
        value: f64,
    },
    /// Weights whose sum is infinite, or so small that products with it lose their digits.
    #[error("the sum of the weights is {sum:?}: {} all of them by one number", if *sum < 1.0 { "multiply" } else { "divide" })]
    TotalWeight {
        /// The sum.
        sum: f64,
    },
    /// A weight that is negative, NaN or infinite.
    #[error("weight {} of row {row} is not in [0, ∞)", number(*value))]
    Weight {
        /// The row.
        row: usize,
        /// The weight.
        value: f64,
    },
    /// An observation to which the model gives density zero.
    #[error("row {row}: {value} has density 0 under the model: it lies outside the support, or is not finite")]
    Impossible {
        /// The row.
        row: usize,
        /// The observation, as `Debug` prints it.
        value: String,
    },
    /// A label that names no component or state, or excludes every one.
    #[error("row {row}: {}", wrong_label(*label, *states))]
    Label {
        /// The row.
        row: usize,
        /// The number that the label names and no state has; `None` if it leaves no state.
        label: Option<usize>,
        /// How many components or states there are.
        states: usize,
    },
    /// A step of a sequence that no state of the chain can emit.
    #[error("step {step}: no state emits {value}: mend it, or give it a density in one of the emissions")]
    NotEmitted {
        /// The step.
        step: usize,
        /// The observation, as `Debug` prints it.
        value: String,
    },
    /// An observation of infinite density, or whose log-density is NaN.
    #[error("row {row}: {value} has log-density {log_density}: the density must be finite and its logarithm never NaN")]
    Unbounded {
        /// The row.
        row: usize,
        /// The observation, as `Debug` prints it.
        value: String,
        /// +∞ or NaN.
        log_density: f64,
    },
    /// Statistics without weight: nothing to estimate from.
    #[error("no weight to estimate from (total weight {}): fewer components or another start", number(*weight))]
    NoWeight {
        /// The total weight.
        weight: f64,
    },
    /// A component of the start whose statistics are not those of the model's component.
    #[error(
        "component {component} of the start is of another shape than the model's: give both one family, covariance shape \
         (with floor and prior), and number of trials, states or columns"
    )]
    OtherShape {
        /// The component.
        component: usize,
    },
    /// Components that EM would leave equal for ever.
    #[error(
        "components {first} and {second} have the same density in every row, and so they have after a random start: fewer \
         components, or rows that differ"
    )]
    EqualComponents {
        /// One of them.
        first: usize,
        /// The other.
        second: usize,
    },
    /// A variance or covariance that collapsed: the likelihood has no maximum there.
    #[error(
        "the covariance is singular at column {column} (pivot {pivot:e}): drop a constant or collinear column; for a \
         component that collapses, fewer components, another start, or `GaussianMixture`, which has floors and priors"
    )]
    Singular {
        /// The column whose variance, given the columns before it, vanished.
        column: usize,
        /// What was left of the variance.
        pivot: f64,
    },
    /// A floor on eigenvalues that lies below the round-off of the largest.
    #[error(
        "the covariance floor {floor:e} is lost in the round-off of the largest eigenvalue {largest:e}: a floor of at \
         least {least:e}, columns of one scale, or no outlier"
    )]
    Floor {
        /// The floor.
        floor: f64,
        /// The largest eigenvalue.
        largest: f64,
        /// The least floor that can be kept: D ε times the largest eigenvalue.
        least: f64,
    },
    /// The likelihood has no maximum for these data.
    #[error("{family} has no maximum likelihood estimate for these data: {reason}")]
    NoEstimate {
        /// The family.
        family: &'static str,
        /// Why, and what to do.
        reason: &'static str,
    },
    /// A family name that nobody bears.
    #[error("no family is called {name}: choose one of {known}")]
    UnknownFamily {
        /// The name.
        name: String,
        /// The names that are known.
        known: String,
    },
    /// A kind of start that nobody, or not this model, knows.
    #[error("no start from {name} is known here: choose among {known}")]
    UnknownStart {
        /// The name of the kind.
        name: String,
        /// The names of the kinds that are known.
        known: String,
    },
    /// An environment variable with a value that means nothing.
    #[error("{name}={value} means nothing: choose one of {known}, or leave it out")]
    Setting {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
        /// The values that are known.
        known: &'static str,
    },
    /// A value that no member of a family can take.
    #[error(
        "row {row}, column {column}: {} is not in {support}, where {family} has its values: mend the value, or \
         choose another family",
        number(*value)
    )]
    Outside {
        /// The row.
        row: usize,
        /// The column.
        column: usize,
        /// The value.
        value: f64,
        /// The family.
        family: String,
        /// The values that it can take.
        support: String,
    },
    /// An error inside one column.
    #[error("column {column}: {source}")]
    AtColumn {
        /// The column.
        column: usize,
        /// What went wrong there.
        source: Box<Error>,
    },
    /// An error inside one component.
    #[error("component {component}: {source}")]
    Component {
        /// The component.
        component: usize,
        /// What went wrong there.
        source: Box<Error>,
    },
    /// An error at one row of the data.
    #[error("row {row}: {source}")]
    AtRow {
        /// The row.
        row: usize,
        /// What went wrong there.
        source: Box<Error>,
    },
    /// An error inside one node of a graph.
    #[error("node {node}: {source}")]
    AtNode {
        /// The node.
        node: String,
        /// What went wrong there.
        source: Box<Error>,
    },
    /// An error after so many M-steps.
    #[error("iteration {iteration}: {source}")]
    AtIteration {
        /// How many M-steps had been made.
        iteration: usize,
        /// What went wrong.
        source: Box<Error>,
    },
    /// The objective fell by more than round-off: the model's E-step and M-step do not belong together.
    #[error(
        "the {objective} fell from {before} to {after} (round-off explains {tolerance:e}): the M-step or the E-step \
         is wrong; run with verify(true) to learn which"
    )]
    Fell {
        /// Which objective.
        objective: &'static str,
        /// Its value before the step.
        before: f64,
        /// Its value after.
        after: f64,
        /// The fall that round-off can explain.
        tolerance: f64,
    },
    /// The objective became NaN or infinite.
    #[error("the {objective} became {after} after {before}: the model returned a value that is not finite")]
    NotANumber {
        /// Which objective.
        objective: &'static str,
        /// Its last finite value (NaN if there was none).
        before: f64,
        /// What it became.
        after: f64,
    },
    /// A law of the model was seen to fail.
    #[error(
        "law broken: {law}: {left} on the left, {right} on the right, and round-off explains {tolerance:e}; suspect the {suspect}"
    )]
    LawBroken {
        /// The law, as a formula.
        law: &'static str,
        /// The left side.
        left: f64,
        /// The right side.
        right: f64,
        /// What round-off explains.
        tolerance: f64,
        /// The part that is likely wrong.
        suspect: &'static str,
    },
    /// A step of EM that breaks a law by no more than the same statistics move it, collected in another order and
    /// rounded anew: by more than half of the digits.
    #[error(
        "the {objective} went from {before} to {after}, but statistics collected in another order move it by {moved:e}: \
         round-off has taken their digits (a component without extent in some direction: fewer components, a floor or a \
         prior), or they do not merge or scale"
    )]
    LostDigits {
        /// Which objective.
        objective: &'static str,
        /// Before the step.
        before: f64,
        /// After the step.
        after: f64,
        /// How far round-off moves it.
        moved: f64,
    },
    /// A fit that was ended from outside, and by what, before it had any parameters.
    #[error(
        "{ended} before the first E-step was done, so there are no parameters yet: allow more time, or fit fewer rows first"
    )]
    #[allow(missing_docs)]
    NoParametersYet { ended: String },
    /// A checkpoint of another fit: what is not the same, what it was when it was saved, and what it is now.
    #[error(
        "the checkpoint does not belong to this fit: the {what} was {saved} and is now {now}; remove its file to begin \
         anew, or name another"
    )]
    #[allow(missing_docs)]
    Checkpoint { what: String, saved: String, now: String },
    /// A run that failed before a checkpoint from which the fit went on, and whether it was [degenerate](Self::is_degenerate).
    #[error("{reason}")]
    #[allow(missing_docs)]
    Earlier { reason: String, degenerate: bool },
    /// Statistics that cannot be mixed with those collected at another θ: rows that are kept, sums about the old centres.
    #[error("{way} mixes statistics collected at several θs, which this model's cannot be: fit it with `Em`")]
    #[allow(missing_docs)]
    NotMixable { way: &'static str },
    /// A directed graph, or a question to it, that makes no sense.
    #[error("{0}")]
    Graph(#[from] GraphError),
    /// A network known at run time, or a question to it, that makes no sense.
    #[error("{0}")]
    Network(#[from] NetworkError),
    /// A file that could not be read or written.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What is wrong with it and what to do.
        reason: String,
    },
    /// An error of a user's own model.
    #[error(transparent)]
    Model(Box<dyn std::error::Error + Send + Sync>),
}
