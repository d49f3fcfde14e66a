//! Components that are known in part, rows that share one, and cells that are missing.

use std::fmt::Write;

use super::{assert_close, file, log_likelihood, marginal, path, printed, row};

const HOLES: &str = "data/iris_holes.csv";
const COLUMNS: &str = "x0,x1,x2,x3";

/// Iris with the kind of five flowers of each, and the bunch of five that each flower is from.
fn known(name: &str) -> String {
    let iris = std::fs::read_to_string("data/iris.csv").unwrap();
    let mut text = String::new();
    for (n, line) in iris.lines().enumerate() {
        match n.checked_sub(1) {
            None => writeln!(text, "{line},kind,bunch").unwrap(),
            Some(n) if n % 50 < 5 => writeln!(text, "{line},{},b{}", n / 50, n / 5).unwrap(),
            Some(n) => writeln!(text, "{line},,b{}", n / 5).unwrap(),
        }
    }
    file(name, text)
}

#[test]
fn known_components_keep_their_numbers() {
    let file = known("kinds.csv");
    let text = printed(&["fit", "gmm", &file, "-k", "3", "--labels", "kind", "--columns", COLUMNS]);
    assert_close(&[log_likelihood(&text)], &[-180.28730847], 1e-7);
    assert_eq!(row(&text, "size"), [50.0, 45.0, 55.0]);
    assert!(text.contains("150 rows, 15 labels known; "), "{text}");
    let text =
        printed(&["fit", "mixture", &file, "--family", "normal", "-k", "3", "--labels", "kind", "--columns", COLUMNS]);
    assert_eq!(row(&text, "size").iter().sum::<f64>(), 150.0);
    let text = printed(&["fit", "hmm", &file, "-k", "3", "--labels", "kind", "--columns", COLUMNS]);
    assert_eq!(row(&text, "size"), [50.0; 3]);
    assert_eq!(row(&text, "first"), [1.0, 0.0, 0.0]);
}

#[test]
fn rows_of_one_group_are_of_one_component() {
    let file = known("bunches.csv");
    let text = printed(&["fit", "gmm", &file, "-k", "3", "--groups", "bunch", "--columns", COLUMNS]);
    assert_close(&[log_likelihood(&text)], &[-56.54208026], 1e-7);
    assert_eq!(row(&text, "size"), [50.0; 3]);
    assert!(text.contains("150 rows in 30 groups; "), "{text}");
}

#[test]
fn missing_cells_are_counted_and_summed_out() {
    let saved = path("holes.json");
    let save = saved.to_str().unwrap();
    let text = printed(&["fit", "gmm", HOLES, "-k", "2", "--missing", "--save", save]);
    assert_close(&[log_likelihood(&text)], &[-214.09932614], 1e-7);
    assert!(text.contains("150 rows, 125 of 600 cells missing; "), "{text}");
    let score = printed(&["score", save, HOLES, "--missing"]);
    assert!(score.lines().nth(1).unwrap().starts_with("150,-214.099326"), "{score}");
    assert_eq!(printed(&["predict", save, HOLES, "--missing"]).lines().filter(|line| *line == "1").count(), 100);
    let text = printed(&["fit", "hmm", HOLES, "-k", "2", "--missing"]);
    assert_close(&[log_likelihood(&text)], &[-123.53598190], 1e-6);
    let arguments = ["fit", "hmm", HOLES, "-k", "2", "--missing", "--covariance", "diagonal", "--standard-errors"];
    assert!(printed(&arguments).contains("standard errors"));

    // Normals whose columns are independent are those of diagonal covariances.
    let text = printed(&["fit", "mixture", HOLES, "-k", "2", "--family", "normal", "--missing", "--save", save]);
    assert_close(&[log_likelihood(&text)], &[-321.90967653], 1e-7);
    let score = printed(&["score", save, HOLES, "--missing"]);
    assert!(score.lines().nth(1).unwrap().starts_with("150,-321.909676"), "{score}");
    assert_eq!(printed(&["predict", save, HOLES, "--missing"]).lines().filter(|line| *line == "1").count(), 100);
}

#[test]
fn missing_cells_may_have_a_spelling_of_ones_own() {
    let text = std::fs::read_to_string(HOLES).unwrap().replace("nan", "-999");
    let file = file("own_spelling.csv", text);
    let arguments = ["fit", "gmm", &file, "-k", "2", "--missing", "--missing-as", "-999", "--covariance", "diagonal"];
    assert_close(&[log_likelihood(&printed(&arguments))], &[-321.90967653], 1e-7);
}

#[test]
fn what_is_wrong_with_labels_groups_and_cells_is_said() {
    let file = known("at_fault.csv");
    let refused = |arguments: &[&str]| {
        let output = marginal(&[&["fit"], arguments, &["--columns", COLUMNS]].concat());
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let error = refused(&["gmm", &file, "-k", "2", "--labels", "kind"]);
    assert!(error.contains("line 102: label 2 is no component of 2"), "{error}");
    let error = refused(&["hmm", &file, "-k", "2", "--labels", "kind"]);
    assert!(error.contains("line 102: label 2 is no state of 2"), "{error}");
    let error = refused(&["gmm", &file, "-k", "3", "--labels", "bunch"]);
    assert!(error.contains("bunch"), "{error}");
    let error = refused(&["gmm", &file, "-k", "3", "--labels", "kind", "--groups", "bunch"]);
    assert!(error.contains("cannot be used with"), "{error}");
    let error = refused(&["gmm", &file, "-k", "3", "--labels", "kind", "--bootstrap", "9"]);
    assert!(error.contains("--bootstrap knows no labels and no groups"), "{error}");
    let error = refused(&["hmm", HOLES, "-k", "2", "--missing", "--bootstrap", "9", "--simulate"]);
    assert!(error.contains("rows of this model are drawn whole"), "{error}");
    let error = refused(&["gmm", HOLES, "-k", "2"]);
    assert!(error.contains("line 2, column `x0`: missing value"), "{error}");
    let error = refused(&["mixture", HOLES, "--family", "normal", "-k", "2"]);
    assert!(error.contains("line 2, column `x0`: missing value"), "{error}");
    let error = refused(&["kmeans", HOLES, "-k", "2", "--missing"]);
    assert!(error.contains("--missing"), "{error}");
}
