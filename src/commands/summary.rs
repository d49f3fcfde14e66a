//! What a fit found, as tables that statisticians know: one line of criteria, sizes, means, covariances.

use std::io::{self, Write};

use comfy_table::{CellAlignment, Table, presets};
use marginal::data::InMemory;
use marginal::distributions::MultivariateNormal;
use marginal::em::{Em, Fit, Restart, Stopped};
use marginal::io::SavedModel;
use marginal::models::{KMeans, Mixture};

use super::arguments::{Gmm, Model, Shape};
use super::failure::Failure;
use super::fit::{Candidate, Fitted};
use super::input::Input;

/// Covariances of more columns than these fill screens; the saved model has them.
const COLUMNS: usize = 12;

/// One row for each number of components.
pub(super) fn write_candidates(out: &mut dyn Write, candidates: &[Candidate], best: &Fitted) -> io::Result<()> {
    let rows = candidates.iter().map(|(k, outcome)| match outcome {
        Err(reason) => {
            let mut row = vec![k.to_string()];
            row.extend((0..5).map(|_| "-".to_owned()));
            row.push(reason.clone());
            row
        }
        Ok(fitted) => {
            let fit = &fitted.fit;
            let note = match fit.stopped {
                _ if std::ptr::eq(fitted, best) => "smallest BIC".to_owned(),
                Stopped::Converged => String::new(),
                stopped => stopped.to_string(),
            };
            let criteria = [fit.aic(), fit.bic(), fitted.icl].map(|value| value.map_or_else(dash, fixed));
            let [aic, bic, icl] = criteria;
            let df = fit.free_parameters.map_or_else(dash, |p| p.to_string());
            vec![k.to_string(), fixed(fit.log_likelihood), df, aic, bic, icl, note]
        }
    });
    let mut table = grid(["K", "ln L", "df", "AIC", "BIC", "ICL", ""].map(String::from).to_vec(), rows);
    left(&mut table, 6);
    writeln!(out, "{}\n", trimmed(&table))
}

/// Everything about one fit.
pub(super) fn write_fit<D>(
    out: &mut dyn Write,
    model: &Model,
    input: &Input,
    data: &D,
    fitted: &Fitted,
) -> Result<(), Failure>
where
    D: InMemory<[f64]> + Sync,
{
    let fit = &fitted.fit;
    let k = fit.parameters.components();
    let plural = if k == 1 { "" } else { "s" };
    match (model, &fit.parameters) {
        (Model::Gmm(gmm), SavedModel::GaussianMixture(mixture)) => {
            let shape = shape_name(gmm.covariance);
            writeln!(out, "Gaussian mixture with {k} component{plural}, {shape} covariances{}", remedies(gmm))?;
            write_run(out, fit)?;
            write_criteria(out, fitted)?;
            write_mixture(out, gmm, input.table.names(), mixture, &fitted.labels)?;
        }
        (_, SavedModel::KMeans(centroids)) => {
            writeln!(out, "K-means with {k} cluster{plural}")?;
            write_run(out, fit)?;
            let within = -2.0 * fit.objective;
            let one = Em::default().fit(&KMeans::new(1), data).map_err(|e| input.explain(&e.into()))?;
            let total = -2.0 * one.objective;
            let between = if total > 0.0 { 100.0 * (1.0 - within / total) } else { 0.0 };
            writeln!(out, "within-cluster sum of squares {} ({between:.1} % between)\n", digits(within))?;
            let sizes = sizes(&fitted.labels, k).into_iter().map(|size| size.to_string()).collect();
            let centres: Vec<&[f64]> = centroids.centres().iter().collect();
            let rows = std::iter::once(labelled("size", sizes)).chain(by_column(input.table.names(), &centres));
            writeln!(out, "{}", trimmed(&grid(heading("centre of cluster", k), rows)))?;
        }
        _ => unreachable!("a command fits the model that it names"),
    }
    Ok(())
}

fn write_run(out: &mut dyn Write, fit: &Fit<SavedModel>) -> io::Result<()> {
    let failed = fit.restarts.iter().filter(|run| matches!(run, Restart::Failed { .. })).count();
    let starts = fit.restarts.len();
    write!(out, "{} rows", fit.observations)?;
    if fit.weight != fit.observations as f64 {
        write!(out, " of total weight {}", fit.weight)?;
    }
    write!(out, "; best of {starts} start{}", if starts == 1 { "" } else { "s" })?;
    if failed > 0 {
        write!(out, " ({failed} degenerate)")?;
    }
    write!(out, ", {} iterations, {}", fit.iterations(), fit.stopped)?;
    writeln!(out, "{}\n", if fit.stopped == Stopped::IterationLimit { " (raise --max-iterations)" } else { "" })
}

fn write_criteria(out: &mut dyn Write, fitted: &Fitted) -> io::Result<()> {
    let fit = &fitted.fit;
    let df = fit.free_parameters.map_or_else(dash, |p| p.to_string());
    let [aic, bic, icl] = [fit.aic(), fit.bic(), fitted.icl].map(|value| value.map_or_else(dash, fixed));
    let row = vec![format!("{:.8}", fit.log_likelihood), fit.observations.to_string(), df, aic, bic, icl];
    let mut table = grid(["ln L", "n", "df", "AIC", "BIC", "ICL"].map(String::from).to_vec(), [row]);
    if let Some(column) = table.column_mut(0) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    writeln!(out, "{}\n", trimmed(&table))
}

fn write_mixture(
    out: &mut dyn Write,
    gmm: &Gmm,
    names: &[String],
    mixture: &Mixture<MultivariateNormal>,
    labels: &[usize],
) -> io::Result<()> {
    let k = mixture.components().len();
    let proportions = mixture.proportions().iter().map(|p| format!("{p:.8}")).collect();
    let sizes = sizes(labels, k).into_iter().map(|size| size.to_string()).collect();
    let rows = [labelled("proportion", proportions), labelled("size", sizes)];
    writeln!(out, "{}\n", trimmed(&grid(heading("component", k), rows)))?;
    let means: Vec<&[f64]> = mixture.components().iter().map(MultivariateNormal::mean).collect();
    writeln!(out, "{}", trimmed(&grid(heading("mean", k), by_column(names, &means))))?;
    if names.len() > COLUMNS {
        return writeln!(out, "\ncovariances of {} columns: see the model that --save writes", names.len());
    }
    let covariances: Vec<Vec<f64>> = mixture.components().iter().map(MultivariateNormal::covariance).collect();
    let d = names.len();
    match gmm.covariance {
        Shape::Full => {
            for (k, covariance) in covariances.iter().enumerate() {
                write_matrix(out, &format!("covariance {k}"), names, covariance)?;
            }
            Ok(())
        }
        Shape::Tied => write_matrix(out, "covariance of all", names, &covariances[0]),
        Shape::Diagonal | Shape::Spherical => {
            let variances: Vec<Vec<f64>> =
                covariances.iter().map(|c| c.iter().step_by(d + 1).copied().collect()).collect();
            let variances: Vec<&[f64]> = variances.iter().map(Vec::as_slice).collect();
            writeln!(out, "\n{}", trimmed(&grid(heading("variance", k), by_column(names, &variances))))
        }
    }
}

fn write_matrix(out: &mut dyn Write, title: &str, names: &[String], matrix: &[f64]) -> io::Result<()> {
    let header = std::iter::once(title.to_owned()).chain(names.iter().cloned()).collect();
    let rows = names.iter().zip(matrix.chunks(names.len()));
    let rows = rows.map(|(name, row)| labelled(name, row.iter().copied().map(digits).collect()));
    writeln!(out, "\n{}", trimmed(&grid(header, rows)))
}

/// A row for each column of the data, with a value for each component.
fn by_column(names: &[String], vectors: &[&[f64]]) -> impl Iterator<Item = Vec<String>> {
    names.iter().enumerate().map(|(d, name)| labelled(name, vectors.iter().map(|v| digits(v[d])).collect()))
}

fn labelled(label: &str, mut cells: Vec<String>) -> Vec<String> {
    cells.insert(0, label.to_owned());
    cells
}

fn heading(title: &str, k: usize) -> Vec<String> {
    labelled(title, (0..k).map(|k| k.to_string()).collect())
}

fn sizes(labels: &[usize], k: usize) -> Vec<usize> {
    let mut sizes = vec![0; k];
    labels.iter().for_each(|&label| sizes[label] += 1);
    sizes
}

fn shape_name(shape: Shape) -> &'static str {
    match shape {
        Shape::Full => "full",
        Shape::Tied => "tied",
        Shape::Diagonal => "diagonal",
        Shape::Spherical => "spherical",
    }
}

fn remedies(gmm: &Gmm) -> String {
    let floor = if gmm.floor > 0.0 { format!(", eigenvalues ≥ {}", gmm.floor) } else { String::new() };
    format!("{floor}{}", if gmm.prior { ", weak inverse-Wishart prior" } else { "" })
}

/// A table without lines: the first column to the left, the others to the right.
fn grid(header: Vec<String>, rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header).add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn left(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_cell_alignment(CellAlignment::Left);
    }
}

/// The table without blanks at the ends of its lines.
fn trimmed(table: &Table) -> String {
    table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn dash() -> String {
    "-".into()
}

fn fixed(x: f64) -> String {
    format!("{x:.4}")
}

/// Eight significant digits.
fn digits(x: f64) -> String {
    let exponent = if x == 0.0 { 0 } else { x.abs().log10().floor() as i32 };
    if (-4..9).contains(&exponent) { format!("{x:.*}", (7 - exponent).max(0) as usize) } else { format!("{x:.7e}") }
}
