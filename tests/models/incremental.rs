//! Incremental EM: F never falls, and is no more than ℓ.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::data::{Batch, Statistics};
use marginal::em::{Acceleration, Stopped};
use marginal::latent::{Climbs, Evidence, LatentModel};
use marginal::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;

fn normals(means: &[f64]) -> Mixture<Vec<Normal>> {
    Mixture::of(means.iter().map(|mean| Normal::new(*mean, 1.5).unwrap()).collect()).unwrap()
}

fn draws(n: usize, seed: u64) -> Vec<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..n).map(|_| normals(&[0.0, 4.0]).sample(&mut rng)).collect()
}

#[test]
fn one_block_is_em_and_its_bound_lags_by_half_a_step() {
    let (x, start) = (draws(700, 1), normals(&[-1.0, 2.0]));
    let em = Em::default().acceleration(Acceleration::None).max_iterations(6);
    let plain = em.fit_from(&start, &x, start.clone()).unwrap();
    let fit = em.fit_incrementally(&start, &x, start.clone(), 1).unwrap();
    assert_eq!((&fit.parameters, fit.log_likelihood), (&plain.parameters, plain.log_likelihood));
    assert_eq!((fit.history[0], fit.history.len()), (plain.history[0], 7));
    // F(q_t, θ_{t+1}) lies between ℓ(θ_t) and ℓ(θ_{t+1}).
    for t in 1..7 {
        assert!(fit.history[t] > plain.history[t - 1] && fit.history[t] < plain.history[t], "{t}");
    }
}

#[test]
fn the_bound_never_falls_and_meets_the_log_likelihood_at_the_end() {
    for (seed, blocks) in [(1, 2), (2, 7), (3, 40), (4, 200)] {
        let (x, start) = (draws(150, seed), normals(&[-1.0, 2.0]));
        let exact = Em::default().tolerance(0.0).fit_from(&start, &x, start.clone()).unwrap();
        let fit = Em::default().tolerance(0.0).fit_incrementally(&start, &x, start.clone(), blocks).unwrap();
        assert_eq!((fit.climbs, fit.stopped), (Climbs::EvidenceLowerBound, Stopped::Converged));
        assert!(fit.history.windows(2).all(|h| h[1] >= h[0] - 1e-10), "{blocks} blocks");
        assert!(fit.objective <= fit.log_likelihood + 1e-9 && fit.log_likelihood - fit.objective < 1e-6, "{blocks}");
        assert!((fit.log_likelihood - exact.log_likelihood).abs() < 1e-6, "{blocks} blocks");
        assert!(fit.steps.len() == fit.history.len() && fit.aic().is_none());
    }
}

#[test]
fn more_blocks_climb_further_in_a_pass_and_a_long_climb_loses_no_digits() {
    let (x, start) = (draws(2000, 6), normals(&[-1.0, 2.0]));
    let of = |blocks| {
        let em = Em::default().max_iterations(4);
        em.fit_incrementally(&start, &x, start.clone(), blocks).unwrap().log_likelihood
    };
    assert!(of(16) > of(4) && of(4) > of(1));
    let small = &x[..60];
    let long = Em::default().tolerance(-1.0).max_iterations(400);
    let fit = long.fit_incrementally(&start, small, start.clone(), 12).unwrap();
    let exact = Em::default().tolerance(0.0).fit_from(&start, small, start.clone()).unwrap();
    assert!((fit.objective - exact.objective).abs() < 1e-10, "{} {}", fit.objective, exact.objective);
}

#[test]
fn weights_priors_and_the_numbers_of_rows_are_kept() {
    use marginal::components::{Gaussians, InverseWishart};
    let table = Table::from_values(draws(400, 3), 1).unwrap();
    let weights: Vec<f64> = (0..400).map(|n| f64::from(n % 3)).collect();
    let data = Weighted::new(&table, &weights).unwrap();
    let bank = Gaussians::new(vec![MultivariateNormal::standard(1); 2]).unwrap();
    let bank = bank.prior(InverseWishart::new(20.0, vec![20.0]).unwrap());
    let start = Em::default().max_iterations(3).fit(&Mixture::of(bank).unwrap(), &data).unwrap().parameters;
    let exact = Em::default().tolerance(0.0).fit_from(&start, &data, start.clone()).unwrap();
    let fit = Em::default().tolerance(0.0).fit_incrementally(&start, &data, start.clone(), 9).unwrap();
    assert!((fit.objective - exact.objective).abs() < 1e-7 && fit.weight == exact.weight);

    let mut x = draws(1000, 1);
    x[703] = f64::NAN;
    let (em, start) = (Em::default(), normals(&[-1.0, 2.0]));
    let failed = em.fit_incrementally(&start, &x, start.clone(), 10).unwrap_err();
    assert!(failed.to_string().contains("row 703"), "{failed}");
    let failed = em.fit_incrementally(&start, &x[..700], start.clone(), 0).unwrap_err();
    assert!(failed.to_string().contains("the number of blocks = 0"), "{failed}");
    let centres = marginal::models::Centroids::new(Table::from_values(vec![0.0, 5.0], 1).unwrap()).unwrap();
    let failed = em.fit_incrementally(&KMeans::new(2), &table, centres, 4).unwrap_err();
    assert!(matches!(failed.cause, Error::NotMixable { .. }));
}

/// The 197 animals of Rao (1973), with a part that can be broken.
struct Linkage(Fault);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Nothing,
    StepTooLong,
    PosteriorIgnoresTheta,
    EvidenceTooSmallAtTheEnd,
}

impl LatentModel for Linkage {
    type Observation = usize;
    type Parameters = f64;
    type Statistics = [f64; 2];

    fn statistics(&self, _: &f64) -> [f64; 2] {
        [0.0; 2]
    }
    fn e_step(&self, &theta: &f64, batch: Batch<'_, usize>, s: &mut [f64; 2]) -> Result<Evidence, Error> {
        let mut evidence = Evidence::default();
        for (kind, weight) in batch.iter() {
            let share = if self.0 == Fault::PosteriorIgnoresTheta { 0.9 } else { theta / (2.0 + theta) };
            let (log_density, counts) = match kind {
                0 => (((2.0 + theta) / 4.0).ln(), [share, 0.0]),
                3 => ((theta / 4.0).ln(), [1.0, 0.0]),
                _ => (((1.0 - theta) / 4.0).ln(), [0.0, 1.0]),
            };
            let at_the_end = self.0 == Fault::EvidenceTooSmallAtTheEnd && batch.len() == 4;
            evidence.add(weight, if at_the_end { log_density - 0.01 } else { log_density });
            s.merge(&counts.map(|c| weight * c));
        }
        Ok(evidence)
    }
    fn m_step(&self, old: &f64, s: &[f64; 2]) -> Result<f64, Error> {
        let best = s[0] / (s[0] + s[1]);
        Ok(if self.0 == Fault::StepTooLong { old + 2.5 * (best - old) } else { best })
    }
    fn expected_log_joint(&self, theta: &f64, s: &[f64; 2]) -> f64 {
        s[0] * theta.ln() + s[1] * (1.0 - theta).ln()
    }
}

#[test]
fn what_breaks_the_bound_is_caught() {
    let animals = Weighted::new(&[0, 1, 2, 3], &[125.0, 18.0, 20.0, 34.0]).unwrap();
    let fit = |fault| Em::default().fit_incrementally(&Linkage(fault), &animals, 0.5, 4);
    assert!((fit(Fault::Nothing).unwrap().parameters - 0.626_821_497).abs() < 1e-6);
    for fault in [Fault::StepTooLong, Fault::PosteriorIgnoresTheta] {
        let failed = fit(fault).unwrap_err();
        assert!(matches!(failed.cause, Error::Fell { .. }), "{fault:?}: {failed}");
    }
    let failed = fit(Fault::EvidenceTooSmallAtTheEnd).unwrap_err();
    assert!(matches!(failed.cause, Error::LawBroken { law: "F(q, θ) ≤ ℓ(θ)", .. }), "{failed}");
}
