//! Files: tables in, networks and models in and out, pictures out.

#[cfg(feature = "serde")]
mod checkpoint;
#[cfg(any(feature = "csv", feature = "parquet"))]
mod columns;
#[cfg(feature = "csv")]
mod delimited;
#[cfg(any(feature = "csv", feature = "parquet", feature = "serde"))]
mod duplicates;
mod file_kind;
#[cfg(feature = "serde")]
mod model_file;
#[cfg(any(feature = "csv", feature = "parquet"))]
mod names;
mod networks;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "serde")]
mod parameters;
#[cfg(feature = "plot")]
pub mod plot;
mod replace;
#[cfg(feature = "serde")]
mod unique_keys;

#[cfg(feature = "serde")]
pub use checkpoint::Checkpointed;
#[cfg(feature = "csv")]
pub use delimited::{csv::CsvOptions, lines::Lines, state_csv::StateCsv};
#[cfg(feature = "serde")]
pub use model_file::{ModelFile, SavedModel};
#[cfg(feature = "xml")]
pub use networks::xmlbif;
pub use networks::{bif, network_file::NetworkOptions, uai};
#[cfg(feature = "serde")]
pub use parameters::{load_parameters, save_parameters};
#[cfg(feature = "parquet")]
pub use parquet::{Parquet, ParquetOptions};
pub use replace::{check_replaceable, is_same_file, replace_file};
