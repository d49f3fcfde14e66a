//! A network as text: rows by the states of the parents, numbers with the fewest digits that are read back the same.

use std::borrow::Cow;
use std::fmt::Write;

use crate::network::{Network, Variable};

use super::lexer::is_mark;
use super::parser::property_text;

/// Words that begin a statement, which a name must not be taken for.
const KEYWORDS: [&str; 8] = ["network", "variable", "probability", "property", "type", "discrete", "table", "default"];

pub(crate) fn text(network: &Network) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "network {} {{", name(network.label()));
    network.properties().iter().for_each(|property| {
        let _ = writeln!(text, "  property {};", property_as_written(property));
    });
    text.push_str("}\n");
    for variable in network.variables() {
        let states: Vec<_> = variable.states().iter().map(|state| name(state)).collect();
        let _ = writeln!(text, "variable {} {{", name(variable.name()));
        let _ = writeln!(text, "  type discrete [ {} ] {{ {} }};", states.len(), states.join(", "));
        variable.properties().iter().for_each(|property| {
            let _ = writeln!(text, "  property {};", property_as_written(property));
        });
        text.push_str("}\n");
    }
    network.variables().iter().for_each(|variable| probability(network, variable, &mut text));
    text
}

/// With parents a row a line, the first parent the fastest.
fn probability(network: &Network, variable: &Variable, text: &mut String) {
    let states = variable.states().len();
    let parents: Vec<&Variable> = variable.parents().iter().map(|&parent| &network.variables()[parent]).collect();
    if parents.is_empty() {
        let _ = writeln!(text, "probability ( {} ) {{", name(variable.name()));
        let _ = writeln!(text, "  table {};\n}}", numbers(variable.entries()));
        return;
    }
    let names: Vec<_> = parents.iter().map(|parent| name(parent.name())).collect();
    let _ = writeln!(text, "probability ( {} | {} ) {{", name(variable.name()), names.join(", "));
    for row in 0..variable.entries().len() / states {
        let (mut rest, mut at, mut given) = (row, 0, Vec::new());
        let mut stride: usize = variable.entries().len() / states;
        for parent in &parents {
            let count = parent.states().len();
            stride /= count;
            at += rest % count * stride;
            given.push(name(&parent.states()[rest % count]));
            rest /= count;
        }
        let row = &variable.entries()[at * states..(at + 1) * states];
        let _ = writeln!(text, "  ({}) {};", given.join(", "), numbers(row));
    }
    text.push_str("}\n");
}

fn numbers(row: &[f64]) -> String {
    // Debug writes 1.0, and an exponent for what is small.
    row.iter().map(|p| format!("{p:?}")).collect::<Vec<_>>().join(", ")
}

/// As it is where that is one word, else in quotation marks.
fn name(name: &str) -> Cow<'_, str> {
    let plain = |c: char| !c.is_whitespace() && (!is_mark(c) || matches!(c, '[' | ']')) && c != '"';
    let comment = name.starts_with("//") || name.ends_with("//") || name.contains("/*");
    let word = !name.is_empty() && name.chars().all(plain) && !comment;
    if word && !KEYWORDS.contains(&name) { name.into() } else { quoted(name).into() }
}

/// As it is where it is read back so, else in quotation marks.
fn property_as_written(property: &str) -> Cow<'_, str> {
    if property_text(property).as_deref() == Some(property) { property.into() } else { quoted(property).into() }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
