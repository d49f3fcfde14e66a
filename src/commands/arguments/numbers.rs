//! Numbers on the command line: which are needed, and how large they may be.

use std::ops::RangeInclusive;
use std::str::FromStr;

/// More fits than these in one command are a slip of the finger.
const CANDIDATES: usize = 1000;
/// More starts than these would take years.
pub(crate) const RESTARTS: usize = 1_000_000;
/// More replicates of a fit than these would take years.
pub(crate) const REPLICATES: usize = 10_000_000;
/// More rows than these fill disks.
pub(crate) const ROWS: u64 = 1_000_000_000;
/// More draws than these take days and gain no digit.
pub(crate) const DRAWS: usize = 1_000_000_000;
/// More explanations than these nobody reads.
pub(crate) const EXPLANATIONS: usize = 100_000;
/// More iterations than these are endless.
pub(crate) const ITERATIONS: usize = 1_000_000_000;

fn count(text: &str, what: &str) -> Result<usize, String> {
    match text.trim().parse() {
        Ok(0) => Err(format!("at least one {what} is needed")),
        Ok(k) => Ok(k),
        Err(_) if is_whole(text) => Err(format!("more {what}s than any computer can count")),
        Err(_) => Err("a whole number such as 2, or a range such as 1..6, is needed".into()),
    }
}

fn is_whole(text: &str) -> bool {
    !text.trim().is_empty() && text.trim().bytes().all(|b| b.is_ascii_digit())
}

pub(crate) fn one_count(text: &str) -> Result<usize, String> {
    if text.contains("..") {
        return Err("K-means has no likelihood to choose by: name one number, or use `fit gmm`".into());
    }
    count(text, "component")
}

pub(crate) fn counts(what: &'static str) -> impl Fn(&str) -> Result<RangeInclusive<usize>, String> + Clone {
    move |text| {
        let Some((first, last)) = text.split_once("..") else { return count(text, what).map(|k| k..=k) };
        let (first, last) = (count(first, what)?, count(last.trim_start_matches('='), what)?);
        if first > last {
            return Err(format!("the range is empty: did you mean {last}..{first}?"));
        }
        let fits = (last - first).saturating_add(1);
        if fits > CANDIDATES {
            return Err(format!("{fits} fits are too many for one command, which makes at most {CANDIDATES}"));
        }
        Ok(first..=last)
    }
}

pub(crate) fn at_least_one<N: FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| "a whole number from 1 on is needed".into())
}

/// A whole number from 1 to `most`.
pub(crate) fn up_to<N>(most: N) -> impl Fn(&str) -> Result<N, String> + Clone + Send + Sync
where
    N: FromStr + PartialOrd + Copy + std::fmt::Display + Default + Send + Sync,
{
    move |text| match text.parse::<N>() {
        Ok(n) if n > N::default() && n <= most => Ok(n),
        Ok(n) if n > most => Err(format!("at most {most} are possible")),
        Err(_) if is_whole(text) => Err(format!("at most {most} are possible")),
        _ => Err("a whole number from 1 on is needed".into()),
    }
}

pub(crate) fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "a whole number in [0, 2⁶⁴) is needed".into())
}

pub(crate) fn not_negative(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(x) if x >= 0.0 && x.is_finite() => Ok(x),
        _ => Err("a number in [0, ∞) is needed".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_out_of_proportion_are_refused_with_their_limit() {
        assert_eq!(counts("state")("1..3"), Ok(1..=3));
        assert_eq!(counts("state")("18446744073709551615").map(|k| *k.end()), Ok(usize::MAX));
        assert!(counts("state")("18446744073709551616").unwrap_err().contains("more states than"));
        assert!(counts("state")("1..1000000000").unwrap_err().starts_with("1000000000 fits are too many"));
        assert!(counts("state")("1..18446744073709551615").unwrap_err().contains("at most 1000"));
        for text in ["1000001", "99999999999999999999999"] {
            assert_eq!(up_to(RESTARTS)(text).unwrap_err(), "at most 1000000 are possible");
        }
        for text in ["0", "-1", "x", "1.5", ""] {
            assert!(up_to(RESTARTS)(text).unwrap_err().starts_with("a whole number from 1 on"));
        }
        assert_eq!(up_to(RESTARTS)("1000000"), Ok(1_000_000));
    }
}
