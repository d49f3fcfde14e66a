//! Numbers as people read them: so many digits behind the point, and no sign before what is shown as 0.

/// A number with so many digits behind the point.
pub(crate) fn decimals(x: f64, count: usize) -> String {
    let text = format!("{x:.count$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|b| matches!(b, b'0' | b'.')) => rest.to_owned(),
        _ => text,
    }
}

/// Numbers in brackets, with so many digits behind the point.
pub(crate) fn decimals_of(numbers: &[f64], count: usize) -> String {
    format!("[{}]", numbers.iter().map(|x| decimals(*x, count)).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_as_zero_has_no_sign() {
        assert_eq!(
            decimals_of(&[-1e-9, -0.0, 0.0, -0.5, -1e-6], 6),
            "[0.000000, 0.000000, 0.000000, -0.500000, -0.000001]"
        );
        assert_eq!(decimals(f64::NEG_INFINITY, 6), "-inf");
    }
}
