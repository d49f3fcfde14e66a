//! p(x | y): conditional distributions, the nodes of a graph, and their weighted maximum likelihood.
//!
//! | x | parents | family |
//! | --- | --- | --- |
//! | finite | finite | [`ConditionalTable`] |
//! | anything | finite | [`Switch`] between the members of a bank of [`components`](crate::components) |
//! | real | real | [`LinearGaussian`] |
//! | real | finite, real | [`ConditionalGaussian`] |
//! | bool | real, bool | [`LogisticRegression`] |
//! | label | real, bool | [`SoftmaxRegression`] |
//! | count | real, bool | [`PoissonRegression`] |
//! | anything | anything, not learned | [`given`] a closure; [`FixedConditional`] |
//!
//! Coefficients of a line can be held at known values (`hold_slopes`), lines can share one standard deviation, and with a
//! [`WithPrior`](crate::distributions::WithPrior) what is learned is a maximum a posteriori.

mod finite_parents;
mod regression;
mod case_rows;
mod conditional_distribution;
mod estimate_conditional;
mod family_rows;
mod fixed_conditional;
mod given;
mod root;
#[cfg(feature = "serde")]
mod saved;
mod value;
mod with_prior;

pub use case_rows::CaseRows;
pub use conditional_distribution::ConditionalDistribution;
pub use estimate_conditional::EstimateConditional;
pub use family_rows::{FamilyRows, Member};
pub use finite_parents::conditional_table::ConditionalTable;
pub use finite_parents::configurations::FiniteParents;
pub use finite_parents::switch::Switch;
pub use fixed_conditional::FixedConditional;
pub use given::{Given, given};
pub use regression::conditional_gaussian::ConditionalGaussian;
pub use regression::joint_moments::JointMoments;
pub use regression::linear_gaussian::LinearGaussian;
pub use regression::logistic_regression::LogisticRegression;
pub use regression::poisson_regression::PoissonRegression;
pub use regression::regression_line::RegressionLine;
pub use regression::regressions::Regressions;
pub use regression::regressors::Regressors;
pub use regression::softmax_regression::SoftmaxRegression;
pub use root::Root;
pub use value::{Domain, Finite, Value};
