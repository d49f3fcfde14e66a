//! The sampler against the density, by bounds that hold for any number of draws.
//!
//! A first look at 1 000 draws; only what looks odd there (at most 1 in 10 does by chance) is looked at again, at 16 000
//! fresh ones, and reported if chance explains it with probability at most 10⁻⁹. Kolmogorov's distance must exceed 0.039
//! in the first look and 0.026 in the second.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use crate::distributions::Distribution;

use super::distribution::draws;
use super::looks::{LOOKS, Look, PILOT};
use super::sampling_rows::{Layout, of_rows};
use crate::laws::integrals::quadrature::{masses, within_period};
use crate::laws::law::Worst;
use crate::laws::{Coordinates, Law, Part, Parts, Verdict};

/// Draws have the density: the empirical distribution of numbers is the integral of p (Kolmogorov's distance, with the
/// bound of Dvoretzky, Kiefer, Wolfowitz and Massart), counts have their probabilities (Bernstein's bound), and for rows
/// E[g(x) / p(x)] = 1 for a narrow density g.
pub fn draws_have_the_density<D: Distribution>() -> Law<D>
where
    D::Value: Coordinates,
{
    Law::new("draws_have_the_density", "x ~ sample ⇒ x ~ p", Part::Sampler, |d: &D| {
        let mut verdict = Verdict::NotPromised("the kit has no test for values of this type".into());
        for look in &LOOKS {
            let drawn: Vec<Parts> =
                draws(d, look.draws, look.seed).iter().map(|x| Parts::of(Borrow::<D::Value>::borrow(x))).collect();
            let density =
                |parts: &Parts| parts.assemble::<D::Value>().map_or(f64::NEG_INFINITY, |x| d.log_density(x.borrow()));
            let Some(layout) = Layout::of(&drawn) else { return Ok(verdict) };
            verdict = match &layout.free[..] {
                [] => of_cells(&density, look, &drawn),
                [0] if drawn[0].reals.len() == 1 && drawn[0].counts.is_empty() => {
                    let numbers = drawn.iter().map(|parts| parts.reals[0]).collect();
                    let density = |x: f64| density(&Parts { reals: vec![x], counts: Vec::new() });
                    of_numbers(&density, d.period(), look, numbers)
                }
                _ => of_rows(&density, &layout, look, &drawn),
            };
            if matches!(verdict, Verdict::Holds { .. }) {
                return Ok(verdict);
            }
        }
        Ok(verdict)
    })
    .cost(8)
}

fn of_numbers(log_density: &dyn Fn(f64) -> f64, period: Option<f64>, look: &Look, mut drawn: Vec<f64>) -> Verdict {
    if let Some(period) = period {
        drawn.iter_mut().for_each(|x| *x = within_period(*x, period));
    }
    let (breaks, masses) = match masses(log_density, period, &drawn[..PILOT]) {
        Ok(known) => known,
        Err(unknown) => return unknown,
    };
    let mut worst = Worst::of("the bound of Dvoretzky, Kiefer, Wolfowitz and Massart");
    let n = drawn.len() as f64;
    let tolerance = (look.log_odds / (2.0 * n)).sqrt();
    drawn.sort_by(f64::total_cmp);
    let mut below = 0.0;
    for (at, mass) in breaks.iter().zip(&masses) {
        below += mass;
        let share = drawn.partition_point(|x| x <= at) as f64 / n;
        worst.equal(share, below, tolerance, format_args!("the share of {n} draws below {at}, and its probability"));
    }
    worst.verdict()
}

/// The share of each value that was drawn, and of the first counts.
fn of_cells(log_density: &dyn Fn(&Parts) -> f64, look: &Look, drawn: &[Parts]) -> Verdict {
    let mut worst = Worst::of("Bernstein's bound");
    let mut cells: BTreeMap<(Vec<u64>, Vec<u64>), f64> = BTreeMap::new();
    if (drawn[0].reals.len(), drawn[0].counts.len()) == (0, 1) {
        cells.extend((0..8).map(|k| ((Vec::new(), vec![k]), 0.0)));
    }
    for Parts { reals, counts } in drawn {
        *cells.entry((reals.iter().map(|x| x.to_bits()).collect(), counts.clone())).or_default() += 1.0;
    }
    let n = drawn.len() as f64;
    // A union bound over the cells.
    let log_odds = look.log_odds + (cells.len() as f64).ln();
    for ((reals, counts), seen) in cells {
        let cell = Parts { reals: reals.into_iter().map(f64::from_bits).collect(), counts };
        let p = log_density(&cell).exp();
        let tolerance = (2.0 * p * (1.0 - p).max(0.0) * log_odds / n).sqrt() + log_odds / (3.0 * n);
        worst.equal(
            seen / n,
            p,
            tolerance,
            format_args!("the share of {n} draws that are {cell:?}, and its probability"),
        );
    }
    worst.verdict()
}
