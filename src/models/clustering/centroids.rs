//! The centres of K-means, and the rows nearest to each.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::components::{not_finite, too_large};
use crate::data::{Batch, Dataset, Gathered, Rows, Table};
use crate::error::Error;
use crate::latent::Evidence;
use crate::numeric::linear::differences::squared_distances;
use crate::numeric::tile::ROWS;
use crate::numeric::{Scalar, decimals_of, prefetch};

use super::nearest_centre::{NearestCentre, Search};

/// K centres of D numbers each.
#[derive(Clone)]
pub struct Centroids {
    centres: Arc<Table>,
    /// Made when the first row is assigned.
    nearest: Arc<OnceLock<NearestCentre>>,
}

impl Centroids {
    /// Takes one centre a row.
    ///
    /// # Errors
    /// [`Error::Dimension`] if there is none, [`Error::NotFinite`] if a coordinate is not finite.
    pub fn new(centres: Table) -> Result<Self, Error> {
        if centres.is_empty() {
            return Err(Error::Dimension { what: "the centres", expected: 1, found: 0 });
        }
        for (row, centre) in centres.rows().iter().enumerate() {
            if let Some((d, &value)) = centre.iter().enumerate().find(|(_, x)| !x.is_finite()) {
                return Err(Error::NotFinite { row, column: centres.names()[d].clone(), value });
            }
        }
        Ok(Self { centres: Arc::new(centres), nearest: Arc::default() })
    }

    /// The centres, K × D.
    pub fn centres(&self) -> Rows<'_, f64> {
        self.centres.rows()
    }

    /// The names of the columns.
    pub(crate) fn names(&self) -> &[String] {
        self.centres.names()
    }

    /// The nearest centre of each row, the first of equals.
    ///
    /// # Errors
    /// [`Error::Dimension`] or [`Error::NotFinite`] if a row cannot be assigned.
    pub fn labels<F: Scalar, T: Dataset<[F]> + ?Sized>(&self, data: &T) -> Result<Vec<usize>, Error> {
        let labels = data.fold(&Gathered::default(), &|batch, labels: &mut Gathered<usize>| {
            self.assign(batch, |rows| labels.0.extend(rows.label.iter().map(|&k| k as usize)))
        })?;
        Ok(labels.0)
    }

    /// Σ w ‖x − nearest centre‖².
    ///
    /// # Errors
    /// As [`labels`](Self::labels).
    pub fn inertia<F: Scalar, T: Dataset<[F]> + ?Sized>(&self, data: &T) -> Result<f64, Error> {
        let evidence = data.fold(&Evidence::default(), &|batch, evidence: &mut Evidence| {
            let mut squares = Vec::with_capacity(batch.len());
            self.assign(batch, |rows| squares.extend_from_slice(rows.squares))?;
            evidence.add_rows(batch.weights(), &squares);
            Ok(())
        })?;
        Ok(evidence.value())
    }

    /// Why a row is infinitely far from every centre.
    fn unreachable<F: Scalar>(&self, row: usize, values: &[F]) -> Error {
        // If the row is small, the centres are far.
        let of_centre = || (0..self.centres().len()).find_map(|k| too_large(row, self.centres.row(k)));
        let far = not_finite(row, values, false).or_else(|| too_large(row, values)).or_else(of_centre);
        far.unwrap_or_else(|| Error::Impossible { row, value: format!("{values:?}") })
    }

    /// Shows the rows of the batch with their nearest centres, some at a time.
    pub(crate) fn assign<F: Scalar>(
        &self,
        batch: Batch<'_, [F]>,
        mut found: impl FnMut(&Assigned<'_, F>),
    ) -> Result<(), Error> {
        let (block, d) = (batch.block(), self.centres.columns());
        if block.columns() != d && !block.is_empty() {
            return Err(Error::Dimension { what: "a row", expected: d, found: block.columns() });
        }
        let mut search = Search::new(&self.centres, self.nearest.get_or_init(|| NearestCentre::new(&self.centres)));
        for (t, rows) in block.values().chunks(d * ROWS).enumerate() {
            prefetch(block.values(), (t + 1) * d * ROWS, d * ROWS);
            search.see(rows);
        }
        let labels = search.labels();
        let mut squares = [0.0; ROWS];
        for (t, (rows, label)) in block.values().chunks(d * ROWS).zip(labels.chunks(ROWS)).enumerate() {
            let (first, squares) = (t * ROWS, &mut squares[..label.len()]);
            squared_distances(rows, self.centres.rows().values(), d, label, squares);
            for n in (0..label.len()).filter(|&n| !squares[n].is_finite()) {
                if batch.weight(first + n) > 0.0 {
                    return Err(self.unreachable(batch.row(first + n), &rows[n * d..][..d]));
                }
            }
            found(&Assigned { first, rows, label, squares });
        }
        Ok(())
    }
}

/// Some rows of a batch, the nearest centre of each, and the squared distance from it.
pub(crate) struct Assigned<'a, F> {
    /// The number, in the batch, of the first.
    pub(crate) first: usize,
    pub(crate) rows: &'a [F],
    pub(crate) label: &'a [u64],
    pub(crate) squares: &'a [f64],
}

impl PartialEq for Centroids {
    fn eq(&self, other: &Self) -> bool {
        self.centres == other.centres
    }
}

/// As what was given: the rest is made of it.
#[allow(clippy::missing_fields_in_debug, reason = "the search is made of the centres")]
impl fmt::Debug for Centroids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Centroids").field("centres", &self.centres).finish()
    }
}

impl fmt::Display for Centroids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (k, centre) in self.centres().iter().enumerate() {
            writeln!(f, "cluster {k}: centre {}", decimals_of(centre, 6))?;
        }
        Ok(())
    }
}
