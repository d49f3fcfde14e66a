//! Columns of few states, several of them the digits of one number: what they add up to together stands in one table.
//!
//! A sum Σ_d t_d(x_d) over the columns of a row costs a load and an addition for each group of columns, not for each
//! column. The table of a group has an entry for each joint state of its columns: making it, and taking sums by joint state
//! apart again, costs about two additions an entry.

use super::shown_cells::add_digits;
use super::state_rows::{Entry, StateRows};

/// Columns in groups of few joint states.
#[derive(Debug)]
pub(crate) struct DigitGroups {
    digits: Vec<Digit>,
    groups: usize,
    /// Entries of the table of a group.
    length: usize,
}

/// A column as a digit.
#[derive(Clone, Copy, Debug)]
struct Digit {
    group: usize,
    states: usize,
    /// The joint states of the digits before it.
    stride: usize,
}

/// The numbers of some rows, `[group][row]`.
#[derive(Debug, Default)]
pub(crate) struct DigitRows {
    numbers: Vec<u8>,
    rows: usize,
}

impl DigitGroups {
    /// Of columns of so many states each, 1 to 256; a group of several has at most 256 joint states, and `most`.
    pub(crate) fn new(states: impl Iterator<Item = usize>, most: usize) -> Self {
        let (mut digits, mut groups, mut length, mut stride) = (Vec::new(), 0, 0, 0);
        for states in states {
            if groups == 0 || stride * states > most.min(256) {
                (groups, stride) = (groups + 1, 1);
            }
            digits.push(Digit { group: groups - 1, states, stride });
            stride *= states;
            length = length.max(stride);
        }
        Self { digits, groups, length }
    }

    /// Entries of the tables of all groups together.
    pub(crate) fn entries(&self) -> usize {
        self.groups * self.length
    }

    /// Entries of the table of a group.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// Begins so many rows.
    pub(crate) fn begin(&self, rows: usize, numbers: &mut DigitRows) {
        numbers.rows = rows;
        numbers.numbers.clear();
        numbers.numbers.resize(self.groups * rows, 0);
    }

    /// Adds `within` times the states that the cells of the rows hold to a column; where rows are not `shown`, that is its
    /// last state.
    pub(crate) fn read(
        &self,
        (column, within): (usize, usize),
        cells: &[f64],
        shown: &[bool],
        numbers: &mut DigitRows,
    ) {
        let Digit { group, states, stride } = self.digits[column];
        let rows = numbers.rows;
        add_digits(cells, (shown, states - 1), within * stride, &mut numbers.numbers[group * rows..][..rows]);
    }

    /// The tables of all groups, of the entries of each column and state.
    pub(crate) fn tables(&self, mut entry: impl FnMut(usize, usize) -> Entry) -> Vec<Entry> {
        let mut tables = vec![Entry::default(); self.entries()];
        for (column, digit) in self.digits.iter().enumerate() {
            let table = &mut tables[digit.group * self.length..][..digit.states * digit.stride];
            let (first, others) = table.split_at_mut(digit.stride);
            for (state, entries) in others.chunks_exact_mut(digit.stride).enumerate() {
                let own = entry(column, state + 1);
                entries.iter_mut().zip(&*first).for_each(|(sum, before)| *sum = before.plus(&own));
            }
            let own = entry(column, 0);
            first.iter_mut().for_each(|sum| *sum = sum.plus(&own));
        }
        tables
    }

    /// Shows the sum of each column and state, from the sums of the groups' joint states, which are used up.
    pub(crate) fn each_sum(&self, sums: &mut [Entry], mut see: impl FnMut(usize, usize, &Entry)) {
        for (column, digit) in self.digits.iter().enumerate().rev() {
            let table = &mut sums[digit.group * self.length..][..digit.states * digit.stride];
            for (state, entries) in table.chunks_exact(digit.stride).enumerate() {
                see(column, state, &entries.iter().fold(Entry::default(), |sum, entry| sum.plus(entry)));
            }
            let (first, others) = table.split_at_mut(digit.stride);
            for entries in others.chunks_exact(digit.stride) {
                first.iter_mut().zip(entries).for_each(|(sum, entry)| *sum = sum.plus(entry));
            }
        }
    }
}

impl DigitRows {
    pub(crate) fn rows(&self) -> StateRows<'_> {
        StateRows { states: &self.numbers, rows: self.rows, steps: (1, self.rows.max(1)) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::state_rows::{MEMBERS, add_to_entries, sum_entries};
    use super::*;

    #[test]
    fn groups_give_the_sums_of_their_columns_and_take_them_apart() {
        let states = [2, 3, 5, 1, 4, 2, 100, 256];
        let rows = 29;
        let cell = |d: usize, n: usize| (n * n * 31 + d * 7) % states[d];
        let number = |d: usize, x: usize, member: usize| ((d * 13 + x * 5 + member) % 19) as f64 * 0.25;
        let entry = |d: usize, x: usize| Entry([0, 1, 2, 3].map(|member| number(d, x, member)));
        for most in [1, 30, 1000] {
            let groups = DigitGroups::new(states.into_iter(), most);
            let mut numbers = DigitRows::default();
            groups.begin(rows, &mut numbers);
            for (d, of_column) in states.iter().enumerate() {
                let cells: Vec<f64> = (0..rows).map(|n| cell(d, n) as f64).collect();
                let shown: Vec<bool> = cells.iter().map(|x| *x + 1.0 < *of_column as f64).collect();
                groups.read((d, 1), &cells, if d % 2 == 0 { &shown } else { &[] }, &mut numbers);
            }
            let mut tile = vec![0.0; MEMBERS * rows];
            sum_entries(numbers.rows(), &groups.tables(entry), groups.length(), &mut tile);
            for (n, member) in (0..rows).flat_map(|n| (0..MEMBERS).map(move |member| (n, member))) {
                let expected: f64 = (0..states.len()).map(|d| number(d, cell(d, n), member)).sum();
                assert_eq!(tile[member * rows + n], expected, "at most {most}, row {n}");
            }
            let mut sums = vec![Entry::default(); groups.entries()];
            add_to_entries(numbers.rows(), &tile, groups.length(), &mut sums);
            let mut seen = 0;
            groups.each_sum(&mut sums, |d, x, sum| {
                for member in 0..MEMBERS {
                    let of_state = (0..rows).filter(|n| cell(d, *n) == x).map(|n| tile[member * rows + n]);
                    assert_eq!(sum.0[member], of_state.sum::<f64>(), "at most {most}, column {d}, state {x}");
                }
                seen += 1;
            });
            assert_eq!(seen, states.iter().sum::<usize>());
        }
    }
}
