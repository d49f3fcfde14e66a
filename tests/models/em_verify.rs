//! `verify`: what it must catch, and where it must be silent.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Debug;

use marginal::components::InverseWishart;
use marginal::data::{Batch, Dataset, Statistics};
use marginal::distributions::Moments;
use marginal::distributions::{Exponential, Gamma, Laplace, LogNormal};
use marginal::em::Restart;
use marginal::latent::{Evidence, FiniteLatent, LatentModel, Start};
use marginal::models::MixtureStatistics;
use marginal::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Nothing,
    PosteriorTempered,
    PosteriorIgnoresTheProportions,
    EvidenceIsTheLargestTerm,
}

/// A mixture of normals whose E-step can be broken on purpose.
struct Faulty {
    mixture: Mixture<Vec<Normal>>,
    fault: Fault,
}

impl FiniteLatent for Faulty {
    type Observation = f64;
    type Parameters = Mixture<Vec<Normal>>;
    type Statistics = MixtureStatistics<Vec<Moments>>;

    fn states(&self) -> usize {
        FiniteLatent::states(&self.mixture)
    }
    fn statistics(&self, theta: &Mixture<Vec<Normal>>) -> Self::Statistics {
        FiniteLatent::statistics(&self.mixture, theta)
    }
    fn log_joint(&self, theta: &Mixture<Vec<Normal>>, x: &f64, z: usize) -> f64 {
        self.mixture.log_joint(theta, x, z)
    }
    fn observe(&self, s: &mut Self::Statistics, x: &f64, z: usize, weight: f64) {
        FiniteLatent::observe(&self.mixture, s, x, z, weight);
    }
    fn estimate(&self, s: &Self::Statistics) -> Result<Mixture<Vec<Normal>>, Error> {
        FiniteLatent::estimate(&self.mixture, s)
    }
    fn complete_log_likelihood(&self, theta: &Mixture<Vec<Normal>>, s: &Self::Statistics) -> f64 {
        self.mixture.complete_log_likelihood(theta, s)
    }
    fn posterior(&self, theta: &Mixture<Vec<Normal>>, batch: Batch<'_, f64>) -> Result<(Vec<f64>, Vec<f64>), Error> {
        let (mut r, mut evidence) = self.mixture.posterior(theta, batch)?;
        let n = batch.len();
        for (i, evidence) in evidence.iter_mut().enumerate() {
            let of_row = |z: usize| z * n + i;
            let largest = (0..self.states()).map(|z| r[of_row(z)]).fold(0.0, f64::max);
            for z in 0..self.states() {
                let share = &mut r[of_row(z)];
                *share = match self.fault {
                    Fault::PosteriorTempered => share.powf(0.9),
                    Fault::PosteriorIgnoresTheProportions => *share / theta.proportions()[z],
                    _ => *share,
                };
            }
            if self.fault == Fault::EvidenceIsTheLargestTerm {
                *evidence += largest.ln();
            }
            let total: f64 = (0..self.states()).map(|z| r[of_row(z)]).sum();
            (0..self.states()).for_each(|z| r[of_row(z)] /= total);
        }
        Ok((r, evidence))
    }
}

fn normal(mean: f64, deviation: f64) -> Normal {
    Normal::new(mean, deviation).unwrap()
}

#[test]
fn every_wrong_e_step_is_caught_within_forty_steps_and_a_right_one_never() {
    for seed in 0..30 {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let distance = 1.0 + 0.1 * seed as f64;
        let truth = Mixture::new(vec![0.3, 0.7], vec![normal(0.0, 1.0), normal(distance, 0.7)]).unwrap();
        let data: Vec<f64> = (0..60).map(|_| truth.sample(&mut rng)).collect();
        let start = Mixture::new(vec![0.6, 0.4], vec![normal(-1.0, 1.0), normal(1.5, 1.5)]).unwrap();
        let fit = |fault| {
            let em = Em::default().verify(true).tolerance(0.0).max_iterations(300);
            em.fit_from(&Faulty { mixture: start.clone(), fault }, &data, start.clone())
        };
        assert!(fit(Fault::Nothing).is_ok(), "seed {seed}: {}", fit(Fault::Nothing).unwrap_err());
        for fault in [Fault::PosteriorTempered, Fault::PosteriorIgnoresTheProportions, Fault::EvidenceIsTheLargestTerm]
        {
            let failed = fit(fault).expect_err("a wrong E-step breaks a law");
            assert!(matches!(failed.cause, Error::LawBroken { .. }), "{fault:?}, seed {seed}: {failed}");
            assert!(failed.iteration <= 40, "{fault:?}, seed {seed}: {failed}");
            // The wrong evidence shows at once, beside the sum in logarithms.
            let law = if fault == Fault::EvidenceIsTheLargestTerm { "in logarithms" } else { "EM inequality" };
            assert!(failed.to_string().contains(law), "{fault:?}, seed {seed}: {failed}");
            assert!(failed.to_string().contains("suspect the E-step"), "{failed}");
        }
    }
}

/// EM to round-off from the given start: no law is broken, whatever else may end it.
fn assert_silent<M: LatentModel>(
    what: impl Debug,
    model: &M,
    data: &impl Dataset<M::Observation>,
    start: M::Parameters,
) {
    let em = Em::default().verify(true).tolerance(0.0).max_iterations(300);
    if let Err(failed) = em.fit_from(model, data, start) {
        let silent = !matches!(failed.cause, Error::LawBroken { .. } | Error::Fell { .. });
        assert!(silent, "{what:?}: {failed}");
    }
}

#[test]
fn climbing_to_round_off_on_ill_conditioned_covariances_raises_no_alarm() {
    for set in 0..60u64 {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(set);
        let (rows, columns) = (20 + (set as usize * 7) % 50, 2 + set as usize % 2);
        let values: Vec<f64> = (0..rows * columns)
            .map(|i| normal(if i / columns % 3 == 0 { 3.0 } else { 0.0 }, 1.0).sample(&mut rng))
            .collect();
        let table = Table::from_values(values, columns).unwrap();
        for seed in 0..5 {
            let em = Em::default().verify(true).tolerance(0.0).max_iterations(2000).seed(seed);
            match em.fit(&GaussianMixture::new(3), &table) {
                Err(failed) if !failed.cause.is_degenerate() => panic!("set {set}, seed {seed}: {failed}"),
                _ => (),
            }
        }
    }
}

#[test]
fn no_offset_of_the_data_raises_an_alarm() {
    for seed in 0..6 {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let hills = Mixture::of(vec![normal(0.0, 1.0), normal(4.0, 1.0)]).unwrap();
        let at_home: Vec<f64> = (0..200).map(|_| hills.sample(&mut rng)).collect();
        for offset in [1e2, 1e4, 1e6, 1e8, 1e10, 1e12] {
            let data: Vec<f64> = at_home.iter().map(|x| x + offset).collect();
            macro_rules! silent {
                ($name:literal, $($component:expr),+) => {
                    let mixture = Mixture::of(vec![$($component.unwrap()),+]).unwrap();
                    assert_silent(($name, offset, seed), &mixture, &data, mixture.clone());
                };
            }
            silent!("normal", Normal::new(offset - 1.0, 2.0), Normal::new(offset + 5.0, 1.0));
            silent!(
                "log-normal",
                LogNormal::new(offset.ln(), 1.0 / offset),
                LogNormal::new((offset + 5.0).ln(), 1.0 / offset)
            );
            silent!("laplace", Laplace::new(offset - 1.0, 2.0), Laplace::new(offset + 5.0, 1.0));
            // Its M-step is no maximum, so that nothing tells how far the rounding of its location moves Q.
            if offset <= 1e10 {
                silent!("student t", StudentT::new(offset - 1.0, 2.0, 4.0), StudentT::new(offset + 5.0, 1.0, 9.0));
            }
            silent!(
                "gamma",
                Gamma::new(offset * offset, offset),
                Gamma::new((offset + 5.0) * (offset + 5.0), offset + 5.0)
            );
            silent!("exponential", Exponential::new(1.0 / offset), Exponential::new(0.5 / offset));
            let counts: Vec<u64> = data.iter().map(|x| x.round() as u64).collect();
            let poisson =
                Mixture::of(vec![Poisson::new(offset).unwrap(), Poisson::new(offset + 9.0).unwrap()]).unwrap();
            assert_silent(("poisson", offset, seed), &poisson, &counts, poisson.clone());
        }
    }
}

#[test]
fn no_offset_of_the_rows_raises_an_alarm() {
    let at_home = Table::read_csv("data/faithful.csv").unwrap();
    for offset in [0.0, 1e4, 1e8, 1e11, 1e14] {
        let values = at_home.rows().values().iter().map(|x| x + offset).collect();
        let table = Table::from_values(values, 2).unwrap();
        for shape in [Covariance::Full, Covariance::Tied, Covariance::Diagonal, Covariance::Spherical] {
            let labels: Vec<usize> = at_home.column(1).iter().map(|x| usize::from(*x > 67.0)).collect();
            let model = GaussianMixture::new(2).covariance(shape);
            let Ok(start) = model.from_labels(&table, &labels) else { continue };
            assert_silent((shape, offset), &model, &table, start.clone());
            if offset <= 1e11 {
                assert_silent(("mixture", shape, offset), &start, &table, start.clone());
            }
        }
    }
}

#[test]
fn a_prior_that_dwarfs_the_likelihood_raises_no_alarm() {
    let table = Table::read_csv("data/faithful.csv").unwrap();
    let scale = vec![1e12, 0.0, 0.0, 1e12];
    let model = GaussianMixture::new(2).prior(InverseWishart::new(1e12, scale).unwrap());
    let labels: Vec<usize> = table.column(1).iter().map(|x| usize::from(*x > 67.0)).collect();
    let start = model.from_labels(&table, &labels).unwrap();
    assert_silent("prior", &model, &table, start);
}

#[test]
fn one_start_that_falls_does_not_end_the_others() {
    /// Its M-step goes the wrong way if it starts left of 0.
    struct Lame;
    impl LatentModel for Lame {
        type Observation = f64;
        type Parameters = (f64, bool);
        type Statistics = [f64; 2];
        fn statistics(&self, _: &(f64, bool)) -> [f64; 2] {
            [0.0; 2]
        }
        fn e_step(&self, theta: &(f64, bool), batch: Batch<'_, f64>, s: &mut [f64; 2]) -> Result<Evidence, Error> {
            let mut evidence = Evidence::default();
            for (x, weight) in batch.iter() {
                s.merge(&[weight, weight * x]);
                evidence.add(weight, -0.5 * (x - theta.0).powi(2));
            }
            Ok(evidence)
        }
        fn m_step(&self, old: &(f64, bool), s: &[f64; 2]) -> Result<(f64, bool), Error> {
            Ok((if old.1 { old.0 - 1.0 } else { s[1] / s[0] }, old.1))
        }
        fn expected_log_joint(&self, theta: &(f64, bool), s: &[f64; 2]) -> f64 {
            theta.0 * s[1] - 0.5 * s[0] * theta.0.powi(2)
        }
    }
    impl Start for Lame {
        fn start<D: Dataset<f64> + ?Sized>(&self, _: &D, run: usize, _: &mut dyn Rng) -> Result<(f64, bool), Error> {
            Ok((run as f64 - 5.0, run.is_multiple_of(2)))
        }
    }
    let data = [1.0, 2.0, 3.0];
    let fit = Em::default().restarts(4).fit(&Lame, &data).unwrap();
    assert_eq!(fit.parameters.0, 2.0);
    let fell: Vec<bool> = fit.restarts.iter().map(|run| matches!(run, Restart::Failed { .. })).collect();
    assert_eq!(fell, [true, false, true, false]);
    assert!(matches!(Em::default().fit(&Lame, &data).unwrap_err().cause, Error::Fell { .. }));
    assert!(matches!(
        Em::default().restarts(4).verify(true).fit(&Lame, &data).unwrap_err().cause,
        Error::LawBroken { .. }
    ));
}

#[test]
fn no_offset_of_a_sequence_raises_an_alarm() {
    for (offset, seed) in [0.0, 1e9, 1e10, 1e11, 1e12].into_iter().flat_map(|offset| (0..10).map(move |s| (offset, s)))
    {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mean = |t: usize| offset + if (t / 20).is_multiple_of(2) { -2.0 } else { 2.0 };
        let x: Vec<f64> = (0..300).map(|t| Normal::new(mean(t), 1.0).unwrap().sample(&mut rng)).collect();
        let emissions = [-1.0, 1.0].map(|side| Normal::new(offset + side, 1.0).unwrap());
        let fit = Em::default().verify(true).fit(&HiddenMarkovModel::of(emissions.to_vec()).unwrap(), &[x]);
        assert!(fit.is_ok(), "{offset:e}, seed {seed}: {}", fit.unwrap_err());
    }
}
