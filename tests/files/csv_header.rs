//! The first row of a CSV file: a header, a row, or a question.
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;

use marginal::data::Table;
use marginal::io::CsvOptions;

fn file(name: &str, content: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("header_{name}.csv"));
    std::fs::write(&path, content).unwrap();
    path
}

/// The names, the rows, and what was assumed; or the question.
fn read(options: &CsvOptions, name: &str, content: &str) -> Result<(Vec<String>, usize, Vec<String>), String> {
    let read = options.read_with_lines(file(name, content));
    read.map(|(table, lines)| (table.names().to_vec(), table.len(), lines.assumed().to_vec()))
        .map_err(|e| e.to_string())
}

#[track_caller]
fn assert_asks(name: &str, content: &str) {
    let question = read(&CsvOptions::default(), name, content).unwrap_err();
    assert!(question.contains("may name the columns or be a row"), "{question}");
    assert!(question.contains("--header yes, or --header no"), "{question}");
    // Both answers lose nothing.
    let rows = content.lines().filter(|line| !line.trim().is_empty()).count();
    for (is_there, expected) in [(true, rows - 1), (false, rows)] {
        let names = read(&CsvOptions::default().header(is_there), name, content);
        match names {
            Ok((_, found, assumed)) => assert_eq!((found, assumed.len()), (expected, 0)),
            Err(text) => assert!(text.contains("choose by name, such as") || text.contains("missing value"), "{text}"),
        }
    }
}

#[test]
fn a_header_of_numbers_never_becomes_a_row_in_silence() {
    let path = "tests/cases/numeric_header.csv";
    let question = Table::read_csv(path).unwrap_err().to_string();
    assert_eq!(
        question,
        format!(
            "{path}: line 1 (`0`, `1`) may name the columns or be a row, for its numbers are written otherwise than \
             those below: say --header yes, or --header no, which calls the columns x1 … x2"
        )
    );
    let table = CsvOptions::default().header(true).read(path).unwrap();
    assert_eq!((table.names(), table.len()), (&["0".to_owned(), "1".into()][..], 3));
    assert_eq!(CsvOptions::default().header(false).read(path).unwrap().len(), 4);
    assert_asks("years", "1990,1991,1992\n12,15,11\n9,14,12\n7,13,15\n");
    assert_asks("decades", "1990,2000\n12,15\n9,14\n7,13\n");
    assert_asks("numbered", "0,1,2,3\n3,1,0,2\n1,1,3,0\n");
    assert_asks("quantiles", "0.25,0.5\n12,15\n9,14\n");
    assert_asks("series", "0\n1.5\n2.5\n");
    assert_asks("pandas", ",0,1\n0,1.5,2.5\n1,0.5,3.5\n");
    let commas = read(&CsvOptions::default(), "semicolons", "0;1\n1,5;2,5\n0,5;1,5\n").unwrap_err();
    assert!(commas.contains("may name the columns or be a row"), "{commas}");
}

#[test]
fn a_row_of_numbers_is_read_and_said_to_be_one() {
    for (name, content) in [
        ("plain", "1,2\n3,4\n"),
        ("decimals", "1.5,2.5\n0.5,3\n"),
        ("counting", "1,2,3\n4,5,6\n7,8,9\n"),
        ("binary", "0,1\n1,1\n0,0\n"),
        ("equal", "3,3\n1.5,2.5\n0.5,1.5\n"),
        ("one", "5.1\n4.9\n4.7\n"),
    ] {
        let (names, rows, assumed) = read(&CsvOptions::default(), name, content).unwrap();
        assert_eq!((names[0].as_str(), rows), ("x1", content.lines().count()), "{name}");
        let said = format!(
            "line 1 was read as a row of numbers, and the columns are called x1 … x{}: --header yes if it holds their \
             names",
            names.len()
        );
        assert_eq!(assumed, [said], "{name}");
    }
    let (_, _, assumed) = read(&CsvOptions::default(), "named", "a,b\n1,2\n").unwrap();
    assert!(assumed.is_empty());
}

#[test]
fn a_first_row_with_a_label_is_asked_about() {
    assert_asks("iris", "5.1,3.5,setosa\n4.9,3.0,setosa\n4.7,3.2,virginica\n");
    assert_asks("label_first", "setosa,5.1\nsetosa,4.9\n");
    assert_asks("truth", "TRUE,1.5\nFALSE,2.5\n");
    assert_asks("wide", "country,1990,1991\nNorway,3,4\nChile,4,5\n");
    assert_asks("slip", "1,2,o\n3,4,5\n6,7,8\n");
    // What follows the answer drops no row.
    let content = "5.1,3.5,setosa\n4.9,3.0,setosa\n4.7,3.2,virginica\n";
    let told = read(&CsvOptions::default().header(false), "iris", content).unwrap_err();
    assert!(
        told.ends_with("column `x3` holds text (line 1: `setosa`): choose by name, such as --columns x1,x2"),
        "{told}"
    );
    let (_, rows, _) = read(&CsvOptions::default().header(false).columns(["x1", "x2"]), "iris", content).unwrap();
    assert_eq!(rows, 3);
    // Text above numbers is a header, whatever stands beside it.
    let (names, rows, assumed) = read(&CsvOptions::default(), "mixed", "id,0,1\n7,1.5,2.5\n9,0.5,3.5\n").unwrap();
    assert_eq!((names, rows, assumed.len()), (vec!["id".into(), "0".into(), "1".into()], 2, 0));
}

#[test]
fn names_that_are_asked_for_show_what_the_first_row_is() {
    let content = "0,1\n3,4\n5,6\n";
    let (names, rows, assumed) = read(&CsvOptions::default().columns(["1", "0"]), "asked", content).unwrap();
    assert_eq!((names, rows), (vec!["1".into(), "0".into()], 2));
    assert_eq!(
        assumed,
        ["line 1 was read as the header, for it holds the names asked for: --header no if it is a row"]
    );
    let (names, rows, _) = read(&CsvOptions::default().columns(["x2"]), "given", "0,1\n1.5,2.5\n0.5,1.5\n").unwrap();
    assert_eq!((names, rows), (vec!["x2".into()], 3));
}

#[test]
fn an_index_is_no_measurement() {
    let told = |name: &str, content: &str| read(&CsvOptions::default(), name, content).unwrap_err();
    let expected = "column `Unnamed: 0` numbers the rows, as programs write it beside the data: choose by name, such as \
                    --columns a,b";
    assert!(told("unnamed", "Unnamed: 0,a,b\n0,5,6\n1,6,4\n2,4,4\n").ends_with(expected));
    assert!(told("rownames", "rownames,a\n1,5\n2,6\n3,4\n").contains("`rownames` numbers the rows"));
    let chosen = CsvOptions::default().columns(["X", "a"]);
    assert_eq!(read(&chosen, "chosen", "X,a\n1,5\n2,6\n3,4\n").unwrap().1, 3);
    let ten = (1..=10).map(|n| format!("{n},{}\n", n * n)).collect::<Vec<_>>().concat();
    let (_, _, assumed) = read(&CsvOptions::default(), "id", &format!("id,a\n{ten}")).unwrap();
    assert_eq!(assumed, ["column `id` numbers the rows: leave it out by --columns if it is no measurement"]);
    let (names, _, assumed) = read(&CsvOptions::default(), "pandas_index", "a,__index_level_0__\n5,3\n6,1\n").unwrap();
    assert_eq!(names, ["a"]);
    assert_eq!(assumed, ["column `__index_level_0__` is an index and was left out: name it in --columns to read it"]);
}
