//! p(x₁ … x_V) = Π_v p(x_v | x_pa(v)): directed graphs, their independences, and exact inference where what is hidden
//! is finite, or real and linear-Gaussian given what is finite.
//!
//! From structure to numbers: [`DirectedGraph`] knows parents only, one algorithm a file; [`Graph`] adds conditional
//! distributions; a plan says, for one pattern of observed nodes, which reals are integrated and
//! which tables are summed, in which order.

mod arrows;
mod exact;
mod questions;
mod triangulation;
mod typed;

pub use arrows::directed_graph::DirectedGraph;
pub use arrows::node::{Node, Nodes, Parents};
pub use exact::plan::Plan;
pub use questions::inferred::Inferred;
pub use questions::posterior::Posterior;
pub use questions::posteriors::Posteriors;
pub use questions::real_posterior::RealPosterior;
pub use triangulation::triangulate::Triangulation;
pub use typed::assignment::Assignment;
pub use typed::builder::GraphBuilder;
pub use typed::factor::{Conditional, IntoConditional, Unconditional, ValueOf};
pub use typed::graph::Graph;
pub use typed::node_statistics::NodeStatistics;

pub(crate) use arrows::directed_graph::dot;
pub(crate) use exact::block_inference::{Constants, Tiles};
pub(crate) use exact::completion::{Completion, Scales};
pub(crate) use exact::inference::Scratch;
pub(crate) use exact::node_columns::NodeColumns;
pub(crate) use exact::program::Program;
pub(crate) use triangulation::triangulate::TreeClique;
pub(crate) use typed::factor::{Erased, Factor};
pub(crate) use typed::presence::Presence;
