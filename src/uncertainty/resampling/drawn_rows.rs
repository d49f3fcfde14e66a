//! Rows drawn with replacement, as counts; and the stream of random numbers that each replicate has.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, RngExt, SeedableRng};

use crate::data::{InMemory, Observation};

/// The random numbers of a replicate: its own stream, whoever draws it and when.
pub(super) fn stream(seed: u64, replicate: usize) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed ^ (replicate as u64 + 1).wrapping_mul(0xD1B5_4A32_D192_ED03))
}

/// The weights of all observations, 1 where none are given.
pub(super) fn weights<O: Observation + ?Sized, D: InMemory<O> + ?Sized>(data: &D) -> Vec<f64> {
    data.weights().map_or_else(|| vec![1.0; O::len(data.block())], <[f64]>::to_vec)
}

/// How many observations there are: those of positive weight, each counted once.
pub(super) fn observations(weights: &[f64]) -> usize {
    weights.iter().filter(|w| **w > 0.0).count()
}

/// How often each row is drawn in Σw draws (rounded, at least one) with replacement, by its share of the weight: one
/// binomial draw a row, given those before.
pub(super) fn draw_counts(weights: &[f64], rng: &mut dyn Rng) -> Vec<f64> {
    let mut rest: f64 = weights.iter().sum();
    let mut left = rest.round().max(1.0) as u64;
    let last = weights.iter().rposition(|w| *w > 0.0).unwrap_or(0);
    let of_row = |(n, weight): (usize, &f64)| {
        if *weight <= 0.0 || left == 0 {
            return 0.0;
        }
        let share = if n == last { 1.0 } else { (weight / rest).clamp(0.0, 1.0) };
        let count = rng.sample(rand_distr::Binomial::new(left, share).expect("the share is in [0, 1]"));
        left -= count;
        rest -= weight;
        count as f64
    };
    weights.iter().enumerate().map(of_row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_rows_are_drawn_as_there_are_and_none_of_weight_0() {
        let weights = [1.0, 0.0, 3.0, 2.0, 0.0];
        let mut sums = [0.0; 5];
        for replicate in 0..4000 {
            let counts = draw_counts(&weights, &mut stream(7, replicate));
            assert_eq!(counts.iter().sum::<f64>(), 6.0);
            sums.iter_mut().zip(&counts).for_each(|(sum, count)| *sum += count);
        }
        for (sum, weight) in sums.iter().zip(weights) {
            assert!((sum / 4000.0 - weight).abs() < 0.1, "{sum}, weight {weight}");
        }
    }
}
