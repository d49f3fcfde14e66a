//! The most probable explanations of large networks: what each costs grows with the network, not with its square.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Instant;

use marginal::network::Network;

/// States that stay as they were with probability 0.9.
fn chain(nodes: usize) -> Network {
    let mut builder = Network::builder();
    builder.variable("x0", &["0", "1"], &[] as &[&str], vec![0.6, 0.4]);
    for v in 1..nodes {
        builder.variable(&format!("x{v}"), &["0", "1"], &[format!("x{}", v - 1)], vec![0.9, 0.1, 0.1, 0.9]);
    }
    builder.build().unwrap()
}

#[test]
fn explanations_of_a_long_chain_take_no_square_of_its_length() {
    let network = chain(20_000);
    let mut tree = network.junction_tree().unwrap();
    let start = Instant::now();
    let best = tree.explanations(6).unwrap();
    let steps = 19_999.0 * 0.9f64.ln();
    assert_eq!(best[0].states, vec![0; 20_000]);
    assert_eq!(best[1].states, vec![1; 20_000]);
    assert!((best[0].log_joint - (0.6f64.ln() + steps)).abs() < 1e-8);
    assert!((best[1].log_joint - (0.4f64.ln() + steps)).abs() < 1e-8);
    // One move, at the first or at the last step.
    let third = if best[2].states[0] == 0 { 0.6f64.ln() } else { 0.4f64.ln() };
    assert!((best[2].log_joint - (third + steps - 9f64.ln())).abs() < 1e-8, "{}", best[2].log_joint);
    assert!(best.windows(2).all(|pair| pair[0].log_joint >= pair[1].log_joint && pair[0].states != pair[1].states));
    // A square takes minutes here.
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}
