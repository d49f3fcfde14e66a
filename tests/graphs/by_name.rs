//! Handles of nodes by their names, with the type of their values.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::conditionals::{ConditionalTable, LogisticRegression};
use marginal::distributions::{MultivariateNormal, Normal};
use marginal::error::GraphError;
use marginal::graph::{Graph, Node};

/// Three nodes, without their handles.
fn graph() -> Graph {
    let mut g = Graph::builder();
    let colour: Node<usize> = g.node("colour", (), ConditionalTable::new([[0.5, 0.25, 0.25]]).unwrap());
    let weight = g.node("weight", (), Normal::standard());
    g.node("place", (), MultivariateNormal::standard(2));
    let sold = g.node("sold", weight, LogisticRegression::new(0.0, &[1.0]).unwrap());
    g.tied("sold again", weight, sold);
    let _: Node<bool> = g.node("late", colour, ConditionalTable::new([[0.5, 0.5]; 3]).unwrap());
    g.build().unwrap()
}

#[test]
fn a_handle_by_name_is_the_one_that_the_builder_gave() {
    let graph = graph();
    let (colour, late) = (graph.node::<usize>("colour").unwrap(), graph.node::<bool>("late").unwrap());
    assert_eq!((colour.index(), late.index()), (0, 5));
    let assignment = graph.assignment().with(colour, 2).with(graph.node::<f64>("weight").unwrap(), 0.5);
    let assignment = assignment.with(graph.node::<[f64]>("place").unwrap(), vec![1.0, 2.0]).with(late, true);
    let assignment = assignment.with(graph.node::<bool>("sold").unwrap(), true);
    let assignment = assignment.with(graph.node::<bool>("sold again").unwrap(), false);
    assert!(graph.log_joint(&assignment).unwrap().is_finite());
    assert_eq!(assignment.cells(), [2.0, 0.5, 1.0, 2.0, 1.0, 0.0, 1.0]);
}

#[test]
fn a_name_that_no_node_has_meets_the_nearest() {
    let refused = graph().node::<bool>("slod").unwrap_err();
    assert_eq!(refused.to_string(), "no node is called `slod` (did you mean `sold`?)");
    assert!(matches!(graph().node::<bool>("xyzw"), Err(GraphError::UnknownNode { nearest: None, .. })));
}

#[test]
fn a_handle_of_another_type_is_refused() {
    let refused = graph().node::<bool>("colour").unwrap_err();
    assert_eq!(refused.to_string(), "node colour has values usize, not bool");
    assert!(matches!(graph().node::<f64>("place"), Err(GraphError::ValueType { found: "[f64]", .. })));
}
