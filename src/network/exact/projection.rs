//! A table over some variables of a clique, laid along the clique's cells, block by block.
//!
//! Both are row-major over the same order of variables, so variables that are next to each other in the clique, all in
//! the table or all outside it, act as one run. Summing a block into the table, the outer runs outside the table go
//! first, one after the other, each a sum of long rows: the cells that are left for the next are the fewer. What is left
//! are short runs that alternate; the two innermost are a plain double loop over contiguous cells, the others a list of
//! offsets. Multiplying goes the same way back: the table's entries are repeated until the rows are long.

use crate::numeric::tables::runs;
use crate::numeric::tables::runs::Runs;

use super::blocks::before_block;

/// How a table is walked while the cells of a clique are walked in order.
#[derive(Clone, Debug)]
pub(crate) struct Projection {
    /// Where in the table each block begins.
    high: Vec<usize>,
    /// The runs that are summed out first.
    stages: Vec<Loops>,
    /// How the table lies along what is left then.
    last: Loops,
}

/// A double loop over contiguous cells, for each start.
#[derive(Clone, Debug)]
struct Loops {
    starts: Vec<usize>,
    rows: usize,
    columns: usize,
    /// Whether the inner loop moves along the table, or the outer.
    by_column: bool,
}

/// Rows of so many cells are long.
const LONG: usize = 8;

/// Variables that act as one.
struct Run {
    states: usize,
    inside: bool,
}

impl Projection {
    /// `shape` are the states of the clique's variables; `strides` says how far the next state of each is in the table, 0
    /// outside it.
    pub(crate) fn new(shape: &[usize], strides: &[usize]) -> Self {
        let first = before_block(shape);
        let mut runs: Vec<Run> = Vec::new();
        for (&states, &stride) in shape[first..].iter().zip(&strides[first..]).filter(|(states, _)| **states > 1) {
            push(&mut runs, Run { states, inside: stride > 0 });
        }
        let stages = take_stages(&mut runs);
        let last = Loops::new(runs);
        let high = offsets(shape[..first].iter().copied().zip(strides.iter().copied()));
        Self { high, stages, last }
    }

    /// cell = entry.
    pub(crate) fn assign(&self, block: usize, cells: &mut [f64], table: &[f64], scratch: &mut [f64]) {
        self.repeat(block, table, scratch, |runs, entries| runs::assign(runs, cells, entries));
    }

    /// cell ← cell · entry.
    pub(crate) fn multiply(&self, block: usize, cells: &mut [f64], table: &[f64], scratch: &mut [f64]) {
        self.repeat(block, table, scratch, |runs, entries| runs::multiply(runs, cells, entries));
    }

    /// product = cell · entry.
    pub(crate) fn product(
        &self,
        block: usize,
        products: &mut [f64],
        cells: &[f64],
        table: &[f64],
        scratch: &mut [f64],
    ) {
        self.repeat(block, table, scratch, |runs, entries| runs::product(runs, products, cells, entries));
    }

    /// Repeats the entries of a block up to the last time, which is left to `lay`.
    fn repeat(&self, block: usize, table: &[f64], mut scratch: &mut [f64], lay: impl FnOnce(Runs<'_>, &[f64])) {
        let (mut loops, mut entries) = (&self.last, &table[self.high[block]..]);
        for stage in self.stages.iter().rev() {
            let (repeated, rest) = scratch.split_at_mut(stage.entries());
            runs::assign(loops.runs(), repeated, entries);
            (loops, entries, scratch) = (stage, repeated, rest);
        }
        lay(loops.runs(), entries);
    }

    /// entry ← entry + the cells of the block that belong to it.
    pub(crate) fn add(&self, block: usize, cells: &[f64], table: &mut [f64], scratch: &mut [f64]) {
        self.gather(block, cells, table, scratch, 0.0, runs::add);
    }

    /// entry ← the largest of the entry and the cells of the block that belong to it.
    pub(crate) fn largest(&self, block: usize, cells: &[f64], table: &mut [f64], scratch: &mut [f64]) {
        self.gather(block, cells, table, scratch, f64::NEG_INFINITY, runs::largest);
    }

    /// `of_nothing` is what gathering no cell gives.
    fn gather<'a>(
        &self,
        block: usize,
        mut cells: &'a [f64],
        table: &mut [f64],
        mut scratch: &'a mut [f64],
        of_nothing: f64,
        with: impl Fn(Runs<'_>, &[f64], &mut [f64]),
    ) {
        for stage in &self.stages {
            let (gathered, rest) = scratch.split_at_mut(stage.entries());
            gathered.fill(of_nothing);
            with(stage.runs(), cells, gathered);
            (cells, scratch) = (gathered, rest);
        }
        with(self.last.runs(), cells, &mut table[self.high[block]..]);
    }
}

/// Takes the outer runs outside the table out of a block's, as long as rows are long and something is left to do.
fn take_stages(runs: &mut Vec<Run>) -> Vec<Loops> {
    let (mut stages, mut kept): (Vec<Loops>, Vec<Run>) = (Vec::new(), Vec::new());
    let mut columns: usize = runs.iter().map(|run| run.states).product();
    let mut rest = std::mem::take(runs).into_iter();
    while let Some(run) = rest.next() {
        columns /= run.states;
        if !run.inside && (columns < LONG || rest.len() == 1) {
            push(&mut kept, run);
            break;
        }
        if run.inside {
            push(&mut kept, run);
        } else {
            let count: usize = kept.iter().map(|run| run.states).product();
            let starts = (0..count).map(|number| number * columns).collect();
            stages.push(Loops { starts, rows: run.states, columns, by_column: true });
        }
    }
    rest.for_each(|run| push(&mut kept, run));
    *runs = kept;
    stages
}

/// Σ digit · step for all digits, the last the fastest, given how many each has and its step.
fn offsets(digits: impl DoubleEndedIterator<Item = (usize, usize)> + Clone) -> Vec<usize> {
    let mut sums = Vec::with_capacity(digits.clone().map(|(count, _)| count).product());
    sums.push(0);
    for (count, step) in digits.rev() {
        let faster = sums.len();
        for digit in 1..count {
            (0..faster).for_each(|place| sums.push(sums[place] + digit * step));
        }
    }
    sums
}

/// Adds a run, or makes the last one longer.
fn push(runs: &mut Vec<Run>, run: Run) {
    match runs.last_mut() {
        Some(last) if last.inside == run.inside => last.states *= run.states,
        _ => runs.push(run),
    }
}

impl Loops {
    fn new(mut runs: Vec<Run>) -> Self {
        let (columns, by_column) = runs.pop().map_or((1, false), |run| (run.states, run.inside));
        let rows = runs.pop().map_or(1, |run| run.states);
        let mut stride = if by_column { columns } else { rows };
        let mut steps = vec![(1, 0); runs.len()];
        for (place, Run { states, inside }) in runs.into_iter().enumerate().rev() {
            steps[place] = (states, if inside { stride } else { 0 });
            stride *= if inside { states } else { 1 };
        }
        let starts = offsets(steps.into_iter());
        Self { starts, rows, columns, by_column }
    }

    /// How many entries the cells belong to, where the starts follow one another.
    fn entries(&self) -> usize {
        self.starts.len() * self.columns
    }

    fn runs(&self) -> Runs<'_> {
        Runs { starts: &self.starts, rows: self.rows, columns: self.columns, by_column: self.by_column }
    }
}

#[cfg(test)]
mod tests {
    use super::super::blocks::before_block;
    use super::Projection;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cells_meet_the_entries_of_their_own_states(
            variables in proptest::collection::vec((1usize..9, any::<bool>()), 0..7),
        ) {
            let shape: Vec<usize> = variables.iter().map(|v| v.0).collect();
            let count: usize = shape.iter().product();
            prop_assume!(count <= 40_000);
            let mut stride = 1;
            let mut strides = vec![0; shape.len()];
            for (place, &(states, inside)) in variables.iter().enumerate().rev() {
                strides[place] = if inside { stride } else { 0 };
                stride *= if inside { states } else { 1 };
            }
            let entry_of = |cell: usize| {
                let (mut rest, mut entry) = (cell, 0);
                for (&states, stride) in shape.iter().zip(&strides).rev() {
                    entry += rest % states * stride;
                    rest /= states;
                }
                entry
            };
            let entries = stride;
            let table: Vec<f64> = (0..entries).map(|entry| entry as f64 + 1.0).collect();
            let projection = Projection::new(&shape, &strides);
            let width: usize = shape[before_block(&shape)..].iter().product();
            let (mut cells, mut scratch) = (vec![0.0; count], vec![0.0; width]);
            for (block, cells) in cells.chunks_exact_mut(width).enumerate() {
                projection.assign(block, cells, &table, &mut scratch);
                prop_assert!((0..width).all(|cell| cells[cell] == entry_of(block * width + cell) as f64 + 1.0));
                projection.multiply(block, cells, &table, &mut scratch);
                let squared = |cell: usize| (entry_of(block * width + cell) as f64 + 1.0).powi(2);
                prop_assert!((0..width).all(|cell| cells[cell] == squared(cell)));
                let mut cubes = vec![0.0; width];
                projection.product(block, &mut cubes, cells, &table, &mut scratch);
                let cube = |cell: usize| (entry_of(block * width + cell) as f64 + 1.0).powi(3);
                prop_assert!((0..width).all(|cell| cubes[cell] == cube(cell)));
            }
            cells.iter_mut().enumerate().for_each(|(cell, value)| *value = (cell % 11) as f64);
            let (mut sums, mut largest) = (vec![1.0; entries], vec![1.0; entries]);
            for (block, cells) in cells.chunks_exact(width).enumerate() {
                projection.add(block, cells, &mut sums, &mut scratch);
                projection.largest(block, cells, &mut largest, &mut scratch);
            }
            let (mut expected_sums, mut expected_largest) = (vec![1.0; entries], vec![1.0f64; entries]);
            for (cell, &value) in cells.iter().enumerate() {
                expected_sums[entry_of(cell)] += value;
                expected_largest[entry_of(cell)] = expected_largest[entry_of(cell)].max(value);
            }
            prop_assert_eq!(sums, expected_sums);
            prop_assert_eq!(largest, expected_largest);
        }
    }
}
