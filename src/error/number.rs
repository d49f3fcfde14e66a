//! A number in a sentence: 300 digits are none.

/// The fewest digits from which the number is read again, with an exponent where zeros would fill the line.
pub(super) fn number(x: f64) -> String {
    let plain = x.to_string();
    if plain.len() <= 24 { plain } else { format!("{x:e}") }
}
