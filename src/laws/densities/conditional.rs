//! Laws of p(x | y): for one y it is a distribution of x, and with y from a list one of rows (x, y); so every law of
//! distributions, and of their estimates, is a law of conditional distributions.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use rand::{Rng, RngExt};

use crate::conditionals::{CaseRows, ConditionalDistribution, EstimateConditional, Value};
use crate::data::Rows;
use crate::distributions::{Distribution, Estimate, Guarantee, Parametric};
use crate::error::Error;

use super::distribution::draws;
use crate::laws::law::Worst;
use crate::laws::{Law, Part};

/// p(· | y) for one y.
/// ```
/// use marginal::{conditionals::LinearGaussian, laws::{self, Slice}};
/// let line = LinearGaussian::<f64>::new(1.0, &[2.0], 0.5)?;
/// let report = laws::check(&laws::conditional(), &Slice { conditional: line, given: 3.0 });
/// assert!(report.holds(), "{report}");
/// # Ok::<(), marginal::Error>(())
/// ```
pub struct Slice<C: ConditionalDistribution>
where
    C::Given: ToOwned,
{
    /// The conditional distribution.
    pub conditional: C,
    /// y.
    pub given: <C::Given as ToOwned>::Owned,
}

impl<C: ConditionalDistribution> Distribution for Slice<C>
where
    C::Given: ToOwned,
{
    type Value = C::Value;

    fn log_density(&self, x: &C::Value) -> f64 {
        self.conditional.log_density(x, self.given.borrow())
    }
    fn density(&self, x: &C::Value) -> f64 {
        self.conditional.density(x, self.given.borrow())
    }
    fn sample(&self, rng: &mut dyn Rng) -> <C::Value as ToOwned>::Owned {
        self.conditional.sample(self.given.borrow(), rng)
    }
    fn states(&self) -> Option<usize> {
        self.conditional.states()
    }
    fn row_length(&self) -> Option<usize> {
        self.conditional.row_length()
    }
    fn period(&self) -> Option<f64> {
        self.conditional.period()
    }
}

impl<C: ConditionalDistribution + fmt::Debug> fmt::Debug for Slice<C>
where
    C::Given: ToOwned<Owned: fmt::Debug>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slice").field("conditional", &self.conditional).field("given", &self.given).finish()
    }
}

/// A draw's cells hold it: what is read from them is the draw, and a finite value is below the number of states.
pub fn cells_hold_the_value<C: ConditionalDistribution>() -> Law<Slice<C>>
where
    C::Given: ToOwned,
    C::Value: Value,
{
    Law::new("cells_hold_the_value", "from_cells(with_cells(x)) = x", Part::Coordinates, |slice| {
        let mut worst = Worst::of("none");
        let states = slice.conditional.states().or(C::Value::STATES);
        for drawn in draws(slice, 50, 7) {
            let x: &C::Value = drawn.borrow();
            let back = x.with_cells(|cells| C::Value::from_cells(cells, |back| format!("{back:?}")));
            let differs = f64::from(u8::from(back.as_ref() != Some(&format!("{x:?}"))));
            worst.equal(differs, 0.0, 0.0, format_args!("whether {x:?} and what its cells hold, {back:?}, differ"));
            if let Some(states) = states {
                let index = x.with_cells(|cells| cells[0]);
                worst.at_least(states as f64 - 1.0, index, 0.0, format_args!("the last state, and the index of {x:?}"));
            }
        }
        Ok(worst.verdict())
    })
}

/// A conditional distribution as a distribution of rows (cells of x, cells of y), each y of a list equally likely: its
/// laws of estimation are those of distributions.
///
/// The density is p(x | y) without the share of y, which no estimate moves.
/// ```
/// use marginal::{conditionals::LinearGaussian, laws::{self, EstimateCase, Observations, Regression}};
/// let line = Regression::new(LinearGaussian::<f64>::new(1.0, &[2.0], 0.5)?, [0.0, 1.0, 2.0]);
/// let rows = [[1.25, 0.0], [2.5, 1.0], [5.5, 2.0], [2.75, 1.0]].map(|row| (row.to_vec(), 1.0)); // x, y
/// let report = laws::check(&laws::estimate_conditional(), &EstimateCase::of(line, Observations::new(rows)));
/// assert!(report.holds(), "{report}");
/// # Ok::<(), marginal::Error>(())
/// ```
pub struct Regression<C> {
    /// The conditional distribution.
    pub conditional: C,
    /// The cells of each y.
    given: Arc<[Vec<f64>]>,
}

/// How far a cell may lie from the whole number that it stands for; re-runs of a law move every cell by some ulps.
const WHOLE: f64 = 1e-6;

impl<C: ConditionalDistribution> Regression<C>
where
    C::Given: Value,
    C::Value: Value,
{
    /// With the parents' values y, of which there is at least one.
    pub fn new<Y: Borrow<C::Given>>(conditional: C, given: impl IntoIterator<Item = Y>) -> Self {
        let given = given.into_iter().map(|y| y.borrow().with_cells(<[f64]>::to_vec)).collect();
        Self { conditional, given }
    }

    /// How many cells x fills.
    fn width(&self) -> usize {
        C::Value::CELLS.or(self.conditional.row_length()).unwrap_or(1)
    }

    /// The row with the whole numbers that its cells stand for.
    fn whole(&self, row: &[f64]) -> Vec<f64> {
        let (x, y) = row.split_at(self.width().min(row.len()));
        [near::<C::Value>(x), near::<C::Given>(y)].concat()
    }

    /// f of x and y, if the row holds them.
    fn read<R>(&self, row: &[f64], f: impl FnOnce(&C::Value, &C::Given) -> R) -> Option<R> {
        let row = self.whole(row);
        let (x, y) = row.split_at_checked(self.width())?;
        C::Given::from_cells(y, |y| C::Value::from_cells(x, |x| f(x, y))).flatten()
    }
}

/// The conditional distributions, and a block's cells as [`Regression::whole`] has them.
fn together<'a, C: ConditionalDistribution>(
    members: &[&'a Regression<C>],
    block: Rows<'_, f64>,
) -> (Vec<&'a C>, Vec<f64>)
where
    C::Given: Value,
    C::Value: Value,
{
    let cells = block.iter().flat_map(|row| members[0].whole(row)).collect();
    (members.iter().map(|member| &member.conditional).collect(), cells)
}

/// The cells if they hold a value, otherwise the whole numbers next to them.
fn near<T: Value + ?Sized>(cells: &[f64]) -> Vec<f64> {
    if T::from_cells(cells, |_| ()).is_some() {
        return cells.to_vec();
    }
    let nearest = |cell: &f64| if (cell - cell.round()).abs() <= WHOLE { cell.round() } else { *cell };
    cells.iter().map(nearest).collect()
}

impl<C: ConditionalDistribution> Distribution for Regression<C>
where
    C::Given: Value,
    C::Value: Value,
{
    type Value = [f64];

    fn log_density(&self, row: &[f64]) -> f64 {
        self.read(row, |x, y| self.conditional.log_density(x, y)).unwrap_or(f64::NEG_INFINITY)
    }

    fn sample(&self, rng: &mut dyn Rng) -> Vec<f64> {
        let Some(y) = self.given.get(rng.random_range(0..self.given.len().max(1))) else { return Vec::new() };
        let x = C::Given::from_cells(y, |y| self.conditional.sample(y, rng));
        let mut row = x.map_or(Vec::new(), |x| Borrow::<C::Value>::borrow(&x).with_cells(<[f64]>::to_vec));
        row.extend(y);
        row
    }

    fn row_length(&self) -> Option<usize> {
        Some(self.width() + self.given.first().map_or(0, Vec::len))
    }
}

impl<C: EstimateConditional> Estimate for Regression<C>
where
    C::Given: Value,
    C::Value: Value,
{
    type Statistics = C::Statistics;

    fn statistics(&self) -> C::Statistics {
        self.conditional.statistics()
    }
    fn observe(&self, s: &mut C::Statistics, row: &[f64], weight: f64) {
        self.read(row, |x, y| self.conditional.observe(s, x, y, weight));
    }
    fn log_densities_each(members: &[&Self], block: Rows<'_, f64>, tile: &mut [f64]) {
        let (conditionals, cells) = together(members, block);
        let Ok(rows) = Rows::new(&cells, block.columns()) else { return };
        C::log_densities_each(&conditionals, CaseRows::new(rows, 0, members[0].width()), tile);
    }
    fn observe_each(members: &[&Self], s: &mut [&mut C::Statistics], block: Rows<'_, f64>, weights: &[f64]) {
        let (conditionals, cells) = together(members, block);
        let Ok(rows) = Rows::new(&cells, block.columns()) else { return };
        C::observe_each(&conditionals, s, CaseRows::new(rows, 0, members[0].width()), weights);
    }
    fn estimate(&self, s: &C::Statistics) -> Result<Self, Error> {
        Ok(Self { conditional: self.conditional.estimate(s)?, given: Arc::clone(&self.given) })
    }
    fn expected_log_density(&self, s: &C::Statistics) -> f64 {
        self.conditional.expected_log_density(s)
    }
    fn resolution(&self) -> f64 {
        self.conditional.resolution()
    }
    fn guarantee(&self) -> Guarantee {
        self.conditional.guarantee()
    }
    fn log_prior(&self) -> Option<f64> {
        self.conditional.log_prior()
    }
    fn free_parameters(&self) -> Option<usize> {
        self.conditional.free_parameters()
    }
}

/// The coordinates of the conditional distribution.
impl<C: Parametric> Parametric for Regression<C> {
    fn to_vector(&self) -> Vec<f64> {
        self.conditional.to_vector()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Ok(Self { conditional: self.conditional.from_vector(coordinates)?, given: Arc::clone(&self.given) })
    }
}

impl<C: Clone> Clone for Regression<C> {
    fn clone(&self) -> Self {
        Self { conditional: self.conditional.clone(), given: Arc::clone(&self.given) }
    }
}

impl<C: fmt::Debug> fmt::Debug for Regression<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Regression").field("conditional", &self.conditional).field("given", &self.given).finish()
    }
}
