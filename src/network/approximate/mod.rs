//! Inference where exact tables do not fit: weighted draws and belief propagation.

pub(crate) mod belief_propagation;
pub(crate) mod beliefs;
pub(crate) mod factor_graph;
pub(crate) mod likelihood_weighting;
