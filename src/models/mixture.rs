//! Mixture: p(x) = Σ_k π_k p_k(x), components of any family that can be estimated.

use std::fmt;

use rand::{Rng, RngExt};

use crate::data::{Dataset, InMemory, Observation, Statistics, Table};
use crate::distributions::{Distribution, Estimate, Parametric, check_simplex, draw_index};
use crate::error::Error;
use crate::latent::{Climbs, FiniteLatent, Guarantee, LatentModel, Posterior, Start};
use crate::numeric::{add_to_rows, log_sum_exp, total};

use super::equal_components::{equal_components, start_apart};
use super::shared_rows::share_row;

/// p(x) = Σ_k π_k p_k(x).
///
/// It is a distribution, and as a latent model (z is the component) it is its own start:
/// `Em::default().fit(&mixture, &data)` climbs from its proportions and components. Components of one type may differ in
/// shape: full and diagonal normals, binomials of different numbers of trials.
/// ```
/// use marginal::{distributions::Normal, em::Em, models::Mixture};
/// let model = Mixture::of(vec![Normal::new(50.0, 5.0)?, Normal::new(80.0, 5.0)?])?;
/// let fit = Em::default().fit(&model, &[51.0, 54.0, 56.0, 79.0, 80.0, 85.0])?;
/// assert!((fit.parameters.components()[1].mean() - 81.33).abs() < 0.01);
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture<D> {
    proportions: Vec<f64>,
    log_proportions: Vec<f64>,
    components: Vec<D>,
}

impl<D> Mixture<D> {
    /// Components in equal proportions.
    ///
    /// # Errors
    /// [`Error::Dimension`] if there is no component.
    pub fn of(components: Vec<D>) -> Result<Self, Error> {
        let k = components.len() as f64;
        Self::new(components.iter().map(|_| 1.0 / k).collect(), components)
    }

    /// Components in the given proportions π.
    ///
    /// # Errors
    /// [`Error::Dimension`] if the lengths differ or are 0, [`Error::Parameter`] if a π_k is not in [0, 1],
    /// [`Error::NotNormalised`] if Σ π_k differs from 1 by more than 1e-9.
    pub fn new(proportions: Vec<f64>, components: Vec<D>) -> Result<Self, Error> {
        if components.is_empty() || proportions.len() != components.len() {
            let (expected, found) = (components.len().max(1), proportions.len());
            return Err(Error::Dimension { what: "the proportions", expected, found });
        }
        check_simplex(&proportions, "proportion", || "the proportions".into())?;
        let log_proportions = proportions.iter().map(|p| p.ln()).collect();
        Ok(Self { proportions, log_proportions, components })
    }

    /// π.
    pub fn proportions(&self) -> &[f64] {
        &self.proportions
    }

    /// The components.
    pub fn components(&self) -> &[D] {
        &self.components
    }

    /// ln π.
    pub(super) fn log_proportions(&self) -> &[f64] {
        &self.log_proportions
    }

    /// Whether a start has as many components, theirs and these are of one length, and each has the statistics of this
    /// mixture's.
    pub(super) fn check_alike(
        &self,
        start: &Self,
        what: &'static str,
        length: impl Fn(&D) -> Option<usize>,
        same_statistics: impl Fn(&D, &D) -> bool,
    ) -> Result<(), Error> {
        let (expected, found) = (self.components.len(), start.components.len());
        if expected != found {
            return Err(Error::Dimension { what: "the components of the start", expected, found });
        }
        let first = length(&self.components[0]);
        let mut lengths = self.components.iter().chain(&start.components).map(length);
        if let Some(length) = lengths.find(|length| *length != first) {
            let (expected, found) = (first.unwrap_or(0), length.unwrap_or(0));
            return Err(Error::Dimension { what, expected, found });
        }
        let mut pairs = self.components.iter().zip(&start.components);
        match pairs.position(|(component, of_start)| !same_statistics(component, of_start)) {
            None => Ok(()),
            Some(component) => Err(Error::OtherShape { component }),
        }
    }

    /// N_k / Σ_j N_j and the estimates of the components.
    pub(super) fn estimated<S>(
        &self,
        s: &MixtureStatistics<S>,
        estimate: impl Fn(&D, &S) -> Result<D, Error>,
    ) -> Result<Self, Error> {
        let total: f64 = s.weights.iter().sum();
        if !(total > 0.0) {
            return Err(Error::NoWeight { weight: total });
        }
        let of_component = |(k, (d, s)): (usize, (&D, &S))| estimate(d, s).map_err(|e| e.of_component(k));
        let components = self.components.iter().zip(&s.components).enumerate().map(of_component);
        Self::new(s.weights.iter().map(|w| w / total).collect(), components.collect::<Result<_, _>>()?)
    }

    /// Σ_k N_k ln π_k + Σ_k Σ w ln p_k.
    pub(super) fn complete<S>(&self, s: &MixtureStatistics<S>, expected: impl Fn(&D, &S) -> f64) -> f64 {
        let of_component = |k: usize| {
            let prior = if s.weights[k] > 0.0 { s.weights[k] * self.log_proportions[k] } else { 0.0 };
            prior + expected(&self.components[k], &s.components[k])
        };
        (0..self.components.len()).map(of_component).sum()
    }
}

/// [`Posterior`] with the mixture's own proportions and components as θ.
impl<D: Estimate> Mixture<D> {
    /// p(z = k | x_n), N × K.
    ///
    /// # Errors
    /// [`Error::Impossible`] if a row has density 0 under every component.
    pub fn responsibilities<T: Dataset<D::Value> + ?Sized>(&self, data: &T) -> Result<Table, Error> {
        let names = (0..self.components.len()).map(|k| format!("component {k}")).collect();
        Table::new(names, Posterior::responsibilities(self, self, data)?.into_values())
    }

    /// argmax_k p(z = k | x_n) of each row; the first of equals.
    ///
    /// # Errors
    /// As [`responsibilities`](Self::responsibilities).
    pub fn labels<T: Dataset<D::Value> + ?Sized>(&self, data: &T) -> Result<Vec<usize>, Error> {
        Posterior::labels(self, self, data)
    }

    /// ln p(x_n) of each row, in nats.
    ///
    /// # Errors
    /// As [`responsibilities`](Self::responsibilities).
    pub fn log_densities_of<T: Dataset<D::Value> + ?Sized>(&self, data: &T) -> Result<Vec<f64>, Error> {
        Posterior::log_densities_of(self, self, data)
    }

    /// −Σ_n w_n Σ_k r_nk ln r_nk: 0 if every row surely belongs to one component. See
    /// [`Fit::icl`](crate::em::Fit::icl).
    ///
    /// # Errors
    /// As [`responsibilities`](Self::responsibilities).
    pub fn classification_entropy<T: Dataset<D::Value> + ?Sized>(&self, data: &T) -> Result<f64, Error> {
        Posterior::classification_entropy(self, self, data)
    }
}

impl<D: Distribution> Distribution for Mixture<D> {
    type Value = D::Value;

    fn log_density(&self, x: &D::Value) -> f64 {
        let parts = self.log_proportions.iter().zip(&self.components);
        let logs: Vec<f64> = parts.map(|(p, d)| log_product(*p, d.log_density(x))).collect();
        log_sum_exp(&logs)
    }

    fn sample(&self, rng: &mut dyn Rng) -> <D::Value as ToOwned>::Owned {
        self.components[draw_index(&self.proportions, rng)].sample(rng)
    }

    fn states(&self) -> Option<usize> {
        self.components[0].states()
    }

    fn row_length(&self) -> Option<usize> {
        self.components[0].row_length()
    }

    fn period(&self) -> Option<f64> {
        self.components[0].period()
    }
}

/// ln π_k p_k; of a component of proportion 0 it is −∞ also where the density is infinite.
pub(super) fn log_product(log_proportion: f64, log_density: f64) -> f64 {
    if log_proportion == f64::NEG_INFINITY { log_proportion } else { log_proportion + log_density }
}

/// N_k = Σ_n w_n r_nk and the statistics of each component.
#[derive(Clone, Debug)]
pub struct MixtureStatistics<S> {
    /// N_k.
    pub weights: Vec<f64>,
    /// The statistics of each component.
    pub components: Vec<S>,
}

impl<S> MixtureStatistics<S> {
    /// N_k += Σ_n w_kn of a tile `[k][n]`.
    pub(super) fn add_weights(&mut self, tile: &[f64]) {
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
    fn reset(&mut self, empty: &Self) {
        self.weights.reset(&empty.weights);
        self.components.reset(&empty.components);
    }
}

impl<D: Estimate> FiniteLatent for Mixture<D> {
    type Observation = D::Value;
    type Parameters = Self;
    type Statistics = MixtureStatistics<D::Statistics>;

    fn states(&self) -> usize {
        self.components.len()
    }

    fn statistics(&self, theta: &Self) -> Self::Statistics {
        let components = theta.components.iter().map(Estimate::statistics).collect();
        MixtureStatistics { weights: vec![0.0; theta.components.len()], components }
    }

    fn log_joint(&self, theta: &Self, x: &D::Value, z: usize) -> f64 {
        log_product(theta.log_proportions[z], theta.components[z].log_density(x))
    }

    fn observe(&self, s: &mut Self::Statistics, x: &D::Value, z: usize, weight: f64) {
        s.weights[z] += weight;
        self.components[z].observe(&mut s.components[z], x, weight);
    }

    fn estimate(&self, s: &Self::Statistics) -> Result<Self, Error> {
        self.estimate_from(self, s)
    }

    fn estimate_from(&self, theta_old: &Self, s: &Self::Statistics) -> Result<Self, Error> {
        theta_old.estimated(s, D::estimate)
    }

    fn complete_log_likelihood(&self, theta: &Self, s: &Self::Statistics) -> f64 {
        theta.complete(s, D::expected_log_density)
    }

    fn log_joints(&self, theta: &Self, block: <D::Value as Observation>::Block<'_>, tile: &mut [f64]) {
        D::log_densities_each(&theta.components.iter().collect::<Vec<_>>(), block, tile);
        add_to_rows(tile, &theta.log_proportions);
    }

    fn observe_block(&self, s: &mut Self::Statistics, block: <D::Value as Observation>::Block<'_>, weights: &[f64]) {
        s.add_weights(weights);
        let components: Vec<&D> = self.components.iter().collect();
        D::observe_each(&components, &mut s.components.iter_mut().collect::<Vec<_>>(), block, weights);
    }

    fn check(&self, theta: &Self) -> Result<(), Error> {
        // A family whose values are no rows has no row length to differ in.
        self.check_alike(theta, "the rows of a component", Distribution::row_length, D::same_statistics)
    }

    fn row_length(&self, theta: &Self) -> Option<usize> {
        theta.components[0].row_length()
    }

    /// The largest of the components.
    fn resolution(&self, theta: &Self) -> f64 {
        theta.components.iter().map(D::resolution).fold(0.0, f64::max)
    }

    fn log_prior(&self, theta: &Self) -> f64 {
        theta.components.iter().filter_map(D::log_prior).sum()
    }

    fn climbs(&self) -> Climbs {
        Climbs::with_priors(self.components.iter().map(D::log_prior))
    }

    fn guarantee(&self) -> Guarantee {
        self.components.iter().map(Estimate::guarantee).min().unwrap_or_default()
    }

    fn free_parameters(&self, theta: &Self) -> Option<usize> {
        let of_components: Option<usize> = theta.components.iter().map(Estimate::free_parameters).sum();
        of_components.map(|p| p + theta.components.len() - 1)
    }

    fn period(&self) -> Option<f64> {
        Distribution::period(self)
    }
}

/// Rows that a component has to itself in a random start.
const OWN_ROWS: usize = 5;
/// The weight of all rows together, beside those.
const POOLED: f64 = 1.0 / 3.0;

/// The first run starts from this mixture as it stands, unless two of its components have the same density in every row:
/// from there EM would leave them equal for ever. All others give each component five random rows of its own and, at a
/// third of their weight, an equal part of all rows: small samples differ as large ones do not, and no probability starts
/// at 0. A row is shared among the components whose family may have produced it. At most 10 000 rows are looked at.
/// [`fit_from`](crate::em::Em::fit_from) starts where it is told to, also from equal components.
impl<D: Estimate> Start for Mixture<D> {
    fn start<T: Dataset<D::Value> + ?Sized>(&self, data: &T, restart: usize, rng: &mut dyn Rng) -> Result<Self, Error> {
        let equal = |mixture: &Self| {
            equal_components(data, mixture.components.len(), |x: &D::Value, logs| {
                logs.iter_mut().zip(&mixture.components).for_each(|(l, d)| *l = d.log_density(x));
            })
        };
        start_apart(restart == 0, self, data, equal, || {
            let sample = data.subsample(10_000, rng.random())?;
            let mut s = LatentModel::statistics(self, self);
            let (block, weights, k) = (sample.block(), sample.weights().unwrap_or_default(), self.components.len());
            let own = (OWN_ROWS * k).min(weights.len());
            let mut owners = vec![None; weights.len()];
            let rows = rand::seq::index::sample(rng, weights.len(), own);
            rows.iter().enumerate().for_each(|(m, n)| owners[n] = Some(m % k));
            let pooled = POOLED * own as f64 / (weights.len() * k) as f64;
            for (n, (&weight, owner)) in weights.iter().zip(&owners).enumerate() {
                let shares: Vec<f64> = (0..k).map(|z| pooled + f64::from(u8::from(*owner == Some(z)))).collect();
                let x = D::Value::get(block, n);
                share_row(&self.components, (x, weight), &shares, |z, share| self.observe(&mut s, x, z, share));
            }
            FiniteLatent::estimate(self, &s)
        })
    }
}

impl<D: fmt::Display> fmt::Display for Mixture<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (k, (p, d)) in self.proportions.iter().zip(&self.components).enumerate() {
            writeln!(f, "component {k}: proportion {p:.6}  {d}")?;
        }
        Ok(())
    }
}

/// ln(π_k / π_K) for k < K, then the coordinates of each component.
impl<D: Parametric> Parametric for Mixture<D> {
    fn to_vector(&self) -> Vec<f64> {
        let (last, rest) = self.log_proportions.split_last().expect("a mixture has a component");
        let ratios = rest.iter().map(|l| l - last);
        ratios.chain(self.components.iter().flat_map(Parametric::to_vector)).collect()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        let (ratios, mut rest) = coordinates.split_at(self.components.len() - 1);
        let logs: Vec<f64> = ratios.iter().copied().chain([0.0]).collect();
        let all = log_sum_exp(&logs);
        let mut components = Vec::with_capacity(self.components.len());
        for d in &self.components {
            let (own, others) = rest.split_at(d.to_vector().len());
            components.push(d.from_vector(own)?);
            rest = others;
        }
        Self::new(logs.iter().map(|l| (l - all).exp()).collect(), components)
    }
}
