//! Pictures: each is drawn, as SVG and as PNG, with the names of the columns in it.
#![cfg(all(feature = "plot", feature = "csv"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;

use marginal::data::Table;
use marginal::distributions::MultivariateNormal;
use marginal::em::Em;
use marginal::io::CsvOptions;
use marginal::io::plot::{self, Component, Picture};
use marginal::models::{GaussianMixture, HiddenMarkovModel, KMeans};

/// Saves a picture both ways and returns its SVG.
fn saved(name: &str, picture: &Picture) -> String {
    let path = |ending: &str| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("plot_{name}.{ending}"));
    picture.save(path("svg")).unwrap();
    picture.save(path("png")).unwrap();
    let png = std::fs::read(path("png")).unwrap();
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    let width = u32::from_be_bytes(png[16..20].try_into().unwrap());
    assert!(width > 1000, "{width} pixels");
    let svg = std::fs::read_to_string(path("svg")).unwrap();
    assert!(svg.contains("<svg") && svg.trim_end().ends_with("</svg>"));
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "coordinates are finite");
    svg
}

fn faithful() -> Table {
    Table::read_csv("data/faithful.csv").unwrap()
}

#[test]
fn two_columns_are_drawn_with_ellipses() {
    let table = faithful();
    let fit = Em::default().fit(&GaussianMixture::new(2), &table).unwrap();
    let svg = saved("faithful", &plot::gaussian_mixture(table.names(), &table, &fit.parameters).unwrap());
    for text in ["eruptions", "waiting", "component 0", "component 1", "272 rows"] {
        assert!(svg.contains(text), "{text}");
    }
    assert!(svg.matches("<circle").count() >= 272, "each row is a point");
}

#[test]
fn one_column_is_drawn_as_a_density() {
    let table = CsvOptions::default().columns(["waiting"]).read("data/faithful.csv").unwrap();
    let fit = Em::default().fit(&GaussianMixture::new(2), &table).unwrap();
    let svg = saved("waiting", &plot::gaussian_mixture(table.names(), &table, &fit.parameters).unwrap());
    assert!(svg.contains("density") && svg.contains("mixture"));
}

#[test]
fn more_columns_are_drawn_as_a_matrix() {
    let table = Table::read_csv("data/iris.csv").unwrap();
    let fit = Em::default().restarts(4).fit(&GaussianMixture::new(3), &table).unwrap();
    let svg = saved("iris", &plot::gaussian_mixture(table.names(), &table, &fit.parameters).unwrap());
    assert!(table.names().iter().all(|name| svg.contains(name.as_str())));
    let fit = Em::default().restarts(4).fit(&KMeans::new(3), &table).unwrap();
    saved("iris_k_means", &plot::k_means(table.names(), &table, &fit.parameters).unwrap());
}

#[test]
fn sequences_are_drawn_row_by_row() {
    let flows = Table::read_csv("data/nile.csv").unwrap();
    let regimes = [1000.0, 800.0].map(|mean| MultivariateNormal::spherical(vec![mean], 4e4).unwrap());
    let chain = HiddenMarkovModel::of(regimes.to_vec()).unwrap();
    let centre = |normal: &MultivariateNormal| normal.mean().to_vec();
    let svg = saved("nile", &plot::states(flows.names(), std::slice::from_ref(&flows), &chain, centre).unwrap());
    assert!(["flow", "row", "state 1", "2 states"].iter().all(|text| svg.contains(text)));
    assert!(svg.matches("<circle").count() >= 100, "each row is a point");
    let message = plot::states(&[], &[flows], &chain, centre).unwrap_err().to_string();
    assert_eq!(message, "the names of the columns: length 0, expected 1");
}

#[test]
fn centres_are_drawn_among_their_clusters() {
    let table = faithful();
    let fit = Em::default().fit(&KMeans::new(9), &table).unwrap();
    let svg = saved("k_means", &plot::k_means(table.names(), &table, &fit.parameters).unwrap());
    assert!(svg.contains("centre") && svg.contains("cluster 8"));
}

#[test]
fn counts_are_drawn_as_bars_of_width_one() {
    let counts: Vec<f64> = [162, 267, 271, 185, 111, 61, 27, 8, 3, 1]
        .into_iter()
        .enumerate()
        .flat_map(|(value, times)| vec![value as f64; times])
        .collect();
    let table = Table::new(vec!["deaths".into()], counts).unwrap();
    let poisson = |mean: f64| move |x: f64| (x * mean.ln() - mean - statrs::function::gamma::ln_gamma(x + 1.0)).exp();
    let (low, high) = (poisson(1.256), poisson(2.663));
    let parts = [Component { proportion: 0.36, density: &low }, Component { proportion: 0.64, density: &high }];
    assert!(saved("counts", &plot::density("deaths", &table, &parts, true)).contains("probability"));
}

#[test]
fn the_best_criterion_is_marked() {
    let values = [(1, 2600.1), (2, 2322.2), (3, 2333.7), (4, 2360.0), (5, 2380.0)];
    assert!(saved("bic", &plot::criterion_curve("BIC", "component", &values)).contains("best: 2 components"));
}

#[test]
fn a_picture_of_another_kind_is_refused() {
    let picture = plot::criterion_curve("BIC", "component", &[(1, 1.0), (2, 0.5)]);
    let message = picture.save("out.pdf").unwrap_err().to_string();
    assert_eq!(message, "out.pdf: a picture is an .svg or a .png file: name it so");
}

#[test]
fn names_that_do_not_fit_the_columns_are_refused() {
    let table = faithful();
    let fit = Em::default().fit(&GaussianMixture::new(2), &table).unwrap();
    let message = plot::gaussian_mixture(&table.names()[..1], &table, &fit.parameters).unwrap_err().to_string();
    assert_eq!(message, "the names of the columns: length 1, expected 2");
}

#[test]
fn numbers_are_drawn_against_those_sought() {
    let groups = [("seen", vec![(0.1, 0.12), (0.9, 0.88), (0.5, f64::NAN)]), ("hidden", vec![(0.25, 0.375)])];
    let svg = saved("agreement", &plot::agreement("tables", ["true", "learned"], &groups));
    for text in ["tables", "true", "learned", "seen", "hidden"] {
        assert!(svg.contains(text), "{text}");
    }
    saved("agreement_of_nothing", &plot::agreement("tables", ["true", "learned"], &[]));
}
