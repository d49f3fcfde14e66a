//! Bad input: an exit code, one line that names what was wrong and what to do, and nothing that looks like a result.

use super::{file, marginal, path, printed};

/// Checks the exit code and the silence of stdout, and returns the one line of stderr.
#[track_caller]
pub(super) fn refusal(code: i32, arguments: &[&str]) -> String {
    let output = marginal(arguments);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
    assert!(output.stdout.is_empty(), "{arguments:?} printed {}", String::from_utf8_lossy(&output.stdout));
    assert!(text.starts_with("error: ") && text.ends_with('\n') && text.lines().count() == 1, "{arguments:?}: {text}");
    assert!(!text.contains("NaN") && !text.contains("panicked"), "{text}");
    text
}

#[track_caller]
pub(super) fn assert_says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "`{word}` is missing in: {text}");
    }
}

/// Fits this table three ways, each of which must be refused in these words.
#[track_caller]
fn assert_refused_by_all(name: &str, content: impl AsRef<[u8]>, words: &[&str]) {
    let data = file(name, content);
    for model in [&["gmm"][..], &["kmeans"], &["mixture", "--family", "normal"]] {
        let arguments = [&["fit", model[0], &data], &model[1..], &["-k", "3", "--restarts", "2"]].concat();
        assert_says(&refusal(1, &arguments), &[words, &[data.as_str()]].concat());
    }
}

#[test]
fn tables_that_are_none() {
    assert_refused_by_all("empty.csv", "", &["the file is empty"]);
    assert_refused_by_all("header.csv", "a,b\n", &["there is a header but no row below it"]);
    assert_refused_by_all("ragged.csv", "a,b\n1,2\n3\n4,5\n", &["line 3 has 1 cell instead of 2: mend the line"]);
    assert_refused_by_all("same_names.csv", "a,a\n1,2\n3,4\n", &["two columns are called `a`: rename one"]);
    assert_refused_by_all("binary.csv", [0x89, b'P', 0xFF, 0, 200, b'\n', 1, 2, 3], &["line 1", "not UTF-8", "save"]);
    assert_refused_by_all("latin1.csv", b"gr\xF6\xDFe,b\n1,2\n", &["line 1", "not UTF-8", "save"]);
    assert_refused_by_all("decimal_commas.csv", "a;b\n3,6;79\n", &["line 2, column `a`: `3,6`", "with a point, 3.6"]);
    assert_refused_by_all("blanks.csv", "a b\n1 2\n", &["line 2", "`1 2`", "not by blanks"]);
}

#[test]
fn cells_that_are_no_numbers() {
    assert_refused_by_all("nan.csv", "a,b\n1,2\nnan,5\n", &["line 3, column `a`", "missing value", "remove the row"]);
    assert_refused_by_all("inf.csv", "a,b\n1,2\n4,inf\n", &["line 3, column `b`: `inf` is not finite"]);
    assert_refused_by_all("missing.csv", "a,b\n1,2\n,5\n", &["line 3, column `a`", "the cell is empty"]);
    assert_refused_by_all("text.csv", "a,b\n1,2\n3,five\n", &["line 3, column `b`: `five` is not a number"]);
}

#[test]
fn rows_that_cannot_carry_the_components() {
    assert_refused_by_all("few.csv", "a,b\n1,2\n3,5\n", &["2 distinct rows cannot carry 3 components"]);
    assert_refused_by_all("equal.csv", "a\n1.5\n1.5\n1.5\n1.5\n", &["1 distinct row cannot carry 3 components"]);
    let rows =
        |b: fn(i32) -> i32| (0..40).fold("a,b\n".to_owned(), |text, i| text + &format!("{},{}\n", i * i + 1, b(i)));
    let singular = ["singular at column `b`", "drop a constant or collinear column with --columns"];
    for (name, table) in [("constant.csv", rows(|_| 7)), ("collinear.csv", rows(|i| 2 * i * i + 1))] {
        let data = file(name, table);
        assert_says(&refusal(1, &["fit", "gmm", &data, "-k", "2"]), &singular);
        printed(&["fit", "kmeans", &data, "-k", "2"]);
        printed(&["fit", "gmm", &data, "-k", "2", "--floor", "1e-3"]);
    }
    let constant = path("constant.csv");
    let fit = |family| refusal(1, &["fit", "mixture", constant.to_str().unwrap(), "--family", family, "-k", "2"]);
    assert_says(&fit("normal"), &["column `b` has no variance left", "drop a constant column"]);
    assert_says(&fit("gamma"), &["column `b`: Gamma has no maximum likelihood estimate", "equal"]);
}

#[test]
fn columns_that_64_bits_cannot_hold() {
    let rows = |last: &str| format!("a,b\n1,50\n2,60\n3,40\n2.5,45\n4,81\n{last},{last}\n");
    let far = file("far_out.csv", rows("1e100"));
    let fit = |data: &str| refusal(1, &["fit", "gmm", data, "-k", "3"]);
    assert_says(&fit(&far), &["far_out.csv", "column `b` runs from 4e1 to 1e100", "remove the outlier"]);
    printed(&["fit", "kmeans", &far, "-k", "2"]);
    let farther = file("farther_out.csv", rows("1e300"));
    for far in [fit(&farther), refusal(1, &["fit", "kmeans", &farther, "-k", "1"])] {
        assert_says(&far, &["line 7, column `a`: the square of 1e300 overflows", "rescale", "remove the row"]);
    }
    for (exponent, flows) in [("-160", "underflows"), ("-200", "underflows"), ("200", "overflows")] {
        let data = file("scale.csv", format!("a\n1e{exponent}\n3e{exponent}\n4e{exponent}\n9e{exponent}\n"));
        assert_says(&fit(&data), &[&format!("line 5, column `a`: the square of 9e{exponent} {flows}"), "rescale"]);
    }
}

#[test]
fn weights_that_are_none() {
    for (weight, words) in [
        ("-1", &["line 3: weight -1 is not in [0, ∞)"][..]),
        ("nan", &["line 3, column `w`", "missing value"]),
        ("inf", &["line 3, column `w`: `inf` is not finite"]),
    ] {
        let data = file("weights.csv", format!("a,w\n1,1\n2,{weight}\n5,1\n"));
        assert_says(&refusal(1, &["fit", "gmm", &data, "-k", "1", "--weights", "w"]), words);
    }
    let data = file("weights.csv", "a,w\n1,0\n2,0\n");
    assert_says(&refusal(1, &["fit", "kmeans", &data, "-k", "1", "--weights", "w"]), &["no row has a positive weight"]);
    let unknown = refusal(1, &["fit", "kmeans", &data, "-k", "1", "--weights", "v"]);
    assert_says(&unknown, &["there is no column `v`: there are `a`, `w`"]);
}

#[test]
fn families_that_do_not_fit() {
    let data = file("families.csv", "n,x\n1,0.5\n2.5,0.25\n-1,0.75\n");
    let fit = |families: &str| refusal(1, &["fit", "mixture", &data, "-k", "2", "--family", families]);
    let poisson = ["families.csv: line 3, column `n`: 2.5 is not in {0, 1, 2, …}", "poisson", "mend the value"];
    assert_says(&fit("n=poisson"), &poisson);
    assert_says(&fit("beta"), &["line 2, column `n`: 1 is not in (0, 1)", "another family"]);
    assert_says(&fit("normal,normal,normal"), &["3 families for 2 columns (n, x)"]);
    assert_says(&fit("n=normal,gamma"), &["gamma is for no column: write COLUMN=gamma"]);
    assert_says(&fit("n=normal,y=normal"), &["there is no column `y`: there are `n`, `x`"]);
    let both = refusal(1, &["fit", "mixture", &data, "-k", "2", "--family", "n=normal", "--columns", "n,x"]);
    assert_says(&both, &["column `x` has no family: add x=FAMILY"]);
    let negative = file("negative.csv", "n\n3\n-1\n4\n");
    let negative = refusal(1, &["fit", "mixture", &negative, "-k", "1", "--family", "poisson"]);
    assert_says(&negative, &["line 3, column `n`: -1 is not in {0, 1, 2, …}"]);
    let unknown = refusal(2, &["fit", "mixture", &data, "-k", "2", "--family", "gauss"]);
    assert_says(&unknown, &["no family is called gauss", "bernoulli", "binomial:n", "von-mises"]);
}

#[test]
fn columns_that_are_not_there() {
    let fit = |columns: &str| refusal(1, &["fit", "gmm", "data/faithful.csv", "-k", "2", "--columns", columns]);
    assert_says(&fit("wait"), &["there is no column `wait`: there are `eruptions`, `waiting`"]);
    assert_says(&fit("waiting,waiting"), &["column `waiting` was chosen twice"]);
}

#[cfg(not(feature = "parquet"))]
#[test]
fn parquet_files_need_the_feature() {
    let told = refusal(1, &["fit", "kmeans", "data/faithful.parquet", "-k", "2"]);
    assert_says(&told, &["data/faithful.parquet: this program was built without the feature `parquet`"]);
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_files_that_are_none_and_rows_of_those_that_are() {
    let fit = |file: &str, more: &[&str]| refusal(1, &[&["fit", "kmeans", file, "-k", "2"], more].concat());
    let renamed = file("renamed.parquet", "a,b\n1,2\n3,4\n5,6\n");
    assert_says(&fit(&renamed, &[]), &["renamed.parquet: not a Parquet file"]);
    let faithful = "data/faithful.parquet";
    assert_says(&fit(faithful, &["--columns", "wait"]), &["no column `wait`: there are `eruptions`, `waiting`"]);
    let half = refusal(1, &["fit", "mixture", faithful, "-k", "2", "--family", "poisson"]);
    assert_says(&half, &["data/faithful.parquet: row 0, column `eruptions`: 3.6 is not in {0, 1, 2, …}"]);
}

#[test]
fn models_and_tables_that_do_not_belong_together() {
    let model = path("refused.json");
    let model = model.to_str().unwrap();
    let counts = file("counts.csv", "n\n0\n1\n2\n7\n");
    printed(&["fit", "mixture", &counts, "--family", "poisson", "-k", "1", "--save", model]);
    for command in ["predict", "score"] {
        let other = refusal(1, &[command, model, "data/faithful.csv"]);
        assert_says(&other, &["there is no column `n`: there are `eruptions`, `waiting`"]);
        let half = file("half.csv", "n\n1\n0.5\n");
        assert_says(&refusal(1, &[command, model, &half]), &["line 3, column `n`: 0.5 is not in {0, 1, 2, …}"]);
    }
    let centres = path("refused_centres.json");
    let centres = centres.to_str().unwrap();
    printed(&["fit", "kmeans", &counts, "-k", "2", "--save", centres]);
    assert_says(&refusal(1, &["sample", centres, "-n", "3"]), &["K-means is not a distribution"]);
    assert_says(&refusal(1, &["score", centres, &counts, "--per-row"]), &["leave --per-row out"]);
    assert_says(&refusal(1, &["predict", centres, &counts, "--responsibilities"]), &["leave --responsibilities out"]);
}

#[test]
fn model_files_that_are_none() {
    let name = path("whole.json");
    printed(&["fit", "gmm", "data/faithful.csv", "-k", "2", "--restarts", "1", "--save", name.to_str().unwrap()]);
    let whole = std::fs::read_to_string(name).unwrap();
    let score = |name: &str, content: &[u8]| refusal(1, &["score", &file(name, content), "data/faithful.csv"]);
    assert_says(&score("cut.json", &whole.as_bytes()[..whole.len() / 2]), &["cut.json", "cut short", "save the model"]);
    let later = whole.replace("\"version\": 1", "\"version\": 7");
    assert_says(&score("later.json", later.as_bytes()), &["version 7, but version 1 is read", "fit and save it again"]);
    assert_says(&score("other.json", b"{\"a\": 1}"), &["not a model file"]);
    assert_says(&score("binary.json", &[0xFF, 0, 1]), &["cannot be read"]);
    assert_says(&refusal(1, &["score", "no/such.json", "data/faithful.csv"]), &["no/such.json: cannot be read"]);
}

#[test]
fn files_that_cannot_be_written() {
    let folder = env!("CARGO_TARGET_TMPDIR");
    let fit = |option: &str, file: &str| refusal(1, &["fit", "gmm", "data/faithful.csv", "-k", "1", option, file]);
    for (option, name) in [("--save", "model.json"), ("--plot", "picture.svg")] {
        let missing = format!("{folder}/no_such_folder/{name}");
        assert_says(&fit(option, &missing), &[&missing, "there is no folder", "make it first"]);
    }
    assert_says(&fit("--save", folder), &[folder, "cannot be written"]);
}

#[test]
fn wrong_usage() {
    let cases: [(&[&str], &[&str]); 10] = [
        (&[], &["fit, predict, sample, score"]),
        (&["fit"], &["kmeans, gmm, factors, mixture"]),
        (&["fit", "gmm", "data/faithful.csv"], &["--components <K>"]),
        (&["fit", "gmm", "data/faithful.csv", "-k", "0"], &["'0'", "at least one component"]),
        (&["fit", "gmm", "data/faithful.csv", "-k", "6..1"], &["did you mean 1..6?"]),
        (&["fit", "kmeans", "data/faithful.csv", "-k", "1..6"], &["no likelihood to choose by", "fit gmm"]),
        (&["fit", "gmm", "data/faithful.csv", "-k", "2", "--tolerance", "-1"], &["'-1'", "a number in [0, ∞)"]),
        (&["fit", "gmm", "data/faithful.csv", "-k", "2", "--plot", "x.pdf"], &["'x.pdf'", "an .svg or a .png file"]),
        (&["sample", "model.json", "--rows", "0"], &["'0'", "a whole number from 1 on"]),
        (&["sample", "model.json", "--rows", "1", "--threads", "0"], &["'0'", "a whole number from 1 on"]),
    ];
    for (arguments, words) in cases {
        assert_says(&refusal(2, arguments), &[words, &["see --help"]].concat());
    }
}
