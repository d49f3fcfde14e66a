//! Sums over the paths of a Markov chain, in probabilities and in logarithms.

mod chain_products;
mod chain_steps;
pub(crate) mod forward_backward;
pub(crate) mod forward_backward_in_logs;
pub(crate) mod messages;
pub(crate) mod reachable_states;
pub(crate) mod step_tiles;
