//! What serde writes of parameters: read back to the last bit, and through the constructors.
#![cfg(feature = "serde")]

use std::fmt::Debug;

use marginal::components::{Covariance, Gaussians, InverseWishart, LowRankNormals, Shared};
use marginal::conditionals::{
    ConditionalDistribution, ConditionalGaussian, ConditionalTable, EstimateConditional, FixedConditional,
    LinearGaussian, LogisticRegression, PoissonRegression, Regressions, Root, SoftmaxRegression, Switch,
};
use marginal::data::Table;
use marginal::distributions::{
    Bernoulli, Beta, Binomial, Categorical, Column, Dirichlet, Distribution, Estimate, Exponential, Fixed, Gamma,
    Geometric, Imagined, Independent, InverseGamma, Laplace, LogNormal, LowRankNormal, MaybeFixed, Multinomial,
    MultivariateNormal, Normal, NormalInverseGamma, NormalInverseWishart, Poisson, StudentT, Uniform, VonMises,
    WithPrior,
};
use marginal::em::{Em, Fit};
use marginal::io::{ModelFile, load_parameters, save_parameters};
use marginal::models::{Centroids, HiddenMarkovModel, Mixture};
use marginal::network::{Network, TablePrior};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The value read back from what was written, equal to it in all that `Debug` and JSON show of its numbers, which is
/// every bit.
#[track_caller]
#[allow(clippy::needless_pass_by_value, reason = "most values are made on the spot")]
fn kept<T: Serialize + DeserializeOwned + Debug>(value: T) -> T {
    let json = serde_json::to_string(&value).unwrap();
    let read: T = serde_json::from_str(&json).unwrap_or_else(|e| panic!("{e}: {json}"));
    assert_eq!(serde_json::to_string(&read).unwrap(), json);
    assert_eq!(format!("{read:?}"), format!("{value:?}"));
    read
}

#[track_caller]
fn refused<T: DeserializeOwned>(json: &str, because: &str) {
    let Err(error) = serde_json::from_str::<T>(json) else { panic!("{json} was read") };
    assert!(error.to_string().contains(because), "{json}: {error}");
}

/// Any number with all its digits.
fn number() -> impl Strategy<Value = f64> {
    (-1.0..1.0, -40i32..40).prop_map(|(mantissa, exponent): (f64, i32)| mantissa * 2f64.powi(exponent))
}

/// Any positive number with all its digits.
fn positive() -> impl Strategy<Value = f64> {
    (0.5..1.0, -30i32..30).prop_map(|(mantissa, exponent): (f64, i32)| mantissa * 2f64.powi(exponent))
}

/// Probabilities with all their digits; the first may be 0.
fn simplex(states: usize) -> impl Strategy<Value = Vec<f64>> {
    (prop::collection::vec(0.01..1.0f64, states), any::<bool>()).prop_map(|(mut weights, zero)| {
        weights[0] *= f64::from(u8::from(!zero));
        let sum: f64 = weights.iter().sum();
        weights.iter().map(|weight| weight / sum).collect()
    })
}

proptest! {
    #[test]
    fn every_family_keeps_its_bits(m in number(), s in positive(), t in positive(), p in 0.0..1.0f64, simplex in simplex(4)) {
        kept(Normal::new(m, s).unwrap().hold_mean());
        kept(LogNormal::new(m, s).unwrap());
        kept(Laplace::new(m, s).unwrap());
        kept(StudentT::new(m, s, t).unwrap());
        kept(VonMises::new(m, s).unwrap());
        kept(Uniform::new(m, m + s.max(m.abs())).unwrap());
        kept(Gamma::new(s, t).unwrap());
        kept(Beta::new(s, t).unwrap());
        kept(Exponential::new(s).unwrap());
        kept(Poisson::new(s).unwrap());
        kept(Bernoulli::new(p).unwrap());
        kept(Geometric::new(1.0 - p).unwrap());
        kept(Binomial::new(u64::MAX, p).unwrap());
        kept(Multinomial::new(7, simplex.clone()).unwrap());
        kept(Dirichlet::new(vec![s, t, s]).unwrap());
        let read = kept(Categorical::new(simplex.clone()).unwrap());
        // The logarithm of nothing is −∞, which JSON does not know.
        if simplex[0] == 0.0 {
            prop_assert_eq!(read.log_density(&0), f64::NEG_INFINITY);
        }
        kept(Column::Poisson(Poisson::new(s).unwrap()));
        kept(Independent::new(vec![Column::Normal(Normal::new(m, s).unwrap()), Column::Beta(Beta::new(s, t).unwrap())]).unwrap());
        kept((Fixed(Normal::new(m, s).unwrap()), Poisson::new(t).unwrap()));
        kept(WithPrior::new(Poisson::new(s).unwrap(), Gamma::new(1.0 + s, t).unwrap()).unwrap());
        let spread = InverseGamma::new(s, t).unwrap();
        kept(WithPrior::new(Normal::new(m, s).unwrap(), NormalInverseGamma::new(m, t, spread).unwrap()).unwrap());
        kept(WithPrior::new(Gamma::new(s, t).unwrap(), Imagined::new(vec![s, s + t, 1.0], t).unwrap()).unwrap());
        let prior = Dirichlet::new(vec![1.0 + s, 1.0 + t]).unwrap();
        let pair = vec![MaybeFixed::fixed(Poisson::new(s).unwrap()), MaybeFixed::free(Poisson::new(t).unwrap())];
        let mixture = kept(Mixture::of(pair.clone()).unwrap().proportions_prior(prior.clone()).unwrap());
        assert_eq!(mixture, Mixture::of(pair.clone()).unwrap().proportions_prior(prior.clone()).unwrap());
        let chain = HiddenMarkovModel::of(pair).unwrap().hold_initial().transition_priors(vec![prior; 2]).unwrap();
        assert_eq!(kept(chain.clone()), chain);
    }

    #[test]
    fn every_model_of_normals_keeps_its_bits(m in number(), s in positive(), t in positive(), pi in simplex(3)) {
        let r = 0.5 * s.sqrt() * t.sqrt();
        let full = MultivariateNormal::new(vec![m, s], &[s, r, r, t]).unwrap();
        let normals = [
            kept(full.clone()),
            kept(MultivariateNormal::diagonal(vec![m, t], &[s, t]).unwrap()),
            kept(MultivariateNormal::spherical(vec![m, t], s).unwrap()),
        ];
        kept(full.clone().over::<f32>());
        kept(Mixture::new(pi.clone(), normals.to_vec()).unwrap());
        let prior = InverseWishart::new(4.0 + s, full.covariance()).unwrap();
        kept(WithPrior::new(full.clone(), NormalInverseWishart::new(vec![m, t], s, prior.clone()).unwrap()).unwrap());
        let bank = Gaussians::new(normals.to_vec()).unwrap().covariance(Covariance::Tied).floor(s).prior(prior);
        kept(Mixture::new(pi.clone(), bank.clone()).unwrap());
        let rows = [&pi[..], &[0.0, 0.0, 1.0], &pi[..]];
        kept(HiddenMarkovModel::new(&pi, &rows, Shared::new(bank, &[2, 1, 0]).unwrap()).unwrap());
        let factor = LowRankNormal::new(vec![m, s], &[r, -m], &[s, t]).unwrap().floors(vec![0.0, s]).unwrap();
        let bank = LowRankNormals::new(vec![kept(factor); 3]).unwrap().share_noise(true);
        kept(Mixture::new(pi.clone(), bank).unwrap());
        kept(LowRankNormal::isotropic(vec![m, s], &[r, -m], t).unwrap());
        let centres = Table::new(vec!["a".into(), "b".into()], vec![m, s, t, -m]).unwrap();
        kept(Centroids::new(centres).unwrap());
    }

    #[test]
    fn every_conditional_keeps_its_bits(a in number(), b in number(), s in positive(), row in simplex(3), other in simplex(3)) {
        kept(ConditionalTable::<bool, usize>::new([row.clone(), other]).unwrap());
        let normals = vec![Normal::new(a, s).unwrap(), Normal::new(b, s).unwrap()];
        kept(Switch::<Vec<Normal>, bool>::new(normals).unwrap());
        kept(Root(Poisson::new(s).unwrap()));
        let line = LinearGaussian::<(f64, f64)>::new(a, &[b, s], s).unwrap();
        kept(FixedConditional(line.clone()));
        kept(line.clone().hold_slope(1).unwrap());
        kept(line.clone().hold_intercept());
        kept(LogisticRegression::<f64>::new(a, &[b]).unwrap());
        kept(PoissonRegression::<[f64]>::new(a, &[b, s]).unwrap());
        kept(SoftmaxRegression::<f64>::new(&[0.0, a, b], &[[0.0], [b], [s]]).unwrap());
        let lines = ConditionalGaussian::<bool, (f64, f64)>::new(vec![line.clone(), line.clone()]).unwrap();
        kept(lines.clone());
        kept(lines.common_standard_deviation(s).unwrap());
        kept(Regressions::new(vec![line.clone(), line]).unwrap().response(1));
        kept(TablePrior::PseudoCount(s));
        let network = Network::builder()
            .name("weather")
            .root("rain", &["no", "yes", "hail"], row.clone())
            .variable("wet", &["no", "maybe", "yes"], &["rain"], [&row[..], &row[..], &row[..]].concat())
            .build()
            .unwrap();
        prop_assert_eq!(kept(network.clone()), network);
    }
}

#[test]
fn what_was_estimated_keeps_the_digits_that_its_constructor_alone_would_lose() {
    // 1 − p of a p that rounds to 1; a level far from where the intercept is.
    let mut s = Bernoulli::new(0.5).unwrap().statistics();
    Bernoulli::new(0.5).unwrap().observe(&mut s, &true, 1e20);
    Bernoulli::new(0.5).unwrap().observe(&mut s, &false, 1.0);
    let coin = Bernoulli::new(0.5).unwrap().estimate(&s).unwrap();
    assert!(kept(coin).log_density(&false).is_finite());
    let line = LinearGaussian::<f64>::new(0.0, &[1.0], 1.0).unwrap();
    let mut s = line.statistics();
    [(1.1, 1e9), (2.3, 1e9 + 1.0), (2.9, 1e9 + 2.0)].iter().for_each(|(x, y)| line.observe(&mut s, x, y, 1.0));
    let far = line.estimate(&s).unwrap();
    assert_eq!(kept(far.clone()).log_density(&2.0, &1e9), far.log_density(&2.0, &1e9));
}

/// A component of one's own: a normal about 0.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Noise(f64);

impl Distribution for Noise {
    type Value = f64;

    fn log_density(&self, x: &f64) -> f64 {
        Normal::new(0.0, self.0).unwrap().log_density(x)
    }
    fn sample(&self, rng: &mut dyn Rng) -> f64 {
        Normal::new(0.0, self.0).unwrap().sample(rng)
    }
}

impl Estimate for Noise {
    type Statistics = [f64; 2];

    fn statistics(&self) -> [f64; 2] {
        [0.0; 2]
    }
    fn observe(&self, s: &mut [f64; 2], x: &f64, weight: f64) {
        s[0] += weight;
        s[1] += weight * x * x;
    }
    fn estimate(&self, s: &[f64; 2]) -> Result<Self, marginal::Error> {
        Ok(Self((s[1] / s[0]).sqrt()))
    }
    fn expected_log_density(&self, s: &[f64; 2]) -> f64 {
        s[0] * Normal::new(0.0, self.0).unwrap().log_density(&0.0) - s[1] / (2.0 * self.0 * self.0)
    }
}

#[test]
fn a_fit_and_a_component_of_ones_own_come_along() {
    kept(Mixture::new(vec![1.0 / 3.0, 2.0 / 3.0], vec![Noise(0.1), Noise(3.0)]).unwrap());
    let normals = [0.0, 5.0].map(|mean| Normal::new(mean, 1.0).unwrap()).to_vec();
    let fit = Em::default().restarts(9).fit(&Mixture::of(normals).unwrap(), &[0.3, 0.2, 0.7, 4.1, 4.7, 5.2]).unwrap();
    let read: Fit<Mixture<Vec<Normal>>> = kept(fit.clone());
    assert_eq!(read.to_string(), fit.to_string());
    let json = serde_json::to_string(&fit).unwrap();
    let without = json.replacen(&serde_json::to_string(&fit.history).unwrap(), "[]", 1);
    refused::<Fit<Mixture<Vec<Normal>>>>(&without, "the objective after each E-step");
}

#[test]
fn parameters_that_the_constructor_refuses_are_not_read_and_the_number_is_named() {
    refused::<Normal>(r#"{"mean": 1.0, "standard_deviation": -2.5}"#, "standard deviation = -2.5 is not in (0, ∞)");
    refused::<Normal>(r#"{"mean": null, "standard_deviation": 1.0}"#, "null");
    refused::<Normal>(r#"{"mean": 1.0, "standard_deviation": 1.0, "skew": 2}"#, "unknown field `skew`");
    refused::<Normal>(r#"{"mean": 1.0}"#, "missing field `standard_deviation`");
    refused::<Poisson>(r#"{"rate": -3}"#, "rate = -3");
    refused::<Bernoulli>(r#"{"probability": 0.25, "complement": 0.5}"#, "0.5 is not in {1 − p}");
    refused::<Categorical>(r#"{"probabilities": [0.5, 0.25]}"#, "0.75, not 1");
    refused::<MultivariateNormal>(r#"{"mean": [0, 0], "root": {"full": [[1, 0], [0.5]]}}"#, "length 1, expected 2");
    refused::<MultivariateNormal>(r#"{"mean": [0, 0], "root": {"diagonal": [1, 0]}}"#, "singular at column 1");
    let normal = r#"{"mean": 0, "standard_deviation": 1}"#;
    refused::<Mixture<Vec<Normal>>>(
        &format!(r#"{{"proportions": [0.5, 0.6], "components": [{normal}, {normal}]}}"#),
        "1.1, not 1",
    );
    refused::<Mixture<Vec<Normal>>>(
        &format!(r#"{{"proportions": [1.0], "components": [{normal}, {normal}]}}"#),
        "expected 2",
    );
    refused::<Gaussians>(r#"{"components": [{"mean": [0], "root": {"spherical": 1}}], "floor": -1}"#, "floor = -1");
    refused::<Gaussians>(r#"{"components": []}"#, "the normals");
    refused::<Shared<Vec<Normal>>>(&format!(r#"{{"components": [{normal}], "of_state": [0, 3]}}"#), "= 3");
    let line = r#""line": {"level": 0, "slopes": [1, 2], "centre": [0, 0]}"#;
    refused::<LinearGaussian<f64>>(&format!(r#"{{{line}, "standard_deviation": 1}}"#), "length 2, expected 1");
    refused::<LinearGaussian<[f64]>>(&format!(r#"{{{line}, "standard_deviation": 0}}"#), "standard deviation = 0");
    refused::<SoftmaxRegression<[f64]>>(
        r#"{"lines": [{"level": 2, "slopes": [], "centre": []}, {"level": 0, "slopes": [], "centre": []}]}"#,
        "coefficient of class 0 = 2",
    );
    refused::<ConditionalTable<bool, usize>>(r#"{"parents": [3], "rows": [[1.0], [1.0], [1.0]]}"#, "parent");
    refused::<Centroids>(r#"{"columns": ["a"], "centres": [[1, 2]]}"#, "length 2, expected 1");
    refused::<Network>(
        r#"{"name": "n", "variables": [{"name": "a", "states": ["x", "y"], "parents": ["b"], "table": []}]}"#,
        "b",
    );
    refused::<WithPrior<Poisson, Gamma>>(r#"{"likelihood": {"rate": 1}, "prior": {"shape": 0.5, "rate": 1}}"#, "0.5");
}

#[test]
fn a_file_of_parameters_is_read_as_its_own_type_alone() {
    let path = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("saved_parameters.json");
    let fit = Em::default().fit(&Mixture::of(vec![Poisson::new(1.0).unwrap()]).unwrap(), &[1, 2, 5]).unwrap();
    save_parameters(&path, &fit).unwrap();
    let read: Fit<Mixture<Vec<Poisson>>> = load_parameters(&path).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), serde_json::to_string(&fit).unwrap());
    save_parameters(&path, &Poisson::new(0.1 + 0.2).unwrap()).unwrap();
    assert_eq!(load_parameters::<Poisson>(&path).unwrap().rate(), 0.1 + 0.2);
    // An exponential is written as a rate too.
    let other = load_parameters::<Exponential>(&path).unwrap_err().to_string();
    assert!(other.contains("Poisson, not of a marginal::"), "{other}");
    let model = ModelFile::load(&path).unwrap_err().to_string();
    assert!(model.contains("a file of parameters, which programs read"), "{model}");
    let json = std::fs::read_to_string(&path).unwrap();
    let says = |json: String, expected: &str| {
        std::fs::write(&path, &json).unwrap();
        let refused = load_parameters::<Poisson>(&path).unwrap_err().to_string();
        assert!(refused.contains(expected), "{json}: {refused}");
    };
    says(json.replace("\"version\": 1", "\"version\": 2"), "of version 2, but version 1 is read");
    says(json.replace("0.30000000000000004", "-3.5"), "rate = -3.5 is not in");
    says(json.replace("\"parameters\",", "\"checkpoint\","), "`format` or `kind` differs");
    (1..json.len() - 2).for_each(|length| says(json[..length].to_owned(), ""));
}
