//! CSV: one row a line, the columns chosen by name, every refusal with its line and column.

use std::path::Path;

use crate::data::Table;
use crate::error::Error;

use super::cells::{self, Kind, NOT_UTF_8, is_missing, is_truth};
use super::header::{SAMPLE, first_row};
use super::lines::Lines;
use super::records::{Records, texts};
use crate::io::columns::{Columns, counts_rows, is_written_index};
use crate::io::names::Names;

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
/// A first row with text above numbers is a header; without a header the columns are called x1 … xD. A first row of
/// numbers is read as a row, and [`Lines::assumed`] says so, unless it looks like names (whole numbers above decimals,
/// 0, 1, 2 …, or years above counts) or is mixed with text above text: then the reader asks, and
/// [`header`](Self::header) answers. Names of columns that are asked for and stand in the first row make it a header.
///
/// A comma, a semicolon or a tabulator separates cells: whichever the first line has most of, or a first line `sep=;`
/// says. Lines end in line feeds, with or without a carriage return, or in carriage returns alone. A column that numbers
/// the rows under a name that programs make up, such as `Unnamed: 0`, is read only if it is chosen by name.
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
    header: Option<bool>,
    missing: bool,
    spellings: Vec<String>,
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

    /// The first row holds the names of the columns (`true`), or is a row like the others (`false`).
    #[must_use]
    pub fn header(mut self, is_there: bool) -> Self {
        self.header = Some(is_there);
        self
    }

    /// Take empty cells, NA, N/A, NaN, null, None, ? and . as missing, in the usual spellings: they become NaN instead of
    /// an error.
    #[must_use]
    pub fn missing(mut self, allowed: bool) -> Self {
        self.missing = allowed;
        self
    }

    /// Take cells with these texts as missing too: `-999`, `unknown`. They become NaN.
    /// ```
    /// use marginal::io::CsvOptions;
    /// let path = std::env::temp_dir().join("marginal_missing_as.csv");
    /// std::fs::write(&path, "a,b\n1,-999\n2,unknown\n3,0.5\n")?;
    /// let table = CsvOptions::default().missing_as(["-999", "unknown"]).read(&path)?;
    /// assert!(table.row(0)[1].is_nan() && table.row(1)[1].is_nan() && table.row(2)[1] == 0.5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn missing_as<S: Into<String>>(mut self, texts: impl IntoIterator<Item = S>) -> Self {
        self.spellings = texts.into_iter().map(Into::into).collect();
        self
    }

    /// What stands in a cell.
    fn kind(&self, cell: &str) -> Kind {
        if self.spellings.iter().any(|text| text == cell) { Kind::Missing } else { Kind::of(cell) }
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
        let (mut records, names, _) = self.open(path, &[column])?;
        let d = Names::new(&names).find(column)?;
        let mut cells = Vec::new();
        loop {
            records.check_length(names.len())?;
            let at = || format!("line {}, column `{column}`", records.line);
            let cell = std::str::from_utf8(&records.record[d]).map_err(|_| format!("{}: {NOT_UTF_8}", at()))?.trim();
            if is_missing(cell) {
                return Err(cells::missing(&at(), cell));
            }
            cells.push(cell.to_owned());
            if !records.next()? {
                return Ok(cells);
            }
        }
    }

    /// The records from the first row on, the names of the columns, and what was assumed of the first line. `asked` are
    /// columns that the caller knows by name.
    fn open(&self, path: &Path, asked: &[&str]) -> Result<(Records, Vec<String>, Lines), String> {
        let mut records = Records::open(path, self.delimiter)?;
        if !records.next()? {
            return Err("the file is empty: a table needs a row of numbers".into());
        }
        let (first, line) = (texts(&records.record, records.line)?, records.line);
        let kinds = |cell: &[u8]| std::str::from_utf8(cell).map_or(Kind::Text, |text| self.kind(text.trim()));
        let below: Vec<Vec<Kind>> = records.look_ahead(SAMPLE)?.map(|row| row.iter().map(kinds).collect()).collect();
        let decided = first_row(self.header, &first, &below, asked, line)?;
        let mut lines = Lines::default();
        decided.assumed.into_iter().for_each(|sentence| lines.assume(sentence));
        let names = if decided.is_header { first } else { (1..=first.len()).map(|d| format!("x{d}")).collect() };
        if decided.is_header && !records.next()? {
            return Err("there is a header but no row below it".into());
        }
        Ok((records, names, lines))
    }

    fn parse(&self, path: &Path) -> Result<(Table, Lines), String> {
        let known = self.columns.named.iter().flatten().chain(&self.columns.without);
        let (mut records, names, mut lines) = self.open(path, &known.map(String::as_str).collect::<Vec<_>>())?;
        let chosen = self.columns.choose(&names, |d| {
            let cell = String::from_utf8_lossy(records.record.get(d).unwrap_or_default());
            let cell = cell.trim();
            let what = if is_truth(cell) { "truth values, not numbers" } else { "text" };
            (self.kind(cell) == Kind::Text).then(|| format!("{what} (line {}: `{cell}`)", records.line))
        })?;
        let mut values = Vec::new();
        loop {
            records.check_length(names.len())?;
            let line = records.line;
            for &d in &chosen {
                let at = || format!("line {line}, column `{}`", names[d]);
                let cell = &records.record[d];
                let own = |text: &str| self.spellings.iter().any(|own| own == text.trim());
                let is_own = std::str::from_utf8(cell).is_ok_and(own);
                values.push(if is_own { f64::NAN } else { cells::number(cell, self.missing, at)? });
            }
            lines.push(line);
            if !records.next()? {
                break;
            }
        }
        let chosen_names = chosen.iter().map(|&d| names[d].clone()).collect();
        let table = Table::new(chosen_names, values).map_err(|e| e.to_string())?;
        if self.columns.named.is_none() {
            for index in names.iter().filter(|name| is_written_index(name)) {
                lines.assume(format!("column `{index}` is an index and was left out: name it in --columns to read it"));
            }
            counts_rows(&table)?.into_iter().for_each(|sentence| lines.assume(sentence));
        }
        Ok((table, lines))
    }
}
