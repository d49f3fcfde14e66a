//! Names of columns: found in one step however many there are, and listed where one is wrong.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::error::{first_of, nearest};

/// At most so many names are listed.
const SHOWN: usize = 20;

/// Columns by their names, each found in one step.
pub(super) struct Names<'a> {
    all: &'a [String],
    /// `None` where two columns have the name.
    numbers: HashMap<&'a str, Option<usize>>,
}

impl<'a> Names<'a> {
    pub(super) fn new(all: &'a [String]) -> Self {
        let mut numbers = HashMap::with_capacity(all.len());
        for (d, name) in all.iter().enumerate() {
            match numbers.entry(name.as_str()) {
                Entry::Vacant(new) => _ = new.insert(Some(d)),
                Entry::Occupied(mut old) => _ = old.insert(None),
            }
        }
        Self { all, numbers }
    }

    /// The index of a column.
    pub(super) fn find(&self, name: &str) -> Result<usize, String> {
        match self.numbers.get(name) {
            Some(Some(d)) => Ok(*d),
            Some(None) => Err(format!("two columns are called `{name}`: rename one")),
            None => {
                // Where all names are shown, the eye finds the nearest.
                let near =
                    if self.all.len() > SHOWN { nearest(name, self.all.iter().map(String::as_str)) } else { None };
                let near = near.map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"));
                Err(format!("there is no column `{name}`{near}: there are {}", list(self.all)))
            }
        }
    }
}

/// The names, or the first of many.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    shortened(&names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>(), ", ")
}

/// The texts, or the first of many.
pub(super) fn shortened(names: &[impl AsRef<str>], between: &str) -> String {
    first_of(names.iter(), between, SHOWN)
}
