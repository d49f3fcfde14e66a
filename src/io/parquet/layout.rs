//! The layout of a Parquet file: its columns by name, and where its rows lie.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use ::parquet::file::metadata::ParquetStatisticsPolicy::SkipAll;
use ::parquet::file::metadata::{ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader, RowGroupMetaData};
use ::parquet::file::reader::ChunkReader;
use ::parquet::schema::types::{SchemaDescriptor, Type};

use super::decoder::decoded;
use super::number::{Number, TEXT};
use super::thrift::walk;
use crate::io::file_kind::not_text;

/// What a file that is not empty begins and ends with.
const MAGIC: &[u8] = b"PAR1";

/// What the end of a file says about the rest of it.
#[derive(Debug)]
pub(super) struct Layout {
    metadata: ParquetMetaData,
    /// The first row of each row group, and last the number of all rows.
    firsts: Vec<usize>,
    /// The first leaf of each column, if it has any.
    leaves: Vec<Option<usize>>,
    stamp: Stamp,
}

/// A column that holds numbers.
#[derive(Clone, Debug)]
pub(super) struct NumberColumn {
    pub(super) name: String,
    /// Its place in each row group.
    pub(super) place: usize,
    pub(super) number: Number,
}

/// By what a file is known to be the same.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stamp {
    bytes: u64,
    written: Option<SystemTime>,
}

impl Stamp {
    fn of(file: &File) -> Result<Self, String> {
        let about = file.metadata().map_err(|e| format!("cannot be read: {e}"))?;
        Ok(Self { bytes: about.len(), written: about.modified().ok() })
    }
}

impl Layout {
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let file = open(path)?;
        let stamp = Stamp::of(&file)?;
        check_magic(&file, stamp.bytes)?;
        check_footer(&file, stamp.bytes)?;
        // Nobody asks for the statistics of the columns.
        let options = ParquetMetaDataOptions::new()
            .with_column_stats_policy(SkipAll)
            .with_encoding_stats_policy(SkipAll)
            .with_size_stats_policy(SkipAll);
        let metadata =
            decoded(|| ParquetMetaDataReader::new().with_metadata_options(Some(options)).parse_and_finish(&file))?;
        let mut firsts = vec![0_usize];
        for group in metadata.row_groups() {
            let rows = agreed_rows(group, metadata.file_metadata().schema_descr(), stamp.bytes);
            let end = rows.and_then(|rows| firsts[firsts.len() - 1].checked_add(rows));
            firsts.push(end.ok_or("the file is corrupt: its row groups and its columns do not agree")?);
        }
        let schema = metadata.file_metadata().schema_descr();
        let mut leaves = vec![None; schema.root_schema().get_fields().len()];
        for leaf in (0..schema.num_columns()).rev() {
            leaves[schema.get_column_root_idx(leaf)] = Some(leaf);
        }
        Ok(Self { metadata, firsts, leaves, stamp })
    }

    /// Opens the file again.
    pub(super) fn reopen(&self, path: &Path) -> Result<File, String> {
        let file = open(path)?;
        if Stamp::of(&file)? == self.stamp { Ok(file) } else { Err("the file has changed: open it again".into()) }
    }

    /// N.
    pub(super) fn rows(&self) -> usize {
        self.firsts[self.firsts.len() - 1]
    }

    /// The row group of a row, and the rows of that group before it.
    pub(super) fn group_of(&self, row: usize) -> (usize, usize) {
        let group = self.firsts.partition_point(|first| *first <= row) - 1;
        (group, row - self.firsts[group])
    }

    /// How many row groups there are.
    pub(super) fn groups(&self) -> usize {
        self.firsts.len() - 1
    }

    /// The first row of a group.
    pub(super) fn first_of(&self, group: usize) -> usize {
        self.firsts[group]
    }

    pub(super) fn rows_of(&self, group: usize) -> usize {
        self.firsts[group + 1] - self.firsts[group]
    }

    pub(super) fn group(&self, group: usize) -> &RowGroupMetaData {
        self.metadata.row_group(group)
    }

    /// The names of all columns.
    pub(super) fn names(&self) -> Vec<String> {
        self.fields().iter().map(|field| field.name().to_owned()).collect()
    }

    /// The d-th column, or what it holds instead of numbers.
    pub(super) fn number_column(&self, d: usize) -> Result<NumberColumn, &'static str> {
        let (field, schema) = (&self.fields()[d], self.schema());
        if !field.is_primitive() {
            return Err("nested values");
        }
        let (place, column) = self.leaves[d].map(|place| (place, schema.column(place))).ok_or("no values")?;
        if column.max_rep_level() > 0 {
            return Err("lists");
        }
        let number = Number::of(&column)?;
        Ok(NumberColumn { name: field.name().to_owned(), place, number })
    }

    /// The place of the d-th column in each row group, if it is stored as text.
    pub(super) fn text_column(&self, d: usize) -> Option<usize> {
        let place = self.leaves[d].filter(|_| self.fields()[d].is_primitive())?;
        let column = self.schema().column(place);
        let text = column.physical_type() == ::parquet::basic::Type::BYTE_ARRAY && column.max_rep_level() == 0;
        (text && Number::of(&column) == Err(TEXT)).then_some(place)
    }

    fn schema(&self) -> &SchemaDescriptor {
        self.metadata.file_metadata().schema_descr()
    }

    fn fields(&self) -> &[Arc<Type>] {
        self.schema().root_schema().get_fields()
    }
}

fn open(path: &Path) -> Result<File, String> {
    File::open(path).map_err(|e| format!("cannot be opened: {e}"))
}

/// The rows of a group, if its columns agree with them, with the schema and with the size of the file.
fn agreed_rows(group: &RowGroupMetaData, schema: &SchemaDescriptor, bytes: u64) -> Option<usize> {
    let rows = usize::try_from(group.num_rows()).ok()?;
    let agrees = |place: usize| {
        let (column, chunk) = (schema.column(place), group.column(place));
        let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset());
        let within = start >= 0
            && chunk.compressed_size() >= 0
            && start.checked_add(chunk.compressed_size()).is_some_and(|end| end as u64 <= bytes);
        let nested = column.max_rep_level() > 0;
        within && chunk.column_type() == column.physical_type() && (nested || chunk.num_values() == group.num_rows())
    };
    let agree = group.num_columns() == schema.num_columns() && (0..schema.num_columns()).all(agrees);
    agree.then_some(rows)
}

/// Whether the decoder can believe the collections at the end of the file; their length stands before the last four bytes.
fn check_footer(file: &File, bytes: u64) -> Result<(), String> {
    let corrupt = || "the file is corrupt: its end says more than it can hold".to_owned();
    let read = |at: u64, length: u64| {
        file.get_bytes(at, usize::try_from(length).unwrap_or(usize::MAX)).map_err(|e| format!("cannot be read: {e}"))
    };
    let length: [u8; 4] = read(bytes - 8, 4)?[..].try_into().map_err(|_| corrupt())?;
    let length = u64::from(u32::from_le_bytes(length));
    let start = (bytes - 8).checked_sub(length).ok_or_else(corrupt)?;
    walk(&read(start, length)?, true).map_or_else(|_| Err(corrupt()), |_| Ok(()))
}

/// Tells files that were never Parquet from broken ones.
fn check_magic(file: &File, bytes: u64) -> Result<(), String> {
    if bytes == 0 {
        return Err("the file is empty: a Parquet file with a row of numbers is needed".into());
    }
    let mark = |at: u64| file.get_bytes(at, MAGIC.len());
    if let Some(what) = file
        .get_bytes(0, 12.min(bytes as usize))
        .ok()
        .and_then(|start| not_text(&start))
        .filter(|_| mark(0).is_ok_and(|mark| mark != MAGIC))
    {
        return Err(what.into());
    }
    if bytes < 12 || mark(0).is_ok_and(|mark| mark != MAGIC) {
        return Err("not a Parquet file: is it CSV under another name?".into());
    }
    if mark(bytes - 4).is_ok_and(|mark| mark != MAGIC) {
        return Err("the Parquet file is cut short: write or copy it again".into());
    }
    Ok(())
}
