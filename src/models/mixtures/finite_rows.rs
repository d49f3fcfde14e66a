//! Rows must be finite, and so must the sums of their squares: what is not is found and named before it travels.

use crate::components::not_finite;
use crate::data::{Dataset, Statistics};
use crate::error::Error;
use crate::numeric::{LEAST_VARIANCE, Scalar};

/// Of each column the value of largest size, the first of equals, and its row.
#[derive(Clone)]
struct Largest(Vec<(f64, usize)>);

impl Largest {
    fn see(&mut self, values: impl ExactSizeIterator<Item = (f64, usize)>) {
        self.0.resize(self.0.len().max(values.len()), (0.0, 0));
        for (largest, value) in self.0.iter_mut().zip(values) {
            if value.0.abs() > largest.0.abs() {
                *largest = value;
            }
        }
    }
}

impl Statistics for Largest {
    fn merge(&mut self, other: &Self) {
        self.see(other.0.iter().copied());
    }
    fn scale(&mut self, _: f64) {}
}

/// Looks at every value of every row that counts; NaN is passed over where cells may be missing.
///
/// # Errors
/// [`Error::NotFinite`] for the first value that is NaN or infinite; [`Error::Scale`] for a value x with which
/// Σ w ‖x − c‖² ≤ 4 W D x² may overflow, or a column no square of which reaches [`LEAST_VARIANCE`].
pub(crate) fn check_finite<F: Scalar, T: Dataset<[F]> + ?Sized>(data: &T, missing: bool) -> Result<(), Error> {
    let largest = data.fold(&Largest(Vec::new()), &|batch, largest| {
        for n in (0..batch.len()).filter(|&n| batch.weight(n) > 0.0) {
            let (row, values) = (batch.row(n), batch.block().row(n));
            match not_finite(row, values, missing) {
                Some(error) => return Err(error),
                None => largest.see(values.iter().map(|x| (if x.is_nan() { 0.0 } else { x.widen() }, row))),
            }
        }
        Ok(())
    })?;
    let terms = 4.0 * data.totals()?.weight.max(1.0) * largest.0.len() as f64;
    for (d, &(value, row)) in largest.0.iter().enumerate() {
        let large = value.abs() > (f64::MAX / terms).sqrt();
        let small = value != 0.0 && value.abs() < LEAST_VARIANCE.sqrt();
        if large || small {
            return Err(Error::Scale { row, column: (d + 1).to_string(), value });
        }
    }
    Ok(())
}
