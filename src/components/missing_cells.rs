//! Rows that miss cells, in a bank of normals: which do, and what fills their cells where a start needs numbers.

use crate::data::{InMemory, Rows, Sample};
use crate::distributions::{Distribution, MultivariateNormal, Patterns, Scatter};
use crate::error::Error;
use crate::numeric::{LEAST_VARIANCE, Scalar};

use super::Gaussians;

const EMPTY: &str = "every cell is missing: leave the column out";

impl<F: Scalar> Gaussians<F> {
    /// The patterns of a block that misses cells; `None` if it does not, or if no cell may be missing.
    pub(super) fn patterns(&self, block: Rows<'_, F>) -> Option<Patterns> {
        if !self.covariances.missing || block.columns() != self.dimension() {
            return None;
        }
        Some(Patterns::of_block(block)).filter(|patterns| !patterns.is_empty())
    }

    /// Whether a block misses cells that may be missing.
    pub(crate) fn has_missing(&self, block: Rows<'_, F>) -> bool {
        self.patterns(block).is_some()
    }

    /// The cells of a row, with the mean of the members' means in place of those that are missing.
    pub(super) fn filled(&self, x: &[F]) -> Vec<f64> {
        let centre = |j: usize| self.iter().map(|normal| normal.mean()[j]).sum::<f64>() / self.len() as f64;
        let cell = |(j, x): (usize, &F)| if x.is_nan() && self.covariances.missing { centre(j) } else { x.widen() };
        x.iter().enumerate().map(cell).collect()
    }

    /// The same bank, all members with the means and variances of the observed cells of each column; `None` if none is
    /// missing.
    pub(super) fn of_columns(&self, sample: &Sample<[F]>) -> Result<Option<Self>, Error> {
        let rows = sample.block();
        if self.patterns(rows).is_none() {
            return Ok(None);
        }
        let (mut means, mut variances) = (Vec::new(), Vec::new());
        for column in 0..rows.columns() {
            let mut cells = Scatter::diagonal(1);
            for (row, &weight) in rows.iter().zip(sample.weights().unwrap_or_default()) {
                if weight > 0.0 && !row[column].is_nan() {
                    cells.add_row(&row[column..=column], weight);
                }
            }
            let variance = cells.covariance().map_err(|_| {
                let source = Error::NoEstimate { family: "MultivariateNormal", reason: EMPTY };
                Error::AtColumn { column, source: Box::new(source) }
            })?;
            means.push(cells.mean()[0]);
            // Of a constant column only a floor or a prior makes a covariance.
            variances.push(variance[0].max(self.covariances.floor).max(LEAST_VARIANCE));
        }
        let normal = MultivariateNormal::diagonal(means, &variances)?;
        let normal = if self.covariances.statistics(1) == Scatter::full(1) {
            MultivariateNormal::new(normal.mean().to_vec(), &normal.covariance())?
        } else {
            normal
        };
        Ok(Some(self.with_members(vec![normal.over(); self.len()])))
    }

    /// A sample with [filled](Self::filled) rows.
    pub(super) fn filled_sample(&self, sample: &Sample<[F]>) -> Sample<[f64]> {
        let mut filled = Sample::default();
        for (row, &weight) in sample.block().iter().zip(sample.weights().unwrap_or_default()) {
            filled.push(&self.filled(row)[..], weight);
        }
        filled
    }

    /// Whether every cell of a row that may miss some is missing.
    pub(super) fn says_nothing(&self, x: &[F]) -> bool {
        self.covariances.missing && x.iter().all(|x| x.is_nan())
    }

    /// ln p(x_o | z).
    pub(super) fn log_density_observed(&self, x: &[F], z: usize) -> f64 {
        let normal = &self[z];
        let block = Rows::new(x, x.len().max(1)).ok();
        match block.and_then(|block| self.patterns(block)) {
            None => normal.log_density(x),
            Some(patterns) => {
                let (mut values, mut gained): (Vec<f64>, f64) = (x.iter().map(|x| x.widen()).collect(), 0.0);
                normal.complete(&patterns, &mut values, |_, conditional| gained = conditional.log_density_gained());
                gained + normal.clone().over::<f64>().log_density(&values)
            }
        }
    }
}
