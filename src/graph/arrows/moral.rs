//! Moral graph: arrows become edges, and the parents of every child are joined (Lauritzen & Spiegelhalter 1988).

use std::collections::BTreeSet;

use super::arrow_view::Arrows;

/// The neighbours of each node, in order.
pub(crate) fn neighbours(graph: &Arrows<'_>) -> Vec<Vec<usize>> {
    let mut neighbours = vec![BTreeSet::new(); graph.len()];
    for child in 0..graph.len() {
        let family: Vec<usize> = graph.parents(child).iter().copied().chain([child]).collect();
        for &a in &family {
            neighbours[a].extend(family.iter().copied().filter(|&b| b != a));
        }
    }
    neighbours.into_iter().map(|of_node| of_node.into_iter().collect()).collect()
}
