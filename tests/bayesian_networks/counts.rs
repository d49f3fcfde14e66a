//! Tables learned from complete rows, and scores of the arrows, against sums by hand and other programs.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::Error;
use marginal::data::Dataset;
use marginal::error::NetworkError;
use marginal::network::{FamilyCounts, MISSING, Network, StateTable, TablePrior};

/// a → b → c ← a, of 2, 3 and 2 states.
fn network() -> Network {
    let b = vec![1.0 / 3.0; 6];
    Network::builder()
        .variable("c", &["n", "y"], &["a", "b"], vec![0.5; 12])
        .root("a", &["n", "y"], [0.5, 0.5])
        .variable("b", &["x", "y", "z"], &["a"], b)
        .build()
        .unwrap()
}

/// 600 rows by Knuth's linear congruential generator, so that other programs can make them too.
fn rows() -> StateTable {
    let mut state: u64 = 12345;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let mut table = StateTable::new(&network());
    for _ in 0..600 {
        let a = usize::from(next() % 10 < 3);
        let b = [[0, 0, 1, 2, 2], [0, 1, 1, 1, 2]][a][next() % 5];
        let c = usize::from(next() % 7 < 2 * a + b);
        table.push(&[c, a, b], 1.0).unwrap();
    }
    table
}

#[test]
fn scores_are_those_of_other_programs() {
    let table = rows();
    let counts = FamilyCounts::of(&network(), &table).unwrap();
    let close = |left: f64, right: f64| assert!((left - right).abs() < 1e-9, "{left} is not {right}");
    // pyAgrum 3.3.1 says −1751.3210373669756 log₂ units, and −1802.0795401647028 for ℓ − ½ p ln N in the same unit.
    close(counts.maximal_log_likelihood(), -1751.3210373669756 * 2f64.ln());
    close(counts.bic(), 2.0 * 1802.0795401647028 * 2f64.ln());
    // The formula of pgmpy 0.1.25.
    close(counts.bdeu(5.0).unwrap(), -1241.9828851464856);
    let fitted = counts.estimate(&network(), TablePrior::Flat).unwrap();
    close(counts.log_likelihood(&fitted), counts.maximal_log_likelihood());
    let of_rows: f64 = (0..table.len())
        .map(|n| table.weight(n) * marginal::distributions::Distribution::log_density(&fitted, &table.row(n)))
        .sum();
    close(of_rows, counts.maximal_log_likelihood());
}

#[test]
fn a_score_worked_by_hand() {
    let coin = Network::builder().root("x", &["0", "1"], [0.5, 0.5]).build().unwrap();
    let mut table = StateTable::new(&coin);
    [0, 0, 1].into_iter().for_each(|x| table.push(&[x], 1.0).unwrap());
    let counts = FamilyCounts::of(&coin, &table).unwrap();
    // Under a uniform prior, α = 2: ∫ p² (1 − p) dp = 1/12; under α = 4: Γ(4)/Γ(7) · Γ(4)Γ(3)/(Γ(2)Γ(2)) = 6/720 · 12.
    assert!((counts.bdeu(2.0).unwrap() - (1f64 / 12.0).ln()).abs() < 1e-14);
    assert!((counts.bdeu(4.0).unwrap() - 0.1f64.ln()).abs() < 1e-14);
    assert!(matches!(counts.bdeu(0.0), Err(Error::Parameter { value: 0.0, .. })));
}

#[test]
fn priors_are_counts() {
    let counts = FamilyCounts::of(&network(), &rows()).unwrap();
    let n = counts.of_variable(&network(), "b").unwrap();
    assert_eq!(n.iter().sum::<f64>(), 600.0);
    let estimate = |prior| counts.estimate(&network(), prior).unwrap().variables()[2].probabilities().to_vec();
    let expected = |a: f64| {
        let row = |row: &[f64]| {
            let sum: f64 = row.iter().sum();
            row.iter().map(|n| (n + a) / (sum + 3.0 * a)).collect::<Vec<_>>()
        };
        n.chunks(3).flat_map(row).collect::<Vec<f64>>()
    };
    assert_eq!(estimate(TablePrior::Flat), expected(0.0));
    assert_eq!(estimate(TablePrior::PseudoCount(1.5)), expected(1.5));
    assert_eq!(estimate(TablePrior::EquivalentSampleSize(12.0)), expected(2.0));
    for wrong in [TablePrior::PseudoCount(-1.0), TablePrior::EquivalentSampleSize(f64::NAN)] {
        assert!(matches!(counts.estimate(&network(), wrong), Err(Error::Parameter { .. })));
    }
}

#[test]
fn a_row_of_a_table_that_nothing_is_known_of_stays() {
    let network = Network::builder()
        .root("x", &["0", "1"], [0.5, 0.5])
        .variable("y", &["0", "1"], &["x"], [0.25, 0.75, 0.125, 0.875])
        .build()
        .unwrap();
    let mut table = StateTable::new(&network);
    table.push(&[0, 1], 3.0).unwrap();
    let fitted = FamilyCounts::of(&network, &table).unwrap().estimate(&network, TablePrior::Flat).unwrap();
    assert_eq!(fitted.variables()[1].probabilities(), [0.0, 1.0, 0.125, 0.875]);
    assert_eq!(fitted.variables()[1].entries(), fitted.variables()[1].probabilities());
}

#[test]
fn equal_rows_are_kept_once() {
    let mut table = StateTable::new(&network());
    for (row, weight) in
        [([0, 1, 2], 1.0), ([1, MISSING, 0], 2.0), ([0, 1, 2], 0.5), ([0, 1, 1], 0.0), ([0, 1, 1], 1.0)]
    {
        table.push(&row, weight).unwrap();
    }
    assert_eq!((table.rows(), table.len()), (5, 3));
    assert_eq!(
        (0..3).map(|n| (table.row(n), table.weight(n), table.first(n))).collect::<Vec<_>>(),
        [(vec![0, 1, 2], 1.5, 0), (vec![1, MISSING, 0], 2.0, 1), (vec![0, 1, 1], 1.0, 4),]
    );
    let totals = table.totals().unwrap();
    assert_eq!((totals.observations, totals.weight), (4, 4.5));
    assert!(rows().len() <= 12);
}

#[test]
fn rows_that_are_none_are_refused() {
    let mut table = StateTable::new(&network());
    let told = |error: Result<(), Error>| error.unwrap_err().to_string();
    assert_eq!(told(table.push(&[0, 1], 1.0)), "row 0: a row has 2 states instead of 3, one for each variable");
    table.push(&[0, 1, MISSING], 1.0).unwrap();
    assert!(told(table.push(&[0, 1, 3], 1.0)).starts_with("row 1: `b` has no state `number 3`"));
    assert!(matches!(table.push(&[0, 1, 2], -1.0), Err(Error::Weight { row: 1, value: -1.0 })));
    let incomplete = FamilyCounts::of(&network(), &table).unwrap_err();
    assert!(incomplete.to_string().starts_with("row 0: `b` has no state: complete rows"), "{incomplete}");
    let other = Network::builder().root("x", &["0", "1"], [0.5, 0.5]).build().unwrap();
    let counts = FamilyCounts::of(&network(), &rows()).unwrap();
    assert!(matches!(counts.estimate(&other, TablePrior::Flat), Err(Error::Dimension { expected: 3, found: 1, .. })));
    assert!(matches!(counts.of_variable(&network(), "d"), Err(NetworkError::UnknownVariable { .. })));
}

#[test]
fn what_was_learned_is_read_back_to_the_bit() {
    let states: Vec<String> = (0..9).map(|state| format!("s{state}")).collect();
    let network = Network::builder().root("a", &states, vec![1.0 / 9.0; 9]).build().unwrap();
    for size in 1..300 {
        let mut table = StateTable::new(&network);
        for state in 0..9 {
            table.push(&[state], f64::from(size) * 0.1 + (state * state) as f64 / 7.0).unwrap();
        }
        let counts = FamilyCounts::of(&network, &table).unwrap();
        let learned = counts.estimate(&network, TablePrior::PseudoCount(0.3)).unwrap();
        assert!(Network::from_bif(&learned.to_bif()).unwrap() == learned, "{size}");
    }
}

#[test]
fn scores_of_no_rows_are_no_nan() {
    for states in [&["only"][..], &["n", "y"]] {
        let table = vec![1.0 / states.len() as f64; states.len()];
        let network = Network::builder().root("a", states, table).build().unwrap();
        let counts = FamilyCounts::of(&network, &StateTable::new(&network)).unwrap();
        assert_eq!((counts.bic(), counts.bdeu(1.0).unwrap()), (0.0, 0.0));
    }
}
