//! Factor analysis, probabilistic principal components and their mixtures, against what others print.

use marginal::components::LowRankNormals;
use marginal::data::Table;
use marginal::distributions::{
    Distribution, Doubt, Estimate, LowRankNormal, MultivariateNormal, Noise, Parametric, Scatter,
};
use marginal::models::FactorAnalysis;
use marginal::prelude::*;

fn iris() -> Table {
    Table::read_csv("data/iris.csv").unwrap()
}

/// Six tests of ability, of 112 people (Smith & Stanley 1983): `ability.cov` of R, as correlations.
fn ability() -> Scatter {
    let lower: [&[f64]; 6] = [
        &[24.641],
        &[5.991, 6.7],
        &[33.520, 18.137, 149.831],
        &[6.023, 1.782, 19.424, 12.711],
        &[20.755, 4.936, 31.430, 4.757, 52.604],
        &[29.701, 7.204, 50.753, 9.075, 66.762, 135.292],
    ];
    let entry = |i: usize, j: usize| lower[i.max(j)][i.min(j)] / (lower[i][i] * lower[j][j]).sqrt();
    let correlations: Vec<f64> = (0..36).map(|ij| entry(ij / 6, ij % 6)).collect();
    Scatter::of_covariance(vec![0.0; 6], &correlations, 112.0).unwrap()
}

fn factors(s: &Scatter, q: usize) -> LowRankNormal {
    LowRankNormal::standard(6, q, Noise::Diagonal).unwrap().estimate(s).unwrap()
}

fn close(a: &[f64], b: &[f64], tolerance: f64) {
    assert_eq!(a.len(), b.len());
    assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance), "{a:?} is not {b:?}");
}

#[test]
fn tests_of_ability_have_the_factors_that_factanal_finds() {
    let s = ability();
    let (one, two) = (factors(&s, 1), factors(&s, 2));
    assert!((one.expected_log_density(&s) - -853.758_020_695_5).abs() < 1e-8);
    assert!((two.expected_log_density(&s) - -817.795_670_858_6).abs() < 1e-8);
    let printed = [0.455_224_07, 0.589_332_20, 0.218_179_41, 0.769_421_48, 0.052_452_95, 0.333_587_61];
    close(&two.uniquenesses(), &printed, 2e-6);
    let test = two.goodness_of_fit(&s).unwrap();
    assert!((test.statistic - 6.106_616_5).abs() < 1e-6 && test.degrees_of_freedom == 4);
    assert!((test.p_value - 0.191).abs() < 5e-4);
    // What R prints, in three digits, of a varimax that ends at 1e-5.
    let varimax = two.varimax().unwrap();
    let factanal = [0.499, 0.543, 0.156, 0.622, 0.206, 0.860, 0.109, 0.468, 0.956, 0.182, 0.785, 0.225];
    close(&varimax.loadings, &factanal, 4e-3);
    close(&varimax.correlations, &[1.0, 0.0, 0.0, 1.0], 1e-12);
    let promax = two.promax().unwrap();
    close(&promax.loadings[8..], &[1.023_686, -0.096_114, 0.811_525, 0.008_588], 1e-4);
    close(&promax.correlations, &[1.0, 0.557_079, 0.557_079, 1.0], 1e-4);
    assert!(two.doubts_as(0).is_empty());
}

#[test]
fn a_rotation_leaves_every_density_as_it_is() {
    let fit = Em::default().fit(&FactorAnalysis::new(2), &iris()).unwrap();
    let factors = &fit.parameters.components()[0];
    let turn = factors.varimax().unwrap().transform;
    let rotated = factors.rotated(&turn).unwrap();
    assert!(rotated.loadings().values() != factors.loadings().values());
    for row in iris().rows().iter() {
        assert!((rotated.log_density(row) - factors.log_density(row)).abs() < 1e-9);
    }
    assert!(factors.rotated(&[1.0, 0.5, 0.0, 1.0]).unwrap_err().to_string().contains("of a rotation"));
    // Oblique factors leave Λ T φ Tᵀ Λᵀ as it is.
    let promax = factors.promax().unwrap();
    let product = |i: usize, j: usize| -> f64 {
        let term = |k: usize, l: usize| {
            promax.loadings[i * 2 + k] * promax.correlations[k * 2 + l] * promax.loadings[j * 2 + l]
        };
        (0..4).map(|kl| term(kl / 2, kl % 2)).sum()
    };
    let standardised = factors.standardised_loadings();
    let direct = |i: usize, j: usize| (0..2).map(|k| standardised[i * 2 + k] * standardised[j * 2 + k]).sum::<f64>();
    (0..16).for_each(|ij| assert!((product(ij / 4, ij % 4) - direct(ij / 4, ij % 4)).abs() < 1e-10));
}

#[test]
fn principal_components_of_iris_have_their_closed_form() {
    for (q, variance, log_likelihood, p) in
        [(1, 0.114_139_079_6, -470.669_458_321, 9), (2, 0.050_682_147_9, -404.962_780_156_1, 12)]
    {
        let fit = Em::default().verify(true).fit(&FactorAnalysis::probabilistic_pca(q), &iris()).unwrap();
        assert!((fit.log_likelihood - log_likelihood).abs() < 1e-8, "{}", fit.log_likelihood);
        assert!((fit.parameters.components()[0].noise()[3] - variance).abs() < 1e-10);
        // D means, D q − q (q − 1)/2 loadings, one variance.
        assert_eq!(fit.free_parameters, Some(p));
        assert!(fit.iterations() <= 3 && fit.doubts.is_empty(), "{} {:?}", fit.iterations(), fit.doubts);
    }
}

#[test]
fn a_heywood_case_is_told_and_stands_on_its_floor() {
    let model = FactorAnalysis::new(1).floor(0.005);
    let fit = Em::default().verify(true).fit(&model, &iris()).unwrap();
    // By another program from the same floor.
    assert!((fit.log_likelihood - -423.790_604_628_0).abs() < 1e-7, "{}", fit.log_likelihood);
    let factors = &fit.parameters.components()[0];
    assert_eq!(factors.noise()[2], factors.floors_of_noise()[2]);
    assert!(matches!(fit.doubts[..], [Doubt::Heywood { component: 0, column: 2, .. }]), "{:?}", fit.doubts);
    assert!(fit.doubts[0].to_string().contains("Heywood"));
    // Two factors make any covariance of four columns but for the noise: no more parameters than that has.
    let two = Em::default().fit(&FactorAnalysis::new(2).floor(0.005), &iris()).unwrap();
    assert!((two.log_likelihood - -391.627_122_320_8).abs() < 1e-6, "{}", two.log_likelihood);
    assert_eq!(two.free_parameters, Some(4 + 10));
    assert_eq!(two.doubts.len(), 2);
}

#[test]
fn scores_are_posterior_means() {
    let normal = LowRankNormal::new(vec![1.0, -1.0, 0.5], &[0.8, 0.1, 0.5, -0.6, 0.2, 0.9], &[0.3, 0.2, 0.5]).unwrap();
    let x = [1.7, -0.2, 0.1];
    // z | x of the joint normal of (z, x): Λᵀ Σ⁻¹ (x − μ), its covariance I − Λᵀ Σ⁻¹ Λ, by conditioning the joint.
    let step = 1e-4;
    let density = |z: [f64; 2]| {
        let loadings = normal.loadings();
        let mean: Vec<f64> =
            (0..3).map(|j| normal.mean()[j] + loadings.row(j)[0] * z[0] + loadings.row(j)[1] * z[1]).collect();
        let given = MultivariateNormal::diagonal(mean, normal.noise()).unwrap().log_density(&x);
        (given, given - 0.5 * (z[0] * z[0] + z[1] * z[1]))
    };
    let slope = |z: &[f64], k: usize, prior: bool| {
        let at = |s: f64| {
            let mut z = [z[0], z[1]];
            z[k] += s;
            if prior { density(z).1 } else { density(z).0 }
        };
        (at(step) - at(-step)) / (2.0 * step)
    };
    let (scores, bartlett) = (normal.scores(&x).unwrap(), normal.bartlett_scores(&x).unwrap());
    for k in 0..2 {
        assert!(slope(&scores, k, true).abs() < 1e-8 && slope(&bartlett, k, false).abs() < 1e-8);
    }
    let expected: Vec<f64> = (0..2)
        .map(|i| (0..2).map(|k| normal.posterior_covariance()[i * 2 + k] * slope(&[0.0; 2], k, true)).sum())
        .collect();
    close(&scores, &expected, 1e-8);
    assert!(normal.scores(&[0.0; 2]).is_err());
}

#[test]
fn densities_are_those_of_the_dense_normal_also_where_a_column_has_no_noise() {
    for noise in [[0.3, 0.2, 0.5, 0.1], [1e-9, 0.2, 0.5, 0.1]] {
        let loadings = [0.8, 0.1, 0.5, -0.6, 0.2, 0.9, 0.0, 0.4];
        let normal = LowRankNormal::new(vec![1.0, -1.0, 0.5, 0.0], &loadings, &noise).unwrap();
        let dense = MultivariateNormal::new(normal.mean().to_vec(), &normal.covariance()).unwrap();
        assert!((normal.log_determinant() - dense.log_determinant()).abs() < 1e-7);
        let rows = iris();
        let mut block = vec![0.0; 150];
        normal.log_densities(rows.rows(), &mut block);
        for (row, l) in rows.rows().iter().zip(block) {
            let direct = dense.log_density(row);
            assert!((l - direct).abs() < 1e-6 * (1.0 + direct.abs()), "{l} {direct}");
            assert!((l - normal.log_density(row)).abs() < 1e-12 * (1.0 + l.abs()));
        }
    }
}

#[test]
fn mixtures_share_what_they_are_told_to_share() {
    let table = iris();
    let fit = |model: FactorAnalysis| Em::default().restarts(4).verify(true).fit(&model, &table).unwrap();
    for noise in [Noise::Diagonal, Noise::Isotropic] {
        let of =
            |q| if noise == Noise::Diagonal { FactorAnalysis::new(q) } else { FactorAnalysis::probabilistic_pca(q) };
        let variances = if noise == Noise::Diagonal { 4 } else { 1 };
        let mut log_likelihoods = Vec::new();
        for [loadings, shared_noise] in [[true, true], [true, false], [false, true], [false, false]] {
            let found = fit(of(1).components(2).share_loadings(loadings).share_noise(shared_noise));
            let bank = found.parameters.components();
            assert_eq!(bank[0].loadings().values() == bank[1].loadings().values(), loadings);
            assert_eq!(bank[0].noise() == bank[1].noise(), shared_noise);
            let times = |shared: bool| if shared { 1 } else { 2 };
            assert_eq!(found.free_parameters, Some(1 + 8 + 4 * times(loadings) + variances * times(shared_noise)));
            log_likelihoods.push(found.log_likelihood);
        }
        // What is free fits better than what is shared.
        let [tied, noises, loadings, free] = log_likelihoods[..] else { unreachable!() };
        assert!(tied <= noises.min(loadings) && noises.max(loadings) <= free, "{noise:?} {log_likelihoods:?}");
    }
}

#[test]
fn coordinates_are_as_many_as_the_free_parameters_and_tell_the_distribution() {
    let loadings = [0.8, 0.1, 0.5, -0.6, 0.2, 0.9, 0.0, 0.4, 1.0, 0.3];
    let normal = LowRankNormal::new(vec![0.0; 5], &loadings, &[0.3, 0.2, 0.5, 0.1, 0.7]).unwrap();
    let same = normal.from_vector(&normal.to_vector()).unwrap();
    close(&same.covariance(), &normal.covariance(), 1e-14);
    assert_eq!(Some(normal.to_vector().len()), normal.free_parameters());
    let bank = LowRankNormals::new(vec![normal.clone(), normal.clone()]).unwrap().share_loadings(true);
    close(&bank.from_vector(&bank.to_vector()).unwrap()[1].covariance(), &normal.covariance(), 1e-14);
    assert_eq!(bank.to_vector().len(), 10 + 10 + 9);
}

#[test]
fn what_is_no_factor_model_is_refused() {
    let refused =
        |model: &FactorAnalysis, table: &Table| Em::default().fit(model, table).unwrap_err().cause.to_string();
    assert!(refused(&FactorAnalysis::new(4), &iris()).contains("the number of factors = 4"));
    assert!(refused(&FactorAnalysis::new(0), &iris()).contains("the number of factors = 0"));
    assert!(refused(&FactorAnalysis::new(1).floor(1.0), &iris()).contains("the floor of the noise = 1"));
    let constant =
        Table::from_values((0..30).flat_map(|n| [f64::from(n), f64::from(n % 4), 7.0]).collect(), 3).unwrap();
    assert!(refused(&FactorAnalysis::new(1), &constant).contains("singular at column 2"));
    let holed = Table::from_values(vec![1.0, 2.0, f64::NAN, 1.0, 0.0, 3.0], 2).unwrap();
    assert!(refused(&FactorAnalysis::new(1), &holed).contains("NaN is not finite"));
    let new =
        |loadings: &[f64], noise: &[f64]| LowRankNormal::new(vec![0.0; 3], loadings, noise).unwrap_err().to_string();
    assert!(new(&[1.0; 3], &[1.0, 0.0, 1.0]).contains("singular at column 1"));
    assert!(new(&[1.0; 4], &[1.0; 3]).contains("the loadings: length 4, expected 6"));
    assert!(new(&[1.0, f64::NAN, 1.0], &[1.0; 3]).contains("loading = NaN"));
    let asymmetric = Scatter::of_covariance(vec![0.0; 2], &[1.0, 0.5, 0.4, 1.0], 9.0).unwrap_err().to_string();
    assert!(asymmetric.contains("above the diagonal"), "{asymmetric}");
}

/// Loadings that lie at 45° between two factors are those of one factor each; R's steps never leave this start.
#[test]
fn varimax_finds_simple_structure_from_its_worst_start() {
    let loadings = [0.66, 0.45, 0.66, 0.45, 0.66, -0.45, 0.66, -0.45];
    let normal = LowRankNormal::new(vec![0.0; 4], &loadings, &[0.4; 4]).unwrap();
    let found = normal.varimax().unwrap().loadings;
    let criterion: f64 = (0..2)
        .map(|k| {
            let share = |row: &[f64]| (row[k] / row[0].hypot(row[1])).powi(2);
            let squares: Vec<f64> = found.chunks_exact(2).map(share).collect();
            let mean = squares.iter().sum::<f64>() / 4.0;
            squares.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 4.0
        })
        .sum();
    // Of all turns by a hundredth of a degree, the best.
    assert!((criterion - 0.433_276_77).abs() < 1e-7, "{criterion}");
}
