//! The cells of a clique, cut into blocks that stay in the nearest cache while all tables are laid along them.
//!
//! A block are all joint states of the last variables, for each joint state of the first.

/// A block has at most so many cells, unless the last variable alone has more states.
pub(crate) const WIDTH: usize = 4096;
/// A place in a block is a 16-bit number.
pub(crate) const MOST: usize = 1 << 16;

/// How many of the variables, given by their numbers of states, come before those whose joint states make a block.
pub(crate) fn before_block(shape: &[usize]) -> usize {
    let mut width = 1usize;
    let fits = |states: &&usize| {
        width = width.saturating_mul(**states);
        width <= WIDTH || (width == **states && width <= MOST)
    };
    shape.len() - shape.iter().rev().take_while(fits).count()
}
