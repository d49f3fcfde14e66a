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
        let mut order = Vec::with_capacity(block.len());
        for (n, (row, bits)) in block.iter().zip(bits.chunks_exact_mut(words)).enumerate() {
            row.iter().enumerate().for_each(|(j, x)| bits[j / 64] |= u64::from(x.is_nan()) << (j % 64));
            if bits.iter().any(|word| *word != 0) {
                order.push((bits[0], n));
            }
        }
        let of_row = |n: usize| &bits[n * words..][..words];
        order.sort_unstable_by(|(a, n), (b, m)| a.cmp(b).then_with(|| (of_row(*n), n).cmp(&(of_row(*m), m))));
        for group in order.chunk_by(|(_, n), (_, m)| of_row(*n) == of_row(*m)) {
            let first = block.row(group[0].1);
            found.missing.extend((0..first.len()).filter(|j| first[*j].is_nan()));
            found.rows.extend(group.iter().map(|(_, n)| n));
            found.ends.push((found.rows.len(), found.missing.len()));
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
