//! What can be asked for on the command line.

use std::num::{NonZeroU64, NonZeroUsize};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};
use marginal::distributions::Column;

use super::families::{self, Family, family};
use super::network;

/// Fit models with hidden variables to CSV and Parquet files, use what was fitted, and ask Bayesian networks.
///
/// Rows and components are counted from 0, lines of files from 1. Exit codes: 0 done, 1 failed, 2 wrong usage.
#[derive(Debug, Parser)]
#[command(name = "marginal", version, arg_required_else_help = false)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    /// Compute with this many threads (default: one per core); the results are the same bits
    #[arg(long, global = true, value_name = "N", value_parser = at_least_one::<NonZeroUsize>)]
    pub(super) threads: Option<NonZeroUsize>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Fit a model by EM and print what was found
    #[command(subcommand, arg_required_else_help = false)]
    Fit(Model),
    /// Print the most probable component (or nearest centre) of each row as CSV
    Predict(Predict),
    /// Draw rows from a fitted model as CSV
    Sample(Sample),
    /// Print the log-likelihood of a file under a fitted model as CSV
    Score(Score),
    /// Put a fitted model to the laws that it must obey, on rows of a file
    Verify(Verify),
    /// Ask a Bayesian network in a BIF, XMLBIF or UAI file: posteriors, explanations, draws, pictures; or learn its tables
    #[command(subcommand, arg_required_else_help = false)]
    Network(network::Command),
}

#[derive(Debug, Subcommand)]
pub(super) enum Model {
    /// K-means: centres that minimise the sum of squared distances
    Kmeans(Kmeans),
    /// Gaussian mixture
    Gmm(Gmm),
    /// Mixture of named families: within a component the columns are independent
    Mixture(Mixture),
}

#[derive(Debug, Args)]
pub(super) struct Kmeans {
    /// How many clusters
    #[arg(long, short = 'k', value_name = "K", value_parser = one_count)]
    pub(super) components: usize,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, Args)]
pub(super) struct Gmm {
    /// How many components: a number, or a range such as 1..6 (both ends count), of which the smallest BIC wins
    #[arg(long, short = 'k', value_name = "K", value_parser = counts)]
    pub(super) components: RangeInclusive<usize>,
    /// The shape of the covariances
    #[arg(long, value_enum, default_value_t = Shape::Full)]
    pub(super) covariance: Shape,
    /// No eigenvalue of a covariance may be below this (in the squared unit of the data)
    #[arg(long, value_name = "VARIANCE", default_value_t = 0.0, allow_negative_numbers = true, value_parser = not_negative)]
    pub(super) floor: f64,
    /// Keep covariances from collapsing by the weak inverse-Wishart prior of Fraley and Raftery (2007)
    #[arg(long)]
    pub(super) prior: bool,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, Args)]
pub(super) struct Mixture {
    /// How many components: a number, or a range such as 1..6 (both ends count), of which the smallest BIC wins
    #[arg(long, short = 'k', value_name = "K", value_parser = counts)]
    pub(super) components: RangeInclusive<usize>,
    #[arg(long, value_name = "FAMILIES", value_delimiter = ',', required = true, value_parser = family, help = family_help())]
    pub(super) family: Vec<Family>,
    #[command(flatten)]
    pub(super) common: Common,
}

fn family_help() -> String {
    let known = Column::NAMES.join(", ");
    format!("One family for all columns, one for each in their order, or COLUMN=FAMILY,…; known are {known}")
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Shape {
    /// Each component its own, any shape
    Full,
    /// One for all components
    Tied,
    /// Each component its own, without correlations
    Diagonal,
    /// Each component one variance for all columns
    Spherical,
}

impl Model {
    pub(super) fn common(&self) -> &Common {
        match self {
            Self::Kmeans(kmeans) => &kmeans.common,
            Self::Gmm(gmm) => &gmm.common,
            Self::Mixture(mixture) => &mixture.common,
        }
    }

    /// The numbers of components to try.
    pub(super) fn counts(&self) -> RangeInclusive<usize> {
        match self {
            Self::Kmeans(kmeans) => kmeans.components..=kmeans.components,
            Self::Gmm(gmm) => gmm.components.clone(),
            Self::Mixture(mixture) => mixture.components.clone(),
        }
    }

    /// The columns that are asked for by name, if any.
    pub(super) fn columns(&self) -> Option<Vec<String>> {
        self.common().columns.clone().or_else(|| match self {
            Self::Mixture(mixture) => families::columns(&mixture.family),
            _ => None,
        })
    }
}

/// What every fit is told.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// A CSV file, whose first row may be a header, or a .parquet file
    pub(super) file: PathBuf,
    /// The columns to fit, by name (default: all)
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(super) columns: Option<Vec<String>>,
    /// The column that holds the weight of each row: 2 counts as the row twice
    #[arg(long, value_name = "COLUMN")]
    pub(super) weights: Option<String>,
    /// Start this many times and keep the best
    #[arg(long, value_name = "N", default_value = "10", value_parser = at_least_one::<NonZeroUsize>)]
    pub(super) restarts: NonZeroUsize,
    /// The seed of the starts
    #[arg(long, value_name = "SEED", default_value_t = 0, allow_negative_numbers = true, value_parser = seed)]
    pub(super) seed: u64,
    /// Stop once the gain still expected is this share of the objective
    #[arg(long, value_name = "SHARE", default_value = "1e-10", allow_negative_numbers = true, value_parser = not_negative)]
    pub(super) tolerance: f64,
    /// Make at most this many iterations
    #[arg(long, value_name = "N", default_value = "10000", value_parser = at_least_one::<NonZeroUsize>)]
    pub(super) max_iterations: NonZeroUsize,
    /// Check the EM inequality at every iteration
    #[arg(long)]
    pub(super) verify: bool,
    /// Write the fitted model to this file (JSON)
    #[arg(long, value_name = "FILE")]
    pub(super) save: Option<PathBuf>,
    /// Draw the data and the components; a range of K also draws the BIC to FILE-bic
    #[arg(long, value_name = "FILE.svg|png", value_parser = picture)]
    pub(super) plot: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Predict {
    /// A model that `fit --save` has written
    pub(super) model: PathBuf,
    /// A CSV or .parquet file with the model's columns (and any others)
    pub(super) file: PathBuf,
    /// Print the probability of each component too
    #[arg(long)]
    pub(super) responsibilities: bool,
}

#[derive(Debug, Args)]
pub(super) struct Sample {
    /// A model that `fit --save` has written
    pub(super) model: PathBuf,
    /// How many rows
    #[arg(short = 'n', long, value_name = "N", value_parser = at_least_one::<NonZeroU64>)]
    pub(super) rows: NonZeroU64,
    /// The seed of the draws
    #[arg(long, value_name = "SEED", default_value_t = 0, allow_negative_numbers = true, value_parser = seed)]
    pub(super) seed: u64,
}

#[derive(Debug, Args)]
pub(super) struct Score {
    /// A model that `fit --save` has written
    pub(super) model: PathBuf,
    /// A CSV or .parquet file with the model's columns (and any others)
    pub(super) file: PathBuf,
    /// The column that holds the weight of each row: 2 counts as the row twice
    #[arg(long, value_name = "COLUMN", conflicts_with = "per_row")]
    pub(super) weights: Option<String>,
    /// Print the log-density of each row instead of the sum
    #[arg(long)]
    pub(super) per_row: bool,
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// A model that `fit --save` has written
    pub(super) model: PathBuf,
    /// A CSV or .parquet file with the model's columns (and any others)
    pub(super) file: PathBuf,
    /// The column that holds the weight of each row: 2 counts as the row twice
    #[arg(long, value_name = "COLUMN")]
    pub(super) weights: Option<String>,
    /// Look at no more than this many rows, drawn at random
    #[arg(long, value_name = "N", default_value = "100")]
    pub(super) rows: NonZeroUsize,
    /// The seed of that draw
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub(super) seed: u64,
}

fn count(text: &str) -> Result<usize, String> {
    match text.trim().parse() {
        Ok(0) => Err("at least one component is needed".into()),
        Ok(k) => Ok(k),
        Err(_) => Err("a whole number such as 2, or a range such as 1..6, is needed".into()),
    }
}

pub(super) fn at_least_one<N: FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| "a whole number from 1 on is needed".into())
}

pub(super) fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "a whole number in [0, 2⁶⁴) is needed".into())
}

fn one_count(text: &str) -> Result<usize, String> {
    if text.contains("..") {
        return Err("K-means has no likelihood to choose by: name one number, or use `fit gmm`".into());
    }
    count(text)
}

fn counts(text: &str) -> Result<RangeInclusive<usize>, String> {
    let Some((first, last)) = text.split_once("..") else { return count(text).map(|k| k..=k) };
    let (first, last) = (count(first)?, count(last.trim_start_matches('='))?);
    if first <= last { Ok(first..=last) } else { Err(format!("the range is empty: did you mean {last}..{first}?")) }
}

pub(super) fn not_negative(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(x) if x >= 0.0 && x.is_finite() => Ok(x),
        _ => Err("a number in [0, ∞) is needed".into()),
    }
}

fn picture(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let ending = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    match ending.as_deref() {
        Some("svg" | "png") => Ok(path),
        _ => Err("a picture is an .svg or a .png file".into()),
    }
}
