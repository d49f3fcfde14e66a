//! Laws of EM: ℓ(θ′) − ℓ(θ) ≥ Q(θ′, θ) − Q(θ, θ) for any θ′, hence a monotone objective.
//!
//! "Q rises" is broken by an M-step or by statistics alone, the EM inequality by an E-step alone: together they name
//! whom monotonicity only accuses.

use crate::em::Em;
use crate::error::Error;
use crate::latent::{Guarantee, LatentModel};

use super::law::Worst;
use super::view::{ROUND_OFF, View, scatter};
use super::{Coordinates, LatentCase, Law, Part, Verdict};

/// ℓ(θ′) − ℓ(θ) ≥ Q(θ′, θ) − Q(θ, θ), for the θ′ of M-steps and any other: what Q gains, ℓ gains at least.
///
/// The tolerance has the product of the sizes of ℓ and Q, since the posterior is the exponential of a difference.
pub fn the_log_likelihood_gains_what_q_gains<M: LatentModel>() -> Law<LatentCase<M>>
where
    M::Observation: Coordinates,
{
    let (name, statement) = ("the_log_likelihood_gains_what_q_gains", "ℓ(θ′) − ℓ(θ) ≥ Q(θ′, θ) − Q(θ, θ)");
    Law::new(name, statement, Part::EStep, |case| {
        let view = View::of(case)?;
        let mut worst = Worst::of("16 ε × Σ w (1 + |ℓ|)(1 + |Q|); a loss also the scatter of eight re-runs");
        let s = case.statistics(&case.observations)?;
        let (old_q, old_rows) = (case.model.expected_log_joint(&case.theta, &s), view.q_at(&case.theta));
        let mut others = view.others(8)?;
        others.extend(view.m_step(&case.observations)?);
        for other in others {
            // A θ′ under which an observation is impossible has ℓ = −∞, and so has Q.
            let (Ok(new), new_q) = (view.log_densities_at(&other), case.model.expected_log_joint(&other, &s)) else {
                continue;
            };
            let mut gain = crate::numeric::Sum::default();
            let mut size = 0.0;
            let rows = view.weights.iter().zip(&view.log_densities).zip(&new);
            for ((((w, l), l_new), q), q_new) in rows.zip(&old_rows).zip(view.q_at(&other)) {
                gain.add(w * l_new);
                gain.add(-w * l);
                size += w * (1.0 + l.abs() + l_new.abs()) * (1.0 + q.abs() + q_new.abs());
            }
            let mut tolerance = ROUND_OFF * size;
            if gain.value() < new_q - old_q - tolerance {
                tolerance += scatter(case, &case.theta, |observations, s| {
                    let gain = case.e_step(&other, observations)?.1.value()
                        - case.e_step(&case.theta, observations)?.1.value();
                    let [old, new] = [&case.theta, &other].map(|theta| case.model.expected_log_joint(theta, s));
                    Ok(gain - (new - old))
                });
            }
            let because = || "the gain of the log-likelihood, and that of Q, from θ to another θ′".into();
            worst.at_least(gain.value(), new_q - old_q, tolerance, because);
        }
        Ok(worst.verdict())
    })
}

/// The objective ℓ + ln prior of EM's own steps never falls.
pub fn the_objective_never_falls<M: LatentModel>() -> Law<LatentCase<M>>
where
    M::Observation: Coordinates,
{
    Law::new("the_objective_never_falls", "ℓ(θ_{t+1}) ≥ ℓ(θ_t), t < 40", Part::MStep, |case: &LatentCase<M>| {
        if case.model.guarantee() == Guarantee::None {
            return Ok(Verdict::NotPromised("the M-step promises nothing".into()));
        }
        let mut worst = Worst::of("16 ε × Σ w (1 + |ℓ|), before and after; a fall also the scatter of eight re-runs");
        let (mut theta, mut before) = (case.theta.clone(), None::<(f64, f64, M::Parameters)>);
        for step in 0..40 {
            let (s, evidence) = match case.e_step(&theta, &case.observations) {
                Ok(answer) => answer,
                Err(_) if step > 1 => break, // A component collapsed on the way: what was seen so far counts.
                Err(error) => return Err(error),
            };
            let objective = evidence.value() + case.model.log_prior(&theta);
            if let Some((old, magnitude, from)) = before {
                let mut tolerance = ROUND_OFF * (magnitude + evidence.magnitude() + objective.abs());
                if objective < old - tolerance {
                    // The step, not the place where it ends, is computed from the jittered rows.
                    tolerance += scatter(case, &from, |_, s| {
                        let theta = case.model.m_step(&from, s)?;
                        Ok(case.e_step(&theta, &case.observations)?.1.value() + case.model.log_prior(&theta))
                    });
                }
                worst.at_least(objective, old, tolerance, || format!("the objective after and before step {step}"));
            }
            before = Some((objective, evidence.magnitude(), theta.clone()));
            theta = match case.model.m_step(&theta, &s) {
                Ok(theta) => theta,
                Err(error) if super::law::is_refusal(&error) => break,
                Err(error) => return Err(error),
            };
        }
        Ok(worst.verdict())
    })
    .cost(4)
}

/// A fit's last history value is the objective of the parameters it returns, to the bit; and a fit that goes on from
/// there takes the steps that the longer fit would have taken.
pub fn a_fit_resumed_is_the_fit<M: LatentModel>() -> Law<LatentCase<M>>
where
    M::Observation: Coordinates,
    M::Parameters: Send,
{
    Law::new("a_fit_resumed_is_the_fit", "fit(3 + 3 steps) = fit(6 steps), to the bit", Part::State, |case| {
        let mut worst = Worst::of("none: the same arithmetic gives the same bits");
        let fit = |steps, start| {
            let em = Em::default().tolerance(0.0).max_iterations(steps);
            em.fit_from(&case.model, &case.observations, start).map_err(Error::from)
        };
        let long = fit(6, case.theta.clone())?;
        let short = fit(3.min(long.iterations()), case.theta.clone())?;
        let resumed = fit(long.iterations() - short.iterations(), short.parameters.clone())?;
        let history = short.history.iter().chain(&resumed.history[1..]);
        for (t, (left, right)) in history.zip(&long.history).enumerate() {
            worst.equal(*left, *right, 0.0, || format!("the objective after {t} steps, resumed and not"));
        }
        worst.equal(resumed.history[0], short.objective, 0.0, || "the objective of the returned parameters".into());
        Ok(worst.verdict())
    })
}
