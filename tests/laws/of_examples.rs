//! The examples' own models obey every law that applies: the laws that each states of itself are run here.
#![cfg(feature = "laws")]
#![allow(dead_code, reason = "the stories themselves are run elsewhere")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "an example may")]

#[path = "../../examples/blood_groups.rs"]
mod blood_groups;
#[path = "../../examples/censored_lifetimes.rs"]
mod censored_lifetimes;
#[path = "../../examples/rayleigh_mixture.rs"]
mod rayleigh_mixture;
