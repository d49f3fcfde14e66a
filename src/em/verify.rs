//! The EM inequality, checked at each step: ℓ(θ′) − ℓ(θ) ≥ Q(θ′, θ) − Q(θ, θ), and Q(θ′, θ) ≥ Q(θ, θ).
//!
//! Together they give monotone likelihood; apart they tell who broke it: the first fails only if the E-step's
//! posterior is not that of the joint, the second only if the M-step (or the statistics) is wrong.

use crate::error::Error;
use crate::latent::{Evidence, Guarantee, LatentModel};

/// What round-off may explain, in units of ε · Σ w (1 + |ℓ|): five roundings for a density, a few more for the
/// log-sum-exp and the sum; measured need is below 1.
pub(super) const ROUND_OFF: f64 = 16.0;

/// Q + ln prior before and after a step, with what round-off may explain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gain {
    before: f64,
    after: f64,
}

impl Gain {
    /// Q(θ, θ) and Q(θ′, θ), both with the prior, from the statistics collected at θ.
    pub(super) fn of<M: LatentModel + ?Sized>(
        model: &M,
        old: &M::Parameters,
        new: &M::Parameters,
        s: &M::Statistics,
    ) -> Self {
        let q = |theta| model.expected_log_joint(theta, s) + model.log_prior(theta);
        Self { before: q(old), after: q(new) }
    }

    /// Q(θ′, θ) ≥ Q(θ, θ), for models that promise it.
    pub(super) fn check_rises(self, guarantee: Guarantee, evidence: &Evidence) -> Result<(), Error> {
        let tolerance = self.tolerance(evidence.magnitude());
        // Negated so that NaN fails.
        if guarantee != Guarantee::None && !(self.after >= self.before - tolerance) {
            return Err(Error::LawBroken {
                law: "Q rises: Q(θ', θ) ≥ Q(θ, θ)",
                left: self.after,
                right: self.before,
                tolerance,
                suspect: "M-step, or the statistics that it reads",
            });
        }
        Ok(())
    }

    /// ℓ(θ′) − ℓ(θ) ≥ Q(θ′, θ) − Q(θ, θ).
    pub(super) fn check_inequality(
        self,
        (before, after): (f64, f64),
        (old, new): (&Evidence, &Evidence),
    ) -> Result<(), Error> {
        let tolerance = self.tolerance(old.magnitude() + new.magnitude());
        let (left, right) = (after - before, self.after - self.before);
        if left >= right - tolerance {
            return Ok(());
        }
        Err(Error::LawBroken {
            law: "EM inequality: ℓ(θ') − ℓ(θ) ≥ Q(θ', θ) − Q(θ, θ)",
            left,
            right,
            tolerance,
            suspect: "E-step: its posterior or its log-likelihood is not that of the joint",
        })
    }

    fn tolerance(self, magnitude: f64) -> f64 {
        ROUND_OFF * f64::EPSILON * (magnitude + self.before.abs() + self.after.abs())
    }
}
