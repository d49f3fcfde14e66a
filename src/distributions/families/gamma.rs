//! Gamma: p(x) = βᵅ xᵅ⁻¹ e^(−βx) / Γ(α), x ∈ (0, ∞).

use rand::{Rng, RngExt};
use statrs::function::gamma::ln_gamma;

use crate::error::Error;
use crate::numeric::logarithms;

use crate::distributions::estimate::{OUT_OF_RANGE, OUTSIDE};
use crate::distributions::special::deviance::{deviance, log_minus_digamma, trigamma_excess};
use crate::distributions::special::{incomplete_gamma, quantile, root};
use crate::distributions::{
    Cumulative, Distribution, Estimate, ExponentialFamily, LogMoments, Parametric, natural_log_densities,
};

/// The gamma distribution with shape α > 0 and rate β > 0. The support is open: at 0 the density may be infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gamma {
    shape: f64,
    rate: f64,
    /// ln (x p(x)) at x = α/β, where it is largest: ½ ln(α/2π) − e(α).
    peak: f64,
}

impl Gamma {
    /// # Errors
    /// [`Error::Parameter`] unless α ∈ (0, ∞) and β ∈ (0, ∞), and some number has a positive density.
    pub fn new(shape: f64, rate: f64) -> Result<Self, Error> {
        Error::check(shape > 0.0 && shape.is_finite(), "shape", shape, "(0, ∞)")?;
        Error::check(rate > 0.0 && rate.is_finite(), "rate", rate, "(0, ∞)")?;
        let d = Self { shape, rate, peak: incomplete_gamma::peak(shape) };
        let nearest = d.mean().clamp(f64::MIN_POSITIVE, f64::MAX);
        let reached = d.log_density(&nearest).is_finite();
        Error::check(reached, "rate", rate, "where shape / rate lies near a number")?;
        Ok(d)
    }

    /// α.
    pub fn shape(&self) -> f64 {
        self.shape
    }

    /// β, one over the scale.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// α/β.
    pub fn mean(&self) -> f64 {
        self.shape / self.rate
    }

    /// α/β².
    pub fn variance(&self) -> f64 {
        self.mean() / self.rate
    }

    /// −E[ln p(x)], in nats.
    pub fn entropy(&self) -> f64 {
        // ln Γ(α) + α − (α−1) ψ(α) − ln β, with ψ(α) = ln α − δ.
        let delta = log_minus_digamma(self.shape);
        (self.shape - 1.0) * delta - self.peak - self.rate.ln() + self.shape.ln()
    }

    /// The α with ln α − ψ(α) = gap > 0, β = α / mean (Minka 2002: start, then Newton on 1/α).
    fn of_mean_and_gap(mean: f64, gap: f64) -> Result<Self, Error> {
        if !(mean > 0.0 && mean.is_finite() && gap.is_finite()) {
            return Err(Error::NoEstimate { family: "Gamma", reason: OUTSIDE });
        }
        // The rounding of the data alone makes as much.
        if !(gap > f64::EPSILON.powi(2)) {
            let reason = "all observations are equal: more data, fewer components, or a fixed shape";
            return Err(Error::NoEstimate { family: "Gamma", reason });
        }
        let start = 12.0 * gap / (3.0 - gap + ((gap - 3.0).powi(2) + 24.0 * gap).sqrt());
        let inverse = root::of_increasing(start, |inverse| {
            let shape = inverse.recip();
            (log_minus_digamma(shape) - gap, shape * (shape * trigamma_excess(shape)))
        });
        let (shape, rate) = (inverse.recip(), inverse.recip() / mean);
        if !(rate > 0.0 && rate.is_finite()) {
            return Err(Error::NoEstimate { family: "Gamma", reason: OUT_OF_RANGE });
        }
        Self::new(shape, rate)
    }
}

impl Distribution for Gamma {
    type Value = f64;

    fn log_density(&self, x: &f64) -> f64 {
        if !(*x > 0.0 && x.is_finite()) {
            return f64::NEG_INFINITY;
        }
        let scaled = self.rate * x;
        if scaled.is_normal() {
            return self.peak - deviance(self.shape, scaled) - x.ln();
        }
        // βx over- or underflows: the textbook formula, in logarithms.
        self.shape * (self.rate.ln() + x.ln()) - x.ln() - scaled - ln_gamma(self.shape)
    }

    /// A draw that underflows to 0 becomes the smallest normal number, so that it lies on the support.
    fn sample(&self, rng: &mut dyn Rng) -> f64 {
        let standard = rand_distr::Gamma::new(self.shape, 1.0).expect("the constructor has checked α");
        (rng.sample::<f64, _>(standard) / self.rate).clamp(f64::MIN_POSITIVE, f64::MAX)
    }
}

crate::sample_with_rand!(Gamma => f64);

impl Cumulative for Gamma {
    /// With a relative error below 1e-12.
    fn cdf(&self, x: &f64) -> f64 {
        let scaled = self.rate * x;
        if scaled.is_infinite() || !(scaled > 0.0) {
            return if x.is_nan() { f64::NAN } else { f64::from(u8::from(scaled > 0.0)) };
        }
        incomplete_gamma::lower(self.shape, scaled, self.peak)
    }

    /// 0 at p = 0, ∞ at p = 1.
    fn quantile(&self, p: f64) -> Result<f64, Error> {
        quantile::of_numbers(p, [0.0, f64::INFINITY], |x| self.cdf(&x))
    }
}

/// ln X of a draw X with shape α and rate 1: Gamma(α) = Gamma(α + 1) U^(1/α), which underflows where its logarithm
/// does not; −∞ only where α < 1e-306.
pub(crate) fn log_of_gamma_draw(alpha: f64, rng: &mut dyn Rng) -> f64 {
    let above: f64 = rng.sample(rand_distr::Gamma::new(alpha + 1.0, 1.0).expect("α > 0"));
    above.ln() + (1.0 - rng.random::<f64>()).ln() / alpha
}

/// From the mean and the gap ln x̄ − mean ln x, which is kept apart so that a large shape does not cost digits.
impl Estimate for Gamma {
    type Statistics = LogMoments;

    fn statistics(&self) -> LogMoments {
        LogMoments::default()
    }

    fn observe(&self, s: &mut LogMoments, x: &f64, weight: f64) {
        s.add(*x, weight);
    }

    fn observe_block(&self, s: &mut LogMoments, block: &[f64], weights: &[f64]) {
        s.add_block(block, weights);
    }

    fn log_densities_each(components: &[&Self], block: &[f64], tile: &mut [f64]) {
        natural_log_densities(components, block, tile);
    }

    fn estimate(&self, s: &LogMoments) -> Result<Self, Error> {
        if !(s.weight > 0.0) {
            return Err(Error::NoWeight { weight: s.weight });
        }
        Self::of_mean_and_gap(s.mean, s.gap / s.weight)
    }

    fn expected_log_density(&self, s: &LogMoments) -> f64 {
        if s.weight == 0.0 {
            return 0.0;
        }
        if !s.on_support() {
            return f64::NEG_INFINITY;
        }
        // Σ w d(α, βx) = W d(α, βx̄) + α gap.
        let deviance = s.weight * deviance(self.shape, self.rate * s.mean) + self.shape * s.gap;
        s.weight * self.peak - deviance - s.sum_of_logs()
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(2)
    }
}

/// η = (α, −β), T = (ln x, x), A = ln Γ(α) − α ln β, h = 1/x.
impl ExponentialFamily for Gamma {
    fn natural_parameters(&self) -> Vec<f64> {
        vec![self.shape, -self.rate]
    }

    fn log_partition(&self) -> f64 {
        // ln Γ(α) = α ln α − α − peak: terms no larger than those of ⟨η, T⟩.
        self.shape * (self.shape / self.rate).ln() - self.shape - self.peak
    }

    fn log_base_measure(&self, x: &f64) -> f64 {
        if *x > 0.0 && x.is_finite() { -x.ln() } else { f64::NEG_INFINITY }
    }

    fn add_statistics(&self, x: &f64, weight: f64, sum: &mut [f64]) {
        sum[0] += weight * x.ln();
        sum[1] += weight * x;
    }

    fn statistics_of_block(&self, block: &[f64], tile: &mut [f64], log_base_measure: &mut [f64]) {
        let (logs, values) = tile.split_at_mut(block.len());
        logarithms(block, logs);
        values.copy_from_slice(block);
        log_base_measure.iter_mut().zip(logs).for_each(|(h, log)| *h = -*log);
    }

    fn from_mean(&self, mean: &[f64]) -> Result<Self, Error> {
        Self::of_mean_and_gap(mean[1], mean[1].ln() - mean[0])
    }
}

/// (ln α, ln β).
impl Parametric for Gamma {
    fn to_vector(&self) -> Vec<f64> {
        vec![self.shape.ln(), self.rate.ln()]
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Self::new(coordinates[0].exp(), coordinates[1].exp())
    }
}

impl std::fmt::Display for Gamma {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Gamma(shape {}, rate {})", self.shape, self.rate)
    }
}
