//! Special functions, as densities need them: to full relative precision, and far out.

pub(crate) mod bessel;
pub(crate) mod chance;
pub(crate) mod count_entropy;
pub(crate) mod deviance;
pub(crate) mod incomplete_beta;
pub(crate) mod incomplete_gamma;
pub(crate) mod normal_tail;
pub(crate) mod quantile;
pub(crate) mod root;
pub(crate) mod standardised;
pub(crate) mod student_t_terms;
pub(crate) mod tail;
pub(crate) mod von_mises_mass;
