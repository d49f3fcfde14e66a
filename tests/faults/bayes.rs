//! Bayes' rule on a tile `[z][n]`, for subjects that write their own E-step.

use std::fmt::Debug;

use marginal::Error;
use marginal::data::Batch;

fn log_sum(logs: &[f64]) -> f64 {
    let largest = logs.iter().fold(f64::NEG_INFINITY, |m, l| if l.is_nan() { f64::NAN } else { m.max(*l) });
    if largest.is_finite() { largest + logs.iter().map(|l| (l - largest).exp()).sum::<f64>().ln() } else { largest }
}

/// The posterior that `seen` implies, as a tile, and the ln p(x) of the true `joint`; a correct E-step sees the joint.
pub(crate) fn posterior<X: Clone + Debug + Send + Sync>(
    batch: Batch<'_, X>,
    joint: &[f64],
    seen: &[f64],
) -> Result<(Vec<f64>, Vec<f64>), Error> {
    let rows = batch.len();
    let column = |tile: &[f64], n: usize| tile.iter().skip(n).step_by(rows.max(1)).copied().collect::<Vec<f64>>();
    let (mut tile, mut evidence) = (vec![0.0; seen.len()], vec![0.0; rows]);
    for n in 0..rows {
        let log_density = log_sum(&column(joint, n));
        if !log_density.is_finite() && batch.weight(n) > 0.0 {
            let (row, value) = (batch.row(n), format!("{:?}", batch.block()[n]));
            return Err(match log_density {
                f64::NEG_INFINITY => Error::Impossible { row, value },
                _ => Error::Unbounded { row, value, log_density },
            });
        }
        evidence[n] = log_density;
        let logs = column(seen, n);
        // About the largest term, whose shares add to one however far all terms are from zero.
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let shares: Vec<f64> = logs.iter().map(|l| (l - largest).exp()).collect();
        let total: f64 = shares.iter().sum();
        shares.iter().enumerate().for_each(|(z, share)| tile[z * rows + n] = share / total);
    }
    Ok((tile, evidence))
}
