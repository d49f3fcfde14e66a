//! Ready models: only instances of what stands on the floors below.

mod centroids;
mod clusters;
mod column_mixture;
mod completions;
mod conditional_mixture;
mod equal_components;
mod filter;
mod finite_rows;
mod gaussian_mixture;
mod gaussian_start;
mod hidden_graph;
mod hidden_graph_blocks;
mod hidden_graph_questions;
mod hidden_graph_rows;
mod hidden_graph_start;
mod hidden_markov_model;
mod hidden_markov_start;
mod hidden_network;
mod hidden_paths;
mod k_means;
mod mixture;
mod mixture_as_member;
mod mixture_start;
mod nearest_centre;
mod seeding;

pub use centroids::Centroids;
pub use column_mixture::ColumnMixture;
pub use conditional_mixture::ConditionalMixture;
pub use gaussian_mixture::{GaussianMixture, Initial};
pub use hidden_graph::HiddenGraph;
pub use hidden_markov_model::{HiddenMarkovModel, HiddenMarkovStatistics};
pub use hidden_network::HiddenNetwork;
pub use k_means::{ClusterSums, EmptyCluster, KMeans};
pub use mixture::{Mixture, MixtureStatistics};
