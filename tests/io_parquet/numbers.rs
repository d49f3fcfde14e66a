//! Every kind of number becomes the 64-bit number that it means.

use marginal::data::{Dataset, Table};
use marginal::io::ParquetOptions;
use parquet::basic::{BrotliLevel, Compression, Encoding, GzipLevel, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::writer::Cells::{Double, Fixed, Float, Int32, Int64, Truth};
use super::writer::{doubles, file, plain};

const EXACT: i64 = 1 << 53;

#[test]
fn every_kind_of_number_is_read() {
    let cases = [
        ("double x", Double(vec![Some(1.5), Some(-0.0)]), [1.5, -0.0]),
        ("float x", Float(vec![Some(0.1), Some(-2.5)]), [f64::from(0.1_f32), -2.5]),
        ("boolean x", Truth(vec![Some(true), Some(false)]), [1.0, 0.0]),
        ("int32 x", Int32(vec![Some(i32::MIN), Some(7)]), [-2147483648.0, 7.0]),
        ("int64 x", Int64(vec![Some(-EXACT), Some(EXACT)]), [-9007199254740992.0, 9007199254740992.0]),
        ("int32 x (INTEGER(8, true))", Int32(vec![Some(-128), Some(127)]), [-128.0, 127.0]),
        ("int32 x (INTEGER(16, false))", Int32(vec![Some(65535), Some(0)]), [65535.0, 0.0]),
        ("int32 x (INTEGER(32, false))", Int32(vec![Some(-1), Some(1)]), [4294967295.0, 1.0]),
        ("int32 x (UINT_32)", Int32(vec![Some(-2), Some(1)]), [4294967294.0, 1.0]),
        ("int64 x (INTEGER(64, false))", Int64(vec![Some(EXACT), Some(0)]), [9007199254740992.0, 0.0]),
        ("int32 x (DECIMAL(9, 2))", Int32(vec![Some(-123), Some(10)]), [-1.23, 0.1]),
        ("int64 x (DECIMAL(18, 3))", Int64(vec![Some(1), Some(-1999)]), [0.001, -1.999]),
        (
            "fixed_len_byte_array(3) x (DECIMAL(6, 1))",
            Fixed(vec![Some(&[0xFF, 0xFF, 0xF6]), Some(&[1, 0, 0])]),
            [-1.0, 6553.6],
        ),
        ("fixed_len_byte_array(2) x (FLOAT16)", Fixed(vec![Some(&[0, 0x3C]), Some(&[0, 0xC1])]), [1.0, -2.5]),
    ];
    for (declared, cells, expected) in cases {
        for repetition in ["required", "optional"] {
            let path = plain("number", &format!("{repetition} {declared};"), std::slice::from_ref(&cells));
            let table = Table::read_parquet(path).unwrap();
            let bits = |values: &[f64]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(table.rows().values()), bits(&expected), "{repetition} {declared}");
        }
    }
}

#[test]
fn every_encoding_and_compression_is_read() {
    let values: Vec<f64> = (0..3000).map(|n| f64::from(n % 50) / 8.0).collect();
    let integers: Vec<Option<i64>> = (0..3000).map(|n| Some(n * n)).collect();
    let compressions = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::default()),
    ];
    for compression in compressions {
        for encoding in [None, Some(Encoding::PLAIN), Some(Encoding::BYTE_STREAM_SPLIT)] {
            let builder = WriterProperties::builder().set_compression(compression);
            let properties = match encoding {
                None => builder.set_column_encoding("n".into(), Encoding::DELTA_BINARY_PACKED).build(),
                Some(encoding) => builder.set_dictionary_enabled(false).set_encoding(encoding).build(),
            };
            let columns = [doubles(values.iter().copied()), Int64(integers.clone())];
            let path = file("encoded", "required double x; optional int64 n;", &columns, 1100, properties);
            let table = Table::read_parquet(path).unwrap();
            assert_eq!((table.column(0), table.row(2999)[1]), (values.clone(), 2999.0 * 2999.0), "{compression:?}");
        }
    }
}

#[test]
fn missing_values_become_nan_only_when_asked_for() {
    let columns = [Int64(vec![Some(1), None, Some(3)]), doubles([0.5, 1.5, f64::NAN])];
    let path = plain("missing", "optional int64 n; required double x;", &columns);
    let table = ParquetOptions::default().missing(true).read(&path).unwrap();
    let missing: Vec<bool> = table.rows().values().iter().map(|x| x.is_nan()).collect();
    assert_eq!(missing, [false, false, true, false, false, true]);
    let file = ParquetOptions::default().missing(true).open(path).unwrap();
    let count = file.fold(&0.0, &|batch, s| {
        *s += batch.block().values().iter().filter(|x| x.is_nan()).count() as f64;
        Ok(())
    });
    assert_eq!(count.unwrap(), 2.0);
}

#[test]
fn columns_are_chosen_by_name_in_the_order_asked_for() {
    let columns = [doubles([1.0, 3.0]), doubles([9.0, 9.0]), doubles([2.0, 4.0])];
    let path = plain("chosen", "required double a; required double label; required double b;", &columns);
    let table = ParquetOptions::default().columns(["b", "a"]).read(&path).unwrap();
    assert_eq!((table.names()[0].as_str(), table.row(0)), ("b", &[2.0, 1.0][..]));
    let rest = ParquetOptions::default().without(["label"]).open(&path).unwrap();
    assert_eq!((rest.names(), rest.columns(), rest.path()), (&["a".to_owned(), "b".into()][..], 2, path.as_path()));
    let said = format!("{:?}", ParquetOptions::default().weights("label").open(&path).unwrap());
    assert!(said.contains(r#"rows: 2, names: ["a", "b"], weights: Some("label")"#), "{said}");
}
