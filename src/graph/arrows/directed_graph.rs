//! `DirectedGraph`: nodes 0, 1, …, V−1 and the parents of each.

use crate::error::GraphError;

use super::arrow_view::Arrows;
use super::node::Nodes;
use super::{ancestors, drawing, equivalence, factorisation, markov_blanket, moral, separation, topological};

/// A directed graph, meant to be acyclic: p(x₁ … x_V) = Π_v p(x_v | x_pa(v)).
///
/// Two methods make any type one; the rest is derived. Nodes are named by their number or by their handle.
/// ```
/// use marginal::graph::DirectedGraph;
///
/// struct Sprinkler; // cloudy → sprinkler, rain → wet
///
/// impl DirectedGraph for Sprinkler {
///     fn len(&self) -> usize { 4 }
///     fn parents(&self, node: usize) -> &[usize] { [&[][..], &[0], &[0], &[1, 2]][node] }
/// }
/// assert_eq!(Sprinkler.factorisation(), "p(x1) p(x2 | x1) p(x3 | x1) p(x4 | x2, x3)");
/// assert!(Sprinkler.d_separated(1, 2, 0)); // given the clouds, rain tells nothing of the sprinkler …
/// assert!(!Sprinkler.d_separated(1, 2, (0, 3))); // … unless the grass is seen to be wet
/// ```
///
/// # Panics
/// As a slice does, where a node's number is not below [`len`](Self::len).
pub trait DirectedGraph {
    /// V.
    fn len(&self) -> usize;

    /// The parents of a node.
    fn parents(&self, node: usize) -> &[usize];

    /// What a node is called: x1 … xV unless said otherwise.
    fn name(&self, node: usize) -> String {
        format!("x{}", node + 1)
    }

    /// Whether there is no node.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The nodes of which `node` is a parent, in order.
    fn children(&self, node: usize) -> Vec<usize> {
        (0..self.len()).filter(|&child| self.parents(child).contains(&node)).collect()
    }

    /// Every node after its parents; of those that could be next, the smallest number first.
    ///
    /// # Errors
    /// [`GraphError::Cycle`] with the path, [`GraphError::UnknownParent`].
    fn topological_order(&self) -> Result<Vec<usize>, GraphError> {
        see(self, topological::order)
    }

    /// Whether there is no directed cycle.
    fn is_acyclic(&self) -> bool {
        self.topological_order().is_ok()
    }

    /// The nodes from which a directed path leads to one of `nodes`, in order; a node is not its own ancestor.
    fn ancestors(&self, nodes: impl Nodes) -> Vec<usize>
    where
        Self: Sized,
    {
        see(self, |arrows| ancestors::ancestors(arrows, &nodes.indices()))
    }

    /// The nodes to which a directed path leads from one of `nodes`, in order; a node is not its own descendant.
    fn descendants(&self, nodes: impl Nodes) -> Vec<usize>
    where
        Self: Sized,
    {
        see(self, |arrows| ancestors::descendants(arrows, &nodes.indices()))
    }

    /// Parents, children and the children's other parents: given these, nothing else tells anything of `node`.
    fn markov_blanket(&self, node: impl Nodes) -> Vec<usize>
    where
        Self: Sized,
    {
        see(self, |arrows| markov_blanket::of(arrows, &node.indices()))
    }

    /// The undirected neighbours of each node, once the parents of every child are married.
    fn moral_graph(&self) -> Vec<Vec<usize>> {
        see(self, moral::neighbours)
    }

    /// Whether the graph says that, given `given`, the nodes `a` tell nothing of the nodes `b`.
    ///
    /// A node that is itself given is known, so it tells nothing more.
    fn d_separated(&self, a: impl Nodes, b: impl Nodes, given: impl Nodes) -> bool
    where
        Self: Sized,
    {
        see(self, |arrows| separation::separated(arrows, &a.indices(), &b.indices(), &given.indices()))
    }

    /// The arrows, each as (parent, child), that every graph with the same independences has too. The others can be
    /// turned: data alone do not tell which way they point.
    ///
    /// # Errors
    /// As [`topological_order`](Self::topological_order).
    fn compelled_arrows(&self) -> Result<Vec<(usize, usize)>, GraphError> {
        see(self, equivalence::compelled)
    }

    /// `p(x1) p(x2 | x1) …`.
    fn factorisation(&self) -> String {
        see(self, factorisation::text)
    }

    /// The graph in the DOT language of Graphviz.
    fn to_dot(&self) -> String {
        dot(self, &[])
    }
}

fn see<G: DirectedGraph + ?Sized, R>(graph: &G, answer: impl FnOnce(&Arrows<'_>) -> R) -> R {
    answer(&Arrows { len: graph.len(), parents: &|node| graph.parents(node), name: &|node| graph.name(node) })
}

/// The graph in the DOT language, some nodes shaded.
pub(crate) fn dot<G: DirectedGraph + ?Sized>(graph: &G, shaded: &[usize]) -> String {
    see(graph, |arrows| drawing::dot(arrows, shaded))
}

/// The factor of one node: p(x3 | x1, x2).
pub(crate) fn factor_of<G: DirectedGraph + ?Sized>(graph: &G, node: usize) -> String {
    see(graph, |arrows| factorisation::factor(arrows, node))
}
