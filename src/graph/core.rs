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
pub(super) enum Criterion {
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
pub(super) struct Core {
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
    pub(super) fn of(graph: &Left, numbers: &[usize], criterion: Criterion) -> Self {
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
        let mut of = Vec::new();
        for v in 0..count {
            of.clear();
            each(core.neighbours.row(v).iter().copied(), |u| of.push(u));
            core.cells[v] = core.count_cells(v);
            core.around[v] = of.iter().map(|&u| core.weights[u]).sum();
            let (mut squares, mut twice_joined) = (0, 0);
            for &a in &of {
                squares += core.weights[a] * core.weights[a];
                let joined = both(core.neighbours.row(v), core.neighbours.row(a));
                each(joined, |b| twice_joined += core.weights[a] * core.weights[b]);
            }
            core.fill[v] = (core.around[v] * core.around[v] - squares - twice_joined) / 2;
        }
        core
    }

    /// Adds the elimination of all of it to an order; `tie` decides between equals, the smaller first.
    pub(super) fn eliminate_all(mut self, order: &mut Order, tie: &mut dyn FnMut() -> u64) {
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
            let shared = both(self.neighbours.row(a), self.neighbours.row(b));
            each(
                shared.zip(changed).map(|(shared, changed)| {
                    *changed |= shared;
                    shared
                }),
                |u| {
                    // Whoever has both as neighbours has one pair less to join.
                    self.fill[u] -= of_a * of_b;
                    common += self.weights[u];
                },
            );
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
        self.cells[u] = if self.cells[u] < EXACT { self.cells[u] / self.states[next] } else { self.count_cells(u) };
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
}
