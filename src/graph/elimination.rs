//! Elimination order by minimal fill (Kjærulff 1990): next goes the variable whose neighbours need the fewest new
//! edges; of equals the one with the smallest table.

use std::collections::BTreeSet;

/// Summing one variable out of the table over it and its neighbours.
#[derive(Debug, PartialEq)]
pub(super) struct Elimination {
    /// The neighbours that are left, in order; then the variable itself.
    pub(super) scope: Vec<usize>,
    /// The cells of the table.
    pub(super) cells: f64,
}

/// Eliminates all variables of an undirected graph, given their numbers of states.
///
/// Counting the fill anew at each step costs O(n d²) a step, d the largest number of neighbours.
pub(super) fn minimal_fill(mut neighbours: Vec<BTreeSet<usize>>, states: &[usize]) -> Vec<Elimination> {
    let mut left: BTreeSet<usize> = (0..states.len()).collect();
    let mut order = Vec::with_capacity(states.len());
    while let Some(next) = left.iter().copied().min_by(|&a, &b| {
        let cost = |v: usize| (fill(&neighbours, v), cells(&neighbours[v], states) * states[v] as f64);
        let (a, b) = (cost(a), cost(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    }) {
        left.remove(&next);
        let around = std::mem::take(&mut neighbours[next]);
        for &a in &around {
            neighbours[a].remove(&next);
            let others = around.iter().copied().filter(|&b| b != a);
            neighbours[a].extend(others);
        }
        let cells = cells(&around, states) * states[next] as f64;
        order.push(Elimination { scope: around.into_iter().chain([next]).collect(), cells });
    }
    order
}

/// How many pairs of neighbours of `v` are not joined yet.
fn fill(neighbours: &[BTreeSet<usize>], v: usize) -> usize {
    let around: Vec<usize> = neighbours[v].iter().copied().collect();
    let missing = |(i, &a): (usize, &usize)| around[i + 1..].iter().filter(|b| !neighbours[a].contains(b)).count();
    around.iter().enumerate().map(missing).sum()
}

fn cells(scope: &BTreeSet<usize>, states: &[usize]) -> f64 {
    scope.iter().map(|&v| states[v] as f64).product()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undirected(n: usize, edges: &[(usize, usize)]) -> Vec<BTreeSet<usize>> {
        let mut neighbours = vec![BTreeSet::new(); n];
        for &(a, b) in edges {
            neighbours[a].insert(b);
            neighbours[b].insert(a);
        }
        neighbours
    }

    #[test]
    fn a_chain_needs_no_table_of_three() {
        let order = minimal_fill(undirected(6, &[(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]), &[3; 6]);
        assert!(order.iter().all(|step| step.scope.len() <= 2));
    }

    #[test]
    fn a_square_needs_one_new_edge() {
        let order = minimal_fill(undirected(4, &[(0, 1), (1, 2), (2, 3), (3, 0)]), &[2, 5, 2, 5]);
        // Either diagonal fills one edge; over the small pair the tables have 2 · 5 · 2 cells.
        assert_eq!(order[0], Elimination { scope: vec![0, 2, 1], cells: 20.0 });
        assert_eq!(order.iter().map(|step| step.scope.len()).max(), Some(3));
    }
}
