//! Factor analysis: p(x) = Σ_k π_k N(x; μ_k, Λ_k Λ_kᵀ + Ψ_k), one component unless more are asked for.

use crate::components::{Components, LowRankNormals};
use crate::data::{Batch, Dataset};
use crate::distributions::{Doubt, LowRankNormal, Noise, Scatter};
use crate::error::Error;
use crate::latent::{Evidence, Guarantee, LatentModel};
use crate::models::{Mixture, MixtureStatistics};

/// Of each column's variance over all rows, the share below which no noise is estimated, unless said otherwise.
const FLOOR: f64 = 1e-6;

/// A model of D columns with q common factors: x = μ + Λ z + ε, z ~ N(0, I), ε ~ N(0, Ψ). What it fits is a [`Mixture`] of
/// [`LowRankNormals`], whose one component is the factor analysis: its loadings, scores and rotations are methods of
/// [`LowRankNormal`].
///
/// A column whose noise vanishes is a Heywood case: the likelihood has its maximum at the edge, where ψ_j stands on its
/// [floor](Self::floor), and the fit's doubts tell it. If (D − q)² < D + q, the factors can make any covariance, and loadings
/// are not determined by the data.
/// ```
/// use marginal::prelude::*;
/// use marginal::models::FactorAnalysis;
/// let rows = [[2.0, 2.2, 4.1, 0.9], [3.0, 2.7, 6.2, 1.2], [1.0, 1.4, 1.7, 0.4], [4.0, 3.5, 8.3, 1.1], [2.5, 2.9, 4.4, 0.7]];
/// let table = Table::from_values(rows.concat(), 4)?;
/// let fit = Em::default().fit(&FactorAnalysis::new(1), &table)?;
/// let factors = &fit.parameters.components()[0];
/// assert!(factors.communalities()[0] > 0.8 && factors.scores(table.row(3))?[0] > 1.0);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct FactorAnalysis {
    pub(super) factors: usize,
    pub(super) components: usize,
    noise: Noise,
    shared: [bool; 2],
    floor: f64,
}

impl FactorAnalysis {
    /// q factors, one component, each column its own noise.
    pub fn new(factors: usize) -> Self {
        Self { factors, components: 1, noise: Noise::Diagonal, shared: [false; 2], floor: FLOOR }
    }

    /// The same with one variance of noise for all columns (Tipping & Bishop 1999); each M-step is then a maximum in closed
    /// form, and of one component the first is the last.
    pub fn probabilistic_pca(factors: usize) -> Self {
        Self { noise: Noise::Isotropic, ..Self::new(factors) }
    }

    /// A mixture of K of them, each with its mean.
    #[must_use]
    pub fn components(mut self, components: usize) -> Self {
        self.components = components;
        self
    }

    /// Whether all components have the same loadings.
    #[must_use]
    pub fn share_loadings(mut self, shared: bool) -> Self {
        self.shared[0] = shared;
        self
    }

    /// Whether all components have the same noise.
    #[must_use]
    pub fn share_noise(mut self, shared: bool) -> Self {
        self.shared[1] = shared;
        self
    }

    /// No ψ_j is estimated below this share of its column's variance over all rows, 1e-6 unless said otherwise; `factanal`
    /// has 0.005. 0 leaves no more than what round-off asks for.
    #[must_use]
    pub fn floor(mut self, share: f64) -> Self {
        self.floor = share;
        self
    }

    /// Components without loadings, and of variance 1, under the model's settings, for D columns with these variances.
    pub(super) fn bank(&self, variances: &[f64]) -> Result<LowRankNormals, Error> {
        let floors = variances.iter().map(|v| v * self.floor).collect();
        let member = LowRankNormal::standard(variances.len(), self.factors, self.noise)?.floors(floors)?;
        let bank = LowRankNormals::new(vec![member; self.components])?;
        Ok(bank.share_loadings(self.shared[0]).share_noise(self.shared[1]))
    }

    /// These normals as θ to start from, or to ask about: they must be as many and of the shape that is estimated, and their
    /// [floors](LowRankNormal::floors) are those of the fit, whatever [`floor`](Self::floor) says.
    ///
    /// # Errors
    /// Those of [`LowRankNormals::new`]; those of [`check`](LatentModel::check).
    pub fn start_from(
        &self,
        proportions: Vec<f64>,
        members: Vec<LowRankNormal>,
    ) -> Result<Mixture<LowRankNormals>, Error> {
        let bank = LowRankNormals::new(members)?.share_loadings(self.shared[0]).share_noise(self.shared[1]);
        let theta = Mixture::new(proportions, bank)?;
        self.check(&theta)?;
        Ok(theta)
    }

    pub(super) fn check_settings(&self) -> Result<(), Error> {
        Error::check(self.components > 0, "the number of components", self.components as f64, "{1, 2, …}")?;
        Error::check(self.factors > 0, "the number of factors", self.factors as f64, "{1, …, D − 1}")?;
        Error::check((0.0..1.0).contains(&self.floor), "the floor of the noise", self.floor, "[0, 1)")
    }

    /// The variance of each column over all rows.
    pub(super) fn variances<T: Dataset<[f64]> + ?Sized>(data: &T, columns: usize) -> Result<Vec<f64>, Error> {
        let all = data.fold(&Scatter::diagonal(columns), &|batch: Batch<'_, [f64]>, s: &mut Scatter| {
            let weights: Vec<f64> = (0..batch.len()).map(|n| batch.weight(n)).collect();
            s.add(batch.block().values(), &weights);
            Ok(())
        })?;
        all.covariance()
    }
}

impl LatentModel for FactorAnalysis {
    type Observation = [f64];
    type Parameters = Mixture<LowRankNormals>;
    type Statistics = MixtureStatistics<Vec<Scatter>>;

    fn statistics(&self, theta: &Self::Parameters) -> Self::Statistics {
        LatentModel::statistics(theta, theta)
    }

    fn e_step(
        &self,
        theta: &Self::Parameters,
        batch: Batch<'_, [f64]>,
        s: &mut Self::Statistics,
    ) -> Result<Evidence, Error> {
        theta.e_step(theta, batch, s)
    }

    fn m_step(&self, theta_old: &Self::Parameters, s: &Self::Statistics) -> Result<Self::Parameters, Error> {
        theta_old.m_step(theta_old, s)
    }

    fn expected_log_joint(&self, theta: &Self::Parameters, s: &Self::Statistics) -> f64 {
        theta.expected_log_joint(theta, s)
    }

    fn summed_in_logarithms(&self, theta: &Self::Parameters, x: &[f64]) -> Option<f64> {
        theta.summed_in_logarithms(theta, x)
    }

    fn check(&self, theta: &Self::Parameters) -> Result<(), Error> {
        self.check_settings()?;
        let (bank, expected) = (theta.components(), self.components);
        if bank.count() != expected {
            return Err(Error::Dimension { what: "the components of the start", expected, found: bank.count() });
        }
        let other = |member: &LowRankNormal| (member.factors(), member.shape()) != (self.factors, self.noise);
        match bank.iter().position(other) {
            Some(component) => Err(Error::OtherShape { component }),
            None if bank.shared() != self.shared => Err(Error::OtherShape { component: 0 }),
            None => Ok(()),
        }
    }

    fn resolution(&self, theta: &Self::Parameters) -> f64 {
        LatentModel::resolution(theta, theta)
    }

    fn guarantee(&self) -> Guarantee {
        let mixed = self.shared[0] != self.shared[1] && self.components > 1;
        if mixed || self.noise == Noise::Diagonal { Guarantee::Generalised } else { Guarantee::Exact }
    }

    fn doubts(&self, theta: &Self::Parameters, s: &Self::Statistics, draws: f64) -> Vec<Doubt> {
        LatentModel::doubts(theta, theta, s, draws)
    }

    fn free_parameters(&self, theta: &Self::Parameters) -> Option<usize> {
        theta.free_parameters()
    }
}
