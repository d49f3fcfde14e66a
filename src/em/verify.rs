//! The laws of a step from θ to θ′, checked as it is made: Q(θ′, θ) ≥ Q(θ, θ), and the EM inequality in both
//! directions,
//!
//! ℓ(θ′) − ℓ(θ) ≥ Q(θ′, θ) − Q(θ, θ) and ℓ(θ) − ℓ(θ′) ≥ Q(θ, θ′) − Q(θ′, θ′).
//!
//! The first fails if the M-step is wrong (or the statistics that it reads). The inequality holds whatever the M-step
//! does: it fails if the E-step's posterior or evidence is not that of the joint, or Q is not its expectation. Many a
//! wrong E-step is generous to the step ahead; then the way back shows it.

use crate::data::Statistics;
use crate::error::Error;
use crate::latent::{Evidence, Guarantee, LatentModel};

/// What round-off may explain, in units of ε · Σ w (1 + |ℓ|): five roundings for a density, a few more for the
/// log-sum-exp and the sum; measured need is below 1.
pub(super) const ROUND_OFF: f64 = 16.0;

/// Q + ln prior at both ends of a step, from statistics collected at one of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gain {
    before: f64,
    after: f64,
    slack: f64,
}

impl Gain {
    /// Q(θ, s) and Q(θ′, s), both with the prior; `weight` is Σ w.
    pub(super) fn of<M: LatentModel + ?Sized>(
        model: &M,
        old: &M::Parameters,
        new: &M::Parameters,
        s: &M::Statistics,
        weight: f64,
    ) -> Self {
        let q = |theta| model.expected_log_joint(theta, s) + model.log_prior(theta);
        Self { before: q(old), after: q(new), slack: slack(model, [old, new], s, weight) }
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

    /// ℓ(θ′) − ℓ(θ) ≥ Q(θ′, s) − Q(θ, s) for statistics collected at θ.
    pub(super) fn check_inequality(
        self,
        law: &'static str,
        (before, after): (f64, f64),
        (old, new): (&Evidence, &Evidence),
    ) -> Result<(), Error> {
        let tolerance = self.tolerance(old.magnitude() + new.magnitude());
        let (left, right) = (after - before, self.after - self.before);
        if left >= right - tolerance {
            return Ok(());
        }
        let suspect = "E-step (its posterior, its evidence or the statistics that it adds), or Q itself";
        Err(Error::LawBroken { law, left, right, tolerance, suspect })
    }

    fn tolerance(self, magnitude: f64) -> f64 {
        ROUND_OFF * f64::EPSILON * (magnitude + self.before.abs() + self.after.abs()) + self.slack
    }
}

/// What the rounding of θ and of the statistics may explain, beside that of the densities.
pub(super) fn slack<M: LatentModel + ?Sized>(
    model: &M,
    ends: [&M::Parameters; 2],
    s: &M::Statistics,
    weight: f64,
) -> f64 {
    let of_theta: f64 = ends.iter().map(|theta| model.resolution(theta)).sum();
    ROUND_OFF * f64::EPSILON * weight * of_theta + round_off_of_q(model, ends, s)
}

/// How far Q is from linear in the statistics, as it would be but for round-off: eight times the largest
/// |Q(θ, c s) / c − Q(θ, s)|, c = 3, 5, 7, 11. No model needs to know its own condition for that.
fn round_off_of_q<M: LatentModel + ?Sized>(model: &M, ends: [&M::Parameters; 2], s: &M::Statistics) -> f64 {
    let q = ends.map(|theta| model.expected_log_joint(theta, s));
    let mut largest = [0.0; 2];
    for factor in [3.0, 5.0, 7.0, 11.0] {
        let mut scaled = s.clone();
        scaled.scale(factor);
        for ((largest, theta), q) in largest.iter_mut().zip(ends).zip(q) {
            // max ignores what is no number: a Q of −∞ has no round-off.
            *largest = (model.expected_log_joint(theta, &scaled) / factor - q).abs().max(*largest);
        }
    }
    let of_both: f64 = largest.iter().sum();
    // Beyond half the digits it is no round-off, but statistics that do not scale.
    let most = f64::EPSILON.sqrt() * q.iter().map(|q| q.abs()).sum::<f64>();
    if of_both.is_finite() { (8.0 * of_both).min(most) } else { 0.0 }
}
