//! Exact inference against the plain sum over all joint states, on random networks with random evidence.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;

use crate::networks::networks;
use marginal::distributions::Distribution;
use marginal::error::NetworkError;
use marginal::network::{JunctionTree, Network};
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

/// The same network of the library, its variables in an order of their own.
fn of_library(network: &crate::networks::Network, reversed: bool) -> Network {
    let mut builder = Network::builder();
    let names: Vec<String> = (0..network.len()).map(|v| format!("x{v}")).collect();
    let numbers: Vec<usize> = if reversed { (0..network.len()).rev().collect() } else { (0..network.len()).collect() };
    for v in numbers {
        let states: Vec<String> = (0..network.states[v]).map(|state| format!("s{state}")).collect();
        let parents: Vec<&String> = network.parents[v].iter().map(|&parent| &names[parent]).collect();
        let table: Vec<f64> = network.sixteenths[v].iter().flatten().map(|&k| k as f64 / 16.0).collect();
        builder.variable(&names[v], &states, &parents, table);
    }
    builder.build().unwrap()
}

/// What is known of each variable: nothing, a state, or a likelihood in quarters.
#[derive(Clone, Debug)]
enum Known {
    Nothing,
    State(usize),
    Likelihood([u8; 3]),
}

fn known() -> impl Strategy<Value = Known> {
    prop_oneof![
        3 => Just(Known::Nothing),
        2 => (0usize..3).prop_map(Known::State),
        1 => [0u8..5, 0u8..5, 1u8..5].prop_map(Known::Likelihood),
    ]
}

/// p(x, evidence) of every joint state, by multiplication.
fn enumerate(network: &crate::networks::Network, evidence: &[Known]) -> Vec<(Vec<usize>, f64)> {
    let likelihood = |(state, known): (&usize, &Known)| match known {
        Known::Nothing => 1.0,
        Known::State(seen) => f64::from(u8::from(state == seen)),
        Known::Likelihood(quarters) => f64::from(quarters[*state]) / 4.0,
    };
    let total = network.total() as f64;
    let p = |x: &Vec<usize>| network.weight(x) as f64 / total * x.iter().zip(evidence).map(likelihood).product::<f64>();
    network.each_state().map(|x| (x.clone(), p(&x))).collect()
}

fn apply(tree: &mut JunctionTree, network: &crate::networks::Network, evidence: &[Known]) {
    for (v, known) in evidence.iter().enumerate() {
        let name = format!("x{v}");
        match known {
            Known::Nothing => tree.forget(&name),
            Known::State(state) => tree.observe(&name, format!("s{state}")),
            Known::Likelihood(quarters) => {
                let likelihood: Vec<f64> = quarters[..network.states[v]].iter().map(|q| f64::from(*q) / 4.0).collect();
                tree.observe_likelihood(&name, &likelihood)
            }
        }
        .unwrap();
    }
}

/// Evidence that fits the numbers of states and is not refused by itself.
fn fitting(network: &crate::networks::Network, evidence: Vec<Known>) -> Vec<Known> {
    let fit = |(v, known): (usize, Known)| match known {
        Known::State(state) => Known::State(state % network.states[v]),
        Known::Likelihood([0, 0, _]) if network.states[v] == 2 => Known::Nothing,
        other => other,
    };
    evidence.into_iter().take(network.len()).enumerate().map(fit).collect()
}

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-12
}

fn check(
    network: &crate::networks::Network,
    library: &Network,
    tree: &mut JunctionTree,
    evidence: &[Known],
    asked: &[usize],
) -> Result<(), TestCaseError> {
    apply(tree, network, evidence);
    let joint = enumerate(network, evidence);
    let p_evidence: f64 = joint.iter().map(|(_, p)| p).sum();
    let number = |v: usize| library.variable(&format!("x{v}")).unwrap();
    if p_evidence == 0.0 {
        prop_assert_eq!(tree.log_evidence(), f64::NEG_INFINITY);
        prop_assert_eq!(tree.findings().log_evidence().unwrap(), f64::NEG_INFINITY);
        let impossible = matches!(tree.posteriors(), Err(NetworkError::ImpossibleEvidence { .. }));
        prop_assert!(impossible && tree.most_probable().is_err() && tree.joint(&[0usize]).is_err());
        return Ok(());
    }
    prop_assert!(close(tree.findings().log_evidence().unwrap(), p_evidence.ln()));
    let posteriors = tree.posteriors().unwrap();
    prop_assert!(close(posteriors.log_evidence(), p_evidence.ln()));
    for v in 0..network.len() {
        let found = posteriors.of(number(v)).unwrap();
        for (state, p) in found.iter().enumerate() {
            let expected: f64 = joint.iter().filter(|(x, _)| x[v] == state).map(|(_, p)| p).sum();
            prop_assert!(
                close(*p, expected / p_evidence),
                "x{} = {}: {} against {}",
                v,
                state,
                p,
                expected / p_evidence
            );
        }
    }
    let best = joint.iter().map(|(_, p)| *p).fold(0.0, f64::max);
    let explanation = tree.most_probable().unwrap();
    prop_assert!(close(explanation.log_joint, best.ln()));
    let named: Vec<usize> = (0..network.len()).map(|v| explanation.states[number(v)]).collect();
    let claimed = joint.iter().find(|(x, _)| *x == named).unwrap().1;
    prop_assert!(close(claimed.ln(), best.ln()));
    let mut sorted: Vec<f64> = joint.iter().map(|(_, p)| *p).filter(|p| *p > 0.0).collect();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let best = tree.explanations(4).unwrap();
    prop_assert_eq!(best.len(), sorted.len().min(4));
    for (number, explanation) in best.iter().enumerate() {
        prop_assert!(close(explanation.log_joint, sorted[number].ln()), "number {} of the best", number);
        prop_assert!(!best[..number].iter().any(|other| other.states == explanation.states));
    }

    let asked: Vec<usize> = asked.iter().map(|v| v % network.len()).collect();
    let numbers: Vec<usize> = asked.iter().map(|&v| number(v)).collect();
    let mut expected: HashMap<Vec<usize>, f64> = HashMap::new();
    for (x, p) in &joint {
        *expected.entry(asked.iter().map(|&v| x[v]).collect()).or_default() += p / p_evidence;
    }
    for found in [tree.joint(&numbers).unwrap(), tree.findings().joint(&numbers).unwrap()] {
        for (states, p) in &expected {
            prop_assert!(close(found.probability(states), *p), "{:?} of {:?}", states, asked);
        }
        prop_assert!(close(found.probabilities().iter().sum(), 1.0));
    }
    let drawn = tree.sample(&mut Xoshiro256PlusPlus::seed_from_u64(3)).unwrap();
    let named: Vec<usize> = (0..network.len()).map(|v| drawn[number(v)]).collect();
    prop_assert!(joint.iter().find(|(x, _)| *x == named).unwrap().1 > 0.0);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_junction_tree_is_the_plain_sum(
        network in networks(6, 3),
        reversed in any::<bool>(),
        rounds in proptest::collection::vec(
            (proptest::collection::vec(known(), 6), proptest::collection::vec(0usize..6, 1..4)), 1..4),
    ) {
        let library = of_library(&network, reversed);
        let mut tree = library.junction_tree().unwrap();
        // The same tree under one evidence after the other.
        for (evidence, asked) in rounds {
            check(&network, &library, &mut tree, &fitting(&network, evidence), &asked)?;
        }
    }

    #[test]
    fn explanations_to_the_last_are_all_possible_states_in_order(
        network in networks(5, 3),
        evidence in proptest::collection::vec(known(), 5),
    ) {
        let library = of_library(&network, false);
        let evidence = fitting(&network, evidence);
        let mut possible = enumerate(&network, &evidence);
        possible.retain(|(_, p)| *p > 0.0);
        let mut tree = library.junction_tree().unwrap();
        apply(&mut tree, &network, &evidence);
        let Ok(found) = tree.explanations(usize::MAX) else {
            prop_assert!(possible.is_empty());
            return Ok(());
        };
        prop_assert_eq!(found.len(), possible.len());
        prop_assert!(found.is_sorted_by(|a, b| a.log_joint >= b.log_joint - 1e-12));
        let by_states: HashMap<&Vec<usize>, f64> = possible.iter().map(|(x, p)| (x, *p)).collect();
        let distinct: std::collections::HashSet<&Vec<usize>> = found.iter().map(|one| &one.states).collect();
        prop_assert_eq!(distinct.len(), found.len());
        prop_assert!(found.iter().all(|one| close(one.log_joint, by_states[&one.states].ln())));
        let sum: f64 = found.iter().map(|one| one.log_joint.exp()).sum();
        prop_assert!(close(sum, tree.log_evidence().exp()));
    }

    #[test]
    fn the_density_of_a_row_is_its_product_and_its_draws_are_possible(network in networks(7, 3), seed in any::<u64>()) {
        let library = of_library(&network, false);
        let total = network.total() as f64;
        for x in network.each_state() {
            let p = network.weight(&x) as f64 / total;
            prop_assert!((library.log_density(&x).exp() - p).abs() < 1e-15);
        }
        let drawn = library.sample(&mut Xoshiro256PlusPlus::seed_from_u64(seed));
        prop_assert!(network.weight(&drawn) > 0);
    }
}

/// season → rain, season → sprinkler, both → wet: the season confounds.
fn sprinkler() -> Network {
    Network::builder()
        .root("season", &["dry", "wet"], [0.5, 0.5])
        .variable("sprinkler", &["off", "on"], &["season"], [0.25, 0.75, 0.875, 0.125])
        .variable("rain", &["no", "yes"], &["season"], [0.875, 0.125, 0.25, 0.75])
        .build()
        .unwrap()
}

#[test]
fn to_do_is_not_to_see() {
    let network = sprinkler();
    let mut seen = network.findings();
    seen.observe("sprinkler", "on").unwrap();
    // p(rain | sprinkler on) = (0.5·0.75·0.125 + 0.5·0.125·0.75) / 0.4375
    assert!(close(seen.joint(&["rain"]).unwrap().probability(&[1]), 0.09375 / 0.4375));
    let mut done = network.intervene("sprinkler", "on").unwrap().findings();
    done.observe("sprinkler", "on").unwrap();
    assert!(close(done.joint(&["rain"]).unwrap().probability(&[1]), 0.4375));
    assert!(close(done.log_evidence().unwrap(), 0.0));
    assert_eq!(network.to_string(), "p(season) p(sprinkler | season) p(rain | season)");
}

#[test]
fn draws_have_the_posterior_frequencies() {
    let mut tree = sprinkler().junction_tree().unwrap();
    tree.observe("rain", "yes").unwrap();
    let p = tree.posteriors().unwrap().of("sprinkler").unwrap()[1];
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
    let n = 20_000;
    let on = (0..n).filter(|_| tree.sample(&mut rng).unwrap()[1] == 1).count();
    let error = (p * (1.0 - p) / f64::from(n)).sqrt();
    assert!((on as f64 / f64::from(n) - p).abs() < 5.0 * error, "{on} of {n}, p = {p}");
}

/// x0 → x1 → …: each keeps its parent's state with probability 0.9, and is seen through a noisy likelihood.
fn chain(length: usize) -> Network {
    let mut builder = Network::builder();
    builder.root("x0", &["a", "b"], [0.5, 0.5]);
    for v in 1..length {
        builder.variable(&format!("x{v}"), &["a", "b"], &[format!("x{}", v - 1)], [0.9, 0.1, 0.1, 0.9]);
    }
    builder.build().unwrap()
}

#[test]
fn ten_thousand_nodes_in_a_row_are_the_forward_algorithm() {
    let length = 10_000;
    let mut tree = chain(length).junction_tree().unwrap();
    let (mut forward, mut log) = ([0.5, 0.5], 0.0);
    for v in 0..length {
        let likelihood = if v % 3 == 0 { [1e-200, 3e-200] } else { [0.7, 0.2] };
        tree.observe_likelihood(v, &likelihood).unwrap();
        if v > 0 {
            forward = [0.9 * forward[0] + 0.1 * forward[1], 0.1 * forward[0] + 0.9 * forward[1]];
        }
        forward = [forward[0] * likelihood[0], forward[1] * likelihood[1]];
        let sum = forward[0] + forward[1];
        log += sum.ln();
        forward = [forward[0] / sum, forward[1] / sum];
    }
    let posteriors = tree.posteriors().unwrap();
    assert!((posteriors.log_evidence() / log - 1.0).abs() < 1e-13, "{} against {log}", posteriors.log_evidence());
    assert!(close(posteriors.of(length - 1).unwrap()[0], forward[0]));
}

#[test]
fn a_thousand_leaves_that_disagree_do_not_underflow() {
    let mut builder = Network::builder();
    builder.root("class", &["a", "b"], [0.25, 0.75]);
    for leaf in 0..1000 {
        builder.variable(&format!("x{leaf}"), &["no", "yes"], &["class"], [1.0 - 1e-9, 1e-9, 1e-9, 1.0 - 1e-9]);
    }
    let mut tree = builder.build().unwrap().junction_tree().unwrap();
    for leaf in 0..1000usize {
        tree.observe(leaf + 1, leaf % 2).unwrap();
    }
    let posteriors = tree.posteriors().unwrap();
    assert!((posteriors.of("class").unwrap()[0] - 0.25).abs() < 1e-12);
    assert!((posteriors.log_evidence() - 500.0 * (1e-9f64.ln() + (-1e-9f64).ln_1p())).abs() < 1e-9);
}

#[test]
fn what_does_not_fit_is_refused_before_it_is_tried() {
    // Every pair of 40 causes has an effect of its own: one clique of 2^40 cells.
    let mut builder = Network::builder();
    for v in 0..40 {
        builder.root(&format!("x{v}"), &["a", "b"], [0.5, 0.5]);
        for u in 0..v {
            let parents = [format!("x{u}"), format!("x{v}")];
            builder.variable(&format!("y{u}_{v}"), &["a", "b"], &parents, [0.5; 8]);
        }
    }
    let network = builder.build().unwrap();
    let plan = network.plan();
    assert_eq!((plan.width(), plan.largest()), (39, 2f64.powi(40)));
    let error = plan.compile().unwrap_err();
    let NetworkError::TooLarge { largest, .. } = &error else { panic!("{error}") };
    assert_eq!(*largest, 2f64.powi(40));
    assert!(error.to_string().contains("TiB"), "{error}");
    // One effect asks for two causes only.
    let mut findings = network.findings();
    findings.observe("y3_7", "b").unwrap();
    assert!(close(findings.joint(&["x3"]).unwrap().probability(&[1]), 0.5));
    let all: Vec<usize> = (0..40).collect();
    assert!(matches!(findings.joint(&all), Err(NetworkError::TooLarge { .. })));
}

#[test]
fn names_and_numbers_that_are_not_known() {
    let mut tree = sprinkler().junction_tree().unwrap();
    let text = |result: Result<(), NetworkError>| result.unwrap_err().to_string();
    assert_eq!(text(tree.observe("reign", "no")), "no variable is called `reign` (did you mean `rain`?)");
    let states = "`sprinkler` has no state `ON` (did you mean `on`?): its states are off, on";
    assert_eq!(text(tree.observe("sprinkler", "ON")), states);
    assert_eq!(text(tree.observe(7, 0)), "no variable is called `number 7`");
    let two = "the likelihood of `rain` is [1.0], instead of 2 numbers in [0, ∞) that are not all 0";
    assert_eq!(text(tree.observe_likelihood("rain", &[1.0])), two);
    for wrong in [[f64::NAN, 1.0], [-1.0, 1.0], [0.0, 0.0], [f64::INFINITY, 1.0]] {
        assert!(tree.observe_likelihood("rain", &wrong).is_err());
    }
    assert_eq!(tree.log_evidence(), 0.0);
}

#[test]
fn a_joint_question_keeps_to_the_memory_of_its_tree() {
    let asia = Network::read_bif("data/networks/asia.bif").unwrap();
    let all: Vec<usize> = (0..8).collect();
    assert_eq!(asia.junction_tree().unwrap().joint(&all).unwrap().probabilities().len(), 256);
    let bytes = asia.plan().bytes();
    let mut tree = asia.plan().compile_within(bytes).unwrap();
    tree.posteriors().unwrap();
    let refused = tree.joint(&all).unwrap_err();
    assert!(matches!(refused, NetworkError::TooLarge { cells: 256.0, .. }), "{refused}");
    assert!(tree.joint(&["asia", "xray"]).is_ok());
}
