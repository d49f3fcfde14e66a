//! Weighted maximum likelihood from statistics that add up.

use crate::data::{Batch, Dataset, Observation, Statistics};
use crate::error::Error;

use super::{Distribution, Doubt, Guarantee};

/// argmax_θ Σ_n w_n ln p(x_n | θ), from mergeable statistics of the (x_n, w_n).
///
/// Whatever can be estimated can at once be the component of a [`Mixture`](crate::models::Mixture) or a node of a
/// graph. Laws: [`Statistics`]' own; weight 2 is the observation twice, weight 0 its absence;
/// [`expected_log_density`](Self::expected_log_density) is Σ w ln p; no other θ has a larger one than
/// [`estimate`](Self::estimate)'s.
///
/// The statistics of most families are a few sums, and an array of numbers is ready-made [`Statistics`]:
/// ```
/// use marginal::{Error, distributions::{Distribution, Estimate}};
/// # use rand::{Rng, RngExt};
/// # #[derive(Clone, Debug)]
/// # struct Rayleigh { scale: f64 }
/// # impl Distribution for Rayleigh {
/// #     type Value = f64;
/// #     fn log_density(&self, x: &f64) -> f64 {
/// #         if *x > 0.0 && x.is_finite() { x.ln() - 2.0 * self.scale.ln() - 0.5 * (x / self.scale).powi(2) } else { f64::NEG_INFINITY }
/// #     }
/// #     fn sample(&self, rng: &mut dyn Rng) -> f64 { self.scale * (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt() }
/// # }
/// impl Estimate for Rayleigh {
///     type Statistics = [f64; 3]; // Σw, Σw x², Σw ln x
///     fn statistics(&self) -> [f64; 3] { [0.0; 3] }
///     fn observe(&self, s: &mut [f64; 3], x: &f64, weight: f64) {
///         s[0] += weight;
///         s[1] += weight * x * x;
///         s[2] += weight * x.ln();
///     }
///     fn estimate(&self, s: &[f64; 3]) -> Result<Self, Error> {
///         if s[0] > 0.0 { Ok(Rayleigh { scale: (s[1] / (2.0 * s[0])).sqrt() }) } else { Err(Error::NoWeight { weight: s[0] }) }
///     }
///     fn expected_log_density(&self, s: &[f64; 3]) -> f64 {
///         s[2] - 2.0 * s[0] * self.scale.ln() - 0.5 * s[1] / self.scale.powi(2)
///     }
/// }
/// let fitted = Rayleigh { scale: 1.0 }.fit(&[3.0, 1.0, 2.0, 4.0])?;
/// assert!((fitted.scale - (30.0f64 / 8.0).sqrt()).abs() < 1e-15);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be estimated, so it cannot be a component of a mixture or a learned node of a graph",
    note = "implement `Estimate` for it (about 15 lines), or freeze it with `Fixed(distribution)`"
)]
pub trait Estimate: Distribution + Clone + Send + Sync {
    /// What is summed over the observations.
    type Statistics: Statistics;

    /// Empty statistics, of the shape that this instance needs.
    fn statistics(&self) -> Self::Statistics;

    /// Adds an observation of weight w > 0.
    fn observe(&self, s: &mut Self::Statistics, x: &Self::Value, weight: f64);

    /// argmax_θ Σ w ln p(x | θ), or what [`guarantee`](Self::guarantee) says instead.
    ///
    /// # Errors
    /// [`Error::NoWeight`] if there is nothing to estimate from; [`Error::Singular`] or [`Error::NoEstimate`] if the
    /// likelihood has no maximum.
    fn estimate(&self, s: &Self::Statistics) -> Result<Self, Error>;

    /// Σ w ln p(x | self) over what was observed: this family's share of Q(θ, θ_old).
    fn expected_log_density(&self, s: &Self::Statistics) -> f64;

    /// Adds every observation of a block under its weight; weight 0 adds nothing. A family with a kernel overrides it.
    fn observe_block(&self, s: &mut Self::Statistics, block: <Self::Value as Observation>::Block<'_>, weights: &[f64]) {
        observe_row_by_row(self, s, block, weights);
    }

    /// ln p(x_n | θ_k) of K members of the family over a block, into a tile `[k][n]`, to 2e-13 nats. A family whose kernel
    /// gains by seeing all K at once overrides it.
    fn log_densities_each(components: &[&Self], block: <Self::Value as Observation>::Block<'_>, tile: &mut [f64]) {
        log_densities_one_by_one(components, block, tile);
    }

    /// Adds a block to the statistics of K members of the family under the weights `[k][n]`; overridden with
    /// [`log_densities_each`](Self::log_densities_each).
    fn observe_each(
        components: &[&Self],
        statistics: &mut [&mut Self::Statistics],
        block: <Self::Value as Observation>::Block<'_>,
        weights: &[f64],
    ) {
        observe_one_by_one(components, statistics, block, weights);
    }

    /// Whether the statistics that this instance collects are those that `other` is estimated from: of one shape, dimension
    /// or number of trials. A fit asks before it starts from parameters that the model's own differ from.
    fn same_statistics(&self, _other: &Self) -> bool {
        true
    }

    /// By how many ε the ln p of one observation may be off, on average, because parameters and statistics are rounded:
    /// what round-off explains of a step of EM grows by 16 ε Σw times this. 0 says that Σ w (1 + |ln p|) tells all.
    fn resolution(&self) -> f64 {
        0.0
    }

    /// What [`estimate`](Self::estimate) promises; `Generalised` is a likelihood not below that of `self`.
    fn guarantee(&self) -> Guarantee {
        Guarantee::Exact
    }

    /// ln of the prior density of this instance's parameters, up to a constant; `None` if there is no prior. With one,
    /// [`estimate`](Self::estimate) maximises Σ w ln p(x | θ) + ln prior(θ).
    fn log_prior(&self) -> Option<f64> {
        None
    }

    /// How many free parameters there are, for AIC and BIC; a prior changes nothing of it.
    fn free_parameters(&self) -> Option<usize> {
        None
    }

    /// How many draws x is, for BIC: 1, unless all of it is missing.
    fn draws_in(&self, _x: &Self::Value) -> usize {
        1
    }

    /// How many rows determine an estimate: a component of hardly more is a [`Doubt`](super::Doubt). Two, or D + 1 with a
    /// full covariance of D columns; 0 where a prior, or what is held fixed, determines it without a row.
    fn determining_rows(&self) -> usize {
        2
    }

    /// The least ratio, over all directions, of this variance to that of `all`, an estimate from all rows; `None` where
    /// the family has no variance of its own.
    fn least_variance_ratio(&self, all: &Self) -> Option<f64> {
        let ((_, own), (_, of_all)) = self.as_normal().zip(all.as_normal())?;
        Some((own / of_all).powi(2))
    }

    /// What is doubtful about these parameters by themselves, told as of that component.
    fn doubts_as(&self, _component: usize) -> Vec<Doubt> {
        Vec::new()
    }

    /// The maximum likelihood estimate from data.
    ///
    /// # Errors
    /// Those of [`estimate`](Self::estimate); [`Error::Impossible`] if an observation lies outside the support.
    fn fit<D: Dataset<Self::Value> + ?Sized>(&self, data: &D) -> Result<Self, Error> {
        let s = data.fold(&self.statistics(), &|batch: Batch<'_, Self::Value>, s| {
            match batch.weights() {
                Some(weights) => self.observe_block(s, batch.block(), weights),
                None => self.observe_block(s, batch.block(), &vec![1.0; batch.len()]),
            }
            Ok(())
        })?;
        let estimate = self.estimate(&s);
        // An observation off the support takes Σ w ln p with it, or brings a refusal: only then are the rows searched.
        match &estimate {
            Ok(fitted) if !(fitted.expected_log_density(&s) > f64::NEG_INFINITY) => {
                check_support(data, |x| fitted.log_density(x) > f64::NEG_INFINITY)?;
            }
            // Under `self` an observation may have density 0 that another member of the family gives a positive one:
            // off the support lies what is refused even alone.
            Err(error) if is_outside(error) => {
                check_support(data, |x| !matches!(alone(self, x), Err(e) if is_outside(&e)))?;
            }
            _ => (),
        }
        estimate
    }
}

/// The reason of an [`Error::NoEstimate`] after an observation of density 0 whatever the parameters.
pub(super) const OUTSIDE: &str = "an observation lies outside the support: remove it, or choose another family";

/// The reason of an [`Error::NoEstimate`] where the parameters of positive numbers over- or underflow.
pub(super) const OUT_OF_RANGE: &str =
    "the observations are so small or so large that its rate leaves the range of numbers: rescale them";

/// The logarithm of the prior of several parts, each of which has its own or none; `None` if none has one.
pub(crate) fn log_prior_of_all(parts: impl IntoIterator<Item = Option<f64>>) -> Option<f64> {
    parts.into_iter().flatten().reduce(|sum, log_prior| sum + log_prior)
}

/// The estimate of one of several. Of one that nothing was seen of it is what its prior alone says; if that has none, or a
/// flat one, it stays.
pub(crate) fn estimate_or_keep<T: Clone>(
    old: &T,
    seen: bool,
    log_prior: impl FnOnce() -> Option<f64>,
    estimate: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    if !seen && log_prior().is_none() {
        return Ok(old.clone());
    }
    match estimate() {
        Err(Error::NoWeight { .. }) if !seen => Ok(old.clone()),
        estimate => estimate,
    }
}

/// The estimate from one observation.
fn alone<D: Estimate>(d: &D, x: &D::Value) -> Result<D, Error> {
    let mut s = d.statistics();
    d.observe(&mut s, x, 1.0);
    d.estimate(&s)
}

/// Whether the estimate failed because an observation lies off the support.
fn is_outside(error: &Error) -> bool {
    match error {
        Error::NoEstimate { reason, .. } => *reason == OUTSIDE,
        Error::AtColumn { source, .. } => is_outside(source),
        _ => false,
    }
}

/// Whether some member of the family may have produced x: this one, or the one that is estimated from x alone.
pub(crate) fn may_produce<D: Estimate>(d: &D, x: &D::Value) -> bool {
    d.log_density(x) > f64::NEG_INFINITY
        || match alone(d, x) {
            Ok(fitted) => fitted.log_density(x) > f64::NEG_INFINITY,
            // A spread cannot be estimated from one value.
            Err(error) => !is_outside(&error),
        }
}

/// [`Estimate::observe_block`] without a kernel.
pub(super) fn observe_row_by_row<D: Estimate>(
    d: &D,
    s: &mut D::Statistics,
    block: <D::Value as Observation>::Block<'_>,
    weights: &[f64],
) {
    for (n, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        d.observe(s, D::Value::get(block, n), weight);
    }
}

/// [`Estimate::observe_each`] without a kernel.
pub(super) fn observe_each_row_by_row<D: Estimate>(
    components: &[&D],
    statistics: &mut [&mut D::Statistics],
    block: <D::Value as Observation>::Block<'_>,
    weights: &[f64],
) {
    let rows = D::Value::len(block).max(1);
    for ((component, s), weights) in components.iter().zip(statistics).zip(weights.chunks_exact(rows)) {
        observe_row_by_row(*component, s, block, weights);
    }
}

/// [`Estimate::observe_each`] where what the block yields serves all members: shows each of the statistics its weights.
pub(super) fn each_member<S>(statistics: &mut [&mut S], rows: usize, weights: &[f64], add: impl Fn(&mut S, &[f64])) {
    for (s, weights) in statistics.iter_mut().zip(weights.chunks_exact(rows.max(1))) {
        add(s, weights);
    }
}

/// [`Estimate::log_densities_each`] where seeing all at once gains nothing.
pub(super) fn log_densities_one_by_one<D: Estimate>(
    components: &[&D],
    block: <D::Value as Observation>::Block<'_>,
    tile: &mut [f64],
) {
    let n = <D::Value as Observation>::len(block);
    for (component, row) in components.iter().zip(tile.chunks_exact_mut(n.max(1))) {
        component.log_densities(block, row);
    }
}

/// [`Estimate::observe_each`] where seeing all at once gains nothing.
pub(super) fn observe_one_by_one<D: Estimate>(
    components: &[&D],
    statistics: &mut [&mut D::Statistics],
    block: <D::Value as Observation>::Block<'_>,
    weights: &[f64],
) {
    let n = <D::Value as Observation>::len(block);
    for ((component, s), row) in components.iter().zip(statistics).zip(weights.chunks_exact(n.max(1))) {
        component.observe_block(s, block, row);
    }
}

/// [`Error::Impossible`] of the first observation that counts and is not `possible`.
fn check_support<O: Observation + ?Sized, D: Dataset<O> + ?Sized>(
    data: &D,
    possible: impl Fn(&O) -> bool + Sync,
) -> Result<(), Error> {
    data.fold(&[0.0; 0], &|batch: Batch<'_, O>, _| {
        for n in (0..batch.len()).filter(|n| batch.weight(*n) > 0.0) {
            let x = O::get(batch.block(), n);
            if !possible(x) {
                return Err(Error::Impossible { row: batch.row(n), value: format!("{x:?}") });
            }
        }
        Ok(())
    })?;
    Ok(())
}
