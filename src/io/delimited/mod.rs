//! Delimited text, CSV: its cells, quotes, header and columns, and where each row stood.

pub(crate) mod cells;
pub(crate) mod csv;
pub(crate) mod delimiter;
pub(crate) mod header;
pub(crate) mod lines;
pub(crate) mod quotes;
pub(crate) mod records;
pub(crate) mod state_csv;
