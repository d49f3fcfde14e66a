//! The driver: what it promises, and what it says when a model is wrong.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use marginal::data::{Batch, Statistics};
use marginal::em::Acceleration;
use marginal::em::{FitError, Stopped};
use marginal::latent::{Evidence, LatentModel};
use marginal::prelude::*;

/// A correct model whose M-step or E-step can be broken on purpose.
struct Linkage {
    wrong: Wrong,
}

#[derive(PartialEq)]
enum Wrong {
    Nothing,
    MStepFalls,
    PosteriorIgnoresTheta,
    NotANumber,
}

/// The 197 animals of Rao (1973).
const ANIMALS: [f64; 4] = [125.0, 18.0, 20.0, 34.0];

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
            let share = if self.wrong == Wrong::PosteriorIgnoresTheta { 0.9 } else { theta / (2.0 + theta) };
            let (log_density, counts) = match kind {
                0 => (((2.0 + theta) / 4.0).ln(), [share, 0.0]),
                3 => ((theta / 4.0).ln(), [1.0, 0.0]),
                _ => (((1.0 - theta) / 4.0).ln(), [0.0, 1.0]),
            };
            evidence.add(weight, log_density);
            s.merge(&counts.map(|c| weight * c));
        }
        Ok(evidence)
    }
    fn m_step(&self, old: &f64, s: &[f64; 2]) -> Result<f64, Error> {
        let best = s[0] / (s[0] + s[1]);
        Ok(match self.wrong {
            Wrong::MStepFalls => old - 2.0 * (best - old),
            Wrong::NotANumber => f64::NAN,
            _ => best,
        })
    }
    fn expected_log_joint(&self, theta: &f64, s: &[f64; 2]) -> f64 {
        s[0] * theta.ln() + s[1] * (1.0 - theta).ln()
    }
}

fn fit(em: &Em, wrong: Wrong) -> Result<Fit<f64>, FitError<f64>> {
    let kinds = [0, 1, 2, 3];
    em.fit_from(&Linkage { wrong }, &Weighted::new(&kinds, &ANIMALS).unwrap(), 0.5)
}

#[test]
fn the_animals_pass_through_the_published_iterates() {
    for (iterations, theta) in
        [(1, 0.608_247_422_680_412), (2, 0.624_321_050_369_27), (3, 0.626_488_879_079_667), (4, 0.626_777_322_347_31)]
    {
        let plain = Em::default().acceleration(Acceleration::None);
        let fit = fit(&plain.max_iterations(iterations), Wrong::Nothing).unwrap();
        assert!((fit.parameters - theta).abs() < 1e-14, "{iterations}: {}", fit.parameters);
        assert_eq!(fit.stopped, Stopped::IterationLimit);
    }
    let fit = fit(&Em::default().tolerance(0.0).verify(true), Wrong::Nothing).unwrap();
    assert!((fit.parameters - (15.0 + 53809f64.sqrt()) / 394.0).abs() < 1e-9);
    assert_eq!(fit.stopped, Stopped::Converged);
}

#[test]
fn a_fall_is_an_error_that_names_both_values_and_hands_back_the_last_good_fit() {
    let failed = fit(&Em::default(), Wrong::MStepFalls).unwrap_err();
    let Error::Fell { before, after, .. } = failed.cause else { panic!("{failed}") };
    assert!(after < before);
    let last = failed.last_good.unwrap();
    assert_eq!((last.parameters, last.objective, failed.iteration), (0.5, before, 1));
    assert_eq!(last.stopped, Stopped::Failed);
}

#[test]
fn verification_names_the_law_and_the_part() {
    let failed = fit(&Em::default().verify(true), Wrong::MStepFalls).unwrap_err().to_string();
    assert!(failed.contains("Q rises") && failed.contains("M-step"), "{failed}");
    let failed = fit(&Em::default().verify(true), Wrong::PosteriorIgnoresTheta).unwrap_err().to_string();
    assert!(failed.contains("EM inequality") && failed.contains("E-step"), "{failed}");
}

#[test]
fn a_nan_does_not_travel() {
    let failed = fit(&Em::default(), Wrong::NotANumber).unwrap_err();
    assert!(matches!(failed.cause, Error::NotANumber { .. }), "{failed}");
    assert_eq!(failed.last_good.unwrap().parameters, 0.5);
    assert!(Error::from(fit(&Em::default(), Wrong::NotANumber).unwrap_err()).to_string().starts_with("iteration 1"));
}

#[test]
fn the_observer_sees_each_objective_and_may_stop() {
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&seen);
    let em = Em::default().observer(move |progress| {
        counter.fetch_add(1, Ordering::Relaxed);
        if progress.iteration == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let fit = fit(&em, Wrong::Nothing).unwrap();
    assert_eq!((fit.stopped, fit.iterations(), seen.load(Ordering::Relaxed)), (Stopped::Observer, 2, 3));
}

fn two_hills() -> Vec<f64> {
    let mixture = Mixture::of(vec![Normal::new(0.0, 1.0).unwrap(), Normal::new(4.0, 2.0).unwrap()]).unwrap();
    let mut rng = rand::rngs::Xoshiro256PlusPlus::seed_from_u64(3);
    (0..5000).map(|_| mixture.sample(&mut rng)).collect()
}

#[test]
fn restarts_start_elsewhere_and_the_best_is_kept() {
    let model = Mixture::of(vec![Normal::new(0.0, 1.0).unwrap(), Normal::new(3.0, 1.0).unwrap()]).unwrap();
    let fit = Em::default().max_iterations(3).restarts(4).seed(9).fit(&model, &two_hills()).unwrap();
    let objectives: Vec<f64> = fit
        .restarts
        .iter()
        .map(|run| if let marginal::em::Restart::Ended { objective, .. } = run { *objective } else { f64::NAN })
        .collect();
    assert_eq!(objectives.len(), 4);
    assert!((1..4).all(|r| objectives[r] != objectives[0] && objectives[r] != objectives[r % 3 + 1]), "{objectives:?}");
    assert_eq!(fit.objective, objectives.iter().copied().fold(f64::NEG_INFINITY, f64::max));
}

#[test]
fn the_same_seed_gives_the_same_bits_on_one_two_and_three_threads() {
    let data = two_hills();
    let model = Mixture::of(vec![Normal::new(0.0, 1.0).unwrap(), Normal::new(3.0, 1.0).unwrap()]).unwrap();
    let fits = [1, 2, 3].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| Em::default().restarts(2).seed(4).fit(&model, &data).unwrap())
    });
    for fit in &fits[1..] {
        let bits = |fit: &Fit<Mixture<Vec<Normal>>>| -> Vec<u64> { fit.history.iter().map(|x| x.to_bits()).collect() };
        assert_eq!(bits(fit), bits(&fits[0]));
        assert_eq!(fit.parameters, fits[0].parameters);
    }
}

#[test]
fn impossible_observations_are_named_and_absent_ones_are_not_looked_at() {
    let model = Mixture::of(vec![Normal::standard(), Normal::new(3.0, 1.0).unwrap()]).unwrap();
    let failed = Em::default().fit(&model, &[1.0, 2.0, f64::NAN]).unwrap_err();
    assert!(matches!(failed.cause, Error::Impossible { row: 2, .. }), "{failed}");
    let data = Weighted::new(&[1.0, 2.0, f64::NAN, 3.0, 0.5], &[1.0, 1.0, 0.0, 1.0, 1.0]);
    assert!(Em::default().max_iterations(2).fit(&model, &data.unwrap()).is_ok());
}
