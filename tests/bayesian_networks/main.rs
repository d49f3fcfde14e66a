//! Networks known at run time: tables, questions, files, learning.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../oracle/mod.rs"]
mod oracle;
#[path = "../networks/mod.rs"]
mod networks;
mod approximate;
mod bif;
mod counts;
mod em;
mod explanations;
mod files;
mod junction_tree;
mod models;
mod network;
mod recovery;
mod reference;
mod too_large;
mod uai;
mod underflow;
mod xmlbif;
