//! A pass over a file has the bits of a pass over the same table in memory.

use marginal::data::{Dataset, Gathered, InMemory, Rows, Sample, Table, Weighted};
use marginal::em::Em;
use marginal::io::{Parquet, ParquetOptions};
use marginal::models::GaussianMixture;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterVersion};

use super::writer::{doubles, file};

/// Values whose sums depend on the order of summation.
fn value(row: usize, d: usize) -> f64 {
    (row as f64 * 0.37 + d as f64).sin() * 10_f64.powf((row % 31) as f64 - 15.0)
}

fn weight(row: usize) -> f64 {
    (row % 5) as f64 * 0.1
}

/// The batches that a data set is cut into, and sums over them to the bit.
fn trace(data: &impl Dataset<[f64]>) -> (Vec<(usize, usize)>, Vec<u64>) {
    let empty = (Gathered(Vec::new()), vec![0.0; 4]);
    let (cut, sums) = data
        .fold(&empty, &|batch, (cut, sums)| {
            cut.0.push((batch.row(0), batch.len()));
            for (x, w) in batch.iter() {
                (0..3).for_each(|d| sums[d] += w * x[d]);
                sums[3] += w * w;
            }
            Ok(())
        })
        .unwrap();
    (cut.0, sums.into_iter().map(f64::to_bits).collect())
}

fn on_threads<T: Send>(threads: usize, run: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(run)
}

const DECLARED: &str = "required double a; optional double b; required double c; optional double w;";

/// A file of three columns and weights, and its table and weights.
fn both(rows: usize, group_rows: usize, properties: WriterProperties) -> (std::path::PathBuf, Table, Vec<f64>) {
    let columns = [0, 1, 2].map(|d| doubles((0..rows).map(|row| value(row, d))));
    let weights: Vec<f64> = (0..rows).map(weight).collect();
    let all = [&columns[..], &[doubles(weights.iter().copied())]].concat();
    let path = file(&format!("pass_{rows}_{group_rows}"), DECLARED, &all, group_rows, properties);
    let values = (0..rows).flat_map(|row| [0, 1, 2].map(|d| value(row, d))).collect();
    (path, Table::new(["a", "b", "c"].map(String::from).to_vec(), values).unwrap(), weights)
}

#[test]
fn every_cut_into_row_groups_and_pages_has_the_bits_of_memory() {
    let small_pages = || WriterProperties::builder().set_data_page_row_count_limit(100).set_write_batch_size(50);
    for rows in [1, 2, 63, 64, 65, 511, 512, 513, 5_000, 100_000] {
        for group_rows in [usize::MAX, 1000, 77] {
            let zstd = Compression::ZSTD(ZstdLevel::default());
            let version = if rows % 2 == 0 { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 };
            let properties = small_pages().set_writer_version(version).set_compression(zstd).build();
            let (path, table, weights) = both(rows, group_rows, properties);
            let options = ParquetOptions::default();
            let file = options.clone().columns(["a", "b", "c"]).open(&path).unwrap();
            let weighted_file = options.weights("w").open(&path).unwrap();
            assert_eq!((file.len(), weighted_file.names(), file.columns()), (rows, table.names(), 3));
            let expected = trace(&table);
            let weighted = (rows > 1).then(|| Weighted::new(&table, &weights).unwrap());
            for threads in [1, 2, 3] {
                assert_eq!(on_threads(threads, || trace(&file)), expected, "{rows} {group_rows} {threads}");
                if let Some(weighted) = &weighted {
                    assert_eq!(on_threads(threads, || trace(&weighted_file)), trace(weighted));
                    let totals = on_threads(threads, || weighted_file.totals().unwrap());
                    assert_eq!(totals, Dataset::<[f64]>::totals(weighted).unwrap());
                }
            }
            assert_eq!(ParquetOptions::default().columns(["a", "b", "c"]).read(&path).unwrap(), table);
        }
    }
}

#[test]
fn a_sample_of_a_file_is_that_of_the_table() {
    let (path, table, weights) = both(3_000, 700, WriterProperties::default());
    let (file, weighted) =
        (ParquetOptions::default().weights("w").open(path).unwrap(), Weighted::new(&table, &weights));
    let parts = |sample: &Sample<[f64]>| {
        let rows: Rows<'_, f64> = InMemory::<[f64]>::block(sample);
        (rows.values().to_vec(), InMemory::<[f64]>::weights(sample).unwrap().to_vec())
    };
    let drawn = file.subsample(100, 7).unwrap();
    assert_eq!(parts(&drawn), parts(&weighted.unwrap().subsample(100, 7).unwrap()));
    assert_eq!(parts(&drawn).1.len(), 100);
}

#[test]
fn old_faithful_has_two_components() {
    let file = Parquet::open("data/faithful.parquet").unwrap();
    assert_eq!((file.names(), file.len()), (&["eruptions".to_owned(), "waiting".into()][..], 272));
    let em = Em::default().restarts(3).seed(1).tolerance(1e-14);
    let fit = em.fit(&GaussianMixture::new(2), &file).unwrap();
    assert!((fit.log_likelihood - -1130.26396018).abs() < 1e-6, "{}", fit.log_likelihood);
    let csv = std::fs::read_to_string("data/faithful.csv").unwrap();
    let cells = csv.lines().skip(1).flat_map(|line| line.split(',')).map(|cell| cell.parse().unwrap());
    let table = Table::from_values(cells.collect(), 2).unwrap();
    let in_memory = em.fit(&GaussianMixture::new(2), &table).unwrap();
    assert_eq!((fit.parameters, fit.history), (in_memory.parameters, in_memory.history));
    assert_eq!(Table::read_parquet("data/faithful.parquet").unwrap().rows().values(), table.rows().values());
}
