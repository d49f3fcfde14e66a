//! Whether the first row of a table names its columns or is a row like the others.
//!
//! Text above numbers is a header. Where all cells of the first row are numbers, or those that are text stand above
//! text, both can be: a row of numbers is read as a row, and said to be one, unless something speaks for a header; then,
//! and where text and numbers are mixed, the reader asks.

use std::collections::HashSet;

use super::cells::Kind;

/// How many rows below the first are compared with it.
pub(crate) const SAMPLE: usize = 100;

/// What the first row is taken for.
pub(crate) struct FirstRow {
    pub(crate) is_header: bool,
    /// What was assumed, where another reading is possible.
    pub(crate) assumed: Option<String>,
}

/// What the first row is: as said, as the names that are asked for show, or as its cells do.
///
/// `below` holds the kinds of the cells of the next rows; `asked` the names of columns that the caller knows.
pub(crate) fn first_row(
    said: Option<bool>,
    first: &[String],
    below: &[Vec<Kind>],
    asked: &[&str],
    line: u64,
) -> Result<FirstRow, String> {
    let sure = |is_header| Ok(FirstRow { is_header, assumed: None });
    let kinds: Vec<Kind> = first.iter().map(|cell| Kind::of(cell)).collect();
    let numbers: Vec<usize> = (0..kinds.len()).filter(|&d| kinds[d].number().is_some()).collect();
    let texts: Vec<usize> = (0..kinds.len()).filter(|&d| kinds[d] == Kind::Text).collect();
    if let Some(said) = said {
        return sure(said);
    }
    let row = || {
        let assumed = format!(
            "line {line} was read as a row of numbers, and the columns are called x1 … x{}: --header yes if it holds \
             their names",
            first.len()
        );
        Ok(FirstRow { is_header: false, assumed: Some(assumed) })
    };
    let cells: HashSet<&str> = first.iter().map(String::as_str).collect();
    let doubtful = !numbers.is_empty();
    if doubtful && !asked.is_empty() && asked.iter().all(|name| cells.contains(name)) {
        let is_number = |name: &&str| Kind::of(name).number().is_some();
        let assumed = asked.iter().any(is_number).then(|| {
            format!("line {line} was read as the header, for it holds the names asked for: --header no if it is a row")
        });
        return Ok(FirstRow { is_header: true, assumed });
    }
    let given = |name: &&str| name.strip_prefix('x').is_some_and(|d| d.parse().is_ok_and(|d: usize| d <= first.len()));
    if doubtful && !asked.is_empty() && asked.iter().all(given) {
        return row();
    }
    if !doubtful {
        let spelled_out = |d: &usize| kinds[*d] == Kind::Missing && !first[*d].is_empty();
        let above_numbers = texts.iter().any(|&d| column(below, d).any(|kind| kind.number().is_some()));
        return match texts.is_empty() {
            true => row(),
            false if above_numbers || !(0..kinds.len()).any(|d| spelled_out(&d)) => sure(true),
            false => Err(question(first, line, "it holds text and missing values")),
        };
    }
    // No two columns have one name.
    if cells.len() < first.len() && texts.is_empty() {
        return row();
    }
    let firsts: Vec<Kind> = numbers.iter().map(|&d| kinds[d]).collect();
    let columns: Vec<Vec<Kind>> = numbers.iter().map(|&d| column(below, d).collect()).collect();
    let next: Vec<Kind> =
        below.first().map_or_else(Vec::new, |row| numbers.iter().filter_map(|&d| row.get(d).copied()).collect());
    let evidence = if written_otherwise(&firsts, &columns) {
        Some("its numbers are written otherwise than those below")
    } else if rises_evenly(&firsts) && !rises_evenly(&next) {
        Some("its numbers rise evenly, as names do")
    } else if lies_far_off(&firsts, &columns) {
        Some("its numbers are far from those below")
    } else {
        None
    };
    let above_numbers = texts.iter().any(|&d| column(below, d).any(|kind| kind.number().is_some()));
    match evidence {
        Some(_) if above_numbers => sure(true),
        Some(why) => Err(question(first, line, why)),
        None if texts.is_empty() => row(),
        None => Err(question(first, line, "it holds numbers and text")),
    }
}

fn question(first: &[String], line: u64, why: &str) -> String {
    const SHOWN: usize = 5;
    let mut shown: Vec<String> = first.iter().take(SHOWN).map(|cell| format!("`{cell}`")).collect();
    if first.len() > SHOWN {
        shown.push("…".into());
    }
    format!(
        "line {line} ({}) may name the columns or be a row, for {why}: say --header yes, or --header no, which calls the \
         columns x1 … x{}",
        shown.join(", "),
        first.len()
    )
}

/// The cells of a column in the rows below, but for those that are missing.
fn column(below: &[Vec<Kind>], d: usize) -> impl Iterator<Item = Kind> + '_ {
    below.iter().filter_map(move |row| row.get(d).copied()).filter(|kind| *kind != Kind::Missing)
}

/// Whether in each column the first number is whole and no other is, or the other way round.
fn written_otherwise(firsts: &[Kind], columns: &[Vec<Kind>]) -> bool {
    let whole = |kind: &Kind| matches!(kind, Kind::Whole(_));
    let differs = |(first, rest): (&Kind, &Vec<Kind>)| {
        let least = if whole(first) { 1 } else { 2 };
        rest.len() >= least && rest.iter().all(|kind| kind.number().is_some() && whole(kind) != whole(first))
    };
    firsts.iter().zip(columns).all(differs)
}

/// Three or more numbers that rise by one, or four or more that rise by the same.
fn rises_evenly(row: &[Kind]) -> bool {
    let numbers: Vec<f64> = row.iter().filter_map(|kind| kind.number()).collect();
    let steps: Vec<f64> = numbers.windows(2).map(|two| two[1] - two[0]).collect();
    let [step, ..] = steps[..] else { return false };
    let even = steps.iter().all(|other| (other - step).abs() <= 1e-9 * step);
    step > 0.0 && even && (numbers.len() >= 4 || numbers.len() == 3 && step == 1.0)
}

/// Whether in each column the first number is further from the others than they are from each other.
fn lies_far_off(firsts: &[Kind], columns: &[Vec<Kind>]) -> bool {
    // One outlier is no wonder; one in each of several columns is.
    let factor = if firsts.len() > 1 { 1.0 } else { 10.0 };
    let mut wide = false;
    let off = |(first, rest): (&Kind, &Vec<Kind>)| {
        let numbers = || rest.iter().filter_map(|kind| kind.number());
        let (least, greatest) = numbers().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
        let width = greatest - least;
        wide |= width > 0.0;
        let x = first.number().unwrap_or(f64::NAN);
        rest.len() >= 2 && (x < least - factor * width || x > greatest + factor * width)
    };
    firsts.iter().zip(columns).all(off) && wide
}
