//! Clusters from which mixtures start, found in standardised columns.
//!
//! Standardising makes the start indifferent to the columns' units and offsets, as the likelihood itself is.

use rand::Rng;

use crate::data::{Table, Weighted};
use crate::distributions::Scatter;
use crate::em::Em;
use crate::error::Error;

use super::centroids::Centroids;
use super::k_means::KMeans;
use super::seeding::{indistinct, k_means_plus_plus, range};

/// Enough for K-means to settle; the mixture refines what it finds.
const LLOYD_ITERATIONS: usize = 50;

/// What is done with k-means++ centres before rows are assigned to the nearest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settle {
    /// They are moved by K-means.
    Lloyd,
    /// They stay: starts differ more.
    Nothing,
}

/// The cluster of each row, one of K.
///
/// # Errors
/// [`Error::TooFewRows`] if there are fewer than K distinct rows.
pub(crate) fn clusters(
    rows: &Table,
    weights: &[f64],
    k: usize,
    settle: Settle,
    rng: &mut dyn Rng,
) -> Result<Vec<usize>, Error> {
    let standardised = standardise(rows, weights)?;
    let weighted = Weighted::new(&standardised, weights)?;
    let mut centres = Table::default();
    for n in seeds(rows, &weighted, k, rng)? {
        centres.push(standardised.row(n))?;
    }
    let mut centroids = Centroids::new(centres)?;
    if settle == Settle::Lloyd {
        let em = Em::default().max_iterations(LLOYD_ITERATIONS);
        centroids = em.fit_from(&KMeans::new(k), &weighted, centroids)?.parameters;
    }
    centroids.labels(&standardised)
}

/// Which of K seeds has a row among the so many rows nearest to it, if any has; where several do, the nearest.
///
/// # Errors
/// As [`clusters`].
pub(crate) fn nearest_to_seeds(
    rows: &Table,
    weights: &[f64],
    (k, each): (usize, usize),
    rng: &mut dyn Rng,
) -> Result<Vec<Option<usize>>, Error> {
    let standardised = standardise(rows, weights)?;
    let weighted = Weighted::new(&standardised, weights)?;
    let mut nearest: Vec<(f64, Option<usize>)> = vec![(f64::INFINITY, None); rows.len()];
    for (z, seed) in seeds(rows, &weighted, k, rng)?.into_iter().enumerate() {
        let square = |n: usize| -> f64 {
            standardised.row(n).iter().zip(standardised.row(seed)).map(|(x, c)| (x - c) * (x - c)).sum()
        };
        let mut order: Vec<(f64, usize)> = (0..rows.len()).map(|n| (square(n), n)).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (square, n) in order.into_iter().take(each) {
            if square < nearest[n].0 {
                nearest[n] = (square, Some(z));
            }
        }
    }
    Ok(nearest.into_iter().map(|(_, seed)| seed).collect())
}

/// k-means++ seeds; too few are said of the rows as they were before they were standardised.
fn seeds(rows: &Table, standardised: &Weighted<'_, Table>, k: usize, rng: &mut dyn Rng) -> Result<Vec<usize>, Error> {
    k_means_plus_plus(standardised, k, rng).map_err(|error| match error {
        Error::TooFewRows { .. } => indistinct(rows.rows(), k),
        other => other,
    })
}

/// Each column less its mean, over its standard deviation (a constant column becomes 0).
pub(crate) fn standardise(table: &Table, weights: &[f64]) -> Result<Table, Error> {
    let rows = table.rows();
    let mut moments = Scatter::diagonal(rows.columns());
    moments.add(rows.values(), weights);
    let variances = moments.covariance()?;
    for (column, variance) in variances.iter().enumerate().filter(|(_, v)| !v.is_normal()) {
        let (least, greatest) = range(rows, column);
        if least < greatest {
            return Err(Error::Range { column, least, greatest });
        }
        debug_assert!(*variance == 0.0, "the variance of equal values is 0");
    }
    let scale = |(x, (m, v)): (&f64, (&f64, &f64))| if *v > 0.0 { (x - m) / v.sqrt() } else { 0.0 };
    let values = rows.iter().flat_map(|row| row.iter().zip(moments.mean().iter().zip(&variances)).map(scale));
    Table::from_values(values.collect(), rows.columns())
}
