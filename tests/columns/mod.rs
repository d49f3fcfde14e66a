//! A table from the text of a CSV file with a header; an empty cell is a missing value.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use marginal::data::Table;

pub(crate) fn table(csv: &str) -> Table {
    let mut lines = csv.lines();
    let names = lines.next().unwrap().split(',').map(str::to_owned).collect();
    let cell = |cell: &str| if cell.is_empty() { f64::NAN } else { cell.parse().unwrap() };
    Table::new(names, lines.flat_map(|line| line.split(',')).map(cell).collect()).unwrap()
}
