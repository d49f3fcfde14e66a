//! Other posteriors: at a power β, on the most probable z alone, and annealed from low powers to 1.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::data::{Batch, Statistics};
use marginal::em::{Annealing, Tempered};
use marginal::latent::{Climbs, Evidence, FiniteLatent, LatentModel, Temper};
use marginal::models::EmptyCluster;
use marginal::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;

const POWERS: [f64; 6] = [0.2, 0.5, 1.0, 2.0, 5.0, f64::INFINITY];

fn normals(means: &[f64]) -> Mixture<Vec<Normal>> {
    Mixture::of(means.iter().map(|mean| Normal::new(*mean, 1.5).unwrap()).collect()).unwrap()
}

fn draws(truth: &Mixture<Vec<Normal>>, n: usize, seed: u64) -> Vec<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..n).map(|_| truth.sample(&mut rng)).collect()
}

/// K normals of variance 1 and proportion 1/K; θ is their means.
struct Centres(usize);

impl FiniteLatent for Centres {
    type Observation = f64;
    type Parameters = Vec<f64>;
    type Statistics = Vec<[f64; 3]>;

    fn states(&self) -> usize {
        self.0
    }
    fn statistics(&self, _: &Vec<f64>) -> Vec<[f64; 3]> {
        vec![[0.0; 3]; self.0]
    }
    fn log_joint(&self, means: &Vec<f64>, x: &f64, z: usize) -> f64 {
        -0.5 * (x - means[z]).powi(2)
    }
    fn observe(&self, s: &mut Vec<[f64; 3]>, x: &f64, z: usize, weight: f64) {
        s[z].merge(&[weight, weight * x, weight * x * x]);
    }
    fn estimate(&self, s: &Vec<[f64; 3]>) -> Result<Vec<f64>, Error> {
        s.iter().map(|[w, x, _]| if *w > 0.0 { Ok(x / w) } else { Err(Error::NoWeight { weight: *w }) }).collect()
    }
    fn complete_log_likelihood(&self, means: &Vec<f64>, s: &Vec<[f64; 3]>) -> f64 {
        s.iter().zip(means).map(|([w, x, xx], m)| -0.5 * (xx - 2.0 * m * x + w * m * m)).sum()
    }
}

#[test]
fn hard_em_of_equal_normals_is_k_means() {
    let x = draws(&normals(&[0.0, 4.0, 9.0]), 400, 3);
    let start = vec![-1.0, 0.5, 6.0];
    let hard = Em::default().verify(true).fit_from(&Tempered::hard(Centres(3)), &x, start.clone()).unwrap();
    let table = Table::from_values(x, 1).unwrap();
    let centres = marginal::models::Centroids::new(Table::from_values(start, 1).unwrap()).unwrap();
    let clusters = KMeans::new(3).empty_cluster(EmptyCluster::Keep);
    let lloyd = Em::default().fit_from(&clusters, &table, centres).unwrap();
    assert_eq!((hard.climbs, hard.history.len()), (Climbs::Classification, lloyd.history.len()));
    assert!(hard.history.iter().zip(&lloyd.history).all(|(a, b)| (a - b).abs() < 1e-10 * b.abs()));
    assert!(hard.parameters.iter().zip(lloyd.parameters.centres().values()).all(|(a, b)| (a - b).abs() < 1e-12));
}

#[test]
fn at_every_power_the_free_energy_climbs_and_breaks_no_law() {
    for seed in 0..8 {
        let x = draws(&normals(&[0.0, 3.0]), 150, seed);
        let start = normals(&[-1.0, 1.0]);
        for power in POWERS {
            let model = Tempered::new(start.clone(), power).unwrap();
            let em = Em::default().verify(true).max_iterations(200);
            match em.fit_from(&model, &x, start.clone()) {
                Ok(fit) => {
                    assert!(fit.history.windows(2).all(|h| h[1] >= h[0] - 1e-11 * h[0].abs()), "{power}, seed {seed}");
                }
                Err(failed) => assert!(failed.cause.is_degenerate(), "{power}, seed {seed}: {failed}"),
            }
        }
    }
}

#[test]
fn power_one_is_the_model_and_the_objective_falls_as_the_power_grows() {
    let x = draws(&normals(&[0.0, 3.0]), 150, 1);
    let start = normals(&[-1.0, 1.0]);
    let plain = Em::default().fit_from(&start, &x, start.clone()).unwrap();
    let at_one = Em::default().fit_from(&Tempered::new(start.clone(), 1.0).unwrap(), &x, start.clone()).unwrap();
    assert_eq!((plain.parameters, plain.history), (at_one.parameters, at_one.history));
    let objectives = POWERS.map(|power| {
        let em = Em::default().max_iterations(0);
        em.fit_from(&Tempered::new(start.clone(), power).unwrap(), &x, start.clone()).unwrap().objective
    });
    assert!(objectives.windows(2).all(|pair| pair[1] < pair[0]), "{objectives:?}");
    for wrong in [0.0, -1.0, f64::NAN] {
        assert!(matches!(Tempered::new(start.clone(), wrong), Err(Error::Parameter { .. })));
    }
}

/// An E-step at a power, broken on purpose.
#[derive(Clone, Copy, Debug)]
enum Fault {
    PosteriorAtPowerOne,
    ObjectiveAtPowerOne,
    ObjectiveNotDivided,
    SecondBest,
}

struct Faulty(Mixture<Vec<Normal>>, Fault);

type OfMixture = <Mixture<Vec<Normal>> as LatentModel>::Statistics;

impl LatentModel for Faulty {
    type Observation = f64;
    type Parameters = Mixture<Vec<Normal>>;
    type Statistics = OfMixture;

    fn statistics(&self, theta: &Mixture<Vec<Normal>>) -> OfMixture {
        LatentModel::statistics(&self.0, theta)
    }
    fn e_step(
        &self,
        theta: &Mixture<Vec<Normal>>,
        batch: Batch<'_, f64>,
        s: &mut OfMixture,
    ) -> Result<Evidence, Error> {
        self.0.e_step(theta, batch, s)
    }
    fn m_step(&self, old: &Mixture<Vec<Normal>>, s: &OfMixture) -> Result<Mixture<Vec<Normal>>, Error> {
        self.0.m_step(old, s)
    }
    fn expected_log_joint(&self, theta: &Mixture<Vec<Normal>>, s: &OfMixture) -> f64 {
        self.0.expected_log_joint(theta, s)
    }
}

impl Temper for Faulty {
    fn tempered_e_step(
        &self,
        theta: &Mixture<Vec<Normal>>,
        batch: Batch<'_, f64>,
        s: &mut OfMixture,
        power: f64,
    ) -> Result<Evidence, Error> {
        let mut unused = self.statistics(theta);
        match self.1 {
            Fault::PosteriorAtPowerOne => {
                self.0.e_step(theta, batch, s)?;
                self.0.tempered_e_step(theta, batch, &mut unused, power)
            }
            Fault::ObjectiveAtPowerOne => {
                self.0.tempered_e_step(theta, batch, s, power)?;
                self.0.e_step(theta, batch, &mut unused)
            }
            Fault::ObjectiveNotDivided => {
                let mut evidence = self.0.tempered_e_step(theta, batch, s, power)?;
                evidence.scale(power.min(9.0));
                Ok(evidence)
            }
            Fault::SecondBest => {
                batch.iter().for_each(|(x, weight)| {
                    let logs = [0, 1].map(|z| self.0.log_joint(theta, x, z));
                    FiniteLatent::observe(&self.0, s, x, usize::from(logs[0] >= logs[1]), weight);
                });
                self.0.tempered_e_step(theta, batch, &mut unused, power)
            }
        }
    }
}

#[test]
fn a_wrong_e_step_at_a_power_is_caught() {
    let x = draws(&normals(&[0.0, 3.0]), 150, 1);
    let start = normals(&[-1.0, 1.0]);
    for (fault, powers) in [
        (Fault::PosteriorAtPowerOne, &[0.5, 2.0, f64::INFINITY][..]),
        (Fault::ObjectiveAtPowerOne, &[0.5, 2.0, f64::INFINITY]),
        (Fault::ObjectiveNotDivided, &[0.5, 2.0, f64::INFINITY]),
        (Fault::SecondBest, &[f64::INFINITY]),
    ] {
        for &power in powers {
            let model = Tempered::new(Faulty(start.clone(), fault), power).unwrap();
            let failed = Em::default().verify(true).tolerance(0.0).fit_from(&model, &x, start.clone()).unwrap_err();
            let caught = matches!(failed.cause, Error::LawBroken { .. } | Error::Fell { .. });
            assert!(caught, "{fault:?} at {power}: {failed}");
        }
    }
}

#[test]
fn of_a_chain_the_power_is_that_of_every_path() {
    let emissions = vec![Normal::new(0.0, 1.0).unwrap(), Normal::new(2.0, 0.7).unwrap()];
    let (initial, rows) = ([0.6, 0.4], [[0.8, 0.2], [0.3, 0.7]]);
    let chain = HiddenMarkovModel::new(&initial, &rows, emissions.clone()).unwrap();
    let x = [vec![0.1, 1.4, 2.2, -0.3, 0.9]];
    let log_joint = |path: usize| {
        let z = |t: usize| path >> t & 1;
        let steps = (1..5).map(|t| f64::ln(rows[z(t - 1)][z(t)])).sum::<f64>();
        initial[z(0)].ln() + steps + (0..5).map(|t| emissions[z(t)].log_density(&x[0][t])).sum::<f64>()
    };
    let best = (0..32).map(log_joint).fold(f64::NEG_INFINITY, f64::max);
    for power in POWERS {
        let mut s = chain.statistics(&chain);
        let found = chain.tempered_e_step(&chain, Batch::new(&x[..], None, 0), &mut s, power).unwrap().value();
        let weight = |path: usize| {
            let far = log_joint(path) - best;
            if power.is_finite() { (power * far).exp() } else { f64::from(u8::from(far == 0.0)) }
        };
        let total: f64 = (0..32).map(weight).sum();
        let expected = if power.is_finite() { best + total.ln() / power } else { best };
        assert!((found - expected).abs() < 1e-12, "{power}: {found}, {expected}");
        let first: f64 = (0..32).filter(|path| path & 1 == 0).map(weight).sum::<f64>() / total;
        assert!((s.initial[0] - first).abs() < 1e-12, "{power}");
        let stays = |path: usize| (1..5).filter(|t| [t - 1, *t].iter().all(|t| path >> t & 1 == 0)).count() as f64;
        let stays: f64 = (0..32).map(|path| weight(path) * stays(path)).sum::<f64>() / total;
        assert!((s.transitions[0] - stays).abs() < 1e-12, "{power}");
    }
    // Viterbi training climbs the classification objective.
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
    let sequences: Vec<Vec<f64>> = (0..6).map(|_| chain.sample(60, &mut rng).0).collect();
    for power in [0.5, f64::INFINITY] {
        let model = Tempered::new(chain.clone(), power).unwrap();
        let fit = Em::default().verify(true).fit_from(&model, &sequences, chain.clone()).unwrap();
        assert!(fit.history.windows(2).all(|h| h[1] >= h[0] - 1e-10 * h[0].abs()));
    }
    // 0.2^1000 is no number: such powers are taken in logarithms, and come near the most probable path.
    let at_power = |power| {
        let mut s = chain.statistics(&chain);
        chain.tempered_e_step(&chain, Batch::new(&sequences[..], None, 0), &mut s, power).unwrap().value()
    };
    let (high, hard) = (at_power(1e3), at_power(f64::INFINITY));
    assert!(high >= hard && high - hard < 0.01 * hard.abs(), "{high}, {hard}");
}

/// What is lost at one step outweighs all else later: at β = ½ the rows of two states that go to and fro sum to √2, so
/// that the sum over their paths grows.
#[test]
fn what_underflows_at_one_step_of_a_tempered_chain_may_win_in_the_end() {
    let at = |mean: f64| Normal::new(mean, 1.0).unwrap();
    let rows = [[1.0, 0.0, 0.0], [0.0, 0.5, 0.5], [0.0, 0.5, 0.5]];
    let chain = HiddenMarkovModel::new(&[1.0 / 3.0; 3], &rows, vec![at(0.0), at(57.0), at(57.0)]).unwrap();
    let mut sequence = vec![28.5; 3001];
    sequence[0] = 0.0;
    let data = [sequence];
    let mut s = chain.statistics(&chain);
    let found = chain.tempered_e_step(&chain, Batch::new(&data[..], None, 0), &mut s, 0.5).unwrap().value();
    // ½ ln p(x, z) of a path from the second state, and ln of how many there are: 2 at each of 3 001 steps.
    let of_path = 0.5 * ((1.0f64 / 3.0).ln() + at(57.0).log_density(&0.0))
        + 3000.0 * 0.5 * (0.5f64.ln() + at(57.0).log_density(&28.5));
    let expected = 2.0 * (of_path + 3001.0 * 2.0f64.ln());
    assert!((found - expected).abs() < 1e-9 * expected.abs(), "{found}, {expected}");
    assert!(s.initial[0] < 1e-90, "{:?}", s.initial);
}

#[test]
fn annealing_finds_the_better_maximum_from_bad_starts() {
    let truth = normals(&[0.0, 8.0, 16.0, 24.0, 32.0]);
    let x = draws(&truth, 500, 9);
    let best = Em::default().fit_from(&truth, &x, truth.clone()).unwrap().objective;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
    let (mut plain, mut annealed) = (0, 0);
    for seed in 0..8 {
        // All means within one cluster.
        let start = normals(&[(); 5].map(|()| rng.random::<f64>() * 2.0 - 1.0));
        let em = Em::default().seed(seed).max_iterations(500);
        let reached = |objective: f64| i32::from(objective > best - 1e-3);
        plain += em.fit_from(&start, &x, start.clone()).map_or(0, |fit| reached(fit.objective));
        let fit = em.verify(true).fit_annealed(&start, &x, start.clone(), &Annealing::default()).unwrap();
        assert_eq!(fit.climbs, Climbs::LogLikelihood);
        annealed += reached(fit.objective);
    }
    assert!(annealed >= 4 && plain == 0, "{annealed} annealed, {plain} plain");
    assert!(Annealing::through(&[0.0], 1).is_err() && Annealing::through(&[f64::NAN], 1).is_err());
    // Without powers it is EM.
    let (em, none) = (Em::default().max_iterations(20), Annealing::through(&[], 10).unwrap());
    let both = [em.fit_annealed(&truth, &x, truth.clone(), &none), em.fit_from(&truth, &x, truth.clone())];
    let [a, b] = both.map(|fit| fit.unwrap().history);
    assert_eq!(a, b);
}
