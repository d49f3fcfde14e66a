//! The pages of a column in a row group. The decoder believes what a page header announces, so the header is looked at
//! before: no collection in it is longer than its bytes, and no page larger than its compressed bytes can hold.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

use ::parquet::column::page::{Page, PageMetadata, PageReader};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::metadata::ColumnChunkMetaData;
use ::parquet::file::serialized_reader::SerializedPageReader;

use super::thrift::{LONGEST, Stopped, Walked, walk};

/// Most page headers are shorter.
const USUAL_HEADER: usize = 1 << 9;
/// A page may be so large, or so many times as large as its compressed bytes.
const LARGE_PAGE: i64 = 1 << 26;
const COMPRESSION: i64 = 1 << 11;
/// The kinds of pages that the decoder knows, and the field of each whose first says how many values there are: data,
/// dictionary, and data of the second version.
const KINDS: [(i64, i64); 3] = [(0, 5), (2, 7), (3, 8)];

/// The pages, one after the other.
pub(super) struct CheckedPages {
    pages: SerializedPageReader<File>,
    file: Arc<File>,
    /// Where the next header begins, or, once that was looked at, the page.
    next: u64,
    end: u64,
    /// The bytes of the page whose header was looked at.
    peeked: Option<u64>,
    rows: usize,
    /// Whether a row has at most one value, and whether it may have none.
    flat: bool,
    optional: bool,
}

impl CheckedPages {
    pub(super) fn new(file: &Arc<File>, chunk: &ColumnChunkMetaData, rows: usize) -> Result<Self> {
        let pages = SerializedPageReader::new(Arc::clone(file), chunk, rows, None)?;
        let (start, length) = chunk.byte_range();
        let column = chunk.column_descr();
        let (flat, optional) = (column.max_rep_level() == 0, column.max_def_level() > 0);
        let end = start + length;
        Ok(Self { pages, file: Arc::clone(file), next: start, end, peeked: None, rows, flat, optional })
    }

    /// Looks at the next header, unless that was done.
    fn look(&mut self) -> Result<()> {
        if self.peeked.is_some() || self.next >= self.end {
            return Ok(());
        }
        let mut most = USUAL_HEADER;
        loop {
            let mut file = &*self.file;
            file.seek(SeekFrom::Start(self.next))?;
            let mut bytes = Vec::with_capacity(most);
            file.take(most as u64).read_to_end(&mut bytes)?;
            let whole = bytes.len() < most;
            match walk(&bytes, whole) {
                Ok(walked) => {
                    self.next += walked.length as u64;
                    self.peeked = Some(compressed_size(&walked)?);
                    return Ok(());
                }
                Err(Stopped::Cut) if !whole && most < LONGEST => most *= 16,
                Err(_) => return Err(corrupt("it cannot be read to its end")),
            }
        }
    }

    /// Whether a page of data has no more values than the group has rows, and its differences are no more than its values:
    /// the decoder makes room for as many as they announce.
    fn check_values(&self, page: &Page) -> Result<()> {
        if page.is_dictionary_page() {
            return Ok(());
        }
        let values = page.num_values() as usize;
        if self.flat && values > self.rows {
            return Err(corrupt(&format!("{values} values in a group of {} rows", self.rows)));
        }
        match announced(page, self.optional) {
            Some(announced) if announced > values as u64 => {
                Err(corrupt(&format!("{announced} differences for {values} values")))
            }
            _ => Ok(()),
        }
    }

    /// Steps over the page that the decoder takes or skips.
    fn step(&mut self) -> Result<()> {
        self.look()?;
        self.next = self.next.saturating_add(self.peeked.take().unwrap_or(0));
        Ok(())
    }
}

impl PageReader for CheckedPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        self.step()?;
        let page = self.pages.get_next_page()?;
        page.iter().try_for_each(|page| self.check_values(page))?;
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.look()?;
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.step()?;
        self.pages.skip_next_page()
    }

    fn supports_deferred_dictionary(&self) -> bool {
        self.pages.supports_deferred_dictionary()
    }

    fn take_deferred_dictionary(&mut self) -> Result<Option<Page>> {
        self.pages.take_deferred_dictionary()
    }
}

impl Iterator for CheckedPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

/// The compressed bytes of a page that can be as large as its header says.
fn compressed_size(header: &Walked) -> Result<u64> {
    let of = |field: [i64; 2]| header.integers.iter().rev().find(|i| i.field == field).map(|i| i.value);
    let (kind, size, compressed) = (of([1, 0]), of([2, 0]).unwrap_or(0), of([3, 0]).unwrap_or(0));
    let known = KINDS.into_iter().any(|(known, part)| kind == Some(known) && of([part, 1]).is_some());
    if !known {
        return Err(corrupt("it is of no known kind, or does not say how many values there are"));
    }
    let most = LARGE_PAGE.max(compressed.saturating_mul(COMPRESSION));
    let compressed_bytes = u64::try_from(compressed).ok().filter(|_| (0..=most).contains(&size));
    let compressed_bytes =
        compressed_bytes.ok_or_else(|| corrupt(&format!("{compressed} compressed bytes cannot hold {size}")))?;
    // A value of a dictionary takes at least a byte, or is a truth value.
    match of([7, 1]) {
        Some(values) if !(0..=size.saturating_mul(8)).contains(&values) => {
            Err(corrupt(&format!("{size} bytes cannot hold a dictionary of {values} values")))
        }
        _ => Ok(compressed_bytes),
    }
}

/// How many values are announced by a page that stores differences: after the levels stand the values of a block, its
/// parts, and the number of all values.
fn announced(page: &Page, optional: bool) -> Option<u64> {
    use ::parquet::basic::Encoding::{DELTA_BINARY_PACKED, DELTA_BYTE_ARRAY, DELTA_LENGTH_BYTE_ARRAY};
    if ![DELTA_BINARY_PACKED, DELTA_BYTE_ARRAY, DELTA_LENGTH_BYTE_ARRAY].contains(&page.encoding()) {
        return None;
    }
    let bytes: &[u8] = page.buffer();
    let levels = match page {
        Page::DataPageV2 { def_levels_byte_len, rep_levels_byte_len, .. } => {
            (*def_levels_byte_len as usize).checked_add(*rep_levels_byte_len as usize)?
        }
        _ if optional => u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?) as usize + 4,
        _ => 0,
    };
    let mut rest = bytes.get(levels..)?.iter();
    let mut number = || {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = *rest.next()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        Some(u64::MAX)
    };
    number()?;
    number()?;
    number()
}

fn corrupt(why: &str) -> ParquetError {
    ParquetError::General(format!("a page header is corrupt: {why}"))
}
