//! d-separation by the Bayes ball (Shachter 1998): what a ball thrown from a node reaches, O(V + E).

use super::arrow_view::Arrows;

/// Whether no active trail leads from `a` to `b` once `given` is known.
///
/// A trail is active if each of its colliders → v ← is given or has a given descendant, and no other node of it is
/// given.
pub(crate) fn separated(graph: &Arrows<'_>, a: &[usize], b: &[usize], given: &[usize]) -> bool {
    let known = marked(graph.len(), given);
    let goal = marked(graph.len(), b);
    let mut children = vec![Vec::new(); graph.len()];
    for child in 0..graph.len() {
        graph.parents(child).iter().for_each(|&parent| children[parent].push(child));
    }

    // A ball arrives from a child (upwards) or from a parent (downwards); each node is passed at most once each way.
    // A collider that is not given itself lets it through by way of its descendants: the given one sends it back up.
    let mut seen = vec![[false; 2]; graph.len()];
    let mut balls: Vec<(usize, Way)> = a.iter().map(|&node| (node, Way::Up)).collect();
    while let Some((node, way)) = balls.pop() {
        if std::mem::replace(&mut seen[node][way as usize], true) {
            continue;
        }
        if goal[node] && !known[node] {
            return false;
        }
        let passes_up = match way {
            Way::Up => !known[node],
            Way::Down => known[node],
        };
        if passes_up {
            balls.extend(graph.parents(node).iter().map(|&parent| (parent, Way::Up)));
        }
        if !known[node] {
            balls.extend(children[node].iter().map(|&child| (child, Way::Down)));
        }
    }
    true
}

#[derive(Clone, Copy)]
enum Way {
    Up,
    Down,
}

fn marked(len: usize, nodes: &[usize]) -> Vec<bool> {
    let mut marks = vec![false; len];
    nodes.iter().for_each(|&node| marks[node] = true);
    marks
}
