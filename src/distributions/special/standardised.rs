//! z = (x − m) / s, also where x − m overflows; draws m + s z, kept among the finite numbers; and what blocks of z leave
//! to be done row by row.

use crate::distributions::Distribution;

/// (x − m) / s of a finite m and s > 0; NaN only for NaN.
pub(crate) fn standardised(x: f64, location: f64, scale: f64) -> f64 {
    let difference = x - location;
    if difference.is_finite() { difference / scale } else { x / scale - location / scale }
}

/// m + s z, the nearest finite number where that is beyond all of them.
pub(crate) fn destandardised(z: f64, location: f64, scale: f64) -> f64 {
    (location + scale * z).clamp(-f64::MAX, f64::MAX)
}

/// What a kernel has left as NaN, row by row.
pub(crate) fn mend<D: Distribution<Value = f64>>(d: &D, block: &[f64], out: &mut [f64]) {
    if out.iter().fold(false, |any, l| any | l.is_nan()) {
        let left = out.iter_mut().zip(block).filter(|(l, _)| l.is_nan());
        left.for_each(|(l, x)| *l = d.log_density(x));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_beyond_all_numbers_is_divided_before_it_is_taken() {
        assert_eq!(standardised(-1e308, 1e308, 1e308), -2.0);
        assert_eq!(standardised(3.0, 1.0, 4.0), 0.5);
        assert_eq!(standardised(f64::INFINITY, 1.0, 1e300), f64::INFINITY);
        assert_eq!(destandardised(5.0, -1.0, 1e308), f64::MAX);
    }
}
