//! Refusals of sums that do not fit: sizes and names as people read them.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::network::Network;

/// Coins, and for each pair of them a node below both: all coins stand in one clique.
fn pairs(coins: usize) -> Network {
    let mut builder = Network::builder();
    for v in 0..coins {
        builder.variable(&format!("x{v}"), &["0", "1"], &[] as &[&str], vec![0.5, 0.5]);
    }
    for a in 0..coins {
        for b in 0..a {
            let parents = [format!("x{a}"), format!("x{b}")];
            builder.variable(
                &format!("y{a}_{b}"),
                &["0", "1"],
                &parents,
                vec![0.25, 0.75, 0.5, 0.5, 0.5, 0.5, 0.75, 0.25],
            );
        }
    }
    builder.build().unwrap()
}

#[test]
fn of_a_clique_of_93_variables_the_first_few_are_named() {
    let network = pairs(93);
    let refusal = network.junction_tree().unwrap_err().to_string();
    assert!(refusal.contains("would need 7.9·10^28 bytes for ") && refusal.contains(", … (93 in all)"), "{refusal}");
    assert!(refusal.contains("9.9·10^27 cells") && refusal.len() < 500, "{refusal}");
    let plan = network.plan().to_string();
    assert!(plan.contains("·10^27 cells") && plan.len() < 200, "{plan}");
    let asked: Vec<usize> = (0..40).collect();
    let refusal = network.findings().joint(&asked).unwrap_err().to_string();
    assert!(refusal.contains("would need 8.0 TiB for 1.1·10^12 cells") && refusal.contains("(40 in all)"), "{refusal}");
}
