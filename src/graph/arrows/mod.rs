//! Arrows alone: order, ancestors, blankets, what separates what.

pub(crate) mod ancestors;
pub(crate) mod arrow_view;
pub(crate) mod directed_graph;
pub(crate) mod drawing;
pub(crate) mod equivalence;
pub(crate) mod factorisation;
pub(crate) mod markov_blanket;
pub(crate) mod moral;
pub(crate) mod node;
pub(crate) mod separation;
pub(crate) mod topological;
