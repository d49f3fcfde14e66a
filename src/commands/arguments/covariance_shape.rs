//! The shape of covariances, as the command line names it.

use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use marginal::components::Covariance;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Shape {
    /// Each component its own, any shape
    Full,
    /// One for all components
    Tied,
    /// Each component its own, without correlations
    Diagonal,
    /// Each component one variance for all columns
    Spherical,
}

impl From<Shape> for Covariance {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape::Full => Self::Full,
            Shape::Tied => Self::Tied,
            Shape::Diagonal => Self::Diagonal,
            Shape::Spherical => Self::Spherical,
        }
    }
}

/// A shape that covariances can have which share nothing.
pub(crate) fn own_shape() -> impl TypedValueParser<Value = Shape> {
    PossibleValuesParser::new(["full", "diagonal", "spherical"])
        .map(|name| Shape::from_str(&name, false).expect("these are shapes"))
}
