//! What a command prints and writes: tables, summaries, notes, progress, files.

pub(crate) mod factors;
pub(crate) mod grid;
pub(crate) mod outputs;
pub(crate) mod parameters;
pub(crate) mod progress;
pub(crate) mod summary;
pub(crate) mod terminal;
pub(crate) mod uncertainty;
