//! p(x | y): conditional distributions, the nodes of a graph, and their weighted maximum likelihood.
//!
//! | x | parents | family |
//! | --- | --- | --- |
//! | finite | finite | [`ConditionalTable`] |
//! | anything | finite | [`Switch`] between distributions |
//! | real | real | [`LinearGaussian`] |
//! | real | finite, real | [`ConditionalGaussian`] |
//! | bool | real, bool | [`LogisticRegression`] |
//! | label | real, bool | [`SoftmaxRegression`] |
//! | count | real, bool | [`PoissonRegression`] |
//! | anything | anything, not learned | [`given`] a closure; [`FixedConditional`] |
//!
//! Coefficients of a line can be held at known values (`hold_slopes`), lines can share one standard deviation, and with a
//! [`WithPrior`](crate::distributions::WithPrior) what is learned is a maximum a posteriori.

mod case_rows;
mod cases;
mod classes;
mod conditional_distribution;
mod conditional_gaussian;
mod conditional_table;
mod configuration_rows;
mod configurations;
mod estimate_conditional;
mod family_rows;
mod fixed_conditional;
mod given;
mod held;
mod held_coefficients;
mod joint_moments;
mod linear_gaussian;
mod logistic_regression;
mod newton;
mod poisson_regression;
mod regression_line;
mod regressions;
mod regressors;
mod root;
mod softmax_regression;
mod switch;
mod value;
mod with_prior;

pub use case_rows::CaseRows;
pub use conditional_distribution::ConditionalDistribution;
pub use conditional_gaussian::ConditionalGaussian;
pub use conditional_table::ConditionalTable;
pub use configurations::FiniteParents;
pub use estimate_conditional::EstimateConditional;
pub use family_rows::{FamilyRows, Member};
pub use fixed_conditional::FixedConditional;
pub use given::{Given, given};
pub use joint_moments::JointMoments;
pub use linear_gaussian::LinearGaussian;
pub use logistic_regression::LogisticRegression;
pub use poisson_regression::PoissonRegression;
pub use regression_line::RegressionLine;
pub use regressions::Regressions;
pub use regressors::Regressors;
pub use root::Root;
pub use softmax_regression::SoftmaxRegression;
pub use switch::Switch;
pub use value::{Domain, Finite, Value};
