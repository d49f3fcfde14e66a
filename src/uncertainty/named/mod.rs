//! θ as people read it: parameters with names, values and bounds.

mod of_conditionals;
mod of_distributions;
mod of_models;
mod of_rows;
mod parameter;

pub use parameter::{Bounds, NamedParameter, NamedParameters, Naming};
