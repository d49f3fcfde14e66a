//! The steps of a chain, forwards and backwards, compiled for a few widths.
//!
//! 2 K² flops a step forwards, 6 K² backwards, and K divisions; each step waits for the one before it, so a few states are
//! bound by latency. What need not wait does not: a step is divided by its sum while the next is multiplied out, and
//! backwards the predictions of a block of steps come first, their products with what was smoothed last.

use crate::numeric::simd::vectorised;

use super::chain_products::{add_outer_products, lanes, lanes_mut, product, sum_of, sum_of_lanes};

/// Steps whose predictions, and whose shares of the pairs, stay in the first-level cache.
pub(crate) const BLOCK: usize = 32;
/// Of a smaller sum, densities that are 0 only because they underflowed (10⁻³⁰⁸) may be a share above 10⁻²⁹⁰.
pub(crate) const LEAST_SUM: f64 = 1e-18;
/// A prediction below this is not divided by.
const LEAST_DIVISOR: f64 = 1e-300;

/// K, padded to a width that steps are compiled for, or to pairs of whole registers.
pub(crate) fn padded(k: usize) -> usize {
    [4, 8, 16, 32].into_iter().find(|width| k <= *width).unwrap_or(k.next_multiple_of(16))
}

vectorised! {
    /// π = Aᵀ p, for the rows `[from][to]` of A.
    pub(crate) fn predict_step(width: usize, last: &[f64], rows: &[f64], prediction: &mut [f64]) = predict_body;
}

vectorised! {
    /// p(z_t | x_1 … x_t) of the steps from `done` on, and Σ π_t ∘ b_t of each; the step before the first is `last`. Ends,
    /// with `done`, before a step whose sum is too small or whose prediction is below its entry of `least`.
    pub(crate) fn filter_steps(
        width: usize, rows: &[f64], last: Option<&[f64]>, densities_and_least: [&[f64]; 2], filtered: &mut [f64],
        sums: &mut [f64], done: &mut usize,
    ) = filter_body;
}

vectorised! {
    /// Turns p(z_t | x_1 … x_t) of all steps into p(z_t | x), and adds Σ_t p(z_t = i, z_{t+1} = j | x) / A_ij to `pairs`;
    /// the buffers hold a block of steps.
    pub(crate) fn smooth_steps(
        width: usize, rows: &[f64], columns: &[f64], filtered: &mut [f64], pairs: &mut [f64], buffers: &mut [Vec<f64>; 2],
    ) = smooth_body;
}

/// p(z_1 | x_1) from p(z_1), and Σ p(z_1) b_1.
pub(crate) fn first_step(initial: &[f64], densities: &[f64], filtered: &mut [f64]) -> f64 {
    filtered.iter_mut().zip(initial.iter().zip(densities)).for_each(|(p, (initial, b))| *p = initial * b);
    let sum = sum_of::<4>(filtered);
    let reciprocal = 1.0 / sum;
    filtered.iter_mut().for_each(|p| *p *= reciprocal);
    sum
}

/// Runs a body compiled for this width.
macro_rules! for_width {
    ($width:expr, $body:ident::<$register:ident>($($argument:expr),* $(,)?)) => {
        match $width {
            4 => $body::<$register, 4, 4>($($argument),*),
            8 => $body::<$register, 8, 8>($($argument),*),
            16 => $body::<$register, 8, 16>($($argument),*),
            32 => $body::<$register, 8, 32>($($argument),*),
            _ => $body::<$register, 16, 0>($($argument),*),
        }
    };
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn predict_body<const REGISTER: usize>(width: usize, last: &[f64], rows: &[f64], prediction: &mut [f64]) {
    for_width!(width, product::<REGISTER>(last, rows, prediction));
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
pub(super) fn filter_body<const REGISTER: usize>(
    width: usize,
    rows: &[f64],
    last: Option<&[f64]>,
    densities_and_least: [&[f64]; 2],
    filtered: &mut [f64],
    sums: &mut [f64],
    done: &mut usize,
) {
    for_width!(width, filter_of::<REGISTER>(width, rows, last, densities_and_least, filtered, sums, done));
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
pub(super) fn smooth_body<const REGISTER: usize>(
    width: usize,
    rows: &[f64],
    columns: &[f64],
    filtered: &mut [f64],
    pairs: &mut [f64],
    buffers: &mut [Vec<f64>; 2],
) {
    for_width!(width, smooth_of::<REGISTER>(width, rows, columns, filtered, pairs, buffers));
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn filter_of<const REGISTER: usize, const LANES: usize, const WIDTH: usize>(
    width: usize,
    rows: &[f64],
    last: Option<&[f64]>,
    [densities, least]: [&[f64]; 2],
    filtered: &mut [f64],
    sums: &mut [f64],
    done: &mut usize,
) {
    let width = if WIDTH > 0 { WIDTH } else { width };
    // The step before, if it was made here, is not yet divided by its sum.
    let (first, mut sum) = (*done, 1.0);
    for t in first..densities.len() / width {
        let (before, now) = filtered.split_at_mut(t * width);
        let (now, reciprocal) = (&mut now[..width], 1.0 / sum);
        if t > 0 {
            let before = &mut before[(t - 1) * width..];
            product::<REGISTER, LANES, WIDTH>(before, rows, now);
            if t > first {
                before.iter_mut().for_each(|p| *p *= reciprocal);
            }
        } else if let Some(last) = last {
            product::<REGISTER, LANES, WIDTH>(last, rows, now);
        } else {
            return;
        }
        let of_step = t * width..(t + 1) * width;
        let (densities, least) = (&densities[of_step.clone()], &least[of_step]);
        let falls_short = condition::<LANES>(now, reciprocal, densities, least, &mut sum);
        sums[t] = sum;
        if falls_short || !(sum >= LEAST_SUM) {
            return;
        }
        *done = t + 1;
    }
    if *done > first {
        let reciprocal = 1.0 / sum;
        filtered[(*done - 1) * width..][..width].iter_mut().for_each(|p| *p *= reciprocal);
    }
}

/// p ← r p ∘ b, and its sum; whether some r p was below its least.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn condition<const LANES: usize>(p: &mut [f64], r: f64, densities: &[f64], least: &[f64], sum: &mut f64) -> bool {
    let (mut sums, mut short) = ([0.0; LANES], [0.0; LANES]);
    for chunk in (0..p.len()).step_by(LANES) {
        let p = lanes_mut::<LANES>(p, chunk);
        let (b, least) = (lanes::<LANES>(densities, chunk), lanes::<LANES>(least, chunk));
        for lane in 0..LANES {
            let prediction = r * p[lane];
            let beyond = prediction - least[lane];
            short[lane] = if beyond < short[lane] { beyond } else { short[lane] };
            p[lane] = prediction * b[lane];
            sums[lane] += p[lane];
        }
    }
    *sum = sum_of_lanes(sums);
    sum_of_lanes(short) < 0.0
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn smooth_of<const REGISTER: usize, const LANES: usize, const WIDTH: usize>(
    width: usize,
    rows: &[f64],
    columns: &[f64],
    filtered: &mut [f64],
    pairs: &mut [f64],
    [ratios, shares]: &mut [Vec<f64>; 2],
) {
    let width = if WIDTH > 0 { WIDTH } else { width };
    let (mut end, mut factor) = ((filtered.len() / width).saturating_sub(1), vec![0.0; width]);
    while end > 0 {
        let steps = end.min(BLOCK);
        end -= steps;
        let block = &mut filtered[end * width..][..(steps + 1) * width];
        let (ratios, shares) = (&mut ratios[..steps * width], &mut shares[..steps * width]);
        for t in 0..steps {
            let ratio = &mut ratios[t * width..][..width];
            product::<REGISTER, LANES, WIDTH>(&block[t * width..][..width], rows, ratio);
            for chunk in (0..width).step_by(LANES) {
                let ratio = lanes_mut::<LANES>(ratio, chunk);
                (0..LANES).for_each(|lane| {
                    let reciprocal = 1.0 / ratio[lane];
                    ratio[lane] = if ratio[lane] > LEAST_DIVISOR { reciprocal } else { 0.0 };
                });
            }
        }
        for t in (0..steps).rev() {
            let (before, now) = block.split_at_mut((t + 1) * width);
            let (before, now) = (&mut before[t * width..][..width], &now[..width]);
            let (ratio, share) = (&mut ratios[t * width..][..width], &mut shares[t * width..][..width]);
            for chunk in (0..width).step_by(LANES) {
                let (ratio, now) = (lanes_mut::<LANES>(ratio, chunk), lanes::<LANES>(now, chunk));
                (0..LANES).for_each(|lane| ratio[lane] *= now[lane]);
            }
            // The round-off of one step is taken out in the next, so that it does not add up.
            let reciprocal = 1.0 / sum_of::<LANES>(now);
            product::<REGISTER, LANES, WIDTH>(ratio, columns, &mut factor);
            for chunk in (0..width).step_by(LANES) {
                let (p, share) = (lanes_mut::<LANES>(before, chunk), lanes_mut::<LANES>(share, chunk));
                let factor = lanes::<LANES>(&factor, chunk);
                for lane in 0..LANES {
                    share[lane] = reciprocal * p[lane];
                    p[lane] = share[lane] * factor[lane];
                }
            }
        }
        add_outer_products::<REGISTER, LANES, WIDTH>(width, [shares, ratios], pairs);
    }
}
