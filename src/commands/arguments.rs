//! What can be asked for on the command line.

use std::num::{NonZeroU64, NonZeroUsize};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use marginal::distributions::Column;
use marginal::models::Covariance;

use super::families::{self, Family, family};
use super::fitted::Part;
use super::input::Beside;
use super::network;

/// Fit models with hidden variables to CSV and Parquet files, use what was fitted, and ask Bayesian networks.
///
/// Rows, components and states are counted from 0, lines of files from 1. Exit codes: 0 done, 1 failed, 2 wrong usage.
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
    /// Print the most probable component (or nearest centre, or state of the most probable path) of each row as CSV
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
    /// Hidden Markov model: the rows, in their order, are a sequence, or several with --sequence
    Hmm(Hmm),
}

#[derive(Debug, Args)]
pub(super) struct Kmeans {
    /// How many clusters
    #[arg(long, short = 'k', value_name = "K", value_parser = one_count)]
    pub(super) components: usize,
    #[command(flatten)]
    pub(super) weights: Weights,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, Args)]
pub(super) struct Gmm {
    /// How many components: a number, or a range such as 1..6 (both ends count), of which the smallest BIC wins
    #[arg(long, short = 'k', value_name = "K", value_parser = counts("component"))]
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
    pub(super) weights: Weights,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, Args)]
pub(super) struct Mixture {
    /// How many components: a number, or a range such as 1..6 (both ends count), of which the smallest BIC wins
    #[arg(long, short = 'k', value_name = "K", value_parser = counts("component"))]
    pub(super) components: RangeInclusive<usize>,
    #[arg(long, value_name = "FAMILIES", value_delimiter = ',', required = true, value_parser = family, help = family_help())]
    pub(super) family: Vec<Family>,
    #[command(flatten)]
    pub(super) weights: Weights,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, Args)]
pub(super) struct Hmm {
    /// How many states: a number, or a range such as 1..4 (both ends count), of which the smallest BIC wins
    #[arg(long, short = 'k', value_name = "K", value_parser = counts("state"))]
    pub(super) states: RangeInclusive<usize>,
    #[arg(long, value_name = "FAMILIES", value_delimiter = ',', value_parser = family, help = emission_help())]
    pub(super) family: Vec<Family>,
    /// The shape of the covariances of normal emissions, each state its own
    #[arg(long, value_parser = own_shape(), default_value = "full", conflicts_with = "family")]
    pub(super) covariance: Shape,
    #[command(flatten)]
    pub(super) sequence: Sequence,
    #[command(flatten)]
    pub(super) common: Common,
}

fn family_help() -> String {
    let known = Column::NAMES.join(", ");
    format!("One family for all columns, one for each in their order, or COLUMN=FAMILY,…; known are {known}")
}

fn emission_help() -> String {
    format!("{}. Within a state the columns are independent [default: normal, with covariances]", family_help())
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

impl Model {
    pub(super) fn common(&self) -> &Common {
        match self {
            Self::Kmeans(kmeans) => &kmeans.common,
            Self::Gmm(gmm) => &gmm.common,
            Self::Mixture(mixture) => &mixture.common,
            Self::Hmm(hmm) => &hmm.common,
        }
    }

    /// What it has K of.
    pub(super) fn part(&self) -> Part {
        if let Self::Hmm(_) = self { Part::State } else { Part::Component }
    }

    /// The columns beside the data.
    pub(super) fn beside(&self) -> Beside<'_> {
        let header = self.common().header.is_there;
        let weights = match self {
            Self::Kmeans(kmeans) => &kmeans.weights,
            Self::Gmm(gmm) => &gmm.weights,
            Self::Mixture(mixture) => &mixture.weights,
            Self::Hmm(hmm) => {
                return Beside { weights: None, sequence: hmm.sequence.column.as_deref(), header };
            }
        };
        Beside { weights: weights.column.as_deref(), sequence: None, header }
    }

    /// The numbers of components to try.
    pub(super) fn counts(&self) -> RangeInclusive<usize> {
        match self {
            Self::Kmeans(kmeans) => kmeans.components..=kmeans.components,
            Self::Gmm(gmm) => gmm.components.clone(),
            Self::Mixture(mixture) => mixture.components.clone(),
            Self::Hmm(hmm) => hmm.states.clone(),
        }
    }

    /// The columns that are asked for by name, if any.
    pub(super) fn columns(&self) -> Option<Vec<String>> {
        self.common().columns.clone().or_else(|| families::columns(self.families()))
    }

    /// The families that are asked for, if any.
    pub(super) fn families(&self) -> &[Family] {
        match self {
            Self::Mixture(mixture) => &mixture.family,
            Self::Hmm(hmm) => &hmm.family,
            Self::Kmeans(_) | Self::Gmm(_) => &[],
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Weights {
    /// The column that holds the weight of each row: 2 counts as the row twice
    #[arg(id = "weights", long = "weights", value_name = "COLUMN")]
    pub(super) column: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Sequence {
    /// The column that names the sequence of each row, for hidden Markov models; the rows of one sequence are
    /// consecutive (default: as in the fit; without it all rows are one sequence)
    #[arg(id = "sequence", long = "sequence", value_name = "COLUMN")]
    pub(super) column: Option<String>,
}

/// What is said of the first row of a CSV file.
#[derive(Debug, Args)]
pub(super) struct Header {
    /// Whether the first row of the CSV file names its columns (default: as its cells show)
    #[arg(id = "header", long = "header", value_name = "yes|no", value_parser = yes_or_no)]
    pub(super) is_there: Option<bool>,
}

/// What every fit is told.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// A CSV file, whose first row may be a header, or a .parquet file
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) header: Header,
    /// The columns to fit, by name (default: all)
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(super) columns: Option<Vec<String>>,
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
    /// Draw the data and the components or states; a range of K also draws the BIC to FILE-bic
    #[arg(long, value_name = "FILE.svg|png", value_parser = picture)]
    pub(super) plot: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Predict {
    /// A model that `fit --save` has written
    pub(super) model: PathBuf,
    /// A CSV or .parquet file with the model's columns (and any others)
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) header: Header,
    /// Print the probability of each component too (of each state, given the whole sequence)
    #[arg(long)]
    pub(super) responsibilities: bool,
    #[command(flatten)]
    pub(super) sequence: Sequence,
}

#[derive(Debug, Args)]
pub(super) struct Sample {
    /// A model that `fit --save` has written
    pub(super) model: PathBuf,
    /// How many rows; of a hidden Markov model they are one sequence
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
    #[command(flatten)]
    pub(super) header: Header,
    #[command(flatten)]
    pub(super) weights: Weights,
    #[command(flatten)]
    pub(super) sequence: Sequence,
    /// Print the log-density of each row instead of the sum
    #[arg(long, conflicts_with = "weights")]
    pub(super) per_row: bool,
    /// Print the log-density of each sequence instead of the sum
    #[arg(long, conflicts_with = "per_row")]
    pub(super) per_sequence: bool,
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// A model that `fit --save` has written
    pub(super) model: PathBuf,
    /// A CSV or .parquet file with the model's columns (and any others)
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) header: Header,
    #[command(flatten)]
    pub(super) weights: Weights,
    #[command(flatten)]
    pub(super) sequence: Sequence,
    /// Look at no more than this many rows, drawn at random (of sequences: stretches of ten)
    #[arg(long, value_name = "N", default_value = "100")]
    pub(super) rows: NonZeroUsize,
    /// The seed of that draw
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub(super) seed: u64,
}

fn count(text: &str, what: &str) -> Result<usize, String> {
    match text.trim().parse() {
        Ok(0) => Err(format!("at least one {what} is needed")),
        Ok(k) => Ok(k),
        Err(_) => Err("a whole number such as 2, or a range such as 1..6, is needed".into()),
    }
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("yes or no is needed".into()),
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
    count(text, "component")
}

fn counts(what: &'static str) -> impl Fn(&str) -> Result<RangeInclusive<usize>, String> + Clone {
    move |text| {
        let Some((first, last)) = text.split_once("..") else { return count(text, what).map(|k| k..=k) };
        let (first, last) = (count(first, what)?, count(last.trim_start_matches('='), what)?);
        if first <= last { Ok(first..=last) } else { Err(format!("the range is empty: did you mean {last}..{first}?")) }
    }
}

/// A shape that covariances can have which share nothing.
fn own_shape() -> impl TypedValueParser<Value = Shape> {
    PossibleValuesParser::new(["full", "diagonal", "spherical"])
        .map(|name| Shape::from_str(&name, false).expect("these are shapes"))
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
