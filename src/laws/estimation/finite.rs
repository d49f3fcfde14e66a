//! Laws of a finite hidden variable: the joint is a density, and the posterior is Bayes' rule.

use std::borrow::Borrow;

use crate::latent::FiniteLatent;
use crate::numeric::{Sum, log_sum_exp};

use crate::laws::densities::members::PRODUCTS;
use crate::laws::integrals::quadrature::{ALLOWED, allowed, total_mass};
use crate::laws::law::Worst;
use crate::laws::view::{ROUND_OFF, SCATTER, View};
use crate::laws::{Coordinates, LatentCase, Law, Observations, Part, Parts, Verdict};

/// ln p(x, z | θ) of one observation, for every z.
pub(crate) fn log_joints<M: FiniteLatent>(case: &LatentCase<M>, theta: &M::Parameters, x: &M::Observation) -> Vec<f64> {
    (0..case.model.states()).map(|z| case.model.log_joint(theta, x, z)).collect()
}

/// p(z | x, θ) of one observation and ln p(x | θ), as the model computes them.
pub(crate) fn posterior<M: FiniteLatent>(
    case: &LatentCase<M>,
    x: &M::Observation,
) -> Result<(Vec<f64>, f64), crate::Error> {
    let alone = Observations::new([(x, 1.0)]);
    let (r, log_evidence) = case.model.posterior(&case.theta, alone.batch())?;
    Ok((r, log_evidence[0]))
}

/// ln p(x, z | θ) is never NaN: at θ, at the rivals and at the θs of M-steps, where parameters may lie on a border.
pub fn the_log_joint_is_never_nan<M: FiniteLatent>() -> Law<LatentCase<M>>
where
    M::Observation: Coordinates,
{
    Law::new("the_log_joint_is_never_nan", "ln p(x, z | θ) ∈ [−∞, ∞]", Part::Density, |case| {
        let mut worst = Worst::of("none");
        let (view, beside) = (View::of(case)?, beside(&case.observations));
        let given = std::iter::once(("θ", &case.theta)).chain(case.rivals.iter().map(|theta| ("a rival", theta)));
        let made: Vec<M::Parameters> = view.m_step(&case.observations)?.into_iter().chain(view.others(8)?).collect();
        for (place, theta) in given.chain(made.iter().map(|theta| ("the θ of an M-step", theta))) {
            for z in 0..case.model.states() {
                let log_joint = |x: &M::Observation| case.model.log_joint(theta, x, z);
                // NaN wherever it is looked at, it is θ that is none: not the density's fault.
                if !beside.is_empty() && beside.iter().all(|x| log_joint(x.borrow()).is_nan()) {
                    continue;
                }
                for n in case.observations.counted() {
                    let because =
                        format_args!("the most that ln p(x, z = {z}) of row {n} may be at {place}, and what it is");
                    worst.at_least(f64::INFINITY, log_joint(case.observations.row(n)), 0.0, because);
                }
            }
        }
        Ok(worst.verdict())
    })
}

/// Observations beside the first few: each of their numbers a little larger.
fn beside<O: Coordinates + ?Sized>(observations: &Observations<O>) -> Vec<O::Owned> {
    let moved = |n: usize, by: u32| {
        let Parts { reals, counts } = Parts::of(observations.row(n));
        let reals = reals.into_iter().map(|x| x + 0.75 * f64::from(by)).collect();
        let counts = counts.into_iter().map(|k| k.saturating_add(by.into())).collect();
        Parts { reals, counts }.assemble::<O>()
    };
    (0..observations.len().min(4)).flat_map(|n| (0..3).filter_map(move |by| moved(n, by))).collect()
}

/// Σ_z ∫ p(x, z | θ) dx = 1, at θ and at the θ of an M-step.
pub fn the_joint_is_normalised<M: FiniteLatent>() -> Law<LatentCase<M>>
where
    M::Observation: Coordinates,
{
    Law::new("the_joint_is_normalised", "Σ_z ∫ p(x, z | θ) dx = 1", Part::Density, |case: &LatentCase<M>| {
        let mut worst = Worst::of(ALLOWED);
        let observations = &case.observations;
        let seen: Vec<Parts> = (0..observations.len()).map(|n| Parts::of(observations.row(n))).collect();
        let allowed = allowed::<M::Observation>(&seen);
        let mass_at = |theta: &M::Parameters| {
            let mut mass = Sum::default();
            for z in 0..case.model.states() {
                let of_state = |x: &M::Observation| case.model.log_joint(theta, x, z);
                mass.add(total_mass(&of_state, case.model.period(), &seen)?);
            }
            Ok::<_, Verdict>(mass.value())
        };
        match mass_at(&case.theta) {
            Ok(mass) => worst.equal(mass, 1.0, allowed, format_args!("the mass of the joint")),
            Err(unknown) => return Ok(unknown),
        }
        let verdict = worst.verdict();
        if matches!(verdict, Verdict::Fails(_)) {
            return Ok(verdict);
        }
        // An M-step may end where the kit sees nothing, such as a spike on one observation.
        let mut worst = Worst::of(ALLOWED);
        if let Some(Ok(mass)) = View::of(case)?.m_step(observations)?.map(|theta| mass_at(&theta)) {
            worst.equal(mass, 1.0, allowed, format_args!("the mass of the joint after an M-step"));
        }
        Ok(match worst.verdict() {
            Verdict::DoesNotApply(_) => verdict,
            // It was one at θ: the M-step makes what is no θ, or the density is wrong on a border.
            after => after.suspecting(&[Part::MStep, Part::Density]),
        })
    })
    .cost(4)
}

/// ln p(x) = ln Σ_z p(x, z).
pub fn the_marginal_sums_the_joint<M: FiniteLatent>() -> Law<LatentCase<M>>
where
    M::Observation: Coordinates,
{
    Law::new("the_marginal_sums_the_joint", "ln p(x) = ln Σ_z p(x, z)", Part::EStep, |case| {
        let mut worst = Worst::of("16 ε (1 + max_z |ln p(x, z)|)");
        for n in case.observations.counted() {
            let x = case.observations.row(n);
            let logs = log_joints(case, &case.theta, x);
            let (_, log_density) = posterior(case, x)?;
            let tolerance = ROUND_OFF * (1.0 + size(&logs));
            worst.equal(log_density, log_sum_exp(&logs), tolerance, format_args!("ln p of row {n}, and of the sum"));
            let (_, evidence) = case.e_step(&case.theta, &case.observations.pick([(n, 1.0)]))?;
            worst.equal(evidence.value(), log_density, tolerance, format_args!("the evidence of row {n}, and ln p"));
        }
        Ok(worst.verdict())
    })
}

/// What a posterior written as exp(ln p(x, z) − ln p(x)) may be off by: ln p(x) is rounded, and it is rounded to |ln p| ε.
/// Beyond half of the digits it is no posterior any more.
fn of_the_sum(states: usize, log_density: f64) -> f64 {
    ROUND_OFF * states as f64 + (2.0 * f64::EPSILON * log_density.abs()).min(f64::EPSILON.sqrt())
}

const OF_THE_SUM: &str = "16 ε K + 2 ε |ln p(x)|, at most √ε";

/// The posterior is non-negative and sums to one.
pub fn the_posterior_is_on_the_simplex<M: FiniteLatent>() -> Law<LatentCase<M>>
where
    M::Observation: Coordinates,
{
    Law::new("the_posterior_is_on_the_simplex", "p(z | x) ≥ 0, Σ_z p(z | x) = 1", Part::EStep, |case| {
        let mut worst = Worst::of(OF_THE_SUM);
        for n in case.observations.counted() {
            let (r, log_density) = posterior(case, case.observations.row(n))?;
            let sum: Sum = r.iter().copied().collect();
            let tolerance = of_the_sum(r.len(), log_density);
            worst.equal(sum.value(), 1.0, tolerance, format_args!("the sum of the posterior of row {n}"));
            for r in r {
                worst.at_least(r, 0.0, 0.0, format_args!("a posterior probability of row {n}"));
            }
        }
        Ok(worst.verdict())
    })
}

/// ln p(x) = ln p(x, z) − ln p(z | x) for every z; where p(x, z) = 0, the posterior is 0.
pub fn the_posterior_is_bayes_rule<M: FiniteLatent>() -> Law<LatentCase<M>>
where
    M::Observation: Coordinates,
{
    Law::new("the_posterior_is_bayes_rule", "p(z | x) p(x) = p(x, z) for every z", Part::EStep, |case| {
        let mut worst = Worst::of("16 ε (1 + max_z |ln p(x, z)|)");
        for n in case.observations.counted() {
            let x = case.observations.row(n);
            let logs = log_joints(case, &case.theta, x);
            let ((r, _), marginal) = (posterior(case, x)?, log_sum_exp(&logs));
            for (z, (&r, &l)) in r.iter().zip(&logs).enumerate() {
                // Below the least normal number a posterior has no digits left, only a size.
                if r.ln().max(l - marginal) > f64::MIN_POSITIVE.ln() {
                    let tolerance = ROUND_OFF * (1.0 + l.abs() + marginal.abs());
                    worst.equal(
                        r.ln(),
                        l - marginal,
                        tolerance,
                        format_args!("ln p(z = {z} | x) of row {n}, and Bayes"),
                    );
                }
            }
        }
        Ok(worst.verdict())
    })
}

/// The kernel of a whole block, `log_joints`, is `log_joint` row by row.
pub fn the_kernel_of_a_block_is_the_joint<M: FiniteLatent>() -> Law<LatentCase<M>>
where
    M::Observation: Coordinates,
{
    Law::new("the_kernel_of_a_block_is_the_joint", "log_joints[z][n] = log_joint(x_n, z)", Part::Kernel, |case| {
        let mut worst = Worst::of("16 ε (1 + max_z |ln p(x, z)|) + 2⁻⁴²");
        let (states, rows) = (case.model.states(), case.observations.len());
        let mut tile = vec![f64::NAN; states * rows];
        case.model.log_joints(&case.theta, case.observations.batch().block(), &mut tile);
        for n in 0..rows {
            let logs = log_joints(case, &case.theta, case.observations.row(n));
            for (z, &l) in logs.iter().enumerate() {
                let tolerance = PRODUCTS + ROUND_OFF * (1.0 + size(&logs));
                worst.equal(tile[z * rows + n], l, tolerance, format_args!("ln p(x, z = {z}) of row {n}, by block"));
            }
        }
        Ok(worst.verdict())
    })
}

/// The E-step observes (x, z) under w p(z | x), for every z.
pub fn the_e_step_observes_every_state<M: FiniteLatent>() -> Law<LatentCase<M>>
where
    M::Observation: Coordinates,
{
    Law::new("the_e_step_observes_every_state", "S = Σ_n Σ_z w_n p(z | x_n) T(x_n, z)", Part::Statistics, |case| {
        let (view, mut worst) = (View::of(case)?, Worst::of(SCATTER));
        let by_hand = |all: &Observations<M::Observation>| {
            let mut s = FiniteLatent::statistics(&case.model, &case.theta);
            for n in all.counted() {
                for (z, r) in posterior(case, all.row(n))?.0.into_iter().enumerate() {
                    if r > 0.0 {
                        case.model.observe(&mut s, all.row(n), z, all.weight(n) * r);
                    }
                }
            }
            Ok(s)
        };
        view.compare(&mut worst, &by_hand, &|all| case.statistics(all))?;
        Ok(worst.verdict())
    })
}

/// However far an observation lies, if some p(x, z) is positive then ln p(x) is finite and the posterior sums to one.
pub fn a_far_outlier_has_a_posterior<M: FiniteLatent>() -> Law<LatentCase<M>>
where
    M::Observation: Coordinates,
{
    Law::new(
        "a_far_outlier_has_a_posterior",
        "x → ±1e100: ln p(x) > −∞, Σ_z p(z | x) = 1",
        Part::EStep,
        |case| {
            let mut worst = Worst::of(OF_THE_SUM);
            let all = &case.observations;
            if all.is_empty() || Parts::of(all.row(0)).reals.is_empty() {
                return Ok(Verdict::NotPromised("the kit cannot move observations of this type".into()));
            }
            let reach = all.reach().max(1.0);
            for factor in [60.0, 1e3, 1e8, 1e12, 1e100] {
                for sign in [1.0, -1.0] {
                    let Some(far) = all.pick([(0, 1.0)]).map(&mut |x| x + sign * factor * reach) else { continue };
                    let logs = log_joints(case, &case.theta, far.row(0));
                    let marginal = log_sum_exp(&logs);
                    if !marginal.is_finite() {
                        continue; // Off the support, or overflown: the model may refuse.
                    }
                    let because = format_args!("an observation {factor:e} times as far as the data");
                    match posterior(case, far.row(0)) {
                        Ok((r, log_density)) => {
                            let sum: Sum = r.iter().copied().collect();
                            worst.equal(sum.value(), 1.0, of_the_sum(r.len(), marginal), because);
                            worst.equal(log_density, marginal, ROUND_OFF * (1.0 + size(&logs)), because);
                        }
                        Err(_) => worst.equal(f64::NEG_INFINITY, marginal, 0.0, because),
                    }
                }
            }
            Ok(match worst.verdict() {
                Verdict::DoesNotApply(_) => Verdict::NotPromised("far observations lie off the support".into()),
                verdict => verdict,
            })
        },
    )
}

/// max |l| of those that are finite.
fn size(logs: &[f64]) -> f64 {
    logs.iter().filter(|l| l.is_finite()).fold(0.0, |size, l| size.max(l.abs()))
}
