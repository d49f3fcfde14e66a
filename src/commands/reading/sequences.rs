//! Which rows of a file are one sequence: all of them, or the consecutive rows that a column gives one name.

use std::collections::HashMap;
use std::ops::Range;

/// The sequences that the rows of a file make up, in their order.
#[derive(Debug)]
pub(crate) struct Sequences {
    names: Vec<String>,
    /// The first row of each, and after them the number of rows.
    starts: Vec<usize>,
}

/// A row at which a sequence begins again, and the last row that it had before.
#[derive(Debug)]
pub(crate) struct Torn {
    pub(crate) name: String,
    pub(crate) row: usize,
    pub(crate) before: usize,
}

impl Sequences {
    /// One sequence of all rows.
    pub(crate) fn one(rows: usize) -> Self {
        Self { names: vec!["0".into()], starts: vec![0, rows] }
    }

    /// A sequence for each name, one name a row.
    pub(crate) fn named(names: Vec<String>) -> Result<Self, Torn> {
        let mut last_rows: HashMap<String, usize> = HashMap::new();
        let mut sequences = Self { names: Vec::new(), starts: Vec::new() };
        for (row, name) in names.into_iter().enumerate() {
            match last_rows.insert(name.clone(), row) {
                Some(before) if before + 1 < row => return Err(Torn { name, row, before }),
                Some(_) => {}
                None => {
                    sequences.names.push(name);
                    sequences.starts.push(row);
                }
            }
        }
        sequences.starts.push(last_rows.values().max().map_or(0, |last| last + 1));
        Ok(sequences)
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// The rows of each.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.starts.windows(2).map(|ends| ends[0]..ends[1])
    }

    /// The first row of a sequence.
    pub(crate) fn start(&self, sequence: usize) -> usize {
        self.starts[sequence]
    }
}
