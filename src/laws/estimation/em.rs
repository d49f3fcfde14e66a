//! Laws of EM: ℓ(θ′) − ℓ(θ) ≥ Q(θ′, θ) − Q(θ, θ) for any θ′, hence a monotone objective.
//!
//! "Q rises" is broken by an M-step or by statistics alone, the EM inequality by an E-step alone: together they name
//! whom monotonicity only accuses.

use crate::data::AnyStatistics;
use crate::em::{Acceleration, Em};
use crate::error::Error;
use crate::latent::{Guarantee, LatentModel};

use crate::laws::any_model::{AnyCase, Examinable, Theta};
use crate::laws::culprit::{beside, e_step_or_q};
use crate::laws::law::{Outcome, Worst, is_refusal};
use crate::laws::view::{ROUND_OFF, View, scatter};
use crate::laws::{Coordinates, LatentCase, Law, Part, Verdict};

/// ℓ(θ′) − ℓ(θ) ≥ Q(θ′, θ) − Q(θ, θ), for the θ′ of M-steps and any other: what Q gains, ℓ gains at least.
///
/// From θ to others far away; and from the θ of an M-step to those beside it, one each way, where the two sides differ by
/// little and a wrong E-step, whose slope is another, loses on one of two opposite ways. The tolerance has the product of
/// the sizes of ℓ and Q, since the posterior is the exponential of a difference.
pub fn the_log_likelihood_gains_what_q_gains<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        let mut worst = Worst::of(
            "16 ε × Σ w (1 + |ℓ|)(1 + |Q|), beside an M-step √ε × Σ w (1 + |ℓ| + |Q|); a loss also the scatter of eight re-runs",
        );
        let view = View::of(case)?;
        let made = view.m_step(&case.observations)?;
        let mut others = view.others(8)?;
        others.extend(made.clone());
        gains(&mut worst, case, &case.theta, &others, 0.0)?;
        if let Some(made) = made {
            // What a wrong slope loses over these ways is more than half of the digits.
            match gains(&mut worst, case, &made, &beside(case, &case.theta), f64::EPSILON.sqrt()) {
                // An M-step may end where a row has density 0.
                Err(error) if !is_refusal(&error) => return Err(error),
                _ => (),
            }
        }
        Ok(match worst.verdict() {
            verdict @ Verdict::Fails(_) => verdict.suspecting(&e_step_or_q(case)),
            verdict => verdict,
        })
    }
    let (name, statement) = ("the_log_likelihood_gains_what_q_gains", "ℓ(θ′) − ℓ(θ) ≥ Q(θ′, θ) − Q(θ, θ)");
    Law::of_any_model(name, statement, Part::EStep, holds)
}

/// Compares the gains of ℓ and of Q from `theta` to each of the others; a share of what was summed is forgiven.
fn gains<M: LatentModel>(
    worst: &mut Worst,
    case: &LatentCase<M>,
    theta: &M::Parameters,
    others: &[M::Parameters],
    share: f64,
) -> Result<(), Error>
where
    M::Observation: Coordinates,
{
    let all = &case.observations;
    let rows = all.counted().into_iter().map(|n| (all.weight(n), all.pick([(n, 1.0)]))).collect::<Vec<_>>();
    let s = case.statistics_at(theta, all)?;
    let old_q = case.model.expected_log_joint(theta, &s);
    let mut old = Vec::with_capacity(rows.len());
    for (_, row) in &rows {
        let (s, evidence) = case.e_step(theta, row)?;
        let q = case.model.expected_log_joint(theta, &s);
        old.push((s, evidence.value(), q));
    }
    for other in others {
        let new: Result<Vec<f64>, Error> = rows.iter().map(|(_, x)| Ok(case.e_step(other, x)?.1.value())).collect();
        // A θ′ under which an observation is impossible has ℓ = −∞, and so has Q.
        let (Ok(new), new_q) = (new, case.model.expected_log_joint(other, &s)) else { continue };
        let mut gain = crate::numeric::Sum::default();
        let (mut size, mut summed) = (0.0, 0.0);
        for (((w, _), (s, l, q)), l_new) in rows.iter().zip(&old).zip(&new) {
            gain.add(w * l_new);
            gain.add(-w * l);
            let q_new = case.model.expected_log_joint(other, s);
            size += w * (1.0 + l.abs() + l_new.abs()) * (1.0 + q.abs() + q_new.abs());
            summed += w * (1.0 + l.abs() + l_new.abs() + q.abs() + q_new.abs());
        }
        let mut tolerance = ROUND_OFF * size + share * summed;
        if gain.value() < new_q - old_q - tolerance {
            tolerance += scatter(case, theta, |observations, s| {
                let gain = case.e_step(other, observations)?.1.value() - case.e_step(theta, observations)?.1.value();
                let [old, new] = [theta, other].map(|theta| case.model.expected_log_joint(theta, s));
                Ok(gain - (new - old))
            });
        }
        let because = format_args!("the gain of the log-likelihood, and that of Q, from θ to another θ′");
        worst.at_least(gain.value(), new_q - old_q, tolerance, because);
    }
    Ok(())
}

/// The objective ℓ + ln prior of EM's own steps never falls.
///
/// Where it does, Q at that step tells whom to suspect: if Q rose, the M-step did what it is for, and the E-step or Q is
/// wrong; if Q fell, the M-step is, or Q.
pub fn the_objective_never_falls<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        if case.model.guarantee() == Guarantee::None {
            return Ok(Verdict::NotPromised("the M-step promises nothing".into()));
        }
        let mut worst = Worst::of("16 ε × Σ w (1 + |ℓ|), before and after; a fall also the scatter of eight re-runs");
        let mut suspects = [Part::MStep, Part::EStep];
        let (mut theta, mut before) = (case.theta.clone(), None::<(f64, f64, Theta, AnyStatistics)>);
        for step in 0..40 {
            let (s, evidence) = match case.e_step(&theta, &case.observations) {
                Ok(answer) => answer,
                Err(_) if step > 1 => break, // A component collapsed on the way: what was seen so far counts.
                Err(error) => return Err(error),
            };
            let objective = evidence.value() + case.model.log_prior(&theta);
            if let Some((old, magnitude, from, at_from)) = before {
                let mut tolerance = ROUND_OFF * (magnitude + evidence.magnitude() + objective.abs());
                if objective < old - tolerance {
                    // The step, not the place where it ends, is computed from the jittered rows.
                    tolerance += scatter(case, &from, |_, s| {
                        let theta = case.model.m_step(&from, s)?;
                        Ok(case.e_step(&theta, &case.observations)?.1.value() + case.model.log_prior(&theta))
                    });
                    let rise = case.penalised(&theta, &at_from) - case.penalised(&from, &at_from);
                    suspects = if rise >= -tolerance { e_step_or_q(case) } else { [Part::MStep, Part::Expected] };
                }
                worst.at_least(objective, old, tolerance, format_args!("the objective after and before step {step}"));
            }
            let new = match case.model.m_step(&theta, &s) {
                Ok(new) => new,
                Err(error) if is_refusal(&error) => break,
                Err(error) => return Err(error),
            };
            before = Some((objective, evidence.magnitude(), std::mem::replace(&mut theta, new), s));
        }
        Ok(worst.verdict().suspecting(&suspects))
    }
    Law::of_any_model("the_objective_never_falls", "ℓ(θ_{t+1}) ≥ ℓ(θ_t), t < 40", Part::MStep, holds).cost(4)
}

/// A fit's last history value is the objective of the parameters it returns, to the bit; and a fit that goes on from
/// there takes the plain steps that the longer fit would have taken.
pub fn a_fit_resumed_is_the_fit<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        let mut worst = Worst::of("none: the same arithmetic gives the same bits");
        let fit = |steps, start| {
            // A jump looks back on more steps than the parameters tell.
            let em = Em::default().tolerance(0.0).max_iterations(steps).acceleration(Acceleration::None);
            em.fit_from(&case.model, &case.observations, start).map_err(Error::from)
        };
        let long = fit(6, case.theta.clone())?;
        let short = fit(3.min(long.iterations()), case.theta.clone())?;
        let resumed = fit(long.iterations() - short.iterations(), short.parameters.clone())?;
        let history = short.history.iter().chain(&resumed.history[1..]);
        for (t, (left, right)) in history.zip(&long.history).enumerate() {
            worst.equal(*left, *right, 0.0, format_args!("the objective after {t} steps, resumed and not"));
        }
        worst.equal(resumed.history[0], short.objective, 0.0, format_args!("the objective of the returned parameters"));
        Ok(worst.verdict())
    }
    Law::of_any_model("a_fit_resumed_is_the_fit", "fit(3 + 3 steps) = fit(6 steps), to the bit", Part::State, holds)
}
