//! The covariances of K normals: their shape, and what keeps them from collapsing.
//!
//! The likelihood of a mixture has no maximum: a component that shrinks onto one row sends it to infinity. Two
//! remedies, both part of what EM climbs: a **floor** restricts Σ to eigenvalues ≥ ε, and the maximiser of the
//! restricted likelihood is the scatter with its eigenvalues raised to ε; an inverse-Wishart **prior** adds
//! −½ (ν + D + 1) ln |Σ| − ½ tr(Λ Σ⁻¹) to the objective. Nothing is ever added to a covariance in silence.

use crate::distributions::{CovarianceRoot, InverseWishart, MultivariateNormal, Scatter};
use crate::error::Error;
use crate::numeric::{Cholesky, LEAST_VARIANCE, Scalar};

/// The shape of the members' covariances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Covariance {
    /// Each member its own, any positive definite Σ_k.
    #[default]
    Full,
    /// One Σ for all members.
    Tied,
    /// Each member its own, diagonal.
    Diagonal,
    /// Each member its own, σ_k² I.
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

    /// Whether columns may depend on one another.
    fn is_full(self) -> bool {
        matches!(self, Self::Full | Self::Tied)
    }
}

/// How the covariances of K normals are estimated: their shape, and what keeps them from collapsing; and whether NaN in a
/// row is a missing cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CovarianceEstimate {
    pub(crate) shape: Covariance,
    pub(crate) floor: f64,
    pub(crate) prior: Option<InverseWishart>,
    pub(crate) missing: bool,
}

impl CovarianceEstimate {
    /// Whether floor and prior make sense for rows of D values.
    pub(crate) fn check(&self, dimension: usize) -> Result<(), Error> {
        let floor = self.floor;
        Error::check(floor >= 0.0 && floor.is_finite(), "the covariance floor", floor, "[0, ∞)")?;
        match &self.prior {
            Some(prior) if prior.dimension != dimension => {
                Err(Error::Dimension { what: "a row under the prior", expected: prior.dimension, found: dimension })
            }
            _ => Ok(()),
        }
    }

    /// Empty statistics of one member.
    pub(crate) fn statistics(&self, dimension: usize) -> Scatter {
        if self.shape.is_full() { Scatter::full(dimension) } else { Scatter::diagonal(dimension) }
    }

    /// Whether these statistics say all that Q of this normal asks: a full scatter does, a diagonal one of a full normal
    /// does not.
    pub(crate) fn serves<F>(&self, normal: &MultivariateNormal<F>) -> bool {
        self.shape.is_full() || !normal.is_full()
    }

    /// How many free parameters K normals of D columns have.
    pub(crate) fn free_parameters(&self, k: usize, d: usize) -> usize {
        k * d + self.shape.free_parameters(k, d)
    }

    /// Σ ln p(Σ) over the distinct covariances, up to a constant.
    pub(crate) fn log_prior<F>(&self, normals: &[MultivariateNormal<F>]) -> Option<f64> {
        let distinct = if self.shape == Covariance::Tied { 1 } else { normals.len() };
        self.prior.as_ref().map(|prior| normals.iter().take(distinct).map(|normal| prior.log_density(normal)).sum())
    }

    /// The normals that maximise Σ_k (Σ w ln N(x | μ_k, Σ_k) + ln p(Σ_k)). One that is `kept`, because no row says anything
    /// of it, keeps its mean, and its Σ unless that is tied or has a prior.
    pub(crate) fn estimate_each<'a, F: Scalar>(
        &self,
        statistics: &[Scatter],
        kept: impl Fn(usize) -> Option<&'a MultivariateNormal<F>>,
    ) -> Result<Vec<MultivariateNormal<F>>, Error> {
        let mut common = None;
        if self.shape == Covariance::Tied {
            let mut within = self.statistics(statistics[0].mean().len());
            statistics.iter().enumerate().filter(|(k, _)| kept(*k).is_none()).for_each(|(_, s)| within.pool(s));
            common = Some(self.estimate(&within)?);
        }
        let member = |(k, s): (usize, &Scatter)| {
            let of_common = |mean: &[f64], common: &MultivariateNormal| {
                let normal = common.clone().at(mean.to_vec());
                normal.check_resolution().map(|()| normal.over())
            };
            let normal = match (&common, kept(k)) {
                (None, Some(old)) if self.prior.is_none() => Ok(old.clone()),
                (None, Some(old)) => {
                    let nothing = self.statistics(old.dimension());
                    self.about(old.mean().to_vec(), &nothing).map(MultivariateNormal::over)
                }
                (None, None) => self.estimate(s).map(MultivariateNormal::over),
                (Some(common), Some(old)) => of_common(old.mean(), common),
                (Some(_), None) if !(s.weight() > 0.0) => Err(Error::NoWeight { weight: s.weight() }),
                (Some(common), None) => of_common(s.mean(), common),
            };
            normal.map_err(|e| e.of_component(k))
        };
        statistics.iter().enumerate().map(member).collect()
    }

    /// argmax_Σ of Σ w ln N(x | mean, Σ) + ln p(Σ) over the Σ of the shape with eigenvalues ≥ floor.
    pub(crate) fn estimate(&self, s: &Scatter) -> Result<MultivariateNormal, Error> {
        if !(s.weight() > 0.0) {
            return Err(Error::NoWeight { weight: s.weight() });
        }
        self.about(s.mean().to_vec(), s)
    }

    fn about(&self, mean: Vec<f64>, s: &Scatter) -> Result<MultivariateNormal, Error> {
        let d = mean.len();
        self.check(d)?;
        let added = self.prior.as_ref().map_or(0.0, InverseWishart::weight);
        let mut covariance: Vec<f64> = s.scatter().to_vec();
        if let Some(prior) = &self.prior {
            let scale = prior.scale.iter().step_by(if self.shape.is_full() { 1 } else { d + 1 });
            covariance.iter_mut().zip(scale).for_each(|(s, l)| *s += l);
        }
        let weight = s.weight() + added;
        covariance.iter_mut().for_each(|v| *v /= weight);
        let normal = match self.shape {
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
