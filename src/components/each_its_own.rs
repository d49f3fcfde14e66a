//! `Vec<D>`: K members of a family, each with its own parameters.

use rand::Rng;

use crate::data::{Observation, Statistics};
use crate::distributions::{Distribution, Doubt, Estimate, Guarantee, estimate_or_keep, log_prior_of_all, may_produce};
use crate::error::Error;

use super::bank::{check_count, chosen};
use super::{Components, SampleGiven, Space};

/// Each its own parameters, estimated one by one. Members of one type may differ in shape: full and diagonal normals,
/// binomials of different numbers of trials.
impl<D: Estimate> Components for Vec<D> {
    type Value = D::Value;
    type Statistics = Vec<D::Statistics>;

    fn count(&self) -> usize {
        self.len()
    }

    fn log_density_given(&self, x: &D::Value, z: usize) -> f64 {
        self[z].log_density(x)
    }

    fn empty_statistics(&self) -> Self::Statistics {
        self.iter().map(D::statistics).collect()
    }

    fn observe_given(&self, s: &mut Self::Statistics, x: &D::Value, z: usize, weight: f64) {
        self[z].observe(&mut s[z], x, weight);
    }

    fn estimate_together(&self, s: &Self::Statistics, seen: &[bool]) -> Result<Self, Error> {
        let of_member = |(z, (d, s)): (usize, (&D, &D::Statistics))| {
            let estimate = || d.estimate(s);
            let estimated = estimate_or_keep(d, seen[z], || d.log_prior(), estimate);
            estimated.map_err(|e| e.of_component(z))
        };
        self.iter().zip(s).enumerate().map(of_member).collect()
    }

    fn expected_log_densities(&self, s: &Self::Statistics) -> f64 {
        self.iter().zip(s).map(|(d, s)| d.expected_log_density(s)).sum()
    }

    fn log_density_tile(&self, block: <D::Value as Observation>::Block<'_>, tile: &mut [f64]) {
        D::log_densities_each(&self.iter().collect::<Vec<_>>(), block, tile);
    }

    fn observe_tile(&self, s: &mut Self::Statistics, block: <D::Value as Observation>::Block<'_>, weights: &[f64]) {
        D::observe_each(&self.iter().collect::<Vec<_>>(), &mut s.iter_mut().collect::<Vec<_>>(), block, weights);
    }

    fn log_density_tile_of(&self, members: &[usize], block: <D::Value as Observation>::Block<'_>, tile: &mut [f64]) {
        D::log_densities_each(&members.iter().map(|&z| &self[z]).collect::<Vec<_>>(), block, tile);
    }

    fn observe_tile_of(
        &self,
        s: &mut Self::Statistics,
        members: &[usize],
        block: <D::Value as Observation>::Block<'_>,
        weights: &[f64],
    ) {
        let own: Vec<_> = members.iter().map(|&z| &self[z]).collect();
        D::observe_each(&own, &mut chosen(s, members), block, weights);
    }

    fn log_prior_density(&self) -> Option<f64> {
        log_prior_of_all(self.iter().map(D::log_prior))
    }

    fn joint_guarantee(&self) -> Guarantee {
        self.iter().map(D::guarantee).min().unwrap_or_default()
    }

    fn resolution_given(&self, z: usize) -> f64 {
        self[z].resolution()
    }

    fn doubts(&self, s: &Self::Statistics, rows: &[f64]) -> Vec<Doubt> {
        let all = estimate_from_all(self, s, D::same_statistics, D::estimate);
        let ratio = |d: &D| all.as_ref().and_then(|all| d.least_variance_ratio(all));
        let of_member = |(z, d): (usize, &D)| {
            Doubt::of(z, rows[z], d.determining_rows(), ratio(d)).chain(d.doubts_as(z)).collect::<Vec<_>>()
        };
        self.iter().enumerate().flat_map(of_member).collect()
    }

    fn degrees_of_freedom(&self) -> Option<usize> {
        self.iter().map(D::free_parameters).sum()
    }

    fn space(&self) -> Space {
        if self.is_empty() { Space::default() } else { self.space_given(0) }
    }

    fn space_given(&self, z: usize) -> Space {
        Space { states: self[z].states(), row_length: self[z].row_length(), period: self[z].period() }
    }

    fn normal_given(&self, z: usize) -> Option<(f64, f64)> {
        self[z].as_normal()
    }

    fn numbers_of(&self, x: &D::Value) -> Option<Vec<f64>> {
        self.first()?.numbers(x)
    }

    fn draws_of(&self, x: &D::Value) -> usize {
        self.first().map_or(1, |d| d.draws_in(x))
    }

    fn may_produce(&self, x: &D::Value, z: usize) -> bool {
        may_produce(&self[z], x)
    }

    fn check_start(&self, start: &Self) -> Result<(), Error> {
        check_count(self, start)?;
        // A family whose values are no rows has no row length to differ in.
        let what = "the rows of a component";
        check_members((self, start), what, Distribution::row_length, D::same_statistics)
    }
}

impl<D: Estimate> SampleGiven for Vec<D> {
    fn sample_given(&self, z: usize, rng: &mut dyn Rng) -> <D::Value as ToOwned>::Owned {
        self[z].sample(rng)
    }
}

/// Whether all members of a bank and of a start are of one length, and each of the start has the statistics of the
/// bank's.
pub(crate) fn check_members<D>(
    (bank, start): (&[D], &[D]),
    what: &'static str,
    length: impl Fn(&D) -> Option<usize>,
    same_statistics: impl Fn(&D, &D) -> bool,
) -> Result<(), Error> {
    let mut lengths = bank.iter().chain(start).map(length);
    let first = lengths.next().flatten();
    if let Some(length) = lengths.find(|length| *length != first) {
        let (expected, found) = (first.unwrap_or(0), length.unwrap_or(0));
        return Err(Error::Dimension { what, expected, found });
    }
    match bank.iter().zip(start).position(|(member, of_start)| !same_statistics(member, of_start)) {
        None => Ok(()),
        Some(component) => Err(Error::OtherShape { component }),
    }
}

/// What one member of the family makes of all rows; `None` where members have statistics of other shapes, or no estimate.
pub(crate) fn estimate_from_all<D, S: Statistics>(
    members: &[D],
    s: &[S],
    same_statistics: impl Fn(&D, &D) -> bool,
    estimate: impl Fn(&D, &S) -> Result<D, Error>,
) -> Option<D> {
    let (first, (of_first, rest)) = (members.first()?, s.split_first()?);
    if !members.iter().all(|d| same_statistics(first, d)) {
        return None;
    }
    let mut of_all = of_first.clone();
    rest.iter().for_each(|s| of_all.merge(s));
    estimate(first, &of_all).ok()
}
