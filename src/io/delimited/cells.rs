//! What a cell of a table is: a number, a missing value or text, and what to do with one that is no number.

/// How a missing value may be written.
const MISSING: [&str; 29] = [
    "", "NA", "N/A", "NaN", "nan", "null", "?", "na", "n/a", "NAN", "-nan", "-NaN", "#N/A", "#NA", "#N/A N/A", "<NA>",
    "Na", "NULL", "Null", "None", "none", "nil", "NaT", "\\N", ".", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN",
];

pub(crate) const NOT_UTF_8: &str = "the text is not UTF-8: save the table as a CSV file in UTF-8";

/// Whether the text is a way to write a missing value.
pub(crate) fn is_missing(text: &str) -> bool {
    MISSING.contains(&text)
}

/// What stands in a cell. A number with a decimal comma is a number, one to be mended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Missing,
    /// A number written with digits alone, perhaps after a sign.
    Whole(f64),
    /// A number with a decimal point or comma, or with an exponent.
    Real(f64),
    Text,
}

impl Kind {
    pub(crate) fn of(cell: &str) -> Self {
        if is_missing(cell) {
            return Self::Missing;
        }
        let number = if cell.contains(',') { cell.replacen(',', ".", 1).parse() } else { cell.parse::<f64>() };
        match number {
            Err(_) => Self::Text,
            Ok(x) if cell.trim_start_matches(['-', '+']).bytes().all(|b| b.is_ascii_digit()) => Self::Whole(x),
            Ok(x) => Self::Real(x),
        }
    }

    pub(crate) fn number(self) -> Option<f64> {
        match self {
            Self::Whole(x) | Self::Real(x) => Some(x),
            Self::Missing | Self::Text => None,
        }
    }
}

/// The number in a cell, NaN where it is missing and may be.
pub(crate) fn number(cell: &[u8], may_miss: bool, at: impl Fn() -> String) -> Result<f64, String> {
    let text = std::str::from_utf8(cell).map_err(|_| format!("{}: {NOT_UTF_8}", at()))?.trim();
    match text.parse::<f64>() {
        Ok(x) if x.is_finite() => Ok(x),
        _ if is_missing(text) && may_miss => Ok(f64::NAN),
        _ if is_missing(text) => Err(missing(&at(), text)),
        Ok(_) => Err(format!("{}: `{text}` is not finite: remove the row or mend the value", at())),
        Err(_) => Err(format!("{}: `{text}` is not a number: {}", at(), advice(text))),
    }
}

pub(crate) fn missing(at: &str, text: &str) -> String {
    let what = if text.is_empty() { "the cell is empty".into() } else { format!("`{text}`") };
    format!("{at}: missing value ({what}): remove the row or fill in the value")
}

/// Whether the text is a truth value.
pub(crate) fn is_truth(text: &str) -> bool {
    ["true", "false", "yes", "no"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// What to do with a cell that is not a number.
fn advice(text: &str) -> String {
    let with_point = text.replace(',', ".");
    if with_point.parse::<f64>().is_ok() {
        return format!("decimals are written with a point, {with_point}");
    }
    if text.split_whitespace().count() > 1 && text.split_whitespace().all(|word| word.parse::<f64>().is_ok()) {
        return "cells are separated by commas, semicolons or tabulators, not by blanks".into();
    }
    if is_truth(text) {
        return "write 1 for true and 0 for false, or choose other columns".into();
    }
    "mend the value or choose other columns".into()
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn a_cell_is_known_by_how_it_is_written() {
        assert_eq!(
            [Kind::of("-3"), Kind::of("3.0"), Kind::of("3,5")],
            [Kind::Whole(-3.0), Kind::Real(3.0), Kind::Real(3.5)]
        );
        assert_eq!(
            [Kind::of("<NA>"), Kind::of("1e3"), Kind::of("x1")],
            [Kind::Missing, Kind::Real(1000.0), Kind::Text]
        );
        assert_eq!(Kind::of("1,2,3"), Kind::Text);
    }
}
