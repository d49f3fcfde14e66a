//! Tables without lines, and numbers in them.

use comfy_table::{CellAlignment, Table, presets};

/// A table whose first column stands to the left, the others to the right.
pub(super) fn grid(header: Vec<String>, rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header).add_rows(rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

pub(super) fn align(table: &mut Table, column: usize, alignment: CellAlignment) {
    if let Some(column) = table.column_mut(column) {
        column.set_cell_alignment(alignment);
    }
}

/// The table without blanks at the ends of its lines.
pub(super) fn trimmed(table: &Table) -> String {
    table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// A row for each column of the data, with a value for each component.
pub(super) fn by_column(names: &[String], vectors: &[&[f64]]) -> impl Iterator<Item = Vec<String>> {
    names.iter().enumerate().map(|(d, name)| labelled(name, vectors.iter().map(|v| digits(v[d])).collect()))
}

pub(super) fn labelled(label: &str, mut cells: Vec<String>) -> Vec<String> {
    cells.insert(0, label.to_owned());
    cells
}

/// A title, then the numbers of the components.
pub(super) fn heading(title: &str, k: usize) -> Vec<String> {
    labelled(title, (0..k).map(|k| k.to_string()).collect())
}

pub(super) fn dash() -> String {
    "-".into()
}

pub(super) fn fixed(x: f64) -> String {
    format!("{x:.4}")
}

/// Eight significant digits.
pub(super) fn digits(x: f64) -> String {
    let exponent = if x == 0.0 { 0 } else { x.abs().log10().floor() as i32 };
    if (-4..9).contains(&exponent) { format!("{x:.*}", (7 - exponent).max(0) as usize) } else { format!("{x:.7e}") }
}
