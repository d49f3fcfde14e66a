//! `verify` sees an E-step that multiplies probabilities and loses a state to underflow.
#![cfg(feature = "laws")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "one fault is enough here")]
#[path = "../faults/left_to_right.rs"]
mod left_to_right;

use left_to_right::{Fault, LeftToRight, Theta};
use marginal::data::{Batch, Statistics};
use marginal::latent::FiniteLatent;
use marginal::laws::{self, LatentCase, Observations, Part};
use marginal::prelude::*;

/// Two regimes that are never left, of means 0 and 10: fifteen zeros, each e⁻⁵⁰ in the second, then forty tens.
fn regimes() -> (Theta, Vec<f64>) {
    let theta = Theta { first: [0.5; 2], rows: [[1.0, 0.0], [0.0, 1.0]], means: [0.0, 10.0] };
    (theta, [vec![0.0; 15], vec![10.0; 40]].concat())
}

const RIGHT: f64 = -801.2348;
const LOST: f64 = -2051.2348;

fn log_likelihood(fault: Fault) -> f64 {
    let (theta, sequence) = regimes();
    let em = Em::default().max_iterations(0);
    em.fit_from(&LeftToRight { fault, summed: true }, &[sequence], theta).unwrap().log_likelihood
}

#[test]
fn the_planted_fault_loses_the_right_regime() {
    assert!((log_likelihood(Fault::None) - RIGHT).abs() < 1e-4);
    assert!((log_likelihood(Fault::ProductsScaledByTheLargest) - LOST).abs() < 1e-4);
}

#[test]
fn a_fit_that_is_verified_ends_where_a_state_is_lost() {
    let (theta, sequence) = regimes();
    let fit = |fault, max| {
        let em = Em::default().verify(true).max_iterations(max);
        em.fit_from(&LeftToRight { fault, summed: true }, std::slice::from_ref(&sequence), theta)
    };
    assert!(fit(Fault::None, 100).is_ok(), "{}", fit(Fault::None, 100).unwrap_err());
    for fault in [Fault::ProductsScaledByTheLargest, Fault::ProductsOfProbabilities] {
        let failed = fit(fault, 100).unwrap_err();
        let Error::LawBroken { left, right, suspect, .. } = failed.cause else { panic!("{failed}") };
        assert!((left - LOST).abs() < 1e-4, "{left}");
        assert!((right - RIGHT).abs() < 1e-4, "{right}");
        assert!(suspect.contains("E-step"), "{suspect}");
    }
}

#[test]
fn the_laws_on_one_case_see_it_too() {
    let (theta, sequence) = regimes();
    let report = |fault| {
        let model = LeftToRight { fault, summed: true };
        laws::check(&laws::latent_model(), &LatentCase::new(model, theta, Observations::new([(sequence.clone(), 1.0)])))
    };
    assert!(report(Fault::None).broken().next().is_none(), "{}", report(Fault::None));
    let lost = report(Fault::ProductsScaledByTheLargest);
    assert_eq!(lost.suspect(), Some(Part::EStep), "{lost}");
    assert_eq!(lost.broken().next().map(|line| line.law), Some("logarithms_give_the_same_log_likelihood"));
}

/// A class above many signs, each of which says one thing in a thousand rows: the posterior is written with products.
#[derive(Clone, Debug)]
struct Signs {
    products: bool,
}

/// The class's probabilities, and p(sign = 1) in each class.
type Probabilities = ([f64; 2], [f64; 2]);

impl FiniteLatent for Signs {
    type Observation = [f64];
    type Parameters = Probabilities;
    type Statistics = [[f64; 3]; 2]; // of each class: Σ w, Σ w zeros, Σ w ones

    fn states(&self) -> usize {
        2
    }
    fn statistics(&self, _: &Probabilities) -> [[f64; 3]; 2] {
        [[0.0; 3]; 2]
    }
    fn log_joint(&self, (class, one): &Probabilities, x: &[f64], z: usize) -> f64 {
        let of_sign = |x: &f64| if *x == 1.0 { one[z].ln() } else { (1.0 - one[z]).ln() };
        class[z].ln() + x.iter().map(of_sign).sum::<f64>()
    }
    fn observe(&self, s: &mut [[f64; 3]; 2], x: &[f64], z: usize, weight: f64) {
        let ones: f64 = x.iter().sum();
        s[z].merge(&[weight, weight * (x.len() as f64 - ones), weight * ones]);
    }
    fn estimate(&self, s: &[[f64; 3]; 2]) -> Result<Probabilities, Error> {
        let weight = s[0][0] + s[1][0];
        if !(s[0][0] > 0.0 && s[1][0] > 0.0) {
            return Err(Error::NoWeight { weight });
        }
        Ok((s.map(|s| s[0] / weight), s.map(|s| s[2] / (s[1] + s[2]))))
    }
    fn complete_log_likelihood(&self, (class, one): &Probabilities, s: &[[f64; 3]; 2]) -> f64 {
        let term = |weight: f64, p: f64| if weight > 0.0 { weight * p.ln() } else { 0.0 };
        let of = |z: usize| term(s[z][0], class[z]) + term(s[z][1], 1.0 - one[z]) + term(s[z][2], one[z]);
        of(0) + of(1)
    }
    fn posterior(&self, theta: &Probabilities, batch: Batch<'_, [f64]>) -> Result<(Vec<f64>, Vec<f64>), Error> {
        let n = batch.len();
        let (mut tile, mut log_densities) = (vec![0.0; 2 * n], vec![0.0; n]);
        for (row, x) in batch.block().iter().enumerate() {
            let logs = [0, 1].map(|z| self.log_joint(theta, x, z));
            let largest = if self.products { 0.0 } else { logs[0].max(logs[1]) };
            let p = logs.map(|l| (l - largest).exp());
            log_densities[row] = (p[0] + p[1]).ln() + largest;
            (0..2).for_each(|z| tile[z * n + row] = p[z] / (p[0] + p[1]));
            if log_densities[row] == f64::NEG_INFINITY {
                return Err(Error::Impossible { row: batch.row(row), value: "a row of signs".into() });
            }
        }
        Ok((tile, log_densities))
    }
}

#[test]
fn so_many_signs_that_their_product_underflows_are_seen_without_a_word_from_the_model() {
    // Half of the signs are one, and the classes differ little: each row has p ≈ e⁻⁹⁰⁰.
    let row = |ones: usize| (0..200).map(|j| f64::from(u8::from(j < ones))).collect::<Vec<f64>>();
    let rows: Vec<f64> = [130, 140, 120, 150].map(row).concat();
    let table = Table::from_values(rows, 200).unwrap();
    let theta: Probabilities = ([0.5; 2], [1e-3, 2e-3]);
    let fit = |products| Em::default().verify(true).max_iterations(20).fit_from(&Signs { products }, &table, theta);
    assert!(fit(false).is_ok(), "{}", fit(false).unwrap_err());
    let failed = fit(true).unwrap_err();
    let Error::LawBroken { left, right, suspect, .. } = failed.cause else { panic!("{failed}") };
    assert!(left == f64::NEG_INFINITY && right < -700.0 && suspect.contains("E-step"), "{left} {right} {suspect}");
}
