//! Tables over finite states: looked up, laid along cells, and filled by state.

pub(crate) mod clique_tiles;
pub(crate) mod digit_groups;
pub(crate) mod digits;
pub(crate) mod runs;
pub(crate) mod shown_cells;
pub(crate) mod state_rows;
pub(crate) mod states;
