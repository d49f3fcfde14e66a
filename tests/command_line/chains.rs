//! Hidden Markov models of the sequences of a file, against hmmlearn 0.3.3.

use super::refusals::{assert_says, refusal};
use super::{assert_close, file, log_likelihood, path, printed, row};

const NILE: &str = "data/nile.csv";

/// Calls an hour in the records of three people.
const CALLS: &str = "who,calls\nAnna,0\nAnna,1\nAnna,0\nAnna,2\nAnna,9\nAnna,7\nAnna,11\nAnna,8\n\
                     Ben,6\nBen,8\nBen,1\nBen,0\nBen,0\nBen,1\n3,3\n";

/// A model file with these columns and this model.
fn model(name: &str, columns: &str, model: &str) -> String {
    file(name, format!(r#"{{"format": "marginal", "version": 1, "columns": [{columns}], "model": {{{model}}}}}"#))
}

/// Calls in quiet and in busy hours.
fn calls_model(name: &str) -> String {
    let parameters = r#""kind": "column-hidden-markov-model", "families": ["poisson"], "initial": [0.7, 0.3],
        "transitions": [[0.8, 0.2], [0.1, 0.9]], "emissions": [[{"rate": 1.5}], [{"rate": 8.0}]]"#;
    model(name, r#""calls""#, parameters)
}

/// The cells below a header, the first column apart.
fn cells(text: &str) -> (Vec<&str>, Vec<Vec<f64>>) {
    let rows = text.lines().skip(1).map(|line| line.split_once(',').unwrap());
    rows.map(|(first, rest)| (first, rest.split(',').map(|cell| cell.parse().unwrap()).collect())).unzip()
}

#[test]
fn the_nile_fell_in_1899() {
    let saved = path("nile.json");
    let fit = ["fit", "hmm", NILE, "--states", "2", "--tolerance", "1e-14", "--save", saved.to_str().unwrap()];
    let text = printed(&fit);
    assert_close(&[log_likelihood(&text)], &[-629.80445639], 1e-6);
    assert_close(&row(&text, "flow"), &[850.75653655, 1097.15252419], 1e-4);
    assert_close(&row(&text, "first"), &[0.0, 1.0], 1e-8);
    assert_close(&row(&text, "from 0"), &[1.0, 0.0], 1e-8);
    assert_eq!(row(&text, "size"), [72.0, 28.0]);
    assert!(text.starts_with("Hidden Markov model with 2 states, normal emissions with full covariances\n"));
    assert!(text.contains("\n100 rows in 1 sequence; best of 8 starts, reached by "), "{text}");
    let states = printed(&["predict", saved.to_str().unwrap(), NILE]);
    let states: Vec<&str> = states.lines().collect();
    assert_eq!((states[0], states.len()), ("state", 101));
    assert!(states[1..].iter().enumerate().all(|(t, z)| *z == if 1871 + t < 1899 { "1" } else { "0" }));
}

#[test]
fn the_smallest_bic_chooses_the_number_of_states() {
    let text = printed(&["fit", "hmm", NILE, "-k", "1..3", "--family", "normal"]);
    let rows: Vec<Vec<&str>> = text.lines().skip(1).take(3).map(|line| line.split_whitespace().collect()).collect();
    // K − 1 initial probabilities, K (K − 1) transitions, K means and variances, whatever became 0.
    assert_eq!(rows.iter().map(|cells| cells[2]).collect::<Vec<_>>(), ["2", "7", "14"]);
    assert_eq!(rows.iter().position(|cells| cells.ends_with(&["smallest", "BIC"])), Some(1));
    let ln_l: Vec<f64> = rows[..2].iter().map(|cells| cells[1].parse().unwrap()).collect();
    assert_close(&ln_l, &[-654.5157, -629.8045], 1e-4);
    let poisson = printed(&["fit", "hmm", NILE, "-k", "3", "--family", "poisson"]);
    assert_close(&[log_likelihood(&poisson)], &[-785.1314943], 1e-4);
}

#[test]
fn counts_in_three_sequences_are_scored_and_smoothed() {
    let (calls, model) = (file("calls.csv", CALLS), calls_model("calls.json"));
    let score = |more: &[&str]| printed(&[&["score", &model, &calls], more].concat());
    let each = score(&["--sequence", "who", "--per-sequence"]);
    let (names, values) = cells(&each);
    assert_eq!(
        (each.lines().next(), names),
        (Some("sequence,rows,log_likelihood,mean_log_density"), vec!["Anna", "Ben", "3"])
    );
    let reference = [-17.03396926043587, -13.514764662551604, -2.338778816246722];
    for (found, (rows, l)) in values.iter().zip([8.0, 6.0, 1.0].into_iter().zip(reference)) {
        assert_close(found, &[rows, l, l / rows], 1e-12);
    }
    let total = score(&["--sequence", "who"]);
    let (rows, values) = cells(&total);
    assert_eq!(rows, ["15"]);
    assert_close(&values[0], &[-32.8875127392342, -32.8875127392342 / 15.0], 1e-12);
    let (_, as_one) = {
        let text = score(&[]);
        let (a, b) = cells(&text);
        (a.len(), b)
    };
    assert!(as_one[0][0] > -32.0, "without --sequence the rows are one sequence");

    let predict = printed(&["predict", &model, &calls, "--sequence", "who", "--responsibilities"]);
    let (states, shares) = cells(&predict);
    assert_eq!(predict.lines().next(), Some("state,p0,p1"));
    assert_eq!(states.concat(), "000011111100000");
    assert_close(&shares[8], &[0.0152199634744460, 0.9847800365255532], 1e-12);
    assert_close(&shares[14], &[0.910956372459, 0.089043627541], 1e-12);
    let path = printed(&["predict", &model, &calls, "--sequence", "who"]);
    assert_eq!(path.lines().skip(1).collect::<Vec<_>>(), states);
}

#[test]
fn a_regime_that_fits_badly_at_first_is_not_lost() {
    let (model, rows) = ("tests/cases/regimes.json", "tests/cases/regimes.csv");
    let score = printed(&["score", model, rows]);
    assert_close(&cells(&score).1[0][..1], &[-801.2348], 5e-5);
    let predict = printed(&["predict", model, rows, "--responsibilities"]);
    let (states, shares) = cells(&predict);
    assert!(states.iter().all(|z| *z == "1") && shares.iter().all(|row| row[0] < 1e-300 && row[1] == 1.0));
    printed(&["verify", model, rows]);
}

#[test]
fn a_symbol_that_no_state_emits_is_named_with_its_line() {
    let rows = file("symbols.csv", "v\n0\n1\n2\n0\n");
    let parameters = r#""kind": "column-hidden-markov-model", "families": ["categorical:3"], "initial": [0.5, 0.5],
        "transitions": [[0.5, 0.5], [0.5, 0.5]], "emissions": [
        [{"probability of 0": 0.5, "probability of 1": 0.5, "probability of 2": 0.0}],
        [{"probability of 0": 0.25, "probability of 1": 0.75, "probability of 2": 0.0}]]"#;
    let model = model("symbols.json", r#""v""#, parameters);
    assert_says(&refusal(1, &["score", &model, &rows]), &["line 4", "no state emits [2.0]"]);
}

#[test]
fn what_was_fitted_to_sequences_is_used_on_sequences() {
    let (calls, saved) = (file("again.csv", CALLS), file("again.json", ""));
    let fit = ["fit", "hmm", &calls, "-k", "2", "--columns", "calls", "--family", "poisson", "--sequence", "who"];
    let fitted = printed(&[&fit[..], &["--save", &saved]].concat());
    let each = printed(&["score", &saved, &calls, "--per-sequence"]);
    assert_eq!(cells(&each).0, ["Anna", "Ben", "3"]);
    assert_close(&cells(&printed(&["score", &saved, &calls])).1[0][..1], &[log_likelihood(&fitted)], 1e-6);
    let told = refusal(1, &["score", &saved, &file("alone.csv", "calls\n1\n2\n")]);
    assert_says(&told, &["alone.csv", "who"]);
}

#[test]
fn states_and_vectors_are_scored_and_smoothed() {
    let parameters = r#""kind": "column-hidden-markov-model", "families": ["categorical:3"], "initial": [0.6, 0.4],
        "transitions": [[0.7, 0.3], [0.4, 0.6]], "emissions": [
        [{"probability of 0": 0.1, "probability of 1": 0.4, "probability of 2": 0.5}],
        [{"probability of 0": 0.6, "probability of 1": 0.3, "probability of 2": 0.1}]]"#;
    let weather = model("weather.json", r#""x""#, parameters);
    let days = file("weather.csv", "x\n0\n1\n2\n2\n1\n0\n0\n2\n");
    let score = printed(&["score", &weather, &days]);
    assert_close(&cells(&score).1[0][..1], &[-8.933624162126467], 1e-12);
    let predict = printed(&["predict", &weather, &days, "--responsibilities"]);
    let (states, shares) = cells(&predict);
    assert_eq!(states.concat(), "10000110");
    assert_close(&shares[1], &[0.6355076280849564, 0.3644923719150436], 1e-12);

    let third = 0.41f64.sqrt();
    let parameters = format!(
        r#""kind": "gaussian-hidden-markov-model", "initial": [0.5, 0.5], "transitions": [[0.9, 0.1], [0.2, 0.8]],
        "emissions": [{{"mean": [0.0, 0.0], "root": {{"full": [[1.0, 0.0], [0.3, {third}]]}}}},
        {{"mean": [2.0, 1.0], "root": {{"full": [[{}, 0.0], [{}, {}]]}}}}]"#,
        2f64.sqrt(),
        -0.4 / 2f64.sqrt(),
        0.92f64.sqrt()
    );
    let plane = model("plane.json", r#""x", "y""#, &parameters);
    let points = file("plane.csv", "x,y\n0.1,0.2\n-0.5,0.4\n2.5,1.5\n3,0.2\n1,1\n");
    assert_close(&cells(&printed(&["score", &plane, &points])).1[0][..1], &[-13.846776195953144], 1e-12);
    let predict = printed(&["predict", &plane, &points, "--responsibilities"]);
    assert_close(&cells(&predict).1[4], &[0.19825508231148758, 0.8017449176885117], 1e-12);
}

#[test]
fn a_sequence_that_is_drawn_has_the_states_runs_and_the_bits_of_its_seed() {
    let model = calls_model("drawn.json");
    let draw = |seed: &str| printed(&["sample", &model, "--rows", "4000", "--seed", seed]);
    let text = draw("5");
    assert_eq!((text.lines().next(), text.lines().count()), (Some("calls"), 4001));
    assert_eq!(text, draw("5"));
    assert_ne!(text, draw("6"));
    let drawn = file("drawn.csv", &text);
    let fit = printed(&["fit", "hmm", &drawn, "-k", "2", "--family", "poisson", "--restarts", "1"]);
    assert_close(&row(&fit, "rate"), &[1.5, 8.0], 0.3);
    assert_close(&row(&fit, "from 0"), &[0.8, 0.2], 0.05);
}

#[test]
fn sequences_are_independent_of_each_other() {
    let calls = file("calls_fit.csv", CALLS);
    let fit = |data: &str, more: &[&str]| {
        printed(&[&["fit", "hmm", data, "-k", "2", "--family", "calls=poisson"], more].concat())
    };
    let text = fit(&calls, &["--sequence", "who"]);
    assert!(text.contains("\n15 rows in 3 sequences; "), "{text}");
    let without =
        file("calls_alone.csv", CALLS.replace("Anna,", "").replace("Ben,", "").replace("3,3", "3").replace("who,", ""));
    assert_ne!(log_likelihood(&text), log_likelihood(&fit(&without, &[])));
    // Whose rows stand first does not matter.
    let lines: Vec<&str> = CALLS.lines().collect();
    let turned = file("calls_turned.csv", [&lines[..1], &lines[9..], &lines[1..9]].concat().join("\n"));
    assert_close(&[log_likelihood(&fit(&turned, &["--sequence", "who"]))], &[log_likelihood(&text)], 1e-6);
}

#[test]
fn states_may_outnumber_the_values() {
    // 0 1 2 2 over and over: each value is known from the one before only if there are two states for 2.
    let cycle = file("cycle.csv", format!("x\n{}", "0\n1\n2\n2\n".repeat(5)));
    let fit = |k: &str| printed(&["fit", "hmm", &cycle, "-k", k, "--family", "categorical:3", "--restarts", "30"]);
    assert!(log_likelihood(&fit("3")) < -1.0);
    assert_close(&[log_likelihood(&fit("4"))], &[0.0], 1e-6);
}

#[test]
fn sequences_that_are_none() {
    let fit = |name: &str, content: &str, more: &[&str]| {
        let data = file(name, content);
        refusal(1, &[&["fit", "hmm", &data, "-k", "2", "--sequence", "who"], more].concat())
    };
    let torn = ["torn.csv: line 5: sequence `a` begins again, its rows ended at line 2", "sort the file by `who`"];
    assert_says(&fit("torn.csv", "who,x\na,1\n\nb,2\na,3\n", &[]), &torn);
    let missing = ["nobody.csv: line 3, column `who`: missing value (the cell is empty)"];
    assert_says(&fit("nobody.csv", "who,x\na,1\n,2\n", &[]), &missing);
    assert_says(&fit("unknown.csv", "whom,x\na,1\n", &["--columns", "x"]), &["there is no column `who`: there are"]);
    assert_says(&fit("no_rows.csv", "who,x\n", &[]), &["there is a header but no row below it"]);
    assert_says(&fit("few_rows.csv", "who,x\na,1\n", &[]), &["1 distinct row cannot carry 2 states: fewer states"]);
    let constant = fit("constant.csv", "who,x,y\na,1,7\na,2,7\nb,5,7\nb,9,7\n", &["--family", "normal"]);
    assert_says(
        &constant,
        &["state 0: column `y` has no variance left, which is 7 in every row: drop a constant column with --columns"],
    );
    let half = fit("half_calls.csv", "who,x\na,1\na,2\nb,0.5\n", &["--family", "poisson"]);
    assert_says(&half, &["half_calls.csv: line 4, column `x`: 0.5 is not in {0, 1, 2, …}"]);
    let text = refusal(1, &["fit", "hmm", &file("text.csv", CALLS), "-k", "2"]);
    assert_says(&text, &["column `who` holds text (line 2: `Anna`)", "--columns calls"]);
}

#[test]
fn options_that_are_for_others() {
    let (model, calls) = (calls_model("others.json"), file("others.csv", CALLS));
    let weights = refusal(1, &["score", &model, &calls, "--weights", "calls"]);
    assert_says(&weights, &["a hidden Markov model knows no weights of rows: leave --weights out"]);
    assert_says(&refusal(1, &["score", &model, &calls, "--per-row"]), &["use --per-sequence"]);
    let mixture = path("others_mixture.json");
    let mixture = mixture.to_str().unwrap();
    printed(&["fit", "mixture", NILE, "--family", "normal", "-k", "1", "--save", mixture]);
    for more in [&["--sequence", "flow"][..], &["--per-sequence"]] {
        let told = refusal(1, &[&["score", mixture, NILE], more].concat());
        assert_says(&told, &["only a hidden Markov model knows sequences: leave", more[0]]);
    }
    let usage = |more: &[&str], words: &[&str]| {
        assert_says(&refusal(2, &[&["fit", "hmm", NILE], more].concat()), words);
    };
    usage(&[], &["--states <K>"]);
    usage(&["-k", "0"], &["'0'", "at least one state"]);
    usage(&["-k", "2", "--family", "gauss"], &["no family is called gauss"]);
    usage(&["-k", "2", "--covariance", "tied"], &["'tied'", "full, diagonal, spherical"]);
    usage(&["-k", "2", "--family", "normal", "--covariance", "full"], &["cannot be used with '--covariance"]);
    usage(&["-k", "2", "--weights", "flow"], &["unexpected argument '--weights'"]);
}

#[test]
fn what_no_path_of_states_can_do_is_named_with_its_line() {
    let parameters = r#""kind": "column-hidden-markov-model", "families": ["poisson"], "initial": [1.0, 0.0],
        "transitions": [[1.0, 0.0], [0.0, 1.0]], "emissions": [[{"rate": 0.0}], [{"rate": 8.0}]]"#;
    let (model, calls) =
        (model("stuck.json", r#""calls""#, parameters), file("stuck.csv", "who,calls\na,0\na,0\nb,0\nb,6\n"));
    for command in ["predict", "score", "verify"] {
        let told = refusal(1, &[command, &model, &calls, "--sequence", "who"]);
        assert_says(&told, &["stuck.csv: line 5: [6.0] has density 0 under the model: no path of states leads to it"]);
    }
}

#[test]
fn model_files_of_chains_are_checked() {
    let whole = std::fs::read_to_string(calls_model("checked.json")).unwrap();
    let calls = file("checked.csv", CALLS);
    let refused = |from: &str, to: &str, words: &[&str]| {
        assert!(whole.contains(from), "{from}");
        let changed = file("changed.json", whole.replacen(from, to, 1));
        assert_says(&refusal(1, &["score", &changed, &calls]), &[&["changed.json: "], words].concat());
    };
    refused("[0.7, 0.3]", "[0.7, 0.4]", &["the sum of the probabilities of the first state is 1.1, not 1"]);
    refused("[0.8, 0.2]", "[0.8, 0.1]", &["transition probabilities from state 0 is 0.9"]);
    refused("[0.1, 0.9]", "[1.0]", &["a row of transition probabilities: length 1, expected 2"]);
    refused(", [{\"rate\": 8.0}]", "", &["the probabilities of the first state: length 2, expected 1"]);
    refused("8.0", "-8.0", &["rate = -8 is not in"]);
    refused("\"rate\": 8.0", "\"scale\": 8.0", &["the rate of poisson is missing"]);
    refused("\"poisson\"", "\"fish\"", &["no family is called fish"]);
    refused("\"initial\": [0.7, 0.3],", "", &["missing field `initial`"]);
}

#[cfg(feature = "parquet")]
#[test]
fn sequences_of_a_parquet_file_are_numbers() {
    let torn = refusal(1, &["fit", "hmm", "data/faithful.parquet", "-k", "2", "--sequence", "waiting"]);
    assert_says(&torn, &["data/faithful.parquet: row ", "sequence `", "its rows ended at row "]);
}
