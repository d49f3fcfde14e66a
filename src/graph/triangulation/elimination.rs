//! Elimination orders by greed: next goes the variable that costs least now (Kjærulff 1990).
//!
//! A variable whose neighbours are all joined already, a simplicial one, may always go first: it and its neighbours are a
//! clique of every triangulation. What is left once none is simplicial, the core, is where orders differ.

use std::collections::BTreeSet;

use super::left::Left;
use super::tournament::Tournament;

/// Summing one variable out of the table over it and its neighbours.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Elimination {
    /// The neighbours that are left, in order; then the variable itself.
    pub(crate) scope: Vec<usize>,
    /// The cells of the table.
    pub(crate) cells: f64,
}

/// By minimal fill, of equals the smallest number first.
pub(crate) fn minimal_fill(neighbours: &[BTreeSet<usize>], states: &[usize]) -> Vec<Elimination> {
    let neighbours = neighbours.iter().map(|of| of.iter().copied().collect()).collect();
    let mut order = Order::default();
    order.eliminate_all(&mut Left::new(neighbours, states));
    let step = |step| {
        let mut scope = order.scope(step).to_vec();
        let before = scope.len() - 1;
        scope[..before].sort_unstable();
        Elimination { scope, cells: order.cells(step) }
    };
    (0..order.len()).map(step).collect()
}

/// The steps of an elimination, one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    /// Of each step the neighbours that were left, in any order, then the variable itself.
    scopes: Vec<usize>,
    ends: Vec<usize>,
    cells: Vec<f64>,
}

impl Order {
    /// How many steps there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The variable that a step eliminates, last, and its neighbours before it.
    pub(crate) fn scope(&self, step: usize) -> &[usize] {
        let start = step.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.scopes[start..self.ends[step]]
    }

    /// The variable that a step eliminates.
    pub(crate) fn variable(&self, step: usize) -> usize {
        self.scopes[self.ends[step] - 1]
    }

    /// The cells of the table of a step.
    pub(crate) fn cells(&self, step: usize) -> f64 {
        self.cells[step]
    }

    /// A variable, eliminated from a table of so many cells over these, of which it is the last.
    pub(crate) fn push(&mut self, scope: impl Iterator<Item = usize>, cells: f64) {
        self.scopes.extend(scope);
        self.ends.push(self.scopes.len());
        self.cells.push(cells);
    }

    /// Adds the elimination of simplicial variables, until none is left.
    pub(crate) fn eliminate_simplicial(&mut self, left: &mut Left) {
        self.eliminate(left, 0);
    }

    /// Adds the elimination of all that are left, by minimal fill, of equals the smallest table and number first.
    pub(crate) fn eliminate_all(&mut self, left: &mut Left) {
        self.eliminate(left, usize::MAX);
    }

    /// As long as the next one needs no more than so many new edges. A chain takes O(n ln n).
    fn eliminate(&mut self, left: &mut Left, most: usize) {
        const NEVER: (usize, u64) = (usize::MAX, u64::MAX);
        let cost = |v| if left.is_gone(v) { NEVER } else { left.cost(v) };
        let mut costs = Tournament::new((0..left.len()).map(cost).collect());
        let mut changed = Vec::new();
        while let Some((next, cost)) = costs.least()
            && cost < NEVER
            && cost.0 <= most
        {
            let cells = left.cells(next);
            let around = left.eliminate(next, &mut changed);
            self.push(around.into_iter().chain([next]), cells);
            costs.set(next, NEVER);
            changed.iter().for_each(|&v| costs.set(v, left.cost(v)));
        }
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
