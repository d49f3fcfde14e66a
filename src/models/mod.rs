//! Ready models: only instances of what stands on the floors below.

mod mixture;

pub use mixture::{Mixture, MixtureStatistics};
