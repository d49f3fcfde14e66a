//! A typed graph whose nodes are all finite, as a network: its states bear the names of its values.

use crate::error::{Error, GraphError, listed};
use crate::graph::{DirectedGraph, Graph};
use crate::numeric::digits;

use super::network::Network;

/// A table of more cells than this, 1 GiB, is refused.
const MAX_CELLS: f64 = 134_217_728.0;

/// Variables in the order of the nodes, under the same names; states as `Debug` prints the values: `false` and `true`,
/// the variants of an enum, the numbers of labels.
///
/// Any conditional distribution of finite nodes becomes the table of its probabilities. So a typed graph has a
/// [`JunctionTree`](crate::network::JunctionTree) with its most probable explanations and draws, likelihood weighting, files and
/// drawings.
/// ```
/// use marginal::conditionals::LogisticRegression;
/// use marginal::graph::Node;
/// use marginal::prelude::*;
///
/// let mut g = Graph::builder();
/// let rain: Node<bool> = g.node("rain", (), Bernoulli::new(0.2)?);
/// let wet: Node<bool> = g.node("wet", rain, LogisticRegression::new(-2.0, &[5.0])?);
/// let network = Network::try_from(&g.build()?)?;
/// let mut tree = network.junction_tree()?;
/// tree.observe("wet", "true")?;
/// let best = tree.most_probable()?;
/// assert_eq!(network.names(&best.states)?, ["true", "true"]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// [`GraphError::Infinite`] with the name of a node that is not finite; [`GraphError::TooWide`] for a table of more than 2²⁷
/// cells; [`NetworkError`](crate::error::NetworkError) if two values of a node print alike, or if the probabilities of a
/// distribution do not sum to one.
impl TryFrom<&Graph> for Network {
    type Error = Error;

    fn try_from(graph: &Graph) -> Result<Self, Error> {
        let mut builder = Network::builder();
        let mut row = vec![f64::NAN; graph.width()];
        for node in 0..graph.len() {
            let Some(states) = states(graph, node) else {
                let advice = "a network has finite variables only; observe it, and `Graph::findings` gives one";
                return Err(GraphError::Infinite { node: graph.name(node), advice }.into());
            };
            let parents = graph.parents(node);
            let probabilities = probabilities(graph, node, states.len(), parents, &mut row)?;
            let parents: Vec<String> = parents.iter().map(|&parent| graph.name(parent)).collect();
            builder.variable(graph.name_of(node), &states, &parents, probabilities);
        }
        Ok(builder.build()?)
    }
}

/// What the values of a finite node are called.
pub(crate) fn states(graph: &Graph, node: usize) -> Option<Vec<String>> {
    let states = graph.domain(node).states.filter(|_| is_finite(graph, node))?;
    Some((0..states).map(|state| graph.factor(node).shown(&[state as f64])).collect())
}

pub(crate) fn is_finite(graph: &Graph, node: usize) -> bool {
    graph.domain(node).states.is_some() && graph.domain(node).cells == 1
}

/// p(node | parents), rows × states.
pub(crate) fn probabilities(
    graph: &Graph,
    node: usize,
    states: usize,
    free: &[usize],
    row: &mut [f64],
) -> Result<Vec<f64>, GraphError> {
    let mut probabilities = Vec::new();
    each_state(graph, node, free, row, |given| {
        let of = |state| graph.factor(node).density(&[state as f64], given);
        probabilities.extend((0..states).map(of));
    })?;
    Ok(probabilities)
}

/// Shows the cells of the node's parents for each joint state of those that are `free`, the first the slowest; the
/// others have their cells in the row.
pub(crate) fn each_state(
    graph: &Graph,
    node: usize,
    free: &[usize],
    row: &mut [f64],
    mut see: impl FnMut(&[f64]),
) -> Result<(), GraphError> {
    let of = |node: usize| graph.domain(node).states.unwrap_or(1);
    let cells = free.iter().map(|&parent| of(parent) as f64).product::<f64>() * of(node) as f64;
    if cells > MAX_CELLS {
        let names: Vec<String> = free.iter().chain([&node]).map(|&member| graph.name(member)).collect();
        return Err(GraphError::TooWide { cells, nodes: listed(names.iter()) });
    }
    let shape: Vec<usize> = free.iter().map(|&parent| of(parent)).collect();
    let (mut of_free, mut given) = (Vec::new(), Vec::new());
    for joint in 0..shape.iter().product() {
        digits(joint, &shape, &mut of_free);
        free.iter().zip(&of_free).for_each(|(&parent, &state)| row[graph.cells(parent).start] = state as f64);
        given.clear();
        graph.parents(node).iter().for_each(|&parent| given.extend_from_slice(&row[graph.cells(parent)]));
        see(&given);
    }
    Ok(())
}
