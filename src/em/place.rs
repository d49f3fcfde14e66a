//! Where a climb stands: θ with what its E-step found, and the two ends of a step.

use crate::latent::{Evidence, LatentModel};

/// θ with the evidence of its E-step and the objective, ℓ + ln prior.
pub(super) struct Place<P> {
    pub(super) theta: P,
    pub(super) evidence: Evidence,
    pub(super) objective: f64,
}

/// A step, once both of its ends are known.
pub(super) struct Ends<'a, M: LatentModel> {
    pub(super) model: &'a M,
    pub(super) old: &'a Place<M::Parameters>,
    pub(super) new: &'a Place<M::Parameters>,
}
