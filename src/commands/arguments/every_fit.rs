//! What every fit is told, whatever the model.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use marginal::latent::StartKind;

use super::acceleration::Hurry;
use super::limits::{Checkpoints, Limits};
use super::names::{List, names, start};
use super::numbers::{RESTARTS, at_least_one, not_negative, seed, up_to};
use super::prior::Prior;
use super::uncertainty::Uncertainty;
use crate::commands::reading::beside::Header;

/// What every fit is told.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// A CSV file, whose first row may be a header, or a .parquet file; - is standard input
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) header: Header,
    /// The columns to fit, by name (default: all)
    #[arg(long, value_name = "NAMES", value_parser = names)]
    pub(crate) columns: Option<Vec<List<String>>>,
    /// Start this many times and keep the best [default: up to 32, in rounds of 8, no more once 7 have reached the best]
    #[arg(long, value_name = "N", value_parser = up_to(RESTARTS))]
    pub(crate) restarts: Option<usize>,
    /// Take starts of these kinds in turn: clusters, seeds, random-rows, random-shares, tight-seeds, split; of chains as-given
    /// and random instead of split; of K-means only seeds and random-rows [default: several of these]
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = start)]
    pub(crate) start: Vec<StartKind>,
    /// The seed of the starts
    #[arg(long, value_name = "SEED", default_value_t = 0, allow_negative_numbers = true, value_parser = seed)]
    pub(crate) seed: u64,
    /// Stop once the gain still expected is this share of the objective
    #[arg(long, value_name = "SHARE", default_value = "1e-10", allow_negative_numbers = true, value_parser = not_negative)]
    pub(crate) tolerance: f64,
    /// Make at most this many iterations
    #[arg(long, value_name = "N", default_value = "10000", value_parser = at_least_one::<NonZeroUsize>)]
    pub(crate) max_iterations: NonZeroUsize,
    /// How EM is hurried along
    #[arg(long, value_name = "HOW", default_value = "extrapolation")]
    pub(crate) acceleration: Hurry,
    #[command(flatten)]
    pub(crate) prior: Prior,
    #[command(flatten)]
    pub(crate) limits: Limits,
    #[command(flatten)]
    pub(crate) checkpoints: Checkpoints,
    /// Check the EM inequality at every iteration
    #[arg(long)]
    pub(crate) verify: bool,
    #[command(flatten)]
    pub(crate) uncertainty: Uncertainty,
    /// Write the fitted model to this file (JSON)
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
    /// Draw the data and the components or states; a range of K also draws the BIC to FILE-bic
    #[arg(long, value_name = "FILE.svg|png", value_parser = picture)]
    pub(crate) plot: Option<PathBuf>,
}

fn picture(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let ending = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    match ending.as_deref() {
        Some("svg" | "png") => Ok(path),
        _ => Err("a picture is an .svg or a .png file".into()),
    }
}
