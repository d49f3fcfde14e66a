//! Laws of arrows and of joints over a graph.

pub(crate) mod directed_graph;
pub(crate) mod enumeration;
pub(crate) mod graph;
