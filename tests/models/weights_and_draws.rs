//! What counts as a draw, and weights and values at the ends of the range of 64-bit numbers.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::conditionals::ConditionalTable;
use marginal::data::{Table, Weighted};
use marginal::distributions::{Bernoulli, Estimate, Normal, StudentT};
use marginal::em::Em;
use marginal::error::Error;
use marginal::graph::{Graph, Node};
use marginal::latent::FiniteLatent;
use marginal::models::{KMeans, Mixture};

/// Coins of two kinds; an observation is the tosses of one coin.
struct Coins;

impl FiniteLatent for Coins {
    type Observation = Vec<bool>;
    type Parameters = [f64; 2];
    type Statistics = [f64; 4];

    fn states(&self) -> usize {
        2
    }
    fn statistics(&self, _: &[f64; 2]) -> [f64; 4] {
        [0.0; 4]
    }
    fn log_joint(&self, theta: &[f64; 2], tosses: &Vec<bool>, z: usize) -> f64 {
        0.5f64.ln() + tosses.iter().map(|head| if *head { theta[z] } else { 1.0 - theta[z] }.ln()).sum::<f64>()
    }
    fn observe(&self, s: &mut [f64; 4], tosses: &Vec<bool>, z: usize, weight: f64) {
        tosses.iter().for_each(|head| s[2 * z + usize::from(*head)] += weight);
    }
    fn estimate(&self, s: &[f64; 4]) -> Result<[f64; 2], Error> {
        Ok([0, 1].map(|z| s[2 * z + 1] / (s[2 * z] + s[2 * z + 1])))
    }
    fn complete_log_likelihood(&self, theta: &[f64; 2], s: &[f64; 4]) -> f64 {
        (0..2).map(|z| s[2 * z] * (1.0 - theta[z]).ln() + s[2 * z + 1] * theta[z].ln()).sum()
    }
    fn free_parameters(&self, _: &[f64; 2]) -> Option<usize> {
        Some(2)
    }
    fn draws(&self, tosses: &Vec<bool>) -> usize {
        tosses.len()
    }
}

#[test]
fn a_model_says_how_many_draws_an_observation_is() {
    let coin = |heads: usize, tosses: usize| (0..tosses).map(|t| t < heads).collect::<Vec<bool>>();
    let coins = [coin(9, 10), coin(2, 8), coin(7, 9), coin(1, 5), coin(3, 12)];
    let fit = Em::default().fit_from(&Coins, &coins, [0.6, 0.4]).unwrap();
    let expected = -2.0 * fit.log_likelihood + 2.0 * 44f64.ln();
    assert!((fit.bic().unwrap() - expected).abs() < 1e-12);
    let weighted = Weighted::new(&coins, &[2.0, 1.0, 0.0, 1.0, 1.0]).unwrap();
    let fit = Em::default().fit_from(&Coins, &weighted, [0.6, 0.4]).unwrap();
    let expected = -2.0 * fit.log_likelihood + 2.0 * 45f64.ln();
    assert!((fit.bic().unwrap() - expected).abs() < 1e-12);
}

#[test]
fn a_row_in_which_everything_is_missing_is_no_draw() {
    let mut g = Graph::builder();
    let z: Node<bool> = g.node("z", (), Bernoulli::new(0.4).unwrap());
    let x: Node<bool> = g.node("x", z, ConditionalTable::new([[0.8, 0.2], [0.3, 0.7]]).unwrap());
    let _ = x;
    let model = g.build().unwrap().hide(()).unwrap();
    let nan = f64::NAN;
    let with = Table::from_values(vec![1.0, 1.0, 0.0, nan, nan, nan, 0.0, 1.0, nan, 0.0, nan, nan], 2).unwrap();
    let without = Table::from_values(vec![1.0, 1.0, 0.0, nan, 0.0, 1.0, nan, 0.0], 2).unwrap();
    let [with, without] = [with, without].map(|data| Em::default().fit(&model, &data).unwrap());
    assert!((with.log_likelihood - without.log_likelihood).abs() < 1e-9);
    assert!((with.bic().unwrap() - without.bic().unwrap()).abs() < 1e-8);
}

#[test]
fn weights_without_digits_are_refused() {
    let table = Table::from_values(vec![0.1, 0.2, 5.3, 5.7, 9.1], 1).unwrap();
    let weighted =
        Weighted::new(&table, &[5e-324; 5]).map(|data| Em::default().fit(&KMeans::new(2), &data).map(|_| ()));
    let message = match weighted {
        Err(error) => error.to_string(),
        Ok(fit) => fit.unwrap_err().cause.to_string(),
    };
    assert_eq!(message, "the sum of the weights is 2.5e-323: multiply all of them by one number");
    let weighted = Weighted::new(&table, &[1e-285; 5]).unwrap();
    let fit = Em::default().verify(true).fit(&KMeans::new(2), &weighted).unwrap();
    let plain = Em::default().fit(&KMeans::new(2), &table).unwrap();
    assert_eq!(fit.parameters, plain.parameters);
}

#[test]
fn a_value_at_the_end_of_the_range_is_an_outlier_like_another() {
    let mut data: Vec<f64> = (0..60).map(|n| f64::from(n * 37 % 60) / 1000.0).collect();
    data.extend((0..60).map(|n| 5.0 + f64::from(n * 23 % 60) / 1000.0));
    data.push(f64::MAX);
    let alone = StudentT::new(0.0, 1.0, 3.0).unwrap().fit(&data).unwrap();
    assert!(alone.location() < 5.1 && alone.scale() < 10.0, "{alone}");
    let heavy = |m: f64| StudentT::new(m, 0.1, 1.0).unwrap();
    let model = Mixture::of(vec![heavy(0.0), heavy(5.0)]).unwrap();
    let fit = Em::default().verify(true).fit(&model, &data).unwrap();
    assert!((fit.parameters.components()[0].location() - 0.03).abs() < 0.01, "{}", fit.parameters);
    let normals = Mixture::of(vec![Normal::new(0.0, 1.0).unwrap(), Normal::new(5.0, 1.0).unwrap()]).unwrap();
    assert!(Em::default().fit(&normals, &data).is_err());
}
