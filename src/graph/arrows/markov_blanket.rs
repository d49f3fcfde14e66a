//! Markov blanket: parents, children, and the children's other parents.

use std::collections::BTreeSet;

use super::arrow_view::Arrows;

/// The blanket of some nodes together, in order.
pub(crate) fn of(graph: &Arrows<'_>, nodes: &[usize]) -> Vec<usize> {
    let mut blanket = BTreeSet::new();
    for &node in nodes {
        blanket.extend(graph.parents(node).iter().copied());
    }
    for child in (0..graph.len()).filter(|&v| graph.parents(v).iter().any(|parent| nodes.contains(parent))) {
        blanket.insert(child);
        blanket.extend(graph.parents(child).iter().copied());
    }
    blanket.into_iter().filter(|node| !nodes.contains(node)).collect()
}
