//! CSV files: what is read, and what is refused with which words.
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;

use marginal::data::Table;
use marginal::io::CsvOptions;

fn file(name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("csv_{name}.csv"));
    std::fs::write(&path, content).unwrap();
    path
}

fn refusal(name: &str, content: impl AsRef<[u8]>) -> String {
    let path = file(name, content);
    let message = Table::read_csv(&path).unwrap_err().to_string();
    message.strip_prefix(&format!("{}: ", path.display())).expect("the message begins with the path").to_owned()
}

#[test]
fn a_header_is_told_from_numbers() {
    let named = Table::read_csv(file("named", "a,b\n1,2\n3,4\n")).unwrap();
    assert_eq!((named.names(), named.row(1)), (&["a".to_owned(), "b".into()][..], &[3.0, 4.0][..]));
    let bare = Table::read_csv(file("bare", "1,2\n3,4")).unwrap();
    assert_eq!((bare.names(), bare.len()), (&["x1".to_owned(), "x2".into()][..], 2));
}

#[test]
fn quotes_carriage_returns_a_byte_order_mark_and_other_delimiters_are_read() {
    let content = "\u{feff}\"a\";\"b c\"\r\n\"1.5\"; -2e3\r\n\r\n3;4\r\n";
    let (table, lines) = CsvOptions::default().read_with_lines(file("windows", content)).unwrap();
    assert_eq!(table.names(), ["a", "b c"]);
    assert_eq!(table.rows().values(), [1.5, -2000.0, 3.0, 4.0]);
    assert_eq!((lines.of(0), lines.of(1)), (2, 4));
    let tabs = Table::read_csv(file("tabs", "a\tb,c\n1\t2\n")).unwrap();
    assert_eq!(tabs.names(), ["a", "b,c"]);
}

#[test]
fn lines_are_those_of_the_file_whatever_stands_between() {
    let content = "\na,note\n\n1,\"two\nlines\"\n2,x\n\n\n3,y";
    let (table, lines) = CsvOptions::default().columns(["a"]).read_with_lines(file("lines", content)).unwrap();
    assert_eq!(table.rows().values(), [1.0, 2.0, 3.0]);
    assert_eq!([lines.of(0), lines.of(1), lines.of(2)], [4, 6, 9]);
}

#[test]
fn columns_are_chosen_by_name_in_the_order_asked_for() {
    let path = file("chosen", "a,label,b\n1,x,2\n3,y,4\n");
    let table = CsvOptions::default().columns(["b", "a"]).read(&path).unwrap();
    assert_eq!((table.names()[0].as_str(), table.row(0)), ("b", &[2.0, 1.0][..]));
    let rest = CsvOptions::default().without(["label"]).read(&path).unwrap();
    assert_eq!(rest.names(), ["a", "b"]);
    let unknown = CsvOptions::default().columns(["c"]).read(&path).unwrap_err().to_string();
    assert!(unknown.ends_with("there is no column `c`: there are `a`, `label`, `b`"), "{unknown}");
}

#[test]
fn a_column_of_text_is_read_where_it_is_asked_for() {
    let read = |name: &str, content: &str, column: &str| {
        CsvOptions::default().read_text(file(name, content), column).map_err(|e| e.to_string())
    };
    assert_eq!(read("who", "who;x\nAnna ;1\n\n\"B; C\";2\n", "who").unwrap(), ["Anna", "B; C"]);
    assert_eq!(read("which", "1,2\n1.0,3\n", "x1").unwrap(), ["1", "1.0"]);
    let refused = |name: &str, content: &str, column: &str, words: &str| {
        let told = read(name, content, column).unwrap_err();
        assert!(told.ends_with(words), "{told}");
    };
    refused("no_who", "who,x\na,1\n", "whom", "there is no column `whom`: there are `who`, `x`");
    let missing = "line 3, column `who`: missing value (the cell is empty): remove the row or fill in the value";
    refused("nobody", "who,x\na,1\n,2\n", "who", missing);
    refused("short", "who,x\na,1\nb\n", "who", "line 3 has 1 cell instead of 2: mend the line");
}

#[test]
fn a_column_of_text_is_never_dropped_in_silence() {
    assert_eq!(
        refusal("label", "width,species\n1.0,setosa\n"),
        "column `species` holds text (line 2: `setosa`): choose by name, such as --columns width"
    );
    assert_eq!(refusal("rownames", "\"\",a\n1,2\n"), "column 1 has no name: choose by name, such as --columns a");
    assert_eq!(refusal("twice", "a,a\n1,2\n"), "two columns are called `a`: rename one");
}

#[test]
fn a_cell_at_fault_is_named_with_line_and_column() {
    let cases = [
        (
            "text",
            "a,b\n1,2\n1,two\n",
            "line 3, column `b`: `two` is not a number: mend the value or choose other columns",
        ),
        (
            "empty",
            "a,b\n1,2\n,3\n",
            "line 3, column `a`: missing value (the cell is empty): remove the row or fill in the value",
        ),
        ("na", "a,b\n1,2\n\n3,NA\n", "line 4, column `b`: missing value (`NA`): remove the row or fill in the value"),
        ("nan", "a\n1\nnan\n", "line 3, column `a`: missing value (`nan`): remove the row or fill in the value"),
        ("inf", "a\n1\n-inf\n", "line 3, column `a`: `-inf` is not finite: remove the row or mend the value"),
        ("huge", "a\n1e999\n", "line 2, column `a`: `1e999` is not finite: remove the row or mend the value"),
        ("ragged", "a,b\n1,2\n3\n", "line 3 has 1 cell instead of 2: mend the line"),
        ("long", "1,2\n3,4,5\n", "line 2 has 3 cells instead of 2: mend the line"),
        ("nothing", "", "the file is empty: a table needs a row of numbers"),
        ("blank", "\n\r\n", "the file is empty: a table needs a row of numbers"),
        ("header", "a,b\n", "there is a header but no row below it"),
    ];
    for (name, content, expected) in cases {
        assert_eq!(refusal(name, content), expected);
    }
    assert_eq!(
        refusal("latin1", b"a,b\n1,2\n1,\xE9\n"),
        "line 3, column `b`: the text is not UTF-8: save the table as a CSV file in UTF-8"
    );
    assert_eq!(
        refusal("latin1_header", b"\xE9,b\n1,2\n"),
        "line 1: the text is not UTF-8: save the table as a CSV file in UTF-8"
    );
}

#[test]
fn line_ends_separators_and_commas_of_other_programs_are_read_or_explained() {
    let mac = Table::read_csv(file("mac", "a,b\r1,2\r3,4\r")).unwrap();
    assert_eq!((mac.names(), mac.rows().values()), (&["a".to_owned(), "b".into()][..], &[1.0, 2.0, 3.0, 4.0][..]));
    let (said, lines) = CsvOptions::default().read_with_lines(file("sep", "sep=;\r\na;b,c\r\n1;2\r\n")).unwrap();
    assert_eq!((said.names(), lines.of(0)), (&["a".to_owned(), "b,c".into()][..], 3));
    assert_eq!(Table::read_csv(file("sep_tab", "\u{feff}sep=\t\na\tb\n1\t2\n")).unwrap().row(0), [1.0, 2.0]);
    assert!(Table::read_csv(file("sep_only", "sep=,")).unwrap_err().to_string().contains("the file is empty"));
    let commas = "line 1, column `x1`: `1,5` is not a number: decimals are written with a point, 1.5";
    assert_eq!(refusal("commas", "1,5;2,5\n3,5;4,5\n"), commas);
    let one = "line 2 has 2 cells instead of 1: mend the line; decimals are written with a point";
    assert_eq!(refusal("one_comma", "x\n1,5\n2,5\n"), one);
}

#[test]
fn what_is_no_table_of_numbers_is_told_with_a_remedy() {
    let unclosed = "line 3 opens a quotation mark that nothing closes: close it, or double one within a cell";
    assert_eq!(refusal("unclosed", "a,b\n1,2\n3,\"4\n5,6\n7,8\n"), unclosed);
    assert_eq!(refusal("unclosed_header", "a,\"b\n1,2\n"), unclosed.replace("line 3", "line 1"));
    let after = "a,b\n\"1\n\",\"2\n";
    assert_eq!(refusal("unclosed_later", after), unclosed);
    let late = "cannot be read: line 2 opens a quotation mark that closes in another row: close it, or double one within a \
                cell";
    assert_eq!(refusal("closed_late", "who,x\n\"x,1\n\"y\",2\n"), late);
    assert_eq!(Table::read_csv(file("closed", "a,b\n1,\"2\"\n3,\"4\n\"")).unwrap().row(1), [3.0, 4.0]);
    let truth = "column `b` holds truth values, not numbers (line 2: `TRUE`): choose by name, such as --columns a";
    assert_eq!(refusal("truth", "a,b\n1,TRUE\n"), truth);
    let later = "line 3, column `b`: `True` is not a number: write 1 for true and 0 for false, or choose other columns";
    assert_eq!(refusal("truth_later", "a,b\n1,1\n1,True\n"), later);
    for spelled in ["<NA>", "None", "NULL", "#N/A", ".", "n/a", "\\N", "NAN"] {
        let missing = format!("line 3, column `b`: missing value (`{spelled}`): remove the row or fill in the value");
        assert_eq!(refusal("spelled", format!("a,b\n1,2\n1,{spelled}\n")), missing);
    }
    let gzip = "the file is compressed by gzip: unpack it first, with gunzip";
    assert_eq!(refusal("gzip", b"\x1F\x8B\x08\x00\x00\x00\x00\x00"), gzip);
    assert!(refusal("utf16", b"\xFF\xFEa\x00,\x00b\x00\n\x00").contains("UTF-16"));
    assert!(refusal("parquet", std::fs::read("data/faithful.parquet").unwrap()).contains("Parquet format"));
    assert!(refusal("line", "1".repeat(1 << 27)).contains("a line is longer than"));
}

#[test]
fn a_hundred_thousand_columns_are_found_at_once() {
    let names: Vec<String> = (0..100_000).map(|d| format!("column {d}")).collect();
    let row = vec!["1.5"; names.len()].join(",");
    let path = file("wide", format!("{}\n{row}\n{row}\n", names.join(",")));
    let all = Table::read_csv(&path).unwrap();
    let chosen = CsvOptions::default().columns(names.iter().rev().cloned()).read(&path).unwrap();
    let rest = CsvOptions::default().without(names[1..].to_vec()).read(&path).unwrap();
    assert_eq!((all.columns(), chosen.names()[0].as_str(), rest.names().len()), (100_000, "column 99999", 1));
    let unknown = CsvOptions::default().columns(["colum 7"]).read(&path).unwrap_err().to_string();
    assert!(unknown.contains("`colum 7` (did you mean `column 7`?)") && unknown.len() < 1000, "{unknown}");
}

#[test]
fn missing_values_become_nan_only_when_asked_for() {
    let path = file("missing", "a,b\n1,NA\n,4\n?,6\n");
    let table = CsvOptions::default().missing(true).read(&path).unwrap();
    let missing: Vec<bool> = table.rows().values().iter().map(|x| x.is_nan()).collect();
    assert_eq!(missing, [false, true, true, false, true, false]);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let message = Table::read_csv("no/such/file.csv").unwrap_err().to_string();
    assert!(message.starts_with("no/such/file.csv: cannot be opened: "), "{message}");
}
