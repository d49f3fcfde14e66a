//! Laws of symmetry: what a change of names, of origin or of unit leaves as it was.

use crate::distributions::{Distribution, Estimate};
use crate::error::Error;
use crate::latent::LatentModel;
use crate::models::Mixture;

use crate::laws::law::Worst;
use crate::laws::view::{RERUNS, ROUND_OFF, headroom};
use crate::laws::{Coordinates, LatentCase, Law, Observations, Part, Parts, Relabel, Scale, Shift, Verdict};

/// ln p of every row that counts at θ, and at the θ of one EM step from there.
type Rows = (Vec<f64>, Option<Vec<f64>>);

/// One EM step on `data`, its outcome looked at on `rows`.
fn step<M: LatentModel>(
    case: &LatentCase<M>,
    theta: &M::Parameters,
    data: &Observations<M::Observation>,
    rows: &Observations<M::Observation>,
) -> Result<Rows, Error> {
    let at = |theta: &M::Parameters| -> Result<Vec<f64>, Error> {
        rows.counted().into_iter().map(|n| Ok(case.e_step(theta, &rows.pick([(n, 1.0)]))?.1.value())).collect()
    };
    let new = case.model.m_step(theta, &case.e_step(theta, data)?.0);
    Ok((at(theta)?, new.and_then(|new| at(&new)).ok()))
}

/// Compares two outcomes row by row; the tolerance is that of round-off plus the headroom × the scatter of the re-runs.
fn compare(worst: &mut Worst, left: &Rows, right: &Rows, reruns: &[Rows], headroom: f64) {
    fn of(rows: &Rows, stepped: bool) -> Option<&[f64]> {
        if stepped { rows.1.as_deref() } else { Some(&rows.0) }
    }
    let normaliser = left.0.iter().fold(0.0, |m: f64, l| m.max(l.abs()));
    for (stepped, when) in [(false, "before"), (true, "after")] {
        let (Some(a), Some(b)) = (of(left, stepped), of(right, stepped)) else { continue };
        // If the model refuses the step of a re-run, round-off decides what the step is.
        if reruns.iter().any(|r| of(r, stepped).is_none()) {
            continue;
        }
        for n in 0..a.len() {
            let moved = reruns.iter().filter_map(|r| of(r, stepped)).map(|r| (r[n] - b[n]).abs());
            let scatter = moved.filter(|d| d.is_finite()).fold(0.0, f64::max);
            let tolerance = 4.0 * ROUND_OFF * (1.0 + a[n].abs() + normaliser) + headroom * scatter;
            worst.equal(a[n], b[n], tolerance, format_args!("ln p of row {n} {when} an EM step"));
        }
    }
}

const SCATTER: &str = "64 ε (1 + |ℓ| + B) + 4 √(3n) × the scatter of eight re-runs, n jittered inputs";

/// EM does not know the names of the components: renamed parameters give the same densities, before a step and after.
pub fn labels_do_not_matter<M: LatentModel>() -> Law<LatentCase<M>>
where
    M::Observation: Coordinates,
    M::Parameters: Relabel,
{
    Law::new("labels_do_not_matter", "p(x | σθ) = p(x | θ), EM(σθ) = σ EM(θ)", Part::MStep, |case| {
        let (mut worst, data) = (Worst::of(SCATTER), &case.observations);
        let renamed = case.theta.relabelled();
        let reruns: Vec<Rows> = (0..RERUNS)
            .filter_map(|seed| step(case, &renamed, &case.jittered(&case.theta, data, seed), data).ok())
            .collect();
        let (left, right) = (step(case, &case.theta, data, data)?, step(case, &renamed, data, data)?);
        compare(&mut worst, &left, &right, &reruns, headroom(data));
        Ok(worst.verdict())
    })
}

/// Data moved by 2²⁴ times their size, exactly, and θ with them: the same densities, before an EM step and after.
pub fn a_huge_shift_changes_nothing<M: LatentModel>() -> Law<LatentCase<M>>
where
    M::Observation: Coordinates,
    M::Parameters: Shift,
{
    let statement = "p(x + b | θ + b) = p(x | θ), EM(θ + b) on x + b = EM(θ) on x, plus b";
    Law::new("a_huge_shift_changes_nothing", statement, Part::Statistics, |case| {
        let mut worst = Worst::of(SCATTER);
        let by = 2f64.powi(24) * case.observations.reach().max(1.0).log2().ceil().exp2();
        // What survives the shift and the way back moves exactly from there on.
        let (snapped, moved) = (case.observations.map(&mut |x| (x + by) - by), case.observations.map(&mut |x| x + by));
        let (Some(snapped), Some(moved)) = (snapped, moved) else {
            return Ok(Verdict::NotPromised("the kit cannot move observations of this type".into()));
        };
        let theta_moved = case.theta.shifted(by)?;
        let theta = theta_moved.shifted(-by)?;
        let reruns: Vec<Rows> = (0..RERUNS)
            .filter_map(|seed| step(case, &theta_moved, &case.jittered(&theta_moved, &moved, seed), &moved).ok())
            .collect();
        // Scatter of the densities themselves: the jittered rows, looked at where they lie.
        let at_rows = (RERUNS..2 * RERUNS).filter_map(|seed| {
            let rows = case.jittered(&theta_moved, &moved, seed);
            step(case, &theta_moved, &moved, &rows).ok()
        });
        let reruns: Vec<Rows> = reruns.into_iter().chain(at_rows).collect();
        let (left, right) = (step(case, &theta, &snapped, &snapped)?, step(case, &theta_moved, &moved, &moved)?);
        let refused = |rows: &Rows| rows.1.is_none();
        if refused(&left) || refused(&right) || reruns.iter().any(refused) {
            // At the border of what a model refuses, round-off decides: a variance that the moved data's own rounding
            // explains is none. A model that refuses most of them leaves the law without cases, which is a failure too.
            return Ok(Verdict::DoesNotApply("the model refused the step, of the data or of the moved data".into()));
        }
        compare(&mut worst, &left, &right, &reruns, headroom(&moved));
        Ok(worst.verdict())
    })
}

/// Data in another unit, 2²⁰ times larger or smaller, exactly, and θ with them: the density in that unit, before an EM
/// step and after.
pub fn a_change_of_unit_changes_nothing<M: LatentModel>() -> Law<LatentCase<M>>
where
    M::Observation: Coordinates,
    M::Parameters: Scale,
{
    let statement = "cᴰ p(c x | c θ) = p(x | θ), EM(c θ) on c x = c EM(θ), for c = 2²⁰ and 2⁻²⁰";
    Law::new("a_change_of_unit_changes_nothing", statement, Part::MStep, |case| {
        let (mut worst, data) = (Worst::of(SCATTER), &case.observations);
        let numbers: Vec<f64> = data.counted().into_iter().map(|n| Parts::of(data.row(n)).reals.len() as f64).collect();
        for factor in [2f64.powi(20), 2f64.powi(-20)] {
            let Some(stretched) = data.map(&mut |x| factor * x) else {
                return Ok(Verdict::NotPromised("the kit cannot move observations of this type".into()));
            };
            // ln p of the data as they are, in the other unit.
            let in_unit = |rows: Rows| -> Rows {
                let of = |logs: Vec<f64>| logs.iter().zip(&numbers).map(|(l, d)| l - d * factor.ln()).collect();
                (of(rows.0), rows.1.map(of))
            };
            let reruns: Vec<Rows> = (0..RERUNS)
                .filter_map(|seed| step(case, &case.theta, &case.jittered(&case.theta, data, seed), data).ok())
                .map(in_unit)
                .collect();
            let theta = case.theta.scaled(factor)?;
            let (left, right) = (step(case, &theta, &stretched, &stretched)?, step(case, &case.theta, data, data)?);
            if left.1.is_none() != right.1.is_none()
                && reruns.iter().all(|rerun| rerun.1.is_some() == right.1.is_some())
            {
                let says = |rows: &Rows| f64::from(u8::from(rows.1.is_some()));
                let because = format_args!("whether there is an M-step of the data in another unit, and as they are");
                worst.equal(says(&left), says(&right), 0.0, because);
            }
            compare(&mut worst, &left, &in_unit(right), &reruns, headroom(data));
        }
        Ok(worst.verdict())
    })
}

/// A family of one component is fitted in one step: a mixture of equal components gives each the estimate of all data,
/// unless each has a prior, which counts for more beside half of the data.
pub fn equal_components_are_one<D: Estimate + Distribution>() -> Law<crate::laws::EstimateCase<D>>
where
    D::Value: Coordinates,
{
    Law::new("equal_components_are_one", "EM on (p, p) = the estimate, twice", Part::MStep, |case| {
        if case.theta.log_prior().is_some() {
            return Ok(Verdict::NotPromised("two components have two priors".into()));
        }
        let (mut worst, data) = (Worst::of(SCATTER), &case.observations);
        let mixture = Mixture::of(vec![case.theta.clone(), case.theta.clone()])?;
        let pair = LatentCase::new(mixture.clone(), mixture, data.clone());
        let reruns: Vec<Rows> = (0..RERUNS)
            .filter_map(|seed| step(case, &case.theta, &case.jittered(&case.theta, data, seed), data).ok())
            .collect();
        let (left, right) = (step(&pair, &pair.theta, data, data)?, step(case, &case.theta, data, data)?);
        compare(&mut worst, &left, &right, &reruns, headroom(data));
        Ok(worst.verdict())
    })
}
