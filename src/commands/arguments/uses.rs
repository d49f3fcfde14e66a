//! What is said to the commands that use a fitted model.

use std::path::PathBuf;

use clap::Args;

use super::beside_data::{Sequence, Weights};
use super::known::Cells;
use super::numbers::{ROWS, seed, up_to};
use crate::commands::reading::beside::Header;

#[derive(Debug, Args)]
pub(crate) struct Predict {
    /// A model that `fit --save` has written
    pub(crate) model: PathBuf,
    /// A CSV or .parquet file with the model's columns (and any others)
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) header: Header,
    #[command(flatten)]
    pub(crate) cells: Cells,
    /// Print the probability of each component too (of each state, given the whole sequence)
    #[arg(long)]
    pub(crate) responsibilities: bool,
    /// Print the factors of each row under its most probable component, E[z | x], of models of factors
    #[arg(long, conflicts_with = "responsibilities")]
    pub(crate) scores: bool,
    #[command(flatten)]
    pub(crate) sequence: Sequence,
}

#[derive(Debug, Args)]
pub(crate) struct Sample {
    /// A model that `fit --save` has written
    pub(crate) model: PathBuf,
    /// How many rows; of a hidden Markov model they are one sequence
    #[arg(short = 'n', long, value_name = "N", value_parser = up_to(ROWS))]
    pub(crate) rows: u64,
    /// The seed of the draws
    #[arg(long, value_name = "SEED", default_value_t = 0, allow_negative_numbers = true, value_parser = seed)]
    pub(crate) seed: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Score {
    /// A model that `fit --save` has written
    pub(crate) model: PathBuf,
    /// A CSV or .parquet file with the model's columns (and any others)
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) header: Header,
    #[command(flatten)]
    pub(crate) cells: Cells,
    #[command(flatten)]
    pub(crate) weights: Weights,
    #[command(flatten)]
    pub(crate) sequence: Sequence,
    /// Print the log-density of each row instead of the sum
    #[arg(long, conflicts_with = "weights")]
    pub(crate) per_row: bool,
    /// Print the log-density of each sequence instead of the sum
    #[arg(long, conflicts_with = "per_row")]
    pub(crate) per_sequence: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// A model that `fit --save` has written
    pub(crate) model: PathBuf,
    /// A CSV or .parquet file with the model's columns (and any others)
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) header: Header,
    #[command(flatten)]
    pub(crate) weights: Weights,
    #[command(flatten)]
    pub(crate) sequence: Sequence,
    /// Look at no more than this many rows, drawn at random (of sequences: stretches of ten)
    #[arg(long, value_name = "N", default_value = "100", value_parser = up_to(ROWS as usize))]
    pub(crate) rows: usize,
    /// The seed of that draw
    #[arg(long, value_name = "SEED", default_value_t = 0, allow_negative_numbers = true, value_parser = seed)]
    pub(crate) seed: u64,
}
