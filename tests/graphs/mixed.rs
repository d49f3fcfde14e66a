//! Random graphs of every kind of conditional distribution, against the sum over all hidden states: posteriors,
//! ln p(evidence) and the most probable explanation.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::conditionals::{
    ConditionalGaussian, ConditionalTable, LinearGaussian, LogisticRegression, PoissonRegression, SoftmaxRegression,
    Switch, given,
};
use marginal::distributions::{Categorical, Laplace, Normal, Poisson};
use marginal::graph::{DirectedGraph, Graph, Node};
use marginal::rand::{SeedableRng, rngs::Xoshiro256PlusPlus};
use proptest::collection::vec;
use proptest::prelude::*;

/// A node: its kind, its parents among the earlier nodes, whether it is hidden, and numbers in (−2, 2).
type Drawn = (u8, u8, bool, Vec<f64>);

fn any_nodes() -> impl Strategy<Value = Vec<Drawn>> {
    vec((0u8..9, any::<u8>(), any::<bool>(), vec(-2.0..2.0, 20)), 1..=7)
}

#[derive(Clone, Copy)]
enum Handle {
    Label(Node<usize>, usize),
    Flag(Node<bool>),
    Real(Node<f64>),
    Count(Node<u64>),
}

/// ln p(node | parents) of a row, one cell a node; written anew, without the library.
type LogDensity = Box<dyn Fn(&[f64]) -> f64>;

struct Mixed {
    graph: Graph,
    nodes: Vec<Handle>,
    log_densities: Vec<LogDensity>,
}

fn softmax(predictors: &[f64]) -> Vec<f64> {
    let weights: Vec<f64> = predictors.iter().map(|p| p.exp()).collect();
    weights.iter().map(|w| w / weights.iter().sum::<f64>()).collect()
}

fn log_normal(x: f64, mean: f64, deviation: f64) -> f64 {
    -0.5 * ((x - mean) / deviation).powi(2) - deviation.ln() - 0.5 * std::f64::consts::TAU.ln()
}

fn log_poisson(k: f64, rate: f64) -> f64 {
    k * rate.ln() - rate - (1..=k as u64).map(|i| (i as f64).ln()).sum::<f64>()
}

#[allow(clippy::too_many_lines, reason = "one arm a kind")]
fn mixed(drawn: &[Drawn]) -> Mixed {
    let mut g = Graph::builder();
    let (mut nodes, mut log_densities): (Vec<Handle>, Vec<LogDensity>) = (Vec::new(), Vec::new());
    for (v, (kind, mask, _, n)) in drawn.iter().enumerate() {
        let (name, n) = (format!("x{v}"), n.clone());
        let mut labels: Vec<(usize, Node<usize>, usize)> = Vec::new();
        let mut reals: Vec<(usize, Node<f64>)> = Vec::new();
        for u in (0..v).filter(|u| mask >> u & 1 == 1) {
            match nodes[u] {
                Handle::Label(node, states) if labels.len() < 2 => labels.push((u, node, states)),
                Handle::Real(node) if reals.len() < 2 => reals.push((u, node)),
                _ => {}
            }
        }
        let (finite, shape): (Vec<Node<usize>>, Vec<usize>) = labels.iter().map(|l| (l.1, l.2)).unzip();
        let real: Vec<Node<f64>> = reals.iter().map(|real| real.1).collect();
        let at: Vec<usize> = labels.iter().map(|label| label.0).collect();
        let rows: usize = shape.iter().product();
        let row = move |x: &[f64]| labels.iter().fold(0, |row, (u, _, states)| row * states + x[*u] as usize);
        let line =
            move |x: &[f64], a: f64, b: &[f64]| a + reals.iter().zip(b).map(|((u, _), b)| b * x[*u]).sum::<f64>();
        let number = {
            let n = n.clone();
            move |i: usize| n[i % n.len()]
        };
        let (handle, log_density): (Handle, LogDensity) = match kind {
            1 if !real.is_empty() => {
                let slopes: Vec<&[f64]> = (0..3).map(|k| &n[4 + 2 * k..][..real.len()]).collect();
                let regression = SoftmaxRegression::<[f64]>::new(&n[..3], &slopes).unwrap();
                let b: Vec<Vec<f64>> = slopes.iter().map(|b| b.to_vec()).collect();
                let log = move |x: &[f64]| {
                    let predictors: Vec<f64> = (0..3).map(|k| line(x, n[k], &b[k])).collect();
                    softmax(&predictors)[x[v] as usize].ln()
                };
                (Handle::Label(g.node(name, &real[..], regression), 3), Box::new(log))
            }
            2 if !finite.is_empty() => {
                let q: Vec<f64> = n.iter().map(|n| 1.0 / (1.0 + n.exp())).collect();
                let absent = move |x: &[usize]| {
                    (1.0 - q[5]) * x.iter().zip(&q).filter(|(x, _)| **x > 0).map(|(_, q)| 1.0 - q).product::<f64>()
                };
                let of = absent.clone();
                let noisy_or =
                    given(move |x: &[usize]| Categorical::new(vec![of(x), 1.0 - of(x)]).unwrap()).of_states(2);
                let log = move |x: &[f64]| {
                    let states: Vec<usize> = at.iter().map(|&u| x[u] as usize).collect();
                    let p = absent(&states);
                    if x[v] == 0.0 { p.ln() } else { (1.0 - p).ln() }
                };
                (Handle::Label(g.node(name, &finite[..], noisy_or), 2), Box::new(log))
            }
            3 => {
                let normal = |k: usize| Normal::new(number(k), number(k + 9).abs() + 0.25).unwrap();
                let switch = Switch::<Vec<Normal>, [usize]>::over(&shape, (0..rows).map(normal).collect()).unwrap();
                let log = move |x: &[f64]| log_normal(x[v], number(row(x)), number(row(x) + 9).abs() + 0.25);
                (Handle::Real(g.node(name, &finite[..], switch)), Box::new(log))
            }
            4 => {
                let laplace = |k: usize| Laplace::new(number(k), number(k + 9).abs() + 0.25).unwrap();
                let switch = Switch::<Vec<Laplace>, [usize]>::over(&shape, (0..rows).map(laplace).collect()).unwrap();
                let log = move |x: &[f64]| {
                    let scale = number(row(x) + 9).abs() + 0.25;
                    -(x[v] - number(row(x))).abs() / scale - (2.0 * scale).ln()
                };
                (Handle::Real(g.node(name, &finite[..], switch)), Box::new(log))
            }
            5 if !real.is_empty() && !finite.is_empty() => {
                let of =
                    |k: usize| LinearGaussian::new(number(k), &[number(k + 3)], number(k + 6).abs() + 0.25).unwrap();
                let lines =
                    ConditionalGaussian::<usize, f64>::over(&shape[..1], (0..shape[0]).map(of).collect()).unwrap();
                let log = move |x: &[f64]| {
                    let k = x[at[0]] as usize;
                    log_normal(x[v], line(x, number(k), &[number(k + 3)]), number(k + 6).abs() + 0.25)
                };
                (Handle::Real(g.node(name, (finite[0], real[0]), lines)), Box::new(log))
            }
            6 => {
                let poisson = |k: usize| Poisson::new(number(k).exp()).unwrap();
                let switch = Switch::<Vec<Poisson>, [usize]>::over(&shape, (0..rows).map(poisson).collect()).unwrap();
                let log = move |x: &[f64]| log_poisson(x[v], number(row(x)).exp());
                (Handle::Count(g.node(name, &finite[..], switch)), Box::new(log))
            }
            7 if !real.is_empty() => {
                let b = n[1..=real.len()].iter().map(|b| b / 8.0).collect::<Vec<f64>>();
                let counts = g.node(name, &real[..], PoissonRegression::<[f64]>::new(n[0], &b).unwrap());
                let log = move |x: &[f64]| log_poisson(x[v], line(x, n[0], &b).exp());
                (Handle::Count(counts), Box::new(log))
            }
            8 if !real.is_empty() => {
                let b = n[1..=real.len()].to_vec();
                let flag = g.node(name, &real[..], LogisticRegression::<[f64]>::new(n[0], &b).unwrap());
                let log = move |x: &[f64]| softmax(&[0.0, line(x, n[0], &b)])[x[v] as usize].ln();
                (Handle::Flag(flag), Box::new(log))
            }
            _ => {
                let states = 2 + usize::from(n[19] > 0.0);
                let p = move |k: usize| softmax(&(0..states).map(|s| number(3 * k + s)).collect::<Vec<f64>>());
                let table = ConditionalTable::<[usize], usize>::over(&shape, (0..rows).map(&p)).unwrap();
                let log = move |x: &[f64]| p(row(x))[x[v] as usize].ln();
                (Handle::Label(g.node(name, &finite[..], table), states), Box::new(log))
            }
        };
        nodes.push(handle);
        log_densities.push(log_density);
    }
    Mixed { graph: g.build().unwrap(), nodes, log_densities }
}

impl Mixed {
    fn states(&self, v: usize) -> Option<usize> {
        match self.nodes[v] {
            Handle::Label(_, states) => Some(states),
            Handle::Flag(_) => Some(2),
            _ => None,
        }
    }

    /// What is hidden: finite nodes as drawn, others only where nothing observed is below them.
    fn hidden(&self, drawn: &[Drawn]) -> Vec<bool> {
        let mut hidden: Vec<bool> = drawn.iter().map(|node| node.2).collect();
        for v in (0..hidden.len()).rev().filter(|&v| self.states(v).is_none()) {
            hidden[v] &= self.graph.descendants(v).iter().all(|&u| drawn[u].2 && hidden[u]);
        }
        hidden
    }

    /// Every joint state of the finite nodes that are hidden and below no other hidden node, with ln p of the row.
    fn enumerated(&self, row: &[f64], hidden: &[bool]) -> (Vec<usize>, Vec<(Vec<usize>, f64)>) {
        let apart = |v: usize| {
            let mut above = self.graph.ancestors(v);
            above.push(v);
            above.iter().any(|&u| hidden[u] && self.states(u).is_none())
        };
        let counted: Vec<usize> = (0..row.len()).filter(|&v| !apart(v)).collect();
        let summed: Vec<usize> = counted.iter().copied().filter(|&v| hidden[v]).collect();
        let mut found = vec![(Vec::new(), 0.0)];
        for &v in &summed {
            let with = |(states, log): &(Vec<usize>, f64)| {
                let (states, log) = (states.clone(), *log);
                (0..self.states(v).unwrap()).map(move |s| ([&states[..], &[s]].concat(), log))
            };
            found = found.iter().flat_map(with).collect();
        }
        let mut x = row.to_vec();
        for (states, log) in &mut found {
            summed.iter().zip(states.iter()).for_each(|(&v, &s)| x[v] = s as f64);
            *log = counted.iter().map(|&v| self.log_densities[v](&x)).sum();
        }
        (summed, found)
    }
}

fn log_sum(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    largest + logs.map(|log| (log - largest).exp()).sum::<f64>().ln()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_engine_agrees_with_the_sum_over_all_states(drawn in any_nodes(), seed: u64) {
        let mixed = mixed(&drawn);
        let graph = &mixed.graph;
        let draw = graph.sample(&mut Xoshiro256PlusPlus::seed_from_u64(seed));
        let row = draw.cells();
        let hidden = mixed.hidden(&drawn);
        let (summed, all) = mixed.enumerated(row, &hidden);
        let expected = log_sum(all.iter().map(|(_, log)| *log));
        let mut evidence = graph.evidence();
        for (_, handle) in mixed.nodes.iter().enumerate().filter(|(v, _)| !hidden[*v]) {
            evidence = match *handle {
                Handle::Label(node, _) => evidence.with(node, draw.get(node).unwrap()),
                Handle::Flag(node) => evidence.with(node, draw.get(node).unwrap()),
                Handle::Real(node) => evidence.with(node, draw.get(node).unwrap()),
                Handle::Count(node) => evidence.with(node, draw.get(node).unwrap()),
            };
        }
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-10 * (1.0 + b.abs());
        let found = graph.log_evidence(&evidence).unwrap();
        prop_assert!(close(found, expected), "{found} {expected}");

        let posteriors = graph.infer(&evidence).unwrap();
        let findings = graph.findings(&evidence).unwrap();
        let mut tree = findings.junction_tree().unwrap();
        let best = tree.most_probable().unwrap();
        let largest = all.iter().map(|(_, log)| *log).fold(f64::NEG_INFINITY, f64::max);
        prop_assert!(close(best.log_joint, largest), "{} {largest}", best.log_joint);
        let by_tree = tree.posteriors().unwrap();
        prop_assert!(close(by_tree.log_evidence(), expected));
        for (place, &v) in summed.iter().enumerate() {
            let of_graph = match mixed.nodes[v] {
                Handle::Label(node, _) => posteriors.of(node).unwrap().probabilities().to_vec(),
                Handle::Flag(node) => posteriors.of(node).unwrap().probabilities().to_vec(),
                _ => unreachable!("finite"),
            };
            let of_tree = by_tree.of(format!("x{v}")).unwrap();
            for state in 0..of_graph.len() {
                let here = all.iter().filter(|(states, _)| states[place] == state).map(|(_, log)| *log);
                let p = (log_sum(here) - expected).exp();
                prop_assert!(close(of_graph[state], p) && close(of_tree[state], p), "x{v} = {state}: {p}");
            }
        }
    }
}
