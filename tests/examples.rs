//! Every example is a story whose answer it asserts; here each is run.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;
use std::process::Command;

/// `cargo test` builds the examples beside the tests: target/…/examples next to target/…/deps.
fn built(example: &str) -> PathBuf {
    let deps = std::env::current_exe().unwrap().parent().unwrap().to_owned();
    deps.with_file_name("examples").join(example).with_extension(std::env::consts::EXE_EXTENSION)
}

#[test]
fn every_story_ends_well() {
    let mut stories = 0;
    for entry in std::fs::read_dir("examples").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let program = built(name);
        assert!(program.exists(), "{name} is not built: run `cargo test`, or `cargo build --examples` first");
        let output = Command::new(&program).output().unwrap();
        assert!(output.status.success(), "{name}:\n{}", String::from_utf8_lossy(&output.stderr));
        stories += 1;
    }
    assert!(stories >= 4);
}
