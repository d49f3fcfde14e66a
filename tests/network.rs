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
