//! The covariances of a Gaussian mixture: their shape, and what keeps them from collapsing.
//!
//! The likelihood of a mixture has no maximum: a component that shrinks onto one row sends it to infinity. Two
//! remedies, both part of what EM climbs: a **floor** restricts Σ to eigenvalues ≥ ε, and the maximiser of the
//! restricted likelihood is the scatter with its eigenvalues raised to ε; an inverse-Wishart **prior** adds
//! −½ (ν + D + 1) ln |Σ| − ½ tr(Λ Σ⁻¹) to the objective. Nothing is ever added to a covariance in silence.

use crate::distributions::{CovarianceRoot, MultivariateNormal, Scatter};
use crate::error::Error;
use crate::numeric::{Cholesky, LEAST_VARIANCE};

/// The shape of the components' covariances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Covariance {
    /// Each component its own, any positive definite Σ_k.
    #[default]
    Full,
    /// One Σ for all components.
    Tied,
    /// Each component its own, diagonal.
    Diagonal,
    /// Each component its own, σ_k² I.
    Spherical,
}

impl Covariance {
    /// The name by which it is known, and parsed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Tied => "tied",
            Self::Diagonal => "diagonal",
            Self::Spherical => "spherical",
        }
    }

    /// How many free parameters K covariances over D columns have.
    pub fn free_parameters(self, k: usize, d: usize) -> usize {
        match self {
            Self::Full => k * d * (d + 1) / 2,
            Self::Tied => d * (d + 1) / 2,
            Self::Diagonal => k * d,
            Self::Spherical => k,
        }
    }

    /// Empty statistics of one component.
    pub(super) fn statistics(self, dimension: usize) -> Scatter {
        match self {
            Self::Full | Self::Tied => Scatter::full(dimension),
            Self::Diagonal | Self::Spherical => Scatter::diagonal(dimension),
        }
    }
}

/// The conjugate prior of a covariance: p(Σ) ∝ |Σ|^(−(ν+D+1)/2) exp(−½ tr(Λ Σ⁻¹)).
///
/// With it the M-step is Σ_k = (Λ + S_k) / (N_k + ν + D + 1): no component can collapse.
#[derive(Clone, Debug, PartialEq)]
pub struct InverseWishart {
    degrees_of_freedom: f64,
    scale: Vec<f64>,
    dimension: usize,
}

impl InverseWishart {
    /// ν > D − 1 and a positive definite Λ, D × D row-major.
    ///
    /// # Errors
    /// [`Error::Singular`] unless Λ is positive definite, [`Error::Parameter`] unless ν > D − 1.
    pub fn new(degrees_of_freedom: f64, scale: Vec<f64>) -> Result<Self, Error> {
        let dimension = Cholesky::new(&scale)?.dimension();
        let large = degrees_of_freedom > dimension as f64 - 1.0 && degrees_of_freedom.is_finite();
        Error::check(large, "degrees of freedom", degrees_of_freedom, "(D − 1, ∞)")?;
        Ok(Self { degrees_of_freedom, scale, dimension })
    }

    /// The weak prior of Fraley & Raftery (2007) for K components: ν = D + 2 and Λ = S / K^(2/D), S the covariance of
    /// all rows (as collected in a full [`Scatter`]).
    ///
    /// # Errors
    /// [`Error::NoWeight`], or [`Error::Singular`] if a column is constant or collinear with others.
    pub fn weak(of_all_rows: &Scatter, k: usize) -> Result<Self, Error> {
        let d = of_all_rows.mean().len() as f64;
        let shrink = (k.max(1) as f64).powf(-2.0 / d);
        Self::new(d + 2.0, of_all_rows.covariance()?.iter().map(|s| s * shrink).collect())
    }

    /// ν + D + 1, what it adds to N_k.
    fn weight(&self) -> f64 {
        self.degrees_of_freedom + self.dimension as f64 + 1.0
    }

    /// ln p(Σ) up to a constant.
    pub(super) fn log_density<F>(&self, normal: &MultivariateNormal<F>) -> f64 {
        -0.5 * (self.weight() * normal.log_determinant() + normal.trace_of_solve(&self.scale))
    }
}

/// What keeps covariances from collapsing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Regularity {
    pub(super) floor: f64,
    pub(super) prior: Option<InverseWishart>,
}

impl Regularity {
    /// Whether floor and prior make sense for rows of D values.
    pub(super) fn check(&self, dimension: usize) -> Result<(), Error> {
        let floor = self.floor;
        Error::check(floor >= 0.0 && floor.is_finite(), "the covariance floor", floor, "[0, ∞)")?;
        match &self.prior {
            Some(prior) if prior.dimension != dimension => {
                Err(Error::Dimension { what: "a row under the prior", expected: prior.dimension, found: dimension })
            }
            _ => Ok(()),
        }
    }

    /// argmax_Σ of Σ w ln N(x | mean, Σ) + ln p(Σ) over the Σ of the given shape with eigenvalues ≥ floor.
    pub(super) fn estimate(&self, shape: Covariance, s: &Scatter) -> Result<MultivariateNormal, Error> {
        let d = s.mean().len();
        self.check(d)?;
        if !(s.weight() > 0.0) {
            return Err(Error::NoWeight { weight: s.weight() });
        }
        let full = matches!(shape, Covariance::Full | Covariance::Tied);
        let added = self.prior.as_ref().map_or(0.0, InverseWishart::weight);
        let mut covariance: Vec<f64> = s.scatter().to_vec();
        if let Some(prior) = &self.prior {
            let scale = prior.scale.iter().step_by(if full { 1 } else { d + 1 });
            covariance.iter_mut().zip(scale).for_each(|(s, l)| *s += l);
        }
        let weight = s.weight() + added;
        covariance.iter_mut().for_each(|v| *v /= weight);
        let mean = s.mean().to_vec();
        let normal = match shape {
            Covariance::Full | Covariance::Tied => {
                check_digits(covariance.iter().step_by(d + 1).copied())?;
                self.full(mean, &covariance)
            }
            Covariance::Diagonal => {
                covariance.iter_mut().for_each(|v| *v = v.max(self.floor));
                check_digits(covariance.iter().copied())?;
                MultivariateNormal::diagonal(mean, &covariance)
            }
            Covariance::Spherical => {
                let variance = (covariance.iter().sum::<f64>() / d as f64).max(self.floor);
                check_digits(std::iter::once(variance))?;
                MultivariateNormal::spherical(mean, variance)
            }
        }?;
        normal.check_resolution()?;
        Ok(normal)
    }

    /// The covariance as it is if Σ − floor I is positive definite, else with its eigenvalues raised to the floor.
    fn full(&self, mean: Vec<f64>, covariance: &[f64]) -> Result<MultivariateNormal, Error> {
        let (d, floor) = (mean.len(), self.floor);
        let mut above = covariance.to_vec();
        above.iter_mut().step_by(d + 1).for_each(|v| *v -= floor);
        if floor == 0.0 || Cholesky::new(&above).is_ok() {
            return MultivariateNormal::new(mean, covariance);
        }
        // The iteration for the eigenvalues would not end on a NaN.
        if let Some((entry, &pivot)) = covariance.iter().enumerate().find(|(_, v)| !v.is_finite()) {
            return Err(Error::Singular { column: entry / d, pivot });
        }
        let eigen = nalgebra::DMatrix::from_row_slice(d, d, covariance).symmetric_eigen();
        let largest = eigen.eigenvalues.max();
        let least = d as f64 * f64::EPSILON * largest;
        if floor < least {
            return Err(Error::Floor { floor, largest, least });
        }
        // Σ = V Λ Vᵀ = Rᵀ R with Λ^½ Vᵀ = Q R, and L = Rᵀ. To multiply Σ out would leave errors of ε λ_max in it, those
        // of R are ε λ_max^½; with the large rows first even these stay with their rows.
        let mut order: Vec<usize> = (0..d).collect();
        order.sort_by(|&i, &j| eigen.eigenvalues[j].total_cmp(&eigen.eigenvalues[i]));
        let rows = nalgebra::DMatrix::from_fn(d, d, |i, j| {
            eigen.eigenvalues[order[i]].max(floor).sqrt() * eigen.eigenvectors[(j, order[i])]
        });
        let r = rows.qr().r();
        let entry = |i: usize, j: usize| if j <= i { r[(j, i)] * r[(j, j)].signum() } else { 0.0 };
        let factor = (0..d * d).map(|ij| entry(ij / d, ij % d)).collect();
        MultivariateNormal::from_root(mean, CovarianceRoot::Full(factor))
    }
}

/// A positive variance below [`LEAST_VARIANCE`] has lost digits.
fn check_digits(variances: impl Iterator<Item = f64>) -> Result<(), Error> {
    match variances.enumerate().find(|(_, v)| *v > 0.0 && *v < LEAST_VARIANCE) {
        Some((column, pivot)) => Err(Error::Singular { column, pivot }),
        None => Ok(()),
    }
}
