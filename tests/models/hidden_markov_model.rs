//! Hidden Markov models against the plain sum over all paths, a graph of the same chain, and what no path can do.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::data::{Dataset, Statistics, Weighted};
use marginal::distributions::Estimate;
use marginal::em::Acceleration;
use marginal::latent::LatentModel;
use marginal::prelude::*;
use marginal::rand::rngs::Xoshiro256PlusPlus;

fn three_normals() -> HiddenMarkovModel<Vec<Normal>> {
    let normal = |mean, deviation| Normal::new(mean, deviation).unwrap();
    let emissions = vec![normal(-1.0, 0.5), normal(0.25, 1.0), normal(2.0, 0.75)];
    // The third state cannot come first, nor follow the first.
    let transitions = [[0.75, 0.25, 0.0], [0.125, 0.5, 0.375], [0.25, 0.25, 0.5]];
    HiddenMarkovModel::new(&[0.625, 0.375, 0.0], &transitions, emissions).unwrap()
}

/// Every path with ln p(x, z).
fn paths(model: &HiddenMarkovModel<Vec<Normal>>, x: &[f64]) -> Vec<(Vec<usize>, f64)> {
    let k = model.emissions().len();
    let path = |number: usize| (0..x.len()).map(|t| number / k.pow(t as u32) % k).collect::<Vec<usize>>();
    let log_joint = |z: &[usize]| {
        let from = |t: usize| if t == 0 { model.initial() } else { model.transitions().row(z[t - 1]) };
        (0..x.len()).map(|t| from(t)[z[t]].ln() + model.emissions()[z[t]].log_density(&x[t])).sum::<f64>()
    };
    (0..k.pow(x.len() as u32)).map(path).map(|z| (log_joint(&z), z)).map(|(l, z)| (z, l)).collect()
}

#[test]
fn every_sum_is_that_over_all_paths() {
    let model = three_normals();
    let sequences = [vec![0.3], vec![-1.2, 2.1], vec![0.5, 1.5, -0.75, 2.25, 2.0, -1.0, 0.0], vec![]];
    let weights = [1.0, 2.0, 0.5, 1.0];
    let data = Weighted::new(&sequences[..], &weights).unwrap();
    let mut s = model.statistics(&model);
    let evidence = data.fold(&s.clone(), &|batch, s| model.e_step(&model, batch, s).map(drop)).unwrap();
    s.merge(&evidence);

    let (mut initial, mut transitions, mut of_emissions) = (vec![0.0; 3], vec![0.0; 9], vec![[0.0; 2]; 3]);
    let mut entropy = 0.0;
    for (x, weight) in sequences.iter().zip(weights) {
        let all = paths(&model, x);
        let p_x: f64 = all.iter().map(|(_, l)| l.exp()).sum();
        assert!((model.log_density(x).unwrap() - p_x.ln()).abs() < 1e-13);
        let mut responsibilities = vec![[0.0; 3]; x.len()];
        for (z, log_joint) in &all {
            let share = log_joint.exp() / p_x;
            entropy -= if share > 0.0 { weight * share * share.ln() } else { 0.0 };
            for (t, &state) in z.iter().enumerate() {
                responsibilities[t][state] += share;
                of_emissions[state][0] += weight * share;
                of_emissions[state][1] += weight * share * x[t];
                if t == 0 {
                    initial[state] += weight * share;
                } else {
                    transitions[z[t - 1] * 3 + state] += weight * share;
                }
            }
        }
        let found = model.responsibilities(x).unwrap();
        for (row, expected) in found.rows().iter().zip(&responsibilities) {
            assert!(row.iter().zip(expected).all(|(p, q)| (p - q).abs() < 1e-13));
        }
        let best = model.most_probable(x).unwrap();
        let (z, log_joint) = all.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
        assert_eq!(&best.states, z);
        assert!((best.log_joint - log_joint).abs() < 1e-13);
        // p(x, y) / p(x) for a next y.
        let next = [x.clone(), vec![0.7]].concat();
        let ratio = model.log_density(&next).unwrap() - model.log_density(x).unwrap();
        assert!((model.predictive(x).unwrap().log_density(&0.7) - ratio).abs() < 1e-13);
    }
    assert!((model.path_entropy(&data).unwrap() - entropy).abs() < 1e-12);
    let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-13);
    assert!(near(&s.initial, &initial) && near(&s.transitions, &transitions));
    for (emission, expected) in s.emissions.iter().zip(&of_emissions) {
        let at = |mean: f64| Normal::new(mean, 1.0).unwrap().expected_log_density(emission);
        // Q(1) − Q(0) = Σ w x − ½ Σ w.
        assert!((at(1.0) - at(0.0) - (expected[1] - 0.5 * expected[0])).abs() < 1e-12);
    }
}

#[test]
fn the_nile_falls_as_in_the_graph_of_the_same_chain() {
    let flows = Table::read_csv("data/nile.csv").unwrap().column(0);
    let regimes = vec![Normal::new(1000.0, 200.0).unwrap(), Normal::new(800.0, 200.0).unwrap()];
    let model = HiddenMarkovModel::new(&[0.5, 0.5], &[[0.9, 0.1], [0.1, 0.9]], regimes).unwrap();
    let fit = Em::default().verify(true).fit(&model, std::slice::from_ref(&flows)).unwrap();
    assert!((fit.log_likelihood - -629.804_456).abs() < 1e-5, "{}", fit.log_likelihood);
    let chain = &fit.parameters;
    assert!(
        (chain.emissions()[0].mean() - 1097.15).abs() < 0.01 && (chain.emissions()[1].mean() - 850.76).abs() < 0.01
    );
    let best = chain.most_probable(&flows).unwrap();
    let falls: Vec<usize> = (1..100).filter(|&t| best.states[t] != best.states[t - 1]).map(|t| 1871 + t).collect();
    assert_eq!(falls, [1899]);
    assert_eq!(fit.free_parameters, Some(1 + 2 + 4));
    assert_eq!(fit.bic(), Some(-2.0 * fit.log_likelihood + 7.0 * 100f64.ln()));
}

#[test]
fn a_probability_that_a_fit_drives_to_zero_was_free() {
    let flows = Table::read_csv("data/nile.csv").unwrap().column(0).iter().map(|x| *x as u64).collect::<Vec<_>>();
    let rates = vec![Poisson::new(1000.0).unwrap(), Poisson::new(800.0).unwrap()];
    // So many plain steps that it is 0 to the last bit; jumps end before.
    let plain = Em::default().acceleration(Acceleration::None);
    let fit = plain.fit(&HiddenMarkovModel::of(rates.clone()).unwrap(), std::slice::from_ref(&flows)).unwrap();
    assert_eq!(fit.parameters.initial()[1], 0.0);
    assert_eq!(fit.free_parameters, Some(1 + 2 + 2));
    let one_way = HiddenMarkovModel::new(&[1.0, 0.0], &[[0.5, 0.5], [0.0, 1.0]], rates).unwrap();
    assert_eq!(Em::default().fit(&one_way, &[flows]).unwrap().free_parameters, Some(1 + 2));
}

#[test]
fn a_long_sequence_neither_under_nor_overflows_and_comes_back() {
    let truth = HiddenMarkovModel::new(
        &[1.0, 0.0],
        &[[0.95, 0.05], [0.1, 0.9]],
        vec![Poisson::new(2.0).unwrap(), Poisson::new(9.0).unwrap()],
    )
    .unwrap();
    let (counts, states) = truth.sample(20_000, &mut Xoshiro256PlusPlus::seed_from_u64(1));
    let start = HiddenMarkovModel::of(vec![Poisson::new(4.0).unwrap(), Poisson::new(6.0).unwrap()]).unwrap();
    let fit = Em::default().fit(&start, std::slice::from_ref(&counts)).unwrap();
    let found = &fit.parameters;
    assert!((found.emissions()[0].rate() - 2.0).abs() < 0.1 && (found.emissions()[1].rate() - 9.0).abs() < 0.2);
    assert!((found.transitions().row(0)[1] - 0.05).abs() < 0.01);
    let right = found.most_probable(&counts).unwrap().states.iter().zip(&states).filter(|(a, b)| a == b).count();
    assert!(right > 19_500, "{right}");
    let restarted = Em::default().restarts(4).seed(3).fit(&start, &[counts]).unwrap();
    assert!((restarted.log_likelihood - fit.log_likelihood).abs() < 1e-3 * fit.log_likelihood.abs());
}

#[test]
fn sequences_of_rows_are_tables() {
    let normal = |mean: f64| MultivariateNormal::new(vec![mean, -mean], &[1.0, 0.0, 0.0, 1.0]).unwrap();
    let model = HiddenMarkovModel::of(vec![normal(-2.0), normal(2.0)]).unwrap();
    let (rows, _) = model.sample(300, &mut Xoshiro256PlusPlus::seed_from_u64(1));
    let fit = Em::default().fit(&model, std::slice::from_ref(&rows)).unwrap();
    assert_eq!(fit.parameters.responsibilities(&rows).unwrap().len(), 300);
    let narrow = Table::from_values(vec![0.0; 3], 1).unwrap();
    assert_eq!(model.most_probable(&narrow).unwrap_err().to_string(), "a row: length 1, expected 2");
    let refused = Em::default().fit(&model, &[narrow]).unwrap_err();
    assert_eq!(refused.to_string(), "row 0: a row: length 1, expected 2");
}

#[test]
fn an_outlier_that_only_an_unlikely_state_explains_is_no_underflow() {
    // Far from all but the second state, into which hardly any path leads.
    let normal = |mean| Normal::new(mean, 1.0).unwrap();
    let rows = [[1.0, 1e-295], [0.5, 0.5]];
    let model = HiddenMarkovModel::new(&[1.0, 0.0], &rows, vec![normal(0.0), normal(60.0)]).unwrap();
    let x = [0.0, 60.0, 60.0];
    // Of four paths one has all but e^−1000 of the density.
    let log = |t: usize, mean| normal(mean).log_density(&x[t]);
    let expected = log(0, 0.0) + 1e-295f64.ln() + log(1, 60.0) + 0.5f64.ln() + log(2, 60.0);
    assert!((model.log_density(&x).unwrap() - expected).abs() < 1e-12 * expected.abs());
    let states = model.responsibilities(&x).unwrap();
    assert!(states.rows().iter().zip([0.0, 1.0, 1.0]).all(|(row, p)| (row[1] - p).abs() < 1e-12));
}

#[test]
fn what_no_path_can_do_is_named() {
    let counts = |rates: [f64; 2]| rates.map(|rate| Poisson::new(rate).unwrap()).to_vec();
    let model = HiddenMarkovModel::new(&[1.0, 0.0], &[[0.0, 1.0], [0.0, 1.0]], counts([3.0, 0.0])).unwrap();
    let refused = model.log_density(&[5, 0, 2]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "row 2: 2 has density 0 under the model: it lies outside the support, or is not finite"
    );
    assert_eq!(model.most_probable(&[5, 0, 2]).unwrap_err().to_string(), refused.to_string());
    let unreachable = Em::default().fit(&model, &[vec![3, 0], vec![5, 0, 2]]).unwrap_err();
    assert!(unreachable.to_string().starts_with("row 1: row 2: 2 has density 0"), "{unreachable}");

    let of = |initial: &[f64], transitions: &[Vec<f64>]| {
        HiddenMarkovModel::new(initial, transitions, counts([1.0, 2.0])).unwrap_err().to_string()
    };
    let rows = [vec![0.5, 0.5], vec![0.5, 0.5]];
    assert_eq!(of(&[1.0], &rows), "the probabilities of the first state: length 1, expected 2");
    assert_eq!(of(&[0.5, 0.4], &rows), "the sum of the probabilities of the first state is 0.9, not 1");
    assert_eq!(of(&[1.5, -0.5], &rows), "probability = 1.5 is not in [0, 1]");
    assert_eq!(of(&[0.5, 0.5], &rows[..1]), "the rows of transition probabilities: length 1, expected 2");
    assert_eq!(
        of(&[0.5, 0.5], &[vec![0.5, 0.5], vec![0.5, 0.25]]),
        "the sum of the row of transition probabilities from state 1 is 0.75, not 1"
    );
    assert!(HiddenMarkovModel::<Vec<Normal>>::of(vec![]).is_err());
}
