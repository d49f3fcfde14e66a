//! Laws of single calls: the same call gives the same bits, Q is a number, and an M-step makes a θ of the model.

use crate::data::AnyStatistics;
use crate::error::Error;
use crate::latent::LatentModel;

use crate::laws::any_model::{AnyCase, Examinable};
use crate::laws::law::{Outcome, Worst};
use crate::laws::view::View;
use crate::laws::{LatentCase, Law, Observations, Part, Verdict};

/// An E-step or an M-step that is taken again gives the same bits.
pub fn the_same_step_gives_the_same_bits<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        let mut worst = Worst::of("none: the same arithmetic gives the same bits");
        let all = &case.observations;
        // Rows by themselves too: what alternates from call to call may come out even over all of them.
        let alone = all.counted().into_iter().map(|n| (format!("row {n}"), all.pick([(n, 1.0)])));
        for (what, data) in std::iter::once(("all rows".to_owned(), all.clone())).chain(alone) {
            twice(case, &data, &what, &mut worst)?;
        }
        Ok(worst.verdict())
    }
    let (name, statement) = ("the_same_step_gives_the_same_bits", "S = S and θ′ = θ′, computed twice");
    Law::of_any_model(name, statement, Part::State, holds)
}

/// Takes an E-step and an M-step twice and compares what they show: the evidence, and Q.
fn twice<M: LatentModel>(
    case: &LatentCase<M>,
    data: &Observations<M::Observation>,
    what: &str,
    worst: &mut Worst,
) -> Result<(), Error> {
    let (model, theta) = (&case.model, &case.theta);
    let ((s, evidence), (again, evidence_again)) = (case.e_step(theta, data)?, case.e_step(theta, data)?);
    let mut same = |left: f64, right: f64, of: &str| {
        if left.is_nan() && right.is_nan() {
            worst.nothing_wrong();
        } else {
            worst.equal(left, right, 0.0, format_args!("{of} of {what}, computed twice"));
        }
    };
    same(evidence.value(), evidence_again.value(), "the evidence");
    for place in std::iter::once(theta).chain(&case.rivals) {
        same(model.expected_log_joint(place, &s), model.expected_log_joint(place, &again), "Q at θ or at a rival");
    }
    if let (Ok(new), Ok(new_again)) = (model.m_step(theta, &s), model.m_step(theta, &s)) {
        same(model.expected_log_joint(&new, &s), model.expected_log_joint(&new_again, &s), "Q at the θ of the M-step");
    }
    Ok(())
}

/// What an M-step makes, `check` accepts, and the E-step there is no NaN.
pub fn the_m_step_makes_a_theta_of_the_model<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        let (view, mut worst) = (View::of(case)?, Worst::of("none"));
        // Also from few rows, or none, where a component or a state may be left without any.
        let few = case.observations.counted().into_iter().take(3).map(|n| case.observations.pick([(n, 1.0)]));
        let tilted = (0..8).map(|round| case.observations.tilted(round));
        for data in std::iter::once(case.observations.clone()).chain(few).chain(tilted) {
            let Some(theta) = view.m_step(&data)? else { continue };
            if let Err(error) = case.model.check(&theta) {
                worst.equal(f64::NAN, 0.0, 0.0, format_args!("check refuses the θ of an M-step: {error}"));
            }
            let evidence = match case.e_step(&theta, &case.observations) {
                Ok((_, evidence)) => evidence.value(),
                Err(Error::Unbounded { log_density, .. }) => log_density,
                Err(_) => f64::NEG_INFINITY,
            };
            worst.at_least(f64::INFINITY, evidence, 0.0, format_args!("the most that ℓ(θ′) may be, and what it is"));
        }
        Ok(match worst.verdict() {
            Verdict::DoesNotApply(_) => Verdict::DoesNotApply("the model refuses these statistics".into()),
            verdict => verdict,
        })
    }
    let (name, statement) = ("the_m_step_makes_a_theta_of_the_model", "check(θ′) = ok, ℓ(θ′) is a number");
    Law::of_any_model(name, statement, Part::MStep, holds)
}

/// Q(θ′, s) is never NaN: at θ, at the rivals and at the θs of M-steps, where parameters may lie on a border.
pub fn q_is_never_nan<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Outcome {
        let (view, mut worst) = (View::of(case)?, Worst::of("none"));
        let statistics: Vec<AnyStatistics> =
            (0..4).map(|round| case.statistics(&case.observations.tilted(round))).collect::<Result<_, _>>()?;
        let places = view.m_step(&case.observations)?.into_iter().chain(view.others(8)?);
        for theta in std::iter::once(case.theta.clone()).chain(places) {
            for s in statistics.iter().chain([&view.statistics]).chain(&view.of_rows) {
                let q = case.model.expected_log_joint(&theta, s);
                worst.at_least(f64::MAX, q, 0.0, format_args!("the most that Q may be, and what it is"));
            }
        }
        Ok(worst.verdict())
    }
    Law::of_any_model("q_is_never_nan", "Q(θ′, s) ∈ [−∞, ∞)", Part::Expected, holds)
}
