//! Law of kernels that see several members of a family at once: they do what each member does alone, row by row.

use std::borrow::Borrow;

use crate::data::{InMemory, Observation};
use crate::distributions::Estimate;

use crate::laws::law::Worst;
use crate::laws::view::{ROUND_OFF, View};
use crate::laws::{Coordinates, EstimateCase, Law, Observations, Part, Parts};

/// What products may lose of a log-density, in nats: 2⁻⁴².
pub(crate) const PRODUCTS: f64 = 2.273_736_754_432_320_6e-13;
/// How far the data are moved: the second costs whoever squares them all digits.
const OFFSETS: [u64; 3] = [0, 1 << 20, 100_000_000];

/// `log_densities_each` is `log_density` and `observe_each` adds what `observe` adds, member by member and row by row; also
/// for members that fit the data after a move by 2²⁰ or by 1e8, where sums of products lose their digits.
pub fn members_at_once_are_each_alone<D: Estimate>() -> Law<EstimateCase<D>>
where
    D::Value: Coordinates,
{
    let statement = "log_densities_each[k][n] = ln p_k(x_n), observe_each = observe of each";
    Law::new("members_at_once_are_each_alone", statement, Part::Kernel, |case: &EstimateCase<D>| {
        let mut worst =
            Worst::of("16 ε (1 + max |ln p|) + 2⁻⁴² of ln p; of Q what round-off and eight re-runs explain");
        // A prior stays where it is, and what is estimated with it does not fit data that move away.
        let offsets = if case.theta.log_prior().is_some() { &OFFSETS[..1] } else { &OFFSETS };
        for &offset in offsets {
            let Some(observations) = moved(&case.observations, offset) else { continue };
            let fitted = |all: &Observations<D::Value>| case.theta.estimate(&observed(&case.theta, all));
            // Where the family cannot follow, there is nothing to see.
            let theta = if offset == 0 { Ok(case.theta.clone()) } else { fitted(&observations) };
            let Ok(theta) = theta else { continue };
            let second = fitted(&tilted(&observations)).unwrap_or_else(|_| theta.clone());
            compare(&mut worst, &EstimateCase::of(theta, observations), &second)?;
        }
        Ok(worst.verdict())
    })
    .cost(4)
}

fn compare<D: Estimate>(worst: &mut Worst, case: &EstimateCase<D>, second: &D) -> Result<(), crate::Error>
where
    D::Value: Coordinates,
{
    let (members, rows) = ([&case.theta, second], case.observations.len());
    let mut tile = vec![f64::NAN; 2 * rows];
    D::log_densities_each(&members, case.observations.block(), &mut tile);
    for (k, (member, row)) in members.iter().zip(tile.chunks_exact(rows)).enumerate() {
        let alone: Vec<f64> = (0..rows).map(|n| member.log_density(case.observations.row(n))).collect();
        let largest = alone.iter().filter(|l| l.is_finite()).fold(0.0, |m: f64, l| m.max(l.abs()));
        for (n, (&left, &right)) in row.iter().zip(&alone).enumerate() {
            let because = format_args!("ln p of row {n} under member {k}, with the others and alone");
            worst.equal(left, right, PRODUCTS + ROUND_OFF * (1.0 + largest), because);
        }
    }
    if case.observations.counted().iter().any(|&n| case.theta.log_density(case.observations.row(n)).is_infinite()) {
        return Ok(());
    }
    let view = View::of(case)?;
    for k in 0..2 {
        let together = |all: &Observations<D::Value>| {
            let other = tilted(all);
            let weights = [all.weights(), other.weights()].map(Option::unwrap_or_default).concat();
            let mut sums: Vec<D::Statistics> = members.iter().map(|member| member.statistics()).collect();
            D::observe_each(&members, &mut sums.iter_mut().collect::<Vec<_>>(), all.block(), &weights);
            Ok(sums.swap_remove(k))
        };
        let alone = |all: &Observations<D::Value>| {
            Ok(if k == 0 { observed(members[k], all) } else { observed(members[k], &tilted(all)) })
        };
        view.compare(worst, &together, &alone)?;
    }
    Ok(())
}

/// The same rows under other weights.
fn tilted<O: Observation + ?Sized>(observations: &Observations<O>) -> Observations<O> {
    observations.tilted(1)
}

/// The statistics of the rows that count, one by one.
fn observed<D: Estimate>(member: &D, observations: &Observations<D::Value>) -> D::Statistics {
    let mut s = member.statistics();
    for n in observations.counted() {
        member.observe(&mut s, observations.row(n), observations.weight(n));
    }
    s
}

/// Every number moved, or where there are none every count; `None` where that is no observation any more.
fn moved<O: Coordinates + ?Sized>(observations: &Observations<O>, offset: u64) -> Option<Observations<O>> {
    if offset == 0 {
        return Some(observations.clone());
    }
    let mut all = Observations::new(std::iter::empty::<(&O, f64)>());
    for n in 0..observations.len() {
        let Parts { mut reals, mut counts } = Parts::of(observations.row(n));
        if reals.is_empty() {
            counts.iter_mut().for_each(|k| *k += offset);
        }
        reals.iter_mut().for_each(|x| *x += offset as f64);
        all.push(Parts { reals, counts }.assemble::<O>()?.borrow(), observations.weight(n));
    }
    Some(all)
}
