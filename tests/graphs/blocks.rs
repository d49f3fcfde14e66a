//! The E-step over blocks of rows against the sum over all joint states, row by row, in logarithms.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::oracle::log_sum_exp;
use marginal::conditionals::{ConditionalGaussian, ConditionalTable, LinearGaussian, LogisticRegression, Switch};
use marginal::data::{Batch, Rows, Table};
use marginal::distributions::{Distribution, MultivariateNormal, Normal, Poisson};
use marginal::em::Em;
use marginal::error::Error;
use marginal::graph::{DirectedGraph, Graph, Node, NodeStatistics};
use marginal::latent::LatentModel;
use marginal::models::{HiddenGraph, HiddenMarkovModel};
use marginal::rand::rngs::Xoshiro256PlusPlus;
use marginal::rand::{Rng, RngExt, SeedableRng};

/// A finite graph by its tables, summed over all joint states.
struct Tables {
    states: Vec<usize>,
    parents: Vec<Vec<usize>>,
    /// ln p, the node itself the fastest.
    logs: Vec<Vec<f64>>,
}

impl Tables {
    fn draw(nodes: usize, row: &mut dyn FnMut(usize, &mut dyn Rng) -> Vec<f64>, rng: &mut dyn Rng) -> Self {
        let states: Vec<usize> = (0..nodes).map(|_| rng.random_range(2..4)).collect();
        let mut parents = Vec::new();
        for v in 0..nodes {
            let mut of_node: Vec<usize> = (0..v).filter(|_| rng.random::<f64>() < 0.45).collect();
            of_node.truncate(3);
            parents.push(of_node);
        }
        let mut logs = Vec::new();
        for v in 0..nodes {
            let rows: usize = parents[v].iter().map(|&parent| states[parent]).product();
            logs.push((0..rows).flat_map(|_| row(states[v], rng)).map(f64::ln).collect());
        }
        Self { states, parents, logs }
    }

    fn graph(&self) -> Graph {
        let mut g = Graph::builder();
        let mut nodes: Vec<Node<usize>> = Vec::new();
        for v in 0..self.states.len() {
            let rows: Vec<Vec<f64>> =
                self.logs[v].chunks(self.states[v]).map(|row| row.iter().map(|l| l.exp()).collect()).collect();
            let of: Vec<usize> = self.parents[v].iter().map(|&parent| self.states[parent]).collect();
            let handles: Vec<Node<usize>> = self.parents[v].iter().map(|&parent| nodes[parent]).collect();
            let name = format!("x{v}");
            let node = if handles.is_empty() {
                g.node(name, (), ConditionalTable::<(), usize>::new(rows).unwrap())
            } else {
                g.node(name, &handles[..], ConditionalTable::<[usize], usize>::over(&of, rows).unwrap())
            };
            nodes.push(node);
        }
        g.build().unwrap()
    }

    fn cell(&self, v: usize, x: &[usize]) -> usize {
        self.parents[v].iter().fold(0, |row, &parent| row * self.states[parent] + x[parent]) * self.states[v] + x[v]
    }

    /// ln p of a row with holes, and the posterior counts of the cells of each table that the row says anything of.
    fn enumerate(&self, row: &[Option<usize>]) -> (f64, Vec<Vec<f64>>) {
        let count: usize = self.states.iter().product();
        let state = |mut joint: usize| -> Vec<usize> {
            let mut x = vec![0; self.states.len()];
            for (x, states) in x.iter_mut().zip(&self.states).rev() {
                *x = joint % states;
                joint /= states;
            }
            x
        };
        let agrees = |x: &[usize]| x.iter().zip(row).all(|(x, seen)| seen.is_none_or(|seen| seen == *x));
        let all: Vec<Vec<usize>> = (0..count).map(state).filter(|x| agrees(x)).collect();
        let log = |x: &Vec<usize>| -> f64 { (0..x.len()).map(|v| self.logs[v][self.cell(v, x)]).sum() };
        let logs: Vec<f64> = all.iter().map(log).collect();
        let whole = log_sum_exp(&logs);
        // A node from which nothing seen descends adds nothing.
        let mut counts: Vec<bool> = row.iter().map(Option::is_some).collect();
        for v in (0..row.len()).rev().filter(|&v| counts[v]).collect::<Vec<_>>() {
            mark(&self.parents, v, &mut counts);
        }
        let mut sums: Vec<Vec<f64>> = self.logs.iter().map(|table| vec![0.0; table.len()]).collect();
        for (x, log) in all.iter().zip(&logs) {
            for v in (0..x.len()).filter(|&v| counts[v]) {
                sums[v][self.cell(v, x)] += (log - whole).exp();
            }
        }
        (whole, sums)
    }
}

fn mark(parents: &[Vec<usize>], v: usize, counts: &mut [bool]) {
    counts[v] = true;
    parents[v].iter().for_each(|&parent| mark(parents, parent, counts));
}

fn e_step(model: &HiddenGraph, values: &[f64], weights: Option<&[f64]>) -> (f64, Vec<NodeStatistics>) {
    let rows = Rows::new(values, model.columns().len()).unwrap();
    let mut s = model.statistics(model.graph());
    let evidence = model.e_step(model.graph(), Batch::new(rows, weights, 0), &mut s).unwrap();
    (evidence.value(), s)
}

pub(crate) fn uniform(states: usize, rng: &mut dyn Rng) -> Vec<f64> {
    let draws: Vec<f64> = (0..states).map(|_| rng.random::<f64>() + 1e-3).collect();
    draws.iter().map(|draw| draw / draws.iter().sum::<f64>()).collect()
}

/// Rows of positive numbers down to the smallest that there is, and some zeros.
fn extreme(states: usize, rng: &mut dyn Rng) -> Vec<f64> {
    let mut small = |_| match rng.random_range(0..6) {
        0 => 0.0,
        1 => 5e-324,
        _ => 10f64.powf(-300.0 * rng.random::<f64>()) / 4.0,
    };
    let mut row: Vec<f64> = (0..states).map(&mut small).collect();
    let rest: f64 = row[1..].iter().sum();
    row[0] = 1.0 - rest;
    let place = rng.random_range(0..states);
    row.swap(0, place);
    row
}

/// Rows of the graph with holes, and the hidden nodes.
fn compare(tables: &Tables, rng: &mut dyn Rng) {
    let count = tables.states.len();
    let hidden: Vec<usize> = (0..count).filter(|_| rng.random::<f64>() < 0.4).collect();
    let visible: Vec<usize> = (0..count).filter(|v| !hidden.contains(v)).collect();
    if visible.is_empty() {
        return;
    }
    let model = tables.graph().hide(&hidden).unwrap();
    let (mut values, mut weights) = (Vec::new(), Vec::new());
    let mut expected: Vec<Vec<f64>> = tables.logs.iter().map(|table| vec![0.0; table.len()]).collect();
    let mut log_likelihood = 0.0;
    while weights.len() < 70 {
        let mut row = vec![None; count];
        visible.iter().for_each(|&v| {
            if rng.random::<f64>() > 0.3 {
                row[v] = Some(rng.random_range(0..tables.states[v]));
            }
        });
        let (log, sums) = tables.enumerate(&row);
        if log == f64::NEG_INFINITY {
            continue;
        }
        let weight = [0.0, 0.5, 1.0, 2.0][rng.random_range(0..4)];
        weights.push(weight);
        values.extend(visible.iter().map(|&v| row[v].map_or(f64::NAN, |x| x as f64)));
        log_likelihood += weight * log;
        for (all, own) in expected.iter_mut().flatten().zip(sums.iter().flatten()) {
            *all += weight * own;
        }
    }
    let (found, s) = e_step(&model, &values, Some(&weights));
    assert!((found - log_likelihood).abs() <= 1e-11 * log_likelihood.abs().max(1.0), "{found}, not {log_likelihood}");
    for (v, (s, expected)) in s.iter().zip(&expected).enumerate() {
        for (found, expected) in s.get::<Vec<f64>>().unwrap().iter().zip(expected) {
            assert!((found - expected).abs() <= 1e-9 * expected + 1e-30, "table {v}: {found}, not {expected}");
        }
    }
}

#[test]
fn blocks_are_the_sum_over_all_joint_states() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    for nodes in 2..8 {
        for _ in 0..12 {
            compare(&Tables::draw(nodes, &mut uniform, &mut rng), &mut rng);
        }
    }
}

#[test]
fn probabilities_down_to_the_smallest_lose_nothing() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
    for nodes in 2..8 {
        for _ in 0..25 {
            compare(&Tables::draw(nodes, &mut extreme, &mut rng), &mut rng);
        }
    }
}

/// A chain of copies: what one end makes improbable beyond all numbers, the other may make certain.
#[test]
fn a_path_that_underflows_is_revived_by_later_evidence() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    let slices = 6;
    for _ in 0..40 {
        let first = 10f64.powf(-280.0 * rng.random::<f64>());
        let mut g = Graph::builder();
        let mut last: Node<usize> = g.node("z0", (), ConditionalTable::new([[1.0 - first, first]]).unwrap());
        let (mut hidden, mut row, mut logs) = (vec![last], Vec::new(), [(1.0 - first).ln(), first.ln()]);
        for t in 0..slices {
            if t > 0 {
                last = g.node(format!("z{t}"), last, ConditionalTable::new([[1.0, 0.0], [0.0, 1.0]]).unwrap());
                hidden.push(last);
            }
            // The difference of both logarithms is up to ± 700, their size up to 2000.
            let normals = [0.0, 1.0].map(|mean| Normal::new(mean, 0.02).unwrap());
            let x = 0.5 + 0.28 * (2.0 * rng.random::<f64>() - 1.0) + [0.0, 0.8, -0.8][rng.random_range(0..3)];
            logs.iter_mut().zip(&normals).for_each(|(l, normal)| *l += normal.log_density(&x));
            g.node(format!("x{t}"), last, Switch::<_, usize>::new(normals.to_vec()).unwrap());
            row.push(x);
        }
        let model = g.build().unwrap().hide(&hidden).unwrap();
        let (found, s) = e_step(&model, &row, None);
        let expected = log_sum_exp(&logs);
        assert!((found - expected).abs() <= 1e-11 * expected.abs(), "{found}, not {expected}: {row:?}, {first}");
        let counts = s[0].get::<Vec<f64>>().unwrap();
        for (found, log) in counts.iter().zip(logs) {
            let expected = (log - expected).exp();
            assert!((found - expected).abs() <= 1e-9 * expected + 1e-30, "{found}, not {expected}: {row:?}, {first}");
        }
    }
}

/// All kinds of nodes, two of them hidden for ever, any other missing now and then.
fn mixed() -> HiddenGraph {
    let mut g = Graph::builder();
    let z: Node<usize> = g.node("z", (), ConditionalTable::new([[0.2, 0.3, 0.5]]).unwrap());
    let u: Node<bool> = g.node("u", (), ConditionalTable::new([[0.6, 0.4]]).unwrap());
    let normal = |mean: f64| Normal::new(mean, 1.0).unwrap();
    let a = g.node("a", z, Switch::<_, usize>::new([0.0, 2.0, 5.0].map(normal).to_vec()).unwrap());
    let counts = [1.0, 2.0, 4.0, 8.0, 3.0, 6.0].map(|rate| Poisson::new(rate).unwrap()).to_vec();
    let _: Node<u64> = g.node("b", (z, u), Switch::<_, (usize, bool)>::over(&[3, 2], counts).unwrap());
    let plane = |mean: f64| MultivariateNormal::new(vec![mean, -mean], &[1.0, 0.3, 0.3, 2.0]).unwrap();
    let _: Node<[f64]> = g.node("c", u, Switch::<_, bool>::new(vec![plane(0.0), plane(3.0)]).unwrap());
    let line = |slope: f64| LinearGaussian::<f64>::new(1.0, &[slope], 0.5).unwrap();
    let d = g.node("d", (u, a), ConditionalGaussian::new(vec![line(1.0), line(-1.0)]).unwrap());
    let _: Node<bool> = g.node("e", (u, d), LogisticRegression::new(0.5, &[0.3, -0.2]).unwrap());
    let reading = g.node("f", d, LinearGaussian::<f64>::new(0.0, &[1.0], 0.3).unwrap());
    let _: Node<bool> = g.node("h", reading, LogisticRegression::new(0.0, &[1.0]).unwrap());
    g.build().unwrap().hide((z, u)).unwrap()
}

/// Rows with holes; where the real d is missing its child e, which no line describes, is too.
fn rows_with_holes(model: &HiddenGraph, count: usize, rng: &mut dyn Rng) -> Vec<f64> {
    let columns = model.columns();
    let place = |name: &str| columns.iter().position(|column| column == name).unwrap();
    let (c, d, e, f, h) = (place("c1"), place("d"), place("e"), place("f"), place("h"));
    (0..count)
        .flat_map(|n| {
            let mut row = model.graph().sample(rng).cells()[2..].to_vec();
            let mut hole = |places: &[usize], row: &mut Vec<f64>| {
                if n % 3 > 0 && rng.random::<f64>() < 0.25 {
                    places.iter().for_each(|&place| row[place] = f64::NAN);
                }
            };
            (0..columns.len()).filter(|v| *v != c && *v != c + 1 && *v != d).for_each(|v| hole(&[v], &mut row));
            hole(&[c, c + 1], &mut row);
            hole(&[d, e], &mut row);
            if row[f].is_nan() {
                row[h] = f64::NAN;
            }
            // A missing real above what no line describes has no exact integral.
            if row[0].is_nan() && row[d].is_nan() {
                row[d] = 0.5;
            }
            row
        })
        .collect()
}

#[test]
fn a_block_is_its_rows_one_by_one() {
    let model = mixed();
    let values = rows_with_holes(&model, 300, &mut Xoshiro256PlusPlus::seed_from_u64(4));
    compare_with_rows(&model, &values);
}

pub(crate) fn compare_with_rows(model: &HiddenGraph, values: &[f64]) {
    let width = model.columns().len();
    let (of_block, block) = e_step(model, values, None);
    let mut sum = 0.0;
    let mut alone = model.statistics(model.graph());
    for row in values.chunks(width) {
        let rows = Rows::new(row, width).unwrap();
        sum += model.e_step(model.graph(), Batch::new(rows, None, 0), &mut alone).unwrap().value();
    }
    assert!((of_block - sum).abs() <= 1e-11 * sum.abs(), "{of_block} {sum}");
    for (v, (block, alone)) in block.iter().zip(&alone).enumerate() {
        assert!((block.weight() - alone.weight()).abs() <= 1e-9 * alone.weight(), "{}", model.graph().name(v));
    }
    let q = [&block, &alone].map(|s| model.expected_log_joint(model.graph(), s));
    assert!((q[0] - q[1]).abs() <= 1e-11 * q[1].abs(), "{q:?}");
    let next = [&block, &alone].map(|s| model.m_step(model.graph(), s).unwrap());
    let ahead = next.each_ref().map(|theta| model.expected_log_joint(theta, &alone));
    assert!((ahead[0] - ahead[1]).abs() <= 1e-10 * ahead[1].abs(), "{ahead:?}");
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let model = mixed();
    let values = rows_with_holes(&model, 1500, &mut Xoshiro256PlusPlus::seed_from_u64(5));
    let table = Table::from_values(values, model.columns().len()).unwrap();
    let fit = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| Em::default().max_iterations(5).tolerance(-1.0).fit(&model, &table).unwrap().history)
    };
    assert_eq!(fit(1), fit(3));
}

#[test]
fn the_first_row_at_fault_is_named_whatever_its_pattern() {
    let mut g = Graph::builder();
    let z: Node<bool> = g.node("z", (), ConditionalTable::new([[0.5, 0.5]]).unwrap());
    let _: Node<bool> = g.node("a", z, ConditionalTable::new([[1.0, 0.0], [0.0, 1.0]]).unwrap());
    let b: Node<bool> = g.node("b", z, ConditionalTable::new([[1.0, 0.0], [0.0, 1.0]]).unwrap());
    let _: Node<bool> = g.node("c", b, ConditionalTable::new([[0.5, 0.5], [0.5, 0.5]]).unwrap());
    let model = g.build().unwrap().hide(z).unwrap();
    let nan = f64::NAN;
    let good = [0.0, nan, 1.0];
    let fault = |rows: &[[f64; 3]], weights: Option<&[f64]>| {
        let mut s = model.statistics(model.graph());
        let values = rows.concat();
        let batch = Batch::new(Rows::new(&values, 3).unwrap(), weights, 100);
        match model.e_step(model.graph(), batch, &mut s).unwrap_err() {
            Error::Impossible { row, .. } | Error::AtRow { row, .. } => row,
            other => panic!("{other}"),
        }
    };
    let (impossible, refused) = ([0.0, 1.0, 1.0], [0.0, 0.5, 1.0]);
    assert_eq!(fault(&[good, impossible, refused], None), 101);
    assert_eq!(fault(&[good, refused, impossible], None), 101);
    assert_eq!(fault(&[good, [0.0, 0.0, nan], good, impossible, [nan, nan, nan], impossible], None), 103);
    assert_eq!(fault(&[refused, impossible, good, refused], Some(&[0.0, 0.0, 1.0, 1.0])), 103);
}

/// Both ends all but exclude a state, by more than 64-bit numbers hold; each slice in between favours it a little.
#[test]
fn a_state_lost_for_good_is_not_taken_for_one_that_is_over() {
    let (slices, normals) = (64, [0.0, 60.0].map(|mean| Normal::new(mean, 1.0).unwrap()));
    let mut g = Graph::builder();
    let mut last: Node<usize> = g.node("z0", (), ConditionalTable::new([[0.5, 0.5]]).unwrap());
    let (mut hidden, mut row, mut logs) = (vec![last], Vec::new(), [0.5f64.ln(); 2]);
    for t in 0..slices {
        if t > 0 {
            last = g.node(format!("z{t}"), last, ConditionalTable::new([[1.0, 0.0], [0.0, 1.0]]).unwrap());
            hidden.push(last);
        }
        // The logarithm of the ratio of both densities is 60 (x − 30).
        let x = 30.0 + if t == 0 || t == slices - 1 { -13.0 } else { 0.5 };
        logs.iter_mut().zip(&normals).for_each(|(l, normal)| *l += normal.log_density(&x));
        g.node(format!("x{t}"), last, Switch::<_, usize>::new(normals.to_vec()).unwrap());
        row.push(x);
    }
    let (found, s) = e_step(&g.build().unwrap().hide(&hidden).unwrap(), &row, None);
    let expected = log_sum_exp(&logs);
    assert!(logs[1] > logs[0] + 100.0 && (found - expected).abs() <= 1e-11 * expected.abs(), "{found}, not {expected}");
    assert!((s[0].get::<Vec<f64>>().unwrap()[1] - 1.0).abs() < 1e-12);
}

/// What is lost in one slice is over when all states have been likely enough in between, so a chain may be long.
#[test]
fn a_long_chain_is_a_hidden_markov_model() {
    let slices = 1500;
    let transitions = [[0.9, 0.1], [0.2, 0.8]];
    // Far apart: in every slice the density of one state underflows beside the other's.
    let emissions = [0.0, 60.0].map(|mean| Normal::new(mean, 1.0).unwrap()).to_vec();
    let mut g = Graph::builder();
    let first: Node<usize> = g.node("z0", (), ConditionalTable::new([[0.5, 0.5]]).unwrap());
    let seen = g.node("x0", first, Switch::<_, usize>::new(emissions.clone()).unwrap());
    let second: Node<usize> = g.node("z1", first, ConditionalTable::new(transitions).unwrap());
    g.tied("x1", second, seen);
    let (mut hidden, mut last) = (vec![first, second], second);
    for t in 2..slices {
        last = g.tied(format!("z{t}"), last, second);
        g.tied(format!("x{t}"), last, seen);
        hidden.push(last);
    }
    let model = g.build().unwrap().hide(hidden).unwrap();
    let chain = HiddenMarkovModel::new(&[0.5, 0.5], &transitions, emissions).unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(6);
    let mut draw = |_| -> Vec<f64> {
        let mut state = 0;
        let mut next = |_| {
            state = usize::from(rng.random::<f64>() >= transitions[state][0]);
            60.0 * state as f64 + rng.random::<f64>() + if rng.random::<f64>() < 0.01 { 28.0 } else { 0.0 }
        };
        (0..slices).map(&mut next).collect()
    };
    let sequences: Vec<Vec<f64>> = (0..4).map(&mut draw).collect();
    let (found, s) = e_step(&model, &sequences.concat(), None);
    let mut of_chain = LatentModel::statistics(&chain, &chain);
    let expected = chain.e_step(&chain, Batch::new(&sequences[..], None, 0), &mut of_chain).unwrap().value();
    assert!((found - expected).abs() <= 1e-11 * expected.abs(), "{found}, not {expected}");
    let next = chain.m_step(&chain, &of_chain).unwrap();
    let theta = model.m_step(model.graph(), &s).unwrap();
    let table: &ConditionalTable<usize, usize> = theta.conditional(second).unwrap();
    for (found, expected) in table.rows().flatten().zip(next.transitions().values()) {
        assert!((found - expected).abs() <= 1e-10, "{found}, not {expected}");
    }
}
