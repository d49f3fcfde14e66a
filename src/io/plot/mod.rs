//! Pictures of data and of the components or states found in them, as SVG or PNG.
//!
//! Colours are those of Okabe & Ito (2008), which people with any colour vision tell apart; with more components than
//! colours the markers change too.

mod agreement;
mod clusters;
mod criterion;
mod density;
mod mixtures;
mod panels;
mod picture;
mod states;

pub use agreement::agreement;
pub use clusters::k_means;
pub use criterion::criterion_curve;
pub use density::{Component, density};
pub use mixtures::{column_mixture, gaussian_mixture};
pub use picture::Picture;
pub use states::states;
