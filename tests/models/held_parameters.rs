//! Parameters that are held at known values, and one standard deviation for several nodes.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::conditionals::{
    ConditionalDistribution, ConditionalGaussian, ConditionalTable, EstimateConditional, LinearGaussian,
};
use marginal::data::Table;
use marginal::distributions::{Estimate, Fixed, Normal};
use marginal::em::Em;
use marginal::error::Error;
use marginal::graph::{Graph, Node};

use crate::columns::table;

fn close(left: f64, right: f64) {
    assert!((left - right).abs() <= 1e-12 * (1.0 + right.abs()), "{left} and {right}");
}

const ROWS: [([f64; 2], f64); 5] =
    [([1.0, 4.0], 2.0), ([2.0, 1.0], 5.0), ([3.0, 5.0], 4.5), ([4.0, 2.0], 9.0), ([6.0, 3.0], 10.5)];

fn estimate(line: &LinearGaussian<[f64]>) -> Result<LinearGaussian<[f64]>, Error> {
    let mut s = line.statistics();
    ROWS.iter().for_each(|(y, x)| line.observe(&mut s, x, y, 1.0));
    line.estimate(&s)
}

fn squares(line: &LinearGaussian<[f64]>) -> f64 {
    let of_row = |(y, x): &([f64; 2], f64)| x - line.intercept() - line.slopes()[0] * y[0] - line.slopes()[1] * y[1];
    ROWS.iter().map(|row| of_row(row).powi(2)).sum()
}

#[test]
fn least_squares_of_what_is_left_is_that_of_the_difference() {
    let start = || LinearGaussian::<[f64]>::new(0.5, &[1.25, -0.75], 2.0).unwrap();
    // The second slope held: x + ¾ y₂ on y₁ alone, by hand.
    let fitted = estimate(&start().hold_slope(1).unwrap()).unwrap();
    let (mean_y, n) = (16.0 / 5.0, 5.0);
    let left: Vec<f64> = ROWS.iter().map(|(y, x)| x + 0.75 * y[1]).collect();
    let mean_x = left.iter().sum::<f64>() / n;
    let cross: f64 = ROWS.iter().zip(&left).map(|((y, _), x)| (y[0] - mean_y) * (x - mean_x)).sum();
    let slope = cross / ROWS.iter().map(|(y, _)| (y[0] - mean_y).powi(2)).sum::<f64>();
    close(fitted.slopes()[0], slope);
    assert_eq!(fitted.slopes()[1], -0.75);
    close(fitted.intercept(), mean_x - slope * mean_y);
    close(fitted.standard_deviation().powi(2), squares(&fitted) / n);
    assert_eq!(fitted.free_parameters(), Some(3));

    // Through a known intercept and with a known slope: Σ y₁ (x − ½ + ¾ y₂) / Σ y₁².
    let fitted = estimate(&start().hold_intercept().hold_slope(1).unwrap()).unwrap();
    let slope = ROWS.iter().zip(&left).map(|((y, _), x)| y[0] * (x - 0.5)).sum::<f64>() / 66.0;
    close(fitted.slopes()[0], slope);
    assert_eq!((fitted.intercept(), fitted.slopes()[1]), (0.5, -0.75));
    close(fitted.standard_deviation().powi(2), squares(&fitted) / n);
    assert_eq!(fitted.free_parameters(), Some(2));

    // Through a known intercept alone: the residuals are orthogonal to both columns.
    let fitted = estimate(&start().hold_intercept()).unwrap();
    for j in 0..2 {
        let residual = |(y, x): &([f64; 2], f64)| x - 0.5 - fitted.slopes()[0] * y[0] - fitted.slopes()[1] * y[1];
        assert!(ROWS.iter().map(|row| row.0[j] * residual(row)).sum::<f64>().abs() < 1e-12);
    }
    assert_eq!(fitted.intercept(), 0.5);

    // Nothing free but σ, and σ alone held.
    let fitted = estimate(&start().hold_intercept().hold_slopes()).unwrap();
    close(fitted.standard_deviation().powi(2), squares(&start()) / n);
    assert_eq!((fitted.intercept(), fitted.slopes()), (0.5, &[1.25, -0.75][..]));
    let fitted = estimate(&start().hold_standard_deviation()).unwrap();
    let free = estimate(&start()).unwrap();
    assert_eq!((fitted.slopes(), fitted.intercept()), (free.slopes(), free.intercept()));
    assert_eq!((fitted.standard_deviation(), fitted.free_parameters()), (2.0, Some(3)));
    assert_eq!(
        start().hold_slope(2).unwrap_err().to_string(),
        "the number of a held slope = 2 is not in {0, …, slopes − 1}"
    );
}

#[test]
fn the_mean_or_the_spread_of_a_normal_can_be_held() {
    let data = [1.0, 2.0, 6.0];
    let about = Normal::new(1.0, 1.0).unwrap().hold_mean().fit(&data).unwrap();
    assert_eq!(about.mean(), 1.0);
    close(about.variance(), 26.0 / 3.0);
    let level = Normal::new(1.0, 4.0).unwrap().hold_standard_deviation().fit(&data).unwrap();
    assert_eq!((level.mean(), level.standard_deviation(), level.free_parameters()), (3.0, 4.0, Some(1)));
    assert_eq!(level.to_string(), "Normal(mean 3, standard deviation 4 (held))");
    // One row is enough where the spread is known.
    assert_eq!(level.fit(&[7.0]).unwrap().mean(), 7.0);
}

#[test]
fn one_spread_for_several_lines_is_that_of_all_residuals() {
    let line = || LinearGaussian::<f64>::new(0.0, &[1.0], 1.0).unwrap();
    let bank = ConditionalGaussian::<bool, f64>::new(vec![line(), line().hold_intercept()]).unwrap();
    assert_eq!(bank.free_parameters(), Some(5));
    let bank = bank.common_standard_deviation(2.0).unwrap();
    assert_eq!(bank.free_parameters(), Some(4));
    let mut s = bank.statistics();
    for (y, x) in [(0.0, 1.0), (1.0, 2.0), (2.0, 6.0), (3.0, 5.0)] {
        bank.observe(&mut s, &x, &(false, y), 1.0); // 1.1 + 1.6 y, squares 4.2
    }
    for (y, x) in [(1.0, 3.0), (2.0, 3.0)] {
        bank.observe(&mut s, &x, &(true, y), 1.0); // 1.8 y, squares 1.44 + 0.36
    }
    let fitted = bank.estimate(&s).unwrap();
    close(fitted.lines()[1].slopes()[0], 1.8);
    for line in fitted.lines() {
        close(line.standard_deviation().powi(2), (4.2 + 1.8) / 6.0);
    }
    // Two points on each line leave no spread.
    let mut s = bank.statistics();
    [(0.0, 1.0), (1.0, 2.0)].iter().for_each(|(y, x)| bank.observe(&mut s, x, &(false, *y), 1.0));
    assert!(matches!(bank.estimate(&s), Err(Error::Singular { column: 1, .. })));
}

#[test]
fn a_constant_is_no_column_and_chooses_a_member() {
    let mut g = Graph::builder();
    let (first, second) = (g.constant("first", 0, 2), g.constant("second", 1, 2));
    let a: Node<bool> = g.node("a", first, ConditionalTable::new([[0.25, 0.75], [0.5, 0.5]]).unwrap());
    let b = g.tied("b", second, a);
    let joint = g.build().unwrap();
    let p = joint.posterior(a, &joint.evidence()).unwrap().probability(&true);
    close(p, 0.75);
    close(joint.posterior(b, &joint.evidence()).unwrap().probability(&true), 0.5);
    close(joint.log_joint(&joint.assignment().with(a, true).with(b, true)).unwrap(), 0.375f64.ln());
    let model = joint.clone().hide(()).unwrap();
    assert_eq!(model.columns(), ["a", "b"]);
    let rows = Table::from_values(vec![1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0], 2).unwrap();
    let fit = Em::default().verify(true).fit(&model, &rows).unwrap();
    let members: &ConditionalTable<usize, bool> = fit.parameters.conditional(a).unwrap();
    assert_eq!(members.rows().map(|row| row[1]).collect::<Vec<_>>(), [0.75, 0.25]);
    assert_eq!(fit.free_parameters, Some(2));
    let refused = {
        let mut g = Graph::builder();
        g.constant("third", 2usize, 2);
        g.build().unwrap_err()
    };
    assert_eq!(refused.to_string(), "the state of a constant = 2 is not in {0, …, states − 1}");
}

/// Davies & Goldsmith (1972): the yield of dyestuff, five samples from each of six batches.
const DYESTUFF: [f64; 30] = [
    1545.0, 1440.0, 1440.0, 1520.0, 1580.0, 1540.0, 1555.0, 1490.0, 1560.0, 1495.0, 1595.0, 1550.0, 1605.0, 1510.0,
    1560.0, 1445.0, 1440.0, 1595.0, 1465.0, 1545.0, 1595.0, 1630.0, 1515.0, 1635.0, 1625.0, 1520.0, 1455.0, 1450.0,
    1480.0, 1445.0,
];

#[test]
fn the_variance_components_of_dyestuff_are_those_of_maximum_likelihood() {
    let mut g = Graph::builder();
    let batch = g.node("batch", (), Normal::new(1500.0, 40.0).unwrap());
    let sample = LinearGaussian::<f64>::new(0.0, &[1.0], 40.0).unwrap().hold_intercept().hold_slopes();
    let first = g.node("y1", batch, sample);
    (2..=5).for_each(|j| {
        g.tied(format!("y{j}"), batch, first);
    });
    let model = g.build().unwrap().hide(batch).unwrap();
    let rows = Table::from_values(DYESTUFF.to_vec(), 5).unwrap();
    let fit = Em::default().tolerance(1e-15).verify(true).fit(&model, &rows).unwrap();
    // In closed form, for a balanced design: σ² is the mean square within batches, σ² + 5 σ_u² that between batches
    // over 6 and not 5.
    assert!((-2.0 * fit.log_likelihood - 327.327_059_881_1).abs() < 1e-7, "{}", -2.0 * fit.log_likelihood);
    assert_eq!(fit.free_parameters, Some(3));
    let of_batch: &Normal = fit.parameters.conditional(batch).unwrap();
    let within: &LinearGaussian<f64> = fit.parameters.conditional(first).unwrap();
    assert!((of_batch.mean() - 1527.5).abs() < 1e-3);
    assert!((within.standard_deviation().powi(2) - 2451.25).abs() < 0.1);
    assert!((of_batch.variance() - (56_357.5 / 6.0 - 2451.25) / 5.0).abs() < 1.0, "{}", of_batch.variance());
    assert_eq!((within.intercept(), within.slopes()), (0.0, &[1.0][..]));
}

#[test]
fn probabilistic_principal_components_of_iris_from_ready_made_parts() {
    let iris = table(include_str!("../../data/iris.csv"));
    let mut g = Graph::builder();
    let factors = ["u", "v"].map(|name| g.node(name, (), Fixed(Normal::standard())));
    let line = |a: f64, b: [f64; 2]| LinearGaussian::new(a, &b, 1.0).unwrap();
    let lines = vec![line(5.8, [0.5, 0.2]), line(3.0, [0.1, -0.3]), line(3.7, [1.0, 0.1]), line(1.2, [0.4, -0.1])];
    let bank = ConditionalGaussian::<usize, (f64, f64)>::new(lines).unwrap().common_standard_deviation(0.5).unwrap();
    let member = |g: &mut marginal::graph::GraphBuilder, j: usize| g.constant(format!("column {j}"), j, 4);
    let parents = |member| (member, (factors[0], factors[1]));
    let first = member(&mut g, 0);
    let first = g.node("x0", parents(first), bank);
    for j in 1..4 {
        let member = member(&mut g, j);
        g.tied(format!("x{j}"), parents(member), first);
    }
    let model = g.build().unwrap().hide(factors).unwrap();
    assert_eq!(model.columns(), ["x0", "x1", "x2", "x3"]);
    let fit = Em::default().tolerance(1e-14).max_iterations(3000).fit(&model, &iris).unwrap();
    // Tipping & Bishop (1999): −N/2 (D ln 2π + Σ_q ln λ_j + (D − q) ln σ² + D), σ² the mean of the discarded
    // eigenvalues of the covariance.
    assert!((fit.log_likelihood + 404.962_780_156_1).abs() < 1e-6, "{}", fit.log_likelihood);
    assert_eq!(fit.free_parameters, Some(4 * 3 + 1));
    let bank: &ConditionalGaussian<usize, (f64, f64)> = fit.parameters.conditional(first).unwrap();
    let sigmas: Vec<f64> = bank.lines().iter().map(LinearGaussian::standard_deviation).collect();
    assert!(sigmas.iter().all(|s| s.to_bits() == sigmas[0].to_bits()));
    assert!(bank.linear_gaussian(&(3, (0.0, 0.0))).is_some());
}
