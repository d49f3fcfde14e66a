//! Blocks of counts: where the counts of a block are small, few values come up many times, and what costs a logarithm
//! is done once for each value instead of once for each row.

use crate::data::Statistics;

use super::CountMoments;
use super::deviance::deviance;
use super::poisson::saturated;

/// The largest table: 2 KiB on the stack.
const TABLED: usize = 256;

/// Some counts, and how long a table of their values has to be if one is worth while.
pub(super) struct CountBlock<'a> {
    counts: &'a [u64],
    /// max k + 1, unless that is too large.
    values: Option<usize>,
    /// ln p(k | λ = k) of each value of the table, or of each count if there is no table.
    saturated: Vec<f64>,
}

impl<'a> CountBlock<'a> {
    pub(super) fn new(counts: &'a [u64]) -> Self {
        let values = counts.iter().max().and_then(|k| usize::try_from(*k).ok()).map_or(0, |k| k.saturating_add(1));
        let values = (values <= TABLED.min(counts.len() / 2)).then_some(values);
        let saturated = match values {
            Some(values) => (0..values as u64).map(saturated).collect(),
            None => counts.iter().map(|k| saturated(*k)).collect(),
        };
        Self { counts, values, saturated }
    }

    /// ln p(k | λ) = ln p(k | k) − d(k, λ) of every count.
    pub(super) fn poisson_log_densities(&self, rate: f64, out: &mut [f64]) {
        let log_density = |k: u64, best: &f64| best - deviance(k as f64, rate);
        if let Some(values) = self.values {
            let mut table = [0.0; TABLED];
            for ((k, best), entry) in (0..).zip(&self.saturated).zip(&mut table[..values]) {
                *entry = log_density(k, best);
            }
            out.iter_mut().zip(self.counts).for_each(|(out, k)| *out = table[*k as usize]);
        } else {
            let rows = self.counts.iter().zip(&self.saturated);
            out.iter_mut().zip(rows).for_each(|(out, (k, best))| *out = log_density(*k, best));
        }
    }

    /// Weight, mean and gap of the counts, and Σ w ln p(k | k).
    pub(super) fn add_to(&self, (moments, best): &mut (CountMoments, f64), weights: &[f64]) {
        let (of_block, of_best) = if let Some(values) = self.values {
            let mut table = [0.0; TABLED];
            self.counts.iter().zip(weights).for_each(|(k, w)| table[*k as usize] += w);
            collected((0..).zip(table[..values].iter().copied()), &self.saturated)
        } else {
            collected(self.counts.iter().copied().zip(weights.iter().copied()), &self.saturated)
        };
        moments.merge(&of_block);
        *best += of_best;
    }
}

/// Two passes, the second about the mean of the first: one logarithm a count, none of them lost to cancellation.
fn collected(counts: impl Iterator<Item = (u64, f64)> + Clone, saturated: &[f64]) -> (CountMoments, f64) {
    let (mut weight, mut sum, mut best) = (0.0, 0.0, 0.0);
    for ((k, w), saturated) in counts.clone().zip(saturated) {
        weight += w;
        sum += w * k as f64;
        best += w * saturated;
    }
    if weight == 0.0 {
        return (CountMoments::default(), 0.0);
    }
    let mean = sum / weight;
    let present = counts.filter(|(_, w)| *w > 0.0);
    let gap = present.map(|(k, w)| w * deviance(k as f64, mean)).sum();
    (CountMoments { weight, mean, gap }, best)
}

#[cfg(test)]
mod tests {
    use crate::distributions::{Distribution, Estimate, Poisson};

    #[test]
    fn a_block_agrees_with_its_rows() {
        let poisson = Poisson::new(3.7).unwrap();
        let small: Vec<u64> = (0..100).map(|n| n * n % 11).collect();
        let large: Vec<u64> = (0..100).map(|n| n * n % 11 + (n % 3) * 1_000_000_007).collect();
        let weights: Vec<f64> = (0..100).map(|n| f64::from(n % 4) * 0.3).collect();
        for block in [&small[..], &large[..], &small[..3], &[]] {
            let mut out = vec![0.0; block.len()];
            poisson.log_densities(block, &mut out);
            assert!(block.iter().zip(&out).all(|(k, l)| poisson.log_density(k) == *l));
            let (mut at_once, mut one_by_one) = (poisson.statistics(), poisson.statistics());
            poisson.observe_block(&mut at_once, block, &weights[..block.len()]);
            for (k, w) in block.iter().zip(&weights).filter(|(_, w)| **w > 0.0) {
                poisson.observe(&mut one_by_one, k, *w);
            }
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-13 * (1.0 + b.abs());
            assert!(near(at_once.0.weight, one_by_one.0.weight) && near(at_once.0.mean, one_by_one.0.mean));
            assert!(near(at_once.0.gap, one_by_one.0.gap) && near(at_once.1, one_by_one.1));
        }
    }
}
