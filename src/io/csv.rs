//! CSV: one row a line, the columns chosen by name, every refusal with its line and column.

use std::fs::File;
use std::io::{BufRead, BufReader, Chain, Read};
use std::path::Path;

use ::csv::{ByteRecord, Reader, ReaderBuilder, Terminator};

use crate::data::Table;
use crate::error::Error;

use super::Lines;
use super::columns::{Columns, find};

/// What a missing value may look like.
const MISSING: [&str; 7] = ["", "NA", "N/A", "NaN", "nan", "null", "?"];
const NOT_UTF_8: &str = "the text is not UTF-8: save the table as a CSV file in UTF-8";
/// What may stand between two cells; of two that are as frequent, the later (a comma also stands in text).
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

impl Table {
    /// Reads all columns of a CSV file, each of which must hold numbers; [`CsvOptions`] reads some of them.
    ///
    /// # Errors
    /// As [`CsvOptions::read`].
    #[cfg_attr(docsrs, doc(cfg(feature = "csv")))]
    pub fn read_csv(path: impl AsRef<Path>) -> Result<Self, Error> {
        CsvOptions::default().read(path)
    }
}

/// How a CSV file is read.
///
/// The first row is a header unless all its cells are numbers or missing; without one the columns are called
/// x1 … xD. A comma, a semicolon or a tabulator separates cells: whichever the first line has most of.
/// ```
/// use marginal::io::CsvOptions;
/// let waiting = CsvOptions::default().columns(["waiting"]).read("data/faithful.csv")?;
/// assert_eq!((waiting.len(), waiting.row(0)), (272, &[79.0][..]));
/// # Ok::<(), marginal::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct CsvOptions {
    columns: Columns,
    delimiter: Option<u8>,
    missing: bool,
}

impl CsvOptions {
    /// Read these columns, in this order.
    #[must_use]
    pub fn columns<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.columns.named = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Read all columns but these; has no effect on columns that are chosen by name.
    #[must_use]
    pub fn without<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.columns.without = names.into_iter().map(Into::into).collect();
        self
    }

    /// Cells are separated by this byte.
    #[must_use]
    pub fn delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = Some(delimiter);
        self
    }

    /// Take empty cells, NA, N/A, NaN, null and ? as missing: they become NaN instead of an error.
    #[must_use]
    pub fn missing(mut self, allowed: bool) -> Self {
        self.missing = allowed;
        self
    }

    /// The table in a file.
    ///
    /// # Errors
    /// [`Error::File`] with the line, the column and the text at fault, or the columns that there are.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Table, Error> {
        self.read_with_lines(path).map(|(table, _)| table)
    }

    /// The table in a file, and the line of each row.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_with_lines(&self, path: impl AsRef<Path>) -> Result<(Table, Lines), Error> {
        let path = path.as_ref();
        self.parse(path).map_err(|reason| Error::File { path: path.display().to_string(), reason })
    }

    /// One column as it is written, be it text or numbers: the name of each row's group, say. Of the settings only the
    /// delimiter counts.
    ///
    /// # Errors
    /// As [`read`](Self::read); a missing cell is always one.
    pub fn read_text(&self, path: impl AsRef<Path>, column: &str) -> Result<Vec<String>, Error> {
        let path = path.as_ref();
        self.parse_text(path, column).map_err(|reason| Error::File { path: path.display().to_string(), reason })
    }

    fn parse_text(&self, path: &Path, column: &str) -> Result<Vec<String>, String> {
        let (mut records, names) = self.open(path)?;
        let d = find(&names, column)?;
        let mut cells = Vec::new();
        loop {
            records.check_length(names.len())?;
            let at = || format!("line {}, column `{column}`", records.line);
            let cell = std::str::from_utf8(&records.record[d]).map_err(|_| format!("{}: {NOT_UTF_8}", at()))?.trim();
            if is_missing(cell) {
                return Err(missing(&at(), cell));
            }
            cells.push(cell.to_owned());
            if !records.next()? {
                return Ok(cells);
            }
        }
    }

    /// The records from the first row on, and the names of the columns.
    fn open(&self, path: &Path) -> Result<(Records, Vec<String>), String> {
        let mut records = Records::open(path, self.delimiter)?;
        if !records.next()? {
            return Err("the file is empty: a table needs a row of numbers".into());
        }
        let first = texts(&records.record, records.line)?;
        let header = first.iter().any(|cell| cell.parse::<f64>().is_err() && !is_missing(cell));
        let names = if header { first } else { (1..=first.len()).map(|d| format!("x{d}")).collect() };
        if header && !records.next()? {
            return Err("there is a header but no row below it".into());
        }
        Ok((records, names))
    }

    fn parse(&self, path: &Path) -> Result<(Table, Lines), String> {
        let (mut records, names) = self.open(path)?;
        let chosen = self.columns.choose(&names, |d| {
            let cell = String::from_utf8_lossy(records.record.get(d).unwrap_or_default());
            let cell = cell.trim();
            // A number with a decimal comma is one to mend, not a label.
            let text = !is_missing(cell) && cell.replace(',', ".").parse::<f64>().is_err();
            text.then(|| format!("text (line {}: `{cell}`)", records.line))
        })?;
        let mut values = Vec::new();
        let mut lines = Lines::default();
        loop {
            records.check_length(names.len())?;
            for &d in &chosen {
                values.push(self.number(&records.record[d], records.line, &names[d])?);
            }
            lines.push(records.line);
            if !records.next()? {
                break;
            }
        }
        let names = chosen.iter().map(|&d| names[d].clone()).collect();
        Ok((Table::new(names, values).map_err(|e| e.to_string())?, lines))
    }

    fn number(&self, cell: &[u8], line: u64, name: &str) -> Result<f64, String> {
        let at = || format!("line {line}, column `{name}`");
        let text = std::str::from_utf8(cell).map_err(|_| format!("{}: {NOT_UTF_8}", at()))?.trim();
        match text.parse::<f64>() {
            Ok(x) if x.is_finite() => Ok(x),
            _ if is_missing(text) && self.missing => Ok(f64::NAN),
            _ if is_missing(text) => Err(missing(&at(), text)),
            Ok(_) => Err(format!("{}: `{text}` is not finite: remove the row or mend the value", at())),
            Err(_) => Err(format!("{}: `{text}` is not a number: {}", at(), advice(text))),
        }
    }
}

/// One record after the other, through one buffer.
pub(super) struct Records {
    reader: Reader<Chain<BufReader<File>, &'static [u8]>>,
    pub(super) record: ByteRecord,
    pub(super) line: u64,
}

impl Records {
    pub(super) fn open(path: &Path, delimiter: Option<u8>) -> Result<Self, String> {
        let file = File::open(path).map_err(|e| format!("cannot be opened: {e}"))?;
        let mut file = BufReader::new(file);
        let start = file.fill_buf().map_err(|e| format!("cannot be read: {e}"))?;
        let mark: &[u8] = b"\xEF\xBB\xBF";
        let skip = if start.starts_with(mark) { mark.len() } else { 0 };
        let first_line = start[skip..].split(|b| *b == b'\n').next().unwrap_or_default();
        let count = |d: &u8| first_line.split(|b| b == d).count();
        let detected = DELIMITERS.into_iter().filter(|d| count(d) > 1).max_by_key(count).unwrap_or(b',');
        file.consume(skip);
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter.unwrap_or(detected))
            // With the line feed alone as terminator, and one after the last line, the reader stands at the beginning
            // of a line after each record: that tells the record's own line. Carriage returns are trimmed as blanks.
            .terminator(Terminator::Any(b'\n'))
            .from_reader(file.chain(&b"\n"[..]));
        Ok(Self { reader, record: ByteRecord::new(), line: 0 })
    }

    /// Whether the record has as many cells as there are columns.
    fn check_length(&self, expected: usize) -> Result<(), String> {
        match (self.line, self.record.len()) {
            (line, found) if found != expected => {
                Err(format!("line {line} has {found} cells instead of {expected}: mend the line"))
            }
            _ => Ok(()),
        }
    }

    /// Steps to the next line that is not blank; false at the end of the file.
    pub(super) fn next(&mut self) -> Result<bool, String> {
        loop {
            if !self.reader.read_byte_record(&mut self.record).map_err(|e| format!("cannot be read: {e}"))? {
                return Ok(false);
            }
            #[allow(
                clippy::naive_bytecount,
                reason = "the compiler counts them many at a time, and rarely is there one"
            )]
            let breaks = self.record.as_slice().iter().filter(|b| **b == b'\n').count();
            self.line = self.reader.position().line() - 1 - breaks as u64;
            let blank = self.record.len() == 1 && self.record[0].trim_ascii().is_empty();
            if !blank {
                return Ok(true);
            }
        }
    }
}

fn missing(at: &str, text: &str) -> String {
    let what = if text.is_empty() { "the cell is empty".into() } else { format!("`{text}`") };
    format!("{at}: missing value ({what}): remove the row or fill in the value")
}

pub(super) fn texts(record: &ByteRecord, line: u64) -> Result<Vec<String>, String> {
    let text = |cell: &[u8]| std::str::from_utf8(cell).map(|text| text.trim().to_owned());
    record.iter().map(text).collect::<Result<_, _>>().map_err(|_| format!("line {line}: {NOT_UTF_8}"))
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
    "mend the value or choose other columns".into()
}

pub(super) fn is_missing(text: &str) -> bool {
    MISSING.contains(&text)
}
