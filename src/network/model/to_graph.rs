//! A network as nodes of a typed graph: every variable a table over labels.

use crate::conditionals::ConditionalTable;
use crate::graph::{Graph, GraphBuilder, Node};

use super::network::Network;

impl GraphBuilder {
    /// Adds the variables of a network, each under its own name as a `ConditionalTable<[usize], usize>` whose labels are
    /// the numbers of its states; other nodes may then stand below them. The handles, one for each variable of the
    /// network.
    ///
    /// ```
    /// use marginal::prelude::*;
    ///
    /// let asia = Network::read_bif("data/networks/asia.bif")?;
    /// let mut g = Graph::builder();
    /// let nodes = g.network(&asia);
    /// let lung = nodes[asia.variable("lung")?]; // yes or no
    /// let marker = g.node("marker", lung, Switch::new(vec![Normal::new(9.0, 3.0)?, Normal::new(4.0, 2.0)?])?);
    /// let graph = g.build()?;
    /// let posterior = graph.posterior(lung, &graph.evidence().with(marker, 8.0))?;
    /// assert!(posterior.probability(&0) > 0.055); // more than before
    /// # Ok::<(), Error>(())
    /// ```
    pub fn network(&mut self, network: &Network) -> Vec<Node<usize>> {
        let mut handles: Vec<Option<Node<usize>>> = vec![None; network.variables().len()];
        for &number in network.order() {
            let variable = &network.variables()[number];
            let parents: Vec<Node<usize>> = variable.parents().iter().filter_map(|&parent| handles[parent]).collect();
            let states = |&parent: &usize| network.variables()[parent].states().len();
            let shape: Vec<usize> = variable.parents().iter().map(states).collect();
            // A row may exceed one by its round-off, which no single probability of a table may.
            let row = |row: &[f64]| row.iter().map(|p| p.min(1.0)).collect::<Vec<f64>>();
            let rows = variable.probabilities().chunks_exact(variable.states().len()).map(row);
            let table = ConditionalTable::<[usize], usize>::over(&shape, rows).expect("a network checks its tables");
            handles[number] = Some(self.node(variable.name(), &parents[..], table));
        }
        handles.into_iter().flatten().collect()
    }
}

/// The variables as [`GraphBuilder::network`] adds them; [`Graph::node`] gives their handles by name.
impl From<&Network> for Graph {
    fn from(network: &Network) -> Self {
        let mut builder = Graph::builder();
        builder.network(network);
        builder.build().expect("a network's names differ, and its tables belong to their parents")
    }
}
