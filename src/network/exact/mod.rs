//! Exact inference: what is to be summed, the tree of cliques, and the questions that it answers.

pub(crate) mod alignment;
pub(crate) mod blocks;
pub(crate) mod calibration;
pub(crate) mod clique_logarithms;
pub(crate) mod clique_products;
pub(crate) mod clique_tree;
pub(crate) mod descent;
pub(crate) mod explanations;
pub(crate) mod joint;
pub(crate) mod junction_tree;
pub(crate) mod plan;
pub(crate) mod possible;
pub(crate) mod problem;
pub(crate) mod projection;
pub(crate) mod support;
