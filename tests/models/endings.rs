//! What ends a whole fit: a token and the clock, in any run and in the midst of an E-step; and who looks on.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use marginal::data::{Batch, Dataset};
use marginal::em::{Acceleration, Cancel, FitError, Restart, Stopped};
use marginal::latent::{Evidence, LatentModel, Start, StartKind};
use marginal::prelude::*;
use marginal::rand::Rng;

/// A mixture that counts the batches of its E-steps, and cancels at one of them.
struct Cancelling {
    mixture: Mixture<Vec<Normal>>,
    cancel: Cancel,
    at: usize,
    batches: AtomicUsize,
}

impl Cancelling {
    fn new(at: usize) -> Self {
        let normals = [0.0, 1.0, 4.0].map(|mean| Normal::new(mean, 1.0).unwrap()).to_vec();
        Self { mixture: Mixture::of(normals).unwrap(), cancel: Cancel::new(), at, batches: AtomicUsize::new(0) }
    }
}

type Of = Mixture<Vec<Normal>>;

impl LatentModel for Cancelling {
    type Observation = f64;
    type Parameters = Of;
    type Statistics = <Of as LatentModel>::Statistics;

    fn statistics(&self, theta: &Of) -> Self::Statistics {
        self.mixture.statistics(theta)
    }
    fn e_step(&self, theta: &Of, batch: Batch<'_, f64>, s: &mut Self::Statistics) -> Result<Evidence, Error> {
        if self.batches.fetch_add(1, Ordering::Relaxed) == self.at {
            self.cancel.cancel();
        }
        self.mixture.e_step(theta, batch, s)
    }
    fn m_step(&self, theta: &Of, s: &Self::Statistics) -> Result<Of, Error> {
        self.mixture.m_step(theta, s)
    }
    fn expected_log_joint(&self, theta: &Of, s: &Self::Statistics) -> f64 {
        self.mixture.expected_log_joint(theta, s)
    }
}

impl Start for Cancelling {
    fn start<D: Dataset<f64> + ?Sized>(&self, data: &D, run: usize, rng: &mut dyn Rng) -> Result<Of, Error> {
        self.mixture.start_of_kind(StartKind::RandomRows, data, run, rng)
    }
}

/// Three batches at least.
fn rows() -> Vec<f64> {
    let row = |n: u32| f64::from(n * 7919 % 1000) / 1000.0 + if n % 3 == 0 { 3.0 } else { 0.0 };
    (0..2000).map(row).collect()
}

fn fit(model: &Cancelling, em: &Em) -> Result<Fit<Of>, FitError<Of>> {
    em.clone().cancel(&model.cancel).fit(model, &rows())
}

fn batches_of_a_pass() -> usize {
    let model = Cancelling::new(usize::MAX);
    Em::default().max_iterations(0).fit(&model, &rows()).unwrap();
    model.batches.into_inner()
}

#[test]
fn a_cancel_within_the_first_e_step_ends_it_there_and_tells_that_there_are_no_parameters() {
    let model = Cancelling::new(0);
    let failed = fit(&model, &Em::default().restarts(20)).unwrap_err();
    assert!(matches!(failed.cause, Error::NoParametersYet { .. }) && failed.last_good.is_none(), "{failed}");
    let said = Error::from(failed).to_string();
    assert!(said.starts_with("the fit was cancelled before the first E-step was done"), "{said}");
    // Other threads may have begun a batch of their own; with one thread nothing more is begun.
    assert!(model.batches.into_inner() < batches_of_a_pass());
}

#[test]
fn a_cancel_within_any_e_step_leaves_the_best_place_before_it() {
    let pass = batches_of_a_pass();
    assert!(pass > 2);
    for acceleration in [Acceleration::None, Acceleration::Extrapolation] {
        let em = Em::default().restarts(10).acceleration(acceleration).seed(4).tolerance(1e-13);
        let whole = fit(&Cancelling::new(usize::MAX), &em).unwrap();
        let mut stopped_early = 0;
        // In the first run, in paused ones, after the first round.
        for e_step in [1, 2, 7, 13, 40, 111, 300, 1000] {
            let model = Cancelling::new(e_step * pass + 1);
            let cut = fit(&model, &em).unwrap();
            if cut.stopped != Stopped::Cancelled {
                assert!(!model.cancel.is_cancelled(), "{e_step}");
                continue;
            }
            stopped_early += 1;
            let alone =
                Em::default().max_iterations(0).fit_from(&model.mixture, &rows(), cut.parameters.clone()).unwrap();
            assert_eq!(cut.objective, alone.objective, "{e_step}");
            assert_eq!(cut.objective, *cut.history.last().unwrap());
            assert_eq!((cut.history.len(), cut.steps.len()), (cut.steps.len(), cut.iterations() + 1 - cut.discarded));
            assert!(cut.restarts.len() <= whole.restarts.len() && cut.objective <= whole.objective);
            for run in &cut.restarts {
                let Restart::Ended { objective, .. } = run else { continue };
                assert!(*objective <= cut.objective);
            }
            // Nothing is begun once it is cancelled, but what other threads were about to do.
            let begun = model.batches.load(Ordering::Relaxed) - model.at;
            assert!(begun <= pass, "{e_step}: {begun} batches more");
        }
        assert!(stopped_early > 4, "{acceleration:?}: {stopped_early}");
    }
}

#[test]
fn the_clock_ends_all_runs_and_a_limit_of_nothing_leaves_no_parameters() {
    let model = Mixture::of([0.0, 4.0].map(|mean| Normal::new(mean, 1.0).unwrap()).to_vec()).unwrap();
    let endless = Em::default().tolerance(-1.0).max_iterations(usize::MAX).restarts(1000);
    let fit = endless.clone().time_limit(Duration::from_millis(30)).fit(&model, &rows()).unwrap();
    assert_eq!(fit.stopped, Stopped::TimeLimit);
    assert!(fit.restarts.len() < 1000);
    assert!(fit.to_string().contains("ended by the time limit before it was done"));
    let failed = endless.time_limit(Duration::ZERO).fit(&model, &rows()).unwrap_err();
    assert!(failed.to_string().starts_with("the time limit of 0 s passed before the first E-step"), "{failed}");
    // A limit beyond the end of time is none.
    let patient = Em::default().time_limit(Duration::MAX).fit(&model, &rows()).unwrap();
    assert_eq!(patient.stopped, Stopped::Converged);
}

#[test]
fn a_fit_that_is_done_in_time_has_the_bits_of_one_without_a_limit() {
    let model = Mixture::of([0.0, 4.0].map(|mean| Normal::new(mean, 1.0).unwrap()).to_vec()).unwrap();
    let em = Em::default().restarts(5);
    let plain = em.fit(&model, &rows()).unwrap();
    let limited = em.time_limit(Duration::from_secs(3600)).cancel(&Cancel::new()).fit(&model, &rows()).unwrap();
    assert_eq!(limited.history, plain.history);
    assert_eq!(limited.stopped, plain.stopped);
}

#[test]
fn the_observer_sees_the_parameters_of_each_objective_and_ends_its_run_alone() {
    let model = Mixture::of([0.0, 4.0].map(|mean| Normal::new(mean, 1.0).unwrap()).to_vec()).unwrap();
    let mut seen = Vec::new();
    let em = Em::default().restarts(3);
    let fit = em.fit_observed(&model, &rows(), |at, theta| {
        seen.push((at.restart, at.objective, theta.clone()));
        if at.restart == 0 && at.iteration >= 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let fit = fit.unwrap();
    assert!(matches!(fit.restarts[0], Restart::Ended { stopped: Stopped::Observer, .. }), "{:?}", fit.restarts);
    assert!(seen.iter().any(|(run, ..)| *run == 2));
    for (_, objective, theta) in seen.iter().step_by(5) {
        let there = Em::default().max_iterations(0).fit_from(&model, &rows(), theta.clone()).unwrap();
        assert_eq!(there.objective, *objective);
    }
    let mut last = None;
    let warm = Em::default().fit_from_observed(&model, &rows(), model.clone(), |at, theta| {
        last = Some((at.objective, theta.clone()));
        ControlFlow::Continue(())
    });
    let warm = warm.unwrap();
    assert_eq!(last, Some((warm.objective, warm.parameters)));
}
