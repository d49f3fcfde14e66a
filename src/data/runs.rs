//! Runs: rows are cut in a way that depends on their number alone, so sums do not depend on who computes them.

use std::ops::Range;

use crate::error::Error;

use super::in_order::fold_in_order;
use super::observation::Observation;
use super::statistics::Statistics;

/// The rows that one call of a step sees at most: their tile of K log-densities stays in the L2 cache.
const BATCH_ROWS: usize = 512;
/// The runs of consecutive batches that may be folded side by side, each into statistics of its own.
const RUNS: usize = 64;

/// Folds N observations of type `O` as data in memory are folded: at most 64 runs of whole batches, side by side with
/// the feature `parallel`, merged in order. A batch has at most 512 observations and, if there are as many, at least
/// [`Observation::LEAST_BATCH`], but for the last. A [`Dataset`](super::Dataset) that calls this has, with the same rows, the same bits as
/// one in memory.
///
/// `read` sees each batch as a range of rows and adds it to the statistics. It reads through what `open` makes, once
/// for some neighbouring runs: a reader is asked for consecutive batches, the first of them anywhere.
/// ```
/// use marginal::data::{Batch, Dataset, Statistics, Step, fold_in_runs};
/// use marginal::{Error, em::Em, distributions::Normal, models::Mixture};
///
/// /// The roots of 0, 1, …, N − 1: no thread ever holds more than one batch of them.
/// struct Roots(usize);
///
/// impl Dataset<f64> for Roots {
///     fn fold<S: Statistics>(&self, empty: &S, step: &Step<'_, f64, S>) -> Result<S, Error> {
///         fold_in_runs::<f64, _, _>(self.0, empty, Vec::new, |buffer: &mut Vec<f64>, rows, s| {
///             buffer.clear();
///             buffer.extend(rows.clone().map(|n| (n as f64).sqrt()));
///             step(Batch::new(buffer.as_slice(), None, rows.start), s)
///         })
///     }
/// }
///
/// let in_memory: Vec<f64> = (0..2000).map(|n| f64::from(n).sqrt()).collect();
/// let model = Mixture::of(vec![Normal::new(10.0, 5.0)?, Normal::new(40.0, 5.0)?])?;
/// let fit = Em::default().fit(&model, &Roots(2000))?;
/// assert_eq!(fit.parameters, Em::default().fit(&model, &in_memory)?.parameters);
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// The first error of `read`, in the order of the rows.
pub fn fold_in_runs<O: Observation + ?Sized, S: Statistics, R>(
    rows: usize,
    empty: &S,
    open: impl Fn() -> R + Send + Sync,
    read: impl Fn(&mut R, Range<usize>, &mut S) -> Result<(), Error> + Send + Sync,
) -> Result<S, Error> {
    fold_in_batches(rows, O::LEAST_BATCH, empty, open, read)
}

/// [`fold_in_runs`] of observations whose least batch is known.
pub(crate) fn fold_in_batches<S: Statistics, R>(
    rows: usize,
    least: usize,
    empty: &S,
    open: impl Fn() -> R + Send + Sync,
    read: impl Fn(&mut R, Range<usize>, &mut S) -> Result<(), Error> + Send + Sync,
) -> Result<S, Error> {
    let batch_rows = rows.div_ceil((rows / least).clamp(1, RUNS)).clamp(1, BATCH_ROWS);
    let run_rows = rows.div_ceil(batch_rows).div_ceil(RUNS) * batch_rows;
    fold_in_order(rows.div_ceil(run_rows.max(1)), empty, &open, &|reader, run, s| {
        let first = run * run_rows;
        let batches = (first..rows.min(first + run_rows)).step_by(batch_rows);
        batches.into_iter().try_for_each(|start| read(reader, start..rows.min(start + batch_rows), s))
    })
}
