//! Factor analysis for the command line.

pub(super) mod factor_analysis;
