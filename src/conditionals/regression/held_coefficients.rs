//! Least squares of a line some of whose coefficients are held: x − a − b_h·y_h = b_f·y_f + ε over the free b_f.
//!
//! Each column is a vector whose inner products are the scatter, its row of the triangular root. A held intercept puts
//! the mean in front as one more coordinate, so that they are sums of squares about a instead. What is held is taken from
//! x, and a Householder QR of the free columns does the rest.

use nalgebra::{DMatrix, DVector};

use crate::error::Error;

use super::held::Held;
use super::joint_moments::JointMoments;
use super::regressors::Linear;

impl JointMoments {
    /// The line with the least Σ w ε² among those with the held coefficients of `old`, and √(Σ w ε²).
    ///
    /// # Errors
    /// [`Error::Singular`] for a free column that is 0 or, up to D ε of its squares, a combination of those before it.
    pub(crate) fn least_squares_beside(&self, held: &Held, old: &Linear) -> Result<(Linear, f64), Error> {
        let (d, last) = (self.mean.len(), self.mean.len() - 1);
        let size = self.weight.sqrt();
        let column = |j: usize, origin: f64| {
            let front = if held.intercept { size * (self.mean[j] - origin) } else { 0.0 };
            DVector::from_iterator(d + 1, std::iter::once(front).chain(self.root[j * d..][..d].iter().copied()))
        };
        let mut slopes = old.slopes.clone();
        let mut target = column(last, old.intercept());
        for j in (0..last).filter(|&j| held.slope(j)) {
            target.axpy(-slopes[j], &column(j, 0.0), 1.0);
        }
        let free: Vec<usize> = (0..last).filter(|&j| !held.slope(j)).collect();
        let mut left = target.norm();
        if !free.is_empty() {
            let columns: Vec<DVector<f64>> = free.iter().map(|&j| column(j, 0.0)).collect();
            let qr = DMatrix::from_columns(&columns).qr();
            let r = qr.r();
            for (k, (&column, of_column)) in free.iter().zip(&columns).enumerate() {
                let (pivot, squares) = (r[(k, k)].powi(2), of_column.norm_squared());
                // Without a free intercept a constant column is no worse than others.
                let constant = !held.intercept && !(squares > self.weight * (f64::EPSILON * self.mean[column]).powi(2));
                if constant || !(pivot > d as f64 * f64::EPSILON * squares && pivot.is_finite()) {
                    return Err(Error::Singular { column, pivot: pivot / self.weight });
                }
            }
            qr.q_tr_mul(&mut target);
            let estimates = r.solve_upper_triangular(&target.rows(0, free.len()).into_owned());
            for (&j, slope) in free.iter().zip(estimates.iter().flatten()) {
                slopes[j] = *slope;
            }
            left = target.rows(free.len(), d + 1 - free.len()).norm();
        }
        let linear = if held.intercept {
            Linear { level: old.intercept(), slopes, centre: vec![0.0; last] }
        } else {
            Linear { level: self.mean[last], slopes, centre: self.mean[..last].to_vec() }
        };
        Ok((linear, left))
    }
}
