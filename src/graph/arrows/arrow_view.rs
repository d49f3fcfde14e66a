//! A directed graph as the algorithms see it: how many nodes there are, the parents of each, and their names.

/// A view of any [`DirectedGraph`](super::directed_graph::DirectedGraph).
pub(crate) struct Arrows<'a> {
    pub(crate) len: usize,
    pub(crate) parents: &'a dyn Fn(usize) -> &'a [usize],
    pub(crate) name: &'a dyn Fn(usize) -> String,
}

impl<'a> Arrows<'a> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn parents(&self, node: usize) -> &'a [usize] {
        (self.parents)(node)
    }

    pub(crate) fn name(&self, node: usize) -> String {
        (self.name)(node)
    }
}
