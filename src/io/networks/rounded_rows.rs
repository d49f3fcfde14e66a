//! Rows of printed probabilities that miss one by more than their rounding explains, divided by their sum where the
//! reader is told to.

use crate::error::NetworkError;
use crate::network::row_sum_error;

/// The most that a row's sum may miss one by to be taken for a rounded one.
pub(crate) const GREATEST: f64 = 0.1;

/// Divides a row by its sum if that misses one by at most `rounding`; leaves it if it is one within the usual rounding.
pub(crate) fn divide(row: &mut [f64], rounding: f64, label: impl FnOnce() -> String) -> Result<(), NetworkError> {
    let Some(error) = row_sum_error(row, label) else { return Ok(()) };
    let NetworkError::RowSum { row: name, sum } = error else { return Err(error) };
    let missed = (sum - 1.0).abs();
    // A sum of printed numbers is itself rounded.
    if missed <= rounding + 1e-12 {
        row.iter_mut().for_each(|p| *p /= sum);
        return Ok(());
    }
    Err(if missed <= GREATEST + 1e-12 {
        NetworkError::RoundedRow { row: name, sum, rounding: least(missed) }
    } else {
        NetworkError::RowSum { row: name, sum }
    })
}

/// The least number of two digits that is not below this one.
fn least(missed: f64) -> f64 {
    let unit = 10_f64.powi(missed.log10().floor() as i32 - 1);
    let digits = (missed / unit - 1e-6).ceil();
    format!("{:e}", digits * unit).parse().map_or(missed, |x: f64| (x * 1e6).round() / 1e6)
}

#[cfg(test)]
mod tests {
    use super::{divide, least};

    #[test]
    fn the_advice_is_a_short_number_that_suffices() {
        assert_eq!([0.1, 0.01, 0.0123, 0.00999999999999].map(least), [0.1, 0.01, 0.013, 0.01]);
        let mut row = [0.33; 3];
        divide(&mut row, 0.01, || "p".into()).unwrap();
        assert!(row.iter().all(|p| (p - 1.0_f64 / 3.0).abs() < 1e-15));
    }
}
