//! Tables without lines, and how numbers are written.

use comfy_table::{CellAlignment, Table, presets};

use super::terminal::escaped;

/// A table whose first column stands to the left, the others to the right; names keep to their lines.
pub(crate) fn grid(header: Vec<String>, rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    let mut table = Table::new();
    let plain = |cells: Vec<String>| cells.iter().map(|cell| escaped(cell).into_owned()).collect::<Vec<String>>();
    table.load_style(presets::NOTHING).set_header(plain(header)).add_rows(rows.into_iter().map(plain));
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

pub(crate) fn align(table: &mut Table, column: usize, alignment: CellAlignment) {
    if let Some(column) = table.column_mut(column) {
        column.set_cell_alignment(alignment);
    }
}

/// The table without blanks at the ends of its lines.
pub(crate) fn trimmed(table: &Table) -> String {
    table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// A row for each column of the data, with a value for each component.
pub(crate) fn by_column(names: &[String], vectors: &[&[f64]]) -> impl Iterator<Item = Vec<String>> {
    names.iter().enumerate().map(|(d, name)| labelled(name, compared(vectors.iter().map(|v| v[d]))))
}

pub(crate) fn labelled(label: &str, mut cells: Vec<String>) -> Vec<String> {
    cells.insert(0, label.to_owned());
    cells
}

/// A title, then the numbers of the components.
pub(crate) fn heading(title: &str, k: usize) -> Vec<String> {
    labelled(title, (0..k).map(|k| k.to_string()).collect())
}

/// `1 row`, `2 rows`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Names with commas between, of many the first.
pub(crate) fn listed(names: &[String]) -> String {
    const SHOWN: usize = 20;
    let first = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() <= SHOWN { first } else { format!("{first}, … ({} in all)", names.len()) }
}

pub(crate) fn dash() -> String {
    "-".into()
}

/// A number as it is printed: what is 0, or is shown as 0, has no sign.
pub(crate) fn unsigned_zero(text: String) -> String {
    let is_zero = text.strip_prefix('-').is_some_and(|rest| {
        let digits = rest.split(['e', 'E']).next().unwrap_or_default();
        digits.bytes().all(|b| matches!(b, b'0' | b'.'))
    });
    if is_zero { text[1..].to_owned() } else { text }
}

/// So many digits behind the point.
pub(crate) fn decimals(x: f64, count: usize) -> String {
    unsigned_zero(format!("{x:.count$}"))
}

/// Four digits behind the point.
pub(crate) fn fixed(x: f64) -> String {
    decimals(x, 4)
}

/// Eight significant digits.
pub(crate) fn digits(x: f64) -> String {
    significant(x, 8)
}

/// Eight significant digits of each, or as many more as show six of their differences.
pub(crate) fn compared(values: impl Iterator<Item = f64> + Clone) -> Vec<String> {
    let (least, greatest) = values.clone().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, g), x| (l.min(x), g.max(x)));
    let shared =
        if greatest > least { exponent(greatest.abs().max(least.abs())) - exponent(greatest - least) } else { 0 };
    values.map(|x| significant(x, (6 + shared).clamp(8, 16))).collect()
}

fn significant(x: f64, count: i32) -> String {
    let exponent = exponent(x);
    unsigned_zero(if (-4..9).contains(&exponent) {
        format!("{x:.*}", (count - 1 - exponent).max(0) as usize)
    } else {
        format!("{x:.*e}", count as usize - 1)
    })
}

fn exponent(x: f64) -> i32 {
    if x == 0.0 { 0 } else { x.abs().log10().floor() as i32 }
}

/// The fewest digits from which the same number is read again, with an exponent where zeros would fill the line.
pub(crate) fn shortest(x: f64) -> String {
    // Of zeros that which has no sign.
    let x = x + 0.0;
    let plain = x.to_string();
    if plain.len() <= 24 { plain } else { format!("{x:e}") }
}
