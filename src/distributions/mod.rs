//! p(x): distributions whose value *is* their parameters, and their weighted maximum likelihood.
//!
//! One family a file, each file in the same order: the type, its constructor, its accessors, its moments, then trait
//! by trait.

mod bernoulli;
mod bessel;
mod beta;
mod binomial;
mod categorical;
mod chance;
mod column;
mod covariance_root;
mod deviance;
mod dirichlet;
mod distribution;
mod estimate;
mod exponential;
mod exponential_family;
mod fixed;
mod gamma;
mod geometric;
mod guarantee;
mod independent;
mod jensen;
mod laplace;
mod log_normal;
mod multinomial;
mod multivariate_normal;
mod normal;
mod parametric;
mod poisson;
mod product;
mod quantile;
mod root;
mod scatter;
mod student_t;
mod student_t_fit;
mod uniform;
mod von_mises;

pub use bernoulli::Bernoulli;
pub use beta::Beta;
pub use binomial::Binomial;
pub use categorical::Categorical;
pub use column::{Column, ColumnStatistics};
pub use covariance_root::CovarianceRoot;
pub use dirichlet::Dirichlet;
pub use distribution::Distribution;
pub use estimate::Estimate;
pub use exponential::Exponential;
pub use exponential_family::{Expectations, ExponentialFamily};
pub use fixed::Fixed;
pub use gamma::Gamma;
pub use geometric::Geometric;
pub use guarantee::Guarantee;
pub use independent::Independent;
pub use jensen::{CountMoments, LogMoments};
pub use laplace::Laplace;
pub use log_normal::LogNormal;
pub use multinomial::Multinomial;
pub use multivariate_normal::MultivariateNormal;
pub use normal::{Moments, Normal};
pub use parametric::Parametric;
pub use poisson::Poisson;
pub use scatter::Scatter;
pub use student_t::StudentT;
pub use uniform::{Extremes, Uniform};
pub use von_mises::{Resultant, VonMises};
