//! Functions of a block of numbers: exponentials, logarithms, angles, log-densities in z.

pub(crate) mod angles;
pub(crate) mod exp;
pub(crate) mod heavy_tails;
pub(crate) mod log_ratios;
pub(crate) mod logarithm;
pub(crate) mod softmax;
pub(crate) mod standardised;
