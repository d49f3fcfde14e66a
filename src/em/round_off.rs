//! What round-off may explain of a law that seems broken: what the densities lose, what the model knows of its own
//! condition, and what is seen to move when statistics are collected and rounded anew.

use crate::data::{Batch, Dataset, Gathered, Observation, Statistics};
use crate::error::Error;
use crate::latent::{Evidence, LatentModel};

use super::ending::Ending;
use super::place::Ends;

/// Of densities, in units of Σ w (1 + |ℓ|): five roundings for one, a few more for the log-sum-exp and the sum; the
/// measured need is below ε.
pub(super) const ROUND_OFF: f64 = 16.0 * f64::EPSILON;
/// How many times the largest of a few re-runs round-off may be.
const HEADROOM: f64 = 8.0;
/// The factors by which statistics are scaled, and scaled back, to round them anew: none is a power of two, and the way
/// back by most is inexact.
const FACTORS: [f64; 4] = [1.1, 1.3, 1.9, 7.0];

/// Pieces of a batch.
const PIECES: usize = 4;

/// The E-step over all data.
pub(crate) fn e_step<M, D>(model: &M, data: &D, theta: &M::Parameters) -> Result<(Evidence, M::Statistics), Error>
where
    M: LatentModel,
    D: Dataset<M::Observation> + ?Sized,
{
    e_step_until(model, data, theta, &Ending::default())
}

/// The E-step over all data, unless the fit must end before it is done.
///
/// # Errors
/// [`Error::NoParametersYet`] then; what the model refuses.
pub(super) fn e_step_until<M, D>(
    model: &M,
    data: &D,
    theta: &M::Parameters,
    ending: &Ending,
) -> Result<(Evidence, M::Statistics), Error>
where
    M: LatentModel,
    D: Dataset<M::Observation> + ?Sized,
{
    data.fold(&(Evidence::default(), model.statistics(theta)), &|batch, (evidence, s)| {
        ending.check()?;
        let of_batch = model.e_step(theta, batch, s)?;
        evidence.merge(&of_batch);
        Ok(())
    })
}

/// What round-off may explain of a law that seems broken.
pub(super) struct Slack {
    /// What it explains, at most half of the digits.
    pub(super) explained: f64,
    /// As far as it was seen to go.
    pub(super) moved: f64,
}

/// What the rounding of θ and of the statistics may explain: by the model's own account, by that of Q, and by how
/// far the gain of Q, and ℓ after the M-step, move if the statistics are collected and rounded anew.
pub(super) fn slack<M, D>(data: &D, ends: &Ends<'_, M>, statistics: [&M::Statistics; 2], weight: f64) -> Slack
where
    M: LatentModel,
    D: Dataset<M::Observation> + ?Sized,
{
    let (model, both) = (ends.model, [&ends.old.theta, &ends.new.theta]);
    let gain = |s: &M::Statistics| model.expected_log_joint(both[1], s) - model.expected_log_joint(both[0], s);
    let mut moved = 0.0f64;
    for end in [0, 1] {
        let Ok(parts) = parts(model, data, both[end]) else { continue };
        for turn in 0..4 {
            let mut s = model.statistics(both[end]);
            let (early, late) = parts.split_at(turn * parts.len() / 4);
            late.iter().chain(early).rev().for_each(|part| s.merge(part));
            // There and back by every factor: a few ulps, others in every turn, also where one sequence is all the data.
            let factors = FACTORS.iter().cycle().skip(turn).take(FACTORS.len());
            factors.flat_map(|factor| [*factor, 1.0 / factor]).for_each(|factor| s.scale(factor));
            // max passes over NaN: what is infinite has no round-off.
            moved = moved.max((gain(&s) - gain(statistics[end])).abs());
            // A θ that only its rounding tells from θ′: what ℓ and Q lose where they are evaluated.
            if end == 0
                && let Ok(theta) = model.m_step(both[0], &s)
                && let Ok((evidence, _)) = e_step(model, data, &theta)
            {
                let of_q =
                    statistics.map(|s| model.expected_log_joint(&theta, s) - model.expected_log_joint(both[1], s));
                moved = moved.max(2.0 * (evidence.value() - ends.new.evidence.value()).abs());
                moved = of_q.into_iter().fold(moved, |moved, q| moved.max(2.0 * q.abs()));
            }
        }
    }
    let draws = weight + ends.new.evidence.further_draws();
    let known = statistics.map(|s| known(model, both, s, draws));
    let size = ends.new.evidence.magnitude();
    let known = known[0].max(known[1]) + of_posteriors(model, both, statistics, size, weight);
    Slack { explained: known + headroom(moved, size), moved: known + HEADROOM * moved }
}

/// What Q loses where a posterior is exp(ln p(x, z) − ln p(x)): it is off by ε |ln p(x)| of itself.
fn of_posteriors<M: LatentModel>(
    model: &M,
    both: [&M::Parameters; 2],
    statistics: [&M::Statistics; 2],
    size: f64,
    weight: f64,
) -> f64 {
    let q = statistics.iter().flat_map(|s| both.map(|theta| model.expected_log_joint(theta, s).abs()));
    let lost = 2.0 * f64::EPSILON * (size / weight) * q.fold(0.0, f64::max);
    lost.min(f64::EPSILON.sqrt() * size)
}

/// What the E-step collects at θ, part by part of the data, for merging in another order.
fn parts<M, D>(model: &M, data: &D, theta: &M::Parameters) -> Result<Vec<M::Statistics>, Error>
where
    M: LatentModel,
    D: Dataset<M::Observation> + ?Sized,
{
    let parts = data.fold(&Gathered::default(), &|batch, parts: &mut Gathered<M::Statistics>| {
        // A few for each run of batches that the data fold side by side, however many batches it has: small data are one
        // batch, and have an order too.
        parts.0.resize_with(PIECES, || model.statistics(theta));
        let rows = batch.len();
        for (piece, s) in parts.0.iter_mut().enumerate() {
            let range = piece * rows / PIECES..(piece + 1) * rows / PIECES;
            let weights = batch.weights().map(|weights| &weights[range.clone()]);
            let (block, row) = (M::Observation::slice(batch.block(), range.clone()), batch.row(0) + range.start);
            if !range.is_empty() {
                model.e_step(theta, Batch::new(block, weights, row), s)?;
            }
        }
        Ok(())
    })?;
    Ok(parts.0)
}

/// What the rounding of θ, as the model knows it, and of the statistics may explain; `draws` is Σ w, a sequence
/// counted at each step.
pub(super) fn known<M: LatentModel>(model: &M, ends: [&M::Parameters; 2], s: &M::Statistics, draws: f64) -> f64 {
    let of_theta: f64 = ends.iter().map(|theta| model.resolution(theta)).sum();
    ROUND_OFF * draws * of_theta + ends.iter().map(|theta| round_off_of_q(model, theta, s)).sum::<f64>()
}

/// How far Q at the θ of an M-step moves if the M-step is made of the same statistics, rounded anew.
pub(super) fn round_off_of_step<M: LatentModel>(
    model: &M,
    old: &M::Parameters,
    new: &M::Parameters,
    s: &M::Statistics,
) -> f64 {
    let q = model.expected_log_joint(new, s);
    let moved = FACTORS.iter().flat_map(|factor| [*factor, 1.0 / factor]).filter_map(|factor| {
        let mut scaled = s.clone();
        [factor, 1.0 / factor].into_iter().for_each(|factor| scaled.scale(factor));
        let again = model.m_step(old, &scaled).ok()?;
        Some((model.expected_log_joint(&again, s) - q).abs())
    });
    headroom(moved.fold(0.0, f64::max), q.abs())
}

/// How far Q is from linear in the statistics, as it would be but for round-off: |Q(θ, c s) / c − Q(θ, s)|.
fn round_off_of_q<M: LatentModel>(model: &M, theta: &M::Parameters, s: &M::Statistics) -> f64 {
    let q = model.expected_log_joint(theta, s);
    let moved = FACTORS.iter().map(|factor| {
        let mut scaled = s.clone();
        scaled.scale(*factor);
        (model.expected_log_joint(theta, &scaled) / factor - q).abs()
    });
    headroom(moved.fold(0.0, f64::max), q.abs())
}

/// What round-off may be, if re-runs that differ by it alone moved a value of the given size so far.
fn headroom(moved: f64, size: f64) -> f64 {
    // Beyond half of the digits it is no round-off, but statistics that do not merge or scale.
    (HEADROOM * moved).min(f64::EPSILON.sqrt() * size)
}
