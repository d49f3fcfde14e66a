//! Finds the nearest of K centres, by what is fastest for their number and dimension; all ways find the same.

use crate::data::Table;
use crate::numeric::centres::nearest::nearest_centres;
use crate::numeric::centres::nearest_cells::{Cells, MOST_DIMENSIONS, nearest_in_cells};
use crate::numeric::centres::nearest_products::{Panels, centre, nearest_by_products};
use crate::numeric::tile::{ROWS, transpose};
use crate::numeric::{Aligned, Scalar};

/// Fewer centres are compared faster than a cell is found.
const CENTRES_OF_CELLS: usize = 24;
/// In fewer dimensions scores cost as much as differences.
const DIMENSIONS_OF_PRODUCTS: usize = 4;

/// What is known of the centres before any row is seen.
#[derive(Debug)]
pub(crate) enum NearestCentre {
    /// Many centres in few dimensions.
    Cells(Cells),
    /// By scores, and by differences where these leave a doubt.
    Products(Panels),
    /// By differences.
    Differences,
}

impl NearestCentre {
    pub(crate) fn new(centres: &Table) -> Self {
        let (k, d, values) = (centres.len(), centres.columns(), centres.rows().values());
        let found = if k >= CENTRES_OF_CELLS && d <= MOST_DIMENSIONS {
            Cells::new(values, d).map(Self::Cells)
        } else if k > 1 && d >= DIMENSIONS_OF_PRODUCTS {
            Panels::new(values, d).map(Self::Products)
        } else {
            None
        };
        found.unwrap_or(Self::Differences)
    }
}

/// The search for the nearest centres of many rows, shown in order and some at a time.
pub(crate) struct Search<'a, F> {
    centres: &'a Table,
    by: &'a NearestCentre,
    labels: Vec<u64>,
    /// Rows that scores leave in doubt, row-major, and their numbers.
    doubtful: (Vec<F>, Vec<usize>),
    tile: Aligned,
    widened: Vec<f64>,
    rounded: Vec<f32>,
    centred: Vec<f32>,
}

impl<'a, F: Scalar> Search<'a, F> {
    pub(crate) fn new(centres: &'a Table, by: &'a NearestCentre) -> Self {
        let cells = centres.columns() * ROWS;
        let centred = if matches!(by, NearestCentre::Products(_)) { cells } else { 0 };
        let (labels, doubtful) = (Vec::new(), (Vec::new(), Vec::new()));
        let (tile, rounded, centred) = (Aligned::zeros(cells), vec![0.0; centred], vec![0.0; centred]);
        Self { centres, by, labels, doubtful, tile, widened: Vec::new(), rounded, centred }
    }

    /// Looks at no more than [`ROWS`] further rows.
    pub(crate) fn see(&mut self, rows: &[F]) {
        let (d, first) = (self.centres.columns(), self.labels.len());
        let count = rows.len() / d;
        let (mut label, mut sure) = ([0; ROWS], [true; ROWS]);
        match self.by {
            NearestCentre::Cells(cells) => nearest_in_cells(F::widened(rows, &mut self.widened), cells, &mut label),
            NearestCentre::Products(panels) => {
                centre(rows, panels, &mut self.rounded, &mut self.centred);
                nearest_by_products(&self.centred, panels, &mut label, &mut sure);
            }
            NearestCentre::Differences => label = self.by_differences(rows),
        }
        self.labels.extend_from_slice(&label[..count]);
        for n in (0..count).filter(|&n| !sure[n]) {
            self.doubtful.0.extend_from_slice(&rows[n * d..][..d]);
            self.doubtful.1.push(first + n);
            if self.doubtful.1.len() == ROWS {
                self.decide();
            }
        }
    }

    /// The nearest centre of each row, the first of equals; any where no distance is finite.
    pub(crate) fn labels(mut self) -> Vec<u64> {
        self.decide();
        self.labels
    }

    /// Asks the differences about the rows in doubt.
    fn decide(&mut self) {
        let (rows, numbers) = std::mem::take(&mut self.doubtful);
        if !numbers.is_empty() {
            let label = self.by_differences(&rows);
            numbers.iter().zip(label).for_each(|(&n, k)| self.labels[n] = k);
        }
    }

    fn by_differences(&mut self, rows: &[F]) -> [u64; ROWS] {
        let mut label = [0; ROWS];
        transpose(rows, self.centres.columns(), &mut self.tile);
        nearest_centres(&self.tile, self.centres.rows().values(), &mut label);
        label
    }
}
