//! M-steps that only rise (by a gradient, by parts), and posteriors that are restricted.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::data::{Bag, Statistics};
use marginal::em::Remembered;
use marginal::latent::{Climbs, FiniteLatent, Guarantee, Variational, ascend, maximise_in_turn};
use marginal::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;

/// Two Cauchy distributions in equal proportions; θ are their locations. The M-step climbs by a gradient.
struct Cauchys {
    sign: f64,
}

impl FiniteLatent for Cauchys {
    type Observation = f64;
    type Parameters = Vec<f64>;
    type Statistics = Vec<Bag<f64>>;

    fn states(&self) -> usize {
        2
    }
    fn statistics(&self, _: &Vec<f64>) -> Vec<Bag<f64>> {
        vec![Bag::default(); 2]
    }
    fn log_joint(&self, theta: &Vec<f64>, x: &f64, z: usize) -> f64 {
        -(2.0 * std::f64::consts::PI * (1.0 + (x - theta[z]).powi(2))).ln()
    }
    fn observe(&self, s: &mut Vec<Bag<f64>>, x: &f64, z: usize, weight: f64) {
        s[z].0.push((*x, weight));
    }
    fn estimate(&self, s: &Vec<Bag<f64>>) -> Result<Vec<f64>, Error> {
        self.estimate_from(&vec![0.0, 1.0], s)
    }
    fn estimate_from(&self, old: &Vec<f64>, s: &Vec<Bag<f64>>) -> Result<Vec<f64>, Error> {
        let slope = |theta: &Vec<f64>| {
            let of_row = |m: f64, (x, w): &(f64, f64)| 2.0 * w * (x - m) / (1.0 + (x - m).powi(2));
            let of_state = |(bag, m): (&Bag<f64>, &f64)| bag.0.iter().map(|row| of_row(*m, row)).sum::<f64>();
            s.iter().zip(theta).map(|pair| self.sign * of_state(pair)).collect()
        };
        ascend(old, 3, |theta| self.complete_log_likelihood(theta, s), slope)
    }
    fn complete_log_likelihood(&self, theta: &Vec<f64>, s: &Vec<Bag<f64>>) -> f64 {
        let of_state =
            |(bag, m): (&Bag<f64>, &f64)| bag.0.iter().map(|(x, w)| -w * (1.0 + (x - m).powi(2)).ln()).sum::<f64>();
        s.iter().zip(theta).map(of_state).sum()
    }
    fn guarantee(&self) -> Guarantee {
        Guarantee::Generalised
    }
}

fn heavy_tailed() -> Vec<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    let cauchy = |u: f64| (std::f64::consts::PI * (u - 0.5)).tan();
    (0..120).map(|n| cauchy(rng.random::<f64>()) + if n % 2 == 0 { 0.0 } else { 8.0 }).collect()
}

#[test]
fn a_gradient_with_a_line_search_climbs_the_likelihood() {
    let (x, model) = (heavy_tailed(), Cauchys { sign: 1.0 });
    let fit = Em::default().verify(true).tolerance(1e-13).fit_from(&model, &x, vec![-3.0, 4.0]).unwrap();
    assert!(fit.history.windows(2).all(|h| h[1] >= h[0] - 1e-10));
    assert!(fit.parameters[0].abs() < 0.5 && (fit.parameters[1] - 8.0).abs() < 0.5, "{:?}", fit.parameters);
    // The gradient of ℓ is that of Q, and it is 0.
    let objective = |theta: Vec<f64>| Em::default().max_iterations(0).fit_from(&model, &x, theta).unwrap().objective;
    for z in [0, 1] {
        let moved = |by: f64| {
            let mut theta = fit.parameters.clone();
            theta[z] += by;
            objective(theta)
        };
        assert!(((moved(1e-4) - moved(-1e-4)) / 2e-4).abs() < 1e-3);
    }
}

#[test]
fn a_gradient_that_is_not_that_of_q_is_caught_and_a_maximum_stays() {
    let x = heavy_tailed();
    let failed = Em::default().fit_from(&Cauchys { sign: -1.0 }, &x, vec![-3.0, 4.0]).unwrap_err();
    assert!(failed.to_string().contains("suspect the gradient"), "{failed}");
    let q = |m: &f64| -0.5 * (m - 3.0).powi(2);
    assert_eq!(ascend(&3.0, 5, q, |m| vec![3.0 - m]).unwrap(), 3.0);
    assert!((ascend(&1e3, 20, q, |m| vec![3.0 - m]).unwrap() - 3.0).abs() < 1e-6);
    assert!(matches!(ascend(&1.0, 5, q, |_| vec![0.0; 2]), Err(Error::Dimension { expected: 1, found: 2, .. })));
    assert!(matches!(ascend(&1.0, 5, q, |_| vec![f64::NAN]), Err(Error::NotANumber { .. })));
    assert!(matches!(ascend(&1.0, 5, |_| f64::NAN, |_| vec![0.0]), Err(Error::NotANumber { .. })));
    // Where Q ends, a step is halved until it is inside: −x ln-barrier at 0.
    let barrier = |m: &f64| if *m > 0.0 { m.ln() - m } else { f64::NAN };
    assert!((ascend(&1e-3, 200, barrier, |m| vec![1.0 / m - 1.0]).unwrap() - 1.0).abs() < 1e-5);
}

/// Two normals in equal proportions with means and one deviation, each maximised given the other.
struct ByParts {
    wrong: bool,
}

impl FiniteLatent for ByParts {
    type Observation = f64;
    type Parameters = [f64; 3];
    type Statistics = [[f64; 3]; 2];

    fn states(&self) -> usize {
        2
    }
    fn statistics(&self, _: &[f64; 3]) -> [[f64; 3]; 2] {
        [[0.0; 3]; 2]
    }
    fn log_joint(&self, theta: &[f64; 3], x: &f64, z: usize) -> f64 {
        let mut s = [[0.0; 3]; 2];
        self.observe(&mut s, x, z, 1.0);
        self.complete_log_likelihood(theta, &s)
    }
    fn observe(&self, s: &mut [[f64; 3]; 2], x: &f64, z: usize, weight: f64) {
        s[z].merge(&[weight, weight * x, weight * x * x]);
    }
    fn estimate(&self, s: &[[f64; 3]; 2]) -> Result<[f64; 3], Error> {
        self.estimate_from(&[0.0, 0.0, 1.0], s)
    }
    fn estimate_from(&self, old: &[f64; 3], s: &[[f64; 3]; 2]) -> Result<[f64; 3], Error> {
        let means = |t: &[f64; 3]| Ok([s[0][1] / s[0][0], s[1][1] / s[1][0], t[2]]);
        let deviation = |t: &[f64; 3]| {
            let squares = |z: usize| s[z][2] - 2.0 * t[z] * s[z][1] + t[z] * t[z] * s[z][0];
            let variance = (squares(0) + squares(1)) / (s[0][0] + s[1][0]);
            Ok([t[0], t[1], if self.wrong { variance } else { variance.sqrt() }])
        };
        let q = |t: &[f64; 3]| self.complete_log_likelihood(t, s);
        maximise_in_turn(old, q, &[("means", &means), ("deviation", &deviation)])
    }
    fn complete_log_likelihood(&self, theta: &[f64; 3], s: &[[f64; 3]; 2]) -> f64 {
        let of_state = |(s, m): (&[f64; 3], &f64)| {
            let squares = s[2] - 2.0 * m * s[1] + m * m * s[0];
            -0.5 * squares / theta[2].powi(2) - s[0] * (theta[2].ln() + 0.5 * (8.0 * std::f64::consts::PI).ln())
        };
        s.iter().zip(theta).map(of_state).sum()
    }
    fn guarantee(&self) -> Guarantee {
        Guarantee::Generalised
    }
}

#[test]
fn parts_in_turn_climb_and_the_part_that_falls_is_named() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let truth = Mixture::of(vec![Normal::new(0.0, 2.0).unwrap(), Normal::new(9.0, 2.0).unwrap()]).unwrap();
    let x: Vec<f64> = (0..300).map(|_| truth.sample(&mut rng)).collect();
    let fit = Em::default().verify(true).fit_from(&ByParts { wrong: false }, &x, [1.0, 6.0, 1.0]).unwrap();
    assert!((fit.parameters[1] - 9.0).abs() < 0.5 && (fit.parameters[2] - 2.0).abs() < 0.3);
    let failed = Em::default().fit_from(&ByParts { wrong: true }, &x, [1.0, 6.0, 2.0]).unwrap_err();
    assert!(failed.to_string().contains("suspect the deviation"), "{failed}");
}

/// x = a z₁ + b z₂ + noise with hidden z ∈ {0, 1}², under q(z₁) q(z₂).
struct Causes {
    fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Nothing,
    ForgetsTheOtherCause,
    BoundWithoutEntropy,
    MomentsOfTheLastPosterior,
}

const LN_4_ROOT_2_PI: f64 = 2.305_232_894_324_562_7;

fn of_moments([a, b]: [f64; 2], [w, x1, x2, p1, p2, p12, xx]: [f64; 7]) -> f64 {
    let squares = xx - 2.0 * (a * x1 + b * x2) + a * a * p1 + b * b * p2 + 2.0 * a * b * p12;
    -0.5 * squares - w * LN_4_ROOT_2_PI
}

fn moments(x: f64, [r, t]: [f64; 2], w: f64) -> [f64; 7] {
    [1.0, x * r, x * t, r, t, r * t, x * x].map(|term| w * term)
}

fn log_density(x: f64, [a, b]: [f64; 2]) -> f64 {
    let of = |mean: f64| (-0.5 * (x - mean).powi(2) - LN_4_ROOT_2_PI).exp();
    (of(0.0) + of(a) + of(b) + of(a + b)).ln()
}

impl Variational for Causes {
    type Observation = f64;
    type Parameters = [f64; 2];
    type Statistics = [f64; 7];
    type Posterior = [f64; 2];

    fn empty_statistics(&self, _: &[f64; 2]) -> [f64; 7] {
        [0.0; 7]
    }
    fn first_posterior(&self, _: &[f64; 2], _: &f64) -> [f64; 2] {
        [0.5; 2]
    }
    fn improve(&self, &[a, b]: &[f64; 2], x: &f64, q: &mut [f64; 2]) -> f64 {
        let logistic = |l: f64| 1.0 / (1.0 + (-l).exp());
        let entropy = |r: f64| if r > 0.0 && r < 1.0 { -r * r.ln() - (1.0 - r) * (1.0 - r).ln() } else { 0.0 };
        let before = *q;
        let other = if self.fault == Fault::ForgetsTheOtherCause { 0.0 } else { 1.0 };
        q[0] = logistic(a * (x - other * b * q[1]) - 0.5 * a * a);
        q[1] = logistic(b * (x - other * a * q[0]) - 0.5 * b * b);
        let bound = of_moments([a, b], moments(*x, *q, 1.0));
        let entropies = entropy(q[0]) + entropy(q[1]);
        if self.fault == Fault::MomentsOfTheLastPosterior {
            *q = before;
        }
        if self.fault == Fault::BoundWithoutEntropy { bound } else { bound + entropies }
    }
    fn observe_posterior(&self, s: &mut [f64; 7], x: &f64, q: &[f64; 2], w: f64) {
        s.merge(&moments(*x, *q, w));
    }
    fn maximise_bound(&self, _: &[f64; 2], &[_, x1, x2, p1, p2, p12, _]: &[f64; 7]) -> Result<[f64; 2], Error> {
        let determinant = p1 * p2 - p12 * p12;
        Ok([(x1 * p2 - x2 * p12) / determinant, (x2 * p1 - x1 * p12) / determinant])
    }
    fn expected_log_joint(&self, theta: &[f64; 2], s: &[f64; 7]) -> f64 {
        of_moments(*theta, *s)
    }
}

fn two_causes() -> Vec<f64> {
    let noise = Normal::new(0.0, 1.0).unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(8);
    (0..1200).map(|n| [0.0, 2.0, 3.0, 5.0][n % 4] + noise.sample(&mut rng)).collect()
}

#[test]
fn a_restricted_posterior_climbs_a_bound_below_the_log_likelihood() {
    let x = two_causes();
    let fit = Em::default().verify(true).fit_from(&Remembered(Causes { fault: Fault::Nothing }), &x, [1.0, 4.0].into());
    let fit = fit.unwrap();
    assert_eq!((fit.climbs, fit.parameters.posteriors.len()), (Climbs::EvidenceLowerBound, 1200));
    assert!(fit.history.windows(2).all(|h| h[1] >= h[0] - 1e-9));
    let log_likelihood: f64 = x.iter().map(|x| log_density(*x, fit.parameters.parameters)).sum();
    assert!(fit.objective < log_likelihood - 1.0 && fit.objective > log_likelihood - 600.0);
    let on_one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(|| {
        let model = Remembered(Causes { fault: Fault::Nothing });
        Em::default().verify(true).fit_from(&model, &x, [1.0, 4.0].into()).unwrap()
    });
    assert_eq!(on_one_thread.history, fit.history);
    // Weight 0 is absence, and the rows after it keep their q.
    let weights: Vec<f64> = (0..1200).map(|n| f64::from(u8::from(n % 5 != 0))).collect();
    let kept: Vec<f64> = x.iter().zip(&weights).filter(|(_, w)| **w > 0.0).map(|(x, _)| *x).collect();
    let model = Remembered(Causes { fault: Fault::Nothing });
    let weighted = Em::default().fit_from(&model, &Weighted::new(&x, &weights).unwrap(), [1.0, 4.0].into()).unwrap();
    let without = Em::default().fit_from(&model, &kept, [1.0, 4.0].into()).unwrap();
    assert!((weighted.objective - without.objective).abs() < 1e-8);
}

#[test]
fn a_posterior_that_gets_worse_or_is_not_the_one_observed_is_caught() {
    let x = two_causes();
    for fault in [Fault::ForgetsTheOtherCause, Fault::BoundWithoutEntropy, Fault::MomentsOfTheLastPosterior] {
        let em = Em::default().verify(true).tolerance(0.0);
        let failed = em.fit_from(&Remembered(Causes { fault }), &x, [1.0, 4.0].into()).map(|fit| fit.history);
        let caught =
            matches!(&failed, Err(failed) if matches!(failed.cause, Error::LawBroken { .. } | Error::Fell { .. }));
        assert!(caught, "{fault:?}: {failed:?}");
    }
}
