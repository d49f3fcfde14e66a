//! Settings, starts and data that cannot work are refused by name: never a panic, never another model's fault.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::components::{Gaussians, InverseWishart};
use marginal::data::Dataset;
use marginal::data::Observation;
use marginal::distributions::Column;
use marginal::em::Restart;
use marginal::models::{Centroids, ColumnMixture};
use marginal::prelude::*;

fn iris() -> Table {
    Table::read_csv("data/iris.csv").unwrap()
}

fn labels(rows: usize, k: usize) -> Vec<usize> {
    (0..rows).map(|n| n % k).collect()
}

#[test]
fn a_component_of_too_few_rows_is_singular_and_only_its_start_is_lost() {
    for (k, seed, restarts) in [(5, 6, 10), (7, 1, 10)] {
        let fit = Em::default().restarts(restarts).seed(seed).fit(&GaussianMixture::new(k), &iris()).unwrap();
        assert_eq!(fit.restarts.len(), restarts);
        for run in &fit.restarts {
            if let Restart::Failed { reason } = run {
                assert!(reason.contains("singular"), "K = {k}: {reason}");
            }
        }
    }
}

#[test]
fn nearly_collinear_columns_are_singular_whatever_the_shape() {
    let values = (0..60).flat_map(|n| {
        let (x, z) = (f64::from(n * n % 17) + 0.1 * f64::from(n % 7), f64::from(n * 5 % 11) - 5.0);
        [x, 2.0 * x + 1.0 + 1e-7 * z]
    });
    let table = Table::from_values(values.collect(), 2).unwrap();
    for shape in [Covariance::Full, Covariance::Tied] {
        let model = GaussianMixture::new(2).covariance(shape);
        let failed = Em::default().restarts(4).fit(&model, &table).unwrap_err();
        assert!(failed.to_string().contains("singular at column 1"), "{shape:?}: {failed}");
        // A floor that the digits can hold makes it a model again.
        let fit = Em::default().verify(true).restarts(4).fit(&model.floor(1e-6), &table).unwrap();
        assert!(fit.history.windows(2).all(|w| w[1] >= w[0] - 1e-9), "{shape:?}: {:?}", fit.history);
    }
}

#[test]
fn a_floor_that_an_outlier_drowns_is_refused_with_both_numbers() {
    let mut values: Vec<f64> = (0..80).flat_map(|n| [f64::from(n % 2 * 10 + n % 7), f64::from(n * n % 13)]).collect();
    values.extend([1e9, 1e9]);
    let table = Table::from_values(values, 2).unwrap();
    let model = GaussianMixture::new(2).covariance(Covariance::Tied);
    let start = model.from_labels(&table, &labels(81, 2)).ok();
    let floored = model.floor(1e-6);
    let failed = floored.from_labels(&table, &labels(81, 2)).unwrap_err();
    assert!(matches!(failed, Error::Floor { floor: 1e-6, .. }), "{failed}, {start:?}");
    match Em::default().restarts(4).seed(1).fit(&floored, &table) {
        Ok(fit) => assert!(fit.history.windows(2).all(|w| w[1] >= w[0] - 1e-6)),
        Err(failed) => assert!(failed.cause.is_degenerate(), "{failed}"),
    }
}

#[test]
fn the_floored_covariance_is_the_maximum_over_those_with_the_floor() {
    // Eigenvalues 20 and 0.02 at 45 degrees; the small one is raised.
    let values = vec![3.0, 3.2, -3.0, -3.2, 1.0, 0.8, -1.0, -0.8];
    let table = Table::from_values(values, 2).unwrap();
    let fit = |floor: f64| GaussianMixture::new(1).floor(floor).from_labels(&table, &[0; 4]).unwrap();
    let (free, floored) = (fit(0.0).components()[0].covariance(), fit(0.5).components()[0].covariance());
    let eigen = nalgebra::DMatrix::from_row_slice(2, 2, &free).symmetric_eigen();
    let raised = eigen.eigenvectors.clone()
        * nalgebra::DMatrix::from_diagonal(&eigen.eigenvalues.map(|l| l.max(0.5)))
        * eigen.eigenvectors.transpose();
    for (a, b) in floored.iter().zip(raised.iter()) {
        assert!((a - b).abs() < 1e-14, "{floored:?} is not {raised}");
    }
    assert_eq!(fit(1e-9).components()[0].covariance(), free, "what lies above the floor stays as it is, to the bit");
}

#[test]
fn starts_of_another_shape_are_refused() {
    let normals =
        |k: usize| Mixture::of((0..k).map(|z| Normal::new(z as f64, 1.0).unwrap()).collect::<Vec<_>>()).unwrap();
    let cause = |k: usize| Em::default().fit_from(&normals(2), &[0.0, 1.0, 5.0], normals(k)).unwrap_err().cause;
    for k in [1, 3] {
        assert!(matches!(cause(k), Error::Dimension { expected: 2, found, .. } if found == k), "{}", cause(k));
    }

    let start = |k: usize| GaussianMixture::new(k).from_labels(&iris(), &labels(150, k)).unwrap();
    for k in [1, 3] {
        let failed = Em::default().fit_from(&GaussianMixture::new(2), &iris(), start(k)).unwrap_err();
        assert!(matches!(failed.cause, Error::Dimension { expected: 2, .. }), "{failed}");
    }
    let narrow = Table::from_values(vec![1.0, 2.0, 3.0, 5.0, 4.0, 4.0, 0.0, 7.0], 2).unwrap();
    let failed = Em::default().fit_from(&GaussianMixture::new(2), &narrow, start(2)).unwrap_err();
    assert_eq!(failed.to_string(), "a row: length 2, expected 4");
    let failed = Em::default().fit_from(&start(2), &narrow, start(2)).unwrap_err();
    assert_eq!(failed.to_string(), "a row: length 2, expected 4");

    let uneven = vec![MultivariateNormal::<f64>::standard(4), MultivariateNormal::standard(3)];
    let uneven = Mixture::of(uneven).unwrap();
    let failed = Em::default().fit(&uneven, &iris()).unwrap_err();
    assert!(matches!(failed.cause, Error::Dimension { expected: 4, found: 3, .. }), "{failed}");

    let centres = Centroids::new(Table::from_values(vec![0.0; 12], 4).unwrap()).unwrap();
    let failed = Em::default().fit_from(&KMeans::new(2), &iris(), centres).unwrap_err();
    assert_eq!(failed.to_string(), "the centres: length 3, expected 2");
}

#[test]
fn settings_are_looked_at_wherever_a_fit_begins() {
    let start = GaussianMixture::new(2).from_labels(&iris(), &labels(150, 2)).unwrap();
    for floor in [-1.0, f64::NAN, f64::INFINITY] {
        let model = GaussianMixture::new(2).floor(floor);
        for failed in [
            Em::default().fit_from(&model, &iris(), start.clone()).unwrap_err().cause,
            Em::default().fit(&model, &iris()).unwrap_err().cause,
            model.from_labels(&iris(), &labels(150, 2)).unwrap_err(),
        ] {
            assert!(matches!(failed, Error::Parameter { name: "the covariance floor", .. }), "{failed}");
        }
    }
    let model = GaussianMixture::new(2).prior(InverseWishart::new(3.0, vec![1.0, 0.0, 0.0, 1.0]).unwrap());
    for failed in [
        Em::default().fit_from(&model, &iris(), start.clone()).unwrap_err().cause,
        Em::default().fit(&model, &iris()).unwrap_err().cause,
    ] {
        assert!(matches!(failed, Error::Dimension { expected: 2, found: 4, .. }), "{failed}");
    }
}

#[test]
fn weights_must_have_a_sum() {
    let refused = Weighted::new(&[1.0, 2.0, 3.0, 4.0], &[1e308; 4]).unwrap_err();
    assert_eq!(refused.to_string(), "the sum of the weights is inf: divide all of them by one number");
}

#[test]
fn values_whose_squares_overflow_or_underflow_are_named() {
    for scale in [1e155, 1e160, 1e308, 1e-160, 1e-300] {
        let values = [0.3, 1.0, 0.1, 0.2, -1.5, 0.7, 0.4, -0.2].iter().map(|x| x * scale).collect();
        let table = Table::from_values(values, 2).unwrap();
        let of_mixture = |shape| Em::default().fit(&GaussianMixture::new(2).covariance(shape), &table).unwrap_err();
        for failed in [
            Em::default().fit(&KMeans::new(2), &table).unwrap_err().cause,
            of_mixture(Covariance::Full).cause,
            of_mixture(Covariance::Tied).cause,
            of_mixture(Covariance::Diagonal).cause,
            of_mixture(Covariance::Spherical).cause,
        ] {
            assert!(matches!(failed, Error::Scale { .. }), "{scale:e}: {failed}");
        }
        let start = Mixture::of(Gaussians::new(vec![MultivariateNormal::standard(2)]).unwrap()).unwrap();
        let failed = Em::default().fit_from(&GaussianMixture::new(1), &table, start).unwrap_err().cause;
        assert!(matches!(failed, Error::Scale { .. } | Error::Component { .. }), "{scale:e}: {failed}");
        assert!(!failed.to_string().contains("NaN"), "{scale:e}: {failed}");
        let centres = Centroids::new(Table::from_values(vec![0.0, 0.0], 2).unwrap()).unwrap();
        if let Err(failed) = Em::default().fit_from(&KMeans::new(1), &table, centres) {
            assert!(matches!(failed.cause, Error::Scale { .. }), "{scale:e}: {failed}");
        }
    }
}

#[test]
fn a_block_says_how_long_its_rows_are() {
    assert_eq!(<[f64]>::columns(iris().rows()), Some(4));
    assert_eq!(f64::columns(&[1.0, 2.0]), None);
}

#[test]
fn an_empty_batch_has_no_rows_of_a_wrong_length() {
    let theta = GaussianMixture::new(2).from_labels(&iris(), &labels(150, 2)).unwrap();
    assert!(theta.labels(&Table::<f64>::default()).unwrap().is_empty());
}

#[test]
fn numbers_out_of_proportion_are_refused_before_memory_is_taken() {
    let rows = iris();
    for k in [151, 99_999_999, usize::MAX / 50, usize::MAX] {
        let too_few = |cause: &Error| matches!(cause, Error::TooFewRows { components, .. } if *components == k);
        let failed = Em::default().fit(&GaussianMixture::new(k), &rows).unwrap_err();
        assert!(too_few(&failed.cause), "{failed}");
        let random = Em::default().starts([StartKind::RandomRows]);
        assert!(too_few(&random.fit(&GaussianMixture::new(k), &rows).unwrap_err().cause));
        assert!(too_few(&GaussianMixture::new(k).from_labels(&rows, &labels(150, 2)).unwrap_err()));
        assert!(too_few(&Em::default().fit(&KMeans::new(k), &rows).unwrap_err().cause));
    }
    let normal: Column = "normal".parse().unwrap();
    for k in [1 << 28, usize::MAX] {
        let refused = ColumnMixture::new(k, vec![normal.clone()]).unwrap_err();
        assert!(matches!(refused, Error::Parameter { name: "the number of components", .. }), "{refused}");
    }
    let refused = HiddenMarkovModel::of(vec![Normal::standard(); 10_001]).unwrap_err();
    assert_eq!(refused.to_string(), "the number of states = 10001 is not in {1, …, 10⁴}");
    let sample = Dataset::<[f64]>::subsample(&rows, usize::MAX, 1).unwrap();
    assert_eq!(marginal::data::InMemory::<[f64]>::block(&sample).len(), 150);
    let refused = "categorical:1e300".parse::<Column>().unwrap_err().to_string();
    assert_eq!(refused, "K of categorical:K = 1e300 is not in {1, 2, …, 2²⁰}");
}

#[test]
#[should_panic(expected = "a categorical distribution over 18446744073709551615 states: at most 2²⁸ are possible")]
fn a_uniform_distribution_over_too_many_states_says_so() {
    let _ = Categorical::uniform(usize::MAX);
}

#[test]
fn weights_below_one_row_reward_no_parameters() {
    let values: Vec<f64> = (0..40).map(|n| f64::from(n * n % 17) + f64::from(n % 2) * 40.0).collect();
    let mixture =
        |k: usize| Mixture::of((0..k).map(|z| Normal::new(40.0 * z as f64, 4.0).unwrap()).collect::<Vec<_>>()).unwrap();
    let shares = [0.01; 40];
    let counts = Em::default().fit(&mixture(2), &Weighted::new(&values, &shares).unwrap()).unwrap();
    assert_eq!((counts.bic(), counts.icl(0.0)), (None, None));
    assert!(counts.to_string().contains("no BIC: N = 0.4"), "{counts}");
    let importance = Em::default().fit(&mixture(2), &Weighted::importance(&values, &shares).unwrap()).unwrap();
    let plain = Em::default().fit(&mixture(2), &values).unwrap();
    assert_eq!((importance.draws, importance.bic()), (40.0, plain.bic()));
    for scale in [5e-324, 1e-300, 1e307] {
        let weights = Weighted::importance(&values, &[scale; 40]).unwrap();
        assert_eq!(Em::default().fit(&mixture(2), &weights).unwrap().bic(), plain.bic());
    }
    let refused = |weights: &[f64]| Weighted::importance(&values[..3], weights).unwrap_err().to_string();
    assert_eq!(refused(&[1.0, -2.0, 1.0]), "weight -2 of row 1 is not in [0, ∞)");
    assert_eq!(refused(&[1.0, -1e300, 1.0]), "weight -1e300 of row 1 is not in [0, ∞)");
    assert_eq!(refused(&[1.0, 2.0]), "the weights: length 2, expected 3");
    assert!(matches!(Weighted::importance(&values[..2], &[0.0, 0.0]), Err(Error::Empty)));
}
