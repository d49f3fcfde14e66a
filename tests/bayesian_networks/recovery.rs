//! A network comes back from rows of its own, one variable never seen and a tenth of the other cells missing.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::distributions::{Cumulative, Distribution, Gamma};
use marginal::em::Em;
use marginal::models::HiddenNetwork;
use marginal::network::{MISSING, Network, StateTable};
use marginal::rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

/// Asia with uniform tables; `either` has two children and two parents, so that data tell of it though nobody sees it.
fn without_numbers(asia: &Network) -> Network {
    let mut builder = Network::builder();
    for variable in asia.variables() {
        let parents: Vec<&str> = variable.parents().iter().map(|&v| asia.variables()[v].name()).collect();
        builder.variable(variable.name(), variable.states(), &parents, vec![0.5; variable.entries().len()]);
    }
    builder.build().unwrap()
}

#[test]
fn em_exceeds_the_truth_by_no_more_than_chance_allows() {
    let asia = Network::read_bif("data/networks/asia.bif").unwrap();
    let either = asia.variable("either").unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(11);
    let mut table = StateTable::new(&asia);
    for _ in 0..10_000 {
        let mut row = asia.sample(&mut rng);
        for (v, state) in row.iter_mut().enumerate() {
            if v == either || rng.random::<f64>() < 0.1 {
                *state = MISSING;
            }
        }
        table.push(&row, 1.0).unwrap();
    }
    let model = HiddenNetwork::new(&without_numbers(&asia));
    let fit = Em::default().restarts(3).verify(true).fit(&model, &table).unwrap();
    let at_truth = Em::default().max_iterations(1).fit_from(&model, &table, asia.clone()).unwrap().history[0];
    // Twice the gain has a χ² distribution of at most 18 degrees of freedom (Wilks 1938).
    let quantile = Gamma::new(9.0, 0.5).unwrap().quantile(1.0 - 1e-9).unwrap();
    let gain = 2.0 * (fit.log_likelihood - at_truth);
    assert!((0.0..quantile).contains(&gain), "{gain} of at most {quantile}");
    // What is always seen with its parents comes back within five of the standard errors of the rows that show it.
    let smoke = fit.parameters.variables()[asia.variable("smoke").unwrap()].probabilities()[0];
    assert!((smoke - 0.5).abs() < 5.0 * (0.25 / 9_000f64).sqrt(), "{smoke}");
}
