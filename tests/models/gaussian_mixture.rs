//! Gaussian mixtures against published and independently computed fits.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::Error;
use marginal::components::{Covariance, InverseWishart};
use marginal::data::{Table, Weighted};
use marginal::em::{Em, Stopped};
use marginal::latent::Posterior;
use marginal::latent::StartKind;
use marginal::models::GaussianMixture;

fn faithful() -> Table {
    Table::read_csv("data/faithful.csv").unwrap()
}

fn iris() -> Table {
    Table::read_csv("data/iris.csv").unwrap()
}

fn species() -> Vec<usize> {
    (0..150).map(|n| n / 50).collect()
}

/// The optima below were found by an independent EM in double precision to steps of 1e-12; mclust, mixtools and
/// scikit-learn print the same to the digits they give.
fn assert_near(found: f64, reference: f64, tolerance: f64) {
    assert!((found - reference).abs() <= tolerance, "{found} is not {reference} ± {tolerance:e}");
}

#[test]
fn old_faithful_has_its_published_fit() {
    let fit = Em::default().restarts(4).seed(1).fit(&GaussianMixture::new(2), &faithful()).unwrap();
    assert_near(fit.log_likelihood, -1130.263_960_184_7, 1e-6);
    assert_near(fit.bic().unwrap(), 2322.191_743_10, 1e-5);
    let mixture = &fit.parameters;
    let first = usize::from(mixture.proportions()[0] > 0.5);
    let [short, long] = [first, 1 - first].map(|k| &mixture.components()[k]);
    assert_near(mixture.proportions()[first], 0.355_872_857_1, 1e-6);
    for (normal, reference) in [
        (short, [2.036_388_45, 54.478_516_38, 0.069_167_67, 0.435_167_62, 33.697_282_07]),
        (long, [4.289_661_97, 79.968_115_17, 0.169_968_44, 0.940_609_32, 36.046_211_32]),
    ] {
        let covariance = normal.covariance();
        let found = [normal.mean()[0], normal.mean()[1], covariance[0], covariance[1], covariance[3]];
        for (found, reference) in found.iter().zip(reference) {
            assert_near(*found, reference, 2e-5 * reference);
        }
    }
    assert_eq!(fit.stopped, Stopped::Converged);
}

#[test]
fn the_last_history_value_belongs_to_the_returned_parameters_to_the_bit() {
    let fit = Em::default().fit(&GaussianMixture::new(3), &faithful()).unwrap();
    let again =
        Em::default().max_iterations(0).fit_from(&GaussianMixture::new(3), &faithful(), fit.parameters).unwrap();
    assert_eq!(again.objective.to_bits(), fit.history.last().unwrap().to_bits());
}

#[test]
fn iris_from_its_species_reaches_the_known_optimum_of_each_shape() {
    for (shape, reference) in [
        (Covariance::Full, -180.185_477_131_3),
        (Covariance::Tied, -256.354_043_125_6),
        (Covariance::Diagonal, -306.860_460_506_3),
        (Covariance::Spherical, -384.314_095_060_8),
    ] {
        let model = GaussianMixture::new(3).covariance(shape);
        let start = model.from_labels(&iris(), &species()).unwrap();
        let fit = Em::default().verify(true).fit_from(&model, &iris(), start).unwrap();
        assert_near(fit.log_likelihood, reference, 1e-5);
    }
}

#[test]
fn many_starts_of_several_kinds_find_the_better_optimum_of_iris() {
    let model = GaussianMixture::new(3).covariance(Covariance::Diagonal);
    let fit = Em::default().restarts(60).seed(3).fit(&model, &iris()).unwrap();
    assert_near(fit.log_likelihood, -306.860_460_506_3, 1e-5);
}

#[test]
fn shifting_the_data_by_1e8_shifts_the_means_alone() {
    let shift = 134_217_728.0; // 2²⁷; the data are first snapped to what stays exact under the shift
    let snapped: Vec<f64> = faithful().rows().values().iter().map(|x| (x + shift) - shift).collect();
    let moved: Vec<f64> = snapped.iter().map(|x| x + shift).collect();
    let [at_home, far_away] = [snapped, moved].map(|values| {
        let table = Table::from_values(values, 2).unwrap();
        Em::default().seed(1).fit(&GaussianMixture::new(2), &table).unwrap()
    });
    assert_near(far_away.log_likelihood, at_home.log_likelihood, 1e-5);
    for (a, b) in at_home.parameters.components().iter().zip(far_away.parameters.components()) {
        assert_near(b.mean()[1] - shift, a.mean()[1], 1e-5);
        assert_near(b.covariance()[3], a.covariance()[3], 1e-5);
    }
}

#[test]
fn weight_two_is_the_row_twice() {
    let table = faithful();
    let weights: Vec<f64> = (0..table.len()).map(|n| f64::from(n as u32 % 3)).collect();
    let mut repeated = Table::default();
    for (row, w) in table.rows().iter().zip(&weights) {
        (0..*w as usize).for_each(|_| repeated.push(row).unwrap());
    }
    let model = GaussianMixture::new(2);
    let start = model.from_labels(&table, &table.column(1).iter().map(|x| usize::from(*x > 67.0)).collect::<Vec<_>>());
    let start = start.unwrap();
    let weighted = Weighted::new(&table, &weights).unwrap();
    let by_weight = Em::default().fit_from(&model, &weighted, start.clone()).unwrap();
    let by_repetition = Em::default().fit_from(&model, &repeated, start).unwrap();
    assert_near(by_weight.log_likelihood, by_repetition.log_likelihood, 1e-8);
    assert_eq!(by_weight.weight, by_repetition.observations as f64);
}

#[test]
fn a_collapsing_component_is_an_error_unless_a_floor_or_a_prior_holds_it() {
    let mut values: Vec<f64> = (0..40).map(|n| f64::from(n * n % 23)).collect();
    values.extend([100.0; 3]);
    let table = Table::from_values(values, 1).unwrap();
    let model = GaussianMixture::new(2);
    let labels: Vec<usize> = (0..43).map(|n| usize::from(n >= 40)).collect();
    assert!(matches!(model.from_labels(&table, &labels), Err(Error::Component { component: 1, .. })));

    let floored = model.clone().floor(0.01);
    let start = floored.from_labels(&table, &labels).unwrap();
    let fit = Em::default().verify(true).fit_from(&floored, &table, start).unwrap();
    assert_near(fit.parameters.components()[1].covariance()[0], 0.01, 1e-15);

    let mut all = marginal::distributions::Scatter::full(1);
    all.add(table.rows().values(), &[1.0; 43]);
    let held = model.prior(InverseWishart::weak(&all, 2).unwrap());
    let fit = Em::default().starts([StartKind::Clusters]).verify(true).fit(&held, &table).unwrap();
    assert!(fit.history.windows(2).all(|w| w[1] >= w[0] - 1e-9));
    assert!(fit.objective != fit.log_likelihood);
}

#[test]
fn constant_and_collinear_columns_are_named() {
    let constant = Table::from_values([1.0, 7.0, 2.0, 7.0, 3.0, 7.0, 9.0, 7.0].to_vec(), 2).unwrap();
    let message = Em::default().fit(&GaussianMixture::new(2), &constant).unwrap_err().to_string();
    assert!(message.contains("singular at column 1"), "{message}");
    let collinear: Vec<f64> = (0..30).flat_map(|n| [f64::from(n * n % 17), 3.0 * f64::from(n * n % 17)]).collect();
    let collinear = Table::from_values(collinear, 2).unwrap();
    let message = Em::default().fit(&GaussianMixture::new(2), &collinear).unwrap_err().to_string();
    assert!(message.contains("singular at column 1"), "{message}");
}

#[test]
fn bad_data_are_refused_by_name() {
    let model = GaussianMixture::new(3);
    let fit = |values: Vec<f64>| Em::default().fit(&model, &Table::from_values(values, 1).unwrap()).unwrap_err();
    assert!(matches!(fit(vec![]).cause, Error::Empty));
    assert!(matches!(fit(vec![1.0, 2.0]).cause, Error::TooFewRows { rows: 2, components: 3 }));
    assert!(matches!(fit(vec![4.0; 50]).cause, Error::TooFewRows { rows: 1, components: 3 }));
    let nan = fit(vec![1.0, 2.0, f64::NAN, 4.0]);
    assert!(matches!(nan.cause, Error::NotFinite { row: 2, .. }), "{nan}");
    let none = Em::default().fit(&GaussianMixture::new(0), &faithful()).unwrap_err();
    assert!(matches!(none.cause, Error::Parameter { .. }), "{none}");
}

#[test]
fn f32_rows_give_the_fit_of_f64_rows_to_their_precision() {
    let table = faithful();
    let narrow = Table::from_values(table.rows().values().iter().map(|x| *x as f32).collect(), 2).unwrap();
    let wide = Em::default().seed(1).fit(&GaussianMixture::new(2), &table).unwrap();
    let fit = Em::default().seed(1).fit(&GaussianMixture::new(2).over::<f32>(), &narrow).unwrap();
    assert_near(fit.log_likelihood, wide.log_likelihood, 1e-4);
}

#[test]
fn the_posterior_of_any_finite_model_is_that_of_its_mixture() {
    let model = GaussianMixture::new(2);
    let fit = Em::default().restarts(4).seed(1).fit(&model, &faithful()).unwrap();
    let (theta, data) = (&fit.parameters, &faithful());
    assert_eq!(Posterior::labels(&model, theta, data).unwrap(), theta.labels(data).unwrap());
    assert_eq!(model.log_densities_of(theta, data).unwrap(), theta.log_densities_of(data).unwrap());
    let responsibilities = model.responsibilities(theta, data).unwrap();
    assert_eq!(responsibilities.names(), ["state 0", "state 1"]);
    assert_eq!(responsibilities.rows().values(), theta.responsibilities(data).unwrap().rows().values());
    let entropy = model.classification_entropy(theta, data).unwrap();
    let by_hand: f64 = responsibilities.rows().values().iter().filter(|r| **r > 0.0).map(|r| -r * r.ln()).sum();
    assert_near(entropy, by_hand, 1e-10);
    assert_eq!(fit.icl(entropy).unwrap(), fit.bic().unwrap() + 2.0 * theta.classification_entropy(data).unwrap());
}
