//! The shape of Ψ, the covariance of what the factors leave unexplained.

/// The shape of the noise of a [`LowRankNormal`](super::super::LowRankNormal): columns are independent given the factors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Noise {
    /// Each column its own variance ψ_j: factor analysis.
    #[default]
    Diagonal,
    /// One variance σ² for all columns: probabilistic principal components.
    Isotropic,
}

impl Noise {
    /// The name by which it is known, and parsed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Diagonal => "diagonal",
            Self::Isotropic => "isotropic",
        }
    }

    /// How many variances D columns have.
    pub(crate) fn variances(self, dimension: usize) -> usize {
        match self {
            Self::Diagonal => dimension,
            Self::Isotropic => 1,
        }
    }

    /// The variances in this shape, given those of each column, none below its floor.
    pub(crate) fn shaped(self, mut variances: Vec<f64>, floors: &[f64]) -> Vec<f64> {
        match self {
            Self::Diagonal => variances.iter_mut().zip(floors).for_each(|(v, floor)| *v = v.max(*floor)),
            Self::Isotropic => {
                let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len().max(1) as f64;
                let variance = mean(&variances).max(mean(floors));
                variances.fill(variance);
            }
        }
        variances
    }
}

/// Those of Λ Λᵀ + Ψ: D q − q (q − 1)/2 loadings up to a rotation, and the noise; never more than a full covariance has.
pub(crate) fn free_parameters(d: usize, q: usize, noise: Noise) -> usize {
    (d * q - q * (q - 1) / 2 + noise.variances(d)).min(d * (d + 1) / 2)
}
