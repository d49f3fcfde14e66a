//! What is asked of a graph, and the answers.

pub(crate) mod cost;
pub(crate) mod inferred;
pub(crate) mod posterior;
pub(crate) mod posteriors;
pub(crate) mod real_posterior;
