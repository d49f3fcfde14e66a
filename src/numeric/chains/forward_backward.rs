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
//! Arrays of time are time-major, `[t][k]`, and K is padded with zeros to a width that the steps are compiled for.

use super::chain_steps::{BLOCK, LEAST_SUM, filter_steps, first_step, padded, predict_step, smooth_steps};

/// Beside a prediction of at least this, probabilities below 10⁻²⁹⁰ do not count.
pub(crate) const LEAST_PREDICTION: f64 = 1e-270;

/// What is the same at all steps of a chain of K states: p(z_1) and the K × K rows p(z_t | z_{t−1}), padded.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    width: usize,
    initial: Vec<f64>,
    /// `[from][to]`, and `[to][from]`.
    rows: Vec<f64>,
    columns: Vec<f64>,
}

impl Chain {
    /// From p(z_1) and the K × K transition probabilities, row-major.
    pub(crate) fn new(initial: &[f64], transitions: &[f64]) -> Self {
        let (k, width) = (initial.len(), padded(initial.len()));
        let (mut rows, mut columns) = (vec![0.0; width * width], vec![0.0; width * width]);
        for (place, p) in transitions.iter().enumerate() {
            let (from, to) = (place / k, place % k);
            rows[from * width + to] = *p;
            columns[to * width + from] = *p;
        }
        let padded = initial.iter().copied().chain(std::iter::repeat(0.0)).take(width).collect();
        Self { width, initial: padded, rows, columns }
    }

    /// K, padded.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// π of the step after the one filtered last, or of the first.
    pub(crate) fn predict(&self, last: Option<&[f64]>, prediction: &mut [f64]) {
        match last {
            Some(last) => predict_step(self.width, last, &self.rows, prediction),
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
            sums[0] = first_step(&self.initial, first, &mut filtered[..self.width]);
            if !(sums[0] >= LEAST_SUM) {
                return 0;
            }
            done = 1;
        }
        filter_steps(self.width, &self.rows, last, [densities, least], filtered, sums, &mut done);
        done
    }

    /// Turns p(z_t | x_1 … x_t) of all steps into p(z_t | x), and adds Σ_t p(z_t = i, z_{t+1} = j | x) / A_ij to `pairs`
    /// `[i][j]`.
    pub(crate) fn smooth(&self, filtered: &mut [f64], pairs: &mut [f64]) {
        let mut buffers = [vec![0.0; BLOCK * self.width], vec![0.0; BLOCK * self.width]];
        smooth_steps(self.width, &self.rows, &self.columns, filtered, pairs, &mut buffers);
    }
}

/// Whether a prediction is below its least.
pub(crate) fn falls_short(prediction: &[f64], least: &[f64]) -> bool {
    prediction.iter().zip(least).any(|(p, least)| p < least)
}

#[cfg(test)]
mod tests {
    use super::super::chain_steps::{filter_body, smooth_body};
    use super::*;

    /// Σ over all paths, by their number in base K.
    #[test]
    fn the_sums_are_those_over_all_paths() {
        for (k, steps) in [(1, 3), (2, 1), (2, 6), (3, 4), (5, 3), (9, 2), (18, 2), (33, 2)] {
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
            let rows = &chain.rows;
            filter_body::<2>(width, rows, None, [&densities, &least], &mut portable, &mut of_portable, &mut 1);
            assert!(sums.iter().zip(&of_portable).all(|(a, b)| (a - b).abs() < 1e-14));
            let mut of_portable = vec![0.0; width * width];
            let mut buffers = [vec![0.0; BLOCK * width], vec![0.0; BLOCK * width]];
            smooth_body::<2>(width, rows, &chain.columns, &mut portable, &mut of_portable, &mut buffers);
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
