//! Arithmetic on slices: sums that do not lose digits, log-sum-exp, Cholesky factors. Knows no model and no data.

pub(crate) mod centres;
pub(crate) mod chains;
pub(crate) mod functions;
pub(crate) mod linear;
pub(crate) mod tables;
mod aligned;
mod backtracking;
mod decimals;
mod prefetch;
mod scalar;
mod simd;
mod sum;
pub(crate) mod tile;
mod weighted_sum;

pub(crate) use aligned::Aligned;
pub(crate) use backtracking::halved_until;
pub(crate) use functions::angles::{sines_and_cosines, turned_squares};
pub(crate) use functions::exp::exp_of_negatives;
pub(crate) use functions::log_ratios::{count_gap, deviances, log_gap, logarithms};
pub(crate) use functions::softmax::{add_tiles, add_to_rows, argmax, log_sum_exp, softmax_tile};
pub(crate) use linear::cholesky::Cholesky;
pub(crate) use linear::gram_schmidt::GramSchmidt;
pub(crate) use linear::lines::{add_lines, reach, sum_lines};
pub(crate) use linear::pooled_mean::pooled_mean;
pub(crate) use linear::residuals::line_log_densities;
pub(crate) use linear::weighted_moments::{weighted_mean, weighted_scatter};
pub(crate) use prefetch::prefetch;
pub use scalar::Scalar;
pub use simd::InstructionSet;
pub(crate) use sum::{Sum, all_finite, total};
pub(crate) use tables::shown_cells::are_states;
pub(crate) use tables::states::{
    add_by_state, add_each_by_state, look_up, look_up_each, small_states, whole_numbers, widen_counts,
};
pub(crate) use weighted_sum::weighted_sum;

pub(crate) use decimals::{decimals, decimals_of};
pub(crate) use tables::digits::digits;

/// ln 2π.
pub(crate) const LN_2_PI: f64 = 1.837_877_066_409_345_6;
/// Below the normal numbers a variance loses its digits; with this distance from there, so do none of the terms that
/// matter in it.
pub(crate) const LEAST_VARIANCE: f64 = 1024.0 * f64::MIN_POSITIVE;
