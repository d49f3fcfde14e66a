//! The driver and the ready models: mixtures, chains, K-means.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../oracle/mod.rs"]
mod oracle;
#[path = "../columns/mod.rs"]
mod columns;
#[path = "../tied_normals/mod.rs"]
mod tied_normals;
mod acceleration;
mod bad_input;
mod component_shapes;
mod components;
mod doubts;
mod em;
mod endings;
mod factor_analysis;
mod em_underflow;
mod em_verify;
mod gaussian_mixture;
mod generalised_and_variational;
mod hard_and_annealed;
mod held_parameters;
mod hidden_markov_model;
mod hidden_markov_underflow;
mod incremental;
mod k_means;
mod labels_and_groups;
mod missing_cells;
mod missing_columns;
mod mixture_numbers;
mod mixtures_of_regressions;
mod priors;
mod priors_of_probabilities;
mod resampling;
mod screening;
mod start_kinds;
mod standard_errors;
mod standard_errors_of_models;
mod starts;
mod stepwise;
mod weights_and_draws;
