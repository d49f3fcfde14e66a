//! Gaussian mixture: p(x) = Σ_k π_k N(x | μ_k, Σ_k), with full, tied, diagonal or spherical covariances.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::components::{Components, Covariance, CovarianceEstimate, Gaussians, InverseWishart};
use crate::data::{Dataset, InMemory, Rows};
use crate::distributions::{Dirichlet, MultivariateNormal, RowEstimate, Scatter, log_prior_of_all};
use crate::error::Error;
use crate::latent::{Climbs, Doubt, FiniteLatent};
use crate::numeric::Scalar;

use super::finite_rows::check_finite;
use super::mixture::{Mixture, MixtureStatistics};

/// A Gaussian mixture with K components, over rows of `F` (f64 unless said otherwise), that chooses its start from the
/// data; what it fits is a [`Mixture`] of [`Gaussians`] of its shape, floor and prior.
///
/// A component that collapses (onto one row, say) is an error that names it; such a start is dropped if another
/// succeeds. [`floor`](Self::floor) and [`prior`](Self::prior) make collapse impossible.
/// ```
/// use marginal::{components::Covariance, data::Table, em::Em, models::GaussianMixture};
/// let table = Table::from_values(vec![1.0, 1.2, 0.7, 5.0, 5.3, 4.6], 1)?;
/// let model = GaussianMixture::new(2).covariance(Covariance::Tied);
/// let fit = Em::default().restarts(3).fit(&model, &table)?;
/// assert!((fit.parameters.proportions()[0] - 0.5).abs() < 1e-6);
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct GaussianMixture<F = f64> {
    pub(crate) k: usize,
    pub(crate) covariances: CovarianceEstimate,
    pub(crate) of_proportions: RowEstimate,
    pub(crate) fewer: Option<Arc<Mixture<Gaussians<F>>>>,
    scalar: PhantomData<F>,
}

impl GaussianMixture {
    /// K components with full covariances, no floor and no prior.
    pub fn new(k: usize) -> Self {
        let of_proportions = RowEstimate::Free;
        Self { k, covariances: CovarianceEstimate::default(), of_proportions, fewer: None, scalar: PhantomData }
    }
}

impl<F> GaussianMixture<F> {
    /// The shape of the covariances.
    pub fn covariance(mut self, covariance: Covariance) -> Self {
        self.covariances.shape = covariance;
        self
    }

    /// No eigenvalue of a covariance may be below `floor` (in the squared unit of the data); 0 is no floor.
    pub fn floor(mut self, floor: f64) -> Self {
        self.covariances.floor = floor;
        self
    }

    /// An inverse-Wishart prior on each covariance (on the one covariance if tied): EM then climbs ℓ + ln prior.
    pub fn prior(mut self, prior: InverseWishart) -> Self {
        self.covariances.prior = Some(prior);
        self
    }

    /// A Dirichlet prior of the proportions, as in [`Mixture::proportions_prior`]; a fit refuses one of another length
    /// than K, or with a concentration below 1.
    pub fn proportions_prior(mut self, prior: Dirichlet) -> Self {
        self.of_proportions = RowEstimate::Prior(prior);
        self
    }

    /// Proportions that are known to be equal, or to be those of the θ that a fit is told to start from.
    pub fn hold_proportions(mut self) -> Self {
        self.of_proportions = RowEstimate::Held;
        self
    }

    /// Whether NaN is a missing cell (`true`), or an error (`false`, the default: it may be an accident).
    ///
    /// Missing cells are hidden beside z, and EM climbs the likelihood of what is observed, Σ w ln Σ_k π_k N(x_o | k): exact
    /// where cells are missing at random (Ghahramani & Jordan 1994). A row without any cell says nothing: its log-density is
    /// 0, its responsibilities are the proportions, and for BIC it is no draw. What is fitted
    /// [completes](Mixture::completed) rows.
    /// ```
    /// use marginal::prelude::*;
    /// let nan = f64::NAN;
    /// let table = Table::from_values(vec![1.0, 2.1, 1.2, nan, 0.7, 1.9, 5.0, nan, 5.3, 7.2, 4.6, 6.4, nan, 6.9], 2)?;
    /// let model = GaussianMixture::new(2).covariance(Covariance::Diagonal).missing_cells(true);
    /// let fit = Em::default().restarts(5).fit(&model, &table)?;
    /// let filled = fit.parameters.completed(&table)?; // each missing cell by its mean given the others
    /// assert!((filled.row(1)[1] - 2.0).abs() < 1e-3 && filled.row(2) == table.row(2));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn missing_cells(mut self, allowed: bool) -> Self {
        self.covariances.missing = allowed;
        self
    }

    /// A fit of fewer components to the same data, some of which [`StartKind::Split`](crate::latent::StartKind::Split) then
    /// splits.
    pub fn after(mut self, fewer: Mixture<Gaussians<F>>) -> Self {
        self.fewer = Some(Arc::new(fewer));
        self
    }

    /// The same model over rows of another scalar type, which has no fit of fewer components.
    pub fn over<G>(self) -> GaussianMixture<G> {
        let Self { k, covariances, of_proportions, .. } = self;
        GaussianMixture { k, covariances, of_proportions, fewer: None, scalar: PhantomData }
    }
}

impl<F: Scalar> GaussianMixture<F> {
    /// The parameters that maximise the complete-data likelihood of labelled rows: a start from a given partition.
    ///
    /// # Errors
    /// [`Error::Dimension`] if there are not as many labels as rows, [`Error::Parameter`] if a label is not below K,
    /// and those of the M-step.
    pub fn from_labels<T>(&self, data: &T, labels: &[usize]) -> Result<Mixture<Gaussians<F>>, Error>
    where
        T: InMemory<[F]> + Sync + ?Sized,
    {
        let block = data.block();
        if labels.len() != block.len() {
            return Err(Error::Dimension { what: "the labels", expected: block.len(), found: labels.len() });
        }
        if let Some(&label) = labels.iter().find(|&&z| z >= self.k) {
            return Err(Error::Parameter { name: "label", value: label as f64, domain: "{0, …, K − 1}" });
        }
        self.check_settings(block.columns())?;
        if self.k > labels.len() {
            return Err(Error::TooFewRows { rows: labels.len(), components: self.k });
        }
        check_finite(data, self.covariances.missing)?;
        let mut s = self.empty(block.columns());
        let bank = Gaussians::of(vec![MultivariateNormal::standard(block.columns()).over(); self.k], &self.covariances);
        let bank = if bank.has_missing(block) { bank.at_start(&data.subsample(labels.len(), 0)?)? } else { bank };
        for (n, &z) in labels.iter().enumerate() {
            let weight = data.weights().map_or(1.0, |w| w[n]);
            s.weights[z] += weight;
            bank.observe_given(&mut s.components, block.row(n), z, weight);
        }
        self.estimate(&s)
    }

    pub(crate) fn empty(&self, dimension: usize) -> MixtureStatistics<Vec<Scatter>> {
        MixtureStatistics {
            weights: vec![0.0; self.k],
            components: vec![self.covariances.statistics(dimension); self.k],
        }
    }

    /// These normals under the model's shape, floor and prior: the components of a θ to start from, or to ask about.
    ///
    /// # Errors
    /// Those of [`Gaussians::new`]; [`Error::Dimension`] unless there are K.
    pub fn bank(&self, members: Vec<MultivariateNormal<F>>) -> Result<Gaussians<F>, Error> {
        let (expected, found) = (self.k, members.len());
        if expected != found {
            return Err(Error::Dimension { what: "the components", expected, found });
        }
        Ok(Gaussians::of(Gaussians::new(members)?.to_vec(), &self.covariances))
    }

    /// Whether the settings make sense for rows of D values.
    pub(crate) fn check_settings(&self, dimension: usize) -> Result<(), Error> {
        Error::check(self.k > 0, "the number of components", self.k as f64, "{1, 2, …}")?;
        self.of_proportions.check(self.k)?;
        self.covariances.check(dimension)
    }

    /// θ of these statistics; what is held of the proportions stays as it was.
    fn estimate_beside(
        &self,
        old: &[f64],
        s: &MixtureStatistics<Vec<Scatter>>,
    ) -> Result<Mixture<Gaussians<F>>, Error> {
        Mixture::from_counts(&s.weights, (&self.of_proportions, old), || {
            let members = self.covariances.estimate_each(&s.components, |_| None)?;
            Ok(Gaussians::of(members, &self.covariances))
        })
    }
}

impl<F: Scalar> FiniteLatent for GaussianMixture<F> {
    type Observation = [F];
    type Parameters = Mixture<Gaussians<F>>;
    type Statistics = MixtureStatistics<Vec<Scatter>>;

    fn states(&self) -> usize {
        self.k
    }

    fn statistics(&self, theta: &Self::Parameters) -> Self::Statistics {
        self.empty(theta.components()[0].dimension())
    }

    fn log_joint(&self, theta: &Self::Parameters, x: &[F], z: usize) -> f64 {
        theta.log_joint(theta, x, z)
    }

    fn observe(&self, s: &mut Self::Statistics, x: &[F], z: usize, weight: f64) {
        s.weights[z] += weight;
        s.components[z].add_row(x, weight);
    }

    fn estimate(&self, s: &Self::Statistics) -> Result<Self::Parameters, Error> {
        self.estimate_beside(&vec![1.0 / self.k as f64; self.k], s)
    }

    fn estimate_from(&self, theta_old: &Self::Parameters, s: &Self::Statistics) -> Result<Self::Parameters, Error> {
        self.estimate_beside(theta_old.proportions(), s)
    }

    fn complete_log_likelihood(&self, theta: &Self::Parameters, s: &Self::Statistics) -> f64 {
        theta.complete_log_likelihood(theta, s)
    }

    fn log_joints(&self, theta: &Self::Parameters, block: Rows<'_, F>, tile: &mut [f64]) {
        theta.log_joints(theta, block, tile);
    }

    fn observe_block(&self, s: &mut Self::Statistics, block: Rows<'_, F>, weights: &[f64]) {
        s.add_weights(weights);
        Scatter::add_each(&mut s.components.iter_mut().collect::<Vec<_>>(), block.values(), weights);
    }

    fn observe_block_at(
        &self,
        theta_old: &Self::Parameters,
        s: &mut Self::Statistics,
        block: Rows<'_, F>,
        weights: &[f64],
    ) {
        FiniteLatent::observe_block(theta_old, s, block, weights);
    }

    fn log_prior(&self, theta: &Self::Parameters) -> f64 {
        let of_covariances = self.covariances.log_prior(theta.components());
        log_prior_of_all([of_covariances, self.of_proportions.log_prior(theta.proportions())]).unwrap_or(0.0)
    }

    fn check(&self, theta: &Self::Parameters) -> Result<(), Error> {
        let (expected, found) = (self.k, theta.components().len());
        if expected != found {
            return Err(Error::Dimension { what: "the components of the start", expected, found });
        }
        self.check_settings(theta.components()[0].dimension())?;
        match theta.components().iter().position(|normal| !self.covariances.serves(normal)) {
            None => Ok(()),
            Some(component) => Err(Error::OtherShape { component }),
        }
    }

    fn resolution(&self, theta: &Self::Parameters) -> f64 {
        FiniteLatent::resolution(theta, theta)
    }

    fn row_length(&self, theta: &Self::Parameters) -> Option<usize> {
        FiniteLatent::row_length(theta, theta)
    }

    fn climbs(&self) -> Climbs {
        let is_penalised = self.covariances.prior.is_some() || matches!(self.of_proportions, RowEstimate::Prior(_));
        if is_penalised { Climbs::Penalised } else { Climbs::LogLikelihood }
    }

    fn doubts(&self, theta: &Self::Parameters, s: &Self::Statistics, draws: f64) -> Vec<Doubt> {
        FiniteLatent::doubts(theta, theta, s, draws)
    }

    fn free_parameters(&self, theta: &Self::Parameters) -> Option<usize> {
        let d = theta.components()[0].dimension();
        let proportions = if self.of_proportions.is_held() { 0 } else { self.k - 1 };
        Some(proportions + self.covariances.free_parameters(self.k, d))
    }

    fn draws(&self, x: &[F]) -> usize {
        usize::from(!(self.covariances.missing && x.iter().all(|x| x.is_nan())))
    }

    fn refusal(&self, theta: &Self::Parameters, x: &[F], row: usize) -> Option<Error> {
        theta.components().refusal_of(x, row)
    }
}
