//! A fit that ends in a component of single rows, or in a flat one, says so; any other says nothing.

use marginal::components::{Gaussians, InverseWishart};
use marginal::conditionals::Regressions;
use marginal::distributions::{InverseGamma, NormalInverseGamma, WithPrior};
use marginal::latent::Doubt;
use marginal::models::ConditionalMixture;
use marginal::prelude::*;

/// 0.01, 0.03, … 0.99, evenly spread, and two rows near 50.
fn with_two_far_rows() -> Vec<f64> {
    (0..50).map(|n| 0.01 + 0.02 * f64::from(n)).chain([50.0, 50.3]).collect()
}

fn few(doubts: &[Doubt]) -> Vec<(usize, usize)> {
    let of_rows = |doubt: &Doubt| match doubt {
        Doubt::FewRows { component, rows, .. } => Some((*component, rows.round() as usize)),
        _ => None,
    };
    doubts.iter().filter_map(of_rows).collect()
}

#[test]
fn a_component_of_two_rows_is_told_in_every_model() {
    let rows = with_two_far_rows();
    let normals = || vec![Normal::new(0.5, 0.3).unwrap(), Normal::new(50.0, 1.0).unwrap()];
    let fit = Em::default().fit(&Mixture::of(normals()).unwrap(), &rows).unwrap();
    assert_eq!(few(&fit.doubts), [(1, 2)]);
    let said = fit.to_string();
    assert!(said.contains("doubtful: component 1 rests on 2.00 rows, and 2 determine it"), "{said}");

    let table = Table::from_values(rows.clone(), 1).unwrap();
    let fit = Em::default().restarts(2).fit(&GaussianMixture::new(2), &table).unwrap();
    assert_eq!(few(&fit.doubts).len(), 1);
    let fit = Em::default().fit(&HiddenMarkovModel::of(normals()).unwrap(), std::slice::from_ref(&rows)).unwrap();
    assert_eq!(few(&fit.doubts), [(1, 2)]);
}

#[test]
fn a_line_through_three_rows_is_told() {
    // Two rows would leave the line no deviation at all.
    let cases = (0..50).map(|n| [f64::from(n), 0.1 * f64::from(n * 7 % 11)]);
    let far = [[0.0, 50.0], [1.0, 50.3], [3.0, 50.1]];
    let table = Table::from_values(cases.chain(far).flatten().collect(), 2).unwrap();
    let line = |a| LinearGaussian::<[f64]>::new(a, &[0.0], 0.5).unwrap();
    let lines = ConditionalMixture::of(Regressions::new(vec![line(0.5), line(50.0)]).unwrap()).unwrap();
    assert_eq!(few(&Em::default().fit(&lines, &table).unwrap().doubts), [(1, 3)]);
    let with_prior = |a| WithPrior::new(line(a), InverseGamma::new(1.0, 0.01).unwrap()).unwrap();
    let lines = Mixture::of(Regressions::new(vec![with_prior(0.5), with_prior(50.0)]).unwrap()).unwrap();
    assert!(Em::default().fit(&lines, &table).unwrap().doubts.is_empty());
}

#[test]
fn weights_are_no_rows() {
    // The same two rows, each with a weight of ten, are twenty.
    let rows = with_two_far_rows();
    let model = Mixture::of(vec![Normal::new(0.5, 0.3).unwrap(), Normal::new(50.0, 1.0).unwrap()]).unwrap();
    let weights: Vec<f64> = rows.iter().map(|x| if *x > 40.0 { 10.0 } else { 1.0 }).collect();
    assert!(Em::default().fit(&model, &Weighted::new(&rows[..], &weights).unwrap()).unwrap().doubts.is_empty());
    // Weights that sum to one are shares of as many rows as there are.
    let shares = vec![1.0 / rows.len() as f64; rows.len()];
    let fit = Em::default().fit(&model, &Weighted::new(&rows[..], &shares).unwrap()).unwrap();
    assert_eq!(few(&fit.doubts), [(1, 2)]);
}

#[test]
fn a_flat_component_is_told_by_its_direction() {
    // Thirty rows around the origin, and thirty on a line, but for 1e-5.
    let around = (0..30).map(|n| [f64::from(n * 7 % 30), f64::from(n * 11 % 30)]);
    let on_a_line = (0..30).map(|n| [f64::from(n), 100.0 + f64::from(n) + 1e-5 * f64::from(n * n % 7)]);
    let table = Table::from_values(around.chain(on_a_line).flatten().collect(), 2).unwrap();
    let labels: Vec<usize> = (0..60).map(|n| n / 30).collect();
    let start = |model: &GaussianMixture| model.from_labels(&table, &labels).unwrap();
    let model = GaussianMixture::new(2);
    let fit = Em::default().fit_from(&model, &table, start(&model)).unwrap();
    let [Doubt::Narrow { component: 1, ratio }] = fit.doubts[..] else { panic!("{:?}", fit.doubts) };
    assert!(ratio < 1e-9 && ratio > 0.0, "{ratio}");
    assert!(fit.to_string().contains("doubtful: component 1 is nearly flat"), "{fit}");

    // Under a prior nothing is flat, and a tied covariance is that of both.
    let model = GaussianMixture::new(2).prior(InverseWishart::new(4.0, vec![1.0, 0.0, 0.0, 1.0]).unwrap());
    assert!(Em::default().fit_from(&model, &table, start(&model)).unwrap().doubts.is_empty());
    let model = GaussianMixture::new(2).covariance(Covariance::Tied);
    assert!(Em::default().fit_from(&model, &table, start(&model)).unwrap().doubts.is_empty());
}

#[test]
fn what_the_data_determine_is_not_doubted() {
    let faithful = Table::read_csv("data/faithful.csv").unwrap();
    for shape in [Covariance::Full, Covariance::Tied, Covariance::Diagonal, Covariance::Spherical] {
        let model = GaussianMixture::new(2).covariance(shape);
        let fit = Em::default().fit(&model, &faithful).unwrap();
        assert!(fit.doubts.is_empty(), "{shape:?}: {:?}", fit.doubts);
        let chain = Gaussians::new(fit.parameters.components().to_vec()).unwrap().covariance(shape);
        let fit = Em::default().fit(&HiddenMarkovModel::of(chain).unwrap(), std::slice::from_ref(&faithful)).unwrap();
        assert!(fit.doubts.is_empty(), "{shape:?}: {:?}", fit.doubts);
    }
    // A prior makes an estimate of two rows, or of none, what it is.
    let prior = NormalInverseGamma::new(0.0, 1.0, InverseGamma::new(2.0, 1.0).unwrap()).unwrap();
    let normal = |mean| WithPrior::new(Normal::new(mean, 1.0).unwrap(), prior).unwrap();
    let model = Mixture::of(vec![normal(0.5), normal(50.0)]).unwrap();
    assert!(Em::default().fit(&model, &with_two_far_rows()).unwrap().doubts.is_empty());
}
