//! Where hidden reals start: from parameters that tell nothing apart, random starts find the maximum.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::conditionals::{LinearGaussian, Switch};
use marginal::data::{Table, Weighted};
use marginal::distributions::{Bernoulli, Fixed, Normal};
use marginal::em::Em;
use marginal::graph::{Graph, Node};
use marginal::models::HiddenGraph;
use marginal::rand::{SeedableRng, rngs::Xoshiro256PlusPlus};

const MEAN: [f64; 5] = [0.094153354555, 1.106488671819, 1.988375137699, -1.00590330967, 0.498612515074];
/// L of the covariance L Lᵀ of 400 rows whose maximum under one factor and under two scikit-learn's `FactorAnalysis`
/// says: these numbers are all that the likelihood knows of them.
const ROOT: [[f64; 5]; 5] = [
    [1.118572495844, 0.0, 0.0, 0.0, 0.0],
    [0.696423231894, 0.782328257136, 0.0, 0.0, 0.0],
    [-0.560701402921, -0.133565168951, 0.649948200019, 0.0, 0.0],
    [0.245466438684, 0.042021008704, -0.013267313193, 1.026311883875, 0.0],
    [0.015113298901, 0.037587912755, -0.017731385161, -0.01261138639, 0.820372437575],
];
const MAXIMUM: [f64; 2] = [-2543.998_013_165, -2543.412_317_907];

/// mean ± √5 L_j, ten rows that have these moments.
fn points() -> Vec<f64> {
    let of = |j: usize, sign: f64| (0..5).map(move |d| MEAN[d] + sign * 5f64.sqrt() * ROOT[d][j]);
    (0..5).flat_map(|j| of(j, 1.0).chain(of(j, -1.0))).collect()
}

/// Standard normal factors above five columns, all loadings the same.
fn factors<const F: usize>(loading: f64) -> HiddenGraph {
    let mut g = Graph::builder();
    let factors: Vec<Node<f64>> = (0..F).map(|f| g.node(format!("f{f}"), (), Fixed(Normal::standard()))).collect();
    for d in 0..5 {
        let line = LinearGaussian::<[f64]>::new(0.0, &[loading; F], 1.0).unwrap();
        g.node(format!("x{d}"), &factors[..], line);
    }
    g.build().unwrap().hide(factors).unwrap()
}

#[test]
fn one_factor_is_found_from_loadings_of_zero() {
    let rows = Table::from_values(points().repeat(40), 5).unwrap();
    let em = Em::default().tolerance(1e-9).max_iterations(500);
    for seed in 0..3 {
        let fit = em.clone().seed(seed).fit(&factors::<1>(0.0), &rows).unwrap();
        assert!((fit.objective - MAXIMUM[0]).abs() < 1e-3, "seed {seed}: {}", fit.objective);
        assert!(fit.iterations() < 120, "seed {seed}: {} iterations", fit.iterations());
    }
}

#[test]
fn two_factors_are_found_from_loadings_that_are_the_same() {
    let points = Table::from_values(points(), 5).unwrap();
    let weights = [40.0; 10];
    let rows = Weighted::new(&points, &weights).unwrap();
    let em = Em::default().tolerance(1e-9).max_iterations(20_000);
    let stuck = em.fit(&factors::<2>(0.5), &rows).unwrap();
    assert!((stuck.objective - MAXIMUM[0]).abs() < 1e-3, "{}", stuck.objective); // as one factor
    let fit = em.restarts(5).seed(1).fit(&factors::<2>(0.5), &rows).unwrap();
    assert!((fit.objective - MAXIMUM[1]).abs() < 1e-3, "{}", fit.objective);
}

/// A switch sets a level, which two instruments read.
fn switched(means: [f64; 2], level: f64, slopes: [f64; 2]) -> (Graph, Node<bool>, Node<f64>) {
    let mut g = Graph::builder();
    let on: Node<bool> = g.node("on", (), Bernoulli::new(0.5).unwrap());
    let normals = means.map(|mean| Normal::new(mean, level).unwrap()).to_vec();
    let level = g.node("level", on, Switch::new(normals).unwrap());
    for (name, slope) in ["a", "b"].into_iter().zip(slopes) {
        g.node(name, level, LinearGaussian::new(0.0, &[slope], 0.5).unwrap());
    }
    (g.build().unwrap(), on, level)
}

#[test]
fn a_mixture_of_hidden_levels_is_found_from_a_symmetric_start() {
    let (truth, on, level) = switched([-2.0, 3.0], 1.0, [1.0, 0.75]);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(8);
    let rows: Vec<f64> = (0..400).flat_map(|_| truth.sample(&mut rng).cells()[2..].to_vec()).collect();
    let rows = Table::from_values(rows, 2).unwrap();
    let em = Em::default().tolerance(1e-8).max_iterations(2000);
    let known = em.fit(&truth.hide((on, level)).unwrap(), &rows).unwrap();
    for slope in [1.0, 0.0] {
        let (start, on, level) = switched([0.0, 0.0], 1.0, [slope; 2]);
        let fit = em.clone().restarts(6).seed(2).fit(&start.hide((on, level)).unwrap(), &rows).unwrap();
        assert!(fit.objective > known.objective - 1e-2, "slope {slope}: {} {}", fit.objective, known.objective);
    }
}

#[test]
fn a_level_that_wanders_is_found_in_one_long_row() {
    let chain = |slope: f64, deviation: f64| {
        let mut g = Graph::builder();
        let first = g.node("u0", (), Fixed(Normal::standard()));
        let reading: Node<f64> = g.node("x0", first, LinearGaussian::new(0.0, &[slope], deviation).unwrap());
        let second = g.node("u1", first, LinearGaussian::new(0.0, &[0.9], 0.5).unwrap());
        let (mut hidden, mut last) = (vec![first, second], second);
        g.tied("x1", second, reading);
        for t in 2..300 {
            last = g.tied(format!("u{t}"), last, second);
            g.tied(format!("x{t}"), last, reading);
            hidden.push(last);
        }
        (g.build().unwrap(), hidden)
    };
    let (truth, hidden) = chain(2.0, 0.5);
    let draw = truth.sample(&mut Xoshiro256PlusPlus::seed_from_u64(4));
    let cells = draw.cells();
    let seen = (0..cells.len()).filter(|v| !hidden.iter().any(|u| u.index() == *v)).map(|v| cells[v]).collect();
    let rows = Table::from_values(seen, 300).unwrap();
    let em = Em::default().tolerance(1e-7).max_iterations(300);
    let known = em.fit(&truth.clone().hide(&hidden).unwrap(), &rows).unwrap();
    let (flat, hidden) = chain(0.0, 1.0);
    let fit = em.restarts(3).seed(1).fit(&flat.hide(&hidden).unwrap(), &rows).unwrap();
    assert!(fit.objective > known.objective - 0.5, "{} {}", fit.objective, known.objective);
}
