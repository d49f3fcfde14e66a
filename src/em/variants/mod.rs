//! Other ways to climb: what is changed is q, or how much of the data each step sees.

mod annealing;
mod incremental;
mod remembered;
mod step_size;
mod stepwise;
mod collecting;
mod tempered;

pub use annealing::Annealing;
pub use collecting::{Collect, Collected, Drawn, Expected};
pub use remembered::{Remembered, WithPosteriors};
pub use step_size::StepSize;
pub use stepwise::Stepwise;
pub use tempered::Tempered;
