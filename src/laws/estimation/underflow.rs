//! Laws of the E-step where probabilities are too small for 64 bits: nothing is lost to a product that underflows.

use crate::latent::LatentModel;

use crate::laws::any_model::{AnyCase, Examinable, Theta};
use crate::laws::law::Worst;
use crate::laws::view::{RERUNS, headroom, spread};
use crate::laws::{Coordinates, LatentCase, Law, Observations, Part, Verdict};

/// How much further out the numbers of a row are moved from one look to the next. A model that loses a state does so
/// from some distance on, and at another distance at another θ: between the two the EM inequality is broken.
const FURTHER: f64 = 1.15;
/// How many times: the last look is at numbers 4 000 times as large.
const LOOKS: i32 = 60;
/// How many rows are moved.
const ROWS: usize = 3;
/// ln p(x | θ) of the E-step, −∞ if it calls the row impossible; `None` if it refuses the row for another reason.
fn log_density<M: LatentModel>(
    case: &LatentCase<M>,
    theta: &M::Parameters,
    row: &Observations<M::Observation>,
) -> Option<(Option<M::Statistics>, f64)> {
    match case.e_step(theta, row) {
        Ok((s, evidence)) => Some((Some(s), evidence.value())),
        Err(error) if error.is_impossible() => Some((None, f64::NEG_INFINITY)),
        Err(_) => None,
    }
}

/// The log-likelihood of each row is ln Σ_z p(x, z | θ) summed in logarithms, where the model has such a sum: for the
/// rows as they are and with numbers up to a thousand times as large, at θ and at the rivals.
pub fn logarithms_give_the_same_log_likelihood<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Verdict {
        let mut worst = Worst::of("√ε (1 + |ℓ|), half of the digits");
        let all = &case.observations;
        for n in all.counted() {
            let row = all.pick([(n, 1.0)]);
            for factor in [1.0, 4.0, 16.0, 64.0, 256.0, 1024.0] {
                let Some(row) = (if factor == 1.0 { Some(row.clone()) } else { row.map(&mut |x| factor * x) }) else {
                    break;
                };
                for theta in std::iter::once(&case.theta).chain(&case.rivals) {
                    let Some(sum) = case.model.summed_in_logarithms(theta, row.row(0)).filter(|l| !l.is_nan()) else {
                        continue;
                    };
                    let Some((_, log_density)) = log_density(case, theta, &row) else { continue };
                    worst.equal(
                        log_density,
                        sum,
                        f64::EPSILON.sqrt() * (1.0 + sum.abs()),
                        format_args!("ln p of row {n}, its numbers times {factor}, by the E-step and in logarithms"),
                    );
                }
            }
        }
        match worst.verdict() {
            Verdict::DoesNotApply(_) => Verdict::NotPromised("the model has no sum in logarithms".into()),
            verdict => verdict,
        }
    }
    let (name, statement) =
        ("logarithms_give_the_same_log_likelihood", "ℓ(θ) = ln Σ_z exp ln p(x, z | θ), however small p");
    Law::of_any_model(name, statement, Part::EStep, |case| Ok(holds(case)))
}

/// The EM inequality also holds of rows whose numbers are larger and larger, up to 4 000 times, until one state of two is
/// too unlikely for a product of probabilities.
///
/// It needs no sum in logarithms, but a second θ and numbers that can be moved: a state that is lost at both θs from
/// the same row on, and in data of categories alone, goes unseen.
pub fn no_state_is_lost_far_out<M: Examinable>() -> Law<LatentCase<M>> {
    fn holds(case: &AnyCase<'_>) -> Verdict {
        let mut worst =
            Worst::of("√ε (1 + |ℓ| + |ℓ′| + |Q| + |Q′|), half of the digits, and the scatter of eight re-runs");
        let all = &case.observations;
        let made = case.statistics(all).and_then(|s| case.model.m_step(&case.theta, &s)).ok();
        let others: Vec<&Theta> = case.rivals.iter().take(2).chain(&made).collect();
        for n in all.counted().into_iter().take(ROWS) {
            for look in 0..=LOOKS {
                let factor = FURTHER.powi(look);
                let Some(row) = all.pick([(n, 1.0)]).map(&mut |x| factor * x) else {
                    return Verdict::NotPromised("the kit cannot move observations of this type".into());
                };
                for &other in &others {
                    let because =
                        format_args!("the gain of ℓ and that of Q, row {n} with its numbers times {factor:.3}");
                    inequality(&mut worst, case, [&case.theta, other], &row, because);
                    inequality(&mut worst, case, [other, &case.theta], &row, because);
                }
            }
        }
        match worst.verdict() {
            Verdict::DoesNotApply(_) => Verdict::NotPromised("far observations lie off the support".into()),
            verdict => verdict,
        }
    }
    let (name, statement) = ("no_state_is_lost_far_out", "x → c x: ℓ(θ′) − ℓ(θ) ≥ Q(θ′, θ) − Q(θ, θ)");
    Law::of_any_model(name, statement, Part::EStep, |case| Ok(holds(case))).cost(8)
}

/// ℓ(b) − ℓ(a) ≥ Q(b, s) − Q(a, s) for the statistics of one row at a; where Q is finite, so is ℓ.
fn inequality<M: LatentModel>(
    worst: &mut Worst,
    case: &LatentCase<M>,
    ends: [&M::Parameters; 2],
    row: &Observations<M::Observation>,
    because: std::fmt::Arguments<'_>,
) where
    M::Observation: Coordinates,
{
    let Some(Gains { of_l, of_q, size }) = gains(case, ends, row) else { return };
    let mut tolerance = f64::EPSILON.sqrt() * size;
    if of_l < of_q - tolerance {
        // A θ on the border of what is one may leave fewer digits than half of them.
        let rerun = |seed| gains(case, ends, &row.jittered(seed, &|_| true)).map(|gains| gains.of_l - gains.of_q);
        tolerance += headroom(row) * spread(of_l - of_q, &mut (0..RERUNS).filter_map(rerun));
    }
    worst.at_least(of_l, of_q, tolerance, because);
}

/// What ℓ and Q of a row gain from one θ to another, and the size of what was subtracted.
struct Gains {
    of_l: f64,
    of_q: f64,
    size: f64,
}

/// `None` where the row is impossible at the first θ, or Q is no finite number.
fn gains<M: LatentModel>(
    case: &LatentCase<M>,
    [a, b]: [&M::Parameters; 2],
    row: &Observations<M::Observation>,
) -> Option<Gains> {
    let ((s, l), (_, l_new)) = (log_density(case, a, row)?, log_density(case, b, row)?);
    let s = s?;
    let [q, q_new] = [a, b].map(|theta| case.model.expected_log_joint(theta, &s));
    if !q.is_finite() || !q_new.is_finite() || l_new.is_nan() {
        return None; // Where Q is −∞ so may ℓ be, and what is no number other laws see.
    }
    let size = [l, l_new, q, q_new].iter().filter(|x| x.is_finite()).fold(1.0, |size, x| size + x.abs());
    Some(Gains { of_l: l_new - l, of_q: q_new - q, size })
}
