//! Products far below what 64-bit numbers hold: every answer against the plain sum over all joint states in logarithms.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::oracle::log_sum_exp;
use marginal::conditionals::{ConditionalTable, Switch};
use marginal::data::{Batch, Rows};
use marginal::distributions::{Bernoulli, Distribution, Normal};
use marginal::em::Em;
use marginal::graph::{DirectedGraph, Graph, Node};
use marginal::latent::LatentModel;
use marginal::models::HiddenNetwork;
use marginal::network::{BeliefPropagation, Findings, MISSING, Network, StateTable};
use marginal::rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

type Generator = Xoshiro256PlusPlus;

/// What is known of a variable.
#[derive(Clone, Debug)]
enum Known {
    Nothing,
    State(usize),
    Likelihood(Vec<f64>),
}

/// All joint states, and ln p(states, evidence) of each.
fn enumerated(network: &Network, evidence: &[Known]) -> Vec<(Vec<usize>, f64)> {
    let states: Vec<usize> = network.variables().iter().map(|variable| variable.states().len()).collect();
    let row = |mut number: usize| {
        let digit = |&states: &usize| (number % states, number /= states).0;
        states.iter().map(digit).collect::<Vec<usize>>()
    };
    let log = |(state, known): (&usize, &Known)| match known {
        Known::Nothing => 0.0,
        Known::State(seen) => {
            if seen == state {
                0.0
            } else {
                f64::NEG_INFINITY
            }
        }
        Known::Likelihood(likelihood) => likelihood[*state].ln(),
    };
    let rows = (0..states.iter().product()).map(row);
    rows.map(|x| (network.log_density(&x) + x.iter().zip(evidence).map(log).sum::<f64>(), x))
        .map(|(log, x)| (x, log))
        .collect()
}

/// ln Σ of those that are wanted.
fn log_sum(joint: &[(Vec<usize>, f64)], wanted: impl Fn(&[usize]) -> bool) -> f64 {
    log_sum_exp(&joint.iter().filter(|(x, _)| wanted(x)).map(|(_, log)| *log).collect::<Vec<_>>())
}

fn close(found: f64, expected: f64) -> bool {
    found == expected || (found - expected).abs() <= 1e-12 * (1.0 + expected.abs())
}

const SMALL: [f64; 9] = [0.0, 0.0, 1e-200, 1e-300, 5e-324, 1e-120, 3e-8, 0.25, 0.4];

/// One entry of a row is what the others, mostly tiny or 0, leave.
fn row(states: usize, rng: &mut Generator) -> Vec<f64> {
    let mut row: Vec<f64> = (0..states).map(|_| SMALL[rng.random_range(0..SMALL.len())]).collect();
    let large = rng.random_range(0..states);
    row[large] = 0.0;
    row[large] = 1.0 - row.iter().sum::<f64>();
    row
}

/// Parents are among the nodes before; at most one each where the network is to be a tree.
fn network(nodes: usize, most_parents: usize, rng: &mut Generator) -> Network {
    let mut builder = Network::builder();
    let states: Vec<usize> = (0..nodes).map(|_| rng.random_range(2..4)).collect();
    for v in 0..nodes {
        let mut parents: Vec<usize> = Vec::new();
        for _ in 0..rng.random_range(0..=most_parents) {
            if v > 0 {
                parents.push(rng.random_range(0..v));
            }
        }
        parents.sort_unstable();
        parents.dedup();
        let rows: usize = parents.iter().map(|&p| states[p]).product();
        let table: Vec<f64> = (0..rows).flat_map(|_| row(states[v], rng)).collect();
        let names: Vec<String> = (0..states[v]).map(|state| state.to_string()).collect();
        let parents: Vec<String> = parents.iter().map(|p| format!("x{p}")).collect();
        builder.variable(&format!("x{v}"), &names, &parents, table);
    }
    builder.build().unwrap()
}

fn evidence(network: &Network, share: f64, rng: &mut Generator) -> Vec<Known> {
    let mut known = |variable: &marginal::network::Variable| {
        let states = variable.states().len();
        if rng.random::<f64>() > share {
            return Known::Nothing;
        }
        if rng.random_bool(0.7) {
            return Known::State(rng.random_range(0..states));
        }
        let scale = [1.0, 1e300, 1e-300][rng.random_range(0..3)];
        let mut likelihood: Vec<f64> = row(states, rng).iter().map(|l| l * scale).collect();
        likelihood[rng.random_range(0..states)] = 1e-308;
        Known::Likelihood(likelihood)
    };
    network.variables().iter().map(&mut known).collect()
}

fn findings(network: &Network, evidence: &[Known]) -> Findings {
    let mut findings = network.findings();
    for (v, known) in evidence.iter().enumerate() {
        match known {
            Known::Nothing => continue,
            Known::State(state) => findings.observe(v, *state).unwrap(),
            Known::Likelihood(likelihood) => findings.observe_likelihood(v, likelihood).unwrap(),
        };
    }
    findings
}

#[test]
fn exact_inference_gives_the_plain_sums_in_logarithms() {
    let mut rng = Generator::seed_from_u64(1);
    let mut deep = 0;
    for case in 0..2500 {
        let (nodes, share) = (rng.random_range(1..8), rng.random::<f64>());
        let network = network(nodes, 3, &mut rng);
        let evidence = evidence(&network, share, &mut rng);
        let joint = enumerated(&network, &evidence);
        let log_evidence = log_sum(&joint, |_| true);
        let findings = findings(&network, &evidence);
        assert!(close(findings.log_evidence().unwrap(), log_evidence), "{case}: {network}, {evidence:?}");
        let mut tree = findings.junction_tree().unwrap();
        if log_evidence == f64::NEG_INFINITY {
            assert!(tree.posteriors().is_err() && tree.most_probable().is_err() && tree.explanations(3).is_err());
            continue;
        }
        deep += usize::from(log_evidence < -1000.0);
        // The largest products first, so that the sums come after them in one tree.
        let mut logs: Vec<f64> = joint.iter().map(|(_, log)| *log).filter(|log| *log > f64::NEG_INFINITY).collect();
        logs.sort_by(|a, b| b.total_cmp(a));
        assert!(close(tree.most_probable().unwrap().log_joint, logs[0]));
        let best = tree.explanations(5).unwrap();
        assert_eq!(best.len(), logs.len().min(5), "{case}");
        for (number, explanation) in best.iter().enumerate() {
            let (_, log) = joint.iter().find(|(x, _)| *x == explanation.states).unwrap();
            assert!(close(explanation.log_joint, logs[number]) && close(*log, logs[number]), "{case}, {number}");
            assert!(!best[..number].iter().any(|other| other.states == explanation.states));
        }
        let posteriors = tree.posteriors().unwrap();
        assert!(close(posteriors.log_evidence(), log_evidence));
        for (v, found) in posteriors.iter().enumerate() {
            for (state, found) in found.iter().enumerate() {
                let expected = (log_sum(&joint, |x| x[v] == state) - log_evidence).exp();
                assert!((found - expected).abs() < 1e-11, "{case}: {network}, {evidence:?}: x{v} = {state}: {found}");
            }
        }
        let pair = [nodes - 1, 0];
        let states = network.variables()[0].states().len();
        for pairs in [tree.joint(&pair).unwrap(), findings.joint(&pair).unwrap()] {
            for (cell, found) in pairs.probabilities().iter().enumerate() {
                let agrees = |x: &[usize]| x[nodes - 1] == cell / states && x[0] == cell % states;
                let expected = (log_sum(&joint, agrees) - log_evidence).exp();
                assert!(nodes == 1 || (found - expected).abs() < 1e-11, "{case}: {found} instead of {expected}");
            }
        }
        let drawn = tree.sample(&mut rng).unwrap();
        let (_, log) = joint.iter().find(|(x, _)| *x == drawn).unwrap();
        assert!(*log > logs[0] - 100.0);
    }
    assert!(deep > 200, "{deep}");
}

#[test]
fn expected_counts_are_the_plain_sums_in_logarithms() {
    let mut rng = Generator::seed_from_u64(2);
    let mut deep = 0;
    for case in 0..2500 {
        let (nodes, share) = (rng.random_range(2..8), rng.random::<f64>());
        let network = network(nodes, 3, &mut rng);
        let row: Vec<usize> = network
            .variables()
            .iter()
            .map(|v| if rng.random::<f64>() < share { rng.random_range(0..v.states().len()) } else { MISSING })
            .collect();
        let known: Vec<Known> =
            row.iter().map(|&s| if s == MISSING { Known::Nothing } else { Known::State(s) }).collect();
        let joint = enumerated(&network, &known);
        let log = log_sum(&joint, |_| true);
        let model = HiddenNetwork::new(&network);
        let mut s = model.statistics(&network);
        let result = model.e_step(&network, Batch::new(Rows::new(&row, row.len()).unwrap(), None, 0), &mut s);
        if log == f64::NEG_INFINITY {
            assert!(result.is_err(), "{case}");
            continue;
        }
        deep += usize::from(log < -1000.0);
        assert!(close(result.unwrap().value(), log), "{case}: {network}, {row:?}");
        let seen: Vec<usize> = (0..nodes).filter(|&v| row[v] != MISSING).collect();
        let above = network.ancestors(&seen[..]);
        for v in (0..nodes).filter(|v| seen.contains(v) || above.contains(v)) {
            let family: Vec<usize> = network.parents(v).iter().copied().chain([v]).collect();
            let states = |u: usize| network.variables()[u].states().len();
            let cell = |x: &[usize]| family.iter().fold(0, |cell, &u| cell * states(u) + x[u]);
            for (number, found) in s.of_variable(&network, v).unwrap().iter().enumerate() {
                let expected = (log_sum(&joint, |x| cell(x) == number) - log).exp();
                assert!((found - expected).abs() < 1e-11, "{case}, x{v}, {number}: {found} instead of {expected}");
            }
        }
    }
    assert!(deep > 100, "{deep}");
}

#[test]
fn belief_propagation_on_trees_gives_the_plain_sums_in_logarithms() {
    let mut rng = Generator::seed_from_u64(3);
    for case in 0..1000 {
        let (nodes, share) = (rng.random_range(1..9), rng.random::<f64>());
        let network = network(nodes, 1, &mut rng);
        let evidence = evidence(&network, share, &mut rng);
        let joint = enumerated(&network, &evidence);
        let log_evidence = log_sum(&joint, |_| true);
        let beliefs = BeliefPropagation::default().beliefs(&findings(&network, &evidence));
        let Ok(beliefs) = beliefs else {
            assert_eq!(log_evidence, f64::NEG_INFINITY, "{case}: {network}, {evidence:?}");
            continue;
        };
        assert!(close(beliefs.log_evidence(), log_evidence), "{case}: {} {log_evidence}", beliefs.log_evidence());
        for v in 0..nodes {
            for (state, found) in beliefs.of(v).unwrap().iter().enumerate() {
                let expected = (log_sum(&joint, |x| x[v] == state) - log_evidence).exp();
                assert!((found - expected).abs() < 1e-9, "{case}: x{v} = {state}: {found} instead of {expected}");
            }
        }
    }
}

#[test]
fn a_state_comes_back_when_later_evidence_excludes_its_rival() {
    let network = Network::read_bif("tests/cases/star.bif").unwrap();
    let mut findings = network.findings();
    for sign in 0..7 {
        findings.observe(format!("s{sign}"), "y").unwrap();
    }
    let right = 0.5f64.ln() - 450.0 * 10f64.ln();
    assert!((right - -1036.8564).abs() < 1e-4);
    assert!(close(findings.log_evidence().unwrap(), right));
    let mut tree = findings.junction_tree().unwrap();
    assert!(close(tree.log_evidence(), right));
    assert_eq!(tree.posteriors().unwrap().probability("c", "b").unwrap(), 1.0);
    let best = tree.explanations(2).unwrap();
    assert_eq!((best[0].states[0], best[1].states[0]), (1, 0));
    assert!(close(best[0].log_joint, right) && close(best[1].log_joint, 0.5f64.ln() - 600.0 * 10f64.ln()));
    let mut rng = Generator::seed_from_u64(4);
    assert_eq!(tree.sample(&mut rng).unwrap()[0], 1);
    assert_eq!(tree.joint(&["c", "s0"]).unwrap().probability(&[1, 1]), 1.0);
    assert_eq!(findings.joint(&["c"]).unwrap().probability(&[1]), 1.0);
    let beliefs = BeliefPropagation::default().beliefs(&findings).unwrap();
    assert_eq!(beliefs.probability("c", "b").unwrap(), 1.0);
    assert!(close(beliefs.log_evidence(), right));
    let drawn = findings.likelihood_weighting(1000, &mut rng).unwrap();
    assert_eq!(drawn.probability("c", "b").unwrap(), 1.0);
    assert!((drawn.log_evidence() - right).abs() < 0.2);
    // Without the contradiction it needs no logarithms, and nothing of them is left.
    tree.forget_all();
    tree.observe("s0", "y").unwrap();
    let mut fresh = network.junction_tree().unwrap();
    fresh.observe("s0", "y").unwrap();
    assert_eq!(tree.log_evidence(), fresh.log_evidence());
    let (again, fresh) = (tree.posteriors().unwrap(), fresh.posteriors().unwrap());
    assert!(again.iter().eq(fresh.iter()));
}

/// A cause with so many signs, of which the first speak for one state and the others for the other.
fn signs(first: usize, others: usize) -> Network {
    let mut builder = Network::builder();
    builder.variable("cause", &["a", "b"], &[] as &[&str], vec![0.5, 0.5]);
    for sign in 0..first + others {
        let table = if sign < first { [0.001, 0.999, 0.999, 0.001] } else { [0.999, 0.001, 0.001, 0.999] };
        builder.variable(&format!("x{sign}"), &["n", "y"], &["cause"], table.to_vec());
    }
    builder.build().unwrap()
}

#[test]
fn hundreds_of_signs_may_contradict_each_other_until_late() {
    for (first, others) in [(150, 151), (200, 201), (300, 300), (1000, 1001)] {
        let network = signs(first, others);
        let mut findings = network.findings();
        for sign in 1..network.len() {
            findings.observe(sign, "y").unwrap();
        }
        let (few, many) = (first as f64, others as f64);
        let of = |y: f64, n: f64| 0.5f64.ln() + y * 0.999f64.ln() + n * 0.001f64.ln();
        let log_evidence = log_sum_exp(&[of(few, many), of(many, few)]);
        let p = (of(many, few) - log_evidence).exp();
        let mut tree = findings.junction_tree().unwrap();
        let posteriors = tree.posteriors().unwrap();
        assert!((posteriors.probability("cause", "b").unwrap() - p).abs() < 1e-10, "{first} + {others}");
        assert!(close(posteriors.log_evidence(), log_evidence));
        assert!(close(tree.most_probable().unwrap().log_joint, of(many, few)));
        let beliefs = BeliefPropagation::default().beliefs(&findings).unwrap();
        assert!((beliefs.probability("cause", "b").unwrap() - p).abs() < 1e-10);

        let mut row = vec![1; network.len()];
        row[0] = MISSING;
        let model = HiddenNetwork::new(&network);
        let mut s = model.statistics(&network);
        let batch = Batch::new(Rows::new(&row, row.len()).unwrap(), None, 0);
        assert!(close(model.e_step(&network, batch, &mut s).unwrap().value(), log_evidence));
        assert!((s.of_variable(&network, "cause").unwrap()[1] - p).abs() < 1e-10);
    }
}

#[test]
fn em_climbs_where_products_underflow() {
    let mut rng = Generator::seed_from_u64(5);
    let network = signs(200, 200);
    let mut table = StateTable::new(&network);
    for _ in 0..40 {
        // Half of the cells say the opposite.
        let mut row: Vec<usize> = (0..network.len()).map(|_| rng.random_range(0..2)).collect();
        row[0] = MISSING;
        table.push(&row, 1.0).unwrap();
    }
    let fit = Em::default().verify(true).max_iterations(30).fit(&HiddenNetwork::new(&network), &table).unwrap();
    assert!(fit.history.is_sorted() && fit.history[0].is_finite());
}

/// A hidden kind, and measurements of it that lie thousands of deviations from either of its means.
#[test]
fn densities_of_a_typed_graph_may_be_far_apart() {
    let mut g = Graph::builder();
    let kind: Node<bool> = g.node("kind", (), Bernoulli::new(0.5).unwrap());
    let line = || Switch::new(vec![Normal::new(0.0, 1.0).unwrap(), Normal::new(100.0, 1.0).unwrap()]).unwrap();
    let (x, y) = (g.node("x", kind, line()), g.node("y", kind, line()));
    let _: Node<bool> = g.node("z", kind, ConditionalTable::new([[0.5, 0.5], [0.75, 0.25]]).unwrap());
    let graph = g.build().unwrap();
    // 40 and 61 are nearer to (100, 100) than to (0, 0), though 40 alone is not.
    let evidence = graph.evidence().with(x, 40.0).with(y, 61.0);
    let infer = graph.infer(&evidence).unwrap();
    let p = infer.of(kind).unwrap().probability(&true);
    assert!((p - 1.0).abs() < 1e-12);
    let findings = graph.findings(&evidence).unwrap();
    assert!(close(findings.log_evidence().unwrap(), infer.log_evidence()));
    let mut tree = findings.junction_tree().unwrap();
    assert!((tree.posteriors().unwrap().probability("kind", "true").unwrap() - p).abs() < 1e-12);
    assert!((tree.posteriors().unwrap().probability("z", "true").unwrap() - 0.25).abs() < 1e-12);
    assert_eq!(tree.most_probable().unwrap().states[0], 1);
    let beliefs = BeliefPropagation::default().beliefs(&findings).unwrap();
    assert!((beliefs.probability("kind", "true").unwrap() - p).abs() < 1e-12);
    let drawn = findings.likelihood_weighting(200, &mut Generator::seed_from_u64(6)).unwrap();
    assert_eq!(drawn.probability("kind", "true").unwrap(), 1.0);
}

#[test]
fn a_chain_that_hardly_ever_moves_may_be_seen_to_have_moved() {
    let mut builder = Network::builder();
    let mut table = vec![1.0, 0.0];
    for v in 0..60 {
        let parents: Vec<String> = (v > 0).then(|| format!("x{}", v - 1)).into_iter().collect();
        builder.variable(&format!("x{v}"), &["0", "1"], &parents, table);
        table = vec![1.0, 1e-200, 1e-200, 1.0];
    }
    let network = builder.build().unwrap();
    let mut findings = network.findings();
    // 0 at both ends, and 1 at six places between: twelve moves.
    for v in (5..60).step_by(10) {
        findings.observe(v, "1").unwrap();
    }
    for v in (10..60).step_by(10) {
        findings.observe(v, "0").unwrap();
    }
    let mut tree = findings.junction_tree().unwrap();
    // Each move is somewhere among five steps.
    let right = 11.0 * (5f64.ln() - 200.0 * 10f64.ln());
    assert!(close(tree.log_evidence(), right), "{} {right}", tree.log_evidence());
    let p = tree.posteriors().unwrap().probability("x7", "1").unwrap();
    assert!((p - 0.6).abs() < 1e-10, "{p}");
    let beliefs = BeliefPropagation::default().beliefs(&findings).unwrap();
    assert!(close(beliefs.log_evidence(), right) && (beliefs.probability("x7", "1").unwrap() - 0.6).abs() < 1e-10);
}
