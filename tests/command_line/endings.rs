//! Fits that are ended early: what is printed, written and returned.
#![cfg(unix)]

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{file, marginal, path, printed};

/// Rows whose fit takes far longer than any test.
fn many_rows(name: &str) -> String {
    let row = |n: u64| (n.wrapping_mul(6_364_136_223_846_793_005) >> 33) % 1000;
    let rows: Vec<String> = (0..10_000).map(|n| format!("{},{}", row(n), row(n * 7 + 3))).collect();
    file(name, format!("a,b\n{}\n", rows.join("\n")))
}

/// A fit without end but for the limits.
fn endless(data: &str, more: &[&str]) -> Vec<String> {
    let fit = ["fit", "gmm", data, "-k", "4..5", "--restarts", "10000", "--tolerance", "0", "--acceleration", "none"];
    fit.iter().chain(more).map(|&argument| argument.to_owned()).collect()
}

/// Such a fit, which has made a few iterations: its checkpoint tells.
fn begin_and_wait(name: &str, data: &str, model: &Path) -> Child {
    let [given, written] = ["", "-4"].map(|suffix| path(&format!("{name}{suffix}.ckpt")));
    let _ = std::fs::remove_file(&written);
    let more = ["--save", model.to_str().unwrap(), "--checkpoint", given.to_str().unwrap(), "--checkpoint-every", "1"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_marginal"));
    command.args(endless(data, &more)).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    while !written.exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended at once");
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

fn signal(name: &str, child: &Child) {
    let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// The exit code, and what was printed on stdout and on stderr.
fn end(mut child: Child) -> (Option<i32>, String, String) {
    let [mut out, mut error] = [String::new(), String::new()];
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
    (child.wait().unwrap().code(), out, error)
}

#[test]
fn an_interrupt_ends_the_fit_and_writes_the_best_so_far() {
    let data = many_rows("interrupted.csv");
    for name in ["INT", "TERM"] {
        let model = path(&format!("interrupted_{name}.json"));
        let _ = std::fs::remove_file(&model);
        let child = begin_and_wait(&format!("interrupted_{name}"), &data, &model);
        signal(name, &child);
        let (code, out, error) = end(child);
        assert_eq!(code, Some(130), "{out}{error}");
        assert!(out.contains("cancelled before it was done") && out.contains("not tried: K = 5"), "{out}");
        assert!(error.starts_with("note: interrupted"), "{error}");
        // The model is a whole one.
        let labels = printed(&["predict", model.to_str().unwrap(), &data]);
        assert_eq!(labels.lines().count(), 10_001);
    }
}

#[test]
fn a_second_interrupt_quits_at_once() {
    let data = many_rows("interrupted_twice.csv");
    let model = path("interrupted_twice.json");
    let _ = std::fs::remove_file(&model);
    let child = begin_and_wait("interrupted_twice", &data, &model);
    // Stopped, it cannot get to writing in between.
    ["STOP", "INT", "CONT"].into_iter().for_each(|name| signal(name, &child));
    signal("INT", &child);
    let (code, ..) = end(child);
    assert_eq!(code, Some(130));
}

#[test]
fn a_time_limit_ends_all_numbers_of_components() {
    let data = many_rows("limited.csv");
    let arguments = endless(&data, &["--time-limit", "5"]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let out = printed(&arguments);
    assert!(out.contains("ended by the time limit before it was done (raise --time-limit)"), "{out}");
    assert!(out.contains("not tried: K = 5"), "{out}");
    let none = marginal(&["fit", "gmm", &data, "-k", "3", "--time-limit", "1e-9"]);
    assert_eq!(none.status.code(), Some(1));
    let said = String::from_utf8(none.stderr).unwrap();
    assert!(said.starts_with("error: the time limit of 0.000000001 s passed before the first E-step"), "{said}");
}

#[test]
fn the_fit_of_a_network_is_ended_too() {
    let rows = file("limited_network.csv", format!("xray\n{}", "yes\nno\n".repeat(5000)));
    let network = path("limited_network.bif");
    let fit =
        ["network", "fit", "data/networks/asia.bif", &rows, "--tolerance", "0", "--output", network.to_str().unwrap()];
    let out = printed(&[&fit[..], &["--time-limit", "100"]].concat());
    assert!(out.contains("wrote"), "{out}");
    let none = marginal(&[&fit[..], &["--time-limit", "1e-9"]].concat());
    assert_eq!(none.status.code(), Some(1));
}
