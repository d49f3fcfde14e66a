//! Several starts: those that stand low when they are screened are given up, and it is said how many reached the best.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicIsize, Ordering};

use marginal::data::{Batch, Dataset, Statistics};
use marginal::em::{Acceleration, Restart};
use marginal::latent::{Evidence, LatentModel, Start};
use marginal::prelude::*;

fn iris() -> Table {
    Table::read_csv("data/iris.csv").unwrap()
}

fn ended(run: &Restart) -> bool {
    matches!(run, Restart::Ended { .. })
}

#[test]
fn the_best_quarter_of_a_round_goes_on_and_the_others_are_said_to_be_screened_out() {
    let (model, rows) = (GaussianMixture::new(3), iris());
    let em = Em::default().restarts(12).seed(1);
    let fit = em.clone().screen(8).fit(&model, &rows).unwrap();
    let all = em.clone().screen(usize::MAX).fit(&model, &rows).unwrap();
    // Two of the first eight, one of the other four.
    assert!(fit.restarts[..8].iter().filter(|run| ended(run)).count() <= 2, "{:?}", fit.restarts);
    assert!(fit.restarts[8..].iter().filter(|run| ended(run)).count() <= 1, "{:?}", fit.restarts);
    for (run, screened) in fit.restarts.iter().zip(&all.restarts) {
        match (run, screened) {
            // A run that went on is the run that it is without screening, to the bit.
            (Restart::Ended { objective, .. }, Restart::Ended { objective: unscreened, .. }) => {
                assert_eq!(objective.to_bits(), unscreened.to_bits());
            }
            (Restart::Screened { objective, iterations }, Restart::Ended { objective: unscreened, .. }) => {
                assert!([2, 8].contains(iterations) && objective < unscreened, "{run:?}");
            }
            (Restart::Screened { .. } | Restart::Failed { .. }, Restart::Failed { .. }) => {}
            (Restart::Joined { run }, _) => assert!(*run < 12),
            other => panic!("{other:?}"),
        }
    }
    assert!(all.restarts.iter().all(|run| matches!(run, Restart::Ended { .. } | Restart::Failed { .. })));
    // Another that reached the same optimum may end a few bits higher.
    assert!((all.objective - fit.objective).abs() < 1e-6, "{} and {}", all.objective, fit.objective);
    // A single run is never given up.
    let one = Em::default().screen(0).fit(&model, &rows).unwrap();
    assert!(matches!(one.restarts[..], [Restart::Ended { .. }]));
}

#[test]
fn it_is_told_how_many_reached_the_best_and_no_more_start_where_that_is_enough() {
    let data: Vec<f64> = (0..200).map(|n| f64::from(n % 2) * 8.0 + f64::from(n * 37 % 100) / 50.0).collect();
    let model = Mixture::of(vec![Normal::new(0.0, 1.0).unwrap(), Normal::new(3.0, 1.0).unwrap()]).unwrap();
    let fit = Em::default().restarts(5).screen(usize::MAX).fit(&model, &data).unwrap();
    assert_eq!(fit.reached(), 5, "{:?}", fit.restarts);
    assert!(fit.to_string().ends_with("; best of 5 starts, reached by 5"), "{fit}");
    let one = Em::default().fit(&model, &data).unwrap();
    assert!(!one.to_string().contains("best of"), "{one}");
    let fit = Em::default().restarts(100).enough(5).fit(&model, &data).unwrap();
    assert!(fit.restarts.len() == 8 && fit.reached() >= 5, "{:?}", fit.restarts);
    let fit = Em::default().restarts(12).seed(1).screen(8).fit(&GaussianMixture::new(3), &iris()).unwrap();
    let told = fit.summary_of_restarts();
    assert!(told.starts_with(&format!("best of 12 starts, reached by {} (", fit.reached())), "{told}");
    assert!(told.contains(" screened out"), "{told}");
}

#[test]
fn runs_that_stand_at_the_same_objective_count_as_one_and_reach_it_together() {
    // Every start is the same, and slow.
    let data: Vec<f64> = (0..300).map(|n| f64::from(n * 37 % 101) / 25.0 + f64::from(n % 3)).collect();
    let model = Mixture::of(vec![Normal::new(1.0, 1.0).unwrap(), Normal::new(2.0, 1.0).unwrap()]).unwrap();
    let em = Em::default().restarts(6).starts([StartKind::AsGiven]).screen(8);
    let fit = em.fit(&model, &data).unwrap();
    assert!(fit.iterations() > 8, "{fit}");
    assert!(matches!(fit.restarts[0], Restart::Ended { .. }), "{:?}", fit.restarts);
    assert!(fit.restarts[1..].iter().all(|run| matches!(run, Restart::Joined { run: 0 })), "{:?}", fit.restarts);
    assert_eq!(fit.reached(), 6);
}

#[test]
fn the_observer_sees_each_step_of_a_screened_run_once() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = std::sync::Arc::clone(&seen);
    let em = Em::default().restarts(8).seed(1).screen(12).observer(move |at| {
        log.lock().unwrap().push((at.restart, at.iteration));
        ControlFlow::Continue(())
    });
    let fit = em.fit(&GaussianMixture::new(3), &iris()).unwrap();
    let seen = seen.lock().unwrap();
    for (run, became) in fit.restarts.iter().enumerate() {
        let iterations: Vec<usize> = seen.iter().filter(|at| at.0 == run).map(|at| at.1).collect();
        // A jump that is not kept is an iteration that nobody sees.
        assert!(iterations[0] == 0 && iterations.is_sorted_by(|a, b| a < b), "run {run}: {iterations:?}");
        if let Restart::Screened { iterations: made, .. } = became {
            assert_eq!(iterations.last(), Some(made));
        }
    }
}

#[test]
fn screening_gives_the_same_bits_on_any_number_of_threads() {
    let fits = [1, 3].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| Em::default().restarts(10).seed(4).screen(8).fit(&GaussianMixture::new(3), &iris()).unwrap())
    });
    assert_eq!(format!("{:?}", fits[0].restarts), format!("{:?}", fits[1].restarts));
    assert_eq!(fits[0].history, fits[1].history);
}

static HELD: AtomicIsize = AtomicIsize::new(0);
static MOST: AtomicIsize = AtomicIsize::new(0);

/// Parameters that are counted while somebody holds them.
#[derive(Debug)]
struct Counted(f64);

impl Counted {
    fn new(x: f64) -> Self {
        MOST.fetch_max(HELD.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        Self(x)
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        Self::new(self.0)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        HELD.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Moves by half of the way to the mean at each step.
struct Slow;

impl LatentModel for Slow {
    type Observation = f64;
    type Parameters = Counted;
    type Statistics = [f64; 2];
    fn statistics(&self, _: &Counted) -> [f64; 2] {
        [0.0; 2]
    }
    fn e_step(&self, theta: &Counted, batch: Batch<'_, f64>, s: &mut [f64; 2]) -> Result<Evidence, Error> {
        let mut evidence = Evidence::default();
        for (x, weight) in batch.iter() {
            s.merge(&[weight, weight * x]);
            evidence.add(weight, -0.5 * (x - theta.0).powi(2));
        }
        Ok(evidence)
    }
    fn m_step(&self, old: &Counted, s: &[f64; 2]) -> Result<Counted, Error> {
        Ok(Counted::new(0.5 * (old.0 + s[1] / s[0])))
    }
    fn expected_log_joint(&self, theta: &Counted, s: &[f64; 2]) -> f64 {
        theta.0 * s[1] - 0.5 * s[0] * theta.0.powi(2)
    }
}

impl Start for Slow {
    fn start<D: Dataset<f64> + ?Sized>(&self, _: &D, _: usize, rng: &mut dyn Rng) -> Result<Counted, Error> {
        Ok(Counted::new(100.0 * rng.random::<f64>()))
    }
}

#[test]
fn no_more_than_a_round_of_runs_is_held() {
    // Where a run may jump, it also holds the parameters of its last four steps.
    let fit =
        Em::default().acceleration(Acceleration::None).restarts(200).screen(4).fit(&Slow, &[1.0, 2.0, 6.0]).unwrap();
    assert!((fit.parameters.0 - 3.0).abs() < 1e-4);
    assert_eq!(fit.restarts.iter().filter(|run| ended(run)).count(), 50);
    // Eight that paused, the next step of one, and the best so far.
    assert!(MOST.load(Ordering::SeqCst) <= 12, "{}", MOST.load(Ordering::SeqCst));
}
