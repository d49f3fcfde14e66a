//! Factors as tables: the loadings of standardised columns, as `factanal` prints them.

use std::io::{self, Write};

use marginal::distributions::LowRankNormal;

use super::grid::{by_column, counted, decimals, digits, grid, heading, labelled, shortest, trimmed};
use crate::commands::arguments::factors::{Factors, Noise, Shared};
use crate::commands::reading::input::Input;
use crate::commands::under_priors::scatter;

pub(crate) fn title(asked: &Factors, k: usize) -> String {
    let what = match asked.noise {
        Noise::Diagonal => "Factor analysis",
        Noise::Isotropic => "Probabilistic principal components",
    };
    let factors = counted(asked.factors, "factor");
    let shared = match asked.share {
        Shared::Loadings if k > 1 => ", the same loadings",
        Shared::Noise if k > 1 => ", the same noise",
        Shared::Both if k > 1 => ", the same loadings and noise",
        _ => "",
    };
    let of_mixture = if k > 1 { format!(", {}{shared}", counted(k, "component")) } else { String::new() };
    format!("{what} with {factors}{of_mixture}, no noise below {} of a column's variance", shortest(asked.floor))
}

/// Means; for each component loadings, uniquenesses and shares of the variance; of one component the test of the number of
/// factors.
pub(crate) fn write_factors(
    out: &mut dyn Write,
    asked: &Factors,
    (names, input): (&[String], &Input),
    members: &[LowRankNormal],
) -> io::Result<()> {
    let means: Vec<&[f64]> = members.iter().map(LowRankNormal::mean).collect();
    writeln!(out, "{}", trimmed(&grid(heading("mean", members.len()), by_column(names, &means))))?;
    let turned = if asked.varimax() { ", varimax" } else { "" };
    for (k, member) in members.iter().enumerate() {
        let of_component = if members.len() > 1 { format!(" of component {k}") } else { String::new() };
        let factors = (0..member.factors()).map(|k| format!("factor {k}"));
        let header = std::iter::once(format!("loadings{of_component}")).chain(factors);
        let header = header.chain(["uniqueness", "noise"].map(String::from)).collect();
        let standardised = member.standardised_loadings();
        let rows = standardised.chunks_exact(member.factors()).zip(member.uniquenesses()).zip(member.noise());
        let cells = |((row, unique), noise): ((&[f64], f64), &f64)| {
            let shares = row.iter().copied().chain([unique]).map(|l| decimals(l, 4));
            shares.chain([digits(*noise)]).collect::<Vec<String>>()
        };
        let rows = names.iter().zip(rows).map(|(name, row)| labelled(name, cells(row)));
        let shares = member.shares_of_variance();
        let rest = 1.0 - shares.iter().sum::<f64>();
        let shares = shares.into_iter().chain([rest]).map(|share| decimals(share, 4)).chain([String::new()]);
        let rows = rows.chain([labelled("share of variance", shares.collect())]);
        writeln!(out, "\n{}", trimmed(&grid(header, rows)))?;
    }
    writeln!(out, "\nloadings are of columns of variance 1{turned}; the saved model has those in the columns' units")?;
    if let ([member], None) = (members, &input.weighing)
        && let Ok(test) = member.goodness_of_fit(&scatter(input))
    {
        let (statistic, p) = (decimals(test.statistic, 4), decimals(test.p_value, 4));
        let (factors, freedom) = (counted(asked.factors, "factor"), counted(test.degrees_of_freedom, "degree"));
        writeln!(out, "χ² of {factors} against any covariance {statistic} on {freedom} of freedom, p = {p}")?;
    }
    Ok(())
}
