//! Names that must differ.

use std::collections::HashSet;

/// A name that comes again.
pub(super) fn twice(names: &[String]) -> Option<&String> {
    let mut seen = HashSet::with_capacity(names.len());
    names.iter().find(|name| !seen.insert(name.as_str()))
}
