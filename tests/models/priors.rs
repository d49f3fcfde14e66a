//! Maximum a posteriori: the modes of posteriors that are known in closed form, and priors in mixtures, chains and graphs.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::conditionals::{ConditionalGaussian, ConditionalTable, EstimateConditional, LinearGaussian, Switch};
use marginal::data::Table;
use marginal::distributions::{
    Bernoulli, Beta, Binomial, Categorical, Dirichlet, Distribution, Estimate, Exponential, Gamma, Geometric,
    InverseGamma, Multinomial, Normal, NormalInverseGamma, Poisson, Prior, WithPrior,
};
use marginal::em::Em;
use marginal::error::Error;
use marginal::graph::{Graph, Node};
use marginal::latent::{Climbs, LatentModel};
use marginal::models::{HiddenMarkovModel, Mixture};

fn close(left: f64, right: f64) {
    assert!((left - right).abs() <= 1e-13 * (1.0 + right.abs()), "{left} and {right}");
}

/// The mode from data, and without any.
fn modes<D: Estimate, P: Prior<D, Statistics = D::Statistics>>(
    d: D,
    prior: P,
    data: &[<D::Value as ToOwned>::Owned],
) -> [D; 2]
where
    D::Value: ToOwned<Owned: std::borrow::Borrow<D::Value>>,
{
    let with_prior = WithPrior::new(d, prior).unwrap();
    let mut s = with_prior.statistics();
    let alone = with_prior.estimate(&s).unwrap();
    for x in data {
        with_prior.observe(&mut s, std::borrow::Borrow::borrow(x), 2.0);
    }
    [with_prior.estimate(&s).unwrap().likelihood().clone(), alone.likelihood().clone()]
}

#[test]
fn the_modes_of_conjugate_posteriors_are_those_of_the_closed_forms() {
    // Each observation weighs two.
    let beta = Beta::new(3.0, 1.5).unwrap(); // 2 successes, ½ failure
    let [coin, alone] = modes(Bernoulli::new(0.5).unwrap(), beta, &[true, false, false]);
    close(coin.probability(), 4.0 / 8.5);
    close(alone.probability(), 2.0 / 2.5);
    let [trials, alone] = modes(Binomial::new(10, 0.5).unwrap(), beta, &[3, 4]);
    close(trials.probability(), 16.0 / 42.5);
    close(alone.probability(), 2.0 / 2.5);
    let [waits, alone] = modes(Geometric::new(0.5).unwrap(), beta, &[0, 5]);
    close(waits.probability(), 6.0 / 16.5); // four successes and two imagined, ten failures and a half
    close(alone.probability(), 2.0 / 2.5);

    let dirichlet = Dirichlet::new(vec![1.0, 2.0, 4.0]).unwrap();
    let [labels, alone] = modes(Categorical::uniform(3), dirichlet.clone(), &[0, 0, 1]);
    [4.0, 3.0, 3.0].iter().zip(labels.probabilities()).for_each(|(n, p)| close(*p, n / 10.0));
    [0.0, 0.25, 0.75].iter().zip(alone.probabilities()).for_each(|(n, p)| close(*p, *n));
    let start = Multinomial::new(5, vec![0.25, 0.25, 0.5]).unwrap();
    let [counts, alone] = modes(start, dirichlet, &[vec![5, 0, 0], vec![0, 1, 4]]);
    [10.0, 3.0, 11.0].iter().zip(counts.probabilities()).for_each(|(n, p)| close(*p, n / 24.0));
    [0.0, 0.25, 0.75].iter().zip(alone.probabilities()).for_each(|(n, p)| close(*p, *n));

    let gamma = Gamma::new(3.0, 4.0).unwrap();
    let [counts, alone] = modes(Poisson::new(1.0).unwrap(), gamma, &[3, 6]);
    close(counts.rate(), 20.0 / 8.0);
    close(alone.rate(), 2.0 / 4.0);
    let [times, alone] = modes(Exponential::new(1.0).unwrap(), gamma, &[0.5, 1.5]);
    close(times.rate(), 6.0 / 8.0);
    close(alone.rate(), 2.0 / 4.0);

    let spread = InverseGamma::new(2.0, 9.0).unwrap();
    let [normal, alone] = modes(Normal::new(7.0, 2.0).unwrap(), spread, &[1.0, 3.0]);
    close(normal.mean(), 2.0);
    close(normal.variance(), (4.0 + 18.0) / (4.0 + 6.0));
    assert_eq!(alone.mean(), 7.0); // nothing is known of it
    close(alone.variance(), 9.0 / 3.0);
    let both = NormalInverseGamma::new(5.0, 2.0, spread).unwrap();
    let [normal, alone] = modes(Normal::new(7.0, 2.0).unwrap(), both, &[1.0, 3.0]);
    close(normal.mean(), (4.0 * 2.0 + 2.0 * 5.0) / 6.0);
    // Σ w (x − 3)² = 4 + 4, κ (3 − 5)² = 8.
    close(normal.variance(), (8.0 + 8.0 + 18.0) / (4.0 + 7.0));
    close(alone.mean(), 5.0);
    close(alone.variance(), 18.0 / 7.0);
}

/// ln prior(b) − ln prior(a), as the family has it, against the density of the prior as a distribution.
fn same_density<D, P: Prior<D>>(prior: &P, [a, b]: [D; 2], log_density: impl Fn(&D) -> f64)
where
    WithPrior<D, P>: Estimate,
{
    let right = log_density(&b) - log_density(&a);
    let [a, b] = [a, b].map(|d| WithPrior::new(d, prior.clone()).unwrap().log_prior().unwrap());
    close(b - a, right);
}

#[test]
fn the_prior_of_a_family_is_the_density_of_its_parameter() {
    let beta = Beta::new(3.0, 1.5).unwrap();
    let of = |p: f64| Bernoulli::new(p).unwrap();
    same_density(&beta, [of(0.1), of(0.7)], |d| beta.log_density(&d.probability()));
    let of = |p: f64| Binomial::new(7, p).unwrap();
    same_density(&beta, [of(0.1), of(0.7)], |d| beta.log_density(&d.probability()));
    let of = |p: f64| Geometric::new(p).unwrap();
    same_density(&beta, [of(0.1), of(0.7)], |d| beta.log_density(&d.probability()));
    let dirichlet = Dirichlet::new(vec![1.5, 2.0, 4.0]).unwrap();
    let of = |p: [f64; 3]| Categorical::new(p.to_vec()).unwrap();
    let two = [[0.25, 0.25, 0.5], [0.125, 0.625, 0.25]];
    same_density(&dirichlet, two.map(of), |d| dirichlet.log_density(d.probabilities()));
    let of = |p: [f64; 3]| Multinomial::new(9, p.to_vec()).unwrap();
    same_density(&dirichlet, two.map(of), |d| dirichlet.log_density(d.probabilities()));
    let gamma = Gamma::new(3.0, 4.0).unwrap();
    let of = |rate: f64| Poisson::new(rate).unwrap();
    same_density(&gamma, [of(0.5), of(3.0)], |d| gamma.log_density(&d.rate()));
    let of = |rate: f64| Exponential::new(rate).unwrap();
    same_density(&gamma, [of(0.5), of(3.0)], |d| gamma.log_density(&d.rate()));
    // 1/σ² is gamma, and dσ⁻² = σ⁻⁴ dσ².
    let spread = InverseGamma::new(3.0, 4.0).unwrap();
    let of_variance = |v: f64| gamma.log_density(&v.recip()) - 2.0 * v.ln();
    let of = |mean: f64, sigma: f64| Normal::new(mean, sigma).unwrap();
    let two = [of(1.0, 0.5), of(-2.0, 3.0)];
    same_density(&spread, two, |d| of_variance(d.variance()));
    let both = NormalInverseGamma::new(0.5, 2.0, spread).unwrap();
    let of_mean = |d: &Normal| of(0.5, d.standard_deviation() / 2.0f64.sqrt()).log_density(&d.mean());
    same_density(&both, two, |d| of_mean(d) + of_variance(d.variance()));
}

#[test]
fn a_flat_prior_gives_the_numbers_of_maximum_likelihood() {
    let data = [true, false, true, true];
    let flat = WithPrior::new(Bernoulli::new(0.5).unwrap(), Beta::new(1.0, 1.0).unwrap()).unwrap();
    assert_eq!(flat.fit(&data).unwrap().likelihood(), &Bernoulli::new(0.5).unwrap().fit(&data).unwrap());
    let labels = [0usize, 2, 2, 1];
    let flat = WithPrior::new(Categorical::uniform(3), Dirichlet::new(vec![1.0; 3]).unwrap()).unwrap();
    assert_eq!(flat.fit(&labels).unwrap().likelihood(), &Categorical::uniform(3).fit(&labels).unwrap());
    // Without data nothing is known.
    assert!(matches!(flat.estimate(&flat.statistics()), Err(Error::NoWeight { .. })));
    // A state that no row shows then stays as it is.
    let switch: Switch<Vec<_>, bool> = Switch::new(vec![flat.clone(), flat]).unwrap();
    let mut s = switch.statistics();
    switch.observe(&mut s, &2, &true, 1.0);
    let fitted = switch.estimate(&s).unwrap();
    assert_eq!(fitted.components()[0].likelihood(), &Categorical::uniform(3));
    assert_eq!(fitted.components()[1].likelihood().probabilities(), [0.0, 0.0, 1.0]);
}

#[test]
fn a_prior_without_a_mode_or_of_another_length_is_refused() {
    let refused = WithPrior::new(Bernoulli::new(0.5).unwrap(), Beta::new(0.5, 2.0).unwrap()).unwrap_err();
    assert_eq!(refused.to_string(), "a of a prior = 0.5 is not in [1, ∞), so that the prior has a mode");
    let refused = WithPrior::new(Poisson::new(1.0).unwrap(), Gamma::new(0.5, 2.0).unwrap()).unwrap_err();
    assert!(matches!(refused, Error::Parameter { value: 0.5, .. }));
    let refused = WithPrior::new(Categorical::uniform(3), Dirichlet::new(vec![1.0, 2.0]).unwrap()).unwrap_err();
    assert!(matches!(refused, Error::Dimension { expected: 3, found: 2, .. }));
    let refused = WithPrior::new(Binomial::new(0, 0.5).unwrap(), Beta::new(2.0, 2.0).unwrap()).unwrap_err();
    assert!(matches!(refused, Error::Parameter { value: 0.0, .. }));
    let table: ConditionalTable<bool, bool> = ConditionalTable::new([[0.5, 0.5]; 2]).unwrap();
    let refused = WithPrior::new(table, vec![Dirichlet::new(vec![1.0, 2.0]).unwrap()]).unwrap_err();
    assert!(matches!(refused, Error::Dimension { expected: 2, found: 1, .. }));
}

#[test]
fn the_spread_of_a_line_is_the_mode_of_its_posterior() {
    let rows = [(0.0, 1.0), (1.0, 2.0), (2.0, 6.0), (3.0, 5.0)];
    // x = 1.1 + 1.6 y leaves .01 + .49 + 2.89 + .81 = 4.2 of squares.
    let prior = InverseGamma::new(1.5, 0.9).unwrap();
    let line = WithPrior::new(LinearGaussian::<f64>::new(0.0, &[0.0], 1.0).unwrap(), prior).unwrap();
    let mut s = line.statistics();
    rows.iter().for_each(|(y, x)| line.observe(&mut s, x, y, 1.0));
    let fitted = line.estimate(&s).unwrap();
    close(fitted.likelihood().intercept(), 1.1);
    close(fitted.likelihood().slopes()[0], 1.6);
    close(fitted.likelihood().standard_deviation().powi(2), (4.2 + 1.8) / (4.0 + 5.0));
    assert_eq!(fitted.free_parameters(), Some(3));
    // Points on a line have no spread of their own.
    let mut s = line.statistics();
    [0.0, 1.0, 4.0].iter().for_each(|y| line.observe(&mut s, &(2.0 * y), y, 1.0));
    close(line.estimate(&s).unwrap().likelihood().standard_deviation().powi(2), 1.8 / 8.0);

    // Two states with one σ, of which the second is never seen.
    let lines = vec![LinearGaussian::new(0.0, &[0.0], 1.0).unwrap(); 2];
    let bank = ConditionalGaussian::<bool, f64>::new(lines).unwrap();
    for (bank, spread) in [
        (bank.clone(), [(4.2 + 1.8) / 9.0, 1.8 / 5.0]),
        (bank.common_standard_deviation(1.0).unwrap(), [(4.2 + 1.8) / 9.0; 2]),
    ] {
        let bank = WithPrior::new(bank, prior).unwrap();
        let mut s = bank.statistics();
        rows.iter().for_each(|(y, x)| bank.observe(&mut s, x, &(false, *y), 1.0));
        let fitted = bank.estimate(&s).unwrap();
        for (line, variance) in fitted.likelihood().lines().iter().zip(spread) {
            close(line.standard_deviation().powi(2), variance);
        }
    }
}

#[test]
fn a_component_that_would_collapse_onto_one_row_is_kept_open() {
    let data = [0.0, 0.25, -0.5, 0.75, 0.125, 30.0];
    let alone = Mixture::of(vec![Normal::standard(), Normal::new(30.0, 1.0).unwrap()]).unwrap();
    assert!(Em::default().fit(&alone, &data).is_err());
    let prior = InverseGamma::new(1.0, 0.5).unwrap();
    let with_prior = |d: &Normal| WithPrior::new(*d, prior).unwrap();
    let model = Mixture::of(alone.components().iter().map(with_prior).collect::<Vec<_>>()).unwrap();
    let fit = Em::default().verify(true).fit(&model, &data).unwrap();
    assert_eq!(fit.climbs, Climbs::Penalised);
    let lone = fit.parameters.components()[1].likelihood();
    close(lone.mean(), 30.0);
    close(lone.variance(), 1.0 / 5.0); // 2β / (1 + 2α + 2)
    assert_eq!(fit.free_parameters, Some(5));
    close(fit.objective, fit.log_likelihood + LatentModel::log_prior(&model, &fit.parameters));
}

#[test]
fn a_chain_with_a_prior_on_its_emissions_climbs_to_the_end() {
    let calls = vec![1, 0, 2, 1, 9, 7, 8, 11, 9, 1, 0, 1, 2, 0, 10, 8, 7, 9];
    let gamma = Gamma::new(2.0, 0.5).unwrap();
    let rate = |rate| WithPrior::new(Poisson::new(rate).unwrap(), gamma).unwrap();
    let model = HiddenMarkovModel::new(&[0.5, 0.5], &[[0.9, 0.1], [0.1, 0.9]], vec![rate(2.0), rate(6.0)]).unwrap();
    let fit = Em::default().verify(true).fit(&model, &[calls]).unwrap();
    assert_eq!(fit.climbs, Climbs::Penalised);
    // Nine quiet hours of sum 8: near (8 + 1) / (9 + ½).
    assert!((fit.parameters.emissions()[0].likelihood().rate() - 9.0 / 9.5).abs() < 0.02);
}

#[test]
fn a_graph_with_priors_climbs_the_penalised_likelihood_to_the_known_mode() {
    let mut g = Graph::builder();
    let coin = WithPrior::new(Bernoulli::new(0.5).unwrap(), Beta::new(2.0, 3.0).unwrap()).unwrap();
    let rain: Node<bool> = g.node("rain", (), coin);
    let table: ConditionalTable<bool, bool> = ConditionalTable::new([[0.5, 0.5]; 2]).unwrap();
    let rows = vec![Dirichlet::new(vec![3.0, 1.0]).unwrap(), Dirichlet::new(vec![1.5, 1.5]).unwrap()];
    let wet = g.node("wet", rain, WithPrior::new(table, rows).unwrap());
    let model = g.build().unwrap().hide(()).unwrap();
    let days = vec![0.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    let fit = Em::default().verify(true).fit(&model, &Table::from_values(days, 2).unwrap()).unwrap();
    assert_eq!((fit.climbs, fit.free_parameters), (Climbs::Penalised, Some(3)));
    let coin: &WithPrior<Bernoulli, Beta> = fit.parameters.conditional(rain).unwrap();
    close(coin.likelihood().probability(), 1.0 / 6.0);
    let table: &WithPrior<ConditionalTable<bool, bool>, Vec<Dirichlet>> = fit.parameters.conditional(wet).unwrap();
    close(table.likelihood().probability(&true, &false), 1.0 / 5.0);
    close(table.likelihood().probability(&true, &true), 0.5); // it never rained
    close(fit.objective, fit.log_likelihood + model.log_prior(&fit.parameters));
}
