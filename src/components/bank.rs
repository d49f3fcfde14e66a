//! `Components`: p(x | z), z = 0 … K − 1, and its weighted maximum likelihood.

use rand::Rng;

use crate::data::{InMemory, Observation, Sample, Statistics};
use crate::distributions::{Doubt, Guarantee};
use crate::error::Error;

use super::label::Label;
use super::random_shares::share_row;

/// Rows that are observed together.
const ROWS: usize = 256;
/// Rows that a member has to itself in a random start.
pub(super) const OWN_ROWS: usize = 5;
/// The weight of all rows together, beside those.
pub(super) const POOLED: f64 = 1.0 / 3.0;

/// p(x | z) for z = 0 … K − 1, estimated from mergeable statistics of the (x_n, z) under posterior weights w_nz.
///
/// Hold one in a [`Mixture`](crate::models::Mixture), a [`HiddenMarkovModel`](crate::models::HiddenMarkovModel) or, in a
/// graph, a [`Switch`](crate::conditionals::Switch).
/// Laws: those of [`Statistics`]; a tile holds the members' log-densities, and observing a block is observing its rows
/// one by one; weight 0 is absence; [`expected_log_densities`](Self::expected_log_densities) is Σ w ln p(x | z); no
/// other parameters have a larger one than those of [`estimate_together`](Self::estimate_together). No method shares its
/// name with one of [`Distribution`](crate::distributions::Distribution), [`Estimate`](crate::distributions::Estimate)
/// or a model's trait.
///
/// Two exponentials, the second `ratio` times as fast as the first, as a bank of your own:
/// ```
/// use marginal::{Error, components::Components, em::Em, models::Mixture};
///
/// #[derive(Clone, Debug)]
/// struct Decays { rate: f64, ratio: f64 }
///
/// impl Decays {
///     fn rate(&self, z: usize) -> f64 { if z == 0 { self.rate } else { self.rate * self.ratio } }
/// }
///
/// impl Components for Decays {
///     type Value = f64;
///     type Statistics = [[f64; 2]; 2]; // of each z: Σw, Σw x
///     fn count(&self) -> usize { 2 }
///     fn log_density_given(&self, x: &f64, z: usize) -> f64 {
///         if *x >= 0.0 { self.rate(z).ln() - self.rate(z) * x } else { f64::NEG_INFINITY }
///     }
///     fn empty_statistics(&self) -> [[f64; 2]; 2] { [[0.0; 2]; 2] }
///     fn observe_given(&self, s: &mut [[f64; 2]; 2], x: &f64, z: usize, weight: f64) {
///         s[z][0] += weight;
///         s[z][1] += weight * x;
///     }
///     fn estimate_together(&self, s: &[[f64; 2]; 2], _seen: &[bool]) -> Result<Self, Error> {
///         let rate = (s[0][0] + s[1][0]) / (s[0][1] + self.ratio * s[1][1]);
///         Ok(Decays { rate, ..self.clone() })
///     }
///     fn expected_log_densities(&self, s: &[[f64; 2]; 2]) -> f64 {
///         (0..2).map(|z| s[z][0] * self.rate(z).ln() - self.rate(z) * s[z][1]).sum()
///     }
/// }
///
/// let model = Mixture::of(Decays { rate: 1.0, ratio: 10.0 })?;
/// let fit = Em::default().verify(true).fit(&model, &[0.02, 4.1, 0.03, 0.3, 9.5, 0.1, 2.2])?;
/// assert!(fit.parameters.components().rate < 0.5);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no bank of components: it cannot be held by a mixture or a chain",
    note = "a `Vec` of any distribution that implements `Estimate` is one; freeze what is not estimated with `Fixed(…)`",
    note = "`Gaussians`, `Shared` and `Regressions` are others; a bank of your own implements `Components`"
)]
pub trait Components: Clone + Send + Sync {
    /// What the members are distributions of.
    type Value: Observation + ?Sized;
    /// What is summed over the observations, for all members.
    type Statistics: Statistics;

    /// K.
    fn count(&self) -> usize;

    /// ln p(x | z) in nats; −∞ off the support (and for NaN), never NaN.
    fn log_density_given(&self, x: &Self::Value, z: usize) -> f64;

    /// Empty statistics, of the shape that this instance needs.
    fn empty_statistics(&self) -> Self::Statistics;

    /// Adds an observation of weight w > 0 that member z made.
    fn observe_given(&self, s: &mut Self::Statistics, x: &Self::Value, z: usize, weight: f64);

    /// argmax_θ Σ w ln p(x | z, θ) + ln prior(θ), or what [`joint_guarantee`](Self::joint_guarantee) says instead; `self`
    /// is θ_old. Of a member that is not `seen` the data say nothing: what it does not share, and no prior moves, stays as it
    /// was.
    ///
    /// # Errors
    /// As [`Error::Component`], with the member's number, what [`Estimate`](crate::distributions::Estimate) refuses;
    /// [`Error::NoWeight`] for a member that is said to be seen and has no weight.
    fn estimate_together(&self, s: &Self::Statistics, seen: &[bool]) -> Result<Self, Error>;

    /// Σ w ln p(x | z, self) over what was observed: the bank's share of Q(θ, θ_old).
    fn expected_log_densities(&self, s: &Self::Statistics) -> f64;

    /// ln p(x_n | z) of a block into a tile `[z][n]`. A bank with a kernel overrides it.
    fn log_density_tile(&self, block: <Self::Value as Observation>::Block<'_>, tile: &mut [f64]) {
        log_densities_row_by_row(self, 0..self.count(), block, tile);
    }

    /// Adds a block under the weights `[z][n]`; weight 0 adds nothing. A bank with a kernel overrides it.
    fn observe_tile(&self, s: &mut Self::Statistics, block: <Self::Value as Observation>::Block<'_>, weights: &[f64]) {
        observe_row_by_row(self, s, 0..self.count(), (block, weights));
    }

    /// The [tile](Self::log_density_tile) of these members alone, in rising order: below a parent that is known a graph wants
    /// no others. A bank with a kernel overrides it.
    fn log_density_tile_of(&self, members: &[usize], block: <Self::Value as Observation>::Block<'_>, tile: &mut [f64]) {
        if members.len() == self.count() {
            return self.log_density_tile(block, tile);
        }
        log_densities_row_by_row(self, members.iter().copied(), block, tile);
    }

    /// Adds a block under the weights of these members alone, in rising order; overridden with
    /// [`log_density_tile_of`](Self::log_density_tile_of).
    fn observe_tile_of(
        &self,
        s: &mut Self::Statistics,
        members: &[usize],
        block: <Self::Value as Observation>::Block<'_>,
        weights: &[f64],
    ) {
        if members.len() == self.count() {
            return self.observe_tile(s, block, weights);
        }
        observe_row_by_row(self, s, members.iter().copied(), (block, weights));
    }

    /// ln prior(θ) up to a constant; `None` if there is no prior, so that EM climbs the likelihood itself.
    fn log_prior_density(&self) -> Option<f64> {
        None
    }

    /// What [`estimate_together`](Self::estimate_together) promises.
    fn joint_guarantee(&self) -> Guarantee {
        Guarantee::Exact
    }

    /// [`Estimate::resolution`](crate::distributions::Estimate::resolution) of member z.
    fn resolution_given(&self, _z: usize) -> f64 {
        0.0
    }

    /// What is doubtful about members z of N_z = `rows[z]` expected rows, whose statistics are `s`.
    fn doubts(&self, _s: &Self::Statistics, rows: &[f64]) -> Vec<Doubt> {
        rows.iter().enumerate().flat_map(|(z, rows)| Doubt::of(z, *rows, 2, None)).collect()
    }

    /// How many free parameters all members have together, for AIC and BIC.
    fn degrees_of_freedom(&self) -> Option<usize> {
        None
    }

    /// What the values are.
    fn space(&self) -> Space {
        Space::default()
    }

    /// What the values of member z are, where members may differ in it.
    fn space_given(&self, _z: usize) -> Space {
        self.space()
    }

    /// [`Distribution::as_normal`](crate::distributions::Distribution::as_normal) of member z.
    fn normal_given(&self, _z: usize) -> Option<(f64, f64)> {
        None
    }

    /// The numbers that x consists of, if values lie near one another as these do: starts look for clusters among them.
    /// `None` for everything else; then they look among log-densities under [random members](Self::random_members).
    fn numbers_of(&self, _x: &Self::Value) -> Option<Vec<f64>> {
        None
    }

    /// Whether member z may have produced x, with these parameters or with others of its family: a random start gives x
    /// to no other.
    fn may_produce(&self, x: &Self::Value, z: usize) -> bool {
        self.log_density_given(x, z) > f64::NEG_INFINITY
    }

    /// The bank under which a start collects statistics: this one, but that members which complete what rows miss are those
    /// of all rows together.
    ///
    /// # Errors
    /// [`Error::AtColumn`] for a column without any value.
    fn at_start(&self, _sample: &Sample<Self::Value>) -> Result<Self, Error> {
        Ok(self.clone())
    }

    /// What x says of the z that it comes from, if it says anything: starts give their clusters the numbers that fit.
    fn label_of<'a>(&self, _x: &'a Self::Value) -> Option<&'a Label> {
        None
    }

    /// How many draws x is: see [`FiniteLatent::draws`](crate::latent::FiniteLatent::draws).
    fn draws_of(&self, _x: &Self::Value) -> usize {
        1
    }

    /// What is wrong with x, which stands at this row, if more can be said of it than that no member gives it a density.
    fn refusal_of(&self, _x: &Self::Value, _row: usize) -> Option<Error> {
        None
    }

    /// Whether a fit of this bank may start from `start`: as many members, and statistics of the same shape.
    ///
    /// # Errors
    /// [`Error::Dimension`] or [`Error::OtherShape`] for what differs; what is wrong with the bank's own settings.
    fn check_start(&self, start: &Self) -> Result<(), Error> {
        check_count(self, start)
    }

    /// N_z and members for a random start, estimated from some random rows of each: small samples differ as large ones do
    /// not.
    ///
    /// # Errors
    /// Those of [`estimate_together`](Self::estimate_together).
    fn random_members(&self, sample: &Sample<Self::Value>, rng: &mut dyn Rng) -> Result<(Vec<f64>, Self), Error> {
        some_rows_each(self, sample, rng)
    }
}

/// The tile of these members without a kernel.
fn log_densities_row_by_row<C: Components>(
    bank: &C,
    members: impl Iterator<Item = usize>,
    block: <C::Value as Observation>::Block<'_>,
    tile: &mut [f64],
) {
    for (z, row) in members.zip(tile.chunks_exact_mut(C::Value::len(block).max(1))) {
        let of_row = |(n, l): (usize, &mut f64)| *l = bank.log_density_given(C::Value::get(block, n), z);
        row.iter_mut().enumerate().for_each(of_row);
    }
}

/// Adds a block under the weights of these members without a kernel.
fn observe_row_by_row<C: Components>(
    bank: &C,
    s: &mut C::Statistics,
    members: impl Iterator<Item = usize>,
    (block, weights): (<C::Value as Observation>::Block<'_>, &[f64]),
) {
    for (z, row) in members.zip(weights.chunks_exact(C::Value::len(block).max(1))) {
        for (n, &weight) in row.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
            bank.observe_given(s, C::Value::get(block, n), z, weight);
        }
    }
}

/// A bank whose members can be sampled.
///
/// All can but those, such as regressions, whose rows hold more than is distributed.
pub trait SampleGiven: Components {
    /// A draw from p(· | z).
    fn sample_given(&self, z: usize, rng: &mut dyn Rng) -> <Self::Value as ToOwned>::Owned;
}

/// What the values of a bank are; all `None` where there is nothing to say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Space {
    /// [`Distribution::states`](crate::distributions::Distribution::states).
    pub states: Option<usize>,
    /// [`Distribution::row_length`](crate::distributions::Distribution::row_length).
    pub row_length: Option<usize>,
    /// [`Distribution::period`](crate::distributions::Distribution::period).
    pub period: Option<f64>,
}

/// The statistics of these members, in their order, which must rise.
pub(crate) fn chosen<'a, S>(all: &'a mut [S], members: &[usize]) -> Vec<&'a mut S> {
    let mut wanted = members.iter().peekable();
    let of_members = all.iter_mut().enumerate().filter(|(z, _)| wanted.next_if(|next| *next == z).is_some());
    of_members.map(|(_, s)| s).collect()
}

/// Whether a start has as many members.
pub(crate) fn check_count<C: Components>(bank: &C, start: &C) -> Result<(), Error> {
    let (expected, found) = (bank.count(), start.count());
    if expected == found {
        Ok(())
    } else {
        Err(Error::Dimension { what: "the components of the start", expected, found })
    }
}

/// Five random rows for each member and, at a third of their weight, an equal part of all rows, so that no probability
/// starts at 0.
fn some_rows_each<C: Components>(
    bank: &C,
    sample: &Sample<C::Value>,
    rng: &mut dyn Rng,
) -> Result<(Vec<f64>, C), Error> {
    let (weights, k) = (sample.weights().unwrap_or_default(), bank.count());
    let own = (OWN_ROWS * k).min(weights.len());
    let mut owners = vec![None; weights.len()];
    let rows = rand::seq::index::sample(rng, weights.len(), own);
    rows.iter().enumerate().for_each(|(m, n)| owners[n] = Some(m % k));
    let pooled = POOLED * own as f64 / (weights.len() * k) as f64;
    let (mut s, mut counts) = (bank.empty_statistics(), vec![0.0; k]);
    observe_shares(bank, (sample.block(), weights), (&mut s, &mut counts), |n, shares| {
        shares.fill(pooled);
        owners[n].into_iter().for_each(|z: usize| shares[z] += 1.0);
    });
    Ok((counts, bank.estimate_together(&s, &vec![true; k])?))
}

/// Adds a block of which row n belongs to the members by the shares that `of_row` fills in (they need not sum to one), and
/// to each of `counts` what its member gets.
pub(crate) fn observe_shares<C: Components>(
    bank: &C,
    (block, weights): (<C::Value as Observation>::Block<'_>, &[f64]),
    (s, counts): (&mut C::Statistics, &mut [f64]),
    mut of_row: impl FnMut(usize, &mut [f64]),
) {
    let k = bank.count();
    let (mut shares, mut tile) = (vec![0.0; k], Vec::new());
    for first in (0..weights.len()).step_by(ROWS) {
        let rows = ROWS.min(weights.len() - first);
        tile.clear();
        tile.resize(k * rows, 0.0);
        for n in first..first + rows {
            of_row(n, &mut shares);
            let x = C::Value::get(block, n);
            let mut observe = |z: usize, share: f64| {
                counts[z] += share;
                tile[z * rows + n - first] = share;
            };
            if (0..k).all(|z| shares[z] == 0.0 || bank.may_produce(x, z)) {
                (0..k).filter(|z| shares[*z] > 0.0).for_each(|z| observe(z, weights[n] * shares[z]));
            } else {
                let possible: Vec<bool> = (0..k).map(|z| bank.may_produce(x, z)).collect();
                share_row(&possible, weights[n], &shares, observe);
            }
        }
        bank.observe_tile(s, C::Value::slice(block, first..first + rows), &tile);
    }
}
