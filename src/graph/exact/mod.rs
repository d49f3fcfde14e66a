//! Exact inference in typed graphs: for one row, and over blocks of rows.

pub(crate) mod block_families;
pub(crate) mod block_inference;
pub(crate) mod block_posteriors;
pub(crate) mod block_potentials;
pub(crate) mod completion;
pub(crate) mod component;
pub(crate) mod householder;
pub(crate) mod inference;
pub(crate) mod integral;
pub(crate) mod look_ups;
pub(crate) mod node_columns;
pub(crate) mod plan;
pub(crate) mod program;
pub(crate) mod role;
