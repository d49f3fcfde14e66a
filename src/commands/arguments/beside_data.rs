//! The columns beside the data: weights of rows, and names of sequences.

use clap::Args;

use super::names::name;
use crate::commands::reading::weighing::WeightsAre;

#[derive(Debug, Args)]
pub(crate) struct Weights {
    /// The column that holds the weight of each row: 2 counts as the row twice
    #[arg(id = "weights", long = "weights", value_name = "COLUMN", value_parser = name)]
    pub(crate) column: Option<String>,
    /// What the weights are (default: counts, unless they sum to less than the rows, which is then asked)
    #[arg(long, value_enum, value_name = "KIND", requires = "weights")]
    pub(crate) weights_are: Option<WeightsAre>,
}

#[derive(Debug, Args)]
pub(crate) struct Sequence {
    /// The column that names the sequence of each row, for hidden Markov models; the rows of one sequence are
    /// consecutive (default: as in the fit; without it all rows are one sequence)
    #[arg(id = "sequence", long = "sequence", value_name = "COLUMN", value_parser = name)]
    pub(crate) column: Option<String>,
}
