//! The command line, as its users meet it: the numbers it prints, the files it writes, the words it refuses with.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod angles;
mod chains;
mod checkpoints;
mod endings;
mod files;
mod first_rows;
mod fits;
mod known;
mod names;
mod networks;
mod outputs;
mod priors;
mod proportions;
mod refusals;
mod torture;
mod uncertainty;
mod weights;

use std::path::PathBuf;
use std::process::{Command, Output};

/// A run of `marginal` in the folder of the package.
fn marginal(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_marginal")).args(arguments).output().unwrap()
}

/// What a run that must succeed without a word on stderr prints.
fn printed(arguments: &[&str]) -> String {
    let output = marginal(arguments);
    assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A file of its own for a test.
fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("command_line_{name}"))
}

/// Writes such a file, and returns its name.
fn file(name: &str, content: impl AsRef<[u8]>) -> String {
    std::fs::write(path(name), content).unwrap();
    path(name).to_str().unwrap().to_owned()
}

/// The numbers that follow a label.
fn row(text: &str, label: &str) -> Vec<f64> {
    let line = text.lines().find(|line| line.trim_start().starts_with(label)).expect(label);
    line.trim_start()[label.len()..].split_whitespace().map_while(|cell| cell.parse().ok()).collect()
}

/// ln L of the fit that is described at length: below the last heading of criteria.
fn log_likelihood(text: &str) -> f64 {
    let heading = text.rfind("ln L").unwrap();
    text[heading..].lines().nth(1).unwrap().split_whitespace().next().unwrap().parse().unwrap()
}

#[track_caller]
fn assert_close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{found:?} against {expected:?}");
    let close = found.iter().zip(expected).all(|(f, e)| (f - e).abs() <= tolerance);
    assert!(close, "{found:?} against {expected:?} within {tolerance:e}");
}
