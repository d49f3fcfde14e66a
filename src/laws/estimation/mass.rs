//! Law of an M-step that leaves the set of θ: the density of what it makes has another mass than the densities given.

use std::borrow::Borrow;

use crate::latent::LatentModel;
use crate::numeric::Sum;

use crate::laws::integrals::quadrature::{allowed, masses};
use crate::laws::law::Worst;
use crate::laws::view::View;
use crate::laws::{Coordinates, LatentCase, Law, Observations, Part, Parts, Verdict};

/// What the quadrature may miss of a component that an M-step has drawn together about few observations; a θ off its set
/// misses tenths.
const SPIKE: f64 = 1e-4;
const OF_AN_M_STEP: &str = "1e-4, what the quadrature may miss of a narrow component";

/// The numbers of an observation but the last, which is summed or integrated over: p(x_1 … x_j) from p(x_1 … x_{j+1}).
struct Before {
    parts: Parts,
    /// The last numbers that were seen: where the density may be large.
    seen: Vec<Parts>,
}

impl Before {
    /// Nothing, and the first number of some observations: of sequences a first step, and a second.
    fn of<O: Coordinates + ?Sized>(observations: &Observations<O>) -> Vec<Self> {
        let all: Vec<Parts> = observations.counted().into_iter().map(|n| Parts::of(observations.row(n))).collect();
        let mut before = vec![Parts::default()];
        let first = |parts: &Parts| Parts {
            reals: parts.reals.iter().take(1).copied().collect(),
            counts: parts.counts.iter().take(1).copied().collect(),
        };
        before.extend(all.iter().map(first).take(2));
        let single = |parts: &Parts| parts.reals.is_empty() != parts.counts.is_empty();
        let each = |parts: &Parts| {
            let reals = parts.reals.iter().map(|x| Parts { reals: vec![*x], counts: Vec::new() });
            reals.chain(parts.counts.iter().map(|k| Parts { reals: Vec::new(), counts: vec![*k] })).collect::<Vec<_>>()
        };
        if !all.iter().all(single) {
            return Vec::new();
        }
        let seen: Vec<Parts> = all.iter().flat_map(each).collect();
        before.into_iter().map(|parts| Self { parts, seen: seen.clone() }).collect()
    }

    fn with(&self, last: &Parts) -> Parts {
        Parts {
            reals: [&self.parts.reals[..], &last.reals].concat(),
            counts: [&self.parts.counts[..], &last.counts].concat(),
        }
    }

    /// The mass of the last number given those before it, at θ; `None` if the kit cannot tell.
    fn mass<M: LatentModel>(&self, case: &LatentCase<M>, theta: &M::Parameters) -> Option<f64>
    where
        M::Observation: Coordinates,
    {
        let log_density = |parts: &Parts| {
            let x = parts.assemble::<M::Observation>();
            x.map_or(f64::NEG_INFINITY, |x| {
                let alone = Observations::new([(x.borrow(), 1.0)]);
                case.e_step(theta, &alone).map_or(f64::NEG_INFINITY, |(_, evidence)| evidence.value())
            })
        };
        let empty = self.parts == Parts::default();
        let given = if empty { 0.0 } else { log_density(&self.parts) };
        if !given.is_finite() {
            return None;
        }
        let of_last = |last: &Parts| log_density(&self.with(last)) - given;
        let reals: Vec<f64> = self.seen.iter().flat_map(|parts| parts.reals.iter().copied()).collect();
        if reals.is_empty() {
            // A category beyond those that were seen may be none.
            let largest = self.seen.iter().flat_map(|parts| parts.counts.iter().copied()).max()?.min(256);
            let p = |k: u64| of_last(&Parts { reals: Vec::new(), counts: vec![k] }).exp();
            return Some((0..=largest).map(p).collect::<Sum>().value());
        }
        let along = |x: f64| of_last(&Parts { reals: vec![x], counts: Vec::new() });
        Some(masses(&along, None, &reals).ok()?.1.into_iter().collect::<Sum>().value())
    }
}

/// Where the last number of an observation has mass one at θ and at the rivals, so it has at the θ of an M-step: its
/// proportions and rows sum to one, and its variances are positive. The last number is that of observations of one number,
/// and of sequences cut to two.
pub fn the_m_step_keeps_the_mass<M: LatentModel>() -> Law<LatentCase<M>>
where
    M::Observation: Coordinates,
{
    let (name, statement) = ("the_m_step_keeps_the_mass", "∫ p(x | θ) dx = 1 for θ and its rivals ⇒ for θ′");
    Law::new(name, statement, Part::MStep, |case: &LatentCase<M>| {
        let mut worst = Worst::of(OF_AN_M_STEP);
        let all = &case.observations;
        let Ok(view) = View::of(case) else {
            return Ok(Verdict::NotPromised("the model refuses these data".into()));
        };
        let mut made: Vec<M::Parameters> = view.m_step(all)?.into_iter().collect();
        made.extend((0..2).filter_map(|round| view.m_step(&all.tilted(round)).ok().flatten()));
        for before in Before::of(all) {
            let tolerance = allowed::<M::Observation>(&before.seen[..1]);
            let is_one = |theta| before.mass(case, theta).is_some_and(|mass| (mass - 1.0).abs() <= tolerance);
            if !std::iter::once(&case.theta).chain(&case.rivals).all(is_one) {
                continue;
            }
            for mass in made.iter().filter_map(|theta| before.mass(case, theta)) {
                let given = before.parts.reals.len() + before.parts.counts.len();
                worst.equal(
                    mass,
                    1.0,
                    tolerance.max(SPIKE),
                    format_args!("the mass of the next number, {given} before it, at the θ of an M-step"),
                );
            }
        }
        Ok(match worst.verdict() {
            Verdict::DoesNotApply(_) => Verdict::NotPromised("the kit knows no mass of observations like these".into()),
            verdict => verdict,
        })
    })
    .cost(8)
}
