//! Models and pictures that are written, and what is done with models afterwards.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use marginal::io::ModelFile;

use super::refusals::{assert_says, refusal};
use super::{assert_close, file, log_likelihood, path, printed, row};

const FAITHFUL: &str = "data/faithful.csv";

/// One fit of each kind.
const FITS: [&[&str]; 6] = [
    &["fit", "gmm", FAITHFUL, "-k", "2", "--restarts", "2"],
    &["fit", "gmm", FAITHFUL, "-k", "3", "--covariance", "tied", "--restarts", "2"],
    &["fit", "mixture", FAITHFUL, "--family", "eruptions=student-t,waiting=poisson", "-k", "2", "--restarts", "2"],
    &["fit", "kmeans", FAITHFUL, "-k", "3"],
    &["fit", "hmm", FAITHFUL, "-k", "2", "--restarts", "2"],
    &["fit", "hmm", FAITHFUL, "--family", "eruptions=gamma,waiting=poisson", "--states", "2", "--restarts", "2"],
];

/// Fits, and saves under this name.
fn saved(name: &str, fit: &[&str]) -> (String, String) {
    let name = path(name).to_str().unwrap().to_owned();
    (printed(&[fit, &["--save", &name]].concat()), name)
}

#[test]
fn a_model_saved_loaded_and_saved_again_has_the_same_bytes() {
    for (n, fit) in FITS.iter().enumerate() {
        let (_, name) = saved(&format!("again_{n}.json"), fit);
        let again = path(&format!("again_{n}_2.json"));
        ModelFile::load(&name).unwrap().save(&again).unwrap();
        assert_eq!(std::fs::read(&name).unwrap(), std::fs::read(again).unwrap(), "{fit:?}");
    }
}

#[test]
fn threads_and_repetitions_change_no_bit() {
    for (n, fit) in FITS.iter().enumerate() {
        let run = |threads: &str| {
            let (text, name) =
                saved(&format!("threads_{n}.json"), &[*fit, &["--threads", threads, "--seed", "7"]].concat());
            (text, std::fs::read(name).unwrap())
        };
        assert_eq!(run("1"), run("2"), "{fit:?}");
        assert_eq!(run("2"), run("2"), "{fit:?}");
    }
}

#[test]
fn predictions_count_the_sizes_that_the_fit_has_printed() {
    for (n, fit) in FITS.iter().enumerate() {
        let (text, name) = saved(&format!("predict_{n}.json"), fit);
        let labels = printed(&["predict", &name, FAITHFUL]);
        let header = ["component", "component", "component", "cluster", "state", "state"][n];
        assert_eq!(labels.lines().next(), Some(header));
        let sizes = row(&text, "size");
        let of = |k: usize| labels.lines().skip(1).filter(|label| *label == k.to_string()).count() as f64;
        assert_eq!((0..sizes.len()).map(of).collect::<Vec<_>>(), sizes);
        assert_eq!(labels.lines().count(), 273);
    }
}

#[test]
fn responsibilities_sum_to_one_and_are_largest_at_the_label() {
    let (_, name) = saved("responsibilities.json", FITS[2]);
    let text = printed(&["predict", &name, FAITHFUL, "--responsibilities"]);
    assert_eq!(text.lines().next(), Some("component,p0,p1"));
    for line in text.lines().skip(1) {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        assert!((cells[1] + cells[2] - 1.0).abs() < 1e-12 && cells[1 + cells[0] as usize] >= 0.5, "{line}");
    }
}

#[test]
fn the_score_of_the_data_is_their_log_likelihood() {
    for (n, fit) in FITS[..3].iter().enumerate() {
        let (text, name) = saved(&format!("score_{n}.json"), fit);
        let score = printed(&["score", &name, FAITHFUL]);
        let (header, values) = score.trim_end().split_once('\n').unwrap();
        assert_eq!(header, "rows,log_likelihood,mean_log_density");
        let values: Vec<f64> = values.split(',').map(|cell| cell.parse().unwrap()).collect();
        assert_close(&values[..2], &[272.0, log_likelihood(&text)], 1e-7);
        let rows = printed(&["score", &name, FAITHFUL, "--per-row"]);
        let total: f64 = rows.lines().skip(1).map(|line| line.parse::<f64>().unwrap()).sum();
        assert_close(&[total], &values[1..2], 1e-7);
    }
    let (text, name) = saved("score_3.json", FITS[3]);
    let score = printed(&["score", &name, FAITHFUL]);
    let inertia: f64 = score.trim_end().rsplit(',').next().unwrap().parse().unwrap();
    assert_close(&[inertia], &row(&text, "within-cluster sum of squares"), 1e-3);
}

#[test]
fn a_score_may_be_weighted() {
    let counts = file("score_counts.csv", "n,times\n0,20\n1,30\n2,17\n3,5\n9,1\n");
    let fit = ["fit", "mixture", &counts, "--family", "poisson", "-k", "1", "--weights", "times"];
    let (text, name) = saved("score_weights.json", &fit);
    let score = printed(&["score", &name, &counts, "--weights", "times"]);
    let cells: Vec<f64> = score.lines().nth(1).unwrap().split(',').map(|cell| cell.parse().unwrap()).collect();
    assert_close(&cells, &[5.0, log_likelihood(&text), log_likelihood(&text) / 73.0], 1e-7);
}

#[test]
fn samples_have_the_columns_the_supports_and_the_bits_of_their_seed() {
    let (_, name) = saved("sample.json", FITS[2]);
    let draw = |seed: &str| printed(&["sample", &name, "--rows", "200", "--seed", seed]);
    let text = draw("3");
    assert_eq!((text.lines().next(), text.lines().count()), (Some("eruptions,waiting"), 201));
    assert_eq!(text, draw("3"));
    assert_ne!(text, draw("4"));
    for line in text.lines().skip(1) {
        let (_, waiting) = line.split_once(',').unwrap();
        waiting.parse::<u64>().expect("a Poisson column draws whole numbers");
    }
    let drawn = file("sample.csv", &text);
    assert_eq!(printed(&["predict", &name, &drawn]).lines().count(), 201);
}

#[test]
fn pictures_are_written_as_their_names_say() {
    let text = |name: &str| std::fs::read_to_string(path(name)).unwrap();
    let fits = [
        ("gmm", FITS[0], ["eruptions", "waiting", "component 1"]),
        ("mixture", FITS[2], ["eruptions", "waiting", "component 1"]),
        ("kmeans", FITS[3], ["eruptions", "waiting", "cluster 2"]),
        ("hmm", FITS[4], ["eruptions", "waiting", "state 1"]),
    ];
    for (name, fit, words) in fits {
        let [svg, png] = ["svg", "png"].map(|ending| format!("{name}.{ending}"));
        for picture in [&svg, &png] {
            let written = printed(&[fit, &["--plot", path(picture).to_str().unwrap()]].concat());
            assert!(written.trim_end().ends_with(&format!("wrote {}", path(picture).display())), "{written}");
        }
        assert!(words.iter().all(|word| text(&svg).contains(word)), "{name}");
        assert!(std::fs::read(path(&png)).unwrap().starts_with(b"\x89PNG"));
    }
    let plot = path("range.svg");
    let range = ["fit", "mixture", FAITHFUL, "--family", "waiting=poisson", "-k", "1..2", "--restarts", "1"];
    printed(&[&range[..], &["--plot", plot.to_str().unwrap()]].concat());
    assert!(text("range.svg").contains("probability"), "counts have probabilities");
    assert!(text("range-bic.svg").contains("best: 2 components"));
    let range = ["fit", "hmm", "data/nile.csv", "-k", "1..2", "--restarts", "1", "--plot", plot.to_str().unwrap()];
    printed(&range);
    assert!(text("range.svg").contains("100 rows; lines are the centres of the states"));
    assert!(text("range-bic.svg").contains("best: 2 states"));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let (_, name) = saved("pipe.json", FITS[0]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_marginal"))
        .args(["sample", &name, "--rows", "1000000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "eruptions,waiting\n");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn a_row_of_density_zero_is_no_content_for_verify() {
    let (_, name) = saved("far.json", FITS[0]);
    let far = file("far.csv", "eruptions,waiting\n3.6,79\n1.8,1e200\n2.0,54\n");
    let told = refusal(1, &["verify", &name, &far]);
    assert_says(&told, &["far.csv: line 3", "density 0"]);
}

#[test]
fn fitted_models_of_every_kind_obey_the_laws() {
    let deaths = file("laws.csv", "deaths,n\n0,162\n1,267\n2,271\n3,185\n4,111\n5,61\n");
    let counts = ["fit", "mixture", &deaths, "--family", "deaths=poisson", "--weights", "n", "-k", "2"];
    let check = |n: &str, fit: &[&str], data: &[&str]| {
        let (_, name) = saved(&format!("laws_{n}.json"), fit);
        let report = printed(&[&["verify", &name], data].concat());
        assert!(report.lines().count() > 15, "{report}");
        let told = report.lines().filter(|line| line.contains("  holds, ")).count();
        assert!(told > 15 && !report.contains("FAILS"), "{report}");
    };
    for (n, fit) in FITS.iter().enumerate() {
        check(&n.to_string(), fit, &[FAITHFUL]);
    }
    check("counts", &counts, &[&deaths, "--weights", "n"]);
}
