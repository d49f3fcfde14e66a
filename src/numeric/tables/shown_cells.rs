//! Cells of which some are missing: seen, read as states, filled with other values, and left out of tiles.
//!
//! One or two flops a cell, without a branch, which chance would decide: bound by loads.

use super::states::{SHIFT, TOO_LARGE, is_whole_below};
use crate::numeric::simd::vectorised;

vectorised! {
    /// `numbers[n] += stride · states[n]`, all below 256; where a row is not shown its state is `missing`.
    pub(crate) fn add_digits(states: &[f64], missing: (&[bool], usize), stride: usize, numbers: &mut [u8]) = digits_body;
}

vectorised! {
    /// Clears `known` if some number is neither NaN nor whole from 0 to `count` − 1 < 2³².
    pub(crate) fn are_states(values: &[f64], count: usize, known: &mut bool) = are_states_body;
}

vectorised! {
    /// Whether each cell is shown: not NaN.
    pub(crate) fn see_shown(cells: &[f64], shown: &mut [bool]) = see_shown_body;
}

vectorised! {
    /// Puts a value into the cells that are not shown.
    pub(crate) fn put_where_missing(value: f64, shown: &[bool], cells: &mut [f64]) = put_body;
}

vectorised! {
    /// 0 in each line of a tile where a row is not shown.
    pub(crate) fn keep_shown(tile: &mut [f64], shown: &[bool]) = keep_shown_body;
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "a kernel body is compiled once for each instruction set")]
fn digits_body<const REGISTER: usize>(
    states: &[f64],
    (shown, missing): (&[bool], usize),
    stride: usize,
    numbers: &mut [u8],
) {
    let (missing, stride) = (missing as f64, stride as f64);
    let number = |digit: f64| (digit * stride + SHIFT).to_bits() as u8;
    if shown.is_empty() {
        numbers.iter_mut().zip(states).for_each(|(sum, x)| *sum = sum.wrapping_add(number(*x)));
    }
    for ((sum, x), shown) in numbers.iter_mut().zip(states).zip(shown) {
        *sum = sum.wrapping_add(number(if *shown { *x } else { missing }));
    }
}

#[inline(always)]
#[allow(
    clippy::inline_always,
    clippy::needless_bitwise_bool,
    reason = "as above; without a branch eight are seen at once"
)]
fn are_states_body<const REGISTER: usize>(values: &[f64], count: usize, known: &mut bool) {
    let end = (count as f64).min(TOO_LARGE);
    *known &= values.iter().fold(true, |all, x| all & (is_whole_below(end, *x) | x.is_nan()));
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn see_shown_body<const REGISTER: usize>(cells: &[f64], shown: &mut [bool]) {
    shown.iter_mut().zip(cells).for_each(|(shown, x)| *shown = !x.is_nan());
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn put_body<const REGISTER: usize>(value: f64, shown: &[bool], cells: &mut [f64]) {
    cells.iter_mut().zip(shown).for_each(|(x, shown)| *x = if *shown { *x } else { value });
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn keep_shown_body<const REGISTER: usize>(tile: &mut [f64], shown: &[bool]) {
    for line in tile.chunks_exact_mut(shown.len().max(1)) {
        line.iter_mut().zip(shown).for_each(|(x, shown)| *x = if *shown { *x } else { 0.0 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compilation_reads_digits_and_knows_what_is_missing() {
        let cells: Vec<f64> = (0..61).map(|i| f64::from(i % 5)).collect();
        let shown: Vec<bool> = (0..61).map(|i| i % 7 != 3).collect();
        for add in [add_digits as fn(&[f64], (&[bool], usize), usize, &mut [u8]), digits_body::<2>] {
            for (shown, missing) in [(&shown[..], 5), (&[], 0)] {
                let mut numbers = vec![1; cells.len()];
                add(&cells, (shown, missing), 40, &mut numbers);
                let digit = |n: usize| if shown.get(n).is_none_or(|shown| *shown) { n % 5 } else { missing };
                assert_eq!(numbers, (0..61).map(|n| 1 + 40 * digit(n) as u8).collect::<Vec<_>>());
            }
        }
        for are in [are_states as fn(&[f64], usize, &mut bool), are_states_body::<2>] {
            for (value, holds) in [(3.0, true), (f64::NAN, true), (5.0, false), (0.5, false), (-1.0, false)] {
                let (mut some, mut known) = (cells.clone(), true);
                some[17] = value;
                are(&some, 5, &mut known);
                assert_eq!(known, holds, "{value}");
            }
        }
    }

    #[test]
    fn what_is_missing_is_seen_and_gets_a_value() {
        let cells: Vec<f64> = (0..61).map(|i| if i % 7 == 3 { f64::NAN } else { f64::from(i) }).collect();
        let mut shown = vec![false; cells.len()];
        see_shown(&cells, &mut shown);
        assert!((0..61).all(|n| shown[n] == (n % 7 != 3)));
        let mut whole = cells.clone();
        put_where_missing(-1.0, &shown, &mut whole);
        assert!((0..61).all(|n| whole[n] == if shown[n] { n as f64 } else { -1.0 }));
    }
}
