//! Column mixture: p(x) = Σ_k π_k Π_d p_d(x_d | θ_kd), each column of a family chosen at run time by name; with
//! categorical columns it is latent class analysis.

use std::sync::Arc;

use rand::{Rng, RngExt};

use crate::data::{Dataset, Rows};
use crate::distributions::{Column, Dirichlet, Distribution, Estimate, Independent};
use crate::error::Error;
use crate::latent::{Climbs, Doubt, FiniteLatent, Guarantee, Start, StartKind};

use super::mixture::{Mixture, MixtureStatistics};
use crate::models::clustering::seeding::sample_size;
use crate::models::starts::equal_components::equal_components;
use crate::models::starts::split::{grown, split};

const KNOWN: [StartKind; 6] = [
    StartKind::Clusters,
    StartKind::Seeds,
    StartKind::Split,
    StartKind::TightSeeds,
    StartKind::RandomRows,
    StartKind::RandomShares,
];

/// More parameters than these fill memories.
const MOST_PARAMETERS: usize = 1 << 26;

/// A mixture of K components within which the columns are independent.
///
/// Unless kinds are asked for, clusters of the standardised columns, the rows nearest to k-means++ centres, splits and tight
/// seeds take turns.
/// ```
/// use marginal::{data::Table, em::Em, models::ColumnMixture};
/// let table = Table::from_values(vec![0.2, 1.0, 0.4, 0.0, 0.1, 1.0, 3.1, 9.0, 2.7, 12.0, 3.0, 7.0], 2)?;
/// let model = ColumnMixture::new(2, vec!["normal".parse()?, "poisson".parse()?])?;
/// let fit = Em::default().fit(&model, &table)?;
/// assert!((fit.parameters.proportions()[0] - 0.5).abs() < 1e-3);
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ColumnMixture {
    /// K members of the families, whose parameters do not matter.
    families: Mixture<Vec<Independent<Column>>>,
    fewer: Option<Arc<Mixture<Vec<Independent<Column>>>>>,
}

impl ColumnMixture {
    /// K components of one family a column.
    ///
    /// # Errors
    /// [`Error::Dimension`] if there is no column, [`Error::Parameter`] if K = 0 or the parameters would be more than 2²⁶.
    pub fn new(k: usize, families: Vec<Column>) -> Result<Self, Error> {
        Error::check(k > 0, "the number of components", k as f64, "{1, 2, …}")?;
        let families = Independent::new(families)?;
        let each = families.parts().len() + families.free_parameters().unwrap_or(0);
        let domain = "the numbers with at most 2²⁶ parameters in all";
        Error::check(k.saturating_mul(each) <= MOST_PARAMETERS, "the number of components", k as f64, domain)?;
        Ok(Self { families: Mixture::of(vec![families; k])?, fewer: None })
    }

    /// One member of each column's family.
    pub fn families(&self) -> &Independent<Column> {
        &self.families.components()[0]
    }

    /// A Dirichlet prior of the proportions: [`Mixture::proportions_prior`].
    ///
    /// # Errors
    /// As there.
    pub fn proportions_prior(mut self, prior: Dirichlet) -> Result<Self, Error> {
        self.families = self.families.proportions_prior(prior)?;
        Ok(self)
    }

    /// Proportions that are held: [`Mixture::hold_proportions`].
    #[must_use]
    pub fn hold_proportions(mut self) -> Self {
        self.families = self.families.hold_proportions();
        self
    }

    /// Whether NaN is a missing cell, summed out exactly: see [`Independent::missing_cells`].
    ///
    /// A fit at θ is told how likely the observed cells are; that cells are missing must not depend on what they would have
    /// been, given those that are observed.
    #[must_use]
    pub fn missing_cells(mut self, allowed: bool) -> Self {
        self.families = self.families.missing_cells(allowed);
        self
    }

    /// A fit of fewer components to the same data, some of which [`StartKind::Split`] then splits.
    #[must_use]
    pub fn after(mut self, fewer: Mixture<Vec<Independent<Column>>>) -> Self {
        self.fewer = Some(Arc::new(fewer));
        self
    }
}

impl<D: Estimate<Value = f64>> Mixture<Vec<Independent<D>>> {
    /// The same mixture of rows of which NaN is a missing cell, or is not: see [`Independent::missing_cells`].
    #[must_use]
    pub fn missing_cells(self, allowed: bool) -> Self {
        self.map(|components| components.into_iter().map(|component| component.missing_cells(allowed)).collect())
    }
}

impl FiniteLatent for ColumnMixture {
    type Observation = [f64];
    type Parameters = Mixture<Vec<Independent<Column>>>;
    type Statistics = MixtureStatistics<Vec<<Independent<Column> as Estimate>::Statistics>>;

    fn states(&self) -> usize {
        FiniteLatent::states(&self.families)
    }

    fn statistics(&self, theta: &Self::Parameters) -> Self::Statistics {
        FiniteLatent::statistics(&self.families, theta)
    }

    fn log_joint(&self, theta: &Self::Parameters, x: &[f64], z: usize) -> f64 {
        self.families.log_joint(theta, x, z)
    }

    fn observe(&self, s: &mut Self::Statistics, x: &[f64], z: usize, weight: f64) {
        FiniteLatent::observe(&self.families, s, x, z, weight);
    }

    fn estimate(&self, s: &Self::Statistics) -> Result<Self::Parameters, Error> {
        FiniteLatent::estimate(&self.families, s)
    }

    fn estimate_from(&self, theta_old: &Self::Parameters, s: &Self::Statistics) -> Result<Self::Parameters, Error> {
        self.families.estimate_from(theta_old, s)
    }

    fn check(&self, theta: &Self::Parameters) -> Result<(), Error> {
        FiniteLatent::check(&self.families, theta)
    }

    fn row_length(&self, theta: &Self::Parameters) -> Option<usize> {
        FiniteLatent::row_length(&self.families, theta)
    }

    fn resolution(&self, theta: &Self::Parameters) -> f64 {
        FiniteLatent::resolution(&self.families, theta)
    }

    fn log_prior(&self, theta: &Self::Parameters) -> f64 {
        FiniteLatent::log_prior(&self.families, theta)
    }

    fn climbs(&self) -> Climbs {
        FiniteLatent::climbs(&self.families)
    }

    fn guarantee(&self) -> Guarantee {
        FiniteLatent::guarantee(&self.families)
    }

    fn complete_log_likelihood(&self, theta: &Self::Parameters, s: &Self::Statistics) -> f64 {
        self.families.complete_log_likelihood(theta, s)
    }

    fn log_joints(&self, theta: &Self::Parameters, block: Rows<'_, f64>, tile: &mut [f64]) {
        self.families.log_joints(theta, block, tile);
    }

    fn observe_block(&self, s: &mut Self::Statistics, block: Rows<'_, f64>, weights: &[f64]) {
        FiniteLatent::observe_block(&self.families, s, block, weights);
    }

    fn draws(&self, x: &[f64]) -> usize {
        self.families.draws(x)
    }

    fn doubts(&self, theta: &Self::Parameters, s: &Self::Statistics, draws: f64) -> Vec<Doubt> {
        FiniteLatent::doubts(&self.families, theta, s, draws)
    }

    fn free_parameters(&self, theta: &Self::Parameters) -> Option<usize> {
        FiniteLatent::free_parameters(&self.families, theta)
    }
}

impl Start for ColumnMixture {
    fn start<T: Dataset<[f64]> + ?Sized>(
        &self,
        data: &T,
        restart: usize,
        rng: &mut dyn Rng,
    ) -> Result<Self::Parameters, Error> {
        self.start_of_kind(StartKind::in_turn(self.default_starts(), restart), data, restart, rng)
    }

    fn known_starts(&self) -> &'static [StartKind] {
        &KNOWN
    }

    fn default_starts(&self) -> &'static [StartKind] {
        &KNOWN[..4]
    }

    fn start_of_kind<T: Dataset<[f64]> + ?Sized>(
        &self,
        kind: StartKind,
        data: &T,
        _: usize,
        rng: &mut dyn Rng,
    ) -> Result<Self::Parameters, Error> {
        self.families().check_support(data)?;
        let k = self.states();
        let sample = data.subsample(sample_size(k), rng.random())?;
        let sharing = self.families.sharing(&sample);
        let (counts, members) = match (kind, &self.fewer) {
            (StartKind::Split, Some(fewer)) => split(&sharing, fewer, rng),
            (StartKind::Split, None) => grown(|k| vec![self.families().clone(); k], &sample, k, rng),
            _ => sharing.members(kind, rng),
        }?;
        let start = Mixture::from_counts(&counts, self.families.estimate_of_proportions(), || Ok(members))?;
        let equal = equal_components(data, k, |x: &[f64], logs| {
            logs.iter_mut().zip(start.components()).for_each(|(l, d)| *l = d.log_density(x));
        })?;
        match equal {
            None => Ok(start),
            Some((first, second)) => Err(Error::EqualComponents { first, second }),
        }
    }
}
