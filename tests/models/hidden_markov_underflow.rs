//! Chains whose probabilities leave the range of 64-bit numbers, against sums over all paths in logarithms.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::oracle::log_sum_exp;
use marginal::Error;
use marginal::data::{Batch, Table};
use marginal::distributions::{Distribution, Estimate, Normal};
use marginal::em::Em;
use marginal::io::{ModelFile, SavedModel};
use marginal::latent::LatentModel;
use marginal::models::{HiddenMarkovModel, Mixture};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, RngExt, SeedableRng};

/// A log-density of any size for each symbol.
#[derive(Clone, Debug)]
struct Scores(Vec<f64>);

impl Distribution for Scores {
    type Value = usize;
    fn log_density(&self, x: &usize) -> f64 {
        self.0[*x]
    }
    fn sample(&self, _: &mut dyn Rng) -> usize {
        0
    }
}

impl Estimate for Scores {
    type Statistics = Vec<f64>;
    fn statistics(&self) -> Vec<f64> {
        vec![0.0; self.0.len()]
    }
    fn observe(&self, s: &mut Vec<f64>, x: &usize, weight: f64) {
        s[*x] += weight;
    }
    fn estimate(&self, _: &Vec<f64>) -> Result<Self, Error> {
        Ok(self.clone())
    }
    fn expected_log_density(&self, s: &Vec<f64>) -> f64 {
        s.iter().zip(&self.0).map(|(w, l)| if *w > 0.0 { w * l } else { 0.0 }).sum()
    }
}

/// ln p(x), p(z_t | x), and Σ_t p(z_t, z_{t+1} | x).
type Sums = (f64, Vec<Vec<f64>>, Vec<f64>);

/// ln α and ln β added up as they are defined.
fn oracle<D: Distribution<Value = X>, X>(model: &HiddenMarkovModel<Vec<D>>, x: &[X]) -> Sums {
    let k = model.emissions().len();
    let log = |p: f64| if p > 0.0 { p.ln() } else { f64::NEG_INFINITY };
    let a = |i: usize, j: usize| log(model.transitions().row(i)[j]);
    let b = |t: usize, z: usize| model.emissions()[z].log_density(&x[t]);
    let mut alpha = vec![(0..k).map(|z| log(model.initial()[z]) + b(0, z)).collect::<Vec<f64>>()];
    for t in 1..x.len() {
        let before = &alpha[t - 1];
        let of = |z: usize| log_sum_exp(&(0..k).map(|i| before[i] + a(i, z)).collect::<Vec<_>>()) + b(t, z);
        alpha.push((0..k).map(of).collect());
    }
    let mut beta = vec![vec![0.0; k]; x.len()];
    for t in (1..x.len()).rev() {
        let of = |i: usize| log_sum_exp(&(0..k).map(|j| a(i, j) + b(t, j) + beta[t][j]).collect::<Vec<_>>());
        beta[t - 1] = (0..k).map(of).collect();
    }
    let total = log_sum_exp(alpha.last().unwrap());
    let single = (0..x.len()).map(|t| (0..k).map(|z| (alpha[t][z] + beta[t][z] - total).exp()).collect());
    let mut pairs = vec![0.0; k * k];
    for (t, i, j) in (1..x.len()).flat_map(|t| (0..k * k).map(move |ij| (t, ij / k, ij % k))) {
        pairs[i * k + j] += (alpha[t - 1][i] + a(i, j) + b(t, j) + beta[t][j] - total).exp();
    }
    (total, single.collect(), pairs)
}

/// Compares all that a chain says of a sequence with the oracle.
fn agrees<D, X>(model: &HiddenMarkovModel<Vec<D>>, x: &[X]) -> Result<(), TestCaseError>
where
    D: Estimate<Value = X>,
    X: Clone + Send + Sync + std::fmt::Debug + 'static,
{
    let (total, single, pairs) = oracle(model, x);
    let found = model.log_density(x);
    if total == f64::NEG_INFINITY {
        prop_assert!(matches!(found, Err(Error::Impossible { .. } | Error::NotEmitted { .. })), "{found:?}");
        return Ok(());
    }
    let tolerance = 1e-13 * (1.0 + total.abs()) * x.len() as f64;
    let log_density = found.unwrap();
    prop_assert!((log_density - total).abs() < tolerance, "ln L = {log_density}, not {total}");
    let states = model.responsibilities(x).unwrap();
    for (t, (row, expected)) in states.rows().iter().zip(&single).enumerate() {
        let near = row.iter().zip(expected).all(|(p, q)| (p - q).abs() < 2.0 * tolerance);
        prop_assert!(near, "step {t}: {row:?}, not {expected:?}");
        prop_assert!(row.iter().all(|p| (0.0..=1.0).contains(p)) && (row.iter().sum::<f64>() - 1.0).abs() < 1e-15);
    }
    let mut s = LatentModel::statistics(model, model);
    model.e_step(model, Batch::new(std::slice::from_ref(&x.to_vec()), None, 0), &mut s).unwrap();
    for (pair, expected) in s.transitions.iter().zip(&pairs) {
        prop_assert!((pair - expected).abs() < 4.0 * tolerance * x.len() as f64, "{:?}, not {pairs:?}", s.transitions);
    }
    Ok(())
}

/// A row of probabilities, many of them 0 or tiny.
fn row(k: usize, allowed: impl Fn(usize) -> bool, rng: &mut dyn Rng) -> Vec<f64> {
    let entry = |j: usize, rng: &mut dyn Rng| match rng.random_range(0..8) {
        _ if !allowed(j) => 0.0,
        0 | 1 => 0.0,
        2 => 1e-300,
        3 => 5e-324,
        4 => 10f64.powi(-rng.random_range(0..300)),
        _ => rng.random(),
    };
    let mut row: Vec<f64> = (0..k).map(|j| entry(j, rng)).collect();
    let sum: f64 = row.iter().sum();
    if !(sum > 1e-6) {
        row[(0..k).find(|j| allowed(*j)).unwrap_or(0)] += 1.0;
    }
    let sum: f64 = row.iter().sum();
    row.iter().map(|p| if sum == 1.0 { *p } else { p / sum }).collect()
}

fn case(seed: u64) -> (HiddenMarkovModel<Vec<Scores>>, Vec<usize>) {
    let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
    let k = rng.random_range(1..6);
    let shape = rng.random_range(0..4);
    let allowed = |i: usize, j: usize| match shape {
        0 => j == i || j == i + 1,
        1 => i % 2 == j % 2,
        _ => true,
    };
    let transitions: Vec<Vec<f64>> = (0..k).map(|i| row(k, |j| allowed(i, j), rng)).collect();
    let initial = row(k, |_| true, rng);
    let size = [0.5, 30.0, 700.0, 3000.0][rng.random_range(0..4)];
    let score = |rng: &mut Xoshiro256PlusPlus| match rng.random_range(0..12) {
        0 => f64::NEG_INFINITY,
        1 => -709.0,
        _ => rng.random_range(-size..size),
    };
    let symbols = 6;
    let emissions = (0..k).map(|_| Scores((0..symbols).map(|_| score(rng)).collect())).collect();
    let length = [rng.random_range(1..6), rng.random_range(6..60), rng.random_range(500..1200)][rng.random_range(0..3)];
    let stretch = rng.random_range(1..40);
    let mut x = rng.random_range(0..symbols);
    let mut draw = |rng: &mut Xoshiro256PlusPlus| {
        if rng.random_range(0..stretch) == 0 {
            x = rng.random_range(0..symbols);
        }
        x
    };
    let sequence = (0..length).map(|_| draw(rng)).collect();
    (HiddenMarkovModel::new(&initial, &transitions, emissions).unwrap(), sequence)
}

#[test]
fn every_sum_is_that_of_an_oracle_in_logarithms() {
    let mut runner = TestRunner::new(ProptestConfig { cases: 600, failure_persistence: None, ..Default::default() });
    let property = |seed| {
        let (model, sequence) = case(seed);
        agrees(&model, &sequence)
    };
    runner.run(&any::<u64>(), property).unwrap();
}

fn regimes() -> (HiddenMarkovModel<Vec<marginal::distributions::MultivariateNormal>>, Table) {
    let SavedModel::GaussianHiddenMarkovModel(model) = ModelFile::load("tests/cases/regimes.json").unwrap().model
    else {
        panic!("a chain of normals was saved")
    };
    (model, Table::read_csv("tests/cases/regimes.csv").unwrap())
}

#[test]
fn a_regime_that_fits_badly_at_first_is_not_lost() {
    let (model, all) = regimes();
    assert!((model.log_density(&all).unwrap() - -801.2348).abs() < 5e-5);
    let states = model.responsibilities(&all).unwrap();
    assert!(states.rows().iter().all(|row| row[0] < 1e-300 && row[1] == 1.0));
    assert!(model.predictive(&all).unwrap().proportions()[1] == 1.0);
    assert!(model.most_probable(&all).unwrap().states.iter().all(|z| *z == 1));
    let fewer = Table::from_values(all.column(0)[2..].to_vec(), 1).unwrap();
    assert!((model.log_density(&fewer).unwrap() - -699.3969).abs() < 5e-5);
    // The first state is not visited, and stays as it was.
    let fit = Em::default().verify(true).fit(&model, &[all]).unwrap();
    assert_eq!(fit.parameters.initial(), [0.0, 1.0]);
    assert_eq!(fit.parameters.emissions()[0], model.emissions()[0]);
    assert!((fit.parameters.emissions()[1].mean()[0] - 10.0 * 40.0 / 55.0).abs() < 1e-12);
}

#[test]
fn two_regimes_are_found_though_each_sequence_denies_one_of_them() {
    // Forty sequences, each of one regime; within each the other underflows, and two begin with what denies their own.
    let rng = &mut Xoshiro256PlusPlus::seed_from_u64(5);
    let normals = [0.0, 10.0].map(|mean| Normal::new(mean, 1.0).unwrap());
    let mut sequences: Vec<Vec<f64>> = Vec::new();
    for n in 0..40 {
        sequences.push((0..60).map(|_| Distribution::sample(&normals[n % 2], rng)).collect());
    }
    sequences[0][..10].fill(10.0);
    sequences[1][..17].fill(0.0);
    let model = HiddenMarkovModel::new(&[0.5, 0.5], &[[1.0, 0.0], [0.0, 1.0]], normals.to_vec()).unwrap();
    let fit = Em::default().verify(true).fit(&model, &sequences).unwrap();
    let expected: f64 = sequences.iter().map(|x| oracle(&fit.parameters, x).0).sum();
    assert!((fit.log_likelihood - expected).abs() < 1e-9 * expected.abs());
    assert!((fit.parameters.initial()[0] - 0.5).abs() < 1e-12);
}

#[test]
fn em_climbs_where_a_left_to_right_chain_loses_its_first_states() {
    let normal = |mean| Normal::new(mean, 1.0).unwrap();
    let rows = [[0.9, 0.1, 0.0], [0.0, 0.9, 0.1], [0.0, 0.0, 1.0]];
    let model = HiddenMarkovModel::new(&[1.0, 0.0, 0.0], &rows, vec![normal(0.0), normal(40.0), normal(0.5)]).unwrap();
    // What looks like the second state for a while was the first all along, then the third.
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
    let mut sequences: Vec<Vec<f64>> = (0..5).map(|_| model.sample(700, &mut rng).0).collect();
    sequences[1][..30].fill(40.0);
    sequences[2][..3].fill(-45.0);
    for x in &sequences {
        agrees(&model, x).unwrap();
    }
    let fit = Em::default().verify(true).fit(&model, &sequences).unwrap();
    let expected: f64 = sequences.iter().map(|x| oracle(&fit.parameters, x).0).sum();
    assert!((fit.log_likelihood - expected).abs() < 1e-9 * expected.abs());
}

#[test]
fn a_path_of_tiny_transitions_carries_what_no_other_explains() {
    for tiny in [1e-200, 1e-300, 5e-324] {
        let scores = vec![Scores(vec![0.0, -5000.0]), Scores(vec![0.0, 0.0]), Scores(vec![-700.0, 0.0])];
        let rows = [[1.0, tiny, 0.0], [0.0, 1.0, tiny], [0.0, 0.0, 1.0]];
        let model = HiddenMarkovModel::new(&[1.0, 0.0, 0.0], &rows, scores).unwrap();
        let mut x = vec![0; 5];
        x.extend([1; 5]);
        agrees(&model, &x).unwrap();
        // From the first state to the second at one of five steps.
        assert!((model.log_density(&x).unwrap() - tiny.ln() - 5f64.ln()).abs() < 1e-9);
    }
}

#[test]
fn states_of_a_million_steps_are_probabilities() {
    let normal = |mean| Normal::new(mean, 1.0).unwrap();
    let rows = [[0.98, 0.01, 0.01], [0.02, 0.97, 0.01], [0.3, 0.3, 0.4]];
    let model = HiddenMarkovModel::new(&[0.2, 0.3, 0.5], &rows, vec![normal(0.0), normal(1.0), normal(2.0)]).unwrap();
    let (x, _) = model.sample(1_000_000, &mut Xoshiro256PlusPlus::seed_from_u64(1));
    let states = model.responsibilities(&x).unwrap();
    for row in states.rows().iter() {
        assert!(row.iter().all(|p| (0.0..=1.0).contains(p)) && (row.iter().sum::<f64>() - 1.0).abs() < 5e-16);
    }
    let mut s = LatentModel::statistics(&model, &model);
    model.e_step(&model, Batch::new(&[x][..], None, 0), &mut s).unwrap();
    // Each step but the last is left once.
    assert!((s.transitions.iter().sum::<f64>() - 999_999.0).abs() < 1e-7);
    for (z, row) in s.transitions.chunks_exact(3).enumerate() {
        let left: f64 = states.rows().iter().take(999_999).map(|row| row[z]).sum();
        assert!((row.iter().sum::<f64>() / left - 1.0).abs() < 1e-12);
    }
}

#[test]
fn what_cannot_be_has_no_say_even_where_its_density_is_infinite() {
    let scores = vec![Scores(vec![f64::INFINITY, 0.0]), Scores(vec![-1.0, -2.0])];
    let mixture = Mixture::new(vec![0.0, 1.0], scores.clone()).unwrap();
    assert_eq!(mixture.log_density(&0), -1.0);
    let shares = mixture.responsibilities(&[0, 1]).unwrap();
    assert!(shares.rows().iter().all(|row| row == [0.0, 1.0]));
    let chain = HiddenMarkovModel::new(&[0.0, 1.0], &[[0.5, 0.5], [0.0, 1.0]], scores.clone()).unwrap();
    assert_eq!(chain.log_density(&[0, 1, 0]).unwrap(), -4.0);
    let reached = HiddenMarkovModel::of(scores).unwrap();
    assert!(matches!(reached.log_density(&[1, 0]), Err(Error::Unbounded { row: 1, .. })));
}
