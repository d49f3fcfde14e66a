//! What the command line is told of the first row of a table, and of rounded rows of a network.

use super::{file, marginal, printed};

fn told(arguments: &[&str]) -> (bool, String) {
    let output = marginal(arguments);
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_header_of_numbers_is_asked_about_and_the_answer_counts() {
    let case = "tests/cases/numeric_header.csv";
    let fit = ["fit", "kmeans", case, "-k", "2"];
    let (done, question) = told(&fit);
    assert!(!done && question.contains("say --header yes, or --header no"), "{question}");
    for (answer, rows, name) in [("yes", "3 rows;", "\n 0 "), ("no", "4 rows;", "\n x1 ")] {
        let text = printed(&[&fit[..], &["--header", answer]].concat());
        assert!(text.contains(rows) && text.contains(name), "{text}");
    }
    let (done, usage) = told(&[&fit[..], &["--header", "maybe"]].concat());
    assert!(!done && usage.contains("yes or no is needed"), "{usage}");
}

#[test]
fn a_row_of_numbers_is_said_to_be_one_and_a_model_knows_its_names() {
    let data = file("bare.csv", "1,2\n2,1\n8,9\n9,8\n");
    let (done, note) = told(&["fit", "kmeans", &data, "-k", "2"]);
    assert!(done && note.starts_with(&format!("note: {data}: line 1 was read as a row of numbers")), "{note}");
    let saved = super::path("bare.json");
    let saved = saved.to_str().unwrap();
    let named = file("years.csv", "1990,1991\n1,2\n2,1\n8,9\n9,8\n");
    printed(&["fit", "kmeans", &named, "-k", "2", "--header", "yes", "--save", saved]);
    for command in [&["predict"][..], &["score"], &["verify"]] {
        if command[0] == "predict" {
            let labels = marginal(&[command, &[saved, &named]].concat());
            assert_eq!(String::from_utf8(labels.stdout).unwrap().lines().count(), 5);
        }
        let (_, text) = told(&[command, &[saved, &named, "--header", "no"]].concat());
        assert!(text.contains("there is no column `1990`: there are `x1`, `x2`"), "{text}");
    }
}

#[test]
fn the_advice_about_a_label_drops_no_row() {
    let data = file("labels.csv", "5.1,3.5,setosa\n4.9,3.0,setosa\n6.7,3.2,virginica\n");
    let fit = ["fit", "kmeans", &data, "-k", "1"];
    let (_, question) = told(&fit);
    assert!(question.contains("say --header yes, or --header no, which calls the columns x1 … x3"), "{question}");
    let (_, advice) = told(&[&fit[..], &["--header", "no"]].concat());
    assert!(advice.contains("choose by name, such as --columns x1,x2"), "{advice}");
    assert!(printed(&[&fit[..], &["--header", "no", "--columns", "x1,x2"]].concat()).contains("3 rows;"));
}

#[test]
fn rows_of_states_may_lack_a_header() {
    let network = file(
        "rain.bif",
        "network n { } variable rain { type discrete [2] { no, yes }; } probability ( rain ) { table .5 .5; }",
    );
    let rows = file("rain.csv", "no\nyes\nyes\n");
    let (done, text) = told(&["network", "fit", &network, &rows]);
    assert!(!done && text.contains("line 1 holds states where a header of variables is needed"), "{text}");
    assert!(printed(&["network", "fit", &network, &rows, "--header", "no"]).contains("3 rows, 2 of them different"));
}

#[test]
fn rounded_rows_are_divided_where_it_is_asked_for() {
    let text = "network n { } variable x { type discrete [3] { a, b, c }; } probability ( x ) { table .33 .33 .33; }";
    let network = file("thirds.bif", text);
    let (done, advice) = told(&["network", "info", &network]);
    assert!(!done && advice.contains("--rounded 0.01"), "{advice}");
    let query = printed(&["network", "query", &network, "--rounded", "0.01"]);
    assert!(query.contains("0.33333333"), "{query}");
    printed(&["network", "info", &network, "--rounded", "0.01"]);
    let (done, usage) = told(&["network", "info", &network, "--rounded", "0.5"]);
    assert!(!done && usage.contains("a number in [0, 0.1] is needed"), "{usage}");
}

#[test]
fn rows_that_are_drawn_are_read_back() {
    let text = "network n { } variable \"a;b\" { type discrete [2] { \" x\", \"y\tz\" }; } variable \"c, d\" { type discrete \
                [2] { \"\", \"\\\"\" }; } probability ( \"a;b\" ) { table .5 .5; } probability ( \"c, d\" ) { table .5 .5; }";
    let network = file("odd.bif", text);
    let rows = file("odd.csv", printed(&["network", "sample", &network, "--rows", "40"]));
    let fitted = printed(&["network", "fit", &network, &rows]);
    assert!(fitted.contains("40 rows, 4 of them different") && !fitted.contains("missing"), "{fitted}");
}
