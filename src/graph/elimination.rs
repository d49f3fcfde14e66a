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
/// A step counts anew for the variables whose neighbourhood it changed, O(d²) each, d the largest number of
/// neighbours: a chain takes O(n ln n).
pub(super) fn minimal_fill(mut neighbours: Vec<BTreeSet<usize>>, states: &[usize]) -> Vec<Elimination> {
    let cost = |neighbours: &[BTreeSet<usize>], v: usize| {
        // Positive numbers are ordered as their bits are.
        (fill(neighbours, v), (cells(&neighbours[v], states) * states[v] as f64).to_bits(), v)
    };
    let mut costs: Vec<_> = (0..states.len()).map(|v| cost(&neighbours, v)).collect();
    let mut left: BTreeSet<_> = costs.iter().copied().collect();
    let mut order = Vec::with_capacity(states.len());
    while let Some((_, cells, next)) = left.pop_first() {
        let around = std::mem::take(&mut neighbours[next]);
        let mut changed = around.clone();
        for &a in &around {
            neighbours[a].remove(&next);
            for &b in around.range(a + 1..) {
                if neighbours[a].insert(b) {
                    neighbours[b].insert(a);
                    // Whoever has both as neighbours has one pair less to join.
                    changed.extend(neighbours[a].intersection(&neighbours[b]));
                }
            }
        }
        for v in changed {
            left.remove(&costs[v]);
            costs[v] = cost(&neighbours, v);
            left.insert(costs[v]);
        }
        order.push(Elimination { scope: around.into_iter().chain([next]).collect(), cells: f64::from_bits(cells) });
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
    fn costs_kept_from_step_to_step_are_those_counted_anew() {
        // A 5 × 5 grid with some diagonals: eliminating a corner joins neighbours that share others.
        let mut edges = Vec::new();
        for v in 0..25usize {
            let (row, column) = (v / 5, v % 5);
            edges.extend((column < 4).then_some((v, v + 1)));
            edges.extend((row < 4).then_some((v, v + 5)));
            edges.extend((row < 4 && column < 4 && v % 3 == 0).then_some((v, v + 6)));
        }
        let states: Vec<usize> = (0..25).map(|v| 2 + v % 4).collect();
        let mut neighbours = undirected(25, &edges);
        for step in minimal_fill(neighbours.clone(), &states) {
            let &next = step.scope.last().expect("the variable itself");
            let anew = |v: &usize| {
                let cells = cells(&neighbours[*v], &states) * states[*v] as f64;
                (fill(&neighbours, *v), cells as u64, *v)
            };
            let left = (0..25).filter(|v| *v == next || !neighbours[*v].is_empty());
            assert_eq!(left.min_by_key(anew), Some(next));
            let around = std::mem::take(&mut neighbours[next]);
            for &a in &around {
                neighbours[a].remove(&next);
                neighbours[a].extend(around.iter().copied().filter(|b| *b != a));
            }
        }
    }

    #[test]
    fn a_square_needs_one_new_edge() {
        let order = minimal_fill(undirected(4, &[(0, 1), (1, 2), (2, 3), (3, 0)]), &[2, 5, 2, 5]);
        // Either diagonal fills one edge; over the small pair the tables have 2 · 5 · 2 cells.
        assert_eq!(order[0], Elimination { scope: vec![0, 2, 1], cells: 20.0 });
        assert_eq!(order.iter().map(|step| step.scope.len()).max(), Some(3));
    }
}
