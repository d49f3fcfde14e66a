//! Times the questions to one network that other programs can be asked too.
//!
//! `cargo bench --bench questions -- FILE.bif [ROUNDS]` prints one line of JSON with the median microseconds of: `cold`,
//! all posteriors without evidence, from the network to the numbers; `again`, the same of a tree that stands, once the
//! evidence on twelve nodes without children is another; `one`, once a single finding is. `compare_networks.py` beside
//! this file puts the same questions to pyAgrum.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark may panic")]

use std::time::Instant;

use marginal::graph::DirectedGraph;
use marginal::network::{JunctionTree, Network};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let Some(file) = arguments.first() else { return };
    let rounds: usize = arguments.get(1).map_or(9, |rounds| rounds.parse().unwrap());
    let network = Network::read(file).unwrap();
    let leaves: Vec<usize> = (0..network.len()).filter(|&v| network.children(v).is_empty()).take(12).collect();

    let mut value = 0.0;
    let cold = median(rounds, || value = network.junction_tree().unwrap().posteriors().unwrap().log_evidence());
    let mut tree = network.junction_tree().unwrap();
    let (mut one, mut again) = (Vec::new(), Vec::new());
    for round in 0..2 * rounds {
        again.push(time(|| value = ask(&mut tree, &leaves, round % 2)));
        one.push(time(|| value = ask(&mut tree, &leaves[..1], 1 - round % 2)));
    }
    // The first round fills what is filled once.
    let (again, one) = (middle(&mut again[1..]), middle(&mut one[1..]));
    println!("{}", serde_json::json!({ "cold": cold, "again": again, "one": one, "log_evidence": value }));
}

/// ln p(evidence) and all posteriors, after each of these leaves was seen in its first or second state, softly: no
/// evidence is then impossible.
fn ask(tree: &mut JunctionTree, leaves: &[usize], state: usize) -> f64 {
    for &leaf in leaves {
        let states = tree.network().variables()[leaf].states().len();
        let likelihood: Vec<f64> = (0..states).map(|s| if s == state { 0.9 } else { 0.1 }).collect();
        tree.observe_likelihood(leaf, &likelihood).unwrap();
    }
    tree.posteriors().unwrap().log_evidence()
}

fn median(rounds: usize, mut work: impl FnMut()) -> f64 {
    middle(&mut (0..rounds).map(|_| time(&mut work)).collect::<Vec<f64>>())
}

fn middle(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// In microseconds.
fn time(work: impl FnOnce()) -> f64 {
    let clock = Instant::now();
    work();
    clock.elapsed().as_secs_f64() * 1e6
}
