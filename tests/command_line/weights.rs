//! What weights are: counts or importance weights, and which N the criteria use.

use super::refusals::{assert_says, refusal};
use super::{assert_close, file, log_likelihood, path, printed};

const SHARES: &str = "tests/cases/weights_sum_to_one.csv";

/// The BIC of each K, and the K of the smallest.
fn bic(text: &str) -> (Vec<f64>, Option<usize>) {
    let rows: Vec<Vec<&str>> = text.lines().skip(1).take(3).map(|line| line.split_whitespace().collect()).collect();
    let values = rows.iter().map(|cells| cells[4].parse().unwrap()).collect();
    (values, rows.iter().position(|cells| cells.ends_with(&["smallest", "BIC"])).map(|n| n + 1))
}

/// The table of the case, its weights multiplied by this number.
fn scaled(name: &str, factor: f64) -> String {
    let text = std::fs::read_to_string(SHARES).unwrap();
    let scaled = text.lines().skip(1).map(|line| {
        let (x, w) = line.split_once(',').unwrap();
        format!("{x},{:e}\n", w.parse::<f64>().unwrap() * factor)
    });
    file(name, format!("x,w\n{}", scaled.collect::<String>()))
}

#[test]
fn importance_weights_choose_what_their_multiples_choose() {
    let fit =
        |data: &str, kind: &str| printed(&["fit", "gmm", data, "-k", "1..3", "--weights", "w", "--weights-are", kind]);
    let text = fit(SHARES, "importance");
    let (values, best) = bic(&text);
    assert_eq!(best, Some(2));
    assert!(text.contains("\n60 rows with importance weights scaled to mean 1 (N = 60); best of"), "{text}");
    let (counts, best) = bic(&fit(&scaled("weights_60.csv", 60.0), "counts"));
    assert_eq!(best, Some(2));
    assert_close(&values, &counts, 1e-3);
    for factor in [1e-300, 1e300, 7.0] {
        assert_close(&bic(&fit(&scaled("weights_far.csv", factor), "importance")).0, &values, 1e-3);
    }
}

#[test]
fn weights_that_are_hardly_counts_are_a_question() {
    let words =
        ["the weights of 60 rows sum to 1, less than the rows", "N = 1)", "N = 60)", "--weights-are importance"];
    assert_says(&refusal(1, &["fit", "gmm", SHARES, "-k", "1..3", "--weights", "w"]), &words);
    assert_says(&refusal(1, &["fit", "mixture", SHARES, "-k", "2", "--family", "normal", "--weights", "w"]), &words);
    let counts = printed(&["fit", "gmm", SHARES, "-k", "2", "--weights", "w", "--weights-are", "counts"]);
    assert!(counts.contains("\n60 rows of total weight 1, counts (N = 1); best"), "{counts}");
    // Centres do not depend on the scale of weights.
    printed(&["fit", "kmeans", SHARES, "-k", "2", "--weights", "w"]);
    let saved = path("weights.json");
    let saved = saved.to_str().unwrap();
    let fit = ["fit", "gmm", SHARES, "-k", "2", "--weights", "w", "--weights-are", "importance", "--save", saved];
    let ln_l = log_likelihood(&printed(&fit));
    assert_says(&refusal(1, &["score", saved, SHARES, "--weights", "w"]), &words);
    let score = printed(&["score", saved, SHARES, "--weights", "w", "--weights-are", "importance"]);
    let cells: Vec<f64> = score.lines().nth(1).unwrap().split(',').map(|cell| cell.parse().unwrap()).collect();
    assert_close(&cells, &[60.0, ln_l, ln_l / 60.0], 1e-5);
    let usage = refusal(2, &["fit", "gmm", SHARES, "-k", "2", "--columns", "x", "--weights-are", "counts"]);
    assert_says(&usage, &["--weights <COLUMN>"]);
}

#[test]
fn counts_below_one_choose_nothing() {
    let data = scaled("weights_half.csv", 0.5);
    let fit = |k: &'static str| ["fit", "gmm", &data, "-k", k, "--weights", "w", "--weights-are", "counts"];
    let told = refusal(1, &fit("1..3"));
    assert_says(&told, &["N = 0.5 is below 1, where the BIC rewards parameters", "--weights-are importance"]);
    let text = printed(&fit("2"));
    let heading = text.find("ln L").unwrap();
    // No BIC and no ICL.
    let cells: Vec<&str> = text[heading..].lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(cells[4..], ["-", "-"], "{text}");
}

#[test]
fn whole_weights_are_counts_and_say_so() {
    let data = file("weights_counts.csv", "x,w\n1,3\n2,2\n8,0\n9,2\n9.5,4\n");
    let text = printed(&["fit", "gmm", &data, "-k", "1", "--weights", "w"]);
    assert!(text.contains("\n4 rows of total weight 11, taken as counts (N = 11; see --weights-are); best"), "{text}");
    let importance = printed(&["fit", "gmm", &data, "-k", "1", "--weights", "w", "--weights-are", "importance"]);
    assert!(importance.contains("\n4 rows with importance weights scaled to mean 1 (N = 4); best"), "{importance}");
    assert_close(&[log_likelihood(&importance)], &[log_likelihood(&text) * 4.0 / 11.0], 1e-6);
    let giant = file("weights_giant.csv", "x,w\n1,1e-300\n2,1\n3,1e300\n");
    let importance = ["fit", "kmeans", &giant, "-k", "1", "--weights", "w", "--weights-are", "importance"];
    assert!(printed(&importance).contains("2 rows with importance weights scaled to mean 1 (N = 2)"));
    let both = refusal(1, &["fit", "gmm", &data, "-k", "1", "--columns", "x,w", "--weights", "w"]);
    assert_says(&both, &["column `w` is given to --weights and is among the data too"]);
}

#[test]
fn networks_are_fitted_to_importance_weights() {
    let coin = file(
        "weights_coin.bif",
        "network coin {}\nvariable x { type discrete [ 2 ] { heads, tails }; }\n\
        probability ( x ) { table 0.5, 0.5; }\n",
    );
    let data = file("weights_coin.csv", "x,w\nheads,0.25\nheads,0.25\ntails,0.5\n");
    let fit = |more: &[&'static str]| [&["network", "fit", &coin, &data, "--weights", "w"], more].concat();
    assert_says(&refusal(1, &fit(&[])), &["weights_coin.csv: the weights of 3 rows sum to 1, less than the rows"]);
    let text = printed(&fit(&["--weights-are", "importance", "--prior", "count=1"]));
    assert!(text.contains("\n3 rows with importance weights scaled to mean 1 (N = 3), 2 of them different"), "{text}");
    assert_close(&[log_likelihood(&text)], &[3.0 * 0.5f64.ln()], 1e-8);
    let twice = refusal(1, &fit(&["--ignore", "w"]));
    assert_says(&twice, &["column `w` is given to both --weights and --ignore"]);
}
