//! Rows of states: in each column the state chooses an entry of that column's table. An entry holds a number for each of
//! four members, a register of AVX2, so that one load and one addition serve all four.
//!
//! However many states there are, a row and column costs a load and an addition, and where the tables hold the sums a store.
//! Of those sums none waits for another of its row. The tables of twenty columns of five states are 3 KiB: bound by loads
//! and stores in the L1 cache.

use crate::numeric::simd::vectorised;

/// Members that are seen together.
pub(crate) const MEMBERS: usize = 4;

/// A number for each of the members.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(align(32))]
pub(crate) struct Entry(pub [f64; MEMBERS]);

/// States `[n][column]`, or `[column][n]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StateRows<'a> {
    pub(crate) states: &'a [u8],
    pub(crate) rows: usize,
    /// How far the next row lies, and the next column.
    pub(crate) steps: (usize, usize),
}

vectorised! {
    /// `tile[member][n] += Σ_d tables[d][states[n][d]][member]` of up to [`MEMBERS`] members, for tables of `length` entries
    /// each and states below that.
    pub(crate) fn sum_entries(rows: StateRows<'_>, tables: &[Entry], length: usize, tile: &mut [f64]) = sum_body;
}

vectorised! {
    /// `tables[d][states[n][d]][member] += weights[member][n]` of up to [`MEMBERS`] members, for tables of `length` entries
    /// each and states below that.
    pub(crate) fn add_to_entries(rows: StateRows<'_>, weights: &[f64], length: usize, tables: &mut [Entry]) = add_body;
}

/// Rows whose entries change places with members' lines together.
const LANES: usize = 8;

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn sum_body<const REGISTER: usize>(rows: StateRows<'_>, tables: &[Entry], length: usize, tile: &mut [f64]) {
    for first in (0..rows.rows).step_by(LANES) {
        let (some, mut sums) = (LANES.min(rows.rows - first), [Entry::default(); LANES]);
        for (n, sum) in sums[..some].iter_mut().enumerate() {
            let mut place = (first + n) * rows.steps.0;
            for table in tables.chunks_exact(length) {
                sum.add(&table[usize::from(rows.states[place])]);
                place += rows.steps.1;
            }
        }
        for (member, line) in tile.chunks_exact_mut(rows.rows).enumerate() {
            if let Some(line) = line[first..].first_chunk_mut::<LANES>() {
                line.iter_mut().zip(&sums).for_each(|(l, sum)| *l += sum.0[member]);
            } else {
                line[first..].iter_mut().zip(&sums).for_each(|(l, sum)| *l += sum.0[member]);
            }
        }
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn add_body<const REGISTER: usize>(rows: StateRows<'_>, weights: &[f64], length: usize, tables: &mut [Entry]) {
    for first in (0..rows.rows).step_by(LANES) {
        let (some, mut of_rows) = (LANES.min(rows.rows - first), [Entry::default(); LANES]);
        for (member, line) in weights.chunks_exact(rows.rows).enumerate() {
            of_rows.iter_mut().zip(&line[first..]).for_each(|(entry, weight)| entry.0[member] = *weight);
        }
        for (n, weight) in of_rows[..some].iter().enumerate() {
            let mut place = (first + n) * rows.steps.0;
            for table in tables.chunks_exact_mut(length) {
                table[usize::from(rows.states[place])].add(weight);
                place += rows.steps.1;
            }
        }
    }
}

impl Entry {
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "as above")]
    fn add(&mut self, other: &Self) {
        *self = self.plus(other);
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "as above")]
    pub(crate) fn plus(&self, other: &Self) -> Self {
        let mut sums = self.0;
        sums.iter_mut().zip(other.0).for_each(|(sum, x)| *sum += x);
        Self(sums)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compilation_finds_the_entries_and_the_sums() {
        for (rows, columns, length, members) in [(0, 1, 1, 4), (1, 1, 2, 1), (7, 3, 5, 4), (43, 2, 256, 3)] {
            let states: Vec<u8> = (0..rows * columns).map(|i| (i * i * 7919 % length) as u8).collect();
            let by_column: Vec<u8> = (0..rows * columns).map(|i| states[i % rows * columns + i / rows]).collect();
            // Quarters add up exactly in any order.
            let number = |i: usize| (i * 31 % 17) as f64 * 0.25;
            let entry = |i: usize| Entry([0, 1, 2, 3].map(|member| number(i + member)));
            let tables: Vec<Entry> = (0..columns * length).map(entry).collect();
            let weights: Vec<f64> = (0..members * rows).map(number).collect();
            let (mut tile, mut sums) = (weights.clone(), tables.clone());
            for (n, d) in (0..rows).flat_map(|n| (0..columns).map(move |d| (n, d))) {
                let chosen = d * length + usize::from(states[n * columns + d]);
                for member in 0..members {
                    tile[member * rows + n] += tables[chosen].0[member];
                    sums[chosen].0[member] += weights[member * rows + n];
                }
            }
            for (states, steps) in [(&states, (columns, 1)), (&by_column, (1, rows.max(1)))] {
                let of_rows = StateRows { states, rows, steps };
                for portable in [false, true] {
                    let (mut of_tile, mut of_entries) = (weights.clone(), tables.clone());
                    if portable {
                        sum_body::<2>(of_rows, &tables, length, &mut of_tile);
                        add_body::<2>(of_rows, &weights, length, &mut of_entries);
                    } else {
                        sum_entries(of_rows, &tables, length, &mut of_tile);
                        add_to_entries(of_rows, &weights, length, &mut of_entries);
                    }
                    assert_eq!((&of_tile, &of_entries), (&tile, &sums));
                }
            }
        }
    }
}
