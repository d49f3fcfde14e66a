//! `Regressions`: p(x | y, z), K conditional distributions over rows that hold x and y.

use std::borrow::Borrow;
use std::ops::Deref;

use rand::Rng;

use crate::components::{Components, Space, check_count, check_members, estimate_from_all};
use crate::data::{InMemory, Rows, Sample};
use crate::distributions::{Doubt, Guarantee, Parametric, estimate_or_keep, log_prior_of_all};
use crate::error::Error;

use crate::conditionals::{CaseRows, EstimateConditional, Value};

/// p(x | y, z) for z = 0 … K − 1: as the components of a mixture or the emissions of a chain, whose rows hold y and then
/// x, unless [`response`](Self::response) says otherwise.
///
/// Of such rows only x is distributed; y is given. The bank is the list of its members. A chain of two lines, with a
/// regressor:
/// ```
/// use marginal::conditionals::Regressions;
/// use marginal::prelude::*;
/// let line = |a, b| LinearGaussian::<[f64]>::new(a, &[b], 0.5);
/// let states = Regressions::new(vec![line(0.0, 1.0)?, line(8.0, -1.0)?])?;
/// let rows = [[1.0, 1.1], [2.0, 1.8], [3.0, 3.1], [4.0, 4.0], [2.0, 6.1], [3.0, 4.9], [1.0, 7.0], [4.0, 4.1], [0.0, 7.9]];
/// let model = HiddenMarkovModel::new(&[0.5, 0.5], &[[0.8, 0.2], [0.2, 0.8]], states)?;
/// let fit = Em::default().fit(&model, &[Table::from_values(rows.concat(), 2)?])?;
/// let slopes: Vec<f64> = fit.parameters.emissions().iter().map(|line| line.slopes()[0]).collect();
/// assert!((slopes[0] - 1.0).abs() < 0.1 && (slopes[1] + 1.0).abs() < 0.1);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Regressions<C> {
    members: Vec<C>,
    pub(crate) response: Option<usize>,
}

impl<C> Regressions<C> {
    /// # Errors
    /// [`Error::Dimension`] if there is none.
    pub fn new(members: Vec<C>) -> Result<Self, Error> {
        if members.is_empty() {
            return Err(Error::Dimension { what: "the regressions", expected: 1, found: 0 });
        }
        Ok(Self { members, response: None })
    }

    /// The same, of rows in which x stands at this column (begins there, if it fills several) and y fills the others, in
    /// their order.
    #[must_use]
    pub fn response(self, column: usize) -> Self {
        Self { response: Some(column), ..self }
    }

    /// Other members over the same columns.
    #[must_use]
    pub fn with_members(&self, members: Vec<C>) -> Self {
        Self { members, response: self.response }
    }
}

/// The members.
impl<C> Deref for Regressions<C> {
    type Target = [C];

    fn deref(&self) -> &[C] {
        &self.members
    }
}

impl<'a, C> IntoIterator for &'a Regressions<C> {
    type Item = &'a C;
    type IntoIter = std::slice::Iter<'a, C>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.iter()
    }
}

impl<C: EstimateConditional> Regressions<C>
where
    C::Given: Value,
    C::Value: Value,
{
    /// How many cells x fills.
    fn width(&self) -> usize {
        C::Value::CELLS.or(self.members[0].row_length()).unwrap_or(1)
    }

    fn row_length(&self) -> Option<usize> {
        Some(C::Given::CELLS.or(self.members[0].given_length())? + self.width())
    }

    fn cases<'a>(&self, rows: Rows<'a, f64>) -> CaseRows<'a> {
        let width = self.width();
        CaseRows::new(rows, self.response.unwrap_or(rows.columns().saturating_sub(width)), width)
    }

    /// The row with an x drawn anew from p(x | y, z); one whose cells hold no such values as it is.
    pub(crate) fn redrawn(&self, row: &[f64], z: usize, rng: &mut dyn Rng) -> Vec<f64> {
        let draw = |_: &C::Value, y: &C::Given| self.members[z].sample(y, rng).borrow().with_cells(<[f64]>::to_vec);
        let (drawn, mut row) = (self.case(row).read(0, draw), row.to_vec());
        let first = self.response.unwrap_or(row.len().saturating_sub(self.width()));
        if let Some(x) = drawn {
            row[first..first + x.len()].copy_from_slice(&x);
        }
        row
    }

    /// A row alone.
    fn case<'a>(&self, row: &'a [f64]) -> CaseRows<'a> {
        self.cases(Rows::new(row, row.len()).expect("a row of cells is one row"))
    }
}

impl<C: EstimateConditional> Components for Regressions<C>
where
    C::Given: Value,
    C::Value: Value,
{
    type Value = [f64];
    type Statistics = Vec<C::Statistics>;

    fn count(&self) -> usize {
        self.members.len()
    }

    fn log_density_given(&self, row: &[f64], z: usize) -> f64 {
        let log_density = |x: &C::Value, y: &C::Given| self.members[z].log_density(x, y);
        self.case(row).read(0, log_density).unwrap_or(f64::NEG_INFINITY)
    }

    fn empty_statistics(&self) -> Self::Statistics {
        self.members.iter().map(C::statistics).collect()
    }

    fn observe_given(&self, s: &mut Self::Statistics, row: &[f64], z: usize, weight: f64) {
        self.case(row).read(0, |x, y| self.members[z].observe(&mut s[z], x, y, weight));
    }

    fn estimate_together(&self, s: &Self::Statistics, seen: &[bool]) -> Result<Self, Error> {
        let of_member = |(z, (member, s)): (usize, (&C, &C::Statistics))| {
            let estimate = || member.estimate(s);
            let estimated = estimate_or_keep(member, seen[z], || member.log_prior(), estimate);
            estimated.map_err(|e| e.of_component(z))
        };
        let members = self.members.iter().zip(s).enumerate().map(of_member).collect::<Result<_, _>>()?;
        Ok(self.with_members(members))
    }

    fn expected_log_densities(&self, s: &Self::Statistics) -> f64 {
        self.members.iter().zip(s).map(|(member, s)| member.expected_log_density(s)).sum()
    }

    fn log_density_tile(&self, block: Rows<'_, f64>, tile: &mut [f64]) {
        C::log_densities_each(&self.members.iter().collect::<Vec<_>>(), self.cases(block), tile);
    }

    fn observe_tile(&self, s: &mut Self::Statistics, block: Rows<'_, f64>, weights: &[f64]) {
        let members: Vec<&C> = self.members.iter().collect();
        C::observe_each(&members, &mut s.iter_mut().collect::<Vec<_>>(), self.cases(block), weights);
    }

    fn log_prior_density(&self) -> Option<f64> {
        log_prior_of_all(self.members.iter().map(C::log_prior))
    }

    fn joint_guarantee(&self) -> Guarantee {
        self.members.iter().map(C::guarantee).min().unwrap_or_default()
    }

    fn resolution_given(&self, z: usize) -> f64 {
        self.members[z].resolution()
    }

    fn doubts(&self, s: &Self::Statistics, rows: &[f64]) -> Vec<Doubt> {
        let all = estimate_from_all(&self.members, s, C::same_statistics, C::estimate);
        let ratio = |member: &C| all.as_ref().and_then(|all| member.least_variance_ratio(all));
        let of_member = |(z, member): (usize, &C)| Doubt::of(z, rows[z], member.determining_rows(), ratio(member));
        self.members.iter().enumerate().flat_map(of_member).collect()
    }

    fn degrees_of_freedom(&self) -> Option<usize> {
        self.members.iter().map(C::free_parameters).sum()
    }

    fn space(&self) -> Space {
        Space { states: self.members[0].states(), row_length: self.row_length(), period: self.members[0].period() }
    }

    fn check_start(&self, start: &Self) -> Result<(), Error> {
        check_count(self, start)?;
        check_members((self, start), "the regressors of a component", C::given_length, C::same_statistics)?;
        let last = start.row_length().map_or(usize::MAX, |length| length - self.width());
        match self.response {
            _ if self.response != start.response => Err(Error::OtherShape { component: 0 }),
            Some(column) if column > last => {
                Err(Error::Parameter { name: "the column of the response", value: column as f64, domain: "a row" })
            }
            _ => Ok(()),
        }
    }

    /// From random rows, each of one member; from twice as many until every member can be estimated, no more than it
    /// takes.
    fn random_members(&self, sample: &Sample<[f64]>, rng: &mut dyn Rng) -> Result<(Vec<f64>, Self), Error> {
        let (block, weights, k) = (sample.block(), sample.weights().unwrap_or_default(), self.members.len());
        let order = rand::seq::index::sample(rng, block.len(), block.len()).into_vec();
        let enough = self.degrees_of_freedom().map_or(k, |p| (p + k - 1).max(k));
        for rows in std::iter::successors(Some(2 * enough), |rows| (*rows < order.len()).then_some(2 * rows)) {
            let (mut s, mut counts) = (self.empty_statistics(), vec![0.0; k]);
            for (m, &n) in order.iter().take(rows).enumerate() {
                counts[m % k] += weights[n];
                self.observe_given(&mut s, block.row(n), m % k, weights[n]);
            }
            match self.estimate_together(&s, &vec![true; k]) {
                Err(error) if error.is_degenerate() && rows < order.len() => (),
                settled => return settled.map(|members| (counts, members)),
            }
        }
        Err(Error::Empty)
    }
}

/// The coordinates of each member.
impl<C: Parametric> Parametric for Regressions<C> {
    fn to_vector(&self) -> Vec<f64> {
        self.members.to_vector()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Ok(Self { members: self.members.from_vector(coordinates)?, response: self.response })
    }
}
