//! Model files that were changed by hand: what does not fit together is refused, not guessed.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::io::ModelFile;

const NORMALS: &str = r#"{"format":"marginal","version":1,"columns":["a","b"],"model":{"kind":"gaussian-mixture",
 "proportions":[0.5,0.5],"components":[
 {"mean":[0.0,1.0],"root":{"full":[[1.0,0.0],[0.5,2.0]]}},{"mean":[3.0,1.0],"root":{"full":[[1.0,0.0],[0.5,1.0]]}}]}}"#;
const COUNTS: &str = r#"{"format":"marginal","version":1,"columns":["n","c"],"model":{"kind":"column-mixture",
 "families":["poisson","categorical:2"],"proportions":[0.5,0.5],"components":[
 [{"rate":1.5},{"probability of 0":0.25,"probability of 1":0.75}],[{"rate":4.0},{"probability of 0":0.5,"probability of 1":0.5}]]}}"#;
const CHAIN: &str = r#"{"format":"marginal","version":1,"columns":["a"],"sequence":"who","model":
 {"kind":"gaussian-hidden-markov-model","initial":[0.5,0.5],"transitions":[[1.0,0.0],[0.0,1.0]],
 "emissions":[{"mean":[0.0],"root":{"full":[[1.0]]}},{"mean":[3.0],"root":{"spherical":1.0}}]}}"#;
const CENTRES: &str = r#"{"format":"marginal","version":1,"columns":["a","b"],"model":{"kind":"k-means",
 "centres":[[0.0,1.0],[2.0,3.0]]}}"#;

#[track_caller]
fn refused(json: &str, from: &str, to: &str, words: &str) {
    assert!(json.contains(from), "{from}");
    match ModelFile::from_json(&json.replacen(from, to, 1)) {
        Ok(_) => panic!("{to} was read"),
        Err(error) => assert!(error.to_string().contains(words), "`{words}` is missing in: {error}"),
    }
}

#[test]
fn arrays_of_other_lengths_are_refused() {
    for json in [NORMALS, COUNTS, CENTRES] {
        ModelFile::from_json(json).unwrap();
    }
    // As many numbers, other rows.
    refused(
        NORMALS,
        "[[1.0,0.0],[0.5,2.0]]",
        "[[1.0],[0.0,0.5,2.0]]",
        "a row of the root of a covariance: length 1, expected 2",
    );
    refused(
        NORMALS,
        "[[1.0,0.0],[0.5,2.0]]",
        "[[1.0,0.0,0.5,2.0]]",
        "the rows of the root of a covariance: length 1, expected 2",
    );
    refused(NORMALS, "[[1.0,0.0],[0.5,2.0]]", "[[1.0,0.5],[0.0,2.0]]", "above the diagonal");
    refused(NORMALS, "[0.5,0.5],\"comp", "[1.0],\"comp", "length");
    refused(NORMALS, "[0.5,0.5],\"comp", "[0.5,0.25,0.25],\"comp", "length");
    refused(NORMALS, "\"mean\":[0.0,1.0]", "\"mean\":[0.0]", "length");
    refused(NORMALS, "\"mean\":[0.0,1.0]", "\"mean\":[0.0,1e999]", "number out of range");
    refused(NORMALS, "[\"a\",\"b\"]", "[\"a\",\"b\",\"c\"]", "a mean: length 2, expected 3");
    refused(CENTRES, "[2.0,3.0]", "[2.0,3.0,4.0]", "a centre: length 3, expected 2");
    refused(CENTRES, "[[0.0,1.0],[2.0,3.0]]", "[]", "");
    refused(CENTRES, "[\"a\",\"b\"]", "[]", "");
    refused(COUNTS, "[\"poisson\",", "[", "the families: length 1, expected 2");
    refused(COUNTS, ",{\"probability of 0\":0.5,\"probability of 1\":0.5}", "", "a component: length 1, expected 2");
    refused(COUNTS, "categorical:2", "categorical:16777216", "a family's parameters: length 2, expected 16777216");
    refused(COUNTS, "categorical:2", "categorical:99999999999", "");
    refused(CHAIN, "[0.5,0.5]", "[1.0]", "length");
    refused(CHAIN, "[[1.0,0.0],[0.0,1.0]]", "[[1.0,0.0]]", "length");
    refused(CHAIN, "[[1.0,0.0],[0.0,1.0]]", "[[1.0,0.0],[0.0,1.0],[0.5,0.5]]", "length");
}

#[test]
fn what_is_given_twice_is_refused() {
    refused(NORMALS, "[\"a\",\"b\"]", "[\"a\",\"a\"]", "two columns are called `a`");
    refused(COUNTS, "{\"rate\":1.5}", "{\"rate\":1.5,\"rate\":2.5}", "`rate` is given twice");
    refused(NORMALS, "\"version\":1", "\"version\":1,\"version\":1", "duplicate field");
    refused(
        NORMALS,
        "\"proportions\":[0.5,0.5]",
        "\"proportions\":[0.5,0.5],\"proportions\":[0.1,0.9]",
        "duplicate field",
    );
    refused(
        NORMALS,
        "\"kind\":\"gaussian-mixture\"",
        "\"kind\":\"gaussian-mixture\",\"kind\":\"k-means\"",
        "duplicate field",
    );
    refused(NORMALS, "{\"full\":[[1.0,0.0],[0.5,2.0]]}", "{\"full\":[[1.0,0.0],[0.5,2.0]],\"spherical\":1.0}", "");
    let mut file = ModelFile::from_json(NORMALS).unwrap();
    file.columns[1] = "a".into();
    assert!(file.to_json().unwrap_err().to_string().contains("two columns are called `a`"));
    file.columns.pop();
    assert!(file.to_json().unwrap_err().to_string().contains("the columns: length 1, expected 2"));
}

#[test]
fn marks_and_rubbish_around_the_json_are_known() {
    let marked = format!("\u{feff}{NORMALS}\r\n");
    assert_eq!(ModelFile::from_json(&marked).unwrap(), ModelFile::from_json(NORMALS).unwrap());
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("model_marked.json");
    std::fs::write(&path, &marked).unwrap();
    assert_eq!(ModelFile::load(&path).unwrap(), ModelFile::from_json(NORMALS).unwrap());
    let trailing = ModelFile::from_json(&format!("{NORMALS} x")).unwrap_err().to_string();
    assert!(trailing.contains("trailing characters") && !trailing.contains("cut short"), "{trailing}");
    std::fs::write(&path, b"\x1F\x8B\x08\x00").unwrap();
    let told = ModelFile::load(&path).unwrap_err().to_string();
    assert!(told.ends_with("the file is compressed by gzip: unpack it first, with gunzip"), "{told}");
    std::fs::write(&path, b"{\"format\": \"\xE9\"}").unwrap();
    assert!(ModelFile::load(&path).unwrap_err().to_string().contains("expected text in UTF-8"));
    let deep = format!("{{\"format\":\"marginal\",\"version\":1,\"columns\":{}", "[".repeat(100_000));
    assert!(ModelFile::from_json(&deep).is_err());
}
