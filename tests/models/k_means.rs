//! K-means against published inertias and a brute-force search.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::Error;
use marginal::components::Gaussians;
use marginal::data::{Table, Weighted};
use marginal::distributions::MultivariateNormal;
use marginal::em::{Em, Stopped};
use marginal::models::{Centroids, EmptyCluster, GaussianMixture, KMeans, Mixture};

#[test]
fn iris_from_its_class_means_has_the_known_inertia_and_sizes() {
    let iris = Table::read_csv("data/iris.csv").unwrap();
    let mut means = Table::default();
    for class in 0..3 {
        let rows = iris.rows().iter().skip(50 * class).take(50);
        let sum = rows.fold([0.0; 4], |sum, row| std::array::from_fn(|d| sum[d] + row[d] / 50.0));
        means.push(&sum).unwrap();
    }
    let start = Centroids::new(means).unwrap();
    let fit = Em::default().verify(true).fit_from(&KMeans::new(3), &iris, start).unwrap();
    assert!((-2.0 * fit.objective - 78.855_665_826_0).abs() < 1e-9);
    let labels = fit.parameters.labels(&iris).unwrap();
    let sizes: Vec<usize> = (0..3).map(|k| labels.iter().filter(|z| **z == k).count()).collect();
    assert_eq!(sizes, [50, 61, 39]);
    assert_eq!(fit.stopped, Stopped::Converged);
}

#[test]
fn restarts_find_the_best_known_inertias() {
    let iris = Table::read_csv("data/iris.csv").unwrap();
    for (k, inertia) in [(1, 681.3706), (2, 152.347_951_760_4), (3, 78.851_441_426_146), (4, 57.228_473_214_3)] {
        let fit = Em::default().restarts(20).seed(5).fit(&KMeans::new(k), &iris).unwrap();
        assert!((-2.0 * fit.objective - inertia).abs() < 1e-6, "K = {k}: {}", -2.0 * fit.objective);
    }
}

#[test]
fn an_emptied_cluster_moves_or_stays_and_the_objective_never_falls() {
    let table = Table::from_values(vec![0.0, 1.0, 2.0, 10.0, 11.0, 30.0], 1).unwrap();
    let start = Centroids::new(Table::from_values(vec![5.0, 1000.0, 2000.0], 1).unwrap()).unwrap();
    for (policy, inertia) in [(EmptyCluster::Relocate, 2.5), (EmptyCluster::Keep, 640.0)] {
        let model = KMeans::new(3).empty_cluster(policy);
        let fit = Em::default().verify(true).fit_from(&model, &table, start.clone()).unwrap();
        assert!(fit.history.windows(2).all(|w| w[1] >= w[0]));
        assert!((-2.0 * fit.objective - inertia).abs() < 1e-12, "{policy:?}: {}", -2.0 * fit.objective);
    }
}

#[test]
fn small_problems_reach_the_optimum_over_all_partitions() {
    let values = [0.3, 4.1, 9.7, 9.9, 3.5, 0.1, 5.2];
    let weights = [1.0, 2.0, 0.5, 1.0, 3.0, 1.0, 0.0];
    let inertia = |partition: usize| -> f64 {
        (0..2)
            .map(|k| {
                let members: Vec<usize> = (0..7).filter(|n| partition >> n & 1 == k).collect();
                let weight: f64 = members.iter().map(|&n| weights[n]).sum();
                let mean = members.iter().map(|&n| weights[n] * values[n]).sum::<f64>() / weight.max(1e-300);
                members.iter().map(|&n| weights[n] * (values[n] - mean).powi(2)).sum::<f64>()
            })
            .sum()
    };
    let best = (0..128).map(inertia).fold(f64::INFINITY, f64::min);
    let table = Table::from_values(values.to_vec(), 1).unwrap();
    let data = Weighted::new(&table, &weights).unwrap();
    let fit = Em::default().restarts(10).fit(&KMeans::new(2), &data).unwrap();
    assert!((-2.0 * fit.objective - best).abs() < 1e-12);
    assert!((fit.parameters.inertia(&data).unwrap() - best).abs() < 1e-12);
}

#[test]
fn rows_that_cannot_be_assigned_are_named() {
    let table = Table::from_values(vec![0.0, 1.0, f64::INFINITY, 3.0], 2).unwrap();
    let failed = Em::default().fit(&KMeans::new(1), &table).unwrap_err();
    assert!(matches!(failed.cause, Error::NotFinite { row: 1, .. }), "{failed}");
    let centroids = Centroids::new(Table::from_values(vec![0.0; 3], 3).unwrap()).unwrap();
    assert!(matches!(centroids.labels(&table), Err(Error::Dimension { expected: 3, found: 2, .. })));
}

/// Of equal proportions and one variance σ² I, a mixture assigns as K-means does once σ² is small against the least
/// difference of a row's squared distances: with σ² ≤ Δ / (2 (40 + ln K)) what the others take is below e⁻⁴⁰.
#[test]
fn a_gaussian_mixture_of_a_small_variance_takes_the_steps_of_k_means() {
    let iris = Table::read_csv("data/iris.csv").unwrap();
    let centres: Vec<f64> = [0, 50, 100].iter().flat_map(|&n| iris.row(n).to_vec()).collect();
    let start = Centroids::new(Table::from_values(centres, 4).unwrap()).unwrap();
    let square = |row: &[f64], centre: &[f64]| -> f64 { row.iter().zip(centre).map(|(x, c)| (x - c).powi(2)).sum() };
    let gap = |row: &[f64]| {
        let mut squares: Vec<f64> = start.centres().iter().map(|centre| square(row, centre)).collect();
        squares.sort_by(f64::total_cmp);
        squares[1] - squares[0]
    };
    let variance = iris.rows().iter().map(gap).fold(f64::INFINITY, f64::min) / (2.0 * (40.0 + 3f64.ln()));
    let normals =
        start.centres().iter().map(|c| MultivariateNormal::spherical(c.to_vec(), variance).unwrap()).collect();
    let soft_start = Mixture::of(Gaussians::new(normals).unwrap()).unwrap();
    let one_step = Em::default().max_iterations(1);
    let soft = one_step.fit_from(&GaussianMixture::new(3), &iris, soft_start).unwrap().parameters;
    let hard = one_step.fit_from(&KMeans::new(3), &iris, start).unwrap().parameters;
    for (normal, centre) in soft.components().iter().zip(hard.centres().iter()) {
        assert!(normal.mean().iter().zip(centre).all(|(m, c)| (m - c).abs() <= 1e-14 * c.abs()), "{normal} {centre:?}");
    }
}
