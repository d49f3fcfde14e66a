//! Pictures of data and of the components found in them, as SVG or PNG.
//!
//! Colours are those of Okabe & Ito (2008), which people with any colour vision tell apart; with more components than
//! colours the markers change too.

mod clusters;
mod criterion;
mod density;
mod picture;

pub use clusters::{gaussian_mixture, k_means};
pub use criterion::criterion_curve;
pub use density::{Component, density};
pub use picture::Picture;
