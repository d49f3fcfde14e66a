//! Approximate answers: weighted draws within their standard errors, and belief propagation, exact in polytrees.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::distributions::Distribution;
use marginal::error::NetworkError;
use marginal::graph::DirectedGraph;
use marginal::network::{BeliefPropagation, Findings, Network, WeightedPosteriors};
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

fn load(name: &str) -> Network {
    Network::read_bif(format!("data/networks/{name}.bif")).unwrap()
}

fn with(network: &Network, evidence: &[(&str, &str)]) -> Findings {
    let mut findings = network.findings();
    evidence.iter().for_each(|(variable, state)| {
        findings.observe(variable, state).unwrap();
    });
    findings
}

fn weighted(findings: &Findings, draws: usize) -> WeightedPosteriors {
    findings.likelihood_weighting(draws, &mut Xoshiro256PlusPlus::seed_from_u64(1)).unwrap()
}

/// The exact posteriors and ln p(evidence) of what is seen, and of soft evidence.
fn exact(network: &Network, evidence: &[(&str, &str)], soft: &[(&str, &[f64])]) -> (Vec<Vec<f64>>, f64) {
    let mut tree = network.junction_tree().unwrap();
    evidence.iter().for_each(|(variable, state)| tree.observe(variable, state).unwrap());
    soft.iter().for_each(|(variable, likelihood)| tree.observe_likelihood(variable, likelihood).unwrap());
    let posteriors = tree.posteriors().unwrap();
    (posteriors.iter().map(<[f64]>::to_vec).collect(), posteriors.log_evidence())
}

#[test]
fn weighted_draws_are_as_far_from_the_truth_as_they_say() {
    let asia: (_, &[_], &[(&str, &[f64])]) = ("asia", &[("xray", "yes"), ("smoke", "no")], &[("dysp", &[3.0, 1.0])]);
    let alarm: (_, &[_], &[(&str, &[f64])]) = ("alarm", &[("HRBP", "HIGH"), ("CVP", "NORMAL")], &[]);
    for (name, evidence, soft) in [asia, alarm, ("alarm", &[], &[])] {
        let network = load(name);
        let mut findings = with(&network, evidence);
        for (variable, likelihood) in soft {
            findings.observe_likelihood(variable, likelihood).unwrap();
        }
        let (expected, log_evidence) = exact(&network, evidence, soft);
        let (mut squares, mut count) = (0.0, 0.0);
        for seed in 0..20 {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
            let found = findings.likelihood_weighting(20_000, &mut rng).unwrap();
            assert!((found.log_evidence() - log_evidence).abs() <= 5.0 * found.log_evidence_error() + 1e-12);
            assert!(found.effective_sample_size() <= 20_000.0 * (1.0 + 1e-12) && found.draws() == 20_000.0);
            for (v, of_variable) in expected.iter().enumerate() {
                let errors = found.standard_errors(v).unwrap();
                for ((p, q), error) in found.of(v).unwrap().iter().zip(of_variable).zip(errors) {
                    assert!((p - q).abs() <= 5.0 * error + 1e-3, "{name}, {v}: {p} ± {error}, truly {q}");
                    // Of a state that is almost never drawn the error itself is hardly known.
                    if *q > 0.01 && *q < 0.99 {
                        squares += ((p - q) / error).powi(2);
                        count += 1.0;
                    }
                }
            }
        }
        // Errors that are too small would make this large, and too large ones small.
        let ratio = squares / count;
        assert!((0.7..1.4).contains(&ratio), "{name}: χ² / n = {ratio}");
    }
}

#[test]
fn draws_without_evidence_all_weigh_the_same() {
    let found = weighted(&load("asia").findings(), 1000);
    assert!((found.effective_sample_size() - 1000.0).abs() < 1e-9 && found.log_evidence().abs() < 1e-12);
    // Of n equal weights the error is that of a share.
    let p = found.of("smoke").unwrap()[0];
    let error = found.standard_errors("smoke").unwrap()[0];
    assert!((error - (p * (1.0 - p) / 1000.0).sqrt()).abs() < 1e-12);
    assert!(found.to_string().contains("approximate: 1000 draws, effective sample size 1000.0"), "{found}");
}

#[cfg(feature = "parallel")]
#[test]
fn the_number_of_threads_does_not_matter() {
    let findings = with(&load("alarm"), &[("HRBP", "HIGH")]);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| weighted(&findings, 5000))
    };
    let (one, three) = (on(1), on(3));
    assert_eq!(one.log_evidence().to_bits(), three.log_evidence().to_bits());
    assert!((0..37usize).all(|v| one.of(v).unwrap() == three.of(v).unwrap()));
}

#[test]
fn weights_that_no_number_holds_are_kept_as_logarithms() {
    let mut builder = Network::builder();
    builder.root("class", &["a", "b"], [0.5, 0.5]);
    for leaf in 0..400 {
        builder.variable(&format!("x{leaf}"), &["no", "yes"], &["class"], [1.0 - 1e-9, 1e-9, 1.0 - 2e-9, 2e-9]);
    }
    let mut findings = builder.build().unwrap().findings();
    for leaf in 1..=400usize {
        findings.observe(leaf, 1).unwrap();
    }
    let found = weighted(&findings, 100);
    assert!(found.of("class").unwrap()[1] > 1.0 - 1e-12);
    assert!((found.log_evidence() - 400.0 * 2e-9f64.ln()).abs() < 2.0);
    let beliefs = BeliefPropagation::default().beliefs(&findings).unwrap();
    // ln (½ a⁴⁰⁰ + ½ b⁴⁰⁰), whose first term is nothing beside the second.
    assert!((beliefs.log_evidence() - (400.0 * 2e-9f64.ln() + 0.5f64.ln())).abs() < 1e-9);
}

#[test]
fn impossible_evidence_is_told_by_either_engine() {
    let findings = with(&load("asia"), &[("tub", "yes"), ("either", "no")]);
    let error = findings.likelihood_weighting(500, &mut Xoshiro256PlusPlus::seed_from_u64(1)).unwrap_err();
    assert!(matches!(error, NetworkError::NoWeight { draws: 500, .. }));
    let text = error.to_string();
    assert!(text.starts_with("none of 500 draws is possible under the evidence tub = yes, either = no: "), "{text}");
    let error = BeliefPropagation::default().beliefs(&findings).unwrap_err();
    assert!(matches!(error, NetworkError::ImpossibleEvidence { .. }));
    let none = load("asia").findings().likelihood_weighting(0, &mut Xoshiro256PlusPlus::seed_from_u64(1));
    assert!(matches!(none.unwrap_err(), NetworkError::NoWeight { draws: 0, .. }));
    let error = BeliefPropagation::default().damping(1.0).beliefs(&findings).unwrap_err();
    assert_eq!(error.to_string(), "damping = 1 is not in [0, 1)");
}

#[test]
fn loops_are_approximated_and_not_settling_is_told() {
    let alarm = load("alarm");
    let evidence = [("HRBP", "HIGH"), ("CVP", "NORMAL")];
    let findings = with(&alarm, &evidence);
    let beliefs = BeliefPropagation::default().beliefs(&findings).unwrap();
    assert!(beliefs.converged() && beliefs.change() <= 1e-9, "{beliefs}");
    let (expected, _) = exact(&alarm, &evidence, &[]);
    let apart =
        |v: usize| beliefs.of(v).unwrap().iter().zip(&expected[v]).map(|(p, q)| (p - q).abs()).sum::<f64>() / 2.0;
    let apart: Vec<f64> = (0..alarm.len()).map(apart).collect();
    let mean = apart.iter().sum::<f64>() / 37.0;
    assert!(mean > 1e-4 && mean < 0.05, "{mean}: {apart:.3?}");
    let cut_short = BeliefPropagation::default().iterations(1).beliefs(&findings).unwrap();
    assert!(!cut_short.converged() && cut_short.iterations() == 1 && cut_short.change() > 1e-9);
    assert!(cut_short.to_string().contains("NOT converged after 1 iteration, last change"), "{cut_short}");
    // Damped messages settle at the same fixed point, more slowly.
    let damped =
        BeliefPropagation::default().damping(0.5).iterations(1000).tolerance(1e-12).beliefs(&findings).unwrap();
    assert!(damped.converged() && damped.iterations() > beliefs.iterations());
    for v in 0..alarm.len() {
        let (a, b) = (damped.of(v).unwrap(), beliefs.of(v).unwrap());
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-7));
    }
}

/// With the folder of the larger networks in MARGINAL_NETWORKS.
#[test]
#[ignore = "the larger networks are not part of this repository"]
fn large_networks_are_approximated_and_it_is_told_how() {
    let folder = std::env::var("MARGINAL_NETWORKS").unwrap();
    for (name, suffix) in [("andes", ""), ("link", "_logpe_only"), ("munin1", "_logpe_only")] {
        let network = Network::read_bif(format!("{folder}/{name}.bif")).unwrap();
        let text = std::fs::read_to_string(format!("{folder}/reference/{name}{suffix}.json")).unwrap();
        let reference: serde_json::Value = serde_json::from_str(&text).unwrap();
        for (set, of_set) in reference["evidence_sets"].as_object().unwrap() {
            let mut findings = network.findings();
            for (variable, state) in of_set["evidence"].as_object().unwrap() {
                findings.observe(variable.as_str(), state.as_str().unwrap()).unwrap();
            }
            let log = of_set["log_p_evidence"].as_f64().unwrap();
            println!("{name}, {set}: ln p(e) = {log}");
            let start = std::time::Instant::now();
            let beliefs = BeliefPropagation::default().beliefs(&findings).unwrap();
            println!("    {beliefs}: {}, in {:.1?}", beliefs.log_evidence(), start.elapsed());
            assert_eq!(beliefs.converged(), beliefs.change() <= 1e-9);
            let start = std::time::Instant::now();
            match findings.likelihood_weighting(10_000, &mut Xoshiro256PlusPlus::seed_from_u64(1)) {
                Err(error) => println!("    {} …", &error.to_string()[..60]),
                Ok(found) => {
                    let (log, error) = (found.log_evidence(), found.log_evidence_error());
                    println!("    {found}: {log} ± {error}, in {:.1?}", start.elapsed());
                }
            }
        }
    }
}

/// Every node but the first hangs on an earlier one, by an arrow either way: there is one path between any two.
fn polytree() -> impl Strategy<Value = (Network, Vec<Option<usize>>)> {
    let node = (2usize..4, any::<proptest::sample::Index>(), any::<bool>(), 0usize..8);
    let shares = proptest::collection::vec(0u8..5, 400);
    (proptest::collection::vec(node, 1..8), shares).prop_map(|(nodes, shares)| {
        let mut parents: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
        for (v, (_, other, down, _)) in nodes.iter().enumerate().skip(1) {
            let other = other.index(v);
            let (parent, child) = if *down || parents[other].len() == 3 { (other, v) } else { (v, other) };
            parents[child].push(parent);
        }
        let mut builder = Network::builder();
        let mut next = shares.into_iter().cycle();
        for (v, of_v) in parents.iter().enumerate() {
            let rows: usize = of_v.iter().map(|&p| nodes[p].0).product();
            let mut table = Vec::new();
            for _ in 0..rows {
                let mut row: Vec<f64> = next.by_ref().take(nodes[v].0).map(f64::from).collect();
                row[0] += 1.0;
                let sum: f64 = row.iter().sum();
                table.extend(row.into_iter().map(|p| p / sum));
            }
            let states: Vec<String> = (0..nodes[v].0).map(|state| state.to_string()).collect();
            let of_v: Vec<String> = of_v.iter().map(|p| format!("x{p}")).collect();
            builder.variable(&format!("x{v}"), &states, &of_v, table);
        }
        let seen = nodes.iter().map(|node| (node.3 < node.0).then_some(node.3)).collect();
        (builder.build().unwrap(), seen)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn belief_propagation_is_exact_in_polytrees((network, seen) in polytree()) {
        let states: Vec<usize> = network.variables().iter().map(|variable| variable.states().len()).collect();
        let mut findings = network.findings();
        for (v, state) in seen.iter().enumerate() {
            if let Some(state) = state {
                findings.observe(v, *state).unwrap();
            }
        }
        let mut sums: Vec<Vec<f64>> = states.iter().map(|&states| vec![0.0; states]).collect();
        for mut number in 0..states.iter().product() {
            let row: Vec<usize> = states.iter().map(|states| (number % states, number /= states).0).collect();
            if row.iter().zip(&seen).all(|(state, seen)| seen.is_none_or(|seen| seen == *state)) {
                let p = network.log_density(&row).exp();
                row.iter().enumerate().for_each(|(v, &state)| sums[v][state] += p);
            }
        }
        let p_evidence: f64 = sums[0].iter().sum();
        let beliefs = BeliefPropagation::default().beliefs(&findings);
        if p_evidence == 0.0 {
            let impossible = matches!(beliefs.unwrap_err(), NetworkError::ImpossibleEvidence { .. });
            prop_assert!(impossible);
            return Ok(());
        }
        let beliefs = beliefs.unwrap();
        prop_assert!(beliefs.converged(), "{beliefs}");
        prop_assert!((beliefs.log_evidence() - p_evidence.ln()).abs() < 1e-9);
        for (v, sums) in sums.iter().enumerate() {
            for (p, sum) in beliefs.of(v).unwrap().iter().zip(sums) {
                prop_assert!((p - sum / p_evidence).abs() < 1e-9, "x{}: {} against {}", v, p, sum / p_evidence);
            }
        }
    }
}

#[test]
fn one_state_is_asked_for_by_name() {
    let findings = with(&load("asia"), &[("xray", "yes")]);
    let drawn = weighted(&findings, 1000);
    let beliefs = BeliefPropagation::default().beliefs(&findings).unwrap();
    assert_eq!(drawn.probability("lung", "no").unwrap(), drawn.of("lung").unwrap()[1]);
    assert_eq!(beliefs.probability("lung", 1).unwrap(), beliefs.of("lung").unwrap()[1]);
    assert!(matches!(beliefs.probability("lung", "maybe"), Err(NetworkError::UnknownState { .. })));
    assert!(matches!(drawn.probability("liver", "no"), Err(NetworkError::UnknownVariable { .. })));
}
