//! A directed graph as the algorithms see it: how many nodes there are, the parents of each, and their names.

/// A view of any [`DirectedGraph`](super::DirectedGraph).
pub(super) struct Arrows<'a> {
    pub(super) len: usize,
    pub(super) parents: &'a dyn Fn(usize) -> &'a [usize],
    pub(super) name: &'a dyn Fn(usize) -> String,
}

impl<'a> Arrows<'a> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn parents(&self, node: usize) -> &'a [usize] {
        (self.parents)(node)
    }

    pub(super) fn name(&self, node: usize) -> String {
        (self.name)(node)
    }
}
