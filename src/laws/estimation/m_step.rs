//! Laws of the M-step: θ′ maximises Q(·, s) + ln prior, whatever θ_old was.

use crate::distributions::Estimate;
use crate::latent::{Climbs, Guarantee, LatentModel};
use crate::numeric::Sum;

use crate::laws::any_model::{AnyCase, Examinable};
use crate::laws::culprit::statistics_or_q;
use crate::laws::law::{Outcome, Worst};
use crate::laws::view::{RERUNS, ROUND_OFF, SCATTER, View, headroom, spread};
use crate::laws::{Coordinates, EstimateCase, LatentCase, Law, Part, Verdict};

const OF_Q: &str =
    "(16 + N) ε × Σ w (1 + |ℓ| + |Q| + B) + 16 ε × |ln prior| + 4 √(3n) × the scatter of Q in eight re-runs";

/// Q(θ′, θ) + ln prior(θ′) ≥ Q(θ, θ) + ln prior(θ) for the θ′ of the M-step.
pub fn q_rises<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        if case.model.guarantee() == Guarantee::None {
            return Ok(Verdict::NotPromised("the M-step promises nothing".into()));
        }
        let (view, mut worst) = (View::of(case)?, Worst::of(OF_Q));
        // Statistics collected at other weights are statistics too: each has its own Q, which must rise.
        for data in std::iter::once(case.observations.clone()).chain((0..4).map(|r| case.observations.tilted(r))) {
            let s = case.statistics(&data)?;
            let theta = match case.model.m_step(&case.theta, &s) {
                Ok(theta) => theta,
                Err(error) if crate::laws::law::is_refusal(&error) => continue,
                Err(error) => return Err(error),
            };
            let tolerance = 2.0 * (view.round_off_of_penalised(&theta) + view.round_off_of_penalised(&case.theta));
            worst.at_least(
                case.penalised(&theta, &s),
                case.penalised(&case.theta, &s),
                tolerance,
                format_args!("Q + ln prior after and before an M-step"),
            );
        }
        Ok(worst.verdict())
    }
    Law::of_any_model("q_rises", "Q(θ′, θ) ≥ Q(θ, θ)", Part::MStep, holds)
}

/// Q(θ′, s) ≥ Q(θ″, s) for the θ′ that the M-step makes of s and every θ″ that it makes of other statistics.
pub fn no_other_theta_beats_the_m_step<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        if case.model.guarantee() != Guarantee::Exact {
            return Ok(Verdict::NotPromised("the M-step does not promise a maximum".into()));
        }
        let (view, mut worst) = (View::of(case)?, Worst::of(OF_Q));
        let s = &view.statistics;
        let theta = case.model.m_step(&case.theta, s)?;
        let (best, round_off) = (case.penalised(&theta, s), view.round_off_of_penalised(&theta));
        for other in view.others(24)? {
            let q = case.penalised(&other, s);
            // A θ″ that gives an observation density 0 is no rival.
            if q > f64::NEG_INFINITY {
                let tolerance = round_off + view.round_off_of_penalised(&other);
                worst.at_least(best, q, tolerance, format_args!("Q + ln prior of the M-step and of another θ"));
            }
        }
        Ok(worst.verdict())
    }
    Law::of_any_model("no_other_theta_beats_the_m_step", "θ′ = argmax Q(·, s)", Part::MStep, holds)
}

/// The M-step makes the same of s whatever θ_old was: θ_old enters through the statistics alone.
pub fn the_m_step_forgets_the_old_theta<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        if case.model.guarantee() != Guarantee::Exact {
            return Ok(Verdict::NotPromised("the M-step does not promise a maximum".into()));
        }
        let (view, mut worst) = (View::of(case)?, Worst::of(OF_Q));
        let s = &view.statistics;
        let from_own = case.model.m_step(&case.theta, s)?;
        for old in view.others(4)? {
            let from_other = case.model.m_step(&old, s)?;
            let tolerance = view.round_off_of_penalised(&from_own) + view.round_off_of_penalised(&from_other);
            let (left, right) = (case.penalised(&from_own, s), case.penalised(&from_other, s));
            worst.equal(left, right, tolerance, format_args!("Q + ln prior of M-steps from two old θs"));
        }
        Ok(worst.verdict())
    }
    Law::of_any_model("the_m_step_forgets_the_old_theta", "m_step(θ_a, s) = m_step(θ_b, s)", Part::MStep, holds)
}

/// Multiplying all weights by c changes no maximum likelihood estimate.
pub fn only_relative_weights_matter<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        if matches!(case.model.climbs(), Climbs::Penalised | Climbs::EvidenceLowerBound) {
            return Ok(Verdict::NotPromised("a prior weighs against the data".into()));
        }
        let (view, mut worst) = (View::of(case)?, Worst::of(SCATTER));
        // The statistics differ by the factor, and are brought back to one size for the comparison of Q.
        let s = &view.statistics;
        let Some(theta) = view.m_step(&case.observations)? else {
            return Ok(Verdict::DoesNotApply("the model refuses these statistics".into()));
        };
        for factor in [4.0, 0.25] {
            let Some(other) = view.m_step(&case.observations.weighed(&|n| factor * case.observations.weight(n)))?
            else {
                continue;
            };
            let tolerance = view.round_off_of_q(&theta) + view.round_off_of_q(&other);
            let (left, right) = (case.model.expected_log_joint(&theta, s), case.model.expected_log_joint(&other, s));
            worst.equal(left, right, tolerance, format_args!("Q of the M-steps from w and {factor} w"));
            let rows = view.log_densities_at(&theta)?.into_iter().zip(view.log_densities_at(&other)?);
            let normaliser = view.normaliser();
            for (n, (left, right)) in rows.enumerate() {
                let tolerance = 16.0 * ROUND_OFF * (1.0 + left.abs() + view.log_densities[n].abs() + normaliser);
                worst.equal(
                    left,
                    right,
                    tolerance,
                    format_args!("ln p of row {n} after M-steps from w and {factor} w"),
                );
            }
        }
        Ok(worst.verdict())
    }
    Law::of_any_model("only_relative_weights_matter", "m_step(S(c w)) = m_step(S(w))", Part::MStep, holds)
}

/// Σ w ln p(x | θ), summed row by row, is `expected_log_density` of the statistics.
pub fn the_expected_log_density_is_the_sum<D: Estimate>() -> Law<EstimateCase<D>>
where
    D::Value: Coordinates,
{
    Law::new("the_expected_log_density_is_the_sum", "Q(θ, s) = Σ w ln p(x | θ)", Part::Expected, |case| {
        let (view, mut worst) = (View::of(case)?, Worst::of(OF_Q));
        let mut places = view.others(4)?;
        places.push(case.theta.clone());
        for theta in places {
            let Ok(rows) = view.log_densities_at(&theta) else { continue };
            let sum: Sum = rows.iter().zip(&view.weights).map(|(l, w)| w * l).collect();
            let size: f64 = rows.iter().zip(&view.weights).map(|(l, w)| w * (1.0 + l.abs())).sum();
            let tolerance = ROUND_OFF * size + view.round_off_of_q(&theta);
            let q = theta.expected_log_density(&view.statistics);
            worst.equal(q, sum.value(), tolerance, format_args!("expected_log_density, and the sum over the rows"));
        }
        Ok(blamed(case, worst.verdict()))
    })
}

/// `expected_log_density` of one observation is its `log_density`: what `observe` adds and what Q makes of it fit the
/// density, before any estimate.
pub fn one_observation_has_its_log_density<D: Estimate>() -> Law<EstimateCase<D>>
where
    D::Value: Coordinates,
{
    let (name, statement) = ("one_observation_has_its_log_density", "Q(θ, T(x)) = ln p(x | θ)");
    Law::new(name, statement, Part::Expected, |case: &EstimateCase<D>| {
        let mut worst = Worst::of("16 ε (1 + |ln p| + |Q|)² and the scatter of Q in eight re-runs");
        let all = &case.observations;
        for (n, theta) in all
            .counted()
            .into_iter()
            .flat_map(|n| std::iter::once(&case.theta).chain(&case.rivals).map(move |theta| (n, theta)))
        {
            let log_density = theta.log_density(all.row(n));
            if !log_density.is_finite() {
                continue;
            }
            let of = |x: &D::Value| {
                let mut s = case.theta.statistics();
                case.theta.observe(&mut s, x, 1.0);
                theta.expected_log_density(&s)
            };
            let q = of(all.row(n));
            let mut tolerance = ROUND_OFF * (1.0 + log_density.abs() + q.abs()).powi(2);
            if (q - log_density).abs() > tolerance {
                let alone = all.pick([(n, 1.0)]);
                let rerun = |seed| of(alone.jittered(seed, &|x| theta.log_density(x).is_finite()).row(0));
                tolerance += headroom(&alone) * spread(q, &mut (0..RERUNS).map(rerun));
            }
            worst.equal(q, log_density, tolerance, format_args!("expected_log_density of row {n} alone, and ln p"));
        }
        Ok(blamed(case, worst.verdict()))
    })
}

/// A failure of Q names the statistics first where they are to blame.
fn blamed<D: Estimate>(case: &EstimateCase<D>, verdict: Verdict) -> Verdict {
    if !matches!(verdict, Verdict::Fails(_)) {
        return verdict;
    }
    let all = &case.observations;
    let term = |theta: &D, n: usize| all.weight(n) * theta.log_density(all.row(n));
    let by_hand = |theta: &D| Ok(all.counted().into_iter().map(|n| term(theta, n)).collect::<Sum>().value());
    verdict.suspecting(&statistics_or_q(case, by_hand))
}

/// `observe_block` adds what `observe` adds, row by row.
pub fn observing_a_block_is_observing_its_rows<D: Estimate>() -> Law<EstimateCase<D>>
where
    D::Value: Coordinates,
{
    let (name, statement) = ("observing_a_block_is_observing_its_rows", "observe_block = observe of every row");
    Law::new(name, statement, Part::Kernel, |case| {
        let (view, mut worst) = (View::of(case)?, Worst::of(SCATTER));
        let by_block = |all: &crate::laws::Observations<D::Value>| {
            let mut s = case.theta.statistics();
            let batch = all.batch();
            case.theta.observe_block(&mut s, batch.block(), batch.weights().unwrap_or_default());
            Ok(s)
        };
        view.compare(&mut worst, &by_block, &|all| case.statistics(all))?;
        Ok(worst.verdict())
    })
}
