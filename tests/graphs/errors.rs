//! What makes no sense is refused with the number, or the names, that make none.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::conditionals::{ConditionalTable, LinearGaussian, LogisticRegression, Switch, given};
use marginal::data::Table;
use marginal::distributions::{Categorical, Laplace, MultivariateNormal, Normal};
use marginal::em::Em;
use marginal::error::{Error, GraphError};
use marginal::graph::{Graph, Node};

fn coin() -> ConditionalTable<(), bool> {
    ConditionalTable::new([[0.5, 0.5]]).unwrap()
}

/// rain → wet.
fn rain() -> (Graph, Node<bool>, Node<bool>) {
    let mut g = Graph::builder();
    let rain = g.node("rain", (), ConditionalTable::<(), bool>::new([[0.75, 0.25]]).unwrap());
    let wet = g.node("wet", rain, ConditionalTable::<bool, bool>::new([[1.0, 0.0], [0.0, 1.0]]).unwrap());
    (g.build().unwrap(), rain, wet)
}

#[test]
fn a_row_that_does_not_sum_to_one_is_named_with_its_sum() {
    let refused = ConditionalTable::<bool, bool>::new([[0.5, 0.5], [0.5, 0.25]]).unwrap_err();
    assert!(matches!(&refused, Error::NotNormalised { what, sum } if what == "row 1 of the table" && *sum == 0.75));
    let refused = ConditionalTable::<bool, bool>::new([[0.5, 0.5], [1.5, -0.5]]).unwrap_err();
    assert!(matches!(refused, Error::Parameter { value: 1.5, domain: "[0, 1]", .. }));
    let refused = ConditionalTable::<bool, bool>::new([[0.5, 0.5], [f64::NAN, 0.5]]).unwrap_err();
    assert!(matches!(refused, Error::Parameter { value, .. } if value.is_nan()));
}

#[test]
fn tables_of_the_wrong_shape_tell_both_shapes() {
    let refused = ConditionalTable::<bool, bool>::new([[0.5, 0.5]]).unwrap_err();
    assert!(matches!(refused, Error::Dimension { expected: 2, found: 1, .. }), "{refused}");
    let refused = ConditionalTable::<bool, bool>::new([vec![0.5, 0.5], vec![1.0]]).unwrap_err();
    assert!(matches!(refused, Error::Dimension { expected: 2, found: 1, .. }), "{refused}");
    let refused = ConditionalTable::<(usize, usize), bool>::new([[0.5, 0.5]; 4]).unwrap_err();
    assert_eq!(refused.to_string(), "the list of parents' states (give it with `over`): length 0, expected 2");
    let none: [[f64; 2]; 0] = [];
    assert!(matches!(ConditionalTable::<bool, bool>::new(none), Err(Error::Dimension { found: 0, .. })));
    assert!(matches!(Switch::<Vec<Normal>, bool>::new(Vec::new()), Err(Error::Dimension { found: 0, .. })));
    let of_two_sizes = vec![MultivariateNormal::standard(2), MultivariateNormal::standard(3)];
    assert!(matches!(Switch::<_, bool>::new(of_two_sizes), Err(Error::Dimension { expected: 2, found: 3, .. })));
    let refused = LinearGaussian::<(f64, bool)>::new(0.0, &[1.0], 1.0).unwrap_err();
    assert!(matches!(refused, Error::Dimension { expected: 2, found: 1, .. }));
    let refused = LinearGaussian::<f64>::new(0.0, &[1.0], 0.0).unwrap_err();
    assert!(matches!(refused, Error::Parameter { value: 0.0, domain: "(0, ∞)", .. }));
    let refused = LogisticRegression::<f64>::new(0.0, &[f64::INFINITY]).unwrap_err();
    assert!(matches!(refused, Error::Parameter { value: f64::INFINITY, .. }));
}

#[test]
fn a_table_for_other_parents_is_named_with_its_node() {
    let mut g = Graph::builder();
    let colour: Node<usize> = g.node("colour", (), ConditionalTable::new([[0.5, 0.25, 0.25]]).unwrap());
    let _: Node<bool> = g.node("wet", colour, ConditionalTable::new([[0.5, 0.5], [0.5, 0.5]]).unwrap());
    let refused = g.build().unwrap_err();
    assert_eq!(refused.to_string(), "node wet: the list of rows for one parent: length 2, expected 3");
}

#[test]
fn two_nodes_of_one_name_are_refused() {
    let mut g = Graph::builder();
    let _ = g.node("rain", (), coin());
    let _ = g.node("rain", (), coin());
    assert!(matches!(g.build(), Err(Error::Graph(GraphError::DuplicateName { name })) if name == "rain"));
}

#[test]
fn handles_of_another_graph_are_refused_everywhere() {
    let (graph, rain, wet) = rain();
    let mut g = Graph::builder();
    let far: Vec<Node<bool>> = (0..3).map(|v| g.node(format!("x{v}"), (), coin())).collect();
    let other = g.build().unwrap();

    // As a parent: also if the number exists here, and the message tells the child.
    let mut g = Graph::builder();
    let _ = g.node("a", (), coin());
    let _: Node<bool> = g.node("b", far[0], ConditionalTable::new([[0.5, 0.5]; 2]).unwrap());
    let refused = g.build().unwrap_err();
    assert!(refused.to_string().starts_with("node b: handle 0 belongs to another graph"), "{refused}");

    let foreign = |result: Result<_, Error>| matches!(result, Err(Error::Graph(GraphError::ForeignHandle { .. })));
    assert!(foreign(graph.posterior(far[0], &graph.evidence()).map(|_| ())));
    assert!(foreign(graph.log_evidence(&graph.evidence().with(far[2], true)).map(|_| ())));
    assert!(foreign(graph.log_joint(&other.assignment()).map(|_| ())));
    assert!(foreign(graph.posterior(rain, &other.evidence()).map(|_| ())));
    assert_eq!(graph.assignment().get(far[1]), None);
    assert!(graph.conditional::<ConditionalTable<(), bool>>(far[0]).is_none());
    // What was wrong first is told, also after a value that is right.
    assert!(foreign(
        graph.log_joint(&graph.assignment().with(far[1], true).with(rain, true).with(wet, true)).map(|_| ())
    ));
    assert!(foreign(graph.hide(far[0]).map(|_| ()).map_err(Error::from)));
}

#[test]
fn values_that_a_node_cannot_take_are_named_with_the_node() {
    let mut g = Graph::builder();
    let colour: Node<usize> = g.node("colour", (), ConditionalTable::new([[0.5, 0.25, 0.25]]).unwrap());
    let place = g.node("place", (), MultivariateNormal::standard(2));
    let graph = g.build().unwrap();
    let refused = graph.log_evidence(&graph.evidence().with(colour, 3)).unwrap_err();
    assert_eq!(refused.to_string(), "node colour cannot take the value 3");
    let refused = graph.log_evidence(&graph.evidence().with(place, vec![1.0, 2.0, 3.0])).unwrap_err();
    assert_eq!(refused.to_string(), "node place: the value: length 3, expected 2");
    let refused = graph.log_evidence(&graph.evidence().with(place, vec![1.0, f64::NAN])).unwrap_err();
    assert!(matches!(refused, Error::Graph(GraphError::Value { node, .. }) if node == "place"));
    let refused = graph.log_joint(&graph.assignment().with(colour, 1)).unwrap_err();
    assert_eq!(refused.to_string(), "node place has no value");
    // NaN takes a value away.
    let taken = graph.assignment().with(place, vec![0.5, 0.5]).with(place, vec![f64::NAN, f64::NAN]);
    assert_eq!(taken.get(place), None);
}

#[test]
fn impossible_evidence_is_an_error_and_never_nan() {
    let (graph, rain, wet) = rain();
    let contradiction = graph.evidence().with(rain, true).with(wet, false);
    assert_eq!(graph.log_evidence(&contradiction).unwrap(), f64::NEG_INFINITY);
    for node in [rain, wet] {
        let refused = graph.posterior(node, &contradiction);
        let text = refused.unwrap_err().to_string();
        assert!(text.starts_with("the evidence rain = true, wet = false has probability 0 under the model"), "{text}");
    }
    assert_eq!(format!("{contradiction:?}"), r#"{"rain": true, "wet": false}"#);
    let rows = Table::from_values(vec![1.0, 1.0, 1.0, 0.0], 2).unwrap();
    let refused = Em::default().fit(&graph.hide(()).unwrap(), &rows).unwrap_err();
    assert!(matches!(refused.cause, Error::Impossible { row: 1, .. }), "{refused}");
}

#[test]
fn a_row_of_data_that_does_not_fit_is_named() {
    let (graph, rain, _) = rain();
    let model = graph.hide(rain).unwrap();
    let fit = |values: Vec<f64>, columns| Em::default().fit(&model, &Table::from_values(values, columns).unwrap());
    let refused = Error::from(fit(vec![1.0, 0.0, 2.0], 1).unwrap_err());
    assert_eq!(refused.to_string(), "row 2: node wet cannot take the value 2");
    let refused = Error::from(fit(vec![1.0, 0.0, 0.5], 1).unwrap_err());
    assert_eq!(refused.to_string(), "row 2: node wet cannot take the value 0.5");
    let refused = Error::from(fit(vec![1.0, 0.0], 2).unwrap_err());
    assert_eq!(refused.to_string(), "row 0: the row has 2 cells, the visible nodes have 1: wet");
}

#[test]
fn a_hidden_node_that_is_neither_finite_nor_linear_gaussian_is_named() {
    let mut g = Graph::builder();
    let x = g.node("x", (), Laplace::new(0.0, 1.0).unwrap());
    let _ = g.node("y", x, LinearGaussian::<f64>::new(0.0, &[1.0], 1.0).unwrap());
    let refused =
        Em::default().fit(&g.build().unwrap().hide(x).unwrap(), &Table::from_values(vec![1.0, 2.0], 1).unwrap());
    let refused = Error::from(refused.unwrap_err()).to_string();
    assert!(
        refused.starts_with("row 0: no exact posterior: x is hidden, and neither finite nor linear-Gaussian"),
        "{refused}"
    );
}

#[test]
fn a_child_that_is_not_linear_gaussian_in_a_hidden_real_is_named_with_it() {
    let mut g = Graph::builder();
    let dose = g.node("dose", (), Normal::standard());
    let cured = g.node("cured", dose, LogisticRegression::<f64>::new(0.0, &[1.0]).unwrap());
    let graph = g.build().unwrap();
    let seen = graph.evidence().with(cured, true);
    for refused in [graph.posterior(dose, &seen).map(|_| ()), graph.infer(&seen).map(|_| ())] {
        let Err(Error::Graph(GraphError::NotLinearGaussian { node, child })) = refused else { panic!("{refused:?}") };
        assert_eq!((node.as_str(), child.as_str()), ("dose", "cured"));
    }
    // Where nothing seen depends on it, the child is left out, and its own posterior refused.
    let all = graph.infer(&graph.evidence()).unwrap();
    assert_eq!((all.of(dose).unwrap().mean(), all.of(dose).unwrap().variance()), (0.0, 1.0));
    assert!(matches!(all.of(cured), Err(Error::Graph(GraphError::NotLinearGaussian { .. }))));
}

#[test]
fn a_closure_says_what_its_values_are_where_its_type_does_not() {
    let rows = |&far: &bool| MultivariateNormal::spherical(vec![f64::from(u8::from(far)); 2], 1.0).unwrap();
    let labels = |&far: &bool| Categorical::new(if far { vec![0.5, 0.5, 0.0] } else { vec![0.0, 0.0, 1.0] }).unwrap();
    let mut g = Graph::builder();
    let far = g.node("far", (), coin());
    let _ = g.node("place", far, given(rows));
    assert!(matches!(g.build(), Err(Error::Graph(GraphError::UnknownLength { node })) if node == "place"));

    let mut g = Graph::builder();
    let far = g.node("far", (), coin());
    let place = g.node("place", far, given(rows).of_length(2));
    let silent = g.node("silent", far, given(labels));
    let label = g.node("label", far, given(labels).of_states(3));
    let graph = g.build().unwrap();
    let seen = graph.evidence().with(place, vec![0.5, 0.5]);
    // Both places are equally far from the one seen.
    let posterior = graph.posterior(label, &seen).unwrap();
    assert!(posterior.probabilities().iter().zip([0.25, 0.25, 0.5]).all(|(p, q)| (p - q).abs() < 1e-15));
    let refused = graph.posterior(silent, &seen).unwrap_err().to_string();
    assert!(refused.contains("silent") && refused.contains("of_states"), "{refused}");
}

#[test]
fn a_table_too_wide_for_memory_is_refused_with_its_nodes() {
    let mut g = Graph::builder();
    let causes: Vec<Node<usize>> = (0..6)
        .map(|v| g.node(format!("cause {v}"), (), ConditionalTable::over(&[], [[1.0 / 32.0; 32]]).unwrap()))
        .collect();
    // Pairs make every two causes neighbours.
    for a in 0..6 {
        for b in 0..a {
            let rows = vec![[0.5, 0.5]; 32 * 32];
            let table = ConditionalTable::over(&[32, 32], rows).unwrap();
            let _: Node<bool> = g.node(format!("{a} and {b}"), (causes[a], causes[b]), table);
        }
    }
    let graph = g.build().unwrap();
    let model = graph.hide(&causes).unwrap();
    let refused = Em::default().fit(&model, &Table::from_values(vec![1.0; 15], 15).unwrap()).unwrap_err();
    let Error::AtRow { row: 0, source } = refused.cause else { panic!("{refused}") };
    let Error::Graph(GraphError::TooWide { cells, nodes }) = *source else { panic!("{source}") };
    assert!(cells >= 32f64.powi(6) && nodes.matches("cause").count() == 6, "{cells} {nodes}");
}

#[test]
fn the_cells_of_a_row_are_found_by_the_names_of_their_columns() {
    let mut g = Graph::builder();
    let rain: Node<bool> = g.node("rain", (), coin());
    let place = g.node("place", (), MultivariateNormal::standard(2));
    let graph = g.build().unwrap();
    let of = |columns: &[&str], row: &[f64]| graph.evidence().with_row(columns, row);
    let row = of(&["place2", "rain", "place1"], &[4.0, 1.0, 3.0]);
    assert_eq!((row.get(rain), row.get(place)), (Some(true), Some(vec![3.0, 4.0])));
    let kept = graph.evidence().with(rain, true).with_row(&["rain"], &[f64::NAN]);
    assert_eq!(kept.get(rain), Some(true));
    let refused = |row| graph.log_evidence(&row).unwrap_err().to_string();
    assert_eq!(refused(of(&["rian"], &[1.0])), "no node is called `rian` (did you mean `rain`?)");
    assert_eq!(refused(of(&["rain"], &[2.0])), "node rain cannot take the value 2");
    assert_eq!(refused(of(&["place1"], &[2.0])), "node place cannot take the value NaN");
    assert_eq!(refused(of(&["rain", "place1"], &[1.0])), "the row: length 1, expected 2");
}

#[test]
fn a_printed_fit_shows_the_parameters_of_each_node_and_tied_ones_once() {
    let mut g = Graph::builder();
    let rain: Node<bool> = g.node("rain", (), coin());
    let first = g.node("first", rain, Switch::new(vec![Normal::standard(), Normal::new(3.0, 1.0).unwrap()]).unwrap());
    let _ = g.tied("second", rain, first);
    let model = g.build().unwrap().hide(rain).unwrap();
    let rows = Table::from_values(vec![0.0, 1.0, 0.5, -0.5, 3.0, 4.0, 3.5, 2.0], 2).unwrap();
    let text = Em::default().fit(&model, &rows).unwrap().to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "p(rain) p(first | rain) p(second | rain)");
    assert!(lines[1].starts_with("p(rain): ConditionalTable([["), "{text}");
    assert!(lines[2].starts_with("p(first | rain), tied: p(second | rain): Switch([Normal { mean: "), "{text}");
    assert!(lines[3].starts_with("log-likelihood"), "{text}");
}
