//! p(x): distributions whose value *is* their parameters, and their weighted maximum likelihood.
//!
//! One family a file, each file in the same order: the type, its constructor, its accessors, its moments, then trait
//! by trait. [`WithPrior`] makes of a family one whose estimate is a maximum a posteriori.

mod compose;
mod factors;
mod families;
mod priors;
mod rows;
mod special;
mod sums;
mod cumulative;
mod distribution;
mod doubt;
mod estimate;
mod exponential_family;
mod guarantee;
mod natural;
mod parametric;
#[cfg(feature = "serde")]
mod saved;
mod summary;

pub(crate) use compose::column::each_column_family;
pub use compose::column::{Column, ColumnStatistics};
pub use compose::fixed::Fixed;
pub use compose::independent::Independent;
pub use compose::maybe_fixed::MaybeFixed;
pub use cumulative::Cumulative;
pub use distribution::Distribution;
pub use doubt::Doubt;
pub(crate) use doubt::expected_rows;
pub use estimate::Estimate;
pub use exponential_family::{Expectations, ExponentialFamily};
pub use factors::goodness_of_fit::GoodnessOfFit;
pub use factors::low_rank_normal::LowRankNormal;
pub use factors::noise::Noise;
pub use factors::rotation::RotatedLoadings;
pub use families::bernoulli::Bernoulli;
pub use families::beta::Beta;
pub use families::binomial::Binomial;
pub use families::categorical::Categorical;
pub use families::exponential::Exponential;
pub use families::gamma::Gamma;
pub use families::geometric::Geometric;
pub use families::laplace::Laplace;
pub use families::log_normal::LogNormal;
pub use families::normal::{Moments, Normal};
pub use families::poisson::Poisson;
pub use families::student_t::StudentT;
pub use families::uniform::{Extremes, Uniform};
pub use families::von_mises::VonMises;
pub use guarantee::Guarantee;
pub use natural::{natural_log_densities, observe_expectations};
pub use parametric::Parametric;
pub use priors::imagined::Imagined;
pub use priors::inverse_gamma::{InverseGamma, NormalInverseGamma};
pub use priors::inverse_wishart::{InverseWishart, NormalInverseWishart};
pub use priors::prior::{ConjugatePrior, Prior, WithPrior};
pub use rows::covariance_root::CovarianceRoot;
pub use rows::dirichlet::Dirichlet;
pub use rows::multinomial::Multinomial;
pub use rows::multivariate_normal::MultivariateNormal;
pub(crate) use rows::patterns::Patterns;
pub use summary::Summary;
pub use sums::jensen::{CountMoments, LogMoments};
pub use sums::resultant::Resultant;
pub use sums::scatter::Scatter;

pub(crate) use estimate::{estimate_or_keep, log_prior_of_all, may_produce};
pub(crate) use factors::low_rank_fit::{CYCLES, Target, best_loadings, best_normal, better_noise};
pub(crate) use factors::noise::free_parameters;
pub(crate) use families::categorical::{from_log_ratios, log_ratios};
pub(crate) use priors::imagined_spread::ImaginedSpread;
pub(crate) use priors::prior::likelihoods;
pub(crate) use priors::row_estimate::RowEstimate;
pub(crate) use rows::simplex::{check_simplex, draw_index, uniform_on_simplex};
