//! Families of rows: vectors of counts, of shares, of reals.

pub(crate) mod covariance_root;
pub(crate) mod covariance_shape;
pub(crate) mod dirichlet;
pub(crate) mod missing_cells;
pub(crate) mod multinomial;
pub(crate) mod multivariate_normal;
mod normal_coordinates;
pub(crate) mod normal_resolution;
pub(crate) mod patterns;
pub(crate) mod simplex;
