//! What results are compared with, in a few lines of its own.

/// ln Σ exp(l).
pub(crate) fn log_sum_exp(logs: &[f64]) -> f64 {
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if largest.is_finite() { largest + logs.iter().map(|l| (l - largest).exp()).sum::<f64>().ln() } else { largest }
}
