//! Rows must be finite: NaN and infinities are found and named before they travel.

use crate::data::Dataset;
use crate::error::Error;
use crate::numeric::Scalar;

/// Looks at every value of every row that counts.
///
/// # Errors
/// [`Error::NotFinite`] for the first value that is NaN or infinite.
pub(super) fn check_finite<F: Scalar, T: Dataset<[F]> + ?Sized>(data: &T) -> Result<(), Error> {
    data.fold(&0.0, &|batch, _| {
        let bad = |n: &usize| batch.weight(*n) > 0.0 && !batch.block().row(*n).iter().all(|x| x.is_finite());
        match (0..batch.len()).find(bad) {
            Some(n) => Err(not_finite(batch.row(n), batch.block().row(n))),
            None => Ok(()),
        }
    })?;
    Ok(())
}

/// The error that names the value because of which a row has no density or distance.
pub(super) fn not_finite<F: Scalar>(row: usize, values: &[F]) -> Error {
    match values.iter().enumerate().find(|(_, x)| !x.is_finite()) {
        Some((d, x)) => Error::NotFinite { row, column: (d + 1).to_string(), value: x.widen() },
        // The values are finite, but their squares are not.
        None => Error::TooFar { row, values: values.iter().map(|x| x.widen()).collect() },
    }
}
