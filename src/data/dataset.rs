//! Independent observations, wherever they lie, folded in a fixed order.

use std::fmt::Debug;

use crate::error::Error;

use super::batch::Batch;
use super::observation::Observation;
use super::rows::Rows;
use super::runs::fold_in_runs;
use super::statistics::Statistics;
use super::table::Table;

/// What is done with each batch: it adds to the statistics.
pub type Step<'a, O, S> = dyn Fn(Batch<'_, O>, &mut S) -> Result<(), Error> + Sync + 'a;

/// Independent observations: in memory, in a file larger than memory, on other machines. Everything [`InMemory`] is a
/// data set; for one that is not, [`fold_in_runs`] gives the same bits.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no data set of observations `{O}`",
    note = "rows of numbers, `[f64]`, are a `Table`: `Table::from_values(values, columns)`",
    note = "the observations of a chain are whole sequences: of one alone, `&[sequence]`"
)]
pub trait Dataset<O: Observation + ?Sized> {
    /// Runs `step` on every batch and merges the statistics in a fixed order: the same bits whatever the number of
    /// threads. The only thing that the driver asks of data.
    ///
    /// # Errors
    /// The first error of `step`, in the order of the rows.
    fn fold<S: Statistics>(&self, empty: &S, step: &Step<'_, O, S>) -> Result<S, Error>;

    /// How many observations count (weight > 0), and their total weight.
    ///
    /// # Errors
    /// As [`Totals::new`].
    fn totals(&self) -> Result<Totals, Error> {
        let [observations, weight] = self.fold(&[0.0; 2], &|batch, s| {
            for n in 0..batch.len() {
                let w = batch.weight(n);
                s[0] += f64::from(u8::from(w > 0.0));
                s[1] += w;
            }
            Ok(())
        })?;
        Totals::new(observations as usize, weight)
    }

    /// At most `limit` observations of positive weight, drawn without replacement (all of them if they fit), with
    /// their weights, in the order of the rows. The draw depends on `seed` and the row numbers alone.
    ///
    /// # Errors
    /// Whatever reading the data brings.
    fn subsample(&self, limit: usize, seed: u64) -> Result<Sample<O>, Error> {
        let mut drawn = self.fold(&SmallestKeys { limit, kept: Vec::new() }, &|batch, s| {
            for n in (0..batch.len()).filter(|&n| batch.weight(n) > 0.0) {
                s.push((scramble(seed, batch.row(n)), batch.row(n)));
            }
            Ok(())
        })?;
        drawn.shrink();
        let mut rows: Vec<usize> = drawn.kept.into_iter().map(|(_, row)| row).collect();
        rows.sort_unstable();
        self.fold(&Sample::default(), &|batch, s: &mut Sample<O>| {
            let first = rows.partition_point(|&row| row < batch.row(0));
            for n in rows[first..].iter().map(|row| row - batch.row(0)).take_while(|&n| n < batch.len()) {
                s.push(O::get(batch.block(), n), batch.weight(n));
            }
            Ok(())
        })
    }
}

/// How much data there is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Totals {
    /// Observations of positive weight.
    pub observations: usize,
    /// Σ w_n.
    pub weight: f64,
}

impl Totals {
    /// So many observations, which weigh so much together.
    ///
    /// # Errors
    /// [`Error::Empty`] if the weight is 0, [`Error::TotalWeight`] if it is not finite or below 10⁻²⁹⁰, where its products
    /// with the data have no digits.
    pub fn new(observations: usize, weight: f64) -> Result<Self, Error> {
        if !weight.is_finite() || (weight > 0.0 && weight < 1e-290) {
            return Err(Error::TotalWeight { sum: weight });
        }
        if weight > 0.0 { Ok(Self { observations, weight }) } else { Err(Error::Empty) }
    }
}

/// Some observations of a data set, copied, with their weights.
#[derive(Debug)]
pub struct Sample<O: Observation + ?Sized> {
    buffer: O::Buffer,
    weights: Vec<f64>,
}

impl<O: Observation + ?Sized> Sample<O> {
    /// Adds a copy of an observation.
    pub(crate) fn push(&mut self, x: &O, weight: f64) {
        O::push(&mut self.buffer, x);
        self.weights.push(weight);
    }
}

impl<O: Observation + ?Sized> Default for Sample<O> {
    fn default() -> Self {
        Self { buffer: O::Buffer::default(), weights: Vec::new() }
    }
}

impl<O: Observation + ?Sized> Clone for Sample<O> {
    fn clone(&self) -> Self {
        Self { buffer: self.buffer.clone(), weights: self.weights.clone() }
    }
}

impl<O: Observation + ?Sized> Statistics for Sample<O> {
    fn merge(&mut self, other: &Self) {
        let block = O::block(&other.buffer);
        (0..other.weights.len()).for_each(|n| O::push(&mut self.buffer, O::get(block, n)));
        self.weights.extend_from_slice(&other.weights);
    }
    fn scale(&mut self, factor: f64) {
        self.weights.scale(factor);
    }
}

impl<O: Observation + ?Sized> InMemory<O> for Sample<O> {
    fn block(&self) -> O::Block<'_> {
        O::block(&self.buffer)
    }
    fn weights(&self) -> Option<&[f64]> {
        Some(&self.weights)
    }
}

/// The rows with the smallest random keys seen so far; at most twice `limit` of them are held.
#[derive(Clone)]
struct SmallestKeys {
    limit: usize,
    kept: Vec<(u64, usize)>,
}

impl SmallestKeys {
    fn push(&mut self, entry: (u64, usize)) {
        self.kept.push(entry);
        if self.kept.len() / 2 >= self.limit.max(1) {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        if self.kept.len() > self.limit {
            self.kept.select_nth_unstable(self.limit);
            self.kept.truncate(self.limit);
        }
    }
}

impl Statistics for SmallestKeys {
    fn merge(&mut self, other: &Self) {
        self.kept.extend_from_slice(&other.kept);
        self.shrink();
    }
    fn scale(&mut self, _: f64) {}
}

/// A random key for a row: the finaliser of splitmix64 (Steele, Lea & Flood 2014).
fn scramble(seed: u64, row: usize) -> u64 {
    let mut z = seed.wrapping_add((row as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Observations that lie side by side in memory: a slice, a [`Vec`], [`Rows`], a [`Table`](super::Table).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no data set of observations `{O}`",
    note = "rows of numbers, `[f64]`, are a `Table`: `Table::from_values(values, columns)`",
    note = "the observations of a chain are whole sequences: of one alone, `&[sequence]`"
)]
pub trait InMemory<O: Observation + ?Sized> {
    /// All observations.
    fn block(&self) -> O::Block<'_>;
    /// Their weights, or `None` if all are 1.
    fn weights(&self) -> Option<&[f64]> {
        None
    }
}

impl<T: Clone + Debug + Send + Sync> InMemory<T> for [T] {
    fn block(&self) -> &[T] {
        self
    }
}

impl<T: Clone + Debug + Send + Sync> InMemory<T> for Vec<T> {
    fn block(&self) -> &[T] {
        self
    }
}

impl<T: Clone + Debug + Send + Sync, const N: usize> InMemory<T> for [T; N] {
    fn block(&self) -> &[T] {
        self
    }
}

impl<T: Clone + Debug + Send + Sync> InMemory<[T]> for Rows<'_, T> {
    fn block(&self) -> Rows<'_, T> {
        *self
    }
}

impl<O: Observation + ?Sized, D: InMemory<O> + Sync + ?Sized> Dataset<O> for D {
    fn fold<S: Statistics>(&self, empty: &S, step: &Step<'_, O, S>) -> Result<S, Error> {
        let (block, weights) = (self.block(), self.weights());
        fold_in_runs::<O, _, _>(
            O::len(block),
            empty,
            || (),
            |(), rows, s| {
                let first = rows.start;
                step(Batch::new(O::slice(block, rows.clone()), weights.map(|w| &w[rows]), first), s)
            },
        )
    }
}

impl<T: Clone + Debug + Send + Sync> InMemory<[T]> for Table<T> {
    fn block(&self) -> Rows<'_, T> {
        self.rows()
    }
}
