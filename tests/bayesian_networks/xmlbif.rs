//! XMLBIF: what is written is read back, what others write is read, and what is wrong is told with its place.
#![cfg(feature = "xml")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::network::Network;

#[test]
fn all_networks_come_back_as_they_were() {
    let mut count = 0;
    for entry in std::fs::read_dir("data/networks").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "bif") {
            let network = Network::read_bif(&path).unwrap();
            assert!(Network::from_xmlbif(&network.to_xmlbif().unwrap()).unwrap() == network, "{}", path.display());
            count += 1;
        }
    }
    assert_eq!(count, 7);
    let mut builder = Network::builder();
    builder.name("<&>\"'").root("a < b", &["&amp;", "]]>", "né\"e"], [0.1, 0.2, 0.7]);
    builder.variable("c", &["x", "y"], &["a < b"], [1e-300, 1.0, 0.1 + 0.2, 0.7, 1.0, 0.0]);
    let network = builder.build().unwrap();
    assert!(Network::from_xmlbif(&network.to_xmlbif().unwrap()).unwrap() == network);
}

const RAIN: &str = r#"<?xml version="1.0" encoding="US-ASCII"?>
<!-- as other programs write it -->
<!DOCTYPE BIF [
  <!ELEMENT BIF ( NETWORK )*>
  <!ATTLIST BIF VERSION CDATA #REQUIRED>
]>
<BIF VERSION="0.3">
<NETWORK>
<NAME>Rain</NAME>
<PROPERTY>author me</PROPERTY>
<DEFINITION>
  <FOR>wet</FOR> <GIVEN>rain</GIVEN> <GIVEN>wind</GIVEN>
  <TABLE> <!-- no yes --> 0.9 0.1
    0.8 0.2 <!-- storm --> .7 .3 2e-1 8e-1 0.1 0.9 0 1 </TABLE>
</DEFINITION>
<VARIABLE TYPE="nature"> <NAME> wet </NAME> <OUTCOME>no</OUTCOME><OUTCOME>yes</OUTCOME></VARIABLE>
<VARIABLE><NAME>rain</NAME><VALUE>no</VALUE><VALUE>y&#101;s</VALUE><PROPERTY>position = (1, 2)</PROPERTY></VARIABLE>
<VARIABLE TYPE="nature">
  <NAME>wind</NAME><OUTCOME>low</OUTCOME><OUTCOME>high</OUTCOME><OUTCOME>storm</OUTCOME>
</VARIABLE>
<PROBABILITY><FOR>rain</FOR><TABLE>0.75 0.25</TABLE></PROBABILITY>
<definition><for>wind</for><table>0.5 0.375 0.125</table></definition>
</NETWORK>
</BIF>
"#;

#[test]
fn the_first_parent_is_the_slowest() {
    let network = Network::from_xmlbif(RAIN).unwrap();
    assert_eq!(network.to_string(), "p(wet | rain, wind) p(rain) p(wind)");
    assert_eq!((network.label(), network.properties()), ("Rain", &["author me".to_owned()][..]));
    assert_eq!(network.variables()[1].properties(), ["position = (1, 2)"]);
    let table = [0.9, 0.1, 0.8, 0.2, 0.7, 0.3, 0.2, 0.8, 0.1, 0.9, 0.0, 1.0];
    assert_eq!(network.variables()[0].entries(), table);
    let mut findings = network.findings();
    findings.observe("rain", "yes").unwrap();
    findings.observe("wind", "storm").unwrap();
    assert_eq!(findings.joint(&["wet"]).unwrap().probabilities(), [0.0, 1.0]);
    assert!(Network::from_xmlbif(&RAIN.replace('\n', "\r\n")).unwrap() == network);
}

#[track_caller]
fn refused(from: &str, to: &str, words: &str) {
    assert!(RAIN.contains(from), "{from}");
    let text = Network::from_xmlbif(&RAIN.replace(from, to)).unwrap_err().to_string();
    assert!(text.contains(words), "`{words}` is missing in: {text}");
}

#[test]
fn errors_tell_line_and_column() {
    refused("</TABLE></PROBABILITY>", "</TABLES></PROBABILITY>", "line 21, column ");
    refused("</TABLE></PROBABILITY>", "</TABLES></PROBABILITY>", "expected well-formed XML, found ");
    refused("0.75 0.25", "0.75 0,25", "line 21, column 41: expected a probability, found `0,25`");
    refused("0.75 0.25", "0.75 0.35", "line 21, column ");
    refused("0.75 0.25", "0.75 0.35", "p(rain) sums to 1.1, not to 1");
    refused(".7 .3 2e-1", ".7 .4 2e-1", "line 14, column 28: p(wet | rain = no, wind = storm) sums to 1.1");
    refused(".7 .3 2e-1 8e-1", ".7 .3", "line 13, column 3: p(wet | rain, wind) has 10 entries instead of 12");
    refused("<GIVEN>wind", "<GIVEN>wnd", "no variable is called `wnd` (did you mean `wind`?)");
    refused("<GIVEN>wind", "<GIVEN>wnd", "line 12, column 38: ");
    refused(
        "<VARIABLE><NAME>rain",
        "<VARIABLE TYPE=\"decision\"><NAME>rain",
        "expected the TYPE `nature`, found `decision`",
    );
    refused("<PROBABILITY><FOR>rain</FOR>", "<PROBABILITY>", "line 21, column 1: expected a <FOR> in the definition");
    refused("<TABLE>0.75 0.25</TABLE>", "", "expected a <TABLE> in the definition, found none");
    refused("<NAME>Rain</NAME>", "<TITLE>Rain</TITLE>", "line 9, column 1: expected <NAME>, <PROPERTY>, ");
    refused("<FOR>rain</FOR>", "<FOR>wind</FOR>", "p(wind | …) is given twice");
    refused("<GIVEN>wind</GIVEN>", "<GIVEN>rain</GIVEN>", "`wet` names the parent `rain` twice");
    refused("<VALUE>no</VALUE>", "<VALUE>yes</VALUE>", "`rain` has two states called `yes`");
    refused("BIF", "NET", "expected <BIF>, found <NET>");
    for end in (0..RAIN.len() - 20).filter(|&end| RAIN.is_char_boundary(end)) {
        assert!(Network::from_xmlbif(&RAIN[..end]).is_err(), "{end}");
    }
}
