//! UAI, the format of the competitions in inference (Elidan & Globerson 2010): numbers alone, no names.
//!
//! ```text
//! BAYES
//! 2           variables
//! 2 3         states of each
//! 2           factors
//! 1 0         the variables of each: its parents, then its own variable
//! 2 0 1
//! 2  0.8 0.2  the entries of each and how many they are, the last variable the fastest
//! 6  0.5 0.25 0.25  0.1 0.3 0.6
//! ```
//! The variables are called x0, x1, … and their states 0, 1, …; `#` begins a comment. `MARKOV` networks are no directed
//! graphs and are refused. Rows that were rounded are read as those of [`bif`](super::bif).

use std::fmt::Write;
use std::path::Path;

use crate::error::NetworkError;
use crate::network::{Network, entry_error};

use super::rounded_rows::divide;
use super::text::{self, Fault};

impl Network {
    /// Reads a network from a UAI file.
    ///
    /// # Errors
    /// [`NetworkError::InFile`] with line and column; [`NetworkError::File`] if it cannot be read.
    pub fn read_uai(path: impl AsRef<Path>) -> Result<Self, NetworkError> {
        text::read(path.as_ref(), Self::from_uai)
    }

    /// Reads a network from the text of a UAI file.
    ///
    /// ```
    /// use marginal::network::Network;
    /// let network = Network::from_uai("BAYES 2  2 3  2  1 0  2 0 1  2 0.8 0.2  6 0.5 0.25 0.25 0.1 0.3 0.6")?;
    /// assert_eq!(network.to_string(), "p(x0) p(x1 | x0)");
    /// # Ok::<(), marginal::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`NetworkError::AtPlace`] with line and column; [`NetworkError::Graph`] if the arrows form a cycle.
    pub fn from_uai(text: &str) -> Result<Self, NetworkError> {
        parse(text, 0.0)
    }

    /// The network as UAI: the numbers to the last bit, without names.
    pub fn to_uai(&self) -> String {
        let variables = self.variables();
        let states: Vec<String> = variables.iter().map(|variable| variable.states().len().to_string()).collect();
        let mut text = format!("BAYES\n{0}\n{1}\n{0}\n", variables.len(), states.join(" "));
        for (v, variable) in variables.iter().enumerate() {
            let _ = write!(text, "{}", variable.parents().len() + 1);
            variable.parents().iter().chain([&v]).for_each(|member| {
                let _ = write!(text, " {member}");
            });
            text.push('\n');
        }
        for variable in variables {
            let _ = writeln!(text, "\n{}", variable.entries().len());
            for row in variable.entries().chunks_exact(variable.states().len()) {
                let row: Vec<String> = row.iter().map(|p| format!("{p:?}")).collect();
                let _ = writeln!(text, " {}", row.join(" "));
            }
        }
        text
    }

    /// Writes the network to a UAI file; names are lost.
    ///
    /// # Errors
    /// [`NetworkError::File`].
    pub fn write_uai(&self, path: impl AsRef<Path>) -> Result<(), NetworkError> {
        text::write(path.as_ref(), &self.to_uai())
    }
}

/// The network of a text whose rows may miss one by this much and are then divided by their sums.
pub(crate) fn parse(text: &str, rounding: f64) -> Result<Network, NetworkError> {
    let text = text::unmarked(text);
    network(text, rounding).map_err(|fault| fault.placed(text))
}

fn network(text: &str, rounding: f64) -> Result<Network, Fault> {
    let mut words = Words { text, at: 0 };
    let (at, kind) = words.next();
    if kind != "BAYES" {
        return Err(Fault::expected(at, "`BAYES` (Markov networks are not read)", shown(kind)));
    }
    let variables = words.count("the number of variables")?;
    let mut states = Vec::new();
    for v in 0..variables {
        let at = words.peek();
        match words.count(&format!("the number of states of x{v}"))? {
            0 => return Err(Fault { at, error: NetworkError::NoStates { variable: format!("x{v}") } }),
            count => states.push(count),
        }
    }
    let (at, factors) = (words.peek(), words.count("the number of factors")?);
    if factors != variables {
        return Err(Fault::expected(at, format!("{variables} factors, one for each variable"), factors.to_string()));
    }
    // Where each factor is given, and the variables of its parents, by its own variable.
    let mut order = Vec::new();
    let mut families: Vec<Option<Vec<usize>>> = vec![None; variables];
    for _ in 0..factors {
        let (at, size) = (words.peek(), words.count("the number of variables of a factor")?);
        let mut family = Vec::new();
        for _ in 0..size {
            let (at, member) = (words.peek(), words.count("the number of a variable")?);
            if member >= variables {
                return Err(Fault::expected(at, format!("a variable below {variables}"), member.to_string()));
            }
            family.push(member);
        }
        let own = family.pop().ok_or_else(|| Fault::expected(at, "at least one variable", "none"))?;
        if families[own].is_some() {
            return Err(Fault { at, error: NetworkError::Twice { row: format!("p(x{own} | …)") } });
        }
        families[own] = Some(family);
        order.push(own);
    }
    let mut tables: Vec<(usize, Vec<f64>)> = vec![(0, Vec::new()); variables];
    for &own in &order {
        let (at, entries) = (words.peek(), words.count(&format!("the number of entries of p(x{own} | …)"))?);
        let mut table = Vec::new();
        for _ in 0..entries {
            table.push(words.probability(own)?);
        }
        tables[own] = (at, table);
    }
    let at = words.peek();
    if at < text.len() {
        return Err(Fault::expected(at, "the end of the text", shown(words.next().1)));
    }
    // One at a time, so that what is wrong with a table is told at its place.
    let mut builder = Network::builder();
    for (own, (at, mut table)) in tables.into_iter().enumerate() {
        let parents = families[own].take().unwrap_or_default();
        let expected = parents.iter().fold(states[own], |cells, &parent| cells.saturating_mul(states[parent]));
        if table.len() != expected {
            let table_name = format!("p(x{own} | …)");
            let because = "the product of the states of its variables".into();
            let error = NetworkError::Entries { table: table_name, found: table.len(), expected, because };
            return Err(Fault { at, error });
        }
        for (row, of_row) in table.chunks_exact_mut(states[own]).enumerate() {
            let label = || format!("row {row} of p(x{own} | …)");
            divide(of_row, rounding, label).map_err(|error| Fault { at, error })?;
        }
        // As many as a row has entries.
        let names: Vec<String> = (0..states[own]).map(|state| state.to_string()).collect();
        let parents: Vec<String> = parents.iter().map(|parent| format!("x{parent}")).collect();
        builder.variable(&format!("x{own}"), &names, &parents, table);
    }
    builder.build().map_err(|error| Fault { at: 0, error })
}

/// Words between blanks and comments.
struct Words<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Words<'a> {
    /// Where the next word begins.
    fn peek(&mut self) -> usize {
        loop {
            let rest = &self.text[self.at..];
            let blank = rest.len() - rest.trim_start().len();
            if blank == 0 && !rest.starts_with('#') {
                return self.at;
            }
            self.at += if blank > 0 { blank } else { rest.find('\n').unwrap_or(rest.len()) };
        }
    }

    /// The next word and where it begins; empty at the end.
    fn next(&mut self) -> (usize, &'a str) {
        let at = self.peek();
        let rest = &self.text[at..];
        let end = rest.find(|c: char| c.is_whitespace() || c == '#').unwrap_or(rest.len());
        self.at += end;
        (at, &rest[..end])
    }

    fn count(&mut self, expected: &str) -> Result<usize, Fault> {
        let (at, word) = self.next();
        word.parse().map_err(|_| Fault::expected(at, expected, shown(word)))
    }

    fn probability(&mut self, own: usize) -> Result<f64, Fault> {
        let (at, word) = self.next();
        let p = word.parse().ok().filter(|p: &f64| p.is_finite());
        let p = p.ok_or_else(|| Fault::expected(at, format!("a probability of p(x{own} | …)"), shown(word)))?;
        entry_error(p, || format!("p(x{own} | …)")).map_or(Ok(p), |error| Err(Fault { at, error }))
    }
}

fn shown(word: &str) -> String {
    if word.is_empty() {
        "the end of the text".into()
    } else {
        format!("`{}`", word.chars().take(40).collect::<String>())
    }
}
