//! Networks put together by names: what they know of themselves, and what is wrong with those that make no sense.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::distributions::Distribution;
use marginal::graph::{DirectedGraph, Triangulation};
use marginal::network::{Network, NetworkBuilder};

const NONE: &[&str] = &[];

fn rain() -> NetworkBuilder {
    let mut builder = Network::builder();
    // A child before its parents.
    builder.variable(
        "wet",
        &["no", "yes"],
        &["rain", "wind"],
        [0.9, 0.1, 0.8, 0.2, 0.7, 0.3, 0.2, 0.8, 0.1, 0.9, 0.0, 1.0],
    );
    builder.root("rain", &["no", "yes"], [0.75, 0.25]);
    builder.root("wind", &["low", "high", "storm"], [0.5, 0.375, 0.125]);
    builder
}

#[track_caller]
fn refused(change: impl FnOnce(&mut NetworkBuilder) -> &mut NetworkBuilder, words: &str) {
    let mut builder = rain();
    change(&mut builder);
    let text = builder.build().unwrap_err().to_string();
    assert!(text.contains(words), "`{words}` is missing in: {text}");
}

#[test]
fn a_network_is_a_graph_and_a_distribution() {
    let network = rain().build().unwrap();
    assert_eq!(network.to_string(), "p(wet | rain, wind) p(rain) p(wind)");
    assert_eq!((network.order(), network.free_parameters()), (&[1, 2, 0][..], 9));
    assert!(network.d_separated(1, 2, ()) && !network.d_separated(1, 2, 0));
    let row = network.row(&[("wind", "storm"), ("wet", "yes"), ("rain", "no")]).unwrap();
    assert_eq!((&row, network.names(&row).unwrap()), (&vec![1, 0, 2], vec!["yes", "no", "storm"]));
    assert!((network.log_density(&row) - (0.75f64 * 0.125 * 0.3).ln()).abs() < 1e-15);
    for wrong in [&[0, 0][..], &[0, 0, 3], &[]] {
        assert_eq!(network.log_density(wrong), f64::NEG_INFINITY);
        assert!(network.names(wrong).is_err());
    }
    let again = network.row(&[("wind", "low"), ("wind", "high"), ("wet", "no")]).unwrap_err();
    assert_eq!(again.to_string(), "a row has 2 states instead of 3, one for each variable");
    // Nothing at all is a network too.
    let nothing = Network::builder().build().unwrap();
    assert_eq!(nothing.junction_tree().unwrap().log_evidence(), 0.0);
}

#[test]
fn networks_that_make_no_sense() {
    refused(|b| b.variable("rain", &["a"], NONE, [1.0]), "two nodes are called rain");
    refused(
        |b| b.variable("x", &["a"], &["wnd"], [1.0]),
        "`x` names the parent `wnd`, which is no variable (did you mean `wind`?)",
    );
    refused(|b| b.variable("x", &["a"], &["wind", "wind"], vec![1.0; 9]), "`x` names the parent `wind` twice");
    refused(|b| b.variable("x", &["a", "b", "a"], NONE, [1.0, 0.0, 0.0]), "`x` has two states called `a`");
    refused(|b| b.variable("x", NONE, NONE, []), "`x` has no state");
    let because = "p(x | rain, wind) has 6 entries instead of 12: 2 states of x × 2 of rain × 3 of wind";
    refused(|b| b.variable("x", &["a", "b"], &["rain", "wind"], vec![0.5; 6]), because);
    refused(
        |b| b.variable("x", &["a", "b"], &["rain"], [0.5, 0.5, 0.5, 0.6]),
        "p(x | rain = yes) sums to 1.1, not to 1",
    );
    refused(|b| b.variable("x", &["a", "b"], NONE, [1.5, -0.5]), "p(x = a) = 1.5 is not in [0, 1]");
    refused(|b| b.variable("x", &["a", "b"], NONE, [f64::NAN, 1.0]), "p(x = a) = NaN is not in [0, 1]");
    refused(
        |b| {
            b.variable("a", &["s"], &["c"], [1.0]).variable("b", &["s"], &["a"], [1.0]).variable(
                "c",
                &["s"],
                &["b"],
                [1.0],
            )
        },
        "the graph has a directed cycle: ",
    );
    let network = rain().build().unwrap();
    assert!(network.intervene("rain", "maybe").is_err() && network.intervene("rein", "no").is_err());
}

#[test]
fn a_grid_is_as_wide_as_its_shorter_side() {
    let (rows, columns) = (5, 30);
    let joined = |v: usize| {
        let (row, column) = (v / columns, v % columns);
        let mut of = Vec::new();
        of.extend((row > 0).then(|| v - columns));
        of.extend((column > 0).then(|| v - 1));
        of.extend((column + 1 < columns).then_some(v + 1));
        of.extend((row + 1 < rows).then_some(v + columns));
        of
    };
    let neighbours: Vec<Vec<usize>> = (0..rows * columns).map(joined).collect();
    let triangulation = Triangulation::of(&neighbours, &vec![2; rows * columns]);
    assert_eq!(triangulation.width(), rows);
    // Every edge lies in a clique, and no clique within another.
    let cliques: Vec<&[usize]> = triangulation.cliques().collect();
    let edges = (0..neighbours.len()).flat_map(|v| neighbours[v].iter().map(move |&u| (u, v)));
    for (u, v) in edges {
        assert!(cliques.iter().any(|clique| clique.contains(&u) && clique.contains(&v)), "{u} – {v}");
    }
    for (i, a) in cliques.iter().enumerate() {
        assert!(cliques.iter().enumerate().all(|(j, b)| i == j || !a.iter().all(|v| b.contains(v))));
    }
    assert_eq!(triangulation.cells(), cliques.iter().map(|clique| (1u64 << clique.len()) as f64).sum::<f64>());
}

/// The arrows, the density and the sampler, as of any other graph and distribution.
#[cfg(feature = "laws")]
#[test]
fn networks_of_files_obey_the_laws() {
    use marginal::laws::{self, Law};
    for name in ["asia", "alarm"] {
        let network = Network::read_bif(format!("data/networks/{name}.bif")).unwrap();
        let suites: [Vec<Law<Network>>; 2] = [laws::directed_graph(), laws::distribution()];
        for suite in suites {
            let report = laws::check(&suite, &network);
            assert!(report.holds(), "{name}\n{report}");
        }
    }
}

#[test]
fn causes_of_a_noisy_or_act_alone() {
    let mut builder = Network::builder();
    builder.noisy_or("fever", ["no", "yes"], &[("flu", "yes", 0.8), ("cold", "bad", 0.25)], 0.5);
    builder.root("flu", &["yes", "no"], [0.1, 0.9]).root("cold", &["none", "some", "bad"], [0.5, 0.3, 0.2]);
    let network = builder.build().unwrap();
    // p(no fever) = (1 − leak) · Π (1 − p), for flu = yes and then no, and cold = none, some, bad.
    let absent = [0.5 * 0.2, 0.5 * 0.2, 0.5 * 0.2 * 0.75, 0.5, 0.5, 0.5 * 0.75];
    for (row, absent) in network.variables()[0].probabilities().chunks(2).zip(absent) {
        assert!((row[0] - absent).abs() < 1e-15 && (row[0] + row[1] - 1.0).abs() < 1e-15);
    }
    // Without causes it is the leak.
    let alone = Network::builder().noisy_or("x", ["no", "yes"], &[], 0.25).build().unwrap();
    assert_eq!(alone.variables()[0].probabilities(), [0.75, 0.25]);
}

#[test]
fn a_noisy_max_is_the_largest_of_what_its_causes_make() {
    let causes: [(&str, &[f64]); 2] =
        [("a", &[1.0, 0.0, 0.0, 0.5, 0.25, 0.25]), ("b", &[0.75, 0.25, 0.0, 0.0, 0.5, 0.5])];
    let leak = [0.5, 0.375, 0.125];
    let mut builder = Network::builder();
    builder.root("a", &["0", "1"], [0.5, 0.5]).root("b", &["0", "1"], [0.5, 0.5]);
    let network = builder.noisy_max("x", &["low", "middle", "high"], &causes, leak).build().unwrap();
    for (row, found) in network.variables()[2].probabilities().chunks(3).enumerate() {
        let mut expected = [0.0; 3];
        let (of_a, of_b) = (&causes[0].1[row / 2 * 3..][..3], &causes[1].1[row % 2 * 3..][..3]);
        for (i, p) in of_a.iter().enumerate() {
            for (j, q) in of_b.iter().enumerate() {
                leak.iter().enumerate().for_each(|(k, r)| expected[i.max(j).max(k)] += p * q * r);
            }
        }
        assert!(found.iter().zip(expected).all(|(p, q)| (p - q).abs() < 1e-15), "{found:?}, {expected:?}");
    }
}

#[test]
fn rules_that_make_no_sense() {
    refused(
        |b| b.noisy_or("x", ["no", "yes"], &[("rain", "Yes", 0.5)], 0.0),
        "`rain` has no state `Yes` (did you mean",
    );
    refused(
        |b| b.noisy_or("x", ["no", "yes"], &[("rain", "yes", 1.5)], 0.0),
        "p(x = yes | rain = yes alone) = 1.5 is not",
    );
    refused(
        |b| b.noisy_or("x", ["no", "yes"], &[("rain", "yes", 0.5)], f64::NAN),
        "the leak of x = NaN is not in [0, 1]",
    );
    refused(|b| b.noisy_or("x", ["no", "yes"], &[("rein", "yes", 0.5)], 0.0), "names the parent `rein`, which is no");
    let four: &[f64] = &[0.5; 4];
    refused(
        |b| b.noisy_max("x", &["a", "b"], &[("wind", four)], [1.0, 0.0]),
        "p(x | wind = low) has 4 entries instead of 6",
    );
    refused(|b| b.noisy_max("x", &["a", "b"], &[("rain", four)], [1.0, 0.5]), "the leak of x sums to 1.5, not to 1");
    refused(
        |b| b.function("x", &["a", "b"], &["rain"], |_| "c"),
        "`x` has no state `c` (did you mean `a`?): its states are a, b",
    );
    // Forty causes make a table of 2⁴¹ entries.
    let mut builder = Network::builder();
    let names: Vec<String> = (0..40).map(|cause| format!("x{cause}")).collect();
    names.iter().for_each(|name| {
        builder.root(name, &["no", "yes"], [0.5, 0.5]);
    });
    let causes: Vec<(&str, &str, f64)> = names.iter().map(|name| (name.as_str(), "yes", 0.1)).collect();
    let text = builder.noisy_or("y", ["no", "yes"], &causes, 0.0).build().unwrap_err().to_string();
    assert!(text.contains("16.0 TiB"), "{text}");
}

#[test]
fn a_function_of_many_states_is_written_by_name() {
    let mut builder = Network::builder();
    let digits = ["0", "1", "2"];
    builder.root("a", &digits, [0.5, 0.25, 0.25]).root("b", &digits, [0.25, 0.25, 0.5]);
    builder.function("sum", &["0", "1", "2", "3", "4"], &["a", "b"], |x| {
        (x[0].parse::<usize>().unwrap() + x[1].parse::<usize>().unwrap()).to_string()
    });
    let network = builder.build().unwrap();
    let sum = network.findings().joint(&["sum"]).unwrap();
    assert_eq!(sum.probabilities(), [0.125, 0.1875, 0.375, 0.1875, 0.125]);
}

#[test]
fn cells_are_as_many_as_slices_and_leaves() {
    let chain = |length: usize| {
        let mut builder = Network::builder();
        builder.root("x0", &["a", "b"], [0.5, 0.5]);
        for t in 1..length {
            builder.variable(&format!("x{t}"), &["a", "b"], &[format!("x{}", t - 1)], [0.9, 0.1, 0.1, 0.9]);
        }
        builder.build().unwrap().plan()
    };
    let bayes = |leaves: usize| {
        let mut builder = Network::builder();
        builder.root("class", &["a", "b", "c"], [0.5, 0.25, 0.25]);
        for leaf in 0..leaves {
            builder.variable(&format!("x{leaf}"), &["no", "yes"], &["class"], [0.9, 0.1, 0.5, 0.5, 0.1, 0.9]);
        }
        builder.build().unwrap().plan()
    };
    for size in [1000, 10_000, 1_000_000] {
        // Where each leaf cost a look at all others, the last would take minutes.
        let (chain, bayes) = (chain(size / 10), bayes(size / 10));
        assert_eq!((chain.cells(), chain.cliques(), chain.width()), (0.4 * size as f64 - 4.0, size / 10 - 1, 1));
        assert_eq!((bayes.cells(), bayes.cliques(), bayes.width()), (0.6 * size as f64, size / 10, 1));
        // Bytes by the cell stay the same too.
        assert!(chain.bytes() < 80.0 * chain.cells() && bayes.bytes() < 80.0 * bayes.cells());
    }
}
