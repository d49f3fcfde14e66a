//! The drawing is a DOT file that Graphviz reads, whatever the names.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::conditionals::ConditionalTable;
use marginal::graph::{Graph, Node};
use proptest::prelude::*;

/// The statements of `digraph { … }`: a node as one name, an arrow as two; with what stands in brackets.
fn parsed(dot: &str) -> Vec<(Vec<String>, String)> {
    let body = dot.strip_prefix("digraph {\n").and_then(|rest| rest.strip_suffix("}\n")).unwrap();
    let mut letters = body.chars().peekable();
    let mut statements = Vec::new();
    while letters.peek().is_some() {
        let (mut names, mut attributes) = (Vec::new(), String::new());
        loop {
            match letters.next().unwrap() {
                '"' => {
                    let mut name = String::new();
                    loop {
                        match letters.next().unwrap() {
                            '"' => break,
                            '\\' => match letters.next().unwrap() {
                                'n' => name.push('\n'),
                                escaped => name.push(escaped),
                            },
                            letter => name.push(letter),
                        }
                    }
                    names.push(name);
                }
                '[' => attributes = letters.by_ref().take_while(|letter| *letter != ']').collect(),
                ';' => break,
                ' ' => (),
                '-' => assert_eq!(letters.next(), Some('>')),
                other => panic!("{other:?} stands outside a name"),
            }
        }
        assert_eq!(letters.next(), Some('\n'));
        statements.push((names, attributes));
    }
    statements
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nodes_and_arrows_are_read_back_from_the_drawing(
        names in proptest::collection::hash_set("[a-z\"\\\\\n;{}>\\- é]{0,6}", 3).prop_map(Vec::from_iter),
    ) {
        let mut g = Graph::builder();
        let a: Node<bool> = g.node(&names[0], (), ConditionalTable::new([[0.5, 0.5]]).unwrap());
        let b: Node<bool> = g.node(&names[1], a, ConditionalTable::new([[0.5, 0.5]; 2]).unwrap());
        let _: Node<bool> = g.node(&names[2], (a, b), ConditionalTable::new([[0.5, 0.5]; 4]).unwrap());
        let graph = g.build().unwrap();
        let node = |v: usize| vec![names[v].clone()];
        let arrow = |v: usize, w: usize| vec![names[v].clone(), names[w].clone()];
        let expected = [node(0), node(1), node(2), arrow(0, 1), arrow(0, 2), arrow(1, 2)];
        let plain: Vec<_> = expected.iter().map(|names| (names.clone(), String::new())).collect();
        prop_assert_eq!(parsed(&graph.to_dot()), plain);

        // What the data show is shaded.
        let mut shaded = parsed(&graph.hide(a).unwrap().to_dot());
        prop_assert_eq!(&shaded.remove(0), &(node(0), String::new()));
        prop_assert!(shaded[..2].iter().all(|(_, attributes)| attributes == "style=filled, fillcolor=lightgrey"));
    }
}
