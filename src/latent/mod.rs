//! p(x, z | θ) with z hidden: what a model must say so that EM can climb its likelihood.

mod evidence;
mod finite;
mod model;
mod posterior;
mod start;
mod start_kind;

pub use crate::distributions::{Doubt, Guarantee};
pub use evidence::Evidence;
pub use finite::FiniteLatent;
pub use model::{Climbs, LatentModel};
pub use posterior::Posterior;
pub use start::Start;
pub use start_kind::StartKind;
