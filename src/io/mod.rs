//! Files: tables in, networks and models in and out, pictures out.

pub mod bif;
#[cfg(any(feature = "csv", feature = "parquet"))]
mod columns;
#[cfg(feature = "csv")]
mod csv;
#[cfg(feature = "csv")]
mod lines;
#[cfg(feature = "serde")]
mod model_file;
mod network_file;
mod replace;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "plot")]
pub mod plot;
#[cfg(feature = "csv")]
mod state_csv;
mod text;
pub mod uai;
#[cfg(feature = "xml")]
pub mod xmlbif;

#[cfg(feature = "csv")]
pub use csv::CsvOptions;
#[cfg(feature = "csv")]
pub use lines::Lines;
#[cfg(feature = "serde")]
pub use model_file::{ModelFile, SavedModel};
#[cfg(feature = "parquet")]
pub use parquet::{Parquet, ParquetOptions};
pub use replace::{check_replaceable, is_same_file, replace_file};
#[cfg(feature = "csv")]
pub use state_csv::StateCsv;
