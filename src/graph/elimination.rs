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
    let neighbours: Vec<Vec<usize>> = neighbours.iter().map(|of| of.iter().copied().collect()).collect();
    greedy(&neighbours, states, Criterion::Fill, &mut || 0)
}

/// Eliminates all variables of an undirected graph, given their numbers of states; `tie` decides between equals, the
/// smaller first.
///
/// Costs are carried from step to step: a new edge changes those of its ends and of whoever has both as neighbours,
/// O(d) with d neighbours. A chain takes O(n ln n).
pub(crate) fn greedy(
    neighbours: &[Vec<usize>],
    states: &[usize],
    criterion: Criterion,
    tie: &mut dyn FnMut() -> u64,
) -> Vec<Elimination> {
    let mut left = Left::new(neighbours, states, criterion);
    // Positive numbers are ordered as their bits are.
    let mut costs: Vec<_> = (0..states.len()).map(|v| (left.cost(v, criterion), tie(), v)).collect();
    let mut queue: BTreeSet<_> = costs.iter().copied().collect();
    let mut order = Vec::with_capacity(states.len());
    let mut changed = Vec::new();
    while let Some((_, _, next)) = queue.pop_first() {
        let cells = left.cells(next);
        let mut scope = left.eliminate(next, &mut changed);
        for &v in &changed {
            let cost = left.cost(v, criterion);
            if cost != costs[v].0 {
                queue.remove(&costs[v]);
                costs[v] = (cost, tie(), v);
                queue.insert(costs[v]);
            }
        }
        scope.sort_unstable();
        scope.push(next);
        order.push(Elimination { scope, cells });
    }
    order
}

/// The variables that are left, and who is whose neighbour.
struct Left<'a> {
    /// With some that are gone, never more than are left: a variable of many neighbours is not searched for each.
    neighbours: Vec<Vec<usize>>,
    gone: Vec<bool>,
    /// How many of the neighbours are gone.
    stale: Vec<usize>,
    /// How many of those that are left have more than one state.
    branching: Vec<usize>,
    states: &'a [usize],
    /// What an edge weighs at each of its ends.
    weights: Vec<f64>,
    /// Σ weights of the neighbours.
    around: Vec<f64>,
    /// Σ weight(a) weight(b) over the pairs of neighbours that are not joined yet.
    fill: Vec<f64>,
    /// Who bears the last mark.
    marks: Vec<u32>,
    mark: u32,
}

impl<'a> Left<'a> {
    fn new(neighbours: &[Vec<usize>], states: &'a [usize], criterion: Criterion) -> Self {
        let weight = |&states: &usize| if criterion == Criterion::WeightedFill { states as f64 } else { 1.0 };
        let weights: Vec<f64> = states.iter().map(weight).collect();
        let around = neighbours.iter().map(|of| of.iter().map(|&u| weights[u]).sum()).collect();
        let (marks, fill) = (vec![0; states.len()], vec![0.0; states.len()]);
        let (gone, stale) = (vec![false; states.len()], vec![0; states.len()]);
        let branching = neighbours.iter().map(|of| of.iter().filter(|&&u| states[u] > 1).count()).collect();
        let neighbours = neighbours.to_vec();
        let mut left = Self { neighbours, gone, stale, branching, states, weights, around, fill, marks, mark: 0 };
        for v in 0..states.len() {
            left.mark_neighbours(v);
            // An edge is found from its end of fewer neighbours: those of a hub are not gone through for each of them.
            let rank = |u: usize| (left.neighbours[u].len(), u);
            let last = left.neighbours[v].iter().copied().max_by_key(|&u| rank(u));
            let joined = |&a: &usize| {
                let others = left.neighbours[a].iter().filter(|&&b| left.marks[b] == left.mark && rank(b) > rank(a));
                left.weights[a] * others.map(|&b| left.weights[b]).sum::<f64>()
            };
            let edges: f64 = left.neighbours[v].iter().filter(|&&a| Some(a) != last).map(joined).sum();
            let squares: f64 = left.neighbours[v].iter().map(|&u| left.weights[u] * left.weights[u]).sum();
            left.fill[v] = (left.around[v] * left.around[v] - squares) / 2.0 - edges;
        }
        left
    }

    /// The cost of eliminating `v`, as numbers in order.
    fn cost(&self, v: usize, criterion: Criterion) -> (u64, u64) {
        let cells = self.cells(v).to_bits();
        // −0, the sum of nothing, becomes 0.
        if criterion == Criterion::Weight { (cells, 0) } else { ((self.fill[v] + 0.0).to_bits(), cells) }
    }

    fn cells(&self, v: usize) -> f64 {
        // 2¹⁰²⁴ is no number any more: a long list is not gone through to learn that.
        if self.branching[v] >= 1024 {
            return f64::INFINITY;
        }
        let left = self.neighbours[v].iter().filter(|&&u| !self.gone[u]);
        left.fold(self.states[v] as f64, |cells, &u| cells * self.states[u] as f64)
    }

    fn mark_neighbours(&mut self, v: usize) {
        self.mark += 1;
        for &u in self.neighbours[v].iter().filter(|&&u| !self.gone[u]) {
            self.marks[u] = self.mark;
        }
    }

    /// Joins the neighbours of `next`, takes it from their lists and returns them; `changed` are those whose cost may
    /// differ now.
    fn eliminate(&mut self, next: usize, changed: &mut Vec<usize>) -> Vec<usize> {
        let mut around = std::mem::take(&mut self.neighbours[next]);
        around.retain(|&v| !self.gone[v]);
        around.sort_unstable_by_key(|&v| (self.neighbours[v].len(), v));
        changed.clone_from(&around);
        // The last has been asked by all others.
        for (place, &a) in around.iter().enumerate().take(around.len().saturating_sub(1)) {
            self.mark_neighbours(a);
            for &b in &around[place + 1..] {
                if self.marks[b] != self.mark {
                    self.join(a, b, changed);
                }
            }
        }
        self.gone[next] = true;
        let weighs = usize::from(self.states[next] > 1);
        for &u in &around {
            self.branching[u] -= weighs;
            // Those of u's neighbours that are not next's.
            let others = self.around[u] - self.weights[next] - (self.around[next] - self.weights[u]);
            self.fill[u] -= self.weights[next] * others;
            self.around[u] -= self.weights[next];
            self.stale[u] += 1;
            if 2 * self.stale[u] > self.neighbours[u].len() {
                self.stale[u] = 0;
                self.neighbours[u].retain(|&v| !self.gone[v]);
            }
        }
        changed.sort_unstable();
        changed.dedup();
        changed.retain(|&v| v != next);
        around
    }

    /// Adds the edge a – b; the neighbours of `a` bear the mark, and `b` does afterwards.
    fn join(&mut self, a: usize, b: usize, changed: &mut Vec<usize>) {
        let mut common = 0.0;
        for &u in &self.neighbours[b] {
            if self.marks[u] == self.mark {
                // Whoever has both as neighbours has one pair less to join.
                self.fill[u] -= self.weights[a] * self.weights[b];
                common += self.weights[u];
                changed.push(u);
            }
        }
        self.fill[a] += self.weights[b] * (self.around[a] - common);
        self.fill[b] += self.weights[a] * (self.around[b] - common);
        self.around[a] += self.weights[b];
        self.around[b] += self.weights[a];
        self.neighbours[a].push(b);
        self.neighbours[b].push(a);
        self.branching[a] += usize::from(self.states[b] > 1);
        self.branching[b] += usize::from(self.states[a] > 1);
        self.marks[b] = self.mark;
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
