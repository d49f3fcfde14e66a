//! `Power`: which injection was caught, how often, by which law, and whom that law blames.

use std::fmt;

use crate::laws::Part;

use super::Injection;

/// What a suite sees of the faults planted in a model, on given cases.
#[derive(Clone, Debug)]
pub struct Power {
    /// One row an injection.
    pub rows: Vec<Row>,
    /// The laws that the model broke with nothing planted: mend it first.
    pub alarms: Vec<&'static str>,
}

/// What came of one injection.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was broken.
    pub injection: Injection,
    /// On how many cases.
    pub cases: usize,
    /// The laws that were first to break on some case, the most frequent first.
    pub catches: Vec<Catch>,
    /// Why it survived, if it did.
    pub hint: Option<String>,
}

/// A law that was the first of its suite to break.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Catch {
    /// Its name.
    pub law: &'static str,
    /// Whom it blames.
    pub suspect: Part,
    /// On how many cases.
    pub cases: usize,
}

impl Row {
    /// On how many cases some law broke.
    pub fn caught(&self) -> usize {
        self.catches.iter().map(|catch| catch.cases).sum()
    }

    /// On how many of these the first law that broke blamed the broken part.
    pub fn blamed(&self) -> usize {
        let rightly = |catch: &&Catch| self.injection.parts().contains(&catch.suspect);
        self.catches.iter().filter(rightly).map(|catch| catch.cases).sum()
    }
}

impl Power {
    /// The share of the injections that some case caught; NaN if nothing was injected.
    pub fn score(&self) -> f64 {
        self.rows.iter().filter(|row| row.caught() > 0).count() as f64 / self.rows.len() as f64
    }

    /// The share of the catches that blame the broken part; NaN if there is no catch.
    pub fn blame(&self) -> f64 {
        let sum = |of: fn(&Row) -> usize| self.rows.iter().map(of).sum::<usize>() as f64;
        sum(Row::blamed) / sum(Row::caught)
    }

    /// The injections that no case caught.
    pub fn survivors(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.caught() == 0)
    }

    /// The row of an injection.
    pub fn row(&self, injection: Injection) -> Option<&Row> {
        self.rows.iter().find(|row| row.injection == injection)
    }

    /// Both tables as one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.rows.extend(other.rows);
        let new: Vec<_> = other.alarms.into_iter().filter(|law| !self.alarms.contains(law)).collect();
        self.alarms.extend(new);
        self
    }
}

/// The first word of a part.
fn short(part: Part) -> String {
    part.to_string().split(" (").next().unwrap_or_default().to_owned()
}

impl fmt::Display for Power {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["injected", "caught", "first by", "blames"].map(str::to_owned);
        let of_row = |row: &Row| {
            let first = row.catches.first();
            let name = first.map_or("survives".to_owned(), |catch| catch.law.to_owned());
            let caught = format!("{:3.0} %", 100.0 * row.caught() as f64 / row.cases.max(1) as f64);
            [row.injection.to_string(), caught, name, first.map_or(String::new(), |catch| short(catch.suspect))]
        };
        let cells: Vec<[String; 4]> = std::iter::once(head).chain(self.rows.iter().map(of_row)).collect();
        let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths = [0, 1, 2].map(width);
        for [injection, caught, law, part] in &cells {
            let line = format!("{injection:0$}  {caught:1$}  {law:2$}  {part}", widths[0], widths[1], widths[2]);
            writeln!(f, "{}", line.trim_end())?;
        }
        let caught = self.rows.len() - self.survivors().count();
        write!(f, "{caught} of {} caught", self.rows.len())?;
        match self.rows.iter().map(|row| row.cases).max() {
            None | Some(0) => write!(f, ": there was no case to plant anything in")?,
            _ if caught == 0 => write!(f, ": no law of these cases could tell")?,
            _ => write!(f, ", {:.0} % of the catches blamed rightly", 100.0 * self.blame())?,
        }
        for row in self.survivors() {
            write!(f, "\n{} survives: {}", row.injection, row.hint.as_deref().unwrap_or_default())?;
        }
        match self.alarms[..] {
            [] => Ok(()),
            _ => write!(f, "\nwith nothing injected the model breaks {}: mend that first", self.alarms.join(", ")),
        }
    }
}
