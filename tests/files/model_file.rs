//! Model files: the same bits back, and a word for every file that is none.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;

use marginal::data::Table;
use marginal::distributions::{
    Column, Distribution, Estimate, Independent, LowRankNormal, MultivariateNormal, Poisson,
};
use marginal::io::{ModelFile, SavedModel};
use marginal::models::{Centroids, HiddenMarkovModel, Mixture};

/// Numbers whose decimal and binary forms do not agree in a few digits.
fn model() -> ModelFile {
    let third = 1.0 / 3.0;
    let components = vec![
        MultivariateNormal::new(vec![0.1 + 0.2, -1e-150], &[third, 0.1, 0.1, 7.0 * third]).unwrap(),
        MultivariateNormal::diagonal(vec![1e8 + third, 2.0f64.sqrt()], &[1e-300, third]).unwrap(),
        MultivariateNormal::spherical(vec![0.0, -0.0], third).unwrap(),
    ];
    let proportions = vec![0.1, 0.2, 0.7];
    let mixture = Mixture::new(proportions, components).unwrap();
    let columns = vec!["a".into(), "b \"c\"".into()];
    ModelFile { columns, sequence: None, model: SavedModel::GaussianMixture(mixture) }
}

fn mixture(file: &ModelFile) -> &Mixture<Vec<MultivariateNormal>> {
    let SavedModel::GaussianMixture(mixture) = &file.model else { panic!("a Gaussian mixture was saved") };
    mixture
}

#[test]
fn a_mixture_comes_back_to_the_last_bit() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("model_round_trip.json");
    let saved = model();
    saved.save(&path).unwrap();
    let loaded = ModelFile::load(&path).unwrap();
    assert_eq!(loaded, saved);
    for x in [[0.3, 0.1], [1e8, 1.5], [-4.0, 1e5]] {
        let (before, after) = (mixture(&saved).log_density(&x), mixture(&loaded).log_density(&x));
        assert_eq!(before.to_bits(), after.to_bits());
    }
    let means = |file: &ModelFile| mixture(file).components()[2].mean().iter().map(|m| m.to_bits()).collect::<Vec<_>>();
    assert_eq!(means(&loaded), means(&saved), "the sign of zero is kept");
}

#[test]
fn centres_come_back_to_the_last_bit() {
    let centres = Table::new(vec!["a".into()], vec![0.1 + 0.2, 1.0 / 3.0]).unwrap();
    let model = SavedModel::KMeans(Centroids::new(centres).unwrap());
    let saved = ModelFile { columns: vec!["a".into()], sequence: None, model };
    assert_eq!(ModelFile::from_json(&saved.to_json().unwrap()).unwrap(), saved);
}

fn chain<D: Estimate>(
    columns: &[&str],
    emissions: Vec<D>,
    saved: fn(HiddenMarkovModel<Vec<D>>) -> SavedModel,
) -> ModelFile {
    let chain = HiddenMarkovModel::new(&[0.1, 0.9], &[[1.0 / 3.0, 2.0 / 3.0], [0.0, 1.0]], emissions).unwrap();
    let columns = columns.iter().map(|name| (*name).to_owned()).collect();
    ModelFile { columns, sequence: Some("patient".into()), model: saved(chain) }
}

#[test]
fn hidden_markov_models_come_back_to_the_last_bit_or_are_refused() {
    let normals = mixture(&model()).components()[..2].to_vec();
    let rates = [0.1 + 0.2, 7.0 / 3.0].map(|rate| vec![Poisson::new(rate).unwrap().into()]);
    let counts = rates.map(|rate| Independent::<Column>::new(rate).unwrap()).to_vec();
    for saved in [
        chain(&["a", "b"], normals, SavedModel::GaussianHiddenMarkovModel),
        chain(&["n"], counts, SavedModel::ColumnHiddenMarkovModel),
    ] {
        let json = saved.to_json().unwrap();
        assert_eq!(ModelFile::from_json(&json).unwrap(), saved);
        assert_eq!((saved.model.components(), saved.model.dimension()), (2, saved.columns.len()));
        let refusal = |from: &str, to: &str| {
            assert!(json.contains(from), "{from}");
            ModelFile::from_json(&json.replacen(from, to, 1)).unwrap_err().to_string()
        };
        assert_eq!(refusal("0.1,", "0.2,"), "the sum of the probabilities of the first state is 1.1, not 1");
        let row = "the sum of the row of transition probabilities from state 1 is 1.5, not 1";
        assert_eq!(refusal("0.0,\n        1.0", "0.5,\n        1.0"), row);
        assert_eq!(refusal("0.0,\n        1.0", "1.0"), "a row of transition probabilities: length 1, expected 2");
        assert!(refusal("\"initial\"", "\"first\"").contains("unknown field `first`"));
    }
}

#[test]
fn factors_come_back_to_the_last_bit_or_are_refused() {
    let factor = LowRankNormal::new(vec![0.1, 0.7, 1.0 / 3.0], &[0.3, -0.1, 2.0], &[0.125, 0.7, 1.5]).unwrap();
    let mixture = Mixture::new(vec![0.25, 0.75], vec![factor.clone(), factor]).unwrap();
    let columns = ["a", "b", "c"].map(String::from).to_vec();
    let saved = ModelFile { columns, sequence: None, model: SavedModel::FactorMixture(mixture) };
    let json = saved.to_json().unwrap();
    assert_eq!(ModelFile::from_json(&json).unwrap(), saved);
    assert_eq!((saved.model.components(), saved.model.dimension()), (2, 3));
    let refusal = |from: &str, to: &str| {
        assert!(json.contains(from), "{from} in {json}");
        ModelFile::from_json(&json.replacen(from, to, 1)).unwrap_err().to_string()
    };
    assert!(refusal("0.125", "-0.125").contains("singular at column 0"));
    assert!(refusal("\"a\",", "").contains("a mean: length 3, expected 2"));
    assert!(refusal("\"diagonal\"", "\"isotropic\"").contains("isotropic noise"));
    assert!(refusal("\"noise\"", "\"noises\"").contains("unknown field `noises`"));
}

#[test]
fn every_family_comes_back_to_the_last_bit() {
    for name in Column::NAMES {
        let name = name.replace(":n", ":7").replace(":K", ":3");
        let family: Column = name.parse().unwrap();
        assert_eq!(family.family(), name);
        let data: Vec<f64> = [0.3, 0.7, 0.45, 0.9, 0.123].to_vec();
        let whole: Vec<f64> = [0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0].to_vec();
        let fitted = family.fit(if family.is_discrete() { &whole } else { &data }).unwrap();
        let parts = [fitted.clone(), fitted.clone()].map(|part| Independent::new(vec![part]).unwrap());
        let mixture = Mixture::new(vec![0.3, 0.7], parts.to_vec()).unwrap();
        let saved = ModelFile { columns: vec!["x".into()], sequence: None, model: SavedModel::ColumnMixture(mixture) };
        let json = saved.to_json().unwrap();
        let loaded = ModelFile::from_json(&json).unwrap();
        assert_eq!(loaded, saved, "{name}");
        assert_eq!(loaded.to_json().unwrap(), json, "{name}");
        let parameter = &fitted.parameters()[0].0;
        let renamed = json.replace(&format!("\"{parameter}\""), "\"oracle\"");
        let message = ModelFile::from_json(&renamed).unwrap_err().to_string();
        assert_eq!(message, format!("the {parameter} of {name} is missing"));
    }
}

#[test]
fn a_file_cut_short_anywhere_is_refused_as_such() {
    let json = model().to_json().unwrap();
    let json = json.trim_end();
    for end in (0..json.len()).filter(|&end| json.is_char_boundary(end)) {
        let message = ModelFile::from_json(&json[..end]).unwrap_err().to_string();
        assert!(message.contains("cut short"), "cut at {end}: {message}");
    }
}

#[test]
fn what_is_not_valid_is_refused_with_its_reason() {
    let json = model().to_json().unwrap();
    let refusal = |from: &str, to: &str| {
        assert!(json.contains(from), "{from}");
        ModelFile::from_json(&json.replacen(from, to, 1)).unwrap_err().to_string()
    };
    let version = "a model file of version 2, but version 1 is read: fit and save it again";
    assert_eq!(refusal("\"version\": 1", "\"version\": 2"), version);
    assert!(refusal("\"marginal\"", "\"other\"").contains("`format` differs"));
    assert!(refusal("0.2", "0.3").contains("the sum of the proportions is 1.1"));
    assert!(refusal("\"spherical\": 0.", "\"spherical\": -0.").contains("singular"));
    assert!(refusal("\"a\",", "").contains("a mean: length 2, expected 1"));
    assert!(refusal("gaussian-mixture", "oracle").contains("unknown variant `oracle`"));
    assert!(refusal("0.2", "null").contains("expected f64"));
    assert!(ModelFile::from_json("eruptions,waiting\n").unwrap_err().to_string().contains("not a model file"));
}
