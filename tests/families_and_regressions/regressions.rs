//! Softmax and Poisson regression: numbers of other programs, extremes, and mixtures of them in a graph.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::Error;
use marginal::conditionals::{
    ConditionalDistribution, ConditionalTable, EstimateConditional, LogisticRegression, PoissonRegression,
    SoftmaxRegression, Switch,
};
use marginal::data::Table;
use marginal::distributions::{Bernoulli, Distribution, Normal, Parametric};
use marginal::em::Em;
use marginal::graph::{Graph, Node};
use marginal::rand::{SeedableRng, rngs::Xoshiro256PlusPlus};

const CLASSES: [usize; 30] = [0, 1, 2, 0, 1, 0, 0, 2, 2, 2, 1, 2, 1, 2, 1, 2, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1, 2, 1, 2, 2];
const COUNTS: [u64; 30] = [0, 6, 3, 1, 4, 6, 2, 1, 3, 4, 3, 5, 2, 6, 3, 3, 2, 1, 5, 4, 2, 0, 7, 4, 1, 4, 7, 2, 1, 3];

/// The parents and the weight of each observation.
fn design() -> impl Iterator<Item = ((f64, bool), f64)> {
    (0..30u32).map(|t| ((f64::from((t * 13) % 17) * 0.25 - 2.0, t.is_multiple_of(3)), 1.0 + f64::from(t % 4) * 0.5))
}

fn fit<C: EstimateConditional<Given = G, Value = X>, G, X>(
    start: &C,
    rows: impl IntoIterator<Item = (G, X, f64)>,
) -> Result<(C, f64), Error> {
    let mut s = start.statistics();
    rows.into_iter().for_each(|(y, x, weight)| start.observe(&mut s, &x, &y, weight));
    let fit = start.estimate(&s)?;
    let log_likelihood = fit.expected_log_density(&s);
    Ok((fit, log_likelihood))
}

fn assert_near(found: &[f64], reference: &[f64], tolerance: f64) {
    assert_eq!(found.len(), reference.len());
    for (found, reference) in found.iter().zip(reference) {
        assert!((found - reference).abs() <= tolerance * reference.abs().max(1.0), "{found} is not {reference}");
    }
}

fn flat_softmax(classes: usize) -> SoftmaxRegression<(f64, bool)> {
    SoftmaxRegression::new(&vec![0.0; classes], &vec![[0.0; 2]; classes]).unwrap()
}

/// MNLogit of statsmodels 0.15 on rows repeated by twice their weights; scikit-learn 1.9 agrees to 8 digits.
#[test]
fn softmax_regression_has_the_coefficients_of_statsmodels() {
    let rows = design().zip(CLASSES).map(|((y, weight), x)| (y, x, weight));
    let (found, log_likelihood) = fit(&flat_softmax(3), rows).unwrap();
    assert_near(&found.intercepts(), &[0.0, -0.4154265791343811, 0.1064427597585381], 1e-12);
    assert_near(found.slopes()[0], &[0.0, 0.0], 0.0);
    assert_near(found.slopes()[1], &[0.2694804719257413, -0.3903840992150565], 1e-12);
    assert_near(found.slopes()[2], &[0.3977707759468498, -0.3935896096554287], 1e-12);
    assert_near(&[log_likelihood], &[-53.810810114184], 1e-13);
    assert_eq!(found.free_parameters(), Some(6));
}

/// GLM of statsmodels 0.15 with frequency weights; a maximum found by BFGS agrees to 8 digits.
#[test]
fn poisson_regression_has_the_coefficients_of_statsmodels() {
    let start = PoissonRegression::<(f64, bool)>::new(0.0, &[0.0, 0.0]).unwrap();
    let rows = design().zip(COUNTS).map(|((y, weight), x)| (y, x, weight));
    let (found, log_likelihood) = fit(&start, rows).unwrap();
    assert_near(&[found.intercept()], &[1.2179196620607575], 1e-12);
    assert_near(found.slopes(), &[0.3612284503367053, -0.5141151357753097], 1e-12);
    assert_near(&[log_likelihood], &[-87.1605288382723], 1e-13);
}

#[test]
fn softmax_regression_of_two_classes_is_logistic() {
    let logistic = LogisticRegression::<(f64, bool)>::new(0.0, &[0.0, 0.0]).unwrap();
    let rows = || design().zip(CLASSES).map(|((y, weight), x)| (y, x.min(1), weight));
    let (softmax, of_softmax) = fit(&flat_softmax(2), rows()).unwrap();
    let (logistic, of_logistic) = fit(&logistic, rows().map(|(y, x, weight)| (y, x == 1, weight))).unwrap();
    assert_near(&softmax.intercepts()[1..], &[logistic.intercept()], 1e-14);
    assert_near(softmax.slopes()[1], logistic.slopes(), 1e-14);
    assert_near(&softmax.to_vector(), &logistic.to_vector(), 1e-14);
    assert_eq!(softmax.from_vector(&softmax.to_vector()).unwrap().to_vector(), softmax.to_vector());
    assert_near(&[of_softmax], &[of_logistic], 1e-14);
    for y in [(0.3, true), (-700.0, false), (2000.0, true), (50.0, false)] {
        assert_eq!(softmax.log_density(&1, &y), logistic.log_density(&true, &y));
        assert_eq!(softmax.log_density(&0, &y), logistic.log_density(&false, &y));
    }
}

#[test]
fn classes_that_lines_tell_apart_have_no_estimate() {
    let softmax = SoftmaxRegression::<f64>::new(&[0.0; 3], &[[0.0]; 3]).unwrap();
    let refused = |xs: &[usize]| {
        let rows = xs.iter().enumerate().map(|(n, &x)| (n as f64, x, 1.0));
        matches!(fit(&softmax, rows), Err(Error::NoEstimate { family: "SoftmaxRegression", .. }))
    };
    assert!(refused(&[0, 0, 1, 1, 2, 2]), "without a mistake");
    assert!(refused(&[0, 0, 1, 2, 1, 2]), "class 0 from the others, which overlap");
    assert!(refused(&[0, 1, 0, 1, 0, 1]), "class 2 never occurs");
    assert!(!refused(&[0, 1, 2, 0, 1, 2]));
}

#[test]
fn zeros_that_a_line_tells_from_the_other_counts_have_no_estimate() {
    let poisson = PoissonRegression::<f64>::new(0.0, &[0.0]).unwrap();
    let fitted = |rows: &[(f64, u64)]| fit(&poisson, rows.iter().map(|&(y, x)| (y, x, 1.0)));
    let refused = |rows| matches!(fitted(rows), Err(Error::NoEstimate { family: "PoissonRegression", .. }));
    assert!(refused(&[(0.0, 0), (1.0, 0), (2.0, 0)]), "all are 0");
    assert!(refused(&[(0.0, 0), (1.0, 5), (1.0, 3)]), "0 at the one, never 0 at the other");
    // A line through a positive count pins the slope.
    assert!(!refused(&[(0.0, 0), (1.0, 5), (2.0, 3)]));
    assert!(matches!(fitted(&[(1.0, 2), (1.0, 3)]), Err(Error::Singular { column: 0, .. })));
}

#[test]
fn a_class_outside_the_k_is_named() {
    let refused = fit(&flat_softmax(3), [((0.0, true), 3, 1.0), ((1.0, false), 0, 1.0)]).unwrap_err();
    assert!(matches!(refused, Error::Parameter { name: "class", value: 3.0, .. }), "{refused}");
    assert!(matches!(
        SoftmaxRegression::<f64>::new(&[0.0], &[[0.0]]),
        Err(Error::Parameter { name: "number of classes", value: 1.0, .. })
    ));
    assert!(matches!(
        SoftmaxRegression::<f64>::new(&[0.0; 3], &[[0.0]; 2]),
        Err(Error::Dimension { expected: 3, found: 2, .. })
    ));
}

#[test]
fn extreme_predictors_keep_their_logarithms() {
    let softmax = SoftmaxRegression::<f64>::new(&[0.0; 3], &[[0.0], [1.0], [-1.0]]).unwrap();
    for (y, expected) in [(1e300, [-1e300, 0.0, -2e300]), (-800.0, [-800.0, -1600.0, 0.0])] {
        assert_near(&[0, 1, 2].map(|x| softmax.log_density(&x, &y)), &expected, 1e-15);
    }
    // Next to certainty what is missing from it is kept: ln(1 − e⁻⁵⁰ − e⁻¹⁰⁰).
    let almost = softmax.log_density(&1, &50.0);
    assert!((almost / -(-50f64).exp() - 1.0).abs() < 1e-14, "{almost}");
    assert_eq!(softmax.log_density(&3, &0.0), f64::NEG_INFINITY);

    let poisson = PoissonRegression::<f64>::new(0.0, &[1.0]).unwrap();
    let of = |x: u64, y: f64| poisson.log_density(&x, &y);
    assert_near(&[of(3, -800.0)], &[-2400.0 - 6f64.ln()], 1e-15);
    assert_near(&[of(7, 100.0)], &[-100f64.exp()], 1e-12);
    assert_eq!((of(0, -800.0), of(0, f64::NEG_INFINITY)), (0.0, 0.0));
    assert_eq!((of(4, 1e300), of(4, f64::NEG_INFINITY)), (f64::NEG_INFINITY, f64::NEG_INFINITY));
    for y in [f64::NAN, f64::INFINITY] {
        assert_eq!(of(2, y), f64::NEG_INFINITY);
        assert!(!softmax.log_density(&0, &y).is_nan());
    }
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    assert_eq!(poisson.sample(&f64::NEG_INFINITY, &mut rng), 0);
    assert!(poisson.sample(&1e300, &mut rng) > 1 << 60);
}

#[test]
fn a_mixture_of_poisson_regressions_is_recovered() {
    let mut g = Graph::builder();
    let busy: Node<bool> = g.node("busy", (), Bernoulli::new(0.375).unwrap());
    let x = g.node("x", (), Normal::standard());
    let calls = g.node("calls", (busy, x), PoissonRegression::new(0.5, &[2.0, 0.4]).unwrap());
    let truth = g.build().unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
    let rows: Vec<f64> = (0..2000).flat_map(|_| truth.sample(&mut rng).cells()[1..].to_vec()).collect();

    let mut g = Graph::builder();
    let busy_again: Node<bool> = g.node("busy", (), Bernoulli::new(0.5).unwrap());
    let x = g.node("x", (), Normal::standard());
    g.node("calls", (busy_again, x), PoissonRegression::new(0.0, &[1.0, 0.0]).unwrap());
    let model = g.build().unwrap().hide(busy_again).unwrap();
    let fit = Em::default().verify(true).fit(&model, &Table::from_values(rows, 2).unwrap()).unwrap();
    let found: &PoissonRegression<(bool, f64)> = fit.parameters.conditional(calls.index()).unwrap();
    // About four standard errors.
    assert!((found.intercept() - 0.5).abs() < 0.15, "{found:?}");
    assert_near(found.slopes(), &[2.0, 0.4], 0.08);
    let share: &Bernoulli = fit.parameters.conditional(busy.index()).unwrap();
    assert!((share.mean() - 0.375).abs() < 0.06, "{share:?}");
}

#[test]
fn a_softmax_below_a_hidden_state_is_recovered() {
    let of = |share: f64, means: [f64; 2], softmax: SoftmaxRegression<(bool, f64)>| {
        let mut g = Graph::builder();
        let z: Node<bool> = g.node("z", (), ConditionalTable::new([[1.0 - share, share]]).unwrap());
        let y = g.node("y", z, Switch::new(means.map(|mean| Normal::new(mean, 1.0).unwrap()).to_vec()).unwrap());
        let class = g.node("class", (z, y), softmax);
        (g.build().unwrap(), z, class)
    };
    let (intercepts, slopes) = ([0.0, 0.5, -0.5], [[0.0, 0.0], [2.0, 0.5], [1.0, -0.75]]);
    let (truth, _, class) = of(0.4, [-2.0, 2.0], SoftmaxRegression::new(&intercepts, &slopes).unwrap());
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    let rows: Vec<f64> = (0..4000).flat_map(|_| truth.sample(&mut rng).cells()[1..].to_vec()).collect();
    let (start, z, _) = of(0.5, [-1.0, 1.0], flat_softmax_of_bool());
    let fit = Em::default().verify(true).fit(&start.hide(z).unwrap(), &Table::from_values(rows, 2).unwrap()).unwrap();
    let found: &SoftmaxRegression<(bool, f64)> = fit.parameters.conditional(class.index()).unwrap();
    // About four standard errors.
    assert_near(&found.intercepts(), &intercepts, 0.5);
    found.slopes().iter().zip(slopes).for_each(|(found, slopes)| assert_near(found, &slopes, 0.5));
}

fn flat_softmax_of_bool() -> SoftmaxRegression<(bool, f64)> {
    SoftmaxRegression::new(&[0.0; 3], &[[0.0; 2]; 3]).unwrap()
}

/// Near the maximum a step gains less than a sum of so many terms loses.
#[test]
fn counts_of_many_rows_have_an_estimate() {
    let slopes = [0.4, -0.3, 0.2];
    let truth = PoissonRegression::<[f64]>::new(1.0, &slopes).unwrap();
    let start = PoissonRegression::<[f64]>::new(0.0, &[0.0; 3]).unwrap();
    for seed in [9, 19, 28] {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let rows = (0..50_000).map(|n| {
            let y: Vec<f64> = (0..3).map(|_| Normal::standard().sample(&mut rng)).collect();
            let x = truth.sample(&y, &mut rng);
            (y, x, 1.0 / f64::from(1 + n % 7))
        });
        let mut s = start.statistics();
        rows.for_each(|(y, x, weight)| start.observe(&mut s, &x, &y, weight));
        let found = start.estimate(&s).unwrap();
        assert_near(found.slopes(), &slopes, 0.05);
    }
}
