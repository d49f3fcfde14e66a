//! One column of a Parquet file as text: the name of each row's group, say.

use std::path::Path;
use std::sync::Arc;

use ::parquet::column::reader::{ColumnReader, get_column_reader};

use super::decoder::decoded;
use super::layout::Layout;
use super::pages::CheckedPages;

/// The rows that are decoded at a time.
const ROWS: usize = 4096;

/// The texts of a column, or nothing if the column is not stored as text. Every row must have one.
pub(super) fn read(path: &Path, layout: &Layout, column: usize) -> Result<Option<Vec<String>>, String> {
    let Some(place) = layout.text_column(column) else { return Ok(None) };
    let name = &layout.names()[column];
    let file = Arc::new(layout.reopen(path)?);
    let mut texts = Vec::new();
    for group in 0..layout.groups() {
        let (chunk, rows) = (layout.group(group).column(place), layout.rows_of(group));
        let pages = decoded(|| CheckedPages::new(&file, chunk, rows))?;
        let ColumnReader::ByteArrayColumnReader(mut reader) =
            get_column_reader(chunk.column_descr_ptr(), Box::new(pages))
        else {
            return Ok(None);
        };
        let mut left = rows;
        while left > 0 {
            let (mut values, mut levels) = (Vec::new(), Vec::new());
            let count = left.min(ROWS);
            let read = decoded(|| reader.read_records(count, Some(&mut levels), None, &mut values))?.0;
            if read != count {
                return Err(format!("cannot be read: {read} rows where {count} were announced"));
            }
            let at = |n: usize| format!("row {}, column `{name}`", rows - left + n + layout.first_of(group));
            if values.len() < count {
                let missing = levels.iter().position(|level| *level == 0).unwrap_or(0);
                return Err(format!("{}: missing value: remove the row or fill in the value", at(missing)));
            }
            for (n, bytes) in values.iter().enumerate() {
                let text =
                    std::str::from_utf8(bytes.data()).map_err(|_| format!("{}: the text is not UTF-8", at(n)))?;
                texts.push(text.to_owned());
            }
            left -= count;
        }
    }
    Ok(Some(texts))
}
