//! Files: tables in, networks and models in and out, pictures out.

pub mod bif;
#[cfg(feature = "csv")]
mod cells;
#[cfg(any(feature = "csv", feature = "parquet"))]
mod columns;
#[cfg(feature = "csv")]
mod csv;
#[cfg(feature = "csv")]
mod delimiter;
#[cfg(any(feature = "csv", feature = "parquet", feature = "serde"))]
mod duplicates;
mod file_kind;
#[cfg(feature = "csv")]
mod header;
#[cfg(feature = "csv")]
mod lines;
#[cfg(feature = "serde")]
mod model_file;
#[cfg(any(feature = "csv", feature = "parquet"))]
mod names;
mod network_file;
mod replace;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "plot")]
pub mod plot;
#[cfg(feature = "csv")]
mod quotes;
#[cfg(feature = "csv")]
mod records;
mod rounded_rows;
#[cfg(feature = "csv")]
mod state_csv;
mod text;
pub mod uai;
#[cfg(feature = "serde")]
mod unique_keys;
#[cfg(feature = "xml")]
pub mod xmlbif;

#[cfg(feature = "csv")]
pub use csv::CsvOptions;
#[cfg(feature = "csv")]
pub use lines::Lines;
#[cfg(feature = "serde")]
pub use model_file::{ModelFile, SavedModel};
pub use network_file::NetworkOptions;
#[cfg(feature = "parquet")]
pub use parquet::{Parquet, ParquetOptions};
pub use replace::{check_replaceable, is_same_file, replace_file};
#[cfg(feature = "csv")]
pub use state_csv::StateCsv;
