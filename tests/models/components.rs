//! p(x | z) as one object: what is tied, floored, shared, conditional or itself a mixture, in mixtures and in chains.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::tied_normals::{Prior, Tied};
use marginal::components::{Components, Gaussians, InverseWishart, Shared};
use marginal::conditionals::{ConditionalDistribution, EstimateConditional, Regressions};
use marginal::data::Dataset;
use marginal::distributions::Estimate;
use marginal::em::Acceleration;
use marginal::latent::Climbs;
use marginal::latent::Start;
use marginal::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;

fn near(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "{a} {b}");
}

fn all_near(a: &[f64], b: &[f64], tolerance: f64) {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).for_each(|(a, b)| near(*a, *b, tolerance));
}

fn normal(mean: [f64; 2], covariance: [f64; 4]) -> MultivariateNormal {
    MultivariateNormal::new(mean.to_vec(), &covariance).unwrap()
}

fn two_normals() -> Vec<MultivariateNormal> {
    vec![normal([0.0, 0.0], [1.0, 0.3, 0.3, 2.0]), normal([3.0, 1.0], [2.0, -0.5, -0.5, 1.0])]
}

/// Two sequences of rows that switch between two places.
fn sequences() -> Vec<Table> {
    let truth = HiddenMarkovModel::new(&[0.5, 0.5], &[[0.9, 0.1], [0.2, 0.8]], two_normals()).unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    [150, 90].map(|length| truth.sample(length, &mut rng).0).into()
}

/// The rows of all sequences.
fn rows() -> Table {
    Table::from_values(sequences().iter().flat_map(|table| table.rows().values().to_vec()).collect(), 2).unwrap()
}

fn verified<M: Start>(model: &M, data: &(impl Dataset<M::Observation> + ?Sized)) -> Fit<M::Parameters> {
    Em::default().verify(true).fit(model, data).map_err(Error::from).unwrap()
}

#[test]
fn a_chain_of_one_tied_normal_is_the_estimate_of_that_normal() {
    let expected = two_normals()[0].fit(&rows()).unwrap();
    let one = Gaussians::new(vec![two_normals()[0].clone()]).unwrap().covariance(Covariance::Tied);
    let fit = verified(&HiddenMarkovModel::of(one).unwrap(), &sequences()[..]);
    all_near(fit.parameters.emissions()[0].mean(), expected.mean(), 1e-12);
    all_near(&fit.parameters.emissions()[0].covariance(), &expected.covariance(), 1e-12);
    assert_eq!((fit.climbs, fit.free_parameters), (Climbs::LogLikelihood, Some(5)));
}

/// Under transitions that forget the state, each step is a row of a mixture.
#[test]
fn a_chain_without_memory_is_the_mixture() {
    for shape in [Covariance::Full, Covariance::Tied, Covariance::Diagonal, Covariance::Spherical] {
        let start: Vec<_> =
            two_normals().iter().map(|n| MultivariateNormal::spherical(n.mean().to_vec(), 1.5).unwrap()).collect();
        let bank = Gaussians::new(start).unwrap().covariance(shape).floor(0.05);
        let chain = HiddenMarkovModel::new(&[0.3, 0.7], &[[0.3, 0.7]; 2], bank.clone()).unwrap();
        let mixture = Mixture::new(vec![0.3, 0.7], bank).unwrap();
        let once = Em::default().max_iterations(1).tolerance(-1.0).verify(true);
        let (of_chain, of_mixture) =
            (once.fit(&chain, &sequences()[..]).unwrap(), once.fit(&mixture, &rows()).unwrap());
        near(of_chain.history[0], of_mixture.history[0], 1e-13);
        for (a, b) in of_chain.parameters.emissions().iter().zip(of_mixture.parameters.components()) {
            all_near(a.mean(), b.mean(), 1e-12);
            all_near(&a.covariance(), &b.covariance(), 1e-12);
        }
        let bics = [of_chain.free_parameters.unwrap() - 2, of_mixture.free_parameters.unwrap()];
        assert_eq!(bics[0], bics[1], "K first states and K² transitions have 3 free probabilities, K proportions 1");
    }
}

#[test]
fn a_tied_chain_keeps_one_covariance_and_more_shapes_fit_better() {
    let fit = |shape| {
        verified(
            &HiddenMarkovModel::of(Gaussians::new(two_normals()).unwrap().covariance(shape)).unwrap(),
            &sequences()[..],
        )
    };
    let tied = fit(Covariance::Tied);
    let [first, second] = &tied.parameters.emissions()[..] else { panic!("two states") };
    assert_eq!(first.covariance(), second.covariance());
    assert!(fit(Covariance::Full).objective > tied.objective);
    let each = verified(&HiddenMarkovModel::of(two_normals()).unwrap(), &sequences()[..]);
    near(fit(Covariance::Full).objective, each.objective, 1e-12);
}

#[test]
fn a_chain_with_floor_and_prior_climbs_the_penalised_likelihood() {
    let floored = Gaussians::new(two_normals()).unwrap().floor(1.5);
    let chain = HiddenMarkovModel::of(floored.clone()).unwrap();
    let start = Em::default().max_iterations(1).tolerance(-1.0).fit(&chain, &sequences()[..]).unwrap().parameters;
    let fit = Em::default().verify(true).fit_from(&chain, &sequences()[..], start).unwrap();
    let least = |normal: &MultivariateNormal| {
        let s = normal.covariance();
        let (half, square) = (0.5 * (s[0] + s[3]), (0.25 * (s[0] - s[3]).powi(2) + s[1] * s[1]).sqrt());
        half - square
    };
    fit.parameters.emissions().iter().for_each(|normal| near(least(normal), 1.5, 1e-9));

    let prior = InverseWishart::new(5.0, vec![2.0, 0.5, 0.5, 1.0]).unwrap();
    for shape in [Covariance::Full, Covariance::Tied] {
        let bank = Gaussians::new(two_normals()).unwrap().covariance(shape).prior(prior.clone());
        let fit = verified(&HiddenMarkovModel::of(bank).unwrap(), &sequences()[..]);
        assert_eq!(fit.climbs, Climbs::Penalised);
        assert!(fit.objective != fit.log_likelihood);
        let again = verified(&fit.parameters, &sequences()[..]);
        assert!(again.climbs == Climbs::Penalised && again.objective >= fit.objective - 1e-9 * fit.objective.abs());
    }
}

#[test]
fn what_a_gaussian_mixture_fits_is_its_own_model() {
    let prior = InverseWishart::new(5.0, vec![2.0, 0.5, 0.5, 1.0]).unwrap();
    let model = GaussianMixture::new(2).covariance(Covariance::Tied).floor(0.01).prior(prior);
    let short = Em::default().max_iterations(3).tolerance(-1.0).fit(&model, &rows()).unwrap();
    let further = verified(&short.parameters, &rows());
    let through = Em::default().fit(&model, &rows()).unwrap();
    assert_eq!((further.climbs, further.free_parameters), (through.climbs, through.free_parameters));
    near(further.objective, through.objective, 1e-9);
    // Without its prior it is no start of this model.
    let bare = Mixture::of(Gaussians::new(short.parameters.components().to_vec()).unwrap()).unwrap();
    let error = Em::default().fit_from(&short.parameters, &rows(), bare).unwrap_err().cause;
    assert!(matches!(error, Error::OtherShape { component: 0 }), "{error}");
}

#[test]
fn emissions_may_be_regressions() {
    let line = |a: f64, b: f64| LinearGaussian::<[f64]>::new(a, &[b], 0.5).unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(4);
    let states = HiddenMarkovModel::new(&[0.5, 0.5], &[[0.9, 0.1], [0.1, 0.9]], vec![Normal::standard(); 2]).unwrap();
    let (_, states) = states.sample(400, &mut rng);
    let row = |(t, z): (usize, &usize)| {
        let y = [(t * 7 % 11) as f64];
        [[line(1.0, 2.0), line(4.0, -1.0)][*z].sample(&y, &mut rng), y[0]]
    };
    let table = Table::from_values(states.iter().enumerate().flat_map(row).collect(), 2).unwrap();
    let bank = Regressions::new(vec![line(0.0, 1.5), line(3.0, -0.5)]).unwrap().response(0);
    let chain = HiddenMarkovModel::new(&[0.5, 0.5], &[[0.8, 0.2], [0.2, 0.8]], bank).unwrap();
    let fit = verified(&chain, &[table.clone()][..]);
    let found = fit.parameters.emissions();
    all_near(&[found[0].slopes()[0], found[1].slopes()[0]], &[2.0, -1.0], 0.02);
    let path = fit.parameters.most_probable(&table).unwrap().states;
    assert!(path.iter().zip(&states).filter(|(a, b)| a == b).count() > 390);
    assert_eq!(fit.free_parameters, Some(2 * 3 + 3));

    // One state is the regression.
    let one = HiddenMarkovModel::of(Regressions::new(vec![line(0.0, 0.0)]).unwrap().response(0)).unwrap();
    let fit = verified(&one, &[table.clone()][..]);
    let mut s = line(0.0, 0.0).statistics();
    table.rows().iter().for_each(|row| line(0.0, 0.0).observe(&mut s, &row[0], &row[1..], 1.0));
    let alone = line(0.0, 0.0).estimate(&s).unwrap();
    all_near(fit.parameters.emissions()[0].slopes(), alone.slopes(), 1e-12);
}

#[test]
fn states_that_share_an_emission_are_estimated_together() {
    let counts = vec![vec![0u64, 1, 9, 7, 1, 0, 2, 8, 11, 9, 1, 0, 1, 7, 8], vec![1, 0, 0, 6, 9, 10, 0, 2, 7, 12]];
    let poissons = |rates: &[f64]| rates.iter().map(|rate| Poisson::new(*rate).unwrap()).collect::<Vec<_>>();
    let twice = Shared::new(poissons(&[1.0, 8.0]), &[0, 1, 1]).unwrap();
    let transitions = [[0.7, 0.3, 0.0], [0.0, 0.0, 1.0], [0.5, 0.0, 0.5]];
    let fit = verified(&HiddenMarkovModel::new(&[1.0, 0.0, 0.0], &transitions, twice).unwrap(), &counts[..]);
    assert_eq!(fit.parameters.emissions().members().len(), 2);
    assert_eq!(fit.free_parameters, Some(2 + 2));

    // The statistics of both states are those of the member: the expected counts say what its rate is.
    let (mut weight, mut sum) = (0.0, 0.0);
    for sequence in &counts {
        let states = fit.parameters.responsibilities(sequence).unwrap();
        for (row, x) in states.rows().iter().zip(sequence) {
            weight += row[1] + row[2];
            sum += (row[1] + row[2]) * *x as f64;
        }
    }
    near(fit.parameters.emissions().members()[1].rate(), sum / weight, 1e-6);

    // One for all is its own estimate; one for each is the bank itself.
    let all = Shared::new(poissons(&[3.0]), &[0, 0, 0]).unwrap();
    let fit = Em::default().verify(true).fit_from(
        &HiddenMarkovModel::new(&[1.0, 0.0, 0.0], &transitions, all.clone()).unwrap(),
        &counts[..],
        HiddenMarkovModel::new(&[1.0, 0.0, 0.0], &transitions, all).unwrap(),
    );
    let flat: Vec<u64> = counts.concat();
    near(
        fit.unwrap().parameters.emissions().members()[0].rate(),
        flat.iter().sum::<u64>() as f64 / flat.len() as f64,
        1e-12,
    );
    let own = poissons(&[1.0, 5.0, 9.0]);
    let [a, b] = [
        verified(&HiddenMarkovModel::new(&[1.0, 0.0, 0.0], &transitions, own.clone()).unwrap(), &counts[..]).objective,
        verified(
            &HiddenMarkovModel::new(&[1.0, 0.0, 0.0], &transitions, Shared::new(own, &[0, 1, 2]).unwrap()).unwrap(),
            &counts[..],
        )
        .objective,
    ];
    assert_eq!(a.to_bits(), b.to_bits());
    assert!(matches!(Shared::new(poissons(&[1.0]), &[0, 1]), Err(Error::Parameter { value: 1.0, .. })));
    assert!(matches!(Shared::new(poissons(&[1.0, 2.0]), &[0, 0]), Err(Error::Dimension { expected: 2, found: 1, .. })));
}

/// Numbers in four heaps, the heaps in two pairs.
fn heaps() -> Vec<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
    let normal = |mean| Normal::new(mean, 0.5).unwrap();
    (0..400).map(|n| normal([0.0, 2.5, 10.0, 12.0][n % 4]).sample(&mut rng)).collect()
}

fn pair(p: f64, means: [f64; 2]) -> Mixture<Vec<Normal>> {
    Mixture::new(vec![p, 1.0 - p], means.map(|mean| Normal::new(mean, 1.0).unwrap()).to_vec()).unwrap()
}

/// A mixture of mixtures is the mixture of all their components, and so is each step of EM.
#[test]
fn a_mixture_of_mixtures_takes_the_steps_of_the_flat_one() {
    let nested = Mixture::new(vec![0.4, 0.6], vec![pair(0.25, [-1.0, 3.0]), pair(0.5, [9.0, 13.0])]).unwrap();
    let all: Vec<Normal> = nested.components().iter().flat_map(|inner| inner.components().clone()).collect();
    let flat = Mixture::new(vec![0.1, 0.3, 0.3, 0.3], all).unwrap();
    for steps in [1, 2, 10] {
        let em = Em::default().acceleration(Acceleration::None).max_iterations(steps).tolerance(-1.0).verify(true);
        let (of_nested, of_flat) = (em.fit(&nested, &heaps()).unwrap(), em.fit(&flat, &heaps()).unwrap());
        all_near(&of_nested.history, &of_flat.history, 1e-12);
        let outer = &of_nested.parameters;
        for (k, normal) in of_flat.parameters.components().iter().enumerate() {
            let inner = &outer.components()[k / 2];
            near(inner.components()[k % 2].mean(), normal.mean(), 1e-10);
            near(outer.proportions()[k / 2] * inner.proportions()[k % 2], of_flat.parameters.proportions()[k], 1e-10);
        }
    }
    let fit = verified(&nested, &heaps());
    assert_eq!(fit.free_parameters, Some(1 + 2 * (1 + 4)));
    // By itself a mixture is estimated by all steps of EM.
    let em = Em::default().fit(&flat, &heaps()).unwrap().parameters;
    assert_eq!(Estimate::fit(&flat, &heaps()).unwrap(), em);
}

#[test]
fn emissions_may_be_mixtures() {
    let inner = |means: [f64; 2]| pair(0.5, means);
    let truth =
        HiddenMarkovModel::new(&[1.0, 0.0], &[[0.9, 0.1], [0.1, 0.9]], vec![inner([0.0, 5.0]), inner([10.0, 14.0])])
            .unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(6);
    let (sequence, states) = truth.sample(600, &mut rng);
    let start = HiddenMarkovModel::of(vec![inner([-1.0, 6.0]), inner([9.0, 15.0])]).unwrap();
    let fit = verified(&start, &[sequence.clone()][..]);
    let best = verified(&truth, &[sequence.clone()][..]);
    near(fit.objective, best.objective, 1e-8);
    let path = fit.parameters.most_probable(&sequence).unwrap().states;
    assert!(path.iter().zip(&states).filter(|(a, b)| a == b).count() > 590);
    // What is unsure within a state is no part of the entropy of the paths.
    let entropy = fit.parameters.path_entropy(&[sequence.clone()][..]).unwrap();
    let responsibilities = fit.parameters.responsibilities(&sequence).unwrap();
    let of_steps: f64 = responsibilities.rows().values().iter().filter(|r| **r > 0.0).map(|r| -r * r.ln()).sum();
    assert!(entropy <= of_steps + 1e-6, "{entropy} {of_steps}");

    // In one state it is the mixture.
    let one = verified(&HiddenMarkovModel::of(vec![pair(0.25, [-1.0, 11.0])]).unwrap(), &[sequence.clone()][..]);
    let alone = verified(&pair(0.25, [-1.0, 11.0]), &sequence);
    near(one.objective, alone.objective, 1e-9);
}

#[test]
fn mixtures_and_chains_may_be_held_by_a_product_and_a_prior_travels_through_them() {
    let prior = InverseWishart::new(5.0, vec![2.0, 0.5, 0.5, 1.0]).unwrap();
    let bank = |shift: f64| {
        let members =
            two_normals().iter().map(|n| normal([n.mean()[0] + shift, n.mean()[1]], [1.0, 0.0, 0.0, 1.0])).collect();
        Mixture::of(Gaussians::new(members).unwrap().prior(prior.clone())).unwrap()
    };
    let fit = verified(&HiddenMarkovModel::of(vec![bank(0.0), bank(0.5)]).unwrap(), &sequences()[..]);
    assert_eq!(fit.climbs, Climbs::Penalised);
}

/// A bank of one's own: members with one variance, which has a prior.
#[test]
fn a_bank_of_ones_own_serves_a_mixture_and_a_chain() {
    let numbers = heaps();
    let bank = Tied { means: vec![1.0, 11.0], variance: 4.0, prior: Some(Prior { weight: 3.0, sum: 2.0 }) };
    let fit = verified(&Mixture::of(bank.clone()).unwrap(), &numbers);
    assert_eq!((fit.climbs, fit.free_parameters), (Climbs::Penalised, Some(4)));
    let chain = verified(&HiddenMarkovModel::of(bank).unwrap(), &[numbers.clone()][..]);
    assert_eq!(chain.climbs, Climbs::Penalised);

    // Without a prior it is the bank of ours in one column.
    let own = Tied { means: vec![1.0, 11.0], variance: 4.0, prior: None };
    let ours = own.means.iter().map(|m| MultivariateNormal::new(vec![*m], &[4.0]).unwrap()).collect();
    let ours = Gaussians::new(ours).unwrap().covariance(Covariance::Tied);
    let table = Table::from_values(numbers.clone(), 1).unwrap();
    let [a, b] = [
        verified(&Mixture::of(own.clone()).unwrap(), &numbers).objective,
        verified(&Mixture::of(ours.clone()).unwrap(), &table).objective,
    ];
    near(a, b, 1e-9);
    let [a, b] = [
        verified(&HiddenMarkovModel::of(own).unwrap(), &[numbers][..]).objective,
        verified(&HiddenMarkovModel::of(ours).unwrap(), &[table][..]).objective,
    ];
    near(a, b, 1e-9);
}

/// Of a state that no sequence visits nothing is known, but what it shares.
#[test]
fn a_member_that_is_not_seen_keeps_what_is_its_own() {
    let bank = Gaussians::new(two_normals()).unwrap();
    let mut s = bank.empty_statistics();
    let table = rows();
    (0..40).for_each(|n| bank.observe_given(&mut s, table.row(n), 0, 1.0));
    let seen = [true, false];
    assert_eq!(bank.estimate_together(&s, &seen).unwrap()[1], two_normals()[1]);
    let tied = bank.clone().covariance(Covariance::Tied).estimate_together(&s, &seen).unwrap();
    assert_eq!(tied[1].mean(), two_normals()[1].mean());
    assert_eq!(tied[1].covariance(), tied[0].covariance());
    // With a prior, Σ goes where the prior alone has its mode, Λ / (ν + D + 1).
    let prior = InverseWishart::new(5.0, vec![2.0, 0.5, 0.5, 1.0]).unwrap();
    let penalised = bank.clone().prior(prior).estimate_together(&s, &seen).unwrap();
    all_near(&penalised[1].covariance(), &[0.25, 0.0625, 0.0625, 0.125], 1e-12);
    // That it is said to be seen, and has no weight, is an error that names it.
    let error = bank.estimate_together(&s, &[true, true]).unwrap_err();
    assert!(matches!(error, Error::Component { component: 1, .. }), "{error}");
}
