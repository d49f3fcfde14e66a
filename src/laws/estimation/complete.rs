//! A law of the M-step on complete observations (x, z) that lie as θ itself would have them.
//!
//! Rows of the data lead an M-step only to what it can make of them; if that is a narrower family than the one declared
//! (no correlations, one variance for all, a share kept from 0), none of its own θs is better. Here it is asked to give
//! back a θ of the whole family.

use std::borrow::Borrow;

use crate::error::Error;
use crate::latent::{FiniteLatent, Guarantee};

use super::finite::log_joints;
use crate::laws::integrals::frame::Frame;
use crate::laws::law::{Worst, is_refusal};
use crate::laws::view::{RERUNS, ROUND_OFF, View, headroom, spread};
use crate::laws::{Coordinates, LatentCase, Law, Observations, Part, Parts, Verdict};

/// The total weight that p(x, z | θ) is given.
const WEIGHT: f64 = 64.0;
/// How far from 1 the mass may be that is found from modes and axes.
const OF_DIFFERENCES: f64 = 1e-3;
/// Values of the counts of an observation that are looked at.
const COUNTS: usize = 256;

/// Complete observations with their weights: the z-th hidden value belongs to the n-th row.
struct Cloud<M: FiniteLatent> {
    rows: Observations<M::Observation>,
    states: Vec<usize>,
    /// Whether the density falls off from its modes as a normal one does.
    is_normal: bool,
}

impl<M: FiniteLatent> Cloud<M>
where
    M::Observation: Coordinates,
{
    /// What p(x, z | θ) looks like: its counts under their probabilities; of numbers, two points on each axis of the
    /// frame of its mode, which have its mean and covariance. `None` if the kit finds no such points.
    fn of(case: &LatentCase<M>, theta: &M::Parameters) -> Option<Self> {
        let seen: Vec<Parts> = (0..case.observations.len()).map(|n| Parts::of(case.observations.row(n))).collect();
        let mut cloud = Self {
            rows: Observations::new(std::iter::empty::<(&M::Observation, f64)>()),
            states: Vec::new(),
            is_normal: true,
        };
        for z in 0..case.model.states() {
            let log_density = |parts: &Parts| {
                let x = parts.assemble::<M::Observation>();
                x.map_or(f64::NEG_INFINITY, |x| case.model.log_joint(theta, x.borrow(), z))
            };
            for counts in all_counts(&seen) {
                let with = |reals: &[f64]| Parts { reals: reals.to_vec(), counts: counts.clone() };
                let starts = seen.iter().filter(|parts| parts.counts == counts || parts.reals.is_empty());
                let reach = |parts: &&Parts| log_density(&with(&parts.reals));
                let Some(start) = starts.max_by(|a, b| reach(a).total_cmp(&reach(b))) else { continue };
                if log_density(&with(&start.reals)) == f64::NEG_INFINITY {
                    continue;
                }
                if start.reals.is_empty() {
                    cloud.push(&with(&[]), z, log_density(&with(&[])).exp());
                    continue;
                }
                let frame = Frame::about(&|x| log_density(&with(x)), &start.reals)?;
                let d = start.reals.len();
                let log_mass = frame.peak + frame.log_volume() + 0.5 * d as f64 * std::f64::consts::TAU.ln();
                for j in 0..2 * d {
                    let mut t = vec![0.0; d];
                    t[j / 2] = if j % 2 == 0 { 1.0 } else { -1.0 } * (d as f64).sqrt();
                    let point = with(frame.point(&t).as_slice());
                    let falls_off = frame.peak - log_density(&point);
                    cloud.is_normal &= (falls_off - 0.5 * d as f64).abs() < OF_DIFFERENCES;
                    cloud.push(&point, z, log_mass.exp() / (2 * d) as f64);
                }
            }
        }
        (!cloud.states.is_empty()).then_some(cloud)
    }

    /// Takes a point in, if its weight is not lost beside the others.
    fn push(&mut self, parts: &Parts, z: usize, mass: f64) {
        if let Some(x) = parts.assemble::<M::Observation>().filter(|_| mass > 1e-12) {
            self.rows.push(x.borrow(), WEIGHT * mass);
            self.states.push(z);
        }
    }

    /// The mass of p(x, z | θ), where its numbers are normal.
    fn mass(&self) -> Option<f64> {
        self.is_normal.then(|| (0..self.states.len()).map(|n| self.rows.weight(n)).sum::<f64>() / WEIGHT)
    }

    fn statistics(&self, case: &LatentCase<M>, theta: &M::Parameters) -> M::Statistics {
        let mut s = FiniteLatent::statistics(&case.model, theta);
        for (n, &z) in self.states.iter().enumerate() {
            case.model.observe(&mut s, self.rows.row(n), z, self.rows.weight(n));
        }
        s
    }

    /// The statistics of the points as round-off may have left them.
    fn reruns(&self, case: &LatentCase<M>, theta: &M::Parameters) -> Vec<M::Statistics> {
        let possible = |x: &M::Observation| log_joints(case, theta, x).iter().all(|l| l.is_finite());
        let jittered = |seed| Self { rows: self.rows.jittered(seed, &possible), states: self.states.clone(), ..*self };
        (0..RERUNS).map(|seed| jittered(seed).statistics(case, theta)).collect()
    }

    /// (16 + N) ε Σ w (1 + |ln p(x, z | θ)| + B), and what jittered points do to Q.
    fn round_off_of_q(&self, case: &LatentCase<M>, theta: &M::Parameters, q: f64, reruns: &[M::Statistics]) -> f64 {
        let log_joint = |(n, &z): (usize, &usize)| case.model.log_joint(theta, self.rows.row(n), z).abs();
        let logs: Vec<f64> = self.states.iter().enumerate().map(log_joint).collect();
        let normaliser = logs.iter().fold(0.0f64, |b, l| b.max(*l));
        let size: f64 = logs.iter().enumerate().map(|(n, l)| self.rows.weight(n) * (1.0 + l + normaliser)).sum();
        let scatter = spread(q, &mut reruns.iter().map(|s| case.model.complete_log_likelihood(theta, s)));
        (ROUND_OFF + logs.len() as f64 * f64::EPSILON) * size + headroom(&self.rows) * scatter
    }
}

/// The counts of the observations; all from 0 on, if they are one count and nothing else.
fn all_counts(seen: &[Parts]) -> Vec<Vec<u64>> {
    let mut all: Vec<Vec<u64>> = seen.iter().map(|parts| parts.counts.clone()).collect();
    all.sort();
    all.dedup();
    if let (Some([largest]), true) = (all.last().map(Vec::as_slice), seen.iter().all(|parts| parts.reals.is_empty())) {
        all = (0..=2 * largest + 64).map(|k| vec![k]).collect();
    }
    all.truncate(COUNTS);
    all
}

/// Where the joint has mass one at θ and at the rivals, in counts and about the modes of its numbers, so it has at the θ
/// of an M-step: its proportions sum to one. The kit sees the mass of densities that are normal about their modes, of any
/// number of dimensions.
pub fn the_m_step_keeps_the_mass_of_the_joint<M: FiniteLatent>() -> Law<LatentCase<M>>
where
    M::Observation: Coordinates,
{
    let (name, statement) = ("the_m_step_keeps_the_mass_of_the_joint", "Σ_z ∫ p(x, z | ·) dx = 1 for θ ⇒ for θ′");
    Law::new(name, statement, Part::MStep, |case: &LatentCase<M>| {
        let mut worst = Worst::of("1e-3, as modes and axes are found by differences");
        let mass = |theta: &M::Parameters| Cloud::of(case, theta).and_then(|cloud| cloud.mass());
        let is_one = |theta| mass(theta).is_some_and(|mass| (mass - 1.0).abs() <= 0.1 * OF_DIFFERENCES);
        if std::iter::once(&case.theta).chain(&case.rivals).all(is_one) {
            let (view, all) = (View::of(case)?, &case.observations);
            for data in [all.clone(), all.tilted(0), all.tilted(1)] {
                let made = view.m_step(&data)?;
                if let Some(mass) = made.and_then(|theta| mass(&theta)) {
                    worst.equal(mass, 1.0, OF_DIFFERENCES, format_args!("the mass of the joint at the θ of an M-step"));
                }
            }
        }
        Ok(match worst.verdict() {
            Verdict::DoesNotApply(_) => Verdict::NotPromised("the kit knows no mass of this joint".into()),
            verdict => verdict,
        })
    })
    .cost(4)
}

/// Fed complete observations that lie as p(x, z | θ) has them, the M-step gives back a θ that is as good: the whole
/// family is within its reach.
pub fn the_m_step_gives_back_what_it_is_fed<M: FiniteLatent>() -> Law<LatentCase<M>>
where
    M::Observation: Coordinates,
{
    let (name, statement) = ("the_m_step_gives_back_what_it_is_fed", "S = E_θ[T(x, z)]: Q(θ′, S) ≥ Q(θ, S)");
    Law::new(name, statement, Part::MStep, |case: &LatentCase<M>| {
        if case.model.guarantee() == Guarantee::None {
            return Ok(Verdict::NotPromised("the M-step promises nothing".into()));
        }
        let mut worst = Worst::of("(16 + N) ε × Σ w (1 + |ln p(x, z)| + B) + 4 √(3n) × the scatter of eight re-runs");
        let mut found = false;
        for theta in std::iter::once(&case.theta).chain(&case.rivals) {
            let Some(cloud) = Cloud::of(case, theta) else { continue };
            found = true;
            let s = cloud.statistics(case, theta);
            let new = match case.model.estimate_from(theta, &s) {
                Ok(new) => new,
                Err(error) if is_refusal(&error) => continue,
                Err(error) => return Err(error),
            };
            let q = |theta: &M::Parameters| case.model.complete_log_likelihood(theta, &s);
            let (after, before) = (q(&new), q(theta));
            let reruns = cloud.reruns(case, theta);
            let round_off = |theta, q| cloud.round_off_of_q(case, theta, q, &reruns);
            let prior = |theta| FiniteLatent::log_prior(&case.model, theta);
            let of_prior =
                if prior(theta) == 0.0 { 0.0 } else { ROUND_OFF * (2.0 + prior(theta).abs() + prior(&new).abs()) };
            let tolerance = of_prior + 2.0 * (round_off(&new, after) + round_off(theta, before));
            worst.at_least(
                after + prior(&new),
                before + prior(theta),
                tolerance,
                format_args!("Q + ln prior of what the M-step makes of E_θ[T], and of θ"),
            );
        }
        if !found {
            return Ok(Verdict::NotPromised("the kit finds no points that have the moments of this density".into()));
        }
        Ok::<_, Error>(worst.verdict())
    })
}
