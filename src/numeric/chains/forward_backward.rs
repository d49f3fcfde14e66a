//! Sums over the hidden paths of a Markov chain: filtering forwards, smoothing backwards (Rabiner 1989; Rauch, Tung &
//! Striebel 1965).
//!
//! Forwards p(z_t | x_1 … x_t) ∝ π_t ∘ b_t, with the prediction π_t = Aᵀ p(z_{t−1} | x_1 … x_{t−1}) and the densities b_t;
//! backwards p(z_t | x) = p(z_t | x_1 … x_t) ∘ A v with v = p(z_{t+1} | x) / π_{t+1}. Nothing but probabilities is kept,
//! and a state that cannot be reached stays one, so no step overflows, however many there are.
//!
//! A probability below 10⁻²⁹⁰ loses digits or becomes 0. That changes no sum by more than 10⁻²⁰ of it while every state
//! that can be reached is predicted with at least [`LEAST_PREDICTION`]: what is lost is small beside what is left. A step
//! with a smaller prediction is not made, and the caller decides.
//!
//! Arrays of time are time-major, `[t][k]`, and K is padded with zeros to a multiple of [`LANES`], so that a step is
//! whole registers. 2 K² flops a step forwards, 6 K² backwards; each step waits for the one before it, so a few states are
//! bound by latency.

use crate::numeric::simd::{multiply_add, vectorised};

/// K is padded to a multiple of this.
pub(crate) const LANES: usize = 4;
/// Of a smaller sum, densities that are 0 only because they underflowed (10⁻³⁰⁸) may be a share above 10⁻²⁹⁰.
const LEAST_SUM: f64 = 1e-18;
/// Beside a prediction of at least this, probabilities below 10⁻²⁹⁰ do not count.
pub(crate) const LEAST_PREDICTION: f64 = 1e-270;
/// A prediction below this is not divided by.
const LEAST_DIVISOR: f64 = 1e-300;

/// What is the same at all steps of a chain of K states: p(z_1) and the K × K rows p(z_t | z_{t−1}), padded.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    width: usize,
    initial: Vec<f64>,
    /// `[from][to]`, and `[to][from]`.
    rows: Vec<f64>,
    columns: Vec<f64>,
    /// What the first step is compared with: nothing is lost before it.
    zeros: Vec<f64>,
}

impl Chain {
    /// From p(z_1) and the K × K transition probabilities, row-major.
    pub(crate) fn new(initial: &[f64], transitions: &[f64]) -> Self {
        let (k, width) = (initial.len(), initial.len().next_multiple_of(LANES));
        let (mut rows, mut columns) = (vec![0.0; width * width], vec![0.0; width * width]);
        for (place, p) in transitions.iter().enumerate() {
            let (from, to) = (place / k, place % k);
            rows[from * width + to] = *p;
            columns[to * width + from] = *p;
        }
        let padded = initial.iter().copied().chain(std::iter::repeat(0.0)).take(width).collect();
        Self { width, initial: padded, rows, columns, zeros: vec![0.0; width] }
    }

    /// K, padded.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// π of the step after the one filtered last, or of the first.
    pub(crate) fn predict(&self, last: Option<&[f64]>, prediction: &mut [f64]) {
        match last {
            Some(last) => predict_step(last, &self.rows, prediction),
            None => prediction.copy_from_slice(&self.initial),
        }
    }

    /// p(z_t | x_1 … x_t) of some steps after the one filtered last, and Σ π_t ∘ b_t of each into `sums`. Stops before a
    /// step whose sum is too small to be trusted (or NaN), or some prediction π_t after the first below its entry of
    /// `least` `[t][k]`, and returns how many are done.
    pub(crate) fn filter(
        &self,
        last: Option<&[f64]>,
        densities: &[f64],
        least: &[f64],
        filtered: &mut [f64],
        sums: &mut [f64],
    ) -> usize {
        let mut done = 0;
        if let (None, Some(first)) = (last, densities.get(..self.width)) {
            filtered[..self.width].copy_from_slice(&self.initial);
            if !condition(&mut filtered[..self.width], first, &self.zeros, &mut sums[0]) {
                return 0;
            }
            done = 1;
        }
        filter_steps(self, last, densities, least, filtered, sums, &mut done);
        done
    }

    /// Turns p(z_t | x_1 … x_t) of all steps into p(z_t | x), and adds Σ_t p(z_t = i, z_{t+1} = j | x) / A_ij to `pairs`
    /// `[i][j]`.
    pub(crate) fn smooth(&self, filtered: &mut [f64], pairs: &mut [f64]) {
        let mut buffers = [vec![0.0; self.width], vec![0.0; self.width]];
        let [ratio, factor] = &mut buffers;
        smooth_steps(self, filtered, pairs, ratio, factor);
    }
}

vectorised! {
    fn predict_step(last: &[f64], rows: &[f64], prediction: &mut [f64]) = product;
}

vectorised! {
    fn filter_steps(
        chain: &Chain, last: Option<&[f64]>, densities: &[f64], least: &[f64], filtered: &mut [f64], sums: &mut [f64],
        done: &mut usize,
    ) = filter_body;
}

vectorised! {
    fn smooth_steps(
        chain: &Chain, filtered: &mut [f64], pairs: &mut [f64], ratio: &mut [f64], factor: &mut [f64],
    ) = smooth_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn filter_body<const REGISTER: usize>(
    chain: &Chain,
    last: Option<&[f64]>,
    densities: &[f64],
    least: &[f64],
    filtered: &mut [f64],
    sums: &mut [f64],
    done: &mut usize,
) {
    let width = chain.width;
    let steps = densities.chunks_exact(width).zip(least.chunks_exact(width));
    for (t, (densities, least)) in steps.enumerate().skip(*done) {
        let (before, now) = filtered.split_at_mut(t * width);
        let Some(before) = before.chunks_exact(width).next_back().or(last) else { return };
        product::<REGISTER>(before, &chain.rows, &mut now[..width]);
        if !condition(&mut now[..width], densities, least, &mut sums[t]) {
            return;
        }
        *done = t + 1;
    }
}

/// Whether a prediction is below its least.
pub(crate) fn falls_short(prediction: &[f64], least: &[f64]) -> bool {
    prediction.iter().zip(least).any(|(p, least)| p < least)
}

/// p ← p ∘ b / Σ p ∘ b; whether the sum is large enough, and was no entry of p below its least.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn condition(p: &mut [f64], densities: &[f64], least: &[f64], sum: &mut f64) -> bool {
    let (mut sums, mut short) = ([0.0; LANES], [0.0; LANES]);
    let parts = densities.chunks_exact(LANES).zip(least.chunks_exact(LANES));
    for (p, (b, least)) in p.chunks_exact_mut(LANES).zip(parts) {
        for lane in 0..LANES {
            let beyond = p[lane] - least[lane];
            short[lane] = if beyond < short[lane] { beyond } else { short[lane] };
            p[lane] *= b[lane];
            sums[lane] += p[lane];
        }
    }
    *sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    let reciprocal = 1.0 / *sum;
    p.iter_mut().for_each(|p| *p *= reciprocal);
    *sum >= LEAST_SUM && (short[0] + short[1]) + (short[2] + short[3]) >= 0.0
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn smooth_body<const REGISTER: usize>(
    chain: &Chain,
    filtered: &mut [f64],
    pairs: &mut [f64],
    ratio: &mut [f64],
    factor: &mut [f64],
) {
    let width = chain.width;
    for t in (1..filtered.len() / width).rev() {
        let (before, now) = filtered.split_at_mut(t * width);
        let before = &mut before[(t - 1) * width..];
        product::<REGISTER>(before, &chain.rows, ratio);
        for (ratio, smoothed) in ratio.iter_mut().zip(&now[..width]) {
            *ratio = if *ratio > LEAST_DIVISOR { smoothed / *ratio } else { 0.0 };
        }
        // The round-off of one step is taken out in the next, so that it does not add up. The division waits for nothing
        // that the product below does not wait for.
        let reciprocal = 1.0 / sum_of(&now[..width]);
        for (p, pairs) in before.iter().zip(pairs.chunks_exact_mut(width)) {
            let p = p * reciprocal;
            for (pair, ratio) in pairs.iter_mut().zip(&*ratio) {
                *pair = multiply_add::<REGISTER, _>(p, *ratio, *pair);
            }
        }
        product::<REGISTER>(ratio, &chain.columns, factor);
        before.iter_mut().zip(&*factor).for_each(|(p, factor)| *p *= reciprocal * factor);
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn sum_of(x: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    for x in x.chunks_exact(LANES) {
        (0..LANES).for_each(|lane| sums[lane] += x[lane]);
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}

/// out_j = Σ_i x_i M_ij, LANES at a time.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn product<const REGISTER: usize>(x: &[f64], matrix: &[f64], out: &mut [f64]) {
    let width = x.len();
    for (chunk, out) in out.chunks_exact_mut(LANES).enumerate() {
        let (mut even, mut odd) = ([0.0; LANES], [0.0; LANES]);
        for (x, rows) in x.chunks_exact(2).zip(matrix.chunks_exact(2 * width)) {
            let first: &[f64; LANES] = rows[chunk * LANES..][..LANES].try_into().expect("so many lanes");
            let second: &[f64; LANES] = rows[width + chunk * LANES..][..LANES].try_into().expect("as above");
            for lane in 0..LANES {
                even[lane] = multiply_add::<REGISTER, _>(x[0], first[lane], even[lane]);
                odd[lane] = multiply_add::<REGISTER, _>(x[1], second[lane], odd[lane]);
            }
        }
        for lane in 0..LANES {
            out[lane] = even[lane] + odd[lane];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Σ over all paths, by their number in base K.
    #[test]
    fn the_sums_are_those_over_all_paths() {
        for (k, steps) in [(1, 3), (2, 1), (2, 6), (3, 4), (5, 3)] {
            let number = |i: usize| 0.05 + (i * 7919 % 97) as f64 / 97.0;
            let normalised = |offset: usize| {
                let row: Vec<f64> = (0..k).map(|z| number(offset + z)).collect();
                let sum: f64 = row.iter().sum();
                row.into_iter().map(move |p| p / sum)
            };
            let initial: Vec<f64> = normalised(3).collect();
            let transitions: Vec<f64> = (0..k).flat_map(|z| normalised(11 * (z + 1))).collect();
            let chain = Chain::new(&initial, &transitions);
            let width = chain.width();
            let mut densities = vec![0.0; steps * width];
            (0..steps).for_each(|t| (0..k).for_each(|z| densities[t * width + z] = number(31 * t + z)));

            let (mut evidence, mut single, mut double) = (0.0, vec![0.0; steps * k], vec![0.0; k * k]);
            for path in 0..k.pow(steps as u32) {
                let z = |t: usize| path / k.pow(t as u32) % k;
                let mut p = initial[z(0)] * densities[z(0)];
                (1..steps).for_each(|t| p *= transitions[z(t - 1) * k + z(t)] * densities[t * width + z(t)]);
                evidence += p;
                (0..steps).for_each(|t| single[t * k + z(t)] += p);
                (1..steps).for_each(|t| double[z(t - 1) * k + z(t)] += p);
            }

            // In two parts, as a long sequence is.
            let part = steps / 2;
            let (mut p, mut sums, least) = (vec![0.0; steps * width], vec![0.0; steps], vec![0.0; steps * width]);
            assert_eq!(chain.filter(None, &densities[..part * width], &least, &mut p, &mut sums), part);
            let (before, after) = p.split_at_mut(part * width);
            let last = before.chunks_exact(width).next_back();
            let done = chain.filter(last, &densities[part * width..], &least, after, &mut sums[part..]);
            assert_eq!(done, steps - part);
            let log: f64 = sums.iter().map(|c| c.ln()).sum();
            assert!((log - f64::ln(evidence)).abs() < 1e-13);
            let mut pairs = vec![0.0; width * width];
            chain.smooth(&mut p, &mut pairs);
            for (t, z) in (0..steps).flat_map(|t| (0..k).map(move |z| (t, z))) {
                assert!((p[t * width + z] - single[t * k + z] / evidence).abs() < 1e-13);
            }
            for (i, j) in (0..k).flat_map(|i| (0..k).map(move |j| (i, j))) {
                let pair = pairs[i * width + j] * transitions[i * k + j];
                assert!((pair - double[i * k + j] / evidence).abs() < 1e-13);
            }
            assert!((k..width).all(|z| p[z] == 0.0));

            // The portable compilation agrees.
            let (mut portable, mut of_portable) = (p.clone(), sums.clone());
            chain.filter(None, &densities[..width], &least, &mut portable, &mut of_portable);
            filter_body::<2>(&chain, None, &densities, &least, &mut portable, &mut of_portable, &mut 1);
            assert!(sums.iter().zip(&of_portable).all(|(a, b)| (a - b).abs() < 1e-14));
            let mut of_portable = vec![0.0; width * width];
            let [mut ratio, mut factor] = [vec![0.0; width], vec![0.0; width]];
            smooth_body::<2>(&chain, &mut portable, &mut of_portable, &mut ratio, &mut factor);
            assert!(p.iter().zip(&portable).all(|(a, b)| (a - b).abs() < 1e-14));
            assert!(pairs.iter().zip(&of_portable).all(|(a, b)| (a - b).abs() < 1e-13 * (1.0 + b)));
        }
    }

    #[test]
    fn a_step_that_no_state_can_make_stops_the_sums() {
        let chain = Chain::new(&[1.0, 0.0], &[1.0, 0.0, 0.5, 0.5]);
        let densities = [[1.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0]].concat();
        let (mut p, mut sums) = (vec![0.0; 12], vec![0.0; 3]);
        assert_eq!(chain.filter(None, &densities, &[0.0; 12], &mut p, &mut sums), 1);
    }

    #[test]
    fn a_step_with_too_small_a_prediction_is_not_made() {
        let chain = Chain::new(&[0.5, 0.5], &[1.0, 0.0, 0.0, 1.0]);
        let densities = [1.0, 1e-100, 0.0, 0.0].repeat(6);
        let (mut p, mut sums) = (vec![0.0; 24], vec![0.0; 6]);
        let least = [LEAST_PREDICTION, LEAST_PREDICTION, 0.0, 0.0].repeat(6);
        assert_eq!(chain.filter(None, &densities, &least, &mut p, &mut sums), 3);
        assert_eq!(chain.filter(None, &densities, &[0.0; 24], &mut p, &mut sums), 6);
    }

    #[test]
    fn a_state_that_cannot_be_reached_takes_no_part_however_well_it_fits() {
        // The second state explains each step 10¹⁵ times better.
        let chain = Chain::new(&[1.0, 0.0], &[1.0, 0.0, 0.0, 1.0]);
        let densities = [1e-15, 1.0, 0.0, 0.0].repeat(1000);
        let (mut p, mut sums) = (vec![0.0; 4000], vec![0.0; 1000]);
        assert_eq!(chain.filter(None, &densities, &vec![0.0; 4000], &mut p, &mut sums), 1000);
        let mut pairs = vec![0.0; 16];
        chain.smooth(&mut p, &mut pairs);
        assert!(p.chunks(4).all(|p| p == [1.0, 0.0, 0.0, 0.0]) && pairs[..5] == [999.0, 0.0, 0.0, 0.0, 0.0]);
    }
}
