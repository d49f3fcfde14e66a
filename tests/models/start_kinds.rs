//! Kinds of start, by name: which model knows which, and that each leads to a fit.

use marginal::distributions::{Categorical, Column};

use marginal::components::Gaussians;
use marginal::conditionals::Regressions;
use marginal::data::{Batch, Dataset, Statistics};
use marginal::latent::{Evidence, LatentModel, Start};
use marginal::models::ColumnMixture;
use marginal::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;

fn faithful() -> Table {
    Table::read_csv("data/faithful.csv").unwrap()
}

fn rng(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

/// Every kind that the model knows starts, its starts differ (but those that are given), and fits from there are checked.
fn every_kind_serves<M: Start>(
    model: &M,
    data: &(impl Dataset<M::Observation> + ?Sized),
    show: impl Fn(&M::Parameters) -> String,
) {
    for &kind in model.known_starts() {
        let start = |seed| show(&model.start_of_kind(kind, data, 1, &mut rng(seed)).unwrap());
        assert_eq!(start(1), start(1), "{kind}");
        // The starts of a model of one's own may differ in their numbers alone.
        let same = [StartKind::AsGiven, StartKind::Clusters, StartKind::Own].contains(&kind);
        assert!(same || (2..6).any(|seed| start(seed) != start(1)), "{kind}");
        let fit = Em::default().restarts(3).starts([kind]).verify(true).max_iterations(30).fit(model, data);
        assert!(fit.is_ok(), "{kind}: {}", fit.err().unwrap());
    }
    let unknown = if model.known_starts().contains(&StartKind::Own) { StartKind::Clusters } else { StartKind::Own };
    let refused = Em::default().starts([unknown]).fit(model, data).map(|_| ()).unwrap_err().to_string();
    let known: Vec<&str> = model.known_starts().iter().map(|kind| kind.name()).collect();
    assert_eq!(refused, format!("no start from {unknown} is known here: choose among {}", known.join(", ")));
}

#[test]
fn every_model_starts_from_every_kind_that_it_knows_and_names_these_where_it_does_not() {
    let rows = faithful();
    let waiting = rows.column(1);
    for shape in [Covariance::Full, Covariance::Tied, Covariance::Diagonal, Covariance::Spherical] {
        let model = GaussianMixture::new(3).covariance(shape);
        every_kind_serves(&model, &rows, |theta| format!("{theta:?}"));
        let two = Em::default().fit(&GaussianMixture::new(2).covariance(shape), &rows).unwrap().parameters;
        every_kind_serves(&model.after(two), &rows, |theta| format!("{theta:?}"));
    }
    every_kind_serves(&KMeans::new(3), &rows, |theta| format!("{:?}", theta.centres().values()));
    let columns = |names: [&str; 2]| names.map(|name| name.parse::<Column>().unwrap()).to_vec();
    let model = ColumnMixture::new(2, columns(["gamma", "poisson"])).unwrap();
    every_kind_serves(&model, &rows, |theta| format!("{theta:?}"));
    let normals = vec![Normal::new(50.0, 10.0).unwrap(), Normal::new(80.0, 10.0).unwrap()];
    every_kind_serves(&Mixture::of(normals.clone()).unwrap(), &waiting, |theta| format!("{theta:?}"));
    every_kind_serves(&HiddenMarkovModel::of(normals).unwrap(), &[waiting.clone()][..], |theta| format!("{theta:?}"));
    let lines = [2.0, 4.0].map(|a| LinearGaussian::<[f64]>::new(a, &[0.0], 1.0).unwrap());
    let lines = Regressions::new(lines.to_vec()).unwrap().response(0);
    every_kind_serves(&Mixture::of(lines).unwrap(), &rows, |theta| format!("{theta:?}"));
    let plane = MultivariateNormal::standard(2);
    let chain = HiddenMarkovModel::of(Gaussians::new(vec![plane; 2]).unwrap().covariance(Covariance::Tied)).unwrap();
    every_kind_serves(&chain, &[rows][..], |theta| format!("{theta:?}"));
}

#[test]
fn clusters_of_what_is_no_number_are_those_of_its_log_densities() {
    // Two kinds of loaded die.
    let die = |p: [f64; 3]| Categorical::new(p.to_vec()).unwrap();
    let model =
        Mixture::of(vec![(die([0.4, 0.3, 0.3]), die([0.3, 0.3, 0.4])), (die([0.3, 0.3, 0.4]), die([0.4, 0.3, 0.3]))])
            .unwrap();
    let data: Vec<(usize, usize)> =
        (0..200).map(|n| if n % 2 == 0 { (n % 7 / 6, n % 9 / 8) } else { (2 - n % 7 / 6, 2 - n % 9 / 8) }).collect();
    let best = Em::default().restarts(10).fit(&model, &data).unwrap().objective;
    for kind in [StartKind::Clusters, StartKind::Seeds] {
        let fit = Em::default().restarts(5).starts([kind]).verify(true).fit(&model, &data).unwrap();
        assert!((fit.objective - best).abs() < 1e-6, "{kind}: {} and {best}", fit.objective);
    }
}

#[test]
fn no_start_gives_a_row_probability_0_that_its_family_may_produce() {
    let rows = Table::from_values((0..60).map(|n| f64::from(n % 3 * 4)).collect(), 1).unwrap();
    let model = ColumnMixture::new(2, vec!["poisson".parse().unwrap()]).unwrap();
    for &kind in model.known_starts() {
        let theta = model.start_of_kind(kind, &rows, 0, &mut rng(3)).unwrap();
        for row in rows.rows().iter() {
            assert!(theta.components().iter().all(|d| d.log_density(row) > f64::NEG_INFINITY), "{kind}: {theta:?}");
        }
    }
}

#[test]
fn a_fit_of_fewer_components_is_split_and_one_of_as_many_is_refused() {
    let rows = Table::read_csv("data/iris.csv").unwrap();
    let fit = |k: usize| Em::default().restarts(4).fit(&GaussianMixture::new(k), &rows).unwrap().parameters;
    let (two, three) = (fit(2), fit(3));
    let split = Em::default().restarts(4).starts([StartKind::Split]);
    let found = split.fit(&GaussianMixture::new(3).after(two.clone()), &rows).unwrap();
    let by_two = two.log_densities_of(&rows).unwrap().iter().sum::<f64>();
    // Without it the start grows from one component.
    let grown = split.fit(&GaussianMixture::new(3), &rows).unwrap();
    assert!(grown.objective > by_two + 10.0, "{:?} after {by_two}", grown.history);
    assert!(found.history[0] > by_two - 5.0 && found.objective > by_two + 10.0, "{:?} after {by_two}", found.history);
    let refused = split.fit(&GaussianMixture::new(3).after(three), &rows).unwrap_err().cause;
    assert!(matches!(refused, Error::Dimension { expected: 2, found: 3, .. }), "{refused}");
}

/// Its centre starts where the number of the restart says.
struct Centre;

impl LatentModel for Centre {
    type Observation = f64;
    type Parameters = f64;
    type Statistics = [f64; 2];
    fn statistics(&self, _: &f64) -> [f64; 2] {
        [0.0; 2]
    }
    fn e_step(&self, theta: &f64, batch: Batch<'_, f64>, s: &mut [f64; 2]) -> Result<Evidence, Error> {
        let mut evidence = Evidence::default();
        for (x, weight) in batch.iter() {
            s.merge(&[weight, weight * x]);
            evidence.add(weight, -0.5 * (x - theta).powi(2));
        }
        Ok(evidence)
    }
    fn m_step(&self, _: &f64, s: &[f64; 2]) -> Result<f64, Error> {
        Ok(s[1] / s[0])
    }
    fn expected_log_joint(&self, theta: &f64, s: &[f64; 2]) -> f64 {
        theta * s[1] - 0.5 * s[0] * theta.powi(2)
    }
}

impl Start for Centre {
    fn start<D: Dataset<f64> + ?Sized>(&self, _: &D, restart: usize, _: &mut dyn Rng) -> Result<f64, Error> {
        Ok(restart as f64)
    }
}

#[test]
fn a_model_that_says_only_where_it_starts_has_a_kind_of_its_own() {
    let fit = Em::default().restarts(3).starts([StartKind::Own]).fit(&Centre, &[1.0, 2.0, 6.0]).unwrap();
    assert_eq!((fit.parameters, fit.restarts.len(), fit.reached()), (3.0, 3, 3));
    every_kind_serves(&Centre, &[1.0, 2.0, 6.0], |theta| format!("{theta}"));
}
