//! Mean and Jensen gap Σ w φ(x) − W φ(x̄) of a convex φ: what −ln x (positive numbers) and x ln x (counts) add up to.
//!
//! The gap is kept by itself and merged by Σ_parts W_i D(x̄_i, x̄), D the Bregman divergence of φ (Banerjee et al.
//! 2005), as scatter is in [`Moments`](crate::distributions::Moments): large and nearly equal numbers do not cost their digits.

use crate::data::Statistics;
use crate::numeric::{count_gap, log_gap, pooled_mean, weighted_mean};

use crate::distributions::special::deviance::deviance_apart;

macro_rules! jensen_moments {
    ($(#[$doc:meta])* $name:ident, $gap:literal, $divergence:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub struct $name {
            /// W = Σ w.
            pub weight: f64,
            /// x̄ = Σ w x / W.
            pub mean: f64,
            #[doc = $gap]
            pub gap: f64,
        }

        impl $name {
            /// Adds one observation.
            pub fn add(&mut self, x: f64, weight: f64) {
                self.merge(&Self { weight, mean: x, gap: 0.0 });
            }
        }

        impl Statistics for $name {
            fn merge(&mut self, other: &Self) {
                let weight = self.weight + other.weight;
                if self.weight == 0.0 || other.weight == 0.0 {
                    *self = if other.weight == 0.0 { *self } else { *other };
                    return;
                }
                let mean = pooled_mean((self.mean, self.weight), (other.mean, other.weight));
                let (share, delta) = (other.weight / weight, other.mean - self.mean);
                let divergence: fn(f64, f64, f64) -> f64 = $divergence;
                self.gap += other.gap
                    + self.weight * divergence(self.mean, mean, -delta * share)
                    + other.weight * divergence(other.mean, mean, delta * (self.weight / weight));
                self.mean = mean;
                self.weight = weight;
            }

            fn scale(&mut self, factor: f64) {
                self.weight *= factor;
                self.gap *= factor;
            }
        }
    };
}

jensen_moments!(
    /// Weight, mean and Σ w (ln x̄ − ln x) of positive numbers.
    LogMoments,
    "Σ w (ln x̄ − ln x) ≥ 0; 0 only if all x are equal.",
    |x, mean, difference| deviance_apart(1.0, x / mean, -difference / mean)
);

jensen_moments!(
    /// Weight, mean and Σ w x (ln x − ln x̄) of counts, 0 ln 0 being 0.
    CountMoments,
    "Σ w x (ln x − ln x̄) ≥ 0; 0 only if all x are equal.",
    deviance_apart
);

impl LogMoments {
    /// Whether all that was added was positive and finite.
    pub(crate) fn on_support(&self) -> bool {
        self.mean > 0.0 && self.mean.is_finite() && self.gap.is_finite()
    }

    /// Adds a block, in two passes: the gap is that about its own mean.
    pub fn add_block(&mut self, values: &[f64], weights: &[f64]) {
        // Their ratios do not leave the range of numbers.
        if !values.iter().all(|x| *x > 1e-150 && *x < 1e150) {
            return add_row_by_row(values, weights, |x, w| self.add(x, w));
        }
        let (weight, mean) = weighted_mean(values, weights);
        if weight > 0.0 {
            self.merge(&Self { weight, mean, gap: log_gap(values, weights, mean) });
        }
    }

    /// Σ w ln x.
    pub fn sum_of_logs(&self) -> f64 {
        self.weight * self.mean.ln() - self.gap
    }
}

impl CountMoments {
    /// Adds a block, in two passes: the gap is that about its own mean.
    pub fn add_block(&mut self, values: &[f64], weights: &[f64]) {
        let (weight, mean) = weighted_mean(values, weights);
        if mean == 0.0 {
            self.merge(&Self { weight, mean, gap: 0.0 });
        } else if mean > 1e-250 && mean.is_finite() {
            self.merge(&Self { weight, mean, gap: count_gap(values, weights, mean) });
        } else {
            add_row_by_row(values, weights, |x, w| self.add(x, w));
        }
    }
}

/// What counts, one by one.
pub(crate) fn add_row_by_row(values: &[f64], weights: &[f64], mut add: impl FnMut(f64, f64)) {
    values.iter().zip(weights).filter(|(_, w)| **w > 0.0).for_each(|(x, w)| add(*x, *w));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gaps_are_the_sums_they_name() {
        let data = [(3.0, 1.0), (0.5, 2.0), (7.25, 0.5), (1.0, 1.5)];
        let (mut logs, mut counts) = (LogMoments::default(), CountMoments::default());
        for (x, w) in data {
            logs.add(x, w);
            counts.add(x, w);
        }
        let sum = |f: fn(f64) -> f64| data.iter().map(|(x, w)| w * f(*x)).sum::<f64>();
        let (weight, mean) = (5.0, sum(|x| x) / 5.0);
        assert!((logs.mean - mean).abs() < 1e-15 && logs.weight == weight);
        assert!((logs.gap - (weight * mean.ln() - sum(f64::ln))).abs() < 1e-14);
        assert!((logs.sum_of_logs() - sum(f64::ln)).abs() < 1e-14);
        assert!((counts.gap - (sum(|x| x * x.ln()) - weight * mean * mean.ln())).abs() < 1e-14);
    }

    #[test]
    fn a_block_is_its_rows_near_zero_and_far_from_it() {
        for (offset, scale) in [(0.0, 1.0), (1e8, 1.0), (1e15, 1.0), (0.0, 1e-200), (3.0, 1e-20)] {
            let values: Vec<f64> = (0..101).map(|n| offset + scale * f64::from(1 + n * n % 23)).collect();
            for weights in [vec![0.0; 101], vec![1.0; 101], (0..101).map(|n| f64::from(n % 4) * 0.3).collect()] {
                let (mut logs, mut counts) = (LogMoments::default(), CountMoments::default());
                let (mut logs_of_rows, mut counts_of_rows) = (logs, counts);
                logs.add_block(&values, &weights);
                counts.add_block(&values, &weights);
                add_row_by_row(&values, &weights, |x, w| logs_of_rows.add(x, w));
                add_row_by_row(&values, &weights, |x, w| counts_of_rows.add(x, w));
                let near = |a: f64, b: f64, by: f64| assert!((a - b).abs() <= by * (a.abs() + b.abs()), "{a} {b}");
                near(logs.mean, logs_of_rows.mean, 1e-15);
                near(counts.mean, counts_of_rows.mean, 1e-15);
                // A mean that moves by an ulp moves a gap by its share of the spread.
                let spread = 1e-14 + f64::EPSILON * offset / (10.0 * scale);
                near(logs.gap, logs_of_rows.gap, spread);
                near(counts.gap, counts_of_rows.gap, spread);
                assert!((logs.weight - logs_of_rows.weight).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn nearly_equal_numbers_keep_their_gap() {
        // ln x̄ − ln x averages to ½h² for x = 1 ± h; the plain sums would leave nothing of it.
        let h = 2f64.powi(-30);
        let mut logs = LogMoments::default();
        logs.add(1.0 - h, 1.0);
        logs.add(1.0 + h, 1.0);
        assert!((logs.gap / (h * h) - 1.0).abs() < 1e-8);
    }

    #[test]
    fn a_crumb_of_weight_beside_zeros_keeps_its_mean() {
        let mut counts = CountMoments::default();
        [(10.0, 1e-20), (0.0, 1.0), (3.0, 1e-25), (0.0, 4.0)].into_iter().for_each(|(x, w)| counts.add(x, w));
        assert!((counts.mean / 2.000006e-20 - 1.0).abs() < 1e-12, "{}", counts.mean);
        assert!(counts.gap > 0.0 && counts.gap < 1e-16, "{}", counts.gap);
    }

    #[test]
    fn what_is_not_positive_is_noticed() {
        for outside in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            for order in [[outside, 2.0], [2.0, outside]] {
                let mut logs = LogMoments::default();
                order.iter().for_each(|x| logs.add(*x, 1.0));
                assert!(!logs.on_support(), "{order:?}");
            }
        }
    }
}
