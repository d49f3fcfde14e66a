//! Standard errors, the bootstrap, and cross-validation: how sure a fit is.
//!
//! | question | answer |
//! | --- | --- |
//! | how well is each parameter known? | [`StandardErrors`]: the observed information by Oakes' identity |
//! | the same, without a quadratic likelihood | [`Bootstrap`]: rows drawn again, or data drawn from the model |
//! | are there K components or K + 1? | [`LikelihoodRatio`]: its distribution under K, by the bootstrap |
//! | which model predicts rows that it has not seen? | [`CrossValidation`]: the log-likelihood of held-out rows |
//!
//! Nothing here is particular to a model. Standard errors need θ as a vector
//! ([`Parametric`](crate::distributions::Parametric)), and names for what is printed ([`NamedParameters`]); a graph, which
//! forgets the types of its nodes, is told them again ([`GraphParameters`]). Resampling needs data in memory; a parametric
//! bootstrap needs a model that draws data like those that it saw ([`Simulate`]).

mod information;
mod named;
mod resampling;
mod error;
mod graph_parameters;
mod interval;
mod side_by_side;
mod standard_errors;

pub use error::UncertaintyError;
pub use graph_parameters::{GraphParameters, WithCoordinates};
pub use information::observed::ObservedInformation;
pub use interval::Interval;
pub use named::{Bounds, NamedParameter, NamedParameters, Naming};
pub use resampling::bootstrap::{Bootstrap, Resample, Resampled};
pub use resampling::cross_validation::{CrossValidation, one_standard_error_rule};
pub use resampling::likelihood_ratio::LikelihoodRatio;
pub use resampling::simulate::Simulate;
pub use standard_errors::{StandardErrors, Uncertain};
