//! Typed graphs and networks with hidden nodes.

pub(crate) mod completions;
pub(crate) mod hidden_graph;
pub(crate) mod hidden_graph_blocks;
pub(crate) mod hidden_graph_em;
pub(crate) mod hidden_graph_questions;
pub(crate) mod hidden_graph_rows;
pub(crate) mod hidden_graph_start;
pub(crate) mod hidden_network;
