//! Conditional mixture: p(x | y) = Σ_k π_k p_k(x | y); of regressions, a mixture of regressions.

use rand::Rng;

use crate::components::Components;
use crate::conditionals::{ConditionalDistribution, Domain, EstimateConditional, Regressions, Value};
use crate::distributions::draw_index;
use crate::error::Error;
use crate::numeric::log_sum_exp;

use super::mixture::Mixture;

/// p(x | y) = Σ_k π_k p_k(x | y), components of any family that can be estimated: linear, Poisson or logistic regressions,
/// or one of yours.
///
/// It is a conditional distribution, the predictive one of x at a new y; and as a latent model (z is the component) of
/// rows that hold y and then x, unless [`Regressions::response`] says otherwise, it is its own start.
/// ```
/// use marginal::conditionals::{ConditionalDistribution, Regressions};
/// use marginal::models::ConditionalMixture;
/// use marginal::prelude::*;
/// use marginal::rand::rngs::StdRng;
///
/// let line = |a, b| LinearGaussian::<[f64]>::new(a, &[b], 0.5); // as many slopes as rows have other columns
/// let truth = ConditionalMixture::new(vec![0.25, 0.75], Regressions::new(vec![line(0.0, 2.0)?, line(1.0, -1.0)?])?)?;
/// let mut rng = StdRng::seed_from_u64(1);
/// let rows = (0..2000).flat_map(|n| [f64::from(n % 7), truth.sample(&[f64::from(n % 7)], &mut rng)]);
/// let rows = Table::from_values(rows.collect(), 2)?;
///
/// // Equal components say nothing of where to start, so every run draws its start.
/// let model = ConditionalMixture::of(Regressions::new(vec![line(0.0, 0.0)?; 2])?)?;
/// let fit = Em::default().restarts(5).fit(&model, &rows)?;
/// let mut slopes: Vec<f64> = fit.parameters.components().iter().map(|line| line.slopes()[0]).collect();
/// slopes.sort_by(f64::total_cmp);
/// assert!((slopes[0] - -1.0).abs() < 0.05 && (slopes[1] - 2.0).abs() < 0.05);
/// assert!(fit.parameters.density(&12.0, &[6.0]) > fit.parameters.density(&4.0, &[6.0]));
/// # Ok::<(), Error>(())
/// ```
/// With the response in a column of that name:
/// ```
/// use marginal::conditionals::{ConditionalDistribution, Regressions};
/// use marginal::prelude::*;
/// let eruptions = Table::read_csv("data/faithful.csv")?;
/// let line = |a| LinearGaussian::<[f64]>::new(a, &[0.0], 1.0);
/// let lines = Regressions::new(vec![line(2.0)?, line(4.0)?])?;
/// let model = Mixture::of(lines.response(eruptions.position("eruptions").expect("a column of that name")))?;
/// let fit = Em::default().fit(&model, &eruptions)?;
/// assert!(fit.parameters.log_density(&4.5, &[80.0]) > fit.parameters.log_density(&2.0, &[80.0]));
/// # Ok::<(), Error>(())
/// ```
pub type ConditionalMixture<C> = Mixture<Regressions<C>>;

impl<C> Mixture<Regressions<C>> {
    /// The same mixture of rows in which x stands at this column: [`Regressions::response`].
    #[must_use]
    pub fn response(self, column: usize) -> Self {
        self.map(|components| components.response(column))
    }
}

impl<C: EstimateConditional> ConditionalDistribution for Mixture<Regressions<C>>
where
    C::Given: Value,
    C::Value: Value,
{
    type Given = C::Given;
    type Value = C::Value;

    fn log_density(&self, x: &C::Value, given: &C::Given) -> f64 {
        let of_component = |k: usize| self.log_product(k, || self.components()[k].log_density(x, given));
        log_sum_exp(&(0..self.components().count()).map(of_component).collect::<Vec<_>>())
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
        self.components().space().period
    }

    fn admits(&self, parents: &[Domain]) -> Result<(), Error> {
        self.components().iter().try_for_each(|component| component.admits(parents))
    }
}
