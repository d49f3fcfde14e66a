//! What a fit found, as tables that statisticians know: one line of criteria, sizes, parameters.

use std::io::{self, Write};

use comfy_table::CellAlignment;
use marginal::components::{Covariance, Label};
use marginal::data::InMemory;
use marginal::distributions::Doubt;
use marginal::em::{Em, Fit, Stopped};
use marginal::io::SavedModel;
use marginal::latent::Climbs;
use marginal::models::KMeans;

use super::grid::{align, counted, dash, decimals, digits, fixed, grid, shortest, trimmed};
use super::{factors, parameters};
use crate::commands::arguments::options::Model;
use crate::commands::arguments::prior::Priors;
use crate::commands::candidate::{Attempt, Candidate};
use crate::commands::ending::advice;
use crate::commands::failure::Failure;
use crate::commands::fitted::Fitted;
use crate::commands::reading::input::Input;
use crate::commands::reading::remedies::Part;

/// One row for each number of components.
pub(crate) fn write_candidates(out: &mut dyn Write, attempts: &[Attempt], best: &Candidate) -> io::Result<()> {
    let rows = attempts.iter().map(|(k, outcome)| match outcome {
        Err(reason) => {
            let mut row = vec![k.to_string()];
            row.extend((0..5).map(|_| "-".to_owned()));
            row.push(reason.clone());
            row
        }
        Ok(fitted) => {
            let fit = &fitted.fit;
            let ended = match fit.stopped {
                stopped if stopped.from_outside() => stopped.to_string(),
                _ if std::ptr::eq(fitted, best) => "smallest BIC".to_owned(),
                Stopped::Converged => String::new(),
                stopped => stopped.to_string(),
            };
            let doubtful = if fit.doubts.is_empty() { "" } else { "doubtful" };
            let note = [doubtful, ended.as_str()].into_iter().filter(|part| !part.is_empty());
            let note = note.collect::<Vec<_>>().join(", ");
            let criteria = [fit.aic(), fit.bic(), fitted.icl].map(|value| value.map_or_else(dash, fixed));
            let [aic, bic, icl] = criteria;
            let df = fit.free_parameters.map_or_else(dash, |p| p.to_string());
            vec![k.to_string(), fixed(fit.log_likelihood), df, aic, bic, icl, note]
        }
    });
    let mut table = grid(["K", "ln L", "df", "AIC", "BIC", "ICL", ""].map(String::from).to_vec(), rows);
    align(&mut table, 6, CellAlignment::Left);
    writeln!(out, "{}\n", trimmed(&table))
}

/// Everything about one fit.
pub(crate) fn write_fit(
    out: &mut dyn Write,
    (model, priors): (&Model, &Priors),
    input: &Input,
    best: &Candidate,
) -> Result<(), Failure> {
    let (fit, names) = (&best.fit, input.table.names());
    let k = fit.parameters.components();
    let prior = if priors.any() { format!(", prior: {priors}") } else { String::new() };
    writeln!(out, "{}{prior}", title(model, k))?;
    write_run(out, fit, input)?;
    let fitted = Fitted::of(&fit.parameters)?;
    let labels = match &best.labels {
        Some(labels) => labels.clone(),
        None => fitted.labels(input).map_err(|e| input.explain(&e))?,
    };
    let sizes = sizes(&labels, input, k);
    match &fitted {
        Fitted::Clusters(_) => write_inertia(out, input, -2.0 * fit.objective)?,
        Fitted::Mixture(mixture) => {
            write_criteria(out, best)?;
            parameters::write_proportions(out, mixture.proportions(), sizes.clone())?;
        }
        Fitted::Chain(chain) => {
            write_criteria(out, best)?;
            parameters::write_chain(out, &**chain, sizes.clone())?;
        }
    }
    match (model, &fit.parameters) {
        (_, SavedModel::KMeans(centroids)) => parameters::write_centres(out, names, centroids, sizes)?,
        (Model::Gmm(gmm), SavedModel::GaussianMixture(mixture)) => {
            parameters::write_normals(out, gmm.covariance, names, mixture.components())?;
        }
        (Model::Hmm(hmm), SavedModel::GaussianHiddenMarkovModel(chain)) => {
            parameters::write_normals(out, hmm.covariance, names, chain.emissions())?;
        }
        (Model::Factors(asked), SavedModel::FactorMixture(mixture)) => {
            factors::write_factors(out, asked, (names, input), mixture.components())?;
        }
        (_, SavedModel::ColumnMixture(mixture)) => parameters::write_columns(out, names, mixture.components())?,
        (_, SavedModel::ColumnHiddenMarkovModel(chain)) => parameters::write_columns(out, names, chain.emissions())?,
        _ => unreachable!("a command fits the model that it names"),
    }
    let named = |doubt: &Doubt| match doubt {
        Doubt::Heywood { column, .. } => {
            doubt.to_string().replacen(&format!("column {column}"), &format!("column {}", names[*column]), 1)
        }
        _ => doubt.to_string(),
    };
    Ok(fit.doubts.iter().try_for_each(|doubt| writeln!(out, "\ndoubtful: {}", named(doubt)))?)
}

fn title(model: &Model, k: usize) -> String {
    let plural = if k == 1 { "" } else { "s" };
    match model {
        Model::Kmeans(_) => format!("K-means with {k} cluster{plural}"),
        Model::Gmm(gmm) => {
            let shape = Covariance::from(gmm.covariance).name();
            let floor =
                if gmm.floor > 0.0 { format!(", eigenvalues ≥ {}", shortest(gmm.floor)) } else { String::new() };
            format!("Gaussian mixture with {k} component{plural}, {shape} covariances{floor}")
        }
        Model::Factors(asked) => factors::title(asked, k),
        Model::Mixture(_) => format!("Mixture with {k} component{plural}, columns independent within each"),
        Model::Hmm(hmm) => {
            let shape = Covariance::from(hmm.covariance).name();
            let emissions = if hmm.family.is_empty() {
                format!("normal emissions with {shape} covariances")
            } else {
                "columns independent within each".into()
            };
            format!("Hidden Markov model with {k} state{plural}, {emissions}")
        }
    }
}

/// The sum of squares, and how much smaller it is than about one centre.
fn write_inertia(out: &mut dyn Write, input: &Input, within: f64) -> Result<(), Failure> {
    let one = Em::default().fit(&KMeans::new(1), input).map_err(|e| input.explain(&e.into()))?;
    let total = -2.0 * one.objective;
    let between = if total > 0.0 { 100.0 * (1.0 - within / total) } else { 0.0 };
    Ok(writeln!(out, "within-cluster sum of squares {} ({} % between)\n", digits(within), decimals(between, 1))?)
}

fn write_run(out: &mut dyn Write, fit: &Fit<SavedModel>, input: &Input) -> io::Result<()> {
    match input.part {
        Part::State => {
            let (rows, sequences) = (input.table.len(), input.sequences.len());
            write!(out, "{} in {}", counted(rows, "row"), counted(sequences, "sequence"))?;
        }
        _ if input.groups.is_some() => {
            write!(out, "{} in {}", counted(input.table.len(), "row"), counted(fit.observations, "group"))?;
        }
        _ => write!(out, "{}", counted(fit.observations, "row"))?,
    }
    if let Some(labels) = &input.labels {
        let known = labels.iter().filter(|label| **label != Label::Unknown).count();
        write!(out, ", {} known", counted(known, "label"))?;
    }
    if let Some(missing) = input.missing {
        write!(out, ", {missing} of {} missing", counted(input.table.rows().values().len(), "cell"))?;
    }
    match input.weighing {
        Some(weighing) => write!(out, "{weighing}")?,
        None if fit.weight != fit.observations as f64 => write!(out, " of total weight {}", shortest(fit.weight))?,
        None => {}
    }
    write!(out, "; {}", fit.summary_of_restarts())?;
    write!(out, ", {}, {}", counted(fit.iterations(), "iteration"), fit.stopped)?;
    writeln!(out, "{}\n", advice(fit.stopped))
}

fn write_criteria(out: &mut dyn Write, fitted: &Candidate) -> io::Result<()> {
    let fit = &fitted.fit;
    let df = fit.free_parameters.map_or_else(dash, |p| p.to_string());
    let criteria = [fit.aic(), fit.bic(), fitted.icl].map(|value| value.map_or_else(dash, fixed));
    let first = [decimals(fit.log_likelihood, 8), shortest(fit.draws), df];
    let row = first.into_iter().chain(criteria).chain(fit.aicc().map(fixed)).collect();
    let names = ["ln L", "n", "df", "AIC", "BIC", "ICL"].into_iter().chain(fit.aicc().map(|_| "AICc"));
    let mut table = grid(names.map(String::from).collect(), [row]);
    align(&mut table, 0, CellAlignment::Right);
    writeln!(out, "{}\n", trimmed(&table))?;
    if fit.climbs == Climbs::Penalised {
        let objective = decimals(fit.objective, 8);
        writeln!(
            out,
            "penalised log-likelihood {objective}: with ln prior, up to a constant, it is what was maximised\n"
        )?;
    }
    Ok(())
}

/// The rows of each component, cluster or state, or what they weigh.
fn sizes(labels: &[usize], input: &Input, k: usize) -> Vec<String> {
    let mut sizes = vec![0.0; k];
    let weight = |n: usize| input.weights().map_or(1.0, |w| w[n]);
    labels.iter().enumerate().for_each(|(n, &label)| sizes[label] += weight(n));
    sizes.iter().map(|size| if size.fract() == 0.0 { shortest(*size) } else { digits(*size) }).collect()
}
