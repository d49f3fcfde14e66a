//! `--family`: one family for all columns, one for each in their order, or one for each by name.

use marginal::distributions::Column;

use super::names::{List, assignments, quoted};
use crate::commands::writing::grid::{counted, listed};

/// A family, and the column that it is for if it was named.
#[derive(Clone, Debug)]
pub(crate) struct Family {
    column: Option<String>,
    family: Column,
}

/// `poisson`, or `count=poisson`, with commas between.
pub(crate) fn families(text: &str) -> Result<List<Family>, String> {
    let family = |(column, name): (Option<String>, String)| {
        let family = name.parse().map_err(|e: marginal::Error| e.to_string())?;
        Ok(Family { column, family })
    };
    Ok(List(assignments(text)?.into_iter().map(family).collect::<Result<_, String>>()?))
}

/// The columns that are named, if there are families and all of them name one.
pub(crate) fn columns(families: &[Family]) -> Option<Vec<String>> {
    let names: Option<Vec<String>> = families.iter().map(|family| family.column.clone()).collect();
    names.filter(|names| !names.is_empty())
}

/// The family of each of these columns.
pub(crate) fn resolve(families: &[Family], names: &[String]) -> Result<Vec<Column>, String> {
    if families.iter().all(|family| family.column.is_none()) {
        return match families {
            [all] => Ok(vec![all.family.clone(); names.len()]),
            each if each.len() == names.len() => Ok(each.iter().map(|family| family.family.clone()).collect()),
            _ => Err(format!(
                "{} families for {}{}: name one for all, one for each, or COLUMN=FAMILY",
                families.len(),
                counted(names.len(), "column"),
                format_args!(" ({})", listed(names))
            )),
        };
    }
    if let Some(stray) = families.iter().find(|family| family.column.as_ref().is_none_or(|c| !names.contains(c))) {
        return Err(match &stray.column {
            None => format!("{} is for no column: write COLUMN={0}", stray.family.family()),
            Some(column) => format!("--family names `{column}`, which is not one of --columns"),
        });
    }
    let of = |name: &String| {
        let mut own = families.iter().filter(|family| family.column.as_ref() == Some(name));
        match (own.next(), own.next()) {
            (Some(one), None) => Ok(one.family.clone()),
            (Some(_), Some(_)) => Err(format!("--family names `{name}` twice")),
            (None, _) => Err(format!("column `{name}` has no family: add {}=FAMILY to --family", quoted(name))),
        }
    };
    names.iter().map(of).collect()
}
