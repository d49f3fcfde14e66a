//! States 0, 1, …: numbers read as such, tables looked up by them, and weights added up by them.
//!
//! Up to [`FEW`] states the table stays in registers and every row is compared with every state, eight rows at a time
//! and without a branch: 2 flops a row and state, where a look-up in memory would cost a load and an addition that waits
//! for the one before.

use crate::numeric::simd::vectorised;

/// So many states are compared one by one.
const FEW: usize = 8;
const LANES: usize = 8;

vectorised! {
    /// `states[n] = values[n]`, if all are whole numbers from 0 to 2³² − 1; otherwise clears `whole`.
    pub(crate) fn whole_numbers(values: &[f64], states: &mut [u64], whole: &mut bool) = whole_body;
}

vectorised! {
    /// `states[n] = values[n]`, if all are whole numbers from 0 to `count` − 1 ≤ 255; otherwise clears `known`.
    pub(crate) fn small_states(values: &[f64], count: usize, states: &mut [u8], known: &mut bool) = small_body;
}

vectorised! {
    /// `numbers[n] = counts[n]`.
    pub(crate) fn widen_counts(counts: &[u64], numbers: &mut [f64]) = widen_body;
}

vectorised! {
    /// `out[n] = table[states[n]]`; −∞ where the table is shorter.
    pub(crate) fn look_up(table: &[f64], states: &[usize], out: &mut [f64]) = look_up_body;
}

vectorised! {
    /// `sums[x] += Σ weights[n]` over the rows of state x; a state without a sum clears `known` and is left out.
    pub(crate) fn add_by_state(states: &[usize], weights: &[f64], sums: &mut [f64], known: &mut bool) = add_body;
}

vectorised! {
    /// `out[k][n] = tables[k][cells[n]]` of tables of `count` entries; clears `known` if a cell is no number of an entry.
    pub(crate) fn look_up_each(tables: &[f64], count: usize, cells: &[f64], out: &mut [f64], known: &mut bool) = look_up_each_body;
}

vectorised! {
    /// `sums[k][x] += Σ weights[k][n]` over the cells x; clears `known`, and adds nothing, if a cell is no number below
    /// `count`.
    pub(crate) fn add_each_by_state(cells: &[f64], weights: &[f64], count: usize, sums: &mut [f64], known: &mut bool) = add_each_body;
}

/// 2⁵²: added to a smaller whole number, it leaves that in the last bits.
pub(super) const SHIFT: f64 = 4_503_599_627_370_496.0;
pub(super) const TOO_LARGE: f64 = 4_294_967_296.0;

/// Whether x is a whole number from 0 to `end` − 1, for an end of at most 2⁵².
#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
#[allow(
    clippy::needless_bitwise_bool,
    clippy::manual_range_contains,
    reason = "without a branch eight are seen at once"
)]
pub(super) fn is_whole_below(end: f64, x: f64) -> bool {
    (x >= 0.0) & (x < end) & ((x + SHIFT) - SHIFT == x)
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn whole_body<const REGISTER: usize>(values: &[f64], states: &mut [u64], whole: &mut bool) {
    *whole &= values.iter().fold(true, |all, x| all & is_whole_below(TOO_LARGE, *x));
    for (state, x) in states.iter_mut().zip(values) {
        *state = (*x + SHIFT).to_bits() & u64::from(u32::MAX);
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn small_body<const REGISTER: usize>(values: &[f64], count: usize, states: &mut [u8], known: &mut bool) {
    let end = count.min(256) as f64;
    *known &= values.iter().fold(true, |all, x| all & is_whole_below(end, *x));
    for (state, x) in states.iter_mut().zip(values) {
        *state = (*x + SHIFT).to_bits() as u8;
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn widen_body<const REGISTER: usize>(counts: &[u64], numbers: &mut [f64]) {
    numbers.iter_mut().zip(counts).for_each(|(x, k)| *x = *k as f64);
}

/// Runs the body for the number of states, as a constant if these are few.
macro_rules! by_number_of_states {
    ($states:expr, $few:ident($($argument:expr),*), $many:expr) => {
        match $states {
            1 => $few::<1>($($argument),*),
            2 => $few::<2>($($argument),*),
            3 => $few::<3>($($argument),*),
            4 => $few::<4>($($argument),*),
            5 => $few::<5>($($argument),*),
            6 => $few::<6>($($argument),*),
            7 => $few::<7>($($argument),*),
            FEW => $few::<FEW>($($argument),*),
            _ => $many,
        }
    };
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn look_up_body<const REGISTER: usize>(table: &[f64], states: &[usize], out: &mut [f64]) {
    by_number_of_states!(
        table.len(),
        look_up_few(table, states, out),
        for (out, x) in out.iter_mut().zip(states) {
            *out = table.get(*x).copied().unwrap_or(f64::NEG_INFINITY);
        }
    );
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn look_up_few<const S: usize>(table: &[f64], states: &[usize], out: &mut [f64]) {
    let table: &[f64; S] = table.try_into().expect("its length was matched");
    for (out, x) in out.iter_mut().zip(states) {
        // In bits, since a chain of choices is compiled to a jump a row.
        let bits = table.iter().enumerate().map(|(s, entry)| entry.to_bits() & mask(*x == s));
        *out = f64::from_bits(bits.fold(0, |any, bits| any | bits));
    }
    if !all_below(S, states) {
        let unknown = out.iter_mut().zip(states).filter(|(_, x)| **x >= S);
        unknown.for_each(|(out, _)| *out = f64::NEG_INFINITY);
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn look_up_each_body<const REGISTER: usize>(
    tables: &[f64],
    count: usize,
    cells: &[f64],
    out: &mut [f64],
    known: &mut bool,
) {
    *known &= cells.iter().fold(true, |all, x| all & is_whole_below(count as f64, *x));
    if !*known || cells.is_empty() {
        return;
    }
    for (table, out) in tables.chunks_exact(count).zip(out.chunks_exact_mut(cells.len())) {
        by_number_of_states!(
            count,
            look_up_cells(table, cells, out),
            for (out, x) in out.iter_mut().zip(cells) {
                *out = table[((x + SHIFT).to_bits() & u64::from(u32::MAX)) as usize];
            }
        );
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn look_up_cells<const S: usize>(table: &[f64], cells: &[f64], out: &mut [f64]) {
    let table: &[f64; S] = table.try_into().expect("its length was matched");
    for (out, x) in out.iter_mut().zip(cells) {
        let bits = table.iter().enumerate().map(|(s, entry)| entry.to_bits() & mask(*x == s as f64));
        *out = f64::from_bits(bits.fold(0, |any, bits| any | bits));
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn add_each_body<const REGISTER: usize>(
    cells: &[f64],
    weights: &[f64],
    count: usize,
    sums: &mut [f64],
    known: &mut bool,
) {
    *known &= cells.iter().fold(true, |all, x| all & is_whole_below(count as f64, *x));
    if !*known || cells.is_empty() {
        return;
    }
    for (sums, weights) in sums.chunks_exact_mut(count).zip(weights.chunks_exact(cells.len())) {
        by_number_of_states!(
            count,
            add_cells(cells, weights, sums),
            for (x, weight) in cells.iter().zip(weights) {
                sums[((x + SHIFT).to_bits() & u64::from(u32::MAX)) as usize] += weight;
            }
        );
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn add_cells<const S: usize>(cells: &[f64], weights: &[f64], sums: &mut [f64]) {
    let mut lanes = [[0.0; LANES]; S];
    let (cells, rest) = cells.as_chunks::<LANES>();
    let (weights, rest_of_weights) = weights.as_chunks::<LANES>();
    for (cells, weights) in cells.iter().zip(weights) {
        for (s, lanes) in lanes.iter_mut().enumerate() {
            for ((sum, x), weight) in lanes.iter_mut().zip(cells).zip(weights) {
                *sum += f64::from_bits(weight.to_bits() & mask(*x == s as f64));
            }
        }
    }
    for (s, (sum, lanes)) in sums.iter_mut().zip(&lanes).enumerate() {
        let rest = rest.iter().zip(rest_of_weights).filter(|(x, _)| **x == s as f64).map(|(_, weight)| weight);
        *sum += lanes.iter().sum::<f64>() + rest.sum::<f64>();
    }
}

/// All bits or none.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn mask(all: bool) -> u64 {
    u64::from(all).wrapping_neg()
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn add_body<const REGISTER: usize>(states: &[usize], weights: &[f64], sums: &mut [f64], known: &mut bool) {
    *known &= all_below(sums.len(), states);
    by_number_of_states!(sums.len(), add_few(states, weights, sums), add_many(states, weights, sums));
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn add_few<const S: usize>(states: &[usize], weights: &[f64], sums: &mut [f64]) {
    let mut lanes = [[0.0; LANES]; S];
    let whole = weights.len() - weights.len() % LANES;
    for (states, weights) in states.chunks_exact(LANES).zip(weights.chunks_exact(LANES)) {
        for (s, lanes) in lanes.iter_mut().enumerate() {
            for ((sum, x), weight) in lanes.iter_mut().zip(states).zip(weights) {
                *sum += f64::from_bits(weight.to_bits() & mask(*x == s));
            }
        }
    }
    for (sum, lanes) in sums.iter_mut().zip(&lanes) {
        *sum += lanes.iter().sum::<f64>();
    }
    add_one_by_one(&states[whole..], &weights[whole..], sums);
}

/// Four sums a state, so that a state that follows itself does not wait for the sum before.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn add_many(states: &[usize], weights: &[f64], sums: &mut [f64]) {
    let mut lanes = vec![[0.0; 4]; sums.len()];
    let whole = weights.len() - weights.len() % 4;
    for (states, weights) in states.chunks_exact(4).zip(weights.chunks_exact(4)) {
        for (lane, (x, weight)) in states.iter().zip(weights).enumerate() {
            if let Some(lanes) = lanes.get_mut(*x) {
                lanes[lane] += weight;
            }
        }
    }
    sums.iter_mut().zip(&lanes).for_each(|(sum, lanes)| *sum += lanes.iter().sum::<f64>());
    add_one_by_one(&states[whole..], &weights[whole..], sums);
}

fn add_one_by_one(states: &[usize], weights: &[f64], sums: &mut [f64]) {
    for (x, weight) in states.iter().zip(weights) {
        if let Some(sum) = sums.get_mut(*x) {
            *sum += weight;
        }
    }
}

#[inline(always)]
#[allow(clippy::inline_always, clippy::needless_bitwise_bool, reason = "as above")]
fn all_below(count: usize, states: &[usize]) -> bool {
    states.iter().fold(true, |all, x| all & (*x < count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compilation_finds_the_entries_and_the_sums() {
        for count in [1, 2, 3, 5, 8, 9, 40] {
            for n in [0, 1, 7, 8, 61] {
                let states: Vec<usize> = (0..n).map(|i| i * i * 7919 % count).collect();
                let table: Vec<f64> = (0..count).map(|s| s as f64 * 0.3 - 1.0).collect();
                let weights: Vec<f64> = (0..n).map(|i| (i % 5) as f64 * 0.25).collect();
                let entries: Vec<f64> = states.iter().map(|x| table[*x]).collect();
                let of_state = |s: usize| -> f64 {
                    0.5 + states.iter().zip(&weights).filter(|(x, _)| **x == s).map(|(_, w)| w).sum::<f64>()
                };
                let expected: Vec<f64> = (0..count).map(of_state).collect();
                for (look_up, add) in [
                    (
                        look_up as fn(&[f64], &[usize], &mut [f64]),
                        add_by_state as fn(&[usize], &[f64], &mut [f64], &mut bool),
                    ),
                    (look_up_body::<2>, add_body::<2>),
                ] {
                    let (mut out, mut sums) = (vec![0.0; n], vec![0.5; count]);
                    look_up(&table, &states, &mut out);
                    assert_eq!(out, entries);
                    // Quarters add up exactly in any order.
                    let mut known = true;
                    add(&states, &weights, &mut sums, &mut known);
                    assert!(known && sums == expected);
                }
            }
        }
    }

    #[test]
    fn every_compilation_knows_small_states() {
        let numbers: Vec<f64> = (0..61).map(|i| f64::from(i % 5)).collect();
        for small in [small_states as fn(&[f64], usize, &mut [u8], &mut bool), small_body::<2>] {
            let read = |numbers: &[f64], count: usize| {
                let (mut states, mut known) = (vec![9; numbers.len()], true);
                small(numbers, count, &mut states, &mut known);
                known.then_some(states)
            };
            assert_eq!(read(&numbers, 5), Some((0..61).map(|i| i % 5).collect()));
            assert_eq!(read(&[255.0, -0.0], 256), Some(vec![255, 0]));
            assert_eq!((read(&[], 0), read(&[256.0], 1000)), (Some(Vec::new()), None));
            for no_state in [5.0, -1.0, 0.5, 1e300, f64::NAN, f64::INFINITY] {
                let mut some = numbers.clone();
                some[17] = no_state;
                assert_eq!(read(&some, 5), None, "{no_state}");
            }
        }
    }

    #[test]
    fn a_state_without_an_entry_has_none() {
        for length in [2, 12] {
            let states = [0, length, usize::MAX, 1, 1, 1, 1, 1, length, 0];
            let mut out = [0.0; 10];
            look_up(&vec![1.0; length], &states, &mut out);
            assert_eq!(out.map(|l| l == 1.0), states.map(|x| x < length));
            assert!(out.iter().all(|l| *l == 1.0 || *l == f64::NEG_INFINITY));
            let (mut sums, mut known) = (vec![0.0; length], true);
            add_by_state(&states, &[0.5; 10], &mut sums, &mut known);
            assert!(!known && sums[..2] == [1.0, 2.5] && sums[2..].iter().all(|sum| *sum == 0.0));
        }
    }
}
