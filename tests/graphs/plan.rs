//! A plan says what exact inference will do, what it will take, and why it cannot, before anything is summed.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::conditionals::{ConditionalTable, LinearGaussian, LogisticRegression, Switch};
use marginal::distributions::{Bernoulli, Categorical, Normal, Poisson};
use marginal::error::{Error, GraphError};
use marginal::graph::{Graph, Node};

/// Two labels, a level of each of six joint states, a reading of the level, an alarm at high levels, clicks.
fn station() -> Graph {
    let mut g = Graph::builder();
    let a: Node<usize> = g.node("a", (), Categorical::uniform(2));
    let b: Node<usize> = g.node("b", a, ConditionalTable::new([[0.5, 0.25, 0.25], [0.125, 0.125, 0.75]]).unwrap());
    let normals = (0..6).map(|k| Normal::new(f64::from(k), 1.0).unwrap()).collect();
    let level: Node<f64> =
        g.node("level", (a, b), Switch::<Vec<Normal>, (usize, usize)>::over(&[2, 3], normals).unwrap());
    g.node("reading", level, LinearGaussian::new(0.0, &[1.0], 0.5).unwrap());
    let _: Node<bool> = g.node("alarm", level, LogisticRegression::new(-3.0, &[1.0]).unwrap());
    g.node("clicks", a, Switch::new(vec![Poisson::new(2.0).unwrap(), Poisson::new(6.0).unwrap()]).unwrap());
    g.build().unwrap()
}

#[test]
fn sums_integrals_and_what_is_left_out_are_named() {
    let graph = station();
    let (level, reading) = (graph.node::<f64>("level").unwrap(), graph.node::<f64>("reading").unwrap());
    let plan = graph.plan(&graph.evidence().with(reading, 2.5)).unwrap();
    assert_eq!((plan.summed(), plan.integrated(), plan.width(), plan.cells()), (2, 1, 1, 6));
    assert_eq!((plan.joint_states(), plan.left_out()), (6, &["alarm".to_owned(), "clicks".to_owned()][..]));
    let text = plan.to_string();
    let expected = "elimination, exact: 2 hidden finite nodes in 1 clique of 6 cells, width 1; 1 hidden real node \
                    integrated in 6 joint states; ";
    assert!(text.starts_with(expected) && text.ends_with(" B; left out: alarm, clicks"), "{text}");
    // With the level observed the alarm is exact.
    let plan = graph.plan(&graph.evidence().with(level, 1.0)).unwrap();
    assert_eq!((plan.summed(), plan.integrated(), plan.left_out()), (3, 1, &["clicks".to_owned()][..]));
}

#[test]
fn where_nothing_is_hidden_nothing_is_summed() {
    let mut g = Graph::builder();
    let x: Node<bool> = g.node("x", (), Bernoulli::new(0.5).unwrap());
    let graph = g.build().unwrap();
    let plan = graph.plan(&graph.evidence().with(x, true)).unwrap();
    assert_eq!(plan.to_string(), "elimination, exact: nothing to sum over; 0 B");
}

#[test]
fn the_reason_of_a_refusal_comes_before_any_sum() {
    let graph = station();
    let alarm = graph.node::<bool>("alarm").unwrap();
    let refused = graph.plan(&graph.evidence().with(alarm, true)).unwrap_err();
    assert!(
        matches!(&refused, Error::Graph(GraphError::NotLinearGaussian { node, child }) if node == "level" && child == "alarm"),
        "{refused}"
    );
    // Thirty labels above one child: all 2³⁰ joint states would stand in one clique.
    let mut g = Graph::builder();
    let labels: Vec<Node<usize>> = (0..30).map(|v| g.node(format!("x{v}"), (), Categorical::uniform(2))).collect();
    let pair: Vec<Node<usize>> = labels.clone();
    for a in 0..30 {
        for b in 0..a {
            let parents = [pair[a], pair[b]];
            let table = ConditionalTable::<[usize], usize>::over(&[2, 2], [[0.5, 0.5]; 4]).unwrap();
            g.node(format!("y{a} {b}"), &parents[..], table);
        }
    }
    let graph = g.build().unwrap();
    let children = (0..30).flat_map(|a| (0..a).map(move |b| format!("y{a} {b}")));
    let seen = children.fold(graph.evidence(), |e, name| e.with(graph.node::<usize>(&name).unwrap(), 0));
    let refused = graph.plan(&seen).unwrap_err();
    assert!(matches!(&refused, Error::Graph(GraphError::TooWide { cells, .. }) if *cells > 1e9), "{refused}");
}
