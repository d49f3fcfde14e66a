//! An interval that holds a parameter with a given confidence.

use std::fmt;

use crate::distributions::{Cumulative, Normal};
use crate::error::Error;

use super::named::Bounds;

/// From `lower` to `upper`, both ends within the bounds of the parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
}

impl Interval {
    /// The normal interval about an estimate on the scale on which the parameter has no bounds: its logarithm if it is
    /// positive, its logit if it is a probability; so no end lies beyond a bound.
    pub(super) fn normal(value: f64, standard_error: f64, bounds: Bounds, confidence: f64) -> Result<Self, Error> {
        let z = Normal::standard().quantile(0.5 + 0.5 * checked(confidence)?)?;
        let inside = match bounds {
            Bounds::None => true,
            Bounds::Positive => value > 0.0,
            Bounds::Probability => value > 0.0 && value < 1.0,
        };
        Ok(match bounds {
            _ if !inside || bounds == Bounds::None => {
                Self { lower: value - z * standard_error, upper: value + z * standard_error }
            }
            Bounds::Positive | Bounds::None => {
                let factor = (z * standard_error / value).exp();
                Self { lower: value / factor, upper: value * factor }
            }
            Bounds::Probability => {
                let (odds, factor) = (value / (1.0 - value), (z * standard_error / (value * (1.0 - value))).exp());
                let probability = |odds: f64| if odds.is_finite() { odds / (1.0 + odds) } else { 1.0 };
                Self { lower: probability(odds / factor), upper: probability(odds * factor) }
            }
        })
    }

    /// Between the quantiles of values in ascending order that leave equal shares outside (linear between two values).
    pub(super) fn percentile(ascending: &[f64], confidence: f64) -> Result<Self, Error> {
        let outside = 0.5 * (1.0 - checked(confidence)?);
        let quantile = |p: f64| {
            let at = p * (ascending.len() - 1) as f64;
            let (below, share) = (at.floor() as usize, at.fract());
            let above = ascending[(below + 1).min(ascending.len() - 1)];
            ascending[below] + share * (above - ascending[below])
        };
        Ok(Self { lower: quantile(outside), upper: quantile(1.0 - outside) })
    }
}

fn checked(confidence: f64) -> Result<f64, Error> {
    Error::check(confidence > 0.0 && confidence < 1.0, "confidence", confidence, "(0, 1)")?;
    Ok(confidence)
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{:.6}, {:.6}]", self.lower, self.upper)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_end_lies_beyond_a_bound() {
        let of = |value, error, bounds| Interval::normal(value, error, bounds, 0.95).unwrap();
        let free = of(1.0, 1.0, Bounds::None);
        assert!(
            (free.lower + 0.959_963_984_540_054).abs() < 1e-12 && (free.upper - 2.959_963_984_540_054).abs() < 1e-12
        );
        let positive = of(1.0, 1.0, Bounds::Positive);
        assert!(positive.lower > 0.0 && (positive.lower * positive.upper - 1.0).abs() < 1e-12);
        let probability = of(0.02, 0.03, Bounds::Probability);
        assert!(probability.lower > 0.0 && probability.upper < 1.0);
        assert_eq!(of(0.5, 1e4, Bounds::Probability), Interval { lower: 0.0, upper: 1.0 });
        assert!(Interval::normal(0.0, 1.0, Bounds::None, 1.0).is_err());
    }

    #[test]
    fn percentiles_are_those_of_the_values() {
        let values: Vec<f64> = (0..=100).map(f64::from).collect();
        let found = Interval::percentile(&values, 0.9).unwrap();
        assert!((found.lower - 5.0).abs() < 1e-12 && (found.upper - 95.0).abs() < 1e-12);
        assert_eq!(Interval::percentile(&[2.0], 0.9).unwrap(), Interval { lower: 2.0, upper: 2.0 });
    }
}
