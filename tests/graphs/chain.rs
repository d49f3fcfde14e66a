//! Long products: a chain of thousands of nodes does not underflow, and each of its factors is tabulated once.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use marginal::conditionals::{ConditionalDistribution, ConditionalTable, EstimateConditional, FixedConditional};
use marginal::graph::{Graph, Node};
use marginal::rand::Rng;

/// P(stay), P(leave) of each state, and of what is seen of it.
const STAY: f64 = 0.75;
const SEEN: f64 = 0.875;

/// A chain of hidden states; what is seen of each: every third time the opposite of `true`.
fn chain(len: usize) -> (Graph, Vec<Node<bool>>, Vec<Node<bool>>) {
    let mut g = Graph::builder();
    let (mut states, mut seen): (Vec<Node<bool>>, Vec<Node<bool>>) = (Vec::new(), Vec::new());
    for t in 0..len {
        let state = match states.last() {
            None => g.node("z0", (), ConditionalTable::new([[0.5, 0.5]]).unwrap()),
            Some(&last) => {
                g.node(format!("z{t}"), last, ConditionalTable::new([[STAY, 1.0 - STAY], [1.0 - STAY, STAY]]).unwrap())
            }
        };
        states.push(state);
        seen.push(g.node(
            format!("x{t}"),
            state,
            ConditionalTable::new([[SEEN, 1.0 - SEEN], [1.0 - SEEN, SEEN]]).unwrap(),
        ));
    }
    (g.build().unwrap(), states, seen)
}

/// The scaled forward recursion: ln p(x), and P(last state = true | x).
fn forward(len: usize) -> (f64, f64) {
    let (mut p, mut log_evidence) = (0.5, 0.0);
    for t in 0..len {
        if t > 0 {
            p = STAY * p + (1.0 - STAY) * (1.0 - p);
        }
        let of_true = if t % 3 == 0 { 1.0 - SEEN } else { SEEN };
        let total = p * of_true + (1.0 - p) * (1.0 - of_true);
        p = p * of_true / total;
        log_evidence += f64::ln(total);
    }
    (log_evidence, p)
}

fn ask(len: usize) -> (f64, f64) {
    let (graph, states, seen) = chain(len);
    let all_seen = seen.iter().enumerate().fold(graph.evidence(), |e, (t, &x)| e.with(x, t % 3 != 0));
    let posterior = graph.posterior(states[len - 1], &all_seen).unwrap();
    (posterior.log_evidence(), posterior.probability(&true))
}

#[test]
fn a_chain_of_sixteen_thousand_states_does_not_underflow() {
    let (log_evidence, p) = ask(16_000);
    let (expected, expected_p) = forward(16_000);
    assert!(expected < -745.0, "exp of it is 0, so the product would have been");
    // Round-off adds up over the states at worst.
    let round_off = 16_000.0 * 16.0 * f64::EPSILON;
    assert!((log_evidence - expected).abs() <= round_off * expected.abs(), "{log_evidence} {expected}");
    assert!((p - expected_p).abs() <= round_off);
}

/// A step of the chain that counts how often its density is asked for.
#[derive(Clone, Debug)]
struct Counted(Arc<AtomicUsize>);

impl ConditionalDistribution for Counted {
    type Given = bool;
    type Value = bool;
    fn log_density(&self, x: &bool, given: &bool) -> f64 {
        self.0.fetch_add(1, Ordering::Relaxed);
        if x == given { STAY.ln() } else { (1.0 - STAY).ln() }
    }
    fn sample(&self, given: &bool, _: &mut dyn Rng) -> bool {
        *given
    }
}

#[test]
fn each_factor_is_tabulated_once() {
    let asked = Arc::new(AtomicUsize::new(0));
    let mut g = Graph::builder();
    let first: Node<bool> = g.node("z0", (), ConditionalTable::new([[0.5, 0.5]]).unwrap());
    let last =
        (1..=500).fold(first, |last, t| g.node(format!("z{t}"), last, FixedConditional(Counted(Arc::clone(&asked)))));
    let graph = g.build().unwrap();
    graph.posterior(first, &graph.evidence().with(last, true)).unwrap();
    // Four cells in each table, and two in the last, whose node is seen.
    assert_eq!(asked.load(Ordering::Relaxed), 499 * 4 + 2);
    assert_eq!(FixedConditional(Counted(asked)).free_parameters(), Some(0));
}
