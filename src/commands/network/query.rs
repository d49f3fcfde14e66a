//! `marginal network query` and `mpe`: posteriors, joint posteriors, and the most probable explanation.

use std::io::Write;

use comfy_table::CellAlignment;
use marginal::network::{Explanation, JunctionTree, Key, Variable};
use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::arguments::{Engine, Mpe, Query};
use crate::commands::arguments::names;
use crate::commands::failure::Failure;
use crate::commands::writing::grid::{align, decimals, digits, grid, labelled, trimmed};

pub(super) fn run(arguments: &Query, out: &mut dyn Write) -> Result<(), Failure> {
    check(arguments)?;
    let network = arguments.asked.network()?;
    // Names are looked up before anything is computed.
    let named = names::all(&arguments.target);
    let targets = named.iter().map(|name| name.variable(&network)).collect::<Result<Vec<_>, _>>()?;
    let all: Vec<usize> = (0..network.variables().len()).collect();
    let targets = if targets.is_empty() { all } else { targets };
    if let Some(twice) = (1..targets.len()).find(|&n| targets[..n].contains(&targets[n])) {
        return Err(Failure::Because(format!("`{}` is asked for twice: once is enough", named[twice])));
    }
    if arguments.joint {
        return joint(&mut arguments.asked.tree()?, &targets, arguments.json, out);
    }
    let answer = Answer::of(arguments, &targets)?;
    let variables = || targets.iter().map(|&v| &network.variables()[v]);
    if arguments.json {
        let states = |tables: &[Vec<f64>]| {
            let of = |(variable, p): (&Variable, &Vec<f64>)| {
                let states = variable.states().iter().cloned().zip(p.iter().map(|p| json!(p)));
                (variable.name().to_owned(), Value::Object(states.collect()))
            };
            Value::Object(variables().zip(tables).map(of).collect())
        };
        let mut value = json!({ "log_evidence": answer.log_evidence + 0.0, "posteriors": states(&answer.posteriors) });
        if let Some(approximation) = &answer.approximation {
            value["approximation"] = approximation.clone();
        }
        if let Some(errors) = &answer.errors {
            value["standard_errors"] = states(errors);
        }
        return Ok(writeln!(out, "{value:#}")?);
    }
    if let Some(said) = &answer.said {
        writeln!(out, "{said}")?;
    }
    let error = answer.log_evidence_error.map_or_else(String::new, |error| format!(" ± {}", digits(error)));
    writeln!(out, "ln p(evidence) {}{error}\n", digits(answer.log_evidence))?;
    let rows = variables().enumerate().flat_map(|(number, variable)| {
        let answer = &answer;
        variable.states().iter().enumerate().map(move |(state, of_state)| {
            let name = if state == 0 { variable.name().to_owned() } else { String::new() };
            let p = decimals(answer.posteriors[number][state], 8);
            let error = answer.errors.as_ref().map(|errors| format!("{:.1e}", errors[number][state]));
            [name, of_state.clone(), p].into_iter().chain(error).collect()
        })
    });
    let header = ["variable", "state", "p"].into_iter().chain(answer.errors.as_ref().map(|_| "standard error"));
    let mut table = grid(header.map(String::from).collect(), rows);
    align(&mut table, 1, CellAlignment::Left);
    Ok(writeln!(out, "{}", trimmed(&table))?)
}

/// Refuses options that would have no effect.
fn check(arguments: &Query) -> Result<(), Failure> {
    let engine = arguments.engine;
    if arguments.joint && arguments.target.is_empty() && !arguments.all {
        return Err(Failure::Usage("--joint needs the variables of the table: --target <NAMES>, or --all".into()));
    }
    if arguments.joint && engine != Engine::Exact {
        return Err(Failure::because("--joint is found by --engine exact alone"));
    }
    if engine != Engine::LikelihoodWeighting && (arguments.draws.is_some() || arguments.seed.is_some()) {
        return Err(Failure::because("--draws and --seed are for --engine likelihood-weighting"));
    }
    if engine != Engine::BeliefPropagation && arguments.iterations.is_some() {
        return Err(Failure::because("--iterations is for --engine belief-propagation"));
    }
    if engine == Engine::Exact { Ok(()) } else { arguments.asked.check_no_memory("only --engine exact makes tables") }
}

/// One row for each joint state, the first target the slowest.
fn joint(tree: &mut JunctionTree, targets: &[usize], as_json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let joint = tree.joint(targets)?;
    let log_evidence = tree.log_evidence() + 0.0;
    let variables: Vec<&Variable> = targets.iter().map(|&v| &tree.network().variables()[v]).collect();
    let names = |cell: usize| {
        let (mut rest, mut names) = (cell, Vec::new());
        for variable in variables.iter().rev() {
            names.push(variable.states()[rest % variable.states().len()].clone());
            rest /= variable.states().len();
        }
        names.reverse();
        names
    };
    let header: Vec<String> = variables.iter().map(|variable| variable.name().to_owned()).collect();
    let cells = joint.probabilities().iter().enumerate();
    if as_json {
        let cells: Vec<Value> = cells.map(|(cell, p)| json!({ "states": names(cell), "p": p })).collect();
        let value = json!({ "log_evidence": log_evidence, "variables": header, "joint": cells });
        return Ok(writeln!(out, "{value:#}")?);
    }
    writeln!(out, "ln p(evidence) {}\n", digits(log_evidence))?;
    let rows = cells.map(|(cell, p)| names(cell).into_iter().chain([decimals(*p, 8)]).collect());
    let mut table = grid(header.into_iter().chain(["p".to_owned()]).collect(), rows);
    (0..variables.len()).for_each(|column| align(&mut table, column, CellAlignment::Left));
    Ok(writeln!(out, "{}", trimmed(&table))?)
}

/// One column for each explanation.
pub(super) fn explain(arguments: &Mpe, out: &mut dyn Write) -> Result<(), Failure> {
    let mut tree = arguments.asked.tree()?;
    let best = tree.explanations(arguments.count)?;
    let log_evidence = tree.log_evidence();
    let network = tree.network();
    let states = best.iter().map(|one| network.names(&one.states)).collect::<Result<Vec<_>, _>>()?;
    let names = || network.variables().iter().map(|variable| variable.name().to_owned());
    if arguments.json {
        let explanation = |(one, states): (&Explanation, &Vec<&str>)| {
            let states: Map<String, Value> = names().zip(states.iter().map(|state| json!(state))).collect();
            json!({ "log_joint": one.log_joint, "log_posterior": one.log_joint - log_evidence, "states": states })
        };
        let explanations: Vec<Value> = best.iter().zip(&states).map(explanation).collect();
        let value = json!({ "log_evidence": log_evidence, "explanations": explanations });
        return Ok(writeln!(out, "{value:#}")?);
    }
    let all = |label: &str, of: &dyn Fn(&Explanation) -> f64| {
        labelled(label, best.iter().map(|one| digits(of(one))).collect())
    };
    let logs = [
        all("ln p(states, evidence)", &|one| one.log_joint),
        all("ln p(states | evidence)", &|one| one.log_joint - log_evidence),
    ];
    let rows = names().enumerate().map(|(v, name)| labelled(&name, states.iter().map(|of| of[v].to_owned()).collect()));
    let header = labelled("", (1..=best.len()).map(|number| number.to_string()).collect());
    let table = grid(header, logs.into_iter().chain(rows));
    Ok(writeln!(out, "{}", trimmed(&table))?)
}
