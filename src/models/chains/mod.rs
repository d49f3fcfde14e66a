//! Hidden Markov models.

pub(crate) mod filter;
pub(crate) mod chain_estimate;
mod chain_probabilities;
mod hidden_markov_coordinates;
pub(crate) mod hidden_markov_em;
pub(crate) mod hidden_markov_model;
pub(crate) mod hidden_markov_paths;
pub(crate) mod hidden_markov_start;
pub(crate) mod hidden_paths;
