//! Ready models: only instances of what stands on the floors below.

mod chains;
mod clustering;
mod factors;
mod graphs;
mod mixtures;
mod starts;
#[cfg(feature = "serde")]
mod saved;

pub use chains::hidden_markov_em::HiddenMarkovStatistics;
pub use chains::hidden_markov_model::HiddenMarkovModel;
pub use clustering::centroids::Centroids;
pub use clustering::k_means::{ClusterSums, EmptyCluster, KMeans};
pub use factors::factor_analysis::FactorAnalysis;
pub use graphs::hidden_graph::HiddenGraph;
pub use graphs::hidden_network::HiddenNetwork;
pub use mixtures::column_mixture::ColumnMixture;
pub use mixtures::conditional_mixture::ConditionalMixture;
pub use mixtures::gaussian_mixture::GaussianMixture;
pub use mixtures::mixture::{Mixture, MixtureStatistics};
