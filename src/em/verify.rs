//! The laws of a step from θ to θ′, checked as it is made: the objective does not fall, and if asked Q(θ′, θ) ≥ Q(θ, θ)
//! and the EM inequality in both directions,
//!
//! ℓ(θ′) − ℓ(θ) ≥ Q(θ′, θ) − Q(θ, θ) and ℓ(θ) − ℓ(θ′) ≥ Q(θ, θ′) − Q(θ′, θ′).
//!
//! The first fails if the M-step is wrong (or the statistics that it reads). The inequality holds whatever the M-step
//! does: it fails if the E-step's posterior or evidence is not that of the joint, or Q is not its expectation. Many a
//! wrong E-step is generous to the step ahead; then the way back shows it.

use crate::data::{Batch, Dataset, Observation};
use crate::error::Error;
use crate::latent::{Climbs, Evidence, Guarantee, LatentModel};

use super::place::{Ends, Place};
use super::round_off::{ROUND_OFF, known, round_off_of_step};

const IN_LOGARITHMS: &str = "ℓ(θ) = Σ w ln p(x | θ), each p summed in logarithms";
const LOSES: &str = "E-step (a product of probabilities that underflows, or its evidence)";

/// Of the rows: the sums in logarithms, and the weight of those that have none.
type Sums = (Evidence, [f64; 1]);

impl<M: LatentModel> Ends<'_, M> {
    /// Checks the laws, those about Q only with the statistics of both ends; `slack` is what may be explained beside
    /// the round-off of densities.
    pub(super) fn check(&self, statistics: Option<[&M::Statistics; 2]>, slack: f64) -> Result<(), Error> {
        let (old, new) = (self.old, self.new);
        if let Some([at_old, at_new]) = statistics {
            let law = "EM inequality: ℓ(θ') − ℓ(θ) ≥ Q(θ', θ) − Q(θ, θ)";
            self.check_inequality(law, [old, new], at_old, slack)?;
            // A restricted q need not be the best at θ of those that are known.
            if self.model.climbs() != Climbs::EvidenceLowerBound {
                let law = "EM inequality, backwards: ℓ(θ) − ℓ(θ') ≥ Q(θ, θ') − Q(θ', θ')";
                self.check_inequality(law, [new, old], at_new, slack)?;
            }
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

/// ℓ(θ) is what the sum in logarithms gives, where the model has one for every row: a state that a product of
/// probabilities loses at all θs of a fit breaks no other law of its steps.
pub(super) fn check_in_logarithms<M, D>(
    model: &M,
    data: &D,
    theta: &M::Parameters,
    evidence: Evidence,
) -> Result<(), Error>
where
    M: LatentModel,
    D: Dataset<M::Observation> + ?Sized,
{
    let (sum, [unknown]) = data.fold(&(Evidence::default(), [0.0]), &|batch, (sum, unknown): &mut Sums| {
        for (n, weight) in (0..batch.len()).map(|n| (n, batch.weight(n))).filter(|(_, weight)| *weight > 0.0) {
            match model.summed_in_logarithms(theta, M::Observation::get(batch.block(), n)) {
                Some(log_density) => sum.add(weight, log_density),
                None => unknown[0] += weight,
            }
        }
        Ok(())
    })?;
    let (left, right) = (evidence.value(), sum.value());
    // What is off by less than half of the digits, the other laws see.
    let tolerance = f64::EPSILON.sqrt() * sum.magnitude();
    if unknown > 0.0 || !right.is_finite() || (left - right).abs() <= tolerance {
        return Ok(());
    }
    Err(Error::LawBroken { law: IN_LOGARITHMS, left, right, tolerance, suspect: LOSES })
}

/// An E-step that calls a row impossible breaks a law if the sum in logarithms does not; else the error is what it was.
pub(super) fn possible_in_logarithms<M, D>(model: &M, data: &D, theta: &M::Parameters, error: Error) -> Error
where
    M: LatentModel,
    D: Dataset<M::Observation> + ?Sized,
{
    if !error.is_impossible() {
        return error;
    }
    let found = data.fold(&Evidence::default(), &|batch, _| {
        for n in (0..batch.len()).filter(|&n| batch.weight(n) > 0.0) {
            let alone = Batch::new(M::Observation::slice(batch.block(), n..n + 1), None, batch.row(n));
            let refused = model.e_step(theta, alone, &mut model.statistics(theta)).is_err_and(|e| e.is_impossible());
            let sum = model.summed_in_logarithms(theta, M::Observation::get(batch.block(), n));
            if let Some(right) = sum.filter(|sum| refused && sum.is_finite()) {
                let (law, left, suspect) = (IN_LOGARITHMS, f64::NEG_INFINITY, LOSES);
                return Err(Error::LawBroken { law, left, right, tolerance: 0.0, suspect });
            }
        }
        Ok(())
    });
    found.err().unwrap_or(error)
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
        let rounded = round_off_of_step(model, &old.theta, new, s);
        let tolerance =
            of_densities + known(model, [&old.theta, new], s, weight + old.evidence.further_draws()) + rounded;
        if !(left >= right - tolerance) {
            let suspect = "M-step, or the statistics that it reads";
            return Err(Error::LawBroken { law: "Q rises: Q(θ', θ) ≥ Q(θ, θ)", left, right, tolerance, suspect });
        }
    }
    Ok(())
}

/// Q(θ) + ln prior(θ), what the M-step maximises.
pub(crate) fn penalised<M: LatentModel>(model: &M, theta: &M::Parameters, s: &M::Statistics) -> f64 {
    model.expected_log_joint(theta, s) + model.log_prior(theta)
}
