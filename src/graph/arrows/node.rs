//! Handles: `Node<T>` stands for a node whose values are `T`, so that a wrong parent does not compile.

use std::fmt;
use std::marker::PhantomData;

use crate::conditionals::Value;

/// A handle to a node of values `T`, given out by [`Graph::builder`](crate::graph::Graph::builder).
///
/// It must exist to be a parent, and it exists only once its own node does: a cycle cannot be written.
pub struct Node<T: ?Sized> {
    pub(crate) index: usize,
    pub(crate) graph: u64,
    pub(crate) values: PhantomData<fn() -> Box<T>>,
}

impl<T: ?Sized> Node<T> {
    /// The node's number, in the order of declaration.
    pub fn index(self) -> usize {
        self.index
    }
}

// Derived, these would ask the value's type for the same.
impl<T: ?Sized> Clone for Node<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: ?Sized> Copy for Node<T> {}

impl<T: ?Sized> fmt::Debug for Node<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({})", self.index)
    }
}

/// Some nodes of a graph: a handle, a number, a tuple or a list of them, `()` for none.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name nodes of a graph",
    note = "a handle `Node<T>`, a number, a tuple or a slice of them does; `()` names none"
)]
pub trait Nodes {
    /// Shows the number of each node, and the graph that gave out its handle (`None` for a bare number).
    fn each(&self, see: &mut dyn FnMut(usize, Option<u64>));

    /// Their numbers.
    fn indices(&self) -> Vec<usize> {
        let mut found = Vec::new();
        self.each(&mut |index, _| found.push(index));
        found
    }
}

impl<T: ?Sized> Nodes for Node<T> {
    fn each(&self, see: &mut dyn FnMut(usize, Option<u64>)) {
        see(self.index, Some(self.graph));
    }
}

impl Nodes for usize {
    fn each(&self, see: &mut dyn FnMut(usize, Option<u64>)) {
        see(*self, None);
    }
}

impl Nodes for () {
    fn each(&self, _: &mut dyn FnMut(usize, Option<u64>)) {}
}

impl<N: Nodes> Nodes for [N] {
    fn each(&self, see: &mut dyn FnMut(usize, Option<u64>)) {
        self.iter().for_each(|node| node.each(see));
    }
}

impl<N: Nodes> Nodes for Vec<N> {
    fn each(&self, see: &mut dyn FnMut(usize, Option<u64>)) {
        self.as_slice().each(see);
    }
}

impl<N: Nodes, const K: usize> Nodes for [N; K] {
    fn each(&self, see: &mut dyn FnMut(usize, Option<u64>)) {
        self.as_slice().each(see);
    }
}

impl<N: Nodes + ?Sized> Nodes for &N {
    fn each(&self, see: &mut dyn FnMut(usize, Option<u64>)) {
        (**self).each(see);
    }
}

/// The parents of a node: `()`, a handle, a tuple of up to six (also of tuples), or a slice of handles to labels or
/// numbers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the parents of a node",
    note = "parents are `()`, a handle `Node<T>`, a tuple of up to six of these, or a slice `&[Node<usize>]`, `&[Node<f64>]`"
)]
pub trait Parents: Nodes {
    /// What the parents' values are together.
    type Values: Value + ?Sized;
}

impl Parents for () {
    type Values = ();
}

impl<T: Value + ?Sized> Parents for Node<T> {
    type Values = T;
}

impl Parents for &[Node<usize>] {
    type Values = [usize];
}

impl Parents for &[Node<f64>] {
    type Values = [f64];
}

macro_rules! tuples {
    ($($name:ident $index:tt),+) => {
        impl<$($name: Nodes),+> Nodes for ($($name,)+) {
            fn each(&self, see: &mut dyn FnMut(usize, Option<u64>)) {
                $(self.$index.each(see);)+
            }
        }
        impl<$($name: Parents<Values: Clone>),+> Parents for ($($name,)+) {
            type Values = ($($name::Values,)+);
        }
    };
}
tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, E 4);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5);
