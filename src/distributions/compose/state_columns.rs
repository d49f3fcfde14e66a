//! Columns of few states: Σ_d ln p_d(x_d) is looked up in a table a column, and the weight of each state of each column is
//! all that statistics need. A row is read once for all these columns and for four components.

use std::borrow::Cow;

use crate::data::Rows;
use crate::numeric::small_states;
use crate::numeric::tables::state_rows::{Entry, MEMBERS, StateRows, add_to_entries, sum_entries};

use crate::distributions::{Distribution, Estimate};

/// For each state of a column there are at least so many rows: then tables cost less than they.
const ROWS_A_STATE: usize = 8;
const MOST_STATES: usize = 256;

/// The states of some rows in the columns that have few of them.
#[derive(Default)]
pub(crate) struct StateColumns {
    columns: Vec<StateColumn>,
    /// `[n][column]`.
    states: Vec<u8>,
    /// Entries of a table: the largest number of states and, if cells may be missing, one more.
    length: usize,
    /// The number that stands for a missing cell, if cells may be missing.
    missing: Option<usize>,
}

struct StateColumn {
    /// Its place in the row.
    d: usize,
    states: usize,
}

impl StateColumns {
    /// None of the columns where one of these numbers is no state, and where there is but one such column: there each
    /// addition would wait for the one before. NaN is a missing cell if there may be some.
    pub(crate) fn of<D: Distribution<Value = f64>>(
        components: &[&[D]],
        block: Rows<'_, f64>,
        cells_may_miss: bool,
    ) -> Self {
        let most = (block.len() / ROWS_A_STATE).min(MOST_STATES - usize::from(cells_may_miss));
        let few = |d: usize| states_of(components, d).filter(|states| (1..=most).contains(states));
        let columns: Vec<_> =
            (0..block.columns()).filter_map(|d| few(d).map(|states| StateColumn { d, states })).collect();
        let most = columns.iter().map(|column| column.states).max().unwrap_or(0);
        let (length, missing) = (most + usize::from(cells_may_miss), cells_may_miss.then_some(most));
        let mut numbers: Cow<'_, [f64]> = if columns.len() == block.columns() {
            block.values().into()
        } else {
            let mut numbers = Vec::with_capacity(block.len() * columns.len());
            block.iter().for_each(|row| numbers.extend(columns.iter().map(|column| row[column.d])));
            numbers.into()
        };
        if cells_may_miss {
            let number = |x: f64| match x {
                x if x.is_nan() => most as f64,
                // Of no column a state, and not missing.
                x if x >= most as f64 => f64::INFINITY,
                x => x,
            };
            numbers.to_mut().iter_mut().for_each(|x| *x = number(*x));
        }
        let (mut states, mut known) = (vec![0; numbers.len()], columns.len() > 1);
        small_states(&numbers, length, &mut states, &mut known);
        if known { Self { columns, states, length, missing } } else { Self::default() }
    }

    /// Those of so many columns that are not among these.
    pub(crate) fn others(&self, columns: usize) -> Vec<usize> {
        let mut these = self.columns.iter().map(|column| column.d).peekable();
        (0..columns).filter(|d| these.next_if_eq(d).is_none()).collect()
    }

    /// Adds Σ_d ln p_kd(x_nd) to a tile `[k][n]`.
    pub(crate) fn add_log_densities<D>(&self, components: &[&[D]], tile: &mut [f64])
    where
        D: Distribution<Value = f64>,
    {
        if self.columns.is_empty() {
            return;
        }
        let rows = tile.len() / components.len();
        for (components, tile) in components.chunks(MEMBERS).zip(tile.chunks_mut(MEMBERS * rows)) {
            sum_entries(self.rows(rows), &self.log_densities(components), self.length, tile);
        }
    }

    fn rows(&self, rows: usize) -> StateRows<'_> {
        StateRows { states: &self.states, rows, steps: (self.columns.len(), 1) }
    }

    /// ln p_kd(x) of every state of every column.
    fn log_densities<D: Distribution<Value = f64>>(&self, components: &[&[D]]) -> Vec<Entry> {
        let mut tables = vec![Entry([f64::NEG_INFINITY; MEMBERS]); self.columns.len() * self.length];
        for (column, table) in self.columns.iter().zip(tables.chunks_exact_mut(self.length)) {
            for (x, entry) in table[..column.states].iter_mut().enumerate() {
                for (log_density, component) in entry.0.iter_mut().zip(components) {
                    *log_density = component[column.d].log_density(&(x as f64));
                }
            }
            if let Some(number) = self.missing {
                table[number] = Entry([0.0; MEMBERS]);
            }
        }
        tables
    }

    /// Adds the rows to the statistics of each component under the weights `[k][n]`.
    pub(crate) fn observe<D: Estimate<Value = f64>>(
        &self,
        components: &[&[D]],
        statistics: &mut [&mut Vec<D::Statistics>],
        weights: &[f64],
    ) {
        if self.columns.is_empty() {
            return;
        }
        let rows = weights.len() / components.len();
        let weights = weights.chunks(MEMBERS * rows);
        for ((components, s), weights) in components.chunks(MEMBERS).zip(statistics.chunks_mut(MEMBERS)).zip(weights) {
            let mut tables = vec![Entry::default(); self.columns.len() * self.length];
            add_to_entries(self.rows(rows), weights, self.length, &mut tables);
            self.observe_states(components, s, &tables);
        }
    }

    /// Every state of every column once, under its weight.
    fn observe_states<D: Estimate<Value = f64>>(
        &self,
        components: &[&[D]],
        statistics: &mut [&mut Vec<D::Statistics>],
        weights: &[Entry],
    ) {
        for (column, table) in self.columns.iter().zip(weights.chunks_exact(self.length)) {
            for (x, entry) in table.iter().enumerate().filter(|(x, _)| Some(*x) != self.missing) {
                for ((component, s), weight) in components.iter().zip(&mut *statistics).zip(entry.0) {
                    if weight > 0.0 {
                        component[column.d].observe(&mut s[column.d], &(x as f64), weight);
                    }
                }
            }
        }
    }
}

/// How many states column d has, if it has as many under every component.
fn states_of<D: Distribution<Value = f64>>(components: &[&[D]], d: usize) -> Option<usize> {
    let (first, others) = components.split_first()?;
    let states = first[d].states();
    states.filter(|_| others.iter().all(|other| other[d].states() == states))
}

#[cfg(test)]
mod tests {
    use rand::rngs::Xoshiro256PlusPlus;
    use rand::{RngExt, SeedableRng};

    use super::super::column::Column;
    use super::super::independent::Independent;
    use super::*;
    use crate::distributions::{Bernoulli, Categorical, Normal, uniform_on_simplex};

    const ROWS: usize = 60;

    /// Columns of two states, of numbers, of five and of three states.
    fn component(rng: &mut Xoshiro256PlusPlus) -> Independent<Column> {
        let mut categorical = |states| Column::from(Categorical::new(uniform_on_simplex(states, rng)).unwrap());
        let (five, three) = (categorical(5), categorical(3));
        let bernoulli = Bernoulli::new(rng.random()).unwrap();
        Independent::new(vec![bernoulli.into(), Normal::new(rng.random(), 1.0).unwrap().into(), five, three]).unwrap()
    }

    /// Tile and statistics of all components at once, and row by row.
    fn compare(components: &[&Independent<Column>], block: Rows<'_, f64>, weights: &[f64]) {
        let mut tile = vec![f64::NAN; components.len() * ROWS];
        Independent::log_densities_each(components, block, &mut tile);
        let mut together: Vec<_> = components.iter().map(|c| c.statistics()).collect();
        Independent::observe_each(components, &mut together.iter_mut().collect::<Vec<_>>(), block, weights);
        for (k, component) in components.iter().enumerate() {
            let mut alone = component.statistics();
            for (n, row) in block.iter().enumerate() {
                let (one, other) = (tile[k * ROWS + n], component.log_density(row));
                assert!(one == other || (one - other).abs() < 1e-13, "row {n} under component {k}: {one}, {other}");
                if weights[k * ROWS + n] > 0.0 {
                    component.observe(&mut alone, row, weights[k * ROWS + n]);
                }
            }
            let all = [component, components[0]].map(|c| [&together[k], &alone].map(|s| c.expected_log_density(s)));
            assert!(all.iter().all(|[one, other]| one == other || (one / other - 1.0).abs() < 1e-13), "{all:?}");
            match [&together[k], &alone].map(|s| component.estimate(s)) {
                [Ok(one), Ok(other)] => {
                    assert!((one.log_density(block.row(0)) - other.log_density(block.row(0))).abs() < 1e-13);
                }
                [one, other] => assert_eq!(one.unwrap_err().to_string(), other.unwrap_err().to_string()),
            }
        }
    }

    #[test]
    fn states_are_looked_up_and_added_up_as_row_by_row() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        let all: Vec<Independent<Column>> = (0..6).map(|_| component(&mut rng)).collect();
        let rows: Vec<f64> = (0..ROWS).flat_map(|n| Distribution::sample(&all[n % 6], &mut rng)).collect();
        let mut weights: Vec<f64> = (0..6 * ROWS).map(|_| rng.random()).collect();
        (0..6).for_each(|k| weights[k * ROWS + 7] = 0.0);
        for (d, bad) in [(0, 0.0), (0, 2.0), (3, 4.0), (2, 5.0), (2, 0.5), (3, -1.0), (0, f64::NAN), (2, f64::INFINITY)]
        {
            for (n, length) in [(7, 6), (31, 6), (31, 3)] {
                let mut rows = rows.clone();
                rows[n * 4 + d] = bad;
                for missing in [false, true] {
                    let components: Vec<_> = all[..length].iter().map(|c| c.clone().missing_cells(missing)).collect();
                    let components: Vec<_> = components.iter().collect();
                    compare(&components, Rows::new(&rows, 4).unwrap(), &weights[..length * ROWS]);
                }
            }
        }
    }
}
