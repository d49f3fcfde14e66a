//! Numbers out of proportion, and files that are none: refused in one line, without a panic and without a wait.

use std::io::Write;
use std::process::{Command, Stdio};

use super::refusals::{assert_says, refusal};
use super::{file, marginal, path, printed};

const FAITHFUL: &str = "data/faithful.csv";
const ASIA: &str = "data/networks/asia.bif";
const HUGE: &str = "18446744073709551615";

#[test]
fn more_components_than_rows_are_refused_before_any_memory_is_taken() {
    for k in [HUGE, "99999999"] {
        let words = ["272 distinct rows", "fewer"];
        for fit in [
            &["gmm", FAITHFUL, "-k", k][..],
            &["gmm", FAITHFUL, "-k", k, "--covariance", "tied", "--prior", "weak"],
            &["kmeans", FAITHFUL, "-k", k],
            &["mixture", FAITHFUL, "-k", k, "--family", "normal"],
            &["hmm", FAITHFUL, "--states", k],
            &["hmm", FAITHFUL, "--states", k, "--family", "normal"],
        ] {
            let told = refusal(1, &[&["fit"], fit].concat());
            assert_says(&told, &[&words[1..], &[k]].concat());
            assert!(told.contains("distinct row"), "{told}");
        }
    }
    assert_says(
        &refusal(2, &["fit", "gmm", FAITHFUL, "-k", "18446744073709551616"]),
        &["'18446744073709551616'", "more components than any computer can count"],
    );
    let range = refusal(2, &["fit", "gmm", FAITHFUL, "-k", "1..1000000000"]);
    assert_says(&range, &["1000000000 fits are too many for one command, which makes at most 1000"]);
}

#[test]
fn numbers_have_limits_that_are_told() {
    let refused = |arguments: &[&str], words: &[&str]| assert_says(&refusal(2, arguments), words);
    for restarts in ["1000000000", HUGE, "99999999999999999999999"] {
        refused(
            &["fit", "kmeans", FAITHFUL, "-k", "2", "--restarts", restarts],
            &[restarts, "at most 1000000 are possible"],
        );
        refused(&["network", "fit", ASIA, FAITHFUL, "--restarts", restarts], &["at most 1000000 are possible"]);
    }
    refused(&["sample", "m.json", "--rows", HUGE], &["at most 1000000000 are possible"]);
    refused(&["network", "sample", ASIA, "--rows", HUGE], &["at most 1000000000 are possible"]);
    refused(&["network", "query", ASIA, "--engine", "likelihood-weighting", "--draws", HUGE], &["at most 1000000000"]);
    refused(
        &["network", "query", ASIA, "--engine", "belief-propagation", "--iterations", HUGE],
        &["at most 1000000000"],
    );
    refused(&["network", "mpe", ASIA, "--count", HUGE], &["at most 100000 are possible"]);
    refused(&["verify", "m.json", FAITHFUL, "--rows", HUGE], &["at most 1000000000"]);
    refused(&["fit", "kmeans", FAITHFUL, "-k", "2", "--seed", "18446744073709551616"], &["a whole number in [0, 2⁶⁴)"]);
    printed(&["fit", "kmeans", FAITHFUL, "-k", "2", "--seed", HUGE, "--max-iterations", HUGE]);
    assert_eq!(printed(&["network", "mpe", ASIA, "--count", "100000", "--json"]).matches("log_joint").count(), 128);
    let family = |name: &str, words: &[&str]| {
        assert_says(&refusal(2, &["fit", "mixture", FAITHFUL, "-k", "1", "--family", name]), words);
    };
    family("categorical:999999999", &["K of categorical:K = 999999999 is not in {1, 2, …, 2²⁰}"]);
    family("categorical:0", &["K of categorical:K = 0 is not in {1, 2, …, 2²⁰}"]);
    family("binomial:1e300", &["n of binomial:n = 1e300", "{1, 2, …, 2²⁴}"]);
    family("binomial:2.5", &["n of binomial:n = 2.5 is not in"]);
    family("categorical:three", &["no family is called categorical:three"]);
    if cfg!(target_os = "linux") {
        let memory = refusal(1, &["network", "query", ASIA, "--memory", "1e300"]);
        assert_says(&memory, &["is more than the", "MiB that this machine has"]);
    }
}

#[test]
fn threads_out_of_proportion_are_fewer_and_change_nothing() {
    let fit = ["fit", "kmeans", FAITHFUL, "-k", "2", "--restarts", "1"];
    let output = marginal(&[&fit[..], &["--threads", "9999"]].concat());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success());
    assert!(said.starts_with("note: 9999 threads would wait for one another: ") && said.lines().count() == 1, "{said}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), printed(&fit));
}

#[test]
fn a_slip_in_the_environment_is_told() {
    let run = |name: &str, value: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_marginal"));
        command.args(["network", "info", ASIA]).env(name, value).output().unwrap()
    };
    let output = run("MARGINAL_SIMD", "scalar");
    assert_eq!(output.status.code(), Some(2));
    assert_says(
        &String::from_utf8(output.stderr).unwrap(),
        &["MARGINAL_SIMD=scalar means nothing: choose one of portable, avx2, avx512"],
    );
    for value in ["portable", ""] {
        let output = run("MARGINAL_SIMD", value);
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    }
    assert_eq!(run("RAYON_NUM_THREADS", "many").status.code(), Some(2));
}

/// What a run prints that reads this from standard input.
fn fed(arguments: &[&str], input: &[u8]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_marginal"));
    let command = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    // Whoever refuses early does not read it.
    let _ = process.stdin.take().unwrap().write_all(input);
    process.wait_with_output().unwrap()
}

#[test]
fn standard_input_is_a_file_like_others() {
    let output = |arguments: &[&str], input: &[u8]| {
        let output = fed(arguments, input);
        assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let data = std::fs::read(FAITHFUL).unwrap();
    let fit = |file: &'static str| {
        ["fit", "mixture", file, "--columns", "eruptions", "--weights", "waiting", "-k", "1", "--family", "normal"]
    };
    assert_eq!(output(&fit("-"), &data), printed(&fit(FAITHFUL)));
    let saved = path("stdin.json");
    let saved = saved.to_str().unwrap();
    printed(&["fit", "kmeans", FAITHFUL, "-k", "2", "--save", saved]);
    let model = std::fs::read(saved).unwrap();
    assert_eq!(output(&["predict", "-", FAITHFUL], &model), printed(&["predict", saved, FAITHFUL]));
    assert_eq!(output(&["predict", saved, "-"], &data), printed(&["predict", saved, FAITHFUL]));
    let network = marginal::network::Network::read_bif(ASIA).unwrap();
    let query = |file: &'static str| ["network", "query", file, "-e", "xray=yes"];
    let expected = printed(&query(ASIA));
    for text in [network.to_bif(), network.to_xmlbif().unwrap()] {
        assert_eq!(output(&query("-"), text.as_bytes()), expected);
    }
    assert!(output(&["network", "info", "-"], network.to_uai().as_bytes()).contains("8 variables"));
    let told = fed(&["fit", "kmeans", "-", "-k", "2"], b"a,b\n1,2\n3\n");
    assert_says(&String::from_utf8(told.stderr).unwrap(), &["error: standard input: line 3 has 1 cell"]);
    let twice = fed(&["predict", "-", "-"], &model);
    assert_says(&String::from_utf8(twice.stderr).unwrap(), &["-: it can be read only once, and is named twice"]);
    let empty = fed(&["fit", "kmeans", "-", "-k", "2"], b"");
    assert_says(&String::from_utf8(empty.stderr).unwrap(), &["standard input: the file is empty"]);
}

#[cfg(target_os = "linux")]
#[test]
fn pipes_are_read_once_and_devices_without_end_are_refused() {
    let pipe = path("data.pipe");
    let pipe = pipe.to_str().unwrap();
    let _ = std::fs::remove_file(pipe);
    assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
    for more in [&["mixture", "--family", "normal", "--weights", "waiting"][..], &["hmm", "--sequence", "waiting"]] {
        let sorted = file("sorted.csv", "eruptions,waiting\n1,1\n1.5,1\n2,1\n8,2\n9,2\n9.5,2\n");
        let mut writer = Command::new("cp").args([&sorted, "/dev/stdout"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = writer.stdout.take().unwrap();
        let name = pipe.to_owned();
        let copying = std::thread::spawn(move || {
            std::io::copy(&mut out, &mut std::fs::OpenOptions::new().write(true).open(name).unwrap()).unwrap()
        });
        let run = |file: &str| printed(&[&["fit", more[0], file], &more[1..], &["-k", "1"]].concat());
        let (from_pipe, from_file) = (run(pipe), run(&sorted));
        assert_eq!(from_pipe, from_file);
        copying.join().unwrap();
        writer.wait().unwrap();
    }
    let refused = |arguments: &[&str], words: &[&str]| assert_says(&refusal(1, arguments), words);
    refused(&["fit", "kmeans", "/dev/zero", "-k", "2"], &["/dev/zero: a line of more than 64 MiB: this is no table"]);
    refused(&["network", "info", "/dev/zero"], &["/dev/zero: a line of more than 64 MiB: this is no network"]);
    refused(&["sample", "/dev/zero", "-n", "1"], &["/dev/zero: a line of more than 64 MiB: this is no model file"]);
    let folder = env!("CARGO_TARGET_TMPDIR");
    refused(&["fit", "kmeans", folder, "-k", "2"], &[folder, "it is a folder, not a file"]);
    refused(&["network", "info", folder], &[folder, "it is a folder, not a file"]);
    refused(&["predict", folder, FAITHFUL], &[folder, "it is a folder, not a file"]);
}
