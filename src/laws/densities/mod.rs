//! Laws of densities: their mass, their sampler, their moments, their kernels.

pub(crate) mod conditional;
pub(crate) mod cumulative;
pub(crate) mod distribution;
pub(crate) mod exponential_family;
pub(crate) mod looks;
pub(crate) mod members;
pub(crate) mod regression_line;
pub(crate) mod sampling;
pub(crate) mod sampling_rows;
pub(crate) mod summary;
