//! `FiniteLatent`: z ∈ {0, …, K−1}, so that the E-step is Bayes' rule and comes free.

use crate::data::{Batch, Observation, Statistics, check_row_length};
use crate::error::Error;
use crate::numeric::{all_finite, log_sum_exp, softmax_tile};

use super::{Climbs, Doubt, Evidence, Guarantee, LatentModel};

/// A model whose hidden variable takes K values: give the complete-data model p(x, z | θ) only.
///
/// The E-step is p(z | x, θ) = p(x, z | θ) / Σ_z p(x, z | θ). Whoever implements this is a [`LatentModel`].
/// Here the 197 animals of Rao (1973), the first example of Dempster, Laird & Rubin (1977): four kinds are observed
/// with probabilities (½ + θ/4, (1−θ)/4, (1−θ)/4, θ/4), and the first kind hides two.
/// ```
/// use marginal::{Error, data::Weighted, em::Em, latent::FiniteLatent};
///
/// struct Animals;
///
/// impl FiniteLatent for Animals {
///     type Observation = usize;     // which of the four kinds
///     type Parameters = f64;        // θ
///     type Statistics = [f64; 2];   // expected counts of the cells with θ and with 1 − θ
///
///     fn states(&self) -> usize { 2 }
///     fn statistics(&self, _: &f64) -> [f64; 2] { [0.0; 2] }
///
///     fn log_joint(&self, theta: &f64, kind: &usize, z: usize) -> f64 {
///         match (kind, z) {
///             (0, 0) => 0.5f64.ln(),
///             (0, 1) | (3, 0) => (theta / 4.0).ln(),
///             (1 | 2, 0) => ((1.0 - theta) / 4.0).ln(),
///             _ => f64::NEG_INFINITY,
///         }
///     }
///     fn observe(&self, s: &mut [f64; 2], kind: &usize, z: usize, weight: f64) {
///         match (kind, z) {
///             (0, 1) | (3, _) => s[0] += weight,
///             (1 | 2, _) => s[1] += weight,
///             _ => (),
///         }
///     }
///     fn estimate(&self, s: &[f64; 2]) -> Result<f64, Error> { Ok(s[0] / (s[0] + s[1])) }
///
///     fn complete_log_likelihood(&self, theta: &f64, s: &[f64; 2]) -> f64 {
///         s[0] * theta.ln() + s[1] * (1.0 - theta).ln() // up to what does not depend on θ
///     }
/// }
///
/// let animals = Weighted::new(&[0, 1, 2, 3], &[125.0, 18.0, 20.0, 34.0])?;
/// let fit = Em::default().fit_from(&Animals, &animals, 0.5)?;
/// assert!((fit.parameters - (15.0 + 53809f64.sqrt()) / 394.0).abs() < 1e-6);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a `FiniteLatent` model",
    note = "implement `states`, `statistics`, `log_joint`, `observe`, `estimate` and `complete_log_likelihood`"
)]
pub trait FiniteLatent: Sync {
    /// One independent unit of data.
    type Observation: Observation + ?Sized;
    /// θ.
    type Parameters: Clone + Sync;
    /// Σ w T(x, z) over complete data.
    type Statistics: Statistics;

    /// K.
    fn states(&self) -> usize;

    /// Empty statistics.
    fn statistics(&self, theta: &Self::Parameters) -> Self::Statistics;

    /// ln p(x, z | θ); −∞ where it cannot be.
    fn log_joint(&self, theta: &Self::Parameters, x: &Self::Observation, z: usize) -> f64;

    /// Adds a complete observation (x, z) of weight w > 0.
    fn observe(&self, s: &mut Self::Statistics, x: &Self::Observation, z: usize, weight: f64);

    /// argmax_θ Σ w ln p(x, z | θ) + ln prior(θ).
    ///
    /// # Errors
    /// A degenerate estimate, such as [`Error::NoWeight`].
    fn estimate(&self, s: &Self::Statistics) -> Result<Self::Parameters, Error>;

    /// Σ w ln p(x, z | θ), up to a constant that does not depend on θ.
    fn complete_log_likelihood(&self, theta: &Self::Parameters, s: &Self::Statistics) -> f64;

    /// A θ whose Q + ln prior is not below that of `theta_old`, for models whose [`guarantee`](Self::guarantee) is not
    /// `Exact`; all others ignore `theta_old`.
    ///
    /// # Errors
    /// Those of [`estimate`](Self::estimate).
    fn estimate_from(&self, _theta_old: &Self::Parameters, s: &Self::Statistics) -> Result<Self::Parameters, Error> {
        self.estimate(s)
    }

    /// ln p(x_n, z | θ) of a block into a tile `[z][n]`. A model with a kernel overrides it.
    fn log_joints(
        &self,
        theta: &Self::Parameters,
        block: <Self::Observation as Observation>::Block<'_>,
        tile: &mut [f64],
    ) {
        let n = Self::Observation::len(block);
        for (z, row) in tile.chunks_exact_mut(n.max(1)).enumerate() {
            for (n, l) in row.iter_mut().enumerate() {
                *l = self.log_joint(theta, Self::Observation::get(block, n), z);
            }
        }
    }

    /// Adds a block under the weights `[z][n]`. A model with a kernel overrides it.
    fn observe_block(
        &self,
        s: &mut Self::Statistics,
        block: <Self::Observation as Observation>::Block<'_>,
        weights: &[f64],
    ) {
        let n = Self::Observation::len(block);
        for (z, row) in weights.chunks_exact(n.max(1)).enumerate() {
            for (n, &weight) in row.iter().enumerate().filter(|(_, w)| **w > 0.0) {
                self.observe(s, Self::Observation::get(block, n), z, weight);
            }
        }
    }

    /// [`observe_block`](Self::observe_block) where the weights are the posterior at `theta_old`, for models that hide more
    /// than z and so need θ_old for their statistics as well; all others ignore it.
    fn observe_block_at(
        &self,
        _theta_old: &Self::Parameters,
        s: &mut Self::Statistics,
        block: <Self::Observation as Observation>::Block<'_>,
        weights: &[f64],
    ) {
        self.observe_block(s, block, weights);
    }

    /// See [`LatentModel::log_prior`].
    fn log_prior(&self, _theta: &Self::Parameters) -> f64 {
        0.0
    }

    /// See [`LatentModel::check`].
    ///
    /// # Errors
    /// As there.
    fn check(&self, _theta: &Self::Parameters) -> Result<(), Error> {
        Ok(())
    }

    /// See [`LatentModel::resolution`].
    fn resolution(&self, _theta: &Self::Parameters) -> f64 {
        0.0
    }

    /// How many draws the observation x is, for BIC: 1, unless it is itself a sample, such as a sequence of steps or all
    /// rows of one group; 0 if all of it is missing.
    fn draws(&self, _x: &Self::Observation) -> usize {
        1
    }

    /// What is wrong with x, which stands at this row, if more can be said of it than that it has density 0.
    fn refusal(&self, _theta: &Self::Parameters, _x: &Self::Observation, _row: usize) -> Option<Error> {
        None
    }

    /// How many values a row must have, if observations are rows and θ says so.
    fn row_length(&self, _theta: &Self::Parameters) -> Option<usize> {
        None
    }

    /// See [`LatentModel::climbs`].
    fn climbs(&self) -> Climbs {
        Climbs::LogLikelihood
    }

    /// See [`LatentModel::guarantee`].
    fn guarantee(&self) -> Guarantee {
        Guarantee::Exact
    }

    /// See [`LatentModel::doubts`].
    fn doubts(&self, _theta: &Self::Parameters, _s: &Self::Statistics, _draws: f64) -> Vec<Doubt> {
        Vec::new()
    }

    /// See [`LatentModel::free_parameters`].
    fn free_parameters(&self, _theta: &Self::Parameters) -> Option<usize> {
        None
    }

    /// See [`Distribution::period`](crate::distributions::Distribution::period).
    fn period(&self) -> Option<f64> {
        None
    }

    /// The posterior p(z | x_n, θ) of a batch as a tile `[z][n]`, and ln p(x_n | θ).
    ///
    /// # Errors
    /// [`Error::Dimension`] if rows are not as long as [`row_length`](Self::row_length) says; [`Error::Impossible`] (or
    /// what [`refusal`](Self::refusal) says) or [`Error::Unbounded`] for an observation of positive weight and density 0
    /// or ∞.
    fn posterior(
        &self,
        theta: &Self::Parameters,
        batch: Batch<'_, Self::Observation>,
    ) -> Result<(Vec<f64>, Vec<f64>), Error> {
        posterior_at_power(self, theta, batch, 1.0)
    }
}

/// The posterior p(z | x_n, θ)^β / Σ_z p(z | x_n, θ)^β of a batch as a tile `[z][n]`, and (1/β) ln Σ_z p(x_n, z | θ)^β; at
/// β = ∞ all on the most probable z, the first of equals, and max_z ln p(x_n, z | θ).
///
/// # Errors
/// Those of [`FiniteLatent::posterior`].
pub(super) fn posterior_at_power<M: FiniteLatent + ?Sized>(
    model: &M,
    theta: &M::Parameters,
    batch: Batch<'_, M::Observation>,
    power: f64,
) -> Result<(Vec<f64>, Vec<f64>), Error> {
    check_row_length::<M::Observation>(batch.block(), model.row_length(theta))?;
    let mut tile = vec![0.0; model.states() * batch.len()];
    let mut log_evidence = vec![0.0; batch.len()];
    model.log_joints(theta, batch.block(), &mut tile);
    let largest = if power == 1.0 { Vec::new() } else { largest_of_columns(&tile, batch.len()) };
    if power == 1.0 {
        softmax_tile(&mut tile, &mut log_evidence);
    } else if power == f64::INFINITY {
        all_on_the_first(&mut tile, &largest);
        log_evidence = largest;
    } else {
        // About the largest of each column, which a power neither overflows nor hides.
        for row in tile.chunks_exact_mut(batch.len().max(1)) {
            let finite = row.iter_mut().zip(&largest).filter(|(_, largest)| largest.is_finite());
            finite.for_each(|(l, largest)| *l = power * (*l - largest));
        }
        softmax_tile(&mut tile, &mut log_evidence);
        for (log, largest) in log_evidence.iter_mut().zip(largest) {
            *log = if largest.is_finite() { largest + *log / power } else { largest };
        }
    }
    if all_finite(&log_evidence) {
        return Ok((tile, log_evidence));
    }
    match log_evidence.iter().enumerate().find(|(n, l)| !l.is_finite() && batch.weight(*n) > 0.0) {
        None => Ok((tile, log_evidence)),
        Some((n, &log_density)) => {
            let (x, row) = (M::Observation::get(batch.block(), n), batch.row(n));
            let value = format!("{x:?}");
            Err(if log_density == f64::NEG_INFINITY {
                model.refusal(theta, x, row).unwrap_or(Error::Impossible { row, value })
            } else {
                Error::Unbounded { row, value, log_density }
            })
        }
    }
}

/// The largest of each column of a tile, NaN where there is one.
fn largest_of_columns(tile: &[f64], columns: usize) -> Vec<f64> {
    let mut largest = vec![f64::NEG_INFINITY; columns];
    for row in tile.chunks_exact(columns.max(1)) {
        largest.iter_mut().zip(row).filter(|(largest, l)| *l > *largest || l.is_nan()).for_each(|(m, l)| *m = *l);
    }
    largest
}

/// Turns logarithms `[z][n]` into 1 for the first that is the largest of its column, and 0 for all others.
fn all_on_the_first(tile: &mut [f64], largest: &[f64]) {
    let mut found = vec![false; largest.len()];
    for row in tile.chunks_exact_mut(largest.len().max(1)) {
        for ((r, largest), found) in row.iter_mut().zip(largest).zip(&mut found) {
            let first = !*found && *r == *largest;
            *found |= first;
            *r = f64::from(u8::from(first));
        }
    }
}

/// Adds a batch under the posteriors of a tile; what their log-densities sum to.
pub(super) fn observe_posteriors<M: FiniteLatent + ?Sized>(
    model: &M,
    theta: &M::Parameters,
    batch: Batch<'_, M::Observation>,
    s: &mut M::Statistics,
    (mut tile, log_evidence): (Vec<f64>, Vec<f64>),
) -> Evidence {
    let mut evidence = Evidence::default();
    evidence.add_rows(batch.weights(), &log_evidence);
    batch.iter().for_each(|(x, weight)| evidence.count_draws(weight, model.draws(x)));
    if let Some(weights) = batch.weights() {
        for row in tile.chunks_exact_mut(weights.len().max(1)) {
            row.iter_mut().zip(weights).for_each(|(r, w)| *r *= w);
        }
    }
    model.observe_block_at(theta, s, batch.block(), &tile);
    evidence
}

impl<M: FiniteLatent> LatentModel for M {
    type Observation = M::Observation;
    type Parameters = M::Parameters;
    type Statistics = M::Statistics;

    fn statistics(&self, theta: &M::Parameters) -> M::Statistics {
        FiniteLatent::statistics(self, theta)
    }

    fn e_step(
        &self,
        theta: &M::Parameters,
        batch: Batch<'_, M::Observation>,
        s: &mut M::Statistics,
    ) -> Result<Evidence, Error> {
        let posteriors = self.posterior(theta, batch)?;
        Ok(observe_posteriors(self, theta, batch, s, posteriors))
    }

    fn m_step(&self, theta_old: &M::Parameters, s: &M::Statistics) -> Result<M::Parameters, Error> {
        self.estimate_from(theta_old, s)
    }

    fn expected_log_joint(&self, theta: &M::Parameters, s: &M::Statistics) -> f64 {
        self.complete_log_likelihood(theta, s)
    }

    fn summed_in_logarithms(&self, theta: &M::Parameters, x: &M::Observation) -> Option<f64> {
        let of_all = matches!(FiniteLatent::climbs(self), Climbs::LogLikelihood | Climbs::Penalised);
        let log_joint = |z: usize| self.log_joint(theta, x, z);
        of_all.then(|| log_sum_exp(&(0..self.states()).map(log_joint).collect::<Vec<_>>()))
    }

    fn log_prior(&self, theta: &M::Parameters) -> f64 {
        FiniteLatent::log_prior(self, theta)
    }

    fn check(&self, theta: &M::Parameters) -> Result<(), Error> {
        FiniteLatent::check(self, theta)
    }

    fn resolution(&self, theta: &M::Parameters) -> f64 {
        FiniteLatent::resolution(self, theta)
    }

    fn climbs(&self) -> Climbs {
        FiniteLatent::climbs(self)
    }

    fn guarantee(&self) -> Guarantee {
        FiniteLatent::guarantee(self)
    }

    fn doubts(&self, theta: &M::Parameters, s: &M::Statistics, draws: f64) -> Vec<Doubt> {
        FiniteLatent::doubts(self, theta, s, draws)
    }

    fn free_parameters(&self, theta: &M::Parameters) -> Option<usize> {
        FiniteLatent::free_parameters(self, theta)
    }
}
