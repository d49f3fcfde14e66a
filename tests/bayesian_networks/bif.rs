//! BIF files: every dialect reads as the same network, what is written is read back the same, and what is wrong is told
//! with its line and column.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::error::{GraphError, NetworkError};
use marginal::network::Network;
use proptest::prelude::*;

const RAIN: &str = "network unknown {
}
variable rain {
  type discrete [ 2 ] { no, yes };
}
variable wind {
  type discrete [ 3 ] { low, high, storm };
}
variable wet {
  type discrete [ 2 ] { no, yes };
}
probability ( rain ) {
  table 0.75, 0.25;
}
probability ( wind ) {
  table 0.5, 0.375, 0.125;
}
probability ( wet | rain, wind ) {
  (no, low) 0.9, 0.1;
  (yes, low) 0.0625, 0.9375;
  (no, high) 0.8, 0.2;
  (yes, high) 0.25, 0.75;
  (no, storm) 0.7, 0.3;
  (yes, storm) 1e-5, 0.99999;
}
";

/// RAIN with one part replaced.
fn changed(part: &str, by: &str) -> String {
    assert_eq!(RAIN.matches(part).count(), 1, "{part}");
    RAIN.replacen(part, by, 1)
}

fn read(text: &str) -> Network {
    Network::from_bif(text).unwrap_or_else(|error| panic!("{error} in:\n{text}"))
}

/// The line, the column and the message of what is wrong.
#[track_caller]
fn fault(text: &str) -> (usize, usize, String) {
    match Network::from_bif(text).unwrap_err() {
        NetworkError::AtPlace { line, column, source } => (line, column, source.to_string()),
        other => panic!("{other}"),
    }
}

#[test]
fn what_is_written_is_what_was_read() {
    assert_eq!(read(RAIN).to_bif(), RAIN);
    for file in std::fs::read_dir("data/networks").unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension().is_some_and(|ending| ending == "bif") {
            let network = Network::read_bif(&file).unwrap();
            let again = read(&network.to_bif());
            assert!(again == network, "{}", file.display());
            assert!(network.variables().iter().all(|variable| variable.rounding() <= 1e-6), "{}", file.display());
        }
    }
    // The shortest digits with a decimal point are what most of these files hold.
    let asia = std::fs::read_to_string("data/networks/asia.bif").unwrap();
    assert_eq!(read(&asia).to_bif(), asia);
}

#[test]
fn all_ways_to_write_a_table_are_one() {
    let network = read(RAIN);
    let rows = &RAIN[RAIN.find("  (no, low)").unwrap()..RAIN.len() - 2];
    let shuffled = rows.lines().rev().map(|line| format!("{line}\n")).collect::<Vec<_>>().concat();
    assert!(read(&changed(rows, &shuffled)) == network);
    // The variable's own states are the slowest, the last parent is the fastest.
    let table = "table 0.9 0.8 0.7 0.0625 0.25 1e-5  0.1 0.2 0.3 0.9375 0.75 0.99999;";
    assert!(read(&changed(rows, table)) == network);
    let default =
        changed("  (no, high) 0.8, 0.2;\n", "").replace("(no, storm) 0.7, 0.3;", "default 0.8, 0.2;(no,storm) .7 .3;");
    assert!(read(&default) == network);
    for head in ["wet rain wind", "wet, rain, wind", "\"wet\" | \"rain\" wind", "wet// of course\n|rain,/* and */wind"]
    {
        assert!(read(&changed("wet | rain, wind", head)) == network, "{head}");
    }
    let late = format!(
        "network {{}}{}",
        RAIN[RAIN.find("probability").unwrap()..].to_owned() + &RAIN[20..RAIN.find("probability").unwrap()]
    );
    assert_eq!(read(&late).variables(), network.variables());
}

#[test]
fn names_of_any_kind_and_properties_survive() {
    let odd = ["a b", "", "4_5", ">=10", "x;y{z}", "\"", "\\", "\\\"", "//", "table", "Übermaß", "a,b|c", "a/*", "1e3"];
    let mut builder = Network::builder();
    builder.name("of two words").variable("type", &odd, &[] as &[&str], vec![1.0 / 14.0; 14]);
    builder.variable("p(x | y)", &["1", "2"], &["type"], [0.125, 0.875].repeat(14));
    let network = builder.build().unwrap();
    assert!(read(&network.to_bif()) == network, "{}", network.to_bif());

    let text = RAIN
        .replacen("unknown {", "unknown { property Source = \"a; b}\"; property version 1.0 // one\n;", 1)
        .replacen("yes };\n", "yes };\n property position = (1, 2)\n", 1);
    let network = read(&text);
    assert_eq!(network.properties(), ["Source = \"a; b}\"", "version 1.0"]);
    assert_eq!(network.variables()[0].properties(), ["position = (1, 2)"]);
    assert!(read(&network.to_bif()) == network);
}

#[test]
fn rounded_rows_keep_their_digits_and_sum_to_one_in_use() {
    let network = read(&changed("0.5, 0.375, 0.125", "0.333, 0.333, 0.333"));
    let wind = &network.variables()[1];
    assert_eq!(wind.entries(), [0.333; 3]);
    assert!((wind.rounding() - 1e-3).abs() < 1e-12);
    assert!(wind.probabilities().iter().all(|p| (p - 1.0 / 3.0).abs() < 1e-16));
    assert!(network.to_bif().contains("table 0.333, 0.333, 0.333;"));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let cases: [(&str, &str, usize, usize, &str); 24] = [
        ("network unknown", "netwrk unknown", 1, 1, "expected `network`, found `netwrk`"),
        ("yes };\n}\nvariable wind", "yes }\n}\nvariable wind", 5, 1, "expected `;`, found `}`"),
        ("[ 3 ]", "[ three ]", 7, 19, "expected the number of states, found `three`"),
        ("[ 3 ]", "[ 4 ]", 6, 10, "`wind` is said to have 4 states, and 3 are listed"),
        ("low, high, storm", "low, high, low", 6, 10, "`wind` has two states called `low`"),
        ("variable wet", "variable rain", 9, 10, "two nodes are called rain"),
        ("table 0.75, 0.25;", "table 0.75, 0.25, 0;", 13, 3, "3 entries instead of 2: 2 states of rain"),
        ("table 0.75, 0.25;", "table 0.75, 0.15;", 13, 3, "p(rain) sums to 0.9, not to 1"),
        ("table 0.75, 0.25;", "table 1.75, -0.75;", 13, 9, "p(rain = no) = 1.75 is not in [0, 1]"),
        ("table 0.75, 0.25;", "table NaN, 1;", 13, 9, "expected a probability or `;`, found `NaN`"),
        ("table 0.75, 0.25;", "table 0.75, 0.25", 14, 1, "expected a probability or `;`, found `}`"),
        ("table 0.75, 0.25;", "", 12, 15, "p(rain) has 0 entries instead of 2"),
        ("table 0.75, 0.25;", "tabel 0.75, 0.25;", 13, 3, "expected `table`, `default`, `(states)` or `}`"),
        ("| rain, wind", "| rian, wind", 18, 21, "no variable is called `rian` (did you mean `rain`?)"),
        ("| rain, wind", "| rain, rain", 18, 27, "`wet` names the parent `rain` twice"),
        ("(no, storm)", "(no, strom)", 23, 8, "`wind` has no state `strom` (did you mean `storm`?)"),
        ("(no, storm)", "(no)", 23, 3, "1 entries instead of 2: one for each parent (rain, wind)"),
        ("(no, storm)", "(no, low)", 23, 3, "p(wet | rain = no, wind = low) is given twice"),
        ("  (no, high) 0.8, 0.2;\n", "", 18, 15, "p(wet | rain = no, wind = high) is not given, and there"),
        (
            "(no, low) 0.9, 0.1;",
            "(no, low) 0.9, 0.0, 0.1;",
            19,
            3,
            "p(wet | rain = no, wind = low) has 3 entries instead of 2",
        ),
        ("(no, low) 0.9, 0.1;", "(no, low) 0.9, 0.2;", 19, 3, "p(wet | rain = no, wind = low) sums to 1.1, not to 1"),
        ("probability ( wind )", "probability ( rain )", 15, 15, "p(rain | …) is given twice"),
        ("high, storm };", "high, \"storm };", 7, 36, "expected a closing `\"` after this one"),
        ("probability ( wind )", "/* probability ( wind )", 15, 1, "expected `*/` after this `/*`"),
    ];
    for (part, by, line, column, words) in cases {
        let (found_line, found_column, message) = fault(&changed(part, by));
        assert_eq!((found_line, found_column), (line, column), "{by}: {message}");
        assert!(message.contains(words), "`{words}` is missing in: {message}");
    }
    let lone = &RAIN[..RAIN.find("probability ( wet").unwrap()];
    assert_eq!(fault(lone), (9, 10, "`wet` has no probabilities: give p(wet), or p(wet | its parents)".into()));
    // A table that no memory holds is refused by its size, not by trying.
    let variable = |v| format!("variable v{v} {{ type discrete [2] {{ a, b }}; }}\n");
    let many = (0..40).map(variable).collect::<Vec<_>>().concat();
    let parents: Vec<String> = (1..40).map(|v| format!("v{v}")).collect();
    let wide = format!("network n {{}}\n{many}probability (v0 | {}) {{ default 0.5 0.5; }}", parents.join(","));
    assert!(fault(&wide).2.contains("instead of 1099511627776"), "{:?}", fault(&wide));
}

#[test]
fn a_cycle_is_told_with_its_path() {
    let text = RAIN.replacen(
        "probability ( rain ) {\n  table 0.75, 0.25;",
        "probability ( rain | wet ) { default 0.75, 0.25;",
        1,
    );
    let error = Network::from_bif(&text).unwrap_err();
    assert!(matches!(&error, NetworkError::Graph(GraphError::Cycle { path }) if path.len() == 3), "{error}");
    assert_eq!(error.to_string(), "the graph has a directed cycle: wet → rain → wet");
}

#[test]
fn files_that_are_none() {
    let missing = Network::read_bif("no/such.bif").unwrap_err().to_string();
    assert!(missing.starts_with("no/such.bif: cannot be read"), "{missing}");
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("latin1.bif");
    std::fs::write(&path, b"network n {}\nvariable gr\xF6sse {").unwrap();
    let error = Network::read_bif(&path).unwrap_err().to_string();
    assert!(error.ends_with("latin1.bif: line 2, column 12: expected text in UTF-8, found the byte 0xF6"), "{error}");
    assert_eq!(fault(""), (1, 1, "expected `network`, found the end of the text".into()));
}

#[test]
fn the_ending_of_a_name_is_the_format() {
    let asia = Network::read("data/networks/asia.bif").unwrap();
    let path = |ending: &str| std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("endings.{ending}"));
    for ending in ["bif", "BIF"] {
        asia.write(path(ending)).unwrap();
        assert!(Network::read(path(ending)).unwrap() == asia, "{ending}");
    }
    asia.write(path("uai")).unwrap();
    assert_eq!(Network::read(path("uai")).unwrap().to_uai(), asia.to_uai());
    for (ending, error) in [("dsl", Network::read("x.dsl").unwrap_err()), ("gz", asia.write("x.bif.gz").unwrap_err())] {
        let NetworkError::File { path, reason } = error else { panic!("{error}") };
        assert!(path.ends_with(ending) && reason.contains("ends in .bif, .uai"), "{path}: {reason}");
    }
}

#[test]
fn a_text_cut_anywhere_is_read_or_refused() {
    let asia = std::fs::read_to_string("data/networks/asia.bif").unwrap();
    let whole = asia.trim_end().len();
    for end in 0..asia.len() {
        let cut = Network::from_bif(&asia[..end]);
        // A network without variables is one.
        let complete = end >= whole || asia[..end].trim_end() == "network unknown {\n}";
        assert_eq!(cut.is_ok(), complete, "{end}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_text_with_any_bytes_changed_is_read_or_refused(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = RAIN.as_bytes().to_vec();
        changes.iter().for_each(|(place, byte)| bytes[place.index(RAIN.len())] = *byte);
        if let Ok(text) = std::str::from_utf8(&bytes)
            && let Ok(network) = Network::from_bif(text)
        {
            prop_assert!(Network::from_bif(&network.to_bif()).unwrap() == network);
        }
    }

    #[test]
    fn tokens_in_any_order_are_read_or_refused(
        tokens in proptest::collection::vec(
            prop::sample::select(vec!["network", "n", "{", "}", "variable", "type discrete", "[2]", "[99999999999]",
                "{a,b}", ";", "probability", "(", ")", "|", ",", "table", "default", "0.5", "1", "\"", "property"]),
            0..60,
        ),
    ) {
        let _ = Network::from_bif(&format!("network n {{}} {}", tokens.join(" ")));
    }
}
