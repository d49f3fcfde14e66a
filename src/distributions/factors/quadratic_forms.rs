//! Quadratic forms in Σ⁻¹ = (Λ Λᵀ + Ψ)⁻¹, by Woodbury's identity and without differences that are divided by ψ.

use nalgebra::DMatrix;

use super::low_rank_normal::LowRankNormal;

impl LowRankNormal {
    /// tr(Σ⁻¹ S) of a symmetric D × D matrix S: Σ_k λ_k f_kᵀ Σ⁻¹ f_k of the eigenvalues λ and eigenvectors f of S, its rows
    /// and columns scaled to a diagonal of ones. The entries of S themselves would have to cancel to the share ψ_j / Σ_jj.
    pub fn trace_of_solve(&self, s: &[f64]) -> f64 {
        let d = self.dimension();
        let scales: Vec<f64> = (0..d).map(|j| s[j * (d + 1)].abs().sqrt()).collect();
        let scale = |j: usize| if scales[j] > 0.0 { scales[j] } else { 1.0 };
        // The iteration for the eigenvalues would not end on a NaN.
        if s.iter().any(|x| !x.is_finite()) {
            return f64::NAN;
        }
        let eigen = DMatrix::from_fn(d, d, |i, j| s[i * d + j] / scale(i) / scale(j)).symmetric_eigen();
        let along = |(k, value): (usize, &f64)| {
            let direction: Vec<f64> = (0..d).map(|j| eigen.eigenvectors[(j, k)] * scale(j)).collect();
            value * self.squared_norm(&direction)
        };
        eigen.eigenvalues.iter().enumerate().map(along).sum()
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
