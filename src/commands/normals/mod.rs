//! Models whose components are normals: Gaussian mixtures and factor analysis.

pub(super) mod factor_analysis;
pub(super) mod gaussian_mixture;
