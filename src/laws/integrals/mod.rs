//! Integrals and sums of a density, from its logarithm alone.

pub(crate) mod frame;
pub(crate) mod lattice;
pub(crate) mod line;
pub(crate) mod quadrature;
