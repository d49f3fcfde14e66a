//! Names that hold what separates names, and names that would command a terminal.

use super::refusals::{assert_says, refusal};
use super::{file, path, printed, row};

#[test]
fn states_with_commas_stand_in_quotation_marks() {
    let query = |more: &[&str]| printed(&[&["network", "query", "tests/cases/comma_states.bif"], more].concat());
    for option in ["--evidence", "--do"] {
        assert_eq!(row(&query(&[option, r#"age="(0,20]""#]), "age       (0,20]"), [1.0]);
        assert_eq!(row(&query(&[option, r#""age" = "(20,99]""#]), "age       (0,20]"), [0.0]);
    }
    let half = query(&["--likelihood", r#""age"=0.5:0"#]);
    assert_eq!(row(&half, "ln p(evidence)"), [-1.6094379]);
    let cut = refusal(2, &["network", "query", "tests/cases/comma_states.bif", "-e", "age=(0,20]"]);
    assert_says(&cut, &["NAME=STATE is needed", "not `20]`", "stands in double quotes"]);
    let open = refusal(2, &["network", "query", "tests/cases/comma_states.bif", "-e", r#"age="(0,20]"#]);
    assert_says(&open, &["is never closed"]);
    for command in [&[][..], &["fit", "mixture"], &["network", "query"], &["network", "fit"]] {
        assert_says(&printed(&[command, &["--help"]].concat()), &["stands in double quotes"]);
    }
}

#[test]
fn columns_and_variables_with_commas_and_equals_signs() {
    let data = file("names.csv", "\"a,b\",c=d,\"e\"\"f\"\n1,0.5,2\n2,0.25,1\n4,0.75,1\n3,0.5,1\n");
    let fit = |more: &[&str]| printed(&[&["fit", "mixture", &data, "-k", "1"], more].concat());
    let text = fit(&["--family", r#""a,b"=poisson,c=d=beta,"e""f"=gamma"#]);
    assert_says(&text, &["a,b (poisson)", "c=d (beta)", "e\"f (gamma)"]);
    let text = fit(&["--family", "poisson", "--columns", r#""a,b""#, "--weights", r#""e""f""#]);
    assert_says(&text, &["a,b (poisson)", "total weight 5"]);
    let network = "network n {}\nvariable \"x,y\" { type discrete [ 2 ] { \"p=q\", r }; }\n\
        variable \"h=1\" { type discrete [ 2 ] { no, yes }; }\n\
        probability ( \"x,y\" ) { table 0.25, 0.75; }\nprobability ( \"h=1\" ) { table 0.5, 0.5; }\n";
    let network = file("names.bif", network);
    let joint = printed(&["network", "query", &network, "--joint", "-t", r#""x,y","h=1""#]);
    assert_eq!(row(&joint, "p=q  no"), [0.125]);
    let rows = file("names_rows.csv", "\"x,y\",h=1,\"i,j\"\np=q,no,1\nr,yes,2\n");
    let learned =
        ["network", "fit", &network, &rows, "--ignore", r#""i,j""#, "--fix", r#""x,y""#, "--hidden", r#""h=1""#];
    assert_says(&printed(&learned), &["hidden: h=1"]);
    let tied = ["network", "fit", &network, &rows, "--weights", r#""i,j""#, "--tie", r#""x,y","h=1""#];
    let alone = ["network", "fit", &network, &rows, "--ignore", r#""i,j""#, "--tie", r#""x,y""#];
    assert_says(&refusal(1, &alone), &["--tie x,y: a table is shared by at least two variables"]);
    assert_says(&printed(&tied), &["2 rows of total weight 3"]);
}

#[test]
fn no_name_commands_the_terminal() {
    let escape = |text: &str| {
        let bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!text.contains(bad), "{text:?}");
    };
    let name = "\u{1b}[31mred\u{9b}\u{7f}\u{202e}x";
    let data = file("terminal.csv", format!("{name},b\n1,2\n3,4\n5,9\n0,1\n"));
    let picture = path("terminal.svg");
    for fit in [
        &["kmeans", "-k", "1"][..],
        &["gmm", "-k", "1"],
        &["mixture", "--family", "normal", "-k", "1"],
        &["hmm", "-k", "1"],
    ] {
        let arguments = [&["fit", fit[0], &data], &fit[1..], &["--plot", picture.to_str().unwrap()]].concat();
        let text = printed(&arguments);
        escape(&text);
        assert!(text.contains("\\u001b[31mred\\u009b\\u007f\\u202ex"), "{text}");
        assert!(!std::fs::read_to_string(&picture).unwrap().contains(|c: char| c.is_control() && c != '\n'));
    }
    escape(refusal(1, &["fit", "kmeans", &data, "-k", "1", "--columns", "c"]).trim_end());
    escape(refusal(1, &["fit", "kmeans", "no\u{1b}such.csv", "-k", "1"]).trim_end());
    escape(refusal(2, &["fit", "kmeans", &data, "-k", "\u{1b}"]).trim_end());
    let network = format!(
        "network n {{}}\nvariable \"{name}\" {{ type discrete [ 2 ] {{ \"a\u{1b}b\", \"c\nd\" }}; }}\n\
         probability ( \"{name}\" ) {{ table 0.25, 0.75; }}\n"
    );
    let network = file("terminal.bif", network);
    for question in [&["query"][..], &["query", "--json"], &["mpe"], &["mpe", "--json"], &["info"]] {
        let text = printed(&[&["network", question[0], &network], &question[1..]].concat());
        escape(&text);
        if question.contains(&"--json") {
            let json: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert!(json.to_string().contains("red"));
        }
    }
    escape(refusal(1, &["network", "query", &network, "-e", "x=y"]).trim_end());
}
