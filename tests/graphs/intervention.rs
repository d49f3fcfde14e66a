//! To do is not to see: setting a node cuts its arrows, whatever its values are, and every engine knows it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::networks::networks;
use marginal::conditionals::{ConditionalTable, LinearGaussian, LogisticRegression, Switch};
use marginal::data::Table;
use marginal::distributions::{Bernoulli, MultivariateNormal, Normal, Poisson};
use marginal::em::Em;
use marginal::error::{Error, GraphError};
use marginal::graph::{Assignment, DirectedGraph, Graph, Node};
use marginal::network::Network;
use marginal::rand::{SeedableRng, rngs::Xoshiro256PlusPlus};
use proptest::prelude::*;

/// A cause of treatment and recovery: u → x, u → y, x → y.
fn confounded() -> (Graph, [Node<bool>; 3]) {
    let mut g = Graph::builder();
    let u: Node<bool> = g.node("u", (), Bernoulli::new(0.4).unwrap());
    let x: Node<bool> = g.node("x", u, ConditionalTable::new([[0.8, 0.2], [0.1, 0.9]]).unwrap());
    let table = [[0.5, 0.5], [0.7, 0.3], [0.9, 0.1], [0.2, 0.8]];
    let y: Node<bool> = g.node("y", (u, x), ConditionalTable::new(table).unwrap());
    (g.build().unwrap(), [u, x, y])
}

#[test]
fn doing_adjusts_for_the_confounder_and_seeing_does_not() {
    let (graph, [u, x, y]) = confounded();
    // Σ_u p(u) p(y | u, x), and Σ_u p(u | x) p(y | u, x).
    let (done, seen) = (0.6 * 0.3 + 0.4 * 0.8, (0.6 * 0.2 * 0.3 + 0.4 * 0.9 * 0.8) / (0.6 * 0.2 + 0.4 * 0.9));
    let cut = graph.intervene(x, true).unwrap();
    let p = |graph: &Graph, evidence: Assignment<'_>| graph.posterior(y, &evidence).unwrap().probability(&true);
    assert!((p(&cut, cut.evidence()) - done).abs() < 1e-15);
    assert!((p(&graph, graph.evidence().with(x, true)) - seen).abs() < 1e-15);
    assert!((done - seen).abs() > 0.1);

    assert_eq!(cut.to_string(), "p(u) p(x) p(y | u, x)");
    assert_eq!(graph.to_string(), "p(u) p(x | u) p(y | u, x)");
    assert!(cut.d_separated(u, x, ()) && cut.parents(x.index()).is_empty());
    assert!(format!("{cut:?}").contains("p(x): do(true)"), "{cut:?}");
    // Evidence of the old graph serves the new one, and the other value is impossible there.
    assert!((p(&cut, graph.evidence()) - done).abs() < 1e-15);
    let refused = cut.posterior(y, &graph.evidence().with(x, false)).unwrap_err();
    assert!(matches!(refused, Error::Graph(GraphError::ImpossibleEvidence { .. })), "{refused}");
    // Of a second value the last counts.
    let again = cut.intervene(x, false).unwrap();
    assert!((p(&again, again.evidence()) - (0.6 * 0.5 + 0.4 * 0.1)).abs() < 1e-15);
    // Draws, the joint density, and the node's own posterior.
    let draw = cut.sample(&mut Xoshiro256PlusPlus::seed_from_u64(1));
    assert_eq!(draw.get(x), Some(true));
    let day = cut.evidence().with(u, true).with(y, true);
    assert!((cut.log_joint(&day).unwrap() - (0.4f64 * 0.8).ln()).abs() < 1e-15);
    assert_eq!(cut.posterior(x, &cut.evidence()).unwrap().probabilities(), [0.0, 1.0]);
    assert_eq!(cut.log_evidence(&cut.evidence()).unwrap(), 0.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn the_truncated_product_is_what_is_left(net in networks(5, 3), pick: prop::sample::Index, state in 0usize..3) {
        let (graph, nodes) = net.graph();
        let v = pick.index(net.len());
        let state = state % net.states[v];
        let cut = graph.intervene(nodes[v], state).unwrap();
        let by_name = Network::try_from(&graph).unwrap().intervene(v, state).unwrap();
        let mut tree = by_name.junction_tree().unwrap();
        let posteriors = tree.posteriors().unwrap();
        let of_graph = cut.infer(&cut.evidence()).unwrap();
        // Π over the other nodes: with p(x_v | parents) = 1 for this state, 16^V-fold.
        let mut truncated = net.clone();
        truncated.sixteenths[v].iter_mut().for_each(|row| {
            row.fill(0);
            row[state] = 16;
        });
        for (u, &node) in nodes.iter().enumerate() {
            let found = of_graph.of(node).unwrap();
            for s in 0..net.states[u] {
                let expected = truncated.weight_of(&[(u, s)]) as f64 / net.total() as f64;
                prop_assert!((found.probabilities()[s] - expected).abs() < 1e-14);
                prop_assert!((posteriors.of(u).unwrap()[s] - expected).abs() < 1e-14);
            }
        }
    }
}

#[test]
fn a_real_node_that_is_set_moves_what_is_below_it_alone() {
    let mut g = Graph::builder();
    let u = g.node("u", (), Normal::new(1.0, 2.0).unwrap());
    let x = g.node("x", u, LinearGaussian::new(0.5, &[1.5], 1.0).unwrap());
    let y = g.node("y", (u, x), LinearGaussian::new(0.0, &[2.0, -1.0], 0.5).unwrap());
    let ill: Node<bool> = g.node("ill", x, LogisticRegression::new(0.0, &[1.0]).unwrap());
    let graph = g.build().unwrap();
    let cut = graph.intervene(x, 3.0).unwrap();
    let y_done = cut.posterior(y, &cut.evidence()).unwrap();
    assert!((y_done.mean() - (2.0 * 1.0 - 3.0)).abs() < 1e-14);
    assert!((y_done.variance() - (4.0 * 4.0 + 0.25)).abs() < 1e-13);
    assert!((cut.posterior(u, &cut.evidence()).unwrap().mean() - 1.0).abs() < 1e-14);
    let y_seen = graph.posterior(y, &graph.evidence().with(x, 3.0)).unwrap();
    assert!((y_seen.mean() - y_done.mean()).abs() > 0.5);
    // Below a real that is set a logistic regression is exact too.
    let p = cut.posterior(ill, &cut.evidence()).unwrap().probability(&true);
    assert!((p - 1.0 / (1.0 + (-3f64).exp())).abs() < 1e-15);
    assert!(graph.posterior(ill, &graph.evidence()).is_err());
    let findings = cut.findings(&cut.evidence().with(u, 0.0).with(y, -2.5)).unwrap();
    assert!((findings.junction_tree().unwrap().posteriors().unwrap().of("ill").unwrap()[1] - p).abs() < 1e-15);
}

#[test]
fn tied_nodes_counts_and_rows_can_be_set() {
    let mut g = Graph::builder();
    let first: Node<usize> = g.node("z0", (), ConditionalTable::new([[0.5, 0.5]]).unwrap());
    let second: Node<usize> = g.node("z1", first, ConditionalTable::new([[0.9, 0.1], [0.2, 0.8]]).unwrap());
    let third = g.tied("z2", second, second);
    let poissons = vec![Poisson::new(1.0).unwrap(), Poisson::new(4.0).unwrap()];
    let clicks = g.node("clicks", third, Switch::new(poissons).unwrap());
    let place = g.node("place", (), MultivariateNormal::standard(2));
    let graph = g.build().unwrap();
    let cut = graph.intervene(second, 1).unwrap();
    // The third still follows the table that it shared with the second.
    assert_eq!(cut.posterior(third, &cut.evidence()).unwrap().probabilities(), [0.2, 0.8]);
    let both = cut.intervene(clicks, 3).unwrap().intervene(place, vec![1.0, -1.0]).unwrap();
    assert_eq!(both.sample(&mut Xoshiro256PlusPlus::seed_from_u64(1)).get(place), Some(vec![1.0, -1.0]));
    assert_eq!(both.posterior(third, &both.evidence()).unwrap().probabilities(), [0.2, 0.8]);
    let model = both.hide((first, second)).unwrap();
    assert_eq!(marginal::latent::LatentModel::free_parameters(&model, model.graph()), Some(1 + 2));
}

#[test]
fn an_experiment_teaches_what_is_below_the_node_that_was_set() {
    let (graph, [u, x, y]) = confounded();
    let cut = graph.clone().intervene(x, true).unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(6);
    let rows: Vec<f64> = (0..4000).flat_map(|_| cut.sample(&mut rng).cells().to_vec()).collect();
    let model = cut.hide(()).unwrap();
    let fit = Em::default().fit(&model, &Table::new(model.columns(), rows).unwrap()).unwrap();
    let cause: &Bernoulli = fit.parameters.conditional(u).unwrap();
    let table: &ConditionalTable<(bool, bool), bool> = fit.parameters.conditional(y).unwrap();
    assert!((cause.mean() - 0.4).abs() < 0.03);
    assert!((table.probability(&true, &(false, true)) - 0.3).abs() < 0.03);
    assert!((table.probability(&true, &(true, true)) - 0.8).abs() < 0.03);
    assert_eq!(table.probability(&true, &(true, false)), 0.1); // the experiment says nothing of it
    // Its parameters are those of the graph that was cut, not of the whole.
    let whole = graph.hide(()).unwrap();
    let row = Table::from_values(vec![0.0; 3], 3).unwrap();
    assert!(Em::default().fit_from(&whole, &row, fit.parameters).is_err());
}

#[test]
fn what_cannot_be_set_is_refused() {
    let (_, [_, x, _]) = confounded();
    let (other, _) = confounded();
    assert!(matches!(other.intervene(x, true), Err(Error::Graph(GraphError::ForeignHandle { .. }))));
    let mut g = Graph::builder();
    let a = g.node("a", (), Normal::standard());
    let b: Node<usize> = g.node("b", (), ConditionalTable::new([[0.5, 0.5]]).unwrap());
    let c = g.node("c", (), MultivariateNormal::standard(2));
    let graph = g.build().unwrap();
    assert_eq!(graph.intervene(a, f64::NAN).unwrap_err().to_string(), "node a has no value");
    assert_eq!(graph.intervene(b, 2).unwrap_err().to_string(), "node b cannot take the value 2");
    assert!(graph.intervene(c, vec![1.0]).is_err());
}
