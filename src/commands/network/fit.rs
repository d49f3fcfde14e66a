//! `marginal network fit`: the tables of a network learned from a CSV file of named states, some of them missing.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use comfy_table::CellAlignment;
use marginal::Error;
use marginal::data::Dataset;
use marginal::em::{Em, Fit as Fitted, FitError};
use marginal::graph::DirectedGraph;
use marginal::io::{Lines, StateCsv};
use marginal::latent::StartKind;
use marginal::models::HiddenNetwork;
use marginal::network::{FamilyCounts, MISSING, Network, StateTable, TablePrior};
use marginal::uncertainty::StandardErrors;

use crate::commands::arguments::acceleration::Hurry;
use crate::commands::arguments::limits::{Checkpoints, Limits};
use crate::commands::arguments::names;
use crate::commands::arguments::names::{List, name, names, start};
use crate::commands::arguments::numbers::{RESTARTS, at_least_one, not_negative, seed, up_to};
use crate::commands::arguments::prior;
use crate::commands::ending::Driver;
use crate::commands::ending::{Ending, advice};
use crate::commands::failure::Failure;
use crate::commands::reading::beside::Header;
use crate::commands::reading::weighing::{Weighing, WeightsAre};
use crate::commands::writing::grid::{align, counted, dash, decimals, fixed, grid, listed, shortest, trimmed};
use crate::commands::writing::uncertainty::{Estimates, write_estimates};

/// Of the intervals.
const CONFIDENCE: f64 = 0.95;

#[derive(Debug, Args)]
pub(crate) struct Fit {
    /// A .bif, .uai, .xml, .xmlbif or .bifxml file: the arrows stay, its tables are where the first run starts
    file: PathBuf,
    #[command(flatten)]
    rounded: super::rounded::Rounded,
    /// A CSV file: a header of variables, then states by name; empty cells, NA and ? are missing
    data: PathBuf,
    #[command(flatten)]
    header: Header,
    /// Count before the data: count=A in each entry of each table, or bdeu=S rows spread evenly over each table
    #[arg(long, value_name = "KIND=NUMBER", value_parser = prior::of_tables)]
    prior: Option<TablePrior>,
    /// Variables that are hidden, even if the file has a column of theirs (those without a column are hidden anyway)
    #[arg(long, value_name = "NAMES", value_parser = names)]
    hidden: Vec<List<String>>,
    /// Columns that are no variables
    #[arg(long, value_name = "COLUMNS", value_parser = names)]
    ignore: Vec<List<String>>,
    /// The column that holds the weight of each row: 2 counts as the row twice
    #[arg(long, value_name = "COLUMN", value_parser = name)]
    weights: Option<String>,
    /// What the weights are (default: counts, unless they sum to less than the rows, which is then asked)
    #[arg(long, value_enum, value_name = "KIND", requires = "weights")]
    weights_are: Option<WeightsAre>,
    /// Variables whose tables stay as they are
    #[arg(long, value_name = "NAMES", value_parser = names)]
    fix: Vec<List<String>>,
    /// Variables that share one table: NAME,NAME,…; several groups as several options
    #[arg(long, value_name = "NAMES", value_parser = names)]
    tie: Vec<List<String>>,
    /// Start this many times and keep the best: first from the tables of the file, then from random ones
    #[arg(long, value_name = "N", default_value = "1", value_parser = up_to(RESTARTS))]
    restarts: usize,
    /// Take starts of these kinds in turn: as-given (the tables of the file), random [default: both]
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = start)]
    start: Vec<StartKind>,
    /// The seed of the starts
    #[arg(long, value_name = "SEED", default_value_t = 0, allow_negative_numbers = true, value_parser = seed)]
    seed: u64,
    /// Stop once the gain still expected is this share of the objective
    #[arg(long, value_name = "SHARE", default_value = "1e-10", allow_negative_numbers = true, value_parser = not_negative)]
    tolerance: f64,
    /// Make at most this many iterations
    #[arg(long, value_name = "N", default_value = "10000", value_parser = at_least_one::<NonZeroUsize>)]
    max_iterations: NonZeroUsize,
    /// How EM is hurried along
    #[arg(long, value_name = "HOW", default_value = "extrapolation")]
    acceleration: Hurry,
    #[command(flatten)]
    limits: Limits,
    #[command(flatten)]
    checkpoints: Checkpoints,
    /// Check the EM inequality at every iteration
    #[arg(long)]
    verify: bool,
    /// Print standard errors and 95 % confidence intervals of the probabilities, by the observed information
    #[arg(long)]
    standard_errors: bool,
    /// Write the network with the learned tables to this file
    #[arg(long, short = 'o', value_name = "FILE.bif|uai|xml", value_parser = network_file)]
    output: Option<PathBuf>,
}

impl Fit {
    pub(super) fn inputs(&mut self) -> [&mut PathBuf; 2] {
        [&mut self.file, &mut self.data]
    }

    pub(super) fn outputs(&self) -> Vec<PathBuf> {
        self.output.iter().chain(&self.checkpoints.checkpoint).cloned().collect()
    }
}

pub(super) fn run(arguments: &Fit, out: &mut dyn Write) -> Result<(), Failure> {
    if let Some(weights) = arguments.weights.as_ref().filter(|name| names::all(&arguments.ignore).contains(name)) {
        return Err(Failure::Because(format!(
            "column `{weights}` is given to both --weights and --ignore: leave one out"
        )));
    }
    let network = arguments.rounded.read(&arguments.file)?;
    let mut model =
        HiddenNetwork::new(&network).prior(arguments.prior.unwrap_or_default()).fix(&names::all(&arguments.fix))?;
    for group in &arguments.tie {
        if group.0.iter().all(|name| *name == group.0[0]) {
            let alone = format!("--tie {}: a table is shared by at least two variables", group.0[0]);
            return Err(Failure::Because(alone));
        }
        model = model.tie(&group.0)?;
    }
    let mut csv = StateCsv::default().ignore(names::all(&arguments.ignore)).hidden(names::all(&arguments.hidden));
    if let Some(column) = &arguments.weights {
        csv = csv.weights(column);
    }
    if let Some(is_there) = arguments.header.is_there {
        csv = csv.header(is_there);
    }
    let (table, lines) = csv.read_with_lines(&arguments.data, &network)?;
    let (table, weighing) = weighed(arguments, table)?;
    let em = Em::default()
        .tolerance(arguments.tolerance)
        .max_iterations(arguments.max_iterations.get())
        .restarts(arguments.restarts)
        .starts(arguments.start.iter().copied())
        .seed(arguments.seed)
        .acceleration(arguments.acceleration.into())
        .verify(arguments.verify);
    let prior = arguments.prior.map_or_else(String::new, |prior| format!(", prior {prior:?}"));
    let about = format!("{network}, fixed {:?}, tied {:?}{prior}", names::all(&arguments.fix), arguments.tie);
    let em = Ending::begin(&arguments.limits)?.of(em);
    let fit = Driver::new(em, &arguments.checkpoints, "", about)
        .fit(&model, &table)
        .map_err(|e| explained(&e, &arguments.data, &table, &lines))?;
    let missing = missing(&table);
    write_data(out, &network, &table, weighing, &missing)?;
    write_fit(out, &fit)?;
    if let (true, Some(TablePrior::EquivalentSampleSize(size))) = (missing.iter().all(|n| *n == 0), arguments.prior)
        && size > 0.0
    {
        let score = FamilyCounts::of(&network, &table)?.bdeu(size)?;
        writeln!(out, "\nln p(data | arrows) {} (BDeu, equivalent sample size {size})", fixed(score))?;
    }
    match &arguments.output {
        None => writeln!(out, "\nadd --output FILE.bif to keep the tables")?,
        Some(path) => {
            out.flush()?;
            fit.parameters.write(path)?;
            writeln!(out, "\nwrote {}", path.display())?;
        }
    }
    if arguments.standard_errors {
        out.flush()?;
        let found = StandardErrors::of(&model, &table, &fit.parameters)
            .and_then(|found| Estimates::of_errors(&found, CONFIDENCE))
            .map_err(|error| Failure::Because(format!("no standard errors: {error}")))?;
        write_estimates(out, "standard errors", CONFIDENCE, &found)?;
    }
    Ok(())
}

/// The table under weights that are what is said of them, and how they were taken.
fn weighed(arguments: &Fit, table: StateTable) -> Result<(StateTable, Option<Weighing>), Failure> {
    if arguments.weights.is_none() {
        return Ok((table, None));
    }
    let totals = table.totals()?;
    let weighing = Weighing::of_totals(totals.observations, totals.weight, arguments.weights_are);
    let weighing = weighing.map_err(|why| Failure::because(format!("{}: {why}", arguments.data.display())))?;
    let table = if weighing.are_importance() { table.with_importance_weights()? } else { table };
    Ok((table, Some(weighing)))
}

/// Of each variable in how many different rows it is missing.
fn missing(table: &StateTable) -> Vec<usize> {
    let mut missing = vec![0; table.network().len()];
    for n in 0..table.len() {
        for (count, _) in missing.iter_mut().zip(table.row(n)).filter(|(_, state)| *state == MISSING) {
            *count += 1;
        }
    }
    missing
}

fn write_data(
    out: &mut dyn Write,
    network: &Network,
    table: &StateTable,
    weighing: Option<Weighing>,
    missing: &[usize],
) -> Result<(), Failure> {
    let hidden: Vec<String> =
        (0..missing.len()).filter(|&v| missing[v] == table.len()).map(|v| network.name(v)).collect();
    writeln!(out, "network {}: {}", network.label(), counted(network.len(), "variable"))?;
    write!(out, "{}", counted(table.rows(), "row"))?;
    weighing.map_or(Ok(()), |weighing| write!(out, "{weighing}"))?;
    write!(out, ", {} of them different", table.len())?;
    if !hidden.is_empty() {
        write!(out, "; hidden: {}", listed(&hidden))?;
    }
    let elsewhere = missing.iter().filter(|n| **n < table.len());
    let cells: usize = elsewhere.clone().sum();
    if cells > 0 {
        let share = 100.0 * cells as f64 / (elsewhere.count() * table.len()) as f64;
        write!(out, "; {share:.1} % of the {}cells missing", if hidden.is_empty() { "" } else { "other " })?;
    }
    Ok(writeln!(out)?)
}

fn write_fit(out: &mut dyn Write, fit: &Fitted<Network>) -> Result<(), Failure> {
    write!(out, "{}", fit.summary_of_restarts())?;
    write!(out, ", {}, {}", counted(fit.iterations(), "iteration"), fit.stopped)?;
    writeln!(out, "{}\n", advice(fit.stopped))?;
    let [aic, bic] = [fit.aic(), fit.bic()].map(|value| value.map_or_else(dash, fixed));
    let free = fit.free_parameters.map_or_else(dash, |p| p.to_string());
    let row = vec![decimals(fit.log_likelihood, 8), shortest(fit.draws), free, aic, bic];
    let mut table = grid(["ln L", "n", "df", "AIC", "BIC"].map(String::from).to_vec(), [row]);
    align(&mut table, 0, CellAlignment::Right);
    Ok(writeln!(out, "{}", trimmed(&table))?)
}

/// The same error, said of the line of the file in which the row first came.
fn explained(failed: &FitError<Network>, path: &Path, table: &StateTable, lines: &Lines) -> Failure {
    let line = |row: usize| format!("{}, line {}", path.display(), lines.of(table.first(row)));
    match &failed.cause {
        Error::Impossible { row, value } => Failure::because(format!(
            "{}: {value} has probability 0 under the network: mend the line, or give the tables no 0 where this can be",
            line(*row)
        )),
        Error::AtRow { row, source } => Failure::because(format!("{}: {source}", line(*row))),
        _ => Failure::because(failed.to_string()),
    }
}

fn network_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let is_known = ["bif", "uai", "xml", "xmlbif", "bifxml"].contains(&ending.as_str());
    if is_known { Ok(path) } else { Err("a network is a .bif, .uai, .xml, .xmlbif or .bifxml file".into()) }
}
