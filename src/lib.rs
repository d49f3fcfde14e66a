#![cfg_attr(all(feature = "csv", feature = "parquet", feature = "laws"), doc = include_str!("../README.md"))]
#![cfg_attr(
    not(all(feature = "csv", feature = "parquet", feature = "laws")),
    doc = "Models with hidden variables, fitted by one EM driver."
)]
#![warn(clippy::print_stdout)]
// The floors, bottom up: a file imports only from the floors above its own line here (`tests/floors.rs`).
pub mod error;
pub mod numeric;
pub mod data;
pub mod distributions;
pub mod components;
pub mod conditionals;
pub mod graph;
pub mod network;
pub mod latent;
pub mod em;
pub mod models;
pub mod uncertainty;
pub mod laws;
pub mod io;
pub mod prelude;

pub use error::Error;
/// The version of `rand` whose generators sampling takes.
pub use rand;
