//! Files of Bayesian networks: BIF, UAI, XMLBIF.

pub mod bif;
pub(crate) mod network_file;
pub(crate) mod rounded_rows;
pub(crate) mod text;
pub mod uai;
#[cfg(feature = "xml")]
pub mod xmlbif;
