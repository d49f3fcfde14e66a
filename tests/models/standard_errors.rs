//! Standard errors against closed forms, published values and direct second differences of the log-likelihood.

use marginal::data::{Batch, Table, Weighted};
use marginal::distributions::{Parametric, Poisson};
use marginal::error::Error;
use marginal::latent::{Evidence, FiniteLatent, LatentModel};
use marginal::prelude::*;
use marginal::uncertainty::{ObservedInformation, StandardErrors, UncertaintyError};

/// The 197 animals of Rao (1973), θ on its own scale.
struct Animals;

impl FiniteLatent for Animals {
    type Observation = usize;
    type Parameters = f64;
    type Statistics = [f64; 2];

    fn states(&self) -> usize {
        2
    }
    fn statistics(&self, _: &f64) -> [f64; 2] {
        [0.0; 2]
    }
    fn log_joint(&self, theta: &f64, kind: &usize, z: usize) -> f64 {
        match (kind, z) {
            (0, 0) => 0.5f64.ln(),
            (0, 1) | (3, 0) => (theta / 4.0).ln(),
            (1 | 2, 0) => ((1.0 - theta) / 4.0).ln(),
            _ => f64::NEG_INFINITY,
        }
    }
    fn observe(&self, s: &mut [f64; 2], kind: &usize, z: usize, weight: f64) {
        match (kind, z) {
            (0, 1) | (3, _) => s[0] += weight,
            (1 | 2, _) => s[1] += weight,
            _ => (),
        }
    }
    fn estimate(&self, s: &[f64; 2]) -> Result<f64, Error> {
        Ok(s[0] / (s[0] + s[1]))
    }
    fn complete_log_likelihood(&self, theta: &f64, s: &[f64; 2]) -> f64 {
        s[0] * theta.ln() + s[1] * (1.0 - theta).ln()
    }
}

/// Every number of a table has the same relative tolerance.
pub(super) fn close(found: f64, expected: f64, relative: f64) {
    assert!((found - expected).abs() <= relative * expected.abs(), "{found} is not {expected}");
}

#[test]
fn the_animals_have_the_published_standard_error_and_rate() {
    let animals = Weighted::new(&[0, 1, 2, 3], &[125.0, 18.0, 20.0, 34.0]).unwrap();
    let fit = Em::default().tolerance(0.0).fit_from(&Animals, &animals, 0.5).unwrap();
    let errors = StandardErrors::of(&Animals, &animals, &fit.parameters).unwrap();
    // I = 377.516900, J = 435.317854 (Dempster, Laird & Rubin 1977; THEORY of the EM literature).
    close(errors.parameters()[0].standard_error.unwrap(), 0.051_467_349_200_9, 1e-8);
    close(errors.information().observed()[0], 377.516_900, 1e-8);
    close(errors.information().complete()[0], 435.317_854, 1e-8);
    close(errors.information().fractions_missing()[0], 0.132_778_733_745_599, 1e-7);
}

#[test]
fn a_single_normal_has_its_closed_form() {
    let x: Vec<f64> = (0..400).map(|n| 1e3 + (f64::from(n) * 0.7).sin() * 2.5 + f64::from(n % 7)).collect();
    let model = Mixture::of(vec![Normal::new(1e3, 1.0).unwrap()]).unwrap();
    let fit = Em::default().fit(&model, &x).unwrap();
    let errors = StandardErrors::of(&model, &x, &fit.parameters).unwrap();
    let sigma = fit.parameters.components()[0].standard_deviation();
    let of = |name: &str| errors.parameter(name).unwrap().standard_error.unwrap();
    close(of("component 0: mean"), sigma / 400f64.sqrt(), 1e-8);
    close(of("component 0: standard deviation"), sigma / 800f64.sqrt(), 1e-8);
    // The one proportion is 1: no coordinate moves it.
    assert_eq!(errors.parameter("component 0: proportion").unwrap().standard_error, None);
}

#[test]
fn weights_count_rows() {
    let (x, w) = ([1.0, 2.0, 4.0, 7.0, 9.0], [1.0, 3.0, 2.0, 2.0, 1.0]);
    let again: Vec<f64> = x.iter().zip(w).flat_map(|(x, w)| vec![*x; w as usize]).collect();
    let model = Mixture::of(vec![Normal::new(2.0, 1.0).unwrap(), Normal::new(8.0, 1.0).unwrap()]).unwrap();
    let em = Em::default().tolerance(0.0);
    let weighted = Weighted::new(&x, &w).unwrap();
    let one = StandardErrors::of(&model, &weighted, &em.fit(&model, &weighted).unwrap().parameters).unwrap();
    let two = StandardErrors::of(&model, &again, &em.fit(&model, &again).unwrap().parameters).unwrap();
    for (a, b) in one.parameters().iter().zip(two.parameters()) {
        close(a.standard_error.unwrap(), b.standard_error.unwrap(), 1e-6);
    }
}

/// −∂²ℓ/∂θ² by second differences of ℓ alone: four E-steps an entry.
pub(super) fn hessian<P: Parametric>(theta: &P, log_likelihood: impl Fn(&P) -> f64) -> Vec<f64> {
    let (at, h) = (theta.to_vector(), 2e-3);
    let p = at.len();
    let value = |moves: &[(usize, f64)]| {
        let mut v = at.clone();
        moves.iter().for_each(|(j, by)| v[*j] += by);
        log_likelihood(&theta.from_vector(&v).unwrap())
    };
    let difference = |j, k, h: f64| {
        let q = |a: f64, b: f64| value(&[(j, a * h), (k, b * h)]);
        -(q(1.0, 1.0) - q(1.0, -1.0) - q(-1.0, 1.0) + q(-1.0, -1.0)) / (4.0 * h * h)
    };
    let entry = |jk: usize| (4.0 * difference(jk / p, jk % p, h / 2.0) - difference(jk / p, jk % p, h)) / 3.0;
    (0..p * p).map(entry).collect()
}

pub(super) fn eruptions() -> Table {
    Table::read_csv("data/faithful.csv").unwrap()
}

#[test]
fn oakes_is_the_hessian_of_the_log_likelihood() {
    let table = eruptions();
    for shape in [Covariance::Full, Covariance::Tied, Covariance::Diagonal, Covariance::Spherical] {
        let model = GaussianMixture::new(2).covariance(shape);
        let fit = Em::default().restarts(5).seed(1).tolerance(1e-14).fit(&model, &table).unwrap();
        let found = ObservedInformation::of(&model, &table, &fit.parameters).unwrap();
        let l = |theta: &Mixture<_>| theta.log_densities_of(&table).unwrap().iter().sum::<f64>();
        let direct = hessian(&fit.parameters, l);
        let p = fit.parameters.to_vector().len();
        for (jk, (a, b)) in found.observed().iter().zip(&direct).enumerate() {
            let scale = (found.complete()[jk / p * (p + 1)] * found.complete()[jk % p * (p + 1)]).sqrt();
            assert!((a - b).abs() < 2e-6 * scale, "{shape:?}, entry {jk}: {a} by Oakes, {b} by differences");
        }
    }
}

#[test]
fn old_faithful_has_the_published_standard_errors() {
    let table = eruptions();
    let model = GaussianMixture::new(2);
    let fit = Em::default().restarts(5).seed(1).tolerance(1e-14).fit(&model, &table).unwrap();
    let errors = StandardErrors::named(&model, &table, &fit.parameters, table.names()).unwrap();
    let short = (0..2).min_by(|a, b| {
        let mean = |k: &usize| fit.parameters.components()[*k].mean()[0];
        mean(a).total_cmp(&mean(b))
    });
    let (short, long) = (short.unwrap(), 1 - short.unwrap());
    let published = [
        (short, "proportion", 0.029_089),
        (short, "mean of eruptions", 0.027_108),
        (short, "mean of waiting", 0.591_874),
        (long, "proportion", 0.029_089),
        (long, "mean of eruptions", 0.031_403),
        (long, "mean of waiting", 0.456_186),
    ];
    for (k, name, expected) in published {
        let found = errors.parameter(&format!("component {k}: {name}")).unwrap().standard_error.unwrap();
        assert!((found - expected).abs() < 6e-7, "{name} of component {k}: {found}, published {expected}");
    }
}

#[test]
fn the_fraction_of_missing_information_is_the_rate_of_plain_em() {
    let x = eruptions().column(0);
    let model = Mixture::of(vec![Normal::new(2.0, 0.5).unwrap(), Normal::new(4.3, 0.5).unwrap()]).unwrap();
    let em = Em::default().acceleration(marginal::em::Acceleration::None);
    let fit = em.clone().tolerance(0.0).fit(&model, &x).unwrap();
    let information = ObservedInformation::of(&model, &x, &fit.parameters).unwrap();
    // Gains of the objective shrink by the square of the rate.
    let slow = em.tolerance(1e-11).fit(&model, &x).unwrap().history;
    let gains: Vec<f64> = slow.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let rate = (gains[gains.len() - 6] / gains[gains.len() - 7]).sqrt();
    assert!((information.fractions_missing()[0] - rate).abs() < 1e-3, "{:?}, {rate}", information.fractions_missing());
}

#[test]
fn a_prior_is_part_of_the_information() {
    let table = eruptions();
    let with = GaussianMixture::new(2)
        .prior(marginal::components::InverseWishart::new(7.0, vec![2.0, 0.0, 0.0, 500.0]).unwrap());
    let fit = Em::default().restarts(5).seed(1).tolerance(1e-14).fit(&with, &table).unwrap();
    let errors = StandardErrors::of(&with, &table, &fit.parameters).unwrap();
    assert!(errors.information().is_penalised() && errors.to_string().contains("with a prior"));
}

#[test]
fn aicc_adds_what_aic_lacks_in_small_data() {
    let model = Mixture::of(vec![Normal::new(0.0, 1.0).unwrap()]).unwrap();
    let fit = Em::default().fit(&model, &[1.0, 2.0, 4.0, 7.0, 9.0]).unwrap();
    close(fit.aicc().unwrap(), fit.aic().unwrap() + 2.0 * 2.0 * 3.0 / (5.0 - 2.0 - 1.0), 1e-14);
    assert_eq!(Em::default().fit(&model, &[1.0, 2.0, 4.0]).unwrap().aicc(), None);
}

#[test]
fn two_equal_components_are_not_determined() {
    let x: Vec<f64> = (0..60).map(|n| f64::from(n * n % 17)).collect();
    let one = Normal::new(8.0, 5.0).unwrap();
    let model = Mixture::of(vec![one, one]).unwrap();
    let theta = Em::default().tolerance(0.0).fit(&Mixture::of(vec![one]).unwrap(), &x).unwrap().parameters;
    let both = Mixture::new(vec![0.5, 0.5], vec![theta.components()[0]; 2]).unwrap();
    let refused = StandardErrors::of(&model, &x, &both).unwrap_err();
    assert!(matches!(refused, UncertaintyError::Flat { .. } | UncertaintyError::Saddle { .. }), "{refused}");
}

#[test]
fn what_lies_at_a_bound_or_has_not_converged_is_told() {
    let x: Vec<f64> = eruptions().column(0);
    let model = Mixture::of(vec![Normal::new(2.0, 0.5).unwrap(), Normal::new(4.3, 0.5).unwrap()]).unwrap();
    let early = Em::default().max_iterations(2).fit(&model, &x).unwrap();
    let refused = StandardErrors::of(&model, &x, &early.parameters).unwrap_err();
    assert!(matches!(&refused, UncertaintyError::NotConverged { distance, .. } if *distance > 0.1), "{refused}");
    let normals = model.components().clone();
    let empty = Mixture::new(vec![1.0, 0.0], normals).unwrap();
    let refused = StandardErrors::of(&model, &x, &empty).unwrap_err();
    assert!(matches!(refused, UncertaintyError::AtBound { coordinate: 0, .. }), "{refused}");
    let hard = Error::from(UncertaintyError::NoLikelihood { objective: "classification objective" });
    assert!(hard.to_string().starts_with("the classification objective is no likelihood"));
}

#[test]
fn a_kink_is_told() {
    use marginal::distributions::Laplace;
    let x = [0.3, 1.0, 2.5, 2.6, 4.0];
    let model = Mixture::of(vec![Laplace::new(1.0, 1.0).unwrap()]).unwrap();
    let fit = Em::default().fit(&model, &x).unwrap();
    let refused = StandardErrors::of(&model, &x, &fit.parameters).unwrap_err();
    assert!(matches!(refused, UncertaintyError::NotSettled { .. }), "{refused}");
}

/// Two Poisson rates, the E-step of which is a little too sure of itself.
struct TooSure(Mixture<Vec<Poisson>>);

impl LatentModel for TooSure {
    type Observation = u64;
    type Parameters = Mixture<Vec<Poisson>>;
    type Statistics = <Mixture<Vec<Poisson>> as LatentModel>::Statistics;

    fn statistics(&self, theta: &Self::Parameters) -> Self::Statistics {
        LatentModel::statistics(&self.0, theta)
    }
    fn e_step(
        &self,
        theta: &Self::Parameters,
        batch: Batch<'_, u64>,
        s: &mut Self::Statistics,
    ) -> Result<Evidence, Error> {
        let mut evidence = Evidence::default();
        let (tile, logs) = FiniteLatent::posterior(theta, theta, batch)?;
        for (n, (x, weight)) in batch.iter().enumerate() {
            let (r, count) = (tile[n], batch.len());
            let sure = r.powf(1.1) / (r.powf(1.1) + (1.0 - r).powf(1.1));
            assert!((tile[count + n] - (1.0 - r)).abs() < 1e-9);
            evidence.add(weight, logs[n]);
            for (z, share) in [sure, 1.0 - sure].into_iter().enumerate().filter(|(_, share)| *share > 0.0) {
                FiniteLatent::observe(&self.0, s, x, z, weight * share);
            }
        }
        Ok(evidence)
    }
    fn m_step(&self, theta: &Self::Parameters, s: &Self::Statistics) -> Result<Self::Parameters, Error> {
        LatentModel::m_step(&self.0, theta, s)
    }
    fn expected_log_joint(&self, theta: &Self::Parameters, s: &Self::Statistics) -> f64 {
        LatentModel::expected_log_joint(&self.0, theta, s)
    }
}

#[test]
fn a_wrong_e_step_is_caught_by_comparing_both_sides() {
    let (x, w) = ([0u64, 1, 2, 3, 4, 5, 6, 7, 8, 9], [162.0, 267.0, 271.0, 185.0, 111.0, 61.0, 27.0, 8.0, 3.0, 1.0]);
    let data = Weighted::new(&x, &w).unwrap();
    let right = Mixture::new(vec![0.3, 0.7], vec![Poisson::new(1.2).unwrap(), Poisson::new(2.7).unwrap()]).unwrap();
    let fit = Em::default().tolerance(0.0).fit(&right, &data).unwrap();
    assert!(StandardErrors::of(&right, &data, &fit.parameters).is_ok());
    let refused = StandardErrors::of(&TooSure(right), &data, &fit.parameters).unwrap_err();
    assert!(matches!(refused, UncertaintyError::Inconsistent { .. }), "{refused}");
}

#[test]
fn the_intervals_of_simulated_sets_cover_the_truth() {
    use marginal::rand::rngs::Xoshiro256PlusPlus;
    let truth =
        Mixture::new(vec![0.4, 0.6], vec![Normal::new(0.0, 1.0).unwrap(), Normal::new(4.0, 1.5).unwrap()]).unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(11);
    let (sets, wanted) = (200, [0.4, 0.0, 4.0, 1.0, 1.5]);
    let names = [
        "component 0: proportion",
        "component 0: mean",
        "component 1: mean",
        "component 0: standard deviation",
        "component 1: standard deviation",
    ];
    let mut covered = [0; 5];
    for _ in 0..sets {
        let x: Vec<f64> = (0..400).map(|_| truth.sample(&mut rng)).collect();
        let fit = Em::default().fit(&truth, &x).unwrap();
        let errors = StandardErrors::of(&truth, &x, &fit.parameters).unwrap();
        for ((count, name), truth) in covered.iter_mut().zip(names).zip(wanted) {
            let interval = errors.parameter(name).unwrap().interval(0.9).unwrap().unwrap();
            *count += i32::from(interval.lower <= truth && truth <= interval.upper);
        }
    }
    // 90 % of 200 is 180, with a standard deviation of 4.2.
    assert!(covered.iter().all(|count| (164..=194).contains(count)), "{covered:?}");
}
