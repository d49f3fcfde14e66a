//! Checkpoints on the command line: killed at any moment, a fit ends with the same bits.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::refusals::{assert_says, refusal};
use super::{file, path, printed};

/// Numbers in [0, 1) that look random.
fn draws(seed: u64) -> impl Iterator<Item = f64> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / f64::from(1 << 24)
    })
}

/// Rows of overlapping clusters.
fn clusters(name: &str, rows: usize) -> String {
    let mut u = draws(7);
    let mut normal = move |mean: f64| mean + (0..6).map(|_| u.next().unwrap()).sum::<f64>() - 3.0;
    let row = |n: usize| format!("{},{}\n", normal([0.0, 1.2, 3.0][n % 3]), normal([0.0, 1.0, -1.0][n % 3]));
    file(name, format!("a,b\n{}", (0..rows).map(row).collect::<String>()))
}

fn remove(names: &[&str]) -> Vec<String> {
    let path_of = |name: &&str| {
        let _ = std::fs::remove_file(path(name));
        path(name).to_str().unwrap().to_owned()
    };
    names.iter().map(path_of).collect()
}

#[test]
fn killed_fifty_times_a_fit_ends_with_the_bits_of_one_that_was_let_be() {
    let data = clusters("killed.csv", 1500);
    let files = remove(&[
        "killed.json",
        "killed-3.json",
        "killed-2.json",
        "killed_model.json",
        "let_be.json",
        "let_be_model.json",
    ]);
    let [checkpoint, _, _, model, whole, whole_model] = &files[..] else { unreachable!() };
    remove(&["let_be-3.json", "let_be-2.json"]);
    let arguments = |checkpoint: &str, model: &str| -> Vec<String> {
        let fit = ["fit", "gmm", &data, "-k", "2..3", "--restarts", "9", "--checkpoint-every", "10"];
        let files = ["--checkpoint", checkpoint, "--save", model];
        fit.iter().chain(&files).map(|&argument| argument.to_owned()).collect()
    };
    let run = |arguments: &[String]| printed(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let expected = run(&arguments(whole, whole_model));
    let mut ended = 0;
    for wait in draws(11).take(50) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_marginal"));
        command.args(arguments(checkpoint, model)).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(Duration::from_secs_f64(0.02 + 0.25 * wait));
        ended += usize::from(child.try_wait().unwrap().is_some());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let found = run(&arguments(checkpoint, model));
    assert_eq!(found.replace(model, "MODEL"), expected.replace(whole_model, "MODEL"), "ended {ended} times of 50");
    assert_eq!(std::fs::read(model).unwrap(), std::fs::read(whole_model).unwrap());
    for k in ["2", "3"] {
        let [found, expected] =
            ["killed", "let_be"].map(|name| std::fs::read(path(&format!("{name}-{k}.json"))).unwrap());
        assert_eq!(found, expected);
    }
}

#[test]
fn checkpoints_are_kept_of_every_model_and_those_of_others_are_refused() {
    let data = clusters("kept.csv", 300);
    let files = remove(&["kept_kmeans.ckpt", "kept_mixture.ckpt", "kept_hmm.ckpt", "kept_network.ckpt"]);
    let fits: [Vec<&str>; 4] = [
        vec!["fit", "kmeans", &data, "-k", "3", "--checkpoint", &files[0]],
        vec!["fit", "mixture", &data, "-k", "2", "--family", "normal,laplace", "--checkpoint", &files[1]],
        vec!["fit", "hmm", &data, "-k", "2", "--checkpoint", &files[2]],
        vec!["network", "fit", "data/networks/asia.bif", "", "--checkpoint", &files[3]],
    ];
    let rows = file("kept_network.csv", "xray,dysp\nyes,no\nno,no\nyes,yes\nno,yes\n".to_owned());
    for mut fit in fits {
        if fit[3].is_empty() {
            fit[3] = &rows;
        }
        let first = printed(&fit);
        assert_eq!(printed(&fit), first);
        fit.extend(["--seed", "3"]);
        assert_says(&refusal(1, &fit), &["the seed was 0 and is now 3; remove its file to begin anew"]);
    }
    let other = ["fit", "gmm", &data, "-k", "2", "--checkpoint", &files[2]];
    assert_says(&refusal(1, &other), &["does not belong to this fit"]);
    let gmm = remove(&["kept_gmm.ckpt"]);
    let fit = ["fit", "gmm", &data, "-k", "2", "--checkpoint", &gmm[0]];
    printed(&fit);
    assert_says(&refusal(1, &[&fit[..], &["--floor", "0.001"]].concat()), &["the description was"]);
    assert_says(&refusal(1, &["fit", "gmm", &data, "-k", "2", "--checkpoint", &data]), &["would overwrite the input"]);
    assert_says(&refusal(2, &["fit", "gmm", &data, "-k", "2", "--checkpoint-every", "5"]), &["--checkpoint"]);
}
