//! `Shared`: p(x | z) = p_{m(z)}(x), states that share members of another bank.

use rand::Rng;

use crate::data::{Observation, Sample};
use crate::distributions::{Doubt, Guarantee, Parametric};
use crate::error::Error;
use crate::numeric::add_tiles;

use super::bank::check_count;
use super::{Components, SampleGiven, Space};

/// K states, state z with the member m(z) of a bank: what is observed in states of one member is estimated together.
///
/// A machine runs for at least two steps at a time, so that its chain has two states that look alike:
/// ```
/// use marginal::components::Shared;
/// use marginal::prelude::*;
/// let idle_and_running = vec![Poisson::new(1.0)?, Poisson::new(8.0)?];
/// let states = Shared::new(idle_and_running, &[0, 1, 1])?;
/// let transitions = [[0.75, 0.25, 0.0], [0.0, 0.0, 1.0], [0.5, 0.0, 0.5]];
/// let model = HiddenMarkovModel::new(&[1.0, 0.0, 0.0], &transitions, states)?;
/// let fit = Em::default().fit(&model, &[vec![0, 1, 9, 7, 1, 0, 2, 8, 11, 9, 1, 0]])?;
/// assert_eq!(fit.parameters.emissions().members().len(), 2);
/// assert!((fit.parameters.emissions().members()[1].rate() - 8.8).abs() < 0.1);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Shared<C> {
    members: C,
    of_state: Vec<usize>,
}

impl<C: Components> Shared<C> {
    /// m(z) of each state z.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a number that no member has, [`Error::Dimension`] if a member belongs to no state.
    pub fn new(members: C, of_state: &[usize]) -> Result<Self, Error> {
        let count = members.count();
        if let Some(&m) = of_state.iter().find(|m| **m >= count) {
            return Err(Error::Parameter {
                name: "the member of a state",
                value: m as f64,
                domain: "a member's number",
            });
        }
        let used = (0..count).filter(|m| of_state.contains(m)).count();
        if used != count {
            return Err(Error::Dimension { what: "the members that belong to a state", expected: count, found: used });
        }
        Ok(Self { members, of_state: of_state.to_vec() })
    }

    /// The members.
    pub fn members(&self) -> &C {
        &self.members
    }

    /// m(z) of each state z.
    pub fn of_state(&self) -> &[usize] {
        &self.of_state
    }

    /// A row of a tile for each member.
    fn tile_of_members(&self, rows: usize) -> Vec<f64> {
        vec![0.0; self.members.count() * rows]
    }
}

impl<C: Components> Components for Shared<C> {
    type Value = C::Value;
    type Statistics = C::Statistics;

    fn count(&self) -> usize {
        self.of_state.len()
    }

    fn log_density_given(&self, x: &C::Value, z: usize) -> f64 {
        self.members.log_density_given(x, self.of_state[z])
    }

    fn empty_statistics(&self) -> C::Statistics {
        self.members.empty_statistics()
    }

    fn observe_given(&self, s: &mut C::Statistics, x: &C::Value, z: usize, weight: f64) {
        self.members.observe_given(s, x, self.of_state[z], weight);
    }

    fn estimate_together(&self, s: &C::Statistics, seen: &[bool]) -> Result<Self, Error> {
        let mut seen_members = vec![false; self.members.count()];
        self.of_state.iter().zip(seen).for_each(|(&m, seen)| seen_members[m] |= seen);
        Ok(Self { members: self.members.estimate_together(s, &seen_members)?, of_state: self.of_state.clone() })
    }

    fn expected_log_densities(&self, s: &C::Statistics) -> f64 {
        self.members.expected_log_densities(s)
    }

    /// Each member's densities once.
    fn log_density_tile(&self, block: <C::Value as Observation>::Block<'_>, tile: &mut [f64]) {
        let rows = C::Value::len(block).max(1);
        let mut of_members = self.tile_of_members(C::Value::len(block));
        self.members.log_density_tile(block, &mut of_members);
        for (row, &m) in tile.chunks_exact_mut(rows).zip(&self.of_state) {
            row.copy_from_slice(&of_members[m * rows..][..rows]);
        }
    }

    fn observe_tile(&self, s: &mut C::Statistics, block: <C::Value as Observation>::Block<'_>, weights: &[f64]) {
        let rows = C::Value::len(block).max(1);
        let mut of_members = self.tile_of_members(C::Value::len(block));
        for (row, &m) in weights.chunks_exact(rows).zip(&self.of_state) {
            add_tiles(&mut of_members[m * rows..][..rows], row);
        }
        self.members.observe_tile(s, block, &of_members);
    }

    fn log_prior_density(&self) -> Option<f64> {
        self.members.log_prior_density()
    }

    fn joint_guarantee(&self) -> Guarantee {
        self.members.joint_guarantee()
    }

    fn resolution_given(&self, z: usize) -> f64 {
        self.members.resolution_given(self.of_state[z])
    }

    /// By the numbers of the members.
    fn doubts(&self, s: &C::Statistics, rows: &[f64]) -> Vec<Doubt> {
        let mut of_members = vec![0.0; self.members.count()];
        self.of_state.iter().zip(rows).for_each(|(&m, rows)| of_members[m] += rows);
        self.members.doubts(s, &of_members)
    }

    fn degrees_of_freedom(&self) -> Option<usize> {
        self.members.degrees_of_freedom()
    }

    fn space(&self) -> Space {
        self.members.space()
    }

    fn space_given(&self, z: usize) -> Space {
        self.members.space_given(self.of_state[z])
    }

    fn normal_given(&self, z: usize) -> Option<(f64, f64)> {
        self.members.normal_given(self.of_state[z])
    }

    fn numbers_of(&self, x: &C::Value) -> Option<Vec<f64>> {
        self.members.numbers_of(x)
    }

    fn may_produce(&self, x: &C::Value, z: usize) -> bool {
        self.members.may_produce(x, self.of_state[z])
    }

    fn at_start(&self, sample: &Sample<C::Value>) -> Result<Self, Error> {
        Ok(Self { members: self.members.at_start(sample)?, of_state: self.of_state.clone() })
    }

    fn draws_of(&self, x: &C::Value) -> usize {
        self.members.draws_of(x)
    }

    fn refusal_of(&self, x: &C::Value, row: usize) -> Option<Error> {
        self.members.refusal_of(x, row)
    }

    fn check_start(&self, start: &Self) -> Result<(), Error> {
        check_count(self, start)?;
        if let Some(component) = self.of_state.iter().zip(&start.of_state).position(|(a, b)| a != b) {
            return Err(Error::OtherShape { component });
        }
        self.members.check_start(&start.members)
    }
}

impl<C: SampleGiven> SampleGiven for Shared<C> {
    fn sample_given(&self, z: usize, rng: &mut dyn Rng) -> <C::Value as ToOwned>::Owned {
        self.members.sample_given(self.of_state[z], rng)
    }
}

/// The coordinates of the members, each once.
impl<C: Components + Parametric> Parametric for Shared<C> {
    fn to_vector(&self) -> Vec<f64> {
        self.members.to_vector()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        Ok(Self { members: self.members.from_vector(coordinates)?, of_state: self.of_state.clone() })
    }
}
