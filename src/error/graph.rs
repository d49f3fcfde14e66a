//! What can be wrong with a directed graph, or with a question to it.

use super::large;
use super::network::did_you_mean;

/// What can be wrong with a directed graph or with a question asked of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// A directed cycle.
    #[error("the graph has a directed cycle: {}", shown_cycle(path))]
    Cycle {
        /// The nodes along the cycle, the first repeated at the end.
        path: Vec<String>,
    },
    /// A parent that is not a node of this graph.
    #[error("node {node} names the parent {parent}, which is not a node of this graph")]
    UnknownParent {
        /// The child.
        node: String,
        /// The parent that is missing.
        parent: String,
    },
    /// A name that no node has.
    #[error("no node is called `{name}`{}", did_you_mean(nearest.as_ref()))]
    UnknownNode {
        /// The name.
        name: String,
        /// The nearest name that there is, if one is near.
        nearest: Option<String>,
    },
    /// A node whose values are of another type than was asked for.
    #[error("node {node} has values {found}, not {asked}")]
    ValueType {
        /// The node.
        node: String,
        /// The type that was asked for.
        asked: &'static str,
        /// The type of its values.
        found: &'static str,
    },
    /// Two nodes of one name.
    #[error("two nodes are called {name}: names must differ")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// A handle that another graph gave out.
    #[error("handle {index} belongs to another graph: take the handles that this graph's builder returned")]
    ForeignHandle {
        /// The number of the node in its own graph.
        index: usize,
    },
    /// A node that is tied to one whose parents have values of another type.
    #[error("tied to {other}, whose parents have values {expected}, it has parents of values {found}")]
    Tied {
        /// The node it is tied to.
        other: String,
        /// The type of that one's parents' values.
        expected: &'static str,
        /// The type of its own parents' values.
        found: &'static str,
    },
    /// A node that holds rows of a length that nobody says.
    #[error(
        "node {node} holds rows, and its distribution does not say how long they are: implement `row_length`, or say \
         it of a closure: given(…).of_length(…)"
    )]
    UnknownLength {
        /// The node.
        node: String,
    },
    /// A value that the node cannot take.
    #[error("node {node} cannot take the value {value}")]
    Value {
        /// The node.
        node: String,
        /// The value.
        value: f64,
    },
    /// A row that has not one cell for each column of the visible nodes.
    #[error("the row has {found} cells, the visible nodes have {columns}: {names}")]
    RowLength {
        /// The cells of the row.
        found: usize,
        /// The columns of the visible nodes.
        columns: usize,
        /// Their names.
        names: String,
    },
    /// A node without a value where one is needed.
    #[error("node {node} has no value")]
    Missing {
        /// The node.
        node: String,
    },
    /// Evidence of probability zero.
    #[error(
        "the evidence {evidence} has probability 0 under the model: leave a finding out, or mend the distribution that \
         excludes it"
    )]
    ImpossibleEvidence {
        /// All findings.
        evidence: String,
    },
    /// A hidden node over which there is no exact sum or integral.
    #[error("no exact posterior: {node} is hidden, and neither finite nor linear-Gaussian; {advice}")]
    NotFinite {
        /// The node.
        node: String,
        /// What to do.
        advice: &'static str,
    },
    /// A node that does not take finitely many states where it must.
    #[error("node {node} does not take finitely many states: {advice}")]
    Infinite {
        /// The node.
        node: String,
        /// What to do.
        advice: &'static str,
    },
    /// A hidden real node with a child that is no Gaussian about a line in it.
    #[error(
        "no exact posterior: {node} is hidden and real, and {child} is not linear-Gaussian in it: observe {node}, or \
         give {child} a `LinearGaussian`, a `ConditionalGaussian` or a distribution of yours with `linear_gaussian`"
    )]
    NotLinearGaussian {
        /// The hidden node.
        node: String,
        /// The child.
        child: String,
    },
    /// An exact answer that would need too large a table.
    #[error("exact inference would need a table of {} cells over {nodes}: hide fewer nodes", large(*cells))]
    TooWide {
        /// The number of cells.
        cells: f64,
        /// The nodes of the table.
        nodes: String,
    },
}

/// Of a long cycle the first few nodes, and how many there are.
fn shown_cycle(path: &[String]) -> String {
    const SHOWN: usize = 12;
    let nodes = path.len().saturating_sub(1);
    if nodes <= SHOWN {
        return path.join(" → ");
    }
    format!("{} → … → {} ({nodes} nodes)", path[..SHOWN].join(" → "), path[0])
}
