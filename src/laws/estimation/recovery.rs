//! Recovery of θ from data of its own sampler, without comparing parameters: EM that starts at the truth ends above it,
//! but by no more than chance allows (Wilks 1938).

use std::borrow::Borrow;

use crate::distributions::{Cumulative, Distribution, Gamma};
use crate::em::Em;
use crate::error::Error;
use crate::latent::{Climbs, Guarantee, LatentModel};

use crate::laws::densities::distribution::draws;
use crate::laws::law::Worst;
use crate::laws::view::ROUND_OFF;
use crate::laws::{LatentCase, Law, Observations, Part, Verdict};

/// Draws, their seed, and α: a first look, and a second one at fresh draws where the first is odd. Even the first has more
/// rows than one batch, so that statistics are merged.
const LOOKS: [(usize, u64, f64); 2] = [(600, 7, 1e-2), (3_000, 8, 1e-9)];
/// EM's steps from the truth.
const STEPS: usize = 60;

/// 0 ≤ 2 (ℓ(θ̂) − ℓ(θ)) ≤ the quantile 1 − α of χ² with as many degrees of freedom as θ has free parameters, for data
/// drawn from θ, and θ̂ what EM makes of them from there.
///
/// Whatever the labels of components: nothing but ℓ is compared. A sampler that is not that of the density leaves θ far
/// behind, a step that leads elsewhere falls below it.
pub fn the_truth_is_hardly_beaten<M: LatentModel>() -> Law<LatentCase<M>>
where
    M::Parameters: Distribution<Value = M::Observation> + Send,
{
    let (name, statement) = ("the_truth_is_hardly_beaten", "0 ≤ 2 (ℓ(θ̂) − ℓ(θ)) ≤ χ²_p(1 − α), x ~ p(x | θ)");
    Law::new(name, statement, Part::Sampler, |case: &LatentCase<M>| {
        let LatentCase { model, theta, .. } = case;
        let Some(free) = model.free_parameters(theta).filter(|free| *free > 0) else {
            return Ok(Verdict::NotPromised("the model does not say how many free parameters θ has".into()));
        };
        if model.climbs() != Climbs::LogLikelihood || model.guarantee() == Guarantee::None {
            return Ok(Verdict::NotPromised("EM does not climb the log-likelihood".into()));
        }
        let mut verdict = Verdict::DoesNotApply("there are no draws".into());
        for (count, seed, alpha) in LOOKS {
            let rows = draws(theta, count, seed);
            let observations = Observations::new(rows.iter().map(|x| (Borrow::<M::Observation>::borrow(x), 1.0)));
            let em = Em::default().tolerance(0.0).max_iterations(STEPS);
            let fit = em.fit_from(model, &observations, theta.clone()).map_err(Error::from)?;
            let gain = 2.0 * (fit.objective - fit.history[0]);
            let mut worst = Worst::of("round-off below, the quantile of χ² above");
            let round_off = ROUND_OFF * (fit.objective.abs() + fit.history[0].abs() + count as f64);
            worst.at_least(gain, 0.0, round_off, format_args!("what EM gains over the truth on {count} draws of it"));
            let chance = Gamma::new(0.5 * free as f64, 0.5)?.quantile(1.0 - alpha)?;
            worst.at_least(
                chance,
                gain,
                round_off,
                format_args!("what chance lets EM gain over the truth on {count} draws of it, and what it does"),
            );
            verdict = worst.verdict();
            if matches!(verdict, Verdict::Holds { .. }) {
                break;
            }
        }
        Ok(verdict)
    })
    .cost(16)
}
