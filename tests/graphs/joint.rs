//! The joint is the product of its factors, sums to one, and is what ancestral draws have.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;

use crate::networks::networks;
use marginal::conditionals::ConditionalTable;
use marginal::graph::{DirectedGraph, Graph};
use marginal::rand::{SeedableRng, rngs::Xoshiro256PlusPlus};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_joint_is_the_product_of_the_factors_and_sums_to_one(network in networks(5, 3)) {
        let (graph, nodes) = network.graph();
        let mut mass = 0.0;
        for x in network.each_state() {
            let all = nodes.iter().fold(graph.assignment(), |all, &node| all.with(node, x[node.index()]));
            let log_joint = graph.log_joint(&all).unwrap();
            // Products of k/16 are exact, and so is their sum.
            let (mut product, mut sum_of_logs) = (1.0, 0.0);
            for &node in &nodes {
                let parents: Vec<usize> = network.parents[node.index()].iter().map(|&parent| x[parent]).collect();
                let table: &ConditionalTable<[usize], usize> = graph.conditional(node).unwrap();
                let p = table.probability(&x[node.index()], &parents);
                product *= p;
                sum_of_logs += p.ln();
            }
            prop_assert_eq!(product, network.weight(&x) as f64 / network.total() as f64);
            prop_assert_eq!(log_joint, sum_of_logs);
            mass += product;
        }
        prop_assert_eq!(mass, 1.0);
    }

    #[test]
    fn the_text_names_each_factor_once(network in networks(6, 2)) {
        let (graph, _) = network.graph();
        let factor = |node: usize| {
            let parents: Vec<String> = network.parents[node].iter().map(|parent| format!("x{}", parent + 1)).collect();
            let bar = if parents.is_empty() { "" } else { " | " };
            format!("p(x{}{bar}{})", node + 1, parents.join(", "))
        };
        let expected: Vec<String> = (0..network.len()).map(factor).collect();
        prop_assert_eq!(graph.to_string(), expected.join(" "));
    }
}

/// How far a share of n draws may lie from p, for all but one in 10¹² of the cells (Bernstein).
fn bound(p: f64, n: f64) -> f64 {
    let log_odds = 2e12f64.ln();
    (2.0 * p * (1.0 - p) * log_odds / n).sqrt() + log_odds / (3.0 * n)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ancestral_draws_have_the_joint(network in networks(5, 3), seed in 0u64..1000) {
        let (graph, nodes) = network.graph();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let n = 4000;
        let mut seen: HashMap<Vec<usize>, f64> = HashMap::new();
        for _ in 0..n {
            let draw = graph.sample(&mut rng);
            *seen.entry(nodes.iter().map(|&node| draw.get(node).unwrap()).collect()).or_default() += 1.0 / f64::from(n);
        }
        for x in network.each_state() {
            let p = network.weight(&x) as f64 / network.total() as f64;
            let share = seen.remove(&x).unwrap_or(0.0);
            prop_assert!((share - p).abs() <= bound(p, f64::from(n)), "{:?} has p = {}, and {} of the draws", x, p, share);
            prop_assert!(p > 0.0 || share == 0.0, "{:?} cannot be, but was drawn", x);
        }
        prop_assert!(seen.is_empty());
    }
}

#[test]
fn an_empty_graph_is_the_empty_product() {
    let graph = Graph::builder().build().unwrap();
    assert!(graph.is_empty());
    assert_eq!(graph.log_joint(&graph.assignment()).unwrap(), 0.0);
    assert_eq!(graph.log_evidence(&graph.evidence()).unwrap(), 0.0);
    assert_eq!(graph.to_string(), "");
}
