//! Quantities as people read them: 1.5 GiB, 1 row, 2 rows, 1e300.

/// Bytes: 1.5 GiB; beyond all units 10^40 bytes.
pub(crate) fn readable(bytes: f64) -> String {
    const UNITS: [&str; 9] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];
    let (mut size, mut unit) = (bytes, 0);
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    if size < 1024.0 {
        format!("{size:.*} {}", usize::from(unit > 0), UNITS[unit])
    } else {
        format!("{} bytes", large(bytes))
    }
}

/// A number with the fewest digits from which it is read again, with an exponent where zeros would fill the line.
pub(crate) fn number(x: f64) -> String {
    let plain = x.to_string();
    if plain.len() <= 24 { plain } else { format!("{x:e}") }
}

/// A whole number: in full up to seven digits, then 4.2·10^12, and beyond all 64-bit numbers so.
pub(crate) fn large(number: f64) -> String {
    if number < 1e7 {
        return number.to_string();
    }
    if number == f64::INFINITY {
        return "more than 10^308".to_owned();
    }
    let scientific = format!("{number:.1e}");
    scientific.replace(".0e", "e").replacen('e', "·10^", 1)
}

/// The names one after the other; of many the first few, and how many there are.
pub(crate) fn listed(names: impl ExactSizeIterator<Item = impl AsRef<str>>) -> String {
    first_of(names, ", ", LISTED)
}

/// The texts with something between them; of more than `most` the first, and how many there are.
pub(crate) fn first_of(texts: impl ExactSizeIterator<Item = impl AsRef<str>>, between: &str, most: usize) -> String {
    let (count, mut list) = (texts.len(), String::new());
    for (number, text) in texts.take(most).enumerate() {
        list.push_str(if number > 0 { between } else { "" });
        list.push_str(text.as_ref());
    }
    if count > most { format!("{list}{between}… ({count} in all)") } else { list }
}

/// So many names are listed.
const LISTED: usize = 12;

/// `1 row`, `2 rows`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// What becomes of the square of a number too large or too small to have one: it overflows or underflows.
pub fn flows(value: f64) -> &'static str {
    if value.abs() > 1.0 { "overflows" } else { "underflows" }
}

/// What is wrong with a label.
pub(super) fn wrong_label(label: Option<usize>, states: usize) -> String {
    match label {
        Some(label) => {
            format!("label {label} is not in {{0, …, {}}}: there are {states} states", states.saturating_sub(1))
        }
        None => format!("its label allows none of the {states} states: allow one, or leave the row unlabelled"),
    }
}

/// What else may be done about NaN.
pub(super) fn or_missing(value: f64) -> &'static str {
    if value.is_nan() { ", or say that a Gaussian mixture may have missing_cells" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::{large, listed, readable};

    #[test]
    fn sizes_beyond_all_units_read_well() {
        assert_eq!([readable(17.0), readable(1536.0), readable(1.2e9)], ["17 B", "1.5 KiB", "1.1 GiB"]);
        assert_eq!([readable(1.7e28), readable(1e19)], ["1.7·10^28 bytes", "8.7 EiB"]);
        assert_eq!([readable(1e300), readable(f64::INFINITY)], ["1·10^300 bytes", "more than 10^308 bytes"]);
        assert_eq!([large(9_999_999.0), large(1.25e12), large(3e27)], ["9999999", "1.2·10^12", "3·10^27"]);
    }

    #[test]
    fn of_many_names_the_first_few_are_listed() {
        let names: Vec<String> = (0..93).map(|number| format!("x{number}")).collect();
        assert_eq!(listed(names[..3].iter()), "x0, x1, x2");
        assert!(listed(names[..12].iter()).ends_with(", x10, x11"));
        assert_eq!(listed(names.iter()), "x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, … (93 in all)");
        assert_eq!(listed([""; 0].iter()), "");
    }
}
