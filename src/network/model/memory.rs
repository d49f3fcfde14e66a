//! How much memory exact tables may take, and the refusal of more.

use crate::error::{NetworkError, listed, readable};

/// The memory that exact inference may take unless said otherwise: 1 GiB.
pub const MEMORY: f64 = 1024.0 * 1024.0 * 1024.0;

/// So many bytes are needed, more than are allowed.
pub(crate) fn too_large(needed: f64, budget: f64, cells: f64, largest: f64, clique: Vec<String>) -> NetworkError {
    let (needed, budget) = (readable(needed), readable(budget));
    NetworkError::TooLarge { needed, budget, cells, largest, clique: listed(clique.into_iter()) }
}
