//! Nodes that share one conditional distribution: one estimate from all of them, as Baum–Welch and a mixture work it
//! out, and statistics that do not grow with the nodes.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::conditionals::{ConditionalTable, LinearGaussian, Switch};
use marginal::data::Table;
use marginal::distributions::{Bernoulli, Binomial, Categorical, Column, Distribution, Independent, Normal};
use marginal::em::{Acceleration, Em};
use marginal::error::{Error, GraphError};
use marginal::graph::{Graph, Node};
use marginal::latent::{LatentModel, Start};
use marginal::models::{HiddenGraph, Mixture};
use marginal::rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

/// Initial, transition, and the mean and standard deviation of what is seen in each of two states.
#[derive(Clone, Debug)]
struct Chain {
    initial: [f64; 2],
    transition: [[f64; 2]; 2],
    seen: [[f64; 2]; 2],
}

const START: Chain =
    Chain { initial: [0.5, 0.5], transition: [[0.75, 0.25], [0.125, 0.875]], seen: [[-0.5, 1.0], [1.5, 1.5]] };

/// The chain as a graph: the first hidden node, the second, and what is seen of the first.
fn chain(slices: usize, of: &Chain) -> (HiddenGraph, [usize; 3]) {
    let mut g = Graph::builder();
    let first: Node<usize> = g.node("z0", (), ConditionalTable::new([of.initial]).unwrap());
    let normals = of.seen.map(|[mean, deviation]| Normal::new(mean, deviation).unwrap()).to_vec();
    let seen = g.node("x0", first, Switch::new(normals).unwrap());
    let second: Node<usize> = g.node("z1", first, ConditionalTable::new(of.transition).unwrap());
    g.tied("x1", second, seen);
    let (mut hidden, mut last) = (vec![first, second], second);
    for t in 2..slices {
        last = g.tied(format!("z{t}"), last, second);
        g.tied(format!("x{t}"), last, seen);
        hidden.push(last);
    }
    (g.build().unwrap().hide(hidden).unwrap(), [first.index(), second.index(), seen.index()])
}

fn read(graph: &Graph, [first, second, seen]: [usize; 3]) -> Chain {
    let initial: &ConditionalTable<(), usize> = graph.conditional(first).unwrap();
    let transition: &ConditionalTable<usize, usize> = graph.conditional(second).unwrap();
    let switch: &Switch<Vec<Normal>, usize> = graph.conditional(seen).unwrap();
    let pair = |row: &[f64]| [row[0], row[1]];
    let rows: Vec<[f64; 2]> = transition.rows().map(pair).collect();
    let normals: Vec<[f64; 2]> =
        switch.components().iter().map(|normal| [normal.mean(), normal.standard_deviation()]).collect();
    Chain {
        initial: pair(initial.rows().next().unwrap()),
        transition: [rows[0], rows[1]],
        seen: [normals[0], normals[1]],
    }
}

/// One step of Baum & Welch (1970) with scaled recursions: ln p of all sequences, and the next parameters.
fn baum_welch(sequences: &[Vec<f64>], of: &Chain) -> (f64, Chain) {
    let density = |x: f64, [mean, deviation]: [f64; 2]| {
        (-0.5 * ((x - mean) / deviation).powi(2)).exp() / (deviation * std::f64::consts::TAU.sqrt())
    };
    let (mut initial, mut transition, mut moments) = ([0.0; 2], [[0.0; 2]; 2], [[0.0; 3]; 2]);
    let mut log_likelihood = 0.0;
    for x in sequences {
        let b: Vec<[f64; 2]> = x.iter().map(|&x| of.seen.map(|seen| density(x, seen))).collect();
        let (mut forward, mut scales) = (Vec::<[f64; 2]>::new(), Vec::new());
        for of_state in &b {
            let mut alpha = [0, 1].map(|j| match forward.last() {
                None => of.initial[j] * of_state[j],
                Some(before) => (0..2).map(|i| before[i] * of.transition[i][j]).sum::<f64>() * of_state[j],
            });
            let scale: f64 = alpha.iter().sum();
            alpha.iter_mut().for_each(|a| *a /= scale);
            log_likelihood += scale.ln();
            scales.push(scale);
            forward.push(alpha);
        }
        let mut backward = vec![[1.0; 2]; x.len()];
        for t in (0..x.len() - 1).rev() {
            backward[t] = [0, 1].map(|i| {
                (0..2).map(|j| of.transition[i][j] * b[t + 1][j] * backward[t + 1][j]).sum::<f64>() / scales[t + 1]
            });
        }
        for t in 0..x.len() {
            for j in 0..2 {
                let gamma = forward[t][j] * backward[t][j];
                moments[j][0] += gamma;
                moments[j][1] += gamma * x[t];
                moments[j][2] += gamma * x[t] * x[t];
                initial[j] += if t == 0 { gamma } else { 0.0 };
                for i in 0..if t == 0 { 0 } else { 2 } {
                    transition[i][j] += forward[t - 1][i] * of.transition[i][j] * b[t][j] * backward[t][j] / scales[t];
                }
            }
        }
    }
    let shares = |counts: [f64; 2]| counts.map(|count| count / counts.iter().sum::<f64>());
    let normal = |[weight, sum, squares]: [f64; 3]| [sum / weight, (squares / weight - (sum / weight).powi(2)).sqrt()];
    let next = Chain { initial: shares(initial), transition: transition.map(shares), seen: moments.map(normal) };
    (log_likelihood, next)
}

/// Sequences of these lengths from a chain, and the same as rows, NaN after the end.
fn draw(lengths: &[usize]) -> (Vec<Vec<f64>>, Table) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(11);
    let means = [-1.0, 2.0].map(|mean| Normal::new(mean, 1.0).unwrap());
    let of_length = |&length: &usize| {
        let mut state = 0;
        let next = |_| {
            state = if rng.random::<f64>() < 0.8 { state } else { 1 - state };
            means[state].sample(&mut rng)
        };
        (0..length).map(next).collect::<Vec<f64>>()
    };
    let sequences: Vec<Vec<f64>> = lengths.iter().map(of_length).collect();
    let width = lengths.iter().copied().max().unwrap();
    let cells = |x: &Vec<f64>| (0..width).map(|t| x.get(t).copied().unwrap_or(f64::NAN)).collect::<Vec<_>>();
    let table = Table::from_values(sequences.iter().flat_map(cells).collect(), width).unwrap();
    (sequences, table)
}

fn assert_near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance * expected.abs().max(1.0), "{found} is not {expected}");
}

/// EM on the graph and Baum–Welch from the same start take the same steps.
fn assert_same_steps(lengths: &[usize], steps: usize) {
    let (sequences, table) = draw(lengths);
    let (model, nodes) = chain(table.columns(), &START);
    let fit = Em::default()
        .acceleration(Acceleration::None)
        .tolerance(-1.0)
        .max_iterations(steps)
        .fit(&model, &table)
        .unwrap();
    let mut by_hand = START;
    for (step, &of_graph) in fit.history.iter().enumerate() {
        let (log_likelihood, next) = baum_welch(&sequences, &by_hand);
        assert_near(of_graph, log_likelihood, 1e-10);
        if step < steps {
            by_hand = next;
        }
    }
    let of_graph = read(&fit.parameters, nodes);
    let rows = |chain: &Chain| [vec![chain.initial], chain.transition.to_vec(), chain.seen.to_vec()].concat();
    for (found, expected) in rows(&of_graph).concat().iter().zip(rows(&by_hand).concat()) {
        assert_near(*found, expected, 1e-10);
    }
}

#[test]
fn a_tied_chain_takes_the_steps_of_baum_and_welch() {
    assert_same_steps(&[60], 30);
    assert_same_steps(&[40; 5], 30);
}

#[test]
fn a_sequence_that_ends_early_counts_as_long_as_it_is() {
    assert_same_steps(&[25, 7, 1, 25, 16], 30);
}

#[test]
fn a_chain_of_ten_thousand_slices_has_the_statistics_of_two() {
    assert_same_steps(&[10_000], 2);
    for slices in [2, 10_000] {
        let (model, _) = chain(slices, &START);
        let theta = model.graph();
        assert_eq!(model.statistics(theta).len(), 3);
        assert_eq!(model.free_parameters(theta), Some(1 + 2 + 4));
    }
}

#[test]
fn a_single_sequence_keeps_its_start_unless_the_start_is_symmetric() {
    let (_, table) = draw(&[50]);
    let started = |of: &Chain| {
        let (model, nodes) = chain(50, of);
        read(&model.start(&table, 0, &mut Xoshiro256PlusPlus::seed_from_u64(1)).unwrap(), nodes)
    };
    assert_eq!(format!("{:?}", started(&START)), format!("{START:?}"));
    let symmetric = Chain { initial: [0.5; 2], transition: [[0.5; 2]; 2], seen: [[0.0, 1.0]; 2] };
    let [a, b] = started(&symmetric).seen;
    assert!(a != b);
}

#[test]
fn naive_bayes_of_a_thousand_leaves_is_a_mixture_of_independent_columns() {
    const LEAVES: usize = 1000;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
    let start: [Vec<f64>; 2] = [0.375, 0.625].map(|p| (0..LEAVES).map(|_| p + 0.1 * rng.random::<f64>()).collect());
    let values: Vec<f64> = (0..40)
        .flat_map(|n| {
            let p = if n % 3 == 0 { 0.45 } else { 0.55 };
            (0..LEAVES).map(|_| f64::from(u8::from(rng.random::<f64>() < p))).collect::<Vec<_>>()
        })
        .collect();
    let table = Table::from_values(values, LEAVES).unwrap();

    let mut g = Graph::builder();
    let class: Node<usize> = g.node("class", (), Categorical::uniform(2));
    for leaf in 0..LEAVES {
        let of_class = |p: &Vec<f64>| Bernoulli::new(p[leaf]).unwrap();
        g.node(format!("x{leaf}"), class, Switch::new(start.iter().map(of_class).collect::<Vec<_>>()).unwrap());
    }
    let model = g.build().unwrap().hide(class).unwrap();

    let columns = |p: &Vec<f64>| p.iter().map(|&p| Column::Bernoulli(Bernoulli::new(p).unwrap())).collect();
    let mixture =
        Mixture::new(vec![0.5; 2], start.iter().map(|p| Independent::new(columns(p)).unwrap()).collect::<Vec<_>>())
            .unwrap();
    let em = Em::default().acceleration(Acceleration::None).tolerance(-1.0).max_iterations(10);
    let of_graph = em.fit(&model, &table).unwrap();
    let of_mixture = em.fit_from(&mixture, &table, mixture.clone()).unwrap();
    assert_eq!(of_graph.history.len(), 11);
    of_graph.history.iter().zip(&of_mixture.history).for_each(|(a, b)| assert_near(*a, *b, 1e-12));
    assert_eq!(of_graph.free_parameters, of_mixture.free_parameters);
}

#[test]
fn tied_leaves_are_a_mixture_of_binomials() {
    let counts = [1u64, 2, 8, 9, 7, 0, 2, 9, 8, 1, 3, 6];
    let rows: Vec<f64> = counts.iter().flat_map(|&k| (0..10).map(move |n| f64::from(u8::from(n < k)))).collect();
    let table = Table::from_values(rows, 10).unwrap();
    let mut g = Graph::builder();
    let coin: Node<bool> = g.node("coin", (), Bernoulli::new(0.5).unwrap());
    let tosses = vec![Bernoulli::new(0.25).unwrap(), Bernoulli::new(0.625).unwrap()];
    let toss = g.node("toss0", coin, Switch::new(tosses).unwrap());
    for t in 1..10 {
        g.tied(format!("toss{t}"), coin, toss);
    }
    let model = g.build().unwrap().hide(coin).unwrap();
    let fit = Em::default().max_iterations(20).verify(true).fit(&model, &table).unwrap();

    let binomials = vec![Binomial::new(10, 0.25).unwrap(), Binomial::new(10, 0.625).unwrap()];
    let mixture = Mixture::of(binomials).unwrap();
    let of_mixture = Em::default().max_iterations(20).fit_from(&mixture, &counts, mixture.clone()).unwrap();
    let tosses: &Switch<Vec<Bernoulli>, bool> = fit.parameters.conditional(toss).unwrap();
    for (toss, binomial) in tosses.components().iter().zip(of_mixture.parameters.components()) {
        assert_near(toss.mean(), binomial.mean() / 10.0, 1e-10);
    }
    assert_eq!(fit.free_parameters, Some(3));
}

/// A hidden level and two readings of it, `copies` times side by side, all tied.
fn levels(copies: usize) -> (HiddenGraph, [Node<f64>; 3]) {
    let mut g = Graph::builder();
    let level = g.node("level0", (), Normal::new(1.0, 2.0).unwrap());
    let a = g.node("a0", level, LinearGaussian::new(0.5, &[1.25], 1.0).unwrap());
    let b = g.node("b0", level, LinearGaussian::new(-1.0, &[0.75], 0.5).unwrap());
    let mut hidden = vec![level];
    for copy in 1..copies {
        let next = g.tied(format!("level{copy}"), (), level);
        g.tied(format!("a{copy}"), next, a);
        g.tied(format!("b{copy}"), next, b);
        hidden.push(next);
    }
    (g.build().unwrap().hide(hidden).unwrap(), [level, a, b])
}

#[test]
fn tied_copies_with_hidden_reals_in_one_row_are_as_many_rows() {
    let nan = f64::NAN;
    let readings = vec![2.5, 0.0, 1.0, -0.5, 4.0, 2.25, nan, 1.0, 0.5, -1.5, 3.0, nan];
    let fitted = |copies: usize| {
        let (model, [level, a, b]) = levels(copies);
        let table = Table::from_values(readings.clone(), 2 * copies).unwrap();
        let fit = Em::default()
            .acceleration(Acceleration::None)
            .tolerance(-1.0)
            .max_iterations(8)
            .fit(&model, &table)
            .unwrap();
        let level = fit.parameters.conditional::<Normal>(level).unwrap();
        let mut numbers = vec![fit.objective, level.mean(), level.standard_deviation()];
        for node in [a, b] {
            let line = fit.parameters.conditional::<LinearGaussian<f64>>(node).unwrap();
            numbers.extend([line.intercept(), line.slopes()[0], line.standard_deviation()]);
        }
        (numbers, fit.free_parameters)
    };
    let (apart, free_parameters) = fitted(1);
    for copies in [2, 3, 6] {
        let (together, free) = fitted(copies);
        assert_eq!(free, free_parameters);
        together.iter().zip(&apart).for_each(|(x, y)| assert_near(*x, *y, 1e-11));
    }
}

#[test]
fn what_cannot_be_tied_is_refused_with_both_names() {
    let mut g = Graph::builder();
    let wet: Node<bool> = g.node("wet", (), Bernoulli::new(0.5).unwrap());
    let length = g.node("length", (), Normal::standard());
    let weight = g.node("weight", length, LinearGaussian::new(0.0, &[1.0], 1.0).unwrap());
    g.tied("other", wet, weight);
    let refused = g.build().unwrap_err().to_string();
    assert_eq!(refused, "node other: tied to weight, whose parents have values f64, it has parents of values bool");
}

#[test]
fn a_tied_node_wants_parents_of_as_many_states() {
    let mut g = Graph::builder();
    let two: Node<usize> = g.node("two", (), Categorical::uniform(2));
    let three: Node<usize> = g.node("three", (), Categorical::uniform(3));
    let below: Node<bool> = g.node("below", two, ConditionalTable::new([[0.5, 0.5]; 2]).unwrap());
    g.tied("other", three, below);
    let refused = g.build().unwrap_err().to_string();
    assert_eq!(refused, "node other: the list of rows for one parent: length 2, expected 3");
}

#[test]
fn a_node_of_another_graph_cannot_be_tied_to() {
    let mut far = Graph::builder();
    let elsewhere = far.node("x", (), Normal::standard());
    let mut g = Graph::builder();
    g.tied("first", (), elsewhere);
    let refused = g.build().unwrap_err();
    let Error::AtNode { node, source } = refused else { panic!("{refused}") };
    assert!(node == "first" && matches!(*source, Error::Graph(GraphError::ForeignHandle { index: 0 })));
}
