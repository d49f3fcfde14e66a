//! Exact inference against the sum over all joint states.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::networks::{Network, networks};
use marginal::conditionals::{ConditionalTable, LinearGaussian, LogisticRegression, Switch, given};
use marginal::distributions::{Bernoulli, Column, Distribution, Normal};
use marginal::error::{Error, GraphError};
use marginal::graph::{Graph, Node};
use proptest::prelude::*;

/// The states of the nodes that a mask shows, taken from `values`.
fn shown(network: &Network, mask: u8, values: &[usize]) -> Vec<(usize, usize)> {
    let visible = (0..network.len()).filter(|node| mask >> node & 1 == 1);
    visible.map(|node| (node, values[node] % network.states[node])).collect()
}

/// Relative round-off of V factors, their sums and logarithms.
fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 256.0 * f64::EPSILON * (1.0 + a.abs().max(b.abs()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn elimination_is_the_sum_over_all_states(
        network in networks(6, 3),
        mask in any::<u8>(),
        values in proptest::collection::vec(0usize..3, 6),
    ) {
        let (graph, nodes) = network.graph();
        let known = shown(&network, mask, &values);
        let evidence = known.iter().fold(graph.evidence(), |e, &(node, state)| e.with(nodes[node], state));
        let weight = network.weight_of(&known);
        let log_evidence = graph.log_evidence(&evidence).unwrap();
        for &node in &nodes {
            match graph.posterior(node, &evidence) {
                Err(Error::Graph(GraphError::ImpossibleEvidence { .. })) => {
                    prop_assert_eq!(weight, 0);
                    prop_assert_eq!(log_evidence, f64::NEG_INFINITY);
                }
                Err(other) => prop_assert!(false, "{}", other),
                Ok(posterior) => {
                    prop_assert!(weight > 0, "evidence of probability 0 has a posterior");
                    let log_weight = (weight as f64 / network.total() as f64).ln();
                    prop_assert!(close(posterior.log_evidence(), log_weight));
                    prop_assert!(close(log_evidence, log_weight));
                    let here = |state| network.weight_of(&[&known[..], &[(node.index(), state)]].concat());
                    let expected: Vec<f64> =
                        (0..network.states[node.index()]).map(|state| here(state) as f64 / weight as f64).collect();
                    prop_assert_eq!(posterior.probabilities().len(), expected.len());
                    for (p, q) in posterior.probabilities().iter().zip(&expected) {
                        prop_assert!(close(*p, *q), "p = {} of node {}, by enumeration {}", p, node.index(), q);
                    }
                    let mode = expected[posterior.mode().unwrap()];
                    prop_assert!(expected.iter().all(|p| *p <= mode + 1e-12), "the mode is a most probable state");
                }
            }
        }
    }
}

/// colour (3) → wet (bool) | colour; length ~ Switch | colour; weight ~ linear | length, wet; sold ~ logistic |
/// weight, wet; noise ~ given | sold, length.
struct Mixed {
    graph: Graph,
    colour: Node<usize>,
    wet: Node<bool>,
    length: Node<f64>,
    weight: Node<f64>,
    sold: Node<bool>,
    noise: Node<f64>,
}

/// The numbers in it.
#[derive(Clone, Debug)]
struct Numbers {
    colours: [f64; 3],
    wet: [f64; 3],
    lengths: [f64; 3],
    weight: [f64; 3],
    sold: [f64; 3],
}

fn numbers() -> impl Strategy<Value = Numbers> {
    let real = || (-16i32..=16).prop_map(|k| f64::from(k) / 4.0);
    let three = move || [real(), real(), real()];
    let share = || 1u8..=9;
    ([share(), share(), share()], [0u8..=8, 0..=8, 0..=8], three(), three(), three()).prop_map(
        |(shares, wet, lengths, weight, sold)| {
            let total = f64::from(shares.iter().sum::<u8>());
            Numbers {
                colours: shares.map(|k| f64::from(k) / total),
                wet: wet.map(|k| f64::from(k) / 8.0),
                lengths,
                weight,
                sold,
            }
        },
    )
}

impl Numbers {
    fn graph(&self) -> Mixed {
        let mut g = Graph::builder();
        let colour: Node<usize> = g.node("colour", (), ConditionalTable::new([self.colours]).unwrap());
        let wet = g.node("wet", colour, ConditionalTable::new(self.wet.map(|p| [1.0 - p, p])).unwrap());
        let normals: Vec<_> = self.lengths.iter().map(|&mean| Normal::new(mean, 1.5).unwrap()).collect();
        let length = g.node("length", colour, Switch::new(normals).unwrap());
        let [a, b, c] = self.weight;
        let weight = g.node("weight", (length, wet), LinearGaussian::new(a, &[b, c], 2.0).unwrap());
        let [a, b, c] = self.sold;
        let sold = g.node("sold", (weight, wet), LogisticRegression::new(a, &[b, c]).unwrap());
        let louder = |&(sold, length): &(bool, f64)| Normal::new(length, if sold { 3.0 } else { 0.5 }).unwrap();
        let noise = g.node("noise", (sold, length), given(louder));
        Mixed { graph: g.build().unwrap(), colour, wet, length, weight, sold, noise }
    }

    /// p of all six, written out.
    fn density(&self, colour: usize, wet: bool, length: f64, weight: f64, sold: bool, noise: f64) -> f64 {
        let normal = |x: f64, mean: f64, deviation: f64| {
            let z = (x - mean) / deviation;
            (-0.5 * z * z).exp() / (deviation * std::f64::consts::TAU.sqrt())
        };
        let w = f64::from(u8::from(wet));
        let p_wet = if wet { self.wet[colour] } else { 1.0 - self.wet[colour] };
        let predictor = self.sold[0] + self.sold[1] * weight + self.sold[2] * w;
        let p_sold = 1.0 / (1.0 + if sold { -predictor } else { predictor }.exp());
        self.colours[colour]
            * p_wet
            * normal(length, self.lengths[colour], 1.5)
            * normal(weight, self.weight[0] + self.weight[1] * length + self.weight[2] * w, 2.0)
            * p_sold
            * normal(noise, length, if sold { 3.0 } else { 0.5 })
    }
}

const BOTH: [bool; 2] = [false, true];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn real_values_above_and_below_hidden_states_are_summed_exactly(
        numbers in numbers(),
        (length, weight, noise) in (-4.0..4.0, -6.0..6.0, -4.0..4.0),
        (see_colour, see_wet, see_sold) in any::<(bool, bool, bool)>(),
        (colour, wet, sold) in (0usize..3, any::<bool>(), any::<bool>()),
    ) {
        let of = numbers.graph();
        let mut evidence = of.graph.evidence().with(of.length, length).with(of.weight, weight).with(of.noise, noise);
        if see_colour { evidence = evidence.with(of.colour, colour); }
        if see_wet { evidence = evidence.with(of.wet, wet); }
        if see_sold { evidence = evidence.with(of.sold, sold); }
        let mut total = 0.0;
        let (mut by_colour, mut by_wet, mut by_sold) = ([0.0; 3], [0.0; 2], [0.0; 2]);
        for c in (0..3).filter(|&c| !see_colour || c == colour) {
            for w in BOTH.into_iter().filter(|&w| !see_wet || w == wet) {
                for s in BOTH.into_iter().filter(|&s| !see_sold || s == sold) {
                    let p = numbers.density(c, w, length, weight, s, noise);
                    total += p;
                    by_colour[c] += p;
                    by_wet[usize::from(w)] += p;
                    by_sold[usize::from(s)] += p;
                }
            }
        }
        if total == 0.0 {
            // Wet or dry is sure, and the evidence says otherwise.
            let refused = of.graph.posterior(of.colour, &evidence);
            let named = matches!(&refused, Err(Error::Graph(GraphError::ImpossibleEvidence { evidence })) if !evidence.is_empty());
            prop_assert!(named);
            return Ok(());
        }
        let near = |p: f64, q: f64| (p - q).abs() <= 1e-12;
        let posterior = of.graph.posterior(of.colour, &evidence).unwrap();
        prop_assert!((posterior.log_evidence() - total.ln()).abs() <= 1e-12 * (1.0 + total.ln().abs()));
        prop_assert!(posterior.probabilities().iter().zip(by_colour).all(|(p, q)| near(*p, q / total)));
        let posterior = of.graph.posterior(of.wet, &evidence).unwrap();
        prop_assert!(posterior.probabilities().iter().zip(by_wet).all(|(p, q)| near(*p, q / total)));
        let posterior = of.graph.posterior(of.sold, &evidence).unwrap();
        prop_assert!(posterior.probabilities().iter().zip(by_sold).all(|(p, q)| near(*p, q / total)));
    }

    #[test]
    fn the_log_joint_of_mixed_nodes_is_the_sum_of_their_logarithms(
        numbers in numbers(),
        (length, weight, noise) in (-4.0..4.0, -6.0..6.0, -4.0..4.0),
        (colour, wet, sold) in (0usize..3, any::<bool>(), any::<bool>()),
    ) {
        let of = numbers.graph();
        let all = of.graph.assignment().with(of.colour, colour).with(of.wet, wet).with(of.length, length);
        let all = all.with(of.weight, weight).with(of.sold, sold).with(of.noise, noise);
        let (log_joint, by_hand) =
            (of.graph.log_joint(&all).unwrap(), numbers.density(colour, wet, length, weight, sold, noise).ln());
        prop_assert!(log_joint == by_hand || (log_joint - by_hand).abs() <= 1e-11 * (1.0 + by_hand.abs()));
        prop_assert_eq!(of.graph.log_evidence(&all).unwrap(), log_joint);
    }
}

#[test]
fn what_nothing_observed_depends_on_need_not_be_finite() {
    let of = Numbers {
        colours: [0.5, 0.25, 0.25],
        wet: [0.5, 1.0, 0.0],
        lengths: [0.0, 1.0, 2.0],
        weight: [1.0; 3],
        sold: [0.5; 3],
    }
    .graph();
    // Without length, weight and noise nothing below the colour is seen but whether it is wet.
    let posterior = of.graph.posterior(of.colour, &of.graph.evidence().with(of.wet, true)).unwrap();
    assert_eq!(posterior.probabilities(), [0.5, 0.5, 0.0]);
    // A length that is not seen stands above a weight that is, 1 + length + wet ± 2: without it ± 2.5 about the mean.
    let posterior = of.graph.posterior(of.colour, &of.graph.evidence().with(of.weight, 1.0)).unwrap();
    let of_weight = |beyond: f64| Normal::new(beyond, 2.5).unwrap().density(&0.0);
    let joint = [0.25 * (of_weight(0.0) + of_weight(1.0)), 0.25 * of_weight(2.0), 0.25 * of_weight(2.0)];
    let total: f64 = joint.iter().sum();
    assert!(posterior.probabilities().iter().zip(joint).all(|(p, q)| (p - q / total).abs() < 1e-14));
    // The noise depends on whether it was sold, which is no line in a weight that is not seen.
    let refused = of.graph.posterior(of.colour, &of.graph.evidence().with(of.noise, 1.0));
    let Err(Error::Graph(GraphError::NotLinearGaussian { node, child })) = refused else { panic!("{refused:?}") };
    assert_eq!((node.as_str(), child.as_str()), ("weight", "sold"));
}

#[test]
fn evidence_that_only_underflows_is_not_impossible() {
    let mut g = Graph::builder();
    let z: Node<bool> = g.node("z", (), ConditionalTable::new([[0.5, 0.5]]).unwrap());
    let x = g.node("x", z, Switch::new(vec![Normal::new(0.0, 1.0).unwrap(), Normal::new(1.0, 1.0).unwrap()]).unwrap());
    let graph = g.build().unwrap();
    // exp(−10⁶ / 2) is 0 in f64; the odds are exp(999.5 …) and sure.
    let posterior = graph.posterior(z, &graph.evidence().with(x, 1000.0)).unwrap();
    assert_eq!(posterior.probabilities(), [0.0, 1.0]);
    let by_hand = 0.5f64.ln() + Normal::new(1.0, 1.0).unwrap().log_density(&1000.0);
    assert!((posterior.log_evidence() - by_hand).abs() <= 1e-9);
}

#[test]
fn a_hidden_column_of_states_is_summed_out() {
    let mut g = Graph::builder();
    let z = g.node("z", (), Column::from(Bernoulli::new(0.25).unwrap()));
    let x = g.node("x", z, LinearGaussian::<f64>::new(1.0, &[3.0], 0.5).unwrap());
    let graph = g.build().unwrap();
    let evidence = graph.evidence().with(x, 2.75);
    let normal = |mean| Normal::new(mean, 0.5).unwrap().density(&2.75);
    let (zero, one) = (0.75 * normal(1.0), 0.25 * normal(4.0));
    assert!(close(graph.log_evidence(&evidence).unwrap(), (zero + one).ln()));
    // Its type says that it is real: what is asked is a density, and it has none.
    let refused = graph.posterior(z, &evidence).unwrap_err();
    assert!(refused.to_string().contains("z is hidden"), "{refused}");
}
