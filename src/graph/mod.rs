//! p(x₁ … x_V) = Π_v p(x_v | x_pa(v)): directed graphs, their independences, and exact inference where what is hidden
//! is finite, or real and linear-Gaussian given what is finite.
//!
//! From structure to numbers: [`DirectedGraph`] knows parents only, one algorithm a file; [`Graph`] adds conditional
//! distributions; a plan says, for one pattern of observed nodes, which reals are integrated and
//! which tables are summed, in which order.

mod ancestors;
mod arrows;
mod assignment;
mod block_families;
mod block_inference;
mod block_posteriors;
mod builder;
mod completion;
mod component;
mod core;
mod cost;
mod directed_graph;
mod drawing;
mod elimination;
mod equivalence;
mod factor;
mod factorisation;
#[allow(clippy::module_inception, reason = "the file is named after its type")]
mod graph;
mod householder;
mod inference;
mod inferred;
mod integral;
mod intervention;
mod left;
mod markov_blanket;
mod moral;
mod node;
mod node_columns;
mod node_statistics;
mod plan;
mod posterior;
mod posteriors;
mod presence;
mod printed_graph;
mod program;
mod real_posterior;
mod role;
mod separation;
mod topological;
mod tournament;
mod triangulation;
mod type_name;

pub use assignment::Assignment;
pub use builder::GraphBuilder;
pub use directed_graph::DirectedGraph;
pub use factor::{Conditional, IntoConditional, Unconditional, ValueOf};
pub use graph::Graph;
pub use inferred::Inferred;
pub use node::{Node, Nodes, Parents};
pub use node_statistics::NodeStatistics;
pub use plan::Plan;
pub use posterior::Posterior;
pub use posteriors::Posteriors;
pub use real_posterior::RealPosterior;
pub use triangulation::Triangulation;

pub(crate) use block_inference::{Constants, Tiles};
pub(crate) use completion::{Completion, Scales};
pub(crate) use directed_graph::dot;
pub(crate) use factor::Factor;
pub(crate) use inference::Scratch;
pub(crate) use node_columns::NodeColumns;
pub(crate) use presence::Presence;
pub(crate) use program::Program;
pub(crate) use triangulation::TreeClique;
