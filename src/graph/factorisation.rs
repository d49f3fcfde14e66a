//! The joint as text: p(x1) p(x2 | x1) p(x3 | x2) p(x4 | x2, x3).

use super::DirectedGraph;

/// One factor for each node, in the order of their numbers.
pub(super) fn text<G: DirectedGraph + ?Sized>(graph: &G) -> String {
    let factor = |node: usize| {
        let parents: Vec<String> = graph.parents(node).iter().map(|&parent| graph.name(parent)).collect();
        let bar = if parents.is_empty() { "" } else { " | " };
        format!("p({}{bar}{})", graph.name(node), parents.join(", "))
    };
    (0..graph.len()).map(factor).collect::<Vec<_>>().join(" ")
}
