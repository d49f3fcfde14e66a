//! Products of a few numbers with a small matrix, for widths that are known when they are compiled.
//!
//! Four sums side by side hide the latency of additions. Arrays are cut into `LANES` numbers by hand: loops over slices
//! of whole rows would be turned into gathers and scatters.

use crate::numeric::simd::multiply_add;

/// The lanes of an array from a place on.
#[inline(always)]
#[allow(clippy::inline_always, reason = "compiled for the instruction set of its caller")]
pub(crate) fn lanes<const LANES: usize>(x: &[f64], from: usize) -> &[f64; LANES] {
    x[from..][..LANES].try_into().expect("so many lanes")
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
pub(crate) fn lanes_mut<const LANES: usize>(x: &mut [f64], from: usize) -> &mut [f64; LANES] {
    (&mut x[from..][..LANES]).try_into().expect("so many lanes")
}

/// Σ of lanes, in pairs.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
pub(crate) fn sum_of_lanes<const LANES: usize>(mut x: [f64; LANES]) -> f64 {
    let mut half = LANES / 2;
    while half > 0 {
        (0..half).for_each(|lane| x[lane] += x[lane + half]);
        half /= 2;
    }
    x[0]
}

/// Σ x.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
pub(crate) fn sum_of<const LANES: usize>(x: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    for chunk in (0..x.len()).step_by(LANES) {
        let x = lanes::<LANES>(x, chunk);
        (0..LANES).for_each(|lane| sums[lane] += x[lane]);
    }
    sum_of_lanes(sums)
}

/// out_j = Σ_i x_i M_ij: 2 `width`² flops. A `WIDTH` of 0 is one that is not known.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
pub(crate) fn product<const REGISTER: usize, const LANES: usize, const WIDTH: usize>(
    x: &[f64],
    matrix: &[f64],
    out: &mut [f64],
) {
    let width = if WIDTH > 0 { WIDTH } else { x.len() };
    let (x, matrix, out) = (&x[..width], &matrix[..width * width], &mut out[..width]);
    for chunk in (0..width).step_by(LANES) {
        let mut sums = [[0.0; LANES]; 4];
        for first in (0..width).step_by(4) {
            let x = lanes::<4>(x, first);
            for part in 0..4 {
                let row = lanes::<LANES>(&matrix[(first + part) * width..], chunk);
                for lane in 0..LANES {
                    sums[part][lane] = multiply_add::<REGISTER, _>(x[part], row[lane], sums[part][lane]);
                }
            }
        }
        let out = lanes_mut::<LANES>(out, chunk);
        for lane in 0..LANES {
            out[lane] = (sums[0][lane] + sums[1][lane]) + (sums[2][lane] + sums[3][lane]);
        }
    }
}

/// M_ij += Σ_t x_ti y_tj, four rows of M in registers at a time: 2 `width`² flops for each t.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
pub(crate) fn add_outer_products<const REGISTER: usize, const LANES: usize, const WIDTH: usize>(
    width: usize,
    [x, y]: [&[f64]; 2],
    matrix: &mut [f64],
) {
    let width = if WIDTH > 0 { WIDTH } else { width };
    for first in (0..width).step_by(4) {
        for chunk in (0..width).step_by(LANES) {
            let mut sums = [[0.0; LANES]; 4];
            for t in 0..x.len() / width {
                let (x, y) = (lanes::<4>(&x[t * width..], first), lanes::<LANES>(&y[t * width..], chunk));
                for row in 0..4 {
                    for lane in 0..LANES {
                        sums[row][lane] = multiply_add::<REGISTER, _>(x[row], y[lane], sums[row][lane]);
                    }
                }
            }
            for (row, sums) in sums.iter().enumerate() {
                let of_row = lanes_mut::<LANES>(&mut matrix[(first + row) * width..], chunk);
                (0..LANES).for_each(|lane| of_row[lane] += sums[lane]);
            }
        }
    }
}
