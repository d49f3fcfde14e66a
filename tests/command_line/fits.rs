//! What is fitted, against reference answers.

use std::fmt::Write;

use super::refusals::refusal;
use super::{assert_close, file, log_likelihood, path, printed, row};

const FAITHFUL: &str = "data/faithful.csv";

/// Deaths a day of women over 80, by how many days had so many (Hasselblad 1969).
const DEATHS: &str = "deaths,days\n0,162\n1,267\n2,271\n3,185\n4,111\n5,61\n6,27\n7,8\n8,3\n9,1\n";

#[test]
fn old_faithful_has_two_components() {
    let text = printed(&["fit", "gmm", FAITHFUL, "-k", "2", "--restarts", "3", "--tolerance", "1e-14"]);
    assert_close(&[log_likelihood(&text)], &[-1130.26396018], 1e-6);
    assert_close(&row(&text, "proportion"), &[0.35587286, 0.64412714], 1e-7);
    assert_close(&row(&text, "eruptions"), &[2.03638845, 4.28966197], 1e-6);
    assert_close(&row(&text, "waiting"), &[54.47851638, 79.96811517], 1e-5);
    assert_eq!(row(&text, "size"), [97.0, 175.0]);
}

#[test]
fn the_smallest_bic_wins() {
    let text = printed(&["fit", "gmm", FAITHFUL, "--components", "1..6", "--restarts", "2"]);
    let rows: Vec<Vec<&str>> = text.lines().skip(1).take(6).map(|line| line.split_whitespace().collect()).collect();
    let bic: Vec<f64> = rows.iter().map(|cells| cells[4].parse().unwrap()).collect();
    assert_eq!(rows.iter().map(|cells| cells[0]).collect::<Vec<_>>(), ["1", "2", "3", "4", "5", "6"]);
    assert!(bic.iter().all(|b| *b >= bic[1]), "{bic:?}");
    assert_close(&bic[..2], &[2607.6225, 2322.1917], 1e-3);
    assert_eq!(rows.iter().position(|cells| cells.ends_with(&["smallest", "BIC"])), Some(1));
    assert!(text.contains("Gaussian mixture with 2 components"));
}

#[test]
fn one_column_has_a_mixture_too() {
    let text = printed(&["fit", "gmm", FAITHFUL, "-k", "2", "--columns", "waiting", "--restarts", "2"]);
    assert_close(&[log_likelihood(&text)], &[-1034.0017498], 1e-6);
}

#[test]
fn k_means_finds_the_species_of_iris() {
    let text = printed(&["fit", "kmeans", "data/iris.csv", "-k", "3"]);
    let inertia = row(&text, "within-cluster sum of squares");
    // The two best of the known optima.
    assert!([78.8514414, 78.8556658].iter().any(|best| (inertia[0] - best).abs() < 1e-6), "{inertia:?}");
}

#[test]
fn two_poisson_rates_explain_the_deaths() {
    let deaths = file("deaths.csv", DEATHS);
    let common = ["--weights", "days", "--restarts", "1", "--tolerance", "1e-14"];
    let text = printed(&[&["fit", "mixture", &deaths, "--family", "poisson", "-k", "2"], &common[..]].concat());
    assert_close(&[log_likelihood(&text)], &[-1989.945860], 1e-6);
    assert_close(&row(&text, "proportion"), &[0.3599, 0.6401], 5e-5);
    assert_close(&row(&text, "rate"), &[1.2561, 2.6634], 5e-5);
    assert!(text.contains("10 rows of total weight 1096"));
}

#[test]
fn normal_columns_are_the_gaussian_mixture_with_diagonal_covariances() {
    let common = ["-k", "2", "--restarts", "2"];
    let fit = |family: &str| printed(&[&["fit", "mixture", FAITHFUL, "--family", family], &common[..]].concat());
    let mixture = fit("normal");
    let diagonal = printed(&[&["fit", "gmm", FAITHFUL, "--covariance", "diagonal"], &common[..]].concat());
    assert_close(&[log_likelihood(&mixture)], &[-1147.8063525], 1e-6);
    assert_close(&[log_likelihood(&diagonal)], &[-1147.8063525], 1e-6);
    assert_eq!(mixture, fit("normal,normal"));
    assert_eq!(mixture, fit("eruptions=normal,waiting=normal"));
    assert!(mixture.contains("eruptions (normal)") && mixture.contains("standard deviation"));
}

#[test]
fn each_column_may_have_a_family_of_its_own() {
    let text = printed(&["fit", "mixture", FAITHFUL, "--family", "waiting=gamma,eruptions=log-normal", "-k", "2"]);
    let labels: Vec<&str> = text.lines().filter(|line| line.contains('(')).map(str::trim_start).collect();
    assert!(labels[0].starts_with("waiting (gamma)") && labels[1].starts_with("eruptions (log-normal)"), "{text}");
    let mean: Vec<f64> = row(&text, "shape").iter().zip(row(&text, "rate")).map(|(a, b)| a / b).collect();
    assert!((mean[0] - 54.5).abs() < 0.5 && (mean[1] - 80.0).abs() < 0.5, "{mean:?}");
    assert_eq!(row(&text, "mean of logarithm").len(), 2);
}

#[test]
fn a_weight_of_two_is_the_row_twice() {
    let once = file("once.csv", "x,w\n1,1\n2,2\n8,1\n9,2\n9.5,1\n");
    let twice = file("twice.csv", "x\n1\n2\n2\n8\n9\n9\n9.5\n");
    let fit = |file: &str, weights: &[&str]| {
        let text = printed(&[&["fit", "mixture", file, "--family", "normal", "-k", "2"], weights].concat());
        (log_likelihood(&text), row(&text, "size"), row(&text, "mean"))
    };
    let (weighted, doubled) = (fit(&once, &["--weights", "w"]), fit(&twice, &[]));
    assert_close(&[weighted.0], &[doubled.0], 1e-9);
    assert_eq!((weighted.1, weighted.2), (doubled.1, doubled.2));
}

#[test]
fn an_offset_of_1e8_changes_nothing_but_the_means() {
    let lines = std::fs::read_to_string(FAITHFUL).unwrap();
    let (mut plain, mut far) = ("a,b\n".to_owned(), "a,b\n".to_owned());
    for line in lines.lines().skip(1) {
        let x: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        // Multiples of 1/64 are shifted without rounding.
        let [a, b] = [0, 1].map(|d| (x[d] * 64.0).round() / 64.0);
        writeln!(plain, "{a},{b}").unwrap();
        writeln!(far, "{},{}", a + 1e8, b + 1e8).unwrap();
    }
    let (plain, far) = (file("plain.csv", plain), file("far.csv", far));
    for model in [&["gmm", "-k", "2"][..], &["mixture", "--family", "normal", "-k", "2"], &["kmeans", "-k", "3"]] {
        let [near, shifted] = [&plain, &far].map(|data| {
            let saved = path("offset.json");
            let fit = [&["fit", model[0], data], &model[1..], &["--restarts", "3", "--save", saved.to_str().unwrap()]];
            let text = printed(&fit.concat());
            (text, printed(&["predict", saved.to_str().unwrap(), data]))
        });
        assert_eq!(near.1, shifted.1, "the clusters");
        if model[0] == "kmeans" {
            assert_eq!(near.0.lines().nth(3), shifted.0.lines().nth(3), "the sums of squares");
        } else {
            assert_close(&[log_likelihood(&near.0)], &[log_likelihood(&shifted.0)], 1e-6);
        }
    }
}

#[test]
fn delimiters_quotes_and_line_ends_do_not_matter() {
    let plain = std::fs::read_to_string(FAITHFUL).unwrap();
    let fit = |file: &str| printed(&["fit", "gmm", file, "-k", "2", "--restarts", "1"]);
    let semicolons = file("semicolons.csv", plain.replace(',', ";"));
    let quoted = file("quoted.csv", format!("\"{}\"", plain.trim().replace(',', "\",\"").replace('\n', "\"\r\n\"")));
    assert_eq!(fit(&semicolons), fit(FAITHFUL));
    assert_eq!(fit(&quoted), fit(FAITHFUL));
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_is_fitted_as_csv() {
    let fit = |file: &str| printed(&["fit", "gmm", file, "-k", "1..3", "--restarts", "2"]);
    assert_eq!(fit("data/faithful.parquet"), fit(FAITHFUL));
    let weighted = |file: &str| {
        printed(&["fit", "mixture", file, "-k", "2", "--family", "eruptions=normal", "--weights", "waiting"])
    };
    assert_eq!(weighted("data/faithful.parquet"), weighted(FAITHFUL));
}

#[test]
fn a_scale_of_1e_150_is_fitted() {
    let tiny = file("tiny.csv", "x\n1e-150\n2e-150\n3e-150\n11e-150\n12e-150\n14e-150\n");
    let text = printed(&["fit", "mixture", &tiny, "--family", "normal", "-k", "2"]);
    assert_close(&row(&text, "mean").iter().map(|m| m * 1e150).collect::<Vec<_>>(), &[2.0, 37.0 / 3.0], 1e-3);
    printed(&["fit", "kmeans", &tiny, "-k", "2"]);
}

#[test]
fn a_component_of_two_rows_is_doubtful() {
    let near = (0..50).map(|n| format!("{}", 0.01 + 0.02 * f64::from(n)));
    let rows: Vec<String> = near.chain(["50.0".into(), "50.3".into()]).collect();
    let text = printed(&["fit", "gmm", &file("two_far.csv", format!("x\n{}\n", rows.join("\n"))), "-k", "1..2"]);
    assert!(text.contains("rests on 2.00 rows, and 2 determine it"), "{text}");
    assert!(text.lines().any(|line| line.trim_start().starts_with("2 ") && line.contains("doubtful")), "{text}");
}

#[test]
fn iris_has_principal_components_and_a_factor_without_noise() {
    let model = path("iris_factors.json").to_str().unwrap().to_owned();
    let isotropic = ["fit", "factors", "data/iris.csv", "-q", "2", "--noise", "isotropic", "--save", &model];
    let text = printed(&isotropic);
    assert_close(&[log_likelihood(&text)], &[-404.96278016], 1e-7);
    assert!(text.contains("Probabilistic principal components with 2 factors"), "{text}");
    let scores = printed(&["predict", &model, "data/iris.csv", "--scores"]);
    assert!(scores.starts_with("factor0,factor1\n") && scores.lines().count() == 151, "{scores}");
    let per_row = printed(&["score", &model, "data/iris.csv"]);
    assert!(per_row.contains("-404.9627801"), "{per_row}");
    // The names of columns stand at the loadings and in what is doubtful.
    let text = printed(&["fit", "factors", "data/iris.csv", "-q", "1", "--floor", "0.005"]);
    assert_close(&[log_likelihood(&text)], &[-423.79060463], 1e-7);
    assert!(text.contains("variance of column x2 unexplained (a Heywood case)"), "{text}");
    let refused = refusal(1, &["predict", "tests/cases/regimes.json", "tests/cases/regimes.csv", "--scores"]);
    assert!(refused.contains("only models of factors have scores"), "{refused}");
}
