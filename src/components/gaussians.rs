//! `Gaussians`: p(x | z) = N(x; μ_z, Σ_z), the covariances of one shape, with a floor and a prior.

use std::collections::HashSet;
use std::ops::Deref;

use rand::Rng;

use crate::data::{InMemory, Rows, Sample};
use crate::distributions::{Distribution, Doubt, Estimate, MultivariateNormal, Parametric, Scatter};
use crate::error::Error;
use crate::numeric::Scalar;

use super::bank::{check_count, chosen};
use super::each_its_own::{check_members, estimate_from_all};
use super::observed_cells::{observe_patterns, observed_tile};
use super::refused_rows::{not_finite, too_large};
use super::{Components, Covariance, CovarianceEstimate, InverseWishart, SampleGiven, Space};

/// K normals over rows of `F`, estimated with covariances of one shape: full, unless
/// [`covariance`](Self::covariance) says otherwise.
///
/// The bank is the list of its members: `bank[0].mean()`. It carries shape, floor and prior, so that what was fitted is
/// fitted further under the same. In a chain, with one covariance for all states:
/// ```
/// use marginal::components::Gaussians;
/// use marginal::prelude::*;
/// let table = Table::from_values(vec![1.0, 1.2, 0.7, 5.0, 5.3, 4.6, 0.9, 1.3], 1)?;
/// let normal = |mean| MultivariateNormal::new(vec![mean], &[1.0]);
/// let states = Gaussians::new(vec![normal(0.0)?, normal(4.0)?])?.covariance(Covariance::Tied);
/// let fit = Em::default().fit(&HiddenMarkovModel::of(states)?, &[table])?;
/// let found = fit.parameters.emissions();
/// assert!((found[0].mean()[0] - 1.02).abs() < 1e-6 && found[0].covariance() == found[1].covariance());
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Gaussians<F = f64> {
    members: Vec<MultivariateNormal<F>>,
    pub(crate) covariances: CovarianceEstimate,
}

impl<F> Gaussians<F> {
    /// These normals as a start; their covariances may be of another shape than the one that is estimated.
    ///
    /// # Errors
    /// [`Error::Dimension`] if there is none, or if they are about rows of different lengths.
    pub fn new(members: Vec<MultivariateNormal<F>>) -> Result<Self, Error> {
        let Some(expected) = members.first().map(MultivariateNormal::dimension) else {
            return Err(Error::Dimension { what: "the normals", expected: 1, found: 0 });
        };
        match members.iter().map(MultivariateNormal::dimension).find(|found| *found != expected) {
            Some(found) => Err(Error::Dimension { what: "the rows of a component", expected, found }),
            None => Ok(Self { members, covariances: CovarianceEstimate::default() }),
        }
    }

    /// The shape in which covariances are estimated.
    #[must_use]
    pub fn covariance(mut self, shape: Covariance) -> Self {
        self.covariances.shape = shape;
        self
    }

    /// No eigenvalue of an estimated covariance is below `floor` (in the squared unit of the data); 0 is no floor.
    #[must_use]
    pub fn floor(mut self, floor: f64) -> Self {
        self.covariances.floor = floor;
        self
    }

    /// An inverse-Wishart prior on each covariance (on the one covariance if tied).
    #[must_use]
    pub fn prior(mut self, prior: InverseWishart) -> Self {
        self.covariances.prior = Some(prior);
        self
    }

    /// Whether NaN is a missing cell: [`GaussianMixture::missing_cells`](crate::models::GaussianMixture::missing_cells).
    #[must_use]
    pub fn missing_cells(mut self, allowed: bool) -> Self {
        self.covariances.missing = allowed;
        self
    }

    /// Other members under the same shape, floor and prior.
    #[must_use]
    pub fn with_members(&self, members: Vec<MultivariateNormal<F>>) -> Self {
        Self::of(members, &self.covariances)
    }

    /// The shape in which covariances are estimated.
    pub fn shape(&self) -> Covariance {
        self.covariances.shape
    }

    pub(crate) fn of(members: Vec<MultivariateNormal<F>>, covariances: &CovarianceEstimate) -> Self {
        Self { members, covariances: covariances.clone() }
    }

    pub(super) fn dimension(&self) -> usize {
        self.members[0].dimension()
    }
}

/// The members.
impl<F> Deref for Gaussians<F> {
    type Target = [MultivariateNormal<F>];

    fn deref(&self) -> &Self::Target {
        &self.members
    }
}

impl<'a, F> IntoIterator for &'a Gaussians<F> {
    type Item = &'a MultivariateNormal<F>;
    type IntoIter = std::slice::Iter<'a, MultivariateNormal<F>>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.iter()
    }
}

impl<F: Scalar> Components for Gaussians<F> {
    type Value = [F];
    type Statistics = Vec<Scatter>;

    fn count(&self) -> usize {
        self.members.len()
    }

    fn log_density_given(&self, x: &[F], z: usize) -> f64 {
        self.log_density_observed(x, z)
    }

    fn empty_statistics(&self) -> Vec<Scatter> {
        vec![self.covariances.statistics(self.dimension()); self.members.len()]
    }

    fn observe_given(&self, s: &mut Vec<Scatter>, x: &[F], z: usize, weight: f64) {
        match Rows::new(x, x.len().max(1)).ok().and_then(|block| self.patterns(block).map(|patterns| (block, patterns)))
        {
            None => s[z].add_row(x, weight),
            Some(holed) => {
                let (block, patterns) = (holed.0, &holed.1);
                observe_patterns(&[&self.members[z]], &mut [&mut s[z]], (block, patterns), &[weight]);
            }
        }
    }

    fn estimate_together(&self, s: &Vec<Scatter>, seen: &[bool]) -> Result<Self, Error> {
        let members = self.covariances.estimate_each(s, |z| self.members.get(z).filter(|_| !seen[z]))?;
        Ok(self.with_members(members))
    }

    fn expected_log_densities(&self, s: &Vec<Scatter>) -> f64 {
        self.members.iter().zip(s).map(|(normal, s)| normal.expected_log_density(s)).sum()
    }

    fn log_density_tile(&self, block: Rows<'_, F>, tile: &mut [f64]) {
        self.tile_of(&self.members.iter().collect::<Vec<_>>(), block, tile);
    }

    fn observe_tile(&self, s: &mut Vec<Scatter>, block: Rows<'_, F>, weights: &[f64]) {
        self.observe_of(&self.members.iter().collect::<Vec<_>>(), s.iter_mut().collect(), block, weights);
    }

    fn log_density_tile_of(&self, members: &[usize], block: Rows<'_, F>, tile: &mut [f64]) {
        self.tile_of(&members.iter().map(|&z| &self.members[z]).collect::<Vec<_>>(), block, tile);
    }

    fn observe_tile_of(&self, s: &mut Vec<Scatter>, members: &[usize], block: Rows<'_, F>, weights: &[f64]) {
        let normals: Vec<_> = members.iter().map(|&z| &self.members[z]).collect();
        self.observe_of(&normals, chosen(s, members), block, weights);
    }

    fn log_prior_density(&self) -> Option<f64> {
        self.covariances.log_prior(&self.members)
    }

    fn resolution_given(&self, z: usize) -> f64 {
        self.members[z].resolution()
    }

    /// A prior answers for its own.
    fn doubts(&self, s: &Vec<Scatter>, rows: &[f64]) -> Vec<Doubt> {
        if self.covariances.prior.is_some() {
            return Vec::new();
        }
        let all =
            estimate_from_all(&self.members, s, MultivariateNormal::same_statistics, MultivariateNormal::estimate);
        let of_member = |(z, normal): (usize, &MultivariateNormal<F>)| {
            let tied = self.covariances.shape == Covariance::Tied;
            let determining = if tied { 1 } else { normal.determining_rows() };
            Doubt::of(z, rows[z], determining, all.as_ref().and_then(|all| normal.least_variance_ratio(all)))
        };
        self.members.iter().enumerate().flat_map(of_member).collect()
    }

    fn degrees_of_freedom(&self) -> Option<usize> {
        Some(self.covariances.free_parameters(self.members.len(), self.dimension()))
    }

    fn space(&self) -> Space {
        Space { row_length: Some(self.dimension()), ..Space::default() }
    }

    fn numbers_of(&self, x: &[F]) -> Option<Vec<f64>> {
        Some(self.filled(x))
    }

    fn draws_of(&self, x: &[F]) -> usize {
        usize::from(!self.says_nothing(x))
    }

    fn at_start(&self, sample: &Sample<[F]>) -> Result<Self, Error> {
        Ok(self.of_columns(sample)?.unwrap_or_else(|| self.clone()))
    }

    fn refusal_of(&self, x: &[F], row: usize) -> Option<Error> {
        not_finite(row, x, self.covariances.missing).or_else(|| too_large(row, x))
    }

    /// Shape, floor and prior must be the same.
    fn check_start(&self, start: &Self) -> Result<(), Error> {
        check_count(self, start)?;
        self.covariances.check(start.dimension())?;
        let same = |_: &MultivariateNormal<F>, of_start: &MultivariateNormal<F>| {
            self.covariances == start.covariances && self.covariances.serves(of_start)
        };
        check_members((self, start), "the rows of a component", Distribution::row_length, same)
    }

    /// K random rows that differ as means, equal weights, and the covariance of all rows.
    fn random_members(&self, sample: &Sample<[F]>, rng: &mut dyn Rng) -> Result<(Vec<f64>, Self), Error> {
        let (rows, weights) = (sample.block(), sample.weights().unwrap_or_default());
        let of_columns = self.of_columns(sample)?;
        let mut all = self.covariances.statistics(rows.columns());
        let means: Vec<Vec<f64>> = match &of_columns {
            None => {
                all.add(rows.values(), weights);
                let mean = |n: usize| rows.row(n).iter().map(|x| x.widen()).collect();
                random_distinct_rows(rows, self.members.len(), rng)?.into_iter().map(mean).collect()
            }
            Some(bank) => {
                let patterns = bank.patterns(rows).unwrap_or_default();
                observe_patterns(&[&bank.members[0]], &mut [&mut all], (rows, &patterns), weights);
                let filled = bank.filled_sample(sample);
                let numbers = random_distinct_rows(filled.block(), self.members.len(), rng)?;
                numbers.into_iter().map(|n| filled.block().row(n).to_vec()).collect()
            }
        };
        let common = self.covariances.estimate(&all)?;
        let members: Vec<_> = means.into_iter().map(|mean| common.clone().at(mean).over()).collect();
        Ok((vec![1.0; members.len()], self.with_members(members)))
    }
}

impl<F: Scalar> Gaussians<F> {
    fn tile_of(&self, normals: &[&MultivariateNormal<F>], block: Rows<'_, F>, tile: &mut [f64]) {
        match self.patterns(block) {
            None => MultivariateNormal::log_densities_each(normals, block, tile),
            Some(patterns) => observed_tile(normals, block, &patterns, tile),
        }
    }

    fn observe_of(
        &self,
        normals: &[&MultivariateNormal<F>],
        mut s: Vec<&mut Scatter>,
        block: Rows<'_, F>,
        weights: &[f64],
    ) {
        match self.patterns(block) {
            None => Scatter::add_each(&mut s, block.values(), weights),
            Some(patterns) => observe_patterns(normals, &mut s, (block, &patterns), weights),
        }
    }
}

/// The numbers of K random rows no two of which are equal.
///
/// # Errors
/// [`Error::TooFewRows`] if there are fewer.
pub(crate) fn random_distinct_rows<F: Scalar>(
    rows: Rows<'_, F>,
    k: usize,
    rng: &mut dyn Rng,
) -> Result<Vec<usize>, Error> {
    let (mut seen, mut chosen) = (HashSet::new(), Vec::new());
    for n in rand::seq::index::sample(rng, rows.len(), rows.len()) {
        // 0 and −0 are one value.
        let bits: Vec<u64> = rows.row(n).iter().map(|x| (x.widen() + 0.0).to_bits()).collect();
        if chosen.len() < k && seen.insert(bits) {
            chosen.push(n);
        }
    }
    if chosen.len() < k { Err(Error::TooFewRows { rows: chosen.len(), components: k }) } else { Ok(chosen) }
}

impl<F: Scalar> SampleGiven for Gaussians<F> {
    fn sample_given(&self, z: usize, rng: &mut dyn Rng) -> Vec<F> {
        self.members[z].sample(rng)
    }
}

/// The coordinates of each member; if the covariance is tied, of all but the first those of the mean alone.
impl<F: Scalar> Parametric for Gaussians<F> {
    fn to_vector(&self) -> Vec<f64> {
        let own = |(k, normal): (usize, &MultivariateNormal<F>)| {
            let mut vector = normal.to_vector();
            if k > 0 && self.covariances.shape == Covariance::Tied {
                vector.truncate(self.dimension());
            }
            vector
        };
        self.members.iter().enumerate().flat_map(own).collect()
    }

    fn from_vector(&self, mut coordinates: &[f64]) -> Result<Self, Error> {
        let (d, mut members) = (self.dimension(), Vec::with_capacity(self.members.len()));
        let common = coordinates[d..self.members[0].to_vector().len()].to_vec();
        for (k, normal) in self.members.iter().enumerate() {
            if k > 0 && self.covariances.shape == Covariance::Tied {
                let (mean, rest) = coordinates.split_at(d);
                members.push(self.members[0].from_vector(&[mean, &common].concat())?);
                coordinates = rest;
            } else {
                let (own, rest) = coordinates.split_at(normal.to_vector().len());
                members.push(normal.from_vector(own)?);
                coordinates = rest;
            }
        }
        Ok(self.with_members(members))
    }
}
