//! `Grouped`: p(x₁ … x_m | z) = Π_i p(x_i | z), values that are known to share one z.

use std::borrow::Borrow;

use rand::Rng;

use crate::data::{InMemory, Observation, Sample};
use crate::distributions::{Doubt, Guarantee, Parametric};
use crate::error::Error;

use super::bank::check_count;
use super::{Components, SampleGiven, Space};

/// Values whose log-densities are asked for together.
const ROWS: usize = 512;

/// A bank whose values are groups of values that all come from one z, without saying which: the rows of one patient, the
/// pixels of one leaf.
///
/// A group is a `Vec` of values or, of rows, a [`Table`](crate::data::Table); its log-density is the sum over what it
/// holds, that of an empty group 0. Given z its values are independent. A proportion is a share of the groups, and a group
/// of weight 2 counts as the group twice. For BIC a group is as many draws as it holds values.
/// ```
/// use marginal::components::Grouped;
/// use marginal::prelude::*;
/// // Each machine either runs well or badly; faults of some days for each of six.
/// let machines = [vec![0, 1, 0], vec![2, 4, 3, 3], vec![1, 0], vec![5], vec![0, 0, 1, 1, 0], vec![3, 2]];
/// let model = Mixture::of(Grouped::new(vec![Poisson::new(1.0)?, Poisson::new(4.0)?]))?;
/// let fit = Em::default().fit(&model, &machines)?;
/// assert_eq!(fit.parameters.labels(&machines)?, [0, 1, 0, 1, 0, 1]);
/// assert!((fit.parameters.components().members()[1].rate() - 3.1162).abs() < 1e-3); // 22 faults in 7 days, nearly
/// assert_eq!((fit.observations, fit.draws), (6, 17.0));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Grouped<C>(C);

/// Values side by side.
type Buffer<C> = <<C as Components>::Value as Observation>::Buffer;
type Block<'a, C> = <<C as Components>::Value as Observation>::Block<'a>;

/// The values of a group, one by one.
fn values<'a, C: Components>(group: &'a Buffer<C>) -> impl Iterator<Item = &'a C::Value>
where
    C::Value: 'a,
{
    let block = C::Value::block(group);
    (0..C::Value::len(block)).map(move |i| C::Value::get(block, i))
}

impl<C: Components> Grouped<C> {
    /// The same members, of groups of values.
    pub fn new(members: C) -> Self {
        Self(members)
    }

    /// The members: a bank of single values.
    pub fn members(&self) -> &C {
        &self.0
    }

    /// The members, taken out.
    pub fn into_members(self) -> C {
        self.0
    }

    /// The lengths of a group's rows and of those that members are about, if both are known and differ.
    fn other_length(&self, group: &Buffer<C>) -> Option<(usize, usize)> {
        let block = C::Value::block(group);
        let lengths = self.0.space().row_length.zip(C::Value::columns(block));
        lengths.filter(|(expected, found)| expected != found && C::Value::len(block) > 0)
    }

    /// Shows `see` the groups of a block, each with its number, whose rows are as long as members want; some small ones side
    /// by side, large ones in pieces: values of several groups, and how many each has among them.
    fn in_pieces(&self, block: &[Buffer<C>], mut see: impl FnMut(Block<'_, C>, &[(usize, usize)])) {
        let (mut together, mut parts) = (Buffer::<C>::default(), Vec::new());
        let mut held = 0;
        for (n, group) in block.iter().enumerate().filter(|(_, group)| self.other_length(group).is_none()) {
            let values = C::Value::block(group);
            let count = C::Value::len(values);
            if count > ROWS / 4 {
                for first in (0..count).step_by(ROWS) {
                    let piece = first..count.min(first + ROWS);
                    see(C::Value::slice(values, piece.clone()), &[(n, piece.len())]);
                }
                continue;
            }
            if held + count > ROWS {
                see(C::Value::block(&together), &parts);
                (together, parts, held) = (Buffer::<C>::default(), Vec::new(), 0);
            }
            (0..count).for_each(|i| C::Value::push(&mut together, C::Value::get(values, i)));
            parts.push((n, count));
            held += count;
        }
        if held > 0 {
            see(C::Value::block(&together), &parts);
        }
    }
}

impl<C: Components> Components for Grouped<C> {
    type Value = Buffer<C>;
    type Statistics = C::Statistics;

    fn count(&self) -> usize {
        self.0.count()
    }

    fn log_density_given(&self, group: &Buffer<C>, z: usize) -> f64 {
        match self.other_length(group) {
            Some(_) => f64::NEG_INFINITY,
            None => values::<C>(group).map(|x| self.0.log_density_given(x, z)).sum(),
        }
    }

    fn empty_statistics(&self) -> C::Statistics {
        self.0.empty_statistics()
    }

    fn observe_given(&self, s: &mut C::Statistics, group: &Buffer<C>, z: usize, weight: f64) {
        values::<C>(group).for_each(|x| self.0.observe_given(s, x, z, weight));
    }

    fn estimate_together(&self, s: &C::Statistics, seen: &[bool]) -> Result<Self, Error> {
        self.0.estimate_together(s, seen).map(Self)
    }

    fn expected_log_densities(&self, s: &C::Statistics) -> f64 {
        self.0.expected_log_densities(s)
    }

    fn log_density_tile(&self, block: &[Buffer<C>], tile: &mut [f64]) {
        let groups = block.len().max(1);
        for (row, log) in tile.iter_mut().enumerate() {
            *log = if self.other_length(&block[row % groups]).is_some() { f64::NEG_INFINITY } else { 0.0 };
        }
        let mut of_values = Vec::new();
        self.in_pieces(block, |values, parts| {
            let count = C::Value::len(values);
            of_values.clear();
            of_values.resize(self.0.count() * count, 0.0);
            self.0.log_density_tile(values, &mut of_values);
            for (z, row) in of_values.chunks_exact(count).enumerate() {
                let mut first = 0;
                for (n, length) in parts {
                    tile[z * groups + n] += row[first..first + length].iter().sum::<f64>();
                    first += length;
                }
            }
        });
    }

    fn observe_tile(&self, s: &mut C::Statistics, block: &[Buffer<C>], weights: &[f64]) {
        let groups = block.len().max(1);
        let mut of_values = Vec::new();
        self.in_pieces(block, |values, parts| {
            of_values.clear();
            for row in weights.chunks_exact(groups) {
                parts.iter().for_each(|(n, length)| of_values.extend(std::iter::repeat_n(row[*n], *length)));
            }
            self.0.observe_tile(s, values, &of_values);
        });
    }

    fn log_prior_density(&self) -> Option<f64> {
        self.0.log_prior_density()
    }

    fn joint_guarantee(&self) -> Guarantee {
        self.0.joint_guarantee()
    }

    fn resolution_given(&self, z: usize) -> f64 {
        self.0.resolution_given(z)
    }

    fn doubts(&self, s: &C::Statistics, rows: &[f64]) -> Vec<Doubt> {
        self.0.doubts(s, rows)
    }

    fn degrees_of_freedom(&self) -> Option<usize> {
        self.0.degrees_of_freedom()
    }

    /// A group is no row and no state; its numbers have the members' period.
    fn space(&self) -> Space {
        Space { period: self.0.space().period, ..Space::default() }
    }

    /// The means of the numbers that its values consist of.
    fn numbers_of(&self, group: &Buffer<C>) -> Option<Vec<f64>> {
        let rows: Vec<Vec<f64>> = values::<C>(group).map(|x| self.0.numbers_of(x)).collect::<Option<_>>()?;
        let mut sums = vec![0.0; rows.first()?.len()];
        rows.iter().for_each(|row| sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x));
        Some(sums.into_iter().map(|sum| sum / rows.len() as f64).collect())
    }

    fn may_produce(&self, group: &Buffer<C>, z: usize) -> bool {
        values::<C>(group).all(|x| self.0.may_produce(x, z))
    }

    fn at_start(&self, sample: &Sample<Self::Value>) -> Result<Self, Error> {
        let mut all = Sample::default();
        let groups = sample.block().iter().zip(sample.weights().unwrap_or_default());
        for (group, &weight) in groups.filter(|(group, _)| self.other_length(group).is_none()) {
            values::<C>(group).for_each(|x| all.push(x, weight));
        }
        self.0.at_start(&all).map(Self)
    }

    fn draws_of(&self, group: &Buffer<C>) -> usize {
        values::<C>(group).map(|x| self.0.draws_of(x)).sum()
    }

    fn refusal_of(&self, group: &Buffer<C>, row: usize) -> Option<Error> {
        let refused = match self.other_length(group) {
            Some((expected, found)) => Some(Error::Dimension { what: "a row of the group", expected, found }),
            None => values::<C>(group).enumerate().find_map(|(i, x)| {
                let nowhere = (0..self.0.count()).all(|z| self.0.log_density_given(x, z) == f64::NEG_INFINITY);
                self.0.refusal_of(x, i).filter(|_| nowhere)
            }),
        };
        refused.map(|source| Error::AtRow { row, source: Box::new(source) })
    }

    fn check_start(&self, start: &Self) -> Result<(), Error> {
        check_count(self, start)?;
        self.0.check_start(&start.0)
    }
}

/// A group of one draw: how many belong together, no model says.
impl<C: SampleGiven> SampleGiven for Grouped<C> {
    fn sample_given(&self, z: usize, rng: &mut dyn Rng) -> Buffer<C> {
        let mut group = Buffer::<C>::default();
        C::Value::push(&mut group, self.0.sample_given(z, rng).borrow());
        group
    }
}

impl<'a, C> Grouped<C>
where
    C: 'a,
    &'a C: IntoIterator,
{
    /// The members, one by one.
    pub fn iter(&'a self) -> <&'a C as IntoIterator>::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, C> IntoIterator for &'a Grouped<C>
where
    C: 'a,
    &'a C: IntoIterator,
{
    type Item = <&'a C as IntoIterator>::Item;
    type IntoIter = <&'a C as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The coordinates of the members.
impl<C: Parametric> Parametric for Grouped<C> {
    fn to_vector(&self) -> Vec<f64> {
        self.0.to_vector()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        self.0.from_vector(coordinates).map(Self)
    }
}
