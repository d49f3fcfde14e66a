//! Jumps: far fewer iterations to the same limit, and plain EM wherever they cannot be trusted.

use std::sync::atomic::{AtomicUsize, Ordering};

use marginal::components::InverseWishart;
use marginal::data::{Batch, Statistics};
use marginal::distributions::{Guarantee, Laplace};
use marginal::em::{Acceleration, Step};
use marginal::latent::{Evidence, FiniteLatent, LatentModel};
use marginal::prelude::*;

/// Two Poisson rates as a user writes them, with no word about acceleration; it counts its E-steps.
#[derive(Default)]
struct Deaths {
    e_steps: AtomicUsize,
    guarantee: Guarantee,
}

/// Of a rate: its proportion and itself.
type Rates = [[f64; 2]; 2];

impl LatentModel for Deaths {
    type Observation = u32;
    type Parameters = Rates;
    type Statistics = [[f64; 2]; 2]; // of each rate: Σ w r and Σ w r x

    fn statistics(&self, _: &Rates) -> Rates {
        [[0.0; 2]; 2]
    }
    fn e_step(&self, rates: &Rates, batch: Batch<'_, u32>, s: &mut Rates) -> Result<Evidence, Error> {
        self.e_steps.fetch_add(1, Ordering::Relaxed);
        let mut evidence = Evidence::default();
        for (&x, weight) in batch.iter() {
            let factorial: f64 = (1..=x).map(f64::from).product();
            let joint = rates.map(|[p, rate]| p * rate.powf(f64::from(x)) * (-rate).exp() / factorial);
            let sum = joint[0] + joint[1];
            evidence.add(weight, sum.ln());
            s.merge(&joint.map(|joint| weight * joint / sum).map(|w| [w, w * f64::from(x)]));
        }
        Ok(evidence)
    }
    fn m_step(&self, _: &Rates, s: &Rates) -> Result<Rates, Error> {
        let sum = s[0][0] + s[1][0];
        Ok(s.map(|[n, x]| [n / sum, x / n]))
    }
    fn expected_log_joint(&self, rates: &Rates, s: &Rates) -> f64 {
        (0..2).map(|z| s[z][0] * (rates[z][0].ln() - rates[z][1]) + s[z][1] * rates[z][1].ln()).sum()
    }
    fn guarantee(&self) -> Guarantee {
        self.guarantee
    }
}

/// Deaths a day of women over 80, by how many days had so many (Hasselblad 1969).
const DAYS: [f64; 10] = [162.0, 267.0, 271.0, 185.0, 111.0, 61.0, 27.0, 8.0, 3.0, 1.0];
const START: Rates = [[0.3, 1.0], [0.7, 2.5]];
const LIMIT: f64 = -1989.945_859_882_964;

fn deaths(model: &Deaths, em: &Em) -> Fit<Rates> {
    let numbers: Vec<u32> = (0..10).collect();
    em.fit_from(model, &Weighted::new(&numbers, &DAYS).unwrap(), START).unwrap()
}

fn plain() -> Em {
    Em::default().acceleration(Acceleration::None)
}

fn faithful() -> Table {
    Table::read_csv("data/faithful.csv").unwrap()
}

/// Round-off apart.
fn never_falls<P>(fit: &Fit<P>) -> bool {
    fit.history.windows(2).all(|pair| pair[1] >= pair[0] - 1e-13 * pair[0].abs())
}

fn jumps<P>(fit: &Fit<P>) -> usize {
    fit.steps.iter().filter(|step| **step == Step::Extrapolated).count()
}

#[test]
fn a_users_own_model_climbs_in_a_hundredth_of_the_steps() {
    for verify in [false, true] {
        let fit = deaths(&Deaths::default(), &Em::default().verify(verify));
        assert!(fit.iterations() <= 20, "{}", fit.iterations());
        assert!((fit.objective - LIMIT).abs() < 1e-8, "{}", fit.objective);
        assert!((fit.parameters[0][0] - 0.359_885_4).abs() < 1e-5, "{:?}", fit.parameters);
    }
    let slow = deaths(&Deaths::default(), &plain());
    assert!(slow.iterations() > 1300 && jumps(&slow) == 0 && slow.discarded == 0);
    assert!(slow.objective <= LIMIT + 1e-9);
}

#[test]
fn every_e_step_counts_and_every_step_says_what_it_was() {
    let em = Em::default().tolerance(0.0);
    for end in 3..30 {
        let model = Deaths::default();
        let fit = deaths(&model, &em.clone().max_iterations(end));
        assert_eq!(fit.iterations() + 1, model.e_steps.into_inner());
        assert!(fit.iterations() <= end);
        assert_eq!((fit.steps.len(), fit.steps[0], fit.steps[1]), (fit.history.len(), Step::Start, Step::Plain));
        assert!(never_falls(&fit), "{:?}", fit.history);
    }
}

#[test]
fn old_faithful_needs_a_fifth_of_the_iterations_and_loses_nothing() {
    let table = faithful();
    let (mut fast, mut slow, mut discarded) = (0, 0, 0);
    for k in 1..=6 {
        let model = GaussianMixture::new(k);
        let [a, b] = [Em::default(), plain()].map(|em| em.fit(&model, &table).unwrap());
        assert!(a.objective >= b.objective - 1e-9 * b.objective.abs(), "{k}: {} {}", a.objective, b.objective);
        assert!(never_falls(&a), "{k}: {:?}", a.history);
        fast += a.iterations();
        slow += b.iterations();
        discarded += a.discarded;
    }
    assert!(5 * fast < slow && discarded > 0, "{fast}, {discarded} of them discarded, and {slow}");
}

#[test]
fn what_promises_less_or_climbs_something_else_or_keeps_its_rows_is_left_alone() {
    for guarantee in [Guarantee::None, Guarantee::Generalised] {
        let [a, b] = [Em::default(), plain()].map(|em| deaths(&Deaths { guarantee, ..Deaths::default() }, &em));
        assert_eq!((jumps(&a), a.history), (0, b.history));
    }
    let table = faithful();
    let [a, b] = [Em::default(), plain()].map(|em| em.fit(&KMeans::new(5), &table).unwrap());
    assert_eq!((jumps(&a), a.history), (0, b.history));
    let minutes: Vec<f64> = (0..table.len()).map(|n| table.row(n)[0]).collect();
    let model = Mixture::of(vec![Laplace::new(2.0, 0.5).unwrap(), Laplace::new(4.0, 0.5).unwrap()]).unwrap();
    let [a, b] = [Em::default(), plain()].map(|em| em.fit(&model, &minutes).unwrap());
    assert_eq!((jumps(&a), a.history), (0, b.history));
}

#[test]
fn with_a_prior_the_penalised_likelihood_never_falls_and_ends_as_high() {
    let table = faithful();
    let prior = InverseWishart::new(5.0, vec![0.1, 0.0, 0.0, 10.0]).unwrap();
    let model = GaussianMixture::new(4).prior(prior);
    let [a, b] = [Em::default(), plain()].map(|em| em.tolerance(1e-13).fit(&model, &table).unwrap());
    assert!(never_falls(&a) && jumps(&a) > 5);
    assert!((a.objective - b.objective).abs() < 1e-9 * b.objective.abs(), "{} {}", a.objective, b.objective);
    assert!(3 * a.iterations() < b.iterations(), "{} {}", a.iterations(), b.iterations());
}

/// Four proportions, of which an M-step takes what is below 0 for 0.
struct Clamping;

impl FiniteLatent for Clamping {
    type Observation = usize;
    type Parameters = [f64; 4];
    type Statistics = [f64; 4];

    fn states(&self) -> usize {
        4
    }
    fn statistics(&self, _: &[f64; 4]) -> [f64; 4] {
        [0.0; 4]
    }
    /// x is z in two of five, else one of the others.
    fn log_joint(&self, p: &[f64; 4], x: &usize, z: usize) -> f64 {
        let share: f64 = if *x == z { 0.4 } else { 0.2 };
        p[z].ln() + share.ln()
    }
    fn observe(&self, s: &mut [f64; 4], _: &usize, z: usize, weight: f64) {
        s[z] += weight;
    }
    fn estimate(&self, s: &[f64; 4]) -> Result<[f64; 4], Error> {
        let counts = s.map(|count| count.max(0.0));
        Ok(counts.map(|count| count / counts.iter().sum::<f64>()))
    }
    fn complete_log_likelihood(&self, p: &[f64; 4], s: &[f64; 4]) -> f64 {
        s.iter().zip(p).map(|(count, p)| if *count > 0.0 { count * p.ln() } else { 0.0 }).sum()
    }
}

#[test]
fn no_probability_becomes_zero_that_em_would_keep() {
    for rare in [18.0, 23.0, 24.0, 26.0] {
        let weights = [40.0, 25.0, 30.0, rare];
        let data = Weighted::new(&[0, 1, 2, 3], &weights).unwrap();
        let [a, b] =
            [Em::default(), plain()].map(|em| em.tolerance(0.0).fit_from(&Clamping, &data, [0.25; 4]).unwrap());
        assert!(a.parameters.iter().all(|p| *p > 0.0), "{rare}: {:?}", a.parameters);
        assert!(a.objective >= b.objective - 1e-9, "{rare}: {} {}", a.objective, b.objective);
        assert!(a.iterations() < b.iterations(), "{rare}: {} {}", a.iterations(), b.iterations());
    }
}
