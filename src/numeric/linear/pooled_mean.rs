//! The mean of two parts, from their means and weights.

/// (w₁ m₁ + w₂ m₂) / (w₁ + w₂), one of the weights positive.
///
/// It is reached from the heavier side: from the lighter one, the rounding of a far mean would stay in a result near
/// the other.
pub(crate) fn pooled_mean((mean, weight): (f64, f64), (other, other_weight): (f64, f64)) -> f64 {
    let total = weight + other_weight;
    let delta = other - mean;
    if weight >= other_weight { mean + delta * (other_weight / total) } else { other - delta * (weight / total) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_light_and_far_part_leaves_the_other_its_digits() {
        let (light, heavy) = ((1.0, 2f64.powi(-20)), (0.0, 3.0));
        let exact = light.1 / (light.1 + heavy.1);
        for mean in [pooled_mean(light, heavy), pooled_mean(heavy, light)] {
            assert!((mean - exact).abs() <= 2.0 * f64::EPSILON * exact, "{mean} {exact}");
        }
        assert_eq!(pooled_mean((2.5, 1.0), (7.0, 0.0)), 2.5);
        assert_eq!(pooled_mean((1.0, 1.0), (2.0, 3.0)), 1.75);
    }
}
