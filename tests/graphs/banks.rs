//! Banks below finite parents: what members share in a mixture they share in a graph.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Debug;

use marginal::Error;
use marginal::components::{Covariance, Gaussians, InverseWishart, SampleGiven, Shared};
use marginal::conditionals::{ConditionalDistribution, ConditionalTable, Switch};
use marginal::data::Table;
use marginal::distributions::{MultivariateNormal, Normal};
use marginal::em::{Acceleration, Em};
use marginal::graph::{Graph, Node};
use marginal::models::{HiddenGraph, Mixture};

use crate::columns::table;

const PROPORTIONS: [f64; 2] = [0.375, 0.625];

fn faithful() -> Table {
    table(include_str!("../../data/faithful.csv"))
}

fn planes() -> Vec<MultivariateNormal> {
    let at = |mean: [f64; 2]| MultivariateNormal::new(mean.to_vec(), &[0.5, 0.0, 0.0, 50.0]).unwrap();
    vec![at([2.0, 55.0]), at([4.0, 75.0])]
}

/// z → x with the bank below z.
fn below<C: SampleGiven<Value = [f64]> + Debug + 'static>(proportions: &[f64], bank: C) -> (HiddenGraph, Node<[f64]>) {
    let mut g = Graph::builder();
    let z: Node<usize> = g.node("z", (), ConditionalTable::new([proportions]).unwrap());
    let x = g.node("x", z, Switch::<C, usize>::new(bank).unwrap());
    (g.build().unwrap().hide(z).unwrap(), x)
}

fn plain_steps() -> Em {
    Em::default().verify(true).acceleration(Acceleration::None).tolerance(-1.0).max_iterations(30)
}

fn assert_close(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len());
    assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-9 * b.abs()), "{a:?} and {b:?}");
}

/// mclust's EEE,2: −1140.18676, 8 free parameters.
#[test]
fn one_covariance_below_a_hidden_class_is_that_of_a_mixture() {
    let bank = Gaussians::new(planes()).unwrap().covariance(Covariance::Tied);
    let (model, x) = below(&PROPORTIONS, bank);
    let fit = Em::default().verify(true).fit(&model, &faithful()).unwrap();
    assert!((fit.log_likelihood + 1140.186_759_437_1).abs() < 1e-6, "{}", fit.log_likelihood);
    assert_eq!(fit.free_parameters, Some(8));
    let found: &Switch<Gaussians, usize> = fit.parameters.conditional(x).unwrap();
    assert_eq!(found.components()[0].covariance(), found.components()[1].covariance());
}

#[test]
fn a_prior_and_shared_members_take_the_steps_of_the_mixture() {
    let prior = InverseWishart::new(4.0, vec![0.5, 0.0, 0.0, 40.0]).unwrap();
    let penalised = Gaussians::new(planes()).unwrap().prior(prior);
    let mixture = Mixture::new(PROPORTIONS.to_vec(), penalised.clone()).unwrap();
    let of_mixture = plain_steps().fit_from(&mixture, &faithful(), mixture.clone()).unwrap();
    let of_graph = plain_steps().fit(&below(&PROPORTIONS, penalised).0, &faithful()).unwrap();
    assert_close(&of_graph.history, &of_mixture.history);
    assert!(of_graph.objective != of_graph.log_likelihood);

    let (thirds, shared) = ([0.25, 0.25, 0.5], Shared::new(planes(), &[0, 1, 1]).unwrap());
    let mixture = Mixture::new(thirds.to_vec(), shared.clone()).unwrap();
    let of_mixture = plain_steps().fit_from(&mixture, &faithful(), mixture.clone()).unwrap();
    let of_graph = plain_steps().fit(&below(&thirds, shared).0, &faithful()).unwrap();
    assert_close(&of_graph.history, &of_mixture.history);
    assert_eq!(of_graph.free_parameters, of_mixture.free_parameters);
}

#[test]
fn members_of_another_shape_than_is_estimated_are_refused() {
    let refused =
        Switch::<_, usize>::new(Gaussians::new(planes()).unwrap().covariance(Covariance::Diagonal)).unwrap_err();
    assert!(matches!(refused, Error::OtherShape { component: 0 }), "{refused}");
}

/// Members of real values: a graph integrates over a hidden child of theirs.
#[test]
fn mixtures_are_members_below_a_class_and_shared_normals_are_lines() {
    let pair = |low: f64, high: f64| {
        Mixture::of(vec![Normal::new(low, 0.5).unwrap(), Normal::new(high, 0.5).unwrap()]).unwrap()
    };
    let mut g = Graph::builder();
    let z: Node<bool> = g.node("z", (), ConditionalTable::new([[0.5, 0.5]]).unwrap());
    let _: Node<f64> = g.node("x", z, Switch::new(vec![pair(0.0, 10.0), pair(3.0, 7.0)]).unwrap());
    let model = g.build().unwrap().hide(z).unwrap();
    let rows = [0.1, 9.7, 3.2, 6.8, 7.3, 0.4, 2.6, 10.2, -0.5, 3.4, 9.9, 7.1].to_vec();
    let fit = Em::default().verify(true).max_iterations(20).fit(&model, &Table::from_values(rows, 1).unwrap()).unwrap();
    assert!(fit.history.windows(2).all(|l| l[1] >= l[0] - 1e-9));

    let normals =
        Shared::new(vec![Normal::new(0.0, 1.0).unwrap(), Normal::new(6.0, 2.0).unwrap()], &[0, 1, 1]).unwrap();
    let switch = Switch::<_, usize>::new(normals).unwrap();
    assert_eq!(switch.linear_gaussian(&2).map(|line| (line.intercept, line.standard_deviation)), Some((6.0, 2.0)));
}

/// A row shows the bank one state of u, and all of z: every second member.
#[test]
fn a_bank_below_a_shown_and_a_hidden_parent_is_that_of_its_members() {
    let rows: Vec<f64> =
        (0..272).flat_map(|n| [f64::from(u8::from(n % 3 == 0)), faithful().row(n)[0], faithful().row(n)[1]]).collect();
    let rows = Table::from_values(rows, 3).unwrap();
    let four = [planes(), planes()].concat();
    let fit = |full: bool| {
        let mut g = Graph::builder();
        let u: Node<usize> = g.node("u", (), ConditionalTable::new([[0.5, 0.5]]).unwrap());
        let z: Node<usize> = g.node("z", (), ConditionalTable::new([PROPORTIONS]).unwrap());
        let _ = if full {
            g.node(
                "x",
                (u, z),
                Switch::<_, (usize, usize)>::over(&[2, 2], Gaussians::new(four.clone()).unwrap()).unwrap(),
            )
        } else {
            g.node("x", (u, z), Switch::<_, (usize, usize)>::over(&[2, 2], four.clone()).unwrap())
        };
        plain_steps().fit(&g.build().unwrap().hide(z).unwrap(), &rows).unwrap()
    };
    assert_close(&fit(true).history, &fit(false).history);

    // A bank without a kernel for some of its members alone.
    let mixed = |bank: Shared<Vec<MultivariateNormal>>| {
        let mut g = Graph::builder();
        let u: Node<usize> = g.node("u", (), ConditionalTable::new([[0.5, 0.5]]).unwrap());
        let z: Node<usize> = g.node("z", (), ConditionalTable::new([PROPORTIONS]).unwrap());
        g.node("x", (u, z), Switch::<_, (usize, usize)>::over(&[2, 2], bank).unwrap());
        plain_steps().fit(&g.build().unwrap().hide(z).unwrap(), &rows).unwrap()
    };
    assert_close(&mixed(Shared::new(four.clone(), &[0, 1, 2, 3]).unwrap()).history, &fit(false).history);
}
