//! Dirichlet priors of proportions, first states and transitions; rows that are held; imagined observations.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::data::Table;
use marginal::distributions::{
    Beta, Dirichlet, Distribution, Estimate, Gamma, Imagined, InverseGamma, InverseWishart, LogNormal, MaybeFixed,
    MultivariateNormal, Normal, NormalInverseGamma, NormalInverseWishart, Parametric, Poisson, VonMises, WithPrior,
};
use marginal::em::Em;
use marginal::error::Error;
use marginal::latent::{Climbs, LatentModel};
use marginal::models::{HiddenMarkovModel, Mixture};
use marginal::uncertainty::StandardErrors;

fn close(left: f64, right: f64) {
    assert!((left - right).abs() <= 1e-12 * (1.0 + right.abs()), "{left} and {right}");
}

fn near(left: &[f64], right: &[f64]) {
    assert_eq!(left.len(), right.len());
    left.iter().zip(right).for_each(|(l, r)| close(*l, *r));
}

fn dirichlet(alpha: &[f64]) -> Dirichlet {
    Dirichlet::new(alpha.to_vec()).unwrap()
}

const CALLS: [u64; 18] = [1, 0, 2, 1, 9, 7, 8, 11, 9, 1, 0, 1, 2, 0, 10, 8, 7, 9];

fn rates() -> Vec<Poisson> {
    [2.0, 6.0].map(|rate| Poisson::new(rate).unwrap()).to_vec()
}

fn counts() -> Mixture<Vec<Poisson>> {
    Mixture::new(vec![0.5, 0.5], rates()).unwrap()
}

fn chain() -> HiddenMarkovModel<Vec<Poisson>> {
    HiddenMarkovModel::new(&[0.5, 0.5], &[[0.9, 0.1], [0.1, 0.9]], rates()).unwrap()
}

#[test]
fn proportions_under_a_prior_are_the_mode_that_the_rows_and_the_imagined_ones_have() {
    let model = counts().proportions_prior(dirichlet(&[4.0, 1.5])).unwrap();
    let fit = Em::default().verify(true).tolerance(1e-14).fit(&model, &CALLS[..]).unwrap();
    assert_eq!((fit.climbs, fit.free_parameters), (Climbs::Penalised, Some(3)));
    close(fit.objective, fit.log_likelihood + LatentModel::log_prior(&model, &fit.parameters));
    let p = fit.parameters.proportions();
    close(LatentModel::log_prior(&model, &fit.parameters), 3.0 * p[0].ln() + 0.5 * p[1].ln());
    // At the mode each proportion is that of its expected rows and the imagined ones.
    let shares = fit.parameters.responsibilities(&CALLS[..]).unwrap();
    let expected: f64 = (0..CALLS.len()).map(|n| shares.row(n)[0]).sum();
    assert!((p[0] - (expected + 3.0) / (18.0 + 3.5)).abs() < 1e-6);
    // Without a prior it is another.
    let plain = Em::default().fit(&counts(), &CALLS[..]).unwrap();
    assert!((plain.parameters.proportions()[0] - p[0]).abs() > 0.02);
    // The penalised information of a proportion is that of so many draws more.
    let error = |model: &Mixture<Vec<Poisson>>, theta: &Mixture<Vec<Poisson>>| {
        StandardErrors::of(model, &CALLS[..], theta).unwrap().parameters()[0].standard_error.unwrap()
    };
    let strong = counts().proportions_prior(dirichlet(&[1e6 + 1.0, 1e6 + 1.0])).unwrap();
    let fit = Em::default().fit(&strong, &CALLS[..]).unwrap();
    let expected = (0.25f64 / 2e6).sqrt();
    assert!((error(&strong, &fit.parameters) / expected - 1.0).abs() < 1e-3);
}

#[test]
fn transitions_under_a_prior_are_counted_with_the_imagined_steps() {
    let rows = vec![dirichlet(&[6.0, 1.0]), dirichlet(&[2.0, 3.0])];
    let model = chain().transition_priors(rows).unwrap().initial_prior(dirichlet(&[3.0, 2.0])).unwrap();
    let fit = Em::default().verify(true).tolerance(1e-14).fit(&model, &[CALLS.to_vec()]).unwrap();
    assert_eq!((fit.climbs, fit.free_parameters), (Climbs::Penalised, Some(5)));
    // The calls tell the states as good as surely: 9 of each, 8 and 7 steps from 0 and from 1.
    let a = fit.parameters.transitions();
    assert!((a.row(0)[0] - (7.0 + 5.0) / (9.0 + 5.0)).abs() < 0.02);
    assert!((a.row(1)[1] - (7.0 + 2.0) / (8.0 + 3.0)).abs() < 0.02);
    assert!((fit.parameters.initial()[0] - 3.0 / 4.0).abs() < 1e-3);
    close(fit.objective, fit.log_likelihood + LatentModel::log_prior(&model, &fit.parameters));
    // A transition of 0 stays 0, and has no part in the prior.
    let forbidden = HiddenMarkovModel::new(&[1.0, 0.0], &[[0.5, 0.5], [0.0, 1.0]], rates()).unwrap();
    let forbidden = forbidden.transition_priors(vec![dirichlet(&[2.0, 2.0]); 2]).unwrap();
    let fit = Em::default().verify(true).fit(&forbidden, &[vec![1, 0, 2, 1, 9, 7, 8]]).unwrap();
    assert_eq!((fit.parameters.transitions().row(1), fit.free_parameters), (&[0.0, 1.0][..], Some(3)));
    let p = fit.parameters.transitions().row(0)[0];
    close(LatentModel::log_prior(&forbidden, &fit.parameters), p.ln() + (1.0 - p).ln());
}

#[test]
fn what_is_held_of_probabilities_stays_and_is_no_parameter() {
    let held = Mixture::new(vec![0.7, 0.3], rates()).unwrap().hold_proportions();
    let fit = Em::default().verify(true).tolerance(1e-14).fit(&held, &CALLS[..]).unwrap();
    assert_eq!((fit.parameters.proportions(), fit.free_parameters), (&[0.7, 0.3][..], Some(2)));
    assert_eq!(fit.parameters.to_vector().len(), 2);
    // The rates solve the likelihood equations of the held proportions.
    let [a, b] = [0, 1].map(|k| fit.parameters.components()[k].rate());
    let share = |x: u64| {
        let odds = 0.3 / 0.7 * (b / a).powi(x as i32) * (a - b).exp();
        1.0 / (1.0 + odds)
    };
    let (n, sum) = CALLS.iter().fold((0.0, 0.0), |(n, s), &x| (n + share(x), s + share(x) * x as f64));
    assert!((a - sum / n).abs() < 1e-6, "{a} {}", sum / n);

    let held = chain().hold_initial().hold_transitions();
    let fit = Em::default().verify(true).fit(&held, &[CALLS.to_vec()]).unwrap();
    assert_eq!((fit.parameters.transitions().row(1), fit.free_parameters), (&[0.1, 0.9][..], Some(2)));
    assert_eq!(fit.parameters.from_vector(&fit.parameters.to_vector()).unwrap().transitions().row(0), [0.9, 0.1]);
    // Random starts keep them too.
    let fit = Em::default().restarts(3).fit(&held, &[CALLS.to_vec()]).unwrap();
    assert_eq!(fit.parameters.transitions().row(0), [0.9, 0.1]);
}

#[test]
fn priors_of_the_wrong_length_or_without_a_mode_are_refused() {
    let wrong = counts().proportions_prior(dirichlet(&[1.0, 1.0, 1.0])).unwrap_err();
    assert!(matches!(wrong, Error::Dimension { expected: 2, found: 3, .. }), "{wrong}");
    let wrong = counts().proportions_prior(dirichlet(&[0.5, 1.0])).unwrap_err().to_string();
    assert!(wrong.contains("a concentration of a prior = 0.5 is not in [1, ∞)"), "{wrong}");
    let wrong = chain().transition_priors(vec![dirichlet(&[2.0, 2.0])]).unwrap_err();
    assert!(matches!(wrong, Error::Dimension { expected: 2, found: 1, .. }), "{wrong}");
    let wrong = chain().initial_prior(dirichlet(&[2.0, 2.0, 2.0])).unwrap_err();
    assert!(matches!(wrong, Error::Dimension { expected: 2, found: 3, .. }), "{wrong}");
    let narrow = InverseWishart::new(3.0, vec![1.0]).unwrap();
    let wrong = WithPrior::new(MultivariateNormal::standard(2), narrow.clone()).unwrap_err();
    assert!(matches!(wrong, Error::Dimension { expected: 2, found: 1, .. }), "{wrong}");
    let wrong = NormalInverseWishart::new(vec![0.0, 1.0], 1.0, narrow).unwrap_err();
    assert!(matches!(wrong, Error::Dimension { expected: 1, found: 2, .. }), "{wrong}");
    assert!(Imagined::<f64>::new(Vec::new(), 1.0).is_err() && Imagined::new(vec![1.0], -1.0).is_err());
    let gamma = || Gamma::new(1.0, 1.0).unwrap();
    let outside = WithPrior::new(gamma(), Imagined::new(vec![1.0, -2.0], 1.0).unwrap()).unwrap_err();
    assert!(matches!(outside, Error::Impossible { row: 1, .. }), "{outside}");
    // One value has no spread: the density of such a prior has no bound.
    assert!(WithPrior::new(Normal::standard(), Imagined::new(vec![1.0], 1.0).unwrap()).is_err());
}

#[test]
fn the_mode_of_a_normal_in_the_plane_is_that_of_the_closed_form() {
    let rows = Table::from_values(vec![1.0, 2.0, 3.0, 0.0, 2.0, 4.0], 2).unwrap(); // mean (2, 2), S = [2, −2; −2, 8]
    let wishart = InverseWishart::new(4.0, vec![3.0, 1.0, 1.0, 2.0]).unwrap();
    let fit = |d: MultivariateNormal| WithPrior::new(d, wishart.clone()).unwrap().fit(&rows).unwrap();
    let standard = || MultivariateNormal::standard(2);
    near(&fit(standard()).likelihood().covariance(), &[0.5, -0.1, -0.1, 1.0]); // (S + Λ) / (3 + 7)
    let diagonal = MultivariateNormal::diagonal(vec![0.0; 2], &[1.0; 2]).unwrap();
    near(&fit(diagonal).likelihood().covariance(), &[0.5, 0.0, 0.0, 1.0]);
    let spherical = MultivariateNormal::spherical(vec![0.0; 2], 1.0).unwrap();
    near(&fit(spherical).likelihood().covariance(), &[0.75, 0.0, 0.0, 0.75]);
    let both = NormalInverseWishart::new(vec![0.0, 4.0], 1.0, wishart.clone()).unwrap();
    let with_mean = WithPrior::new(standard(), both.clone()).unwrap();
    let fitted = with_mean.fit(&rows).unwrap();
    near(fitted.likelihood().mean(), &[1.5, 2.5]);
    // κN/(κ+N) = ¾, (x̄ − m)(x̄ − m)ᵀ = [4, −4; −4, 4].
    near(&fitted.likelihood().covariance(), &[8.0 / 11.0, -4.0 / 11.0, -4.0 / 11.0, 13.0 / 11.0]);
    // Nothing seen: the mode of the prior, and of the covariance alone about the old mean.
    let alone = with_mean.estimate(&with_mean.statistics()).unwrap();
    near(alone.likelihood().mean(), &[0.0, 4.0]);
    near(&alone.likelihood().covariance(), &[3.0 / 8.0, 1.0 / 8.0, 1.0 / 8.0, 2.0 / 8.0]);
    // ln prior differs between two θ as the two factors of its density do.
    let at = |mean: [f64; 2], s: &[f64]| MultivariateNormal::new(mean.to_vec(), s).unwrap();
    let (a, b) = (at([1.0, 0.0], &[2.0, 0.5, 0.5, 1.0]), at([-1.0, 2.0], &[1.0, 0.2, 0.2, 3.0]));
    let of_mean = |d: &MultivariateNormal| at([0.0, 4.0], &d.covariance()).log_density(d.mean());
    let log_prior = |d: &MultivariateNormal, with_mean: bool| {
        let of_covariance = WithPrior::new(d.clone(), wishart.clone()).unwrap();
        let of_both = WithPrior::new(d.clone(), both.clone()).unwrap();
        if with_mean { of_both.log_prior().unwrap() } else { of_covariance.log_prior().unwrap() }
    };
    let difference = log_prior(&b, true) - log_prior(&a, true);
    close(difference, log_prior(&b, false) - log_prior(&a, false) + of_mean(&b) - of_mean(&a));
    assert_eq!(fitted.free_parameters(), Some(5));
}

#[test]
fn the_logarithm_of_a_log_normal_has_the_prior_of_a_normal() {
    let spread = InverseGamma::new(2.0, 9.0).unwrap();
    let x = [1.0f64, 3.0, 8.0];
    let logs = x.map(f64::ln);
    let of = LogNormal::new(0.0, 1.0).unwrap();
    let same = |a: &LogNormal, b: &Normal| near(&a.to_vector(), &b.to_vector());
    let fitted = WithPrior::new(of, spread).unwrap().fit(&x).unwrap();
    let normal = WithPrior::new(Normal::standard(), spread).unwrap().fit(&logs).unwrap();
    same(fitted.likelihood(), normal.likelihood());
    let both = NormalInverseGamma::new(1.0, 2.0, spread).unwrap();
    let fitted = WithPrior::new(of, both).unwrap().fit(&x).unwrap();
    let normal = WithPrior::new(Normal::standard(), both).unwrap().fit(&logs).unwrap();
    same(fitted.likelihood(), normal.likelihood());
}

/// The estimate under imagined rows, against that from these rows beside the others.
fn as_if_seen<D: Estimate<Value = f64> + Parametric>(d: D, imagined: &[f64], seen: &[f64]) {
    let with_prior = WithPrior::new(d.clone(), Imagined::new(imagined.to_vec(), 1.0).unwrap()).unwrap();
    let fitted = with_prior.fit(seen).unwrap();
    let all = [imagined, seen].concat();
    let expected = d.fit(&all[..]).unwrap();
    for (a, b) in fitted.likelihood().to_vector().iter().zip(expected.to_vector()) {
        assert!((a - b).abs() <= 1e-9 * (1.0 + b.abs()), "{a} {b}");
    }
    let log_density: f64 = imagined.iter().map(|x| fitted.likelihood().log_density(x)).sum();
    assert!((fitted.log_prior().unwrap() - log_density).abs() <= 1e-9 * (1.0 + log_density.abs()));
}

#[test]
fn imagined_observations_count_as_seen_ones() {
    as_if_seen(Gamma::new(1.0, 1.0).unwrap(), &[2.0, 5.0], &[1.0, 3.0, 4.0]);
    as_if_seen(Beta::new(1.0, 1.0).unwrap(), &[0.2, 0.6], &[0.5, 0.3, 0.9]);
    as_if_seen(VonMises::new(0.0, 1.0).unwrap(), &[0.1, 0.9], &[-0.4, 0.2, 1.3]);
    as_if_seen(Normal::standard(), &[2.0, 5.0], &[1.0, 3.0, 4.0]);
}

#[test]
fn a_known_component_stays_and_the_others_are_those_of_their_shares() {
    let members = vec![MaybeFixed::fixed(rates()[0]), MaybeFixed::free(rates()[1])];
    let model = Mixture::new(vec![0.5, 0.5], members).unwrap();
    let fit = Em::default().verify(true).tolerance(1e-14).fit(&model, &CALLS[..]).unwrap();
    let [known, free] = [0, 1].map(|k| fit.parameters.components()[k].distribution().rate());
    assert_eq!((known, fit.free_parameters, fit.parameters.to_vector().len()), (2.0, Some(2), 2));
    assert!(fit.parameters.components()[0].is_fixed());
    // The free rate and the proportion solve their likelihood equations beside the known rate.
    let p = fit.parameters.proportions()[1];
    let share = |x: u64| 1.0 / (1.0 + (1.0 - p) / p * (2.0 / free).powi(x as i32) * (free - 2.0).exp());
    let (n, sum) = CALLS.iter().fold((0.0, 0.0), |(n, s), &x| (n + share(x), s + share(x) * x as f64));
    assert!((free - sum / n).abs() < 1e-6 && (p - n / 18.0).abs() < 1e-6, "{free} {p}");
    // Standard errors are those of what is free.
    let errors = StandardErrors::of(&model, &CALLS[..], &fit.parameters).unwrap();
    let of_rates: Vec<Option<f64>> = errors.parameters()[2..].iter().map(|p| p.standard_error).collect();
    assert!(of_rates[0].is_none_or(|error| error == 0.0) && of_rates[1].unwrap() > 0.3, "{of_rates:?}");
}

#[test]
fn a_mean_that_is_held_stays_while_the_spread_of_its_component_is_estimated() {
    let x = [-0.5, 0.25, 0.5, -1.0, 0.125, 9.0, 11.0, 10.5, 9.5];
    let members = vec![Normal::standard().hold_mean(), Normal::new(10.0, 1.0).unwrap()];
    let fit = Em::default().verify(true).fit(&Mixture::of(members).unwrap(), &x).unwrap();
    let noise = fit.parameters.components()[0];
    assert_eq!((noise.mean(), fit.free_parameters), (0.0, Some(4)));
    // As good as surely the first five are its rows.
    let variance = x[..5].iter().map(|x| x * x).sum::<f64>() / 5.0;
    assert!((noise.variance() - variance).abs() < 1e-6, "{}", noise.variance());
}
