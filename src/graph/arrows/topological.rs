//! Topological order (Kahn 1962): nodes whose parents are all placed, smallest number first; O((V + E) ln V).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::error::GraphError;

use super::arrow_view::Arrows;

/// Every node after its parents, or the cycle that forbids it.
pub(crate) fn order(graph: &Arrows<'_>) -> Result<Vec<usize>, GraphError> {
    let mut children = vec![Vec::new(); graph.len()];
    let mut waits_for: Vec<usize> = (0..graph.len()).map(|node| graph.parents(node).len()).collect();
    for node in 0..graph.len() {
        for &parent in graph.parents(node) {
            let Some(of_parent) = children.get_mut(parent) else {
                return Err(GraphError::UnknownParent { node: graph.name(node), parent: format!("number {parent}") });
            };
            of_parent.push(node);
        }
    }
    let mut ready: BinaryHeap<Reverse<usize>> = (0..graph.len()).filter(|&v| waits_for[v] == 0).map(Reverse).collect();
    let mut placed = Vec::with_capacity(graph.len());
    while let Some(Reverse(node)) = ready.pop() {
        placed.push(node);
        for &child in &children[node] {
            waits_for[child] -= 1;
            if waits_for[child] == 0 {
                ready.push(Reverse(child));
            }
        }
    }
    match waits_for.iter().position(|&left| left > 0) {
        None => Ok(placed),
        Some(start) => Err(GraphError::Cycle { path: cycle(graph, &waits_for, start) }),
    }
}

/// A node that was never placed has a parent that was never placed: walking up must come round.
fn cycle(graph: &Arrows<'_>, waits_for: &[usize], start: usize) -> Vec<String> {
    let mut walk = vec![start];
    loop {
        let here = walk[walk.len() - 1];
        let parent = graph.parents(here).iter().copied().find(|&parent| waits_for[parent] > 0);
        let next = parent.expect("a node waits only for parents that wait");
        if let Some(first) = walk.iter().position(|&node| node == next) {
            let round = walk[first..].iter().rev().chain([&walk[walk.len() - 1]]);
            return round.map(|&node| graph.name(node)).collect();
        }
        walk.push(next);
    }
}
