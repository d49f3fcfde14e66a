//! What can be asked for on the command line.

use std::num::NonZeroUsize;
use std::ops::RangeInclusive;

use clap::{Args, Parser, Subcommand};
use marginal::distributions::Column;

use super::beside_data::{Sequence, Weights};
use super::covariance_shape::{Shape, own_shape};
use super::every_fit::Common;
use super::factors::Factors;
use super::families::{self, Family};
use super::known::{Angles, Cells, Groups, Labels};
use super::names::{self, List};
use super::numbers::{at_least_one, counts, not_negative, one_count};
use super::uses::{Predict, Sample, Score, Verify};
use crate::commands::network;
use crate::commands::reading::beside::{Beside, Missing};
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
    /// Factor analysis: columns that a few factors hold together; with components, a mixture of such
    #[command(after_help = names::QUOTING)]
    Factors(Factors),
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
            Self::Factors(factors) => &factors.common,
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
            Self::Kmeans(_) | Self::Gmm(_) | Self::Factors(_) => false,
        }
    }

    /// What the weights are, if that is said.
    pub(crate) fn weights_are(&self) -> Option<WeightsAre> {
        match self {
            Self::Kmeans(kmeans) => kmeans.weights.weights_are,
            Self::Gmm(gmm) => gmm.weights.weights_are,
            Self::Factors(factors) => factors.weights.weights_are,
            Self::Mixture(mixture) => mixture.weights.weights_are,
            Self::Hmm(_) => None,
        }
    }

    /// The columns beside the data.
    pub(crate) fn beside(&self) -> Beside<'_> {
        let plain = Beside { header: self.common().header.is_there, ..Beside::default() };
        match self {
            Self::Kmeans(kmeans) => Beside { weights: kmeans.weights.column.as_deref(), ..plain },
            Self::Factors(factors) => Beside { weights: factors.weights.column.as_deref(), ..plain },
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
            Self::Kmeans(_) | Self::Factors(_) => None,
        }
    }

    /// The numbers of components to try.
    pub(crate) fn counts(&self) -> RangeInclusive<usize> {
        match self {
            Self::Kmeans(kmeans) => kmeans.components..=kmeans.components,
            Self::Gmm(gmm) => gmm.components.clone(),
            Self::Factors(factors) => factors.components.clone(),
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
            Self::Kmeans(_) | Self::Gmm(_) | Self::Factors(_) => Vec::new(),
        }
    }
}
