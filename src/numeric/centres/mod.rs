//! The nearest of many centres, and what a further one would change.

pub(crate) mod further_centre;
pub(crate) mod nearest;
pub(crate) mod nearest_candidates;
pub(crate) mod nearest_cells;
pub(crate) mod nearest_grid;
pub(crate) mod nearest_products;
