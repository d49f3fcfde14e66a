//! One sequence under a hidden Markov model: densities of its steps, then the sums over all paths.
//!
//! They are sums of probabilities, unless a state that can be reached is predicted with less than 10⁻²⁷⁰ and so loses
//! digits, or itself, for good. Its paths still do not count where no later steps can make up for it: with
//! c_t = Σ_z π_t(z) b_t(z) and b_t(z) = p(x_t | z) / max_z p(x_t | z) ≤ 1, what underflowed at a step s is a share of p(x)
//! below 10⁻²⁹⁰ / Π_{t>s} c_t. Only where that bound is no proof the sequence is done again in logarithms.

use std::ops::Range;

use rand::Rng;

use crate::components::Components;
use crate::data::{Observation, check_row_length};
use crate::distributions::draw_index;
use crate::error::Error;
use crate::numeric::chains::forward_backward::{Chain, falls_short};
use crate::numeric::chains::forward_backward_in_logs::LogChain;
use crate::numeric::chains::reachable_states::ReachableStates;
use crate::numeric::chains::step_tiles::{densities_of_steps, weighted_tile};
use crate::numeric::{Sum, log_sum_exp, logarithms, total};

use super::hidden_markov_model::HiddenMarkovModel;

/// So many steps are seen at once: their tile of K log-densities stays in the L2 cache.
pub(crate) const CHUNK: usize = 512;
/// −ln Π c_t of the steps that may follow a loss: beyond, a share of 10⁻²⁹⁰ may have grown to 10⁻²⁰ (in 10⁹ steps and
/// states).
const LARGEST_GROWTH: f64 = 600.0;

/// Buffers for sequences that come one after the other.
pub(crate) struct Filter<'a, C> {
    model: &'a HiddenMarkovModel<C>,
    /// β of p(x, z)^β.
    power: f64,
    chain: Chain,
    reachable: ReachableStates,
    /// p(z_t | x_1 … x_t), then p(z_t | x), time-major.
    probabilities: Vec<f64>,
    /// Σ_t p(z_t = i, z_{t+1} = j | x), K × K, and the same padded.
    pairs: Vec<f64>,
    padded_pairs: Vec<f64>,
    in_logs: Option<InLogs>,
    /// Of one chunk: a tile `[k][t]`, and b_t = p(x_t | z) / e^m_t, time-major, with m_t the largest logarithm.
    tile: Vec<f64>,
    densities: Vec<f64>,
    largest: Vec<f64>,
    sums: Vec<f64>,
    log_sums: Vec<f64>,
}

/// What a sequence needs that probabilities do not serve.
struct InLogs {
    chain: LogChain,
    /// ln p(z_t | x_1 … x_t), time-major; empty while probabilities serve the sequence.
    filtered: Vec<f64>,
}

impl<'a, C: Components> Filter<'a, C> {
    pub(crate) fn new(model: &'a HiddenMarkovModel<C>) -> Self {
        Self::at_power(model, 1.0)
    }

    /// Sums of p(x, z)^β over the paths z. Unless β = 1 they are made in logarithms: at a power rows do not sum to one, so
    /// that what a step loses may grow again, and small probabilities underflow.
    pub(super) fn at_power(model: &'a HiddenMarkovModel<C>, power: f64) -> Self {
        let chain = model.chain();
        let reachable = ReachableStates::new(&model.initial, &model.transitions, chain.width());
        let (pairs, padded_pairs) = (vec![0.0; model.transitions.len()], vec![0.0; chain.width() * chain.width()]);
        let [probabilities, tile, densities, largest, sums, log_sums] = [const { Vec::new() }; 6];
        Self {
            model,
            power,
            chain,
            reachable,
            probabilities,
            pairs,
            padded_pairs,
            in_logs: None,
            tile,
            densities,
            largest,
            sums,
            log_sums,
        }
    }

    fn width(&self) -> usize {
        self.chain.width()
    }

    /// p(z_t | …) of one step; empty if the sequence has no such step.
    pub(crate) fn probabilities(&self, t: usize) -> &[f64] {
        let all = self.probabilities.chunks_exact(self.width()).nth(t).unwrap_or_default();
        &all[..all.len().min(self.model.states())]
    }

    /// Filters a sequence: ln p(x), in nats; at a power (1/β) ln Σ_z p(x, z)^β.
    pub(crate) fn run(&mut self, sequence: <C::Value as Observation>::Block<'_>) -> Result<f64, Error> {
        check_row_length::<C::Value>(sequence, self.model.emissions.space().row_length)?;
        if let Some(in_logs) = &mut self.in_logs {
            in_logs.filtered.clear();
        }
        if self.power != 1.0 {
            return Ok(self.run_in_logs(sequence)? / self.power);
        }
        match self.run_in_probabilities(sequence)? {
            Some(log_density) => Ok(log_density),
            None => self.run_in_logs(sequence),
        }
    }

    /// None if a state that matters may have been lost.
    fn run_in_probabilities(&mut self, sequence: <C::Value as Observation>::Block<'_>) -> Result<Option<f64>, Error> {
        let (length, width) = (C::Value::len(sequence), self.width());
        self.probabilities.resize(length * width, 0.0);
        self.reachable.restart();
        let (mut log_density, mut growth_since_loss) = (Sum::default(), None);
        for start in (0..length).step_by(CHUNK) {
            let steps = start..length.min(start + CHUNK);
            self.find_densities(C::Value::slice(sequence, steps.clone()));
            let (before, now) = self.probabilities.split_at_mut(start * width);
            let before = before.chunks_exact(width).next_back();
            let mut done = 0;
            while done < steps.len() {
                let (filtered, rest) = now.split_at_mut(done * width);
                let last = filtered.chunks_exact(width).next_back().or(before);
                let least = &self.reachable.least_predictions()[done * width..];
                let densities = &self.densities[done * width..];
                let begin = done;
                done += self.chain.filter(last, densities, least, rest, &mut self.sums[done..]);
                self.log_sums.resize(done - begin, 0.0);
                logarithms(&self.sums[begin..done], &mut self.log_sums);
                log_density.add(total(&self.log_sums));
                log_density.add(total(&self.largest[begin..done]));
                growth_since_loss = growth_since_loss.map(|growth: f64| growth - total(&self.log_sums));
                if done < steps.len() {
                    let (filtered, rest) = now.split_at_mut(done * width);
                    let last = filtered.chunks_exact(width).next_back().or(before);
                    self.chain.predict(last, &mut rest[..width]);
                    let least = &self.reachable.least_predictions()[done * width..][..width];
                    if last.is_some() && falls_short(&rest[..width], least) {
                        growth_since_loss = Some(0.0);
                        self.reachable.give_up();
                        continue;
                    }
                    // No state that is likely explains this step: in logarithms nothing underflows.
                    let x = C::Value::get(sequence, start + done);
                    let log_sum = match in_logs(&self.model.emissions, (x, start + done), &mut rest[..width]) {
                        // Another path may explain it.
                        Err(_) if growth_since_loss.is_some() => return Ok(None),
                        settled => settled?,
                    };
                    log_density.add(log_sum);
                    growth_since_loss = growth_since_loss.map(|growth| growth + self.largest[done] - log_sum);
                    done += 1;
                }
                if growth_since_loss.is_some_and(|growth| !(growth <= LARGEST_GROWTH)) {
                    return Ok(None);
                }
            }
        }
        Ok(Some(log_density.value()))
    }

    /// The same in logarithms from the first step on.
    pub(crate) fn run_in_logs(&mut self, sequence: <C::Value as Observation>::Block<'_>) -> Result<f64, Error> {
        let (length, k, width) = (C::Value::len(sequence), self.model.states(), self.width());
        self.probabilities.resize(length * width, 0.0);
        let new = || InLogs {
            chain: LogChain::at_power(&self.model.initial, &self.model.transitions, self.power),
            filtered: Vec::new(),
        };
        let mut in_logs = self.in_logs.take().unwrap_or_else(new);
        in_logs.filtered.resize(length * k, 0.0);
        let mut log_density = Sum::default();
        for start in (0..length).step_by(CHUNK) {
            let n = CHUNK.min(length - start);
            self.find_tile(C::Value::slice(sequence, start..start + n));
            for t in start..start + n {
                let (before, now) = in_logs.filtered.split_at_mut(t * k);
                now.iter_mut().zip(self.tile[t - start..].iter().step_by(n)).for_each(|(l, density)| *l = *density);
                let log_sum = in_logs.chain.filter_step(before.chunks_exact(k).next_back(), &mut now[..k]);
                log_density.add(check_step(log_sum, &self.model.emissions, C::Value::get(sequence, t), t)?);
                let probabilities = &mut self.probabilities[t * width..];
                probabilities.iter_mut().zip(&now[..k]).for_each(|(p, l)| *p = l.exp());
            }
        }
        self.in_logs = Some(in_logs);
        Ok(log_density.value())
    }

    /// Turns what was filtered into p(z_t | x); Σ_t p(z_t = i, z_{t+1} = j | x), K × K.
    pub(crate) fn smooth(&mut self) -> &[f64] {
        let (k, width) = (self.model.states(), self.width());
        if let Some(InLogs { chain, filtered }) = self.in_logs.as_mut().filter(|in_logs| !in_logs.filtered.is_empty()) {
            self.pairs.fill(0.0);
            chain.smooth(filtered, width, &mut self.probabilities, &mut self.pairs);
            return &self.pairs;
        }
        self.padded_pairs.fill(0.0);
        self.chain.smooth(&mut self.probabilities, &mut self.padded_pairs);
        for (number, (pair, a)) in self.pairs.iter_mut().zip(&self.model.transitions).enumerate() {
            *pair = a * self.padded_pairs[number / k * width + number % k];
        }
        &self.pairs
    }

    /// weight · p(z_t | x) of some steps as a tile `[k][t]`.
    pub(crate) fn tile(&mut self, steps: Range<usize>, weight: f64) -> &[f64] {
        let (width, k) = (self.width(), self.model.states());
        self.tile.resize(k * steps.len(), 0.0);
        let probabilities = &self.probabilities[steps.start * width..steps.end * width];
        weighted_tile(probabilities, width, weight, &mut self.tile);
        &self.tile
    }

    fn find_tile(&mut self, block: <C::Value as Observation>::Block<'_>) {
        self.tile.resize(self.model.states() * C::Value::len(block), 0.0);
        self.model.emissions.log_density_tile(block, &mut self.tile);
        if self.power != 1.0 {
            self.tile.iter_mut().for_each(|l| *l *= self.power);
        }
    }

    /// A path drawn from p(z | x), after so many steps were filtered and before they are smoothed.
    pub(super) fn draw_path(&self, length: usize, rng: &mut dyn Rng) -> Vec<usize> {
        let k = self.model.states();
        let mut path = vec![0; length];
        for t in (0..length).rev() {
            let mut weights = self.probabilities(t).to_vec();
            if let Some(&next) = path.get(t + 1) {
                let to_next = self.model.transitions.iter().skip(next).step_by(k);
                match self.in_logs.as_ref().and_then(|in_logs| in_logs.filtered.chunks_exact(k).nth(t)) {
                    None => weights.iter_mut().zip(to_next).for_each(|(p, a)| *p *= a),
                    Some(logs) => {
                        let sums: Vec<f64> = logs.iter().zip(to_next).map(|(l, a)| l + a.ln()).collect();
                        let largest = sums.iter().fold(f64::NEG_INFINITY, |m: f64, l| m.max(*l));
                        weights = sums.iter().map(|l| (l - largest).exp()).collect();
                    }
                }
            }
            path[t] = draw_index(&weights, rng);
        }
        path
    }

    fn find_densities(&mut self, block: <C::Value as Observation>::Block<'_>) {
        let (n, k, width) = (C::Value::len(block), self.model.states(), self.width());
        self.find_tile(block);
        self.reachable.see(&self.tile[..k * n]);
        self.sums.clear();
        self.sums.resize(n, 0.0);
        self.largest.resize(n, 0.0);
        self.densities.resize(n * width, 0.0);
        densities_of_steps(&self.tile[..k * n], width, &mut self.largest, &mut self.densities);
    }
}

/// Turns a prediction into p(z_t | x_1 … x_t); ln Σ_z π_t(z) p(x_t | z).
fn in_logs<C: Components>(emissions: &C, (x, t): (&C::Value, usize), prediction: &mut [f64]) -> Result<f64, Error> {
    let log_joint = |(z, p): (usize, &f64)| {
        if *p > 0.0 { p.ln() + emissions.log_density_given(x, z) } else { f64::NEG_INFINITY }
    };
    let logs: Vec<f64> = prediction.iter().enumerate().map(log_joint).collect();
    let log_sum = check_step(log_sum_exp(&logs), emissions, x, t)?;
    prediction.iter_mut().zip(logs).for_each(|(p, l)| *p = (l - log_sum).exp());
    Ok(log_sum)
}

/// What all paths together give step t, if it is a number.
///
/// # Errors
/// [`Error::NotEmitted`], [`Error::Impossible`] if some state emits x but no path leads there; [`Error::Unbounded`].
pub(crate) fn check_step<C: Components>(log_density: f64, emissions: &C, x: &C::Value, t: usize) -> Result<f64, Error> {
    let value = || format!("{x:?}");
    if log_density.is_finite() {
        Ok(log_density)
    } else if log_density != f64::NEG_INFINITY {
        Err(Error::Unbounded { row: t, value: value(), log_density })
    } else if let Some(refusal) = emissions.refusal_of(x, t) {
        Err(refusal)
    } else if (0..emissions.count()).all(|z| emissions.log_density_given(x, z) == f64::NEG_INFINITY) {
        Err(Error::NotEmitted { step: t, value: value() })
    } else {
        Err(Error::Impossible { row: t, value: value() })
    }
}
