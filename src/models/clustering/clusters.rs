//! Clusters from which mixtures start, found in standardised columns.
//!
//! Standardising makes the start indifferent to the columns' units and offsets, as the likelihood itself is.

use rand::Rng;

use crate::data::{InMemory, Sample, Table, Weighted};
use crate::distributions::Scatter;
use crate::em::Em;
use crate::error::Error;
use crate::numeric::Scalar;

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

/// The cluster of each row of the sample, one of K.
///
/// # Errors
/// [`Error::TooFewRows`] if there are fewer than K distinct rows.
pub(crate) fn clusters<F: Scalar>(
    sample: &Sample<[F]>,
    k: usize,
    settle: Settle,
    rng: &mut dyn Rng,
) -> Result<Vec<usize>, Error> {
    let standardised = standardise(sample)?;
    let weighted = Weighted::new(&standardised, sample.weights().unwrap_or_default())?;
    let mut centres = Table::default();
    let chosen = k_means_plus_plus(&weighted, k, rng).map_err(|error| match error {
        Error::TooFewRows { .. } => indistinct(InMemory::<[F]>::block(sample), k),
        other => other,
    })?;
    for n in chosen {
        centres.push(standardised.row(n))?;
    }
    let mut centroids = Centroids::new(centres)?;
    if settle == Settle::Lloyd {
        let em = Em::default().max_iterations(LLOYD_ITERATIONS);
        centroids = em.fit_from(&KMeans::new(k), &weighted, centroids)?.parameters;
    }
    centroids.labels(&standardised)
}

/// Each column less its mean, over its standard deviation (a constant column becomes 0).
fn standardise<F: Scalar>(sample: &Sample<[F]>) -> Result<Table, Error> {
    let rows = InMemory::<[F]>::block(sample);
    let mut moments = Scatter::diagonal(rows.columns());
    moments.add(rows.values(), sample.weights().unwrap_or_default());
    let variances = moments.covariance()?;
    for (column, variance) in variances.iter().enumerate().filter(|(_, v)| !v.is_normal()) {
        let (least, greatest) = range(rows, column);
        if least < greatest {
            return Err(Error::Range { column, least, greatest });
        }
        debug_assert!(*variance == 0.0, "the variance of equal values is 0");
    }
    let scale = |(x, (m, v)): (&F, (&f64, &f64))| if *v > 0.0 { (x.widen() - m) / v.sqrt() } else { 0.0 };
    let values = rows.iter().flat_map(|row| row.iter().zip(moments.mean().iter().zip(&variances)).map(scale));
    Table::from_values(values.collect(), rows.columns())
}
