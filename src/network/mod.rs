//! Discrete Bayesian networks known at run time: variables and states by name, tables by value, and exact inference.
//!
//! [`Network`] holds the tables; [`JunctionTree`] answers questions to them. Where its cliques do not fit,
//! [`Findings::likelihood_weighting`] and [`BeliefPropagation`] approximate. [`FamilyCounts`] learns the tables from the
//! complete rows of a [`StateTable`], and [`HiddenNetwork`](crate::models::HiddenNetwork) from incomplete ones. A type of
//! one's own that is a [`FiniteGraph`] becomes a network by one call.

mod approximate;
mod drawing;
mod exact;
mod learning;
mod model;
#[cfg(feature = "serde")]
mod saved;

pub use approximate::belief_propagation::BeliefPropagation;
pub use approximate::beliefs::Beliefs;
pub use approximate::likelihood_weighting::WeightedPosteriors;
pub use exact::explanations::Explanation;
pub use exact::joint::Joint;
pub use exact::junction_tree::{JunctionTree, Posteriors};
pub use exact::plan::Plan;
pub use learning::family_counts::FamilyCounts;
pub use learning::table_prior::TablePrior;
pub use model::builder::NetworkBuilder;
pub use model::findings::Findings;
pub use model::finite_graph::FiniteGraph;
pub use model::memory::MEMORY;
pub use model::network::Network;
pub use model::row::Key;
pub use model::state_table::{MISSING, StateTable};
pub use model::variable::Variable;

pub(crate) use learning::expectation::Expectation;
pub(crate) use learning::family_counts::normalise;
pub(crate) use model::builder::check_states;
pub(crate) use model::table::{entry_error, product, row_label, row_sum_error};
pub(crate) use model::variable::unknown_state;
