//! The sums of [`forward_backward`](super::forward_backward) in logarithms, where no product underflows: for sequences
//! whose probabilities leave the range of 64-bit numbers and matter nevertheless.
//!
//! Each step is normalised, so that ln p(z_t | x_1 … x_t) keeps its digits in long sequences. K² exponentials a step
//! forwards and 2 K² backwards, some 20 flops each.

use crate::numeric::{exp_of_negatives, log_sum_exp};

/// What [`Chain`](super::forward_backward::Chain) is, in logarithms.
#[derive(Clone, Debug)]
pub(crate) struct LogChain {
    initial: Vec<f64>,
    /// ln A, `[to][from]`.
    transitions: Vec<f64>,
    /// One term for each transition, `[to][from]`.
    terms: Vec<f64>,
}

impl LogChain {
    /// From p(z_1) and the K × K transition probabilities, row-major, at a power β ∈ (0, ∞).
    pub(crate) fn at_power(initial: &[f64], transitions: &[f64], power: f64) -> Self {
        let k = initial.len();
        let column = |to: usize| (0..k).map(move |from| power * transitions[from * k + to].ln());
        Self {
            initial: initial.iter().map(|p| power * p.ln()).collect(),
            transitions: (0..k).flat_map(column).collect(),
            terms: vec![0.0; k * k],
        }
    }

    /// Turns the log-densities b of a step into ln p(z_t | x_1 … x_t), after the step filtered last, and returns
    /// ln Σ_z π_t(z) b(z): −∞ if no state that can be reached has a density, +∞ or NaN if that is one's log-density.
    pub(crate) fn filter_step(&mut self, last: Option<&[f64]>, logs: &mut [f64]) -> f64 {
        let prediction = self.predict(last);
        for (l, p) in logs.iter_mut().zip(&prediction) {
            *l = if *p == f64::NEG_INFINITY { *p } else { *l + p };
        }
        let sum = if logs.iter().any(|l| l.is_nan()) { f64::NAN } else { log_sum_exp(logs) };
        logs.iter_mut().for_each(|l| *l -= sum);
        sum
    }

    /// ln π_t(j) = ln Σ_i exp(ln p(z_{t−1} = i | x_1 … x_{t−1}) + ln A_ij).
    fn predict(&mut self, last: Option<&[f64]>) -> Vec<f64> {
        let Some(last) = last else { return self.initial.clone() };
        let k = last.len();
        let mut prediction = Vec::with_capacity(k);
        for (terms, logs) in self.terms.chunks_exact_mut(k).zip(self.transitions.chunks_exact(k)) {
            let sums = last.iter().zip(logs).map(|(p, a)| p + a);
            terms.iter_mut().zip(sums).for_each(|(term, sum)| *term = sum);
            let largest = terms.iter().fold(f64::NEG_INFINITY, |m, l| if l > &m { *l } else { m });
            prediction.push(largest);
            if largest > f64::NEG_INFINITY {
                terms.iter_mut().for_each(|term| *term -= largest);
            }
        }
        exp_of_negatives(&mut self.terms);
        for (p, terms) in prediction.iter_mut().zip(self.terms.chunks_exact(k)) {
            if *p > f64::NEG_INFINITY {
                *p += terms.iter().sum::<f64>().ln();
            }
        }
        prediction
    }

    /// p(z_t | x) of all steps, `[t][k]` and padded to `width`, from their ln p(z_t | x_1 … x_t), `[t][k]`; adds
    /// Σ_t p(z_t = i, z_{t+1} = j | x) to `pairs` `[i][j]`.
    pub(crate) fn smooth(&mut self, filtered: &[f64], width: usize, smoothed: &mut [f64], pairs: &mut [f64]) {
        let k = self.initial.len();
        for t in (0..filtered.len() / k).rev() {
            let (now, after) = smoothed[t * width..].split_at_mut(width);
            let now = &mut now[..k];
            let logs = &filtered[t * k..][..k];
            if t + 1 == filtered.len() / k {
                now.iter_mut().zip(logs).for_each(|(p, l)| *p = l.exp());
            } else {
                self.step_back(logs, &after[..k], now, pairs);
            }
            let sum: f64 = now.iter().sum();
            now.iter_mut().for_each(|p| *p /= sum);
        }
    }

    /// p(z_t | x) but for round-off, from p(z_{t+1} | x) and ln p(z_t | x_1 … x_t); adds p(z_t, z_{t+1} | x) to the pairs.
    fn step_back(&mut self, filtered: &[f64], after: &[f64], now: &mut [f64], pairs: &mut [f64]) {
        let (k, prediction) = (now.len(), self.predict(Some(filtered)));
        let columns = self.terms.chunks_exact_mut(k).zip(self.transitions.chunks_exact(k));
        for ((terms, logs), (p, prediction)) in columns.zip(after.iter().zip(&prediction)) {
            // Where p(z_{t+1} = j | x) is 0 so is what led there.
            let ratio = if *p > 0.0 { p.ln() - prediction } else { f64::NEG_INFINITY };
            let pair = |(l, a): (&f64, &f64)| if *p > 0.0 { (l + a + ratio).min(0.0) } else { ratio };
            terms.iter_mut().zip(filtered.iter().zip(logs).map(pair)).for_each(|(term, pair)| *term = pair);
        }
        exp_of_negatives(&mut self.terms);
        let reciprocal = 1.0 / self.terms.iter().sum::<f64>();
        now.fill(0.0);
        for (to, terms) in self.terms.chunks_exact(k).enumerate() {
            for (from, term) in terms.iter().enumerate() {
                now[from] += term * reciprocal;
                pairs[from * k + to] += term * reciprocal;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::forward_backward::Chain;
    use super::*;

    #[test]
    fn the_sums_are_those_of_probabilities() {
        let (initial, transitions) = ([0.2, 0.5, 0.3], [0.7, 0.3, 0.0, 0.1, 0.6, 0.3, 0.0, 0.0, 1.0]);
        let (chain, mut logs) = (Chain::new(&initial, &transitions), LogChain::at_power(&initial, &transitions, 1.0));
        let density = |t: usize, z: usize| 0.05 + (t * 31 + z * 17) as f64 % 23.0;
        let densities: Vec<f64> =
            (0..40).flat_map(|t| [0, 1, 2, 3].map(|z| if z < 3 { density(t, z) } else { 0.0 })).collect();
        let (mut p, mut sums, mut pairs) = (vec![0.0; 160], vec![0.0; 40], vec![0.0; 16]);
        assert_eq!(chain.filter(None, &densities, &[0.0; 160], &mut p, &mut sums), 40);
        chain.smooth(&mut p, &mut pairs);

        let mut filtered: Vec<f64> = (0..120).map(|i| density(i / 3, i % 3).ln()).collect();
        for (t, of_step) in sums.iter().enumerate() {
            let (before, now) = filtered.split_at_mut(3 * t);
            let sum = logs.filter_step(before.chunks_exact(3).next_back(), &mut now[..3]);
            assert!((sum - of_step.ln()).abs() < 1e-13);
        }
        let (mut smoothed, mut of_logs) = (vec![0.0; 160], vec![0.0; 9]);
        logs.smooth(&filtered, 4, &mut smoothed, &mut of_logs);
        assert!(p.iter().zip(&smoothed).all(|(a, b)| (a - b).abs() < 1e-13));
        for (i, j) in (0..3).flat_map(|i| (0..3).map(move |j| (i, j))) {
            assert!((pairs[4 * i + j] * transitions[3 * i + j] - of_logs[3 * i + j]).abs() < 1e-12);
        }
    }
}
