//! Mixture: p(x) = Σ_k π_k p_k(x), components of any family that can be estimated.

use std::fmt;

use rand::Rng;

use crate::components::{Components, Gaussians, SampleGiven};
use crate::data::{Dataset, Observation, Statistics, Table};
use crate::distributions::{
    Distribution, Doubt, MultivariateNormal, Parametric, RowEstimate, check_simplex, draw_index, expected_rows,
};
use crate::error::Error;
use crate::latent::{Climbs, FiniteLatent, Guarantee, Posterior};
use crate::numeric::{Scalar, add_to_rows, log_sum_exp, softmax_tile, total};

/// p(x) = Σ_k π_k p_k(x), the components any bank of [`Components`]: a `Vec` of one family, say.
///
/// It is a distribution, and as a latent model (z is the component) it is its own start:
/// `Em::default().fit(&mixture, &data)` climbs from its proportions and components. It can be estimated, so it is a
/// component itself: of a mixture of mixtures, or of a chain. Components of one type may differ in shape: full and
/// diagonal normals, binomials of different numbers of trials.
/// ```
/// use marginal::{distributions::Normal, em::Em, models::Mixture};
/// let model = Mixture::of(vec![Normal::new(50.0, 5.0)?, Normal::new(80.0, 5.0)?])?;
/// let fit = Em::default().fit(&model, &[51.0, 54.0, 56.0, 79.0, 80.0, 85.0])?;
/// assert!((fit.parameters.components()[1].mean() - 81.33).abs() < 0.01);
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture<C> {
    proportions: Vec<f64>,
    log_proportions: Vec<f64>,
    pub(crate) of_proportions: RowEstimate,
    components: C,
}

impl<C> Mixture<C> {
    /// π.
    pub fn proportions(&self) -> &[f64] {
        &self.proportions
    }

    /// The components.
    pub fn components(&self) -> &C {
        &self.components
    }

    /// The same proportions of other components, as many.
    pub(crate) fn map<B>(self, components: impl FnOnce(C) -> B) -> Mixture<B> {
        let Self { proportions, log_proportions, of_proportions, components: old } = self;
        Mixture { proportions, log_proportions, of_proportions, components: components(old) }
    }
}

/// The same normals, each with a covariance of its own from now on.
impl<F: Scalar> From<Mixture<Gaussians<F>>> for Mixture<Vec<MultivariateNormal<F>>> {
    fn from(mixture: Mixture<Gaussians<F>>) -> Self {
        mixture.map(|components| components.to_vec())
    }
}

impl<C: Components> Mixture<C> {
    /// Components in equal proportions.
    ///
    /// # Errors
    /// [`Error::Dimension`] if there is no component.
    pub fn of(components: C) -> Result<Self, Error> {
        let k = components.count();
        Self::new(vec![1.0 / k as f64; k], components)
    }

    /// Components in the given proportions π.
    ///
    /// # Errors
    /// [`Error::Dimension`] if the lengths differ or are 0, [`Error::Parameter`] if a π_k is not in [0, 1],
    /// [`Error::NotNormalised`] if Σ π_k differs from 1 by more than 1e-9.
    pub fn new(proportions: Vec<f64>, components: C) -> Result<Self, Error> {
        let k = components.count();
        if k == 0 || proportions.len() != k {
            return Err(Error::Dimension { what: "the proportions", expected: k.max(1), found: proportions.len() });
        }
        check_simplex(&proportions, "proportion", || "the proportions".into())?;
        let log_proportions = proportions.iter().map(|p| p.ln()).collect();
        Ok(Self { proportions, log_proportions, of_proportions: RowEstimate::Free, components })
    }

    /// The proportions of these expected counts, estimated in that way from the old ones, and components that are estimated
    /// once there is weight to estimate them from.
    pub(crate) fn from_counts(
        counts: &[f64],
        (of_proportions, old): (&RowEstimate, &[f64]),
        components: impl FnOnce() -> Result<C, Error>,
    ) -> Result<Self, Error> {
        let total: f64 = counts.iter().sum();
        if !(total > 0.0) {
            return Err(Error::NoWeight { weight: total });
        }
        let mixture = Self::new(of_proportions.estimate(old, counts), components()?)?;
        Ok(Self { of_proportions: of_proportions.clone(), ..mixture })
    }

    pub(crate) fn empty(&self) -> MixtureStatistics<C::Statistics> {
        MixtureStatistics {
            weights: vec![0.0; self.components.count()],
            components: self.components.empty_statistics(),
        }
    }

    /// The M-step. A component that lost all its weight is an error.
    pub(crate) fn estimated(
        &self,
        of_proportions: &RowEstimate,
        s: &MixtureStatistics<C::Statistics>,
    ) -> Result<Self, Error> {
        Self::from_counts(&s.weights, (of_proportions, &self.proportions), || {
            self.components.estimate_together(&s.components, &vec![true; self.components.count()])
        })
    }

    /// Σ_k N_k ln π_k + Σ_k Σ w ln p_k.
    pub(crate) fn complete(&self, s: &MixtureStatistics<C::Statistics>) -> f64 {
        let of_component = |(weight, log): (&f64, &f64)| if *weight > 0.0 { weight * log } else { 0.0 };
        let of_labels: f64 = s.weights.iter().zip(&self.log_proportions).map(of_component).sum();
        of_labels + self.components.expected_log_densities(&s.components)
    }

    /// ln π_k p_k(x_n) of a block into a tile `[k][n]`.
    pub(crate) fn joint_tile(&self, block: <C::Value as Observation>::Block<'_>, tile: &mut [f64]) {
        self.components.log_density_tile(block, tile);
        add_to_rows(tile, &self.log_proportions);
    }

    /// ln π_k p_k(x), given ln p_k(x); of a component of proportion 0 it is −∞ also where the density is infinite.
    pub(crate) fn log_product(&self, k: usize, log_density: impl FnOnce() -> f64) -> f64 {
        let log = self.log_proportions[k];
        if log == f64::NEG_INFINITY { log } else { log + log_density() }
    }

    pub(crate) fn log_products(&self, x: &C::Value) -> Vec<f64> {
        let of_component = |k| self.log_product(k, || self.components.log_density_given(x, k));
        (0..self.proportions.len()).map(of_component).collect()
    }

    /// Those of the components and, unless they are held, K − 1 proportions.
    pub fn free_parameters(&self) -> Option<usize> {
        self.components.degrees_of_freedom().map(|p| p + self.free_proportions())
    }
}

/// [`Posterior`] with the mixture's own proportions and components as θ.
impl<C: Components> Mixture<C> {
    /// p(z = k | x_n), N × K.
    ///
    /// # Errors
    /// [`Error::Impossible`] if a row has density 0 under every component.
    pub fn responsibilities<T: Dataset<C::Value> + ?Sized>(&self, data: &T) -> Result<Table, Error> {
        let names = (0..self.components.count()).map(|k| format!("component {k}")).collect();
        Table::new(names, Posterior::responsibilities(self, self, data)?.into_values())
    }

    /// argmax_k p(z = k | x_n) of each row; the first of equals.
    ///
    /// # Errors
    /// As [`responsibilities`](Self::responsibilities).
    pub fn labels<T: Dataset<C::Value> + ?Sized>(&self, data: &T) -> Result<Vec<usize>, Error> {
        Posterior::labels(self, self, data)
    }

    /// ln p(x_n) of each row, in nats.
    ///
    /// # Errors
    /// As [`responsibilities`](Self::responsibilities).
    pub fn log_densities_of<T: Dataset<C::Value> + ?Sized>(&self, data: &T) -> Result<Vec<f64>, Error> {
        Posterior::log_densities_of(self, self, data)
    }

    /// −Σ_n w_n Σ_k r_nk ln r_nk: 0 if every row surely belongs to one component. See
    /// [`Fit::icl`](crate::em::Fit::icl).
    ///
    /// # Errors
    /// As [`responsibilities`](Self::responsibilities).
    pub fn classification_entropy<T: Dataset<C::Value> + ?Sized>(&self, data: &T) -> Result<f64, Error> {
        Posterior::classification_entropy(self, self, data)
    }
}

impl<C: SampleGiven> Distribution for Mixture<C> {
    type Value = C::Value;

    fn log_density(&self, x: &C::Value) -> f64 {
        log_sum_exp(&self.log_products(x))
    }

    fn log_densities(&self, block: <C::Value as Observation>::Block<'_>, out: &mut [f64]) {
        let mut tile = vec![0.0; self.components.count() * out.len()];
        self.joint_tile(block, &mut tile);
        softmax_tile(&mut tile, out);
    }

    fn sample(&self, rng: &mut dyn Rng) -> <C::Value as ToOwned>::Owned {
        self.components.sample_given(draw_index(&self.proportions, rng), rng)
    }

    fn states(&self) -> Option<usize> {
        self.components.space().states
    }

    fn row_length(&self) -> Option<usize> {
        self.components.space().row_length
    }

    fn period(&self) -> Option<f64> {
        self.components.space().period
    }
}

/// N_k = Σ_n w_n r_nk and the statistics of the components.
#[derive(Clone, Debug)]
pub struct MixtureStatistics<S> {
    /// N_k.
    pub weights: Vec<f64>,
    /// The statistics of the components.
    pub components: S,
}

impl<S> MixtureStatistics<S> {
    /// N_k += Σ_n w_kn of a tile `[k][n]`.
    pub(crate) fn add_weights(&mut self, tile: &[f64]) {
        let rows = tile.len() / self.weights.len();
        for (of_component, row) in self.weights.iter_mut().zip(tile.chunks_exact(rows.max(1))) {
            *of_component += total(row);
        }
    }
}

impl<S: Statistics> Statistics for MixtureStatistics<S> {
    fn merge(&mut self, other: &Self) {
        self.weights.merge(&other.weights);
        self.components.merge(&other.components);
    }
    fn scale(&mut self, factor: f64) {
        self.weights.scale(factor);
        self.components.scale(factor);
    }
    fn extrapolates(&self) -> bool {
        self.components.extrapolates()
    }
    fn reset(&mut self, empty: &Self) {
        self.weights.reset(&empty.weights);
        self.components.reset(&empty.components);
    }
}

impl<C: Components> FiniteLatent for Mixture<C> {
    type Observation = C::Value;
    type Parameters = Self;
    type Statistics = MixtureStatistics<C::Statistics>;

    fn states(&self) -> usize {
        self.components.count()
    }

    fn statistics(&self, theta: &Self) -> Self::Statistics {
        theta.empty()
    }

    fn log_joint(&self, theta: &Self, x: &C::Value, z: usize) -> f64 {
        theta.log_product(z, || theta.components.log_density_given(x, z))
    }

    fn observe(&self, s: &mut Self::Statistics, x: &C::Value, z: usize, weight: f64) {
        s.weights[z] += weight;
        self.components.observe_given(&mut s.components, x, z, weight);
    }

    fn estimate(&self, s: &Self::Statistics) -> Result<Self, Error> {
        self.estimated(&self.of_proportions, s)
    }

    fn estimate_from(&self, theta_old: &Self, s: &Self::Statistics) -> Result<Self, Error> {
        theta_old.estimated(&self.of_proportions, s)
    }

    fn complete_log_likelihood(&self, theta: &Self, s: &Self::Statistics) -> f64 {
        theta.complete(s)
    }

    fn log_joints(&self, theta: &Self, block: <C::Value as Observation>::Block<'_>, tile: &mut [f64]) {
        theta.joint_tile(block, tile);
    }

    fn observe_block(&self, s: &mut Self::Statistics, block: <C::Value as Observation>::Block<'_>, weights: &[f64]) {
        s.add_weights(weights);
        self.components.observe_tile(&mut s.components, block, weights);
    }

    /// Components that are mixtures hide more than z.
    fn observe_block_at(
        &self,
        theta_old: &Self,
        s: &mut Self::Statistics,
        block: <C::Value as Observation>::Block<'_>,
        weights: &[f64],
    ) {
        theta_old.observe_block(s, block, weights);
    }

    fn log_prior(&self, theta: &Self) -> f64 {
        self.log_prior_at(theta).unwrap_or(0.0)
    }

    fn check(&self, theta: &Self) -> Result<(), Error> {
        self.components.check_start(&theta.components)
    }

    fn resolution(&self, theta: &Self) -> f64 {
        theta.proportions.iter().enumerate().map(|(k, p)| p * theta.components.resolution_given(k)).sum()
    }

    fn row_length(&self, theta: &Self) -> Option<usize> {
        theta.components.space().row_length
    }

    fn draws(&self, x: &C::Value) -> usize {
        self.components.draws_of(x)
    }

    fn refusal(&self, theta: &Self, x: &C::Value, row: usize) -> Option<Error> {
        theta.components.refusal_of(x, row)
    }

    fn climbs(&self) -> Climbs {
        Climbs::with_priors([self.log_prior_at(self)])
    }

    fn guarantee(&self) -> Guarantee {
        self.components.joint_guarantee()
    }

    fn doubts(&self, theta: &Self, s: &Self::Statistics, draws: f64) -> Vec<Doubt> {
        theta.components.doubts(&s.components, &expected_rows(&s.weights, draws))
    }

    fn free_parameters(&self, theta: &Self) -> Option<usize> {
        theta.components.degrees_of_freedom().map(|p| p + self.free_proportions())
    }

    fn period(&self) -> Option<f64> {
        self.components.space().period
    }
}

impl<C> fmt::Display for Mixture<C>
where
    for<'a> &'a C: IntoIterator<Item: fmt::Display>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (k, (p, d)) in self.proportions.iter().zip(&self.components).enumerate() {
            writeln!(f, "component {k}: proportion {p:.6}  {d}")?;
        }
        Ok(())
    }
}

/// ln(π_k / π_K) for k < K, unless the proportions are held; then the coordinates of the components.
impl<C: Components + Parametric> Parametric for Mixture<C> {
    fn to_vector(&self) -> Vec<f64> {
        let (last, rest) = self.log_proportions.split_last().expect("a mixture has a component");
        let ratios = rest[..self.free_proportions()].iter().map(|l| l - last);
        ratios.chain(self.components.to_vector()).collect()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        let (ratios, of_components) = coordinates.split_at(self.free_proportions());
        let components = self.components.from_vector(of_components)?;
        if self.of_proportions.is_held() {
            return Ok(Self { components, ..self.clone() });
        }
        let logs: Vec<f64> = ratios.iter().copied().chain([0.0]).collect();
        let all = log_sum_exp(&logs);
        let mixture = Self::new(logs.iter().map(|l| (l - all).exp()).collect(), components)?;
        Ok(Self { of_proportions: self.of_proportions.clone(), ..mixture })
    }
}
