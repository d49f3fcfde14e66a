//! How sure a fit is, as tables: parameters with their standard errors, and the scores of held-out rows.

use std::io::{self, Write};

use comfy_table::CellAlignment;
use marginal::uncertainty::{Bootstrap, CrossValidation, Interval, StandardErrors, UncertaintyError};
use serde_json::{Value, json};

use super::grid::{align, dash, decimals, digits, grid, shortest, trimmed};
use crate::commands::reading::remedies::Part;

/// Parameters with their spread, whichever way it was found.
pub(crate) struct Estimates {
    lines: Vec<Line>,
    fractions_missing: Vec<f64>,
    remarks: Vec<String>,
}

struct Line {
    name: String,
    value: f64,
    spread: Option<(f64, Interval)>,
}

impl Estimates {
    pub(crate) fn of_errors<P>(found: &StandardErrors<P>, confidence: f64) -> Result<Self, UncertaintyError> {
        let line = |p: &marginal::uncertainty::Uncertain| {
            let spread = p.standard_error.zip(p.interval(confidence)?);
            Ok(Line { name: p.name.clone(), value: p.value, spread })
        };
        let lines = found.parameters().iter().map(line).collect::<Result<_, marginal::Error>>()?;
        let fractions_missing = found.information().fractions_missing().to_vec();
        Ok(Self { lines, fractions_missing, remarks: found.remarks() })
    }

    pub(crate) fn of_bootstrap<P>(found: &Bootstrap<P>, confidence: f64) -> Result<Self, UncertaintyError> {
        let line = |p: &marginal::uncertainty::Resampled| {
            let spread = Some((p.standard_error, p.interval(confidence)?));
            Ok(Line { name: p.name.clone(), value: p.value, spread })
        };
        let lines = found.parameters().iter().map(line).collect::<Result<_, marginal::Error>>()?;
        Ok(Self { lines, fractions_missing: Vec::new(), remarks: vec![found.summary()] })
    }

    pub(crate) fn json(&self) -> Value {
        let line = |line: &Line| match line.spread {
            Some((error, Interval { lower, upper })) => json!({
                "name": line.name, "value": line.value, "standard_error": error, "lower": lower, "upper": upper,
            }),
            None => json!({ "name": line.name, "value": line.value, "standard_error": null }),
        };
        let mut all = json!({ "parameters": self.lines.iter().map(line).collect::<Vec<_>>(), "remarks": self.remarks });
        if !self.fractions_missing.is_empty() {
            all["fractions_of_missing_information"] = json!(self.fractions_missing);
        }
        all
    }
}

/// One row a parameter, then the remarks.
pub(crate) fn write_estimates(out: &mut dyn Write, name: &str, confidence: f64, of: &Estimates) -> io::Result<()> {
    let percent = shortest((1e4 * confidence).round() / 100.0);
    let header = ["parameter", "estimate", "std. error", &format!("{percent} % from"), "to"].map(String::from);
    let rows = of.lines.iter().map(|line| match line.spread {
        Some((error, Interval { lower, upper })) => {
            vec![line.name.clone(), digits(line.value), digits(error), digits(lower), digits(upper)]
        }
        None => vec![line.name.clone(), digits(line.value), "held".into(), dash(), dash()],
    });
    writeln!(out, "\n{name}\n{}", trimmed(&grid(header.to_vec(), rows)))?;
    if let Some(largest) = of.fractions_missing.first() {
        writeln!(out, "largest fraction of missing information {}", decimals(*largest, 4))?;
    }
    of.remarks.iter().try_for_each(|remark| writeln!(out, "{remark}"))
}

/// One row for each number of components.
pub(crate) fn write_scores(
    out: &mut dyn Write,
    part: Part,
    folds: usize,
    scores: &[(usize, Result<CrossValidation, String>)],
    simplest: Option<usize>,
) -> io::Result<()> {
    let best = scores.iter().filter_map(|(k, score)| Some((*k, score.as_ref().ok()?.mean())));
    let best = best.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(k, _)| k);
    let rows = scores.iter().map(|(k, score)| match score {
        Err(reason) => vec![k.to_string(), dash(), dash(), reason.clone()],
        Ok(score) => {
            let notes = [(best, "largest"), (simplest, "one-standard-error rule")];
            let notes = notes.iter().filter(|(of, _)| *of == Some(*k)).map(|(_, note)| *note).collect::<Vec<_>>();
            vec![k.to_string(), decimals(score.mean(), 6), decimals(score.standard_error(), 6), notes.join(", ")]
        }
    });
    let mut table = grid(["K", "ln p a draw", "std. error", ""].map(String::from).to_vec(), rows);
    align(&mut table, 3, CellAlignment::Left);
    let held = if part == Part::State { "held-out sequences" } else { "held-out rows" };
    writeln!(out, "\n{held}, {folds} folds\n{}", trimmed(&table))
}
