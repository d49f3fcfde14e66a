//! Which rows of a block miss the same cells.

use crate::data::Rows;
use crate::numeric::Scalar;

/// The rows of a block that miss some cell, in groups of the same missing cells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patterns {
    /// The numbers of these rows, group by group, in each as they stand in the block.
    rows: Vec<usize>,
    /// The missing columns of the groups, one list after the other, in order.
    missing: Vec<usize>,
    /// Where the rows and the columns of each group end.
    ends: Vec<(usize, usize)>,
}

/// One group of rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pattern<'a> {
    /// The missing columns, in order.
    pub(crate) missing: &'a [usize],
    /// The numbers of the rows.
    pub(crate) rows: &'a [usize],
}

impl Patterns {
    /// Every NaN is a missing cell.
    pub(crate) fn of_block<F: Scalar>(block: Rows<'_, F>) -> Self {
        let mut found = Self::default();
        if !block.values().iter().any(|x| x.is_nan()) {
            return found;
        }
        // A bit for each cell, 64 columns to a word.
        let words = block.columns().div_ceil(64);
        let mut bits = vec![0u64; words * block.len()];
        for (row, bits) in block.iter().zip(bits.chunks_exact_mut(words)) {
            for (word, cells) in bits.iter_mut().zip(row.chunks(64)) {
                *word = cells.iter().rev().fold(0, |word, x| word << 1 | u64::from(x.is_nan()));
            }
        }
        let mut groups = Groups::new(&bits, words);
        let of_row: Vec<usize> = (0..block.len()).map(|n| groups.of(n)).collect();
        let mut next = vec![0; groups.first.len()];
        of_row.iter().filter(|group| **group != NONE).for_each(|group| next[*group] += 1);
        let mut rows = 0;
        for (&first, next) in groups.first.iter().zip(&mut next) {
            (rows, *next) = (rows + *next, rows);
            let first = block.row(first);
            found.missing.extend((0..first.len()).filter(|j| first[*j].is_nan()));
            found.ends.push((rows, found.missing.len()));
        }
        found.rows.resize(rows, 0);
        for (n, group) in of_row.into_iter().enumerate().filter(|(_, group)| *group != NONE) {
            found.rows[next[group]] = n;
            next[group] += 1;
        }
        found
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Pattern<'_>> {
        let starts = std::iter::once((0, 0)).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(from, to)| Pattern { rows: &self.rows[from.0..to.0], missing: &self.missing[from.1..to.1] })
    }
}

/// No group: nothing is missing, or a place that is free.
const NONE: usize = usize::MAX;

/// Numbers equal words of bits in the order in which they come.
struct Groups<'a> {
    bits: &'a [u64],
    words: usize,
    /// The first row of each group.
    first: Vec<usize>,
    /// Twice as many places as there are rows, or more; a group stands at the first free one from where its bits send it.
    places: Vec<usize>,
}

impl<'a> Groups<'a> {
    fn new(bits: &'a [u64], words: usize) -> Self {
        Self { bits, words, first: Vec::new(), places: vec![NONE; (2 * bits.len() / words).next_power_of_two()] }
    }

    fn row(&self, n: usize) -> &'a [u64] {
        &self.bits[n * self.words..][..self.words]
    }

    fn of(&mut self, n: usize) -> usize {
        let row = self.row(n);
        if row.iter().all(|word| *word == 0) {
            return NONE;
        }
        // Multiplication by 2⁶⁴ / φ spreads neighbours over the high bits (Knuth).
        let mixed =
            row.iter().fold(0u64, |mixed, word| (mixed.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut place = (mixed >> 32) as usize & (self.places.len() - 1);
        loop {
            match self.places[place] {
                NONE => {
                    self.places[place] = self.first.len();
                    self.first.push(n);
                    return self.first.len() - 1;
                }
                group if self.row(self.first[group]) == row => return group,
                _ => place = (place + 1) & (self.places.len() - 1),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_grouped_by_what_they_miss() {
        let nan = f64::NAN;
        let rows = [1.0, nan, 1.0, 2.0, nan, nan, 3.0, nan];
        let patterns = Patterns::of_block(Rows::new(&rows, 2).unwrap());
        let shown: Vec<_> = patterns.iter().map(|p| (p.missing, p.rows)).collect();
        assert_eq!(shown, [(&[1][..], &[0, 3][..]), (&[0, 1], &[2])]);
    }

    #[test]
    fn columns_beyond_a_word_of_bits_tell_rows_apart() {
        let mut rows = vec![0.0; 3 * 130];
        [70, 130 + 71, 260 + 70].iter().for_each(|cell| rows[*cell] = f64::NAN);
        let patterns = Patterns::of_block(Rows::new(&rows, 130).unwrap());
        let shown: Vec<_> = patterns.iter().map(|p| (p.missing, p.rows)).collect();
        assert_eq!(shown, [(&[70][..], &[0, 2][..]), (&[71], &[1])]);
        assert!(Patterns::of_block(Rows::new(&[0.0; 4], 2).unwrap()).is_empty());
    }
}
