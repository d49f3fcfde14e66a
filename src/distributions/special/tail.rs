//! ∫₀^∞ e^(−φ(s)) ds: the mass beyond a point, over the density there, where s is the distance in a coordinate in
//! which the density is log-concave.

use std::sync::LazyLock;

/// The step of the trapezoid rule: its error is then below the round-off of the sum.
const STEP: f64 = 1.0 / 16.0;
/// s / scale and its derivative by t, from where it is below e^(−46) to where it is 160 000.
static NODES: LazyLock<Vec<(f64, f64)>> = LazyLock::new(|| {
    let node = |t: f64| {
        let distance = (t - (-t).exp()).exp();
        (distance, distance * (1.0 + (-t).exp()))
    };
    (-60..192).map(|j| node(STEP * f64::from(j))).collect()
});

/// ∫₀^∞ e^(−φ(s)) ds of a convex φ with φ(0) = 0, by the trapezoid rule in t after s = scale · exp(t − e^(−t))
/// (Takahasi & Mori 1974); `scale` is a distance over which φ grows by about 1.
pub(crate) fn beyond(scale: f64, phi: impl Fn(f64) -> f64) -> f64 {
    let mut sum = 0.0;
    for &(distance, weight) in NODES.iter() {
        let term = weight * (-phi(scale * distance)).exp();
        sum += term;
        if distance > 0.5 && term < 1e-19 * sum {
            break;
        }
    }
    scale * STEP * sum
}

/// e^s − 1 − s of s ≥ 0, without cancellation.
pub(crate) fn growth_above_linear(s: f64) -> f64 {
    if s < 0.5 { s * s * reciprocal_factorials(s) } else { s.exp_m1() - s }
}

/// e^(−s) − 1 + s of s ≥ 0, without cancellation.
pub(crate) fn decay_above_linear(s: f64) -> f64 {
    if s < 0.5 { s * s * reciprocal_factorials(-s) } else { (-s).exp_m1() + s }
}

/// Σ_j x^j / (j + 2)! of |x| < ½.
fn reciprocal_factorials(x: f64) -> f64 {
    (3..=16).rev().fold(1.0, |sum, j| 1.0 + sum * x / f64::from(j)) * 0.5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_bell_and_an_exponential_are_integrated_to_round_off() {
        let bell = beyond(1.0, |s| 0.5 * s * s);
        assert!((bell / (0.5 * std::f64::consts::PI).sqrt() - 1.0).abs() < 4e-16, "{bell}");
        assert!((beyond(0.01, |s| 100.0 * s) * 100.0 - 1.0).abs() < 4e-16);
    }

    #[test]
    fn the_exponential_series_and_the_plain_difference_meet() {
        for s in [0.45, 0.499_999, 0.500_001, 0.6] {
            assert!((growth_above_linear(s) / (s.exp() - 1.0 - s) - 1.0).abs() < 1e-14);
            assert!((decay_above_linear(s) / ((-s).exp() - 1.0 + s) - 1.0).abs() < 1e-14);
        }
        assert!((growth_above_linear(1e-9) / 5e-19 - 1.0).abs() < 1e-9);
    }
}
