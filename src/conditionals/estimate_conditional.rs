//! Weighted maximum likelihood of p(x | y), from statistics that add up.

use crate::data::Statistics;
#[cfg(doc)]
use crate::distributions::Estimate;
use crate::distributions::Guarantee;
use crate::error::Error;

use super::{CaseRows, ConditionalDistribution, FamilyRows, Value};

/// argmax_θ Σ_n w_n ln p(x_n | y_n, θ), from mergeable statistics of the (x_n, y_n, w_n).
///
/// What can be estimated can be a learned node of a graph. Laws: [`Statistics`]' own; weight 2 is the observation
/// twice; [`expected_log_density`](Self::expected_log_density) is Σ w ln p(x | y); no other θ has a larger one than
/// [`estimate`](Self::estimate)'s. Where the observations say nothing of a part of θ, that part stays as it is.
///
/// ```
/// use marginal::{Error, conditionals::{ConditionalDistribution, EstimateConditional}};
/// # use rand::{Rng, RngExt};
/// # #[derive(Clone, Debug)]
/// # struct Step { up: f64 }
/// # impl ConditionalDistribution for Step {
/// #     type Given = f64;
/// #     type Value = f64;
/// #     fn log_density(&self, x: &f64, given: &f64) -> f64 {
/// #         if *x == given + 1.0 { self.up.ln() } else if *x == given - 1.0 { (1.0 - self.up).ln() } else { f64::NEG_INFINITY }
/// #     }
/// #     fn sample(&self, given: &f64, rng: &mut dyn Rng) -> f64 {
/// #         if rng.random::<f64>() < self.up { given + 1.0 } else { given - 1.0 }
/// #     }
/// # }
/// impl EstimateConditional for Step {
///     type Statistics = [f64; 2]; // the weight of steps down and up
///     fn statistics(&self) -> [f64; 2] { [0.0; 2] }
///     fn observe(&self, s: &mut [f64; 2], x: &f64, given: &f64, weight: f64) { s[usize::from(x > given)] += weight; }
///     fn estimate(&self, s: &[f64; 2]) -> Result<Self, Error> {
///         let weight = s[0] + s[1];
///         if weight > 0.0 { Ok(Step { up: s[1] / weight }) } else { Err(Error::NoWeight { weight }) }
///     }
///     fn expected_log_density(&self, s: &[f64; 2]) -> f64 { s[0] * (1.0 - self.up).ln() + s[1] * self.up.ln() }
/// }
/// let start = Step { up: 0.5 };
/// let mut s = start.statistics();
/// for (x, given) in [(1.0, 0.0), (2.0, 1.0), (1.0, 2.0)] {
///     start.observe(&mut s, &x, &given, 1.0);
/// }
/// assert_eq!(start.estimate(&s)?.up, 2.0 / 3.0);
///
/// // At once it is a node of a graph, and learned with it:
/// use marginal::{data::Table, distributions::{Fixed, Uniform}, em::Em, graph::{Graph, Node}};
/// let mut g = Graph::builder();
/// let begin: Node<f64> = g.node("begin", (), Fixed(Uniform::new(-1.0, 11.0)?));
/// let next = g.node("next", begin, Step { up: 0.5 });
/// let model = g.build()?.hide(())?;
/// let walks = Table::from_values(vec![0.0, 1.0, 10.0, 11.0, 10.0, 9.0, 0.0, 1.0], 2)?;
/// let fit = Em::default().fit(&model, &walks)?;
/// assert_eq!(fit.parameters.conditional::<Step>(next).map(|step| step.up), Some(0.75));
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be estimated, so it cannot be a learned node of a graph",
    note = "implement `EstimateConditional` for it (about 10 lines), or freeze it with `FixedConditional(…)`"
)]
pub trait EstimateConditional: ConditionalDistribution + Clone + Send + Sync {
    /// What is summed over the observations.
    type Statistics: Statistics;

    /// Empty statistics, of the shape that this instance needs.
    fn statistics(&self) -> Self::Statistics;

    /// Adds an observation of weight w > 0.
    fn observe(&self, s: &mut Self::Statistics, x: &Self::Value, given: &Self::Given, weight: f64);

    /// argmax_θ Σ w ln p(x | y, θ).
    ///
    /// # Errors
    /// [`Error::NoWeight`] if there is nothing to estimate from; [`Error::Singular`] or [`Error::NoEstimate`] if the
    /// likelihood has no maximum.
    fn estimate(&self, s: &Self::Statistics) -> Result<Self, Error>;

    /// Σ w ln p(x | y, self) over what was observed: this node's share of Q(θ, θ_old).
    fn expected_log_density(&self, s: &Self::Statistics) -> f64;

    /// ln p(x_n | y_n, θ_k) of K members of the family over rows of cells, into a tile `[k][n]`; −∞ for a row whose cells
    /// hold no x and y. A family with a kernel overrides it.
    fn log_densities_each(components: &[&Self], rows: CaseRows<'_>, tile: &mut [f64])
    where
        Self::Given: Value,
        Self::Value: Value,
    {
        log_densities_row_by_row(components, rows, tile);
    }

    /// Adds rows of cells to the statistics of K members of the family under the weights `[k][n]`; overridden with
    /// [`log_densities_each`](Self::log_densities_each).
    fn observe_each(components: &[&Self], statistics: &mut [&mut Self::Statistics], rows: CaseRows<'_>, weights: &[f64])
    where
        Self::Given: Value,
        Self::Value: Value,
    {
        observe_row_by_row(components, statistics, rows, weights);
    }

    /// ln p(x_n | y_n) over rows of a graph, for every joint state of the members that are hidden, into a tile
    /// `[state][n]`; −∞ where the cells hold no x and y. A family with a kernel overrides it.
    fn log_densities_by_state(&self, rows: FamilyRows<'_>, tile: &mut [f64])
    where
        Self::Given: Value,
        Self::Value: Value,
    {
        log_densities_state_by_state(self, rows, tile);
    }

    /// Adds rows of a graph to the statistics under the weights `[state][n]`; overridden with
    /// [`log_densities_by_state`](Self::log_densities_by_state).
    fn observe_by_state(&self, s: &mut Self::Statistics, rows: FamilyRows<'_>, weights: &[f64])
    where
        Self::Given: Value,
        Self::Value: Value,
    {
        observe_state_by_state(self, s, rows, weights);
    }

    /// Whether the statistics that this instance collects are those that `other` is estimated from: of one shape. A fit
    /// asks before it starts from parameters that the model's own differ from.
    fn same_statistics(&self, _other: &Self) -> bool {
        true
    }

    /// See [`Estimate::resolution`].
    fn resolution(&self) -> f64 {
        0.0
    }

    /// What [`estimate`](Self::estimate) promises; see [`Estimate::guarantee`].
    fn guarantee(&self) -> Guarantee {
        Guarantee::Exact
    }

    /// ln of the prior density of this instance's parameters; see [`Estimate::log_prior`].
    fn log_prior(&self) -> Option<f64> {
        None
    }

    /// How many rows determine an estimate; see [`Estimate::determining_rows`].
    fn determining_rows(&self) -> usize {
        2
    }

    /// The least ratio of this variance, y given, to that of `all`; see [`Estimate::least_variance_ratio`].
    fn least_variance_ratio(&self, _all: &Self) -> Option<f64> {
        None
    }

    /// How many free parameters there are, for AIC and BIC; a prior changes nothing of it.
    fn free_parameters(&self) -> Option<usize> {
        None
    }
}

/// [`EstimateConditional::log_densities_each`] without a kernel.
pub(super) fn log_densities_row_by_row<C: EstimateConditional>(components: &[&C], rows: CaseRows<'_>, tile: &mut [f64])
where
    C::Given: Value,
    C::Value: Value,
{
    let n_rows = rows.len();
    for n in 0..n_rows {
        let of_row = |x: &C::Value, y: &C::Given| {
            for (k, component) in components.iter().enumerate() {
                tile[k * n_rows + n] = component.log_density(x, y);
            }
        };
        if rows.read(n, of_row).is_none() {
            tile.iter_mut().skip(n).step_by(n_rows).for_each(|l| *l = f64::NEG_INFINITY);
        }
    }
}

/// [`EstimateConditional::observe_each`] without a kernel.
pub(super) fn observe_row_by_row<C: EstimateConditional>(
    components: &[&C],
    statistics: &mut [&mut C::Statistics],
    rows: CaseRows<'_>,
    weights: &[f64],
) where
    C::Given: Value,
    C::Value: Value,
{
    let n_rows = rows.len();
    for n in 0..n_rows {
        rows.read(n, |x: &C::Value, y: &C::Given| {
            for (k, (component, s)) in components.iter().zip(statistics.iter_mut()).enumerate() {
                let weight = weights[k * n_rows + n];
                if weight > 0.0 {
                    component.observe(s, x, y, weight);
                }
            }
        });
    }
}

/// [`EstimateConditional::log_densities_by_state`] without a kernel.
pub(super) fn log_densities_state_by_state<C: EstimateConditional>(
    conditional: &C,
    rows: FamilyRows<'_>,
    tile: &mut [f64],
) where
    C::Given: Value,
    C::Value: Value,
{
    tile.fill(f64::NEG_INFINITY);
    rows.each(|n, state, x: &C::Value, y: &C::Given| tile[state * rows.len() + n] = conditional.log_density(x, y));
}

/// [`EstimateConditional::observe_by_state`] without a kernel.
pub(super) fn observe_state_by_state<C: EstimateConditional>(
    conditional: &C,
    s: &mut C::Statistics,
    rows: FamilyRows<'_>,
    weights: &[f64],
) where
    C::Given: Value,
    C::Value: Value,
{
    rows.each(|n, state, x: &C::Value, y: &C::Given| {
        let weight = weights[state * rows.len() + n];
        if weight > 0.0 {
            conditional.observe(s, x, y, weight);
        }
    });
}
