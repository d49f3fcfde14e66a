//! Where EM starts: apart from equal components, with rows shared among those that may have produced them.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::data::{Table, Weighted};
use marginal::distributions::{Categorical, Column, Estimate, Gamma, LogNormal, Normal, Poisson};
use marginal::em::Em;
use marginal::error::Error;
use marginal::latent::Start;
use marginal::models::{ColumnMixture, HiddenMarkovModel, Mixture};
use marginal::{
    conditionals::{LinearGaussian, Regressions},
    models::ConditionalMixture,
};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

fn normal(mean: f64) -> Normal {
    Normal::new(mean, 1.0).unwrap()
}

/// Two clusters, at −3 and 3.
fn two_clusters() -> Vec<f64> {
    (0..200).map(|n| f64::from(n % 2) * 6.0 - 3.0 + f64::from(n * 37 % 100) / 50.0 - 1.0).collect()
}

#[test]
fn equal_components_of_a_mixture_start_apart() {
    let data = two_clusters();
    let apart = Em::default().fit(&Mixture::of(vec![normal(-1.0), normal(1.0)]).unwrap(), &data).unwrap();
    let equal = Em::default().fit(&Mixture::of(vec![normal(0.0); 2]).unwrap(), &data).unwrap();
    let one = Em::default().fit(&Mixture::of(vec![normal(0.0)]).unwrap(), &data).unwrap();
    assert!(equal.log_likelihood > one.log_likelihood + 5.0, "{} {}", equal.log_likelihood, one.log_likelihood);
    let equal = Em::default().restarts(10).fit(&Mixture::of(vec![normal(0.0); 2]).unwrap(), &data).unwrap();
    assert!((equal.log_likelihood - apart.log_likelihood).abs() < 1e-4);
    // Two of three.
    let three = Mixture::of(vec![normal(-1.0), normal(1.0), normal(1.0)]).unwrap();
    let fit = Em::default().fit(&three, &data).unwrap();
    assert!(fit.parameters.components()[1].mean() != fit.parameters.components()[2].mean());
    // Unequal proportions tell nobody apart.
    let unequal = Mixture::new(vec![0.3, 0.7], vec![normal(0.0); 2]).unwrap();
    let fit = Em::default().restarts(10).fit(&unequal, &data).unwrap();
    assert!((fit.log_likelihood - apart.log_likelihood).abs() < 1e-4);
    // A start that is given is taken as it is.
    let model = Mixture::of(vec![normal(0.0); 2]).unwrap();
    let stays = Em::default().fit_from(&model, &data, model.clone()).unwrap();
    assert_eq!(stays.parameters.components()[0], stays.parameters.components()[1]);
}

#[test]
fn no_single_run_from_equal_components_stays_near_them() {
    fn check<D: Estimate<Value = f64> + std::fmt::Debug>(component: &D, data: &[f64], apart: f64) {
        let one = Em::default().fit(&Mixture::of(vec![component.clone()]).unwrap(), data).unwrap().log_likelihood;
        for seed in 0..20 {
            let fit = Em::default().seed(seed).fit(&Mixture::of(vec![component.clone(); 2]).unwrap(), data).unwrap();
            assert!(
                fit.log_likelihood > one + apart,
                "seed {seed}: {} beside {one}: {component:?}",
                fit.log_likelihood
            );
        }
    }
    let data = two_clusters();
    check(&normal(0.0), &data, 50.0);
    check(&Gamma::new(2.0, 0.2).unwrap(), &data.iter().map(|x| x + 4.5).collect::<Vec<f64>>(), 50.0);
}

#[test]
fn rows_that_are_all_equal_are_told() {
    let model = Mixture::of(vec![Poisson::new(2.0).unwrap(), Poisson::new(5.0).unwrap()]).unwrap();
    let error = Em::default().fit(&Mixture::of(vec![Poisson::new(2.0).unwrap(); 2]).unwrap(), &[3u64; 20]).unwrap_err();
    assert_eq!(
        error.cause.to_string(),
        "components 0 and 1 have the same density in every row, and so they have after a random start: fewer \
         components, or rows that differ"
    );
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    assert!(matches!(model.start(&[3u64; 20][..], 1, &mut rng), Err(Error::EqualComponents { first: 0, second: 1 })));
    let chain = HiddenMarkovModel::of(vec![Poisson::new(2.0).unwrap(); 2]).unwrap();
    let error = Em::default().fit(&chain, &[vec![3u64; 20]]).unwrap_err().cause;
    assert!(matches!(error, Error::EqualComponents { .. }), "{error}");
}

#[test]
fn equal_states_of_a_chain_start_apart_unless_the_chain_tells_them_apart() {
    // Stretches of twenty.
    let mut data = two_clusters();
    data.sort_by_key(|x| *x > 0.0);
    let data: Vec<f64> = (0..200).map(|t| data[if t / 20 % 2 == 0 { t / 2 } else { 100 + t / 2 }]).collect();
    let apart = HiddenMarkovModel::of(vec![normal(-1.0), normal(1.0)]).unwrap();
    let best = Em::default().fit(&apart, std::slice::from_ref(&data)).unwrap().log_likelihood;
    let sticky = [[0.9, 0.1], [0.1, 0.9]];
    let stationary = [[0.9, 0.1], [0.3, 0.7]];
    let equal = vec![normal(0.0); 2];
    for (initial, rows) in [([0.5, 0.5], sticky), ([0.75, 0.25], stationary), ([0.4, 0.6], [[0.4, 0.6], [0.4, 0.6]])] {
        let chain = HiddenMarkovModel::new(&initial, &rows, equal.clone()).unwrap();
        let fit = Em::default().verify(true).restarts(3).fit(&chain, std::slice::from_ref(&data)).unwrap();
        assert!((fit.log_likelihood - best).abs() < 1e-3, "{} {best}", fit.log_likelihood);
    }
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let one_way = HiddenMarkovModel::new(&[1.0, 0.0], &[[0.9, 0.1], [0.0, 1.0]], equal).unwrap();
    assert_eq!(one_way.start(&[data.clone()][..], 0, &mut rng).unwrap(), one_way);
    assert_eq!(apart.start(&[data][..], 0, &mut rng).unwrap(), apart);
}

#[test]
fn equal_regressions_start_apart_even_if_a_third_differs() {
    let rows = (0..120).flat_map(|n| {
        let y = f64::from(n % 10);
        [y, [2.0 * y, 20.0 - y, -3.0 * y][n as usize % 3] + f64::from(n * 7 % 11) / 20.0]
    });
    let rows = Table::from_values(rows.collect(), 2).unwrap();
    let line = |a, b| LinearGaussian::<[f64]>::new(a, &[b], 2.0).unwrap();
    let model =
        ConditionalMixture::of(Regressions::new(vec![line(0.0, 0.0), line(0.0, 0.0), line(20.0, -1.0)]).unwrap())
            .unwrap();
    let fit = Em::default().fit(&model, &rows).unwrap();
    assert!(fit.parameters.components()[0] != fit.parameters.components()[1]);
}

#[test]
fn every_start_shares_a_row_among_those_that_may_have_produced_it() {
    let data: Vec<f64> = (0..100).map(|n| f64::from(n * 37 % 100) / 10.0 - 4.0).collect();
    let columns: Vec<Column> = vec![normal(0.0).into(), LogNormal::new(0.0, 1.0).unwrap().into()];
    let mixture = Mixture::of(columns.clone()).unwrap();
    let chain = HiddenMarkovModel::of(columns).unwrap();
    for restart in 1..30 {
        let rng = &mut Xoshiro256PlusPlus::seed_from_u64(restart as u64);
        mixture.start(&data, restart, rng).unwrap();
        chain.start(&[data.clone()][..], restart, rng).unwrap();
    }
    assert!(Em::default().restarts(5).fit(&mixture, &data).unwrap().log_likelihood.is_finite());
}

#[test]
fn a_column_mixture_of_rows_that_hardly_differ_is_told() {
    let model = ColumnMixture::new(2, vec!["poisson".parse().unwrap()]).unwrap();
    let table = Table::from_values(vec![3.0; 10], 1).unwrap();
    let error = Em::default().fit(&model, &table).unwrap_err().cause;
    assert_eq!(error.to_string(), "1 distinct row cannot carry 2 components: fewer components or more data");
}

fn unvisited() -> (HiddenMarkovModel<Vec<Categorical>>, Vec<usize>) {
    let text = std::fs::read_to_string("tests/cases/unvisited_state.json").unwrap();
    let case: serde_json::Value = serde_json::from_str(&text).unwrap();
    let numbers = |value: &serde_json::Value| -> Vec<f64> {
        value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
    };
    let rows = |name: &str| -> Vec<Vec<f64>> { case[name].as_array().unwrap().iter().map(numbers).collect() };
    let emissions = rows("emissions").into_iter().map(|p| Categorical::new(p).unwrap()).collect();
    let model = HiddenMarkovModel::new(&numbers(&case["initial"]), &rows("transitions"), emissions).unwrap();
    (model, numbers(&case["data"]).into_iter().map(|x| x as usize).collect())
}

#[test]
fn a_state_that_is_not_visited_keeps_its_emission_and_its_row() {
    let (model, data) = unvisited();
    let fit = Em::default().verify(true).fit(&model, std::slice::from_ref(&data)).unwrap();
    assert_eq!(fit.parameters.emissions()[2], model.emissions()[2]);
    assert_eq!(fit.parameters.transitions().row(2), [0.0, 0.0, 1.0]);
    // Of numbers, too.
    let far = HiddenMarkovModel::of(vec![normal(-3.0), normal(3.0), normal(1e6)]).unwrap();
    let fit = Em::default().verify(true).fit(&far, &[two_clusters()]).unwrap();
    assert_eq!(fit.parameters.emissions()[2], normal(1e6));
}

#[test]
fn a_symbol_that_no_state_emits_is_named() {
    let (model, mut data) = unvisited();
    data.extend([1, 3]);
    let sentence = "step 7: no state emits 3: mend it, or give it a density in one of the emissions";
    assert_eq!(model.log_density(&data).unwrap_err().to_string(), sentence);
    assert_eq!(model.most_probable(&data).unwrap_err().to_string(), sentence);
    let error = Em::default().fit(&model, &[data[..6].to_vec(), data]).unwrap_err();
    assert!(error.to_string().contains(&format!("row 1: {sentence}")), "{error}");
}

#[test]
fn a_row_of_weight_zero_tells_no_components_apart() {
    let weighted = Weighted::new(&[3u64, 3, 9], &[1.0, 1.0, 0.0]).unwrap();
    let model = Mixture::of(vec![Poisson::new(2.0).unwrap(); 2]).unwrap();
    let error = Em::default().fit(&model, &weighted).unwrap_err().cause;
    assert!(matches!(error, Error::EqualComponents { .. }), "{error}");
}

/// Zucchini & MacDonald (2009): with four states the known optimum has one that is never left.
#[test]
fn random_starts_of_a_chain_differ_in_their_transitions_too() {
    let counts = std::fs::read_to_string("tests/cases/earthquakes.csv").unwrap();
    let counts: Vec<u64> = counts.lines().skip(1).map(|line| line.parse().unwrap()).collect();
    for (states, optimum) in [(2, -341.8787010117), (3, -328.5274833802), (4, -326.2850162379)] {
        let chain = HiddenMarkovModel::of(vec![Poisson::new(19.0).unwrap(); states]).unwrap();
        let fit = Em::default().restarts(20).seed(1).fit(&chain, std::slice::from_ref(&counts)).unwrap();
        assert!((fit.log_likelihood - optimum).abs() < 1e-4, "{states} states: {}", fit.log_likelihood);
    }
}

#[test]
fn what_cannot_follow_never_follows_whatever_the_start() {
    let left_to_right = [[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0]];
    let chain = HiddenMarkovModel::new(&[1.0, 0.0, 0.0], &left_to_right, vec![normal(-1.0), normal(0.0), normal(1.0)]);
    let (chain, data) = (chain.unwrap(), [two_clusters()]);
    for seed in 0..20 {
        let start = chain.start(&data[..], 1, &mut Xoshiro256PlusPlus::seed_from_u64(seed)).unwrap();
        for (row, given) in start.transitions().iter().zip(left_to_right) {
            assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert!(row.iter().zip(given).all(|(p, given)| (*p > 0.0) == (given > 0.0)), "{row:?}");
        }
    }
}
