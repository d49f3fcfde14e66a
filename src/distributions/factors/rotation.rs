//! Rotations of loadings towards simple structure: each column with few factors, each factor with few columns.

use nalgebra::DMatrix;

use crate::error::Error;

use super::low_rank_normal::LowRankNormal;

/// Rounds through all pairs of factors at most, and the turn (in radians) below which they end.
const SWEEPS: usize = 1000;
const LEAST_TURN: f64 = 1e-12;

/// The turn of two columns after which their squares vary most: ¼ atan2, so that it is the largest of the criterion and not
/// another of its stationary points (Kaiser 1958).
fn planar_angle(z: &DMatrix<f64>, k: usize, l: usize) -> f64 {
    let (d, mut sums) = (z.nrows() as f64, [0.0; 4]);
    for row in z.row_iter() {
        let (u, v) = (row[k] * row[k] - row[l] * row[l], 2.0 * row[k] * row[l]);
        [u, v, u * u - v * v, 2.0 * u * v].iter().zip(&mut sums).for_each(|(term, sum)| *sum += term);
    }
    let [a, b, c, e] = sums;
    0.25 * (e - 2.0 * a * b / d).atan2(c - (a * a - b * b) / d)
}

/// Loadings Λ T of factors that were rotated by T, and what becomes of the factors' correlations.
///
/// The factors are T⁻¹ z: uncorrelated after varimax, correlated after promax. Λ T φ Tᵀ Λᵀ = Λ Λᵀ with φ their
/// correlations, so that the distribution is the same.
/// ```
/// use marginal::distributions::LowRankNormal;
/// let loadings = [0.8, 0.3, 0.7, 0.4, -0.2, 0.9, 0.1, 0.6];
/// let normal = LowRankNormal::new(vec![0.0; 4], &loadings, &[0.3, 0.4, 0.2, 0.5])?;
/// let rotated = normal.varimax()?;
/// let same = normal.rotated(&rotated.transform)?;
/// assert!(same.covariance().iter().zip(normal.covariance()).all(|(a, b)| (a - b).abs() < 1e-12));
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RotatedLoadings {
    /// Λ T of the standardised loadings, D × q row-major: without promax the correlations of columns and factors.
    pub loadings: Vec<f64>,
    /// T, q × q row-major: orthogonal after varimax.
    pub transform: Vec<f64>,
    /// φ = T⁻¹ T⁻ᵀ, q × q row-major: the identity after varimax.
    pub correlations: Vec<f64>,
}

impl RotatedLoadings {
    fn of(loadings: &DMatrix<f64>, transform: &DMatrix<f64>) -> Result<Self, Error> {
        let Some(inverse) = transform.clone().try_inverse() else {
            return Err(Error::Singular { column: 0, pivot: 0.0 });
        };
        let rows = |m: DMatrix<f64>| m.transpose().as_slice().to_vec();
        let correlations = &inverse * inverse.transpose();
        Ok(Self {
            loadings: rows(loadings * transform),
            transform: rows(transform.clone()),
            correlations: rows(correlations),
        })
    }
}

impl LowRankNormal {
    /// The orthogonal rotation after which the squared loadings of each factor vary most (Kaiser 1958), rows first brought
    /// to length 1: `varimax` of R. The factors are numbered and signed so that the first explains most, with a
    /// sum of loadings that is not negative.
    ///
    /// # Errors
    /// None for a fitted normal.
    pub fn varimax(&self) -> Result<RotatedLoadings, Error> {
        let (loadings, turn) = self.varimax_of();
        RotatedLoadings::of(&loadings, &turn)
    }

    /// Varimax, then the oblique transformation whose loadings come nearest to their own powers |l|⁴ of the same sign
    /// (Hendrickson & White 1964): `promax` of R, with factors of variance 1.
    ///
    /// # Errors
    /// [`Error::Singular`] if a factor has no loadings.
    pub fn promax(&self) -> Result<RotatedLoadings, Error> {
        let (loadings, turn) = self.varimax_of();
        let simple = &loadings * &turn;
        let powers = simple.map(|l| l * l.abs().powi(3));
        let refused = Error::Singular { column: 0, pivot: 0.0 };
        let Some(gram) = (simple.transpose() * &simple).cholesky() else { return Err(refused) };
        let mut oblique = gram.solve(&(simple.transpose() * powers));
        let Some(inverse) = (oblique.transpose() * &oblique).try_inverse() else { return Err(refused) };
        for (k, mut column) in oblique.column_iter_mut().enumerate() {
            column *= inverse[(k, k)].sqrt();
        }
        RotatedLoadings::of(&loadings, &(turn * oblique))
    }

    /// The standardised loadings, and the turn of varimax.
    fn varimax_of(&self) -> (DMatrix<f64>, DMatrix<f64>) {
        let (d, q) = (self.dimension(), self.factors());
        let loadings = DMatrix::from_row_slice(d, q, &self.standardised_loadings());
        let lengths: Vec<f64> = loadings.row_iter().map(|row| row.norm()).collect();
        let unit = |j: usize, k: usize| if lengths[j] > 0.0 { loadings[(j, k)] / lengths[j] } else { 0.0 };
        let rows = DMatrix::from_fn(d, q, unit);
        let (mut turn, mut z) = (DMatrix::identity(q, q), rows);
        for _ in 0..SWEEPS {
            let mut largest = 0.0f64;
            for (k, l) in (0..q).flat_map(|k| (k + 1..q).map(move |l| (k, l))) {
                let angle = planar_angle(&z, k, l);
                largest = largest.max(angle.abs());
                let (sin, cos) = angle.sin_cos();
                for matrix in [&mut z, &mut turn] {
                    for mut row in matrix.row_iter_mut() {
                        (row[k], row[l]) = (cos * row[k] + sin * row[l], cos * row[l] - sin * row[k]);
                    }
                }
            }
            if largest < LEAST_TURN {
                break;
            }
        }
        let turned = &loadings * &turn;
        let mut order: Vec<usize> = (0..q).collect();
        order.sort_by(|&a, &b| turned.column(b).norm_squared().total_cmp(&turned.column(a).norm_squared()));
        let mut turn = turn.select_columns(&order);
        for (k, mut column) in turn.column_iter_mut().enumerate() {
            if turned.column(order[k]).sum() < 0.0 {
                column.neg_mut();
            }
        }
        (loadings, turn)
    }
}
