//! Laplace: p(x) = exp(−|x − m| / s) / 2s.

use rand::{Rng, RngExt};

use crate::data::Bag;
use crate::error::Error;
use crate::numeric::Sum;
use crate::numeric::functions::standardised::of_distances;

use crate::distributions::special::quantile;
use crate::distributions::special::standardised::{destandardised, mend, standardised};
use crate::distributions::sums::kept;
use crate::distributions::{Cumulative, Distribution, Estimate, Parametric};

/// The Laplace distribution with location (median) m ∈ ℝ and scale s > 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Laplace {
    location: f64,
    scale: f64,
}

impl Laplace {
    /// # Errors
    /// [`Error::Parameter`] unless m is finite and s ∈ (0, ∞).
    pub fn new(location: f64, scale: f64) -> Result<Self, Error> {
        Error::check(location.is_finite(), "location", location, "(−∞, ∞)")?;
        Error::check(scale > 0.0 && scale.is_finite(), "scale", scale, "(0, ∞)")?;
        Ok(Self { location, scale })
    }

    /// m.
    pub fn location(&self) -> f64 {
        self.location
    }

    /// s = E|x − m|.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// m.
    pub fn mean(&self) -> f64 {
        self.location
    }

    /// 2 s².
    pub fn variance(&self) -> f64 {
        2.0 * self.scale.powi(2)
    }

    /// −E[ln p(x)], in nats.
    pub fn entropy(&self) -> f64 {
        1.0 + (2.0 * self.scale).ln()
    }
}

impl Distribution for Laplace {
    type Value = f64;

    fn log_density(&self, x: &f64) -> f64 {
        let z = standardised(*x, self.location, self.scale);
        // NaN is off the support.
        if z.is_nan() {
            return f64::NEG_INFINITY;
        }
        -z.abs() - std::f64::consts::LN_2 - self.scale.ln()
    }

    fn log_densities(&self, block: &[f64], out: &mut [f64]) {
        let constant = -std::f64::consts::LN_2 - self.scale.ln();
        of_distances(block, (self.location, self.scale), constant, out);
        mend(self, block, out);
    }

    fn sample(&self, rng: &mut dyn Rng) -> f64 {
        let magnitude: f64 = rng.sample(rand_distr::Exp1);
        destandardised(if rng.random() { magnitude } else { -magnitude }, self.location, self.scale)
    }
}

crate::sample_with_rand!(Laplace => f64);

impl Cumulative for Laplace {
    fn cdf(&self, x: &f64) -> f64 {
        let z = standardised(*x, self.location, self.scale);
        if z < 0.0 { 0.5 * z.exp() } else { 1.0 - 0.5 * (-z).exp() }
    }

    /// −∞ at p = 0, ∞ at p = 1.
    fn quantile(&self, p: f64) -> Result<f64, Error> {
        quantile::check(p)?;
        let z = if p < 0.5 { (2.0 * p).ln() } else { -(2.0 * (1.0 - p)).ln() };
        Ok(self.location + self.scale * z)
    }
}

/// The weighted median and the mean distance from it; there are no finite statistics, so the data are kept.
impl Estimate for Laplace {
    type Statistics = Bag<f64>;

    fn statistics(&self) -> Bag<f64> {
        Bag::default()
    }

    fn observe(&self, s: &mut Bag<f64>, x: &f64, weight: f64) {
        s.0.push((*x, weight));
    }

    fn estimate(&self, s: &Bag<f64>) -> Result<Self, Error> {
        let weight = kept::check("Laplace", &s.0)?;
        let location = kept::weighted_median(&mut s.0.clone());
        let distance = s.0.iter().map(|(x, w)| w * (x - location).abs()).collect::<Sum>().value();
        if !(distance > 0.0) {
            let reason = "all observations are equal, so that the likelihood grows without bound as the scale vanishes";
            return Err(Error::NoEstimate { family: "Laplace", reason });
        }
        // What the rounding of the location explains is no scale.
        if !(distance / weight > 4.0 * f64::EPSILON * location.abs()) {
            let reason = "all observations of any weight are equal, so that the likelihood grows without bound";
            return Err(Error::NoEstimate { family: "Laplace", reason });
        }
        if distance.is_infinite() {
            return Err(Error::NoEstimate { family: "Laplace", reason: "its scale overflows: rescale the data" });
        }
        Self::new(location, distance / weight)
    }

    fn expected_log_density(&self, s: &Bag<f64>) -> f64 {
        s.0.iter().map(|(x, w)| w * self.log_density(x)).collect::<Sum>().value()
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(2)
    }
}

/// (m, ln s).
impl Parametric for Laplace {
    fn to_vector(&self) -> Vec<f64> {
        vec![self.location, self.scale.ln()]
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Self::new(coordinates[0], coordinates[1].exp())
    }
}

impl std::fmt::Display for Laplace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Laplace(location {}, scale {})", self.location + 0.0, self.scale)
    }
}
