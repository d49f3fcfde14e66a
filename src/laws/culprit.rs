//! Whom to suspect where a law is broken in which two parts meet: what each of them does elsewhere tells them apart.

use crate::error::Error;
use crate::latent::{Climbs, FiniteLatent, Guarantee, LatentModel};

use super::{LatentCase, Part};
use crate::laws::estimation::finite::{log_joints, posterior};

/// EM steps after which a run has come to its fixed point, or is left.
const STEPS: usize = 400;
/// Tilts of the weights by an eighth and by 2⁻⁸, each with its mirror image, that lead to θs beside another.
const TILTS: [u64; 4] = [2, 6, 3, 7];
const SLIGHT: [u64; 4] = [3, 7, 11, 15];

/// The θs that an M-step from `theta` makes of tilted weights and of their mirror images: beside what it makes of all.
pub(super) fn beside<M: LatentModel>(case: &LatentCase<M>, theta: &M::Parameters) -> Vec<M::Parameters> {
    pairs_beside(case, theta, TILTS).into_iter().flatten().collect()
}

fn pairs_beside<M: LatentModel>(
    case: &LatentCase<M>,
    theta: &M::Parameters,
    tilts: [u64; 4],
) -> Vec<[M::Parameters; 2]> {
    let all = &case.observations;
    let made = |data| case.e_step(theta, &data).and_then(|(s, _)| case.model.m_step(theta, &s)).ok();
    tilts.iter().filter_map(|&round| Some([made(all.tilted(round))?, made(all.mirrored(round))?])).collect()
}

/// Statistics about which Q and the density of the complete data disagree.
///
/// The M-step tells: if what it makes of the statistics is best for the complete data, all agree but Q; if it is best for
/// Q alone, or no θ at all, the statistics are not those of the density.
pub(super) fn statistics_or_q<M: LatentModel>(
    case: &LatentCase<M>,
    by_hand: impl Fn(&M::Parameters) -> Result<f64, Error>,
) -> [Part; 2] {
    let (statistics, q) = ([Part::Statistics, Part::Density], [Part::Expected, Part::Statistics]);
    let made = case.statistics(&case.observations).and_then(|s| Ok((case.model.m_step(&case.theta, &s)?, s)));
    let Ok((best, s)) = made else { return statistics };
    if case.model.guarantee() != Guarantee::Exact {
        return q;
    }
    let hand = |theta: &M::Parameters| by_hand(theta).map_or(f64::NEG_INFINITY, |l| l + case.model.log_prior(theta));
    let mut others = beside(case, &case.theta);
    others.extend(case.rivals.iter().cloned().chain([case.theta.clone()]));
    // A θ that is better by round-off alone is none.
    let is_best = |value: &dyn Fn(&M::Parameters) -> f64| {
        let at_best = value(&best);
        at_best.is_finite() && others.iter().all(|other| !(value(other) > at_best + 1e-9 * (1.0 + at_best.abs())))
    };
    if is_best(&hand) {
        q
    } else if hand(&best).is_nan() || is_best(&|theta| case.penalised(theta, &s)) {
        statistics
    } else {
        q
    }
}

/// Σ w Σ_z p(z | x, θ) ln p(x, z | θ′), from the joint and the posterior of the case's θ.
pub(super) fn expected_by_hand<M: FiniteLatent>(case: &LatentCase<M>, theta: &M::Parameters) -> Result<f64, Error> {
    let all = &case.observations;
    let mut sum = crate::numeric::Sum::default();
    for n in all.counted() {
        let (r, _) = posterior(case, all.row(n))?;
        let terms = r.iter().zip(log_joints(case, theta, all.row(n))).filter(|(r, _)| **r > 0.0);
        terms.for_each(|(r, l)| sum.add(all.weight(n) * r * l));
    }
    Ok(sum.value())
}

/// ℓ and Q that disagree about a step: wrong is the E-step, or the statistics that it adds, or Q.
///
/// EM itself never asks for Q. If it climbs to a maximum of ℓ, its E-steps and M-steps are right, and Q is wrong.
pub(super) fn e_step_or_q<M: LatentModel>(case: &LatentCase<M>) -> [Part; 2] {
    let runs: Vec<bool> =
        std::iter::once(&case.theta).chain(&case.rivals).filter_map(|start| climbs_to_a_peak(case, start)).collect();
    if runs.contains(&false) {
        [Part::EStep, Part::Statistics]
    } else if runs.is_empty() {
        [Part::EStep, Part::Expected]
    } else {
        [Part::Expected, Part::EStep]
    }
}

/// Whether EM from this start never falls, and ends where the objective has no slope; `None` if it does not end, or the
/// objective has no slopes anyway.
fn climbs_to_a_peak<M: LatentModel>(case: &LatentCase<M>, start: &M::Parameters) -> Option<bool> {
    if !matches!(case.model.climbs(), Climbs::LogLikelihood | Climbs::Penalised) {
        return None;
    }
    let (mut theta, mut top) = (start.clone(), f64::NEG_INFINITY);
    for _ in 0..STEPS {
        let (s, evidence) = case.e_step(&theta, &case.observations).ok()?;
        let here = evidence.value() + case.model.log_prior(&theta);
        let gain = here - top;
        if gain < -1e-9 * (evidence.magnitude() + here.abs()) {
            return Some(false);
        }
        top = here;
        if gain <= 1e-13 * evidence.magnitude() {
            break;
        }
        theta = case.model.m_step(&theta, &s).ok()?;
    }
    let rise = |theta: &M::Parameters| {
        let evidence = case.e_step(theta, &case.observations).ok()?.1;
        Some(evidence.value() + case.model.log_prior(theta) - top)
    };
    // Of two opposite ways, a slope leads up on one and down on the other; a peak falls off on both alike.
    let (mut slope, mut fall) = (0.0f64, 0.0f64);
    for [one, other] in pairs_beside(case, &theta, SLIGHT) {
        let (one, other) = (rise(&one)?, rise(&other)?);
        slope += (one - other).abs();
        fall += (one + other).abs();
    }
    (fall > 1e-12 * (1.0 + top.abs())).then_some(slope <= 0.1 * fall)
}
