//! Components of one type and of different shapes: each is estimated from its own statistics, or the start is refused.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::components::{Covariance, Gaussians};
use marginal::data::{Batch, Dataset, Observation, Table};
use marginal::distributions::{
    Binomial, Categorical, Column, Dirichlet, Distribution, Estimate, Independent, Laplace, Multinomial,
    MultivariateNormal, Normal,
};
use marginal::em::Em;
use marginal::error::Error;
use marginal::io::{ModelFile, SavedModel};
use marginal::latent::{FiniteLatent, LatentModel};
use marginal::models::{GaussianMixture, HiddenMarkovModel, Mixture};
use marginal::{
    conditionals::{LinearGaussian, Regressions},
    models::ConditionalMixture,
};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

/// Fits with the laws on, and compares the E-step's statistics with those of each component by itself, row by row.
fn each_has_its_own<D, T>(model: &Mixture<Vec<D>>, data: &T)
where
    D: Estimate,
    T: Dataset<D::Value> + marginal::data::InMemory<D::Value> + ?Sized,
{
    let (components, block) = (model.components(), data.block());
    let rows = D::Value::len(block);
    let mut s = FiniteLatent::statistics(model, model);
    model.e_step(model, Batch::new(block, None, 0), &mut s).unwrap();
    let (posterior, _) = model.posterior(model, Batch::new(block, None, 0)).unwrap();
    for (k, component) in components.iter().enumerate() {
        let mut alone = component.statistics();
        for n in (0..rows).filter(|n| posterior[k * rows + n] > 0.0) {
            component.observe(&mut alone, D::Value::get(block, n), posterior[k * rows + n]);
        }
        let [together, alone] = [&s.components[k], &alone].map(|s| component.estimate(s).unwrap());
        for n in 0..rows {
            let [a, b] = [&together, &alone].map(|d| d.log_density(D::Value::get(block, n)));
            assert!(a == b || (a - b).abs() < 1e-9 * (1.0 + b.abs()), "component {k}, row {n}: {a} {b}");
        }
    }
    let fit = Em::default().verify(true).fit(model, data).unwrap();
    assert!(fit.history.windows(2).all(|pair| pair[1] >= pair[0] - 1e-9 * pair[0].abs()));
}

fn normals() -> Vec<MultivariateNormal> {
    vec![
        MultivariateNormal::new(vec![0.0, 0.0], &[2.0, 0.5, 0.5, 1.0]).unwrap(),
        MultivariateNormal::spherical(vec![4.0, 0.0], 1.0).unwrap(),
        MultivariateNormal::diagonal(vec![0.0, 5.0], &[0.5, 2.0]).unwrap(),
    ]
}

fn rows() -> Table {
    let truth = Mixture::of(normals()).unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    Table::from_values((0..300).flat_map(|_| Distribution::sample(&truth, &mut rng)).collect(), 2).unwrap()
}

#[test]
fn normals_may_be_full_diagonal_and_spherical_in_any_order() {
    for order in [[0, 1, 2], [1, 0, 2], [2, 1, 0], [1, 2, 0]] {
        let components = order.map(|k| normals()[k].clone()).to_vec();
        each_has_its_own(&Mixture::of(components.clone()).unwrap(), &rows());
        let chain = HiddenMarkovModel::of(components).unwrap();
        let fit = Em::default().verify(true).fit(&chain, &[rows()]).unwrap();
        let shape = |k: usize| fit.parameters.emissions()[k].covariance();
        let (diagonal, spherical) =
            (order.iter().position(|k| *k == 2).unwrap(), order.iter().position(|k| *k == 1).unwrap());
        assert!(shape(diagonal)[1] == 0.0 && shape(spherical)[1] == 0.0 && shape(spherical)[0] == shape(spherical)[3]);
    }
}

#[test]
fn binomials_of_different_numbers_of_trials_and_categoricals_of_different_numbers_of_states() {
    let counts: Vec<u64> = (0..120).map(|n| [0, 1, 2, 2, 3, 7, 8, 9, 10, 9][n * 7 % 10]).collect();
    let binomial = |trials, p| Binomial::new(trials, p).unwrap();
    each_has_its_own(&Mixture::of(vec![binomial(4, 0.5), binomial(12, 0.7)]).unwrap(), &counts);
    each_has_its_own(&Mixture::of(vec![binomial(12, 0.7), binomial(4, 0.5)]).unwrap(), &counts);
    let states: Vec<usize> = (0..120).map(|n| [0, 1, 1, 2, 3, 0][n * 5 % 6]).collect();
    let categorical = |p: &[f64]| Categorical::new(p.to_vec()).unwrap();
    let mixture = vec![categorical(&[0.7, 0.3]), categorical(&[0.1, 0.2, 0.3, 0.4])];
    each_has_its_own(&Mixture::of(mixture.clone()).unwrap(), &states);
    let chain = HiddenMarkovModel::of(mixture).unwrap();
    Em::default().verify(true).fit(&chain, &[states]).unwrap();
}

#[test]
fn columns_may_be_of_another_family_in_each_component() {
    let columns = |first: Column, second: &str| Independent::new(vec![first, second.parse().unwrap()]).unwrap();
    let normal = columns(Normal::new(0.0, 1.0).unwrap().into(), "normal");
    let laplace = columns(Laplace::new(4.0, 1.0).unwrap().into(), "laplace");
    each_has_its_own(&Mixture::of(vec![normal.clone(), laplace.clone()]).unwrap(), &rows());
    each_has_its_own(&Mixture::of(vec![laplace, normal]).unwrap(), &rows());
}

#[test]
fn a_start_of_another_shape_is_refused() {
    let refused = |error: Error| error.to_string();
    let shape = "component 0 of the start is of another shape than the model's";
    let [full, spherical, _] = [0, 1, 2].map(|k| normals()[k].clone());
    let model = Mixture::of(vec![full.clone(), full.clone()]).unwrap();
    let start = Mixture::of(vec![spherical.clone(), full.clone()]).unwrap();
    assert!(refused(Em::default().fit_from(&model, &rows(), start.clone()).unwrap_err().cause).starts_with(shape));

    let binomials = |trials: u64| Mixture::of(vec![Binomial::new(trials, 0.3).unwrap(); 2]).unwrap();
    let counts = [1u64, 2, 3];
    let error = Em::default().fit_from(&binomials(4), &counts[..], binomials(5)).unwrap_err().cause;
    assert!(matches!(error, Error::OtherShape { component: 0 }));
    let column = |name: &str| Mixture::of(vec![name.parse::<Column>().unwrap(); 2]).unwrap();
    let error = Em::default().fit_from(&column("normal"), &[1.0, 2.0][..], column("poisson")).unwrap_err().cause;
    assert!(matches!(error, Error::OtherShape { component: 0 }));

    // A model of full covariances serves a start of any shape, one of diagonal covariances none that is full.
    let gaussian = GaussianMixture::new(2);
    let start = Mixture::of(Gaussians::new(start.components().clone()).unwrap()).unwrap();
    let fit = Em::default().verify(true).fit_from(&gaussian, &rows(), start.clone()).unwrap();
    assert!(fit.parameters.components()[0].covariance()[1] != 0.0);
    let diagonal = gaussian.covariance(Covariance::Diagonal);
    let error = Em::default().fit_from(&diagonal, &rows(), start).unwrap_err().cause;
    assert!(matches!(error, Error::OtherShape { component: 1 }), "{error}");
}

#[test]
fn members_of_different_lengths_are_refused() {
    let dirichlet = |alpha: &[f64]| Dirichlet::new(alpha.to_vec()).unwrap();
    let model = Mixture::of(vec![dirichlet(&[1.0, 2.0]), dirichlet(&[1.0, 2.0, 3.0])]).unwrap();
    let table = Table::from_values(vec![0.3, 0.7, 0.4, 0.6], 2).unwrap();
    let error = Em::default().fit(&model, &table).unwrap_err().cause;
    assert!(matches!(error, Error::Dimension { expected: 2, found: 3, .. }), "{error}");
    let normal = |d: usize| MultivariateNormal::spherical(vec![0.0; d], 1.0).unwrap();
    let chain = HiddenMarkovModel::of(vec![normal(2), normal(3)]).unwrap();
    let error = Em::default().fit(&chain, &[rows()]).unwrap_err().cause;
    assert!(matches!(error, Error::Dimension { expected: 2, found: 3, .. }), "{error}");
    let line = |slopes: &[f64]| LinearGaussian::<[f64]>::new(0.0, slopes, 1.0).unwrap();
    let lines = ConditionalMixture::of(Regressions::new(vec![line(&[1.0]), line(&[1.0, 2.0])]).unwrap()).unwrap();
    let error = Em::default().fit(&lines, &rows()).unwrap_err().cause;
    assert!(matches!(error, Error::Dimension { expected: 1, found: 2, .. }), "{error}");
    let counts = Multinomial::new(3, vec![0.5, 0.5]).unwrap();
    let other = Multinomial::new(4, vec![0.5, 0.5]).unwrap();
    assert!(!counts.same_statistics(&other) && counts.same_statistics(&counts));
}

#[test]
fn a_model_file_may_mix_shapes() {
    let mixed = vec![normals()[0].clone(), normals()[2].clone()];
    let file = |model| ModelFile { columns: vec!["a".into(), "b".into()], sequence: None, model };
    let json = file(SavedModel::GaussianMixture(Mixture::of(mixed.clone()).unwrap())).to_json().unwrap();
    let SavedModel::GaussianMixture(loaded) = ModelFile::from_json(&json).unwrap().model else { panic!("a mixture") };
    each_has_its_own(&loaded, &rows());
    let chain = HiddenMarkovModel::of(mixed).unwrap();
    let json = file(SavedModel::GaussianHiddenMarkovModel(chain)).to_json().unwrap();
    let SavedModel::GaussianHiddenMarkovModel(loaded) = ModelFile::from_json(&json).unwrap().model else {
        panic!("a chain")
    };
    let fit = Em::default().verify(true).fit(&loaded, &[rows()]).unwrap();
    assert_eq!(fit.parameters.emissions()[1].covariance()[1], 0.0);
    let mut s = LatentModel::statistics(&loaded, &loaded);
    loaded.e_step(&loaded, Batch::new(&[rows()][..], None, 0), &mut s).unwrap();
    let weights: f64 = s.emissions.iter().map(marginal::distributions::Scatter::weight).sum();
    assert!((weights - 300.0).abs() < 1e-9);
}
