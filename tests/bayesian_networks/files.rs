//! Files of networks: what is written is read back the same, or the writer says why not; files of other programs are read
//! or explained.
#![cfg(feature = "xml")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;

use marginal::error::NetworkError;
use marginal::io::NetworkOptions;
use marginal::network::Network;
use proptest::prelude::*;

fn file(name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("networks_{name}"));
    std::fs::write(&path, content).unwrap();
    path
}

/// Pieces that mean something in one of the formats, and letters of all kinds.
fn text() -> impl Strategy<Value = String> {
    let pieces = vec![
        "a", "b", "0", "1", " ", "\t", "\n", "\r", "\"", "\\", "\\\"", ";", ",", "|", "{", "}", "(", ")", "[", "]",
        "//", "/*", "*/", "/", "#", "<", ">", "&", "&amp;", "]]>", "<!--", "property", "table", "network", "é",
        "\u{85}", "\u{2028}", "\u{feff}", "\u{0}", "\u{1}", "\u{7f}", "\u{ffff}", "😀", "0.5", "http://x", "sep=",
        "NA",
    ];
    prop_oneof![
        proptest::collection::vec(prop::sample::select(pieces), 0..6).prop_map(|pieces| pieces.concat()),
        any::<String>(),
    ]
}

/// A network of two variables whose names, states and properties are any text.
fn networks() -> impl Strategy<Value = Network> {
    let distinct = |size| proptest::collection::hash_set(text(), size).prop_map(Vec::from_iter);
    let properties = || proptest::collection::vec(text(), 0..3);
    let p = || 0.0..1.0_f64;
    (text(), distinct(2..=2), distinct(2..=2), distinct(3..=3), properties(), properties(), p(), p(), p()).prop_map(
        |(label, names, two, three, properties, of_variable, p, q, r)| {
            let mut builder = Network::builder();
            builder.name(&label).root(&names[0], &two, [p, 1.0 - p]);
            builder.variable(&names[1], &three, &[&names[0]], [q, 0.0, 1.0 - q, 0.0, r, 1.0 - r]);
            let network = builder.build().unwrap();
            with_properties(&network, &properties, &of_variable)
        },
    )
}

/// Properties come from files alone.
fn with_properties(network: &Network, properties: &[String], of_variable: &[String]) -> Network {
    let quoted = |text: &String| format!("property \"{}\";", text.replace('\\', "\\\\").replace('"', "\\\""));
    let of = |properties: &[String]| properties.iter().map(quoted).collect::<Vec<_>>().concat();
    let bif = network.to_bif();
    let bif = bif.replacen(" {\n}\n", &format!(" {{\n{}\n}}\n", of(properties)), 1);
    let bif = bif.replacen("};\n}\n", &format!("}};\n{}\n}}\n", of(of_variable)), 1);
    Network::from_bif(&bif).unwrap_or_else(|_| network.clone())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_name_survives_or_is_refused(network in networks()) {
        let bif = network.to_bif();
        let again = Network::from_bif(&bif);
        prop_assert!(again.as_ref().is_ok_and(|again| *again == network), "{:?}\n{bif}", again.err());
        match network.to_xmlbif() {
            Ok(xml) => {
                let again = Network::from_xmlbif(&xml);
                prop_assert!(again.as_ref().is_ok_and(|again| *again == network), "{:?}\n{xml}", again.err());
            }
            Err(NetworkError::Unwritable { format: "XMLBIF", text, .. }) => {
                let outside = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
                prop_assert!(text.trim() != text || text.contains(outside), "{text:?}");
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
        let numbers = Network::from_uai(&network.to_uai()).unwrap();
        prop_assert!(Network::from_uai(&numbers.to_uai()).unwrap() == numbers);
        for (a, b) in network.variables().iter().zip(numbers.variables()) {
            prop_assert_eq!((a.parents(), a.entries()), (b.parents(), b.entries()));
        }
        let path = file("names.bif", "");
        network.write(&path).unwrap();
        prop_assert!(Network::read(&path).unwrap() == network);
    }

    #[test]
    fn names_without_quotation_marks_are_read_as_they_stand(
        states in proptest::collection::hash_set(r"[\[_0-9a-z(]([\[\]()_0-9a-z:.%<>=+*-]|//[a-z]|/[a-z]){0,8}", 2..5),
        parent in r"[a-z]\([a-z]\)|[\[(]?[a-z]{1,3}[\])]?",
    ) {
        let states: Vec<String> = states.into_iter().collect();
        let rows = states.iter().map(|state| format!("({state}) 0.5, 0.5;\n")).collect::<Vec<_>>().concat();
        let uniform = vec![(1.0 / states.len() as f64).to_string(); states.len()].join(", ");
        let text = format!(
            "network n {{ }}\nvariable {parent} {{ type discrete [{}] {{ {} }}; }}\nvariable child {{ type discrete [2] \
             {{ x, y }}; }}\nprobability ( {parent} ) {{ table {uniform}; }}\nprobability ( child | {parent} ) {{\n{rows}}}\n",
            states.len(),
            states.join(", ")
        );
        let network = Network::from_bif(&text);
        prop_assert!(network.is_ok(), "{}\n{text}", network.unwrap_err());
        let network = network.unwrap();
        prop_assert_eq!((network.variables()[0].name(), network.variables()[0].states()), (parent.as_str(), &states[..]));
        prop_assert!(Network::from_bif(&network.to_bif()).unwrap() == network);
    }
}

#[test]
fn properties_of_xmlbif_survive_as_bif() {
    for property in
        [";p", "p\"q", "\"", "a } b", "// none", "http://x.org/y", "/* open", "", "\"a;b\"", "\\", "a \\\" b"]
    {
        let xml = format!(
            "<BIF VERSION=\"0.3\"><NETWORK><NAME>n</NAME><PROPERTY>{property}</PROPERTY><VARIABLE TYPE=\"nature\">\
             <NAME>v</NAME><OUTCOME>a</OUTCOME><PROPERTY>{property}</PROPERTY></VARIABLE><DEFINITION><FOR>v</FOR>\
             <TABLE>1</TABLE></DEFINITION></NETWORK></BIF>"
        );
        let network = Network::from_xmlbif(&xml).unwrap();
        assert_eq!(network.properties(), [property]);
        let again = Network::from_bif(&network.to_bif());
        assert!(
            again.as_ref().is_ok_and(|again| *again == network),
            "{property}: {:?}\n{}",
            again.err(),
            network.to_bif()
        );
    }
}

#[test]
fn names_of_other_programs_are_read() {
    let age = Network::read("tests/cases/interval_states.bif").unwrap();
    let variable = &age.variables()[0];
    assert_eq!(
        (variable.states(), variable.entries()),
        (&["[0_25]".to_owned(), "_25_35]".into()][..], &[0.4, 0.6][..])
    );
    assert!(age.to_bif().contains("{ [0_25], _25_35] }"), "{}", age.to_bif());
    let text = "network n { property source http://x.org/y; } // of // two\nvariable url { type discrete[3]{http://x,f(x), \
                [0_25) }; property at (1, 2); }\nvariable f(x) {type discrete [ 2 ] {a// first\n,b/**/};}\n\
                probability(url){table .5,.25,.25;// sums to 1\n}\n\
                probability ( f(x) | url ) { (http://x) .5 .5; (f(x)), .1, .9;\n ([0_25)) 1 0; // (done)\n }";
    let network = Network::from_bif(text).unwrap();
    assert_eq!(network.to_string(), "p(url) p(f(x) | url)");
    assert_eq!(network.properties(), ["source http://x.org/y"]);
    assert_eq!(network.variables()[0].states(), ["http://x", "f(x)", "[0_25)"]);
    assert_eq!(network.variables()[1].states(), ["a", "b"]);
    assert_eq!(network.variables()[1].entries(), [0.5, 0.5, 0.1, 0.9, 1.0, 0.0]);
}

#[test]
fn marks_blanks_and_line_ends_before_and_between_are_read() {
    let asia = Network::read("data/networks/asia.bif").unwrap();
    let (bif, xml) = (format!("// first\n{}", asia.to_bif()), asia.to_xmlbif().unwrap());
    let mark = "\u{feff}";
    assert!(Network::read(file("mark.bif", format!("{mark}{bif}"))).unwrap() == asia);
    assert!(Network::from_bif(&format!("{mark}{bif}")).unwrap() == asia);
    assert!(Network::read(file("mac.bif", bif.replace('\n', "\r"))).unwrap() == asia);
    assert!(Network::read(file("windows.bif", bif.replace('\n', "\r\n"))).unwrap() == asia);
    assert!(Network::read(file("blanks.xml", format!("{mark}\n \r\n {xml}"))).unwrap() == asia);
    assert!(Network::read(file("mac.xml", xml.replace('\n', "\r"))).unwrap() == asia);
    let numbers = asia.to_uai();
    assert_eq!(
        Network::read(file("mark.uai", format!("{mark}# a\r{}", numbers.replace('\n', "\r")))).unwrap().to_uai(),
        numbers
    );
    let wrong = format!("\n\n  {}", xml.replace("BIF", "BUF"));
    let told = Network::from_xmlbif(&wrong).unwrap_err().to_string();
    assert!(told.starts_with("line 4, column 1: "), "{told}");
    let told = Network::from_xmlbif("\n  <BUF/>").unwrap_err().to_string();
    assert_eq!(told, "line 2, column 3: expected <BIF>, found <BUF>");
}

#[test]
fn files_that_are_no_text_are_told_with_a_remedy() {
    let gzip = b"\x1F\x8B\x08\x00\x00\x00\x00\x00";
    for ending in ["bif", "xml", "uai"] {
        let told = Network::read(file(&format!("packed.{ending}"), gzip)).unwrap_err().to_string();
        assert!(told.ends_with("the file is compressed by gzip: unpack it first, with gunzip"), "{told}");
    }
    let told = Network::read("asia.bif.gz").unwrap_err().to_string();
    assert!(told.ends_with("unpack it first, with gunzip"), "{told}");
    assert!(Network::read(file("zeros.bif", [0; 4096])).unwrap_err().to_string().ends_with("zeros, not text"));
    assert!(Network::read(file("utf16.bif", b"\xFF\xFEn\0e\0")).unwrap_err().to_string().contains("UTF-16"));
}

#[test]
fn rounded_rows_are_divided_only_where_it_is_asked_for() {
    let head = "network n { } variable x { type discrete [ 3 ] { a, b, c }; }\nprobability ( x ) { table";
    let bif = |row: &str| file("rounded.bif", format!("{head} {row}; }}"));
    let told = Network::read(bif(".33 .33 .33")).unwrap_err().to_string();
    assert!(told.contains("p(x) sums to 0.99, not to 1: mend the row, or"), "{told}");
    assert!(told.contains("--rounded 0.01"), "{told}");
    let read = |path: &PathBuf, share: f64| NetworkOptions::default().rounding(share).read(path);
    for (name, content) in [
        ("rounded.bif", format!("{head} .33 .33 .33; }}")),
        ("rounded.uai", "BAYES 1 3 1 1 0 3 .33 .33 .33".into()),
        (
            "rounded.xml",
            "<BIF><NETWORK><VARIABLE><NAME>x</NAME><OUTCOME>a</OUTCOME><OUTCOME>b</OUTCOME><OUTCOME>c</OUTCOME></VARIABLE>\
             <DEFINITION><FOR>x</FOR><TABLE>.33 .33 .33</TABLE></DEFINITION></NETWORK></BIF>"
                .into(),
        ),
    ] {
        let path = file(name, content);
        assert!(Network::read(&path).is_err() && read(&path, 0.009).is_err(), "{name}");
        let network = read(&path, 0.01).unwrap();
        assert!(network.variables()[0].entries().iter().all(|p| (p - 1.0 / 3.0).abs() < 1e-15), "{name}");
        network.write(&path).unwrap();
        assert!(Network::read(&path).unwrap() == network, "{name}");
    }
    // No rounding explains a tenth and more.
    let far = read(&bif(".5 .3 .3"), 0.1).unwrap();
    assert!((far.variables()[0].entries()[0] - 0.5 / 1.1).abs() < 1e-15);
    let wrong = read(&bif(".5 .3 .35"), 5.0).unwrap_err().to_string();
    assert!(wrong.ends_with("sums to 1.15, not to 1: mend the row"), "{wrong}");
    // Rows within the usual rounding keep their digits.
    assert_eq!(read(&bif(".333 .333 .333"), 0.1).unwrap().variables()[0].entries(), [0.333; 3]);
}

#[test]
fn what_is_said_twice_or_out_of_place_is_refused() {
    let xml = |definition: &str| {
        format!(
            "<BIF><NETWORK><NAME>n</NAME><VARIABLE><NAME>x</NAME><OUTCOME>a</OUTCOME></VARIABLE><VARIABLE><NAME>y</NAME>\
             <OUTCOME>a</OUTCOME></VARIABLE><DEFINITION>{definition}</DEFINITION><DEFINITION><FOR>y</FOR><TABLE>1</TABLE>\
             </DEFINITION></NETWORK></BIF>"
        )
    };
    let good = "<FOR>x</FOR><TABLE>1</TABLE>";
    assert!(Network::from_xmlbif(&xml(good)).is_ok());
    let refused = |text: &str, words: &str| {
        let told = Network::from_xmlbif(text).unwrap_err().to_string();
        assert!(told.contains(words), "`{words}` is missing in: {told}");
    };
    refused(&xml("<FOR>x</FOR><FOR>y</FOR><TABLE>1</TABLE>"), "expected one <FOR>, found a second <FOR>");
    refused(&xml("<FOR>x</FOR><TABLE>1</TABLE><TABLE>1</TABLE>"), "expected one <TABLE>, found a second <TABLE>");
    refused(&xml("rubbish<FOR>x</FOR><TABLE>1</TABLE>"), "expected an element of <DEFINITION>, found text");
    refused(&xml("<FOR>x<B/></FOR><TABLE>1</TABLE>"), "expected text in <FOR>, found <B>");
    refused(&xml(good).replace("<NAME>x</NAME>", "<NAME>x</NAME><NAME>z</NAME>"), "found a second <NAME>");
    refused(&xml(good).replace("<NAME>n</NAME>", "<NAME>n</NAME><NAME>m</NAME>"), "found a second <NAME>");
    refused(&xml(good).replace("<NAME>y</NAME>", "<NAME>x</NAME>"), "two nodes are called x");
    refused(&xml(good).replace("<FOR>y</FOR>", "<FOR>x</FOR>"), "p(x | …) is given twice");
    refused(&format!("{}rubbish", xml(good)), "expected well-formed XML");
    let bif = "network n { } variable x { type discrete [1] { a }; } probability ( x ) { table 1; }";
    for (from, to) in [
        ("table 1;", "table 1; table 1;"),
        ("table 1;", "table 1; default 1; default 1; (a) 1;"),
        ("probability ( x ) { table 1; }", "probability ( x ) { table 1; } probability ( x ) { table 1; }"),
        ("{ a };", "{ a }; type discrete [1] { a };"),
        ("network n { }", "network n { } network n { }"),
        ("table 1; }", "table 1; } }"),
    ] {
        assert!(Network::from_bif(bif).is_ok() && Network::from_bif(&bif.replace(from, to)).is_err(), "{to}");
    }
    // A default that fills more than any memory should hold.
    let many =
        (0..24).map(|v| format!("variable v{v} {{ type discrete [2] {{ a, b }}; }}\n")).collect::<Vec<_>>().concat();
    let parents: Vec<String> = (1..24).map(|v| format!("v{v}")).collect();
    let wide = format!("network n {{}}\n{many}probability (v0 | {}) {{ default 0.5 0.5; }}", parents.join(","));
    let told = Network::from_bif(&wide).unwrap_err().to_string();
    assert!(told.contains("p(v0 | "), "{told}");
}

#[test]
fn entities_are_refused_before_they_are_multiplied() {
    let uses = "&a;".repeat(10_000);
    let declared = format!("<!DOCTYPE BIF [\n  <!ENTITY a \"{}\">]>", "long ".repeat(20_000));
    let text = format!("{declared}<BIF><NETWORK><NAME>{uses}</NAME></NETWORK></BIF>");
    let told = Network::from_xmlbif(&text).unwrap_err().to_string();
    assert_eq!(told, "line 2, column 3: expected XML without entities of its own, found `<!ENTITY`");
}

#[test]
fn a_parent_of_many_states_is_read_in_good_time() {
    let states: Vec<String> = (0..50_000).map(|state| format!("s{state}")).collect();
    let mut builder = Network::builder();
    builder.root("many", &states, vec![1.0 / 50_000.0; 50_000]);
    builder.variable("few", &["a", "b"], &["many"], [0.25, 0.75].repeat(50_000));
    let network = builder.build().unwrap();
    assert!(Network::from_bif(&network.to_bif()).unwrap() == network);
    assert!(Network::from_xmlbif(&network.to_xmlbif().unwrap()).unwrap() == network);
}
