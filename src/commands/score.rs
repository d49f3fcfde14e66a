//! `marginal score`: ln p of a file under a fitted model, or of each of its rows or sequences.

use std::io::Write;

use marginal::data::InMemory;
use marginal::io::ModelFile;
use marginal::latent::Evidence;

use super::failure::Failure;
use super::fitted::{Fitted, RowChain, RowMixture};
use crate::commands::arguments::uses::Score;
use crate::commands::reading::beside::Beside;
use crate::commands::reading::input::Input;
use crate::commands::reading::remedies::Part;
use crate::commands::writing::grid::shortest;

pub(super) fn run(arguments: &Score, out: &mut dyn Write) -> Result<(), Failure> {
    let file = ModelFile::load(&arguments.model)?;
    let (weights, sequence) = (arguments.weights.column.as_deref(), arguments.sequence.column.as_deref());
    let header = arguments.header.is_there;
    let missing = arguments.cells.allowed();
    let beside = Beside { weights, sequence, header, missing: missing.as_ref(), ..Beside::default() };
    let mut input = Input::for_model(&arguments.file, &file, beside)?;
    // The sum of squares about centres needs no N.
    if arguments.weights.weights_are.is_some() || input.part != Part::Cluster {
        input.weigh(arguments.weights.weights_are)?;
    }
    let mut csv = csv::Writer::from_writer(out);
    match Fitted::of(&file.model)? {
        Fitted::Clusters(_) if arguments.per_row => {
            return Err(Failure::because("K-means has no density: leave --per-row out to get the sum of squares"));
        }
        Fitted::Chain(_) if arguments.per_row => {
            return Err(Failure::because("the rows of a sequence have a density together: use --per-sequence"));
        }
        Fitted::Clusters(_) | Fitted::Mixture(_) if arguments.per_sequence => {
            return Err(Failure::because("only a hidden Markov model knows sequences: leave --per-sequence out"));
        }
        Fitted::Clusters(centroids) => {
            let inertia = centroids.inertia(&input).map_err(|e| input.explain(&e))?;
            csv.write_record(["rows", "sum_of_squares"])?;
            csv.write_record([input.table.len().to_string(), shortest(inertia)])?;
        }
        Fitted::Mixture(mixture) => score_rows(&*mixture, &input, arguments.per_row, &mut csv)?,
        Fitted::Chain(chain) => score_sequences(&*chain, &input, arguments.per_sequence, &mut csv)?,
    }
    Ok(csv.flush()?)
}

fn score_rows<W: Write>(
    mixture: &dyn RowMixture,
    input: &Input,
    each: bool,
    csv: &mut csv::Writer<W>,
) -> Result<(), Failure> {
    let log_densities = mixture.log_densities(input).map_err(|e| input.explain(&e))?;
    if each {
        csv.write_record(["log_density"])?;
        return Ok(log_densities.iter().try_for_each(|l| csv.write_record([shortest(*l)]))?);
    }
    let rows = input.table.len();
    let weights: Option<&[f64]> = input.weights();
    let weight = |n: usize| weights.map_or(1.0, |w| w[n]);
    let terms = log_densities.iter().enumerate().filter(|(n, _)| weight(*n) > 0.0);
    let total = sum(terms.map(|(n, l)| (weight(n), *l)));
    let mass = weights.map_or(rows as f64, |w| w.iter().sum());
    csv.write_record(["rows", "log_likelihood", "mean_log_density"])?;
    Ok(csv.write_record([rows.to_string(), shortest(total), shortest(total / mass)])?)
}

/// The mean log-density is that of a row, as elsewhere.
fn score_sequences<W: Write>(
    chain: &dyn RowChain,
    input: &Input,
    each: bool,
    csv: &mut csv::Writer<W>,
) -> Result<(), Failure> {
    let log_densities = chain.log_densities(input).map_err(|e| input.explain(&e))?;
    let score = |rows: usize, l: f64| [rows.to_string(), shortest(l), shortest(l / rows as f64)];
    if each {
        csv.write_record(["sequence", "rows", "log_likelihood", "mean_log_density"])?;
        let sequences = input.sequences.names().iter().zip(input.sequences.ranges());
        for ((name, rows), l) in sequences.zip(log_densities) {
            let [rows, total, mean] = score(rows.len(), l);
            csv.write_record([name.clone(), rows, total, mean])?;
        }
        return Ok(());
    }
    csv.write_record(["rows", "log_likelihood", "mean_log_density"])?;
    Ok(csv.write_record(score(input.table.len(), sum(log_densities.into_iter().map(|l| (1.0, l)))))?)
}

/// Σ w ln p, as a fit sums it.
fn sum(terms: impl Iterator<Item = (f64, f64)>) -> f64 {
    let mut evidence = Evidence::default();
    terms.for_each(|(weight, log_density)| evidence.add(weight, log_density));
    evidence.value()
}
