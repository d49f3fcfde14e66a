//! Data that are kept, (x, w) for each, where no finite statistics exist.

use crate::error::Error;

use super::exponential_family::OUTSIDE;

/// Σ w.
///
/// # Errors
/// [`Error::NoWeight`]; [`Error::NoEstimate`] if an x is not finite.
pub(super) fn check(family: &'static str, data: &[(f64, f64)]) -> Result<f64, Error> {
    let weight: f64 = data.iter().map(|(_, w)| w).sum();
    if !(weight > 0.0) {
        return Err(Error::NoWeight { weight });
    }
    if !data.iter().all(|(x, _)| x.is_finite()) {
        return Err(Error::NoEstimate { family, reason: OUTSIDE });
    }
    Ok(weight)
}

/// A value that half of the weight lies on either side of, the middle of two such; sorts the data.
pub(super) fn weighted_median(data: &mut [(f64, f64)]) -> f64 {
    data.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let half = 0.5 * data.iter().map(|(_, w)| w).sum::<f64>();
    let mut below = 0.0;
    for (n, &(x, w)) in data.iter().enumerate() {
        below += w;
        if below > half {
            return x;
        }
        if below == half {
            let next = data[n + 1..].iter().find(|(_, w)| *w > 0.0).map_or(x, |(x, _)| *x);
            return x + 0.5 * (next - x);
        }
    }
    data.last().map_or(f64::NAN, |(x, _)| *x)
}
