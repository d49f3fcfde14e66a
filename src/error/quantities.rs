//! Quantities as people read them: 1.5 GiB, 1 row, 2 rows.

/// Bytes: 1.5 GiB.
pub(crate) fn readable(bytes: f64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let (mut size, mut unit) = (bytes, 0);
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    if size < 1e6 { format!("{size:.*} {}", usize::from(unit > 0), UNITS[unit]) } else { format!("{bytes:e} B") }
}

/// `1 row`, `2 rows`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
