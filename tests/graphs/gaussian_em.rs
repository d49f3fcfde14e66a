//! EM with hidden reals is the textbooks' EM: missing cells of a bivariate normal, and factor analysis.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::conditionals::LinearGaussian;
use marginal::data::Table;
use marginal::distributions::{Fixed, Normal};
use marginal::em::Em;
use marginal::graph::{Graph, Node};

const NONE: f64 = f64::NAN;
/// (x, y), in places one of them missing.
const PAIRS: [[f64; 2]; 10] = [
    [1.0, 2.5],
    [2.0, 3.0],
    [NONE, 7.0],
    [4.0, 6.5],
    [5.0, NONE],
    [3.0, 4.0],
    [-1.0, 0.5],
    [NONE, 1.0],
    [2.5, NONE],
    [0.0, 2.0],
];

/// One step of the EM of a bivariate normal: means, then variance of x, covariance, variance of y.
fn step([mx, my, xx, xy, yy]: [f64; 5]) -> [f64; 5] {
    let mut s = [0.0; 5];
    for [x, y] in PAIRS {
        let (x, y, cx, cy) = match (x.is_nan(), y.is_nan()) {
            (true, _) => (mx + xy / yy * (y - my), y, xx - xy * xy / yy, 0.0),
            (_, true) => (x, my + xy / xx * (x - mx), 0.0, yy - xy * xy / xx),
            _ => (x, y, 0.0, 0.0),
        };
        let terms = [x, y, x * x + cx, x * y, y * y + cy];
        s.iter_mut().zip(terms).for_each(|(s, t)| *s += t / PAIRS.len() as f64);
    }
    [s[0], s[1], s[2] - s[0] * s[0], s[3] - s[0] * s[1], s[4] - s[1] * s[1]]
}

#[test]
fn missing_cells_of_a_bivariate_normal_are_those_of_the_textbook() {
    let mut g = Graph::builder();
    let x = g.node("x", (), Normal::new(1.0, 2.0).unwrap());
    let y = g.node("y", x, LinearGaussian::new(0.5, &[0.75], 1.5).unwrap());
    let model = g.build().unwrap().hide(()).unwrap();
    let rows = Table::from_values(PAIRS.concat(), 2).unwrap();
    let fit = Em::default().tolerance(1e-13).max_iterations(5000).verify(true).fit(&model, &rows).unwrap();
    let mut expected = [1.0, 1.25, 4.0, 3.0, 4.5];
    for _ in 0..5000 {
        expected = step(expected);
    }
    let (root, line) = (
        fit.parameters.conditional::<Normal>(x).unwrap(),
        fit.parameters.conditional::<LinearGaussian<f64>>(y).unwrap(),
    );
    let slope = line.slopes()[0];
    let found = [
        root.mean(),
        line.intercept() + slope * root.mean(),
        root.variance(),
        slope * root.variance(),
        line.standard_deviation().powi(2) + slope * slope * root.variance(),
    ];
    assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{found:?} {expected:?}");
    assert!(fit.history.windows(2).all(|pair| pair[1] >= pair[0] - 1e-12));
}

#[test]
fn one_step_of_factor_analysis_is_its_closed_form() {
    const ROWS: [[f64; 3]; 6] = [
        [1.0, 0.5, -0.25],
        [-2.0, -1.0, 1.5],
        [0.5, 0.75, 0.0],
        [3.0, 1.0, -1.0],
        [-1.5, 0.25, 0.75],
        [-1.0, -1.5, -1.0],
    ];
    let (loadings, deviations): ([f64; 3], [f64; 3]) = ([1.0, 0.5, -0.5], [1.0, 0.75, 1.25]);
    let mut g = Graph::builder();
    let factor = g.node("factor", (), Fixed(Normal::standard()));
    let seen: Vec<Node<f64>> = (0..3)
        .map(|d| g.node(format!("x{d}"), factor, LinearGaussian::new(0.0, &[loadings[d]], deviations[d]).unwrap()))
        .collect();
    let model = g.build().unwrap().hide(factor).unwrap();
    let rows = Table::from_values(ROWS.concat(), 3).unwrap();
    let fitted = match Em::default().max_iterations(1).fit(&model, &rows) {
        Ok(fit) => fit.parameters,
        Err(refused) => panic!("{refused}"),
    };
    // E[f | x] = Σ (b/σ²) x / (1 + Σ b²/σ²).
    let precision = 1.0 + loadings.iter().zip(deviations).map(|(b, s)| (b / s).powi(2)).sum::<f64>();
    let mean = |row: &[f64; 3]| (0..3).map(|d| loadings[d] / deviations[d].powi(2) * row[d]).sum::<f64>() / precision;
    let n = ROWS.len() as f64;
    let first = ROWS.iter().map(mean).sum::<f64>() / n;
    let second = ROWS.iter().map(|row| mean(row).powi(2) + 1.0 / precision).sum::<f64>() / n;
    for d in 0..3 {
        let x = ROWS.iter().map(|row| row[d]).sum::<f64>() / n;
        let fx = ROWS.iter().map(|row| mean(row) * row[d]).sum::<f64>() / n;
        let slope = (fx - first * x) / (second - first * first);
        let scatter = ROWS.iter().map(|row| (row[d] - x).powi(2)).sum::<f64>() / n;
        let line = fitted.conditional::<LinearGaussian<f64>>(seen[d]).unwrap();
        assert!((line.slopes()[0] - slope).abs() < 1e-13, "{line:?} {slope}");
        assert!((line.intercept() - (x - slope * first)).abs() < 1e-13);
        let left = scatter - slope * (fx - first * x);
        assert!((line.standard_deviation().powi(2) - left).abs() < 1e-13);
    }
}

#[test]
fn every_start_of_a_hidden_real_is_a_model_that_em_improves() {
    let mut g = Graph::builder();
    let level = g.node("level", (), Normal::new(1.0, 2.0).unwrap());
    let _ = g.node("a", level, LinearGaussian::<f64>::new(0.0, &[1.0], 1.0).unwrap());
    let _ = g.node("b", level, LinearGaussian::<f64>::new(0.0, &[0.5], 1.0).unwrap());
    let model = g.build().unwrap().hide(level).unwrap();
    let rows = Table::from_values(PAIRS.concat(), 2).unwrap();
    let fit = Em::default().restarts(4).seed(3).max_iterations(40).verify(true).fit(&model, &rows).unwrap();
    assert!(fit.history.windows(2).all(|pair| pair[1] >= pair[0] - 1e-12) && fit.history.len() > 2);
}
