//! Below finite parents: a row or a distribution for each of their joint states.

pub(crate) mod conditional_table;
pub(crate) mod configuration_rows;
pub(crate) mod configurations;
pub(crate) mod switch;
