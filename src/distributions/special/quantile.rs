//! Quantiles: the smallest x with F(x) ≥ p, so that q(p) ≤ x exactly where p ≤ F(x).

use crate::error::Error;

/// Checks p ∈ [0, 1].
pub(crate) fn check(p: f64) -> Result<(), Error> {
    Error::check((0.0..=1.0).contains(&p), "p", p, "[0, 1]")
}

/// The smallest x ∈ [lower, upper] with F(x) ≥ p; `lower` at p = 0 and `upper` at p = 1, whatever F rounds to. Numbers
/// are ordered as their bits are, so 64 bisections find it.
pub(crate) fn of_numbers(p: f64, [lower, upper]: [f64; 2], cdf: impl Fn(f64) -> f64) -> Result<f64, Error> {
    check(p)?;
    if p == 0.0 || p == 1.0 {
        return Ok(if p == 0.0 { lower } else { upper });
    }
    let (mut below, mut above) = (rank(lower), rank(upper));
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        if cdf(of_rank(middle)) >= p {
            above = middle;
        } else {
            below = middle;
        }
    }
    Ok(of_rank(above))
}

/// The place of a number among all numbers, 0 having place 0: in 128 bits, as −∞ and ∞ lie 1.8e19 places apart.
fn rank(x: f64) -> i128 {
    let magnitude = i128::from(x.abs().to_bits());
    if x < 0.0 { -magnitude } else { magnitude }
}

fn of_rank(rank: i128) -> f64 {
    let magnitude = f64::from_bits(rank.unsigned_abs() as u64);
    if rank < 0 { -magnitude } else { magnitude }
}

/// The smallest k ≤ `largest` with F(k) ≥ p, by doubling and bisection: O(log k) values of F; `largest` at p = 1,
/// whatever F rounds to.
pub(crate) fn of_counts(p: f64, largest: u64, cdf: impl Fn(u64) -> f64) -> Result<u64, Error> {
    check(p)?;
    if p == 1.0 {
        return Ok(largest);
    }
    if cdf(0) >= p {
        return Ok(0);
    }
    let (mut below, mut above) = (0u64, 1u64);
    while above < largest && cdf(above) < p {
        below = above;
        above = above.saturating_mul(2).min(largest);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_order_as_ranks() {
        let numbers = [f64::NEG_INFINITY, -1.0, -5e-324, 0.0, 1e-300, 2.0, f64::INFINITY];
        assert!(numbers.windows(2).all(|pair| rank(pair[0]) < rank(pair[1])));
        assert!(numbers.iter().all(|x| of_rank(rank(*x)) == *x));
    }

    #[test]
    fn the_smallest_number_that_reaches_p_is_found_to_the_bit() {
        let step = |x: f64| if x >= -1.25 { 0.5 } else { 0.0 };
        assert_eq!(of_numbers(0.5, [f64::NEG_INFINITY, f64::INFINITY], step).unwrap(), -1.25);
        assert_eq!(of_counts(0.5, 70, |k| if k >= 70 { 1.0 } else { 0.0 }).unwrap(), 70);
        assert!(of_numbers(f64::NAN, [0.0, 1.0], step).is_err());
    }
}
