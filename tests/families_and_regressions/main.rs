//! Distributions and conditional distributions.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod conditional_numbers;
mod distributions;
mod distributions_extremes;
mod distributions_mass;
mod regressions;
