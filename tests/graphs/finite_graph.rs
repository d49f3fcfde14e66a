//! A graph of a type of one's own: its joint, draws and network are those of the plain sum over all joint states, and a
//! long chain costs what its slices cost.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::networks::networks;
use marginal::em::Em;
use marginal::error::{GraphError, NetworkError};
use marginal::graph::DirectedGraph;
use marginal::models::HiddenNetwork;
use marginal::network::{FiniteGraph, MISSING, StateTable};
use marginal::rand::{SeedableRng, rngs::Xoshiro256PlusPlus};
use proptest::prelude::*;

impl DirectedGraph for crate::networks::Network {
    fn len(&self) -> usize {
        self.states.len()
    }
    fn parents(&self, node: usize) -> &[usize] {
        &self.parents[node]
    }
}

impl FiniteGraph for crate::networks::Network {
    fn states(&self, node: usize) -> usize {
        self.states[node]
    }
    fn probability(&self, node: usize, state: usize, given: &[usize]) -> f64 {
        let parents = self.parents[node].iter().zip(given);
        let row = parents.fold(0, |row, (&parent, state)| row * self.states[parent] + state);
        self.sixteenths[node][row][state] as f64 / 16.0
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn joint_draws_and_posteriors_are_those_of_all_joint_states(net in networks(5, 3), seed: u64) {
        let total = net.total() as f64;
        for x in net.each_state() {
            let expected = (net.weight(&x) as f64 / total).ln();
            let found = net.log_joint(&x);
            prop_assert!(found == expected || (found - expected).abs() < 1e-12, "{found} {expected}");
        }
        prop_assert_eq!(net.log_joint(&vec![3; net.states.len()]), f64::NEG_INFINITY);
        prop_assert_eq!(net.log_joint(&[]), f64::NEG_INFINITY);
        let row = net.ancestral_sample(&mut Xoshiro256PlusPlus::seed_from_u64(seed)).unwrap();
        let (of_row, last) = (net.weight(&row), row.len() - 1);
        prop_assert!(of_row > 0);

        let mut tree = net.network().unwrap().junction_tree().unwrap();
        tree.observe(last, row[last]).unwrap();
        let posteriors = tree.posteriors().unwrap();
        let evidence = net.weight_of(&[(last, row[last])]) as f64;
        prop_assert!((posteriors.log_evidence() - (evidence / total).ln()).abs() < 1e-12);
        for node in 0..row.len() {
            let both = net.weight_of(&[(last, row[last]), (node, row[node])]) as f64;
            let found = posteriors.probability(node, row[node]).unwrap();
            prop_assert!((found - both / evidence).abs() < 1e-12);
        }
    }
}

#[test]
fn draws_have_the_joint() {
    struct Two;
    impl DirectedGraph for Two {
        fn len(&self) -> usize {
            2
        }
        // The parent has the larger number.
        fn parents(&self, node: usize) -> &[usize] {
            [&[1][..], &[]][node]
        }
    }
    impl FiniteGraph for Two {
        fn states(&self, _: usize) -> usize {
            2
        }
        fn probability(&self, _: usize, state: usize, given: &[usize]) -> f64 {
            let of_one = if given == [1] { 0.9 } else { 0.25 };
            if state == 1 { of_one } else { 1.0 - of_one }
        }
    }
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
    let mut counts = [0.0; 4];
    for _ in 0..20_000 {
        let x = Two.ancestral_sample(&mut rng).unwrap();
        counts[2 * x[0] + x[1]] += 1.0 / 20_000.0;
    }
    for (share, p) in counts.iter().zip([0.75f64 * 0.75, 0.25 * 0.1, 0.75 * 0.25, 0.25 * 0.9]) {
        assert!((share - p).abs() < 0.015, "{counts:?}");
    }
}

/// z₁ → z₂ → …, each z_t → x_t: nodes 2t and 2t + 1.
struct Chain {
    numbers: Vec<usize>,
    stay: f64,
    seen: f64,
}

impl DirectedGraph for Chain {
    fn len(&self) -> usize {
        self.numbers.len()
    }
    fn parents(&self, node: usize) -> &[usize] {
        let parent = if node % 2 == 1 { node - 1 } else { node.saturating_sub(2) };
        &self.numbers[parent..parent + usize::from(node > 0)]
    }
    fn name(&self, node: usize) -> String {
        format!("{}{}", ["z", "x"][node % 2], node / 2)
    }
}

impl FiniteGraph for Chain {
    fn states(&self, _: usize) -> usize {
        2
    }
    fn probability(&self, node: usize, state: usize, given: &[usize]) -> f64 {
        let same = if node % 2 == 1 { self.seen } else { self.stay };
        match given {
            [] => 0.5,
            _ if given[0] == state => same,
            _ => 1.0 - same,
        }
    }
    fn state_name(&self, _: usize, state: usize) -> String {
        ["dry", "wet"][state].to_owned()
    }
}

const SLICES: usize = 10_000;

fn chain() -> Chain {
    Chain { numbers: (0..2 * SLICES).collect(), stay: 0.875, seen: 0.75 }
}

#[test]
fn a_chain_of_ten_thousand_slices_has_the_posteriors_of_the_scaled_recursion() {
    let chain = chain();
    let network = chain.network().unwrap();
    assert_eq!(network.plan().width(), 1);
    let x: Vec<usize> = (0..SLICES).map(|t| usize::from(t * t % 7 < 3)).collect();
    let mut tree = network.junction_tree().unwrap();
    for (t, &state) in x.iter().enumerate() {
        tree.observe(format!("x{t}"), ["dry", "wet"][state]).unwrap();
    }
    let found = tree.posteriors().unwrap();

    let seen = |t: usize, z: usize| if x[t] == z { 0.75 } else { 0.25 };
    let stay = |a: usize, b: usize| if a == b { 0.875 } else { 0.125 };
    let mut log_evidence = 0.0;
    let mut forward: Vec<[f64; 2]> = Vec::new();
    for t in 0..SLICES {
        let before = |z| forward.last().map_or(0.5, |f| f[0] * stay(0, z) + f[1] * stay(1, z));
        let alpha = [before(0) * seen(t, 0), before(1) * seen(t, 1)];
        let scale = alpha[0] + alpha[1];
        log_evidence += f64::ln(scale);
        forward.push(alpha.map(|a| a / scale));
    }
    assert!((found.log_evidence() - log_evidence).abs() < 1e-9 * log_evidence.abs());
    let mut backward = [1.0, 1.0];
    for t in (0..SLICES).rev() {
        let both = [forward[t][0] * backward[0], forward[t][1] * backward[1]];
        let p = both[1] / (both[0] + both[1]);
        assert!((found.of(2 * t).unwrap()[1] - p).abs() < 1e-11, "slice {t}");
        let of = |z| (0..2).map(|next| stay(z, next) * seen(t, next) * backward[next]).sum::<f64>();
        let sum = of(0) + of(1);
        backward = [of(0) / sum, of(1) / sum];
    }
}

#[test]
fn a_chain_learns_one_transition_and_one_emission_from_one_long_row() {
    let chain = chain();
    let network = chain.network().unwrap();
    let mut row = chain.ancestral_sample(&mut Xoshiro256PlusPlus::seed_from_u64(3)).unwrap();
    row.iter_mut().step_by(2).for_each(|z| *z = MISSING);
    let mut table = StateTable::new(&network);
    table.push(&row, 1.0).unwrap();
    let transitions: Vec<usize> = (2..2 * SLICES).step_by(2).collect();
    let emissions: Vec<usize> = (1..2 * SLICES).step_by(2).collect();
    let model = HiddenNetwork::new(&network).tie(&transitions).unwrap().tie(&emissions).unwrap().fix(&["z0"]).unwrap();
    let fit = Em::default().max_iterations(30).verify(true).fit(&model, &table).unwrap();
    assert_eq!(fit.free_parameters, Some(4));
    let (stay, seen) = (fit.parameters.variables()[2].probabilities(), fit.parameters.variables()[1].probabilities());
    assert!((stay[0] - 0.875).abs() < 0.03 && (stay[3] - 0.875).abs() < 0.03, "{stay:?}");
    assert!((seen[0] - 0.75).abs() < 0.03 && (seen[3] - 0.75).abs() < 0.03, "{seen:?}");
    assert_eq!(fit.parameters.variables()[19_998].probabilities(), stay);
}

/// Any arrows, and a table that does not depend on the parents.
struct Any {
    parents: Vec<Vec<usize>>,
    row: [f64; 2],
    name: fn(usize) -> String,
}

impl DirectedGraph for Any {
    fn len(&self) -> usize {
        self.parents.len()
    }
    fn parents(&self, node: usize) -> &[usize] {
        &self.parents[node]
    }
    fn name(&self, node: usize) -> String {
        (self.name)(node)
    }
}

impl FiniteGraph for Any {
    fn states(&self, _: usize) -> usize {
        2
    }
    fn probability(&self, _: usize, state: usize, _: &[usize]) -> f64 {
        self.row[state]
    }
}

#[test]
fn what_is_wrong_with_a_graph_is_said_by_name() {
    let half = [0.5, 0.5];
    let refused = |parents: Vec<Vec<usize>>, row, name| Any { parents, row, name }.network().unwrap_err();
    let numbered: fn(usize) -> String = |node| format!("n{node}");
    let cycle = refused(vec![vec![1], vec![0]], half, numbered);
    assert!(matches!(&cycle, NetworkError::Graph(GraphError::Cycle { path }) if path.len() == 3), "{cycle}");
    let unknown = refused(vec![vec![], vec![7]], half, numbered).to_string();
    assert_eq!(unknown, "node n1 names the parent number 7, which is not a node of this graph");
    let twins = refused(vec![vec![], vec![]], half, |_| "twin".to_owned());
    assert!(matches!(twins, NetworkError::Graph(GraphError::DuplicateName { .. })), "{twins}");
    let row = refused(vec![vec![], vec![0]], [0.5, 0.25], numbered).to_string();
    assert_eq!(row, "p(n0) sums to 0.75, not to 1: mend the row");
    let mut wide = vec![vec![]; 40];
    wide.push((0..40).collect());
    assert!(matches!(refused(wide, half, numbered), NetworkError::TooLarge { cells, .. } if cells == 2f64.powi(41)));
}
