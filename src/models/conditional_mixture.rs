//! Conditional mixture: p(x | y) = Σ_k π_k p_k(x | y); of regressions, a mixture of regressions.

use std::fmt;

use rand::{Rng, RngExt};

use crate::conditionals::{CaseRows, ConditionalDistribution, Domain, EstimateConditional, Value};
use crate::data::{Dataset, InMemory, Rows, Sample, Table};
use crate::distributions::draw_index;
use crate::error::Error;
use crate::latent::{Climbs, FiniteLatent, Guarantee, Posterior, Start};
use crate::numeric::{add_to_rows, log_sum_exp};

use super::equal_components::{equal_components, start_apart};
use super::mixture::log_product;
use super::{Mixture, MixtureStatistics};

/// p(x | y) = Σ_k π_k p_k(x | y), components of any family that can be estimated: linear, Poisson or logistic regressions,
/// or one of yours.
///
/// It is a conditional distribution, the predictive one of x at a new y; and as a latent model (z is the component) of
/// rows that hold y and then x, unless [`response`](Self::response) says otherwise, it is its own start.
/// ```
/// use marginal::prelude::*;
/// use marginal::rand::rngs::StdRng;
///
/// let line = |a, b| LinearGaussian::<[f64]>::new(a, &[b], 0.5); // as many slopes as rows have other columns
/// let truth = ConditionalMixture::new(vec![0.25, 0.75], vec![line(0.0, 2.0)?, line(1.0, -1.0)?])?;
/// let mut rng = StdRng::seed_from_u64(1);
/// let rows = (0..2000).flat_map(|n| [f64::from(n % 7), truth.sample(&[f64::from(n % 7)], &mut rng)]);
/// let rows = Table::from_values(rows.collect(), 2)?;
///
/// // Equal components say nothing of where to start, so every run draws its start.
/// let model = ConditionalMixture::of(vec![line(0.0, 0.0)?; 2])?;
/// let fit = Em::default().restarts(5).fit(&model, &rows)?;
/// let mut slopes: Vec<f64> = fit.parameters.components().iter().map(|line| line.slopes()[0]).collect();
/// slopes.sort_by(f64::total_cmp);
/// assert!((slopes[0] - -1.0).abs() < 0.05 && (slopes[1] - 2.0).abs() < 0.05);
/// assert!(fit.parameters.density(&12.0, &[6.0]) > fit.parameters.density(&4.0, &[6.0]));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ConditionalMixture<C> {
    parts: Mixture<C>,
    response: Option<usize>,
}

impl<C> ConditionalMixture<C> {
    /// Components in equal proportions.
    ///
    /// # Errors
    /// [`Error::Dimension`] if there is no component.
    pub fn of(components: Vec<C>) -> Result<Self, Error> {
        Ok(Self { parts: Mixture::of(components)?, response: None })
    }

    /// Components in the given proportions π.
    ///
    /// # Errors
    /// Those of [`Mixture::new`].
    pub fn new(proportions: Vec<f64>, components: Vec<C>) -> Result<Self, Error> {
        Ok(Self { parts: Mixture::new(proportions, components)?, response: None })
    }

    /// The same, of rows in which x stands at this column (begins there, if it fills several) and y fills the others, in
    /// their order.
    /// ```
    /// use marginal::prelude::*;
    /// let eruptions = Table::read_csv("data/faithful.csv")?;
    /// let line = |a| LinearGaussian::<[f64]>::new(a, &[0.0], 1.0);
    /// let model = ConditionalMixture::of(vec![line(2.0)?, line(4.0)?])?;
    /// let model = model.response(eruptions.position("eruptions").expect("a column of that name"));
    /// let fit = Em::default().fit(&model, &eruptions)?;
    /// assert!(fit.parameters.log_density(&4.5, &[80.0]) > fit.parameters.log_density(&2.0, &[80.0]));
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn response(self, column: usize) -> Self {
        Self { response: Some(column), ..self }
    }

    /// π.
    pub fn proportions(&self) -> &[f64] {
        self.parts.proportions()
    }

    /// The components.
    pub fn components(&self) -> &[C] {
        self.parts.components()
    }
}

impl<C: ConditionalDistribution> ConditionalMixture<C>
where
    C::Value: Value,
{
    /// How many cells x fills.
    fn width(&self) -> usize {
        C::Value::CELLS.or(self.components()[0].row_length()).unwrap_or(1)
    }

    fn cases<'a>(&self, rows: Rows<'a, f64>) -> CaseRows<'a> {
        let width = self.width();
        CaseRows::new(rows, self.response.unwrap_or(rows.columns().saturating_sub(width)), width)
    }

    /// A row alone.
    fn case<'a>(&self, row: &'a [f64]) -> CaseRows<'a> {
        self.cases(Rows::new(row, row.len()).expect("a row of cells is one row"))
    }
}

/// [`Posterior`] with the mixture's own proportions and components as θ.
impl<C: EstimateConditional> ConditionalMixture<C>
where
    C::Given: Value,
    C::Value: Value,
{
    /// p(z = k | x_n, y_n), N × K.
    ///
    /// # Errors
    /// [`Error::Impossible`] if a row has density 0 under every component.
    pub fn responsibilities<T: Dataset<[f64]> + ?Sized>(&self, data: &T) -> Result<Table, Error> {
        let names = (0..self.components().len()).map(|k| format!("component {k}")).collect();
        Table::new(names, Posterior::responsibilities(self, self, data)?.into_values())
    }

    /// argmax_k p(z = k | x_n, y_n) of each row; the first of equals.
    ///
    /// # Errors
    /// As [`responsibilities`](Self::responsibilities).
    pub fn labels<T: Dataset<[f64]> + ?Sized>(&self, data: &T) -> Result<Vec<usize>, Error> {
        Posterior::labels(self, self, data)
    }

    /// ln p(x_n | y_n) of each row, in nats.
    ///
    /// # Errors
    /// As [`responsibilities`](Self::responsibilities).
    pub fn log_densities_of<T: Dataset<[f64]> + ?Sized>(&self, data: &T) -> Result<Vec<f64>, Error> {
        Posterior::log_densities_of(self, self, data)
    }

    /// −Σ_n w_n Σ_k r_nk ln r_nk. See [`Fit::icl`](crate::em::Fit::icl).
    ///
    /// # Errors
    /// As [`responsibilities`](Self::responsibilities).
    pub fn classification_entropy<T: Dataset<[f64]> + ?Sized>(&self, data: &T) -> Result<f64, Error> {
        Posterior::classification_entropy(self, self, data)
    }
}

impl<C: ConditionalDistribution> ConditionalDistribution for ConditionalMixture<C> {
    type Given = C::Given;
    type Value = C::Value;

    fn log_density(&self, x: &C::Value, given: &C::Given) -> f64 {
        let parts = self.parts.log_proportions().iter().zip(self.components());
        log_sum_exp(&parts.map(|(p, component)| log_product(*p, component.log_density(x, given))).collect::<Vec<_>>())
    }

    fn sample(&self, given: &C::Given, rng: &mut dyn Rng) -> <C::Value as ToOwned>::Owned {
        self.components()[draw_index(self.proportions(), rng)].sample(given, rng)
    }

    fn states(&self) -> Option<usize> {
        self.components()[0].states()
    }

    fn row_length(&self) -> Option<usize> {
        self.components()[0].row_length()
    }

    fn given_length(&self) -> Option<usize> {
        self.components()[0].given_length()
    }

    fn period(&self) -> Option<f64> {
        self.components()[0].period()
    }

    fn admits(&self, parents: &[Domain]) -> Result<(), Error> {
        self.components().iter().try_for_each(|component| component.admits(parents))
    }
}

impl<C: EstimateConditional> FiniteLatent for ConditionalMixture<C>
where
    C::Given: Value,
    C::Value: Value,
{
    type Observation = [f64];
    type Parameters = Self;
    type Statistics = MixtureStatistics<C::Statistics>;

    fn states(&self) -> usize {
        self.components().len()
    }

    fn statistics(&self, theta: &Self) -> Self::Statistics {
        let components = theta.components().iter().map(EstimateConditional::statistics).collect();
        MixtureStatistics { weights: vec![0.0; theta.components().len()], components }
    }

    fn log_joint(&self, theta: &Self, row: &[f64], z: usize) -> f64 {
        let log_density = |x: &C::Value, y: &C::Given| theta.components()[z].log_density(x, y);
        let log_density = self.case(row).read(0, log_density).unwrap_or(f64::NEG_INFINITY);
        log_product(theta.parts.log_proportions()[z], log_density)
    }

    fn observe(&self, s: &mut Self::Statistics, row: &[f64], z: usize, weight: f64) {
        s.weights[z] += weight;
        self.case(row).read(0, |x, y| self.components()[z].observe(&mut s.components[z], x, y, weight));
    }

    fn estimate(&self, s: &Self::Statistics) -> Result<Self, Error> {
        self.estimate_from(self, s)
    }

    fn estimate_from(&self, theta_old: &Self, s: &Self::Statistics) -> Result<Self, Error> {
        Ok(Self { parts: theta_old.parts.estimated(s, C::estimate)?, response: self.response })
    }

    fn complete_log_likelihood(&self, theta: &Self, s: &Self::Statistics) -> f64 {
        theta.parts.complete(s, C::expected_log_density)
    }

    fn log_joints(&self, theta: &Self, block: Rows<'_, f64>, tile: &mut [f64]) {
        C::log_densities_each(&theta.components().iter().collect::<Vec<_>>(), self.cases(block), tile);
        add_to_rows(tile, theta.parts.log_proportions());
    }

    fn observe_block(&self, s: &mut Self::Statistics, block: Rows<'_, f64>, weights: &[f64]) {
        s.add_weights(weights);
        let components: Vec<&C> = self.components().iter().collect();
        C::observe_each(&components, &mut s.components.iter_mut().collect::<Vec<_>>(), self.cases(block), weights);
    }

    fn check(&self, theta: &Self) -> Result<(), Error> {
        self.parts.check_alike(&theta.parts, "the regressors of a component", C::given_length, C::same_statistics)?;
        let last = FiniteLatent::row_length(self, theta).map_or(usize::MAX, |length| length - self.width());
        match self.response {
            Some(column) if column > last => {
                Err(Error::Parameter { name: "the column of the response", value: column as f64, domain: "a row" })
            }
            _ => Ok(()),
        }
    }

    fn row_length(&self, theta: &Self) -> Option<usize> {
        Some(C::Given::CELLS.or(theta.components()[0].given_length())? + self.width())
    }

    /// The largest of the components.
    fn resolution(&self, theta: &Self) -> f64 {
        theta.components().iter().map(C::resolution).fold(0.0, f64::max)
    }

    fn log_prior(&self, theta: &Self) -> f64 {
        theta.components().iter().filter_map(C::log_prior).sum()
    }

    fn climbs(&self) -> Climbs {
        Climbs::with_priors(self.components().iter().map(C::log_prior))
    }

    fn guarantee(&self) -> Guarantee {
        self.components().iter().map(C::guarantee).min().unwrap_or_default()
    }

    fn free_parameters(&self, theta: &Self) -> Option<usize> {
        let of_components: Option<usize> = theta.components().iter().map(EstimateConditional::free_parameters).sum();
        of_components.map(|p| p + theta.components().len() - 1)
    }

    fn period(&self) -> Option<f64> {
        ConditionalDistribution::period(self)
    }
}

/// The first run starts from this mixture as it stands, unless two of its components are equal on the data. All others give each
/// component a few random rows of its own, no more than it takes to estimate it: small samples differ as large ones do
/// not. They look at most at 10 000 of the rows.
impl<C: EstimateConditional> Start for ConditionalMixture<C>
where
    C::Given: Value,
    C::Value: Value,
{
    fn start<T: Dataset<[f64]> + ?Sized>(&self, data: &T, restart: usize, rng: &mut dyn Rng) -> Result<Self, Error> {
        FiniteLatent::check(self, self)?;
        let sample = data.subsample(10_000, rng.random())?;
        let equal = |mixture: &Self| {
            equal_components(data, mixture.components().len(), |row: &[f64], logs| {
                for (l, component) in logs.iter_mut().zip(mixture.components()) {
                    let log_density = self.case(row).read(0, |x, y| component.log_density(x, y));
                    *l = log_density.unwrap_or(f64::NEG_INFINITY);
                }
            })
        };
        start_apart(restart == 0, self, data, equal, || self.from_few_rows(&sample, rng))
    }
}

impl<C: EstimateConditional> ConditionalMixture<C>
where
    C::Given: Value,
    C::Value: Value,
{
    /// The M-step from random rows, each of one component; from twice as many until every component can be estimated.
    fn from_few_rows(&self, sample: &Sample<[f64]>, rng: &mut dyn Rng) -> Result<Self, Error> {
        let (block, weights, k) = (sample.block(), sample.weights().unwrap_or_default(), self.components().len());
        let order = rand::seq::index::sample(rng, block.len(), block.len()).into_vec();
        let enough = self.free_parameters(self).unwrap_or(0).max(k);
        for rows in std::iter::successors(Some(2 * enough), |rows| (*rows < order.len()).then_some(2 * rows)) {
            let mut s = FiniteLatent::statistics(self, self);
            for (m, &n) in order.iter().take(rows).enumerate() {
                self.observe(&mut s, block.row(n), m % k, weights[n]);
            }
            match self.estimate(&s) {
                Err(error) if error.is_degenerate() && rows < order.len() => (),
                settled => return settled,
            }
        }
        Err(Error::Empty)
    }
}

impl<C: fmt::Display> fmt::Display for ConditionalMixture<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.fmt(f)
    }
}
