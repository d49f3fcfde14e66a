//! Arithmetic on slices: sums that do not lose digits, log-sum-exp, Cholesky factors. Knows no model and no data.

mod aligned;
mod angles;
mod cholesky;
pub mod clique_tiles;
mod decimals;
pub mod differences;
mod digits;
mod exp;
pub mod forward_backward;
pub mod forward_backward_in_logs;
pub mod further_centre;
mod gram_schmidt;
pub mod heavy_tails;
mod lines;
mod log_ratios;
mod logarithm;
pub mod messages;
pub mod nearest;
mod nearest_candidates;
pub mod nearest_cells;
mod nearest_grid;
pub mod nearest_products;
mod pooled_mean;
mod prefetch;
pub mod products;
pub mod quadratic;
pub mod reachable_states;
mod residuals;
pub mod runs;
mod scalar;
mod simd;
mod softmax;
pub mod standardised;
pub mod state_rows;
mod states;
mod sum;
pub mod tile;
mod weighted_moments;
mod weighted_sum;

pub use aligned::Aligned;
pub use angles::{sines_and_cosines, turned_squares};
pub use cholesky::Cholesky;
pub use exp::exp_of_negatives;
pub use gram_schmidt::GramSchmidt;
pub use lines::{add_lines, reach, sum_lines};
pub use log_ratios::{count_gap, deviances, log_gap, logarithms};
pub use pooled_mean::pooled_mean;
pub use prefetch::prefetch;
pub use residuals::line_log_densities;
pub use scalar::Scalar;
pub use simd::InstructionSet;
pub use softmax::{add_tiles, add_to_rows, log_sum_exp, softmax_tile};
pub use states::{add_by_state, add_each_by_state, look_up, look_up_each, small_states, whole_numbers, widen_counts};
pub use sum::{Sum, all_finite, total};
pub use weighted_moments::{weighted_mean, weighted_scatter};
pub use weighted_sum::weighted_sum;

pub(crate) use decimals::{decimals, decimals_of};
pub(crate) use digits::digits;

/// ln 2π.
pub const LN_2_PI: f64 = 1.837_877_066_409_345_6;
/// Below the normal numbers a variance loses its digits; with this distance from there, so do none of the terms that
/// matter in it.
pub const LEAST_VARIANCE: f64 = 1024.0 * f64::MIN_POSITIVE;
