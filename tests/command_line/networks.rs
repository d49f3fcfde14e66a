//! Networks: what is asked and what is answered, and what is wrong with a question or a file.

use super::refusals::{assert_says, refusal};
use super::{assert_close, file, path, printed, row};

const ASIA: &str = "data/networks/asia.bif";

fn ask(arguments: &[&str]) -> String {
    printed(&[&["network"], arguments].concat())
}

#[test]
fn posteriors_are_those_of_the_reference() {
    let text = ask(&["query", ASIA, "--evidence", "xray=yes,lung=no", "--all"]);
    assert_close(&row(&text, "ln p(evidence)"), &[-2.8754627], 1e-7);
    assert_close(&row(&text, "asia      yes"), &[0.01617174], 1e-8);
    let one = ask(&["query", ASIA, "-e", "xray=yes", "-e", "lung=no", "--target", "asia"]);
    assert!(one.contains("0.01617174") && !one.contains("dysp"), "{one}");
    assert_eq!(row(&ask(&["query", ASIA]), "ln p(evidence)"), [0.0]);
    let json = ask(&["query", ASIA, "-e", "xray=yes,lung=no", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_close(&[json["posteriors"]["asia"]["yes"].as_f64().unwrap()], &[0.016171738838986458], 1e-15);
    assert_close(&[json["log_evidence"].as_f64().unwrap()], &[-2.8754627318176693], 1e-14);
}

#[test]
fn joint_soft_and_interventional_questions() {
    let text = ask(&["query", ASIA, "--target", "lung,tub", "--joint"]);
    assert_close(&row(&text, "yes   no"), &[0.055 * 0.9896], 1e-8);
    // A likelihood of 1 : 0 is a finding.
    let (hard, soft) = (["query", ASIA, "-e", "xray=yes"], ["query", ASIA, "--likelihood", "xray=1:0"]);
    assert_eq!(ask(&hard), ask(&soft));
    // Whoever gives the disease by hand learns nothing of the visit.
    let done = ask(&["query", ASIA, "--do", "tub=yes", "-t", "asia"]);
    assert_close(&row(&done, "asia      yes"), &[0.01], 1e-12);
}

#[test]
fn explanations_draws_and_pictures() {
    let text = ask(&["mpe", ASIA, "-e", "xray=yes", "-n", "2"]);
    let logs = row(&text, "ln p(states, evidence)");
    assert_close(&logs[..1], &[-3.6522218], 1e-7);
    assert!(logs.len() == 2 && logs[1] <= logs[0]);
    let smoke = text.lines().find(|line| line.starts_with(" smoke")).unwrap();
    assert_eq!(smoke.split_whitespace().nth(1), Some("yes"));
    let draws = ask(&["sample", ASIA, "-n", "200", "-e", "xray=yes,asia=no", "--seed", "3"]);
    assert_eq!(draws.lines().next(), Some("asia,tub,smoke,lung,bronc,either,xray,dysp"));
    assert_eq!(draws.lines().count(), 201);
    assert!(draws.lines().skip(1).all(|line| line.starts_with("no,") && line.split(',').nth(6) == Some("yes")));
    assert_eq!(draws, ask(&["sample", ASIA, "-n", "200", "-e", "xray=yes,asia=no", "--seed", "3"]));
    assert!(ask(&["draw", ASIA]).contains("  \"smoke\" -> \"lung\";\n"));
    let picture = path("asia.svg");
    assert_eq!(ask(&["draw", ASIA, "-e", "xray=yes", "--plot", picture.to_str().unwrap()]), "");
    let svg = std::fs::read_to_string(picture).unwrap();
    assert_eq!((svg.matches("<g ").count(), svg.matches("marker-end").count()), (8, 8));
    assert!(svg.contains(">48.9 %<") && svg.contains(">100.0 %<"), "p(lung = yes | xray = yes) = 0.489");
}

#[test]
fn a_state_that_late_evidence_revives_is_found() {
    let evidence = (0..7).map(|sign| format!("s{sign}=y")).collect::<Vec<_>>().join(",");
    let (star, right) = ("tests/cases/star.bif", 0.5f64.ln() - 450.0 * 10f64.ln());
    let text = ask(&["query", star, "-e", &evidence, "--target", "c"]);
    assert_close(&row(&text, "ln p(evidence)"), &[right], 1e-4);
    assert!(text.contains("b      1.00000000"), "{text}");
    let json = |arguments: &[&str]| -> serde_json::Value { serde_json::from_str(&ask(arguments)).unwrap() };
    let best = json(&["mpe", star, "-e", &evidence, "--json"]);
    assert_eq!(best["explanations"][0]["states"]["c"], "b");
    assert_close(&[best["explanations"][0]["log_joint"].as_f64().unwrap()], &[right], 1e-9);
    for engine in ["belief-propagation", "likelihood-weighting"] {
        let found = json(&["query", star, "-e", &evidence, "--engine", engine, "--json"]);
        assert_close(&[found["posteriors"]["c"]["b"].as_f64().unwrap()], &[1.0], 1e-12);
    }
}

#[test]
fn what_a_network_holds() {
    let text = ask(&["info", "data/networks/alarm.bif"]);
    assert_says(&text, &["37 variables, 46 arcs", "509 free parameters", "of 1020 cells", "width 4", " HREKG"]);
    let json: serde_json::Value = serde_json::from_str(&ask(&["info", ASIA, "--json"])).unwrap();
    let none = ask(&["info", &file("none.bif", "network none {\n}\n")]);
    assert_says(&none, &["0 variables", "0 cliques of 0 cells"]);
    assert_says(&ask(&["info", "tests/cases/star.bif"]), &["at most 2 states a variable, 1 parent\n"]);
    assert_eq!((&json["free_parameters"], &json["rounded"]), (&18.into(), &serde_json::json!({})));
}

#[test]
fn questions_that_make_no_sense() {
    let refused = |arguments: &[&str], words: &[&str]| {
        assert_says(&refusal(1, &[&["network"], arguments].concat()), words);
    };
    refused(&["query", ASIA, "-e", "xrya=yes"], &["no variable is called `xrya` (did you mean `xray`?)"]);
    refused(&["query", ASIA, "-e", "xray=Yes"], &["`xray` has no state `Yes` (did you mean `yes`?)", "yes, no"]);
    refused(&["query", ASIA, "-t", "bronchitis"], &["no variable is called `bronchitis`"]);
    for command in [&["query"][..], &["mpe"], &["sample", "-n", "2"], &["draw", "--plot", "x.svg"]] {
        let impossible = [command, &[ASIA, "-e", "tub=yes,either=no"]].concat();
        refused(&impossible, &["the evidence tub = yes, either = no has probability 0 under the network"]);
    }
    for (options, by) in [
        (["-e", "xray=yes", "-e", "xray=no"], "--evidence and --evidence"),
        (["-e", "xray=yes", "--likelihood", "xray=1:2"], "--evidence and --likelihood"),
        (["--do", "xray=yes", "-e", "xray=no"], "--do and --evidence"),
    ] {
        let twice = format!("`xray` is given twice, by {by}: leave one out");
        refused(&[&["query", ASIA], &options[..]].concat(), &[&twice]);
        refused(&[&["query", ASIA, "--engine", "belief-propagation"], &options[..]].concat(), &[&twice]);
    }
    refused(&["query", ASIA, "--likelihood", "xray=0.3"], &["the likelihood of `xray`", "instead of 2 numbers"]);
    let hailfinder = "data/networks/hailfinder.bif";
    refused(&["query", hailfinder, "--memory", "0.1"], &["would need 180", "KiB", "the largest table has 3267 cells"]);
    refused(&["draw", ASIA, "-e", "tub=yes"], &["add --plot FILE.svg"]);
    refused(&["info", "asia.net"], &["asia.net: the name of a network's file ends in .bif, .uai, "]);
    refused(
        &["info", &file("random_field.uai", "MARKOV\n1\n2\n")],
        &["(Markov networks are not read), found `MARKOV`"],
    );
    let negative = refusal(2, &["network", "query", ASIA, "--memory", "-1"]);
    assert_says(&negative, &["'-1'", "a number in [0, ∞) is needed"]);
    refused(&["info", "no/such.bif"], &["no/such.bif: cannot be read"]);
    let half = file("half.bif", "network n {}\nvariable a {\n  type discrete [ 2 ] { x, y }\n}\n");
    refused(&["info", &half], &["half.bif: line 4, column 1: expected `;`, found `}`"]);
    let usage = refusal(2, &["network", "query", ASIA, "-e", "xray"]);
    assert_says(&usage, &["'xray'", "NAME=STATE is needed"]);
    assert_says(&refusal(2, &["network", "query", ASIA, "--joint"]), &["--target <NAMES>"]);
}

/// Rows of asia: `sample` writes them, and a fifth of the cells are blanked in turn.
fn asia_rows(name: &str) -> String {
    let text = ask(&["sample", ASIA, "-n", "400", "--seed", "5"]);
    let blanked = text.lines().enumerate().map(|(n, line)| {
        let cells = line.split(',').enumerate().map(|(d, cell)| if n > 0 && (n + d) % 5 == 0 { "?" } else { cell });
        cells.collect::<Vec<_>>().join(",")
    });
    file(name, blanked.collect::<Vec<_>>().join("\n"))
}

#[test]
fn tables_are_learned_and_written() {
    let (data, learned) = (asia_rows("learn.csv"), path("learned.bif"));
    let output = learned.to_str().unwrap();
    let fitted = ["fit", ASIA, &data, "--prior", "bdeu=4", "--hidden", "either", "--verify", "-o", output];
    let text = ask(&fitted);
    assert_says(
        &text,
        &["network unknown: 8 variables", "400 rows, ", "; hidden: either; ", "% of the other cells missing"],
    );
    assert_says(&text, &["best of 1 start, ", "converged", "  18 ", &format!("wrote {output}")]);
    assert_eq!(text, ask(&fitted));
    let json = ask(&["query", output, "-t", "smoke", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    // 400 rows of a fair coin: five standard errors are 0.125, a little more with a fifth of them missing.
    assert_close(&[json["posteriors"]["smoke"]["yes"].as_f64().unwrap()], &[0.5], 0.15);
    let kept = ask(&["fit", ASIA, &data, "--fix", "tub,either", "--tie", "asia,smoke", "--tolerance", "1e-6"]);
    assert_says(&kept, &["  11 ", "add --output FILE.bif to keep the tables"]);
}

#[test]
fn complete_rows_are_counted_and_scored() {
    let coin = file(
        "coin.bif",
        "network coin {}\nvariable x { type discrete [ 2 ] { heads, tails }; }\n\
        probability ( x ) { table 0.5, 0.5; }\n",
    );
    let data = file("coin.csv", "x,day,n\nheads,mo,2\ntails,tu,1\n");
    let text = ask(&["fit", &coin, &data, "--ignore", "day", "--weights", "n", "--prior", "bdeu=2"]);
    // Under a uniform prior p(two heads, one tail) = 1/12; with it p(heads) = 3/5.
    assert_close(&row(&text, "ln p(data | arrows)"), &[-(12f64.ln())], 1e-3);
    let expected = 2.0 * 0.6f64.ln() + 0.4f64.ln();
    assert!((super::log_likelihood(&text) - expected).abs() < 1e-8, "{text}");
    // Three rows and two imagined: √(p (1 − p) / 5).
    let asked = ["--ignore", "day", "--weights", "n", "--prior", "bdeu=2", "--standard-errors"];
    let text = ask(&[&["fit", &coin, &data], &asked[..]].concat());
    assert_close(&row(&text, "p(x = heads)")[..2], &[0.6, (0.24f64 / 5.0).sqrt()], 1e-5);
}

#[test]
fn data_that_do_not_fit_the_network() {
    let refused = |data: &str, more: &[&str], words: &[&str]| {
        let data = file("refused.csv", data);
        assert_says(&refusal(1, &[&["network", "fit", ASIA, &data], more].concat()), words);
    };
    refused("xray,day\nyes,1\n", &[], &["refused.csv: column `day` is no variable", "rename it, or ignore it"]);
    refused("xray\nyes\nYes\n", &[], &["line 3, column `xray`: `xray` has no state `Yes` (did you mean `yes`?)"]);
    refused("xray\nyes\n", &["--hidden", "xrya"], &["no variable is called `xrya`"]);
    refused("xray\nyes\n", &["--fix", "xrya"], &["no variable is called `xrya`"]);
    refused("xray\nyes\n", &["--tie", "xray,dysp"], &["the tables of `dysp` and `xray` are tied"]);
    let impossible = "tub,either\nno,no\n\nyes,no\n";
    refused(impossible, &[], &["refused.csv, line 4: [tub = yes, either = no] has probability 0 under the network"]);
    refused("xray\nyes\n", &["-o", "no/such/folder.bif"], &["there is no folder no/such"]);
    let usage = refusal(2, &["network", "fit", ASIA, "x.csv", "--prior", "count=-1"]);
    assert_says(&usage, &["count=A or bdeu=S is needed"]);
    assert_says(&refusal(2, &["network", "fit", ASIA, "x.csv", "-o", "x.txt"]), &["a .bif, .uai, .xml"]);
}

#[test]
fn approximate_answers_say_so() {
    let exact = [0.48871, 0.51129];
    let text =
        ask(&["query", ASIA, "-e", "xray=yes", "-t", "lung", "--engine", "likelihood-weighting", "--draws", "50000"]);
    assert_says(
        &text,
        &["likelihood weighting, approximate: 50000 draws, effective sample size ", " ± ", "standard error"],
    );
    assert_close(&row(&text, "lung      yes")[..1], &exact[..1], 0.03);
    let again =
        ["query", ASIA, "-t", "lung,smoke", "--engine", "likelihood-weighting", "--draws", "500", "--seed", "3"];
    assert_eq!(ask(&again), ask(&again));
    assert_ne!(ask(&again), ask(&[&again[..again.len() - 1], &["4"]].concat()));
    let text = ask(&["query", ASIA, "-e", "xray=yes", "-t", "lung", "--engine", "belief-propagation"]);
    assert_says(&text, &["belief propagation, approximate: converged after "]);
    assert_close(&row(&text, "lung      yes"), &exact[..1], 0.03);
    let alarm =
        ["query", "data/networks/alarm.bif", "-e", "HRBP=HIGH", "--engine", "belief-propagation", "--iterations"];
    assert_says(&ask(&[&alarm[..], &["1"]].concat()), &["NOT converged after 1 iteration, last change "]);
    let json: serde_json::Value = serde_json::from_str(&ask(&[&alarm[..], &["1", "--json"]].concat())).unwrap();
    assert_eq!((&json["approximation"]["converged"], &json["approximation"]["iterations"]), (&false.into(), &1.into()));
    let weighted = ["query", ASIA, "--engine", "likelihood-weighting", "--draws", "100", "--json"];
    let json: serde_json::Value = serde_json::from_str(&ask(&weighted)).unwrap();
    assert_close(&[json["approximation"]["effective_sample_size"].as_f64().unwrap()], &[100.0], 1e-9);
    assert!(json["standard_errors"]["lung"]["yes"].as_f64().unwrap() > 0.0);
}

#[test]
fn engines_refuse_what_they_cannot_do() {
    let refused = |arguments: &[&str], words: &[&str]| {
        assert_says(&refusal(1, &[&["network", "query"], arguments].concat()), words);
    };
    let impossible = [ASIA, "-e", "tub=yes,either=no", "--engine"];
    refused(
        &[&impossible[..], &["likelihood-weighting"]].concat(),
        &["none of 100000 draws is possible", "either = no"],
    );
    refused(&[&impossible[..], &["belief-propagation"]].concat(), &["has probability 0 under the network"]);
    refused(&[ASIA, "--draws", "5"], &["--draws and --seed are for --engine likelihood-weighting"]);
    refused(&[ASIA, "--iterations", "5"], &["--iterations is for --engine belief-propagation"]);
    let joint = [ASIA, "-t", "lung,tub", "--joint", "--engine", "belief-propagation"];
    refused(&joint, &["--joint is found by --engine exact alone"]);
    let hailfinder = "data/networks/hailfinder.bif";
    refused(&[hailfinder, "--memory", "0.1"], &["approximate by likelihood weighting or belief propagation"]);
}

#[test]
fn xml_files_are_networks_too() {
    let network = marginal::network::Network::read_bif(ASIA).unwrap();
    for name in ["asia.xml", "asia.XMLBIF"] {
        let copy = file(name, network.to_xmlbif().unwrap());
        assert_eq!(ask(&["query", &copy, "-e", "xray=yes"]), ask(&["query", ASIA, "-e", "xray=yes"]));
    }
    let (rows, learned) = (file("one_row.csv", "xray\nyes\n"), path("learned.bifxml"));
    assert_says(&ask(&["fit", ASIA, &rows, "-o", learned.to_str().unwrap()]), &["learned.bifxml"]);
    assert_says(&ask(&["info", learned.to_str().unwrap()]), &["8 variables, 8 arcs"]);
    let half = file("half.xml", "<BIF>\n<NETWORK>\n");
    assert_says(
        &refusal(1, &["network", "info", &half]),
        &["half.xml: line 1, column 1: expected well-formed XML, found that "],
    );
}
