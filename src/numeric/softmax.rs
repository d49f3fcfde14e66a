//! Log-sum-exp and softmax: ln Σ_k exp(l_k) and exp(l_k) / Σ_j exp(l_j), safe however far the l_k lie from 0.

use super::exp::exp_of_negatives;

/// ln Σ_k exp(l_k), exact where one term dominates; −∞ for no terms or all −∞.
///
/// ```
/// use marginal::numeric::log_sum_exp;
/// assert!((log_sum_exp(&[-1000.0, -1000.0]) - (-1000.0 + 2f64.ln())).abs() < 1e-12);
/// ```
pub fn log_sum_exp(logs: &[f64]) -> f64 {
    let max = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if max.is_infinite() {
        return max;
    }
    max + logs.iter().map(|l| (l - max).exp()).sum::<f64>().ln()
}

/// Turns a component-major tile `[k][n]` of log-joints into posteriors, column by column, and writes
/// ln Σ_k exp(l_kn) to `evidence[n]`.
///
/// The posterior is exp(l − max) / Σ exp(l − max), not exp(l − log-sum-exp): beyond |l| = 1/ε the latter absorbs
/// ln 2 and no longer sums to one. A column that is all −∞ (or holds +∞ or NaN) gets that value as its evidence,
/// and posteriors 0.
pub fn softmax_tile(tile: &mut [f64], evidence: &mut [f64]) {
    let n = evidence.len();
    let mut max = vec![f64::NEG_INFINITY; n];
    for row in tile.chunks_exact(n.max(1)) {
        for (m, &l) in max.iter_mut().zip(row) {
            // NaN must win, so that it is seen; f64::max would drop it.
            *m = if l > *m || l.is_nan() { l } else { *m };
        }
    }
    evidence.fill(0.0);
    for row in tile.chunks_exact_mut(n.max(1)) {
        for (l, &m) in row.iter_mut().zip(&max) {
            *l = if m.is_finite() { *l - m } else { f64::NEG_INFINITY };
        }
        exp_of_negatives(row);
        evidence.iter_mut().zip(row.iter()).for_each(|(e, l)| *e += l);
    }
    let reciprocal: Vec<f64> = evidence.iter().map(|&e| if e > 0.0 { 1.0 / e } else { 0.0 }).collect();
    for row in tile.chunks_exact_mut(n.max(1)) {
        row.iter_mut().zip(&reciprocal).for_each(|(l, r)| *l *= r);
    }
    for (e, &m) in evidence.iter_mut().zip(&max) {
        *e = if m.is_finite() { m + e.ln() } else { m };
    }
}
