//! Families of one number: one a file, each file in the same order.

pub(crate) mod bernoulli;
pub(crate) mod beta;
pub(crate) mod binomial;
pub(crate) mod categorical;
pub(crate) mod exponential;
pub(crate) mod gamma;
pub(crate) mod geometric;
pub(crate) mod laplace;
pub(crate) mod log_normal;
pub(crate) mod normal;
pub(crate) mod poisson;
pub(crate) mod student_t;
pub(crate) mod uniform;
pub(crate) mod von_mises;
