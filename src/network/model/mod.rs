//! A network as a value: its variables and tables, how it is built, named, cut and translated.

pub(crate) mod builder;
pub(crate) mod findings;
pub(crate) mod finite_graph;
pub(crate) mod from_graph;
pub(crate) mod graph_findings;
pub(crate) mod intervention;
pub(crate) mod memory;
pub(crate) mod network;
pub(crate) mod row;
pub(crate) mod rules;
pub(crate) mod state_table;
pub(crate) mod table;
pub(crate) mod to_graph;
pub(crate) mod variable;
