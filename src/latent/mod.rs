//! p(x, z | θ) with z hidden: what a model must say so that EM can climb its likelihood.

mod ascent;
mod evidence;
mod finite;
mod impute;
mod model;
mod posterior;
mod start;
mod start_kind;
mod temper;
mod variational;

pub use crate::distributions::{Doubt, Guarantee};
pub use ascent::{Conditional, ascend, maximise_in_turn};
pub use evidence::Evidence;
pub use finite::FiniteLatent;
pub use impute::Impute;
pub use model::{Climbs, LatentModel};
pub use posterior::Posterior;
pub use start::Start;
pub use start_kind::StartKind;
pub use temper::Temper;
pub use variational::Variational;
