//! Standard errors of chains, lines, networks and graphs.

use marginal::data::Table;
use marginal::distributions::{Parametric, Poisson};
use marginal::prelude::*;
use marginal::uncertainty::{StandardErrors, UncertaintyError};

use super::standard_errors::{close, eruptions, hessian};

#[test]
fn a_chain_has_the_hessian_of_its_log_likelihood_and_holds_what_is_0() {
    let flows = eruptions().column(1);
    let states = vec![Normal::new(55.0, 6.0).unwrap(), Normal::new(80.0, 6.0).unwrap()];
    let model = HiddenMarkovModel::new(&[0.5, 0.5], &[[0.1, 0.9], [0.6, 0.4]], states).unwrap();
    let data = [flows.clone()];
    let fit = Em::default().tolerance(1e-14).fit(&model, &data).unwrap();
    let errors = StandardErrors::of(&model, &data, &fit.parameters).unwrap();
    let l = |theta: &HiddenMarkovModel<_>| theta.log_density(&flows).unwrap();
    let direct = hessian(&fit.parameters, l);
    let (found, p) = (errors.information(), fit.parameters.to_vector().len());
    for (jk, (a, b)) in found.observed().iter().zip(&direct).enumerate() {
        let scale = (found.complete()[jk / p * (p + 1)] * found.complete()[jk % p * (p + 1)]).sqrt();
        assert!((a - b).abs() < 1e-5 * scale, "entry {jk}: {a} by Oakes, {b} by differences");
    }
    // One sequence shows one first state: EM takes the other's probability to 0.
    assert_eq!(found.held(), 1);
    assert_eq!(errors.parameter("state 0: first").unwrap().standard_error, None);
    let [stay, leave] = ["transition 1 → 1", "transition 1 → 0"].map(|name| errors.parameter(name).unwrap());
    let errors = [stay, leave].map(|p| p.standard_error.unwrap());
    close(errors[0], errors[1], 1e-9);
}

#[test]
fn a_line_has_its_closed_form() {
    use marginal::conditionals::Regressions;
    let rows: Vec<f64> =
        (0..50).flat_map(|n| [f64::from(n % 11), f64::from(n % 11) * 2.0 + f64::from(n * n % 13)]).collect();
    let table = Table::from_values(rows, 2).unwrap();
    let lines = Regressions::new(vec![LinearGaussian::<[f64]>::new(0.0, &[1.0], 1.0).unwrap()]).unwrap();
    let model = Mixture::of(lines).unwrap();
    let fit = Em::default().fit(&model, &table).unwrap();
    let errors = StandardErrors::of(&model, &table, &fit.parameters).unwrap();
    let y = table.column(0);
    let mean = y.iter().sum::<f64>() / 50.0;
    let squares: f64 = y.iter().map(|y| (y - mean).powi(2)).sum();
    let sigma = fit.parameters.components()[0].standard_deviation();
    let of = |name: &str| errors.parameter(&format!("component 0: {name}")).unwrap().standard_error.unwrap();
    close(of("slope 0"), sigma / squares.sqrt(), 1e-7);
    close(of("intercept"), sigma * (1.0 / 50.0 + mean * mean / squares).sqrt(), 1e-7);
    close(of("standard deviation"), sigma / 10.0, 1e-7);
}

#[test]
fn tables_of_a_network_have_their_closed_form_and_tied_ones_are_refused() {
    use marginal::models::HiddenNetwork;
    use marginal::network::StateTable;
    let half = vec![0.5; 4];
    let network = Network::builder()
        .root("a", &["no", "yes"], [0.5, 0.5])
        .variable("x", &["0", "1"], &["a"], half.clone())
        .variable("y", &["0", "1"], &["a"], half)
        .build()
        .unwrap();
    let mut table = StateTable::new(&network);
    for (row, count) in [([0, 0, 0], 20.0), ([0, 1, 0], 10.0), ([0, 0, 1], 10.0), ([1, 1, 1], 45.0), ([1, 0, 0], 15.0)]
    {
        table.push(&row, count).unwrap();
    }
    let model = HiddenNetwork::new(&network);
    let fit = Em::default().fit(&model, &table).unwrap();
    let errors = StandardErrors::of(&model, &table, &fit.parameters).unwrap();
    let of = |name: &str| errors.parameter(name).unwrap().standard_error.unwrap();
    close(of("p(a = yes)"), (0.6f64 * 0.4 / 100.0).sqrt(), 1e-7);
    close(of("p(x = 1 | a = yes)"), (0.75f64 * 0.25 / 60.0).sqrt(), 1e-7);
    let tied = HiddenNetwork::new(&network).tie(&["x", "y"]).unwrap();
    let fit = Em::default().fit(&tied, &table).unwrap();
    let refused = StandardErrors::of(&tied, &table, &fit.parameters).unwrap_err();
    assert!(matches!(refused, UncertaintyError::Constrained { coordinates: 5, free: 3 }), "{refused}");
}

#[test]
fn a_graph_has_the_standard_errors_of_its_mixture() {
    use marginal::distributions::Categorical;
    use marginal::graph::Node;
    use marginal::uncertainty::{GraphParameters, WithCoordinates};
    let table = eruptions();
    let mut g = Graph::builder();
    let z: Node<usize> = g.node("z", (), Categorical::uniform(2));
    let x = g.node("x", z, Switch::new(vec![MultivariateNormal::standard(2); 2]).unwrap());
    let model = g.build().unwrap().hide(z).unwrap();
    let fit = Em::default().restarts(5).seed(1).tolerance(1e-14).fit(&model, &table).unwrap();
    let theta = GraphParameters::new(fit.parameters);
    let part = theta.clone().root::<Categorical>(z).unwrap();
    let model = WithCoordinates::new(model);
    assert!(StandardErrors::of(&model, &table, &part).unwrap_err().to_string().contains("GraphParameters::node"));
    assert!(theta.node::<ConditionalTable<usize, usize>>(x).is_err());
    let theta = part.node::<Switch<Vec<MultivariateNormal>, usize>>(x).unwrap();
    let errors = StandardErrors::named(&model, &table, &theta, table.names()).unwrap();
    let mut of_waiting: Vec<f64> = (0..2)
        .map(|k| errors.parameter(&format!("x, state {k}: mean of waiting")).unwrap().standard_error.unwrap())
        .collect();
    of_waiting.sort_by(f64::total_cmp);
    assert!((of_waiting[0] - 0.456_186).abs() < 6e-7 && (of_waiting[1] - 0.591_874).abs() < 6e-7, "{of_waiting:?}");
}

#[test]
fn what_nothing_determines_is_named_and_what_is_held_is_said() {
    let states = [1.0, 6.0, 9.0].map(|rate| Poisson::new(rate).unwrap()).to_vec();
    // Nothing leads to the third state.
    let rows = [[0.7, 0.3, 0.0], [0.4, 0.6, 0.0], [0.2, 0.2, 0.6]];
    let model = HiddenMarkovModel::new(&[0.5, 0.5, 0.0], &rows, states).unwrap();
    let calls = [vec![1, 0, 2, 1, 9, 7, 8, 11, 9, 1, 0, 1, 2, 0, 10, 8, 7, 9, 1, 0]];
    let fit = Em::default().tolerance(0.0).fit(&model, &calls).unwrap();
    let refused = StandardErrors::of(&model, &calls, &fit.parameters).unwrap_err();
    let named = |along: &str| along.contains("transition 2 → ") || along.contains("state 2: rate");
    assert!(matches!(&refused, UncertaintyError::Flat { along, .. } if named(along)), "{refused}");
    let known = Normal::new(1.0, 2.0).unwrap().hold_mean().hold_standard_deviation();
    let model = Mixture::of(vec![known]).unwrap();
    let errors = StandardErrors::of(&model, &[0.3, 1.2], &model).unwrap();
    assert!(errors.parameters().iter().all(|p| p.standard_error.is_none()));
    assert!(errors.information().fractions_missing().is_empty());
}
