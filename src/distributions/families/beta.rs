//! Beta: p(x) = xᵃ⁻¹ (1 − x)ᵇ⁻¹ / B(a, b), x ∈ (0, 1).

use rand::Rng;
use statrs::function::gamma::digamma;

use crate::error::Error;
use crate::numeric::logarithms;

use crate::distributions::rows::dirichlet::{
    draw_shares, expected_above_peak, log_partition, maximise, maximise_from_logs, peak,
};
use crate::distributions::special::deviance::deviance_of_share;
use crate::distributions::special::{incomplete_beta, quantile};
use crate::distributions::{
    Cumulative, Distribution, Estimate, ExponentialFamily, LogMoments, Parametric, natural_log_densities,
};

/// The beta distribution with a > 0 and b > 0. The support is open: at 0 and 1 the density may be infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beta {
    a: f64,
    b: f64,
    /// ln (x (1 − x) p(x)) at x = a / (a + b), where it is largest.
    peak: f64,
}

impl Beta {
    /// # Errors
    /// [`Error::Parameter`] unless a ∈ (0, ∞) and b ∈ (0, ∞), and a + b too.
    pub fn new(a: f64, b: f64) -> Result<Self, Error> {
        Error::check(a > 0.0 && a.is_finite(), "a", a, "(0, ∞)")?;
        Error::check(b > 0.0 && b.is_finite(), "b", b, "(0, ∞)")?;
        Error::check((a + b).is_finite(), "a + b", a + b, "(0, ∞)")?;
        Ok(Self { a, b, peak: peak(&[a, b]) })
    }

    /// a.
    pub fn a(&self) -> f64 {
        self.a
    }

    /// b.
    pub fn b(&self) -> f64 {
        self.b
    }

    /// a / (a + b).
    pub fn mean(&self) -> f64 {
        self.a / (self.a + self.b)
    }

    /// ab / ((a + b)² (a + b + 1)).
    pub fn variance(&self) -> f64 {
        let total = self.a + self.b;
        (self.a / total) * (self.b / total) / (total + 1.0)
    }

    /// −E[ln p(x)], in nats.
    pub fn entropy(&self) -> f64 {
        let psi = digamma(self.a + self.b);
        self.log_partition() - (self.a - 1.0) * (digamma(self.a) - psi) - (self.b - 1.0) * (digamma(self.b) - psi)
    }
}

/// 1 − x of each.
fn rests(block: &[f64]) -> Vec<f64> {
    block.iter().map(|x| 1.0 - x).collect()
}

impl Distribution for Beta {
    type Value = f64;

    fn log_density(&self, x: &f64) -> f64 {
        if !(*x > 0.0 && *x < 1.0) {
            return f64::NEG_INFINITY;
        }
        let total = self.a + self.b;
        let deviance = |a: f64, x: f64| deviance_of_share(a, total, x, a - total * x);
        let deviance = deviance(self.a, *x) + deviance(self.b, 1.0 - x);
        self.peak - deviance - x.ln() - (-x).ln_1p()
    }

    /// Kept inside (0, 1), so that a draw lies on the support.
    fn sample(&self, rng: &mut dyn Rng) -> f64 {
        draw_shares(&[self.a, self.b], rng)[0].clamp(f64::MIN_POSITIVE, 1.0 - 0.5 * f64::EPSILON)
    }
}

crate::sample_with_rand!(Beta => f64);

impl Cumulative for Beta {
    /// With an absolute error of a few ε, and for a, b ≥ ½ a relative error below 1e-12.
    fn cdf(&self, x: &f64) -> f64 {
        let x = x.clamp(0.0, 1.0);
        if x.is_nan() { x } else { incomplete_beta::lower(self.a, self.b, x, 1.0 - x, self.peak) }
    }

    /// 0 at p = 0, 1 at p = 1.
    fn quantile(&self, p: f64) -> Result<f64, Error> {
        quantile::of_numbers(p, [0.0, 1.0], |x| self.cdf(&x))
    }
}

/// From the means and Jensen gaps of x and of 1 − x: large parameters do not cost digits.
impl Estimate for Beta {
    type Statistics = [LogMoments; 2];

    fn statistics(&self) -> Self::Statistics {
        [LogMoments::default(); 2]
    }

    fn observe(&self, [of_x, of_rest]: &mut Self::Statistics, x: &f64, weight: f64) {
        of_x.add(*x, weight);
        of_rest.add(1.0 - x, weight);
    }

    fn observe_block(&self, [of_x, of_rest]: &mut Self::Statistics, block: &[f64], weights: &[f64]) {
        of_x.add_block(block, weights);
        of_rest.add_block(&rests(block), weights);
    }

    fn log_densities_each(components: &[&Self], block: &[f64], tile: &mut [f64]) {
        natural_log_densities(components, block, tile);
    }

    fn estimate(&self, [of_x, of_rest]: &Self::Statistics) -> Result<Self, Error> {
        let weight = of_x.weight;
        if !(weight > 0.0) {
            return Err(Error::NoWeight { weight });
        }
        let estimate = maximise("Beta", &[of_x.mean, of_rest.mean], &[of_x.gap / weight, of_rest.gap / weight])?;
        Self::new(estimate[0], estimate[1])
    }

    fn expected_log_density(&self, s: &Self::Statistics) -> f64 {
        if s[0].weight == 0.0 {
            return 0.0;
        }
        if !s.iter().all(LogMoments::on_support) {
            return f64::NEG_INFINITY;
        }
        let logs = s[0].sum_of_logs() + s[1].sum_of_logs();
        s[0].weight * self.peak + expected_above_peak(&[self.a, self.b], s) - logs
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(2)
    }
}

/// η = (a, b), T = (ln x, ln(1 − x)), A = ln B(a, b), h = 1 / x(1 − x).
impl ExponentialFamily for Beta {
    fn natural_parameters(&self) -> Vec<f64> {
        vec![self.a, self.b]
    }

    fn log_partition(&self) -> f64 {
        log_partition(&[self.a, self.b], self.peak)
    }

    fn log_base_measure(&self, x: &f64) -> f64 {
        if *x > 0.0 && *x < 1.0 { -x.ln() - (-x).ln_1p() } else { f64::NEG_INFINITY }
    }

    fn add_statistics(&self, x: &f64, weight: f64, sum: &mut [f64]) {
        sum[0] += weight * x.ln();
        sum[1] += weight * (-x).ln_1p();
    }

    fn statistics_of_block(&self, block: &[f64], tile: &mut [f64], log_base_measure: &mut [f64]) {
        let (of_x, of_rest) = tile.split_at_mut(block.len());
        logarithms(block, of_x);
        logarithms(&rests(block), of_rest);
        log_base_measure.iter_mut().zip(of_x).zip(of_rest).for_each(|((h, x), rest)| *h = -*x - *rest);
    }

    fn from_mean(&self, mean: &[f64]) -> Result<Self, Error> {
        let estimate = maximise_from_logs("Beta", mean)?;
        Self::new(estimate[0], estimate[1])
    }
}

/// (ln a, ln b).
impl Parametric for Beta {
    fn to_vector(&self) -> Vec<f64> {
        vec![self.a.ln(), self.b.ln()]
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Self::new(coordinates[0].exp(), coordinates[1].exp())
    }
}

impl std::fmt::Display for Beta {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Beta(a {}, b {})", self.a, self.b)
    }
}
