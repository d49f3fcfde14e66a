//! Families of few states, which are looked up together in a block of rows, against the rows one by one.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::blocks::{compare_with_rows, uniform};
use marginal::conditionals::{ConditionalTable, Switch};
use marginal::distributions::{Bernoulli, Normal};
use marginal::graph::{Graph, Node};
use marginal::rand::rngs::Xoshiro256PlusPlus;
use marginal::rand::{RngExt, SeedableRng};

/// Leaves of few states below one cause and below two, some with an observed parent beside; a hidden node below an observed
/// one; numbers that are seldom shown.
#[test]
fn leaves_of_few_states_are_their_rows_one_by_one() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
    let mut g = Graph::builder();
    let mut table = |rows: usize, states: usize| (0..rows).map(|_| uniform(states, &mut rng)).collect::<Vec<_>>();
    let u: Node<usize> = g.node("u", (), ConditionalTable::new(table(1, 3)).unwrap());
    let a: Node<usize> = g.node("a", u, ConditionalTable::new(table(3, 2)).unwrap());
    let b: Node<usize> = g.node("b", (), ConditionalTable::new(table(1, 3)).unwrap());
    for (leaf, states) in [2, 3, 4, 2, 5, 2].into_iter().enumerate() {
        let _: Node<usize> = g.node(format!("x{leaf}"), a, ConditionalTable::new(table(2, states)).unwrap());
    }
    let mut impossible = table(6, 2);
    impossible[3] = vec![0.0, 1.0];
    let both = ConditionalTable::<(usize, usize), bool>::over(&[2, 3], impossible).unwrap();
    let y: Node<bool> = g.node("y0", (a, b), both);
    let other = ConditionalTable::<(usize, usize), usize>::over(&[2, 3], table(6, 4)).unwrap();
    let _: Node<usize> = g.node("y1", (a, b), other);
    let beside = ConditionalTable::<(bool, usize), usize>::over(&[2, 2], table(4, 3)).unwrap();
    let _: Node<usize> = g.node("y2", (y, a), beside);
    let chances = [0.2, 0.5, 0.9].map(|p| Bernoulli::new(p).unwrap()).to_vec();
    let _: Node<bool> = g.node("y3", b, Switch::<_, usize>::new(chances).unwrap());
    let normals = [0.0, 1.0, 4.0].map(|mean| Normal::new(mean, 1.0).unwrap()).to_vec();
    let _: Node<f64> = g.node("y4", b, Switch::<_, usize>::new(normals).unwrap());
    let model = g.build().unwrap().hide((a, b)).unwrap();
    let width = model.columns().len();
    let mut values = Vec::new();
    for _ in 0..400 {
        let row = model.graph().sample(&mut rng).cells().to_vec();
        let mut row = [&row[..1], &row[3..]].concat();
        // u and y0, which have children, are never missing: else their rows would be patterns of their own.
        let holes = (1..width).filter(|&v| v != 7 && rng.random::<f64>() < if v == width - 1 { 0.8 } else { 0.2 });
        holes.collect::<Vec<_>>().into_iter().for_each(|v| row[v] = f64::NAN);
        values.extend(row);
    }
    compare_with_rows(&model, &values);
    // All are shown, and one in no row.
    values.chunks_mut(width).for_each(|row| row.iter_mut().filter(|x| x.is_nan()).for_each(|x| *x = 1.0));
    compare_with_rows(&model, &values);
    values.chunks_mut(width).for_each(|row| row[3] = f64::NAN);
    compare_with_rows(&model, &values);
}
