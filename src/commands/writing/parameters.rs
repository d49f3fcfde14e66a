//! The parameters of a fitted model as tables, one column a component.

use std::io::{self, Write};

use marginal::distributions::{Column, Independent, MultivariateNormal};
use marginal::models::Centroids;

use super::grid::{by_column, compared, decimals, digits, grid, heading, labelled, trimmed};
use crate::commands::arguments::covariance_shape::Shape;
use crate::commands::fitted::RowChain;

/// Covariances of more columns than these fill screens; the saved model has them.
const COLUMNS: usize = 12;

/// Sizes and centres.
pub(crate) fn write_centres(
    out: &mut dyn Write,
    names: &[String],
    centroids: &Centroids,
    sizes: Vec<String>,
) -> io::Result<()> {
    let k = centroids.centres().len();
    let centres: Vec<&[f64]> = centroids.centres().iter().collect();
    let rows = std::iter::once(labelled("size", sizes)).chain(by_column(names, &centres));
    writeln!(out, "{}", trimmed(&grid(heading("centre of cluster", k), rows)))
}

/// Proportions and sizes of the components of any mixture.
pub(crate) fn write_proportions(out: &mut dyn Write, proportions: &[f64], sizes: Vec<String>) -> io::Result<()> {
    let shares = proportions.iter().map(|p| decimals(*p, 8)).collect();
    let rows = [labelled("proportion", shares), labelled("size", sizes)];
    writeln!(out, "{}\n", trimmed(&grid(heading("component", proportions.len()), rows)))
}

/// Initial probabilities and sizes of the states of any hidden Markov model, and whither they lead.
pub(crate) fn write_chain(out: &mut dyn Write, chain: &dyn RowChain, sizes: Vec<String>) -> io::Result<()> {
    let cells = |row: &[f64]| row.iter().map(|p| decimals(*p, 8)).collect::<Vec<_>>();
    let k = chain.initial().len();
    let rows = [labelled("first", cells(chain.initial())), labelled("size", sizes)];
    writeln!(out, "{}\n", trimmed(&grid(heading("state", k), rows)))?;
    let rows = chain.transitions().iter().enumerate().map(|(from, row)| labelled(&format!("from {from}"), cells(row)));
    writeln!(out, "{}\n", trimmed(&grid(heading("transition to", k), rows)))
}

/// Means and covariances.
pub(crate) fn write_normals(
    out: &mut dyn Write,
    shape: Shape,
    names: &[String],
    normals: &[MultivariateNormal],
) -> io::Result<()> {
    let k = normals.len();
    let means: Vec<&[f64]> = normals.iter().map(MultivariateNormal::mean).collect();
    writeln!(out, "{}", trimmed(&grid(heading("mean", k), by_column(names, &means))))?;
    if names.len() > COLUMNS {
        return writeln!(out, "\ncovariances of {} columns: see the model that --save writes", names.len());
    }
    let covariances: Vec<Vec<f64>> = normals.iter().map(MultivariateNormal::covariance).collect();
    let d = names.len();
    match shape {
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

/// For each column its family's parameters.
pub(crate) fn write_columns(out: &mut dyn Write, names: &[String], products: &[Independent<Column>]) -> io::Result<()> {
    let k = products.len();
    for (d, name) in names.iter().enumerate() {
        let parts: Vec<Vec<(String, f64)>> = products.iter().map(|c| c.parts()[d].parameters()).collect();
        let row = |p: usize| labelled(&parts[0][p].0, compared(parts.iter().map(|part| part[p].1)));
        let title = format!("{name} ({})", products[0].parts()[d].family());
        let table = grid(heading(&title, k), (0..parts[0].len()).map(row));
        writeln!(out, "{}{}", if d == 0 { "" } else { "\n" }, trimmed(&table))?;
    }
    Ok(())
}
