//! Evidence on a typed graph, as findings on a network of its finite nodes.

use crate::error::{Error, GraphError};
use crate::graph::{Assignment, DirectedGraph, Graph};

use super::findings::Finding;
use super::from_graph::{each_state, is_finite, states};
use super::{Findings, Network};

/// What an observed node that is not finite is, if it is not what was seen.
const OTHERWISE: &str = "otherwise";

impl Graph {
    /// What is observed of a graph that has nodes of other than finite values, as [`Findings`] on a
    /// [`Network`]: so there are its most probable explanations, draws from its posterior, and
    /// approximations where an exact sum does not fit.
    ///
    /// A finite node is a variable, as in `Network::try_from`. An observed
    /// node of other values is a variable of two states that is seen in the first: what was seen, as `Debug` prints it,
    /// with probabilities in proportion to its density given its finite parents, and `otherwise`. The probability of
    /// the findings is the density of the evidence. A hidden node that is not finite is left out with all below it if
    /// nothing below it is observed.
    /// ```
    /// use marginal::prelude::*;
    ///
    /// let mut g = Graph::builder();
    /// let kind: Node<bool> = g.node("long", (), Bernoulli::new(0.6)?);
    /// let waiting = g.node("waiting", kind, Switch::new(vec![Normal::new(55.0, 6.0)?, Normal::new(80.0, 6.0)?])?);
    /// let graph = g.build()?;
    /// let findings = graph.findings(&graph.evidence().with(waiting, 71.5))?;
    /// let best = findings.junction_tree()?.most_probable()?;
    /// assert_eq!(findings.network().names(&best.states)?, ["true", "71.5"]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`GraphError::NotFinite`] with the name of a hidden node that is not finite while nodes below it are observed;
    /// [`GraphError::ImpossibleEvidence`] if an observed node has density 0 whatever its parents are;
    /// [`Error::Unbounded`]; those of `Network::try_from`; what was wrong with the evidence.
    pub fn findings(&self, evidence: &Assignment<'_>) -> Result<Findings, Error> {
        let seen = evidence.cells_of(self)?;
        let observed = |node: usize| !self.is_missing(node, seen);
        let mut builder = Network::builder();
        let mut found: Vec<Option<Finding>> = Vec::new();
        let mut row = seen.to_vec();
        for (node, kept) in self.kept(&observed)?.into_iter().enumerate() {
            if !kept {
                continue;
            }
            let free: Vec<usize> =
                self.parents(node).iter().copied().filter(|&parent| is_finite(self, parent)).collect();
            let cells = &seen[self.cells(node)];
            let (names, probabilities) = match states(self, node) {
                Some(names) => {
                    let mut probabilities = Vec::new();
                    each_state(self, node, &free, &mut row, |given| {
                        let of = |state| self.factor(node).log_density(&[state as f64], given).exp();
                        probabilities.extend((0..names.len()).map(of));
                    })?;
                    found.push(observed(node).then(|| Finding::State(cells[0] as usize)));
                    (names, probabilities)
                }
                None => {
                    let mut logs = Vec::new();
                    each_state(self, node, &free, &mut row, |given| {
                        logs.push(self.factor(node).log_density(cells, given));
                    })?;
                    let value = self.factor(node).shown(cells);
                    let largest = largest(&logs, &value)?;
                    found.push(Some(Finding::Likelihood(vec![1.0, 0.0], largest)));
                    let pair = |log: &f64| [(log - largest).exp(), -(log - largest).exp_m1()];
                    (vec![value, OTHERWISE.to_owned()], logs.iter().flat_map(pair).collect())
                }
            };
            // What was tried of an observed node is taken back.
            row.copy_from_slice(seen);
            let parents: Vec<String> = free.iter().map(|&parent| self.name(parent)).collect();
            builder.variable(self.name_of(node), &names, &parents, probabilities);
        }
        let mut findings = builder.build()?.findings();
        for (number, finding) in found.into_iter().enumerate() {
            finding.into_iter().for_each(|finding| findings.find(number, finding));
        }
        Ok(findings)
    }

    /// Which nodes are variables: what is observed, and what is finite and depends on no hidden node that is not.
    fn kept(&self, observed: &dyn Fn(usize) -> bool) -> Result<Vec<bool>, GraphError> {
        let asked: Vec<usize> = (0..self.len()).filter(|&node| observed(node)).collect();
        let above = self.ancestors(&asked[..]);
        let mut kept = vec![false; self.len()];
        for node in 0..self.len() {
            let hidden = self.parents(node).iter().any(|&parent| !kept[parent]);
            kept[node] = observed(node) || (!hidden && is_finite(self, node));
            if !kept[node] && above.binary_search(&node).is_ok() {
                let advice = "observe it, or make it finite";
                return Err(GraphError::NotFinite { node: self.name(node), advice });
            }
        }
        Ok(kept)
    }
}

/// The largest log-density of a value, which is finite.
fn largest(logs: &[f64], value: &str) -> Result<f64, Error> {
    let largest = logs.iter().fold(f64::NEG_INFINITY, |max, &log| if log > max || log.is_nan() { log } else { max });
    if largest == f64::NEG_INFINITY {
        return Err(GraphError::ImpossibleEvidence.into());
    }
    if !largest.is_finite() {
        return Err(Error::Unbounded { row: 0, value: value.to_owned(), log_density: largest });
    }
    Ok(largest)
}
