//! Which columns of a file are read: those that are named, in that order, or all but some.

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
        if let Some(named) = &self.named {
            if named.is_empty() {
                return Err(format!("no column was chosen: there are {}", list(names)));
            }
            if let Some(twice) = named.iter().enumerate().find_map(|(n, c)| named[..n].contains(c).then_some(c)) {
                return Err(format!("column `{twice}` was chosen twice: once is enough"));
            }
            return named.iter().map(|name| find(names, name)).collect();
        }
        let without: Vec<usize> = self.without.iter().map(|name| find(names, name)).collect::<Result<_, _>>()?;
        let rest: Vec<usize> = (0..names.len()).filter(|d| !without.contains(d)).collect();
        let numeric = || {
            let named = rest.iter().filter(|&&d| other(d).is_none() && !names[d].is_empty());
            named.map(|&d| names[d].as_str()).collect::<Vec<_>>().join(",")
        };
        for &d in &rest {
            if names[d].is_empty() {
                return Err(format!("column {} has no name: choose by name, such as --columns {}", d + 1, numeric()));
            }
            find(names, &names[d])?;
            // A column of text is a label or an identifier: leaving it out in silence could hide a mistake.
            if let Some(text) = other(d).filter(|_| rest.iter().any(|&d| other(d).is_none())) {
                let name = &names[d];
                return Err(format!("column `{name}` holds {text}: choose by name, such as --columns {}", numeric()));
            }
        }
        if rest.is_empty() { Err("no column is left to read".into()) } else { Ok(rest) }
    }
}

/// The index of a column.
pub(super) fn find(names: &[String], name: &str) -> Result<usize, String> {
    let mut same = (0..names.len()).filter(|&d| names[d] == *name);
    match (same.next(), same.next()) {
        (Some(d), None) => Ok(d),
        (Some(_), Some(_)) => Err(format!("two columns are called `{name}`: rename one")),
        (None, _) => Err(format!("there is no column `{name}`: there are {}", list(names))),
    }
}

pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
