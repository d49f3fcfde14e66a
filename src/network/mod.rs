//! Discrete Bayesian networks known at run time: variables and states by name, tables by value, and exact inference.
//!
//! [`Network`] holds the tables; [`JunctionTree`] answers questions to them. Where its cliques do not fit,
//! [`Findings::likelihood_weighting`] and [`BeliefPropagation`] approximate. [`FamilyCounts`] learns the tables from the
//! complete rows of a [`StateTable`], and [`HiddenNetwork`](crate::models::HiddenNetwork) from incomplete ones. A type of
//! one's own that is a [`FiniteGraph`] becomes a network by one call.

mod alignment;
mod belief_propagation;
mod beliefs;
mod blocks;
mod builder;
mod calibration;
mod clique_logarithms;
mod clique_products;
mod clique_tree;
mod coordinates;
mod descent;
mod drawing;
mod expectation;
mod explanations;
mod factor_graph;
mod families;
mod family_counts;
mod findings;
mod finite_graph;
mod from_graph;
mod graph_findings;
mod intervention;
mod joint;
mod junction_tree;
mod layout;
mod likelihood_weighting;
mod memory;
#[allow(clippy::module_inception, reason = "the file is named after its type")]
mod network;
mod part;
mod part_sums;
mod plan;
mod possible;
mod problem;
mod projection;
mod row;
mod rules;
mod state_table;
mod support;
mod table;
mod table_prior;
mod to_graph;
mod variable;

pub use belief_propagation::BeliefPropagation;
pub use beliefs::Beliefs;
pub use builder::NetworkBuilder;
pub use explanations::Explanation;
pub use family_counts::FamilyCounts;
pub use findings::Findings;
pub use finite_graph::FiniteGraph;
pub use joint::Joint;
pub use junction_tree::{JunctionTree, Posteriors};
pub use likelihood_weighting::WeightedPosteriors;
pub use memory::MEMORY;
pub use network::Network;
pub use plan::Plan;
pub use row::Key;
pub use state_table::{MISSING, StateTable};
pub use table_prior::TablePrior;
pub use variable::Variable;

pub(crate) use builder::check_states;
pub(crate) use expectation::Expectation;
pub(crate) use family_counts::normalise;
pub(crate) use table::{entry_error, product, row_label, row_sum_error};
pub(crate) use variable::unknown_state;
