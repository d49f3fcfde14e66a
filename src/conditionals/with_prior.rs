//! Conditional distributions with a prior over their parameters.

use rand::Rng;

use crate::data::Statistics;
use crate::distributions::{Dirichlet, Guarantee, InverseGamma, Prior, WithPrior, likelihoods};
use crate::error::Error;

use super::{CaseRows, ConditionalDistribution, Domain, EstimateConditional, FamilyRows, Finite, Value};
use crate::conditionals::{
    ConditionalGaussian, ConditionalTable, FiniteParents, JointMoments, LinearGaussian, RegressionLine, Regressors,
};

impl<C: ConditionalDistribution, P: Prior<C>> ConditionalDistribution for WithPrior<C, P> {
    type Given = C::Given;
    type Value = C::Value;

    fn log_density(&self, x: &C::Value, given: &C::Given) -> f64 {
        self.likelihood().log_density(x, given)
    }
    fn sample(&self, given: &C::Given, rng: &mut dyn Rng) -> <C::Value as ToOwned>::Owned {
        self.likelihood().sample(given, rng)
    }
    fn density(&self, x: &C::Value, given: &C::Given) -> f64 {
        self.likelihood().density(x, given)
    }
    fn states(&self) -> Option<usize> {
        self.likelihood().states()
    }
    fn row_length(&self) -> Option<usize> {
        self.likelihood().row_length()
    }
    fn given_length(&self) -> Option<usize> {
        self.likelihood().given_length()
    }
    fn period(&self) -> Option<f64> {
        self.likelihood().period()
    }
    fn linear_gaussian(&self, given: &C::Given) -> Option<RegressionLine> {
        self.likelihood().linear_gaussian(given)
    }
    fn admits(&self, parents: &[Domain]) -> Result<(), Error> {
        self.likelihood().admits(parents)
    }
}

/// The statistics are those of the conditional distribution.
impl<C: EstimateConditional, P: Prior<C, Statistics = C::Statistics>> EstimateConditional for WithPrior<C, P> {
    type Statistics = C::Statistics;

    fn statistics(&self) -> C::Statistics {
        self.likelihood().statistics()
    }
    fn observe(&self, s: &mut C::Statistics, x: &C::Value, given: &C::Given, weight: f64) {
        self.likelihood().observe(s, x, given, weight);
    }
    fn estimate(&self, s: &C::Statistics) -> Result<Self, Error> {
        self.maximum(s)
    }
    fn expected_log_density(&self, s: &C::Statistics) -> f64 {
        self.likelihood().expected_log_density(s)
    }
    fn log_densities_each(members: &[&Self], rows: CaseRows<'_>, tile: &mut [f64])
    where
        C::Given: Value,
        C::Value: Value,
    {
        C::log_densities_each(&likelihoods(members), rows, tile);
    }
    fn observe_each(members: &[&Self], statistics: &mut [&mut C::Statistics], rows: CaseRows<'_>, weights: &[f64])
    where
        C::Given: Value,
        C::Value: Value,
    {
        C::observe_each(&likelihoods(members), statistics, rows, weights);
    }
    fn log_densities_by_state(&self, rows: FamilyRows<'_>, tile: &mut [f64])
    where
        C::Given: Value,
        C::Value: Value,
    {
        self.likelihood().log_densities_by_state(rows, tile);
    }
    fn observe_by_state(&self, s: &mut C::Statistics, rows: FamilyRows<'_>, weights: &[f64])
    where
        C::Given: Value,
        C::Value: Value,
    {
        self.likelihood().observe_by_state(s, rows, weights);
    }
    fn same_statistics(&self, other: &Self) -> bool {
        self.likelihood().same_statistics(other.likelihood())
    }
    fn resolution(&self) -> f64 {
        self.likelihood().resolution()
    }
    fn guarantee(&self) -> Guarantee {
        self.likelihood().guarantee()
    }
    fn log_prior(&self) -> Option<f64> {
        Some(self.log_density_of_prior())
    }
    fn determining_rows(&self) -> usize {
        0
    }
    fn free_parameters(&self) -> Option<usize> {
        self.likelihood().free_parameters()
    }
}

/// One prior for each row of a table: α_k − 1 cases of each value k are imagined.
///
/// ```
/// use marginal::conditionals::{ConditionalTable, EstimateConditional};
/// use marginal::distributions::{Dirichlet, WithPrior};
/// let table: ConditionalTable<bool, bool> = ConditionalTable::new([[0.5, 0.5], [0.5, 0.5]])?;
/// let rows = vec![Dirichlet::new(vec![2.0, 2.0])?, Dirichlet::new(vec![9.0, 3.0])?];
/// let table = WithPrior::new(table, rows)?;
/// let mut s = table.statistics();
/// table.observe(&mut s, &true, &false, 4.0);
/// let fitted = table.estimate(&s)?;
/// assert_eq!(fitted.likelihood().probability(&true, &false), 5.0 / 6.0);
/// assert_eq!(fitted.likelihood().probability(&true, &true), 2.0 / 10.0); // nothing seen, ten imagined
/// # Ok::<(), marginal::Error>(())
/// ```
impl<G: FiniteParents + ?Sized, X: Finite> Prior<ConditionalTable<G, X>> for Vec<Dirichlet> {
    type Statistics = Vec<f64>;

    fn check_for(&self, table: &ConditionalTable<G, X>) -> Result<(), Error> {
        let (expected, found) = (table.rows().len(), self.len());
        if expected != found {
            return Err(Error::Dimension { what: "the priors of the rows of a table", expected, found });
        }
        self.iter().zip(table.rows()).try_for_each(|(prior, row)| prior.check_outcomes(row.len()))
    }
    fn log_density_at(&self, table: &ConditionalTable<G, X>) -> f64 {
        table.expected_log_density(&imagined(self))
    }
    fn maximum(&self, old: &ConditionalTable<G, X>, s: &Vec<f64>) -> Result<ConditionalTable<G, X>, Error> {
        counted(old, imagined(self), s)
    }
}

/// The same prior for all rows of a table.
impl<G: FiniteParents + ?Sized, X: Finite> Prior<ConditionalTable<G, X>> for Dirichlet {
    type Statistics = Vec<f64>;

    fn check_for(&self, table: &ConditionalTable<G, X>) -> Result<(), Error> {
        table.rows().try_for_each(|row| self.check_outcomes(row.len()))
    }
    fn log_density_at(&self, table: &ConditionalTable<G, X>) -> f64 {
        table.expected_log_density(&imagined(std::iter::repeat_n(self, table.rows().len())))
    }
    fn maximum(&self, old: &ConditionalTable<G, X>, s: &Vec<f64>) -> Result<ConditionalTable<G, X>, Error> {
        counted(old, imagined(std::iter::repeat_n(self, old.rows().len())), s)
    }
}

/// The imagined cases of each cell.
fn imagined<'a>(rows: impl IntoIterator<Item = &'a Dirichlet>) -> Vec<f64> {
    rows.into_iter().flat_map(Dirichlet::concentrations).map(|alpha| alpha - 1.0).collect()
}

/// The table of imagined and of seen cases.
fn counted<G: FiniteParents + ?Sized, X: Finite>(
    old: &ConditionalTable<G, X>,
    mut cases: Vec<f64>,
    s: &Vec<f64>,
) -> Result<ConditionalTable<G, X>, Error> {
    cases.merge(s);
    old.estimate(&cases)
}

/// A prior of σ².
impl<G: Regressors + ?Sized> Prior<LinearGaussian<G>> for InverseGamma {
    type Statistics = JointMoments;

    fn log_density_at(&self, line: &LinearGaussian<G>) -> f64 {
        self.log_density_at_deviation(line.standard_deviation())
    }
    fn maximum(&self, old: &LinearGaussian<G>, s: &JointMoments) -> Result<LinearGaussian<G>, Error> {
        old.maximum(s, &self.imagined())
    }
}

/// The same prior for σ_z² of each state, or for the common one.
impl<F: FiniteParents + Clone, R: Regressors + Clone> Prior<ConditionalGaussian<F, R>> for InverseGamma {
    type Statistics = Vec<JointMoments>;

    fn log_density_at(&self, lines: &ConditionalGaussian<F, R>) -> f64 {
        lines.log_density_of_prior(self)
    }
    fn maximum(
        &self,
        old: &ConditionalGaussian<F, R>,
        s: &Vec<JointMoments>,
    ) -> Result<ConditionalGaussian<F, R>, Error> {
        old.maximum(s, &self.imagined())
    }
}
