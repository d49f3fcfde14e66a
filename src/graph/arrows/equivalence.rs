//! Markov equivalence: which arrows all graphs with the same independences share (Chickering 1995).
//!
//! Two acyclic graphs say the same independences if they join the same nodes and have the same colliders
//! u → v ← w with u, w not joined (Verma & Pearl 1990). An arrow is compelled if turning it would, in the end, make or
//! break such a collider or close a cycle; with the other arrows undirected the graph is the CPDAG.

use crate::error::GraphError;

use super::arrow_view::Arrows;
use super::topological;

#[derive(Clone, Copy, PartialEq)]
enum Label {
    Unknown,
    Compelled,
    Reversible,
}

/// The compelled arrows, as (parent, child), by child and in the order of its parents; O(E d) look-ups, d the largest
/// number of parents.
pub(crate) fn compelled(graph: &Arrows<'_>) -> Result<Vec<(usize, usize)>, GraphError> {
    let order = topological::order(graph)?;
    let mut place = vec![0; graph.len()];
    order.iter().enumerate().for_each(|(at, &v)| place[v] = at);
    // labels[v] goes along with graph.parents(v).
    let mut labels: Vec<Vec<Label>> = (0..graph.len()).map(|v| vec![Label::Unknown; graph.parents(v).len()]).collect();
    for &y in &order {
        let mut parents: Vec<usize> = (0..graph.parents(y).len()).collect();
        parents.sort_by_key(|&at| std::cmp::Reverse(place[graph.parents(y)[at]]));
        for at in parents {
            if labels[y][at] == Label::Unknown {
                label(graph, y, at, &mut labels);
            }
        }
    }
    let of_child = |v: usize| {
        let arrows = graph.parents(v).iter().zip(&labels[v]);
        arrows.filter(|(_, label)| **label == Label::Compelled).map(move |(&u, _)| (u, v)).collect::<Vec<_>>()
    };
    Ok((0..graph.len()).flat_map(of_child).collect())
}

/// Labels x → y, of all arrows to y that have no label the one whose x comes last, and whatever follows from it.
fn label(graph: &Arrows<'_>, y: usize, at: usize, labels: &mut [Vec<Label>]) {
    let (parents, x) = (graph.parents(y), graph.parents(y)[at]);
    for (above, w) in graph.parents(x).iter().enumerate() {
        if labels[x][above] != Label::Compelled {
            continue;
        }
        match parents.iter().position(|parent| parent == w) {
            None => return labels[y].fill(Label::Compelled),
            Some(at) => labels[y][at] = Label::Compelled,
        }
    }
    let is_collider = parents.iter().any(|z| *z != x && !graph.parents(x).contains(z));
    let known = if is_collider { Label::Compelled } else { Label::Reversible };
    labels[y].iter_mut().filter(|label| **label == Label::Unknown).for_each(|label| *label = known);
}
