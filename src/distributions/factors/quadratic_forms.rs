//! What the Mahalanobis distance asks of Σ⁻¹ = (Λ Λᵀ + Ψ)⁻¹, by Woodbury's identity and without a difference of large terms.

use nalgebra::DMatrix;

use super::low_rank_normal::LowRankNormal;

impl LowRankNormal {
    /// tr(Σ⁻¹ S) of a symmetric D × D matrix S: tr Ψ⁻¹ Cov(x − Λ z) + tr Cov(z) with z = P x, both not negative.
    pub fn trace_of_solve(&self, s: &[f64]) -> f64 {
        let (d, q) = (self.dimension(), self.factors());
        let s = DMatrix::from_row_slice(d, d, s);
        let p = DMatrix::from_row_slice(q, d, self.projection());
        let l = DMatrix::from_row_slice(d, q, self.loadings().values());
        let ps = &p * &s;
        let of_scores = &ps * p.transpose();
        let explained = &l * &of_scores;
        let rest = |j: usize| -> f64 {
            let twice: f64 = (0..q).map(|k| l[(j, k)] * (2.0 * ps[(k, j)] - explained[(j, k)])).sum();
            (s[(j, j)] - twice) / self.noise()[j]
        };
        of_scores.trace() + (0..d).map(rest).sum::<f64>()
    }

    /// (x − μ)ᵀ Σ⁻¹ (x − μ) of x − μ = v.
    pub(super) fn squared_norm(&self, v: &[f64]) -> f64 {
        let (q, loadings) = (self.factors(), self.loadings().values());
        let score = |p: &[f64]| p.iter().zip(v).map(|(p, x)| p * x).sum::<f64>();
        let z: Vec<f64> = self.projection().chunks_exact(v.len()).map(score).collect();
        let rest = |j: usize| v[j] - loadings[j * q..][..q].iter().zip(&z).map(|(l, z)| l * z).sum::<f64>();
        let of_noise: f64 = (0..v.len()).map(|j| rest(j).powi(2) / self.noise()[j]).sum();
        z.iter().map(|z| z * z).sum::<f64>() + of_noise
    }
}
