//! Priors over parameters, and maximum a posteriori.

pub(crate) mod conjugate_priors;
pub(crate) mod imagined;
pub(crate) mod imagined_spread;
pub(crate) mod inverse_gamma;
pub(crate) mod inverse_wishart;
pub(crate) mod prior;
pub(crate) mod row_estimate;
