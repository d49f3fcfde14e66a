//! Von Mises: p(x) = exp(κ cos(x − μ)) / (2π I₀(κ)), x an angle.

use std::f64::consts::{PI, TAU};

use rand::{Rng, RngExt};

use crate::data::Statistics;
use crate::error::Error;
use crate::numeric::{LN_2_PI, sines_and_cosines};

use crate::distributions::estimate::{OUTSIDE, each_member, observe_each_row_by_row};
use crate::distributions::special::bessel::log_i0_and_gap;
use crate::distributions::special::von_mises_mass::Peak;
use crate::distributions::special::{quantile, root};
use crate::distributions::sums::resultant::{HalfAngles, wrapped};
use crate::distributions::{
    Cumulative, Distribution, Estimate, ExponentialFamily, Parametric, Resultant, natural_log_densities,
};

/// The von Mises distribution of an angle in radians, with mean direction μ and concentration κ ≥ 0; κ = 0 is uniform.
///
/// Directions and draws lie in [−π, π). Any finite angle is accepted and means the one that differs from it by a
/// multiple of 2π: the density integrates to one over one period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VonMises {
    mean_direction: f64,
    concentration: f64,
    /// ln p(μ) = κ − ln 2π I₀(κ).
    peak: f64,
    /// 1 − I₁(κ)/I₀(κ).
    circular_variance: f64,
}

impl VonMises {
    /// # Errors
    /// [`Error::Parameter`] unless μ is finite and κ ∈ [0, ∞).
    pub fn new(mean_direction: f64, concentration: f64) -> Result<Self, Error> {
        Error::check(mean_direction.is_finite(), "mean direction", mean_direction, "(−∞, ∞)")?;
        let valid = concentration >= 0.0 && concentration.is_finite();
        Error::check(valid, "concentration", concentration, "[0, ∞)")?;
        let (log_i0, circular_variance) = log_i0_and_gap(concentration);
        let mean_direction = wrapped(mean_direction);
        Ok(Self { mean_direction, concentration, peak: -LN_2_PI - log_i0, circular_variance })
    }

    /// μ ∈ [−π, π).
    pub fn mean_direction(&self) -> f64 {
        self.mean_direction
    }

    /// κ.
    pub fn concentration(&self) -> f64 {
        self.concentration
    }

    /// 1 − |E[e^(ix)]| = 1 − I₁(κ)/I₀(κ).
    pub fn circular_variance(&self) -> f64 {
        self.circular_variance
    }

    /// −E[ln p(x)], in nats.
    pub fn entropy(&self) -> f64 {
        self.concentration * self.circular_variance - self.peak
    }

    /// The κ with 1 − I₁(κ)/I₀(κ) = gap (Best & Fisher 1981: start, then Newton).
    fn of_gap(mean_direction: f64, gap: f64) -> Result<Self, Error> {
        if !(mean_direction.is_finite() && gap.is_finite()) {
            return Err(Error::NoEstimate { family: "VonMises", reason: OUTSIDE });
        }
        if gap >= 1.0 {
            return Self::new(mean_direction, 0.0);
        }
        // The rounding of the angles alone makes as much.
        if !(gap > f64::EPSILON.powi(2)) {
            let reason = "all angles are equal: more data, fewer components, or a fixed concentration";
            return Err(Error::NoEstimate { family: "VonMises", reason });
        }
        let r = 1.0 - gap;
        let start = if r < 0.53 {
            2.0 * r + r.powi(3) + 5.0 * r.powi(5) / 6.0
        } else if r < 0.85 {
            -0.4 + 1.39 * r + 0.43 / gap
        } else {
            // 1 / (R³ − 4R² + 3R) of the paper, factored.
            1.0 / (r * gap * (2.0 + gap))
        };
        let concentration = root::of_increasing(start.max(f64::MIN_POSITIVE), |kappa| {
            let lack = log_i0_and_gap(kappa).1;
            // d(I₁/I₀)/dκ = 1 − (I₁/I₀)/κ − (I₁/I₀)².
            (gap - lack, lack * (2.0 - lack) - (1.0 - lack) / kappa)
        });
        Self::new(mean_direction, concentration)
    }
}

impl Distribution for VonMises {
    type Value = f64;

    fn log_density(&self, x: &f64) -> f64 {
        if !x.is_finite() {
            return f64::NEG_INFINITY;
        }
        // cos d − 1 = −2 sin² d/2 keeps its digits at large κ.
        self.peak - 2.0 * self.concentration * (0.5 * (wrapped(*x) - self.mean_direction)).sin().powi(2)
    }

    /// By rejection from a wrapped Cauchy (Best & Fisher 1979); beyond κ = 1e6 by the wrapped normal of variance 1/κ,
    /// which differs by O(1/κ).
    fn sample(&self, rng: &mut dyn Rng) -> f64 {
        let kappa = self.concentration;
        if kappa > 1e6 {
            let z: f64 = rng.sample(rand_distr::StandardNormal);
            return wrapped(self.mean_direction + z / kappa.sqrt());
        }
        let r = if kappa < 1e-5 {
            // The series of what follows, which would be 0/0.
            kappa.recip() + kappa
        } else {
            let tau = 1.0 + (1.0 + 4.0 * kappa * kappa).sqrt();
            let rho = (tau - (2.0 * tau).sqrt()) / (2.0 * kappa);
            (1.0 + rho * rho) / (2.0 * rho)
        };
        if r.is_infinite() {
            return wrapped(TAU * rng.random::<f64>() - PI);
        }
        loop {
            let z = (PI * rng.random::<f64>()).cos();
            let cosine = (1.0 + r * z) / (r + z);
            let c = kappa * (r - cosine);
            let u = 1.0 - rng.random::<f64>();
            if c * (2.0 - c) > u || (c / u).ln() + 1.0 >= c {
                let angle = cosine.clamp(-1.0, 1.0).acos();
                return wrapped(self.mean_direction + if rng.random() { angle } else { -angle });
            }
        }
    }

    fn period(&self) -> Option<f64> {
        Some(TAU)
    }
}

crate::sample_with_rand!(VonMises => f64);

impl Cumulative for VonMises {
    /// P(−π ≤ X ≤ x) of a draw X ∈ [−π, π): 0 below −π, 1 from π on.
    fn cdf(&self, x: &f64) -> f64 {
        if !(*x < PI) {
            return if x.is_nan() { *x } else { 1.0 };
        }
        let (direction, concentration, log_density) = (self.mean_direction, self.concentration, self.peak);
        Peak { direction, concentration, log_density }.mass_up_to(x.max(-PI)).min(1.0)
    }

    /// −π at p = 0, π at p = 1.
    fn quantile(&self, p: f64) -> Result<f64, Error> {
        quantile::of_numbers(p, [-PI, PI], |x| self.cdf(&x))
    }
}

impl Estimate for VonMises {
    type Statistics = Resultant;

    fn statistics(&self) -> Resultant {
        Resultant::default()
    }

    fn observe(&self, s: &mut Resultant, x: &f64, weight: f64) {
        let gap = if x.is_finite() { 0.0 } else { f64::NAN };
        s.merge(&Resultant { weight, direction: wrapped(*x), length: weight, gap });
    }

    fn observe_block(&self, s: &mut Resultant, block: &[f64], weights: &[f64]) {
        Self::observe_each(&[self], &mut [s], block, weights);
    }

    fn log_densities_each(components: &[&Self], block: &[f64], tile: &mut [f64]) {
        natural_log_densities(components, block, tile);
    }

    fn observe_each(components: &[&Self], statistics: &mut [&mut Resultant], block: &[f64], weights: &[f64]) {
        match HalfAngles::of(block) {
            Some(halves) => each_member(statistics, block.len(), weights, |s, w| s.merge(&halves.resultant(w))),
            None => observe_each_row_by_row(components, statistics, block, weights),
        }
    }

    fn estimate(&self, s: &Resultant) -> Result<Self, Error> {
        if !(s.weight > 0.0) {
            return Err(Error::NoWeight { weight: s.weight });
        }
        Self::of_gap(s.direction, s.gap / s.weight)
    }

    fn expected_log_density(&self, s: &Resultant) -> f64 {
        if s.gap.is_nan() {
            return f64::NEG_INFINITY;
        }
        // Σ w (1 − cos(x − μ)) = gap + R (1 − cos(μ̄ − μ)).
        let lack = s.gap + 2.0 * s.length * (0.5 * (s.direction - self.mean_direction)).sin().powi(2);
        s.weight * self.peak - self.concentration * lack
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(2)
    }
}

/// η = κ (cos μ, sin μ), T = (cos x, sin x), A = ln 2π I₀(κ).
impl ExponentialFamily for VonMises {
    fn natural_parameters(&self) -> Vec<f64> {
        let (sine, cosine) = self.mean_direction.sin_cos();
        vec![self.concentration * cosine, self.concentration * sine]
    }

    fn log_partition(&self) -> f64 {
        self.concentration - self.peak
    }

    fn log_base_measure(&self, x: &f64) -> f64 {
        if x.is_finite() { 0.0 } else { f64::NEG_INFINITY }
    }

    fn add_statistics(&self, x: &f64, weight: f64, sum: &mut [f64]) {
        let (sine, cosine) = wrapped(*x).sin_cos();
        sum[0] += weight * cosine;
        sum[1] += weight * sine;
    }

    fn statistics_of_block(&self, block: &[f64], tile: &mut [f64], log_base_measure: &mut [f64]) {
        let angles: Vec<f64> = block.iter().map(|x| wrapped(*x)).collect();
        let (cosines, sines) = tile.split_at_mut(block.len());
        sines_and_cosines(&angles, sines, cosines);
        log_base_measure.iter_mut().zip(block).for_each(|(h, x)| *h = self.log_base_measure(x));
    }

    fn from_mean(&self, mean: &[f64]) -> Result<Self, Error> {
        Self::of_gap(mean[1].atan2(mean[0]), 1.0 - mean[0].hypot(mean[1]))
    }
}

/// κ (cos μ, sin μ).
impl Parametric for VonMises {
    fn to_vector(&self) -> Vec<f64> {
        self.natural_parameters()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Self::new(coordinates[1].atan2(coordinates[0]), coordinates[0].hypot(coordinates[1]))
    }
}

impl std::fmt::Display for VonMises {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VonMises(mean direction {}, concentration {})", self.mean_direction + 0.0, self.concentration)
    }
}
