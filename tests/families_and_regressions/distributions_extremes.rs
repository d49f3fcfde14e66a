//! Families at the ends of their parameters: values known to 40 digits, draws of finite density, refusals that help.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
use marginal::distributions::*;
use marginal::{Error, data::Rows};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

#[track_caller]
fn close(ours: f64, known: f64, relative: f64) {
    assert!(ours == known || (ours - known).abs() <= relative * known.abs(), "{ours} is not {known}");
}

#[test]
fn the_tails_of_students_t_are_known_for_every_number_of_degrees() {
    // ν, t, P(T > t) by arithmetic of 40 digits.
    for (nu, t, tail) in [
        (1.0, 3.183098861837907e9, 1e-10),
        (1.0, 0.3, 0.407_226_420_922_257_66),
        (1.0, 1e300, 3.183_098_861_837_906_5e-301),
        (0.01, 6.7e152, 0.014_378_602_791_533_767),
        (0.01, 2.0, 0.481_908_303_315_009_08),
        (2.5, 1e-9, 0.499_999_999_638_191_28),
        (2.5, 40.0, 7.097_817_145_246_691_5e-5),
        (8.0, 3.0, 0.008_535_840_616_891_325_5),
        (300.0, 12.0, 1.159_562_376_808_066_5e-27),
        (1e7, 2.3263, 0.010_001_285_956_138_974),
        (1e7, 20.0, 2.764_715_603_478_850_7e-89),
        (1e8, 6.3613, 1.000_270_669_424_704_4e-10),
        (1e25, 5.0, 2.866_515_718_791_940_3e-7),
    ] {
        let d = StudentT::new(0.0, 1.0, nu).unwrap();
        close(d.cdf(&-t), tail, 1e-12);
        close(d.cdf(&t), 1.0 - tail, 1e-15);
        // The tail falls as t^(−ν), or like a bell: what p loses x loses over ν, or not at all.
        close(d.quantile(tail).unwrap(), -t, if tail > 0.49 { 1e-5 } else { 1e-12 / nu.min(1.0) });
    }
    let d = StudentT::new(0.0, 1.0, 1.0).unwrap();
    close(d.quantile(1e-300).unwrap(), -3.183_098_861_837_906_7e299, 1e-12);
    assert!(d.cdf(&f64::NAN).is_nan());
    for p in [-0.1, 1.5, f64::NAN] {
        assert!(matches!(d.quantile(p), Err(Error::Parameter { name: "p", .. })));
    }
}

#[test]
fn the_quantiles_of_the_normal_are_known() {
    // By arithmetic of 40 digits.
    for (p, z) in [
        (1e-300, -37.047_096_299_361_199),
        (1e-30, -11.464_024_688_443_616),
        (1e-9, -5.997_807_015_007_686_9),
        (0.02, -2.053_748_910_631_823),
        (0.3, -0.524_400_512_708_040_82),
        (0.999_999, 4.753_424_308_817_087_8),
        (1.0 - f64::EPSILON / 2.0, 8.209_536_151_601_386_9),
    ] {
        close(Normal::standard().quantile(p).unwrap(), z, 1e-13);
    }
    for (z, p) in
        [(-37.5, 4.605_353_009_581_954_8e-308), (-6.0, 9.865_876_450_376_981_4e-10), (0.7, 0.758_036_347_776_926_97)]
    {
        close(Normal::standard().cdf(&z), p, 1e-13);
    }
}

#[test]
fn half_of_the_mass_is_half_however_large_the_parameters() {
    close(Beta::new(1e8, 1e8).unwrap().cdf(&0.5), 0.5, 1e-14);
    // ½ + (1/3) / √2πa, Ramanujan.
    let above_half = |a: f64| 1.0 / (3.0 * (std::f64::consts::TAU * a).sqrt());
    close(Gamma::new(1e10, 1e10).unwrap().cdf(&1.0), 0.5 + above_half(1e10), 1e-12);
    close(Poisson::new(1e10).unwrap().cdf(&10_000_000_000), 0.5 + 2.0 * above_half(1e10), 1e-12);
    let d = Gamma::new(1e15, 1e15).unwrap();
    // Cornish and Fisher: the median is 1 − 1/3a, the quantile of 0.9 is 1 + z/√a + (z² − 1)/3a.
    close(d.quantile(0.5).unwrap(), 1.0, 1e-15);
    close(d.quantile(0.9).unwrap() - 1.0, 1.281_551_565_544_600_4e0 / 1e15f64.sqrt(), 1e-7);
    assert_eq!(Gamma::new(1.0, 1.0).unwrap().quantile(1.0).unwrap(), f64::INFINITY);
}

#[test]
fn the_mass_of_von_mises_is_known() {
    // κ, μ, x, P(−π ≤ X ≤ x) by arithmetic of 40 digits.
    for (kappa, mu, x, mass) in [
        (0.0, 3.0, -3.0, 0.022_535_170_724_313_993),
        (0.001, 1.0, 2.5, 0.897_912_210_612_675_61),
        (0.7, 0.0, -1.0, 0.244_149_962_103_479_91),
        (0.7, -2.0, -1.9, 0.312_260_516_452_119_48),
        (5.0, 1.0, 2.5, 0.998_387_172_329_076_6),
        (5.0, 3.0, -3.0, 0.109_387_285_050_905_62),
        (60.0, 0.0, -1.0, 6.339_137_519_909_737_5e-14),
        (60.0, -2.0, -1.9, 0.780_134_299_508_744_01),
        (4000.0, 3.0, -3.0, 1.820_648_183_904_980_1e-19),
        (4000.0, -2.0, -1.9, 0.999_999_999_870_668_28),
    ] {
        let d = VonMises::new(mu, kappa).unwrap();
        close(d.cdf(&x), mass, 1e-12);
        close(d.cdf(&d.quantile(mass).unwrap()), mass, 1e-12);
    }
    // A wide normal of standard deviation 1e-150.
    let narrow = VonMises::new(1.0, 1e300).unwrap();
    close(narrow.cdf(&1.0), 0.5, 1e-14);
    assert_eq!([narrow.cdf(&0.5), narrow.cdf(&1.5)], [0.0, 1.0]);
}

#[test]
fn angles_many_turns_away_mean_the_same_to_the_density_and_to_the_statistics() {
    for x in [7.0, -1e3, 1e14, 1e20, -3e150] {
        let d = VonMises::new(0.3, 2.5).unwrap();
        let mut s = d.statistics();
        d.observe(&mut s, &x, 1.0);
        close(d.log_density(&x), d.expected_log_density(&s), 1e-13);
        let natural = d.natural_parameters();
        let mut sum = [0.0; 2];
        d.add_statistics(&x, 1.0, &mut sum);
        close(natural[0] * sum[0] + natural[1] * sum[1] - d.log_partition(), d.log_density(&x), 1e-13);
    }
}

#[test]
fn the_entropies_of_counts_are_known() {
    // By arithmetic of 40 digits.
    for (rate, entropy) in [
        (1e-6, 1.481_551_090_453_781_6e-5),
        (0.3, 0.691_143_959_092_778_95),
        (4.0, 2.086_672_699_880_963_8),
        (70.0, 3.541_987_015_864_645_8),
        (3000.0, 5.422_094_534_620_432_6),
    ] {
        close(Poisson::new(rate).unwrap().entropy(), entropy, 1e-13);
    }
    for (n, p, entropy) in [
        (1, 0.3, 0.610_864_302_054_893_45),
        (17, 1e-4, 0.012_542_055_881_359_9),
        (400, 0.5, 3.721_523_102_740_476_1),
        (3000, 0.9, 4.217_951_605_249_458_9),
        (200_000, 0.31, 6.750_851_243_233_410_9),
    ] {
        close(Binomial::new(n, p).unwrap().entropy(), entropy, 1e-13);
    }
    // ½ ln 2πeλ, and no more, where λ is huge.
    let bell = |variance: f64| 0.5 * (std::f64::consts::TAU * std::f64::consts::E * variance).ln();
    close(Poisson::new(1e17).unwrap().entropy(), bell(1e17), 1e-12);
    close(Binomial::new(1 << 60, 0.5).unwrap().entropy(), bell(2f64.powi(58)), 1e-12);
    assert_eq!(Poisson::new(0.0).unwrap().entropy(), 0.0);
    assert_eq!(Binomial::new(7, 1.0).unwrap().entropy(), 0.0);
}

#[track_caller]
fn draws_are_possible<D: Distribution + std::fmt::Debug>(d: &D)
where
    <D::Value as ToOwned>::Owned: std::fmt::Debug,
{
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    for _ in 0..500 {
        let x = d.sample(&mut rng);
        let log_density = d.log_density(std::borrow::Borrow::borrow(&x));
        assert!(log_density.is_finite(), "{d:?} drew {x:?} of log-density {log_density}");
    }
}

#[test]
fn draws_have_a_finite_density_even_at_the_ends_of_the_parameters() {
    for nu in [1e-307, 1e-300, 1e-3, 0.1, 1e308] {
        for (location, scale) in [(0.0, 1.0), (-1e308, 1e308), (1e308, 1e-300)] {
            draws_are_possible(&StudentT::new(location, scale, nu).unwrap());
        }
    }
    for (location, scale) in [(0.0, 1e308), (-1e308, 1e308), (1.7e308, 1e307), (1.0, 5e-324)] {
        draws_are_possible(&Normal::new(location, scale).unwrap());
        draws_are_possible(&Laplace::new(location, scale).unwrap());
    }
    for rate in [5e-324, 1e-308, 1.0, 1e308] {
        draws_are_possible(&Exponential::new(rate).unwrap());
    }
    for a in [5e-324, 1e-300, 1e-3, 1.0, 1e100] {
        for b in [5e-324, 1e-300, 0.2, 1e100] {
            draws_are_possible(&Beta::new(a, b).unwrap());
            draws_are_possible(&Dirichlet::new(vec![a, b, 1.0, b]).unwrap());
        }
        draws_are_possible(&Gamma::new(a, 1.0).unwrap());
    }
    for (mean, deviation) in [(1e150, 1.0), (-1e10, 1e-3), (1e308, 1e308), (0.0, 5e-324)] {
        draws_are_possible(&LogNormal::new(mean, deviation).unwrap());
    }
    for (shape, rate) in [(1e-300, 1e300), (1e300, 1e-300), (1e308, 1e308), (1e-5, 5e-324), (1e300, 5e-324)] {
        draws_are_possible(&Gamma::new(shape, rate).unwrap());
    }
    // No number has a positive density.
    assert!(LogNormal::new(1e200, 1.0).is_err() && Gamma::new(1e308, 5e-324).is_err());
    assert!(StudentT::new(0.0, 1.0, 5e-324).is_err());
    assert!(Beta::new(1e308, 1e308).is_err() && Dirichlet::new(vec![1e308; 2]).is_err());
}

#[test]
fn what_no_parameter_can_reach_is_refused_with_advice() {
    let advises = |error: Error| {
        assert!(error.is_degenerate() && error.to_string().contains("rescale"), "{error}");
    };
    advises(Gamma::new(1.0, 1.0).unwrap().fit(&[1e-320, 2e-320]).unwrap_err());
    advises(Exponential::new(1.0).unwrap().fit(&[1e-320, 2e-320]).unwrap_err());
    advises(Normal::standard().fit(&[-1e200, 1e200]).unwrap_err());
    advises(Laplace::new(0.0, 1.0).unwrap().fit(&[-1e308, 1e308, 1.2e308]).unwrap_err());
}

#[test]
fn an_observation_off_the_support_is_named_with_its_row() {
    macro_rules! row_2_of {
        ($d:expr, $data:expr) => {
            assert!(matches!($d.unwrap().fit(&$data), Err(Error::Impossible { row: 2, .. })), stringify!($d));
        };
    }
    for outside in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        row_2_of!(Normal::new(0.0, 1.0), [9.0, 1e200, outside, 4.0]);
        row_2_of!(Laplace::new(0.0, 1.0), [9.0, 1e200, outside, 4.0]);
        row_2_of!(StudentT::new(0.0, 1.0, 2.0), [9.0, 3.0, outside, 4.0]);
        // Beyond [0, 1], but not off the support of the family.
        row_2_of!(Uniform::new(0.0, 1.0), [9.0, 3.0, outside, 4.0]);
        row_2_of!(VonMises::new(0.0, 1.0), [9.0, 3.0, outside, 4.0]);
        row_2_of!(Gamma::new(1.0, 1.0), [9.0, 3.0, outside, 4.0]);
        row_2_of!(LogNormal::new(0.0, 1.0), [9.0, 3.0, outside, 4.0]);
        row_2_of!(Exponential::new(1.0), [9.0, 0.0, outside, 4.0]);
        row_2_of!(Beta::new(1.0, 1.0), [0.5, 0.2, outside, 0.3]);
        let rows = [1.0, 2.0, 0.5, 7.0, 3.0, outside, 0.0, 1.0];
        row_2_of!(MultivariateNormal::new(vec![0.0; 2], &[1.0, 0.0, 0.0, 1.0]), Rows::new(&rows, 2).unwrap());
    }
    row_2_of!(Gamma::new(1.0, 1.0), [9.0, 3.0, -1.0, 4.0]);
    row_2_of!(Beta::new(1.0, 1.0), [0.5, 0.2, 1.0, 0.3]);
    row_2_of!(Binomial::new(3, 0.0), [1, 3, 4, 0]);
    row_2_of!(Categorical::new(vec![1.0, 0.0, 0.0]), [1, 2, 3, 0]);
    // A start that gives them density 0 does not make observations impossible.
    assert_eq!(Uniform::new(0.0, 1.0).unwrap().fit(&[5.0, 9.0]).unwrap(), Uniform::new(5.0, 9.0).unwrap());
    assert!(Categorical::new(vec![1.0, 0.0]).unwrap().fit(&[1, 1]).is_ok());
}

#[test]
fn a_row_and_a_block_of_rows_agree() {
    let (d, n) = (5, 70);
    let entry = |i: usize, j: usize| if i == j { 2.0 + i as f64 } else { 0.4 / (1.0 + i.abs_diff(j) as f64) };
    let covariance: Vec<f64> = (0..d * d).map(|ij| entry(ij / d, ij % d)).collect();
    let values: Vec<f64> = (0..n * d).map(|i| (i * 7919 % 1000) as f64 / 100.0 + 1e4).collect();
    let weights: Vec<f64> = (0..n).map(|i| 0.1 + (i % 5) as f64).collect();
    let mean = vec![1e4 + 3.0; d];
    for normal in [
        MultivariateNormal::new(mean.clone(), &covariance).unwrap(),
        MultivariateNormal::diagonal(mean.clone(), &[0.5, 2.0, 3.0, 1.0, 9.0]).unwrap(),
        MultivariateNormal::spherical(mean, 4.0).unwrap(),
    ] {
        let rows = Rows::new(&values, d).unwrap();
        let mut block = vec![0.0; n];
        normal.log_densities(rows, &mut block);
        let (mut at_once, mut one_by_one) = (normal.statistics(), normal.statistics());
        normal.observe_block(&mut at_once, rows, &weights);
        for ((row, log_density), weight) in values.chunks_exact(d).zip(&block).zip(&weights) {
            close(normal.log_density(row), *log_density, 1e-13);
            normal.observe(&mut one_by_one, row, *weight);
        }
        close(one_by_one.weight(), at_once.weight(), 1e-14);
        one_by_one.mean().iter().zip(at_once.mean()).for_each(|(a, b)| close(*a, *b, 1e-15));
        for (a, b) in one_by_one.scatter().iter().zip(at_once.scatter()) {
            // The mean, 1e4, is rounded at every row.
            assert!((a - b).abs() <= 1e-12 * at_once.scatter()[0], "{a} {b}");
        }
    }
}

#[test]
#[should_panic(expected = "needs a state")]
fn no_states_have_no_uniform_distribution() {
    let _ = Categorical::uniform(0);
}

#[test]
fn a_gamma_of_shape_1_is_the_exponential_even_where_the_rate_times_x_leaves_the_numbers() {
    for (rate, x) in [(2.0, 3.0), (1e-200, 1e-200), (1e-160, 1e-155), (1e200, 1e-200)] {
        let (gamma, exponential) = (Gamma::new(1.0, rate).unwrap(), Exponential::new(rate).unwrap());
        close(gamma.log_density(&x), exponential.log_density(&x), 1e-14);
    }
    assert_eq!(Gamma::new(1.0, 1e200).unwrap().log_density(&1e200), f64::NEG_INFINITY);
}

#[test]
fn a_deviation_of_a_billionth_of_the_mean_is_estimated() {
    let estimate = Normal::standard().fit(&[1e9, 1e9 + 1.0, 1e9 + 2.0]).unwrap();
    assert_eq!(estimate.mean(), 1e9 + 1.0);
    close(estimate.standard_deviation(), (2.0f64 / 3.0).sqrt(), 1e-15);
}
