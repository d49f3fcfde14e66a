//! Typed graphs: nodes with distributions, assignments of values, what a do-operator changes.

pub(crate) mod assignment;
pub(crate) mod builder;
pub(crate) mod factor;
pub(crate) mod graph;
pub(crate) mod intervention;
pub(crate) mod node_statistics;
pub(crate) mod presence;
pub(crate) mod printed_graph;
pub(crate) mod type_name;
