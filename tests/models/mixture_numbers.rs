//! Numbers of mixtures and K-means worked out by hand: what a law cannot see because every other part would agree.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::Error;
use marginal::components::{Covariance, InverseWishart};
use marginal::data::{Table, Weighted};
use marginal::distributions::{MultivariateNormal, Normal, Scatter};
use marginal::em::Em;
use marginal::latent::{FiniteLatent, LatentModel};
use marginal::models::{Centroids, EmptyCluster, GaussianMixture, KMeans, Mixture};

fn column(values: &[f64]) -> Table {
    Table::from_values(values.to_vec(), 1).unwrap()
}

fn assert_near(found: f64, reference: f64) {
    assert!((found - reference).abs() <= 1e-12 * (1.0 + reference.abs()), "{found} is not {reference}");
}

#[test]
fn free_parameters_are_counted_once() {
    let normals = Mixture::of(vec![Normal::new(0.0, 1.0).unwrap(), Normal::new(3.0, 1.0).unwrap()]).unwrap();
    assert_eq!(LatentModel::free_parameters(&normals, &normals), Some(5));
    let centres = Centroids::new(Table::from_values(vec![0.0; 6], 2).unwrap()).unwrap();
    assert_eq!(LatentModel::free_parameters(&KMeans::<f64>::new(3), &centres), Some(6));
}

#[test]
fn a_component_of_proportion_zero_adds_nothing_to_q() {
    let normals = Mixture::new(vec![1.0, 0.0], vec![Normal::standard(); 2]).unwrap();
    let mut s = FiniteLatent::statistics(&normals, &normals);
    normals.observe(&mut s, &1.0, 0, 1.0);
    assert_near(normals.complete_log_likelihood(&normals, &s), -0.5 - 0.5 * std::f64::consts::TAU.ln());
}

#[test]
fn a_start_from_labels_counts_the_weights() {
    let (table, weights) = (column(&[0.0, 4.0, 10.0, 12.0]), [3.0, 1.0, 1.0, 1.0]);
    let data = Weighted::new(&table, &weights).unwrap();
    let mixture = GaussianMixture::new(2).from_labels(&data, &[0, 0, 1, 1]).unwrap();
    assert_near(mixture.proportions()[0], 4.0 / 6.0);
    assert_near(mixture.components()[0].mean()[0], 1.0);
    assert_near(mixture.components()[0].covariance()[0], 3.0);
}

#[test]
fn an_inverse_wishart_prior_adds_its_scale_and_its_weight() {
    // Σ = (Λ + S) / (N + ν + D + 1) with Λ = 2, S = 2, N = 2, ν = 3, D = 1.
    let prior = || InverseWishart::new(3.0, vec![2.0]).unwrap();
    let table = column(&[-1.0, 1.0, 9.0, 11.0]);
    let model = GaussianMixture::new(2).prior(prior());
    let mixture = model.from_labels(&table, &[0, 0, 1, 1]).unwrap();
    assert_near(mixture.components()[0].covariance()[0], 4.0 / 7.0);
    // ln p(Σ) = −½ ((ν + D + 1) ln Σ + Λ / Σ) of each covariance, once if there is but one.
    let log_prior = -0.5 * (5.0 * (4.0f64 / 7.0).ln() + 3.5);
    assert_near(LatentModel::log_prior(&model, &mixture), 2.0 * log_prior);
    let tied = GaussianMixture::new(2).covariance(Covariance::Tied).prior(prior());
    assert_near(LatentModel::log_prior(&tied, &mixture), log_prior);
}

#[test]
fn the_weak_prior_is_that_of_fraley_and_raftery() {
    let mut rows = Scatter::full(1);
    rows.add(&[-1.0, 1.0], &[1.0, 1.0]);
    // ν = D + 2 = 3 and Λ = S / K^(2/D) = 1 / 16: Σ = (1/16 + 2) / (2 + 5) about rows of scatter 2.
    let prior = InverseWishart::weak(&rows, 4).unwrap();
    let mixture = GaussianMixture::new(1).prior(prior).from_labels(&column(&[-1.0, 1.0]), &[0, 0]).unwrap();
    assert_near(mixture.components()[0].covariance()[0], 2.0625 / 7.0);
}

#[test]
fn a_floor_holds_for_every_shape() {
    let table = Table::from_values(vec![0.0, 0.0, 1.0, 0.0, 0.0, 9.0, 1.0, 9.0], 2).unwrap();
    for shape in [Covariance::Full, Covariance::Tied, Covariance::Diagonal, Covariance::Spherical] {
        let model = GaussianMixture::new(2).covariance(shape).floor(0.5);
        let mixture = model.from_labels(&table, &[0, 0, 1, 1]).unwrap();
        for normal in mixture.components() {
            let covariance = normal.covariance();
            assert!((covariance[0] - 0.5).abs() < 1e-12 && (covariance[3] - 0.5).abs() < 1e-12, "{shape:?}");
        }
    }
}

#[test]
fn a_tied_component_without_rows_is_refused() {
    let model = GaussianMixture::new(2).covariance(Covariance::Tied);
    let refused = model.from_labels(&column(&[0.0, 1.0, 3.0]), &[0, 0, 0]).unwrap_err();
    assert!(
        matches!(&refused, Error::Component { component: 1, source } if matches!(**source, Error::NoWeight { .. }))
    );
}

#[test]
fn a_variance_without_its_digits_is_refused() {
    // Each can be squared, but their distance, 1e-154, not without becoming subnormal.
    let rows = column(&[1e-150, 1.0001e-150]);
    for shape in [Covariance::Full, Covariance::Diagonal, Covariance::Spherical] {
        let model = GaussianMixture::new(1).covariance(shape);
        let refused = model.from_labels(&rows, &[0, 0]).unwrap_err();
        assert!(
            matches!(&refused, Error::Component { source, .. } if matches!(**source, Error::Singular { .. })),
            "{shape:?}: {refused:?}"
        );
    }
    let normal = MultivariateNormal::<f64>::spherical(vec![0.0], 1e-300).unwrap();
    assert_near(normal.covariance()[0] * 1e300, 1.0);
}

#[test]
fn emptied_clusters_move_to_the_farthest_rows() {
    let table = column(&[0.0, 1.0, 2.0, 3.0, 50.0, 90.0]);
    let start = Centroids::new(column(&[0.0, 5.0, 1000.0])).unwrap();
    let model = KMeans::new(3).empty_cluster(EmptyCluster::Relocate);
    let step = Em::default().max_iterations(1).fit_from(&model, &table, start).unwrap();
    // Rows 3, 50 and 90 belong to the second centre, whose farthest is 90; the first centre's is 2.
    assert_eq!(step.parameters.centres().row(2), [90.0]);
}
