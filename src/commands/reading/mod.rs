//! What a command reads: a table with its weights and sequences, and what is wrong with it.

pub(crate) mod angles;
pub(crate) mod beside;
pub(crate) mod input;
pub(crate) mod readable;
pub(crate) mod remedies;
pub(crate) mod sequences;
pub(crate) mod weighing;
