//! Maximum a posteriori: argmax_θ Σ w ln p(x | θ) + ln prior(θ).

use std::fmt;

use rand::Rng;

use crate::data::{Observation, Statistics};
use crate::error::Error;

use crate::distributions::{Distribution, Estimate, Guarantee, Parametric};

/// A prior density over the parameters θ of a family `D` of distributions, or of conditional distributions.
///
/// Most conjugate priors are a [`ConjugatePrior`], which is less to write. There are:
///
/// | family | prior |
/// | --- | --- |
/// | `Bernoulli`, `Binomial`, `Geometric` | [`Beta`](crate::distributions::Beta) of the chance |
/// | `Categorical`, `Multinomial`, each row of a `ConditionalTable` | [`Dirichlet`](crate::distributions::Dirichlet) |
/// | `Poisson`, `Exponential` | [`Gamma`](crate::distributions::Gamma) of the rate |
/// | `Normal`, `LogNormal` | [`InverseGamma`](crate::distributions::InverseGamma) of σ², [`NormalInverseGamma`](crate::distributions::NormalInverseGamma) of (μ, σ²) |
/// | `LinearGaussian`, `ConditionalGaussian` | [`InverseGamma`](crate::distributions::InverseGamma) of σ² |
/// | `MultivariateNormal` | [`InverseWishart`](crate::distributions::InverseWishart) of Σ, [`NormalInverseWishart`](crate::distributions::NormalInverseWishart) of (μ, Σ) |
/// | these and any other | [`Imagined`](crate::distributions::Imagined) observations |
///
/// Rows of probabilities have them where they stand: [`Mixture::proportions_prior`](crate::models::Mixture::proportions_prior),
/// [`HiddenMarkovModel::initial_prior`](crate::models::HiddenMarkovModel::initial_prior) and
/// [`transition_priors`](crate::models::HiddenMarkovModel::transition_priors).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no prior over the parameters of `{D}`",
    note = "there is `Beta` for `Bernoulli`, `Binomial` and `Geometric`; `Dirichlet` for `Categorical`, `Multinomial` and \
            `ConditionalTable`; `Gamma` for `Poisson` and `Exponential`; `InverseGamma` for `Normal`, `LogNormal`, \
            `LinearGaussian` and `ConditionalGaussian`; `NormalInverseGamma` for `Normal` and `LogNormal`; \
            `InverseWishart` and `NormalInverseWishart` for `MultivariateNormal`; `Imagined` for every `Estimate`",
    note = "for a prior of your own implement `Prior`, or `ConjugatePrior`"
)]
pub trait Prior<D>: Clone + Send + Sync {
    /// What `D` is estimated from.
    type Statistics;

    /// Whether this is a prior over the parameters of such a `d`, and has a largest density.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a density without a maximum; [`Error::Dimension`] for a prior of other length.
    fn check_for(&self, _d: &D) -> Result<(), Error> {
        Ok(())
    }

    /// ln prior(θ), up to a constant that does not depend on θ.
    fn log_density_at(&self, d: &D) -> f64;

    /// argmax_θ Σ w ln p(x | θ) + ln prior(θ); `old` is where the statistics were collected.
    ///
    /// # Errors
    /// As [`Estimate::estimate`].
    fn maximum(&self, old: &D, s: &Self::Statistics) -> Result<D, Error>;
}

/// A prior that weighs as much as observations that were imagined: ln prior(θ) = Σ w ln p(x | θ) + constant over these,
/// of which there may be fractions.
pub trait ConjugatePrior<D: Estimate>: Clone + Send + Sync {
    /// The statistics of the imagined observations.
    fn imagined(&self, d: &D) -> D::Statistics;

    /// See [`Prior::check_for`].
    ///
    /// # Errors
    /// As there.
    fn check_conjugate(&self, _d: &D) -> Result<(), Error> {
        Ok(())
    }
}

impl<D: Estimate, P: ConjugatePrior<D>> Prior<D> for P {
    type Statistics = D::Statistics;

    fn check_for(&self, d: &D) -> Result<(), Error> {
        self.check_conjugate(d)
    }

    fn log_density_at(&self, d: &D) -> f64 {
        d.expected_log_density(&self.imagined(d))
    }

    fn maximum(&self, old: &D, s: &D::Statistics) -> Result<D, Error> {
        let mut all = self.imagined(old);
        all.merge(s);
        old.estimate(&all)
    }
}

/// A family with a prior over its parameters: as `D`, but its estimate is the maximum a posteriori.
///
/// It can stand wherever `D` can: as the component of a mixture, the emission of a chain, the node of a graph, by itself.
/// What EM then climbs is ℓ(θ) + ln prior(θ). θ has as many free parameters as without a prior.
/// ```
/// use marginal::distributions::{Bernoulli, Beta, Estimate, WithPrior};
/// let coin = WithPrior::new(Bernoulli::new(0.5)?, Beta::new(3.0, 3.0)?)?;
/// let fitted = coin.fit(&[true, true])?;
/// assert_eq!(fitted.likelihood().probability(), 4.0 / 6.0); // two heads seen; two heads and two tails imagined
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WithPrior<D, P> {
    likelihood: D,
    prior: P,
}

impl<D, P: Prior<D>> WithPrior<D, P> {
    /// The distribution or conditional distribution from which a fit starts, and the prior.
    ///
    /// # Errors
    /// Those of [`Prior::check_for`]: a density that grows without bound at the border of the parameters, such as that of
    /// a `Beta` with a < 1, has no mode.
    pub fn new(likelihood: D, prior: P) -> Result<Self, Error> {
        prior.check_for(&likelihood)?;
        Ok(Self { likelihood, prior })
    }

    /// p(x | θ) at the present θ.
    pub fn likelihood(&self) -> &D {
        &self.likelihood
    }

    /// p(θ).
    pub fn prior(&self) -> &P {
        &self.prior
    }

    pub(crate) fn log_density_of_prior(&self) -> f64 {
        self.prior.log_density_at(&self.likelihood)
    }

    pub(crate) fn maximum(&self, s: &P::Statistics) -> Result<Self, Error> {
        Ok(Self { likelihood: self.prior.maximum(&self.likelihood, s)?, prior: self.prior.clone() })
    }
}

/// The parts p(x | θ) of several.
pub(crate) fn likelihoods<'a, D, P: Prior<D>>(members: &[&'a WithPrior<D, P>]) -> Vec<&'a D> {
    members.iter().map(|member| &member.likelihood).collect()
}

impl<D: Distribution, P> Distribution for WithPrior<D, P> {
    type Value = D::Value;

    fn log_density(&self, x: &D::Value) -> f64 {
        self.likelihood.log_density(x)
    }

    fn sample(&self, rng: &mut dyn Rng) -> <D::Value as ToOwned>::Owned {
        self.likelihood.sample(rng)
    }

    fn density(&self, x: &D::Value) -> f64 {
        self.likelihood.density(x)
    }

    fn log_densities(&self, block: <D::Value as Observation>::Block<'_>, out: &mut [f64]) {
        self.likelihood.log_densities(block, out);
    }

    fn states(&self) -> Option<usize> {
        self.likelihood.states()
    }

    fn row_length(&self) -> Option<usize> {
        self.likelihood.row_length()
    }

    fn period(&self) -> Option<f64> {
        self.likelihood.period()
    }

    fn as_normal(&self) -> Option<(f64, f64)> {
        self.likelihood.as_normal()
    }
}

/// The statistics are those of the family.
impl<D: Estimate, P: Prior<D, Statistics = D::Statistics>> Estimate for WithPrior<D, P> {
    type Statistics = D::Statistics;

    fn statistics(&self) -> D::Statistics {
        self.likelihood.statistics()
    }

    fn observe(&self, s: &mut D::Statistics, x: &D::Value, weight: f64) {
        self.likelihood.observe(s, x, weight);
    }

    fn estimate(&self, s: &D::Statistics) -> Result<Self, Error> {
        self.maximum(s)
    }

    fn expected_log_density(&self, s: &D::Statistics) -> f64 {
        self.likelihood.expected_log_density(s)
    }

    fn observe_block(&self, s: &mut D::Statistics, block: <D::Value as Observation>::Block<'_>, weights: &[f64]) {
        self.likelihood.observe_block(s, block, weights);
    }

    fn log_densities_each(members: &[&Self], block: <D::Value as Observation>::Block<'_>, tile: &mut [f64]) {
        D::log_densities_each(&likelihoods(members), block, tile);
    }

    fn observe_each(
        members: &[&Self],
        statistics: &mut [&mut D::Statistics],
        block: <D::Value as Observation>::Block<'_>,
        weights: &[f64],
    ) {
        D::observe_each(&likelihoods(members), statistics, block, weights);
    }

    fn same_statistics(&self, other: &Self) -> bool {
        self.likelihood.same_statistics(&other.likelihood)
    }

    fn draws_in(&self, x: &D::Value) -> usize {
        self.likelihood.draws_in(x)
    }

    fn resolution(&self) -> f64 {
        self.likelihood.resolution()
    }

    fn guarantee(&self) -> Guarantee {
        self.likelihood.guarantee()
    }

    fn log_prior(&self) -> Option<f64> {
        Some(self.log_density_of_prior())
    }

    fn determining_rows(&self) -> usize {
        0
    }

    fn least_variance_ratio(&self, _: &Self) -> Option<f64> {
        None
    }

    fn free_parameters(&self) -> Option<usize> {
        self.likelihood.free_parameters()
    }
}

/// The coordinates of the family.
impl<D: Parametric, P: Prior<D>> Parametric for WithPrior<D, P> {
    fn to_vector(&self) -> Vec<f64> {
        self.likelihood.to_vector()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Ok(Self { likelihood: self.likelihood.from_vector(coordinates)?, prior: self.prior.clone() })
    }
}

impl<D: fmt::Display, P> fmt::Display for WithPrior<D, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.likelihood.fmt(f)
    }
}
