//! Orders in which variables are eliminated, and the trees of cliques that they give.

pub(crate) mod core;
pub(crate) mod elimination;
pub(crate) mod left;
pub(crate) mod tournament;
pub(crate) mod triangulate;
