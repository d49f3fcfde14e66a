//! Tables that nobody would fit: an answer in finite numbers, or one line that refuses them; the same on any number of
//! threads.

use std::fmt::Write;

use marginal::distributions::Column;
use marginal::rand::rngs::Xoshiro256PlusPlus;
use marginal::rand::{Rng, RngExt, SeedableRng};

use super::{file, marginal};

const SHAPES: [&str; 4] = ["full", "tied", "diagonal", "spherical"];

/// A cell of a column of this kind.
fn cell(kind: usize, rng: &mut dyn Rng) -> String {
    let mut of = |cells: &[&str]| cells[rng.random_range(0..cells.len())].to_owned();
    match kind {
        0 => "7".into(),
        1 => of(&["0", "-0", "0.0", "-0.0"]),
        2 => of(&["0", "1", "2", "3"]),
        3 => of(&["1e300", "-1e300", "3e299", "1"]),
        4 => of(&["5e-324", "1e-310", "0"]),
        5 => of(&["1e-300", "3e-300", "2e-300"]),
        6 => of(&["1.7976931348623157e308", "-1.7976931348623157e308"]),
        7 => of(&["10000000000.25", "10000000000.5", "10000000001"]),
        8 => of(&["0.25", "0.5", "0.75", "0.125"]),
        9 => of(&["NaN", "1", "2"]),
        10 => of(&["inf", "1", ""]),
        11 => format!("{}", rng.random_range(-3.0..3.0)),
        _ => format!("{}", rng.random_range(0.001..20.0)),
    }
}

/// Whether a printed number is −0, NaN or infinite.
fn is_bad(word: &str) -> bool {
    word.parse::<f64>().is_ok_and(|x| !x.is_finite() || (x == 0.0 && word.starts_with('-')))
}

#[test]
fn strange_tables_are_fitted_or_refused_in_one_line() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let (mut fitted, mut refused) = (0, 0);
    for case in 0..150 {
        let columns = [1, 1, 2, 3, 20][rng.random_range(0..5)];
        let rows = [1, 2, 5, 30][rng.random_range(0..4)];
        let kinds: Vec<usize> = (0..columns).map(|_| rng.random_range(0..18)).collect();
        let names = (0..columns).map(|d| format!("x{d}")).collect::<Vec<_>>().join(",");
        let mut text = format!("{names},w,s\n");
        for n in 0..rows {
            let cells: String = kinds.iter().map(|&kind| cell(kind, &mut rng) + ",").collect();
            let weight = ["0", "1", "2.5", "1e-300", "1e300"][if case % 3 == 0 { rng.random_range(0..5) } else { 1 }];
            // Some sequences have one row.
            writeln!(text, "{cells}{weight},{}", if case % 2 == 0 { n } else { n / 4 }).unwrap();
        }
        let data = file("torture.csv", text);
        let name = Column::NAMES[rng.random_range(0..Column::NAMES.len())];
        let family = name.replace(":n", ":9").replace(":K", ":4");
        let shape = SHAPES[rng.random_range(0..SHAPES.len())];
        let k = ["1", "2", "3", "31"][rng.random_range(0..4)];
        let model: &[&str] = match case % 5 {
            0 => &["kmeans", "--weights", "w"],
            1 => &["gmm", "--covariance", shape, "--weights", "w", "--weights-are", "importance"],
            2 => &["gmm", "--covariance", shape, "--prior", "weak", "--verify"],
            3 => &["mixture", "--family", &family, "--weights", "w"],
            _ => &["hmm", "--family", &family, "--sequence", "s"],
        };
        let common = ["--columns", &names, "-k", k, "--restarts", "2", "--max-iterations", "100", "--threads"];
        let run = |threads: &str| marginal(&[&["fit", model[0], &data], &model[1..], &common, &[threads]].concat());
        let (output, again) = (run("1"), run("2"));
        assert_eq!(output, again, "{model:?} -k {k} on {kinds:?} × {rows}");
        let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        match output.status.code() {
            Some(0) => {
                fitted += 1;
                let words = |text: &str| text.split([' ', '\n', ',', ';', '(', ')', '%']).any(is_bad);
                assert!(err.is_empty() && !words(&out), "{model:?} -k {k} on {kinds:?} × {rows}: {err}{out}");
            }
            Some(1) => {
                refused += 1;
                let one_line = err.starts_with("error: ") && err.lines().count() == 1;
                assert!(one_line && out.is_empty(), "{model:?} -k {k} on {kinds:?} × {rows}: {err}{out}");
            }
            code => panic!("{model:?} -k {k} on {kinds:?} × {rows}: {code:?} {err}"),
        }
    }
    assert!(fitted > 20 && refused > 20, "{fitted} fitted, {refused} refused");
}
