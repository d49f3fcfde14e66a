//! What the factors say: scores of rows, uniquenesses, shares of the variance.

use nalgebra::DMatrix;

use crate::error::Error;

use super::low_rank_normal::LowRankNormal;

impl LowRankNormal {
    /// A uniqueness below this is told as a Heywood case.
    pub(super) const HEYWOOD: f64 = 0.005;

    /// E[z | x] = (I + Λᵀ Ψ⁻¹ Λ)⁻¹ Λᵀ Ψ⁻¹ (x − μ), the q regression scores (Thomson) of a row: the best guess of its
    /// factors, drawn towards 0. Their error has [`posterior_covariance`](Self::posterior_covariance).
    ///
    /// # Errors
    /// [`Error::Dimension`].
    pub fn scores(&self, x: &[f64]) -> Result<Vec<f64>, Error> {
        let projection = self.projection().chunks_exact(self.dimension());
        let v = self.centred(x)?;
        Ok(projection.map(|p| p.iter().zip(&v).map(|(p, x)| p * x).sum()).collect())
    }

    /// (Λᵀ Ψ⁻¹ Λ)⁻¹ Λᵀ Ψ⁻¹ (x − μ), the q Bartlett scores of a row: the factors under which the row is most probable,
    /// E[score | z] = z. A factor without loadings has score 0.
    ///
    /// # Errors
    /// [`Error::Dimension`].
    pub fn bartlett_scores(&self, x: &[f64]) -> Result<Vec<f64>, Error> {
        let (v, singular) = (self.centred(x)?, &self.singular);
        let least = f64::EPSILON * self.dimension() as f64 * singular.values[0];
        let along = |k: usize| {
            let dot: f64 = (0..v.len()).map(|j| singular.u[(j, k)] * v[j] / self.noise()[j].sqrt()).sum();
            if singular.values[k] > least { dot / singular.values[k] } else { 0.0 }
        };
        let along: Vec<f64> = (0..self.factors()).map(along).collect();
        Ok((0..self.factors()).map(|i| along.iter().enumerate().map(|(k, a)| singular.v[(i, k)] * a).sum()).collect())
    }

    fn centred(&self, x: &[f64]) -> Result<Vec<f64>, Error> {
        let (expected, found) = (self.dimension(), x.len());
        if expected != found {
            return Err(Error::Dimension { what: "a row", expected, found });
        }
        Ok(x.iter().zip(self.mean()).map(|(x, m)| x - m).collect())
    }

    /// ψ_j / Σ_jj, the share of each column's variance that the factors leave unexplained.
    pub fn uniquenesses(&self) -> Vec<f64> {
        self.noise().iter().zip(self.variances()).map(|(noise, variance)| noise / variance).collect()
    }

    /// 1 − ψ_j / Σ_jj, the share that they explain.
    pub fn communalities(&self) -> Vec<f64> {
        self.uniquenesses().iter().map(|u| 1.0 - u).collect()
    }

    /// λ_jk / √Σ_jj, D × q row-major: the correlations of columns and factors, which `factanal` calls loadings.
    pub fn standardised_loadings(&self) -> Vec<f64> {
        let rows = self.loadings().values().chunks_exact(self.factors());
        rows.zip(self.variances()).flat_map(|(row, variance)| row.iter().map(move |l| l / variance.sqrt())).collect()
    }

    /// Σ_j λ_jk² / Σ_jj / D, the share of the variance of all standardised columns that each factor explains.
    pub fn shares_of_variance(&self) -> Vec<f64> {
        let (d, q) = (self.dimension(), self.factors());
        let standardised = self.standardised_loadings();
        let share = |k: usize| standardised.iter().skip(k).step_by(q).map(|l| l * l).sum::<f64>() / d as f64;
        (0..q).map(share).collect()
    }

    /// The same distribution with Λ R in place of Λ, R an orthogonal q × q matrix, row-major: ln p does not change.
    ///
    /// # Errors
    /// [`Error::Dimension`]; [`Error::Parameter`] unless R Rᵀ = I to 1e-9.
    pub fn rotated(&self, rotation: &[f64]) -> Result<Self, Error> {
        let (d, q) = (self.dimension(), self.factors());
        if rotation.len() != q * q {
            return Err(Error::Dimension { what: "the rotation", expected: q * q, found: rotation.len() });
        }
        let r = DMatrix::from_row_slice(q, q, rotation);
        let gap = (&r * r.transpose() - DMatrix::identity(q, q)).amax();
        // Negated so that a NaN is refused.
        if !(gap <= 1e-9) {
            let (name, domain) = ("|R Rᵀ − I| of a rotation", "[0, 1e-9]");
            return Err(Error::Parameter { name, value: gap, domain });
        }
        let rotated = DMatrix::from_row_slice(d, q, self.loadings().values()) * r;
        self.with(self.mean().to_vec(), rotated.transpose().as_slice(), self.noise())
    }
}
