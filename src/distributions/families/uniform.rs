//! Uniform: p(x) = 1 / (b − a), x ∈ [a, b].

use rand::{Rng, RngExt};

use crate::data::Statistics;
use crate::error::Error;

use crate::distributions::estimate::OUTSIDE;
use crate::distributions::special::quantile;
use crate::distributions::{Cumulative, Distribution, Estimate, Parametric};

/// The uniform distribution on [a, b], both ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uniform {
    lower: f64,
    upper: f64,
}

impl Uniform {
    /// # Errors
    /// [`Error::Parameter`] unless a < b are finite and so is b − a.
    pub fn new(lower: f64, upper: f64) -> Result<Self, Error> {
        Error::check(lower.is_finite(), "lower", lower, "(−∞, ∞)")?;
        Error::check(upper > lower && (upper - lower).is_finite(), "upper", upper, "(lower, lower + 1.8e308)")?;
        Ok(Self { lower, upper })
    }

    /// a.
    pub fn lower(&self) -> f64 {
        self.lower
    }

    /// b.
    pub fn upper(&self) -> f64 {
        self.upper
    }

    /// (a + b) / 2.
    pub fn mean(&self) -> f64 {
        self.lower + 0.5 * self.width()
    }

    /// (b − a)² / 12.
    pub fn variance(&self) -> f64 {
        self.width().powi(2) / 12.0
    }

    /// −E[ln p(x)], in nats.
    pub fn entropy(&self) -> f64 {
        self.width().ln()
    }

    fn width(&self) -> f64 {
        self.upper - self.lower
    }
}

impl Distribution for Uniform {
    type Value = f64;

    fn log_density(&self, x: &f64) -> f64 {
        if *x >= self.lower && *x <= self.upper { -self.width().ln() } else { f64::NEG_INFINITY }
    }

    fn log_densities(&self, block: &[f64], out: &mut [f64]) {
        let inside = -self.width().ln();
        for (l, x) in out.iter_mut().zip(block) {
            *l = if *x >= self.lower && *x <= self.upper { inside } else { f64::NEG_INFINITY };
        }
    }

    fn sample(&self, rng: &mut dyn Rng) -> f64 {
        (self.lower + rng.random::<f64>() * self.width()).min(self.upper)
    }
}

crate::sample_with_rand!(Uniform => f64);

impl Cumulative for Uniform {
    fn cdf(&self, x: &f64) -> f64 {
        ((x - self.lower) / self.width()).clamp(0.0, 1.0)
    }

    /// a at p = 0, b at p = 1.
    fn quantile(&self, p: f64) -> Result<f64, Error> {
        quantile::check(p)?;
        Ok((self.lower + p * self.width()).min(self.upper))
    }
}

/// Weight, least and greatest value; empty: ∞ and −∞. NaN makes the range all of ℝ, which no uniform covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extremes {
    /// Σ w.
    pub weight: f64,
    /// min x.
    pub least: f64,
    /// max x.
    pub greatest: f64,
}

impl Default for Extremes {
    fn default() -> Self {
        Self { weight: 0.0, least: f64::INFINITY, greatest: f64::NEG_INFINITY }
    }
}

impl Statistics for Extremes {
    fn merge(&mut self, other: &Self) {
        self.weight += other.weight;
        self.least = self.least.min(other.least);
        self.greatest = self.greatest.max(other.greatest);
    }
    fn scale(&mut self, factor: f64) {
        self.weight *= factor;
    }
    fn extrapolates(&self) -> bool {
        false
    }
}

/// The least and the greatest observation, whatever their weights.
impl Estimate for Uniform {
    type Statistics = Extremes;

    fn statistics(&self) -> Extremes {
        Extremes::default()
    }

    fn observe(&self, s: &mut Extremes, x: &f64, weight: f64) {
        let (least, greatest) = if x.is_nan() { (f64::NEG_INFINITY, f64::INFINITY) } else { (*x, *x) };
        s.merge(&Extremes { weight, least, greatest });
    }

    fn estimate(&self, s: &Extremes) -> Result<Self, Error> {
        if !(s.weight > 0.0) {
            return Err(Error::NoWeight { weight: s.weight });
        }
        if !(s.least.is_finite() && s.greatest.is_finite()) {
            return Err(Error::NoEstimate { family: "Uniform", reason: OUTSIDE });
        }
        if s.least == s.greatest {
            let reason = "all observations are equal, so that the likelihood grows without bound as the width vanishes";
            return Err(Error::NoEstimate { family: "Uniform", reason });
        }
        Self::new(s.least, s.greatest)
    }

    fn expected_log_density(&self, s: &Extremes) -> f64 {
        if s.weight == 0.0 {
            return 0.0;
        }
        if self.lower <= s.least && s.greatest <= self.upper {
            -s.weight * self.width().ln()
        } else {
            f64::NEG_INFINITY
        }
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(2)
    }
}

/// (a, ln(b − a)).
impl Parametric for Uniform {
    fn to_vector(&self) -> Vec<f64> {
        vec![self.lower, self.width().ln()]
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Self::new(coordinates[0], coordinates[0] + coordinates[1].exp())
    }
}

impl std::fmt::Display for Uniform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Uniform(lower {}, upper {})", self.lower + 0.0, self.upper + 0.0)
    }
}
