//! The records of a CSV file, one after the other, each with its line.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Chain, Read};
use std::path::Path;

use ::csv::{ByteRecord, Reader, ReaderBuilder, Terminator};

use super::cells::NOT_UTF_8;
use super::delimiter;
use super::quotes::Quotes;
use crate::io::file_kind::not_text;

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// What is read ahead of the first record, and a line may hold; a longer one is no line of a table.
const AHEAD: usize = 1 << 16;
const LONGEST_LINE: usize = 1 << 26;

/// Appended to the file: the end of the last line, then a record that no file holds. A cell that has swallowed it was
/// never closed.
const END: &[u8] = b"\n\x1A\x04\x1A\n";

/// One record after the other, through one buffer.
pub(crate) struct Records {
    reader: Reader<Chain<Source, &'static [u8]>>,
    /// The records that were looked at already, with their lines.
    ahead: VecDeque<(ByteRecord, u64)>,
    /// The lines before the first that the reader sees.
    before: u64,
    /// Whether commas separate the cells.
    comma: bool,
    pub(crate) record: ByteRecord,
    pub(crate) line: u64,
}

impl Records {
    pub(crate) fn open(path: &Path, delimiter: Option<u8>) -> Result<Self, String> {
        let file = File::open(path).map_err(|e| format!("cannot be opened: {e}"))?;
        let mut file = BufReader::with_capacity(AHEAD, file);
        let start = file.fill_buf().map_err(|e| format!("cannot be read: {e}"))?;
        if let Some(what) = not_text(start) {
            return Err(what.into());
        }
        let mut skip = if start.starts_with(MARK) { MARK.len() } else { 0 };
        // Line feeds, or carriage returns alone, as in old files.
        let returns = !start.contains(&b'\n') && start.contains(&b'\r');
        let end = if returns { b'\r' } else { b'\n' };
        let mut lines = start[skip..].split(|b| *b == end);
        let mut first_line = lines.next().unwrap_or_default();
        let said = delimiter::said(first_line);
        if said.is_some() {
            skip = start.len().min(skip + first_line.len() + 1);
        }
        while first_line.trim_ascii().is_empty() || delimiter::said(first_line).is_some() {
            let Some(next) = lines.next() else { break };
            first_line = next;
        }
        let delimiter = delimiter.or(said).unwrap_or_else(|| delimiter::found(first_line));
        file.consume(skip);
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            // With the line feed alone as terminator, and one after the last line, the reader stands at the beginning
            // of a line after each record: that tells the record's own line. Carriage returns are trimmed as blanks.
            .terminator(Terminator::Any(b'\n'))
            .from_reader(
                Source { file, returns, length: 0, quotes: Quotes::new(delimiter, u64::from(said.is_some())) }
                    .chain(END),
            );
        let before = u64::from(said.is_some());
        Ok(Self {
            reader,
            ahead: VecDeque::new(),
            before,
            comma: delimiter == b',',
            record: ByteRecord::new(),
            line: 0,
        })
    }

    /// Whether the record has as many cells as there are columns.
    pub(crate) fn check_length(&self, expected: usize) -> Result<(), String> {
        let (line, found) = (self.line, self.record.len());
        if found == expected {
            return Ok(());
        }
        let cells = if found == 1 { "cell" } else { "cells" };
        let comma = found == 2 * expected && self.comma;
        let advice = if comma { "mend the line; decimals are written with a point" } else { "mend the line" };
        Err(format!("line {line} has {found} {cells} instead of {expected}: {advice}"))
    }

    /// Steps to the next line that is not blank; false at the end of the file.
    pub(crate) fn next(&mut self) -> Result<bool, String> {
        match self.ahead.pop_front() {
            Some((record, line)) => {
                (self.record, self.line) = (record, line);
                Ok(true)
            }
            None => self.step(),
        }
    }

    /// The records after this one, `count` of them if there are as many; they are still to come.
    pub(crate) fn look_ahead(&mut self, count: usize) -> Result<impl Iterator<Item = &ByteRecord>, String> {
        let here = (self.record.clone(), self.line);
        while self.ahead.len() < count && self.step()? {
            self.ahead.push_back((std::mem::take(&mut self.record), self.line));
        }
        (self.record, self.line) = here;
        Ok(self.ahead.iter().map(|(record, _)| record))
    }

    fn step(&mut self) -> Result<bool, String> {
        loop {
            if !self.reader.read_byte_record(&mut self.record).map_err(|e| format!("cannot be read: {}", reason(e)))? {
                return Ok(false);
            }
            let breaks = line_breaks(self.record.as_slice());
            self.line = self.before + self.reader.position().line() - 1 - breaks;
            let last = self.record.get(self.record.len().saturating_sub(1)).unwrap_or_default();
            let unclosed = last.ends_with(&END[1..]);
            if unclosed {
                let opened = self.line + 1 + breaks - line_breaks(last);
                return Err(format!(
                    "line {opened} opens a quotation mark that nothing closes: close it, or double one within a cell"
                ));
            }
            let only = if self.record.len() == 1 { Some(&self.record[0]) } else { None };
            if only == Some(&END[1..END.len() - 1]) {
                return Ok(false);
            }
            // A line without any letter does not come here; one that holds "" is a row with an empty cell.
            let blank = only.is_some_and(|cell| !cell.is_empty() && cell.trim_ascii().is_empty());
            if !blank {
                return Ok(true);
            }
        }
    }
}

/// How many line feeds there are. The compiler counts them many at a time.
#[allow(clippy::naive_bytecount, reason = "rarely is there one")]
fn line_breaks(text: &[u8]) -> u64 {
    text.iter().filter(|b| **b == b'\n').count() as u64
}

fn reason(error: ::csv::Error) -> String {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error.to_string(),
        other => format!("{other:?}"),
    }
}

/// The cells of a record as text, without blanks around them.
pub(crate) fn texts(record: &ByteRecord, line: u64) -> Result<Vec<String>, String> {
    let text = |cell: &[u8]| std::str::from_utf8(cell).map(|text| text.trim().to_owned());
    record.iter().map(text).collect::<Result<_, _>>().map_err(|_| format!("line {line}: {NOT_UTF_8}"))
}

/// The bytes of a file with line feeds at the ends of its lines.
struct Source {
    file: BufReader<File>,
    /// Whether carriage returns alone end the lines.
    returns: bool,
    /// The length of the line so far.
    length: usize,
    quotes: Quotes,
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        let read = &mut buffer[..count];
        if self.returns {
            read.iter_mut().filter(|b| **b == b'\r').for_each(|b| *b = b'\n');
        }
        self.length = match read.iter().rposition(|b| *b == b'\n') {
            Some(last) => count - 1 - last,
            None => self.length + count,
        };
        if self.length > LONGEST_LINE {
            return Err(io::Error::other(format!("a line is longer than {LONGEST_LINE} bytes: this is no table")));
        }
        match self.quotes.follow(read) {
            Ok(()) => Ok(count),
            Err(line) => Err(io::Error::other(format!(
                "line {line} opens a quotation mark that closes in another row: close it, or double one within a cell"
            ))),
        }
    }
}
