//! The resultant Σ w e^(ix) of angles, and what its length lacks of Σ w: the statistics of directions.

use std::f64::consts::{PI, TAU};

use crate::data::Statistics;
use crate::numeric::{sines_and_cosines, sum_lines, total, turned_squares};

/// Weight, direction and length of the resultant Σ w e^(ix), and what its length lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Resultant {
    /// W = Σ w.
    pub weight: f64,
    /// μ̄ = arg Σ w e^(ix).
    pub direction: f64,
    /// R = |Σ w e^(ix)|.
    pub length: f64,
    /// W − R = Σ w (1 − cos(x − μ̄)), kept by itself so that a narrow bundle of angles does not cost digits.
    pub gap: f64,
}

impl Statistics for Resultant {
    fn merge(&mut self, other: &Self) {
        self.weight += other.weight;
        if self.length == 0.0 || other.length == 0.0 {
            let longer = if self.length == 0.0 { other } else { &*self };
            (self.direction, self.length, self.gap) = (longer.direction, longer.length, self.gap + other.gap);
            return;
        }
        // In the frame of this direction, so that narrow bundles lose nothing to the size of the angle.
        let turn = other.direction - self.direction;
        let (across, along) = (other.length * turn.sin(), self.length + other.length * turn.cos());
        let length = across.hypot(along);
        let lost = 4.0 * self.length * (other.length / (self.length + other.length + length));
        self.gap += other.gap + lost * (0.5 * turn).sin().powi(2);
        self.direction += across.atan2(along);
        self.length = length;
    }

    fn scale(&mut self, factor: f64) {
        self.weight *= factor;
        self.length *= factor;
        self.gap *= factor;
    }
}

/// Half the angles of a block, as seen from its first: sine and cosine of h = (x − x₀)/2, once for all who weigh them.
pub(crate) struct HalfAngles {
    first: f64,
    sines: Vec<f64>,
    cosines: Vec<f64>,
    /// sin h cos h = ½ sin(x − x₀), then sin² h = ½ (1 − cos(x − x₀)).
    products: Vec<f64>,
}

impl HalfAngles {
    /// `None` where an angle is not finite.
    pub(crate) fn of(block: &[f64]) -> Option<Self> {
        if !block.iter().all(|x| x.is_finite()) {
            return None;
        }
        let first = wrapped(*block.first()?);
        let halves: Vec<f64> = block.iter().map(|x| 0.5 * (wrapped(*x) - first)).collect();
        let (mut sines, mut cosines) = (vec![0.0; block.len()], vec![0.0; block.len()]);
        sines_and_cosines(&halves, &mut sines, &mut cosines);
        let across = sines.iter().zip(&cosines).map(|(s, c)| s * c);
        let products = across.chain(sines.iter().map(|s| s * s)).collect();
        Some(Self { first, sines, cosines, products })
    }

    /// The resultant under some weights, its gap Σ w (1 − cos(x − μ̄)) = 2 Σ w sin²(h − ½ (μ̄ − x₀)) about its own direction.
    pub(crate) fn resultant(&self, weights: &[f64]) -> Resultant {
        let (weight, mut sums) = (total(weights), [0.0; 2]);
        sum_lines(&self.products, weights, &mut sums);
        let (across, along) = (2.0 * sums[0], weight - 2.0 * sums[1]);
        let turn = across.atan2(along);
        let gap = 2.0 * turned_squares(&self.sines, &self.cosines, weights, 0.5 * turn);
        Resultant { weight, direction: self.first + turn, length: across.hypot(along), gap }
    }
}

/// The same angle in [−π, π).
pub(crate) fn wrapped(angle: f64) -> f64 {
    if (-PI..PI).contains(&angle) {
        return angle;
    }
    let turned = (angle + PI).rem_euclid(TAU) - PI;
    if turned < PI { turned } else { -PI }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_its_angles_one_by_one() {
        for (centre, width) in [(0.3, 2.0), (3.1, 0.5), (0.0, 1e-9), (1e-8, 1e-12), (-50.0, 3.0)] {
            let angles: Vec<f64> = (0..53).map(|n| centre + width * (f64::from(n * n % 17) / 8.0 - 1.0)).collect();
            for weights in [vec![0.0; 53], vec![1.0; 53], (0..53).map(|n| f64::from(n % 3) * 0.7).collect()] {
                let mut rows = Resultant::default();
                for (x, weight) in angles.iter().zip(&weights).filter(|(_, w)| **w > 0.0) {
                    rows.merge(&Resultant { weight: *weight, direction: wrapped(*x), length: *weight, gap: 0.0 });
                }
                let block = HalfAngles::of(&angles).unwrap().resultant(&weights);
                let near = |a: f64, b: f64, by: f64| assert!((a - b).abs() <= by, "{block:?} {rows:?}");
                near(block.weight, rows.weight, 1e-13);
                near(block.length, rows.length, 1e-12);
                near(block.gap, rows.gap, 1e-12 * rows.gap + f64::EPSILON * centre.abs() * width * rows.weight);
                if rows.weight > 0.0 {
                    near(wrapped(block.direction - rows.direction), 0.0, 1e-14 * wrapped(centre).abs().max(width));
                }
            }
        }
        assert!(HalfAngles::of(&[1.0, f64::NAN]).is_none() && HalfAngles::of(&[]).is_none());
    }
}
