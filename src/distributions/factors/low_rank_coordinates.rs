//! The coordinates of a low-rank normal: numbers without bounds, none of which the others determine.

use nalgebra::DMatrix;

use crate::distributions::Parametric;
use crate::error::Error;

use super::low_rank_normal::LowRankNormal;
use super::noise::Noise;

/// μ, then ln ψ (one for isotropic noise), then the loadings row by row, turned so that none stands above the diagonal:
/// D q − q (q − 1)/2 of them.
impl Parametric for LowRankNormal {
    fn to_vector(&self) -> Vec<f64> {
        let logs = self.noise().iter().take(self.shape().variances(self.dimension())).map(|v| v.ln());
        self.mean().iter().copied().chain(logs).chain(self.triangular_loadings()).collect()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        let (d, q) = (self.dimension(), self.factors());
        let (mean, rest) = coordinates.split_at(d);
        let (logs, mut below) = rest.split_at(self.shape().variances(d));
        let noise: Vec<f64> = match self.shape() {
            Noise::Diagonal => logs.iter().map(|l| l.exp()).collect(),
            Noise::Isotropic => vec![logs[0].exp(); d],
        };
        let mut loadings = vec![0.0; d * q];
        for (j, row) in loadings.chunks_exact_mut(q).enumerate() {
            let (own, others) = below.split_at(q.min(j + 1));
            row[..own.len()].copy_from_slice(own);
            below = others;
        }
        self.with(mean.to_vec(), &loadings, &noise)
    }
}

impl LowRankNormal {
    /// Λ turned to a lower triangle with a diagonal that is not negative, row by row, without the zeros.
    pub(crate) fn triangular_loadings(&self) -> Vec<f64> {
        let (d, q) = (self.dimension(), self.factors());
        let top = DMatrix::from_fn(q, q, |k, j| self.loadings().row(j)[k]);
        // The first q rows are Rᵀ Qᵀ if their transpose is Q R.
        let turn = top.qr().q();
        let turned = DMatrix::from_row_slice(d, q, self.loadings().values()) * turn;
        let sign = |k: usize| if turned[(k, k)] < 0.0 { -1.0 } else { 1.0 };
        (0..d).flat_map(|j| (0..q.min(j + 1)).map(move |k| (j, k))).map(|(j, k)| sign(k) * turned[(j, k)]).collect()
    }
}
