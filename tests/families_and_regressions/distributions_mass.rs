//! Distribution functions, quantiles and moments of the families against sums and integrals of their own densities.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
use marginal::distributions::*;

const PROBABILITIES: [f64; 11] = [1e-12, 1e-6, 1e-3, 0.05, 0.31, 0.5, 0.77, 0.99, 0.9999, 1.0 - 1e-9, 1.0 - 1e-14];

/// ∫ f over [a, b] by the trapezoid rule after x = a + (b − a) / (1 + e^(−π sinh t)); f may be infinite at the ends.
fn stretch(a: f64, b: f64, f: &dyn Fn(f64) -> f64) -> f64 {
    let (step, pi) = (1.0 / 32.0, std::f64::consts::PI);
    let term = |j: i32| {
        let t = step * f64::from(j);
        let (share, rest) = (1.0 / (1.0 + (-pi * t.sinh()).exp()), 1.0 / (1.0 + (pi * t.sinh()).exp()));
        let x = if t < 0.0 { a + (b - a) * share } else { b - (b - a) * rest };
        let value = pi * t.cosh() * share * rest * f(x);
        if x > a && x < b { value } else { 0.0 }
    };
    (b - a) * step * (-110..=110).map(term).sum::<f64>()
}

struct Case<'a> {
    name: String,
    support: [f64; 2],
    density: Box<dyn Fn(f64) -> f64 + 'a>,
    cdf: Box<dyn Fn(f64) -> f64 + 'a>,
    quantile: Box<dyn Fn(f64) -> f64 + 'a>,
    moments: Option<[f64; 2]>,
}

macro_rules! case {
    ($d:expr, $support:expr, $moments:expr) => {{
        let d = $d;
        Case {
            name: d.to_string(),
            support: $support,
            density: Box::new(move |x| d.density(&x)),
            cdf: Box::new(move |x| d.cdf(&x)),
            quantile: Box::new(move |p| d.quantile(p).unwrap()),
            moments: $moments(d),
        }
    }};
}

fn cases() -> Vec<Case<'static>> {
    let (line, positive, unit) = ([f64::NEG_INFINITY, f64::INFINITY], [0.0, f64::INFINITY], [0.0, 1.0]);
    let mut cases = vec![
        case!(Uniform::new(-2.0, 5.0).unwrap(), [-2.0, 5.0], |d: Uniform| Some([d.mean(), d.variance()])),
        case!(Exponential::new(0.03).unwrap(), positive, |d: Exponential| Some([d.mean(), d.variance()])),
        case!(LogNormal::new(0.3, 0.7).unwrap(), positive, |d: LogNormal| Some([d.mean(), d.variance()])),
    ];
    for (location, scale) in [(0.0, 1.0), (-70.0, 1e-3), (3.0, 50.0)] {
        let normal = Normal::new(location, scale).unwrap();
        cases.push(case!(normal, line, |d: Normal| Some([d.mean(), d.variance()])));
        let laplace = Laplace::new(location, scale).unwrap();
        cases.push(case!(laplace, line, |d: Laplace| Some([d.mean(), d.variance()])));
    }
    for nu in [0.2, 1.0, 2.7, 8.0, 300.0, 1e7, 1e12, 1e25] {
        let moments = |d: StudentT| (d.degrees_of_freedom() > 7.0).then(|| [d.mean().unwrap(), d.variance().unwrap()]);
        cases.push(case!(StudentT::new(2.0, 3.0, nu).unwrap(), line, moments));
    }
    for (shape, rate) in [(0.3, 2.0), (1.0, 1.0), (8.0, 0.1), (19.5, 7.0), (20.5, 7.0), (1e4, 1e4), (1e10, 1e10)] {
        cases.push(case!(Gamma::new(shape, rate).unwrap(), positive, |d: Gamma| Some([d.mean(), d.variance()])));
    }
    for (a, b) in [(1.0, 1.0), (0.4, 0.8), (3.0, 9.0), (30.0, 0.9), (2e5, 3e5), (1.5, 1e6), (1e8, 1e8)] {
        cases.push(case!(Beta::new(a, b).unwrap(), unit, |d: Beta| Some([d.mean(), d.variance()])));
    }
    for (direction, concentration) in [(0.0, 0.0), (0.4, 0.3), (3.0, 4.0), (-1.0, 900.0), (-3.1, 1e7)] {
        let d = VonMises::new(direction, concentration).unwrap();
        cases.push(case!(d, [-std::f64::consts::PI, std::f64::consts::PI], |_| None));
    }
    cases
}

impl Case<'_> {
    /// Points between which the density is smooth: halving towards a finite end of the support, doubling away from the
    /// median towards an infinite one.
    fn edges(&self) -> Vec<f64> {
        let (median, [lower, upper]) = ((self.quantile)(0.5), self.support);
        let width = (self.quantile)(0.75) - (self.quantile)(0.25);
        let mut edges = vec![median, (self.quantile)(0.1), (self.quantile)(0.9)];
        for j in -2..40 {
            let distance = width * 2f64.powi(j);
            edges.extend([median - distance, median + distance].into_iter().filter(|x| *x > lower && *x < upper));
        }
        for j in 1..300 {
            let near = 2f64.powi(-j);
            edges.extend([lower + (median - lower) * near, upper - (upper - median) * near]);
        }
        edges.extend([lower, upper]);
        edges.retain(|x| x.is_finite());
        edges.sort_unstable_by(f64::total_cmp);
        edges.dedup();
        edges
    }

    fn integral(&self, from: f64, to: f64, f: &dyn Fn(f64) -> f64) -> f64 {
        let edges = self.edges();
        let mut inside: Vec<f64> = edges.into_iter().filter(|x| *x > from && *x < to).collect();
        if from.is_finite() {
            inside.insert(0, from);
        }
        if to.is_finite() {
            inside.push(to);
        }
        inside.windows(2).map(|ends| stretch(ends[0], ends[1], f)).sum()
    }
}

#[test]
fn distribution_functions_rise_from_0_to_1() {
    for case in cases() {
        assert_eq!((case.cdf)(f64::NEG_INFINITY), 0.0, "{}", case.name);
        assert_eq!((case.cdf)(f64::INFINITY), 1.0, "{}", case.name);
        assert!((case.cdf)(f64::NAN).is_nan(), "{}", case.name);
        let (low, high) = ((case.quantile)(1e-9), (case.quantile)(1.0 - 1e-9));
        let grid = (-20..=220).map(|j| low + (high - low) * f64::from(j) / 200.0);
        let values: Vec<f64> = grid.map(|x| (case.cdf)(x)).collect();
        assert!(values.iter().all(|f| (0.0..=1.0).contains(f)), "{}", case.name);
        assert!(values.windows(2).all(|pair| pair[0] <= pair[1]), "{}: {values:?}", case.name);
    }
}

#[test]
fn distribution_functions_are_the_integrals_of_the_densities() {
    for case in cases() {
        for p in [1e-6, 0.02, 0.4, 0.5, 0.8, 0.999] {
            let x = (case.quantile)(p);
            let mass = case.integral(f64::NEG_INFINITY, x, &case.density);
            // Of a heavy tail the doubling leaves some out.
            let left_out = if case.name.contains("freedom 0.2") { 2e-2 } else { 0.0 };
            assert!((mass - (case.cdf)(x)).abs() < 1e-9 + left_out, "{} at {x}: {mass} {}", case.name, (case.cdf)(x));
        }
    }
}

#[test]
fn moments_are_the_integrals_they_name() {
    for case in cases() {
        let Some([mean, variance]) = case.moments else { continue };
        let all = |f: &dyn Fn(f64) -> f64| case.integral(f64::NEG_INFINITY, f64::INFINITY, f);
        let (shift, square) =
            (all(&|x| (x - mean) * (case.density)(x)), all(&|x| (x - mean).powi(2) * (case.density)(x)));
        assert!(shift.abs() < 1e-8 * variance.sqrt(), "{}: mean off by {shift}", case.name);
        assert!((square / variance - 1.0).abs() < 1e-8, "{}: variance {square}, not {variance}", case.name);
    }
}

#[test]
fn a_quantile_is_at_most_x_exactly_where_p_is_at_most_the_mass_up_to_x() {
    for case in cases() {
        let points: Vec<f64> = PROBABILITIES.iter().map(|p| (case.quantile)(p * 0.97 + 0.001)).collect();
        for p in PROBABILITIES {
            let quantile = (case.quantile)(p);
            for x in &points {
                assert_eq!(quantile <= *x, p <= (case.cdf)(*x), "{} at p = {p}, x = {x}", case.name);
            }
        }
        let [lower, upper] = case.support;
        assert_eq!([(case.quantile)(0.0), (case.quantile)(1.0)], [lower, upper], "{}", case.name);
    }
}

macro_rules! counts {
    ($d:expr, $upto:expr, $largest:expr) => {{
        let d = $d;
        let (mut mass, mut mean, mut square, mut log) = (0.0, 0.0, 0.0, 0.0);
        let mut before = 0.0;
        for k in 0..=$upto {
            let p = d.density(&k);
            mass += p;
            mean += p * k as f64;
            square += p * (k as f64 - d.mean()).powi(2);
            log -= if p > 0.0 { p * p.ln() } else { 0.0 };
            let cdf = d.cdf(&k);
            assert!((cdf - mass).abs() < 1e-12 && cdf >= before && cdf <= 1.0, "{d} at {k}: {cdf}, not {mass}");
            before = cdf;
            for p in PROBABILITIES {
                assert_eq!(d.quantile(p).unwrap() <= k, p <= cdf, "{d} at p = {p}, k = {k}");
            }
        }
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-11 * (1.0 + b.abs());
        assert!(near(mean, d.mean()) && near(square, d.variance()) && near(log, d.entropy()), "{d}");
        assert_eq!(d.cdf(&u64::MAX), 1.0);
        assert_eq!([d.quantile(0.0).unwrap(), d.quantile(1.0).unwrap()], [0, $largest]);
    }};
}

#[test]
fn counts_are_summed() {
    for rate in [1e-6, 0.5, 4.0, 130.0] {
        counts!(Poisson::new(rate).unwrap(), 400, u64::MAX);
    }
    counts!(Poisson::new(0.0).unwrap(), 3, 0);
    for n in [0, 1, 13, 300] {
        for p in [1e-5, 0.2, 0.5, 0.97, 1.0] {
            counts!(Binomial::new(n, p).unwrap(), n + 2, n);
        }
        counts!(Binomial::new(n, 0.0).unwrap(), n + 2, 0);
    }
    for p in [0.04, 0.5, 0.99] {
        counts!(Geometric::new(p).unwrap(), 1500, u64::MAX);
    }
    counts!(Geometric::new(1.0).unwrap(), 3, 0);
}

#[test]
fn covariances_have_the_variances_on_their_diagonal_and_rows_that_sum_to_0() {
    let multinomial = Multinomial::new(9, vec![0.5, 0.0, 0.3, 0.2]).unwrap();
    let dirichlet = Dirichlet::new(vec![0.5, 3.0, 1.5]).unwrap();
    for (covariance, variance) in
        [(multinomial.covariance(), multinomial.variance()), (dirichlet.covariance(), dirichlet.variance())]
    {
        let j = variance.len();
        assert!((0..j).all(|i| (covariance[i * (j + 1)] - variance[i]).abs() < 1e-15));
        assert!(covariance.chunks_exact(j).all(|row| row.iter().sum::<f64>().abs() < 1e-15));
    }
    // −n p₁ p₃ and −m₁ m₂ / (n + 1).
    assert!((multinomial.covariance()[2] + 9.0 * 0.5 * 0.3).abs() < 1e-15);
    assert!((dirichlet.covariance()[1] + 0.1 * 0.6 / 6.0).abs() < 1e-16);
}
