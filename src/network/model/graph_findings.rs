//! Evidence on a typed graph, as findings on a network of its finite nodes.

use crate::error::{Error, GraphError};
use crate::graph::{Assignment, DirectedGraph, Graph};

use super::findings::{Density, Finding, Findings, Likelihood};
use super::from_graph::{each_state, is_finite, probabilities, states};
use super::network::Network;

/// A node as a variable of a network.
struct Part {
    states: Vec<String>,
    table: Vec<f64>,
    finding: Option<Finding>,
}

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
    /// use marginal::graph::Node;
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
    /// [`GraphError::Infinite`] with the name of a hidden node that is not finite while nodes below it are observed;
    /// [`GraphError::ImpossibleEvidence`] if an observed node has density 0 whatever its parents are;
    /// [`Error::Unbounded`]; those of `Network::try_from`; what was wrong with the evidence.
    pub fn findings(&self, evidence: &Assignment<'_>) -> Result<Findings, Error> {
        let seen = &*evidence.cells_of(self)?;
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
            let Part { states, table, finding } = self.as_variable(node, seen, &free, &mut row)?;
            found.push(finding);
            // The states that were tried are taken back.
            row.copy_from_slice(seen);
            let parents: Vec<String> = free.iter().map(|&parent| self.name(parent)).collect();
            builder.variable(self.name_of(node), &states, &parents, table);
        }
        let mut findings = builder.build()?.findings();
        for (number, finding) in found.into_iter().enumerate() {
            finding.into_iter().for_each(|finding| findings.find(number, finding));
        }
        Ok(findings)
    }

    /// The states of a node, its table given the joint states of the parents that are `free`, and what is found of it.
    fn as_variable(&self, node: usize, seen: &[f64], free: &[usize], row: &mut [f64]) -> Result<Part, Error> {
        let cells = &seen[self.cells(node)];
        if let Some(states) = states(self, node) {
            let table = probabilities(self, node, states.len(), free, row)?;
            let finding = (!self.is_missing(node, seen)).then(|| Finding::State(cells[0] as usize));
            return Ok(Part { states, table, finding });
        }
        let mut logs = Vec::new();
        each_state(self, node, free, row, |given| logs.push(self.factor(node).log_density(cells, given)))?;
        let value = self.factor(node).shown(cells);
        let largest = largest(&logs, &value)?.ok_or_else(|| self.impossible(seen))?;
        let pair = |log: &f64| [(log - largest).exp(), -(log - largest).exp_m1()];
        let table: Vec<f64> = logs.iter().flat_map(pair).collect();
        logs.iter_mut().for_each(|log| *log -= largest);
        let lost = logs.iter().any(|log| log.exp() < f64::MIN_POSITIVE && *log > f64::NEG_INFINITY);
        let finding = Some(if lost {
            Finding::Density(Density { logs, scale: largest })
        } else {
            Finding::Likelihood(Likelihood::first_of_two(largest))
        });
        Ok(Part { states: vec![value, OTHERWISE.to_owned()], table, finding })
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
                let advice =
                    "a network has finite variables only, and nodes below this one are observed; observe it too";
                return Err(GraphError::Infinite { node: self.name(node), advice });
            }
        }
        Ok(kept)
    }
}

/// The largest log-density of a value, which is finite; `None` if all are −∞.
fn largest(logs: &[f64], value: &str) -> Result<Option<f64>, Error> {
    let largest = logs.iter().fold(f64::NEG_INFINITY, |max, &log| if log > max || log.is_nan() { log } else { max });
    if largest == f64::NEG_INFINITY {
        return Ok(None);
    }
    if !largest.is_finite() {
        return Err(Error::Unbounded { row: 0, value: value.to_owned(), log_density: largest });
    }
    Ok(Some(largest))
}
