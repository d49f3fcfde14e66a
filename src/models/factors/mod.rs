//! Factor analysis, probabilistic principal components, and mixtures of both.

pub(crate) mod factor_analysis;
pub(crate) mod factor_start;
