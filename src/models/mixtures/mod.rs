//! Mixtures of any components, and where they start.

pub(crate) mod column_mixture;
mod completed_rows;
pub(crate) mod conditional_mixture;
pub(crate) mod finite_rows;
pub(crate) mod gaussian_mixture;
pub(crate) mod gaussian_start;
pub(crate) mod mixture;
pub(crate) mod mixture_as_member;
mod mixture_proportions;
pub(crate) mod mixture_start;
