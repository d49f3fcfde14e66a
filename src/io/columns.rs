//! Which columns of a file are read: those that are named, in that order, or all but some.

use super::duplicates::twice;
use super::names::{Names, list, shortened};

/// A choice of columns by name; all of them unless something else is said.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    pub(super) named: Option<Vec<String>>,
    pub(super) without: Vec<String>,
}

impl Columns {
    /// The indices of the columns to read. `other` tells of a column what it holds instead of numbers.
    pub(super) fn choose(
        &self,
        names: &[String],
        other: impl Fn(usize) -> Option<String>,
    ) -> Result<Vec<usize>, String> {
        let by_name = Names::new(names);
        if let Some(named) = &self.named {
            if named.is_empty() {
                return Err(format!("no column was chosen: there are {}", list(names)));
            }
            if let Some(twice) = twice(named) {
                return Err(format!("column `{twice}` was chosen twice: once is enough"));
            }
            return named.iter().map(|name| by_name.find(name)).collect();
        }
        let mut rest = vec![true; names.len()];
        for name in &self.without {
            rest[by_name.find(name)?] = false;
        }
        let rest: Vec<usize> = (0..names.len()).filter(|&d| rest[d] && !is_written_index(&names[d])).collect();
        let others: Vec<Option<String>> = rest.iter().map(|&d| other(d)).collect();
        let numeric = || {
            let named = rest.iter().zip(&others).filter(|(d, other)| other.is_none() && !names[**d].is_empty());
            let named: Vec<&str> = named.map(|(&d, _)| names[d].as_str()).collect();
            if named.is_empty() { "NAMES".into() } else { shortened(&named, ",") }
        };
        let some_numbers = others.iter().any(Option::is_none);
        for (&d, other) in rest.iter().zip(&others) {
            if names[d].is_empty() {
                return Err(format!("column {} has no name: choose by name, such as --columns {}", d + 1, numeric()));
            }
            by_name.find(&names[d])?;
            // A column of text is a label or an identifier: leaving it out in silence could hide a mistake.
            if let Some(text) = other.as_ref().filter(|_| some_numbers) {
                let name = &names[d];
                return Err(format!("column `{name}` holds {text}: choose by name, such as --columns {}", numeric()));
            }
        }
        if rest.is_empty() { Err("no column is left to read".into()) } else { Ok(rest) }
    }
}

/// Whether pandas writes its index under this name.
pub(super) fn is_written_index(name: &str) -> bool {
    let level = name.strip_prefix("__index_level_").and_then(|rest| rest.strip_suffix("__"));
    level.is_some_and(|level| !level.is_empty() && level.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether a program makes up this name for an index, or for a column that has none.
#[cfg(feature = "csv")]
fn is_made_up(name: &str) -> bool {
    let number = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    let prefixes = ["Unnamed: ", "...", "level_", "X."];
    prefixes.iter().any(|prefix| name.strip_prefix(prefix).is_some_and(number))
        || ["X", "index", "rownames", "row.names", "row_names", "rowname"].contains(&name)
}

/// What there is to say of a column that numbers the rows, from 0 or from 1: under a made-up name it is an error.
#[cfg(feature = "csv")]
pub(super) fn counts_rows(table: &crate::data::Table) -> Result<Option<String>, String> {
    const LEAST: usize = 3;
    const TELLING: usize = 10;
    if table.columns() < 2 || table.len() < LEAST {
        return Ok(None);
    }
    let first = table.row(0);
    let numbers = |d: usize| {
        (first[d] == 0.0 || first[d] == 1.0)
            && table.rows().iter().enumerate().all(|(n, row)| row[d] == first[d] + n as f64)
    };
    let mut said = None;
    for d in (0..table.columns()).filter(|&d| numbers(d)) {
        let name = &table.names()[d];
        if is_made_up(name) {
            let rest: Vec<&String> = table.names().iter().filter(|other| *other != name).collect();
            return Err(format!(
                "column `{name}` numbers the rows, as programs write it beside the data: choose by name, such as \
                 --columns {}",
                shortened(&rest, ",")
            ));
        }
        if table.len() >= TELLING && said.is_none() {
            said = Some(format!("column `{name}` numbers the rows: leave it out by --columns if it is no measurement"));
        }
    }
    Ok(said)
}
