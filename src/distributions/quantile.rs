//! Quantiles: the smallest x with F(x) ≥ p.

use crate::error::Error;

/// Checks p ∈ [0, 1].
pub(super) fn check(p: f64) -> Result<(), Error> {
    Error::check((0.0..=1.0).contains(&p), "p", p, "[0, 1]")
}

/// The smallest x ∈ [0, upper] with F(x) ≥ p: positive numbers are ordered as their bits are, so 64 bisections find it.
pub(super) fn of_positive(p: f64, upper: f64, cdf: impl Fn(f64) -> f64) -> Result<f64, Error> {
    check(p)?;
    let (mut below, mut above) = (0, upper.to_bits());
    if p == 0.0 {
        return Ok(0.0);
    }
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        if cdf(f64::from_bits(middle)) >= p {
            above = middle;
        } else {
            below = middle;
        }
    }
    Ok(f64::from_bits(above))
}

/// The smallest k with F(k) ≥ p, by doubling and bisection: O(log k) values of F; at most `u64::MAX`.
pub(super) fn of_counts(p: f64, cdf: impl Fn(u64) -> f64) -> Result<u64, Error> {
    check(p)?;
    if cdf(0) >= p {
        return Ok(0);
    }
    let (mut below, mut above) = (0u64, 1u64);
    while cdf(above) < p && above < u64::MAX {
        below = above;
        above = above.saturating_mul(2);
    }
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        if cdf(middle) >= p {
            above = middle;
        } else {
            below = middle;
        }
    }
    Ok(above)
}
