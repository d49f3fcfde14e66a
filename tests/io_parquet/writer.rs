//! Parquet files made here: columns of all kinds, row groups and pages of any size.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use parquet::column::writer::ColumnWriterImpl;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, FloatType,
    Int32Type, Int64Type, Int96, Int96Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;

/// The cells of a column; `None` is null.
#[derive(Clone)]
pub(crate) enum Cells {
    Truth(Vec<Option<bool>>),
    Int32(Vec<Option<i32>>),
    Int64(Vec<Option<i64>>),
    Int96(Vec<Option<Int96>>),
    Float(Vec<Option<f32>>),
    Double(Vec<Option<f64>>),
    Bytes(Vec<Option<&'static [u8]>>),
    Fixed(Vec<Option<&'static [u8]>>),
}

pub(crate) fn doubles(values: impl IntoIterator<Item = f64>) -> Cells {
    Cells::Double(values.into_iter().map(Some).collect())
}

impl Cells {
    fn len(&self) -> usize {
        match self {
            Self::Truth(cells) => cells.len(),
            Self::Int32(cells) => cells.len(),
            Self::Int64(cells) => cells.len(),
            Self::Int96(cells) => cells.len(),
            Self::Float(cells) => cells.len(),
            Self::Double(cells) => cells.len(),
            Self::Bytes(cells) | Self::Fixed(cells) => cells.len(),
        }
    }

    fn write(&self, writer: &mut SerializedColumnWriter<'_>, rows: std::ops::Range<usize>) {
        let bytes = |cell: Option<&[u8]>| cell.map(|bytes| ByteArray::from(bytes.to_vec()));
        match self {
            Self::Truth(cells) => write(writer.typed::<BoolType>(), &cells[rows]),
            Self::Int32(cells) => write(writer.typed::<Int32Type>(), &cells[rows]),
            Self::Int64(cells) => write(writer.typed::<Int64Type>(), &cells[rows]),
            Self::Int96(cells) => write(writer.typed::<Int96Type>(), &cells[rows]),
            Self::Float(cells) => write(writer.typed::<FloatType>(), &cells[rows]),
            Self::Double(cells) => write(writer.typed::<DoubleType>(), &cells[rows]),
            Self::Bytes(cells) => {
                let cells: Vec<_> = cells[rows].iter().copied().map(bytes).collect();
                write(writer.typed::<ByteArrayType>(), &cells);
            }
            Self::Fixed(cells) => {
                let cells: Vec<_> = cells[rows].iter().map(|c| bytes(*c).map(FixedLenByteArray::from)).collect();
                write(writer.typed::<FixedLenByteArrayType>(), &cells);
            }
        }
    }
}

/// Levels are ignored for columns that must have values.
fn write<T: DataType>(writer: &mut ColumnWriterImpl<'_, T>, cells: &[Option<T::T>]) {
    let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    let values: Vec<T::T> = cells.iter().flatten().cloned().collect();
    writer.write_batch(&values, Some(&levels), Some(&vec![0; levels.len()])).unwrap();
}

pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("parquet_{name}.parquet"))
}

/// Writes a file whose columns are declared as in `required double x; optional int64 n (INTEGER(64, false));`.
pub(crate) fn file(
    name: &str,
    declared: &str,
    columns: &[Cells],
    group_rows: usize,
    properties: WriterProperties,
) -> PathBuf {
    let schema = Arc::new(parse_message_type(&format!("message table {{ {declared} }}")).unwrap());
    let path = path(name);
    let mut writer = SerializedFileWriter::new(File::create(&path).unwrap(), schema, Arc::new(properties)).unwrap();
    let rows = columns[0].len();
    for first in (0..rows).step_by(group_rows) {
        let mut group = writer.next_row_group().unwrap();
        for cells in columns {
            let mut column = group.next_column().unwrap().expect("as many columns as are declared");
            cells.write(&mut column, first..rows.min(first + group_rows));
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
    path
}

/// A file of one row group, written in the usual way.
pub(crate) fn plain(name: &str, declared: &str, columns: &[Cells]) -> PathBuf {
    file(name, declared, columns, usize::MAX, WriterProperties::default())
}
