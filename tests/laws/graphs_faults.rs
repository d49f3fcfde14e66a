//! Each law of conditional distributions and graphs is broken by a fault of its kind.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "not every fault shows on one case")]
#[path = "../faults/echo.rs"]
mod echo;

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use echo::{Fault, echo};
use marginal::conditionals::{ConditionalDistribution, ConditionalTable, Finite, FixedConditional, RegressionLine};
use marginal::distributions::{Distribution, Normal};
use marginal::error::GraphError;
use marginal::graph::{DirectedGraph, Graph, Node, Nodes};
use marginal::laws::{self, Coordinates, EstimateCase, Law, Observations, Part, Regression, Slice};
use marginal::rand::{Rng, RngExt};

fn broken<C>(suite: &[Law<C>], case: &C) -> Vec<&'static str> {
    laws::check(suite, case).broken().map(|line| line.law).collect()
}

fn of_slice(fault: Fault) -> Vec<&'static str> {
    broken(&laws::conditional(), &Slice { conditional: echo(fault), given: false })
}

fn of_estimate(fault: Fault) -> Vec<&'static str> {
    let regression = Regression::new(echo(fault), [true, false]);
    let rows = [([1.0, 1.0], 1.0), ([0.0, 1.0], 2.0), ([0.0, 0.0], 0.5), ([1.0, 1.0], 1.0), ([0.0, 0.0], 3.0)];
    let observations = Observations::new(rows.map(|(row, weight)| (row.to_vec(), weight)));
    broken(&laws::estimate_conditional(), &EstimateCase::of(regression, observations))
}

#[test]
fn a_conditional_without_a_fault_breaks_no_law() {
    assert!(of_slice(Fault::None).is_empty() && of_estimate(Fault::None).is_empty());
}

#[test]
fn faults_of_density_and_sampler_are_named() {
    assert!(of_slice(Fault::Mass).contains(&"the_density_is_normalised"));
    assert!(of_slice(Fault::Deaf).contains(&"draws_have_the_density"));
    assert!(of_slice(Fault::Restless).contains(&"draws_depend_on_the_generator_alone"));
    assert!(of_slice(Fault::Stray).contains(&"draws_lie_in_the_support"));
}

#[test]
fn a_density_that_is_nan_is_named() {
    /// NaN far away.
    #[derive(Debug)]
    struct Far;
    impl ConditionalDistribution for Far {
        type Given = f64;
        type Value = f64;
        fn log_density(&self, x: &f64, given: &f64) -> f64 {
            let z = x - given;
            -0.5 * (z * z) - 0.5 * std::f64::consts::TAU.ln() + (z - z)
        }
        fn sample(&self, given: &f64, rng: &mut dyn Rng) -> f64 {
            given + rng.random::<f64>()
        }
    }
    let found = broken(&laws::conditional(), &Slice { conditional: Far, given: 0.0 });
    assert_eq!(found.first(), Some(&"the_log_density_is_never_nan"));
}

#[test]
fn faults_of_statistics_and_estimate_are_named() {
    assert!(of_estimate(Fault::Weight).contains(&"weight_two_is_twice"));
    assert!(of_estimate(Fault::Merge).contains(&"merging_is_observing_together"));
    assert!(of_estimate(Fault::Scale).contains(&"scaling_is_weighting"));
    assert!(of_estimate(Fault::InTurn).contains(&"the_same_step_gives_the_same_bits"));
    assert!(of_estimate(Fault::Opposite).contains(&"no_other_theta_beats_the_m_step"));
    assert!(of_estimate(Fault::Half).contains(&"no_other_theta_beats_the_m_step"));
    assert!(of_estimate(Fault::Expected).contains(&"the_expected_log_density_is_the_sum"));
}

#[test]
fn what_observe_adds_and_what_q_makes_of_it_are_told_apart() {
    let first = |fault| {
        let regression = Regression::new(echo(fault), [true, false]);
        let rows = [[1.0, 1.0], [0.0, 1.0], [0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 0.0]];
        let case = EstimateCase::of(regression, Observations::new(rows.map(|row| (row.to_vec(), 1.0))));
        laws::check(&laws::estimate_conditional(), &case).suspect()
    };
    assert_eq!(first(Fault::Lenient), Some(Part::Statistics));
    assert_eq!(first(Fault::Halved), Some(Part::Expected));
}

#[test]
fn a_value_that_does_not_come_back_is_named() {
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Light {
        Red,
        Green,
    }
    impl Finite for Light {
        const STATES: Option<usize> = Some(2);
        fn index(&self) -> usize {
            *self as usize
        }
        fn from_index(index: usize) -> Option<Self> {
            [Self::Green, Self::Red].get(index).copied()
        }
    }
    impl Coordinates for Light {}
    let table = ConditionalTable::<(), Light>::new([[0.5, 0.5]]).unwrap();
    assert_eq!(broken(&laws::conditional(), &Slice { conditional: table, given: () }), ["cells_hold_the_value"]);
}

/// N(x; 1 + 2y, σ²) with σ = 3, and what it says of its line.
#[derive(Debug)]
struct Claims(fn(&f64) -> RegressionLine);

impl ConditionalDistribution for Claims {
    type Given = f64;
    type Value = f64;
    fn log_density(&self, x: &f64, given: &f64) -> f64 {
        Normal::new(1.0 + 2.0 * given, 3.0).unwrap().log_density(x)
    }
    fn sample(&self, given: &f64, rng: &mut dyn Rng) -> f64 {
        Normal::new(1.0 + 2.0 * given, 3.0).unwrap().sample(rng)
    }
    fn linear_gaussian(&self, given: &f64) -> Option<RegressionLine> {
        Some((self.0)(given))
    }
}

#[test]
fn a_line_that_is_not_that_of_the_density_is_named() {
    let of = |claim| broken(&laws::conditional(), &Slice { conditional: Claims(claim), given: 0.75 });
    assert!(of(|_| RegressionLine { intercept: 1.0, slopes: vec![2.0], standard_deviation: 3.0 }).is_empty());
    let wrong: [fn(&f64) -> RegressionLine; 6] = [
        |_| RegressionLine { intercept: 1.0, slopes: vec![2.0], standard_deviation: 9.0 }, // the variance
        |_| RegressionLine { intercept: 1.0, slopes: vec![-2.0], standard_deviation: 3.0 },
        |_| RegressionLine { intercept: 2.5, slopes: vec![0.0], standard_deviation: 3.0 }, // right at this y alone
        |y| RegressionLine { intercept: 1.0 + 2.0 * y, slopes: vec![0.0], standard_deviation: 3.0 },
        |y| RegressionLine { intercept: y - 0.0, slopes: vec![2.0 + (1.0 - y) / y], standard_deviation: 3.0 }, // moves
        |_| RegressionLine { intercept: 1.0, slopes: vec![], standard_deviation: 3.0 },
    ];
    for claim in wrong {
        assert_eq!(of(claim), ["the_line_is_the_density"], "{:?}", claim(&0.75));
    }
}

/// A fair root, its echo, and the echo of that.
fn graph_of(fault: Fault) -> Graph {
    let mut g = Graph::builder();
    let root: Node<bool> = g.node("root", (), ConditionalTable::new([[0.5, 0.5]]).unwrap());
    let first = g.node("first", root, FixedConditional(echo(fault)));
    let _ = g.node("second", first, FixedConditional(echo(Fault::None)));
    g.build().unwrap()
}

#[test]
fn faults_of_a_node_are_named_by_the_laws_of_its_graph() {
    let of = |fault| broken(&laws::graph(), &graph_of(fault));
    assert!(of(Fault::None).is_empty());
    assert!(of(Fault::Mass).contains(&"the_joint_sums_to_one"));
    assert!(of(Fault::Deaf).contains(&"ancestral_draws_have_the_joint"));
    assert!(of(Fault::Stray).contains(&"draws_have_a_joint_density"));
    assert!(of(Fault::Nan).contains(&"impossible_evidence_is_an_error"));
}

/// Reads what it has no arrow from: how it answers depends on who was asked before.
#[derive(Clone, Debug)]
struct Spy {
    told: Arc<AtomicUsize>,
    listens: bool,
}

impl ConditionalDistribution for Spy {
    type Given = ();
    type Value = bool;
    fn log_density(&self, x: &bool, (): &()) -> f64 {
        if !self.listens {
            self.told.store(usize::from(*x), Ordering::Relaxed);
            return 0.5f64.ln();
        }
        let told = self.told.load(Ordering::Relaxed) == 1;
        if *x == told { 0.75f64.ln() } else { 0.25f64.ln() }
    }
    fn sample(&self, (): &(), rng: &mut dyn Rng) -> bool {
        rng.random()
    }
}

#[test]
fn a_node_that_looks_where_no_arrow_comes_from_is_named() {
    let told = Arc::new(AtomicUsize::new(0));
    let mut g = Graph::builder();
    for (name, listens) in [("one", false), ("other", true)] {
        let _ = g.node(name, (), FixedConditional(Spy { told: Arc::clone(&told), listens }));
    }
    let found = broken(&laws::graph(), &g.build().unwrap());
    assert!(found.contains(&"separated_nodes_are_independent"), "{found:?}");
}

/// Changes its mind at every call.
#[derive(Clone, Debug)]
struct Fickle(Arc<AtomicUsize>);

impl ConditionalDistribution for Fickle {
    type Given = bool;
    type Value = bool;
    fn log_density(&self, x: &bool, _: &bool) -> f64 {
        let right = [0.25, 0.75, 0.5][self.0.fetch_add(1, Ordering::Relaxed) % 3];
        if *x { f64::ln(right) } else { f64::ln(1.0 - right) }
    }
    fn sample(&self, _: &bool, rng: &mut dyn Rng) -> bool {
        rng.random()
    }
}

#[test]
fn a_density_that_changes_between_two_calls_is_named() {
    let mut g = Graph::builder();
    let root: Node<bool> = g.node("root", (), ConditionalTable::new([[0.5, 0.5]]).unwrap());
    let _ = g.node("fickle", root, FixedConditional(Fickle(Arc::default())));
    let found = broken(&laws::graph(), &g.build().unwrap());
    assert!(found.contains(&"elimination_is_enumeration"), "{found:?}");
    assert!(found.contains(&"the_log_joint_is_the_sum_of_its_factors"), "{found:?}");
}

/// a → c ← b, c → d; with one method of its own that is wrong.
struct Collider(&'static str, Cell<u32>);

impl DirectedGraph for Collider {
    fn len(&self) -> usize {
        4
    }
    fn parents(&self, node: usize) -> &[usize] {
        [&[][..], &[], &[0, 1], &[2]][node]
    }
    fn topological_order(&self) -> Result<Vec<usize>, GraphError> {
        Ok(if self.0 == "order" { vec![3, 0, 1, 2] } else { vec![0, 1, 2, 3] })
    }
    fn markov_blanket(&self, node: impl Nodes) -> Vec<usize> {
        // Without the children's other parents.
        let node = node.indices()[0];
        let mut blanket = [self.parents(node), &self.children(node)[..]].concat();
        if self.0 != "blanket" {
            blanket.extend(self.children(node).iter().flat_map(|&child| self.parents(child)).filter(|&&v| v != node));
        }
        blanket
    }
    fn d_separated(&self, a: impl Nodes, b: impl Nodes, given: impl Nodes) -> bool {
        // A collider opens only if it is given itself, not if what follows from it is.
        let (a, b, given) = (a.indices()[0], b.indices()[0], given.indices());
        self.1.set(self.1.get() + 1);
        let parents_only = a.max(b) == 1;
        if parents_only {
            let opens = given.contains(&2) || (self.0 != "separation" && given.contains(&3));
            return !opens;
        }
        a.max(b) == 3 && given.contains(&2)
    }
}

#[test]
fn wrong_answers_of_a_graph_of_ones_own_are_named() {
    let of = |fault| {
        let graph = Collider(fault, Cell::new(0));
        let found = broken(&laws::directed_graph(), &graph);
        assert!(graph.1.get() > 10, "the law asks");
        found
    };
    assert!(of("none").is_empty(), "{:?}", of("none"));
    assert_eq!(of("order"), ["every_parent_precedes_its_child"]);
    assert_eq!(of("blanket"), ["the_blanket_is_what_it_takes_to_separate"]);
    assert_eq!(of("separation"), ["separation_is_that_of_the_moral_graph"]);
}
