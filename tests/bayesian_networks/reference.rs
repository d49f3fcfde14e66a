//! Real networks against the answers of other programs: every posterior and ln p(evidence), to 1e-9.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};
use std::time::Instant;

use marginal::distributions::Distribution;
use marginal::error::NetworkError;
use marginal::graph::DirectedGraph;
use marginal::network::{JunctionTree, Network};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use serde_json::Value;

/// The largest deviation over all sets of evidence of one network.
fn deviation(network: &Network, tree: &mut JunctionTree, reference: &Value) -> f64 {
    let mut worst = 0.0f64;
    for (name, set) in reference["evidence_sets"].as_object().unwrap() {
        tree.forget_all();
        for (variable, state) in set["evidence"].as_object().unwrap() {
            tree.observe(variable.as_str(), state.as_str().unwrap()).unwrap();
        }
        let log = set["log_p_evidence"].as_f64().unwrap();
        assert!((tree.findings().log_evidence().unwrap() - log).abs() < 1e-9, "{name}: on its own");
        let posteriors = tree.posteriors().unwrap();
        worst = worst.max((posteriors.log_evidence() - log).abs());
        for (variable, expected) in set["posterior"].as_object().into_iter().flatten() {
            let found = posteriors.of(variable.as_str()).unwrap();
            let expected = expected.as_array().unwrap();
            assert_eq!(found.len(), expected.len());
            for (p, q) in found.iter().zip(expected) {
                worst = worst.max((p - q.as_f64().unwrap()).abs());
            }
        }
        check_explanation(network, tree);
    }
    worst
}

/// The explanation has the probability it claims, agrees with the evidence, and no draw from the posterior has more.
fn check_explanation(network: &Network, tree: &mut JunctionTree) {
    let best = tree.most_probable().unwrap();
    assert!((network.log_density(&best.states) - best.log_joint).abs() < 1e-9);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    for _ in 0..20 {
        let drawn = tree.sample(&mut rng).unwrap();
        assert!(network.log_density(&drawn) <= best.log_joint + 1e-9);
        assert!(network.log_density(&drawn) > f64::NEG_INFINITY);
    }
}

fn check(folder: &Path, name: &str) -> f64 {
    let network = Network::read_bif(folder.join(format!("{name}.bif"))).unwrap();
    assert!(Network::from_bif(&network.to_bif()).unwrap() == network, "{name}");
    let text = |suffix: &str| std::fs::read_to_string(folder.join(format!("reference/{name}{suffix}.json")));
    let reference: Value = serde_json::from_str(&text("").or_else(|_| text("_logpe_only")).unwrap()).unwrap();
    let start = Instant::now();
    let plan = network.plan();
    let planned = start.elapsed();
    println!("{name}: {} nodes, {plan}", network.len());
    let start = Instant::now();
    let mut tree = plan.compile().unwrap();
    let compiled = start.elapsed();
    let worst = deviation(&network, &mut tree, &reference);
    println!("    planned in {planned:.1?}, compiled in {compiled:.1?}, deviation {worst:.1e}");
    worst
}

#[test]
fn all_posteriors_are_those_of_other_programs() {
    for name in ["asia", "sachs", "child", "insurance", "alarm", "hailfinder", "win95pts"] {
        let worst = check(Path::new("data/networks"), name);
        assert!(worst < 1e-9, "{name} deviates by {worst:e}");
    }
}

/// With the folder of the larger networks in MARGINAL_NETWORKS.
#[test]
#[ignore = "the larger networks are not part of this repository"]
fn all_posteriors_of_large_networks_are_those_of_other_programs() {
    let folder = PathBuf::from(std::env::var("MARGINAL_NETWORKS").unwrap());
    for name in ["andes", "pigs", "mildew", "link", "munin1"] {
        let worst = check(&folder, name);
        assert!(worst < 1e-9, "{name} deviates by {worst:e}");
    }
}

#[test]
fn impossible_evidence_is_named() {
    let asia = Network::read_bif("data/networks/asia.bif").unwrap();
    let mut tree = asia.junction_tree().unwrap();
    tree.observe("tub", "yes").unwrap();
    tree.observe("either", "no").unwrap();
    assert_eq!(tree.log_evidence(), f64::NEG_INFINITY);
    let error = tree.posteriors().unwrap_err();
    assert!(matches!(error, NetworkError::ImpossibleEvidence { .. }));
    assert_eq!(
        error.to_string(),
        "the evidence tub = yes, either = no has probability 0 under the network: leave a finding out, or mend the \
         tables whose 0 excludes it"
    );
    assert!(tree.most_probable().is_err() && tree.joint(&["lung"]).is_err() && tree.joint(&["asia", "dysp"]).is_err());
    assert!(tree.sample(&mut Xoshiro256PlusPlus::seed_from_u64(1)).is_err());
    // The tree still answers once the evidence is mended.
    tree.forget("either").unwrap();
    assert!((tree.posteriors().unwrap().of("either").unwrap()[0] - 1.0).abs() < 1e-12);
}
