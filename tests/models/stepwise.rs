//! Stepwise climbs: online, by mini-batches, and from draws of z.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::data::{Batch, Statistics};
use marginal::em::{StepSize, Stepwise};
use marginal::latent::{FiniteLatent, Impute, LatentModel};
use marginal::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;

fn normals(means: &[f64]) -> Mixture<Vec<Normal>> {
    Mixture::of(means.iter().map(|mean| Normal::new(*mean, 1.5).unwrap()).collect()).unwrap()
}

fn draws(truth: &Mixture<Vec<Normal>>, n: usize, seed: u64) -> Vec<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..n).map(|_| truth.sample(&mut rng)).collect()
}

fn means(theta: &Mixture<Vec<Normal>>) -> Vec<f64> {
    theta.components().iter().map(Normal::mean).collect()
}

#[test]
fn without_anything_hidden_step_1_over_n_is_the_running_mean() {
    let x = draws(&normals(&[3.0]), 500, 1);
    let mut em = Stepwise::new(normals(&[0.0]), normals(&[0.0])).step_sizes(StepSize::new(1.0, 0).unwrap());
    for (n, pair) in x.chunks(2).enumerate() {
        em.step(pair).unwrap();
        let seen = &x[..2 * (n + 1)];
        let mean = seen.iter().sum::<f64>() / seen.len() as f64;
        assert!((em.parameters().components()[0].mean() - mean).abs() < 1e-12 * (1.0 + mean.abs()));
    }
    assert_eq!((em.steps(), em.weight()), (250, 500.0));
}

#[test]
fn a_full_step_on_all_data_is_one_step_of_em_and_says_the_log_likelihood_before() {
    let (x, start) = (draws(&normals(&[0.0, 4.0]), 700, 2), normals(&[-1.0, 2.0]));
    let mut seen = Vec::new();
    let exact = Em::default().acceleration(marginal::em::Acceleration::None).max_iterations(5);
    let fit = exact
        .fit_from_observed(&start, &x, start.clone(), |_, theta| {
            seen.push(theta.clone());
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    let mut em = Stepwise::new(start.clone(), start).step_sizes(StepSize::new(0.0, 0).unwrap()).weighing(700.0);
    for (step, theta) in seen.iter().enumerate() {
        assert_eq!(em.parameters(), theta, "step {step}");
        em.step(&x).unwrap();
        assert_eq!(em.log_likelihood(), Some(fit.history[step]));
    }
}

#[test]
fn online_em_comes_to_the_truth_and_its_average_nearer() {
    let truth = normals(&[0.0, 7.0]);
    let (mut last, mut average, mut mle) = (0.0, 0.0, 0.0);
    for seed in 0..6 {
        let x = draws(&truth, 10_000, seed);
        let start = normals(&[-2.0, 5.0]);
        let mut em = Stepwise::new(start.clone(), start.clone()).first_m_step(5).average_after(100);
        x.chunks(20).for_each(|batch| em.step(batch).unwrap());
        let off = |theta: &Mixture<Vec<Normal>>| {
            means(theta).iter().zip([0.0, 7.0]).map(|(a, b)| (a - b).powi(2)).sum::<f64>()
        };
        last += off(em.parameters());
        average += off(&em.averaged().unwrap());
        mle += off(&Em::default().fit_from(&start, &x, start.clone()).unwrap().parameters);
    }
    assert!(average < last && average < 3.0 * mle, "{last}, {average}, {mle}");
}

#[test]
fn a_prior_weighs_against_all_that_was_seen() {
    use marginal::components::{Gaussians, InverseWishart};
    let bank = Gaussians::new(vec![MultivariateNormal::standard(1); 2]).unwrap();
    let bank = bank.prior(InverseWishart::new(50.0, vec![50.0]).unwrap());
    let table = Table::from_values(draws(&normals(&[0.0, 6.0]), 400, 3), 1).unwrap();
    let start = Em::default().max_iterations(3).fit(&Mixture::of(bank).unwrap(), &table).unwrap().parameters;
    let exact = Em::default().tolerance(0.0).fit_from(&start, &table, start.clone()).unwrap().parameters;
    let mut em = Stepwise::new(start.clone(), start.clone()).step_sizes(StepSize::new(0.2, 0).unwrap()).weighing(400.0);
    (0..200).for_each(|_| em.step(&table).unwrap());
    let variance = |theta: &Mixture<Gaussians>| theta.components()[0].covariance()[0];
    let off = variance(em.parameters()) - variance(&exact);
    assert!(off.abs() < 1e-6, "{off}");
    // Unsaid, 200 passes would weigh 200 times as much as the data.
    let mut em = Stepwise::new(start.clone(), start);
    (0..200).for_each(|_| em.step(&table).unwrap());
    assert!((variance(em.parameters()) - variance(&exact)).abs() > 1e-3);
}

#[test]
fn saem_ends_where_em_does_and_the_draws_depend_on_the_seed_alone() {
    let (x, start) = (draws(&normals(&[0.0, 6.0]), 300, 4), normals(&[-1.0, 2.0]));
    let exact = Em::default().fit_from(&start, &x, start.clone()).unwrap().parameters;
    let run = |seed: u64| {
        let sizes = StepSize::new(0.8, -30).unwrap();
        let mut em = Stepwise::imputing(start.clone(), start.clone(), seed).step_sizes(sizes).weighing(300.0);
        (0..300).for_each(|_| em.step(&x).unwrap());
        em.parameters().clone()
    };
    assert!(means(&run(1)).iter().zip(means(&exact)).all(|(a, b)| (a - b).abs() < 0.05));
    assert_ne!(run(1), run(2));
    let on_one_thread = rayon_of_one(|| run(1));
    assert_eq!(on_one_thread, run(1));
}

fn rayon_of_one<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(work)
}

/// Means over draws of z are the E-step's statistics, as near as √draws allows: of mixtures and of chains.
#[test]
fn draws_of_z_have_the_expectations_of_the_e_step() {
    let theta =
        Mixture::new(vec![0.3, 0.7], vec![Normal::new(0.0, 1.0).unwrap(), Normal::new(2.0, 1.0).unwrap()]).unwrap();
    let (x, weights) = ([0.3, 1.1, 2.4, 0.9, 1.6], [1.0, 2.0, 0.0, 0.5, 1.0]);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(6);
    let batch = Batch::new(&x[..], Some(&weights[..]), 0);
    let (mut drawn, mut expected) = (theta.nothing_seen(&theta), theta.nothing_seen(&theta));
    (0..5_000).for_each(|_| theta.impute(&theta, batch, &mut drawn, &mut rng).unwrap());
    theta.e_step(&theta, batch, &mut expected).unwrap();
    drawn.scale(1.0 / 5_000.0);
    assert!((drawn.weights[0] - expected.weights[0]).abs() < 0.06, "{drawn:?} {expected:?}");
    assert!((drawn.weights.iter().sum::<f64>() - 4.5).abs() < 1e-9);

    let chain = HiddenMarkovModel::new(&[0.6, 0.4], &[[0.8, 0.2], [0.3, 0.7]], theta.components().clone()).unwrap();
    // The last step is far from both states: its sums are logarithms.
    for last in [1.2, 90.0] {
        let sequences = [vec![0.1, 1.4, 2.2, -0.3, last]];
        let batch = Batch::new(&sequences[..], None, 0);
        let (mut drawn, mut expected) = (chain.nothing_seen(&chain), chain.nothing_seen(&chain));
        (0..5_000).for_each(|_| chain.impute(&chain, batch, &mut drawn, &mut rng).unwrap());
        chain.e_step(&chain, batch, &mut expected).unwrap();
        drawn.scale(1.0 / 5_000.0);
        let pairs = drawn.transitions.iter().zip(&expected.transitions);
        assert!(pairs.clone().all(|(a, b)| (a - b).abs() < 0.06), "{drawn:?} {expected:?}");
        assert!(drawn.initial.iter().zip(&expected.initial).all(|(a, b)| (a - b).abs() < 0.04));
    }
}

#[test]
fn a_step_that_fails_says_why_and_the_next_may_succeed() {
    let start = normals(&[0.0, 5.0]);
    let mut em = Stepwise::new(start.clone(), start.clone());
    // Nothing has changed after data that cannot be seen.
    assert!(matches!(em.step(&[f64::NAN][..]), Err(Error::Unbounded { .. } | Error::Impossible { .. })));
    assert!(matches!(em.step(&Vec::<f64>::new()), Err(Error::Empty)));
    assert_eq!((em.steps(), em.parameters()), (0, &start));
    // One observation has no variance.
    assert!(em.step(&[1.0][..]).unwrap_err().is_degenerate());
    assert_eq!((em.steps(), em.parameters()), (1, &start));
    em.step(&[0.0, 1.0, 4.0, 5.0, 6.0, 0.5][..]).unwrap();
    assert_ne!(em.parameters(), &start);
    // Sums about the old centres do not mix.
    let table = Table::from_values(vec![0.0, 1.0, 5.0, 6.0], 1).unwrap();
    let centres = marginal::models::Centroids::new(Table::from_values(vec![0.0, 5.0], 1).unwrap()).unwrap();
    let mut em = Stepwise::new(KMeans::new(2), centres);
    em.step(&table).unwrap();
    assert!(matches!(em.step(&table), Err(Error::NotMixable { .. })));
}

#[test]
fn wrong_draws_are_seen_by_the_law_of_expectations() {
    /// z by a coin that ignores x.
    struct Coin(Mixture<Vec<Normal>>);
    impl Impute for Coin {
        type Observation = f64;
        type Parameters = Mixture<Vec<Normal>>;
        type Statistics = <Mixture<Vec<Normal>> as LatentModel>::Statistics;
        fn nothing_seen(&self, theta: &Mixture<Vec<Normal>>) -> Self::Statistics {
            self.0.nothing_seen(theta)
        }
        fn impute(
            &self,
            _: &Mixture<Vec<Normal>>,
            batch: Batch<'_, f64>,
            s: &mut Self::Statistics,
            rng: &mut dyn Rng,
        ) -> Result<(), Error> {
            batch.iter().for_each(|(x, w)| FiniteLatent::observe(&self.0, s, x, usize::from(rng.random::<bool>()), w));
            Ok(())
        }
        fn maximise(&self, old: &Mixture<Vec<Normal>>, s: &Self::Statistics) -> Result<Mixture<Vec<Normal>>, Error> {
            self.0.m_step(old, s)
        }
    }
    let (x, start) = (draws(&normals(&[0.0, 4.0]), 300, 4), normals(&[-1.0, 2.0]));
    let exact = Em::default().fit_from(&start, &x, start.clone()).unwrap().parameters;
    let mut em = Stepwise::imputing(Coin(start.clone()), start, 1).step_sizes(StepSize::new(1.0, -30).unwrap());
    (0..200).for_each(|_| em.step(&x).unwrap());
    assert!(means(em.parameters()).iter().zip(means(&exact)).any(|(a, b)| (a - b).abs() > 0.5));
}
