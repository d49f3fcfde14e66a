//! UAI files: the numbers of a network without its names.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::error::NetworkError;
use marginal::network::Network;
use proptest::prelude::*;

const PAIR: &str = "BAYES # two variables
2
2 3
2
2 0 1
1 0

6
 0.5 0.25 0.25
 0.1 0.3 0.6
2
 0.8 0.2
";

#[track_caller]
fn fault(part: &str, by: &str) -> (usize, usize, String) {
    assert_eq!(PAIR.matches(part).count(), 1, "{part}");
    match Network::from_uai(&PAIR.replacen(part, by, 1)).unwrap_err() {
        NetworkError::AtPlace { line, column, source } => (line, column, source.to_string()),
        other => panic!("{other}"),
    }
}

#[test]
fn numbers_survive_and_names_do_not() {
    let pair = Network::from_uai(PAIR).unwrap();
    assert_eq!(pair.to_string(), "p(x0) p(x1 | x0)");
    assert_eq!(pair.variables()[1].entries(), [0.5, 0.25, 0.25, 0.1, 0.3, 0.6]);
    for name in ["asia", "alarm", "hailfinder"] {
        let named = Network::read_bif(format!("data/networks/{name}.bif")).unwrap();
        let bare = Network::from_uai(&named.to_uai()).unwrap();
        assert!(Network::from_uai(&bare.to_uai()).unwrap() == bare);
        for (a, b) in named.variables().iter().zip(bare.variables()) {
            assert_eq!((a.parents(), a.entries()), (b.parents(), b.entries()));
        }
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let cases = [
        ("BAYES", "MARKOV", 1, 1, "expected `BAYES` (Markov networks are not read), found `MARKOV`"),
        ("2 3\n", "2 x\n", 3, 3, "expected the number of states of x1, found `x`"),
        ("2 3\n2\n", "2 3\n1\n", 4, 1, "expected 2 factors, one for each variable, found 1"),
        ("2 0 1", "2 7 1", 5, 3, "expected a variable below 2, found 7"),
        ("1 0\n", "1 1\n", 6, 1, "p(x1 | …) is given twice"),
        ("1 0\n", "0\n", 6, 1, "expected at least one variable, found none"),
        ("2\n 0.8 0.2", "3\n 0.8 0.1 0.1", 11, 1, "p(x0 | …) has 3 entries instead of 2"),
        ("0.1 0.3 0.6", "0.1 0.3 0.7", 8, 1, "row 1 of p(x1 | …) sums to 1.1, not to 1"),
        ("2 3\n", "2 0\n", 3, 3, "`x1` has no state"),
        ("2 3\n", "99999999999 3\n", 11, 1, "p(x0 | …) has 2 entries instead of 99999999999"),
        ("0.8 0.2", "0.8 -0.2", 12, 6, "p(x0 | …) = -0.2 is not in [0, 1]"),
        ("0.8 0.2\n", "0.8", 12, 5, "expected a probability of p(x0 | …), found the end of the text"),
        ("0.8 0.2\n", "0.8 0.2 0.3\n", 12, 10, "expected the end of the text, found `0.3`"),
    ];
    for (part, by, line, column, words) in cases {
        let (found_line, found_column, message) = fault(part, by);
        assert_eq!((found_line, found_column), (line, column), "{by}: {message}");
        assert!(message.contains(words), "`{words}` is missing in: {message}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_text_cut_or_changed_anywhere_is_read_or_refused(
        end in 0..=PAIR.len(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), 0u8..128), 0..4),
    ) {
        let mut bytes = PAIR.as_bytes()[..end].to_vec();
        for (place, byte) in changes.into_iter().filter(|_| end > 0) {
            bytes[place.index(end)] = byte;
        }
        let _ = Network::from_uai(std::str::from_utf8(&bytes).unwrap());
    }
}
