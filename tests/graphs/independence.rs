//! What the arrows alone say: order, ancestors, blankets, and independences that every table obeys.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::networks::{Network, networks};
use marginal::error::GraphError;
use marginal::graph::DirectedGraph;
use proptest::prelude::*;

/// The nodes of a bit mask.
fn nodes_of(mask: usize, len: usize) -> Vec<usize> {
    (0..len).filter(|node| mask >> node & 1 == 1).collect()
}

/// 16^V P(x_a, x_b, x_c) for binary nodes, x being the bits of `state`.
struct Weights(Vec<u64>);

impl Weights {
    fn of(network: &Network) -> Self {
        let mut weights = vec![0; 1 << network.len()];
        for x in network.each_state() {
            let state: usize = x.iter().enumerate().map(|(node, x)| x << node).sum();
            weights[state] = network.weight(&x);
        }
        Self(weights)
    }

    /// The sum over all states that agree with `state` on `mask`.
    fn sum(&self, mask: usize, state: usize) -> u128 {
        let agrees = |(other, _): &(usize, &u64)| other & mask == state & mask;
        self.0.iter().enumerate().filter(agrees).map(|(_, weight)| u128::from(*weight)).sum()
    }

    /// Whether P(a, b, c) P(c) = P(a, c) P(b, c) in every cell, exactly.
    fn independent(&self, a: usize, b: usize, given: usize) -> bool {
        (0..self.0.len()).all(|state| {
            let p = |mask: usize| self.sum(mask | given, state);
            p(a | b) * p(0) == p(a) * p(b)
        })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn separation_is_independence_under_every_table_and_nothing_else_is(network in networks(5, 2), seed in any::<u64>()) {
        let (graph, _) = network.graph();
        // Tables in sixteenths are independent by accident now and then: of 64 draws, one must show the dependence.
        let drawn: Vec<Weights> = (0..64).map(|k| Weights::of(&network.with_tables(seed.wrapping_add(k)))).collect();
        let own = Weights::of(&network);
        for a in 0..network.len() {
            for b in a + 1..network.len() {
                let rest = (1 << network.len()) - 1 - (1 << a) - (1 << b);
                for given in (0..1 << network.len()).filter(|mask| mask & !rest == 0) {
                    let separated = graph.d_separated(a, b, nodes_of(given, network.len()));
                    prop_assert_eq!(separated, graph.d_separated(b, a, nodes_of(given, network.len())));
                    let independent = |weights: &Weights| weights.independent(1 << a, 1 << b, given);
                    if separated {
                        prop_assert!(independent(&own) && drawn.iter().all(independent), "{} ⊥ {} | {:b}", a, b, given);
                    } else {
                        prop_assert!(!drawn.iter().all(independent), "{} and {} depend given {:b}", a, b, given);
                    }
                }
            }
        }
    }

    #[test]
    fn the_blanket_is_the_smallest_set_that_separates(network in networks(6, 2)) {
        let (graph, _) = network.graph();
        for node in 0..network.len() {
            let blanket = graph.markov_blanket(node);
            let others: Vec<usize> = (0..network.len()).filter(|v| *v != node && !blanket.contains(v)).collect();
            prop_assert!(graph.d_separated(node, &others, &blanket));
            for &member in &blanket {
                let fewer: Vec<usize> = blanket.iter().copied().filter(|v| *v != member).collect();
                prop_assert!(!graph.d_separated(node, member, fewer), "{} is needed in the blanket of {}", member, node);
            }
        }
    }

    #[test]
    fn every_parent_precedes_its_child_whatever_the_numbers(network in networks(7, 2), shuffle in any::<u64>()) {
        // The same arrows between nodes that were renumbered.
        let mut number: Vec<usize> = (0..network.len()).collect();
        number.sort_by_key(|node| (*node as u64 + 1).wrapping_mul(shuffle | 1).rotate_left(17));
        let mut arrows = Arrows(vec![Vec::new(); network.len()]);
        for node in 0..network.len() {
            arrows.0[number[node]] = network.parents[node].iter().map(|&parent| number[parent]).collect();
        }
        let order = arrows.topological_order().unwrap();
        let mut sorted = order.clone();
        sorted.sort_unstable();
        prop_assert_eq!(sorted, (0..network.len()).collect::<Vec<_>>());
        let place = |node: usize| order.iter().position(|v| *v == node).unwrap();
        for child in 0..arrows.len() {
            for &parent in arrows.parents(child) {
                prop_assert!(place(parent) < place(child));
                prop_assert!(arrows.children(parent).contains(&child));
                prop_assert!(arrows.ancestors(child).contains(&parent) && arrows.descendants(parent).contains(&child));
                prop_assert!(arrows.moral_graph()[parent].contains(&child));
            }
        }
    }
}

/// A graph of a type of our own: the parents of each node.
struct Arrows(Vec<Vec<usize>>);

impl DirectedGraph for Arrows {
    fn len(&self) -> usize {
        self.0.len()
    }
    fn parents(&self, node: usize) -> &[usize] {
        &self.0[node]
    }
}

#[test]
fn a_cycle_is_named_along_its_arrows() {
    let arrows = Arrows(vec![vec![], vec![0, 3], vec![1], vec![2], vec![3]]);
    let GraphError::Cycle { path } = arrows.topological_order().unwrap_err() else { panic!("a cycle") };
    assert_eq!((path.len(), path.first() == path.last()), (4, true));
    for arrow in path.windows(2) {
        let number = |name: &str| name[1..].parse::<usize>().unwrap() - 1;
        assert!(arrows.parents(number(&arrow[1])).contains(&number(&arrow[0])), "{} → {}", arrow[0], arrow[1]);
    }
    assert!(!arrows.is_acyclic());
    let alone = Arrows(vec![vec![0]]).topological_order().unwrap_err();
    assert_eq!(alone.to_string(), "the graph has a directed cycle: x1 → x1");
}

#[test]
fn a_parent_that_is_no_node_is_named_with_its_child() {
    let error = Arrows(vec![vec![], vec![0, 7]]).topological_order().unwrap_err();
    assert_eq!(error.to_string(), "node x2 names the parent number 7, which is not a node of this graph");
}

/// A hidden chain with an observation below each state, unrolled to a length that is known only when it runs:
/// states 0, 2, 4, …; observations 1, 3, 5, ….
struct Unrolled {
    numbers: Vec<usize>,
}

impl DirectedGraph for Unrolled {
    fn len(&self) -> usize {
        self.numbers.len()
    }
    fn parents(&self, node: usize) -> &[usize] {
        match (node, node % 2) {
            (0, _) => &[],
            (_, 0) => &self.numbers[node - 2..node - 1],
            _ => &self.numbers[node - 1..node],
        }
    }
    fn name(&self, node: usize) -> String {
        format!("{}{}", ["z", "x"][node % 2], node / 2 + 1)
    }
}

#[test]
fn every_algorithm_runs_on_an_unrolled_chain_of_ones_own() {
    let chain = Unrolled { numbers: (0..6).collect() };
    assert_eq!(chain.factorisation(), "p(z1) p(x1 | z1) p(z2 | z1) p(x2 | z2) p(z3 | z2) p(x3 | z3)");
    assert_eq!(chain.topological_order().unwrap(), [0, 1, 2, 3, 4, 5]);
    assert_eq!((chain.ancestors(5), chain.descendants(2)), (vec![0, 2, 4], vec![3, 4, 5]));
    assert_eq!((chain.markov_blanket(2), chain.children(2)), (vec![0, 3, 4], vec![3, 4]));
    assert_eq!(chain.moral_graph()[2], [0, 3, 4]);
    // The past and the future are independent given the present state, not given what is seen of it.
    assert!(chain.d_separated([0, 1], [4, 5], 2) && !chain.d_separated(1, 5, 3));
    assert!(chain.to_dot().contains("\"z2\" -> \"z3\";"));
    // Also where only the trait is known.
    let known_by_trait: &dyn DirectedGraph = &chain;
    assert!(known_by_trait.is_acyclic());
}
