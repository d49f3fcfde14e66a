//! Mixtures of regressions: numbers of another program, rows of every kind, and what is refused.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::conditionals::{ConditionalDistribution, EstimateConditional, PoissonRegression, Regressions, Value};
use marginal::data::Statistics;
use marginal::models::ConditionalMixture;
use marginal::prelude::*;
use marginal::rand::rngs::Xoshiro256PlusPlus;

const COUNTS: [u64; 60] = [
    0, 5, 6, 2, 6, 2, 4, 6, 7, 2, 3, 7, 2, 3, 2, 0, 8, 7, 2, 4, 3, 2, 5, 4, 1, 4, 4, 3, 4, 5, 1, 5, 6, 1, 6, 2, 4, 6,
    7, 2, 3, 7, 2, 3, 4, 0, 8, 3, 2, 4, 4, 2, 5, 4, 1, 6, 5, 3, 5, 5,
];

/// Of each row the two regressors, a response that is linear in them in two ways, and the weight.
fn design() -> impl Iterator<Item = ([f64; 2], f64, f64)> {
    (0..60u32).map(|t| {
        let (y1, y2) = (f64::from((t * 13) % 17) * 0.25 - 2.0, f64::from((t * 7) % 11) * 0.5);
        let line = if (t * 5) % 3 == 0 { 1.0 + 2.0 * y1 - 0.5 * y2 } else { -1.0 - y1 + 0.25 * y2 };
        // Half an eighth goes to the even one.
        let eighths = (8.0 * line + f64::from((t * 31) % 13) - 6.0).round_ties_even();
        ([y1, y2], eighths / 8.0, 1.0 + f64::from(t % 4) * 0.5)
    })
}

fn weights() -> Vec<f64> {
    design().map(|row| row.2).collect()
}

/// The response last.
fn table(responses: impl Iterator<Item = f64>) -> Table {
    let rows = design().zip(responses).flat_map(|((y, ..), x)| [y[0], y[1], x]);
    Table::from_values(rows.collect(), 3).unwrap()
}

fn lines_of(table: impl Fn(&[f64]) -> Vec<f64>) -> Table {
    let rows = design().flat_map(|(y, x, _)| table(&[y[0], y[1], x]));
    Table::from_values(rows.collect(), 3).unwrap()
}

fn line(intercept: f64, slopes: &[f64], deviation: f64) -> LinearGaussian<[f64]> {
    LinearGaussian::new(intercept, slopes, deviation).unwrap()
}

fn two_lines() -> ConditionalMixture<LinearGaussian<[f64]>> {
    let lines = vec![line(0.0, &[1.0, 0.0], 2.0), line(0.0, &[-1.0, 0.0], 1.0)];
    ConditionalMixture::new(vec![0.4, 0.6], Regressions::new(lines).unwrap()).unwrap()
}

fn after<C: EstimateConditional<Given: Value, Value: Value>>(
    iterations: usize,
    model: &ConditionalMixture<C>,
    table: &Table,
) -> Fit<ConditionalMixture<C>> {
    let (em, weights) = (Em::default().max_iterations(iterations).tolerance(-1.0).verify(true), weights());
    em.fit(model, &Weighted::new(table, &weights).unwrap()).unwrap()
}

fn assert_near(found: impl IntoIterator<Item = f64>, reference: &[f64], tolerance: f64) {
    let found: Vec<f64> = found.into_iter().collect();
    assert_eq!(found.len(), reference.len());
    for (found, reference) in found.iter().zip(reference) {
        assert!((found - reference).abs() <= tolerance * reference.abs().max(1.0), "{found} is not {reference}");
    }
}

/// EM of twenty lines of numpy, each M-step by its least squares (`lstsq`).
#[test]
fn lines_have_the_numbers_of_numpy() {
    let table = table(design().map(|row| row.1));
    let one = after(1, &two_lines(), &table);
    assert_near([one.objective], &[-150.55372512389846], 1e-12);
    assert_near([one.parameters.proportions()[0]], &[0.38630155392049575], 1e-12);
    let fit = after(30, &two_lines(), &table);
    assert_near([fit.objective], &[-119.6226678835579], 1e-12);
    assert_near([fit.parameters.proportions()[0]], &[0.3113170693384164], 1e-10);
    let expected = [
        (1.2567194469098557, [2.0474562330435595, -0.624364351439266], 0.44307671936167836),
        (-1.02645236592695, [-0.9961078163786639, 0.2502365064058317], 0.45620555416924075),
    ];
    for (line, (intercept, slopes, deviation)) in fit.parameters.components().iter().zip(expected) {
        assert_near([line.intercept(), line.standard_deviation()], &[intercept, deviation], 1e-10);
        assert_near(line.slopes().to_vec(), &slopes, 1e-10);
    }
    assert_eq!(fit.free_parameters, Some(9));
    let shown = fit.parameters.to_string();
    assert!(shown.starts_with("component 0: proportion 0.311317  intercept 1.256719  slopes [2.047456, -0.624364]"));
}

/// The same program, each M-step by Newton's method.
#[test]
fn counts_have_the_numbers_of_numpy() {
    let table = table(COUNTS.iter().map(|k| *k as f64));
    let of = |a, slopes: &[f64]| PoissonRegression::<[f64]>::new(a, slopes).unwrap();
    let start = ConditionalMixture::new(
        vec![0.4, 0.6],
        Regressions::new(vec![of(0.5, &[0.2, 0.0]), of(1.5, &[-0.2, 0.0])]).unwrap(),
    )
    .unwrap();
    assert_near([after(1, &start, &table).objective], &[-212.49112439085354], 1e-12);
    let fit = after(30, &start, &table);
    assert_near([fit.objective], &[-211.00452258182247], 1e-12);
    let [first, second] = &fit.parameters.components()[..] else { panic!("two components") };
    assert_near([first.intercept(), second.intercept()], &[0.2125402991844136, 1.6208135311703677], 1e-9);
    assert_near(first.slopes().to_vec(), &[0.1540926097257974, 0.18652166561664], 1e-9);
    assert_near(second.slopes().to_vec(), &[-0.17506687086664535, -0.08321129596611404], 1e-9);
    assert_eq!(fit.free_parameters, Some(7));
}

#[test]
fn the_response_may_stand_in_any_column() {
    let last = after(5, &two_lines(), &lines_of(<[f64]>::to_vec));
    for (column, table) in [
        (0, lines_of(|row| vec![row[2], row[0], row[1]])),
        (1, lines_of(|row| vec![row[0], row[2], row[1]])),
        (2, lines_of(<[f64]>::to_vec)),
    ] {
        let fit = after(5, &two_lines().response(column), &table);
        assert_eq!(fit.objective.to_bits(), last.objective.to_bits());
        assert_eq!(fit.parameters.components()[..], last.parameters.components()[..]);
        assert_eq!(fit.parameters.labels(&table).unwrap(), last.parameters.labels(&lines_of(<[f64]>::to_vec)).unwrap());
    }
}

#[test]
fn a_shift_by_1e8_costs_no_digits() {
    let near = Em::default().tolerance(0.0).fit(&two_lines(), &lines_of(<[f64]>::to_vec)).unwrap();
    let far = lines_of(|row| vec![row[0] + 1e8, row[1] - 1e8, row[2] + 1e8]);
    let moved = |line: &LinearGaussian<[f64]>| {
        let (a, b) = (line.intercept(), line.slopes());
        self::line(a + 1e8 * (1.0 - b[0] + b[1]), b, line.standard_deviation())
    };
    let start = two_lines();
    let start =
        ConditionalMixture::of(Regressions::new(start.components().iter().map(moved).collect()).unwrap()).unwrap();
    let fit = Em::default().tolerance(0.0).verify(true).fit(&start, &far).unwrap();
    assert_near([fit.objective], &[near.objective], 1e-13);
    for (a, b) in fit.parameters.components().iter().zip(near.parameters.components()) {
        assert_near(a.slopes().to_vec(), b.slopes(), 1e-7);
        assert_near([a.standard_deviation()], &[b.standard_deviation()], 1e-7);
    }
    let far = fit.parameters.log_densities_of(&far).unwrap();
    assert_near(far, &near.parameters.log_densities_of(&lines_of(<[f64]>::to_vec)).unwrap(), 1e-6);
}

#[test]
fn one_component_is_the_regression() {
    let (table, weights) = (table(design().map(|row| row.1)), weights());
    let start = line(0.0, &[0.0, 0.0], 1.0);
    let mut s = start.statistics();
    design().for_each(|(y, x, weight)| start.observe(&mut s, &x, &y, weight));
    let expected = start.estimate(&s).unwrap();
    let model = ConditionalMixture::of(Regressions::new(vec![start]).unwrap()).unwrap();
    let fit = Em::default().fit(&model, &Weighted::new(&table, &weights).unwrap()).unwrap();
    let found = &fit.parameters.components()[0];
    assert_near(
        [found.intercept(), found.standard_deviation()],
        &[expected.intercept(), expected.standard_deviation()],
        1e-13,
    );
    assert_near(found.slopes().to_vec(), expected.slopes(), 1e-13);
    assert_near([fit.objective], &[expected.expected_log_density(&s)], 1e-13);
}

/// Two thousand rows of three lines in three regressors.
fn many() -> (ConditionalMixture<LinearGaussian<[f64]>>, Table) {
    let lines =
        vec![line(1.0, &[2.0, 0.0, -1.0], 0.5), line(-1.0, &[0.5, 2.0, 1.0], 1.0), line(0.0, &[-2.0, -1.0, 0.0], 0.75)];
    let truth = ConditionalMixture::new(vec![0.5, 0.3, 0.2], Regressions::new(lines).unwrap()).unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
    let mut row = || {
        let mut row: Vec<f64> = (0..3).map(|_| Normal::standard().sample(&mut rng)).collect();
        row.push(truth.sample(&row, &mut rng));
        row
    };
    let values = (0..2000).flat_map(|_| row()).collect();
    (truth, Table::from_values(values, 4).unwrap())
}

#[test]
fn equal_components_are_told_apart_by_their_starts() {
    let (truth, table) = many();
    let model = ConditionalMixture::of(Regressions::new(vec![line(0.0, &[0.0; 3], 1.0); 3]).unwrap()).unwrap();
    let fit = Em::default().restarts(6).seed(2).fit(&model, &table).unwrap();
    let best = Em::default().fit(&truth, &table).unwrap();
    assert!(fit.objective >= best.objective - 1e-4, "{} {}", fit.objective, best.objective);
    let agree = fit.parameters.labels(&table).unwrap();
    let own = best.parameters.labels(&table).unwrap();
    let together = |k: usize, l: usize| agree.iter().zip(&own).filter(|(a, b)| (**a, **b) == (k, l)).count();
    let matched: usize = (0..3).map(|k| (0..3).map(|l| together(k, l)).max().unwrap()).sum();
    assert!(matched > 1990, "{matched}");
}

#[cfg(feature = "parallel")]
#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let (truth, table) = many();
    let of = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| Em::default().max_iterations(3).tolerance(-1.0).restarts(2).fit(&truth, &table).unwrap())
    };
    let (one, three) = (of(1), of(3));
    assert_eq!(one.objective.to_bits(), three.objective.to_bits());
    assert_eq!(one.parameters, three.parameters);
}

/// x | y ~ N(b y, 1), a family of one's own.
#[derive(Clone, Debug)]
struct Proportional {
    slope: f64,
}

impl ConditionalDistribution for Proportional {
    type Given = f64;
    type Value = f64;
    fn log_density(&self, x: &f64, y: &f64) -> f64 {
        Normal::new(self.slope * y, 1.0).map_or(f64::NEG_INFINITY, |normal| normal.log_density(x))
    }
    fn sample(&self, y: &f64, rng: &mut dyn Rng) -> f64 {
        self.slope * y + Normal::standard().sample(rng)
    }
}

impl EstimateConditional for Proportional {
    type Statistics = [f64; 4]; // Σw, Σw x², Σw x y, Σw y²
    fn statistics(&self) -> [f64; 4] {
        [0.0; 4]
    }
    fn observe(&self, s: &mut [f64; 4], x: &f64, y: &f64, w: f64) {
        s.merge(&[w, w * x * x, w * x * y, w * y * y]);
    }
    fn estimate(&self, s: &[f64; 4]) -> Result<Self, Error> {
        if s[3] > 0.0 { Ok(Self { slope: s[2] / s[3] }) } else { Err(Error::NoWeight { weight: s[0] }) }
    }
    fn expected_log_density(&self, s: &[f64; 4]) -> f64 {
        let squares = s[1] - 2.0 * self.slope * s[2] + self.slope * self.slope * s[3];
        -0.5 * (squares + s[0] * std::f64::consts::TAU.ln())
    }
    fn free_parameters(&self) -> Option<usize> {
        Some(1)
    }
}

#[test]
fn a_family_of_ones_own_is_a_component() {
    let truth = ConditionalMixture::of(
        Regressions::new(vec![Proportional { slope: 3.0 }, Proportional { slope: -2.0 }]).unwrap(),
    )
    .unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let rows = (0..1000).flat_map(|n| {
        let y = f64::from(n % 20) / 4.0;
        [y, truth.sample(&y, &mut rng)]
    });
    let rows = Table::from_values(rows.collect(), 2).unwrap();
    let model = ConditionalMixture::of(Regressions::new(vec![Proportional { slope: 0.0 }; 2]).unwrap()).unwrap();
    let fit = Em::default().restarts(3).verify(true).fit(&model, &rows).unwrap();
    let mut slopes: Vec<f64> = fit.parameters.components().iter().map(|line| line.slope).collect();
    slopes.sort_by(f64::total_cmp);
    assert_near(slopes, &[-2.0, 3.0], 0.05);
    assert_eq!(fit.free_parameters, Some(3));
}

#[test]
fn what_cannot_be_fitted_is_refused_by_name() {
    let em = Em::default();
    let refused = |model: &ConditionalMixture<LinearGaussian<[f64]>>, table: &Table| -> Error {
        em.fit(model, table).unwrap_err().into()
    };
    let constant = lines_of(|row| vec![row[0], 0.1, row[2]]);
    let error = refused(&two_lines(), &constant);
    assert!(error.to_string().contains("component 0: the covariance is singular at column 1"), "{error}");

    let short = Table::from_values(vec![1.0, 2.0, 3.0, 4.0], 2).unwrap();
    assert!(matches!(refused(&two_lines(), &short), Error::Dimension { what: "a row", expected: 3, found: 2 }));

    let beyond = refused(&two_lines().response(3), &constant);
    assert!(matches!(beyond, Error::Parameter { name: "the column of the response", value: 3.0, .. }), "{beyond}");

    let holes = lines_of(|row| vec![row[0], if row[0] == 0.0 { f64::NAN } else { row[1] }, row[2]]);
    assert!(matches!(refused(&two_lines(), &holes), Error::Impossible { .. }));

    let unlike =
        ConditionalMixture::of(Regressions::new(vec![line(0.0, &[1.0, 0.0], 1.0), line(0.0, &[1.0], 1.0)]).unwrap())
            .unwrap();
    let error = refused(&unlike, &constant);
    assert!(matches!(error, Error::Dimension { what: "the regressors of a component", expected: 2, found: 1 }));

    let counts = PoissonRegression::<[f64]>::new(0.0, &[0.0, 0.0]).unwrap();
    let error: Error = em
        .fit(&ConditionalMixture::of(Regressions::new(vec![counts]).unwrap()).unwrap(), &lines_of(<[f64]>::to_vec))
        .unwrap_err()
        .into();
    assert!(matches!(error, Error::Impossible { .. }), "an eighth is no count: {error}");

    // A second component that no row belongs to.
    let far = ConditionalMixture::of(
        Regressions::new(vec![line(0.0, &[0.0, 0.0], 1.0), line(1e6, &[0.0, 0.0], 1.0)]).unwrap(),
    )
    .unwrap();
    let error = refused(&far, &lines_of(<[f64]>::to_vec));
    assert!(matches!(&error, Error::AtIteration { source, .. } if source.is_degenerate()), "{error}");
}
