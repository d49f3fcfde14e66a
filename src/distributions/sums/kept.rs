//! Data that are kept, (x, w) for each, where no finite statistics exist.

use crate::error::Error;

use crate::distributions::estimate::OUTSIDE;

/// So many are sorted.
const FEW: usize = 16;

/// Σ w.
///
/// # Errors
/// [`Error::NoWeight`]; [`Error::NoEstimate`] if an x is not finite.
pub(crate) fn check(family: &'static str, data: &[(f64, f64)]) -> Result<f64, Error> {
    let weight: f64 = data.iter().map(|(_, w)| w).sum();
    if !(weight > 0.0) {
        return Err(Error::NoWeight { weight });
    }
    if !data.iter().all(|(x, _)| x.is_finite()) {
        return Err(Error::NoEstimate { family, reason: OUTSIDE });
    }
    Ok(weight)
}

/// A value that half of the weight lies on either side of, the middle of two such, in O(N); the data change places.
pub(crate) fn weighted_median(data: &mut [(f64, f64)]) -> f64 {
    let weight = |data: &[(f64, f64)]| data.iter().map(|(_, w)| w).sum::<f64>();
    let order = |a: &(f64, f64), b: &(f64, f64)| a.0.total_cmp(&b.0);
    let half = 0.5 * weight(data);
    // The places where the median may be: none before them is larger, none behind them smaller.
    let (mut from, mut to, mut below) = (0, data.len(), 0.0);
    while to - from > FEW {
        let middle = usize::midpoint(from, to);
        data[from..to].select_nth_unstable_by(middle - from, order);
        let through = below + weight(&data[from..=middle]);
        if through >= half {
            to = middle + 1;
        } else {
            (from, below) = (middle + 1, through);
        }
    }
    data[from..to].sort_unstable_by(order);
    for n in from..to {
        let (x, w) = data[n];
        below += w;
        if below > half {
            return x;
        }
        if below == half {
            let next = data[n + 1..].iter().filter(|(_, w)| *w > 0.0).map(|(x, _)| *x).reduce(f64::min);
            return x + 0.5 * (next.unwrap_or(x) - x);
        }
    }
    // Round-off has left a crumb of the weight.
    data.get(to.wrapping_sub(1)).map_or(f64::NAN, |(x, _)| *x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_weight_lies_on_either_side_of_the_median() {
        for count in [1, 2, 3, 16, 17, 100, 1001] {
            let place = |n: usize| (n * 7919 % 641) as f64;
            for weight in [|_| 1.0, |n: usize| (n % 4) as f64, |n: usize| if n == 0 { 0.5 } else { 0.0 }] {
                let mut data: Vec<(f64, f64)> = (0..count).map(|n| (place(n), weight(n))).collect();
                let total: f64 = data.iter().map(|(_, w)| w).sum();
                let median = weighted_median(&mut data);
                let side = |of: &dyn Fn(f64) -> bool| data.iter().filter(|d| of(d.0)).map(|d| d.1).sum::<f64>();
                let (below, above) = (side(&|x| x < median), side(&|x| x > median));
                assert!(total == 0.0 || below.max(above) <= 0.5 * total, "{count}: {median}");
            }
        }
        assert_eq!(weighted_median(&mut [(5.0, 1.0), (1.0, 0.0), (2.0, 1.0), (3.0, 0.0)]), 3.5);
        assert_eq!(weighted_median(&mut [(1.0, 1.0), (5.0, 0.5), (1.0, 0.5)]), 1.0);
        assert!(weighted_median(&mut []).is_nan());
    }
}
