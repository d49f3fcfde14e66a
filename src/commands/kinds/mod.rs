//! The kinds of model that are fitted: from what was asked for to the model, and what is told of it alone.

pub(super) mod chains;
pub(super) mod factor_analysis;
pub(super) mod under_priors;
