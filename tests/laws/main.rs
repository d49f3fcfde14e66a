//! The laws, on what is ours and on what is wrong on purpose.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../banks_of_banks/mod.rs"]
mod banks_of_banks;
#[path = "../families/mod.rs"]
mod families;
#[path = "../tied_normals/mod.rs"]
mod tied_normals;
mod graphs;
mod graphs_faults;
mod of_a_users_family;
mod of_components;
mod of_examples;
mod of_families;
mod of_models;
mod of_networks;
mod of_regressions;
mod pasted;
mod power;
mod round_off;
mod vacuity;
