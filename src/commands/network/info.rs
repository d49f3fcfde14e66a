//! `marginal network info`: sizes, the cost of exact inference, and rows that were rounded.

use std::io::Write;

use marginal::graph::DirectedGraph;
use marginal::network::Variable;
use serde_json::json;

use super::arguments::Info;
use crate::commands::failure::Failure;
use crate::commands::writing::grid::{counted, grid, trimmed};

/// A sum that misses one by less than this was not rounded but computed.
const ROUND_OFF: f64 = 1e-12;

fn counted_entries(entries: usize) -> String {
    if entries == 1 { "1 entry".into() } else { format!("{entries} entries") }
}

pub(super) fn run(arguments: &Info, out: &mut dyn Write) -> Result<(), Failure> {
    let network = arguments.rounded.read(&arguments.file)?;
    let plan = network.plan();
    let variables = network.variables();
    let arcs: usize = variables.iter().map(|variable| variable.parents().len()).sum();
    let most_parents = variables.iter().map(|variable| variable.parents().len()).max().unwrap_or(0);
    let most_states = variables.iter().map(|variable| variable.states().len()).max().unwrap_or(0);
    let entries: usize = variables.iter().map(|variable| variable.entries().len()).sum();
    let zeros = variables.iter().flat_map(Variable::entries).filter(|p| **p == 0.0).count();
    let rounded: Vec<(&str, f64)> = variables
        .iter()
        .map(|variable| (variable.name(), variable.rounding()))
        .filter(|(_, rounding)| *rounding > ROUND_OFF)
        .collect();
    if arguments.json {
        let value = json!({
            "name": network.label(),
            "variables": network.len(),
            "arcs": arcs,
            "free_parameters": network.free_parameters(),
            "entries": entries,
            "zeros": zeros,
            "most_parents": most_parents,
            "most_states": most_states,
            "width": plan.width(),
            "cliques": plan.cliques(),
            "cells": plan.cells(),
            "largest_clique": plan.largest(),
            "bytes": plan.bytes(),
            "rounded": rounded.iter().map(|(name, by)| ((*name).to_owned(), json!(by)))
                .collect::<serde_json::Map<_, _>>(),
        });
        return Ok(writeln!(out, "{value:#}")?);
    }
    writeln!(out, "network {}: {}, {}", network.label(), counted(network.len(), "variable"), counted(arcs, "arc"))?;
    let free = counted(network.free_parameters(), "free parameter");
    writeln!(out, "{free}; {}, {zeros} of them 0", counted_entries(entries))?;
    writeln!(out, "at most {} a variable, {}", counted(most_states, "state"), counted(most_parents, "parent"))?;
    writeln!(out, "{plan}")?;
    if !rounded.is_empty() {
        writeln!(out, "\nRows that do not sum to 1 as printed; each is divided by its sum:\n")?;
        let rows = rounded.into_iter().map(|(name, by)| vec![name.to_owned(), format!("{by:.1e}")]);
        writeln!(out, "{}", trimmed(&grid(vec!["variable".into(), "largest |sum − 1|".into()], rows)))?;
    }
    Ok(())
}
