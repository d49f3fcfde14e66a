//! Where values lie: rows of numbers among which starts look for clusters.

use rand::Rng;

use crate::components::Components;
use crate::data::{InMemory, Observation, Sample, Table};
use crate::error::Error;

/// Values whose log-densities are asked for together.
const ROWS: usize = 256;

/// The mean of a column in place of its missing numbers (NaN).
fn with_means_for_missing(mut rows: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    for column in 0..rows.first().map_or(0, Vec::len) {
        let known = || rows.iter().filter_map(|row| row.get(column)).filter(|x| !x.is_nan());
        let count = known().count();
        if count < rows.len() {
            let mean = if count == 0 { 0.0 } else { known().map(|x| x / count as f64).sum() };
            rows.iter_mut().filter_map(|row| row.get_mut(column)).filter(|x| x.is_nan()).for_each(|x| *x = mean);
        }
    }
    rows
}

/// A row of numbers for each value of a sample: those that it consists of, or, where the bank knows of none, its log-densities
/// under members drawn at random. Values that the same members are likely to have produced lie together there.
///
/// # Errors
/// Those of [`Components::random_members`].
pub(crate) fn positions<C: Components>(bank: &C, sample: &Sample<C::Value>, rng: &mut dyn Rng) -> Result<Table, Error> {
    let (block, rows) = (sample.block(), C::Value::len(sample.block()));
    let numbers = (0..rows).map(|n| bank.numbers_of(C::Value::get(block, n))).collect::<Option<Vec<_>>>();
    if let Some(numbers) = numbers {
        let mut positions = Table::default();
        with_means_for_missing(numbers).iter().try_for_each(|row| positions.push(row))?;
        return Ok(positions);
    }
    let (_, members) = bank.random_members(sample, rng)?;
    let k = bank.count();
    let (mut values, mut tile) = (vec![0.0; rows * k], Vec::new());
    for first in (0..rows).step_by(ROWS) {
        let last = rows.min(first + ROWS);
        tile.clear();
        tile.resize(k * (last - first), 0.0);
        members.log_density_tile(C::Value::slice(block, first..last), &mut tile);
        for (i, log_density) in tile.iter().enumerate() {
            let (z, n) = (i / (last - first), first + i % (last - first));
            values[n * k + z] = *log_density;
        }
    }
    // Of density 0 is what lies no nearer than the farthest.
    for z in 0..k {
        let finite = values.iter().skip(z).step_by(k).copied().filter(|l| l.is_finite());
        let least = finite.fold(f64::INFINITY, f64::min).min(f64::MAX);
        values.iter_mut().skip(z).step_by(k).filter(|l| !l.is_finite()).for_each(|l| *l = least);
    }
    Table::from_values(values, k)
}
