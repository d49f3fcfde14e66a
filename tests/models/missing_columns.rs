//! Missing cells where columns are independent given the component: against a graph whose missing leaves are hidden, against
//! normals with diagonal covariances, and against an EM written in another language.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::components::Gaussians;
use marginal::conditionals::ConditionalTable;
use marginal::distributions::{Column, Independent};
use marginal::em::Acceleration;
use marginal::graph::{Graph, Node};
use marginal::io::CsvOptions;
use marginal::models::ColumnMixture;
use marginal::prelude::*;

fn assert_close(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len());
    assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-9 * b.abs()), "{a:?} and {b:?}");
}

fn plain(iterations: usize) -> Em {
    Em::default().verify(true).acceleration(Acceleration::None).tolerance(-1.0).max_iterations(iterations)
}

fn holes() -> Table {
    CsvOptions::default().missing(true).read("data/iris_holes.csv").unwrap()
}

/// The optimum of an EM in numpy, with Σ_oo⁻¹ row by row: −321.90967653.
#[test]
fn normal_columns_of_iris_with_holes_have_the_optimum_of_diagonal_covariances() {
    let normal: Column = "normal".parse().unwrap();
    let model = ColumnMixture::new(2, vec![normal; 4]).unwrap().missing_cells(true);
    let fit = Em::default().restarts(8).tolerance(1e-14).verify(true).fit(&model, &holes()).unwrap();
    assert!((fit.log_likelihood + 321.909_676_53).abs() < 1e-7, "{}", fit.log_likelihood);
    assert_eq!(fit.free_parameters, Some(17));
}

/// Some categories of six features of 600 rows, 3 hidden classes: every seventh cell is missing.
fn latent_classes() -> Table {
    let all = Table::read_csv("data/latent_classes.csv").unwrap();
    let holed = |(cell, x): (usize, &f64)| if cell % 7 == 3 || cell % 11 == 5 { f64::NAN } else { *x };
    Table::from_values(all.rows().values().iter().enumerate().map(holed).collect(), all.columns()).unwrap()
}

#[test]
fn categories_that_are_missing_are_hidden_leaves_of_a_graph() {
    let (rows, proportions) = (latent_classes(), [0.25, 0.35, 0.4]);
    let states: Vec<usize> = (0..rows.columns())
        .map(|d| rows.rows().iter().map(|row| row[d]).filter(|x| !x.is_nan()).fold(0.0, f64::max) as usize + 1)
        .collect();
    let shares = |d: usize, z: usize| {
        let all: Vec<f64> = (0..states[d]).map(|x| 1.0 + ((x + 2 * z + d) % 3) as f64).collect();
        let total: f64 = all.iter().sum();
        all.into_iter().map(|p| p / total).collect::<Vec<_>>()
    };
    let mut g = Graph::builder();
    let class: Node<usize> = g.node("class", (), ConditionalTable::new([proportions]).unwrap());
    for d in 0..states.len() {
        let table = ConditionalTable::new((0..3).map(|z| shares(d, z))).unwrap();
        let _: Node<usize> = g.node(format!("x{d}"), class, table);
    }
    let graph = g.build().unwrap().hide(class).unwrap();
    let of_class = |z| {
        let columns = (0..states.len()).map(|d| Column::from(Categorical::new(shares(d, z)).unwrap()));
        Independent::new(columns.collect()).unwrap().missing_cells(true)
    };
    let mixture = Mixture::new(proportions.to_vec(), (0..3).map(of_class).collect::<Vec<_>>()).unwrap();
    let of_graph = plain(40).fit(&graph, &rows).unwrap();
    let of_mixture = plain(40).fit_from(&mixture, &rows, mixture.clone()).unwrap();
    assert_close(&of_mixture.history, &of_graph.history);
    assert_eq!(of_mixture.free_parameters, of_graph.free_parameters);
}

#[test]
fn steps_of_a_sequence_miss_cells_of_independent_columns_as_of_normals() {
    let tables = [holes()];
    let columns = |mean: [f64; 4]| {
        let parts = mean.iter().map(|mean| Normal::new(*mean, 1.0).unwrap()).collect();
        Independent::new(parts).unwrap().missing_cells(true)
    };
    let normals = |mean: [f64; 4]| MultivariateNormal::diagonal(mean.to_vec(), &[1.0; 4]).unwrap();
    let means = [[5.0, 3.4, 1.5, 0.2], [6.2, 2.9, 4.9, 1.7]];
    let bank = Gaussians::new(means.map(normals).to_vec()).unwrap();
    let bank = bank.covariance(Covariance::Diagonal).missing_cells(true);
    let (of_columns, of_normals) =
        (HiddenMarkovModel::of(means.map(columns).to_vec()).unwrap(), HiddenMarkovModel::of(bank).unwrap());
    let a = plain(20).fit_from(&of_columns, &tables, of_columns.clone()).unwrap();
    let b = plain(20).fit_from(&of_normals, &tables, of_normals.clone()).unwrap();
    // Normals sum more out than columns need to, so their steps are shorter, from the same value to the same.
    assert_close(&a.history[..1], &b.history[..1]);
    assert_close(&a.history[20..], &b.history[20..]);
}

#[test]
fn rows_that_say_nothing_are_no_draws_and_a_column_that_says_nothing_is_named() {
    let rows = [1.0, 0.0, f64::NAN, 2.0, 7.0, f64::NAN, f64::NAN, f64::NAN, 6.0, 9.0, 2.0, 1.0];
    let families = vec!["poisson".parse().unwrap(); 2];
    let model = ColumnMixture::new(2, families).unwrap();
    let refused = Em::default().fit(&model, &Table::from_values(rows.to_vec(), 2).unwrap()).unwrap_err();
    assert!(matches!(refused.cause, Error::Outside { row: 1, column: 0, .. }), "{refused}");
    let model = model.missing_cells(true);
    let fit = Em::default().restarts(4).fit(&model, &Table::from_values(rows.to_vec(), 2).unwrap()).unwrap();
    assert_eq!((fit.draws, fit.observations), (5.0, 6));

    let empty: Vec<f64> = rows.chunks_exact(2).flat_map(|row| [row[1], f64::NAN]).collect();
    let failed = Em::default().fit(&model, &Table::from_values(empty, 2).unwrap()).unwrap_err();
    assert!(failed.to_string().contains("column 1"), "{failed}");
}
