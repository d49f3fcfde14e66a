//! Elimination orders by greed: next goes the variable that costs least now (Kjærulff 1990).

use std::collections::BTreeSet;

/// Summing one variable out of the table over it and its neighbours.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Elimination {
    /// The neighbours that are left, in order; then the variable itself.
    pub(crate) scope: Vec<usize>,
    /// The cells of the table.
    pub(crate) cells: f64,
}

/// What the next variable has least of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Criterion {
    /// New edges between its neighbours; of equals the smaller table.
    Fill,
    /// Cells of its table.
    Weight,
    /// New edges, each weighing the product of the states at its ends; of equals the smaller table.
    WeightedFill,
}

/// By minimal fill, of equals the smallest number first.
pub(super) fn minimal_fill(neighbours: &[BTreeSet<usize>], states: &[usize]) -> Vec<Elimination> {
    let neighbours = neighbours.iter().map(|of| of.iter().copied().collect()).collect();
    greedy(neighbours, states, Criterion::Fill, &mut || 0)
}

/// Eliminates all variables of an undirected graph, given their numbers of states; `tie` decides between equals, the
/// smaller first.
///
/// A step counts anew for the variables whose neighbourhood it changed, O(d²) each, d the largest number of
/// neighbours: a chain takes O(n ln n).
pub(crate) fn greedy(
    neighbours: Vec<Vec<usize>>,
    states: &[usize],
    criterion: Criterion,
    tie: &mut dyn FnMut() -> u64,
) -> Vec<Elimination> {
    let mut left = Left { marks: vec![0; states.len()], mark: 0, neighbours, states };
    // Positive numbers are ordered as their bits are.
    let mut costs: Vec<_> = (0..states.len()).map(|v| (left.cost(v, criterion), tie(), v)).collect();
    let mut queue: BTreeSet<_> = costs.iter().copied().collect();
    let mut order = Vec::with_capacity(states.len());
    let mut changed = Vec::new();
    while let Some((_, _, next)) = queue.pop_first() {
        let cells = left.cells(next);
        left.eliminate(next, criterion, &mut changed);
        for &v in &changed {
            queue.remove(&costs[v]);
            costs[v] = (left.cost(v, criterion), tie(), v);
            queue.insert(costs[v]);
        }
        let mut scope = std::mem::take(&mut left.neighbours[next]);
        scope.sort_unstable();
        scope.push(next);
        order.push(Elimination { scope, cells });
    }
    order
}

/// The variables that are left, and who is whose neighbour.
struct Left<'a> {
    neighbours: Vec<Vec<usize>>,
    states: &'a [usize],
    /// Who bears the last mark.
    marks: Vec<u32>,
    mark: u32,
}

impl Left<'_> {
    /// The cost of eliminating `v`, as numbers in order.
    fn cost(&mut self, v: usize, criterion: Criterion) -> (u64, u64) {
        let cells = self.cells(v).to_bits();
        match criterion {
            Criterion::Weight => (cells, 0),
            Criterion::Fill => (self.fill(v, &|_| 1.0).to_bits(), cells),
            Criterion::WeightedFill => {
                let states = self.states;
                (self.fill(v, &|u| states[u] as f64).to_bits(), cells)
            }
        }
    }

    fn cells(&self, v: usize) -> f64 {
        self.neighbours[v].iter().fold(self.states[v] as f64, |cells, &u| cells * self.states[u] as f64)
    }

    /// Σ weight(a) weight(b) over the pairs of neighbours of `v` that are not joined yet.
    fn fill(&mut self, v: usize, weight: &dyn Fn(usize) -> f64) -> f64 {
        self.mark_neighbours(v);
        let around = &self.neighbours[v];
        let all: f64 = around.iter().map(|&a| weight(a)).sum();
        let missing = |&a: &usize| {
            let joined = self.neighbours[a].iter().filter(|&&b| self.marks[b] == self.mark);
            weight(a) * (all - weight(a) - joined.map(|&b| weight(b)).sum::<f64>())
        };
        around.iter().map(missing).sum::<f64>() / 2.0
    }

    fn mark_neighbours(&mut self, v: usize) {
        self.mark += 1;
        for &u in &self.neighbours[v] {
            self.marks[u] = self.mark;
        }
    }

    /// Joins the neighbours of `next` and takes it from their lists; `changed` are those whose cost may differ now.
    fn eliminate(&mut self, next: usize, criterion: Criterion, changed: &mut Vec<usize>) {
        let around = std::mem::take(&mut self.neighbours[next]);
        changed.clone_from(&around);
        let mut joined = Vec::new();
        for &a in &around {
            self.neighbours[a].retain(|&u| u != next);
            self.mark_neighbours(a);
            for &b in around.iter().filter(|&&b| b != a) {
                if self.marks[b] != self.mark {
                    self.neighbours[a].push(b);
                    joined.extend((a < b).then_some((a, b)));
                }
            }
        }
        if criterion != Criterion::Weight {
            // Whoever has both as neighbours has one pair less to join.
            for (a, b) in joined {
                self.mark_neighbours(a);
                changed.extend(self.neighbours[b].iter().filter(|&&u| self.marks[u] == self.mark));
            }
            changed.sort_unstable();
            changed.dedup();
        }
        self.neighbours[next] = around;
    }
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
        let order = minimal_fill(&undirected(6, &[(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]), &[3; 6]);
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
        for step in minimal_fill(&neighbours, &states) {
            let &next = step.scope.last().expect("the variable itself");
            let anew = |v: &usize| {
                let around: Vec<usize> = neighbours[*v].iter().copied().collect();
                let pairs = (0..around.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
                let fill = pairs.filter(|&(i, j)| !neighbours[around[i]].contains(&around[j])).count();
                (fill, around.iter().chain([v]).map(|&u| states[u]).product::<usize>(), *v)
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
        let order = minimal_fill(&undirected(4, &[(0, 1), (1, 2), (2, 3), (3, 0)]), &[2, 5, 2, 5]);
        // Either diagonal fills one edge; over the small pair the tables have 2 · 5 · 2 cells.
        assert_eq!(order[0], Elimination { scope: vec![0, 2, 1], cells: 20.0 });
        assert_eq!(order.iter().map(|step| step.scope.len()).max(), Some(3));
    }
}
