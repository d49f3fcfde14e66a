//! Densities, distribution functions and moments of the families, against statrs, sums and quadrature.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
use marginal::conditionals::{EstimateConditional, LinearGaussian, LogisticRegression};
use marginal::distributions::*;
use statrs::distribution as reference;
use statrs::distribution::{Continuous, ContinuousCDF, Discrete, DiscreteCDF};
use statrs::statistics::Distribution as _;

const SHAPES: [f64; 7] = [0.05, 0.5, 1.0, 1.7, 6.0, 40.0, 900.0];
const RATES: [f64; 4] = [1e-3, 0.4, 1.0, 250.0];
const PROBABILITIES: [f64; 8] = [1e-9, 1e-3, 0.05, 0.3, 0.5, 0.77, 0.99, 0.999_999];

#[track_caller]
fn close(ours: f64, theirs: f64, relative: f64) {
    let equal = ours == theirs || (ours - theirs).abs() <= relative * (1.0 + theirs.abs());
    assert!(equal, "{ours} is not {theirs}");
}

/// Density, distribution function, quantiles, mean and variance against a statrs twin.
macro_rules! agree {
    ($ours:expr, $theirs:expr, $accuracy:expr) => {{
        let (ours, theirs) = (&$ours, &$theirs);
        for p in PROBABILITIES {
            // Only where p still resolves x: the density times the spacing of x is below 1e-12.
            let x = ours.quantile(p).unwrap();
            if x != 0.0 && x.is_finite() && ours.density(&x) * x.abs() < 1e3 && x > 1e-300 || x < 0.0 {
                close(ours.cdf(&x), p, 1e-8);
            }
            // statrs' erfc has no more than ten digits.
            close(ours.cdf(&x), theirs.cdf(x), 1e-10);
            for x in [x, -x, 0.5 * x, 3.0 * x, 1e-3] {
                if x != 0.0 && x != 1.0 {
                    let (ours, theirs) = (ours.log_density(&x), theirs.ln_pdf(x));
                    assert!(
                        (ours - theirs).abs() <= $accuracy * (1.0 + theirs.abs()) || ours == theirs,
                        "{ours} {theirs}"
                    );
                }
            }
        }
    }};
}

#[test]
fn gamma_agrees_with_statrs() {
    for shape in SHAPES {
        for rate in RATES {
            let (ours, theirs) = (Gamma::new(shape, rate).unwrap(), reference::Gamma::new(shape, rate).unwrap());
            agree!(ours, theirs, 1e-11);
            close(ours.mean(), theirs.mean().unwrap(), 1e-15);
            close(ours.variance(), theirs.variance().unwrap(), 1e-15);
            close(ours.entropy(), theirs.entropy().unwrap(), 1e-11);
        }
    }
}

#[test]
fn beta_agrees_with_statrs() {
    for a in SHAPES {
        for b in SHAPES {
            let (ours, theirs) = (Beta::new(a, b).unwrap(), reference::Beta::new(a, b).unwrap());
            for x in [1e-9, 1e-3, 0.02, 0.3, 0.5, 0.9, 0.999] {
                close(ours.log_density(&x), theirs.ln_pdf(x), 1e-11);
                // statrs loses digits where a + b is large.
                close(ours.cdf(&x), theirs.cdf(x), 2e-12);
            }
            close(ours.mean(), theirs.mean().unwrap(), 1e-15);
            close(ours.variance(), theirs.variance().unwrap(), 1e-15);
            close(ours.entropy(), theirs.entropy().unwrap(), 1e-10);
            let median = ours.quantile(0.5).unwrap();
            if median > 1e-6 && median < 1.0 - 1e-6 {
                close(ours.cdf(&median), 0.5, 1e-9);
            }
        }
    }
}

#[test]
fn the_location_scale_families_agree_with_statrs() {
    for location in [-3.0, 0.0, 1e3] {
        for scale in [1e-3, 1.0, 70.0] {
            let ours = Laplace::new(location, scale).unwrap();
            let theirs = reference::Laplace::new(location, scale).unwrap();
            for x in [-5.0, location - 2.0 * scale, location, location + 0.3 * scale, 1e4] {
                // Where statrs takes ln exp(·), it leaves −∞ of what is below −745.
                let log_density = -(x - location).abs() / scale - (2.0 * scale).ln();
                close(ours.log_density(&x), log_density, 1e-14);
                close(ours.cdf(&x), theirs.cdf(x), 1e-14);
            }
            for p in PROBABILITIES {
                close(ours.quantile(p).unwrap(), theirs.inverse_cdf(p), 1e-12);
            }
            close(ours.entropy(), theirs.entropy().unwrap(), 1e-14);
            close(ours.variance(), theirs.variance().unwrap(), 1e-14);
            for nu in [0.3, 1.0, 2.5, 8.0, 300.0] {
                let ours = StudentT::new(location, scale, nu).unwrap();
                let theirs = reference::StudentsT::new(location, scale, nu).unwrap();
                for z in [-40.0, -1.0, 0.0, 0.2, 3.0, 1e5] {
                    let x = location + scale * z;
                    close(ours.log_density(&x), theirs.ln_pdf(x), 1e-11);
                    close(ours.cdf(&x), theirs.cdf(x), 1e-12);
                }
                close(ours.quantile(0.9).unwrap(), theirs.inverse_cdf(0.9), 1e-12);
                if nu > 2.0 {
                    close(ours.variance().unwrap(), theirs.variance().unwrap(), 1e-12);
                }
                let standard = reference::StudentsT::new(0.0, 1.0, nu).unwrap().entropy().unwrap();
                close(ours.entropy(), standard + scale.ln(), 1e-10);
            }
        }
    }
}

#[test]
fn exponential_log_normal_and_uniform_agree_with_statrs() {
    for rate in RATES {
        let (ours, theirs) = (Exponential::new(rate).unwrap(), reference::Exp::new(rate).unwrap());
        agree!(ours, theirs, 1e-13);
        close(ours.entropy(), theirs.entropy().unwrap(), 1e-14);
        close(ours.log_density(&0.0), rate.ln(), 1e-15);
    }
    for (mean, deviation) in [(0.0, 1.0), (3.0, 0.01), (-200.0, 2.0)] {
        let ours = LogNormal::new(mean, deviation).unwrap();
        let theirs = reference::LogNormal::new(mean, deviation).unwrap();
        agree!(ours, theirs, 1e-11);
        close(ours.mean(), theirs.mean().unwrap(), 1e-14);
        close(ours.variance().ln(), theirs.variance().unwrap().ln(), 1e-11);
        close(ours.entropy(), theirs.entropy().unwrap(), 1e-14);
    }
    let (ours, theirs) = (Uniform::new(-2.0, 5.0).unwrap(), reference::Uniform::new(-2.0, 5.0).unwrap());
    for x in [-2.1, -2.0, 0.0, 4.9, 5.0, 5.1] {
        close(ours.log_density(&x), theirs.ln_pdf(x), 1e-15);
        close(ours.cdf(&x), theirs.cdf(x), 1e-15);
    }
    close(ours.variance(), theirs.variance().unwrap(), 1e-15);
    close(ours.quantile(0.25).unwrap(), -0.25, 1e-15);
}

#[test]
fn the_counting_families_agree_with_statrs() {
    for rate in [1e-6, 0.3, 4.0, 70.0, 3000.0] {
        let (ours, theirs) = (Poisson::new(rate).unwrap(), reference::Poisson::new(rate).unwrap());
        for k in [0, 1, 2, 5, 60, 3050, 10_000] {
            close(ours.log_density(&k), theirs.ln_pmf(k), 1e-11);
            // statrs loses digits where λ is large.
            close(ours.cdf(&k), theirs.cdf(k), 2e-12);
        }
        for p in PROBABILITIES {
            let k = ours.quantile(p).unwrap();
            assert!(ours.cdf(&k) >= p && (k == 0 || ours.cdf(&(k - 1)) < p));
        }
    }
    for probability in [0.0, 1e-4, 0.3, 0.5, 0.9, 1.0] {
        for n in [1, 2, 17, 400] {
            let ours = Binomial::new(n, probability).unwrap();
            let theirs = reference::Binomial::new(probability, n).unwrap();
            for k in [0, 1, 2, 9, 17, 200, 399, 400, 401] {
                close(ours.log_density(&k), theirs.ln_pmf(k), 1e-10);
                close(ours.cdf(&k), theirs.cdf(k), 1e-13);
            }
            close(ours.mean(), theirs.mean().unwrap(), 1e-15);
            close(ours.variance(), theirs.variance().unwrap(), 1e-15);
        }
        if probability > 0.0 {
            let ours = Geometric::new(probability).unwrap();
            // statrs counts the success too.
            let theirs = reference::Geometric::new(probability).unwrap();
            for k in [0, 1, 2, 10, 1000] {
                close(ours.log_density(&k), theirs.ln_pmf(k + 1), 1e-11);
                close(ours.cdf(&k), theirs.cdf(k + 1), 1e-13);
            }
            close(ours.mean(), theirs.mean().unwrap() - 1.0, 1e-11);
            close(ours.variance(), theirs.variance().unwrap(), 1e-11);
        }
    }
}

#[test]
fn probabilities_of_finite_families_sum_to_one() {
    let sum = |terms: &mut dyn Iterator<Item = f64>| close(terms.sum::<f64>(), 1.0, 1e-12);
    for p in [0.0, 1e-300, 0.2, 0.5, 1.0 - 1e-16, 1.0] {
        sum(&mut [false, true].iter().map(|x| Bernoulli::new(p).unwrap().density(x)));
        sum(&mut (0..=12).map(|k| Binomial::new(12, p).unwrap().density(&k)));
    }
    sum(&mut (0..5).map(|k| Categorical::new(vec![0.0, 0.1, 0.2, 0.7]).unwrap().density(&k)));
    sum(&mut (0..200).map(|k| Poisson::new(40.0).unwrap().density(&k)));
    sum(&mut (0..400).map(|k| Geometric::new(0.1).unwrap().density(&k)));
    let multinomial = Multinomial::new(6, vec![0.5, 0.0, 0.3, 0.2]).unwrap();
    let cells = (0..7u64.pow(4)).map(|c| [c % 7, c / 7 % 7, c / 49 % 7, c / 343]);
    sum(&mut cells.map(|k| multinomial.density(&k)));
}

/// ∫ f over ℝ by the trapezoid rule after x = c + s sinh(½π sinh t): exponentially accurate for smooth f.
fn integral(centre: f64, scale: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (step, half_pi) = (1.0 / 256.0, std::f64::consts::FRAC_PI_2);
    let node = |j: i32| {
        let t = f64::from(j) * step;
        let u = half_pi * t.sinh();
        scale * half_pi * t.cosh() * u.cosh() * f(centre + scale * u.sinh())
    };
    step * (-1100..=1100).map(node).filter(|term| term.is_finite()).sum::<f64>()
}

#[test]
fn continuous_densities_integrate_to_one() {
    let on_line = |centre, scale, d: &dyn Distribution<Value = f64>| {
        close(integral(centre, scale, |x| d.density(&x)), 1.0, 1e-9);
    };
    for nu in [1.0, 3.0, 50.0] {
        on_line(2.0, 3.0, &StudentT::new(2.0, 3.0, nu).unwrap());
    }
    // On (0, ∞) with x = e^u, on (0, 1) with x = 1 / (1 + e^−u).
    let positive = |centre, scale, d: &dyn Distribution<Value = f64>| {
        let of_log = |u: f64| if u.abs() < 700.0 { d.density(&u.exp()) * u.exp() } else { 0.0 };
        close(integral(centre, scale, of_log), 1.0, 1e-9);
    };
    for shape in [0.3, 1.0, 8.0, 1e6] {
        positive((shape / 2.0f64).ln(), 1.0 / shape.sqrt(), &Gamma::new(shape, 2.0).unwrap());
    }
    positive(-1.0, 1.0, &Exponential::new(3.0).unwrap());
    positive(1.0, 0.5, &LogNormal::new(1.0, 0.5).unwrap());
    for (a, b) in [(0.4, 0.7), (1.0, 1.0), (3.0, 9.0), (2e5, 3e5)] {
        let d = Beta::new(a, b).unwrap();
        let of_logit = |u: f64| {
            let (x, y) = (1.0 / (1.0 + (-u).exp()), 1.0 / (1.0 + u.exp()));
            if x > 0.0 && x < 1.0 { d.density(&x) * x * y } else { 0.0 }
        };
        close(integral((a / b).ln(), 1.0 / (a.min(b)).sqrt(), of_logit), 1.0, 1e-9);
    }
    // Over one period the trapezoid rule is exact.
    for kappa in [0.0, 0.5, 20.0, 4000.0] {
        let d = VonMises::new(3.0, kappa).unwrap();
        let step = std::f64::consts::TAU / 4096.0;
        let sum: f64 = (0..4096).map(|j| d.density(&(5.0 + step * f64::from(j)))).sum();
        close(sum * step, 1.0, 1e-12);
    }
    let laplace = Laplace::new(0.5, 0.2).unwrap();
    let side = |sign: f64| integral(0.0, 1.0, |u| laplace.density(&(0.5 + sign * u.exp())) * u.exp());
    close(side(1.0) + side(-1.0), 1.0, 1e-9);
}

#[test]
fn the_dirichlet_of_two_is_the_beta_and_of_three_integrates_to_one() {
    let (dirichlet, beta) = (Dirichlet::new(vec![2.5, 0.7]).unwrap(), Beta::new(2.5, 0.7).unwrap());
    for x in [0.1, 0.5, 0.93] {
        close(dirichlet.log_density(&[x, 1.0 - x]), beta.log_density(&x), 1e-14);
    }
    close(dirichlet.entropy(), beta.entropy(), 1e-14);
    let d = Dirichlet::new(vec![2.0, 3.0, 4.0]).unwrap();
    let n = 400;
    let cell = |i: i32, j: i32| {
        let (x, y) = (f64::from(i) / f64::from(n), f64::from(j) / f64::from(n));
        d.density(&[x, y, 1.0 - x - y])
    };
    let sum: f64 = (1..n).flat_map(|i| (1..n - i).map(move |j| (i, j))).map(|(i, j)| cell(i, j)).sum();
    close(sum / f64::from(n * n), 1.0, 1e-4);
    assert_eq!(d.log_density(&[0.5, 0.5, 0.0]), f64::NEG_INFINITY);
    assert_eq!(d.log_density(&[0.5, 0.5]), f64::NEG_INFINITY);
    assert_eq!(d.log_density(&[0.5, 0.2, 0.2]), f64::NEG_INFINITY);
}

#[test]
fn entropies_are_minus_the_mean_log_density() {
    let minus_mean =
        |terms: &mut dyn Iterator<Item = f64>| -terms.filter(|l| l.is_finite()).map(|l| l * l.exp()).sum::<f64>();
    let geometric = Geometric::new(0.2).unwrap();
    close(geometric.entropy(), minus_mean(&mut (0..2000).map(|k| geometric.log_density(&k))), 1e-12);
    let categorical = Categorical::new(vec![0.0, 0.25, 0.75]).unwrap();
    close(categorical.entropy(), minus_mean(&mut (0..3).map(|k| categorical.log_density(&k))), 1e-15);
    let bernoulli = Bernoulli::new(0.3).unwrap();
    close(bernoulli.entropy(), minus_mean(&mut [true, false].iter().map(|x| bernoulli.log_density(x))), 1e-15);
    assert_eq!(Bernoulli::new(1.0).unwrap().entropy(), 0.0);
    let von_mises = VonMises::new(0.3, 2.0).unwrap();
    let angles = (0..4096).map(|j| std::f64::consts::TAU / 4096.0 * f64::from(j));
    let mean: f64 = angles.map(|x| von_mises.density(&x) * von_mises.log_density(&x)).sum();
    close(von_mises.entropy(), -mean * std::f64::consts::TAU / 4096.0, 1e-12);
}

#[test]
fn free_parameters_are_counted() {
    let full = MultivariateNormal::<f64>::new(vec![0.0; 3], &[2.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 2.0]).unwrap();
    assert_eq!(full.free_parameters(), Some(3 + 6));
    let diagonal = MultivariateNormal::<f64>::diagonal(vec![0.0; 3], &[2.0; 3]).unwrap();
    assert_eq!(diagonal.free_parameters(), Some(3 + 3));
    assert_eq!(MultivariateNormal::<f64>::spherical(vec![0.0; 3], 2.0).unwrap().free_parameters(), Some(3 + 1));
    let line = LinearGaussian::<(f64, bool)>::new(1.0, &[2.0, 3.0], 1.0).unwrap();
    assert_eq!(line.free_parameters(), Some(1 + 2 + 1));
    assert_eq!(LogisticRegression::<(f64, bool)>::new(1.0, &[2.0, 3.0]).unwrap().free_parameters(), Some(1 + 2));
}
