//! EM on graphs: the same numbers as the models that are special cases, missing values, and starts.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::components::{Covariance, Gaussians};
use marginal::conditionals::{ConditionalTable, LinearGaussian, LogisticRegression, Switch};
use marginal::data::{Table, Weighted};
use marginal::distributions::{Bernoulli, Distribution, Guarantee, MultivariateNormal, Normal, StudentT};
use marginal::em::{Acceleration, Em, Restart};
use marginal::graph::{Graph, Node};
use marginal::latent::{LatentModel, Start};
use marginal::models::{GaussianMixture, HiddenGraph, Mixture};
use marginal::rand::{SeedableRng, rngs::Xoshiro256PlusPlus};

use crate::columns::table;

fn faithful() -> Table {
    table(include_str!("../../data/faithful.csv"))
}

fn start() -> Mixture<Vec<MultivariateNormal>> {
    let components = vec![
        MultivariateNormal::new(vec![2.0, 55.0], &[0.5, 0.0, 0.0, 50.0]).unwrap(),
        MultivariateNormal::new(vec![4.0, 75.0], &[0.5, 1.0, 1.0, 50.0]).unwrap(),
    ];
    Mixture::new(vec![0.375, 0.625], components).unwrap()
}

/// The same start of a model whose components are estimated together.
fn gaussians(mixture: &Mixture<Vec<MultivariateNormal>>) -> Mixture<Gaussians> {
    let components = Gaussians::new(mixture.components().clone()).unwrap();
    Mixture::new(mixture.proportions().to_vec(), components).unwrap()
}

/// z → x: the mixture as two nodes.
fn as_graph(mixture: &Mixture<Vec<MultivariateNormal>>) -> (HiddenGraph, Node<usize>, Node<[f64]>) {
    let mut g = Graph::builder();
    let z: Node<usize> = g.node("z", (), ConditionalTable::new([mixture.proportions()]).unwrap());
    let x = g.node("x", z, Switch::new(mixture.components().clone()).unwrap());
    (g.build().unwrap().hide(z).unwrap(), z, x)
}

fn assert_close(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len());
    for (t, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= 1e-9 * b.abs(), "number {t}: {a} and {b}");
    }
}

#[test]
fn a_mixture_written_as_two_nodes_takes_the_same_steps() {
    let em = Em::default().acceleration(Acceleration::None).tolerance(-1.0).max_iterations(40);
    let (graph, z, x) = as_graph(&start());
    let of_graph = em.fit(&graph, &faithful()).unwrap();
    let of_mixture = em.fit_from(&start(), &faithful(), start()).unwrap();
    let of_gaussian =
        em.fit_from(&GaussianMixture::new(2).covariance(Covariance::Full), &faithful(), gaussians(&start())).unwrap();
    assert_close(&of_graph.history, &of_mixture.history);
    assert_close(&of_graph.history, &of_gaussian.history);
    assert_eq!(of_graph.free_parameters, of_gaussian.free_parameters);

    let proportions: &ConditionalTable<(), usize> = of_graph.parameters.conditional(z).unwrap();
    assert_close(proportions.rows().next().unwrap(), of_mixture.parameters.proportions());
    let components: &Switch<Vec<MultivariateNormal>, usize> = of_graph.parameters.conditional(x).unwrap();
    for (a, b) in components.components().iter().zip(of_mixture.parameters.components()) {
        assert_close(a.mean(), b.mean());
        assert_close(&a.covariance(), &b.covariance());
    }
}

#[test]
fn weighted_rows_are_weighted_in_every_node() {
    let rows = faithful();
    let weights: Vec<f64> = (0..rows.len()).map(|n| (n % 3) as f64).collect();
    let repeated = (0..rows.len()).flat_map(|n| rows.row(n).repeat(n % 3)).collect();
    let em = Em::default().acceleration(Acceleration::None).tolerance(-1.0).max_iterations(10);
    let (graph, ..) = as_graph(&start());
    let weighted = em.fit(&graph, &Weighted::new(&rows, &weights).unwrap()).unwrap();
    let repeated = em.fit(&graph, &Table::from_values(repeated, 2).unwrap()).unwrap();
    assert_close(&weighted.history, &repeated.history);
}

/// z → a, z → b with the two columns apart, so that one of them can be missing.
fn columns_apart() -> HiddenGraph {
    let mut g = Graph::builder();
    let z: Node<usize> = g.node("z", (), ConditionalTable::new([[0.375, 0.625]]).unwrap());
    let normals = |means: [f64; 2], deviation| means.map(|mean| Normal::new(mean, deviation).unwrap()).to_vec();
    let _ = g.node("a", z, Switch::new(normals([2.0, 4.0], 0.5)).unwrap());
    let _ = g.node("b", z, Switch::new(normals([55.0, 75.0], 7.0)).unwrap());
    g.build().unwrap().hide(z).unwrap()
}

/// Every third row without its first value, every fifth without its second.
fn with_holes(rows: &Table) -> Table {
    let hole = |n: usize, d: usize| if d == 0 { n.is_multiple_of(3) } else { n.is_multiple_of(5) };
    let cell = |n: usize, d: usize| if hole(n, d) { f64::NAN } else { rows.row(n)[d] };
    Table::from_values((0..rows.len()).flat_map(|n| [cell(n, 0), cell(n, 1)]).collect(), 2).unwrap()
}

#[test]
fn a_row_with_holes_has_the_marginal_density_of_what_it_shows() {
    let normal = |x: f64, mean: f64, deviation: f64| Normal::new(mean, deviation).unwrap().density(&x);
    let mut expected = 0.0;
    let rows = with_holes(&faithful());
    for n in 0..rows.len() {
        let &[a, b] = rows.row(n) else { panic!("two columns") };
        let of_state = |(p, a_mean, b_mean): (f64, f64, f64)| {
            let of_a = if a.is_nan() { 1.0 } else { normal(a, a_mean, 0.5) };
            let of_b = if b.is_nan() { 1.0 } else { normal(b, b_mean, 7.0) };
            p * of_a * of_b
        };
        expected += (of_state((0.375, 2.0, 55.0)) + of_state((0.625, 4.0, 75.0))).ln();
    }
    let fit = Em::default().max_iterations(1).verify(true).fit(&columns_apart(), &rows).unwrap();
    assert_close(&fit.history[..1], &[expected]);
}

#[test]
fn rows_without_a_value_change_nothing() {
    let rows = with_holes(&faithful());
    let mut more = rows.clone();
    (0..7).for_each(|_| more.push(&[f64::NAN; 2]).unwrap());
    let fit = |rows| Em::default().verify(true).fit(&columns_apart(), rows).unwrap();
    assert_eq!(fit(&rows).history, fit(&more).history);
}

#[test]
fn hiding_a_column_is_leaving_it_out() {
    let rows = faithful();
    let blank = Table::from_values((0..rows.len()).flat_map(|n| [f64::NAN, rows.row(n)[1]]).collect(), 2).unwrap();
    let (model, em) =
        (columns_apart(), Em::default().acceleration(Acceleration::None).tolerance(-1.0).max_iterations(20));
    let mixture =
        Mixture::new(vec![0.375, 0.625], [55.0, 75.0].map(|mean| Normal::new(mean, 7.0).unwrap()).to_vec()).unwrap();
    let of_one = em.fit_from(&mixture, &rows.column(1), mixture.clone()).unwrap();
    assert_close(&em.fit(&model, &blank).unwrap().history, &of_one.history);
}

/// A hidden bool above a normal of the row and a bool, both learned by regression.
fn regressions(slope: f64) -> HiddenGraph {
    let mut g = Graph::builder();
    let z: Node<bool> = g.node("z", (), ConditionalTable::new([[0.5, 0.5]]).unwrap());
    let x = g.node("x", (), Normal::standard());
    let y = g.node("y", (z, x), LinearGaussian::new(0.0, &[slope, 0.5], 1.0).unwrap());
    let _ = g.node("late", (z, y), LogisticRegression::new(0.0, &[slope, 0.25]).unwrap());
    g.build().unwrap().hide(z).unwrap()
}

#[test]
fn regressions_below_a_hidden_state_climb_at_every_step() {
    let model = regressions(2.0);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    let days: Vec<f64> = (0..300).flat_map(|_| model.graph().sample(&mut rng).cells()[1..].to_vec()).collect();
    let days = Table::from_values(days, 3).unwrap();
    let fit = Em::default().verify(true).max_iterations(30).fit(&model, &days).unwrap();
    assert!(fit.history.windows(2).all(|h| h[1] >= h[0] - 1e-12 * h[0].abs()), "{:?}", fit.history);
    assert!(fit.objective > fit.history[0]);
}

#[test]
fn a_symmetric_start_is_broken() {
    // Both states say the same of every row: from there EM cannot move.
    let same =
        Mixture::of(vec![MultivariateNormal::new(vec![3.5, 70.0], &[1.0, 0.0, 0.0, 180.0]).unwrap(); 2]).unwrap();
    let (graph, _, x) = as_graph(&same);
    let stuck = Em::default().fit_from(&graph, &faithful(), graph.graph().clone()).unwrap();
    let fit = Em::default().fit(&graph, &faithful()).unwrap();
    assert!(fit.objective > stuck.objective + 100.0, "{} and {}", fit.objective, stuck.objective);
    let components: &Switch<Vec<MultivariateNormal>, usize> = fit.parameters.conditional(x).unwrap();
    let [a, b] = &components.components()[..] else { panic!("two") };
    assert!((a.mean()[1] - b.mean()[1]).abs() > 10.0);
}

#[test]
fn every_restart_starts_somewhere_else_and_the_best_is_kept() {
    let (graph, ..) = as_graph(&start());
    let rows = faithful();
    let mut starts = Vec::new();
    for restart in 0..4 {
        let theta = graph.start(&rows, restart, &mut Xoshiro256PlusPlus::seed_from_u64(restart as u64)).unwrap();
        starts.push(format!("{theta:?}"));
    }
    assert_eq!(starts[0], format!("{:?}", graph.graph()));
    assert!((0..4).all(|a| (0..a).all(|b| starts[a] != starts[b])), "{starts:?}");

    let fit = Em::default().restarts(4).seed(1).max_iterations(3).fit(&graph, &rows).unwrap();
    let ended: Vec<f64> = fit
        .restarts
        .iter()
        .filter_map(|run| match run {
            Restart::Ended { objective, .. } => Some(*objective),
            _ => None,
        })
        .collect();
    assert_eq!(ended.len(), 4);
    assert!((0..4).all(|a| (0..a).all(|b| ended[a] != ended[b])), "{ended:?}");
    assert_eq!(ended.iter().copied().fold(f64::NEG_INFINITY, f64::max), fit.objective);
    // The same seed gives the same starts.
    assert_eq!(
        Em::default().restarts(4).seed(1).max_iterations(3).fit(&graph, &rows).unwrap().objective,
        fit.objective
    );
}

#[test]
fn a_copy_of_the_model_is_the_model() {
    let (graph, ..) = as_graph(&start());
    let copy = graph.clone();
    let fit = |model: &HiddenGraph| Em::default().max_iterations(5).fit(model, &faithful()).unwrap().history;
    assert_eq!(fit(&graph), fit(&copy));
    // Parameters of one are parameters of the other.
    assert_eq!(copy.free_parameters(graph.graph()), Some(11));
    assert!(Em::default().max_iterations(1).fit_from(&copy, &faithful(), graph.graph().clone()).is_ok());
}

#[test]
fn two_hidden_causes_take_the_steps_of_a_factorial_mixture() {
    // Old Faithful's waiting times, each about a sum of two causes that are independent before it is seen.
    let x = faithful().column(1);
    let (mut p, mut means, mut deviations) = ([0.5, 0.375], [50.0, 62.0, 74.0, 88.0], [6.0, 7.0, 8.0, 5.0]);
    let mut g = Graph::builder();
    let a: Node<bool> = g.node("a", (), Bernoulli::new(p[0]).unwrap());
    let b: Node<bool> = g.node("b", (), Bernoulli::new(p[1]).unwrap());
    let normals = (0..4).map(|k| Normal::new(means[k], deviations[k]).unwrap()).collect();
    let waiting = g.node("waiting", (a, b), Switch::<Vec<Normal>, (bool, bool)>::new(normals).unwrap());
    let model = g.build().unwrap().hide((a, b)).unwrap();
    let rows = Table::from_values(x.clone(), 1).unwrap();
    let fit = Em::default()
        .acceleration(Acceleration::None)
        .tolerance(-1.0)
        .max_iterations(25)
        .verify(true)
        .fit(&model, &rows)
        .unwrap();

    for (step, &of_graph) in fit.history.iter().enumerate() {
        let prior = |k: usize| {
            let of = |p: f64, on: bool| if on { p } else { 1.0 - p };
            of(p[0], k >= 2) * of(p[1], k % 2 == 1)
        };
        let (mut log_likelihood, mut s) = (0.0, [[0.0; 3]; 4]);
        for &x in &x {
            let joint = [0, 1, 2, 3].map(|k| {
                let z = (x - means[k]) / deviations[k];
                prior(k) * (-0.5 * z * z).exp() / (deviations[k] * std::f64::consts::TAU.sqrt())
            });
            let total: f64 = joint.iter().sum();
            log_likelihood += total.ln();
            for (s, joint) in s.iter_mut().zip(joint) {
                let r = joint / total;
                s.iter_mut().zip([r, r * x, r * x * x]).for_each(|(s, term)| *s += term);
            }
        }
        assert_close(&[of_graph], &[log_likelihood]);
        if step == 25 {
            break;
        }
        let n = x.len() as f64;
        p = [(s[2][0] + s[3][0]) / n, (s[1][0] + s[3][0]) / n];
        means = s.map(|[w, wx, _]| wx / w);
        deviations = s.map(|[w, wx, wxx]| (wxx / w - (wx / w).powi(2)).sqrt());
    }
    let theta = &fit.parameters;
    let found = theta.conditional::<Switch<Vec<Normal>, (bool, bool)>>(waiting).unwrap().components();
    assert_close(&found.iter().map(Normal::mean).collect::<Vec<_>>(), &means);
    assert_close(&found.iter().map(Normal::standard_deviation).collect::<Vec<_>>(), &deviations);
    assert_close(&[a, b].map(|z| theta.conditional::<Bernoulli>(z).unwrap().mean()), &p);
}

#[test]
fn a_graph_promises_no_more_than_the_least_of_its_nodes() {
    let promise = |below: Vec<StudentT>| {
        let mut g = Graph::builder();
        let z: Node<usize> = g.node("z", (), ConditionalTable::new([[0.5, 0.5]]).unwrap());
        g.node("x", z, Switch::new(below.clone()).unwrap());
        let both: Node<(f64, f64)> = g.node("both", (), (Normal::standard(), below[0]));
        let model = g.build().unwrap().hide((z, both)).unwrap();
        assert!(model.resolution(model.graph()) >= 1.0, "that of the normal");
        (model.guarantee(), Mixture::of(below).unwrap().guarantee())
    };
    let t = StudentT::new(0.0, 1.0, 4.0).unwrap();
    assert_eq!(promise(vec![t; 2]), (Guarantee::Generalised, Guarantee::Generalised));
}
