//! The bootstrap, the likelihood-ratio test and cross-validation.

use std::sync::atomic::{AtomicUsize, Ordering};

use marginal::conditionals::{ConditionalDistribution, Regressions};
use marginal::data::{Table, Weighted};
use marginal::distributions::Poisson;
use marginal::em::Cancel;
use marginal::prelude::*;
use marginal::rand::rngs::Xoshiro256PlusPlus;
use marginal::uncertainty::{
    CrossValidation, GraphParameters, LikelihoodRatio, Resample, Simulate, StandardErrors, UncertaintyError,
    WithCoordinates, one_standard_error_rule,
};

fn one_normal() -> (Vec<f64>, Mixture<Vec<Normal>>) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    let normal = Normal::new(10.0, 2.0).unwrap();
    ((0..300).map(|_| normal.sample(&mut rng)).collect(), Mixture::of(vec![normal]).unwrap())
}

fn two_normals() -> Mixture<Vec<Normal>> {
    Mixture::of(vec![Normal::new(2.0, 0.5).unwrap(), Normal::new(4.3, 0.5).unwrap()]).unwrap()
}

fn eruptions() -> Table {
    Table::read_csv("data/faithful.csv").unwrap()
}

#[test]
fn both_bootstraps_have_the_spread_of_the_closed_form() {
    let (x, model) = one_normal();
    let em = Em::default();
    let fit = em.fit(&model, &x).unwrap();
    let sigma = fit.parameters.components()[0].standard_deviation();
    let closed = [sigma / 300f64.sqrt(), sigma / 600f64.sqrt()];
    let resample = Resample::new(1000).seed(5);
    let rows = resample.rows(&em, &model, &x, &fit.parameters).unwrap();
    let simulated = resample.simulated(&em, &model, &x, &fit.parameters).unwrap();
    for bootstrap in [rows, simulated] {
        for (name, closed) in ["component 0: mean", "component 0: standard deviation"].into_iter().zip(closed) {
            let found = bootstrap.parameter(name).unwrap();
            // 1000 replicates know a standard deviation to 2.2 %; a sample's own kurtosis adds a little.
            assert!((found.standard_error / closed - 1.0).abs() < 0.12, "{name}: {}, {closed}", found.standard_error);
            let interval = found.interval(0.95).unwrap();
            assert!((interval.upper - interval.lower - 3.92 * closed).abs() < 0.6 * closed);
        }
        assert!(bootstrap.failures().is_empty());
    }
}

#[test]
fn the_bootstrap_of_a_mixture_agrees_with_its_information() {
    let (em, model) = (Em::default(), two_normals());
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
    let x: Vec<f64> = (0..500).map(|_| model.sample(&mut rng)).collect();
    let fit = em.fit(&model, &x).unwrap();
    let errors = StandardErrors::of(&model, &x, &fit.parameters).unwrap();
    let bootstrap = Resample::new(400).seed(1).simulated(&em, &model, &x, &fit.parameters).unwrap();
    for (a, b) in errors.parameters().iter().zip(bootstrap.parameters()) {
        let ratio = b.standard_error / a.standard_error.unwrap();
        assert!((0.8..1.25).contains(&ratio), "{}: {ratio}", a.name);
    }
}

#[test]
fn replicates_do_not_depend_on_the_number_of_threads() {
    let x = eruptions().column(0);
    let (em, model) = (Em::default(), two_normals());
    let theta = em.fit(&model, &x).unwrap().parameters;
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let resample = Resample::new(20).seed(9);
            let bits = |b: marginal::uncertainty::Bootstrap<Mixture<Vec<Normal>>>| {
                b.estimates().iter().map(|m| m.components()[0].mean().to_bits()).collect::<Vec<_>>()
            };
            let score = CrossValidation::of(&em, &model, &x, 5, 2).unwrap();
            (
                bits(resample.rows(&em, &model, &x, &theta).unwrap()),
                bits(resample.simulated(&em, &model, &x, &theta).unwrap()),
                score.mean().to_bits(),
                StandardErrors::of(&model, &x, &theta).unwrap().information().observed()[1].to_bits(),
            )
        })
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn rows_drawn_from_counts_are_those_of_the_rows_themselves() {
    let (x, w) = ([0u64, 1, 2, 3, 4, 5, 6], [162.0, 267.0, 271.0, 185.0, 111.0, 61.0, 27.0]);
    let all: Vec<u64> = x.iter().zip(w).flat_map(|(x, w)| vec![*x; w as usize]).collect();
    let model = Mixture::of(vec![Poisson::new(2.0).unwrap()]).unwrap();
    let em = Em::default();
    let theta = em.fit(&model, &all).unwrap().parameters;
    let resample = Resample::new(400).seed(1);
    let counts = resample.rows(&em, &model, &Weighted::new(&x, &w).unwrap(), &theta).unwrap();
    let rows = resample.rows(&em, &model, &all, &theta).unwrap();
    let [a, b] = [counts, rows].map(|bootstrap| bootstrap.parameter("component 0: rate").unwrap().standard_error);
    assert!((a / b - 1.0).abs() < 0.15, "{a}, {b}");
}

#[test]
fn one_sequence_is_not_drawn_again_but_simulated() {
    let flows = Table::read_csv("data/nile.csv").unwrap().column(0);
    let model =
        HiddenMarkovModel::of(vec![Normal::new(1000.0, 200.0).unwrap(), Normal::new(800.0, 200.0).unwrap()]).unwrap();
    let em = Em::default().tolerance(1e-8);
    let data = [flows];
    let theta = em.fit(&model, &data).unwrap().parameters;
    let resample = Resample::new(20).seed(1);
    let refused = resample.rows(&em, &model, &data, &theta).unwrap_err();
    assert!(matches!(refused, UncertaintyError::TooFewObservations { observations: 1, .. }), "{refused}");
    let refused = CrossValidation::of(&em, &model, &data, 2, 0).unwrap_err();
    assert!(matches!(refused, UncertaintyError::TooFewObservations { observations: 1, .. }), "{refused}");
    assert_eq!(resample.simulated(&em, &model, &data, &theta).unwrap().estimates()[0].emissions().len(), 2);
}

#[test]
fn failures_are_counted_and_told() {
    // Without one of the two rows on the left the second component collapses.
    let x = [0.0, 0.3, 10.0, 10.4, 11.0, 9.6, 10.1, 9.9, 10.7, 9.2];
    let model = Mixture::of(vec![Normal::new(0.1, 0.2).unwrap(), Normal::new(10.0, 1.0).unwrap()]).unwrap();
    let em = Em::default();
    let theta = em.fit(&model, &x).unwrap().parameters;
    let bootstrap = Resample::new(100).seed(1).rows(&em, &model, &x, &theta).unwrap();
    let failed = bootstrap.failures().len();
    assert!((10..90).contains(&failed) && bootstrap.estimates().len() + failed == 100);
    assert!(bootstrap.summary().starts_with(&format!("100 replicates, {failed} failed and left out (the first: ")));
    let all_fail = Resample::new(0).rows(&em, &model, &x, &theta).unwrap_err();
    assert!(matches!(all_fail, UncertaintyError::ReplicatesFailed { replicates: 0, .. }), "{all_fail}");
}

#[test]
fn the_likelihood_ratio_tells_one_component_from_two() {
    let em = Em::default().restarts(2).tolerance(1e-7);
    let (one, two) = (GaussianMixture::new(1), GaussianMixture::new(2));
    let (x, _) = one_normal();
    let single = Table::from_values(x, 1).unwrap();
    let test = LikelihoodRatio::bootstrap(&em, &one, &two, &single, 39, 1).unwrap();
    assert!(test.p_value() > 0.05, "{test}");
    let both = Table::from_values(eruptions().column(0), 1).unwrap();
    let test = LikelihoodRatio::bootstrap(&em, &one, &two, &both, 39, 1).unwrap();
    assert!(test.replicates.iter().all(|replicate| *replicate < 0.2 * test.statistic), "{test}");
    // A component may collapse where there is only one: such replicates count neither way, and are told.
    assert_eq!(test.replicates.len() + test.failures.len(), 39);
    assert_eq!(test.p_value(), 1.0 / (1 + test.replicates.len()) as f64, "{test}");
    let turned = LikelihoodRatio::bootstrap(&em, &two, &one, &both, 1, 1).unwrap_err();
    assert!(matches!(turned, UncertaintyError::AlternativeBelowNull { .. }), "{turned}");
}

#[test]
fn held_out_rows_choose_the_components_and_score_each_row_once() {
    let table = eruptions();
    let em = Em::default().restarts(4);
    let scores: Vec<CrossValidation> =
        (1..=4).map(|k| CrossValidation::of(&em, &GaussianMixture::new(k), &table, 10, 1).unwrap()).collect();
    assert_eq!(one_standard_error_rule(&scores), Some(1), "{scores:?}");
    let draws: f64 = scores[0].folds().iter().map(|fold| fold[1]).sum();
    assert_eq!(draws, 272.0);
    // By hand: one fold of a single normal.
    let (x, model) = one_normal();
    let score = CrossValidation::of(&Em::default(), &model, &x, 300, 1).unwrap();
    let n = x.len() as f64;
    let by_hand: f64 = x
        .iter()
        .map(|out| {
            let rest = x.iter().filter(|x| *x != out);
            let mean = rest.clone().sum::<f64>() / (n - 1.0);
            let variance = rest.map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
            Normal::new(mean, variance.sqrt()).unwrap().log_density(out)
        })
        .sum();
    assert!((score.log_likelihood() - by_hand).abs() < 1e-8, "{score}, {by_hand}");
}

/// A token, and an observer that cancels it after so many replicates.
fn cancelled_after(most: usize) -> (Cancel, impl Fn() + Send + Sync + 'static) {
    let (cancel, made) = (Cancel::new(), AtomicUsize::new(0));
    let token = cancel.clone();
    let observer = move || {
        if made.fetch_add(1, Ordering::Relaxed) + 1 == most {
            token.cancel();
        }
    };
    (cancel, observer)
}

#[test]
fn a_token_ends_a_bootstrap_and_a_test_with_what_was_made() {
    let (x, model) = one_normal();
    let fit = Em::default().fit(&model, &x).unwrap();
    let (cancel, observer) = cancelled_after(20);
    let em = Em::default().cancel(&cancel);
    let resample = Resample::new(400).seed(5).observer(observer);
    let found = resample.rows(&em, &model, &x, &fit.parameters).unwrap();
    let made = found.estimates().len();
    assert!(found.failures().is_empty() && (10..400).contains(&made), "{made}");
    assert_eq!(made + found.unfinished(), 400);
    assert!(found.summary().contains(&format!("{} more not made before the end", 400 - made)), "{}", found.summary());
    // Now nothing can be made.
    let refused = resample.rows(&em, &model, &x, &fit.parameters).unwrap_err();
    assert!(refused.to_string().contains("it was cancelled before two were finished"), "{refused}");
    let refused = CrossValidation::of(&em, &model, &x, 5, 2).unwrap_err();
    assert!(refused.to_string().contains("cancelled"), "{refused}");

    let (cancel, observer) = cancelled_after(10);
    let (em, resample) = (Em::default().restarts(2).cancel(&cancel), Resample::new(200).seed(1).observer(observer));
    let (one, two) = (GaussianMixture::new(1), GaussianMixture::new(2));
    let single = Table::from_values(x, 1).unwrap();
    let test = LikelihoodRatio::resampled(&resample, &em, &one, &two, &single).unwrap();
    assert!(test.unfinished > 0 && test.replicates.len() + test.failures.len() + test.unfinished == 200, "{test}");
    assert!(test.to_string().contains("more not made before the end"), "{test}");
}

#[test]
fn lines_and_graphs_are_simulated_beside_their_regressors() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(8);
    let line = LinearGaussian::<[f64]>::new(1.0, &[2.0], 0.5).unwrap();
    let rows = (0..200).flat_map(|n| {
        let y = f64::from(n % 10);
        [line.sample(&[y], &mut rng), y] // the response stands first
    });
    let rows = Table::from_values(rows.collect(), 2).unwrap();
    let em = Em::default();
    let model = Mixture::of(Regressions::new(vec![line]).unwrap().response(0)).unwrap();
    let fit = em.fit(&model, &rows).unwrap();
    let drawn = model.draw_like(&fit.parameters, &[0.0, 7.0], &mut rng);
    assert!(drawn[1] == 7.0 && (drawn[0] - 15.0).abs() < 3.0, "{drawn:?}");
    let bootstrap = Resample::new(400).seed(3).simulated(&em, &model, &rows, &fit.parameters).unwrap();
    let slope = bootstrap.parameter("component 0: slope 0").unwrap();
    let closed = fit.parameters.components()[0].standard_deviation() / (200.0f64 * 8.25).sqrt();
    assert!((slope.standard_error / closed - 1.0).abs() < 0.15, "{} {closed}", slope.standard_error);

    let (x, _) = one_normal();
    let mut g = Graph::builder();
    let node = g.node("x", (), Normal::new(10.0, 2.0).unwrap());
    let graph = g.build().unwrap().hide(()).unwrap();
    let table = Table::from_values(x, 1).unwrap();
    let fit = em.fit(&graph, &table).unwrap();
    let theta = GraphParameters::new(fit.parameters).root::<Normal>(node).unwrap();
    let bootstrap = Resample::new(400).seed(3).simulated(&em, &WithCoordinates::new(graph), &table, &theta).unwrap();
    let mean = bootstrap.parameters().iter().find(|p| p.name.contains("mean")).unwrap();
    assert!((mean.standard_error / (2.0 / 300f64.sqrt()) - 1.0).abs() < 0.2, "{}", mean.standard_error);
}
