//! EM on networks: the E-step is the plain sum over everything hidden, and what EM finds does not depend on who computes.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::Error;
use marginal::data::{Batch, InMemory, Rows};
use marginal::distributions::Distribution;
use marginal::em::{Acceleration, Em};
use marginal::error::NetworkError;
use marginal::graph::DirectedGraph;
use marginal::latent::LatentModel;
use marginal::models::HiddenNetwork;
use marginal::network::{MISSING, Network, StateTable, TablePrior};
use marginal::rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};
use proptest::prelude::*;

const NAMES: [&str; 4] = ["0", "1", "2", "3"];

/// The same by names, the nodes in an order in which children may come before parents.
fn by_name(network: &crate::networks::Network, reversed: bool) -> Network {
    let mut builder = Network::builder();
    let mut add = |v: usize| {
        let parents: Vec<String> = network.parents[v].iter().map(|u| format!("x{u}")).collect();
        let entries: Vec<f64> = network.sixteenths[v].iter().flatten().map(|k| *k as f64 / 16.0).collect();
        builder.variable(&format!("x{v}"), &NAMES[..network.states[v]], &parents, entries);
    };
    if reversed {
        (0..network.len()).rev().for_each(&mut add);
    } else {
        (0..network.len()).for_each(&mut add);
    }
    builder.build().unwrap()
}

/// The joint states that agree with a row.
fn completions(network: &Network, row: &[usize]) -> Vec<Vec<usize>> {
    row.iter().zip(network.variables()).fold(vec![Vec::new()], |starts, (&state, variable)| {
        let states = if state == MISSING { 0..variable.states().len() } else { state..state + 1 };
        starts.iter().flat_map(|start| states.clone().map(move |s| [&start[..], &[s]].concat())).collect()
    })
}

/// p(row), and the expected counts of each family that counts, by the plain sum.
fn enumerated(network: &Network, row: &[usize]) -> (f64, Vec<Vec<f64>>) {
    let seen: Vec<usize> = (0..row.len()).filter(|&v| row[v] != MISSING).collect();
    let above = network.ancestors(&seen[..]);
    let completions = completions(network, row);
    let total: f64 = completions.iter().map(|x| network.log_density(x).exp()).sum();
    let mut counts: Vec<Vec<f64>> = network.variables().iter().map(|v| vec![0.0; v.probabilities().len()]).collect();
    for x in &completions {
        for (v, variable) in network.variables().iter().enumerate() {
            if seen.contains(&v) || above.contains(&v) {
                let states = |u: usize| network.variables()[u].states().len();
                let cell = variable.parents().iter().chain([&v]).fold(0, |cell, &u| cell * states(u) + x[u]);
                counts[v][cell] += network.log_density(x).exp() / total;
            }
        }
    }
    (total, counts)
}

fn hidden_row(network: &Network, shown: f64, rng: &mut Xoshiro256PlusPlus) -> Vec<usize> {
    let row = network.sample(rng);
    row.into_iter().map(|state| if rng.random::<f64>() < shown { state } else { MISSING }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn expected_counts_are_the_plain_sum(
        network in crate::networks::networks(8, 3),
        reversed in any::<bool>(),
        seed in any::<u64>(),
        shown in 0.0..1.0f64,
    ) {
        let network = by_name(&network, reversed);
        let model = HiddenNetwork::new(&network);
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        for _ in 0..8 {
            let row = hidden_row(&network, shown, &mut rng);
            let (p, expected) = enumerated(&network, &row);
            let mut s = model.statistics(&network);
            let batch = Batch::new(Rows::new(&row, row.len()).unwrap(), Some(&[2.5]), 0);
            let evidence = model.e_step(&network, batch, &mut s).unwrap();
            prop_assert!((evidence.value() - 2.5 * p.ln()).abs() <= 1e-12 * (1.0 + p.ln().abs()));
            for (v, expected) in expected.iter().enumerate() {
                let found = s.of_variable(&network, v).unwrap();
                for (found, expected) in found.iter().zip(expected) {
                    prop_assert!((found - 2.5 * expected).abs() <= 1e-12, "x{}: {} instead of {}", v, found, expected);
                }
            }
        }
    }
}

/// Alarm with a fifth of its cells missing.
fn alarm(rows: usize) -> (Network, StateTable) {
    let network = Network::read_bif("data/networks/alarm.bif").unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut table = StateTable::new(&network);
    (0..rows).for_each(|_| table.push(&hidden_row(&network, 0.8, &mut rng), 1.0).unwrap());
    (network, table)
}

#[test]
fn a_fit_has_the_same_bits_on_any_number_of_threads() {
    let (network, table) = alarm(1500);
    let fit = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let model = HiddenNetwork::new(&network).prior(TablePrior::EquivalentSampleSize(10.0));
        let em = Em::default().max_iterations(4).verify(true).seed(3);
        pool.install(|| em.restarts(2).fit(&model, &table).unwrap())
    };
    let (one, three) = (fit(1), fit(3));
    assert_eq!(one.history, three.history);
    assert!(one.parameters == three.parameters);
    assert!(one.history.is_sorted());
}

#[test]
fn equal_rows_may_be_merged_or_not() {
    let network = Network::read_bif("data/networks/asia.bif").unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
    let rows: Vec<Vec<usize>> = (0..400).map(|_| hidden_row(&network, 0.7, &mut rng)).collect();
    let mut merged = StateTable::new(&network);
    rows.iter().for_each(|row| merged.push(row, 1.0).unwrap());
    assert!(merged.len() < 300);
    let (flat, model) = (rows.concat(), HiddenNetwork::new(&network));
    let em = Em::default().acceleration(Acceleration::None).tolerance(-1.0).max_iterations(20);
    let (one, all) = (em.fit(&model, &merged).unwrap(), em.fit(&model, &Rows::new(&flat, 8).unwrap()).unwrap());
    for (one, all) in one.history.iter().zip(&all.history) {
        assert!((one - all).abs() < 1e-10 * all.abs());
    }
    assert_eq!((one.observations, one.weight, one.free_parameters), (all.observations, all.weight, Some(18)));
    assert_eq!(one.bic().map(f64::round), all.bic().map(f64::round));
}

#[test]
fn a_product_of_many_tables_does_not_underflow() {
    // Of 2000 signs each has probability 1/1000 beside either cause: p(row) = 10⁻⁶⁰⁰⁰.
    let mut builder = Network::builder();
    builder.root("cause", &["a", "b"], [0.25, 0.75]);
    for j in 0..2000 {
        builder.variable(&format!("x{j}"), &["0", "1"], &["cause"], [0.999, 0.001, 0.999, 0.001]);
    }
    let network = builder.build().unwrap();
    let row: Vec<usize> = [MISSING].into_iter().chain(vec![1; 2000]).collect();
    let model = HiddenNetwork::new(&network);
    let mut s = model.statistics(&network);
    let batch = Batch::new(Rows::new(&row, row.len()).unwrap(), None, 0);
    let log_density = model.e_step(&network, batch, &mut s).unwrap().value();
    assert!((log_density - 2000.0 * 0.001f64.ln()).abs() < 1e-9);
    let of_cause = s.of_variable(&network, "cause").unwrap();
    assert!((of_cause[0] - 0.25).abs() < 1e-12 && (of_cause[1] - 0.75).abs() < 1e-12);
}

#[test]
fn what_cannot_be_fitted_is_told_with_its_row() {
    let network = Network::builder()
        .root("x", &["no", "yes"], [0.5, 0.5])
        .variable("y", &["no", "yes"], &["x"], [1.0, 0.0, 0.5, 0.5])
        .variable("z", &["no", "yes"], &["y"], [1.0, 0.0, 0.5, 0.5])
        .build()
        .unwrap();
    let model = HiddenNetwork::new(&network);
    let told = |rows: &[usize]| Em::default().fit(&model, &Rows::new(rows, 3).unwrap()).unwrap_err().to_string();
    let impossible = told(&[0, 0, 0, 0, MISSING, 1]);
    assert!(impossible.starts_with("row 1: [x = no, z = yes] has density 0"), "{impossible}");
    assert!(told(&[0, 0, 0, 0, 1, 0]).starts_with("row 1: [x = no, y = yes, z = no] has density 0"));
    assert!(told(&[0, 2, 0]).starts_with("row 0: `y` has no state `number 2`"));
    let short = Em::default().fit(&model, &Rows::new(&[0, 0], 2).unwrap()).unwrap_err();
    assert!(short.to_string().starts_with("row 0: a row has 2 states instead of 3"));
    let negative = HiddenNetwork::new(&network).prior(TablePrior::PseudoCount(-1.0));
    assert!(Em::default().fit(&negative, &Rows::new(&[0, 0, 0], 3).unwrap()).is_err());
    // Forty hidden parents of one child: a table of 2⁴⁰ cells cannot even be given; but pairs can.
    let mut builder = Network::builder();
    let names: Vec<String> = (0..40).map(|j| format!("x{j}")).collect();
    for name in &names {
        builder.root(name, &["0", "1"], [0.5, 0.5]);
    }
    let mut row = vec![MISSING; 40];
    for a in 0..40 {
        for b in 0..a {
            builder.variable(&format!("y{a}_{b}"), &["0", "1"], &[&names[a], &names[b]], vec![0.5; 8]);
            row.push(0);
        }
    }
    let pairs = builder.build().unwrap();
    let start = pairs.clone();
    let wide = Em::default().fit_from(&HiddenNetwork::new(&pairs), &Rows::new(&row, row.len()).unwrap(), start);
    let Error::AtRow { row: 0, source } = wide.unwrap_err().cause else { panic!("the row is named") };
    assert!(matches!(*source, Error::Network(NetworkError::TooLarge { cells, .. }) if cells == 2f64.powi(40)));
}

#[test]
fn a_start_that_cannot_tell_states_apart_is_drawn() {
    let sign = [0.5; 4];
    let network = Network::builder()
        .root("cause", &["a", "b"], [0.5, 0.5])
        .variable("x", &["0", "1"], &["cause"], sign)
        .variable("y", &["0", "1"], &["cause"], sign)
        .variable("z", &["0", "1"], &["y"], [0.75, 0.25, 0.5, 0.5])
        .build()
        .unwrap();
    let rows = [[MISSING, 0, 0, 0], [MISSING, 1, 1, 1], [MISSING, 0, 0, 1], [MISSING, 1, 0, 0]].concat();
    let rows = Rows::new(&rows, 4).unwrap();
    let model = HiddenNetwork::new(&network);
    let fit = Em::default().seed(5).fit(&model, &rows).unwrap();
    let again = Em::default().seed(5).fit(&model, &rows).unwrap();
    assert!(fit.parameters == again.parameters);
    let x = fit.parameters.variables()[1].probabilities();
    assert!((x[0] - x[2]).abs() > 0.1, "the states of the cause are told apart: {x:?}");
    // From the tables as they stand EM cannot move.
    let stuck = Em::default().fit_from(&model, &rows, network.clone()).unwrap();
    assert!(fit.objective > stuck.objective + 0.1);
    let x = stuck.parameters.variables()[1].probabilities();
    assert_eq!(x[..2], x[2..]);
    // A table that tells them apart is where the first run starts.
    let counts = model.network().variables()[3].probabilities().to_vec();
    assert_eq!(counts, network.variables()[3].probabilities());
    assert_eq!(InMemory::<[usize]>::block(&rows).len(), 4);
}

#[test]
fn fixed_tables_stay_and_priors_keep_from_zero() {
    let (network, table) = alarm(300);
    let model = HiddenNetwork::new(&network).prior(TablePrior::PseudoCount(0.5)).fix(&["HRBP", "TPR"]).unwrap();
    let fit = Em::default().max_iterations(5).verify(true).fit(&model, &table).unwrap();
    let (before, after) = (network.variables(), fit.parameters.variables());
    for (before, after) in before.iter().zip(after) {
        let fixed = ["HRBP", "TPR"].contains(&before.name());
        assert_eq!(before.probabilities() == after.probabilities(), fixed, "{}", before.name());
        assert!(fixed || after.probabilities().iter().all(|p| *p > 0.0));
    }
    // p(HRBP | ERRLOWOUTPUT, HR) has 2 · 3 rows of 3 states, p(TPR | ANAPHYLAXIS) 2 of 3.
    assert_eq!(fit.free_parameters, Some(509 - 12 - 4));
    assert!(HiddenNetwork::new(&network).fix(&["HRPB"]).is_err());
    // A 0 has the logarithm of its prior: runs start elsewhere, and whoever starts there is told.
    let coin = Network::builder().root("x", &["0", "1"], [1.0, 0.0]).build().unwrap();
    let model = HiddenNetwork::new(&coin).prior(TablePrior::PseudoCount(1.0));
    let rows = Rows::new(&[0, 0, 0, 1], 1).unwrap();
    let fit = Em::default().fit(&model, &rows).unwrap();
    assert_near_thirds(fit.parameters.variables()[0].probabilities());
    let refused = Em::default().fit_from(&model, &rows, coin).unwrap_err().to_string();
    assert!(refused.starts_with("probability = 0 is not in (0, 1]"), "{refused}");
}

/// (3 + 1) / 6 and (1 + 1) / 6.
fn assert_near_thirds(p: &[f64]) {
    assert!((p[0] - 2.0 / 3.0).abs() < 1e-12 && (p[1] - 1.0 / 3.0).abs() < 1e-12, "{p:?}");
}
