//! The posteriors of many nodes from one pass over a plan.

use crate::error::{Error, GraphError};
use crate::numeric::argmax;

use crate::graph::exact::role::is_linear_gaussian;
use crate::graph::{Assignment, DirectedGraph, Graph, Plan, Scratch};

/// The posteriors of all nodes given one evidence; [`Graph::infer`] makes them.
#[derive(Clone, Debug)]
pub struct Posteriors<'g> {
    graph: &'g Graph,
    row: Vec<f64>,
    log_evidence: f64,
    of_node: Vec<OfNode>,
}

/// Weight, mean, standard deviation.
type Component = (f64, f64, f64);

#[derive(Clone, Debug)]
enum OfNode {
    /// Observed, or left out.
    Nothing,
    Finite(Vec<f64>),
    Real(Vec<Component>),
}

impl Graph {
    /// The posteriors of all nodes at once, exact.
    ///
    /// A node of which none is exact (a count, a logistic regression below a hidden real) is left out if nothing
    /// observed depends on it.
    /// ```
    /// use marginal::{conditionals::{ConditionalTable, LinearGaussian, Switch}, distributions::Normal};
    /// use marginal::graph::{Graph, Node};
    /// let mut g = Graph::builder();
    /// let fever: Node<bool> = g.node("fever", (), ConditionalTable::new([[0.9, 0.1]])?);
    /// let body = g.node("body", fever, Switch::new(vec![Normal::new(36.8, 0.3)?, Normal::new(39.0, 0.6)?])?);
    /// let reading = g.node("reading", body, LinearGaussian::new(0.0, &[1.0], 0.4)?);
    /// let joint = g.build()?;
    ///
    /// let posteriors = joint.infer(&joint.evidence().with(reading, 38.4))?;
    /// assert!(posteriors.of(fever)?.probability(&true) > 0.9);
    /// assert!((posteriors.of(body)?.mean() - 38.5).abs() < 0.1);
    /// # Ok::<(), marginal::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`posterior`](Self::posterior).
    pub fn infer(&self, evidence: &Assignment<'_>) -> Result<Posteriors<'_>, Error> {
        let row = &*evidence.cells_of(self)?;
        let exact = self.exact(row);
        Posteriors::new(self, row, &|node| exact[node])
    }

    /// Puts into a full row of cells, where a node is missing, its most probable state or its posterior mean; a node
    /// without an exact posterior stays missing.
    pub(crate) fn complete_row(&self, row: &mut [f64]) -> Result<(), Error> {
        let exact = self.exact(row);
        let of_node = Posteriors::new(self, row, &|node| exact[node])?.of_node;
        for (node, posterior) in
            of_node.iter().enumerate().filter(|(node, _)| self.is_missing(*node, row)).collect::<Vec<_>>()
        {
            row[self.cells(node).start] = match posterior {
                OfNode::Nothing => continue,
                OfNode::Real(parts) => parts.iter().map(|(p, mean, _)| p * mean).sum(),
                OfNode::Finite(probabilities) => argmax(probabilities) as f64,
            };
        }
        Ok(())
    }

    /// Which nodes are observed, or have an exact posterior if nothing below them is observed.
    pub(crate) fn exact(&self, row: &[f64]) -> Vec<bool> {
        let mut exact = vec![false; self.len()];
        for node in 0..self.len() {
            let hidden = |parent: &&usize| self.is_missing(**parent, row);
            let mut parents = self.parents(node).iter().filter(hidden);
            let of_parents = parents.clone().all(|&parent| exact[parent]);
            let below_real = parents.any(|&parent| self.domain(parent).states.is_none());
            let own = match self.domain(node) {
                domain if domain.cells == 1 && domain.states.is_some() => !below_real,
                _ => is_linear_gaussian(self, node),
            };
            exact[node] = !self.is_missing(node, row) || (of_parents && own);
        }
        exact
    }
}

impl<'g> Posteriors<'g> {
    pub(crate) fn new(graph: &'g Graph, row: &[f64], wanted: &dyn Fn(usize) -> bool) -> Result<Self, Error> {
        let plan = Plan::new(graph, &|node| !graph.is_missing(node, row), wanted)?;
        let mut scratch = Scratch::default();
        let constants = plan.constants(graph, &mut scratch);
        let log_evidence = plan.collect(graph, row, &constants, &mut scratch)?;
        if log_evidence == f64::NEG_INFINITY {
            return Err(graph.impossible(row).into());
        }
        if !log_evidence.is_finite() {
            return Err(Error::Unbounded { row: 0, value: format!("{row:?}"), log_density: log_evidence });
        }
        plan.distribute(&mut scratch);
        let mut of_node = vec![OfNode::Nothing; graph.len()];
        for (node, marginal) in plan.marginals(&scratch).filter(|(node, _)| wanted(*node)) {
            of_node[node] = OfNode::Finite(marginal);
        }
        plan.each_normal(&mut scratch, |node, component| match &mut of_node[node] {
            OfNode::Real(components) => components.push(component),
            other => *other = OfNode::Real(vec![component]),
        });
        Ok(Self { graph, row: row.to_vec(), log_evidence, of_node })
    }

    /// ln p(evidence) in nats.
    pub fn log_evidence(&self) -> f64 {
        self.log_evidence
    }

    pub(crate) fn graph(&self) -> &'g Graph {
        self.graph
    }

    /// The value of a node that is observed.
    pub(crate) fn seen(&self, node: usize) -> f64 {
        self.row[self.graph.cells(node).start]
    }

    /// `None` if the node is observed.
    pub(crate) fn probabilities(&self, node: usize) -> Result<Option<&[f64]>, Error> {
        match &self.of_node[node] {
            OfNode::Finite(probabilities) => Ok(Some(probabilities)),
            _ => self.observed(node).map(|()| None),
        }
    }

    /// `None` if the node is observed.
    pub(crate) fn components(&self, node: usize) -> Result<Option<&[Component]>, Error> {
        match &self.of_node[node] {
            OfNode::Real(components) => Ok(Some(components)),
            _ => self.observed(node).map(|()| None),
        }
    }

    /// Why a node that is not observed has no posterior.
    fn observed(&self, node: usize) -> Result<(), Error> {
        if !self.graph.is_missing(node, &self.row) {
            return Ok(());
        }
        Plan::new(self.graph, &|other| !self.graph.is_missing(other, &self.row), &|other| other == node)?;
        let advice = "ask for its posterior alone";
        Err(GraphError::NotFinite { node: self.graph.name(node), advice }.into())
    }
}
