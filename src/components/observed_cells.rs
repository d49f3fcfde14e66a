//! Normals of rows that miss cells: densities of what is observed, and statistics from which what is missing is summed out.
//!
//! Beside z the missing cells x_m are hidden. The statistics of a row are those of complete rows expected under
//! p(x_m | x_o, z): x̂ in place of x, and Cov(x_m | x_o, z) added to the scatter. With the entropy of x_m beside them the
//! expected log-density is the free energy, which is ln p(x_o | z) at the parameters that completed the row.

use crate::data::Rows;
use crate::distributions::{Estimate, MultivariateNormal, Patterns, Scatter};
use crate::numeric::Scalar;

fn widened<F: Scalar>(block: Rows<'_, F>) -> Vec<f64> {
    block.values().iter().map(|x| x.widen()).collect()
}

/// ln p(x_o | z) of a block into a tile `[z][n]`.
pub(super) fn observed_tile<F: Scalar>(
    normals: &[&MultivariateNormal<F>],
    block: Rows<'_, F>,
    patterns: &Patterns,
    tile: &mut [f64],
) {
    let (mut values, mut gained) = (widened(block), vec![0.0; block.len()]);
    for (normal, row) in normals.iter().zip(tile.chunks_exact_mut(block.len())) {
        normal.complete(patterns, &mut values, |pattern, conditional| {
            pattern.rows.iter().for_each(|n| gained[*n] = conditional.log_density_gained());
        });
        let completed = Rows::new(&values, block.columns()).expect("they are as many as in the block");
        MultivariateNormal::log_densities_each(&[&(*normal).clone().over()], completed, row);
        row.iter_mut().zip(&gained).for_each(|(log, gained)| *log += gained);
    }
}

/// Adds a block under the weights `[z][n]`.
pub(super) fn observe_patterns<F: Scalar>(
    normals: &[&MultivariateNormal<F>],
    s: &mut [&mut Scatter],
    (block, patterns): (Rows<'_, F>, &Patterns),
    weights: &[f64],
) {
    let (d, mut values) = (block.columns(), widened(block));
    let mut covariance = vec![0.0; d * d];
    for ((normal, s), weights) in normals.iter().zip(s).zip(weights.chunks_exact(block.len())) {
        covariance.fill(0.0);
        let mut entropy = 0.0;
        normal.complete(patterns, &mut values, |pattern, conditional| {
            let weight: f64 = pattern.rows.iter().map(|n| weights[*n]).sum();
            if weight > 0.0 {
                let lines = conditional.covariance.chunks_exact(pattern.missing.len());
                for (i, line) in pattern.missing.iter().zip(lines) {
                    let parts = pattern.missing.iter().zip(line);
                    parts.for_each(|(j, c)| covariance[i * d + j] += weight * c);
                }
                entropy += weight * conditional.entropy();
            }
        });
        s.add(&values, weights);
        s.add_conditional(&covariance, entropy);
    }
}
