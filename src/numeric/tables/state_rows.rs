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

vectorised! {
    /// `sums[n] += Σ_d tables[d][states[n][d]]`, for tables of `length` entries each and states below that.
    pub(crate) fn sum_entries(states: &[u8], tables: &[Entry], length: usize, sums: &mut [Entry]) = sum_body;
}

vectorised! {
    /// `tables[d][states[n][d]] += weights[n]`, for tables of `length` entries each and states below that.
    pub(crate) fn add_to_entries(states: &[u8], weights: &[Entry], length: usize, tables: &mut [Entry]) = add_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn sum_body<const REGISTER: usize>(states: &[u8], tables: &[Entry], length: usize, sums: &mut [Entry]) {
    for (row, sum) in states.chunks_exact(tables.len() / length).zip(sums) {
        let mut of_row = *sum;
        for (x, table) in row.iter().zip(tables.chunks_exact(length)) {
            of_row.add(&table[usize::from(*x)]);
        }
        *sum = of_row;
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn add_body<const REGISTER: usize>(states: &[u8], weights: &[Entry], length: usize, tables: &mut [Entry]) {
    for (row, weight) in states.chunks_exact(tables.len() / length).zip(weights) {
        for (x, table) in row.iter().zip(tables.chunks_exact_mut(length)) {
            table[usize::from(*x)].add(weight);
        }
    }
}

impl Entry {
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "as above")]
    fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, x)| *sum += x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compilation_finds_the_entries_and_the_sums() {
        for (rows, columns, length) in [(0, 1, 1), (1, 1, 2), (7, 3, 5), (40, 2, 256)] {
            let states: Vec<u8> = (0..rows * columns).map(|i| (i * i * 7919 % length) as u8).collect();
            // Quarters add up exactly in any order.
            let entry = |i: usize| Entry([0, 1, 2, 3].map(|member| ((i * 31 + member) % 17) as f64 * 0.25));
            let tables: Vec<Entry> = (0..columns * length).map(entry).collect();
            let weights: Vec<Entry> = (0..rows).map(entry).collect();
            let chosen = |n: usize, d: usize| d * length + usize::from(states[n * columns + d]);
            let (mut sums_of_rows, mut sums_of_entries) = (weights.clone(), tables.clone());
            for (n, d) in (0..rows).flat_map(|n| (0..columns).map(move |d| (n, d))) {
                for member in 0..MEMBERS {
                    sums_of_rows[n].0[member] += tables[chosen(n, d)].0[member];
                    sums_of_entries[chosen(n, d)].0[member] += weights[n].0[member];
                }
            }
            for portable in [false, true] {
                let (mut of_rows, mut of_entries) = (weights.clone(), tables.clone());
                if portable {
                    sum_body::<2>(&states, &tables, length, &mut of_rows);
                    add_body::<2>(&states, &weights, length, &mut of_entries);
                } else {
                    sum_entries(&states, &tables, length, &mut of_rows);
                    add_to_entries(&states, &weights, length, &mut of_entries);
                }
                assert_eq!((of_rows, of_entries), (sums_of_rows.clone(), sums_of_entries.clone()));
            }
        }
    }
}
