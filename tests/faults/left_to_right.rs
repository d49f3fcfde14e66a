//! A chain of two states that is never turned back, its numbers normal about the state's mean, written as a user would:
//! a `LatentModel` with one part broken on demand.

use marginal::Error;
use marginal::data::{Batch, Statistics};
use marginal::latent::{Evidence, LatentModel};
use marginal::laws::proptest::collection::vec;
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::{real, unit, weight};
use marginal::laws::{LatentCase, Observations, Part};

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    None,
    ProductsOfProbabilities,
    ProductsScaledByTheLargest,
    PairsWithoutTheEmission,
    PairsOfTheFilter,
    FilteredForSmoothed,
    RowsSumToAHalf,
    FirstStatesSumToMore,
    MeansOfTheOtherState,
    QWithoutTheTransitions,
}

/// Each fault and the part that the first broken law must blame.
pub(crate) const CATALOGUE: [(Fault, Part); 9] = [
    (Fault::ProductsOfProbabilities, Part::EStep),
    (Fault::ProductsScaledByTheLargest, Part::EStep),
    (Fault::PairsWithoutTheEmission, Part::EStep),
    (Fault::PairsOfTheFilter, Part::EStep),
    (Fault::FilteredForSmoothed, Part::EStep),
    (Fault::RowsSumToAHalf, Part::MStep),
    (Fault::FirstStatesSumToMore, Part::MStep),
    (Fault::MeansOfTheOtherState, Part::MStep),
    (Fault::QWithoutTheTransitions, Part::Expected),
];

/// The chain; `summed` says whether it has a sum in logarithms to be compared with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeftToRight {
    pub(crate) fault: Fault,
    pub(crate) summed: bool,
}

/// θ: the first state, the rows of transitions, and the means; the variance is 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Theta {
    pub(crate) first: [f64; 2],
    pub(crate) rows: [[f64; 2]; 2],
    pub(crate) means: [f64; 2],
}

/// Of the first state, of the pairs, and of each state's numbers: Σ w, Σ w x, Σ w x².
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sums {
    first: [f64; 2],
    pairs: [[f64; 2]; 2],
    of_state: [[f64; 3]; 2],
}

impl Statistics for Sums {
    fn merge(&mut self, other: &Self) {
        self.first.merge(&other.first);
        self.pairs.merge(&other.pairs);
        self.of_state.merge(&other.of_state);
    }
    fn scale(&mut self, factor: f64) {
        self.first.scale(factor);
        self.pairs.scale(factor);
        self.of_state.scale(factor);
    }
}

const CONSTANT: f64 = 0.918_938_533_204_672_7; // ½ ln 2π

fn log_sum(a: f64, b: f64) -> f64 {
    let largest = a.max(b);
    if largest.is_finite() { largest + ((a - largest).exp() + (b - largest).exp()).ln() } else { largest }
}

fn log_emissions(theta: &Theta, x: f64) -> [f64; 2] {
    theta.means.map(|mean| -0.5 * (x - mean).powi(2) - CONSTANT)
}

/// ln α_t(z), the joint of x_1 … x_t and z_t.
fn forwards(theta: &Theta, sequence: &[f64]) -> Vec<[f64; 2]> {
    let mut all: Vec<[f64; 2]> = Vec::new();
    for x in sequence {
        let b = log_emissions(theta, *x);
        let arrive = |z: usize| match all.last() {
            None => theta.first[z].ln(),
            Some(last) => log_sum(last[0] + theta.rows[0][z].ln(), last[1] + theta.rows[1][z].ln()),
        };
        let here = [0, 1].map(|z| arrive(z) + b[z]);
        all.push(here);
    }
    all
}

/// ln β_t(z), what follows z_t.
fn backwards(theta: &Theta, sequence: &[f64]) -> Vec<[f64; 2]> {
    let mut all = vec![[0.0; 2]; sequence.len()];
    for t in (1..sequence.len()).rev() {
        let b = log_emissions(theta, sequence[t]);
        let next = all[t];
        let to = |z: usize, next_z: usize| theta.rows[z][next_z].ln() + b[next_z] + next[next_z];
        all[t - 1] = [0, 1].map(|z| log_sum(to(z, 0), to(z, 1)));
    }
    all
}

/// As many write it: probabilities, each step divided by its sum. ln p(x), p(z_t | x_1 … x_t), and their backward part.
fn in_products(theta: &Theta, sequence: &[f64], by_largest: bool) -> (f64, Vec<[f64; 2]>, Vec<[f64; 2]>) {
    let (mut log_density, mut filtered, mut densities) = (0.0, Vec::<[f64; 2]>::new(), Vec::new());
    for x in sequence {
        let logs = log_emissions(theta, *x);
        let largest = if by_largest { logs[0].max(logs[1]) } else { 0.0 };
        let b = logs.map(|l| (l - largest).exp());
        let arrive = |z: usize| match filtered.last() {
            None => theta.first[z],
            Some(last) => last[0] * theta.rows[0][z] + last[1] * theta.rows[1][z],
        };
        let here = [0, 1].map(|z| arrive(z) * b[z]);
        let sum = here[0] + here[1];
        log_density += sum.ln() + largest;
        filtered.push(here.map(|p| p / sum));
        densities.push(b);
    }
    let mut after = vec![[1.0; 2]; sequence.len()];
    for t in (1..sequence.len()).rev() {
        let to = |z: usize, next: usize| theta.rows[z][next] * densities[t][next] * after[t][next];
        let before = [0, 1].map(|z| to(z, 0) + to(z, 1));
        let largest = before[0].max(before[1]);
        after[t - 1] = before.map(|p| p / largest);
    }
    (log_density, filtered, after)
}

impl LeftToRight {
    fn product(self) -> bool {
        matches!(self.fault, Fault::ProductsOfProbabilities | Fault::ProductsScaledByTheLargest)
    }
}

impl LatentModel for LeftToRight {
    type Observation = Vec<f64>;
    type Parameters = Theta;
    type Statistics = Sums;

    fn statistics(&self, _: &Theta) -> Sums {
        Sums { first: [0.0; 2], pairs: [[0.0; 2]; 2], of_state: [[0.0; 3]; 2] }
    }

    fn e_step(&self, theta: &Theta, batch: Batch<'_, Vec<f64>>, s: &mut Sums) -> Result<Evidence, Error> {
        let mut evidence = Evidence::default();
        for n in (0..batch.len()).filter(|&n| batch.weight(n) > 0.0) {
            let (sequence, weight) = (&batch.block()[n], batch.weight(n));
            if sequence.is_empty() {
                evidence.add(weight, 0.0);
                continue;
            }
            let (log_density, alpha, beta) = if self.product() {
                let by_largest = self.fault == Fault::ProductsScaledByTheLargest;
                let (log_density, filtered, after) = in_products(theta, sequence, by_largest);
                let logs = |of: Vec<[f64; 2]>| of.into_iter().map(|p| p.map(f64::ln)).collect::<Vec<_>>();
                (log_density, logs(filtered), logs(after))
            } else {
                let (alpha, beta) = (forwards(theta, sequence), backwards(theta, sequence));
                let last = alpha[sequence.len() - 1];
                (log_sum(last[0], last[1]), alpha, beta)
            };
            if !(log_density > f64::NEG_INFINITY) {
                return Err(Error::Impossible { row: batch.row(n), value: format!("{sequence:?}") });
            }
            let share = |logs: &[f64]| {
                let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let parts: Vec<f64> = logs.iter().map(|l| (l - largest).exp()).collect();
                let sum: f64 = parts.iter().sum();
                parts.into_iter().map(|p| weight * p / sum).collect::<Vec<f64>>()
            };
            for (t, x) in sequence.iter().enumerate() {
                let seen = if self.fault == Fault::FilteredForSmoothed { [0.0; 2] } else { beta[t] };
                let r = share(&[0, 1].map(|z| alpha[t][z] + seen[z]));
                for (z, r) in r.into_iter().enumerate() {
                    s.first[z] += if t == 0 { r } else { 0.0 };
                    s.of_state[z].merge(&[r, r * x, r * x * x]);
                }
                if t > 0 {
                    let b = log_emissions(theta, *x);
                    let with = |z: usize| match self.fault {
                        Fault::PairsWithoutTheEmission => beta[t][z],
                        Fault::PairsOfTheFilter => b[z],
                        _ => b[z] + beta[t][z],
                    };
                    let logs = [(0, 0), (0, 1), (1, 0), (1, 1)]
                        .map(|(from, to)| alpha[t - 1][from] + theta.rows[from][to].ln() + with(to));
                    let pairs = share(&logs);
                    s.pairs.merge(&[[pairs[0], pairs[1]], [pairs[2], pairs[3]]]);
                }
            }
            evidence.add_draws(weight, sequence.len(), log_density);
        }
        Ok(evidence)
    }

    fn m_step(&self, old: &Theta, s: &Sums) -> Result<Theta, Error> {
        let divided = |counts: [f64; 2], old: [f64; 2]| {
            let sum = counts[0] + counts[1];
            if sum > 0.0 { counts.map(|n| n / sum) } else { old }
        };
        let weight = s.first[0] + s.first[1];
        if !(weight > 0.0) {
            return Err(Error::NoWeight { weight });
        }
        let mean = |z: usize| if s.of_state[z][0] > 0.0 { s.of_state[z][1] / s.of_state[z][0] } else { old.means[z] };
        let mut new = Theta {
            first: divided(s.first, old.first),
            rows: [0, 1].map(|z| divided(s.pairs[z], old.rows[z])),
            means: [mean(0), mean(1)],
        };
        match self.fault {
            Fault::RowsSumToAHalf => new.rows = new.rows.map(|row| row.map(|p| 0.5 * p)),
            Fault::FirstStatesSumToMore => new.first = new.first.map(|p| 1.1 * p),
            Fault::MeansOfTheOtherState => new.means.reverse(),
            _ => (),
        }
        Ok(new)
    }

    fn expected_log_joint(&self, theta: &Theta, s: &Sums) -> f64 {
        let term = |weight: f64, p: f64| if weight > 0.0 { weight * p.ln() } else { 0.0 };
        let mut q = 0.0;
        for z in 0..2 {
            q += term(s.first[z], theta.first[z]);
            if self.fault != Fault::QWithoutTheTransitions {
                q += term(s.pairs[z][0], theta.rows[z][0]) + term(s.pairs[z][1], theta.rows[z][1]);
            }
            let ([weight, sum, square], mean) = (s.of_state[z], theta.means[z]);
            q -= 0.5 * (square - 2.0 * mean * sum + mean * mean * weight) + CONSTANT * weight;
        }
        q
    }

    fn summed_in_logarithms(&self, theta: &Theta, sequence: &Vec<f64>) -> Option<f64> {
        let log_density = || forwards(theta, sequence).last().map_or(0.0, |last| log_sum(last[0], last[1]));
        self.summed.then(log_density)
    }
}

pub(crate) fn any_case(fault: Fault, summed: bool) -> impl Strategy<Value = LatentCase<LeftToRight>> {
    let theta = || {
        (unit(), unit(), real(), real()).prop_map(|(first, stay, low, high)| Theta {
            first: [first, 1.0 - first],
            rows: [[stay, 1.0 - stay], [0.0, 1.0]],
            means: [low, high],
        })
    };
    let sequences = vec((vec(real(), 1..6), weight()), 2..7);
    (theta(), theta(), sequences).prop_map(move |(theta, rival, sequences)| {
        LatentCase::new(LeftToRight { fault, summed }, theta, Observations::new(sequences)).beside(rival)
    })
}
