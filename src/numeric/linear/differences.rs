//! x − c of rows to centres of their own: the squared distances, and the weighted sums.
//!
//! 3 D flops a row for each, as many loads and stores: bound by the first-level cache.

use crate::numeric::Scalar;
use crate::numeric::simd::{multiply_add, vectorised};

/// Terms that are summed side by side.
const LANES: usize = 8;

vectorised! {
    /// `squares[n]` = ‖x_n − c_k‖², k = `labels[n]`, for rows and centres of D numbers, row-major.
    pub(crate) fn squared_distances<F: Scalar>(
        rows: &[F],
        centres: &[f64],
        dimension: usize,
        labels: &[u64],
        squares: &mut [f64],
    ) = squares_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn squares_body<const REGISTER: usize, F: Scalar>(
    rows: &[F],
    centres: &[f64],
    dimension: usize,
    labels: &[u64],
    squares: &mut [f64],
) {
    for ((row, &label), square) in rows.chunks_exact(dimension).zip(labels).zip(squares) {
        let centre = &centres[label as usize * dimension..][..dimension];
        let mut sums = [0.0; LANES];
        let (xs, cs) = (row.chunks_exact(LANES), centre.chunks_exact(LANES));
        let rest: f64 = xs.remainder().iter().zip(cs.remainder()).map(|(x, c)| (x.widen() - c).powi(2)).sum();
        for (x, c) in xs.zip(cs) {
            for l in 0..LANES {
                let difference = x[l].widen() - c[l];
                sums[l] = multiply_add::<REGISTER, _>(difference, difference, sums[l]);
            }
        }
        *square = sums.iter().sum::<f64>() + rest;
    }
}

vectorised! {
    /// `sums[k]` += w_n (x_n − c_k), k = `labels[n]`, for rows and centres of D numbers, row-major; a row of weight 0 is
    /// absent, whatever it holds.
    pub(crate) fn add_differences<F: Scalar>(
        rows: &[F],
        centres: &[f64],
        dimension: usize,
        labels: &[u64],
        weights: &[f64],
        sums: &mut [f64],
    ) = sums_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn sums_body<const REGISTER: usize, F: Scalar>(
    rows: &[F],
    centres: &[f64],
    dimension: usize,
    labels: &[u64],
    weights: &[f64],
    sums: &mut [f64],
) {
    for ((row, &label), &weight) in rows.chunks_exact(dimension).zip(labels).zip(weights) {
        let first = label as usize * dimension;
        if weight > 0.0 {
            for ((s, x), c) in sums[first..][..dimension].iter_mut().zip(row).zip(&centres[first..][..dimension]) {
                *s = multiply_add::<REGISTER, _>(weight, x.widen() - c, *s);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compilation_agrees_with_the_formulae() {
        for dimension in [1, 2, 7, 8, 9, 20] {
            let (n, k) = (11, 3);
            let rows: Vec<f64> = (0..n * dimension).map(|i| (i * 7919 % 1000) as f64 / 64.0).collect();
            let centres: Vec<f64> = (0..k * dimension).map(|i| (i * 31 % 17) as f64 / 8.0).collect();
            let labels: Vec<u64> = (0..n as u64).map(|n| n * 7 % k as u64).collect();
            let weights: Vec<f64> = (0..n).map(|n| (n % 3) as f64).collect();
            let difference = |n: usize, d: usize| rows[n * dimension + d] - centres[labels[n] as usize * dimension + d];
            // Sixty-fourths of small numbers: sums and squares are exact in any order.
            for portable in [false, true] {
                let (mut squares, mut sums) = (vec![0.0; n], vec![0.0; k * dimension]);
                if portable {
                    squares_body::<2, _>(&rows, &centres, dimension, &labels, &mut squares);
                    sums_body::<2, _>(&rows, &centres, dimension, &labels, &weights, &mut sums);
                } else {
                    squared_distances(&rows, &centres, dimension, &labels, &mut squares);
                    add_differences(&rows, &centres, dimension, &labels, &weights, &mut sums);
                }
                for (n, square) in squares.iter().enumerate() {
                    assert_eq!(*square, (0..dimension).map(|d| difference(n, d).powi(2)).sum::<f64>());
                }
                for (i, sum) in sums.iter().enumerate() {
                    let own = (0..n).filter(|&n| labels[n] as usize == i / dimension);
                    assert_eq!(*sum, own.map(|n| weights[n] * difference(n, i % dimension)).sum::<f64>());
                }
            }
        }
    }
}
