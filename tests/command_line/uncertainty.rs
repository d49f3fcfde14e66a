//! How sure a fit is: standard errors, bootstrap, held-out rows.

use super::{assert_close, file, marginal, path, printed};

const FAITHFUL: &str = "data/faithful.csv";

/// The numbers of the line that begins with this name.
fn numbers(text: &str, name: &str) -> Vec<f64> {
    let line = text
        .lines()
        .map(str::trim_start)
        .find(|line| line.starts_with(name))
        .unwrap_or_else(|| panic!("{name} in:\n{text}"));
    line[name.len()..].split_whitespace().map(|cell| cell.parse().unwrap()).collect()
}

#[test]
fn standard_errors_stand_beside_the_parameters_and_in_json() {
    let json = path("uncertainty.json").display().to_string();
    let fit = ["fit", "gmm", FAITHFUL, "-k", "2", "--restarts", "3", "--tolerance", "1e-14"];
    let text = printed(&[&fit[..], &["--standard-errors", "--uncertainty", &json]].concat());
    let [value, error, lower, upper] = numbers(&text, "component 0: mean of waiting")[..] else { panic!("{text}") };
    assert_close(&[value, error], &[54.478516, 0.591874], 1e-5);
    assert_close(&[lower, upper], &[value - 1.959964 * error, value + 1.959964 * error], 1e-4);
    assert_close(&numbers(&text, "component 1: proportion")[..2], &[0.644127, 0.029089], 1e-6);
    assert_close(&numbers(&text, "largest fraction of missing information"), &[0.2408], 1e-4);
    let written: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap();
    let first = &written["standard_errors"]["parameters"][2];
    assert_eq!(first["name"], "component 0: mean of eruptions");
    assert_close(&[first["standard_error"].as_f64().unwrap()], &[0.027108], 1e-6);
}

#[test]
fn every_kind_has_standard_errors_and_a_bootstrap() {
    let deaths = file("deaths_sure.csv", "deaths,days\n0,162\n1,267\n2,271\n3,185\n4,111\n5,61\n6,27\n7,8\n8,3\n9,1\n");
    let kinds: [&[&str]; 5] = [
        &["gmm", FAITHFUL, "-k", "2", "--covariance", "tied", "--prior", "weak"],
        &["mixture", FAITHFUL, "--family", "eruptions=normal,waiting=gamma", "-k", "2"],
        &["mixture", &deaths, "--family", "poisson", "-k", "2", "--weights", "days", "--tolerance", "1e-14"],
        &["hmm", FAITHFUL, "--states", "2", "--simulate"],
        &["hmm", FAITHFUL, "--states", "2", "--family", "normal", "--simulate"],
    ];
    for kind in kinds {
        let asked = ["--standard-errors", "--bootstrap", "12", "--restarts", "2"];
        let text = printed(&[&["fit"], kind, &asked].concat());
        assert!(text.contains("\nstandard errors\n") && text.contains("bootstrap\n"), "{text}");
        assert!(text.contains("12 replicates") && text.contains("largest fraction of missing information"), "{text}");
    }
}

#[test]
fn held_out_rows_are_scored_for_each_number_of_components() {
    let fit = ["fit", "gmm", FAITHFUL, "-k", "1..3", "--restarts", "4", "--cross-validate", "5"];
    let text = printed(&fit);
    let scores = text.split("held-out rows, 5 folds\n").nth(1).unwrap();
    let rows: Vec<&str> = scores.lines().skip(1).take(3).collect();
    assert!(rows[1].trim_start().starts_with("2 ") && rows[1].contains("one-standard-error rule"), "{scores}");
    assert_eq!(printed(&[&fit[..], &["--threads", "2"]].concat()), text);
}

#[test]
fn what_has_no_answer_is_refused_with_the_reason() {
    let refused = |arguments: &[&str]| {
        let output = marginal(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (_, why) = refused(&["fit", "kmeans", "data/iris.csv", "-k", "3", "--standard-errors"]);
    assert!(why.contains("K-means has no likelihood: leave --standard-errors out"), "{why}");
    let (_, why) = refused(&["fit", "gmm", FAITHFUL, "-k", "2", "--uncertainty", "unused.json"]);
    assert!(why.contains("--uncertainty has nothing to write"), "{why}");
    // The fit itself is printed all the same.
    let (fit, why) = refused(&["fit", "hmm", FAITHFUL, "--states", "2", "--restarts", "1", "--bootstrap", "10"]);
    assert!(fit.contains("Hidden Markov model with 2 states"), "{fit}");
    assert!(why.contains("no bootstrap: 1 observation cannot be drawn again") && why.contains("--simulate"), "{why}");
    let (_, why) = refused(&["fit", "hmm", FAITHFUL, "--states", "2", "--restarts", "1", "--cross-validate", "5"]);
    assert!(why.contains("no cross-validation: 1 observation cannot be dealt"), "{why}");
    let early = ["fit", "gmm", FAITHFUL, "-k", "3", "--restarts", "1", "--max-iterations", "2", "--standard-errors"];
    let (_, why) = refused(&early);
    assert!(why.contains("no standard errors: θ is"), "{why}");
}

#[test]
fn one_component_more_is_tested_by_the_likelihood_ratio() {
    let json = super::path("ratio.json");
    let asked = ["fit", "gmm", FAITHFUL, "--columns", "eruptions", "--covariance", "tied", "--restarts", "2"];
    let ratio = ["-k", "1", "--likelihood-ratio", "19", "--uncertainty", json.to_str().unwrap()];
    let text = printed(&[&asked[..], &ratio].concat());
    let line = text.lines().find(|line| line.starts_with("likelihood ratio of 2 components to 1: ")).unwrap();
    assert!(line.ends_with("p = 0.0500 by 19 replicates"), "{line}");
    let saved: serde_json::Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    let test = &saved["likelihood_ratio"];
    assert_eq!((test["p_value"].as_f64(), test["replicates"].as_array().map(Vec::len)), (Some(0.05), Some(19)));
    // 2 ln(L₁/L₀) is that of the two fits.
    let two = printed(&[&asked[..], &["-k", "2"]].concat());
    let ratio = 2.0 * (super::log_likelihood(&two) - super::log_likelihood(&text));
    assert!((test["statistic"].as_f64().unwrap() - ratio).abs() < 1e-5);
}

#[test]
fn the_clock_ends_a_bootstrap_with_the_replicates_that_were_made() {
    let asked = ["fit", "gmm", FAITHFUL, "-k", "2", "--restarts", "1", "--bootstrap", "1000000", "--time-limit", "2"];
    let text = printed(&asked);
    assert!(text.contains("\nbootstrap\n") && text.contains("more not made before the end"), "{text}");
}
