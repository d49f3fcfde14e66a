//! Rows and matrices: products, roots, moments, distances.

pub(crate) mod cholesky;
pub(crate) mod differences;
pub(crate) mod gram_schmidt;
pub(crate) mod lines;
pub(crate) mod low_rank;
pub(crate) mod pooled_mean;
pub(crate) mod products;
pub(crate) mod quadratic;
pub(crate) mod residuals;
pub(crate) mod weighted_moments;
