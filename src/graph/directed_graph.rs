//! `DirectedGraph`: nodes 0, 1, …, V−1 and the parents of each.

use crate::error::GraphError;

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
        topological::order(self)
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
        ancestors::ancestors(self, &nodes.indices())
    }

    /// The nodes to which a directed path leads from one of `nodes`, in order; a node is not its own descendant.
    fn descendants(&self, nodes: impl Nodes) -> Vec<usize>
    where
        Self: Sized,
    {
        ancestors::descendants(self, &nodes.indices())
    }

    /// Parents, children and the children's other parents: given these, nothing else tells anything of `node`.
    fn markov_blanket(&self, node: impl Nodes) -> Vec<usize>
    where
        Self: Sized,
    {
        markov_blanket::of(self, &node.indices())
    }

    /// The undirected neighbours of each node, once the parents of every child are married.
    fn moral_graph(&self) -> Vec<Vec<usize>> {
        moral::neighbours(self)
    }

    /// Whether the graph says that, given `given`, the nodes `a` tell nothing of the nodes `b`.
    ///
    /// A node that is itself given is known, so it tells nothing more.
    fn d_separated(&self, a: impl Nodes, b: impl Nodes, given: impl Nodes) -> bool
    where
        Self: Sized,
    {
        separation::separated(self, &a.indices(), &b.indices(), &given.indices())
    }

    /// The arrows, each as (parent, child), that every graph with the same independences has too. The others can be
    /// turned: data alone do not tell which way they point.
    ///
    /// # Errors
    /// As [`topological_order`](Self::topological_order).
    fn compelled_arrows(&self) -> Result<Vec<(usize, usize)>, GraphError> {
        equivalence::compelled(self)
    }

    /// `p(x1) p(x2 | x1) …`.
    fn factorisation(&self) -> String {
        factorisation::text(self)
    }

    /// The graph in the DOT language of Graphviz.
    fn to_dot(&self) -> String {
        drawing::dot(self, &[])
    }
}
