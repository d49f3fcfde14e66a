//! How EM is hurried along, as the command line names it.

use clap::ValueEnum;
use marginal::em::Acceleration;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Hurry {
    /// Plain steps alone
    None,
    /// Jump to where the last steps were heading, if that gains more
    Extrapolation,
}

impl From<Hurry> for Acceleration {
    fn from(hurry: Hurry) -> Self {
        match hurry {
            Hurry::None => Self::None,
            Hurry::Extrapolation => Self::Extrapolation,
        }
    }
}
