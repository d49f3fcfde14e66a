//! Files that are written: replaced as a whole, links followed, inputs spared.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::refusals::{assert_says, refusal};
use super::{file, path, printed};

const FAITHFUL: &str = "data/faithful.csv";
const FIT: [&str; 5] = ["fit", "kmeans", FAITHFUL, "-k", "2"];

/// An empty folder.
fn folder(name: &str) -> PathBuf {
    let folder = path(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn names(folder: &PathBuf) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|of| of.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn an_output_that_is_an_input_or_another_output_is_refused_before_the_work() {
    let here = folder("outputs_same");
    let of = |name: &str| here.join(name).to_str().unwrap().to_owned();
    let data = std::fs::read(FAITHFUL).unwrap();
    std::fs::write(of("a.csv"), &data).unwrap();
    let around = format!("{}/../{}/a.csv", here.display(), here.file_name().unwrap().to_str().unwrap());
    let fit = |save: &str, more: &[&str]| {
        refusal(1, &[&["fit", "gmm", &of("a.csv"), "-k", "1..2", "--save", save], more].concat())
    };
    assert_says(&fit(&of("a.csv"), &[]), &["would overwrite the input"]);
    assert_says(&fit(&around, &[]), &["would overwrite the input"]);
    assert_says(&fit(&of("b.svg"), &["--plot", &of("b.svg")]), &["would overwrite the output"]);
    assert_says(&fit(&of("b-bic.svg"), &["--plot", &of("b.svg")]), &["would overwrite the output"]);
    assert_says(&fit("-", &[]), &["- stands for standard input"]);
    let asia = of("asia.bif");
    std::fs::copy("data/networks/asia.bif", &asia).unwrap();
    let rows = file("outputs_rows.csv", "xray\nyes\nno\n");
    let fitted = refusal(1, &["network", "fit", &asia, &rows, "--output", &asia]);
    assert_says(&fitted, &["asia.bif: would overwrite the input"]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(of("a.csv"), of("link.csv")).unwrap();
        std::fs::hard_link(of("a.csv"), of("hard.csv")).unwrap();
        assert_says(&fit(&of("link.csv"), &[]), &["would overwrite the input"]);
        assert_says(&fit(&of("hard.csv"), &[]), &["would overwrite the input"]);
        std::os::unix::fs::symlink("new.svg", of("other.svg")).unwrap();
        assert_says(&fit(&of("new.svg"), &["--plot", &of("other.svg")]), &["would overwrite the output"]);
    }
    assert_eq!(std::fs::read(of("a.csv")).unwrap(), data);
    assert!(!here.join("b.svg").exists() && !here.join("new.svg").exists());
}

#[cfg(unix)]
#[test]
fn links_stay_links_and_permissions_are_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let here = folder("outputs_links");
    let of = |name: &str| here.join(name).to_str().unwrap().to_owned();
    std::fs::write(of("real.json"), "old").unwrap();
    std::fs::set_permissions(of("real.json"), std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real.json", of("link.json")).unwrap();
    symlink(of("link.json"), of("second.json")).unwrap();
    symlink("made.json", of("dangling.json")).unwrap();
    for name in ["second.json", "dangling.json"] {
        printed(&[&FIT[..], &["--save", &of(name)]].concat());
    }
    for (name, to) in [("second.json", "real.json"), ("dangling.json", "made.json")] {
        assert!(std::fs::symlink_metadata(of(name)).unwrap().is_symlink());
        assert!(std::fs::symlink_metadata(of(to)).unwrap().is_file());
        printed(&["predict", &of(to), FAITHFUL]);
    }
    assert_eq!(std::fs::metadata(of("real.json")).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(names(&here), ["dangling.json", "link.json", "made.json", "real.json", "second.json"]);
    symlink("round.json", of("round.json")).unwrap();
    let round = refusal(1, &[&FIT[..], &["--save", &of("round.json")]].concat());
    assert_says(&round, &["round.json: cannot be written: its symbolic links lead to one another"]);
}

#[cfg(target_os = "linux")]
#[test]
fn devices_and_pipes_are_written_to_as_they_are() {
    printed(&[&FIT[..], &["--save", "/dev/null"]].concat());
    let told = refusal_after_results(&[&FIT[..], &["--save", "/dev/full"]].concat());
    assert_says(&told, &["/dev/full: cannot be written: "]);
    let saved = printed(&[&FIT[..], &["--save", "/dev/stdout"]].concat());
    assert!(saved.contains("K-means with 2 clusters") && saved.contains("\"format\": \"marginal\""), "{saved}");
    // Into a file: the model must not overwrite what stands before it.
    let both = path("outputs_both.txt");
    let arguments = [&FIT[..], &["--save", "/dev/stdout"]].concat();
    let status = Command::new(env!("CARGO_BIN_EXE_marginal"))
        .args(&arguments)
        .stdout(std::fs::File::create(&both).unwrap())
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(std::fs::read_to_string(both).unwrap(), saved);
    let pipe = path("outputs_pipe.json");
    let _ = std::fs::remove_file(&pipe);
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = Command::new("cat").arg(&pipe).stdout(Stdio::piped()).spawn().unwrap();
    printed(&[&FIT[..], &["--save", pipe.to_str().unwrap()]].concat());
    let read = reader.wait_with_output().unwrap().stdout;
    assert!(String::from_utf8(read).unwrap().contains("\"format\": \"marginal\""));
}

#[cfg(target_os = "linux")]
#[track_caller]
fn refusal_after_results(arguments: &[&str]) -> String {
    let output = super::marginal(arguments);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// With a limit on the size of files, as on a full disk.
#[cfg(target_os = "linux")]
#[test]
fn a_write_that_fails_leaves_the_old_file() {
    let here = folder("outputs_full");
    let saved = here.join("model.json");
    std::fs::write(&saved, "old").unwrap();
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$@\"";
    let run = |more: &[&str]| {
        let arguments = [&["-c", script, "sh", env!("CARGO_BIN_EXE_marginal")], &FIT[..], more].concat();
        Command::new("sh").args(arguments).output().unwrap()
    };
    let picture = here.join("picture.svg");
    for (option, file) in [("--save", &saved), ("--plot", &picture)] {
        let output = run(&[option, file.to_str().unwrap()]);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert_says(&text, &[file.to_str().unwrap(), "cannot be written"]);
    }
    assert_eq!(std::fs::read_to_string(&saved).unwrap(), "old");
    assert_eq!(names(&here), ["model.json"]);
}

#[cfg(unix)]
#[test]
fn a_process_that_is_killed_leaves_a_whole_model() {
    use std::os::unix::process::ExitStatusExt;
    let here = folder("outputs_killed");
    let saved = here.join("model.json");
    let fit = [&FIT[..], &["--restarts", "1", "--save", saved.to_str().unwrap()]].concat();
    printed(&fit);
    let whole = std::fs::read_to_string(&saved).unwrap();
    let mut killed = 0;
    for delay in 0..40 {
        let mut process =
            Command::new(env!("CARGO_BIN_EXE_marginal")).args(&fit).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_micros(delay * 500));
        process.kill().unwrap();
        killed += usize::from(process.wait().unwrap().signal().is_some());
        assert_eq!(std::fs::read_to_string(&saved).unwrap(), whole, "killed after {delay} half milliseconds");
    }
    assert!(killed > 0);
}

#[cfg(target_os = "linux")]
#[test]
fn notes_that_cannot_be_written_change_no_exit_code() {
    let code = |arguments: &[&str]| {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_marginal"));
        command.args(arguments).stderr(full).output().unwrap().status.code()
    };
    let noted = file("noted.csv", "1,1\n1,2\n3,4\n5,6\n");
    assert_eq!(code(&["fit", "kmeans", "-k", "1", &noted]), Some(0));
    assert_eq!(code(&["fit", "kmeans", "-k", "1", "no-such-file.csv"]), Some(1));
    assert_eq!(code(&["fit", "kmeans", "-k", "x", &noted]), Some(2));
}
