//! p(x): distributions whose value *is* their parameters, and their weighted maximum likelihood.
//!
//! One family a file, each file in the same order: the type, its constructor, its accessors, its moments, then trait
//! by trait.

mod covariance_root;
mod distribution;
mod estimate;
mod exponential_family;
mod multivariate_normal;
mod normal;
mod parametric;
mod scatter;

pub use covariance_root::CovarianceRoot;
pub use distribution::Distribution;
pub use estimate::Estimate;
pub use exponential_family::{Expectations, ExponentialFamily};
pub use multivariate_normal::MultivariateNormal;
pub use normal::{Moments, Normal};
pub use parametric::Parametric;
pub use scatter::Scatter;
