//! What can be asked for on the command line.

use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use marginal::distributions::Column;
use marginal::latent::StartKind;

use super::acceleration::Hurry;
use super::covariance_shape::{Shape, own_shape};
use super::families::{self, Family};
use super::known::{Angles, Cells, Groups, Labels};
use super::limits::{Checkpoints, Limits};
use super::names::{self, List, name, names, start};
use super::numbers::{RESTARTS, ROWS, at_least_one, counts, not_negative, one_count, seed, up_to};
use super::prior::Prior;
use super::uncertainty::Uncertainty;
use crate::commands::network;
use crate::commands::reading::beside::{Beside, Header, Missing};
use crate::commands::reading::remedies::Part;
use crate::commands::reading::weighing::WeightsAre;

/// Fit models with hidden variables to CSV and Parquet files, use what was fitted, and ask Bayesian networks.
///
/// Rows, components and states are counted from 0, lines of files from 1. Exit codes: 0 done, 1 failed, 2 wrong usage,
/// 130 interrupted (a fit has then written the best so far).
#[derive(Debug, Parser)]
#[command(name = "marginal", version, arg_required_else_help = false, after_help = names::QUOTING)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Compute with this many threads (default: one per core, and at most 4 per core); the results are the same bits
    #[arg(long, global = true, value_name = "N", value_parser = at_least_one::<NonZeroUsize>)]
    pub(crate) threads: Option<NonZeroUsize>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
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
pub(crate) enum Model {
    /// K-means: centres that minimise the sum of squared distances
    #[command(after_help = names::QUOTING)]
    Kmeans(Kmeans),
    /// Gaussian mixture
    #[command(after_help = names::QUOTING)]
    Gmm(Gmm),
    /// Mixture of named families: within a component the columns are independent
    #[command(after_help = names::QUOTING)]
    Mixture(Mixture),
    /// Hidden Markov model: the rows, in their order, are a sequence, or several with --sequence
    #[command(after_help = names::QUOTING)]
    Hmm(Hmm),
}

#[derive(Debug, Args)]
pub(crate) struct Kmeans {
    /// How many clusters
    #[arg(long, short = 'k', value_name = "K", value_parser = one_count)]
    pub(crate) components: usize,
    #[command(flatten)]
    pub(crate) weights: Weights,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Gmm {
    /// How many components: a number, or a range such as 1..6 (both ends count), of which the smallest BIC wins
    #[arg(long, short = 'k', value_name = "K", value_parser = counts("component"))]
    pub(crate) components: RangeInclusive<usize>,
    /// The shape of the covariances
    #[arg(long, value_enum, default_value_t = Shape::Full)]
    pub(crate) covariance: Shape,
    /// No eigenvalue of a covariance may be below this (in the squared unit of the data)
    #[arg(long, value_name = "VARIANCE", default_value_t = 0.0, allow_negative_numbers = true, value_parser = not_negative)]
    pub(crate) floor: f64,
    #[command(flatten)]
    pub(crate) cells: Cells,
    #[command(flatten)]
    pub(crate) labels: Labels,
    #[command(flatten)]
    pub(crate) groups: Groups,
    #[command(flatten)]
    pub(crate) weights: Weights,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Mixture {
    /// How many components: a number, or a range such as 1..6 (both ends count), of which the smallest BIC wins
    #[arg(long, short = 'k', value_name = "K", value_parser = counts("component"))]
    pub(crate) components: RangeInclusive<usize>,
    #[arg(long, value_name = "FAMILIES", required = true, value_parser = families::families, help = family_help())]
    pub(crate) family: Vec<List<Family>>,
    #[command(flatten)]
    pub(crate) angles: Angles,
    #[command(flatten)]
    pub(crate) cells: Cells,
    #[command(flatten)]
    pub(crate) labels: Labels,
    #[command(flatten)]
    pub(crate) groups: Groups,
    #[command(flatten)]
    pub(crate) weights: Weights,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Hmm {
    /// How many states: a number, or a range such as 1..4 (both ends count), of which the smallest BIC wins
    #[arg(long, short = 'k', value_name = "K", value_parser = counts("state"))]
    pub(crate) states: RangeInclusive<usize>,
    #[arg(long, value_name = "FAMILIES", value_parser = families::families, help = emission_help())]
    pub(crate) family: Vec<List<Family>>,
    /// The shape of the covariances of normal emissions, each state its own
    #[arg(long, value_parser = own_shape(), default_value = "full", conflicts_with = "family")]
    pub(crate) covariance: Shape,
    #[command(flatten)]
    pub(crate) angles: Angles,
    #[command(flatten)]
    pub(crate) cells: Cells,
    #[command(flatten)]
    pub(crate) labels: Labels,
    #[command(flatten)]
    pub(crate) sequence: Sequence,
    #[command(flatten)]
    pub(crate) common: Common,
}

fn family_help() -> String {
    let known = Column::NAMES.join(", ");
    format!("One family for all columns, one for each in their order, or COLUMN=FAMILY,…; known are {known}")
}

fn emission_help() -> String {
    format!("{}. Within a state the columns are independent [default: normal, with covariances]", family_help())
}

impl Model {
    pub(crate) fn common(&self) -> &Common {
        match self {
            Self::Kmeans(kmeans) => &kmeans.common,
            Self::Gmm(gmm) => &gmm.common,
            Self::Mixture(mixture) => &mixture.common,
            Self::Hmm(hmm) => &hmm.common,
        }
    }

    /// What it has K of.
    pub(crate) fn part(&self) -> Part {
        if let Self::Hmm(_) = self { Part::State } else { Part::Component }
    }

    /// Whether angles are said to be radians.
    pub(crate) fn radians(&self) -> bool {
        match self {
            Self::Mixture(mixture) => mixture.angles.radians,
            Self::Hmm(hmm) => hmm.angles.radians,
            Self::Kmeans(_) | Self::Gmm(_) => false,
        }
    }

    /// What the weights are, if that is said.
    pub(crate) fn weights_are(&self) -> Option<WeightsAre> {
        match self {
            Self::Kmeans(kmeans) => kmeans.weights.weights_are,
            Self::Gmm(gmm) => gmm.weights.weights_are,
            Self::Mixture(mixture) => mixture.weights.weights_are,
            Self::Hmm(_) => None,
        }
    }

    /// The columns beside the data.
    pub(crate) fn beside(&self) -> Beside<'_> {
        let plain = Beside { header: self.common().header.is_there, ..Beside::default() };
        match self {
            Self::Kmeans(kmeans) => Beside { weights: kmeans.weights.column.as_deref(), ..plain },
            Self::Gmm(gmm) => Beside {
                weights: gmm.weights.column.as_deref(),
                labels: gmm.labels.column.as_deref(),
                groups: gmm.groups.column.as_deref(),
                ..plain
            },
            Self::Mixture(mixture) => Beside {
                weights: mixture.weights.column.as_deref(),
                labels: mixture.labels.column.as_deref(),
                groups: mixture.groups.column.as_deref(),
                ..plain
            },
            Self::Hmm(hmm) => {
                Beside { sequence: hmm.sequence.column.as_deref(), labels: hmm.labels.column.as_deref(), ..plain }
            }
        }
    }

    /// How missing cells are written, if there may be some.
    pub(crate) fn missing(&self) -> Option<Missing> {
        match self {
            Self::Gmm(gmm) => gmm.cells.allowed(),
            Self::Mixture(mixture) => mixture.cells.allowed(),
            Self::Hmm(hmm) => hmm.cells.allowed(),
            Self::Kmeans(_) => None,
        }
    }

    /// The numbers of components to try.
    pub(crate) fn counts(&self) -> RangeInclusive<usize> {
        match self {
            Self::Kmeans(kmeans) => kmeans.components..=kmeans.components,
            Self::Gmm(gmm) => gmm.components.clone(),
            Self::Mixture(mixture) => mixture.components.clone(),
            Self::Hmm(hmm) => hmm.states.clone(),
        }
    }

    /// The columns that are asked for by name, if any.
    pub(crate) fn columns(&self) -> Option<Vec<String>> {
        self.common().columns.as_deref().map(names::all).or_else(|| families::columns(&self.families()))
    }

    /// The families that are asked for, if any.
    pub(crate) fn families(&self) -> Vec<Family> {
        match self {
            Self::Mixture(mixture) => names::all(&mixture.family),
            Self::Hmm(hmm) => names::all(&hmm.family),
            Self::Kmeans(_) | Self::Gmm(_) => Vec::new(),
        }
    }
}

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

fn picture(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let ending = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    match ending.as_deref() {
        Some("svg" | "png") => Ok(path),
        _ => Err("a picture is an .svg or a .png file".into()),
    }
}
