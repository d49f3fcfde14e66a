//! `marginal network`: questions to a Bayesian network in a file, and its tables learned from data.

mod answer;
mod arguments;
mod fit;
mod info;
mod memory;
mod query;
mod rounded;

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;

use marginal::distributions::Distribution;
use marginal::graph::DirectedGraph;
use marginal::network::{Findings, JunctionTree, Network};
use marginal::rand::{SeedableRng, rngs::Xoshiro256PlusPlus};

use super::failure::Failure;
use crate::commands::reading::readable::Content;
use crate::commands::writing::outputs;
pub(super) use arguments::Command;
use arguments::{Asked, Draw, Sample};

pub(super) fn run(command: &Command, out: &mut dyn Write) -> Result<(), Failure> {
    match command {
        Command::Info(arguments) => info::run(arguments, out),
        Command::Query(arguments) => query::run(arguments, out),
        Command::Mpe(arguments) => query::explain(arguments, out),
        Command::Sample(arguments) => sample(arguments, out),
        Command::Draw(arguments) => draw(arguments, out),
        Command::Fit(arguments) => fit::run(arguments, out),
    }
}

impl Command {
    pub(super) fn inputs(&mut self) -> Vec<(&mut PathBuf, Content)> {
        let network = match self {
            Self::Info(info) => &mut info.file,
            Self::Query(query) => &mut query.asked.file,
            Self::Mpe(mpe) => &mut mpe.asked.file,
            Self::Sample(sample) => &mut sample.asked.file,
            Self::Draw(draw) => &mut draw.asked.file,
            Self::Fit(fit) => {
                let [network, data] = fit.inputs();
                return vec![(network, Content::Network), (data, Content::Table)];
            }
        };
        vec![(network, Content::Network)]
    }

    pub(super) fn outputs(&self) -> Vec<PathBuf> {
        match self {
            Self::Draw(draw) => draw.plot.iter().cloned().collect(),
            Self::Fit(fit) => fit.outputs(),
            _ => Vec::new(),
        }
    }

    /// Whether it prints CSV or DOT.
    pub(super) fn prints_data(&self) -> bool {
        matches!(self, Self::Sample(_) | Self::Draw(_))
    }
}

impl Asked {
    /// Of two things said of one variable only the last would count.
    fn check(&self) -> Result<(), Failure> {
        let done = self.interventions.iter().flat_map(|list| &list.0).map(|(name, _)| ("--do", name));
        let seen = self.evidence.iter().flat_map(|list| &list.0).map(|(name, _)| ("--evidence", name));
        let likely = self.likelihood.iter().flat_map(|list| &list.0).map(|(name, _)| ("--likelihood", name));
        let mut options = HashMap::new();
        for (option, name) in done.chain(seen).chain(likely) {
            if let Some(before) = options.insert(name, option) {
                let twice = format!("`{name}` is given twice, by {before} and {option}: leave one out");
                return Err(Failure::Because(twice));
            }
        }
        Ok(())
    }

    /// The network of the file, after what was done to it.
    fn network(&self) -> Result<Network, Failure> {
        self.check()?;
        let mut network = self.rounded.read(&self.file)?;
        for (name, state) in self.interventions.iter().flat_map(|list| &list.0) {
            network = network.intervene(name, state)?;
        }
        Ok(network)
    }

    /// The evidence; what was done is known too.
    fn findings(&self) -> Result<Findings, Failure> {
        let mut findings = self.network()?.findings();
        for (name, state) in self.known() {
            findings.observe(name, state)?;
        }
        for (name, likelihood) in self.likelihood.iter().flat_map(|list| &list.0) {
            findings.observe_likelihood(name, likelihood)?;
        }
        Ok(findings)
    }

    /// The tree of the network, with the evidence.
    fn tree(&self) -> Result<JunctionTree, Failure> {
        let mut tree = self.network()?.plan().compile_within(memory::limit(self.memory)?)?;
        for (name, state) in self.known() {
            tree.observe(name, state)?;
        }
        for (name, likelihood) in self.likelihood.iter().flat_map(|list| &list.0) {
            tree.observe_likelihood(name, likelihood)?;
        }
        Ok(tree)
    }

    /// The variables whose states are known, as they were set or seen.
    fn known(&self) -> impl Iterator<Item = &(String, String)> {
        self.interventions.iter().chain(&self.evidence).flat_map(|list| &list.0)
    }

    /// Refuses a limit on tables where none are made.
    fn check_no_memory(&self, because: &str) -> Result<(), Failure> {
        match self.memory {
            None => Ok(()),
            Some(_) => Err(Failure::Because(format!("{because}: leave --memory out"))),
        }
    }

    fn is_empty(&self) -> bool {
        self.evidence.is_empty() && self.likelihood.is_empty()
    }
}

fn sample(arguments: &Sample, out: &mut dyn Write) -> Result<(), Failure> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(arguments.seed);
    let network = arguments.asked.network()?;
    // Without evidence each variable is drawn given its parents: no tree is needed.
    let mut tree = if arguments.asked.is_empty() {
        arguments.asked.check_no_memory("rows without evidence are drawn without tables")?;
        None
    } else {
        Some(arguments.asked.tree()?)
    };
    let mut draw = || match &mut tree {
        None => Ok(network.sample(&mut rng)),
        Some(tree) => tree.sample(&mut rng),
    };
    let first = draw()?;
    // In quotation marks no name is taken for a delimiter or for the beginning of a file, and none for a blank line.
    let bare = |name: &String| {
        !name.contains([';', '\t'])
            && !name.trim().is_empty()
            && !name.starts_with('\u{feff}')
            && !name.starts_with("sep=")
    };
    let is_bare = |v: &marginal::network::Variable| v.states().iter().chain([&v.name().to_owned()]).all(bare);
    let quoted =
        if network.variables().iter().all(is_bare) { csv::QuoteStyle::Necessary } else { csv::QuoteStyle::Always };
    let mut csv = csv::WriterBuilder::new().quote_style(quoted).from_writer(out);
    csv.write_record(network.variables().iter().map(marginal::network::Variable::name))?;
    csv.write_record(network.names(&first)?)?;
    for _ in 1..arguments.rows {
        csv.write_record(network.names(&draw()?)?)?;
    }
    Ok(csv.flush()?)
}

fn draw(arguments: &Draw, out: &mut dyn Write) -> Result<(), Failure> {
    let Some(path) = &arguments.plot else {
        if !arguments.asked.is_empty() {
            return Err(Failure::because("evidence shows in the posteriors: add --plot FILE.svg to draw them"));
        }
        arguments.asked.check_no_memory("a drawing without posteriors needs no tables")?;
        return Ok(write!(out, "{}", arguments.asked.network()?.to_dot())?);
    };
    let mut tree = arguments.asked.tree()?;
    let svg = tree.posteriors()?.to_svg();
    out.flush()?;
    outputs::write(path, svg.as_bytes())
}
