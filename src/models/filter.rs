//! One sequence under a hidden Markov model: densities of its steps, then the sums over all paths.

use std::ops::Range;

use crate::data::{Observation, check_row_length};
use crate::distributions::Estimate;
use crate::error::Error;
use crate::numeric::forward_backward::Chain;
use crate::numeric::{Sum, exp_of_negatives, log_sum_exp};

use super::hidden_markov_model::HiddenMarkovModel;

/// So many steps are seen at once: their tile of K log-densities stays in the L2 cache.
pub(super) const CHUNK: usize = 512;

/// Buffers for sequences that come one after the other.
pub(super) struct Filter<'a, D> {
    model: &'a HiddenMarkovModel<D>,
    chain: Chain,
    emissions: Vec<&'a D>,
    /// p(z_t | x_1 … x_t), then p(z_t | x), time-major.
    probabilities: Vec<f64>,
    pairs: Vec<f64>,
    /// Of one chunk: a tile `[k][t]`, and b_t = p(x_t | z) / e^m_t, time-major, with m_t the largest logarithm.
    tile: Vec<f64>,
    densities: Vec<f64>,
    largest: Vec<f64>,
    sums: Vec<f64>,
}

impl<'a, D: Estimate> Filter<'a, D> {
    pub(super) fn new(model: &'a HiddenMarkovModel<D>) -> Self {
        let (chain, emissions) = (model.chain(), model.emissions.iter().collect());
        let (pairs, empty) = (vec![0.0; chain.width() * chain.width()], Vec::new);
        let [probabilities, tile, densities, largest, sums] = [empty(), empty(), empty(), empty(), empty()];
        Self { model, chain, emissions, probabilities, pairs, tile, densities, largest, sums }
    }

    /// K, padded.
    pub(super) fn width(&self) -> usize {
        self.chain.width()
    }

    /// p(z_t | …) of one step; empty if the sequence has no such step.
    pub(super) fn probabilities(&self, t: usize) -> &[f64] {
        let all = self.probabilities.chunks_exact(self.width()).nth(t).unwrap_or_default();
        &all[..all.len().min(self.model.states())]
    }

    /// Filters a sequence: ln p(x), in nats.
    ///
    /// A state whose probability given what came before is below 10⁻²⁹⁰ may count as impossible.
    pub(super) fn run(&mut self, sequence: <D::Value as Observation>::Block<'_>) -> Result<f64, Error> {
        check_row_length::<D::Value>(sequence, self.emissions[0].row_length())?;
        let (length, width) = (D::Value::len(sequence), self.width());
        self.probabilities.clear();
        self.probabilities.resize(length * width, 0.0);
        let mut log_density = Sum::default();
        for start in (0..length).step_by(CHUNK) {
            let steps = start..length.min(start + CHUNK);
            self.find_densities(D::Value::slice(sequence, steps.clone()));
            self.sums.clear();
            self.sums.resize(steps.len(), 0.0);
            let (before, now) = self.probabilities.split_at_mut(start * width);
            let before = before.chunks_exact(width).next_back();
            let mut done = 0;
            while done < steps.len() {
                let (filtered, rest) = now.split_at_mut(done * width);
                let last = filtered.chunks_exact(width).next_back().or(before);
                let densities = &self.densities[done * width..];
                let begin = done;
                done += self.chain.filter(last, densities, rest, &mut self.sums[done..]);
                (begin..done).for_each(|t| log_density.add(self.sums[t].ln() + self.largest[t]));
                if done < steps.len() {
                    // No state that is likely explains this step: in logarithms nothing underflows.
                    let (filtered, rest) = now.split_at_mut(done * width);
                    let last = filtered.chunks_exact(width).next_back().or(before);
                    self.chain.predict(last, &mut rest[..width]);
                    let x = D::Value::get(sequence, start + done);
                    log_density.add(in_logs(&self.emissions, x, start + done, &mut rest[..width])?);
                    done += 1;
                }
            }
        }
        Ok(log_density.value())
    }

    /// Turns what was filtered into p(z_t | x); Σ_t p(z_t = i, z_{t+1} = j | x) / A_ij, padded.
    pub(super) fn smooth(&mut self) -> &[f64] {
        self.pairs.fill(0.0);
        self.chain.smooth(&mut self.probabilities, &mut self.pairs);
        &self.pairs
    }

    /// weight · p(z_t | x) of some steps as a tile `[k][t]`.
    pub(super) fn tile(&mut self, steps: Range<usize>, weight: f64) -> &[f64] {
        let (width, k) = (self.width(), self.model.states());
        self.tile.clear();
        self.tile.resize(k * steps.len(), 0.0);
        let rows = self.probabilities[steps.start * width..].chunks_exact(width);
        for (t, row) in rows.take(steps.len()).enumerate() {
            row[..k].iter().enumerate().for_each(|(z, p)| self.tile[z * steps.len() + t] = weight * p);
        }
        &self.tile
    }

    fn find_densities(&mut self, block: <D::Value as Observation>::Block<'_>) {
        let (n, k, width) = (D::Value::len(block), self.model.states(), self.width());
        self.tile.resize(k * n, 0.0);
        D::log_densities_each(&self.emissions, block, &mut self.tile[..k * n]);
        self.largest.clear();
        self.largest.resize(n, f64::NEG_INFINITY);
        for row in self.tile[..k * n].chunks_exact(n) {
            // NaN must win, so that it is seen.
            self.largest.iter_mut().zip(row).for_each(|(m, l)| *m = if *l > *m || l.is_nan() { *l } else { *m });
        }
        self.densities.clear();
        self.densities.resize(n * width, 0.0);
        for (z, row) in self.tile[..k * n].chunks_exact_mut(n).enumerate() {
            row.iter_mut().zip(&self.largest).for_each(|(l, m)| *l -= m);
            exp_of_negatives(row);
            self.densities.iter_mut().skip(z).step_by(width).zip(&*row).for_each(|(b, p)| *b = *p);
        }
        // Where no density is finite and positive there is none to scale by; the sum is then found in logarithms.
        for (densities, m) in self.densities.chunks_exact_mut(width).zip(&self.largest) {
            if !m.is_finite() {
                densities.fill(0.0);
            }
        }
    }
}

/// Turns a prediction into p(z_t | x_1 … x_t); ln Σ_z π_t(z) p(x_t | z).
fn in_logs<D: Estimate>(emissions: &[&D], x: &D::Value, t: usize, prediction: &mut [f64]) -> Result<f64, Error> {
    let log_joint = |(d, p): (&&D, &f64)| if *p > 0.0 { p.ln() + d.log_density(x) } else { f64::NEG_INFINITY };
    let logs: Vec<f64> = emissions.iter().zip(&*prediction).map(log_joint).collect();
    let log_sum = log_sum_exp(&logs);
    let value = || format!("{x:?}");
    if log_sum == f64::NEG_INFINITY {
        return Err(Error::Impossible { row: t, value: value() });
    }
    if !log_sum.is_finite() {
        return Err(Error::Unbounded { row: t, value: value(), log_density: log_sum });
    }
    prediction.iter_mut().zip(logs).for_each(|(p, l)| *p = (l - log_sum).exp());
    Ok(log_sum)
}
