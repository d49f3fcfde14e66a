//! What separates the cells of a table, as its first line shows.

use super::cells::Kind;

/// What may stand between two cells; of two that are as frequent, the later (a comma also stands in text).
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// The delimiter that a line `sep=;` says, as spreadsheets write and read it.
pub(crate) fn said(line: &[u8]) -> Option<u8> {
    match line.trim_ascii_end() {
        [s, e, p, b'=', delimiter] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => Some(*delimiter),
        // The tabulator is itself a blank at the end of the line.
        [s, e, p, b'='] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") && line.get(4) == Some(&b'\t') => Some(b'\t'),
        _ => None,
    }
}

/// The delimiter that a line has most of outside quotation marks; where the cells between semicolons or tabulators are
/// numbers with decimal commas, those.
pub(crate) fn found(line: &[u8]) -> u8 {
    let with_commas = |d: &u8| {
        let cells: Vec<&[u8]> = line.split(|b| b == d).map(<[u8]>::trim_ascii).collect();
        let number = |cell: &&[u8]| {
            let kind = Kind::of(std::str::from_utf8(cell).unwrap_or("not text"));
            kind.number().is_some() || kind == Kind::Missing
        };
        cells.len() > 1 && cells.iter().all(number)
    };
    if let Some(decimal) = [b';', b'\t'].into_iter().find(with_commas) {
        return decimal;
    }
    let mut counts = [0_usize; 3];
    let mut quoted = false;
    for byte in line {
        quoted ^= *byte == b'"';
        if let Some(place) = DELIMITERS.iter().position(|d| !quoted && d == byte) {
            counts[place] += 1;
        }
    }
    let most = (0..DELIMITERS.len()).filter(|&place| counts[place] > 0).max_by_key(|&place| counts[place]);
    most.map_or(b',', |place| DELIMITERS[place])
}

#[cfg(test)]
mod tests {
    use super::{found, said};

    #[test]
    fn the_first_line_shows_the_delimiter() {
        assert_eq!([&b"a,b"[..], b"a;b", b"a\tb", b"a", b"\"a;b;c\",d"].map(found), *b",;\t,,");
        assert_eq!([&b"1,5;2,5"[..], b"1,5\t2", b"1,5,2", b"1;2"].map(found), *b";\t,;");
        assert_eq!(
            [&b"sep=;\r"[..], b"SEP=,", b"sep=\t", b"sep", b"sep=ab"].map(said),
            [Some(b';'), Some(b','), Some(b'\t'), None, None]
        );
    }
}
