//! The joint as text: p(x1) p(x2 | x1) p(x3 | x2) p(x4 | x2, x3).

use super::arrow_view::Arrows;

/// One factor for each node, in the order of their numbers.
pub(crate) fn text(graph: &Arrows<'_>) -> String {
    (0..graph.len()).map(|node| factor(graph, node)).collect::<Vec<_>>().join(" ")
}

/// The factor of one node: p(x3 | x1, x2).
pub(crate) fn factor(graph: &Arrows<'_>, node: usize) -> String {
    let parents: Vec<String> = graph.parents(node).iter().map(|&parent| graph.name(parent)).collect();
    let bar = if parents.is_empty() { "" } else { " | " };
    format!("p({}{bar}{})", graph.name(node), parents.join(", "))
}
