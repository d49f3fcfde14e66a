#![doc = include_str!("../README.md")]
// The floors, bottom up: a file imports only from the floors above its own line here (`tests/floors.rs`).
pub mod data;
pub mod distributions;
pub mod em;
pub mod error;
pub mod latent;
pub mod models;
pub mod numeric;

pub use error::Error;
