//! Dirichlet: p(x) = Γ(Σ α_j) Π_j x_jᵅʲ⁻¹ / Γ(α_j), x_j > 0, Σ_j x_j = 1.

use rand::{Rng, RngExt};
use statrs::function::gamma::digamma;

use crate::data::Rows;
use crate::error::Error;
use crate::numeric::{LN_2_PI, log_sum_exp};

use crate::distributions::estimate::{OUTSIDE, observe_row_by_row};
use crate::distributions::special::deviance::{
    deviance, deviance_of_share, log_minus_digamma, stirling_error, trigamma_excess,
};
use crate::distributions::{Distribution, Estimate, ExponentialFamily, LogMoments, Parametric};

/// The Dirichlet distribution over J ≥ 2 shares, α_j > 0. The support is open: every x_j > 0, and Σ x_j differs from 1
/// by at most 1e-9; the density is with respect to dx₁ … dx_(J−1).
#[derive(Clone, Debug, PartialEq)]
pub struct Dirichlet {
    concentrations: Vec<f64>,
    /// ln (p(x) Π x_j) at x = α/n, where it is largest.
    peak: f64,
}

impl Dirichlet {
    /// # Errors
    /// [`Error::Dimension`] if there are fewer than two α_j, [`Error::Parameter`] unless each α_j ∈ (0, ∞), and
    /// their sum too.
    pub fn new(concentrations: Vec<f64>) -> Result<Self, Error> {
        if concentrations.len() < 2 {
            let found = concentrations.len();
            return Err(Error::Dimension { what: "the concentrations", expected: 2, found });
        }
        for &alpha in &concentrations {
            Error::check(alpha > 0.0 && alpha.is_finite(), "concentration", alpha, "(0, ∞)")?;
        }
        let total: f64 = concentrations.iter().sum();
        Error::check(total.is_finite(), "the sum of the concentrations", total, "(0, ∞)")?;
        let peak = peak(&concentrations);
        Ok(Self { concentrations, peak })
    }

    /// The α_j.
    pub fn concentrations(&self) -> &[f64] {
        &self.concentrations
    }

    /// α_j / n, n = Σ α_j.
    pub fn mean(&self) -> Vec<f64> {
        let total = self.total();
        self.concentrations.iter().map(|a| a / total).collect()
    }

    /// m_j (1 − m_j) / (n + 1), m_j = α_j / n.
    pub fn variance(&self) -> Vec<f64> {
        let total = self.total();
        self.mean().into_iter().map(|m| m * (1.0 - m) / (total + 1.0)).collect()
    }

    /// m_i (\[i = j\] − m_j) / (n + 1): J × J, row-major.
    pub fn covariance(&self) -> Vec<f64> {
        let (mean, scale) = (self.mean(), 1.0 / (self.total() + 1.0));
        covariance_of_shares(&mean).map(|c| scale * c).collect()
    }

    /// −E[ln p(x)], in nats.
    pub fn entropy(&self) -> f64 {
        let psi = digamma(self.total());
        self.log_partition() - self.concentrations.iter().map(|a| (a - 1.0) * (digamma(*a) - psi)).sum::<f64>()
    }

    fn total(&self) -> f64 {
        self.concentrations.iter().sum()
    }

    fn on_support(&self, x: &[f64]) -> bool {
        x.len() == self.concentrations.len()
            && x.iter().all(|x| *x > 0.0)
            && (x.iter().sum::<f64>() - 1.0).abs() <= 1e-9
    }
}

/// m_i (\[i = j\] − m_j), row by row: the covariance of one draw among outcomes of probabilities m.
pub(crate) fn covariance_of_shares(mean: &[f64]) -> impl Iterator<Item = f64> {
    let entry = move |i: usize, j: usize| mean[i] * if i == j { 1.0 - mean[i] } else { -mean[j] };
    (0..mean.len().pow(2)).map(move |ij| entry(ij / mean.len(), ij % mean.len()))
}

/// ½ ln(Π α_j / (2π)^(J−1) n) + e(n) − Σ e(α_j).
pub(crate) fn peak(concentrations: &[f64]) -> f64 {
    let total: f64 = concentrations.iter().sum();
    let of_one = |a: f64| 0.5 * (a.ln() - LN_2_PI) - stirling_error(a);
    concentrations.iter().map(|a| of_one(*a)).sum::<f64>() - of_one(total)
}

/// Σ ln Γ(α_j) − ln Γ(n) = Σ α_j ln(α_j / n) − peak: terms no larger than those of ⟨α, ln x⟩.
pub(crate) fn log_partition(concentrations: &[f64], peak: f64) -> f64 {
    let total: f64 = concentrations.iter().sum();
    concentrations.iter().map(|a| a * (a / total).ln()).sum::<f64>() - peak
}

/// The α of largest Σ_j ((α_j − 1) t_j − ln Γ(α_j)) + ln Γ(n), by Newton's method in O(J) a step (Minka 2000).
///
/// t_j, the mean of ln x_j, comes as ln m_j − gap_j, where the m_j sum to 1 and the gaps are known to full relative
/// precision: nearly equal data then do not cost the digits of a large n.
pub(crate) fn maximise(family: &'static str, m: &[f64], gap: &[f64]) -> Result<Vec<f64>, Error> {
    let spread: f64 = m.iter().zip(gap).map(|(m, g)| m * g).sum();
    if !(spread.is_finite() && m.iter().all(|m| *m > 0.0)) {
        return Err(Error::NoEstimate { family, reason: OUTSIDE });
    }
    if !(spread > f64::EPSILON.powi(2)) {
        let reason = "all observations are equal: more data, fewer components, or fixed parameters";
        return Err(Error::NoEstimate { family, reason });
    }
    // Where n is large, Σ m_j gap_j = (J − 1) / 2n.
    let start = (m.len() - 1) as f64 / (2.0 * spread);
    let mut alpha: Vec<f64> = m.iter().map(|m| start * m).collect();
    // α_j − n m_j, kept by itself: of a large n the difference would leave nothing, nor must what rounding makes of
    // Σ m_j = 1 be taken for a gap.
    let mut excess = vec![0.0; m.len()];
    let objective = |alpha: &[f64]| {
        let total: f64 = alpha.iter().sum();
        let lost = |((a, m), g): ((&f64, &f64), &f64)| deviance(*a, total * m) + a * g;
        peak(alpha) - alpha.iter().zip(m).zip(gap).map(lost).sum::<f64>()
    };
    let mut value = objective(&alpha);
    for _ in 0..1000 {
        let (step, decrement) = newton_step(&alpha, &excess, m, gap);
        let mut length = 1.0;
        alpha = loop {
            let next: Vec<f64> = alpha.iter().zip(&step).map(|(a, s)| a + length * s).collect();
            if next.iter().all(|a| *a > 0.0) {
                let new = objective(&next);
                // Near the top the gain, half the decrement, drowns in round-off, and the full step is right.
                if new >= value || (length == 1.0 && decrement < 1e-9 * (1.0 + value.abs())) {
                    value = new;
                    break next;
                }
            }
            length *= 0.5;
            if length < 1e-12 {
                return Ok(alpha);
            }
        };
        let growth = length * step.iter().sum::<f64>();
        for ((e, s), m) in excess.iter_mut().zip(&step).zip(m) {
            *e += length * s - m * growth;
        }
        if decrement < 1e-18 {
            break;
        }
    }
    Ok(alpha)
}

/// −H⁻¹ g and gᵀ(−H⁻¹)g, H being diagonal plus a constant.
fn newton_step(alpha: &[f64], excess: &[f64], m: &[f64], gap: &[f64]) -> (Vec<f64>, f64) {
    let total: f64 = alpha.iter().sum();
    let delta = log_minus_digamma(total);
    let of_one = |j: usize| {
        let log = -(excess[j] / (total * m[j])).ln_1p();
        log + log_minus_digamma(alpha[j]) - delta - gap[j]
    };
    let gradient: Vec<f64> = (0..alpha.len()).map(of_one).collect();
    // 1/ψ′(a) = a − r(a): the sum of the a cancels n, and is left out on both sides.
    let inverse = |a: f64| (trigamma_excess(a) + a.recip()).recip();
    let rest = |a: f64| a * trigamma_excess(a) * inverse(a);
    let inverses: Vec<f64> = alpha.iter().map(|a| inverse(*a)).collect();
    let weighted: f64 = gradient.iter().zip(&inverses).map(|(g, i)| g * i).sum();
    let shift = weighted / (alpha.iter().map(|a| rest(*a)).sum::<f64>() - rest(total));
    let step: Vec<f64> = gradient.iter().zip(&inverses).map(|(g, i)| (g + shift) * i).collect();
    let decrement = gradient.iter().zip(&step).map(|(g, s)| g * s).sum();
    (step, decrement)
}

/// As [`maximise`], from the means of the ln x_j alone.
pub(crate) fn maximise_from_logs(family: &'static str, mean_logs: &[f64]) -> Result<Vec<f64>, Error> {
    // The geometric means, scaled to sum to 1, are m; what their sum lacks is the same gap for all.
    let total = log_sum_exp(mean_logs);
    let m: Vec<f64> = mean_logs.iter().map(|t| (t - total).exp()).collect();
    // Where all x are equal, nothing but round-off is left of the gap.
    let gap = if -total > 4.0 * f64::EPSILON { -total } else { 0.0 };
    maximise(family, &m, &vec![gap; m.len()])
}

/// Σ w (ln p(x) + Σ_j ln x_j) from the moments of each x_j.
pub(crate) fn expected_above_peak(concentrations: &[f64], moments: &[LogMoments]) -> f64 {
    let total: f64 = concentrations.iter().sum();
    let of_one = |(a, s): (&f64, &LogMoments)| s.weight * deviance(*a, total * s.mean) + a * s.gap;
    -concentrations.iter().zip(moments).map(of_one).sum::<f64>()
}

/// Gamma draws over their sum; none below the smallest normal number.
pub(crate) fn draw_shares(concentrations: &[f64], rng: &mut dyn Rng) -> Vec<f64> {
    let least = concentrations.iter().copied().fold(f64::INFINITY, f64::min);
    // Gamma(α) = Gamma(α + 1) U^(1/α), in logarithms and in units of 1 / min α: small α would underflow.
    let draw = |alpha: &f64| {
        let above: f64 = rng.sample(rand_distr::Gamma::new(alpha + 1.0, 1.0).expect("α > 0"));
        least * above.ln() + (1.0 - rng.random::<f64>()).ln() * (least / alpha)
    };
    let logs: Vec<f64> = concentrations.iter().map(draw).collect();
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let ratios: Vec<f64> = logs.iter().map(|l| ((l - largest) / least).exp()).collect();
    let total: f64 = ratios.iter().sum();
    ratios.iter().map(|r| (r / total).max(f64::MIN_POSITIVE)).collect()
}

impl Distribution for Dirichlet {
    type Value = [f64];

    fn log_density(&self, x: &[f64]) -> f64 {
        if !self.on_support(x) {
            return f64::NEG_INFINITY;
        }
        let total = self.total();
        let lost = |(a, x): (&f64, &f64)| deviance_of_share(*a, total, *x, a - total * x) + x.ln();
        self.peak - self.concentrations.iter().zip(x).map(lost).sum::<f64>()
    }

    fn row_length(&self) -> Option<usize> {
        Some(self.concentrations.len())
    }

    /// A share that underflows to 0 becomes the smallest normal number, so that the draw lies on the support.
    fn sample(&self, rng: &mut dyn Rng) -> Vec<f64> {
        draw_shares(&self.concentrations, rng)
    }
}

crate::sample_with_rand!(Dirichlet => Vec<f64>);

/// From the mean and the Jensen gap of each x_j: large concentrations do not cost digits.
impl Estimate for Dirichlet {
    type Statistics = Vec<LogMoments>;

    fn statistics(&self) -> Self::Statistics {
        vec![LogMoments::default(); self.concentrations.len()]
    }

    fn observe(&self, s: &mut Self::Statistics, x: &[f64], weight: f64) {
        let on_support = self.on_support(x);
        for (j, moments) in s.iter_mut().enumerate() {
            moments.add(if on_support { x[j] } else { f64::NAN }, weight);
        }
    }

    fn observe_block(&self, s: &mut Self::Statistics, block: Rows<'_, f64>, weights: &[f64]) {
        if !block.iter().all(|x| self.on_support(x)) {
            return observe_row_by_row(self, s, block, weights);
        }
        for (j, moments) in s.iter_mut().enumerate() {
            moments.add_block(&block.iter().map(|x| x[j]).collect::<Vec<_>>(), weights);
        }
    }

    fn estimate(&self, s: &Self::Statistics) -> Result<Self, Error> {
        if !(s[0].weight > 0.0) {
            return Err(Error::NoWeight { weight: s[0].weight });
        }
        let mean: Vec<f64> = s.iter().map(|s| s.mean).collect();
        let gap: Vec<f64> = s.iter().map(|s| s.gap / s.weight).collect();
        Self::new(maximise("Dirichlet", &mean, &gap)?)
    }

    fn expected_log_density(&self, s: &Self::Statistics) -> f64 {
        if s[0].weight == 0.0 {
            return 0.0;
        }
        if !s.iter().all(LogMoments::on_support) {
            return f64::NEG_INFINITY;
        }
        let logs: f64 = s.iter().map(LogMoments::sum_of_logs).sum();
        s[0].weight * self.peak + expected_above_peak(&self.concentrations, s) - logs
    }

    fn same_statistics(&self, other: &Self) -> bool {
        self.concentrations.len() == other.concentrations.len()
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(self.concentrations.len())
    }
}

/// η = α, T_j = ln x_j, A = Σ ln Γ(α_j) − ln Γ(n), h = Π 1/x_j.
impl ExponentialFamily for Dirichlet {
    fn natural_parameters(&self) -> Vec<f64> {
        self.concentrations.clone()
    }

    fn log_partition(&self) -> f64 {
        log_partition(&self.concentrations, self.peak)
    }

    fn log_base_measure(&self, x: &[f64]) -> f64 {
        if self.on_support(x) { -x.iter().map(|x| x.ln()).sum::<f64>() } else { f64::NEG_INFINITY }
    }

    fn add_statistics(&self, x: &[f64], weight: f64, sum: &mut [f64]) {
        for (sum, x) in sum.iter_mut().zip(x) {
            *sum += weight * x.ln();
        }
    }

    fn from_mean(&self, mean: &[f64]) -> Result<Self, Error> {
        Self::new(maximise_from_logs("Dirichlet", mean)?)
    }
}

/// The ln α_j.
impl Parametric for Dirichlet {
    fn to_vector(&self) -> Vec<f64> {
        self.concentrations.iter().map(|a| a.ln()).collect()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Self::new(coordinates.iter().map(|c| c.exp()).collect())
    }
}

impl std::fmt::Display for Dirichlet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dirichlet(concentrations {:?})", self.concentrations)
    }
}
