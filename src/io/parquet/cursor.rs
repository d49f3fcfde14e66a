//! A cursor: rows of a Parquet file, decoded one batch after the other into the same memory.

use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use ::parquet::data_type::{DataType, FixedLenByteArray};
use ::parquet::errors::ParquetError;

use super::decoder::decoded;
use super::layout::{Layout, NumberColumn};
use super::pages::CheckedPages;

/// Where it stands in the file, what it reads there, and the rows that it has read last.
pub(super) struct Cursor<'a> {
    path: &'a Path,
    layout: &'a Layout,
    columns: &'a [NumberColumn],
    weights: Option<&'a NumberColumn>,
    file: Option<Arc<File>>,
    /// One reader a column, the weights' last, in the row group that is open.
    readers: Vec<ColumnReader>,
    group: usize,
    /// The rows of the open row group that are still to be read.
    left: usize,
    /// The row to be read next.
    next: usize,
    stored: Stored,
    batch: Numbers,
}

/// The numbers of some rows, NaN for null.
#[derive(Default)]
pub(super) struct Numbers {
    /// Row-major.
    pub(super) values: Vec<f64>,
    /// Empty if there is no column of weights.
    pub(super) weights: Vec<f64>,
}

/// Values as they are stored, of one column at a time.
#[derive(Default)]
struct Stored {
    /// Of each row whether it has a value: 1 or 0.
    levels: Vec<i16>,
    truths: Vec<bool>,
    i32s: Vec<i32>,
    i64s: Vec<i64>,
    f32s: Vec<f32>,
    f64s: Vec<f64>,
    bytes: Vec<FixedLenByteArray>,
}

/// A row, counted from the first of those asked for, and its integer that 64-bit numbers skip.
type Skipped = Option<(usize, i128)>;

impl<'a> Cursor<'a> {
    /// A cursor that opens the file when it is first asked for rows.
    pub(super) fn new(
        path: &'a Path,
        layout: &'a Layout,
        columns: &'a [NumberColumn],
        weights: Option<&'a NumberColumn>,
    ) -> Self {
        let (stored, batch) = (Stored::default(), Numbers::default());
        Self { path, layout, columns, weights, file: None, readers: vec![], group: 0, left: 0, next: 0, stored, batch }
    }

    /// The numbers of some rows; without a search where the rows before them were read last.
    pub(super) fn read(&mut self, rows: Range<usize>) -> Result<&Numbers, String> {
        if self.readers.is_empty() || self.next != rows.start {
            self.seek(rows.start)?;
        }
        self.batch.values.resize(rows.len() * self.columns.len(), 0.0);
        self.batch.weights.resize(if self.weights.is_some() { rows.len() } else { 0 }, 0.0);
        while self.next < rows.end {
            if self.left == 0 {
                self.open_group(self.group + 1)?;
                continue;
            }
            let count = self.left.min(rows.end - self.next);
            self.decode(self.next - rows.start, count)?;
            self.left -= count;
            self.next += count;
        }
        Ok(&self.batch)
    }

    fn seek(&mut self, row: usize) -> Result<(), String> {
        let (group, before) = self.layout.group_of(row);
        self.open_group(group)?;
        for reader in &mut self.readers {
            decoded(|| skip(reader, before))?;
        }
        self.left -= before;
        self.next = row;
        Ok(())
    }

    fn open_group(&mut self, group: usize) -> Result<(), String> {
        let file = match &self.file {
            Some(file) => Arc::clone(file),
            None => Arc::new(self.layout.reopen(self.path)?),
        };
        let (about, rows) = (self.layout.group(group), self.layout.rows_of(group));
        self.readers.clear();
        for column in self.columns.iter().chain(self.weights) {
            let chunk = about.column(column.place);
            let pages = decoded(|| CheckedPages::new(&file, chunk, rows))?;
            self.readers.push(get_column_reader(chunk.column_descr_ptr(), Box::new(pages)));
        }
        (self.file, self.group, self.left) = (Some(file), group, rows);
        Ok(())
    }

    /// Decodes so many rows, the first of which is the n-th of the batch.
    fn decode(&mut self, n: usize, count: usize) -> Result<(), String> {
        let width = self.columns.len();
        for (d, (column, reader)) in self.columns.iter().chain(self.weights).zip(&mut self.readers).enumerate() {
            let skipped = if d < width {
                let places = self.batch.values[n * width + d..].iter_mut().step_by(width);
                decoded(|| self.stored.read(column, reader, count, places))?
            } else {
                let places = self.batch.weights[n..].iter_mut();
                decoded(|| self.stored.read(column, reader, count, places))?
            };
            if let Some((n, integer)) = skipped {
                return Err(format!(
                    "row {}, column `{}`: {integer} lies beyond ±2⁵³, where 64-bit numbers skip integers: choose other \
                     columns, or store the column as DOUBLE",
                    self.next + n,
                    column.name
                ));
            }
        }
        Ok(())
    }
}

impl Stored {
    /// The next values of a column, as numbers, to their places.
    fn read<'p>(
        &mut self,
        column: &NumberColumn,
        reader: &mut ColumnReader,
        count: usize,
        places: impl Iterator<Item = &'p mut f64>,
    ) -> Result<Skipped, ParquetError> {
        let (levels, number) = (&mut self.levels, column.number);
        match reader {
            ColumnReader::BoolColumnReader(reader) => {
                read(reader, levels, &mut self.truths, count, |x| Ok(f64::from(u8::from(*x))), places)
            }
            ColumnReader::Int32ColumnReader(reader) => {
                read(reader, levels, &mut self.i32s, count, |x| number.of_i32(*x), places)
            }
            ColumnReader::Int64ColumnReader(reader) => {
                read(reader, levels, &mut self.i64s, count, |x| number.of_i64(*x), places)
            }
            ColumnReader::FloatColumnReader(reader) => {
                read(reader, levels, &mut self.f32s, count, |x| Ok(f64::from(*x)), places)
            }
            ColumnReader::DoubleColumnReader(reader) => read(reader, levels, &mut self.f64s, count, |x| Ok(*x), places),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                read(reader, levels, &mut self.bytes, count, |x| number.of_bytes(x.data()), places)
            }
            ColumnReader::Int96ColumnReader(_) | ColumnReader::ByteArrayColumnReader(_) => {
                Err(ParquetError::General(format!("column `{}` holds no numbers", column.name)))
            }
        }
    }
}

fn read<'p, T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    levels: &mut Vec<i16>,
    stored: &mut Vec<T::T>,
    count: usize,
    number: impl Fn(&T::T) -> Result<f64, i128>,
    places: impl Iterator<Item = &'p mut f64>,
) -> Result<Skipped, ParquetError> {
    levels.clear();
    stored.clear();
    let (rows, present, _) = reader.read_records(count, Some(levels), None, stored)?;
    if rows != count {
        return Err(ParquetError::EOF(format!("{rows} rows where {count} were announced")));
    }
    if present == count {
        return Ok(fill(places, stored.iter().map(number)));
    }
    let mut stored = stored.iter();
    let missing = || Ok(f64::NAN);
    Ok(fill(
        places,
        levels.iter().map(|level| if *level == 0 { missing() } else { stored.next().map_or_else(missing, &number) }),
    ))
}

/// Writes numbers to their places, as far as they are numbers.
fn fill<'p>(places: impl Iterator<Item = &'p mut f64>, numbers: impl Iterator<Item = Result<f64, i128>>) -> Skipped {
    for (n, (place, number)) in places.zip(numbers).enumerate() {
        match number {
            Ok(x) => *place = x,
            Err(integer) => return Some((n, integer)),
        }
    }
    None
}

fn skip(reader: &mut ColumnReader, rows: usize) -> Result<(), ParquetError> {
    let skipped = match reader {
        ColumnReader::BoolColumnReader(reader) => reader.skip_records(rows),
        ColumnReader::Int32ColumnReader(reader) => reader.skip_records(rows),
        ColumnReader::Int64ColumnReader(reader) => reader.skip_records(rows),
        ColumnReader::Int96ColumnReader(reader) => reader.skip_records(rows),
        ColumnReader::FloatColumnReader(reader) => reader.skip_records(rows),
        ColumnReader::DoubleColumnReader(reader) => reader.skip_records(rows),
        ColumnReader::ByteArrayColumnReader(reader) => reader.skip_records(rows),
        ColumnReader::FixedLenByteArrayColumnReader(reader) => reader.skip_records(rows),
    }?;
    if skipped == rows { Ok(()) } else { Err(ParquetError::EOF(format!("{skipped} rows where more were announced"))) }
}
