//! Blocks of counts: what costs a logarithm is done once for each row however many members of a family see it, or once for
//! each value where few values come up many times.

use crate::numeric::{deviances, sum_lines, widen_counts};

use super::jensen::CountMoments;
use crate::distributions::special::deviance::deviance;

/// The largest table.
const TABLED: usize = 256;
/// Below, ratios to a count may leave the normal numbers.
const LEAST: f64 = 1e-250;

/// f(k) of every count.
pub(crate) fn of_each(counts: &[u64], f: impl Fn(u64) -> f64) -> Vec<f64> {
    let values = counts.iter().max().and_then(|k| usize::try_from(*k).ok()).map_or(0, |k| k.saturating_add(1));
    if values > TABLED.min(counts.len() / 2) {
        return counts.iter().map(|k| f(*k)).collect();
    }
    let table: Vec<f64> = (0..values as u64).map(f).collect();
    counts.iter().map(|k| table[*k as usize]).collect()
}

/// How often each outcome came up in each row, and ln p(row) under the parameters that suit that row best.
pub(crate) struct CountBlock {
    outcomes: Vec<Vec<f64>>,
    best: Vec<f64>,
}

impl CountBlock {
    /// One outcome, and ln p(k) under the best parameter.
    pub(crate) fn of_counts(counts: &[u64], best: impl Fn(u64) -> f64) -> Self {
        let mut numbers = vec![0.0; counts.len()];
        widen_counts(counts, &mut numbers);
        Self { outcomes: vec![numbers], best: counts.iter().map(|k| best(*k)).collect() }
    }

    /// Another outcome, as often as the first lacks of a number of trials.
    pub(crate) fn with_failures(mut self, trials: u64) -> Self {
        self.outcomes.push(self.outcomes[0].iter().map(|k| trials as f64 - k).collect());
        self
    }

    /// ln p(k | λ) = ln p(k | k) − d(k, λ) of every count.
    pub(crate) fn poisson_log_densities(&self, rate: f64, out: &mut [f64]) {
        if rate > LEAST {
            deviances(&self.outcomes[0], rate, out);
        } else {
            out.iter_mut().zip(&self.outcomes[0]).for_each(|(d, k)| *d = deviance(*k, rate));
        }
        out.iter_mut().zip(&self.best).for_each(|(l, best)| *l = best - *l);
    }

    /// Weight, mean and gap of each outcome, and Σ w ln p of the rows at their best.
    pub(crate) fn add_to(&self, moments: &mut [CountMoments], best: &mut f64, weights: &[f64]) {
        for (moments, counts) in moments.iter_mut().zip(&self.outcomes) {
            moments.add_block(counts, weights);
        }
        sum_lines(&self.best, weights, std::slice::from_mut(best));
    }
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
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-13 * (1.0 + b.abs());
            let looked_up = block.iter().all(|k| *k < 256);
            let agrees = |alone: f64, l: f64| if looked_up { l == alone } else { near(l, alone) };
            assert!(block.iter().zip(&out).all(|(k, l)| agrees(poisson.log_density(k), *l)));
            let (mut at_once, mut one_by_one) = (poisson.statistics(), poisson.statistics());
            poisson.observe_block(&mut at_once, block, &weights[..block.len()]);
            for (k, w) in block.iter().zip(&weights).filter(|(_, w)| **w > 0.0) {
                poisson.observe(&mut one_by_one, k, *w);
            }
            assert!(near(at_once.0.weight, one_by_one.0.weight) && near(at_once.0.mean, one_by_one.0.mean));
            assert!(near(at_once.0.gap, one_by_one.0.gap) && near(at_once.1, one_by_one.1));
        }
    }
}
