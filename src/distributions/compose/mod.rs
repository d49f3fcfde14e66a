//! Distributions made of others: independent columns and parts, families by name, what is frozen.

pub(crate) mod column;
pub(crate) mod column_parameters;
pub(crate) mod column_support;
pub(crate) mod fixed;
pub(crate) mod independent;
pub(crate) mod maybe_fixed;
pub(crate) mod number;
pub(crate) mod product;
pub(crate) mod state_columns;
