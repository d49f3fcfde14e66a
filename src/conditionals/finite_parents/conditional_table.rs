//! Conditional probability table: p(x | y) = P[y][x], one row for each joint state y of the parents.

use std::fmt;
use std::marker::PhantomData;

use rand::Rng;

use crate::distributions::{Parametric, check_simplex, draw_index, from_log_ratios, log_ratios};
use crate::error::Error;
use crate::numeric::{add_each_by_state, look_up_each};

use super::configurations::{Configurations, FiniteParents};
use crate::conditionals::estimate_conditional::{log_densities_state_by_state, observe_state_by_state};
use crate::conditionals::{ConditionalDistribution, Domain, EstimateConditional, FamilyRows, Finite, Member, Value};

/// A table of conditional probabilities: x finite, parents finite.
///
/// Several parents count row-major, the first the slowest: for (bool, bool) the rows are false false, false true,
/// true false, true true. In a graph both types follow from the use; `let x: Node<bool> = …` says what does not.
/// ```
/// use marginal::conditionals::{ConditionalDistribution, ConditionalTable};
/// let wet: ConditionalTable<(bool, bool), bool> =
///     ConditionalTable::new([[1.0, 0.0], [0.1, 0.9], [0.2, 0.8], [0.01, 0.99]])?;
/// assert_eq!(wet.probability(&true, &(true, false)), 0.8);
///
/// let refused = ConditionalTable::<bool, bool>::new([[0.9, 0.1], [0.2, 0.9]]).unwrap_err();
/// assert_eq!(refused.to_string(), "the sum of row 1 of the table is 1.1, not 1");
/// # Ok::<(), marginal::Error>(())
/// ```
pub struct ConditionalTable<G: ?Sized, X> {
    pub(crate) configurations: Configurations,
    states: usize,
    probabilities: Vec<f64>,
    log_probabilities: Vec<f64>,
    types: PhantomData<fn(&G) -> X>,
}

impl<G: FiniteParents + ?Sized, X: Finite> ConditionalTable<G, X> {
    /// One row of probabilities for each joint state of the parents.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a probability outside [0, 1], [`Error::NotNormalised`] for a row whose sum differs
    /// from 1 by more than 1e-9, [`Error::Dimension`] if rows have different lengths or their number does not belong
    /// to the parents (or leaves open how many states each has: then use [`over`](Self::over)).
    pub fn new<R: AsRef<[f64]>>(rows: impl IntoIterator<Item = R>) -> Result<Self, Error> {
        Self::with(rows, Configurations::inferred::<G>)
    }

    /// The same, with the number of states of each parent.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn over<R: AsRef<[f64]>>(parents: &[usize], rows: impl IntoIterator<Item = R>) -> Result<Self, Error> {
        Self::with(rows, |count| Configurations::new::<G>(parents, count))
    }

    fn with<R: AsRef<[f64]>>(
        rows: impl IntoIterator<Item = R>,
        configurations: impl FnOnce(usize) -> Result<Configurations, Error>,
    ) -> Result<Self, Error> {
        let (mut probabilities, mut count, mut states) = (Vec::new(), 0, X::STATES);
        for row in rows {
            let row = row.as_ref();
            let expected = *states.get_or_insert(row.len().max(1));
            if row.len() != expected {
                return Err(Error::Dimension { what: "a row of the table", expected, found: row.len() });
            }
            check_simplex(row, "probability", || format!("row {count} of the table"))?;
            probabilities.extend_from_slice(row);
            count += 1;
        }
        let (configurations, states) = (configurations(count)?, states.unwrap_or(1));
        if let Some(found) = (0..states).find(|&x| X::from_index(x).is_none()) {
            return Err(Error::Dimension { what: "a row of the table", expected: found, found: states });
        }
        Ok(Self::of(configurations, states, probabilities))
    }

    fn of(configurations: Configurations, states: usize, probabilities: Vec<f64>) -> Self {
        let log_probabilities = probabilities.iter().map(|p| p.ln()).collect();
        Self { configurations, states, probabilities, log_probabilities, types: PhantomData }
    }

    /// p(x | y); 0 for an x or y that the table does not know.
    pub fn probability(&self, x: &X, given: &G) -> f64 {
        self.cell(x, given).map_or(0.0, |cell| self.probabilities[cell])
    }

    /// The rows, one for each joint state of the parents.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.probabilities.chunks_exact(self.states)
    }

    /// Where each joint state of the hidden members lies in the table, and how far from there each row does; `None` if
    /// some cell holds no state of this table.
    fn places(&self, rows: FamilyRows<'_>) -> Option<(Vec<usize>, Vec<usize>)> {
        let states = || std::iter::once(self.states).chain(self.configurations.states().iter().copied());
        if rows.parents().len() + 1 != states().count() {
            return None;
        }
        let (mut of_states, mut of_rows) = (vec![0], vec![0; rows.len()]);
        let mut stride = self.states * self.configurations.count();
        for (member, (v, states)) in std::iter::once(&rows.node()).chain(rows.parents()).zip(states().enumerate()) {
            stride /= if v == 0 { 1 } else { states };
            let step = if v == 0 { 1 } else { stride };
            match *member {
                Member::Hidden(found) if found == states => {
                    of_states = of_states.iter().flat_map(|first| (0..states).map(move |z| first + z * step)).collect();
                }
                Member::Shown(cells, 1) => {
                    for (place, cell) in of_rows.iter_mut().zip(cells) {
                        let state = *cell as usize;
                        if state >= states || state as f64 != *cell {
                            return None;
                        }
                        *place += state * step;
                    }
                }
                _ => return None,
            }
        }
        Some((of_states, of_rows))
    }

    fn cell(&self, x: &X, given: &G) -> Option<usize> {
        let x = x.index();
        let row = self.configurations.row(given)?;
        (x < self.states).then(|| row * self.states + x)
    }
}

impl<G: FiniteParents + ?Sized, X: Finite> ConditionalDistribution for ConditionalTable<G, X> {
    type Given = G;
    type Value = X;

    fn log_density(&self, x: &X, given: &G) -> f64 {
        self.cell(x, given).map_or(f64::NEG_INFINITY, |cell| self.log_probabilities[cell])
    }

    fn density(&self, x: &X, given: &G) -> f64 {
        self.probability(x, given)
    }

    /// Parents that the table does not know are taken for its first row.
    fn sample(&self, given: &G, rng: &mut dyn Rng) -> X {
        let row = &self.probabilities[self.configurations.row(given).unwrap_or(0) * self.states..][..self.states];
        let drawn = draw_index(row, rng);
        X::from_index(drawn).expect("the constructor has asked for the value of each state")
    }

    fn states(&self) -> Option<usize> {
        Some(self.states)
    }

    fn admits(&self, parents: &[Domain]) -> Result<(), Error> {
        self.configurations.admits(parents)
    }
}

/// The statistics are the weights of the cells. A row without weight stays as it is.
impl<G: FiniteParents + ?Sized, X: Finite> EstimateConditional for ConditionalTable<G, X> {
    type Statistics = Vec<f64>;

    fn statistics(&self) -> Vec<f64> {
        vec![0.0; self.probabilities.len()]
    }

    fn observe(&self, s: &mut Vec<f64>, x: &X, given: &G, weight: f64) {
        if let Some(cell) = self.cell(x, given) {
            s[cell] += weight;
        }
    }

    fn estimate(&self, s: &Vec<f64>) -> Result<Self, Error> {
        let weight: f64 = s.iter().sum();
        if !(weight > 0.0) {
            return Err(Error::NoWeight { weight });
        }
        let mut probabilities = self.probabilities.clone();
        for (row, counts) in probabilities.chunks_exact_mut(self.states).zip(s.chunks_exact(self.states)) {
            let total: f64 = counts.iter().sum();
            if total > 0.0 {
                row.iter_mut().zip(counts).for_each(|(p, count)| *p = count / total);
            }
        }
        Ok(Self::of(self.configurations.clone(), self.states, probabilities))
    }

    fn expected_log_density(&self, s: &Vec<f64>) -> f64 {
        // 0 · ln 0 = 0: what never happened costs nothing.
        let term = |(&count, &log): (&f64, &f64)| if count == 0.0 { 0.0 } else { count * log };
        s.iter().zip(&self.log_probabilities).map(term).sum()
    }

    /// Look-ups in the table of logarithms.
    fn log_densities_by_state(&self, rows: FamilyRows<'_>, tile: &mut [f64])
    where
        G: Value,
    {
        let mut known = rows.states() == self.configurations.count();
        if let (Member::Shown(cells, 1), true) = (rows.node(), known) {
            look_up_each(&self.log_probabilities, self.states, cells, tile, &mut known);
        } else if let Some((of_states, of_rows)) = self.places(rows) {
            known = true;
            for (first, line) in of_states.into_iter().zip(tile.chunks_exact_mut(rows.len().max(1))) {
                line.iter_mut().zip(&of_rows).for_each(|(l, place)| *l = self.log_probabilities[first + place]);
            }
        } else {
            known = false;
        }
        if !known {
            log_densities_state_by_state(self, rows, tile);
        }
    }

    fn observe_by_state(&self, s: &mut Vec<f64>, rows: FamilyRows<'_>, weights: &[f64])
    where
        G: Value,
    {
        let mut known = rows.states() == self.configurations.count();
        if let (Member::Shown(cells, 1), true) = (rows.node(), known) {
            add_each_by_state(cells, weights, self.states, s, &mut known);
        } else if let Some((of_states, of_rows)) = self.places(rows) {
            known = true;
            for (first, line) in of_states.into_iter().zip(weights.chunks_exact(rows.len().max(1))) {
                line.iter().zip(&of_rows).for_each(|(weight, place)| s[first + place] += weight);
            }
        } else {
            known = false;
        }
        if !known {
            observe_state_by_state(self, s, rows, weights);
        }
    }

    fn same_statistics(&self, other: &Self) -> bool {
        self.configurations == other.configurations && self.states == other.states
    }

    fn free_parameters(&self) -> Option<usize> {
        Some(self.probabilities.len() / self.states * (self.states - 1))
    }
}

// Derived, these would ask the parents' type for the same.
impl<G: ?Sized, X> Clone for ConditionalTable<G, X> {
    fn clone(&self) -> Self {
        Self {
            configurations: self.configurations.clone(),
            states: self.states,
            probabilities: self.probabilities.clone(),
            log_probabilities: self.log_probabilities.clone(),
            types: PhantomData,
        }
    }
}

impl<G: ?Sized, X> PartialEq for ConditionalTable<G, X> {
    fn eq(&self, other: &Self) -> bool {
        self.configurations == other.configurations && self.probabilities == other.probabilities
    }
}

impl<G: ?Sized, X> fmt::Debug for ConditionalTable<G, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<&[f64]> = self.probabilities.chunks_exact(self.states).collect();
        f.debug_tuple("ConditionalTable").field(&rows).finish()
    }
}

/// ln(p_x / p_X) of each row for the states x before the last, X; infinite where a p is 0.
impl<G: ?Sized, X> Parametric for ConditionalTable<G, X> {
    fn to_vector(&self) -> Vec<f64> {
        self.log_probabilities.chunks_exact(self.states).flat_map(log_ratios).collect()
    }

    fn from_vector(&self, coordinates: &[f64]) -> Result<Self, Error> {
        let of_row = |row: usize| from_log_ratios(&coordinates[row * (self.states - 1)..][..self.states - 1]);
        let rows = (0..self.probabilities.len() / self.states).map(of_row).collect::<Result<Vec<_>, _>>()?;
        let probabilities = rows.concat();
        let log_probabilities = probabilities.iter().map(|p| p.ln()).collect();
        let configurations = self.configurations.clone();
        Ok(Self { configurations, states: self.states, probabilities, log_probabilities, types: PhantomData })
    }
}
