//! Laws of Q: it is linear in the rows, every complete observation moves it, and by what it moves the log-joint.

use crate::latent::{FiniteLatent, LatentModel};
use crate::numeric::Sum;

use super::finite::{log_joints, posterior};
use crate::laws::any_model::{AnyCase, Examinable};
use crate::laws::culprit::{expected_by_hand, statistics_or_q};
use crate::laws::law::{Outcome, Worst};
use crate::laws::view::{RERUNS, ROUND_OFF, View, headroom, spread};
use crate::laws::{Coordinates, LatentCase, Law, Part, Verdict};

/// Q(θ′) − Q(θ) of all rows is the weighted sum of those of each row.
pub fn q_sums_the_rows<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        let mut worst = Worst::of("the round-off of Q at θ and at θ′");
        let view = View::of(case)?;
        let (q, of_rows, noise) = (
            case.model.expected_log_joint(&case.theta, &view.statistics),
            view.q_at(&case.theta),
            view.round_off_of_q(&case.theta),
        );
        for other in view.others(8)?.into_iter().chain(view.m_step(&case.observations)?) {
            let (new, of_rows_new) = (case.model.expected_log_joint(&other, &view.statistics), view.q_at(&other));
            if new == f64::NEG_INFINITY || of_rows_new.contains(&f64::NEG_INFINITY) {
                continue; // θ′ gives an observation density 0.
            }
            let terms = of_rows_new.iter().zip(&of_rows).zip(&view.weights);
            let sum: Sum = terms.flat_map(|((new, old), w)| [w * new, -w * old]).collect();
            let tolerance = noise + view.round_off_of_q(&other);
            worst.equal(new - q, sum.value(), tolerance, format_args!("the gain of Q, and the sum over the rows"));
        }
        Ok(worst.verdict())
    }
    let (name, statement) = ("q_sums_the_rows", "Q(θ′, S) − Q(θ, S) = Σ_n w_n [Q(θ′, S_n) − Q(θ, S_n)]");
    Law::of_any_model(name, statement, Part::Expected, holds)
}

/// A complete observation (x, z) whose log-joint differs between two θs moves Q between them: `observe` drops none.
pub fn every_complete_observation_counts<M: FiniteLatent>() -> Law<LatentCase<M>>
where
    M::Observation: Coordinates,
{
    let (name, statement) = ("every_complete_observation_counts", "ln p(x, z | ·) moves ⇒ Q(·, T(x, z)) moves");
    Law::new(name, statement, Part::Statistics, |case| {
        let mut worst = Worst::of("a millionth: Q did not move at all");
        let (view, model) = (View::of(case)?, &case.model);
        let others = view.others(4)?;
        for n in case.observations.counted() {
            let x = case.observations.row(n);
            let logs = log_joints(case, &case.theta, x);
            for (z, &l) in logs.iter().enumerate().filter(|(_, l)| l.is_finite()) {
                let mut s = FiniteLatent::statistics(model, &case.theta);
                model.observe(&mut s, x, z, 1.0);
                let q = model.expected_log_joint(&case.theta, &s);
                let moved = |theta: &M::Parameters| {
                    let new = model.log_joint(theta, x, z);
                    new.is_finite().then(|| (new - l, model.expected_log_joint(theta, &s) - q))
                };
                let moves: Vec<(f64, f64)> = others.iter().filter_map(moved).collect();
                if moves.iter().all(|(_, of_q)| *of_q == 0.0) {
                    let of_joint = moves.iter().fold(0.0f64, |most, (of_joint, _)| most.max(of_joint.abs()));
                    worst.equal(
                        of_joint,
                        0.0,
                        1e-6 * (1.0 + l.abs()),
                        format_args!(
                            "by how much ln p(x, z = {z}) of row {n} moves from one θ to another, and Q of it"
                        ),
                    );
                } else {
                    worst.nothing_wrong();
                }
            }
        }
        Ok(worst.verdict())
    })
}

/// Q(θ′) − Q(θ) is Σ w Σ_z p(z | x, θ) [ln p(x, z | θ′) − ln p(x, z | θ)]: Q is the expected log-joint.
pub fn q_is_the_expected_log_joint<M: FiniteLatent>() -> Law<LatentCase<M>>
where
    M::Observation: Coordinates,
{
    let (name, statement) = ("q_is_the_expected_log_joint", "Q(θ′, θ) − Q(θ, θ) = E[ln p(x, z | θ′) − ln p(x, z | θ)]");
    Law::new(name, statement, Part::Expected, |case| {
        let mut worst = Worst::of("16 ε × Σ w (1 + Σ_z r |ln p(x, z)|)² + the round-off of Q");
        let (view, all) = (View::of(case)?, &case.observations);
        for other in view.others(4)? {
            let of = |s: &_| case.model.expected_log_joint(&other, s) - case.model.expected_log_joint(&case.theta, s);
            let (mut sum, mut size) = (Sum::default(), 0.0);
            for n in all.counted() {
                let x = all.row(n);
                let (r, _) = posterior(case, x)?;
                let pairs = log_joints(case, &case.theta, x).into_iter().zip(log_joints(case, &other, x));
                for (r, (old, new)) in r.iter().zip(pairs).filter(|(r, _)| **r > 0.0) {
                    sum.add(all.weight(n) * r * new);
                    sum.add(-all.weight(n) * r * old);
                    size += all.weight(n) * r * (1.0 + old.abs()) * (1.0 + old.abs() + new.abs());
                }
            }
            let left = of(&view.statistics);
            if left == f64::NEG_INFINITY || sum.value() == f64::NEG_INFINITY {
                continue; // θ′ gives an observation density 0.
            }
            let tolerance = ROUND_OFF * size + view.round_off_of_q(&other) + view.round_off_of_q(&case.theta);
            worst.equal(left, sum.value(), tolerance, format_args!("the gain of Q, and the sum over rows and states"));
        }
        Ok(match worst.verdict() {
            verdict @ Verdict::Fails(_) => {
                verdict.suspecting(&statistics_or_q(case, |theta| expected_by_hand(case, theta)))
            }
            verdict => verdict,
        })
    })
}

/// Q of one complete observation (x, z) moves from θ to a rival by what ln p(x, z) moves: what `observe` adds and what Q
/// makes of it fit the joint, before any M-step.
pub fn one_complete_observation_has_its_log_joint<M: FiniteLatent>() -> Law<LatentCase<M>>
where
    M::Observation: Coordinates,
{
    let (name, statement) = (
        "one_complete_observation_has_its_log_joint",
        "Q(θ′, T(x, z)) − Q(θ, T(x, z)) = ln p(x, z | θ′) − ln p(x, z | θ)",
    );
    Law::new(name, statement, Part::Expected, |case| {
        let mut worst = Worst::of("16 ε (1 + |ln p| + |Q|)² and the scatter of Q in eight re-runs");
        let (model, all) = (&case.model, &case.observations);
        for n in all.counted() {
            let x = all.row(n);
            let old = log_joints(case, &case.theta, x);
            for rival in &case.rivals {
                for (z, (&old, new)) in old.iter().zip(log_joints(case, rival, x)).enumerate() {
                    if !old.is_finite() || !new.is_finite() {
                        continue;
                    }
                    let gain = |x: &M::Observation, weight: f64| {
                        let mut s = FiniteLatent::statistics(model, &case.theta);
                        model.observe(&mut s, x, z, weight);
                        let [from, to] = [&case.theta, rival].map(|theta| model.complete_log_likelihood(theta, &s));
                        ((to - from) / weight, 1.0 + from.abs() + to.abs() + old.abs() + new.abs())
                    };
                    let (moved, size) = gain(x, 1.0);
                    let mut tolerance = ROUND_OFF * size * size;
                    if (moved - (new - old)).abs() > tolerance {
                        let alone = all.pick([(n, 1.0)]);
                        // Under another weight T(x) and Q are rounded otherwise, however few digits θ and x have.
                        let rerun = |seed| gain(alone.jittered(seed, &|_| true).row(0), 1.1 + 0.3 * seed as f64).0;
                        tolerance += headroom(&alone) * spread(moved, &mut (0..RERUNS).map(rerun));
                    }
                    worst.equal(
                        moved,
                        new - old,
                        tolerance,
                        format_args!("by how much Q of (x, z = {z}), row {n}, moves from θ to a rival, and ln p(x, z)"),
                    );
                }
            }
        }
        Ok(match worst.verdict() {
            verdict @ Verdict::Fails(_) => {
                verdict.suspecting(&statistics_or_q(case, |theta| expected_by_hand(case, theta)))
            }
            Verdict::DoesNotApply(_) => Verdict::NotPromised("there is no rival θ to compare with".into()),
            verdict => verdict,
        })
    })
}
