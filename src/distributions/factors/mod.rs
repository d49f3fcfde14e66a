//! Normals whose columns hang together by a few factors: x = μ + Λ z + ε.

pub(crate) mod goodness_of_fit;
pub(crate) mod low_rank_coordinates;
pub(crate) mod low_rank_fit;
pub(crate) mod low_rank_normal;
pub(crate) mod noise;
mod quadratic_forms;
pub(crate) mod rotation;
pub(crate) mod scores;
