//! Checkpoints: a fit that is cut off anywhere goes on to the same bits; a checkpoint of another fit is refused.
#![cfg(feature = "serde")]

use std::fmt::Debug;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use marginal::Error;
use marginal::components::Covariance;
use marginal::data::{Dataset, Table};
use marginal::distributions::{Distribution, Normal, NormalInverseGamma, Poisson, WithPrior};
use marginal::em::{Acceleration, Cancel, Em, Fit, Stopped};
use marginal::latent::Start;
use marginal::models::{GaussianMixture, HiddenMarkovModel, HiddenNetwork, KMeans, Mixture};
use marginal::network::{MISSING, Network, StateTable};
use marginal::rand::SeedableRng;
use marginal::rand::rngs::Xoshiro256PlusPlus;
use serde::Serialize;
use serde::de::DeserializeOwned;

fn path(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("checkpoints_{name}.json"));
    let _ = std::fs::remove_file(&path);
    path
}

/// The same driver, cut off after so many E-steps.
fn cut_off(em: &Em, e_steps: usize) -> Em {
    let (cancel, seen) = (Cancel::new(), Arc::new(AtomicUsize::new(0)));
    let token = cancel.clone();
    em.clone().cancel(&cancel).observer(move |_| {
        if seen.fetch_add(1, Ordering::Relaxed) + 1 >= e_steps {
            token.cancel();
        }
        ControlFlow::Continue(())
    })
}

fn json<P: Serialize>(fit: &Fit<P>) -> String {
    serde_json::to_string(fit).unwrap()
}

/// Cuts a fit off again and again, after more and more E-steps, and compares the end with that of a fit that was let be;
/// returns how often it was cut off.
fn resumes<M, D>(name: &str, em: &Em, model: &M, data: &D) -> usize
where
    M: Start<Parameters: Serialize + DeserializeOwned + Debug>,
    D: Dataset<M::Observation> + ?Sized,
{
    let whole = em.checkpoint(path(&format!("{name}_whole")), 7).fit(model, data).unwrap();
    let file = path(name);
    for cuts in 0.. {
        let cut = cut_off(em, 8 + cuts * 5).checkpoint(&file, 7).fit(model, data).unwrap();
        if cut.stopped != Stopped::Cancelled {
            assert_eq!(json(&cut), json(&whole), "{name}: after {cuts} cuts");
            // What is done stays done.
            assert_eq!(json(&em.checkpoint(&file, 7).fit(model, data).unwrap()), json(&whole), "{name}");
            return cuts;
        }
        assert!(cut.objective <= whole.objective || cut.restarts.len() <= whole.restarts.len());
    }
    unreachable!("it ends")
}

fn rows() -> Vec<f64> {
    let mixture = Mixture::of([0.0, 1.5, 4.0].map(|mean| Normal::new(mean, 1.0).unwrap()).to_vec()).unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    (0..600).map(|_| mixture.sample(&mut rng)).collect()
}

fn normals() -> Mixture<Vec<Normal>> {
    Mixture::of([0.0, 1.0, 4.0].map(|mean| Normal::new(mean, 1.0).unwrap()).to_vec()).unwrap()
}

#[test]
fn a_fit_that_is_cut_off_again_and_again_ends_with_the_bits_of_one_that_was_let_be() {
    let em = Em::default().restarts(10).seed(5).tolerance(1e-12).max_iterations(400);
    assert!(resumes("normals", &em, &normals(), &rows()) > 10);
    let plain = em.clone().acceleration(Acceleration::None).verify(true).enough(2);
    assert!(resumes("plain", &plain, &normals(), &rows()) > 10);
    let table = Table::from_values(rows(), 2).unwrap();
    let gaussians = GaussianMixture::new(3).covariance(Covariance::Tied).floor(0.01);
    assert!(resumes("gaussians", &em, &gaussians, &table) > 5);
    resumes("k_means", &em.clone().screen(8), &KMeans::new(4), &table);
    let sequences: Vec<Table> = rows().chunks(100).map(|rows| Table::from_values(rows.to_vec(), 1).unwrap()).collect();
    let states =
        [0.0, 3.0].map(|mean| marginal::distributions::MultivariateNormal::spherical(vec![mean], 1.0).unwrap());
    resumes("chain", &em, &HiddenMarkovModel::of(states.to_vec()).unwrap(), &sequences);
    let network = Network::builder()
        .root("class", &["a", "b"], [0.4, 0.6])
        .variable("x", &["0", "1"], &["class"], [0.9, 0.1, 0.3, 0.7])
        .variable("y", &["0", "1"], &["class"], [0.8, 0.2, 0.2, 0.8])
        .variable("z", &["0", "1"], &["class"], [0.7, 0.3, 0.1, 0.9])
        .build()
        .unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(8);
    let mut table = StateTable::new(&network);
    for _ in 0..300 {
        let mut row = network.sample(&mut rng);
        row[0] = MISSING;
        table.push(&row, 1.0).unwrap();
    }
    resumes("network", &em, &HiddenNetwork::new(&network), &table);
}

#[test]
fn a_warm_start_goes_on_too_and_another_start_is_refused() {
    let (em, file) = (Em::default().tolerance(1e-13), path("warm"));
    let whole = em.checkpoint(path("warm_whole"), 10).fit_from(&normals(), &rows(), normals()).unwrap();
    assert!(whole.iterations() > 25);
    let cut = cut_off(&em, 25).checkpoint(&file, 10).fit_from(&normals(), &rows(), normals()).unwrap();
    assert_eq!(cut.stopped, Stopped::Cancelled);
    let other = Mixture::of([0.0, 1.0, 5.0].map(|mean| Normal::new(mean, 1.0).unwrap()).to_vec()).unwrap();
    let refused = em.checkpoint(&file, 10).fit_from(&normals(), &rows(), other).unwrap_err();
    assert!(refused.to_string().contains("the start was"), "{refused}");
    let resumed = em.checkpoint(&file, 10).fit_from(&normals(), &rows(), normals()).unwrap();
    assert_eq!(json(&resumed), json(&whole));
}

#[test]
fn a_checkpoint_of_another_fit_is_refused_with_what_is_not_the_same() {
    let (em, file) = (Em::default().tolerance(1e-13).restarts(3), path("other"));
    cut_off(&em, 30).checkpoint(&file, 10).fit(&normals(), &rows()).unwrap();
    let saved = std::fs::read(&file).unwrap();
    #[track_caller]
    fn says<T>(refused: Result<T, marginal::em::FitError<impl Debug>>, expected: &str) {
        let Err(refused) = refused else { panic!("it was taken") };
        assert!(matches!(refused.cause, Error::Checkpoint { .. } | Error::File { .. }), "{refused}");
        assert!(refused.to_string().contains(expected), "{refused}");
    }
    let kept = |em: &Em| em.checkpoint(&file, 10);
    let mut fewer = rows();
    fewer.pop();
    says(kept(&em).fit(&normals(), &fewer), "number of observations was 600 and is now 599");
    let mut changed = rows();
    changed[17] += 0.01;
    says(
        kept(&em).fit(&normals(), &changed),
        "log-likelihood at its parameters, under these data and this model, was -",
    );
    says(kept(&em.clone().tolerance(1e-9)).fit(&normals(), &rows()), "tolerance was 1e-13 and is now 1e-9;");
    says(kept(&em.clone().seed(7)).fit(&normals(), &rows()), "seed was 0 and is now 7; remove its file to begin anew");
    says(kept(&em.clone().restarts(4)).fit(&normals(), &rows()), "number of starts was 3 and is now 4");
    says(em.checkpoint(&file, 11).fit(&normals(), &rows()), "checkpoint every was 10 and is now 11");
    let counts = Mixture::of(vec![Poisson::new(1.0).unwrap(), Poisson::new(5.0).unwrap()]).unwrap();
    says(kept(&em).fit(&counts, &vec![1u64; 600]), "the model was");
    assert_eq!(std::fs::read(&file).unwrap(), saved, "what is refused is not overwritten");
    // Cut short anywhere, or with a changed byte.
    for length in (1..saved.len()).step_by(97) {
        std::fs::write(&file, &saved[..length]).unwrap();
        says(kept(&em).fit(&normals(), &rows()), "remove the file to begin anew, or name another");
    }
    for at in (0..saved.len() - 1).step_by(101) {
        let mut changed = saved.clone();
        changed[at] ^= 1;
        std::fs::write(&file, &changed).unwrap();
        assert!(kept(&em).fit(&normals(), &rows()).is_err(), "byte {at}");
    }
    let version = String::from_utf8(saved).unwrap().replacen("\"version\":1", "\"version\":9", 1);
    std::fs::write(&file, version).unwrap();
    says(kept(&em).fit(&normals(), &rows()), "version of the format was 9 and is now 1");
}

#[test]
fn a_checkpoint_of_a_model_with_another_prior_is_refused_also_when_it_is_done() {
    let file = path("prior");
    let model = |strength| {
        let spread = marginal::distributions::InverseGamma::new(2.0, 1.0).unwrap();
        let prior = NormalInverseGamma::new(0.0, strength, spread).unwrap();
        let normals = [0.0, 4.0].map(|m| WithPrior::new(Normal::new(m, 1.0).unwrap(), prior).unwrap());
        Mixture::of(normals.to_vec()).unwrap()
    };
    let em = Em::default();
    cut_off(&em, 9).checkpoint(&file, 4).fit(&model(1.0), &rows()).unwrap();
    // The prior is part of these parameters, so the file brings its own: the same fit goes on.
    let done = em.checkpoint(&file, 4).fit(&model(1.0), &rows()).unwrap();
    assert_eq!(done.stopped, Stopped::Converged);
    let mut changed = rows();
    changed[3] -= 0.5;
    let refused = em.checkpoint(&file, 4).fit(&model(1.0), &changed).unwrap_err();
    assert!(matches!(refused.cause, Error::Checkpoint { .. }), "{refused}");
    // A floor is not seen in the log-likelihood.
    let table = Table::from_values(rows(), 1).unwrap();
    let file = path("floor");
    let floored = |em: &Em, floor: f64| {
        em.checkpoint(&file, 4).about(format!("floor {floor}")).fit(&GaussianMixture::new(2).floor(floor), &table)
    };
    floored(&cut_off(&em, 9), 0.0).unwrap();
    let refused = floored(&em, 0.5).unwrap_err();
    assert!(refused.to_string().contains("description was \"floor 0\" and is now \"floor 0.5\""), "{refused}");
    assert_eq!(floored(&em, 0.0).unwrap().stopped, Stopped::Converged);
}

#[test]
fn runs_that_failed_before_the_checkpoint_are_told_of_after_it() {
    // All rows are one, so every component collapses.
    let data = vec![1.0; 50];
    let em = Em::default().restarts(9);
    let whole = em.checkpoint(path("failing_whole"), 1).fit(&normals(), &data).unwrap_err();
    let file = path("failing");
    let resumed = em.checkpoint(&file, 1).fit(&normals(), &data).unwrap_err();
    assert_eq!(resumed.to_string(), whole.to_string());
    assert_eq!(resumed.cause.is_degenerate(), whole.cause.is_degenerate());
}
