//! What is said on the command line: options, names, numbers, families.

pub(crate) mod acceleration;
pub(crate) mod beside_data;
pub(crate) mod covariance_shape;
pub(crate) mod every_fit;
pub(crate) mod factors;
pub(crate) mod families;
pub(crate) mod known;
pub(crate) mod limits;
pub(crate) mod names;
pub(crate) mod numbers;
pub(crate) mod options;
pub(crate) mod prior;
pub(crate) mod uncertainty;
pub(crate) mod uses;
