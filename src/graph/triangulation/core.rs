//! What is left of a graph once no variable is simplicial, small enough for a row of bits a variable.
//!
//! Eliminated whole, again and again, by one criterion or another: costs are carried from step to step, a new edge
//! changes those of its ends and of whoever has both as neighbours, and common neighbours are the ands of 64-bit words.
//! Costs are whole numbers, so what is carried is what would be counted anew.

use super::elimination::Order;
use super::left::Left;
use super::tournament::Tournament;

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

/// More states than this weigh no more: sums of products of weights stay within 64 bits.
const HEAVIEST: usize = 4096;
/// Whole numbers below this are reals without round-off, and so are their quotients that are whole.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// The cost of what is gone.
const NEVER: Cost = ((u64::MAX, u64::MAX), u64::MAX);

/// By the criterion, and what decides between equals.
type Cost = ((u64, u64), u64);

#[derive(Clone)]
pub(crate) struct Core {
    criterion: Criterion,
    /// Their numbers in the whole graph.
    numbers: Vec<usize>,
    states: Vec<f64>,
    /// What an edge weighs at each of its ends.
    weights: Vec<u64>,
    neighbours: Bits,
    /// Of the table over each and its neighbours.
    cells: Vec<f64>,
    /// Σ weights of the neighbours.
    around: Vec<u64>,
    /// Σ weight(a) weight(b) over the pairs of neighbours that are not joined yet.
    fill: Vec<u64>,
}

/// A set for each variable.
#[derive(Clone)]
struct Bits {
    words: usize,
    of: Vec<u64>,
}

impl Bits {
    fn row(&self, v: usize) -> &[u64] {
        &self.of[v * self.words..][..self.words]
    }

    fn insert(&mut self, v: usize, u: usize) {
        self.of[v * self.words + u / 64] |= 1 << (u % 64);
    }

    fn contains(&self, v: usize, u: usize) -> bool {
        self.of[v * self.words + u / 64] >> (u % 64) & 1 == 1
    }

    fn remove(&mut self, v: usize, u: usize) {
        self.of[v * self.words + u / 64] &= !(1 << (u % 64));
    }
}

/// `see(number)` for each member of a set given by its words, in order.
#[inline]
fn each(words: impl Iterator<Item = u64>, mut see: impl FnMut(usize)) {
    for (place, mut word) in words.enumerate() {
        while word != 0 {
            see(64 * place + word.trailing_zeros() as usize);
            word &= word - 1;
        }
    }
}

fn both<'a>(a: &'a [u64], b: &'a [u64]) -> impl Iterator<Item = u64> {
    a.iter().zip(b).map(|(a, b)| a & b)
}

impl Core {
    /// Of a graph those that are left, given in order.
    pub(crate) fn of(graph: &Left, numbers: &[usize], criterion: Criterion) -> Self {
        let states: Vec<usize> = numbers.iter().map(|&v| graph.states(v)).collect();
        let weight =
            |&states: &usize| if criterion == Criterion::WeightedFill { states.min(HEAVIEST) as u64 } else { 1 };
        let (count, words) = (states.len(), states.len().div_ceil(64));
        let mut core = Self {
            criterion,
            numbers: numbers.to_vec(),
            states: states.iter().map(|&states| states as f64).collect(),
            weights: states.iter().map(weight).collect(),
            neighbours: Bits { words, of: vec![0; count * words] },
            cells: vec![0.0; count],
            around: vec![0; count],
            fill: vec![0; count],
        };
        let place = |v: usize| numbers.binary_search(&v).unwrap_or_default();
        for (v, &number) in numbers.iter().enumerate() {
            graph.neighbours(number).for_each(|u| core.neighbours.insert(v, place(u)));
        }
        for v in 0..count {
            core.cells[v] = core.count_cells(v);
            core.around[v] = core.weight(core.neighbours.row(v).iter().copied());
            if criterion != Criterion::Weight {
                core.fill[v] = core.count_fill(v);
            }
        }
        core
    }

    /// Adds the elimination of all of it to an order; `tie` decides between equals, the smaller first.
    pub(crate) fn eliminate_all(mut self, order: &mut Order, tie: &mut dyn FnMut() -> u64) {
        let mut costs = Tournament::new((0..self.states.len()).map(|v| (self.cost(v), tie())).collect());
        let (mut around, mut changed) = (Vec::new(), vec![0; self.neighbours.words]);
        while let Some((next, cost)) = costs.least()
            && cost < NEVER
        {
            costs.set(next, NEVER);
            around.clear();
            each(self.neighbours.row(next).iter().copied(), |u| around.push(u));
            order.push(around.iter().chain([&next]).map(|&v| self.numbers[v]), self.cells[next]);
            changed.copy_from_slice(self.neighbours.row(next));
            if self.criterion == Criterion::Weight || self.fill[next] > 0 {
                self.join_all(&around, &mut changed);
            }
            around.iter().for_each(|&u| self.take(next, u));
            each(changed.iter().copied(), |v| {
                let cost = self.cost(v);
                if v != next && cost != costs.cost(v).0 {
                    costs.set(v, (cost, tie()));
                }
            });
        }
    }

    /// Joins these to each other; adds to `changed` whose fill may differ now.
    fn join_all(&mut self, around: &[usize], changed: &mut [u64]) {
        for (place, &a) in around.iter().enumerate() {
            for &b in &around[place + 1..] {
                if !self.neighbours.contains(a, b) {
                    self.join(a, b, changed);
                }
            }
        }
    }

    /// Adds the edge a – b.
    fn join(&mut self, a: usize, b: usize, changed: &mut [u64]) {
        let (of_a, of_b) = (self.weights[a], self.weights[b]);
        if self.criterion != Criterion::Weight {
            let mut common = 0;
            let shared = || both(self.neighbours.row(a), self.neighbours.row(b));
            changed.iter_mut().zip(shared()).for_each(|(changed, shared)| *changed |= shared);
            each(shared(), |u| {
                // Whoever has both as neighbours has one pair less to join.
                self.fill[u] -= of_a * of_b;
                common += self.weights[u];
            });
            self.fill[a] += of_b * (self.around[a] - common);
            self.fill[b] += of_a * (self.around[b] - common);
        }
        for (v, u) in [(a, b), (b, a)] {
            self.neighbours.insert(v, u);
            self.around[v] += self.weights[u];
            self.cells[v] *= self.states[u];
        }
    }

    /// Takes `next`, all of whose neighbours are joined, from its neighbour `u`.
    fn take(&mut self, next: usize, u: usize) {
        self.neighbours.remove(u, next);
        if self.criterion != Criterion::Weight {
            // Those of u's neighbours that are not next's.
            let others = self.around[u] - self.weights[next] - (self.around[next] - self.weights[u]);
            self.fill[u] -= self.weights[next] * others;
        }
        self.around[u] -= self.weights[next];
        let exact = (1.0..EXACT).contains(&self.cells[u]);
        self.cells[u] = if exact { self.cells[u] / self.states[next] } else { self.count_cells(u) };
    }

    /// What eliminating `v` costs, as numbers in order: positive reals are ordered as their bits are.
    fn cost(&self, v: usize) -> (u64, u64) {
        let cells = self.cells[v].to_bits();
        if self.criterion == Criterion::Weight { (cells, 0) } else { (self.fill[v], cells) }
    }

    fn count_cells(&self, v: usize) -> f64 {
        let mut cells = self.states[v];
        each(self.neighbours.row(v).iter().copied(), |u| cells *= self.states[u]);
        cells
    }

    /// Σ weights of a set.
    fn weight(&self, words: impl Iterator<Item = u64>) -> u64 {
        let mut sum = 0;
        each(words, |u| sum += self.weights[u]);
        sum
    }

    fn count_fill(&self, v: usize) -> u64 {
        let around = self.neighbours.row(v);
        let mut twice_joined_or_same = 0;
        each(around.iter().copied(), |a| {
            let joined = self.weight(both(around, self.neighbours.row(a)));
            twice_joined_or_same += self.weights[a] * (self.weights[a] + joined);
        });
        (self.around[v] * self.around[v] - twice_joined_or_same) / 2
    }
}

#[cfg(test)]
mod tests {
    use super::super::elimination::Order;
    use super::super::left::Left;
    use super::{Core, Criterion};
    use proptest::prelude::*;

    /// What a step costs, counted anew.
    fn cost(v: usize, left: &[Vec<bool>], states: &[usize], criterion: Criterion) -> (usize, usize) {
        let around: Vec<usize> = (0..left.len()).filter(|&u| left[v][u]).collect();
        let cells = around.iter().chain([&v]).map(|&u| states[u]).product();
        let pairs = around.iter().enumerate().flat_map(|(place, &a)| around[..place].iter().map(move |&b| (a, b)));
        let open = pairs.filter(|&(a, b)| !left[a][b]);
        match criterion {
            Criterion::Fill => (open.count(), cells),
            Criterion::Weight => (cells, 0),
            Criterion::WeightedFill => (open.map(|(a, b)| states[a] * states[b]).sum(), cells),
        }
    }

    proptest! {
        #[test]
        fn each_step_costs_least_of_all_that_are_left(
            edges in proptest::collection::vec((0usize..70, 0usize..70), 0..200),
            states in proptest::collection::vec(1usize..5, 70),
        ) {
            let mut neighbours = vec![vec![false; 70]; 70];
            edges.iter().filter(|(a, b)| a != b).for_each(|&(a, b)| {
                neighbours[a][b] = true;
                neighbours[b][a] = true;
            });
            let lists = || neighbours.iter().map(|of| (0..70).filter(|&u| of[u]).collect()).collect();
            let all: Vec<usize> = (0..70).collect();
            for criterion in [Criterion::Fill, Criterion::Weight, Criterion::WeightedFill] {
                let mut order = Order::default();
                Core::of(&Left::new(lists(), &states), &all, criterion).eliminate_all(&mut order, &mut || 0);
                let (mut left, mut gone) = (neighbours.clone(), [false; 70]);
                for step in 0..order.len() {
                    let next = order.variable(step);
                    let least = (0..70).filter(|&v| !gone[v]).map(|v| (cost(v, &left, &states, criterion), v)).min();
                    prop_assert_eq!(least.map(|(_, v)| v), Some(next));
                    let around: Vec<usize> = (0..70).filter(|&u| left[next][u]).collect();
                    prop_assert_eq!(&order.scope(step)[..around.len()], &around[..]);
                    let cells: usize = order.scope(step).iter().map(|&v| states[v]).product();
                    prop_assert_eq!(order.cells(step), cells as f64);
                    gone[next] = true;
                    for &a in &around {
                        left[a][next] = false;
                        around.iter().filter(|&&b| b != a).for_each(|&b| left[a][b] = true);
                    }
                }
                prop_assert_eq!(order.len(), 70);
            }
        }

        #[test]
        fn lists_and_bits_agree_on_minimal_fill(
            edges in proptest::collection::vec((0usize..40, 0usize..40), 0..90),
            states in proptest::collection::vec(1usize..5, 40),
        ) {
            let mut neighbours = vec![Vec::new(); 40];
            edges.iter().filter(|(a, b)| a != b).for_each(|&(a, b)| {
                neighbours[a].push(b);
                neighbours[b].push(a);
            });
            neighbours.iter_mut().for_each(|of| { of.sort_unstable(); of.dedup(); });
            let mut by_lists = Order::default();
            by_lists.eliminate_all(&mut Left::new(neighbours.clone(), &states));
            let (mut by_bits, mut left) = (Order::default(), Left::new(neighbours, &states));
            by_bits.eliminate_simplicial(&mut left);
            let core: Vec<usize> = left.variables().collect();
            Core::of(&left, &core, Criterion::Fill).eliminate_all(&mut by_bits, &mut || 0);
            for step in 0..40 {
                prop_assert_eq!(by_lists.variable(step), by_bits.variable(step));
                prop_assert_eq!(by_lists.cells(step), by_bits.cells(step));
            }
        }
    }
}
