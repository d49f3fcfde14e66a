//! The laws of a step from θ to θ′, checked as it is made: the objective does not fall, and if asked Q(θ′, θ) ≥ Q(θ, θ)
//! and the EM inequality in both directions,
//!
//! ℓ(θ′) − ℓ(θ) ≥ Q(θ′, θ) − Q(θ, θ) and ℓ(θ) − ℓ(θ′) ≥ Q(θ, θ′) − Q(θ′, θ′).
//!
//! The first fails if the M-step is wrong (or the statistics that it reads). The inequality holds whatever the M-step
//! does: it fails if the E-step's posterior or evidence is not that of the joint, or Q is not its expectation. Many a
//! wrong E-step is generous to the step ahead; then the way back shows it.

use crate::error::Error;
use crate::latent::{Evidence, Guarantee, LatentModel};

use super::round_off::{ROUND_OFF, known};

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

impl<M: LatentModel> Ends<'_, M> {
    /// Checks the laws, those about Q only with the statistics of both ends; `slack` is what may be explained beside
    /// the round-off of densities.
    pub(super) fn check(&self, statistics: Option<[&M::Statistics; 2]>, slack: f64) -> Result<(), Error> {
        let (old, new) = (self.old, self.new);
        if let Some([at_old, at_new]) = statistics {
            let law = "EM inequality: ℓ(θ') − ℓ(θ) ≥ Q(θ', θ) − Q(θ, θ)";
            self.check_inequality(law, [old, new], at_old, slack)?;
            let law = "EM inequality, backwards: ℓ(θ) − ℓ(θ') ≥ Q(θ, θ') − Q(θ', θ')";
            self.check_inequality(law, [new, old], at_new, slack)?;
        }
        let priors = self.model.log_prior(&old.theta).abs() + self.model.log_prior(&new.theta).abs();
        let tolerance = ROUND_OFF * (old.evidence.magnitude() + new.evidence.magnitude() + priors) + slack;
        if self.model.guarantee() != Guarantee::None && new.objective < old.objective - tolerance {
            let (objective, before, after) = (self.model.climbs().name(), old.objective, new.objective);
            return Err(Error::Fell { objective, before, after, tolerance });
        }
        Ok(())
    }

    /// ℓ(b) − ℓ(a) ≥ Q(b, s) − Q(a, s) for the statistics collected at a.
    fn check_inequality(
        &self,
        law: &'static str,
        [a, b]: [&Place<M::Parameters>; 2],
        s: &M::Statistics,
        slack: f64,
    ) -> Result<(), Error> {
        let q = [a, b].map(|place| penalised(self.model, &place.theta, s));
        let size = a.evidence.magnitude() + b.evidence.magnitude() + q[0].abs() + q[1].abs();
        let tolerance = ROUND_OFF * size + slack;
        let (left, right) = (b.objective - a.objective, q[1] - q[0]);
        if left >= right - tolerance {
            return Ok(());
        }
        let suspect = "E-step (its posterior, its evidence or the statistics that it adds), or Q itself";
        Err(Error::LawBroken { law, left, right, tolerance, suspect })
    }
}

/// Q(θ′, θ) ≥ Q(θ, θ), for models that promise it.
pub(super) fn check_rises<M: LatentModel>(
    model: &M,
    old: &Place<M::Parameters>,
    new: &M::Parameters,
    s: &M::Statistics,
    weight: f64,
) -> Result<(), Error> {
    if model.guarantee() == Guarantee::None {
        return Ok(());
    }
    let (right, left) = (penalised(model, &old.theta, s), penalised(model, new, s));
    let of_densities = ROUND_OFF * (old.evidence.magnitude() + left.abs() + right.abs());
    // Negated so that NaN fails.
    if !(left >= right - of_densities) {
        let tolerance = of_densities + known(model, [&old.theta, new], s, weight);
        if !(left >= right - tolerance) {
            let suspect = "M-step, or the statistics that it reads";
            return Err(Error::LawBroken { law: "Q rises: Q(θ', θ) ≥ Q(θ, θ)", left, right, tolerance, suspect });
        }
    }
    Ok(())
}

fn penalised<M: LatentModel>(model: &M, theta: &M::Parameters, s: &M::Statistics) -> f64 {
    model.expected_log_joint(theta, s) + model.log_prior(theta)
}
