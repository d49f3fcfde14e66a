//! What can be asked of a network on the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::commands::arguments::names::{List, QUOTING, names, pairs};
use crate::commands::arguments::numbers::{DRAWS, EXPLANATIONS, ITERATIONS, ROWS, not_negative, seed, up_to};

use super::rounded::Rounded;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print what the network holds, and what exact inference in it costs
    Info(Info),
    /// Print p(variable | evidence) of some variables or of all, and ln p(evidence)
    #[command(after_help = QUOTING)]
    Query(Query),
    /// Print the most probable state of all variables together, given the evidence
    #[command(after_help = QUOTING)]
    Mpe(Mpe),
    /// Draw rows from p(all variables | evidence) as CSV
    #[command(after_help = QUOTING)]
    Sample(Sample),
    /// Print the network in the DOT language of Graphviz, or draw it with its posteriors as SVG
    #[command(after_help = QUOTING)]
    Draw(Draw),
    /// Learn the tables from rows of named states, some of them missing, by EM
    #[command(after_help = QUOTING)]
    Fit(super::fit::Fit),
}

#[derive(Debug, Args)]
pub(crate) struct Info {
    /// A .bif, .uai, .xml, .xmlbif or .bifxml file; - is standard input
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) rounded: Rounded,
    /// Print JSON instead of a table
    #[arg(long)]
    pub(super) json: bool,
}

/// A network and what is known of it.
#[derive(Debug, Args)]
pub(super) struct Asked {
    /// A .bif, .uai, .xml, .xmlbif or .bifxml file; - is standard input
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) rounded: Rounded,
    /// What is seen: NAME=STATE, several with commas or as several options
    #[arg(long, short = 'e', value_name = "NAME=STATE,…", value_parser = states)]
    pub(super) evidence: Vec<List<(String, String)>>,
    /// Soft evidence: the likelihood of each state, in the order of the file
    #[arg(long, value_name = "NAME=L:L:…", value_parser = likelihoods)]
    pub(super) likelihood: Vec<List<(String, Vec<f64>)>>,
    /// What is done from outside: the variable is set, and what would have caused it has no say
    #[arg(long = "do", value_name = "NAME=STATE,…", value_parser = states)]
    pub(super) interventions: Vec<List<(String, String)>>,
    /// Refuse to use more memory for tables than this many MiB (default: 1024)
    #[arg(long, value_name = "MIB", allow_negative_numbers = true, value_parser = not_negative)]
    pub(super) memory: Option<f64>,
}

#[derive(Debug, Args)]
pub(crate) struct Query {
    #[command(flatten)]
    pub(super) asked: Asked,
    /// The variables that are asked for (default: all)
    #[arg(long, short = 't', value_name = "NAMES", value_parser = names, conflicts_with = "all")]
    pub(super) target: Vec<List<String>>,
    /// Ask for all variables
    #[arg(long)]
    pub(super) all: bool,
    /// Print one table over all targets together
    #[arg(long)]
    pub(super) joint: bool,
    /// How the posteriors are found; all but `exact` approximate
    #[arg(long, value_enum, value_name = "ENGINE", default_value_t = Engine::Exact)]
    pub(super) engine: Engine,
    /// likelihood-weighting: how many rows are drawn (default: 100000)
    #[arg(long, value_name = "N", value_parser = up_to(DRAWS))]
    pub(super) draws: Option<usize>,
    /// likelihood-weighting: the seed of the draws (default: 0)
    #[arg(long, value_name = "SEED", allow_negative_numbers = true, value_parser = seed)]
    pub(super) seed: Option<u64>,
    /// belief-propagation: at most so many iterations (default: 200)
    #[arg(long, value_name = "N", value_parser = up_to(ITERATIONS))]
    pub(super) iterations: Option<usize>,
    /// Print JSON instead of a table
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(super) enum Engine {
    /// A junction tree, or a refusal if it does not fit
    Exact,
    /// Weighted draws, with standard errors
    LikelihoodWeighting,
    /// Messages along the arrows, exact in polytrees; says whether they settled
    BeliefPropagation,
}

#[derive(Debug, Args)]
pub(crate) struct Mpe {
    #[command(flatten)]
    pub(super) asked: Asked,
    /// How many explanations, the most probable first
    #[arg(short = 'n', long, value_name = "N", default_value = "1", value_parser = up_to(EXPLANATIONS))]
    pub(super) count: usize,
    /// Print JSON instead of a table
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Sample {
    #[command(flatten)]
    pub(super) asked: Asked,
    /// How many rows
    #[arg(short = 'n', long, value_name = "N", value_parser = up_to(ROWS))]
    pub(super) rows: u64,
    /// The seed of the draws
    #[arg(long, value_name = "SEED", default_value_t = 0, allow_negative_numbers = true, value_parser = seed)]
    pub(super) seed: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Draw {
    #[command(flatten)]
    pub(super) asked: Asked,
    /// Draw the nodes with bars of their posteriors to this file, in place of DOT
    #[arg(long, value_name = "FILE.svg", value_parser = svg)]
    pub(super) plot: Option<PathBuf>,
}

fn states(text: &str) -> Result<List<(String, String)>, String> {
    pairs(text, "NAME=STATE is needed, such as xray=yes")
}

fn likelihoods(text: &str) -> Result<List<(String, Vec<f64>)>, String> {
    let number = |text: &str| text.trim().parse().map_err(|_| format!("`{text}` is not a number: write NAME=L:L:…"));
    let of =
        |(name, numbers): (String, String)| Ok((name, numbers.split(':').map(number).collect::<Result<_, String>>()?));
    let pairs = pairs(text, "NAME=L:L:… is needed, such as xray=0.8:0.1")?.0;
    Ok(List(pairs.into_iter().map(of).collect::<Result<_, String>>()?))
}

fn svg(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let is_svg = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("svg"));
    if is_svg { Ok(path) } else { Err("the picture of a network is an .svg file".into()) }
}
