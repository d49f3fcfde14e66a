//! What is not a table of numbers is refused, with the place and what to do.

use std::path::Path;

use marginal::Error;
use marginal::data::{Dataset, Table};
use marginal::io::{Parquet, ParquetOptions};

use super::writer::Cells::{Bytes, Fixed, Int32, Int64, Int96};
use super::writer::{Cells, doubles, path, plain};

/// The message without the name of the file with which it begins.
fn reason(path: &Path, error: &Error) -> String {
    let message = error.to_string();
    message.strip_prefix(&format!("{}: ", path.display())).expect("the message begins with the path").to_owned()
}

/// What is wrong with a file, told by a pass as by reading it into memory.
fn refusal(name: &str, declared: &str, columns: &[Cells], options: &ParquetOptions) -> String {
    let path = plain(name, declared, columns);
    let pass = |file: Parquet| file.fold(&0.0, &|_, _| Ok(()));
    let error = options.open(&path).and_then(pass).unwrap_err();
    assert_eq!(error.to_string(), options.read(&path).unwrap_err().to_string());
    assert!(matches!(error, Error::File { .. }), "{error:?}");
    reason(&path, &error)
}

#[test]
fn a_column_without_numbers_is_never_dropped_in_silence() {
    let bytes: &'static [u8] = b"abcdefghijklmnopqrst";
    let of = |length: usize| Fixed(vec![Some(&bytes[..length])]);
    let cases = [
        ("required binary t (STRING);", Bytes(vec![Some(b"setosa")]), "text or bytes"),
        ("required binary t (DECIMAL(30, 2));", Bytes(vec![Some(b"12")]), "decimals too long for 64-bit numbers"),
        ("required fixed_len_byte_array(20) t (DECIMAL(40, 2));", of(20), "decimals too long for 64-bit numbers"),
        ("required fixed_len_byte_array(16) t (DECIMAL(38, 23));", of(16), "decimals too long for 64-bit numbers"),
        ("required fixed_len_byte_array(16) t (UUID);", of(16), "bytes"),
        ("required fixed_len_byte_array(2) t;", of(2), "bytes"),
        ("required int32 t (DATE);", Int32(vec![Some(20_000)]), "dates"),
        ("required int32 t (TIME(MILLIS, true));", Int32(vec![Some(1)]), "times of day"),
        ("required int64 t (TIMESTAMP(MICROS, true));", Int64(vec![Some(1)]), "times"),
        ("required int64 t (TIMESTAMP_MILLIS);", Int64(vec![Some(1)]), "times"),
        ("required int96 t;", Int96(vec![Some(parquet::data_type::Int96::new())]), "times"),
        ("repeated double t;", doubles([1.0]), "lists"),
        ("required group t { required double u; }", doubles([1.0]), "nested values"),
    ];
    for (declared, cells, what) in cases {
        let declared = format!("required double a; {declared} required double b;");
        let columns = [doubles([1.0]), cells, doubles([2.0])];
        let all = refusal("other", &declared, &columns, &ParquetOptions::default());
        assert_eq!(all, format!("column `t` holds {what}: choose by name, such as --columns a,b"));
        let named = ParquetOptions::default().columns(["t"]);
        let expected = format!("column `t` holds {what}, not numbers: there are `a`, `b`");
        assert_eq!(refusal("other", &declared, &columns, &named), expected);
        let weights = ParquetOptions::default().columns(["a"]).weights("t");
        assert_eq!(reason(&path("other"), &weights.open(path("other")).unwrap_err()), expected);
        assert_eq!(ParquetOptions::default().without(["t"]).read(path("other")).unwrap().row(0), [1.0, 2.0]);
    }
    let text = refusal("text", "required binary t (STRING);", &[Bytes(vec![Some(b"a")])], &ParquetOptions::default());
    assert_eq!(text, "column `t` holds text or bytes, not numbers: no column holds any");
}

#[test]
fn a_choice_of_columns_that_are_not_there_is_refused() {
    let (declared, columns) = ("required double a; required double b;", [doubles([1.0]), doubles([2.0])]);
    let refusal = |options: ParquetOptions| refusal("choice", declared, &columns, &options);
    let options = ParquetOptions::default();
    assert_eq!(refusal(options.clone().columns(["c"])), "there is no column `c`: there are `a`, `b`");
    assert_eq!(refusal(options.clone().columns(["a", "a"])), "column `a` was chosen twice: once is enough");
    assert_eq!(refusal(options.clone().columns([""; 0])), "no column was chosen: there are `a`, `b`");
    assert_eq!(refusal(options.clone().without(["a", "b"])), "no column is left to read");
    assert_eq!(refusal(options.clone().weights("w")), "there is no column `w`: there are `a`, `b`");
    let weighted = options.weights("b").read(path("choice")).unwrap_err();
    assert!(weighted.to_string().ends_with("read column `b` like any other, and join it by `Weighted`"), "{weighted}");
}

#[test]
fn a_value_at_fault_is_named_with_row_and_column() {
    let at = |row: usize, x: f64| doubles((0..3000).map(move |n| if n == row { x } else { 1.0 }));
    let cells = |x: i64| Int64((0..3000).map(|n| Some(if n == 1700 { x } else { 1 })).collect());
    let null = Int32((0..3000).map(|n| (n != 2999).then_some(n)).collect());
    let cases = [
        ("double", at(0, f64::NAN), "row 0, column `x`: missing value: remove the row or fill in the value"),
        (
            "double",
            at(1500, f64::INFINITY),
            "row 1500, column `x`: inf is not finite: remove the row or mend the value",
        ),
        ("double", at(9, -f64::INFINITY), "row 9, column `x`: -inf is not finite: remove the row or mend the value"),
        ("int32", null, "row 2999, column `x`: missing value: remove the row or fill in the value"),
        ("int64", cells((1 << 53) + 1), "row 1700, column `x`: 9007199254740993 lies beyond ±2⁵³"),
        ("int64", cells(i64::MIN), "row 1700, column `x`: -9223372036854775808 lies beyond ±2⁵³"),
    ];
    for (kind, cells, expected) in cases {
        let declared = format!("required double a; optional {kind} x;");
        let columns = [at(0, 1.0), cells];
        let said = refusal("value", &declared, &columns, &ParquetOptions::default());
        assert!(said.starts_with(expected), "{said}");
    }
    let unsigned = [Int64(vec![Some(-1)])];
    let said = refusal("unsigned", "required int64 x (INTEGER(64, false));", &unsigned, &ParquetOptions::default());
    assert!(said.starts_with("row 0, column `x`: 18446744073709551615 lies beyond ±2⁵³"), "{said}");
}

#[test]
fn a_weight_at_fault_is_named_with_its_row() {
    let weights =
        |cell: Option<f64>| Cells::Double((0..700).map(|n| if n == 600 { cell } else { Some(1.0) }).collect());
    for (cell, said) in [(None, "NaN"), (Some(f64::NAN), "NaN"), (Some(-1.0), "-1"), (Some(f64::INFINITY), "inf")] {
        let columns = [doubles((0..700).map(f64::from)), weights(cell)];
        let path = plain("weight", "required double x; optional double w;", &columns);
        let file = ParquetOptions::default().weights("w").open(path).unwrap();
        for error in [file.fold(&0.0, &|_, _| Ok(())).unwrap_err(), file.totals().unwrap_err()] {
            assert!(matches!(error, Error::Weight { row: 600, .. }), "{error:?}");
            assert_eq!(error.to_string(), format!("weight {said} of row 600 is not in [0, ∞)"));
        }
    }
    let columns = [doubles([1.0, 2.0]), doubles([0.0, 0.0])];
    let path = plain("weightless", "required double x; required double w;", &columns);
    let file = ParquetOptions::default().weights("w").open(path).unwrap();
    assert!(matches!(file.totals(), Err(Error::Empty)));
}

#[test]
fn files_that_are_none_are_told_apart() {
    let of = |name: &str, content: &[u8]| {
        std::fs::write(path(name), content).unwrap();
        let error = Table::read_parquet(path(name)).unwrap_err();
        reason(&path(name), &error)
    };
    assert_eq!(of("empty", b""), "the file is empty: a Parquet file with a row of numbers is needed");
    assert_eq!(of("csv", b"a,b\n1,2\n3,4\n5,6\n"), "not a Parquet file: is it CSV under another name?");
    assert_eq!(of("short", b"a\n1\n"), "not a Parquet file: is it CSV under another name?");
    let whole = std::fs::read("data/faithful.parquet").unwrap();
    assert_eq!(of("cut", &whole[..whole.len() - 9]), "the Parquet file is cut short: write or copy it again");
    let rows = refusal("rows", "required double a;", &[doubles([])], &ParquetOptions::default());
    assert_eq!(rows, "there are columns but no row");
    let missing = Table::read_parquet("no/such.parquet").unwrap_err().to_string();
    assert!(missing.starts_with("no/such.parquet: cannot be opened: "), "{missing}");
    let folder = Table::read_parquet("data").unwrap_err().to_string();
    assert!(folder.starts_with("data: cannot be read: "), "{folder}");
}

#[test]
fn the_index_of_pandas_is_no_data() {
    let columns = [doubles([1.0, 2.0]), Int64(vec![Some(0), Some(1)])];
    let path = plain("pandas", "required double a; optional int64 __index_level_0__;", &columns);
    assert_eq!(Table::read_parquet(&path).unwrap().names(), ["a"]);
    let chosen = ParquetOptions::default().columns(["a", "__index_level_0__"]).read(&path).unwrap();
    assert_eq!(chosen.row(1), [2.0, 1.0]);
}

#[test]
fn names_of_groups_are_read_as_text_or_as_numbers() {
    let names: Vec<Option<&'static [u8]>> =
        (0..300).map(|n| Some(if n < 150 { &b"Anna"[..] } else { b"Bo" })).collect();
    let columns = [doubles((0..300).map(f64::from)), Bytes(names.clone()), Int64((0..300).map(Some).collect())];
    let declared = "required double a; optional binary who (STRING); required int64 n;";
    let properties = parquet::file::properties::WriterProperties::default;
    let path = super::writer::file("names", declared, &columns, 70, properties());
    let texts = |column: &str| ParquetOptions::default().read_text(&path, column);
    let who = texts("who").unwrap();
    assert_eq!((who.len(), who[149].as_str(), who[150].as_str()), (300, "Anna", "Bo"));
    assert_eq!(texts("n").unwrap()[299], "299");
    assert!(reason(&path, &texts("whom").unwrap_err()).starts_with("there is no column `whom`"));
    let mut holes = names;
    holes[200] = None;
    let path = super::writer::file("holes", "optional binary who (STRING);", &[Bytes(holes)], 70, properties());
    let told = reason(&path, &ParquetOptions::default().read_text(&path, "who").unwrap_err());
    assert_eq!(told, "row 200, column `who`: missing value: remove the row or fill in the value");
}

#[test]
fn many_columns_are_opened_in_good_time() {
    let declared = (0..20_000).map(|d| format!("required double c{d};")).collect::<Vec<_>>().concat();
    let path = plain("wide", &declared, &vec![doubles([1.0, 2.0]); 20_000]);
    assert_eq!(Table::read_parquet(&path).unwrap().columns(), 20_000);
}
