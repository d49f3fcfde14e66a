//! Blocks to a network: names are looked up, tables put in order, and what does not fit is told with its place.

use std::collections::HashMap;

use crate::error::{GraphError, NetworkError, nearest};
use crate::network::{Network, check_states, entry_error, product, row_label, unknown_state};

use super::parser::{Document, Entries, Name, Of, ProbabilityBlock, VariableBlock};
use crate::io::networks::rounded_rows::divide;
use crate::io::networks::text::Fault;

/// So many entries may a network's `default` rows give, and no more: a short text may speak of tables that no memory holds.
const FILLED: usize = 1 << 22;

/// The network of the blocks; rows that miss one by at most `rounding` are divided by their sums.
pub(in crate::io) fn network(document: &Document<'_>, rounding: f64) -> Result<Network, Fault> {
    let mut numbers = HashMap::with_capacity(document.variables.len());
    for (number, block) in document.variables.iter().enumerate() {
        check_variable(block)?;
        if numbers.insert(block.name.text.as_ref(), number).is_some() {
            let name = block.name.text.to_string();
            return Err(block.name.is(GraphError::DuplicateName { name }.into()));
        }
    }
    let variables = Variables {
        states: document.variables.iter().map(numbered).collect(),
        blocks: &document.variables,
        numbers,
        rounding,
    };
    let mut room = FILLED;
    let mut tables: Vec<Option<Table<'_>>> = document.variables.iter().map(|_| None).collect();
    for block in &document.tables {
        let table = Table::new(block, &variables)?;
        let child = table.family[0];
        if tables[child].is_some() {
            return Err(block.child.is(NetworkError::Twice { row: format!("p({} | …)", block.child.text) }));
        }
        tables[child] = Some(table);
    }
    let mut builder = Network::builder();
    builder.name(&document.name);
    document.properties.iter().for_each(|property| {
        builder.property(property);
    });
    for (block, table) in document.variables.iter().zip(tables) {
        let missing = || block.name.is(NetworkError::NoTable { variable: block.name.text.to_string() });
        let table = table.ok_or_else(missing)?;
        builder.variable(&block.name.text, &block.states, &table.block.parents, table.entries(&mut room)?);
        block.properties.iter().for_each(|property| {
            builder.variable_property(property);
        });
    }
    builder.build().map_err(|error| Fault { at: 0, error })
}

impl Name<'_> {
    /// An error at this place.
    fn is(&self, error: NetworkError) -> Fault {
        Fault { at: self.at, error }
    }
}

fn check_variable(block: &VariableBlock<'_>) -> Result<(), Fault> {
    let (variable, listed) = (block.name.text.to_string(), block.states.len());
    check_states(&variable, &block.states).map_err(|error| block.name.is(error))?;
    if block.said == listed {
        return Ok(());
    }
    Err(block.name.is(NetworkError::StateCount { variable, said: block.said, listed }))
}

struct Variables<'a> {
    blocks: &'a [VariableBlock<'a>],
    numbers: HashMap<&'a str, usize>,
    /// The number of each state by its name, where a variable has many.
    states: Vec<Option<HashMap<&'a str, usize>>>,
    rounding: f64,
}

fn numbered<'a>(block: &'a VariableBlock<'_>) -> Option<HashMap<&'a str, usize>> {
    const MANY: usize = 16;
    (block.states.len() > MANY).then(|| block.states.iter().map(AsRef::as_ref).zip(0..).collect())
}

impl Variables<'_> {
    fn number(&self, name: &Name<'_>) -> Result<usize, Fault> {
        self.numbers.get(name.text.as_ref()).copied().ok_or_else(|| {
            let nearest = nearest(&name.text, self.blocks.iter().map(|block| block.name.text.as_ref()));
            name.is(NetworkError::UnknownVariable { name: name.text.to_string(), nearest })
        })
    }
}

/// A probability block whose names are known.
struct Table<'a> {
    block: &'a ProbabilityBlock<'a>,
    variables: &'a Variables<'a>,
    /// The variable, then its parents.
    family: Vec<usize>,
}

impl<'a> Table<'a> {
    fn new(block: &'a ProbabilityBlock<'a>, variables: &'a Variables<'a>) -> Result<Self, Fault> {
        let mut family = vec![variables.number(&block.child)?];
        for parent in &block.parents {
            let number = variables.number(parent)?;
            if family[1..].contains(&number) {
                let (variable, parent_name) = (block.child.text.to_string(), parent.text.to_string());
                return Err(parent.is(NetworkError::ParentTwice { variable, parent: parent_name }));
            }
            family.push(number);
        }
        Ok(Self { block, variables, family })
    }

    fn states(&self, member: usize) -> &'a [Name<'a>] {
        &self.variables.blocks[self.family[member]].states
    }

    /// How many joint states the parents have; more than a file can hold rows if that is no number.
    fn rows(&self) -> usize {
        (1..self.family.len()).fold(1usize, |rows, parent| rows.saturating_mul(self.states(parent).len()))
    }

    /// Rows × states, the first parent the slowest; `room` is what `default` rows may still fill.
    fn entries(&self, room: &mut usize) -> Result<Vec<f64>, Fault> {
        let (rows, states) = (self.rows(), self.states(0).len());
        let cells = rows.saturating_mul(states);
        let given: usize = self.block.entries.iter().map(|entries| entries.values.len()).sum();
        let with_default = self.block.entries.iter().any(|entries| matches!(entries.of, Of::Default));
        let filled = cells.saturating_sub(given);
        if filled > 0 && (!with_default || filled > *room) {
            self.check_rows()?;
            return Err(self.too_few(given, cells));
        }
        *room -= filled;
        let mut entries = vec![f64::NAN; cells];
        for given in &self.block.entries {
            match &given.of {
                Of::Default => (),
                Of::Table => self.whole(given, &mut entries)?,
                Of::Row(names) => {
                    let row = self.row(given, names)?;
                    let of_row = &mut entries[row * states..(row + 1) * states];
                    self.one(given, row, of_row)?;
                }
            }
        }
        for given in self.block.entries.iter().filter(|given| matches!(given.of, Of::Default)) {
            for (row, of_row) in entries.chunks_exact_mut(states).enumerate().filter(|(_, of_row)| of_row[0].is_nan()) {
                self.one(given, row, of_row)?;
            }
        }
        match entries.chunks_exact(states).position(|of_row| of_row[0].is_nan()) {
            None => Ok(entries),
            Some(row) => Err(self.block.child.is(NetworkError::MissingRow { row: self.label(row) })),
        }
    }

    /// The errors of the rows that there are, of which there are too few.
    fn check_rows(&self) -> Result<(), Fault> {
        let mut of_row = vec![0.0; self.states(0).len()];
        for given in &self.block.entries {
            let row = if let Of::Row(names) = &given.of { self.row(given, names)? } else { continue };
            of_row.fill(f64::NAN);
            self.one(given, row, &mut of_row)?;
        }
        Ok(())
    }

    /// Entries are missing: name the first row that is, if the table is given by rows.
    fn too_few(&self, found: usize, expected: usize) -> Fault {
        let table = self.block.entries.iter().find(|given| matches!(given.of, Of::Table));
        if table.is_some() || self.block.entries.is_empty() || expected > FILLED {
            let at = table.map_or(self.block.child.at, |table| table.at);
            return Fault { at, error: self.wrong_count("p", found, expected) };
        }
        let mut seen = vec![false; self.rows()];
        for given in &self.block.entries {
            if let Of::Row(names) = &given.of
                && let Ok(row) = self.row(given, names)
            {
                seen[row] = true;
            }
        }
        let row = seen.iter().position(|seen| !seen).unwrap_or(0);
        self.block.child.is(NetworkError::MissingRow { row: self.label(row) })
    }

    /// The row that these states of the parents name.
    fn row(&self, given: &Entries<'_>, names: &[Name<'_>]) -> Result<usize, Fault> {
        if names.len() + 1 != self.family.len() {
            let table = format!("the list of parents' states of p({} | …)", self.block.child.text);
            let (found, expected) = (names.len(), self.family.len() - 1);
            let because = format!("one for each parent ({})", self.parents());
            return Err(Fault { at: given.at, error: NetworkError::Entries { table, found, expected, because } });
        }
        names.iter().zip(1..).try_fold(0, |row, (name, member)| self.step(row, name, member))
    }

    fn step(&self, row: usize, name: &Name<'_>, member: usize) -> Result<usize, Fault> {
        let states = self.states(member);
        let found = match &self.variables.states[self.family[member]] {
            Some(numbers) => numbers.get(name.text.as_ref()).copied(),
            None => states.iter().position(|state| state.text == name.text),
        };
        let state = found.ok_or_else(|| {
            let known: Vec<&str> = states.iter().map(|state| state.text.as_ref()).collect();
            name.is(unknown_state(&self.block.parents[member - 1].text, &name.text, &known))
        })?;
        Ok(row * states.len() + state)
    }

    /// One row, once.
    fn one(&self, given: &Entries<'_>, row: usize, of_row: &mut [f64]) -> Result<(), Fault> {
        if !of_row[0].is_nan() {
            return Err(Fault { at: given.at, error: NetworkError::Twice { row: self.label(row) } });
        }
        if given.values.len() != of_row.len() {
            let (found, expected) = (given.values.len(), of_row.len());
            let because = format!("one for each state of {}", self.block.child.text);
            let error = NetworkError::Entries { table: self.label(row), found, expected, because };
            return Err(Fault { at: given.at, error });
        }
        for (state, (p, &(at, value))) in of_row.iter_mut().zip(&given.values).enumerate() {
            self.check_entry(row, state, at, value)?;
            *p = value;
        }
        self.divide(row, of_row, given.at)
    }

    /// `table`: the variable's own states the slowest, the last parent the fastest.
    fn whole(&self, given: &Entries<'_>, entries: &mut [f64]) -> Result<(), Fault> {
        let (rows, states) = (self.rows(), self.states(0).len());
        if given.values.len() != entries.len() {
            let error = self.wrong_count("table of p", given.values.len(), entries.len());
            return Err(Fault { at: given.at, error });
        }
        for (place, &(at, value)) in given.values.iter().enumerate() {
            let (state, row) = (place / rows, place % rows);
            self.check_entry(row, state, at, value)?;
            if !entries[row * states + state].is_nan() {
                return Err(Fault { at: given.at, error: NetworkError::Twice { row: self.label(row) } });
            }
            entries[row * states + state] = value;
        }
        let mut rows = entries.chunks_exact_mut(states).enumerate();
        rows.try_for_each(|(row, of_row)| self.divide(row, of_row, given.at))
    }

    fn divide(&self, row: usize, of_row: &mut [f64], at: usize) -> Result<(), Fault> {
        divide(of_row, self.variables.rounding, || self.label(row)).map_err(|error| Fault { at, error })
    }

    fn check_entry(&self, row: usize, state: usize, at: usize, value: f64) -> Result<(), Fault> {
        let label = || self.label_of(&format!("{} = {}", self.block.child.text, self.states(0)[state].text), row);
        entry_error(value, label).map_or(Ok(()), |error| Err(Fault { at, error }))
    }

    fn wrong_count(&self, what: &str, found: usize, expected: usize) -> NetworkError {
        let parents: Vec<_> = self.family_names().collect();
        let because = product(&self.block.child.text, self.states(0).len(), &parents);
        let bar = if self.block.parents.is_empty() { "" } else { " | " };
        let table = format!("{what}({}{bar}{})", self.block.child.text, self.parents());
        NetworkError::Entries { table, found, expected, because }
    }

    fn parents(&self) -> String {
        self.block.parents.iter().map(|parent| parent.text.as_ref()).collect::<Vec<_>>().join(", ")
    }

    fn label(&self, row: usize) -> String {
        self.label_of(&self.block.child.text, row)
    }

    fn label_of(&self, child: &str, row: usize) -> String {
        row_label(child, &self.family_names().collect::<Vec<_>>(), row)
    }

    /// Each parent with its states.
    fn family_names(&self) -> impl Iterator<Item = (&str, &[Name<'_>])> {
        self.block.parents.iter().zip(1..).map(|(parent, member)| (parent.text.as_ref(), self.states(member)))
    }
}

impl AsRef<str> for Name<'_> {
    fn as_ref(&self) -> &str {
        &self.text
    }
}
