//! Log-sum-exp and softmax: ln Σ_k exp(l_k) and exp(l_k) / Σ_j exp(l_j), safe however far the l_k lie from 0.

use super::exp::exp;
use super::logarithm::ln;
use crate::numeric::simd::vectorised;

/// ln Σ_k exp(l_k), exact where one term dominates; −∞ for no terms or all −∞.
pub(crate) fn log_sum_exp(logs: &[f64]) -> f64 {
    let max = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if max.is_infinite() {
        return max;
    }
    max + logs.iter().map(|l| (l - max).exp()).sum::<f64>().ln()
}

/// argmax_k p_k, the first of equals; 0 if none is a number.
pub(crate) fn argmax(p: &[f64]) -> usize {
    let larger = |best: (usize, f64), (k, &p): (usize, &f64)| if p > best.1 { (k, p) } else { best };
    p.iter().enumerate().fold((0, f64::NEG_INFINITY), larger).0
}

vectorised! {
    /// Turns a component-major tile `[k][n]` of log-joints into posteriors, column by column, and writes
    /// ln Σ_k exp(l_kn) to `evidence[n]`.
    ///
    /// The posterior is exp(l − max) / Σ exp(l − max), not exp(l − log-sum-exp): beyond |l| = 1/ε the latter absorbs
    /// ln 2 and no longer sums to one. A column that is all −∞ (or holds +∞ or NaN) gets that value as its evidence,
    /// and posteriors 0.
    ///
    /// About 30 flops an entry, most of them of the exponential; columns are taken a few at a time, so that an entry is
    /// loaded from the L1 cache three times: bound by arithmetic.
    pub(crate) fn softmax_tile(tile: &mut [f64], evidence: &mut [f64]) = body;
}

vectorised! {
    /// `tile[k][n] += constants[k]`, for as many rows as there are constants; −∞ wherever the constant is.
    pub(crate) fn add_to_rows(tile: &mut [f64], constants: &[f64]) = add_body;
}

vectorised! {
    /// `tile[i] += other[i]`.
    pub(crate) fn add_tiles(tile: &mut [f64], other: &[f64]) = add_tiles_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn add_tiles_body<const REGISTER: usize>(tile: &mut [f64], other: &[f64]) {
    tile.iter_mut().zip(other).for_each(|(sum, x)| *sum += x);
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn add_body<const REGISTER: usize>(tile: &mut [f64], constants: &[f64]) {
    let n = tile.len() / constants.len().max(1);
    for (row, constant) in tile.chunks_exact_mut(n.max(1)).zip(constants) {
        if *constant == f64::NEG_INFINITY {
            // Also where the entry is +∞.
            row.fill(*constant);
        } else {
            row.iter_mut().for_each(|l| *l += constant);
        }
    }
}

/// Columns that are taken together: so many that the latency of one's exponentials hides behind those of others, and
/// that rows which lie a power of two apart, and so compete for one place of the cache, are seldom visited.
const LANES: usize = 64;
/// What is left is taken so many columns at a time, and what is left of that one by one.
const FEW: usize = 16;

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn body<const REGISTER: usize>(tile: &mut [f64], evidence: &mut [f64]) {
    let n = evidence.len();
    let (lanes, few) = (n - n % LANES, n - n % FEW);
    for first in (0..lanes).step_by(LANES) {
        columns::<REGISTER, LANES>(tile, (n, first), &mut evidence[first..][..LANES]);
    }
    for first in (lanes..few).step_by(FEW) {
        columns::<REGISTER, FEW>(tile, (n, first), &mut evidence[first..][..FEW]);
    }
    for first in few..n {
        columns::<REGISTER, 1>(tile, (n, first), &mut evidence[first..][..1]);
    }
}

/// L columns of a tile whose rows have n entries, from column `first`.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn columns<const REGISTER: usize, const L: usize>(tile: &mut [f64], (n, first): (usize, usize), evidence: &mut [f64]) {
    let mut max = [f64::NEG_INFINITY; L];
    for row in tile.chunks_exact(n) {
        let row: &[f64; L] = row[first..][..L].try_into().expect("a row holds the columns");
        for (m, &l) in max.iter_mut().zip(row) {
            // NaN must win, so that it is seen; f64::max would drop it.
            *m = if l > *m || l.is_nan() { l } else { *m };
        }
    }
    let mut sum = [0.0; L];
    for row in tile.chunks_exact_mut(n) {
        let row: &mut [f64; L] = (&mut row[first..][..L]).try_into().expect("as above");
        for ((l, &m), s) in row.iter_mut().zip(&max).zip(&mut sum) {
            *l = if m.abs() < f64::INFINITY { exp::<REGISTER>(*l - m) } else { 0.0 };
            *s += *l;
        }
    }
    let mut reciprocal = [0.0; L];
    for l in 0..L {
        let some = sum[l] > 0.0;
        reciprocal[l] = if some { 1.0 / sum[l] } else { 0.0 };
        evidence[l] = if some { max[l] + ln::<REGISTER>(sum[l]) } else { max[l] };
    }
    for row in tile.chunks_exact_mut(n) {
        let row: &mut [f64; L] = (&mut row[first..][..L]).try_into().expect("as above");
        row.iter_mut().zip(&reciprocal).for_each(|(l, r)| *l *= r);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_far_from_0_are_summed() {
        assert!((log_sum_exp(&[-1000.0, -1000.0]) - (-1000.0 + 2f64.ln())).abs() < 1e-12);
        assert_eq!(log_sum_exp(&[f64::NEG_INFINITY]), f64::NEG_INFINITY);
    }

    #[test]
    fn every_compilation_gives_posteriors_that_sum_to_one_and_their_evidence() {
        for (k, n) in [(1, 1), (2, 16), (3, 37), (16, 64), (5, 141)] {
            let logs: Vec<f64> = (0..k * n).map(|i| (i * 7919 % 1000) as f64 / 7.0 - 700.0).collect();
            let (mut fast, mut portable) = (logs.clone(), logs.clone());
            let (mut evidence, mut portable_evidence) = (vec![0.0; n], vec![0.0; n]);
            softmax_tile(&mut fast, &mut evidence);
            body::<2>(&mut portable, &mut portable_evidence);
            for c in 0..n {
                let column = |tile: &[f64]| -> Vec<f64> { (0..k).map(|z| tile[z * n + c]).collect() };
                let expected = log_sum_exp(&column(&logs));
                for (tile, found) in [(&fast, evidence[c]), (&portable, portable_evidence[c])] {
                    assert!((found - expected).abs() <= 1e-13 * expected.abs(), "{found} {expected}");
                    assert!((column(tile).iter().sum::<f64>() - 1.0).abs() < 1e-14);
                    for (r, l) in column(tile).iter().zip(column(&logs)) {
                        assert!((r - (l - expected).exp()).abs() < 1e-12);
                    }
                }
            }
        }
    }

    #[test]
    fn columns_without_a_finite_maximum_say_so_and_have_no_posterior() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        let mut tile = [-inf, nan, 1.0, -inf, inf, -inf, -inf, nan, 0.0, 0.0];
        let mut evidence = [0.0; 5];
        softmax_tile(&mut tile, &mut evidence);
        assert!(evidence[0] == -inf && evidence[1].is_nan() && evidence[2].is_nan() && evidence[4] == inf);
        assert_eq!(evidence[3], 0.0);
        assert_eq!([tile[0], tile[5], tile[1], tile[6], tile[4], tile[9]], [0.0; 6]);
        assert_eq!((tile[3], tile[8]), (0.0, 1.0));
    }
}
