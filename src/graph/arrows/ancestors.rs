//! What lies above and below: all nodes on directed paths to, or from, some nodes; O(V + E).

use super::arrow_view::Arrows;

/// The nodes from which a path leads to one of `nodes`, in order.
pub(crate) fn ancestors(graph: &Arrows<'_>, nodes: &[usize]) -> Vec<usize> {
    reached(graph.len(), nodes, |node, visit| graph.parents(node).iter().for_each(|&parent| visit(parent)))
}

/// The nodes to which a path leads from one of `nodes`, in order.
pub(crate) fn descendants(graph: &Arrows<'_>, nodes: &[usize]) -> Vec<usize> {
    let mut children = vec![Vec::new(); graph.len()];
    for child in 0..graph.len() {
        graph.parents(child).iter().for_each(|&parent| children[parent].push(child));
    }
    reached(graph.len(), nodes, |node, visit| children[node].iter().for_each(|&child| visit(child)))
}

fn reached(len: usize, from: &[usize], next: impl Fn(usize, &mut dyn FnMut(usize))) -> Vec<usize> {
    let mut found = vec![false; len];
    let mut left = from.to_vec();
    while let Some(node) = left.pop() {
        next(node, &mut |neighbour| {
            if !found[neighbour] {
                found[neighbour] = true;
                left.push(neighbour);
            }
        });
    }
    (0..len).filter(|&node| found[node]).collect()
}
