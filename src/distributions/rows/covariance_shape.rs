//! Σ in the shape that is estimated: full, diagonal or spherical, ready for use.

use crate::numeric::Cholesky;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Full(Cholesky),
    /// The standard deviations.
    Diagonal(Vec<f64>),
    /// The one standard deviation.
    Spherical(f64),
}

impl Shape {
    /// ln |Σ| of D columns.
    pub(crate) fn log_determinant(&self, dimension: usize) -> f64 {
        match self {
            Self::Full(cholesky) => cholesky.log_determinant(),
            Self::Diagonal(deviations) => 2.0 * deviations.iter().map(|s| s.ln()).sum::<f64>(),
            Self::Spherical(deviation) => 2.0 * dimension as f64 * deviation.ln(),
        }
    }

    /// The least vᵀ Σ v / vᵀ A v over all directions v, `all` being A; `None` if A is full and Σ is not, or one of another
    /// dimension.
    pub(crate) fn least_ratio(&self, all: &Self) -> Option<f64> {
        let squared = |(own, of_all): (&f64, &f64)| (own / of_all).powi(2);
        match (self, all) {
            // With A = M Mᵀ and Σ = L Lᵀ it is the square of the least singular value of M⁻¹ L.
            (Self::Full(own), Self::Full(all)) if own.dimension() == all.dimension() => {
                let matrix = |rows: &[f64]| nalgebra::DMatrix::from_row_slice(own.dimension(), own.dimension(), rows);
                let standardised = matrix(all.whitening()) * matrix(own.factor());
                Some(standardised.singular_values().min().powi(2))
            }
            (Self::Diagonal(own), Self::Diagonal(all)) => own.iter().zip(all).map(squared).reduce(f64::min),
            (Self::Spherical(own), Self::Spherical(all)) => Some(squared((own, all))),
            _ => None,
        }
    }

    /// vᵀ Σ⁻¹ v of the D numbers v(j): D (D + 1) flops for a full Σ, without allocation.
    pub(crate) fn squared_norm(&self, dimension: usize, v: impl Fn(usize) -> f64) -> f64 {
        match self {
            Self::Full(cholesky) => {
                let row = |i: usize| cholesky.whitening()[i * dimension..=i * dimension + i].iter().enumerate();
                let whitened = |i: usize| row(i).map(|(j, w)| w * v(j)).sum::<f64>();
                (0..dimension).map(|i| whitened(i).powi(2)).sum()
            }
            Self::Diagonal(deviations) => deviations.iter().enumerate().map(|(j, s)| (v(j) / s).powi(2)).sum(),
            Self::Spherical(deviation) => (0..dimension).map(|j| (v(j) / deviation).powi(2)).sum(),
        }
    }
}
