//! What is wrong with a row of numbers that has density 0 under every normal.

use crate::error::Error;
use crate::numeric::Scalar;

/// The error that names the first value of a row that is infinite, or NaN unless that is a missing cell, if there is one.
pub(crate) fn not_finite<F: Scalar>(row: usize, values: &[F], missing: bool) -> Option<Error> {
    let (d, x) = values.iter().enumerate().find(|(_, x)| !(x.is_finite() || missing && x.is_nan()))?;
    Some(Error::NotFinite { row, column: (d + 1).to_string(), value: x.widen() })
}

/// The error that names the largest value of a row whose squares overflow, if they do.
pub(crate) fn too_large<F: Scalar>(row: usize, values: &[F]) -> Option<Error> {
    let sizes = values.iter().map(|x| x.widen()).enumerate().filter(|(_, x)| !x.is_nan());
    let (d, value) = sizes.max_by(|(_, a), (_, b)| a.abs().total_cmp(&b.abs()))?;
    let overflows = !(4.0 * values.len() as f64 * value * value).is_finite();
    overflows.then(|| Error::Scale { row, column: (d + 1).to_string(), value })
}
