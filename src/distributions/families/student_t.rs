//! Student's t: p(x) = Γ((ν+1)/2) / (Γ(ν/2) √(πν) s) · (1 + z²/ν)^(−(ν+1)/2), z = (x − m) / s.

use rand::{Rng, RngExt};
use statrs::function::gamma::digamma;

use crate::data::Bag;
use crate::error::Error;
use crate::numeric::Sum;
use crate::numeric::functions::standardised::of_heavy_tails;

use super::gamma::log_of_gamma_draw;
use crate::distributions::special::standardised::{destandardised, mend, standardised};
use crate::distributions::special::student_t_terms::{log_tail, peak};
use crate::distributions::special::{incomplete_beta, normal_tail, quantile};
use crate::distributions::sums::{kept, student_t_fit};
use crate::distributions::{Cumulative, Distribution, Estimate, Guarantee, Parametric};

/// Student's t distribution with location m ∈ ℝ, scale s > 0 and ν ≥ 1e-307 degrees of freedom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StudentT {
    location: f64,
    scale: f64,
    degrees_of_freedom: f64,
    /// ln (s p(m)).
    peak: f64,
}

impl StudentT {
    /// # Errors
    /// [`Error::Parameter`] unless m is finite, s ∈ (0, ∞) and ν ∈ [1e-307, ∞): below, ν/2 loses its digits.
    pub fn new(location: f64, scale: f64, degrees_of_freedom: f64) -> Result<Self, Error> {
        Error::check(location.is_finite(), "location", location, "(−∞, ∞)")?;
        Error::check(scale > 0.0 && scale.is_finite(), "scale", scale, "(0, ∞)")?;
        let valid = degrees_of_freedom >= 1e-307 && degrees_of_freedom.is_finite();
        Error::check(valid, "degrees of freedom", degrees_of_freedom, "[1e-307, ∞)")?;
        Ok(Self { location, scale, degrees_of_freedom, peak: peak(degrees_of_freedom) })
    }

    /// m.
    pub fn location(&self) -> f64 {
        self.location
    }

    /// s; the standard deviation is larger.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// ν.
    pub fn degrees_of_freedom(&self) -> f64 {
        self.degrees_of_freedom
    }

    /// m; `None` for ν ≤ 1.
    pub fn mean(&self) -> Option<f64> {
        (self.degrees_of_freedom > 1.0).then_some(self.location)
    }

    /// s² ν / (ν − 2); `None` for ν ≤ 1, ∞ for 1 < ν ≤ 2.
    pub fn variance(&self) -> Option<f64> {
        let nu = self.degrees_of_freedom;
        let finite = self.scale.powi(2) * (nu / (nu - 2.0));
        (nu > 1.0).then_some(if nu > 2.0 { finite } else { f64::INFINITY })
    }

    /// P(Z > z) of z ≥ 0: ½ I_x(ν/2, ½) at x = ν / (ν + z²), with 1 − x known apart. (statrs takes x by subtraction,
    /// which leaves nothing of it far out, and does not end at large ν.)
    fn beyond(&self, z: f64) -> f64 {
        let nu = self.degrees_of_freedom;
        // The normal limit differs by z⁴/4ν of itself: by less than ε wherever it does not underflow.
        if nu > 1e22 || z.is_nan() {
            return normal_tail::upper(z);
        }
        let ratio = z / nu.sqrt();
        if ratio > 1e10 {
            // The first term of the series in x, as x may underflow where xᵛᐟ² does not.
            return (self.peak - 0.5 * nu.ln() - nu * (z.ln() - 0.5 * nu.ln())).exp();
        }
        let rest = ratio * ratio;
        // What the peak of t lacks of that of the beta distribution.
        let peak = self.peak + 0.5 * (nu / (nu + 1.0)).ln() - 0.5 * nu * nu.recip().ln_1p();
        0.5 * incomplete_beta::lower(0.5 * nu, 0.5, (1.0 + rest).recip(), rest / (1.0 + rest), peak)
    }

    /// −E[ln p(x)], in nats.
    pub fn entropy(&self) -> f64 {
        let nu = self.degrees_of_freedom;
        let psi = digamma(0.5 * (nu + 1.0)) - digamma(0.5 * nu);
        0.5 * (nu + 1.0) * psi - self.peak + self.scale.ln()
    }
}

impl Distribution for StudentT {
    type Value = f64;

    fn log_density(&self, x: &f64) -> f64 {
        let z = standardised(*x, self.location, self.scale);
        // NaN is off the support.
        if z.is_nan() {
            return f64::NEG_INFINITY;
        }
        let nu = self.degrees_of_freedom;
        let log_tail = if z.is_infinite() && x.is_finite() {
            // A scale below 1 makes z overflow where the density does not vanish yet.
            let log = (0.5 * x - 0.5 * self.location).abs().ln() + std::f64::consts::LN_2 - self.scale.ln();
            2.0 * log - nu.ln()
        } else {
            log_tail(z, nu)
        };
        self.peak - self.scale.ln() - 0.5 * (nu + 1.0) * log_tail
    }

    fn log_densities(&self, block: &[f64], out: &mut [f64]) {
        let constant = self.peak - self.scale.ln();
        of_heavy_tails(block, (self.location, self.scale), self.degrees_of_freedom, constant, out);
        mend(self, block, out);
    }

    /// Kept among the finite numbers, beyond which most of the mass lies for ν < 1e-3.
    fn sample(&self, rng: &mut dyn Rng) -> f64 {
        let nu = self.degrees_of_freedom;
        // Z √(ν / χ²), χ²/2 being Gamma(ν/2), in logarithms: χ² underflows where ν is small.
        let normal: f64 = rng.sample(rand_distr::StandardNormal);
        let log = normal.abs().ln() + 0.5 * ((0.5 * nu).ln() - log_of_gamma_draw(0.5 * nu, rng));
        destandardised(log.exp().min(f64::MAX).copysign(normal), self.location, self.scale)
    }
}

crate::sample_with_rand!(StudentT => f64);

impl Cumulative for StudentT {
    /// With a relative error below 1e-12.
    fn cdf(&self, x: &f64) -> f64 {
        let z = standardised(*x, self.location, self.scale);
        let beyond = self.beyond(z.abs());
        if z < 0.0 { beyond } else { 1.0 - beyond }
    }

    /// −∞ at p = 0, ∞ at p = 1.
    fn quantile(&self, p: f64) -> Result<f64, Error> {
        quantile::of_numbers(p, [f64::NEG_INFINITY, f64::INFINITY], |x| self.cdf(&x))
    }
}

/// A stationary point of the likelihood in m, s and ν; there are no finite statistics, so the data are kept.
///
/// ν is sought in [½, 1000], a range widened so as to hold this instance's own: as ν → 0 the likelihood of any data
/// grows without bound, and beyond 1000 the distribution is hardly to be told from a normal one. The search starts
/// from the median and the median distance from it, or from this instance if that has a larger likelihood.
impl Estimate for StudentT {
    type Statistics = Bag<f64>;

    fn statistics(&self) -> Bag<f64> {
        Bag::default()
    }

    fn observe(&self, s: &mut Bag<f64>, x: &f64, weight: f64) {
        s.0.push((*x, weight));
    }

    fn estimate(&self, s: &Bag<f64>) -> Result<Self, Error> {
        kept::check("StudentT", &s.0)?;
        let [location, scale, nu] =
            student_t_fit::maximise(&s.0, [self.location, self.scale, self.degrees_of_freedom])?;
        Self::new(location, scale, nu)
    }

    fn expected_log_density(&self, s: &Bag<f64>) -> f64 {
        s.0.iter().map(|(x, w)| w * self.log_density(x)).collect::<Sum>().value()
    }

    fn guarantee(&self) -> Guarantee {
        Guarantee::Generalised
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(3)
    }
}

/// (m, ln s, ln ν).
impl Parametric for StudentT {
    fn to_vector(&self) -> Vec<f64> {
        vec![self.location, self.scale.ln(), self.degrees_of_freedom.ln()]
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Self::new(coordinates[0], coordinates[1].exp(), coordinates[2].exp())
    }
}

impl std::fmt::Display for StudentT {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { scale, degrees_of_freedom, .. } = self;
        let location = self.location + 0.0;
        write!(f, "StudentT(location {location}, scale {scale}, degrees of freedom {degrees_of_freedom})")
    }
}
