//! Every shipped conditional distribution, graphs and graphs with hidden nodes obey every law that applies, through the
//! line that a user writes.
#![cfg(feature = "laws")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::conditionals::{
    ConditionalGaussian, ConditionalTable, FixedConditional, Given, LinearGaussian, LogisticRegression,
    PoissonRegression, Root, SoftmaxRegression, Switch, given,
};
use marginal::distributions::{MultivariateNormal, Normal, Poisson};
use marginal::graph::{DirectedGraph, Graph, Node};
use marginal::laws::proptest::bool;
use marginal::laws::proptest::collection::vec;
use marginal::laws::proptest::prelude::*;
use marginal::laws::strategies::{positive, real, simplex, unit};
use marginal::laws::{LatentCase, Observations};
use marginal::models::HiddenGraph;
use marginal::rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};

fn any_row() -> impl Strategy<Value = Vec<f64>> {
    simplex(3)
}
/// Among its rows some with a 0.
fn any_table() -> impl Strategy<Value = ConditionalTable<bool, usize>> {
    let row = prop_oneof![4 => any_row(), 1 => Just(vec![0.0, 0.25, 0.75]), 1 => Just(vec![1.0, 0.0, 0.0])];
    [row.clone(), row].prop_map(|rows| ConditionalTable::new(rows).unwrap())
}
fn any_wide_table() -> impl Strategy<Value = ConditionalTable<[usize], bool>> {
    vec(unit(), 6).prop_map(|p| ConditionalTable::over(&[2, 3], p.into_iter().map(|p| [1.0 - p, p])).unwrap())
}
fn any_normal() -> impl Strategy<Value = Normal> + Clone {
    (real(), positive()).prop_map(|(mean, deviation)| Normal::new(mean, deviation).unwrap())
}
fn any_switch() -> impl Strategy<Value = Switch<Vec<Normal>, (bool, bool)>> {
    vec(any_normal(), 4).prop_map(|normals| Switch::new(normals).unwrap())
}
fn any_switch_of_counts() -> impl Strategy<Value = Switch<Vec<Poisson>, bool>> {
    [positive(), positive()].prop_map(|rates| Switch::new(rates.map(|r| Poisson::new(r).unwrap()).to_vec()).unwrap())
}
/// Flat, so that outcomes overlap, and a + b·y is not far larger than what is left of x.
fn slope() -> impl Strategy<Value = f64> {
    (-8i32..=8).prop_map(|k| f64::from(k) / 32.0)
}
fn any_line() -> impl Strategy<Value = LinearGaussian<f64>> {
    (real(), slope(), positive()).prop_map(|(a, b, deviation)| LinearGaussian::new(a, &[b], 1.0 + deviation).unwrap())
}
fn any_plane() -> impl Strategy<Value = LinearGaussian<(f64, bool)>> {
    (real(), real(), real(), positive()).prop_map(|(a, b, c, s)| LinearGaussian::new(a, &[b, c], s).unwrap())
}
/// Two lines, below a bool and a real.
fn any_conditional_gaussian() -> impl Strategy<Value = ConditionalGaussian<bool, f64>> {
    vec(any_line(), 2).prop_map(|lines| ConditionalGaussian::new(lines).unwrap())
}
fn any_logistic() -> impl Strategy<Value = LogisticRegression<(f64, bool)>> {
    (slope(), slope(), slope()).prop_map(|(a, b, c)| LogisticRegression::new(a, &[b, c]).unwrap())
}
fn any_softmax(classes: usize) -> impl Strategy<Value = SoftmaxRegression<(f64, bool)>> {
    (vec(slope(), classes), vec([slope(), slope()], classes)).prop_map(|(a, b)| SoftmaxRegression::new(&a, &b).unwrap())
}
fn any_softmax_of_one() -> impl Strategy<Value = SoftmaxRegression<f64>> {
    (vec(slope(), 3), vec([slope()], 3)).prop_map(|(a, b)| SoftmaxRegression::new(&a, &b).unwrap())
}
fn any_poisson_regression() -> impl Strategy<Value = PoissonRegression<(f64, bool)>> {
    (slope(), slope(), slope()).prop_map(|(a, b, c)| PoissonRegression::new(a, &[b, c]).unwrap())
}
fn any_closure() -> impl Strategy<Value = Given<impl Fn(&(f64, bool)) -> Normal + Clone + Send + Sync, (f64, bool)>> {
    positive().prop_map(|scale| {
        given(move |&(x, loud): &(f64, bool)| Normal::new(x, if loud { scale } else { 0.5 }).unwrap())
    })
}
fn any_root() -> impl Strategy<Value = Root<MultivariateNormal>> {
    (real(), positive()).prop_map(|(mean, s)| Root(MultivariateNormal::diagonal(vec![mean, 1.0], &[s, 2.0]).unwrap()))
}

marginal::laws! {
    table: conditional(any_table(), bool::ANY);
    table_fits: estimate_conditional(any_table(), bool::ANY);
    wide_table: conditional(any_wide_table(), (0usize..2, 0usize..3).prop_map(|(a, b)| vec![a, b]));
    switch: conditional(any_switch(), (bool::ANY, bool::ANY));
    switch_fits: estimate_conditional(any_switch(), (bool::ANY, bool::ANY));
    switch_of_counts_fits: estimate_conditional(any_switch_of_counts(), bool::ANY);
    plane: conditional(any_plane(), (real(), bool::ANY));
    plane_fits: estimate_conditional(any_plane(), (real(), bool::ANY));
    conditional_gaussian: conditional(any_conditional_gaussian(), (bool::ANY, real()));
    conditional_gaussian_fits: estimate_conditional(any_conditional_gaussian(), (bool::ANY, real()));
    logistic: conditional(any_logistic(), (real(), bool::ANY));
    logistic_fits: estimate_conditional(any_logistic(), (real(), bool::ANY));
    softmax: conditional(any_softmax(3), (real(), bool::ANY));
    softmax_fits: estimate_conditional(any_softmax(2), (real(), bool::ANY));
    softmax_of_one_fits: estimate_conditional(any_softmax_of_one(), real());
    counts: conditional(any_poisson_regression(), (real(), bool::ANY));
    counts_fit: estimate_conditional(any_poisson_regression(), (real(), bool::ANY));
    closure: conditional(any_closure(), (real(), bool::ANY));
    closure_stays: estimate_conditional(any_closure(), (real(), bool::ANY));
    fixed: conditional(any_line().prop_map(FixedConditional), real());
    fixed_stays: estimate_conditional(any_line().prop_map(FixedConditional), real());
    root: conditional(any_root(), Just(()));
    root_fits: estimate_conditional(any_root(), Just(()));
}

/// Arrows from earlier to later nodes, with the numbers of the nodes turned round.
#[derive(Clone, Debug)]
struct Arrows(Vec<Vec<usize>>);

impl DirectedGraph for Arrows {
    fn len(&self) -> usize {
        self.0.len()
    }
    fn parents(&self, node: usize) -> &[usize] {
        &self.0[node]
    }
}

fn any_arrows() -> impl Strategy<Value = Arrows> {
    vec(any::<u16>(), 1..=9).prop_map(|masks| {
        let last = masks.len() - 1;
        let parents = |v: usize| (v + 1..=last).filter(|u| masks[v] >> u & 1 == 1).collect();
        Arrows((0..=last).map(parents).collect())
    })
}

/// Up to five tables below each other at random, some of their probabilities 0.
fn any_tables() -> impl Strategy<Value = Graph> {
    let node = (any::<u8>(), vec(prop_oneof![3 => unit(), 1 => Just(0.0), 1 => Just(1.0)], 8));
    vec(node, 1..=5).prop_map(|nodes| {
        let mut g = Graph::builder();
        let mut handles: Vec<Node<usize>> = Vec::new();
        for (v, (mask, p)) in nodes.into_iter().enumerate() {
            let parents: Vec<Node<usize>> = (0..v).filter(|u| mask >> u & 1 == 1).take(3).map(|u| handles[u]).collect();
            let rows = p[..1 << parents.len()].iter().map(|p| [1.0 - p, *p]);
            let table = ConditionalTable::<[usize], usize>::over(&vec![2; parents.len()], rows).unwrap();
            handles.push(g.node(format!("x{}", v + 1), &parents[..], table));
        }
        g.build().unwrap()
    })
}

/// Finite and real nodes, every family: colour → wet, colour → length → weight ← wet → sold ← weight.
fn any_mixed() -> impl Strategy<Value = Graph> {
    let normals = vec(any_normal(), 3);
    (any_row(), vec(unit(), 3), normals, any_plane(), any_logistic()).prop_map(|(p, wet, normals, plane, logistic)| {
        let mut g = Graph::builder();
        let colour: Node<usize> = g.node("colour", (), ConditionalTable::new([p]).unwrap());
        let wet: Node<bool> =
            g.node("wet", colour, ConditionalTable::new(wet.into_iter().map(|p| [1.0 - p, p])).unwrap());
        let length = g.node("length", colour, Switch::new(normals).unwrap());
        let weight = g.node("weight", (length, wet), plane);
        let _ = g.node("sold", (weight, wet), logistic);
        g.build().unwrap()
    })
}

marginal::laws! {
    arrows: directed_graph(any_arrows());
    tables: graph(any_tables());
    mixed: graph(any_mixed());
}

/// Rows drawn from the graph itself, `missing` of their values taken away.
fn cases(models: impl Strategy<Value = HiddenGraph>, missing: f64) -> impl Strategy<Value = LatentCase<HiddenGraph>> {
    (models, 0u64..1000, 4usize..=16).prop_map(move |(model, seed, count)| {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let width = model.columns().len();
        let rows: Vec<(Vec<f64>, f64)> = (0..count)
            .map(|_| {
                let all = model.graph().sample(&mut rng);
                let hidden = all.cells().len() - width;
                let mut row = all.cells()[hidden..].to_vec();
                for cell in &mut row {
                    if rng.random::<f64>() < missing {
                        *cell = f64::NAN;
                    }
                }
                (row, [1.0, 1.0, 0.5, 2.0][rng.random_range(0..4)])
            })
            .collect();
        let theta = model.graph().clone();
        LatentCase::new(model, theta, Observations::new(rows))
    })
}

/// A Gaussian mixture as two nodes.
fn any_mixture() -> impl Strategy<Value = HiddenGraph> {
    (simplex(2), vec(any_normal(), 2)).prop_map(|(p, normals)| {
        let mut g = Graph::builder();
        let z: Node<usize> = g.node("z", (), ConditionalTable::new([p]).unwrap());
        let _ = g.node("x", z, Switch::new(normals).unwrap());
        g.build().unwrap().hide(z).unwrap()
    })
}

/// A hidden class above three tables.
fn any_naive_bayes() -> impl Strategy<Value = HiddenGraph> {
    (simplex(2), vec(any_row(), 6)).prop_map(|(p, rows)| {
        let mut g = Graph::builder();
        let class: Node<usize> = g.node("class", (), ConditionalTable::new([p]).unwrap());
        for (j, rows) in rows.chunks(2).enumerate() {
            let _: Node<usize> = g.node(format!("x{j}"), class, ConditionalTable::new(rows).unwrap());
        }
        g.build().unwrap().hide(class).unwrap()
    })
}

/// A hidden state above a real node, with a line below that.
fn any_chain() -> impl Strategy<Value = HiddenGraph> {
    (unit(), vec(any_normal(), 2), any_line()).prop_map(|(p, normals, line)| {
        let mut g = Graph::builder();
        let z: Node<bool> = g.node("z", (), ConditionalTable::new([[1.0 - p, p]]).unwrap());
        let x = g.node("x", z, Switch::new(normals).unwrap());
        let _ = g.node("y", x, line);
        g.build().unwrap().hide(z).unwrap()
    })
}

/// A hidden real node between a hidden state and two lines that are seen.
fn any_factor() -> impl Strategy<Value = HiddenGraph> {
    (unit(), vec(any_normal(), 2), any_line(), any_conditional_gaussian()).prop_map(|(p, normals, line, lines)| {
        let mut g = Graph::builder();
        let z: Node<bool> = g.node("z", (), ConditionalTable::new([[1.0 - p, p]]).unwrap());
        let factor = g.node("factor", z, Switch::new(normals).unwrap());
        let _ = g.node("x", factor, line);
        let _ = g.node("y", (z, factor), lines);
        g.build().unwrap().hide((z, factor)).unwrap()
    })
}

marginal::laws! {
    mixture_as_a_graph: latent_model(cases(any_mixture(), 0.0));
    naive_bayes: latent_model(cases(any_naive_bayes(), 0.0));
    missing_values: latent_model(cases(any_naive_bayes(), 0.25));
    line_below_a_mixture: latent_model(cases(any_chain(), 0.0));
    hidden_real: latent_model(cases(any_factor(), 0.0));
}
