//! `--prior`: what is imagined before the data, as the summary says it.

use super::refusals::refusal;
use super::{assert_close, file, log_likelihood, printed, row};

const FAITHFUL: &str = "data/faithful.csv";

fn fit(kind: &str, rest: &[&str]) -> String {
    printed(&[&["fit", kind, FAITHFUL, "--restarts", "2", "--verify"], rest].concat())
}

/// ln L + ln prior, of the line that says so.
fn penalised(text: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix("penalised log-likelihood ")).unwrap();
    line.split(':').next().unwrap().parse().unwrap()
}

#[test]
fn imagined_rows_move_the_proportions_and_the_summary_says_what_was_maximised() {
    let text = fit("gmm", &["-k", "2", "--prior", "proportions=1e9"]);
    assert!(text.contains("full covariances, prior: proportions=1000000000\n"), "{text}");
    assert_close(&row(&text, "proportion"), &[0.5, 0.5], 1e-6);
    // ln prior = 10⁹ (ln ½ + ln ½), and ln L is of the data alone.
    let expected = log_likelihood(&text) - 2e9 * std::f64::consts::LN_2;
    assert!((penalised(&text) / expected - 1.0).abs() < 1e-9, "{text}");
    let plain = fit("gmm", &["-k", "2"]);
    assert!(!plain.contains("penalised") && !plain.contains("prior"), "{plain}");
}

#[test]
fn steps_of_a_chain_are_imagined_in_each_row() {
    let text = fit("hmm", &["-k", "2", "--prior", "transitions=1e9,initial=1e9"]);
    assert_close(&row(&text, "first"), &[0.5, 0.5], 1e-6);
    assert_close(&row(&text, "from 1"), &[0.5, 0.5], 1e-6);
    let text = fit("hmm", &["-k", "2", "--prior", "weak", "--covariance", "diagonal"]);
    assert!(text.contains("prior: covariance\n") && text.contains("penalised"), "{text}");
}

#[test]
fn a_weak_prior_keeps_a_family_from_collapsing_onto_equal_rows() {
    let rows: Vec<String> = (0..40).map(|n| if n < 20 { "5".into() } else { n.to_string() }).collect();
    let collapsing = file("priors.csv", format!("x\n{}\n", rows.join("\n")));
    let asked = ["fit", "mixture", &collapsing, "-k", "2", "--family", "normal", "--start", "clusters"];
    assert!(refusal(1, &asked).contains("--prior weak"));
    let text = printed(&[&asked[..], &["--prior", "weak", "--verify"]].concat());
    assert!(text.contains("prior: rows=1\n"), "{text}");
    // One row, spread as the file is, is imagined beside the 20 equal ones of its component.
    let spread = row(&text, "standard deviation")[0];
    assert!(spread > 1.0 && spread < 5.0, "{text}");
}

#[test]
fn a_prior_that_a_model_does_not_have_is_refused_with_those_that_it_has() {
    let refused = |kind: &str, prior: &str| refusal(1, &["fit", kind, FAITHFUL, "-k", "2", "--prior", prior]);
    let text = refused("gmm", "transitions=2");
    assert!(text.contains("of no parameter of a Gaussian mixture: there are weak, covariance, proportions"), "{text}");
    assert!(refused("hmm", "rows=1").contains("a chain with normal emissions: there are weak, covariance, initial"));
    assert!(refused("kmeans", "weak").contains("K-means takes no prior"));
    assert!(refused("gmm", "weak,covariance").contains("says covariance twice"));
    let usage = refusal(2, &["fit", "gmm", FAITHFUL, "-k", "2", "--prior", "proportions=0"]);
    assert!(usage.contains("imagines nothing: leave it out"), "{usage}");
}
