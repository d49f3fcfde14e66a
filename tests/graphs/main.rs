//! Directed graphs, typed graphs, and graphs with hidden nodes.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../oracle/mod.rs"]
mod oracle;
#[path = "../columns/mod.rs"]
mod columns;
#[path = "../networks/mod.rs"]
mod networks;
mod blocks;
mod blocks_of_states;
mod banks;
mod by_name;
mod chain;
mod drawing;
mod em;
mod em_asia;
mod em_latent_classes;
mod equivalence;
mod errors;
mod finite_graph;
mod gaussian;
mod gaussian_em;
mod independence;
mod inference;
mod intervention;
mod joint;
mod mixed;
mod network;
mod plan;
mod questions;
mod real_starts;
mod tied;
