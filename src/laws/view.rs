//! Statistics and parameters seen from outside: by Q, and by the log-densities and Q of each row.
//!
//! Parameters are never compared with each other: what two programs mean by the same θ may differ by a label or by an
//! ulp that does not matter. What they say about the data may not, beyond round-off: 16 ε times the size of the terms,
//! plus what eight re-runs on jittered data say of the conditioning (Monte Carlo arithmetic).

use crate::data::Observation;
use crate::error::Error;
use crate::latent::{Guarantee, LatentModel};

use super::law::{Worst, is_refusal};
use super::{Coordinates, LatentCase, Observations, Parts};

/// What round-off may explain in one term, in units of ε times its size: some five roundings for a density, a few for
/// the log-sum-exp; 16 leaves the rest as headroom. A plain sum of n terms adds n more.
pub(super) const ROUND_OFF: f64 = 16.0 * f64::EPSILON;
/// Re-runs on jittered data.
pub(super) const RERUNS: u64 = 8;
/// Where the tolerance of [`View::compare`] comes from.
pub(super) const SCATTER: &str =
    "(16 + N) ε × the size of the terms + 4 √(3n) × the scatter of eight re-runs, n jittered inputs";

/// How many times the largest deviation of the re-runs is allowed.
///
/// Errors of the n inputs that add up to σ by chance add up to √(3n) σ at worst, since uniform ones have a third of
/// their square as variance; and the largest of eight deviations falls below σ/4 once in 400 000 times.
pub(super) fn headroom<O: Coordinates + ?Sized>(observations: &Observations<O>) -> f64 {
    let inputs = |n: usize| 1 + Parts::of(observations.row(n)).reals.len();
    4.0 * (3.0 * (0..observations.len()).map(inputs).sum::<usize>() as f64).sqrt()
}

/// A case with everything that comparisons need.
pub(super) struct View<'a, M: LatentModel> {
    pub(super) case: &'a LatentCase<M>,
    /// ln p(x_n | θ), of the rows that count.
    pub(super) log_densities: Vec<f64>,
    /// The statistics of each of these rows alone, with weight 1.
    pub(super) of_rows: Vec<M::Statistics>,
    /// Their weights.
    pub(super) weights: Vec<f64>,
    /// The statistics of all of them.
    pub(super) statistics: M::Statistics,
    /// θ, and the θ of an M-step if there is one: where Q is looked at.
    places: Vec<M::Parameters>,
    /// The data as round-off may have left them.
    jittered: Vec<Observations<M::Observation>>,
    /// Their statistics.
    reruns: Vec<M::Statistics>,
    headroom: f64,
}

/// How statistics are collected from observations. It is not generic, since every law would make a copy for every model.
pub(super) type Collect<'a, M> =
    dyn Fn(&Observations<<M as LatentModel>::Observation>) -> Result<<M as LatentModel>::Statistics, Error> + 'a;

/// What statistics look like from outside.
struct Seen {
    q: Vec<f64>,
    estimate: Option<Vec<(f64, f64)>>,
}

impl<'a, M: LatentModel> View<'a, M>
where
    M::Observation: Coordinates,
{
    pub(super) fn of(case: &'a LatentCase<M>) -> Result<Self, Error> {
        let counted = case.observations.counted();
        if counted.is_empty() {
            return Err(Error::Empty);
        }
        let jittered: Vec<_> = (0..RERUNS).map(|seed| case.jittered(&case.theta, &case.observations, seed)).collect();
        let mut view = Self {
            case,
            statistics: case.statistics(&case.observations)?,
            reruns: jittered.iter().filter_map(|all| case.statistics(all).ok()).collect(),
            jittered,
            headroom: headroom(&case.observations),
            log_densities: Vec::new(),
            of_rows: Vec::new(),
            weights: counted.iter().map(|&n| case.observations.weight(n)).collect(),
            places: vec![case.theta.clone()],
        };
        for &n in &counted {
            let (s, evidence) = case.e_step(&case.theta, &case.observations.pick([(n, 1.0)]))?;
            view.of_rows.push(s);
            view.log_densities.push(evidence.value());
        }
        if let Ok(theta) = case.model.m_step(&case.theta, &view.statistics) {
            view.places.push(theta);
        }
        Ok(view)
    }

    /// ln p(x_n | θ′) of the rows that count.
    pub(super) fn log_densities_at(&self, theta: &M::Parameters) -> Result<Vec<f64>, Error> {
        let case = self.case;
        let of_row = |n| Ok(case.e_step(theta, &case.observations.pick([(n, 1.0)]))?.1.value());
        case.observations.counted().into_iter().map(of_row).collect()
    }

    /// Q(θ′, s_n) of the statistics of each row that counts.
    pub(super) fn q_at(&self, theta: &M::Parameters) -> Vec<f64> {
        self.of_rows.iter().map(|s| self.case.model.expected_log_joint(theta, s)).collect()
    }

    /// The size of a row's log-normalisers, as far as it shows from outside: max |ℓ_n|.
    pub(super) fn normaliser(&self) -> f64 {
        self.log_densities.iter().fold(0.0, |b, l| b.max(l.abs()))
    }

    /// What round-off may do to Q(θ′, θ): (16 + N) ε Σ w (1 + |ℓ_n| + |Q_n(θ′)| + B), and what it does when the statistics
    /// are those of jittered data.
    pub(super) fn round_off_of_q(&self, theta: &M::Parameters) -> f64 {
        let of = |s| self.case.model.expected_log_joint(theta, s);
        self.round_off_of_terms(theta) + self.headroom * spread(of(&self.statistics), &mut self.reruns.iter().map(of))
    }

    /// The same of Q + ln prior.
    pub(super) fn round_off_of_penalised(&self, theta: &M::Parameters) -> f64 {
        let prior = self.case.model.log_prior(theta);
        self.round_off_of_q(theta) + if prior == 0.0 { 0.0 } else { ROUND_OFF * (1.0 + prior.abs()) }
    }

    /// (16 + N) ε.
    fn round_off(&self) -> f64 {
        ROUND_OFF + self.weights.len() as f64 * f64::EPSILON
    }

    fn round_off_of_terms(&self, theta: &M::Parameters) -> f64 {
        let b = self.normaliser();
        let terms = self.q_at(theta).into_iter().zip(&self.log_densities).zip(&self.weights);
        self.round_off() * terms.map(|((q, l), w)| w * (1.0 + l.abs() + q.abs() + b)).sum::<f64>()
    }

    fn seen(&self, s: &M::Statistics) -> Seen {
        let model = &self.case.model;
        let q = self.places.iter().map(|theta| model.expected_log_joint(theta, s)).collect();
        let estimate = model.m_step(&self.case.theta, s).and_then(|theta| self.seen_at(&theta));
        Seen { q, estimate: estimate.ok() }
    }

    fn seen_at(&self, theta: &M::Parameters) -> Result<Vec<(f64, f64)>, Error> {
        Ok(self.log_densities_at(theta)?.into_iter().zip(self.q_at(theta)).collect())
    }

    /// left = right, as seen from outside, both computed from the observations.
    pub(super) fn compare(
        &self,
        worst: &mut Worst,
        left: &Collect<'_, M>,
        right: &Collect<'_, M>,
    ) -> Result<(), Error> {
        let observations = &self.case.observations;
        let (a, b) = (self.seen(&left(observations)?), self.seen(&right(observations)?));
        let rerun = |seed| left(&self.jittered[seed]).map(|s| self.seen(&s));
        let reruns: Vec<Seen> = (0..self.jittered.len()).filter_map(|seed| rerun(seed).ok()).collect();
        // If the model refuses a re-run, round-off decides whether there is an estimate, and what it is.
        let estimable = reruns.len() == self.jittered.len() && reruns.iter().all(|s| s.estimate.is_some());
        let headroom = self.headroom;
        for (j, theta) in self.places.iter().enumerate() {
            // Of what is NaN on both sides, the statistics are not to blame.
            if a.q[j].is_nan() && b.q[j].is_nan() {
                continue;
            }
            let scatter = spread(a.q[j], &mut reruns.iter().map(|s| s.q[j]));
            worst.equal(
                a.q[j],
                b.q[j],
                self.round_off_of_terms(theta) + headroom * scatter,
                format_args!("Q of the two statistics at {}", ["θ", "the θ of an M-step"][j]),
            );
        }
        let (Some(a), Some(b)) = (&a.estimate, &b.estimate) else { return Ok(()) };
        // What does not promise a maximum may end at two of them, and far from either by more than round-off.
        if !estimable || self.case.model.guarantee() != Guarantee::Exact {
            return Ok(());
        }
        let normaliser = self.normaliser();
        for n in 0..a.len() {
            if [a[n].0, a[n].1, b[n].0, b[n].1].iter().all(|seen| seen.is_nan()) {
                continue;
            }
            let estimates = || reruns.iter().filter_map(|s| s.estimate.as_ref().map(|e| e[n]));
            let size = 1.0 + a[n].0.abs() + a[n].1.abs() + self.log_densities[n].abs() + normaliser;
            let of_density = self.round_off() * size + headroom * spread(a[n].0, &mut estimates().map(|e| e.0));
            worst.equal(a[n].0, b[n].0, of_density, format_args!("ln p of row {n} under the two estimates"));
            let of_q = self.round_off() * size + headroom * spread(a[n].1, &mut estimates().map(|e| e.1));
            worst.equal(a[n].1, b[n].1, of_q, format_args!("Q of row {n} under the two estimates"));
        }
        Ok(())
    }

    /// The M-step of some data at this θ, unless the model refuses it.
    pub(super) fn m_step(&self, observations: &Observations<M::Observation>) -> Result<Option<M::Parameters>, Error> {
        let case = self.case;
        match case.statistics(observations).and_then(|s| case.model.m_step(&case.theta, &s)) {
            Ok(theta) => Ok(Some(theta)),
            Err(error) if is_refusal(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Other θs: the rivals, and what the model itself proposes, its M-steps from tilted weights.
    pub(super) fn others(&self, rounds: u64) -> Result<Vec<M::Parameters>, Error> {
        let mut others = self.case.rivals.clone();
        for round in 0..rounds {
            others.extend(self.m_step(&self.case.observations.tilted(round))?);
        }
        Ok(others)
    }
}

/// What round-off may do to a value of the data and of their statistics at θ: its scatter over the re-runs.
pub(super) fn scatter<M: LatentModel>(
    case: &LatentCase<M>,
    theta: &M::Parameters,
    value: impl Fn(&Observations<M::Observation>, &M::Statistics) -> Result<f64, Error>,
) -> f64
where
    M::Observation: Coordinates,
{
    let of = |rows: &Observations<M::Observation>| value(rows, &case.e_step(theta, rows)?.0);
    let mut reruns = (0..RERUNS).filter_map(|seed| of(&case.jittered(theta, &case.observations, seed)).ok());
    of(&case.observations).map_or(0.0, |at| headroom(&case.observations) * spread(at, &mut reruns))
}

pub(super) fn spread(at: f64, values: &mut dyn Iterator<Item = f64>) -> f64 {
    // A re-run that met the border of the support tells nothing.
    values.map(|v| (v - at).abs()).filter(|d| d.is_finite()).fold(0.0, f64::max)
}

/// Where a set of observations is cut in two.
pub(super) fn halves<O: Observation + ?Sized>(all: &Observations<O>, at: usize) -> [Observations<O>; 2] {
    let part = |range: std::ops::Range<usize>| all.pick(range.map(|n| (n, all.weight(n))));
    [part(0..at), part(at..all.len())]
}
