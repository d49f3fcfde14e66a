//! p(x, y, … | evidence) as one table, of variables that one clique holds or not.

use crate::error::NetworkError;

use super::calibration::Calibration;
use super::clique_tree::By;
use super::support::Offsets;
use crate::network::model::findings::Finding;
use crate::network::model::memory::too_large;
use crate::network::{Findings, Key, MEMORY};

/// The joint posterior of some variables.
#[derive(Clone, Debug, PartialEq)]
pub struct Joint {
    variables: Vec<usize>,
    shape: Vec<usize>,
    probabilities: Vec<f64>,
}

impl Joint {
    /// The numbers of the variables, as they were asked for.
    pub fn variables(&self) -> &[usize] {
        &self.variables
    }

    /// How many states each has.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The probability of each joint state, the first variable the slowest.
    pub fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// The probability of these states, one for each variable.
    pub fn probability(&self, states: &[usize]) -> f64 {
        let inside = states.len() == self.shape.len() && states.iter().zip(&self.shape).all(|(s, n)| s < n);
        let at = states.iter().zip(&self.shape).fold(0, |at, (state, states)| at * states + state);
        if inside { self.probabilities[at] } else { 0.0 }
    }

    /// Read off a clique of a calibrated tree, whose variables have their numbers in the network.
    pub(crate) fn of_clique(calibration: &mut Calibration, clique: usize, variables: &[usize]) -> Self {
        let (scope, shape) = (&calibration.tree.cliques[clique].scope, &calibration.tree.cliques[clique].shape);
        let places: Vec<usize> = variables.iter().filter_map(|v| scope.iter().position(|u| u == v)).collect();
        let shape_of: Vec<usize> = places.iter().map(|&place| shape[place]).collect();
        // The variables come in any order, and may come twice: how far each place moves in the table.
        let mut strides = vec![0; scope.len()];
        let mut stride = 1;
        for (&place, states) in places.iter().zip(&shape_of).rev() {
            strides[place] += stride;
            stride *= states;
        }
        let mut probabilities = vec![0.0; stride];
        let offsets = Offsets::new(shape, &strides);
        calibration.each_belief(clique, |clique, block, belief| {
            clique.each(&offsets, block, |(cell, entry)| probabilities[entry] += belief[cell]);
        });
        let sum: f64 = probabilities.iter().sum();
        probabilities.iter_mut().for_each(|p| *p /= sum);
        Self { variables: variables.to_vec(), shape: shape_of, probabilities }
    }

    /// By a tree of what matters, in which one clique holds those of the variables that are not seen.
    pub(crate) fn by_elimination(findings: &Findings, variables: &[usize], bytes: f64) -> Result<Self, NetworkError> {
        let (problem, mut calibration) = findings.plan(variables).calibration(bytes)?;
        if calibration.collect(By::Sum) == f64::NEG_INFINITY {
            return Err(findings.impossible());
        }
        let hidden: Vec<usize> = variables.iter().filter_map(|v| problem.variables.binary_search(v).ok()).collect();
        let of_hidden = if hidden.is_empty() {
            Self { variables: Vec::new(), shape: Vec::new(), probabilities: vec![1.0] }
        } else {
            calibration.distribute();
            let cliques = &calibration.tree.cliques;
            let holds = |c: &usize| hidden.iter().all(|v| cliques[*c].scope.contains(v));
            let clique = (0..cliques.len()).find(holds).unwrap_or_default();
            Self::of_clique(&mut calibration, clique, &hidden)
        };
        Ok(of_hidden.with_seen(findings, variables))
    }

    /// The same over all the variables: what is seen is certain.
    fn with_seen(self, findings: &Findings, variables: &[usize]) -> Self {
        let mut cells = vec![Some(0)];
        let mut hidden = self.shape.iter();
        let mut shape = Vec::with_capacity(variables.len());
        for &v in variables {
            let states = findings.network().variables()[v].states.len();
            let seen = if let Finding::State(seen) = findings.of(v) { Some(*seen) } else { None };
            if seen.is_none() {
                hidden.next();
            }
            let next = |cell: &Option<usize>, state: usize| match seen {
                None => cell.map(|cell| cell * states + state),
                Some(seen) => cell.filter(|_| state == seen),
            };
            cells = cells.iter().flat_map(|cell| (0..states).map(move |state| next(cell, state))).collect();
            shape.push(states);
        }
        let probabilities = cells.into_iter().map(|cell| cell.map_or(0.0, |cell| self.probabilities[cell])).collect();
        Self { variables: variables.to_vec(), shape, probabilities }
    }
}

impl Findings {
    /// The joint posterior of some variables given this, by a tree made for this question alone: what is seen is a
    /// constant, and what does not matter is left out. For one variable, its posterior.
    ///
    /// # Errors
    /// [`NetworkError::UnknownVariable`], [`NetworkError::ImpossibleEvidence`]; [`NetworkError::TooLarge`] beyond 1 GiB.
    pub fn joint<V: Key>(&self, variables: &[V]) -> Result<Joint, NetworkError> {
        Joint::by_elimination(self, &self.wanted(variables, MEMORY)?, MEMORY)
    }

    /// The numbers of the variables, whose joint table must fit in so many bytes.
    pub(crate) fn wanted<V: Key>(&self, variables: &[V], bytes: f64) -> Result<Vec<usize>, NetworkError> {
        let network = self.network();
        let variables = variables.iter().map(|v| v.variable(network)).collect::<Result<Vec<_>, _>>()?;
        let cells = variables.iter().map(|&v| network.variables()[v].states.len() as f64).product();
        if 8.0 * cells > bytes {
            let names = variables.iter().map(|&v| network.variables()[v].name().to_owned()).collect();
            return Err(too_large(8.0 * cells, bytes, cells, cells, names));
        }
        Ok(variables)
    }

    /// ln p(evidence) in nats, by a tree made for this question alone; −∞ if it is impossible.
    ///
    /// # Errors
    /// [`NetworkError::TooLarge`] beyond 1 GiB.
    pub fn log_evidence(&self) -> Result<f64, NetworkError> {
        Ok(self.plan(&[]).calibration(MEMORY)?.1.collect(By::Sum) + self.log_scale())
    }
}
