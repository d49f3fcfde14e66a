//! The Cholesky factor of a covariance, Σ = L Lᵀ, kept with its inverse W = L⁻¹: the whitening matrix.
//!
//! d(x)² = (x − μ)ᵀ Σ⁻¹ (x − μ) = ‖W (x − μ)‖², and ln |Σ| = 2 Σ_j ln L_jj.

use crate::error::Error;

/// How many times its round-off a variance must be. Scatters of D rows in D columns, which have rank D − 1, leave at
/// most 1 (over D ≤ 8, offsets up to 100 σ and weights down to 1e-40); 64 leaves two digits.
const NOISE: f64 = 64.0;

/// L and L⁻¹ of a positive definite matrix, row-major, lower triangular.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cholesky {
    dimension: usize,
    factor: Vec<f64>,
    whitening: Vec<f64>,
    log_determinant: f64,
}

impl Cholesky {
    /// Factors a symmetric D × D matrix, row-major; only its lower triangle is read.
    ///
    /// # Errors
    /// [`Error::Dimension`] if the length is not a square, [`Error::Singular`] if what is left of the variance of a
    /// column, given the columns before it, cannot be told from round-off: entries of a scatter are known to ε σ_i σ_j,
    /// so Var(x_j − Σ b_i x_i) is known to ε (σ_j + Σ |b_i| σ_i)², and must be 64 times that.
    pub(crate) fn new(matrix: &[f64]) -> Result<Self, Error> {
        let dimension = square_root(matrix)?;
        let mut factor = vec![0.0; matrix.len()];
        for i in 0..dimension {
            for j in 0..=i {
                let (row_i, row_j) = (&factor[i * dimension..][..j], &factor[j * dimension..][..j]);
                let dot: f64 = row_i.iter().zip(row_j).map(|(a, b)| a * b).sum();
                let rest = matrix[i * dimension + j] - dot;
                factor[i * dimension + j] = if i == j {
                    // Negated so that a NaN is refused too.
                    if !(rest > 0.0 && rest.is_finite()) {
                        return Err(Error::Singular { column: i, pivot: rest });
                    }
                    rest.sqrt()
                } else {
                    rest / factor[j * dimension + j]
                };
            }
        }
        let cholesky = Self::of_checked(factor, dimension);
        cholesky.check_resolution(matrix)?;
        Ok(cholesky)
    }

    /// Row j of W is (−b, 1) over the root of what is left of Σ_jj.
    fn check_resolution(&self, matrix: &[f64]) -> Result<(), Error> {
        let d = self.dimension;
        for (column, row) in self.whitening.chunks_exact(d).enumerate() {
            let size: f64 = row.iter().enumerate().map(|(j, w)| w.abs() * matrix[j * (d + 1)].sqrt()).sum();
            // Negated so that a NaN is refused too.
            if !(NOISE * f64::EPSILON * size * size < 1.0) {
                return Err(Error::Singular { column, pivot: self.factor[column * (d + 1)].powi(2) });
            }
        }
        Ok(())
    }

    /// Takes L itself: D × D, row-major, zero above the diagonal.
    ///
    /// # Errors
    /// [`Error::Dimension`] if the length is not a square, [`Error::Parameter`] if an entry is not finite or does not
    /// vanish above the diagonal, [`Error::Singular`] if one on the diagonal is not positive.
    pub(crate) fn from_factor(factor: Vec<f64>) -> Result<Self, Error> {
        let dimension = square_root(&factor)?;
        for (entry, &value) in factor.iter().enumerate() {
            let (i, j) = (entry / dimension, entry % dimension);
            Error::check(value.is_finite(), "an entry of a Cholesky factor", value, "(−∞, ∞)")?;
            Error::check(j <= i || value == 0.0, "an entry above the diagonal of a Cholesky factor", value, "{0}")?;
            if i == j && !(value > 0.0) {
                return Err(Error::Singular { column: i, pivot: value });
            }
        }
        Ok(Self::of_checked(factor, dimension))
    }

    fn of_checked(factor: Vec<f64>, dimension: usize) -> Self {
        let log_determinant = 2.0 * (0..dimension).map(|j| factor[j * (dimension + 1)].ln()).sum::<f64>();
        let whitening = inverse_of_lower(&factor, dimension);
        Self { dimension, factor, whitening, log_determinant }
    }

    /// D.
    pub(crate) fn dimension(&self) -> usize {
        self.dimension
    }

    /// L, row-major.
    pub(crate) fn factor(&self) -> &[f64] {
        &self.factor
    }

    /// W = L⁻¹, row-major.
    pub(crate) fn whitening(&self) -> &[f64] {
        &self.whitening
    }

    /// ln |Σ|.
    pub(crate) fn log_determinant(&self) -> f64 {
        self.log_determinant
    }

    /// tr(Σ⁻¹ S) = tr(W S Wᵀ) of a symmetric D × D matrix S, row-major.
    pub(crate) fn trace_of_solve(&self, s: &[f64]) -> f64 {
        let d = self.dimension;
        let mut trace = 0.0;
        for row in self.whitening.chunks_exact(d) {
            for (i, &w) in row.iter().enumerate() {
                let dot: f64 = s[i * d..][..d].iter().zip(row).map(|(a, b)| a * b).sum();
                trace += w * dot;
            }
        }
        trace
    }

    /// ‖W v‖² = vᵀ Σ⁻¹ v.
    pub(crate) fn squared_norm(&self, v: &[f64]) -> f64 {
        let d = self.dimension;
        let whitened = |i: usize| -> f64 { self.whitening[i * d..=i * d + i].iter().zip(v).map(|(w, x)| w * x).sum() };
        (0..d).map(|i| whitened(i).powi(2)).sum()
    }
}

/// D of D × D numbers.
fn square_root(matrix: &[f64]) -> Result<usize, Error> {
    let dimension = matrix.len().isqrt();
    if dimension * dimension == matrix.len() && dimension > 0 {
        return Ok(dimension);
    }
    let expected = dimension.max(1).pow(2);
    Err(Error::Dimension { what: "a square matrix", expected, found: matrix.len() })
}

/// Forward substitution on the unit vectors.
fn inverse_of_lower(factor: &[f64], d: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; d * d];
    for column in 0..d {
        for i in column..d {
            let unit = if i == column { 1.0 } else { 0.0 };
            let dot: f64 = (column..i).map(|j| factor[i * d + j] * inverse[j * d + column]).sum();
            inverse[i * d + column] = (unit - dot) / factor[i * d + i];
        }
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factor_times_transpose_is_the_matrix() {
        let s = [4.0, 2.0, 0.6, 2.0, 5.0, 1.0, 0.6, 1.0, 3.0];
        let cholesky = Cholesky::new(&s).unwrap();
        let reference = nalgebra::DMatrix::from_row_slice(3, 3, &s);
        assert!((cholesky.log_determinant() - reference.determinant().ln()).abs() < 1e-14);
        let inverse = reference.clone().try_inverse().unwrap();
        assert!((cholesky.trace_of_solve(&s) - 3.0).abs() < 1e-14);
        let v = nalgebra::DVector::from_row_slice(&[1.0, -2.0, 0.5]);
        assert!((cholesky.squared_norm(v.as_slice()) - (v.transpose() * inverse * &v)[0]).abs() < 1e-13);
    }

    #[test]
    fn collinear_and_constant_columns_are_named() {
        let collinear = [1.0, 2.0, 2.0, 4.0];
        assert!(matches!(Cholesky::new(&collinear), Err(Error::Singular { column: 1, .. })));
        let nearly = [1.0, 1.0 - 1e-14, 1.0 - 1e-14, 1.0];
        assert!(matches!(Cholesky::new(&nearly), Err(Error::Singular { column: 1, .. })));
        // What is left is noise only next to what the collinear first two columns made of it.
        let a = 1.0 - 1e-9;
        let amplified = [1.0, a, 0.5, a, 1.0, 0.5 - 2e-5, 0.5, 0.5 - 2e-5, 0.449_991];
        assert!(matches!(Cholesky::new(&amplified), Err(Error::Singular { column: 2, .. })));
        assert!(Cholesky::new(&[1.0, 0.0, 0.0, 1e-200]).is_ok(), "units do not matter");
        assert!(matches!(Cholesky::new(&[0.0]), Err(Error::Singular { column: 0, .. })));
        assert!(matches!(Cholesky::new(&[f64::NAN]), Err(Error::Singular { column: 0, .. })));
    }
}
