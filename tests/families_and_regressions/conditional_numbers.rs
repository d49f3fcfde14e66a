//! Numbers of conditional distributions and hidden graphs worked out by hand: what a law cannot see because every other
//! part would agree.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::Error;
use marginal::conditionals::{
    ConditionalDistribution, ConditionalTable, EstimateConditional, LinearGaussian, LogisticRegression, Switch, given,
};
use marginal::data::{Statistics, Table, Weighted};
use marginal::distributions::{Distribution, Normal};
use marginal::em::Em;
use marginal::graph::{Graph, Node};
use marginal::latent::Start;
use marginal::rand::rngs::Xoshiro256PlusPlus;
use marginal::rand::{Rng, SeedableRng};
use rand_distr::StandardNormal;

fn assert_near(found: f64, reference: f64, relative: f64) {
    assert!((found - reference).abs() <= relative * reference.abs(), "{found} is not {reference}");
}

fn estimate<C: EstimateConditional<Value = X, Given = G>, G, X>(start: &C, rows: &[(G, X, f64)]) -> C {
    let mut s = start.statistics();
    rows.iter().for_each(|(y, x, weight)| start.observe(&mut s, x, y, *weight));
    start.estimate(&s).unwrap()
}

#[test]
fn a_row_of_a_table_sums_to_one_up_to_round_off() {
    let of = |p: f64| ConditionalTable::<bool, bool>::new([[0.5, 0.5], [0.25, p]]);
    assert!(of(0.75 + 1e-10).is_ok());
    assert!(matches!(of(0.75 + 1e-8), Err(Error::NotNormalised { sum, .. }) if sum > 1.0));
}

#[test]
fn a_state_that_the_parents_do_not_have_has_no_row() {
    let table = ConditionalTable::<[usize], usize>::over(&[2, 2], [[0.5, 0.5]; 4]).unwrap();
    assert_eq!(table.log_density(&0, &[1, 1]), 0.5f64.ln());
    // As a number 0 · 2 + 3 would be the last row.
    assert_eq!(table.log_density(&0, &[0, 3]), f64::NEG_INFINITY);
}

#[test]
fn without_weight_there_is_no_estimate() {
    fn refused<C: EstimateConditional>(c: &C) -> bool {
        matches!(c.estimate(&c.statistics()), Err(Error::NoWeight { weight: 0.0 }))
    }
    assert!(refused(&ConditionalTable::<bool, bool>::new([[0.5, 0.5]; 2]).unwrap()));
    assert!(refused(&Switch::<Vec<Normal>, bool>::new(vec![Normal::standard(); 2]).unwrap()));
    assert!(refused(&LinearGaussian::<f64>::new(0.0, &[1.0], 1.0).unwrap()));
    assert!(refused(&LogisticRegression::<f64>::new(0.0, &[1.0]).unwrap()));
}

#[test]
fn a_linear_predictor_wants_as_many_numbers_as_slopes_and_no_nan() {
    let line = LinearGaussian::<[f64]>::new(0.0, &[1.0, 2.0], 1.0).unwrap();
    assert!(line.log_density(&0.0, &[1.0, 1.0]).is_finite());
    for given in [&[1.0][..], &[1.0, 1.0, 1.0], &[1.0, f64::NAN]] {
        assert_eq!(line.log_density(&0.0, given), f64::NEG_INFINITY);
    }
    let odds = LogisticRegression::<f64>::new(0.0, &[1.0]).unwrap();
    assert_eq!(
        (odds.log_density(&true, &f64::NAN), odds.log_density(&false, &f64::NAN)),
        (f64::NEG_INFINITY, f64::NEG_INFINITY)
    );
}

#[test]
fn a_draw_about_a_line_is_the_line_and_a_standard_normal_scaled() {
    let line = LinearGaussian::<f64>::new(1.0, &[2.0], 0.5).unwrap();
    let (mut rng, mut same) = (Xoshiro256PlusPlus::seed_from_u64(1), Xoshiro256PlusPlus::seed_from_u64(1));
    let z: f64 = rand::RngExt::sample(&mut same, StandardNormal);
    assert_eq!(line.sample(&3.0, &mut rng), 7.0 + 0.5 * z);
}

#[test]
fn the_odds_of_two_groups_are_theirs_to_the_last_digits() {
    let start = LogisticRegression::<bool>::new(0.0, &[0.0]).unwrap();
    let fit = estimate(&start, &[(false, true, 2.0), (false, false, 8.0), (true, true, 7.0), (true, false, 3.0)]);
    assert_near(fit.intercept(), 0.25f64.ln(), 1e-13);
    assert_near(fit.slopes()[0], (28.0f64 / 3.0).ln(), 1e-13);
}

#[test]
fn a_newton_step_that_goes_too_far_is_halved() {
    // At −2 the odds are 1 : 10, at 0 they are 5100 : 1, and at 30 nothing is left to gain; whole steps from 0 diverge.
    let rows = [(-2.0, false, 0.1), (-2.0, true, 0.01), (0.0, true, 5.1), (0.0, false, 0.001), (30.0, true, 5.0)];
    let fit = estimate(&LogisticRegression::<f64>::new(0.0, &[0.0]).unwrap(), &rows);
    assert_near(fit.intercept(), 5100f64.ln(), 1e-9);
    assert_near(fit.slopes()[0], 0.5 * (5100f64.ln() + 10f64.ln()), 1e-9);
}

#[test]
fn weights_beyond_the_root_of_the_largest_number_do_not_overflow() {
    let rows = [(0.0, 1.0, 1.0), (1.0, 3.5, 1.0), (2.0, 5.0, 2.0), (4.0, 8.0, 1.0)];
    let start = LinearGaussian::<f64>::new(0.0, &[0.0], 1.0).unwrap();
    let huge = rows.map(|(y, x, weight)| (y, x, 1e200 * weight));
    let (plain, heavy) = (estimate(&start, &rows), estimate(&start, &huge));
    assert_near(heavy.slopes()[0], plain.slopes()[0], 1e-12);
    assert_near(heavy.standard_deviation(), plain.standard_deviation(), 1e-12);
}

#[test]
fn nothing_merged_with_nothing_is_still_nothing() {
    let line = LinearGaussian::<f64>::new(0.0, &[0.0], 1.0).unwrap();
    let mut s = line.statistics();
    s.merge(&line.statistics());
    let mut fresh = line.statistics();
    for s in [&mut s, &mut fresh] {
        [(0.0, 1.0), (1.0, 2.5), (2.0, 3.0)].iter().for_each(|(y, x)| line.observe(s, x, y, 1.0));
    }
    assert_eq!(s, fresh);
}

#[test]
fn a_parent_that_varies_by_the_rounding_of_its_mean_alone_is_constant() {
    let line = LinearGaussian::<f64>::new(0.0, &[0.0], 1.0).unwrap();
    let mut s = line.statistics();
    let constant = 1e8 + 0.1;
    for n in 0..1000u32 {
        line.observe(&mut s, &f64::from(n % 7), &constant, 0.1 + f64::from(n % 3));
        // One part in 2⁵² of it, as a mean of other parts may be off.
        line.observe(&mut s, &f64::from(n % 5), &(constant + f64::from(n % 2) * 1e8 * f64::EPSILON), 0.3);
    }
    assert!(matches!(line.estimate(&s), Err(Error::Singular { column: 0, .. })));
}

/// A hidden label above two normal components.
fn two_components(means: [f64; 2]) -> (Graph, Node<usize>, Node<f64>) {
    let mut g = Graph::builder();
    let z: Node<usize> = g.node("z", (), ConditionalTable::new([[0.5, 0.5]]).unwrap());
    let normals = means.map(|mean| Normal::new(mean, 1.0).unwrap());
    let x = g.node("x", z, Switch::new(normals.to_vec()).unwrap());
    (g.build().unwrap(), z, x)
}

fn column(values: &[f64]) -> Table {
    Table::from_values(values.to_vec(), 1).unwrap()
}

#[test]
fn a_start_that_tells_states_apart_ever_so_little_is_kept() {
    let first_mean = |means: [f64; 2]| {
        let (graph, z, x) = two_components(means);
        let start = graph
            .hide(z)
            .unwrap()
            .start(&column(&[0.0, 1.0, 2.0]), 0, &mut Xoshiro256PlusPlus::seed_from_u64(1))
            .unwrap();
        start.conditional::<Switch<Vec<Normal>, usize>>(x).unwrap().components()[0].mean()
    };
    // The posteriors differ from row to row by about a quarter of the distance.
    assert_eq!(first_mean([0.5, 0.5 + 1e-6]), 0.5);
    assert_ne!(first_mean([0.5, 0.5]), 0.5);
}

#[test]
fn a_row_without_weight_may_hold_what_no_node_can_take() {
    let mut g = Graph::builder();
    let z: Node<bool> = g.node("z", (), ConditionalTable::new([[0.5, 0.5]]).unwrap());
    g.node::<_, ConditionalTable<bool, bool>, _>("x", z, ConditionalTable::new([[0.9, 0.1], [0.2, 0.8]]).unwrap());
    let model = g.build().unwrap().hide(z).unwrap();
    let rows = column(&[0.0, 1.0, 7.0, 1.0]);
    let fit = |weights: &[f64]| Em::default().max_iterations(3).fit(&model, &Weighted::new(&rows, weights).unwrap());
    assert!(fit(&[1.0, 1.0, 0.0, 1.0]).is_ok());
    let refused = fit(&[1.0; 4]).unwrap_err().to_string();
    assert!(refused.contains("row 2"), "{refused}");
}

/// Of one log-density everywhere.
struct Flat(f64);

impl Distribution for Flat {
    type Value = f64;
    fn log_density(&self, _: &f64) -> f64 {
        self.0
    }
    fn sample(&self, _: &mut dyn Rng) -> f64 {
        0.0
    }
}

#[test]
fn an_infinite_density_and_one_that_is_no_number_are_called_unbounded() {
    for log_density in [f64::INFINITY, f64::NAN] {
        let mut g = Graph::builder();
        let z: Node<usize> = g.node("z", (), ConditionalTable::new([[0.5, 0.5]]).unwrap());
        g.node("x", z, given(move |z: &usize| Flat(if *z == 0 { -1.0 } else { log_density })));
        let refused = Em::default().fit(&g.build().unwrap().hide(z).unwrap(), &column(&[0.5])).unwrap_err();
        let Error::Unbounded { row: 0, log_density: found, .. } = refused.cause else { panic!("{refused}") };
        assert_eq!(found.to_bits(), log_density.to_bits());
    }
}
