//! Files of named states: what is read, what is missing, and what is refused where.
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;

use marginal::Error;
use marginal::error::NetworkError;
use marginal::io::StateCsv;
use marginal::network::{MISSING, Network, StateTable};

fn file(name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = std::env::temp_dir().join(format!("marginal-{}-{name}.csv", std::process::id()));
    std::fs::write(&path, text).unwrap();
    path
}

/// One state of `test` is called NA: not applicable.
fn network() -> Network {
    Network::builder()
        .root("rain", &["no", "yes"], [0.8, 0.2])
        .variable("wet", &["no", "yes"], &["rain"], [0.9, 0.1, 0.05, 0.95])
        .variable("test", &["dry", "NA"], &["wet"], [0.9, 0.1, 0.05, 0.95])
        .build()
        .unwrap()
}

fn refusal(options: &StateCsv, name: &str, text: &str) -> Error {
    let path = file(name, text);
    let error = options.read(&path, &network()).unwrap_err();
    std::fs::remove_file(path).unwrap();
    error
}

#[test]
fn columns_are_matched_by_name_and_cells_by_state() {
    let path = file("matched", "wet;n;rain;day\nyes;2;no;mo\n\n ? ;1;;tu\nyes;0.5;no;we\n");
    let options = StateCsv::default().weights("n").ignore(["day"]);
    let (table, lines) = options.read_with_lines(&path, &network()).unwrap();
    std::fs::remove_file(path).unwrap();
    assert_eq!((table.len(), table.rows()), (2, 3));
    assert_eq!((table.row(0), table.weight(0)), (vec![0, 1, MISSING], 2.5));
    assert_eq!((table.row(1), table.weight(1)), (vec![MISSING; 3], 1.0));
    assert_eq!([0, 1].map(|n| lines.of(table.first(n))), [2, 4]);
}

#[test]
fn a_state_may_be_called_like_a_missing_cell() {
    let path = file("na", "test,rain\nNA,NA\n?,yes\n");
    let table = StateTable::read_csv(&path, &network()).unwrap();
    std::fs::remove_file(path).unwrap();
    assert_eq!((table.row(0), table.row(1)), (vec![MISSING, MISSING, 1], vec![1, MISSING, MISSING]));
}

#[test]
fn what_is_refused_is_told_with_its_place() {
    let plain = StateCsv::default();
    let unknown = refusal(&plain, "state", "rain,wet\nno,yes\nno,Yes\n");
    let text = unknown.to_string();
    assert!(
        text.ends_with("line 3, column `wet`: `wet` has no state `Yes` (did you mean `yes`?): its states are no, yes"),
        "{text}"
    );
    let Error::Network(NetworkError::InFile { source, .. }) = unknown else { panic!("{unknown:?}") };
    assert!(matches!(*source, NetworkError::AtCell { line: 3, .. }));
    let told = |name: &str, text: &str, words: &str| {
        let error = refusal(&plain, name, text).to_string();
        assert!(error.contains(words), "{error}");
    };
    told(
        "column",
        "rain,wett\nno,yes\n",
        "column `wett` is no variable (did you mean `wet`?): rename it, or ignore it",
    );
    told("twice", "rain,rain\nno,yes\n", "two columns are called `rain`");
    told("ragged", "rain,wet\nno,yes\nno\n", "line 3 has 1 cell instead of 2");
    told("empty", "", "the file is empty");
    told("header", "rain,wet\n", "no row of positive weight");
    let error = refusal(&plain.clone().ignore(["day"]), "extra", "rain\nno\n").to_string();
    assert!(error.contains("there is no column `day`"), "{error}");
    let error = refusal(&plain.clone().weights("n"), "weight", "rain,n\nno,-1\n").to_string();
    assert!(error.contains("line 2, column `n`: the weight `-1` is not in [0, ∞)"), "{error}");
    let error = refusal(&plain.ignore(["n"]), "none", "n\n1\n").to_string();
    assert!(error.contains("no column is a variable"), "{error}");
}

#[test]
fn a_header_that_is_missing_is_told() {
    let plain = StateCsv::default();
    let told = |options: &StateCsv, name: &str, text: &str| refusal(options, name, text).to_string();
    let states = told(&plain, "headless", "no,yes\nyes,no\n");
    assert!(states.ends_with(
        "line 1 holds states where a header of variables is needed: put the names of the variables above it"
    ));
    let all = told(&plain, "headless_all", "no,yes,dry\nyes,no,NA\n");
    assert!(all.ends_with("above it, or say --header no if they are in the order of the network"), "{all}");
    let path = file("by_order", "no,yes,dry\nyes,?,NA\n");
    let table = plain.clone().header(false).read(&path, &network()).unwrap();
    assert_eq!((table.rows(), table.row(0), table.row(1)), (2, vec![0, 1, 0], vec![1, MISSING, 1]));
    let short = told(&plain.clone().header(false), "short", "no,yes\n");
    assert!(short.ends_with("without a header each of the 3 variables needs a column, and line 1 has 2"), "{short}");
    // Variables and states of the same names.
    let numbers = Network::builder().root("0", &["0", "1"], [0.5; 2]).root("1", &["0", "1"], [0.5; 2]).build().unwrap();
    let path = file("numbers", "0,1\n1,1\n");
    let asked = StateTable::read_csv(&path, &numbers).unwrap_err().to_string();
    assert!(asked.contains("line 1 may name the variables or be a row of states: say --header yes"), "{asked}");
    assert_eq!([true, false].map(|is| plain.clone().header(is).read(&path, &numbers).unwrap().rows()), [1, 2]);
}

#[test]
fn cells_that_nearly_name_a_state_are_not_missing() {
    let numbers = Network::builder().root("n", &["0", "1", "None"], [0.5, 0.25, 0.25]).build().unwrap();
    let read = |text: &str| {
        let path = file("nearly", text);
        StateTable::read_csv(&path, &numbers).map(|table| table.row(0)).map_err(|e| e.to_string())
    };
    let float = read("n\n1.0\n").unwrap_err();
    assert!(float.contains("`n` has no state `1.0` (did you mean `1`?)"), "{float}");
    let slip = read("n\nnone\n").unwrap_err();
    assert!(slip.contains("`n` has no state `none` (did you mean `None`?)"), "{slip}");
    for missing in ["<NA>", "NULL", "n/a", "nan", ".", "#N/A"] {
        assert_eq!(read(&format!("n\n{missing}\n")).unwrap(), [MISSING]);
    }
    assert_eq!(read("n\n None \n").unwrap(), [2]);
    assert!(read("sep=;\nn;n2\n0;1\n").unwrap_err().contains("column `n2` is no variable"));
}

#[test]
fn what_is_hidden_is_not_read() {
    let path = file("hidden", "rain,wet\nyes,perhaps\nno,yes\n");
    let table = StateCsv::default().hidden(["wet", "test"]).read(&path, &network()).unwrap();
    assert_eq!((table.row(0), table.row(1)), (vec![1, MISSING, MISSING], vec![0, MISSING, MISSING]));
    let error = StateCsv::default().hidden(["wett"]).read(&path, &network()).unwrap_err().to_string();
    std::fs::remove_file(path).unwrap();
    assert!(error.ends_with("no variable is called `wett` (did you mean `wet`?)"), "{error}");
}

#[test]
fn text_that_is_not_utf_8_names_no_state() {
    let path = file("latin", b"rain,wet\nno,y\xE9s\n");
    let error = StateTable::read_csv(&path, &network()).unwrap_err().to_string();
    std::fs::remove_file(path).unwrap();
    assert!(error.contains("line 2, column `wet`: `wet` has no state"), "{error}");
}
