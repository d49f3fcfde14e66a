//! The observed information I beside that of complete data, J: the eigenvalues μ of J⁻¹ I, their directions, and I⁻¹.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

use super::complete::Describe;
use crate::uncertainty::error::UncertaintyError;

/// Below this share of its diagonal an eigenvalue of J is none.
const FLAT_IF_COMPLETE: f64 = 1e-10;

/// Both informations in the coordinates R v with Rᵀ J R = 1.
pub(super) struct Spectrum {
    /// The least eigenvalue of J with ones on its diagonal, and its direction.
    least_complete: Option<(f64, DVector<f64>)>,
    /// The directions R u of the eigenvalues μ.
    directions: DMatrix<f64>,
    shares: Vec<f64>,
}

impl Spectrum {
    /// `scales` are 1 / √ of the diagonal of J.
    pub(super) fn new(complete: &[f64], observed: &[f64], scales: &[f64]) -> Self {
        let p = scales.len();
        if p == 0 {
            // nalgebra decomposes no empty matrix.
            return Self { least_complete: None, directions: DMatrix::zeros(0, 0), shares: Vec::new() };
        }
        let scaled = |m: &[f64]| DMatrix::from_fn(p, p, |j, k| m[j * p + k] * scales[j] * scales[k]);
        let diagonal = DMatrix::from_diagonal(&DVector::from_column_slice(scales));
        let of_complete = SymmetricEigen::new(scaled(complete));
        let least = (0..p).min_by(|a, b| of_complete.eigenvalues[*a].total_cmp(&of_complete.eigenvalues[*b]));
        let least_complete =
            least.map(|k| (of_complete.eigenvalues[k], &diagonal * of_complete.eigenvectors.column(k)));
        let roots = of_complete.eigenvalues.map(|value| 1.0 / value.max(FLAT_IF_COMPLETE).sqrt());
        let to_unit = &of_complete.eigenvectors * DMatrix::from_diagonal(&roots);
        let of_observed = SymmetricEigen::new(to_unit.transpose() * scaled(observed) * &to_unit);
        let directions = diagonal * to_unit * of_observed.eigenvectors;
        Self { least_complete, directions, shares: of_observed.eigenvalues.iter().copied().collect() }
    }

    /// Whether all μ are above `flat`, and above what an error of the entries, in units of the scales, makes of them.
    pub(super) fn check(&self, flat: f64, error: f64, describe: Describe<'_>) -> Result<(), UncertaintyError> {
        if let Some((share, direction)) = self.least_complete.as_ref().filter(|(share, _)| *share < FLAT_IF_COMPLETE) {
            return Err(UncertaintyError::Flat { along: describe(direction.as_slice()), share: share.max(0.0) });
        }
        let least = self.least_complete.as_ref().map_or(1.0, |(share, _)| *share);
        let flat = flat.max(10.0 * error / least);
        let Some(k) = (0..self.shares.len()).min_by(|a, b| self.shares[*a].total_cmp(&self.shares[*b])) else {
            return Ok(());
        };
        let share = self.shares[k];
        if share > flat {
            return Ok(());
        }
        let along = describe(self.directions.column(k).as_slice());
        Err(if share < -flat {
            UncertaintyError::Saddle { along, share }
        } else {
            UncertaintyError::Flat { along, share }
        })
    }

    /// 1 − μ, the largest first.
    pub(super) fn fractions_missing(&self) -> Vec<f64> {
        let mut missing: Vec<f64> = self.shares.iter().map(|share| 1.0 - share).collect();
        missing.sort_by(|a, b| b.total_cmp(a));
        missing
    }

    /// I⁻¹ = Σ directionᵢ directionᵢᵀ / μᵢ, row-major.
    pub(super) fn covariance(&self) -> Vec<f64> {
        let shares = DVector::from_iterator(self.shares.len(), self.shares.iter().map(|share| 1.0 / share));
        let covariance = &self.directions * DMatrix::from_diagonal(&shares) * self.directions.transpose();
        covariance.as_slice().to_vec()
    }
}
