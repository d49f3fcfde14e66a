//! Quantities as people read them: 1.5 GiB, 1 row, 2 rows, 1e300.

/// Bytes: 1.5 GiB.
pub(crate) fn readable(bytes: f64) -> String {
    const UNITS: [&str; 9] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];
    let (mut size, mut unit) = (bytes, 0);
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    let unit_name = UNITS[unit];
    if size < 1e6 { format!("{size:.*} {unit_name}", usize::from(unit > 0)) } else { format!("{size:.1e} {unit_name}") }
}

/// A number with the fewest digits from which it is read again, with an exponent where zeros would fill the line.
pub(crate) fn number(x: f64) -> String {
    let plain = x.to_string();
    if plain.len() <= 24 { plain } else { format!("{x:e}") }
}

/// `1 row`, `2 rows`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
