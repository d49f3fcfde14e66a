//! Data: independent observations, their weights, and the statistics that are summed over them.

mod any_statistics;
mod batch;
mod dataset;
mod in_order;
mod observation;
mod rows;
mod runs;
mod statistics;
mod table;
mod weighted;

pub(crate) use any_statistics::AnyStatistics;
pub use batch::Batch;
pub use dataset::{Dataset, InMemory, Sample, Step, Totals};
pub use observation::Observation;
pub use rows::Rows;
pub(crate) use runs::fold_in_batches;
pub use runs::fold_in_runs;
pub use statistics::{Bag, Gathered, Statistics};
pub use table::Table;
pub use weighted::{Weighted, importance_weights};

pub(crate) use observation::check_row_length;
