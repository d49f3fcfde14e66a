//! Gaussian mixtures of rows with missing cells, against an EM written in another language.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::components::{Components, Gaussians};
use marginal::io::CsvOptions;
use marginal::prelude::*;
use rand::rngs::StdRng;

fn near(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance, "{a} {b}");
}

/// Iris, a fifth of its cells missing at random.
fn holes() -> Table {
    CsvOptions::default().missing(true).read("data/iris_holes.csv").unwrap()
}

/// Of each shape ln L, the proportion of setosa, and two completed cells, by numpy with Σ_oo⁻¹ row by row.
const BY_NUMPY: [(Covariance, f64, f64, [f64; 2]); 4] = [
    (Covariance::Full, -214.09932614, 0.3332514, [5.02041195, 1.415129143660036]),
    (Covariance::Tied, -286.35434332, 0.33373251, [5.03039878, 1.4231174371141055]),
    (Covariance::Diagonal, -321.90967653, 0.33330315, [5.02204933, 1.4827647324656983]),
    (Covariance::Spherical, -404.64780594, 0.33274361, [5.03621099, 1.4919052981028387]),
];

#[test]
fn iris_with_holes_has_the_optimum_of_an_independent_program_in_every_shape() {
    for (shape, log_likelihood, proportion, cells) in BY_NUMPY {
        let model = GaussianMixture::new(2).covariance(shape).missing_cells(true);
        let fit = Em::default().restarts(8).tolerance(1e-14).verify(true).fit(&model, &holes()).unwrap();
        near(fit.log_likelihood, log_likelihood, 1e-7);
        near(fit.parameters.proportions().iter().copied().fold(1.0, f64::min), proportion, 1e-6);
        let filled = fit.parameters.completed(&holes()).unwrap();
        near(filled.row(0)[0], cells[0], 1e-5);
        near(filled.row(1)[2], cells[1], 1e-5);
        let cells = holes().rows().values().iter().zip(filled.rows().values()).all(|(x, y)| x.is_nan() || x == y);
        assert!(cells, "what is observed stays");
    }
}

#[test]
fn f32_rows_with_holes_give_the_fit_of_f64_rows_to_their_precision() {
    let narrow = Table::from_values(holes().rows().values().iter().map(|x| *x as f32).collect(), 4).unwrap();
    let model = GaussianMixture::new(2).missing_cells(true).over::<f32>();
    let fit = Em::default().restarts(4).fit(&model, &narrow).unwrap();
    near(fit.log_likelihood, -214.09932614, 1e-3);
    assert!(fit.parameters.completed(&narrow).unwrap().rows().values().iter().all(|x| x.is_finite()));
}

#[test]
fn without_holes_the_bits_are_those_of_complete_rows() {
    let iris = Table::read_csv("data/iris.csv").unwrap();
    let fit = |model: GaussianMixture| Em::default().restarts(3).seed(2).fit(&model, &iris).unwrap();
    let (with, without) = (fit(GaussianMixture::new(3).missing_cells(true)), fit(GaussianMixture::new(3)));
    assert_eq!(with.history, without.history);
}

#[test]
fn a_hole_is_refused_unless_it_is_allowed() {
    let failed = Em::default().fit(&GaussianMixture::new(2), &holes()).unwrap_err();
    assert!(matches!(failed.cause, Error::NotFinite { row: 0, .. }), "{failed}");
    assert!(failed.to_string().contains("missing_cells"), "{failed}");
    let mut infinite = holes().into_values();
    infinite[5] = f64::INFINITY;
    let model = GaussianMixture::new(2).missing_cells(true);
    let failed = Em::default().fit(&model, &Table::from_values(infinite, 4).unwrap()).unwrap_err();
    assert!(matches!(failed.cause, Error::NotFinite { row: 1, .. }), "{failed}");
    let mut empty = holes().into_values();
    empty.iter_mut().skip(2).step_by(4).for_each(|x| *x = f64::NAN);
    let failed = Em::default().fit(&model, &Table::from_values(empty, 4).unwrap()).unwrap_err();
    assert!(matches!(failed.cause, Error::AtColumn { column: 2, .. }), "{failed}");
    assert!(failed.to_string().contains("every cell is missing: leave the column out"), "{failed}");
}

#[test]
fn a_row_without_a_cell_says_nothing() {
    let with = [holes().into_values(), vec![f64::NAN; 12]].concat();
    let model = GaussianMixture::new(2).missing_cells(true);
    let fit = |values: Vec<f64>| {
        let table = Table::from_values(values, 4).unwrap();
        Em::default().restarts(4).tolerance(1e-14).fit(&model, &table).unwrap()
    };
    let (with, without) = (fit(with), fit(holes().into_values()));
    near(with.log_likelihood, without.log_likelihood, 1e-8);
    assert_eq!((with.draws, with.observations, without.draws), (150.0, 153, 150.0));
    let empty = Table::from_values(vec![f64::NAN; 4], 4).unwrap();
    near(with.parameters.log_densities_of(&empty).unwrap()[0], 0.0, 1e-15);
    let shares = with.parameters.responsibilities(&empty).unwrap();
    shares.row(0).iter().zip(with.parameters.proportions()).for_each(|(r, p)| near(*r, *p, 1e-12));
}

/// Steps of a chain that forgets its state are rows of a mixture.
#[test]
fn a_chain_has_missing_cells_too() {
    let normal = |mean: f64| MultivariateNormal::spherical(vec![mean, 3.0, mean, 1.0], 1.0).unwrap();
    let bank = Gaussians::new(vec![normal(1.5), normal(5.5)]).unwrap().missing_cells(true);
    let chain = HiddenMarkovModel::new(&[0.3, 0.7], &[[0.3, 0.7]; 2], bank.clone()).unwrap();
    let mixture = Mixture::new(vec![0.3, 0.7], bank.clone()).unwrap();
    let once = Em::default().max_iterations(1).tolerance(-1.0);
    let of_chain = once.fit(&chain, &[holes()]).unwrap();
    let of_mixture = once.fit(&mixture, &holes()).unwrap();
    near(of_chain.history[0], of_mixture.history[0], 1e-9);
    for (a, b) in of_chain.parameters.emissions().iter().zip(of_mixture.parameters.components()) {
        a.covariance().iter().zip(b.covariance()).for_each(|(a, b)| near(*a, b, 1e-10));
    }
    let model = HiddenMarkovModel::of(bank).unwrap();
    let em = Em::default().starts([StartKind::Clusters, StartKind::Random]).restarts(4).verify(true);
    assert!(em.fit(&model, &[holes()]).unwrap().log_likelihood > of_chain.history[0]);
}

#[test]
fn all_kinds_of_start_take_holes() {
    use marginal::latent::Start;
    let model = GaussianMixture::new(2).missing_cells(true);
    for kind in model.known_starts() {
        let fit = Em::default().starts([*kind]).restarts(2).fit(&model, &holes()).unwrap();
        near(fit.log_likelihood, -214.099326, 1e-4);
    }
    let bank = Gaussians::new(vec![MultivariateNormal::standard(4); 2]).unwrap().missing_cells(true);
    let fit = Em::default().restarts(4).fit(&Mixture::of(bank).unwrap(), &holes()).unwrap();
    near(fit.log_likelihood, -214.099326, 1e-4);
}

/// The mean of many draws is the mean, their variance that of x_m | x_o.
#[test]
fn draws_of_missing_cells_have_their_mean_and_variance() {
    let normal = MultivariateNormal::new(vec![1.0, -1.0], &[2.0, 1.2, 1.2, 1.5]).unwrap();
    let one = Mixture::of(Gaussians::new(vec![normal]).unwrap().missing_cells(true)).unwrap();
    let table = Table::from_values([2.0, f64::NAN].repeat(20_000), 2).unwrap();
    let (mean, variance) = (-1.0 + 0.6 * (2.0 - 1.0), 1.5 - 1.2 * 1.2 / 2.0);
    assert!((one.completed(&table).unwrap().row(7)[1] - mean).abs() < 1e-14);
    let drawn = one.completed_at_random(&table, &mut StdRng::seed_from_u64(1)).unwrap().column(1);
    let found = drawn.iter().sum::<f64>() / 20_000.0;
    near(found, mean, 0.03);
    near(drawn.iter().map(|x| (x - found).powi(2)).sum::<f64>() / 20_000.0, variance, 0.03);
}

/// Under θ itself Σ w E[ln p(x, x_m | z)] and the entropy of x_m are ln p(x_o | z).
#[test]
fn the_free_energy_is_the_log_density_where_the_rows_were_completed() {
    for shape in [Covariance::Full, Covariance::Diagonal] {
        let model = GaussianMixture::new(2).covariance(shape).missing_cells(true);
        let bank = Em::default().fit(&model, &holes()).unwrap().parameters.components().clone();
        for n in 0..150 {
            let mut s = bank.empty_statistics();
            bank.observe_given(&mut s, holes().row(n), 1, 0.75);
            near(bank.expected_log_densities(&s), 0.75 * bank.log_density_given(holes().row(n), 1), 1e-11);
        }
    }
}
