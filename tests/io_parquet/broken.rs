//! Files that break: each ends in an error with the name of the file, and none in a panic.

use marginal::Error;
use marginal::data::{Dataset, Statistics};
use marginal::io::{Parquet, ParquetOptions};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterVersion};

use super::writer::Cells::{Fixed, Int64, Truth};
use super::writer::{doubles, file, path, plain};

fn pass(file: &Parquet) -> Result<Vec<f64>, Error> {
    file.fold(&vec![0.0; file.columns()], &|batch, sums| {
        batch.iter().for_each(|(x, w)| sums.merge(&x.iter().map(|x| w * x).collect()));
        Ok(())
    })
}

/// Small files of all kinds of columns, pages and compressions.
fn samples() -> Vec<Vec<u8>> {
    let columns = [
        doubles((0..60).map(|n| f64::from(n % 7))),
        Int64((0..60).map(|n| (n % 3 > 0).then_some(n)).collect()),
        Truth((0..60).map(|n| Some(n % 2 == 0)).collect()),
        Fixed(vec![Some(&[0, 0x3C]); 60]),
    ];
    let declared = "required double a; optional int64 b; required boolean c; \
                    required fixed_len_byte_array(2) d (FLOAT16);";
    let builder = || WriterProperties::builder().set_data_page_row_count_limit(20).set_write_batch_size(20);
    let properties = [
        builder().build(),
        builder().set_compression(Compression::SNAPPY).set_dictionary_enabled(false).build(),
        builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_writer_version(WriterVersion::PARQUET_2_0)
            .build(),
    ];
    let bytes =
        |(n, properties)| std::fs::read(file(&format!("sample_{n}"), declared, &columns, 40, properties)).unwrap();
    properties.into_iter().enumerate().map(bytes).collect()
}

#[test]
fn a_changed_byte_is_never_a_panic() {
    let path = path("changed_byte");
    let mut refused = 0;
    for whole in samples() {
        let mut bytes = whole.clone();
        for at in (0..whole.len()).step_by(4) {
            bytes[at] ^= [0xFF, 0x80, 0x01][at / 4 % 3];
            std::fs::write(&path, &bytes).unwrap();
            match ParquetOptions::default().missing(true).open(&path).and_then(|file| pass(&file)) {
                Err(Error::File { .. }) => refused += 1,
                Err(other) => panic!("byte {at}: {other}"),
                Ok(_) => {}
            }
            bytes[at] = whole[at];
        }
    }
    assert!(refused > 300, "only {refused} files were refused");
}

#[test]
fn a_file_that_is_cut_short_is_refused() {
    let path = path("cut_short");
    for whole in samples() {
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(matches!(Parquet::open(&path), Err(Error::File { .. })), "{length} bytes");
        }
    }
}

#[test]
fn a_file_that_changes_or_vanishes_between_passes_is_refused() {
    let of = |rows: u32| plain("changing", "required double a;", &[doubles((0..rows).map(f64::from))]);
    let path = of(1000);
    let file = Parquet::open(&path).unwrap();
    assert_eq!(pass(&file).unwrap(), [499_500.0]);
    of(999);
    let changed = pass(&file).unwrap_err().to_string();
    assert_eq!(changed, format!("{}: the file has changed: open it again", path.display()));
    std::fs::remove_file(&path).unwrap();
    let vanished = pass(&file).unwrap_err().to_string();
    assert!(vanished.starts_with(&format!("{}: cannot be opened: ", path.display())), "{vanished}");
}

/// A file of one column whose page header begins at byte 4, and that header with another first field put before it.
fn with_field(field: &[u8]) -> std::path::PathBuf {
    let properties = WriterProperties::builder().set_dictionary_enabled(false).build();
    let whole = std::fs::read(file("header", "required double a;", &[doubles([1.0; 64])], 64, properties)).unwrap();
    // The page's bytes give way to the field, so that all places in the file stay what they were.
    let mut bytes = whole.clone();
    bytes[4..4 + field.len()].copy_from_slice(field);
    let path = path("header_field");
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn a_page_header_that_announces_too_much_is_refused_at_once() {
    // A list of 2³¹ − 1 truth values; the same in a map; sizes and dictionaries of gigabytes; nesting without end.
    let fields: [&[u8]; 5] = [
        &[0x99, 0xF1, 0xFF, 0xFF, 0xFF, 0xFF, 0x07],
        &[0x9B, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0x11],
        &[0x15, 0x00, 0x15, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0x15, 0x10, 0x2C, 0x15, 0x10, 0x00, 0x00],
        &[0x15, 0x04, 0x15, 0x10, 0x15, 0x10, 0x4C, 0x15, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0x15, 0x00, 0x00, 0x00],
        &[0x9C; 100],
    ];
    for field in fields {
        let error = Parquet::open(with_field(field)).and_then(|file| pass(&file)).unwrap_err().to_string();
        assert!(error.contains("a page header is corrupt: "), "{error}");
    }
    // The end of the file likewise.
    let mut bytes = std::fs::read("data/faithful.parquet").unwrap();
    let length = bytes.len();
    let footer = u32::from_le_bytes(bytes[length - 8..length - 4].try_into().unwrap()) as usize;
    bytes[length - 8 - footer..][..7].copy_from_slice(&[0x99, 0xF1, 0xFF, 0xFF, 0xFF, 0xFF, 0x07]);
    let path = path("footer");
    std::fs::write(&path, bytes).unwrap();
    let error = Parquet::open(&path).unwrap_err().to_string();
    assert!(error.ends_with("the file is corrupt: its end says more than it can hold"), "{error}");
}
