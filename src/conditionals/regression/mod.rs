//! Regressions: what x depends on by a line, a rate, or the odds of a line.

pub(crate) mod cases;
pub(crate) mod classes;
pub(crate) mod conditional_gaussian;
pub(crate) mod held;
pub(crate) mod held_coefficients;
pub(crate) mod joint_moments;
pub(crate) mod linear_gaussian;
pub(crate) mod logistic_regression;
pub(crate) mod newton;
pub(crate) mod poisson_regression;
pub(crate) mod regression_line;
pub(crate) mod regressions;
pub(crate) mod regressors;
pub(crate) mod softmax_regression;
